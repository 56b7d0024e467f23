/* Multiplication, division, double shifts, rotates through carry and bit scans against the host
 * CPU; decimal adjustment against arithmetic on digits; CMPXCHG8B. */
#include <check.h>

#include "tests/unit/flat_cpu.h"

static struct flat_cpu flat;
static struct cpu *cpu;
static u64 seed = 0x2545f4914f6cdd1d;

static void setup(void)
{
    cpu = flat_cpu_open(&flat, NULL);
}

static void teardown(void)
{
    flat_cpu_close(&flat);
}

/* Random, often near a power of two or zero. */
static u32 number(void)
{
    u64 random = test_random(&seed);
    u32 near = (u32)(random >> 40) % 7 - 3;

    switch (random >> 60 & 3) {
    case 0: return (1u << (random >> 50 & 31)) + near;
    case 1: return near;
    case 2: return (u32)(random >> 8) >> (random & 31);
    default: return (u32)(random >> 8);
    }
}

/* Host instructions on EAX and EDX with one operand. */
#define HOST_AD(name, type, insn)                                                                  \
    static u32 name(u32 *eax, u32 *edx, u32 operand)                                               \
    {                                                                                              \
        u64 flags;                                                                                 \
        __asm__("lea -128(%%rsp), %%rsp\n\t" insn " %[x]\n\tpushfq\n\tpopq %[f]\n\t"               \
                "lea 128(%%rsp), %%rsp"                                                            \
                : "+a"(*eax), "+d"(*edx), [f] "=&r"(flags)                                         \
                : [x] "q"((type)operand)                                                           \
                : "cc", "memory");                                                                 \
        return (u32)flags;                                                                         \
    }
HOST_AD(host_mul8, u8, "mulb")
HOST_AD(host_mul16, u16, "mulw")
HOST_AD(host_mul32, u32, "mull")
HOST_AD(host_imul8, u8, "imulb")
HOST_AD(host_imul16, u16, "imulw")
HOST_AD(host_imul32, u32, "imull")
HOST_AD(host_div8, u8, "divb")
HOST_AD(host_div16, u16, "divw")
HOST_AD(host_div32, u32, "divl")
HOST_AD(host_idiv8, u8, "idivb")
HOST_AD(host_idiv16, u16, "idivw")
HOST_AD(host_idiv32, u32, "idivl")

typedef u32 host_ad(u32 *eax, u32 *edx, u32 operand);

static const struct {
    const char *name;
    host_ad *host;
    helper_fn *helper;
} multiplications[] = {
    {"mul8", host_mul8, help_mul8},       {"mul16", host_mul16, help_mul16},
    {"mul32", host_mul32, help_mul32},    {"imul8", host_imul8, help_imul8},
    {"imul16", host_imul16, help_imul16}, {"imul32", host_imul32, help_imul32},
};

START_TEST(multiply)
{
    for (unsigned i = 0; i < 50000; i++) {
        u32 eax = number(), edx = number(), x = number(), flags;

        cpu->r[R_EAX] = eax;
        cpu->r[R_EDX] = edx;
        flat_call(cpu, multiplications[_i].helper, x, 0, 0);
        flags = multiplications[_i].host(&eax, &edx, x);
        expect(cpu->r[R_EAX] == eax && cpu->r[R_EDX] == edx, "%s of %x: %x:%x, not %x:%x",
               multiplications[_i].name, x, cpu->r[R_EDX], cpu->r[R_EAX], edx, eax);
        expect_eq(flags_get(cpu) & (FL_CF | FL_OF), flags & (FL_CF | FL_OF));
    }
}
END_TEST

START_TEST(multiply_two)
{
    for (unsigned i = 0; i < 50000; i++) {
        u32 x = number(), y = number(), want = x, res;
        u16 want16 = (u16)x;
        u8 overflow;

        res = flat_call(cpu, help_imul2_32, x, y, 0);
        __asm__("imull %2, %0\n\tseto %1" : "+r"(want), "=q"(overflow) : "r"(y) : "cc");
        expect_eq(res, want);
        expect_eq(flags_get(cpu) & (FL_CF | FL_OF), overflow ? FL_CF | FL_OF : 0);
        res = flat_call(cpu, help_imul2_16, x, y, 0);
        __asm__("imulw %2, %0\n\tseto %1" : "+r"(want16), "=q"(overflow) : "r"((u16)y) : "cc");
        expect_eq(res, want16);
        expect_eq(flags_get(cpu) & (FL_CF | FL_OF), overflow ? FL_CF | FL_OF : 0);
    }
}
END_TEST

static const struct {
    const char *name;
    unsigned bits;
    bool is_signed;
    host_ad *host;
    helper_fn *helper;
} divisions[] = {
    {"div8", 8, false, host_div8, help_div8},       {"div16", 16, false, host_div16, help_div16},
    {"div32", 32, false, host_div32, help_div32},   {"idiv8", 8, true, host_idiv8, help_idiv8},
    {"idiv16", 16, true, host_idiv16, help_idiv16}, {"idiv32", 32, true, host_idiv32, help_idiv32},
};

/* Whether the quotient fits, in arithmetic that cannot overflow. */
static bool divides(unsigned bits, bool is_signed, u32 eax, u32 edx, u32 x)
{
    u64 dividend = bits == 8    ? eax & 0xffff
                   : bits == 16 ? edx << 16 | (eax & 0xffff)
                                : (u64)edx << 32 | eax;
    unsigned up = 64 - 2 * bits;
    __int128 n = is_signed ? (i64)(dividend << up) >> up : (__int128)dividend;
    __int128 d = is_signed ? (i64)((u64)x << (64 - bits)) >> (64 - bits)
                           : (__int128)(x & (0xffffffffu >> (32 - bits)));
    __int128 low = is_signed ? -((__int128)1 << (bits - 1)) : 0;

    return d != 0 && n / d >= low && n / d < low + ((__int128)1 << bits);
}

START_TEST(divide)
{
    unsigned good = 0, bad = 0;

    for (unsigned i = 0; i < 100000; i++) {
        u32 eax = number(), edx = number(), x = number();

        if (i % 2 && divisions[_i].bits > 8)
            edx =
                divisions[_i].is_signed ? (u32)((i32)(eax << (32 - divisions[_i].bits)) >> 31) : 0;
        cpu->r[R_EAX] = eax;
        cpu->r[R_EDX] = edx;
        cpu->eflags = FL_ONE | FL_CF | FL_ZF;
        cpu->lazy.op = LAZY_NONE;
        flat_call(cpu, divisions[_i].helper, x, 0, 0);
        expect_eq(flags_get(cpu), FL_ONE | FL_CF | FL_ZF);
        if (divides(divisions[_i].bits, divisions[_i].is_signed, eax, edx, x)) {
            expect_eq(cpu->fault.vector, -1);
            divisions[_i].host(&eax, &edx, x);
            good++;
        } else {
            expect_eq(cpu->fault.vector, EXCP_DE);
            bad++;
        }
        expect(cpu->r[R_EAX] == eax && cpu->r[R_EDX] == edx, "%s by %x: %x:%x, not %x:%x",
               divisions[_i].name, x, cpu->r[R_EDX], cpu->r[R_EAX], edx, eax);
    }
    ck_assert(good > 1000 && bad > 1000);
}
END_TEST

START_TEST(divide_edges)
{
    cpu->r[R_EAX] = 0;
    cpu->r[R_EDX] = 0x80000000;
    flat_call(cpu, help_idiv32, 0xffffffff, 0, 0);
    ck_assert_int_eq(cpu->fault.vector, EXCP_DE);
    cpu->r[R_EAX] = 0x80000000;
    cpu->r[R_EDX] = 0xffffffff;
    flat_call(cpu, help_idiv32, 0xffffffff, 0, 0);
    ck_assert_int_eq(cpu->fault.vector, EXCP_DE);
    flat_call(cpu, help_idiv32, 1, 0, 0);
    ck_assert_int_eq(cpu->fault.vector, -1);
    ck_assert_uint_eq(cpu->r[R_EAX], 0x80000000);
}
END_TEST

/* Host shifts with a count in CL. */
#define HOST_SHIFT(name, type, insn)                                                               \
    static u32 host_##name(u32 a, u32 b, u32 count, u32 *flags)                                    \
    {                                                                                              \
        type x = (type)a, y = (type)b;                                                             \
        u64 f = *flags;                                                                            \
        __asm__("lea -128(%%rsp), %%rsp\n\tpushq %[f]\n\tpopfq\n\t" insn                           \
                "\n\tpushfq\n\tpopq %[f]\n\tlea 128(%%rsp), %%rsp"                                 \
                : [x] "+q"(x), [f] "+r"(f)                                                         \
                : [y] "q"(y), "c"(count)                                                           \
                : "cc", "memory");                                                                 \
        *flags = (u32)f & FL_ARITH;                                                                \
        return x;                                                                                  \
    }
HOST_SHIFT(shld16, u16, "shldw %%cl, %[y], %[x]")
HOST_SHIFT(shld32, u32, "shldl %%cl, %[y], %[x]")
HOST_SHIFT(shrd16, u16, "shrdw %%cl, %[y], %[x]")
HOST_SHIFT(shrd32, u32, "shrdl %%cl, %[y], %[x]")
HOST_SHIFT(rcl8, u8, "rclb %%cl, %[x]")
HOST_SHIFT(rcl16, u16, "rclw %%cl, %[x]")
HOST_SHIFT(rcl32, u32, "rcll %%cl, %[x]")
HOST_SHIFT(rcr8, u8, "rcrb %%cl, %[x]")
HOST_SHIFT(rcr16, u16, "rcrw %%cl, %[x]")
HOST_SHIFT(rcr32, u32, "rcrl %%cl, %[x]")

static const struct {
    const char *name;
    unsigned bits;
    bool is_double;
    u32 (*host)(u32 a, u32 b, u32 count, u32 *flags);
    helper_fn *helper;
} shifts[] = {
    {"shld16", 16, true, host_shld16, help_shld16}, {"shld32", 32, true, host_shld32, help_shld32},
    {"shrd16", 16, true, host_shrd16, help_shrd16}, {"shrd32", 32, true, host_shrd32, help_shrd32},
    {"rcl8", 8, false, host_rcl8, help_rcl8},       {"rcl16", 16, false, host_rcl16, help_rcl16},
    {"rcl32", 32, false, host_rcl32, help_rcl32},   {"rcr8", 8, false, host_rcr8, help_rcr8},
    {"rcr16", 16, false, host_rcr16, help_rcr16},   {"rcr32", 32, false, host_rcr32, help_rcr32},
};

/* OF only for counts of one, AF of double shifts never; 16-bit double shifts by more than 16 have
 * no defined result. */
START_TEST(shift)
{
    for (unsigned i = 0; i < 100000; i++) {
        u32 a = number(), b = number(), count = i % 64, effective = count & 31;
        u32 before = (u32)test_random(&seed) & FL_ARITH, host_flags = before, want, got;
        u32 defined = FL_ARITH;

        if (shifts[_i].is_double && effective > shifts[_i].bits)
            continue;
        if (effective > 1)
            defined &= ~FL_OF;
        if (shifts[_i].is_double && effective)
            defined &= ~FL_AF;
        want = shifts[_i].host(a, b, count, &host_flags);
        flags_set(cpu, before);
        cpu->r[R_ECX] = count;
        got = shifts[_i].is_double
                  ? flat_call(cpu, shifts[_i].helper, a, b, i & 64 ? 0x80 : effective)
                  : flat_call(cpu, shifts[_i].helper, a, count, 0);
        expect(got == want && !((flags_get(cpu) ^ host_flags) & defined),
               "%s %x, %x by %u: %x flags %x, the host has %x flags %x", shifts[_i].name, a, b,
               count, got, flags_get(cpu) & FL_ARITH, want, host_flags);
    }
}
END_TEST

START_TEST(scan)
{
    for (unsigned i = 0; i < 10000; i++) {
        u32 x = number(), low = 0, high = 0;

        for (unsigned bit = 0; x && bit < 32; bit++) {
            if (x >> bit & 1)
                high = bit;
            if (x >> (31 - bit) & 1)
                low = 31 - bit;
        }
        expect_eq(flat_call(cpu, help_bsf, x, 77, 0), x ? low : 77);
        expect_eq(flags_get(cpu) & FL_ZF, x ? 0 : FL_ZF);
        expect_eq(flat_call(cpu, help_bsr, x, 77, 0), x ? high : 77);
        expect_eq(flags_get(cpu) & FL_ZF, x ? 0 : FL_ZF);
    }
}
END_TEST

static u32 to_bcd(u32 n)
{
    return n / 10 % 10 << 4 | n % 10;
}

/* ADD or ADC of packed decimals and then DAA; SUB and then DAS. */
START_TEST(packed_decimal)
{
    for (u32 x = 0; x < 100; x++) {
        for (u32 y = 0; y < 100; y++) {
            for (u32 carry = 0; carry < 2; carry++) {
                u32 a = to_bcd(x), b = to_bcd(y), sum = a + b + carry, diff = a - b - carry;

                cpu->r[R_EAX] = 0x12345600 | (sum & 0xff);
                cpu->lazy = (struct lazy_flags){LAZY_ADC8, sum & 0xff, a, b, 0, 0};
                flat_call(cpu, help_daa, 0, 0, 0);
                expect_eq(cpu->r[R_EAX], 0x12345600 | to_bcd(x + y + carry));
                expect_eq(flags_cf(cpu), x + y + carry > 99);

                cpu->r[R_EAX] = diff & 0xff;
                cpu->lazy = (struct lazy_flags){LAZY_SBB8, diff & 0xff, a, b, 0, 0};
                flat_call(cpu, help_das, 0, 0, 0);
                expect_eq(cpu->r[R_EAX], to_bcd(x + 200 - y - carry));
                expect_eq(flags_cf(cpu), x < y + carry);
            }
        }
    }
}
END_TEST

START_TEST(unpacked_decimal)
{
    for (u32 x = 0; x < 10; x++) {
        for (u32 y = 0; y < 10; y++) {
            u32 sum = x + y, diff = (x - y) & 0xff;

            cpu->r[R_EAX] = 0x0300 | sum;
            cpu->lazy = (struct lazy_flags){LAZY_ADD8, sum, x, 0, 0, 0};
            flat_call(cpu, help_aaa, 0, 0, 0);
            ck_assert_uint_eq(cpu->r[R_EAX], (3 + sum / 10) << 8 | sum % 10);
            ck_assert_uint_eq(flags_get(cpu) & (FL_CF | FL_AF), sum > 9 ? FL_CF | FL_AF : 0);

            cpu->r[R_EAX] = 0x0300 | diff;
            cpu->lazy = (struct lazy_flags){LAZY_SUB8, diff, x, 0, 0, 0};
            flat_call(cpu, help_aas, 0, 0, 0);
            ck_assert_uint_eq(cpu->r[R_EAX], (x < y ? 2u : 3u) << 8 | (x + 10 - y) % 10);
            ck_assert_uint_eq(flags_get(cpu) & (FL_CF | FL_AF), x < y ? FL_CF | FL_AF : 0);

            cpu->r[R_EAX] = x * y;
            flat_call(cpu, help_aam, 0, 0, 10);
            ck_assert_uint_eq(cpu->r[R_EAX], x * y / 10 << 8 | x * y % 10);
            ck_assert_uint_eq(flags_get(cpu) & FL_ZF, x * y % 10 ? 0 : FL_ZF);
            cpu->r[R_EAX] = x << 8 | y;
            flat_call(cpu, help_aad, 0, 0, 10);
            ck_assert_uint_eq(cpu->r[R_EAX], x * 10 + y);
        }
    }
    flat_call(cpu, help_aam, 0, 0, 0);
    ck_assert_int_eq(cpu->fault.vector, EXCP_DE);
}
END_TEST

/* Results that no valid decimal gives, by the manual's pseudocode. */
static const struct {
    helper_fn *helper;
    u32 ax, flags, want_ax, want_flags;
} odd[] = {
    {help_daa, 0x9a, 0, 0x00, FL_AF | FL_CF | FL_ZF | FL_PF},
    {help_daa, 0x00, FL_AF, 0x06, FL_AF | FL_PF},
    {help_daa, 0xfa, 0, 0x60, FL_AF | FL_CF | FL_PF},
    {help_daa, 0xff, FL_CF, 0x65, FL_AF | FL_CF | FL_PF},
    {help_das, 0x05, FL_AF, 0xff, FL_AF | FL_CF | FL_SF | FL_PF},
    {help_das, 0x9a, 0, 0x34, FL_AF | FL_CF},
    {help_das, 0x00, FL_CF, 0xa0, FL_CF | FL_SF | FL_PF},
    {help_aaa, 0x00fa, 0, 0x0200, FL_AF | FL_CF | FL_ZF | FL_PF},
    {help_aas, 0x0004, FL_AF, 0xfe0e, FL_AF | FL_CF},
};

START_TEST(odd_decimal)
{
    cpu->r[R_EAX] = odd[_i].ax;
    flags_set(cpu, odd[_i].flags);
    flat_call(cpu, odd[_i].helper, 0, 0, 0);
    ck_assert_uint_eq(cpu->r[R_EAX], odd[_i].want_ax);
    ck_assert_uint_eq(flags_get(cpu) & FL_ARITH, odd[_i].want_flags);
}
END_TEST

START_TEST(cmpxchg8b)
{
    u8 memory[8];

    put64(memory, 0x1122334455667788);
    phys_write(&flat.phys, 0x8ffc, memory, 8);
    flags_set(cpu, FL_CF | FL_ZF | FL_OF);
    cpu->r[R_EAX] = 0x55667788;
    cpu->r[R_EDX] = 0x11223343;
    cpu->r[R_EBX] = 0xbbbbbbbb;
    cpu->r[R_ECX] = 0xcccccccc;
    flat_call(cpu, help_cmpxchg8b, 0x8ffc, 0, SREG_DS);
    ck_assert_uint_eq(flags_get(cpu) & FL_ARITH, FL_CF | FL_OF);
    ck_assert_uint_eq(cpu->r[R_EDX], 0x11223344);
    flat_call(cpu, help_cmpxchg8b, 0x8ffc, 0, SREG_DS);
    ck_assert_uint_eq(flags_get(cpu) & FL_ARITH, FL_CF | FL_OF | FL_ZF);
    phys_read(&flat.phys, 0x8ffc, memory, 8);
    ck_assert(get64(memory) == 0xccccccccbbbbbbbb);
    ck_assert_uint_eq(cpu->r[R_EAX], 0x55667788);
    seg_set(cpu, SREG_DS, 16, 0, 0xffffffff, SEG_P | SEG_S | SEG_ACCESSED | SEG_G); /* read-only */
    flat_call(cpu, help_cmpxchg8b, 0x8ffc, 0, SREG_DS);
    ck_assert_int_eq(cpu->fault.vector, EXCP_GP);
    ck_assert_uint_eq(cpu->r[R_EDX], 0x11223344);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("arith");
    TCase *tcase = tcase_create("arith");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, multiply, 0, ARRAY_SIZE(multiplications));
    tcase_add_test(tcase, multiply_two);
    tcase_add_loop_test(tcase, divide, 0, ARRAY_SIZE(divisions));
    tcase_add_test(tcase, divide_edges);
    tcase_add_loop_test(tcase, shift, 0, ARRAY_SIZE(shifts));
    tcase_add_test(tcase, scan);
    tcase_add_test(tcase, packed_decimal);
    tcase_add_test(tcase, unpacked_decimal);
    tcase_add_loop_test(tcase, odd_decimal, 0, ARRAY_SIZE(odd));
    tcase_add_test(tcase, cmpxchg8b);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
