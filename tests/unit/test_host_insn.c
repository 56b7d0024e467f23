/* Every integer instruction that 64-bit user code has too, on every engine against the host CPU:
 * random registers, flags, operand sizes, register and memory forms. PAGEWALK_TEST_SCALE=n: n times
 * as many.
 *
 * Each case is a flag producer or two on scratch memory, the instruction, and perhaps a consumer of
 * flags; what the architecture leaves undefined is masked by the row, and by the count for shifts.
 */
#include "tests/unit/insn_gen.h"
#include "tests/unit/oracle_guest.h"

#define MIDDLE  (ORACLE_DATA + 0x1000u) /* the page edge between the two data pages */
#define SCRATCH (ORACLE_DATA + 0x40u)
#define FLAGS   (FL_ARITH | FL_DF)

struct plan {
    unsigned row;
    struct gen_choice c;
    struct gen_insn code;
    struct oracle_state state;
    u32 target; /* address of the memory operand */
    u32 undefined;
    u8 fill; /* memory: bytes 0 to fill */
    u64 fill_seed;
};

static struct oracle_guest *guest;
static u64 seed;

static u32 rnd(u32 below)
{
    return (u32)(test_random(&seed) >> 33) % below;
}

/* Random, often near a power of two or zero. */
static u32 number(void)
{
    switch (rnd(4)) {
    case 0: return (1u << rnd(32)) + rnd(7) - 3;
    case 1: return rnd(7) - 3;
    default: return (u32)(test_random(&seed) >> 20);
    }
}

static bool is_native(unsigned row)
{
    const struct insn_row *r = &insn_rows[row];

    switch ((enum insn_op)r->op) {
    case I_ADD ... I_DEC:
    case I_NOT ... I_CMPXCHG8B: return r->opcode != 0x82;
    case I_CBW ... I_SETCC:
    case I_LAHF:
    case I_SAHF:
    case I_MOVS ... I_SCAS:
    case I_JCC ... I_LOOPNE:
    case I_CLC ... I_STD: return true;
    case I_NOP: return r->opcode == 0x90 || r->opcode == 0x11f;
    default: return false;
    }
}

static bool is_loop(unsigned op)
{
    return op >= I_JCC && op <= I_LOOPNE;
}

static bool is_divide(unsigned op)
{
    return op == I_DIV || op == I_IDIV;
}

static u8 *data_at(u32 address)
{
    return (u8 *)(uintptr_t)address;
}

static void fill_memory(const struct plan *p)
{
    u64 state = p->fill_seed;
    u8 *at = data_at(MIDDLE - 256);

    for (unsigned i = 0; i < 512; i += 8) {
        u64 value = test_random(&state);

        for (unsigned k = 0; k < 8; k++)
            at[i + k] =
                p->fill == 0xff ? (u8)(value >> k * 8) : (u8)(value >> k * 8) % (p->fill + 1);
    }
    memset(data_at(SCRATCH), 0x7f, 64);
}

/* Chooses a memory operand and sets its registers so that it is at p->target. avoid: bit a
 * register. */
static void choose_memory(struct plan *p, u32 avoid)
{
    struct mem_operand *m = &p->c.at;
    u32 *r = p->state.r, rest = p->target;

    m->base = m->index = REG_NONE;
    if (rnd(4)) {
        do
            m->base = (u8)rnd(8);
        while (avoid >> m->base & 1);
    }
    if (rnd(3) == 0) {
        do
            m->index = (u8)rnd(8);
        while (m->index == 4 || m->index == m->base || avoid >> m->index & 1);
        m->shift = (u8)rnd(4);
        rest -= r[m->index] << m->shift;
    }
    if (m->base == REG_NONE) {
        m->disp = rest;
    } else {
        m->disp = rnd(2) ? rnd(256) - 128 : number();
        r[m->base] = rest - m->disp;
    }
}

/* The count of a shift or rotate, masked; UINT32_MAX for other instructions. */
static u32 shift_count(const struct plan *p)
{
    unsigned op = insn_rows[p->row].op, n = op == I_SHLD || op == I_SHRD ? 2 : 1;

    if (op < I_ROL || op > I_SHRD)
        return UINT32_MAX;
    switch ((enum form)insn_forms[p->row].operand[n]) {
    case FORM_one: return 1;
    case FORM_CL: return p->state.r[1] & 31;
    default: return p->c.imm[n] & 31;
    }
}

static unsigned operand_bits(const struct plan *p)
{
    return insn_forms[p->row].operand[0] == FORM_Eb ? 8 : p->c.osz * 8u;
}

static u32 undefined_flags(const struct plan *p)
{
    u32 undefined = insn_rows[p->row].undefined, count = shift_count(p);

    if (count == UINT32_MAX)
        return undefined;
    if (count == 0)
        return 0;
    if (count == 1)
        undefined &= ~(FL_OF | FL_CF);
    if (count < operand_bits(p))
        undefined &= ~FL_CF;
    return undefined;
}

/* Whether a division would raise #DE, or a 16-bit double shift has an undefined result. */
static u64 operand_value(const struct plan *p, unsigned size)
{
    u64 value = 0;

    if (p->c.mem)
        memcpy(&value, data_at(p->target), size);
    else if (size == 1)
        value = (u8)(p->state.r[p->c.rm & 3] >> (p->c.rm & 4 ? 8 : 0));
    else
        memcpy(&value, &p->state.r[p->c.rm], size);
    return value;
}

static bool divides(const struct plan *p)
{
    unsigned size = operand_bits(p) / 8, bits = size * 8;
    const u32 *r = p->state.r;
    u64 divisor = operand_value(p, size);
    u64 dividend = size == 1   ? r[0] & 0xffff
                   : size == 2 ? (u32)(r[2] << 16 | (r[0] & 0xffff))
                               : (u64)r[2] << 32 | r[0];
    i64 sdividend = (i64)(dividend << (64 - 2 * bits)) >> (64 - 2 * bits);
    i64 sdivisor = (i64)(divisor << (64 - bits)) >> (64 - bits), quotient;

    if (divisor == 0)
        return false;
    if (insn_rows[p->row].op == I_DIV)
        return dividend / divisor >> bits == 0;
    if (sdivisor == -1)
        return sdividend > -((i64)1 << (bits - 1)) - (bits == 64) &&
               -sdividend >= -((i64)1 << (bits - 1)) && -sdividend < (i64)1 << (bits - 1);
    quotient = sdividend / sdivisor;
    return quotient >= -((i64)1 << (bits - 1)) && quotient < (i64)1 << (bits - 1);
}

static bool is_sound(const struct plan *p)
{
    unsigned op = insn_rows[p->row].op;

    if (is_divide(op))
        return divides(p);
    if ((op == I_SHLD || op == I_SHRD) && p->c.osz == 2)
        return shift_count(p) <= 16;
    return true;
}

/* What single instructions want of their registers and memory. */
static void special_registers(struct plan *p)
{
    unsigned op = insn_rows[p->row].op;
    u32 *r = p->state.r;

    if (insn_rows[p->row].traits & IT_STRING) {
        r[6] = MIDDLE - 64 + rnd(128);
        r[7] = MIDDLE - 64 + rnd(128);
        if (rnd(2)) {
            p->c.rep = 0xf3;
            if ((op == I_CMPS || op == I_SCAS) && rnd(2))
                p->c.rep = 0xf2;
            r[1] = rnd(24);
        }
        if (rnd(2))
            p->state.flags |= FL_DF;
        if (rnd(2))
            p->fill = (u8)(1 + rnd(2));
        if (rnd(2))
            r[0] &= 0x03030303;
    }
    if (op == I_XLAT)
        r[3] = p->target - (u8)r[0];
    if (is_loop(op) && rnd(4))
        r[1] = rnd(3);
    if (is_divide(op) && rnd(2)) {
        r[2] = rnd(2) ? rnd(16) : rnd(2) ? (u32)((i32)r[0] >> 31) : (u32)(i16)r[0] >> 16;
        if (rnd(2))
            r[0] = (r[0] & 0xffff00ff) | (rnd(2) ? 0 : r[0] & 0x80 ? 0xff00 : 0);
    }
    if (op == I_CMPXCHG && rnd(2)) {
        if (p->c.mem)
            memcpy(data_at(p->target), r, 4);
        else if (!rnd(2))
            r[p->c.rm & 3] = r[0] = (r[0] & 0xffff00ff) | (r[0] & 0xff) << 8;
        else
            r[p->c.rm] = r[0];
    }
    if (op == I_CMPXCHG8B && rnd(2)) {
        memcpy(data_at(p->target), &r[0], 4);
        memcpy(data_at(p->target + 4), &r[2], 4);
    }
}

static void choose(struct plan *p, unsigned row)
{
    const struct insn_row *r = &insn_rows[row];
    bool bit_string = r->op >= I_BT && r->op <= I_BTC && insn_forms[row].operand[1] == FORM_Gv;
    u32 avoid = is_divide(r->op) ? 5 : r->op == I_CMPXCHG8B ? 5 : 0;

    *p = (struct plan){.row = row, .fill = 0xff, .fill_seed = test_random(&seed) | 1};
    p->c.osz = rnd(3) || is_loop(r->op) || r->op == I_BSWAP || r->op == I_CMPXCHG8B ? 4 : 2;
    p->c.reg = (u8)rnd(8);
    p->c.rm = (u8)rnd(8);
    p->c.mem = gen_can_mem(row) && (!gen_can_reg(row) || rnd(2));
    for (unsigned i = 0; i < 3; i++)
        p->c.imm[i] = number();
    for (unsigned i = 0; i < 8; i++)
        p->state.r[i] = number();
    p->state.flags = (u32)test_random(&seed) & FL_ARITH;
    p->target = MIDDLE - 32 + rnd(64);
    if (rnd(4) == 0)
        p->target = MIDDLE - rnd(8);
    if (p->c.mem) {
        if (bit_string) {
            p->state.r[p->c.reg] = rnd(1024) - 512;
            if (p->c.osz == 2)
                p->state.r[p->c.reg] = (p->state.r[p->c.reg] & 0xffff) | number() << 16;
            avoid |= 1u << p->c.reg;
        }
        choose_memory(p, avoid);
        p->c.lock = (r->traits & IT_LOCK) && rnd(8) == 0;
    } else {
        p->c.at.disp = p->target;
    }
    fill_memory(p);
    special_registers(p);
    if (p->fill != 0xff)
        fill_memory(p);
    if (is_loop(r->op))
        p->c.imm[0] = 2;
    p->undefined = undefined_flags(p);
}

static unsigned find_row(unsigned opcode, unsigned ext)
{
    for (unsigned i = 0; i < insn_row_count; i++)
        if (insn_rows[i].opcode == opcode && insn_rows[i].ext == ext)
            return i;
    ck_abort_msg("no row for opcode %x", opcode);
}

/* A flag producer that touches scratch memory only. */
static void put_producer(struct gen_insn *code)
{
    static const u8 ext[] = {0, 2, 3, 5, 7}; /* ADD ADC SBB SUB CMP */
    static const u16 one[] = {0xfe, 0xff};
    struct gen_choice c = {.osz = rnd(2) ? 4 : 2, .mem = true, .imm[1] = number()};
    unsigned row;

    c.at = (struct mem_operand){.base = REG_NONE, .index = REG_NONE, .disp = SCRATCH + rnd(4) * 4};
    if (rnd(3) == 0)
        row = find_row(one[rnd(2)], rnd(2));
    else
        row = find_row(0x80 + rnd(2), ext[rnd(5)]);
    gen_encode(code, row, &c);
}

/* SETcc to scratch memory, or Jcc over a move, on a condition whose flags are defined. */
static void put_consumer(struct gen_insn *code, u32 undefined)
{
    static const u32 reads[8] = {FL_OF, FL_CF, FL_ZF,         FL_CF | FL_ZF,
                                 FL_SF, FL_PF, FL_SF | FL_OF, FL_SF | FL_OF | FL_ZF};
    struct gen_choice c = {.osz = 4, .mem = true, .imm[0] = 2};
    unsigned cc = rnd(16);

    if (reads[cc >> 1] & undefined)
        return;
    c.at = (struct mem_operand){.base = REG_NONE, .index = REG_NONE, .disp = SCRATCH + 0x20};
    if (rnd(2)) {
        gen_encode(code, find_row(0x190 + cc, EXT_NONE), &c);
    } else {
        gen_encode(code, find_row(0x70 + cc, EXT_NONE), &c);
        gen_put_both(code, 0x5ab0, 2); /* mov $0x5a, %al */
    }
}

static void make_code(struct plan *p)
{
    for (unsigned n = rnd(3); n > 0; n--)
        put_producer(&p->code);
    gen_encode(&p->code, p->row, &p->c);
    if (is_loop(insn_rows[p->row].op))
        gen_put_both(&p->code, 0x5ab0, 2);
    else if (rnd(3) == 0)
        put_consumer(&p->code, p->undefined);
}

static void print_state(const char *who, const struct oracle_state *s)
{
    static const char *const name[8] = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};

    fprintf(stderr, "%6s:", who);
    for (unsigned i = 0; i < 8; i++)
        fprintf(stderr, " %s %08x", name[i], s->r[i]);
    fprintf(stderr, " flags %03x\n", (u32)s->flags & FLAGS);
}

static void report(const struct plan *p, const struct oracle_state *host,
                   const struct oracle_state *got)
{
    fprintf(stderr, "%s (row %u), operand at %x, undefined flags %03x:", insn_rows[p->row].name,
            p->row, p->target, p->undefined);
    for (unsigned i = 0; i < p->code.guest.len; i++)
        fprintf(stderr, " %02x", p->code.guest.byte[i]);
    fputc('\n', stderr);
    print_state("before", &p->state);
    print_state("host", host);
    print_state("guest", got);
}

static const struct {
    u32 from, len;
} compared[] = {{MIDDLE - 256, 512}, {SCRATCH, 64}};

static void copy_memory_to_guest(void)
{
    for (unsigned i = 0; i < ARRAY_SIZE(compared); i++)
        memcpy(guest->ram + (compared[i].from - ORACLE_BASE), data_at(compared[i].from),
               compared[i].len);
}

static bool same_memory(void)
{
    for (unsigned i = 0; i < ARRAY_SIZE(compared); i++)
        if (memcmp(guest->ram + (compared[i].from - ORACLE_BASE), data_at(compared[i].from),
                   compared[i].len))
            return false;
    return true;
}

static void check_row(unsigned row)
{
    struct oracle_state host, got;
    struct plan p;
    int vector;

    do
        choose(&p, row);
    while (!is_sound(&p));
    make_code(&p);
    host = got = p.state;
    copy_memory_to_guest();
    host.flags |= FL_ONE | FL_IF;
    oracle_run(p.code.host.byte, p.code.host.len, &host);
    vector = guest_run(guest, p.code.guest.byte, p.code.guest.len, &got);
    if (vector < 0 && !memcmp(host.r, got.r, sizeof(host.r)) && same_memory() &&
        ((host.flags ^ got.flags) & FLAGS & ~p.undefined) == 0)
        return;
    report(&p, &host, &got);
    ck_abort_msg("%s: the guest differs from the host in %s", insn_rows[row].name,
                 vector >= 0                             ? "that it faults"
                 : !same_memory()                        ? "memory"
                 : memcmp(host.r, got.r, sizeof(host.r)) ? "registers"
                                                         : "flags");
}

static void open_guest(unsigned engine)
{
    ck_assert_msg(oracle_map(), "the oracle's addresses are not free");
    guest = guest_open(translator_engines()[engine]);
    seed = 0x2545f4914f6cdd1d;
}

START_TEST(host_rows)
{
    unsigned rows = 0, each = 1000 * test_scale();

    open_guest((unsigned)_i);
    for (unsigned row = 0; row < insn_row_count; row++) {
        if (!is_native(row))
            continue;
        rows++;
        for (unsigned n = 0; n < each; n++)
            check_row(row);
    }
    ck_assert_uint_gt(rows, 250);
    guest_close(guest);
}
END_TEST

/* Divisions that overflow: #DE, with nothing changed and the flags from before in the frame. */
START_TEST(divide_error)
{
    unsigned done = 0;

    open_guest((unsigned)_i);
    for (unsigned row = 0; row < insn_row_count; row++) {
        for (unsigned n = 0; is_divide(insn_rows[row].op) && n < 500 * test_scale(); n++) {
            struct oracle_state got;
            struct plan p;
            u32 frame[3];

            choose(&p, row);
            if (is_sound(&p) || p.c.at.base == 4 || (!p.c.mem && p.c.rm == 4))
                continue;
            gen_encode(&p.code, row, &p.c);
            p.state.r[4] = GUEST_ESP;
            copy_memory_to_guest();
            got = p.state;
            if (guest_run(guest, p.code.guest.byte, p.code.guest.len, &got) != EXCP_DE) {
                report(&p, &p.state, &got);
                ck_abort_msg("no #DE");
            }
            memcpy(frame, guest->ram + (GUEST_ESP - 12 - ORACLE_BASE), sizeof(frame));
            expect_eq(got.r[4], GUEST_ESP - 12);
            got.r[4] = GUEST_ESP;
            expect(!memcmp(got.r, p.state.r, sizeof(got.r)) && same_memory(), "#DE changed state");
            expect_eq(frame[0], ORACLE_BASE);
            expect_eq(frame[2] & FLAGS, p.state.flags & FLAGS);
            done++;
        }
    }
    ck_assert_uint_gt(done, 500);
    guest_close(guest);
}
END_TEST

/* Decimal adjustment: 64-bit mode has none, so the SDM's pseudo-code is the oracle. (SDM vol. 2) */
struct decimal {
    u8 al, ah;
    bool cf, af;
};

static void model_daa(struct decimal *d, bool subtract)
{
    u8 old = d->al;
    bool carry = d->cf;

    d->cf = false;
    if ((d->al & 15) > 9 || d->af) {
        d->cf = carry || (subtract ? d->al < 6 : d->al > 0xff - 6);
        d->al = (u8)(subtract ? d->al - 6 : d->al + 6);
        d->af = true;
    }
    if (old > 0x99 || carry) {
        d->al = (u8)(subtract ? d->al - 0x60 : d->al + 0x60);
        d->cf = true;
    } else if (!subtract) {
        d->cf = false;
    }
}

static void model_aaa(struct decimal *d, bool subtract)
{
    if ((d->al & 15) > 9 || d->af) {
        u32 ax = d->al | (u32)d->ah << 8;

        ax = subtract ? ax - 6 - 0x100 : ax + 0x106;
        d->al = (u8)ax;
        d->ah = (u8)(ax >> 8);
        d->af = d->cf = true;
    } else {
        d->af = d->cf = false;
    }
    d->al &= 15;
}

static u32 result_flags(u8 al)
{
    bool even = true;

    for (unsigned i = 0; i < 8; i++)
        even ^= al >> i & 1;
    return (al & 0x80 ? FL_SF : 0) | (al == 0 ? FL_ZF : 0) | (even ? FL_PF : 0);
}

static void check_decimal(const u8 *code, unsigned len, u32 eax, u32 flags, u32 want,
                          u32 want_flags, u32 defined)
{
    struct oracle_state s = {.r = {eax, 1, 2, 3, GUEST_ESP, 5, 6, 7}, .flags = flags};
    int vector = guest_run(guest, code, len, &s);

    if (vector < 0 && s.r[0] == want && ((u32)s.flags & defined) == (want_flags & defined))
        return;
    print_state("guest", &s);
    ck_abort_msg("%02x %02x: eax %x flags %x: vector %d, eax %x not %x, flags %x not %x (mask %x)",
                 code[0], code[1], eax, flags, vector, s.r[0], want, (u32)s.flags, want_flags,
                 defined);
}

START_TEST(decimal_adjust)
{
    static const u8 opcode[4] = {0x27, 0x2f, 0x37, 0x3f};

    open_guest((unsigned)_i);
    for (unsigned n = 0; n < 4 * 256 * 8 * 4; n++) {
        u8 code[2] = {opcode[n & 3], 0x90};
        u32 flags = (n >> 2 & 1 ? FL_CF : 0) | (n >> 3 & 1 ? FL_AF : 0) | FL_OF;
        u8 al = (u8)(n >> 4), ah = (u8)(0x1f * (n >> 12));
        struct decimal d = {al, ah, n >> 2 & 1, n >> 3 & 1};
        u32 eax = 0xabcd0000 | (u32)ah << 8 | al, want;

        if (code[0] < 0x30) {
            bool adjust = (d.al & 15) > 9 || d.af;

            model_daa(&d, code[0] == 0x2f);
            d.af = adjust;
        } else {
            model_aaa(&d, code[0] == 0x3f);
        }
        want = 0xabcd0000 | (u32)d.ah << 8 | d.al;
        check_decimal(code, 1, eax, flags, want,
                      (d.cf ? FL_CF : 0) | (d.af ? FL_AF : 0) | result_flags(d.al),
                      code[0] < 0x30 ? FL_ARITH & ~FL_OF : FL_CF | FL_AF);
    }
    for (unsigned n = 0; n < 65536; n++) {
        u8 base = (u8)(n >> 8), al = (u8)n, ah = (u8)(n * 37 >> 3);
        u8 aam[2] = {0xd4, base}, aad[2] = {0xd5, base};
        u32 eax = 0x12340000 | (u32)ah << 8 | al;

        if (base)
            check_decimal(aam, 2, eax, FL_ARITH, 0x12340000u | (u32)(al / base) << 8 | al % base,
                          result_flags(al % base), FL_SF | FL_ZF | FL_PF);
        al = (u8)(al + ah * base);
        check_decimal(aad, 2, eax, FL_ARITH, 0x12340000u | al, result_flags(al),
                      FL_SF | FL_ZF | FL_PF);
    }
    guest_close(guest);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("host instructions");
    TCase *tcase = tcase_create("oracle");
    SRunner *runner = srunner_create(suite);
    int engines = (int)engine_count(), failed;

    tcase_set_timeout(tcase, 60 * test_scale());
    tcase_add_loop_test(tcase, host_rows, 0, engines);
    tcase_add_loop_test(tcase, divide_error, 0, engines);
    tcase_add_loop_test(tcase, decimal_adjust, 0, engines);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
