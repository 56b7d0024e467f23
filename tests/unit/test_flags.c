/* The lazy flags against a bit-by-bit model (exhaustive at 8 bits) and against the host CPU. */
#include <check.h>
#include <stdlib.h>

#include "cpu/flags.h"

static u32 size_mask(unsigned bits)
{
    return 0xffffffffu >> (32 - bits);
}

/* The model: one full adder for each bit, flags from its carries. */
static u32 model_szp(u32 res, unsigned bits)
{
    unsigned ones = 0;

    for (unsigned i = 0; i < 8; i++)
        ones += res >> i & 1;
    return (ones % 2 == 0 ? FL_PF : 0) | (res == 0 ? FL_ZF : 0) |
           (res >> (bits - 1) & 1 ? FL_SF : 0);
}

static u32 model_add(u32 a, u32 b, unsigned carry, unsigned bits, u32 *res)
{
    u32 flags = 0, sum = 0, into_last = 0;

    for (unsigned i = 0; i < bits; i++) {
        unsigned x = a >> i & 1, y = b >> i & 1, total = x + y + carry;

        if (i == bits - 1)
            into_last = carry;
        sum |= (total & 1) << i;
        carry = total >> 1;
        if (i == 3 && carry)
            flags |= FL_AF;
    }
    *res = sum;
    return flags | (carry ? FL_CF : 0) | (carry != into_last ? FL_OF : 0) | model_szp(sum, bits);
}

/* a - b - borrow as a + ~b + !borrow, with carry and auxiliary carry inverted. */
static u32 model_sub(u32 a, u32 b, unsigned borrow, unsigned bits, u32 *res)
{
    return model_add(a, ~b, !borrow, bits, res) ^ (FL_CF | FL_AF);
}

/* n one-bit steps; *last is the operand before the final one. */
static u32 model_shift(enum lazy_op op, u32 a, unsigned n, unsigned bits, u32 *res, u32 *last)
{
    u32 msb = 1u << (bits - 1), out = 0, before = a, flags;

    for (; n; n--) {
        before = a;
        if (op == LAZY_SHL8) {
            out = a & msb;
            a = a << 1 & size_mask(bits);
        } else {
            out = a & 1;
            a = a >> 1 | (op == LAZY_SAR8 ? a & msb : 0);
        }
    }
    *res = a;
    *last = before;
    flags = (out ? FL_CF : 0) | model_szp(a, bits);
    if ((before ^ a) & msb)
        flags |= FL_OF;
    return flags;
}

static const unsigned sizes[] = {8, 16, 32};

/* INC or DEC behind another operation, as native code stores it: CF is the other's. */
static void expect_step(unsigned op, unsigned size, u32 step, u32 cf, u32 want)
{
    struct lazy_flags lazy = {
        .op = (LAZY_CMP8 + size) | LAZY_STEP(op + size), .a = 1, .b = 1 + cf, .step = step};
    u32 got = flags_compute(0, &lazy);

    if (got != want)
        ck_abort_msg("step %u: %x after CF %u: flags %x, not %x", op + size, step, cf, got, want);
}

/* A rotate behind a comparison, as native code stores it, and an INC between them or behind both. (SDM vol. 2, ROL) */
static void expect_rotated(unsigned size, u32 res, bool right, u32 a, u32 b)
{
    unsigned bits = sizes[size], kind = (right ? LAZY_ROR8 : LAZY_ROL8) + size;
    u32 top = res >> (bits - 1) & 1, carry = right ? top : res & 1;
    u32 over = right ? top ^ (res >> (bits - 2) & 1) : top ^ carry, sum, step;
    u32 compared = model_sub(a, b, 0, bits, &sum), stepped = model_add(a, 1, 0, bits, &step);
    u32 by_rotate = (carry ? FL_CF : 0) | (over ? FL_OF : 0), both = FL_CF | FL_OF;
    struct lazy_flags lazy = {.op = (LAZY_CMP8 + size) | LAZY_ROTATED(kind) | LAZY_ROTATED_OF,
                              .a = a,
                              .b = b,
                              .step = step,
                              .rotated = res | (size == 2 ? 0 : 0xa5a5a5a5u << bits)};

    ck_assert_uint_eq(flags_compute(0, &lazy), (compared & ~both) | by_rotate);
    lazy.op |= LAZY_STEP(LAZY_INC8 + size);
    ck_assert_uint_eq(flags_compute(0, &lazy), (stepped & ~both) | by_rotate);
    lazy.op &= ~LAZY_ROTATED_OF;
    ck_assert_uint_eq(flags_compute(0, &lazy), (stepped & ~FL_CF) | (by_rotate & FL_CF));
}

static void expect(unsigned op, unsigned size, u32 res, u32 a, u32 b, u32 want)
{
    struct lazy_flags lazy = {.op = op + size, .res = res, .a = a, .b = b};
    u32 got = flags_compute(0, &lazy);

    if (got != want)
        ck_abort_msg("op %u: res %x a %x b %x: flags %x, not %x", op + size, res, a, b, got, want);
}

/* Every operation on one pair of operands. */
static void check_pair(unsigned size, u32 a, u32 b)
{
    unsigned bits = sizes[size];
    u32 junk =
        size == 2 ? 0 : 0x5a5a5a5au << bits; /* what stands above a whole register's operand */
    u32 res, want, last;

    want = model_add(a, b, 0, bits, &res);
    expect(LAZY_ADD8, size, res, a, 0xdead, want);
    expect(LAZY_SUM8, size, 0xdead, a | junk, b | junk << 1, want);
    expect(LAZY_ADDED8, size, res | junk, 0xdead, b | junk << 1, want);
    want = model_sub(a, b, 0, bits, &res);
    expect(LAZY_SUB8, size, res, a, 0xdead, want);
    expect(LAZY_SUBBED8, size, res | junk, 0xdead, b | junk << 1, want);
    expect(LAZY_CMP8, size, 0xdead, a | junk, b | junk << 1, want);
    for (unsigned carry = 0; carry < 2; carry++) {
        want = model_add(a, b, carry, bits, &res);
        expect(LAZY_ADC8, size, res, a, b, want);
        want = model_sub(a, b, carry, bits, &res);
        expect(LAZY_SBB8, size, res, a, b, want);
        want = (model_add(a, 1, 0, bits, &res) & ~FL_CF) | carry;
        expect(LAZY_INC8, size, res, 0, carry, want);
        expect_step(LAZY_INC8, size, res | junk, carry, want);
        want = (model_sub(a, 1, 0, bits, &res) & ~FL_CF) | carry;
        expect(LAZY_DEC8, size, res, 0, carry, want);
        expect_step(LAZY_DEC8, size, res | junk, carry, want);
    }
    want = model_sub(0, a, 0, bits, &res);
    expect(LAZY_SUB8, size, res, 0, 0, want);
    expect(LAZY_LOGIC8, size, (a & b) | junk, 0xdead, 0xdead, model_szp(a & b, bits));
    expect(LAZY_TEST8, size, 0xdead, a | junk, b | junk, model_szp(a & b, bits));
    expect_rotated(size, a, false, b, a);
    expect_rotated(size, a, true, b, a);
    for (unsigned n = 1; n < 32; n++) {
        want = model_shift(LAZY_SHL8, a, n, bits, &res, &last);
        expect(LAZY_SHLN8 | LAZY_COUNT(n), size, 0xdead, a | junk, 0xdead, want);
        expect(LAZY_SHL8, size, res, last, n, want);
        want = model_shift(LAZY_SHR8, a, n, bits, &res, &last);
        expect(LAZY_SHRN8 | LAZY_COUNT(n), size, 0xdead, a | junk, 0xdead, want);
        expect(LAZY_SHR8, size, res, last, n, want);
        want = model_shift(LAZY_SAR8, a, n, bits, &res, &last);
        expect(LAZY_SARN8 | LAZY_COUNT(n), size, 0xdead, a | junk, 0xdead, want);
        expect(LAZY_SAR8, size, res, last, n, want);
    }
}

START_TEST(exhaustive_8)
{
    for (u32 a = 0; a < 256; a++)
        for (u32 b = 0; b < 256; b++)
            check_pair(0, a, b);
}
END_TEST

static u32 operand(unsigned i, unsigned bits)
{
    static const u32 edges[] = {0, 1, 2, 15, 16, 17, 0x7f, 0x80, 0xff, 0x100};
    u32 half = 1u << (bits - 1);

    if (i < ARRAY_SIZE(edges))
        return edges[i] & size_mask(bits);
    if (i < 2 * ARRAY_SIZE(edges))
        return (half - edges[i - ARRAY_SIZE(edges)]) & size_mask(bits);
    if (i < 3 * ARRAY_SIZE(edges))
        return (0 - edges[i - 2 * ARRAY_SIZE(edges)]) & size_mask(bits);
    return ((u32)random() << 16 ^ (u32)random()) & size_mask(bits);
}

START_TEST(edges_16_32)
{
    srandom(1);
    for (unsigned size = 1; size < 3; size++)
        for (unsigned i = 0; i < 150; i++)
            for (unsigned j = 0; j < 150; j++)
                check_pair(size, operand(i, sizes[size]), operand(j, sizes[size]));
}
END_TEST

/* The host's flags after an instruction on *a (and b, and CL), with CF as given before it. */
#define HOST(name, type, insn)                                                                     \
    static u32 host_##name(u32 *a, u32 b, u8 n, u32 carry)                                         \
    {                                                                                              \
        type x = (type)*a, y = (type)b;                                                            \
        u64 flags = carry;                                                                         \
        __asm__("lea -128(%%rsp), %%rsp\n\tpushq %[f]\n\tpopfq\n\t" insn                           \
                "\n\tpushfq\n\tpopq %[f]\n\tlea 128(%%rsp), %%rsp"                                 \
                : [x] "+q"(x), [f] "+r"(flags)                                                     \
                : [y] "q"(y), "c"(n)                                                               \
                : "cc", "memory");                                                                 \
        *a = x;                                                                                    \
        return (u32)flags & FL_ARITH;                                                              \
    }
#define HOST_SIZES(name, insn, operands)                                                           \
    HOST(name##8, u8, insn "b " operands)                                                          \
    HOST(name##16, u16, insn "w " operands)                                                        \
    HOST(name##32, u32, insn "l " operands)                                                        \
    static u32 (*const host_##name[])(u32 *, u32, u8, u32) = {host_##name##8, host_##name##16,     \
                                                              host_##name##32};
HOST_SIZES(add, "add", "%[y], %[x]")
HOST_SIZES(adc, "adc", "%[y], %[x]")
HOST_SIZES(sub, "sub", "%[y], %[x]")
HOST_SIZES(sbb, "sbb", "%[y], %[x]")
HOST_SIZES(and, "and", "%[y], %[x]")
HOST_SIZES(inc, "inc", "%[x]")
HOST_SIZES(dec, "dec", "%[x]")
HOST_SIZES(neg, "neg", "%[x]")
HOST_SIZES(shl, "shl", "%%cl, %[x]")
HOST_SIZES(shr, "shr", "%%cl, %[x]")
HOST_SIZES(sar, "sar", "%%cl, %[x]")

static void expect_host(unsigned op, unsigned size, u32 res, u32 a, u32 b, u32 host, u32 defined)
{
    struct lazy_flags lazy = {.op = op + size, .res = res, .a = a, .b = b};
    u32 got = flags_compute(0, &lazy);

    if ((got ^ host) & defined)
        ck_abort_msg("op %u: res %x a %x b %x: flags %x, the host says %x", op + size, res, a, b,
                     got, host);
}

START_TEST(against_host)
{
    srandom(2);
    for (unsigned i = 0; i < 300000; i++) {
        unsigned size = i % 3, bits = sizes[size], n = 1 + (unsigned)random() % 31;
        u32 a = operand((unsigned)random() % 60, bits), b = operand((unsigned)random() % 60, bits);
        u32 carry = random() & 1, res, flags, last;
        u32 shift_defined = FL_ARITH & ~FL_AF & (n == 1 ? ~0u : ~FL_OF);

        if (n > bits && bits < 32)
            shift_defined &= ~FL_CF;
        res = a, flags = host_add[size](&res, b, 0, 0);
        expect_host(LAZY_ADD8, size, res, a, 0, flags, FL_ARITH);
        res = a, flags = host_adc[size](&res, b, 0, carry);
        expect_host(LAZY_ADC8, size, res, a, b, flags, FL_ARITH);
        res = a, flags = host_sub[size](&res, b, 0, 0);
        expect_host(LAZY_SUB8, size, res, a, 0, flags, FL_ARITH);
        res = a, flags = host_sbb[size](&res, b, 0, carry);
        expect_host(LAZY_SBB8, size, res, a, b, flags, FL_ARITH);
        res = a, flags = host_and[size](&res, b, 0, carry);
        expect_host(LAZY_LOGIC8, size, res, a, b, flags, FL_ARITH & ~FL_AF);
        res = a, flags = host_inc[size](&res, b, 0, carry);
        expect_host(LAZY_INC8, size, res, a, carry, flags, FL_ARITH);
        res = a, flags = host_dec[size](&res, b, 0, carry);
        expect_host(LAZY_DEC8, size, res, a, carry, flags, FL_ARITH);
        res = a, flags = host_neg[size](&res, b, 0, carry);
        expect_host(LAZY_SUB8, size, res, 0, a, flags, FL_ARITH);

        last = a << (n - 1) & size_mask(bits);
        res = a, flags = host_shl[size](&res, 0, (u8)n, carry);
        expect_host(LAZY_SHL8, size, res, last, n, flags, shift_defined);
        last = a >> (n - 1);
        res = a, flags = host_shr[size](&res, 0, (u8)n, carry);
        expect_host(LAZY_SHR8, size, res, last, n, flags, shift_defined);
        last = (u32)((i32)(a << (32 - bits)) >> (32 - bits) >> (n - 1)) & size_mask(bits);
        res = a, flags = host_sar[size](&res, 0, (u8)n, carry);
        expect_host(LAZY_SAR8, size, res, last, n, flags, shift_defined);
    }
}
END_TEST

/* flags_cf() is flags_compute()'s CF, for every operation. */
START_TEST(carry_alone)
{
    struct cpu *cpu = aligned_alloc(_Alignof(struct cpu), sizeof(*cpu));

    ck_assert_ptr_nonnull(cpu);
    for (u32 op = LAZY_ADD8; op < LAZY_OPS; op++) {
        u32 mask = size_mask(sizes[(op - LAZY_ADD8) % 3]);

        for (unsigned i = 0; i < 3000; i++) {
            cpu->lazy = (struct lazy_flags){op | LAZY_COUNT(1 + i % 31),
                                            operand(i % 60, 32) & mask,
                                            operand(i / 50, 32) & mask,
                                            i & 1,
                                            0,
                                            0};
            ck_assert_uint_eq(flags_cf(cpu), flags_compute(0, &cpu->lazy) & FL_CF);
        }
    }
    cpu->lazy.op = LAZY_NONE;
    cpu->eflags = FL_CF | FL_ZF | FL_IF;
    ck_assert_uint_eq(flags_cf(cpu), FL_CF);
    ck_assert_uint_eq(flags_compute(cpu->eflags, &cpu->lazy), FL_CF | FL_ZF);
    free(cpu);
}
END_TEST

/* Conditions, as the SDM's table lists them (vol. 1, appendix B). */
START_TEST(conditions)
{
    for (unsigned i = 0; i < 64; i++) {
        bool c = i & 1, p = i & 2, z = i & 4, s = i & 8, o = i & 16;
        u32 flags = (c ? FL_CF : 0) | (p ? FL_PF : 0) | (z ? FL_ZF : 0) | (s ? FL_SF : 0) |
                    (o ? FL_OF : 0) | (i & 32 ? FL_AF | FL_IF | FL_DF : 0);
        bool want[16] = {o, !o, c, !c, z,      !z,     c || z,      !(c || z),
                         s, !s, p, !p, s != o, s == o, z || s != o, !z && s == o};

        for (unsigned cc = 0; cc < 16; cc++)
            ck_assert_msg(flags_cond_of(flags, cc) == want[cc], "cc %u flags %x", cc, flags);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("flags");
    TCase *tcase = tcase_create("flags");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, exhaustive_8);
    tcase_add_test(tcase, edges_16_32);
    tcase_add_test(tcase, against_host);
    tcase_add_test(tcase, carry_alone);
    tcase_add_test(tcase, conditions);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
