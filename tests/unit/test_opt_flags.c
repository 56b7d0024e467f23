/* The flag pass on small lists of micro-ops, and flags recomputed from registers against flags
 * stored. */
#include "tests/unit/oracle_guest.h"
#include "translate/flags/restore.h"

#define EAX  REG32(R_EAX)
#define ECX  REG32(R_ECX)
#define EDX  REG32(R_EDX)
#define EBX  REG32(R_EBX)
#define ESP  REG32(R_ESP)
#define ESI  REG32(R_ESI)
#define Z    ZERO_REG
#define SINK REG32(R_T6)
#define NOC  (UF_ALL & ~UF_C)

/* Micro-ops of instruction n; the last argument is the expected live mask of a producer. */
#define OP(n, name, dd, aa, bb, live_)                                                             \
    {                                                                                              \
        {.op = U_##name, .live = UF_ALL, .insn = (n), .d = (dd), .a = (aa), .b = (bb)}, U_##name,  \
            (live_)                                                                                \
    }
#define STORED(n, name, dd, aa, bb, live_)                                                         \
    {                                                                                              \
        {.op = U_##name, .live = UF_ALL, .insn = (n), .d = (dd), .a = (aa), .b = (bb)},            \
            U_##name##_f, (live_)                                                                  \
    }
#define LD(n, dd)   OP(n, ld32, dd, EBX, Z, 0)
#define ST(n, dd)   OP(n, st32, dd, EBX, Z, 0)
#define MOVI(n, dd) OP(n, mov32, dd, Z, Z, 0)
#define LEA(n, dd, by)                                                                             \
    {                                                                                              \
        {.op = U_lea32, .insn = (n), .d = (dd), .a = (dd), .b = Z, .imm = (u32)(by)}, U_lea32, 0   \
    }
#define EXIT(n)    OP(n, exit_jmp, SINK, Z, Z, 0)
#define END_CMP(n) STORED(n, cmp32, SINK, ESI, EDX, UF_ALL), EXIT(n)
#define CC(n, name, c)                                                                             \
    {                                                                                              \
        {.op = U_##name, .live = UF_ALL, .insn = (n), .d = EDX, .a = Z, .b = Z, .aux = (c)},       \
            U_##name, 0                                                                            \
    }
#define CALL(n, helper)                                                                            \
    {                                                                                              \
        {.op = U_call,                                                                             \
         .live = UF_ALL,                                                                           \
         .insn = (n),                                                                              \
         .d = SINK,                                                                                \
         .a = Z,                                                                                   \
         .b = Z,                                                                                   \
         .aux = HELP_##helper},                                                                    \
            U_call, 0                                                                              \
    }

struct item {
    struct uop uop;
    u16 want;
    u8 live;
};

struct list {
    const char *name;
    struct item item[8];
};

static const struct list lists[] = {
    {"overwritten at once",
     {OP(0, add32, EAX, EAX, ECX, 0), STORED(1, sub32, EDX, EDX, ECX, UF_ALL), EXIT(1)}},
    {"a branch reads", {STORED(0, cmp32, SINK, EAX, ECX, UF_ALL), CC(1, jcc, 4)}},
    {"SETZ reads ZF only", {STORED(0, cmp32, SINK, EAX, ECX, UF_Z), CC(1, setcc, 4), END_CMP(2)}},
    {"CMOVL reads SF and OF",
     {STORED(0, add32, EAX, EAX, ECX, UF_S | UF_O), CC(1, cmov32, 12), END_CMP(2)}},
    {"a fault recomputes", {OP(0, add32, EAX, EAX, ECX, UF_ALL), LD(1, EDX), END_CMP(2)}},
    {"operand lost before a fault",
     {STORED(0, add32, EAX, EAX, ECX, UF_ALL), MOVI(1, ECX), LD(2, EDX), END_CMP(3)}},
    {"result lost before a fault",
     {STORED(0, add32, EAX, EAX, ECX, UF_ALL), MOVI(1, EAX), LD(2, EDX), END_CMP(3)}},
    {"operand lost after the fault",
     {OP(0, add32, EAX, EAX, ECX, UF_ALL), LD(1, EDX), MOVI(2, ECX), END_CMP(3)}},
    {"the faulting load overwrites it",
     {OP(0, add32, EAX, EAX, ECX, UF_ALL), LD(1, ECX), END_CMP(2)}},
    {"... and another load comes",
     {STORED(0, add32, EAX, EAX, ECX, UF_ALL), LD(1, ECX), LD(2, EDX), END_CMP(3)}},
    {"ADD of a register to itself",
     {STORED(0, add32, EAX, EAX, EAX, UF_ALL), LD(1, EDX), END_CMP(2)}},
    {"logic needs its result only",
     {OP(0, and32, EAX, EAX, ECX, UF_ALL), MOVI(1, ECX), LD(2, EDX), END_CMP(3)}},
    {"CMP needs both operands",
     {STORED(0, cmp32, SINK, EAX, ECX, UF_ALL), MOVI(1, EAX), LD(2, EDX), END_CMP(3)}},
    {"CMP with both", {OP(0, cmp32, SINK, EAX, ECX, UF_ALL), LD(1, EDX), END_CMP(2)}},
    {"half of a register lost",
     {STORED(0, add8, EAX, EAX, ECX, UF_ALL), OP(1, mov8, ECX + 1, Z, Z, 0), LD(2, EDX),
      END_CMP(3)}},
    {"both halves of one register",
     {STORED(0, add8, EAX, EAX, EAX + 1, UF_ALL), LD(1, EDX), END_CMP(2)}},
    {"INC keeps the carry",
     {STORED(0, add32, EAX, EAX, ECX, UF_C), STORED(1, inc32, EDX, EDX, Z, NOC), EXIT(1)}},
    {"INC, and nobody cares",
     {OP(0, add32, EAX, EAX, ECX, 0), OP(1, inc32, EDX, EDX, Z, 0), END_CMP(2)}},
    {"INC and ADD both recomputed",
     {OP(0, add32, EAX, EAX, ECX, UF_C), OP(1, inc32, EDX, EDX, Z, NOC), LD(2, ESI), END_CMP(3)}},
    {"INC of ADD's result",
     {OP(0, add32, EAX, EAX, ECX, UF_C), OP(1, inc32, EAX, EAX, Z, NOC), LD(2, ESI), END_CMP(3)}},
    {"ADC reads the carry",
     {STORED(0, add32, EAX, EAX, ECX, UF_C), STORED(1, adc32, EDX, EDX, EBX, UF_ALL), EXIT(1)}},
    {"shift by CL may change nothing",
     {STORED(0, add32, EAX, EAX, EBX, UF_ALL), STORED(1, shlv32, EDX, EDX, ECX, UF_ALL), EXIT(1)}},
    {"a dead shift by CL",
     {OP(0, add32, EAX, EAX, EBX, 0), OP(1, shlv32, EDX, EDX, ECX, 0), END_CMP(2)}},
    {"PUSH is undone",
     {OP(0, sub32, ESP, ESP, Z, UF_ALL), ST(1, EDX), OP(1, lea32, ESP, ESP, Z, 0), LD(2, ESI),
      END_CMP(3)}},
    {"a rotate is undone",
     {OP(0, xor32, EAX, EAX, ECX, NOC & ~UF_O), OP(1, rol32, EAX, EAX, Z, UF_C | UF_O), LD(2, ESI),
      END_CMP(3)}},
    {"the result's copy",
     {OP(0, xor32, EAX, EAX, ECX, UF_ALL), OP(1, mov32, EDX, Z, EAX, 0), MOVI(2, EAX), LD(3, ESI),
      END_CMP(4)}},
    {"an operand's original",
     {OP(0, mov32, EAX, Z, EDX, 0), OP(1, shr32, EAX, EAX, Z, UF_ALL), LD(2, EAX), LD(3, ESI),
      END_CMP(4)}},
    {"... lost",
     {OP(0, mov32, EAX, Z, EDX, 0), STORED(1, shr32, EAX, EAX, Z, UF_ALL), LD(2, EDX), LD(3, ESI),
      END_CMP(4)}},
    {"a constant", {OP(0, xor32, EAX, EAX, EAX, UF_ALL), LD(1, EAX), LD(2, ESI), END_CMP(3)}},
    {"ADC by the carry that is stored",
     {STORED(0, add32, EAX, EAX, ECX, UF_C), OP(1, adc32, EDX, EDX, EBX, UF_ALL), LD(2, ESI),
      END_CMP(3)}},
    {"ADC, and the carry is overwritten",
     {STORED(0, add32, EAX, EAX, ECX, UF_C), STORED(1, adc32, EDX, EDX, ESI, UF_ALL), MOVI(2, ESI),
      LD(3, ESI), END_CMP(4)}},
    {"shifts cannot be recomputed",
     {STORED(0, shl32, EAX, EAX, Z, UF_ALL), LD(1, EDX), END_CMP(2)}},
    {"rotates merge",
     {STORED(0, add32, EAX, EAX, ECX, UF_ALL & ~(UF_C | UF_O)),
      STORED(1, rol32, EDX, EDX, Z, UF_C | UF_O), EXIT(1)}},
    {"BT writes the carry only",
     {STORED(0, add32, EAX, EAX, ECX, NOC), STORED(1, bt32, SINK, EDX, EBX, UF_C), EXIT(1)}},
    {"BT and ADD both recomputed",
     {OP(0, add32, EAX, EAX, ECX, NOC), OP(1, bt32, SINK, EDX, EBX, UF_C), LD(2, ESI), END_CMP(3)}},
    {"BTS stored for a fault: what it keeps is stored as well",
     {STORED(0, add32, EAX, EAX, ECX, NOC), STORED(1, bts32, EDX, EDX, EBX, UF_C), LD(2, ESI),
      END_CMP(3)}},
    {"CLC keeps the others",
     {STORED(0, add32, EAX, EAX, ECX, NOC), OP(1, clc, SINK, Z, Z, 0), EXIT(1)}},
    {"LAHF does not see OF",
     {STORED(0, add32, EAX, EAX, ECX, UF_ALL & ~UF_O), OP(1, lahf, EDX + 1, Z, Z, 0), END_CMP(2)}},
    {"MUL overwrites", {OP(0, add32, EBX, EBX, ESI, 0), CALL(1, mul32), EXIT(1)}},
    {"a call that faults may store, and stop the block",
     {STORED(0, add32, EBX, EBX, ESI, UF_ALL), CALL(1, div32), END_CMP(2)}},
    {"DIV writes registers",
     {STORED(0, add32, EBX, EBX, ESI, UF_ALL), CALL(1, div32), LD(2, ECX), END_CMP(3)}},
    {"PUSHF reads", {STORED(0, add32, EAX, EAX, ECX, UF_ALL), CALL(1, pushf), END_CMP(2)}},
    {"a block may stop after a store",
     {STORED(0, add32, EAX, EAX, ESP, UF_ALL), ST(1, EDX), MOVI(1, ESP), END_CMP(2)}},
    {"... and can recompute there", {OP(0, add32, EAX, EAX, ECX, UF_ALL), ST(1, EDX), END_CMP(2)}},
    {"a store, then flags, then the next instruction",
     {ST(0, EDX), OP(0, cmp32, SINK, EAX, ECX, UF_ALL), END_CMP(1)}},
    {"CMPXCHG: the accumulator is lost behind the store",
     {ST(0, EDX), STORED(0, cmp32, SINK, EAX, ECX, UF_ALL), MOVI(0, EAX), END_CMP(1)}},
    {"a stop before the producer",
     {ST(0, EDX), OP(1, add32, EAX, EAX, ECX, 0), MOVI(2, ECX), END_CMP(3)}},
    {"read-modify-write: nothing can fault after the flags",
     {LD(0, REG32(R_T0)), OP(0, add32, REG32(R_T0), REG32(R_T0), ECX, UF_ALL), ST(0, REG32(R_T0)),
      END_CMP(1)}},
};

/* For an engine that stores late: conditions come from registers, exits store. */
static const struct list late_lists[] = {
    {"a branch from registers", {OP(0, cmp32, SINK, EAX, ECX, UF_ALL), CC(1, jcc, 4)}},
    {"an exit stores", {OP(0, cmp32, SINK, EAX, ECX, UF_ALL), EXIT(0)}},
    {"... what is still there", {STORED(0, cmp32, SINK, EAX, ECX, UF_ALL), MOVI(1, ECX), EXIT(1)}},
    {"... BT has no lazy operation, and merges",
     {STORED(0, cmp32, SINK, ESI, ECX, UF_ALL & ~UF_C), STORED(1, bt32, SINK, EAX, ECX, UF_C),
      CC(2, jcc, 2)}},
    {"operand lost before the branch",
     {STORED(0, cmp32, SINK, EAX, ECX, UF_ALL), MOVI(1, EAX), CC(2, jcc, 4)}},
    {"PUSH, then a jump: ESP with a constant",
     {OP(0, sub32, ESP, ESP, Z, UF_ALL), ST(1, EDX), LEA(1, ESP, -4), EXIT(1)}},
    {"... an indirect one stores for sure",
     {STORED(0, add32, ESP, ESP, Z, UF_ALL), LEA(1, ESP, 4), OP(1, exit_ret, SINK, EDX, Z, 0)}},
    {"the usual comparison of 64 bits",
     {OP(0, cmp32, SINK, EAX, ECX, UF_C), OP(1, sbb32, EDX, EDX, EBX, UF_ALL), CC(2, jcc, 2)}},
    {"... when the carry is lost",
     {STORED(0, cmp32, SINK, EAX, ECX, UF_C), OP(1, mov32, EAX, Z, EDX, 0),
      STORED(1, sbb32, EAX, EAX, EBX, UF_ALL), CC(2, jcc, 2)}},
    {"a shift of a copy",
     {OP(0, mov32, EDX, Z, EAX, 0), OP(1, shr32, EDX, EDX, Z, UF_ALL), CC(2, jcc, 4)}},
    {"MUL", {OP(0, mul32, SINK, ECX, Z, UF_ALL), CC(1, jcc, 2)}},
    {"a bit scan, and its source is lost", {STORED(0, bsf32, EAX, EAX, Z, UF_ALL), CC(1, jcc, 4)}},
    {"shifts have no other form", {STORED(0, shl32, EAX, EAX, Z, UF_ALL), CC(1, jcc, 4)}},
    {"SETcc from registers",
     {OP(0, cmp32, SINK, EAX, ECX, UF_S | UF_O), CC(1, setcc, 12),
      OP(2, cmp32, SINK, ESI, EBX, UF_ALL), EXIT(2)}},
    {"LAHF needs them stored",
     {STORED(0, cmp32, SINK, EAX, ECX, UF_ALL & ~UF_O), OP(1, lahf, EDX + 1, Z, Z, 0),
      OP(2, cmp32, SINK, ESI, EBX, UF_ALL), EXIT(2)}},
};

static void check_list(const struct list *list, bool late)
{
    struct uop uop[8];
    unsigned count = 0;

    do
        uop[count] = list->item[count].uop;
    while (!(uop_info[uop[count++].op].traits & UT_END));
    opt_flags(uop, count, late, false);
    for (unsigned i = 0; i < count; i++) {
        const struct item *item = &list->item[i];

        ck_assert_msg(uop[i].op == item->want, "%s: micro-op %u is %s, not %s", list->name, i,
                      uop_info[uop[i].op].name, uop_info[item->want].name);
        if (uop_info[item->uop.op].traits & UT_PAIR)
            ck_assert_msg(uop[i].live == item->live, "%s: micro-op %u (%s): live %02x, not %02x",
                          list->name, i, uop_info[item->want].name, uop[i].live, item->live);
    }
}

START_TEST(flag_lists)
{
    check_list(&lists[_i], false);
}
END_TEST

START_TEST(late_flag_lists)
{
    check_list(&late_lists[_i], true);
}
END_TEST

enum source { RESTORE_RES, RESTORE_RES_B, RESTORE_A_B };

/* Producers as guest code: opcode of the form reg/mem, reg (0: none), and of the group with its
 * ModRM.reg: with an immediate for those of two operands. */
static const struct {
    u16 op8;
    u8 opcode, group, ext;
    enum source source;
    u32 keeps; /* flags that they leave alone */
} producers[] = {
    {U_add8, 0x00, 0x80, 0, RESTORE_RES_B, 0},
    {U_or8, 0x08, 0x80, 1, RESTORE_RES, 0},
    {U_and8, 0x20, 0x80, 4, RESTORE_RES, 0},
    {U_sub8, 0x28, 0x80, 5, RESTORE_RES_B, 0},
    {U_xor8, 0x30, 0x80, 6, RESTORE_RES, 0},
    {U_cmp8, 0x38, 0x80, 7, RESTORE_A_B, 0},
    {U_test8, 0x84, 0xf6, 0, RESTORE_A_B, 0},
    {U_neg8, 0, 0xf6, 3, RESTORE_RES, 0},
    {U_inc8, 0, 0xfe, 0, RESTORE_RES, FL_CF},
    {U_dec8, 0, 0xfe, 1, RESTORE_RES, FL_CF},
    {U_rol8, 0, 0xc0, 0, RESTORE_RES, FL_ARITH & ~(FL_CF | FL_OF)},
    {U_ror8, 0, 0xc0, 1, RESTORE_RES, FL_ARITH & ~(FL_CF | FL_OF)},
    {U_bt16 - 2, 0xa3, 0xba, 4, RESTORE_A_B, FL_ARITH & ~FL_CF}, /* after 0F; no 8-bit form */
};

static bool is_bt(unsigned i)
{
    return producers[i].op8 == U_bt16 - 2;
}

static u8 reg_offset(unsigned size, unsigned number)
{
    return size == 1 ? reg8(number) : REG32(number);
}

/* Code and micro-op of producer i; false when the choice has no such form. */
static bool make_producer(unsigned i, unsigned size, u64 random, struct uop *u, u8 *code,
                          unsigned *len)
{
    unsigned rm = random & 7, reg = random >> 3 & 7, n = 0, wide = size > 1 && !is_bt(i);
    u32 imm = random >> 6 & 1 ? (u32)(random >> 20) : (u32)(random >> 20) % 5 - 2;
    bool rotate = producers[i].group == 0xc0,
         one = !producers[i].opcode && producers[i].op8 != U_add8;

    if (rm == R_ESP || (size > 1 && reg == R_ESP) || (size == 1 && is_bt(i)))
        return false;
    *u = (struct uop){.op = (u16)(producers[i].op8 + 2 * (size >> 1)),
                      .a = reg_offset(size, rm),
                      .b = Z,
                      .live = UF_ALL};
    u->d = producers[i].source == RESTORE_A_B ? SINK : u->a;
    if (size == 2)
        code[n++] = 0x66;
    if (is_bt(i))
        code[n++] = 0x0f;
    if (!one && random >> 7 & 1) {
        code[n++] = (u8)(producers[i].opcode | wide);
        code[n++] = (u8)(0xc0 | reg << 3 | rm);
        u->b = reg_offset(size, reg);
    } else {
        code[n++] = (u8)(producers[i].group | wide);
        code[n++] = (u8)(0xc0 | producers[i].ext << 3 | rm);
        if (rotate)
            imm = 1 + imm % 31;
        if (is_bt(i))
            imm &= 0xff;
        memcpy(code + n, &imm, 4);
        n += rotate || is_bt(i) ? 1 : one ? 0 : size;
        u->imm = one && !rotate ? 0 : imm;
    }
    *len = n;
    return true;
}

START_TEST(restored_flags)
{
    struct oracle_guest *g = guest_open(translator_engines()[_i]);
    u64 seed = 88172645463325252ull;
    unsigned recovered = 0;

    for (unsigned n = 0; n < 60000; n++) {
        unsigned i = n % ARRAY_SIZE(producers), size = 1u << n / ARRAY_SIZE(producers) % 3;
        struct oracle_state s = {.flags = (u32)test_random(&seed) & FL_ARITH};
        u32 mask = 0, bits = 0;
        struct uop u;
        u8 code[16];
        unsigned len;
        bool alias;

        for (unsigned r = 0; r < 8; r++)
            s.r[r] = test_random(&seed) & 1 ? (u32)test_random(&seed)
                                            : 0x80000000u >> (test_random(&seed) & 31);
        if (!make_producer(i, size, test_random(&seed), &u, code, &len))
            continue;
        expect_eq(guest_run(g, code, len, &s), -1);
        alias = producers[i].source == RESTORE_RES_B && u.b >> 2 == u.d >> 2;
        expect_eq(
            restore_flags(&(struct past){.uop = &u, .now = 1, .cpu = g->cpu}, 0, &mask, &bits),
            !alias);
        if (alias)
            continue;
        recovered++;
        expect_eq(mask, FL_ARITH & ~producers[i].keeps);
        expect(((bits ^ s.flags) & mask) == 0, "%s: flags %x restored, %x stored",
               uop_info[u.op].name, bits, (u32)s.flags & mask);
    }
    ck_assert_uint_gt(recovered, 40000);
    guest_close(g);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("flag pass");
    TCase *tcase = tcase_create("flags");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, flag_lists, 0, ARRAY_SIZE(lists));
    tcase_add_loop_test(tcase, late_flag_lists, 0, ARRAY_SIZE(late_lists));
    tcase_add_loop_test(tcase, restored_flags, 0, (int)engine_count());
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
