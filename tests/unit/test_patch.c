/* Patches of every host's code, on any: the words are the GNU assembler's. */
#include <check.h>

#include "translate/tmpl/patch.h"

#include <string.h>

typedef bool patch_fn(u8 *field, u64 at, enum patch_kind kind, u64 value);

/* AT is 0x10000000 throughout. */
#define AT 0x10000000ull

struct row {
    patch_fn *patch;
    enum patch_kind kind;
    u64 value;
    u64 before, after; /* the same instruction, or two */
};

static const struct row rows[] = {
#define P(kind, value, before, after)                                                              \
    {                                                                                              \
        patch_x86, PATCH_##kind, value, before, after                                              \
    }
    P(X86_ABS32, 0x12345678, 0xffffffff, 0x12345678),
    P(X86_ABS32, 0xffffffff, 0, 0xffffffff),
    P(X86_ABS32, (u64)-2, 0, 0xfffffffe),
    P(X86_ABS64, 0x123456789abcdef0, 0, 0x123456789abcdef0),
    P(X86_PC32, AT - 4, 0, 0xfffffffc),
    P(X86_PC32, AT + 0x7fffffff, 0, 0x7fffffff),
    P(X86_PC32, AT - 0x80000000, 0, 0x80000000),
    P(I386_PC32, 0xf0000000, 0, 0xe0000000),
#undef P
#define P(kind, value, before, after)                                                              \
    {                                                                                              \
        patch_aarch64, PATCH_A64_##kind, value, before, after                                      \
    }
    P(G0, 0x1234, 0x5297dde3, 0x52824683), /* movz w3, #0x1234 */
    P(G0_NC, 0x55beef, 0x52824683, 0x5297dde3),
    P(G1, 0x12345555, 0x72bbd5a3, 0x72a24683), /* movk w3, #0x1234, lsl 16 */
    P(G1_NC, 0x5555deadbeef, 0x72a24683, 0x72bbd5a3),
    P(G2, 0x123455555555, 0xf2d00023, 0xf2c24683), /* movk x3, #0x1234, lsl 32 */
    P(G2_NC, 0x8001800155555555, 0xf2c24683, 0xf2d00023),
    P(G3, 0x1234555555555555, 0xf2ffffe3, 0xf2e24683), /* movk x3, #0x1234, lsl 48 */
    P(G3, (u64)-1, 0xf2e24683, 0xf2ffffe3),
    P(ADD12, 7, 0x913ffc41, 0x91001c41), /* add x1, x2, #7 */
    P(ADD12, 0xfff, 0x91001c41, 0x913ffc41),
    P(MEM8, 1, 0x397fff60, 0x39400760), /* ldrb w0, [x27, #1] */
    P(MEM8, 4095, 0x39400760, 0x397fff60),
    P(MEM16, 2, 0x793fff60, 0x79000760), /* strh w0, [x27, #2] */
    P(MEM16, 8190, 0x79000760, 0x793fff60),
    P(MEM32, 4, 0xb97fff60, 0xb9400760), /* ldr w0, [x27, #4] */
    P(MEM32, 16380, 0xb9400760, 0xb97fff60),
    P(MEM64, 8, 0xf93fff60, 0xf9000760), /* str x0, [x27, #8] */
    P(MEM64, 32760, 0xf9000760, 0xf93fff60),
    P(MEM128, 16, 0x3dffff60, 0x3dc00760), /* ldr q0, [x27, #16] */
    P(MEM128, 65520, 0x3dc00760, 0x3dffff60),
    P(B26, AT + 8, 0x16000000, 0x14000002), /* b . + 8 */
    P(B26, AT - 0x8000000, 0x14000002, 0x16000000),
    P(B26, AT + 0x7fffffc, 0x94000000, 0x95ffffff), /* bl . + 0x7fffffc */
    P(B19, AT + 8, 0x34800004, 0x34000044),         /* cbz w4, . + 8 */
    P(B19, AT - 0x100000, 0x34000044, 0x34800004),
    P(B19, AT + 0xffffc, 0x54000001, 0x547fffe1), /* b.ne . + 0xffffc */
    P(B14, AT + 8, 0x361bffe4, 0x36180044),       /* tbz w4, #3, . + 8 */
    P(B14, AT + 0x7ffc, 0x36180044, 0x361bffe4),
    P(B14, AT - 0x8000, 0x371bffe4, 0x371c0004), /* tbnz w4, #3, . - 0x8000 */
#undef P
#define P(kind, value, before, after)                                                              \
    {                                                                                              \
        patch_riscv64, PATCH_RV_##kind, value, before, after                                       \
    }
    P(HI20, 0x12345678, 0x800007b7, 0x123457b7), /* lui a5, 0x12345 */
    P(HI20, 0x12345fff, 0x123457b7, 0x123467b7),
    P(HI20, 0x80000000, 0x123457b7, 0x800007b7),
    P(HI20, (u64)-0x80000000ll, 0x123457b7, 0x800007b7),
    P(LO12_I, 0x12345678, 0xfff7a583, 0x6787a583), /* lw a1, 0x678(a5) */
    P(LO12_I, 0x12345fff, 0x6787a583, 0xfff7a583),
    P(LO12_S, 0x12345678, 0xfeb7afa3, 0x66b7ac23), /* sw a1, 0x678(a5) */
    P(LO12_S, 0x12345fff, 0x66b7ac23, 0xfeb7afa3),
    P(IMM12_I, 2047, 0x0004a583, 0x7ff4a583),       /* lw a1, 2047(s1) */
    P(IMM12_S, (u64)-2048, 0x00b4a023, 0x80b4a023), /* sw a1, -2048(s1) */
    P(BRANCH, AT + 8, 0x7eb50fe3, 0x00b50463),      /* beq a0, a1, . + 8 */
    P(BRANCH, AT - 4096, 0x00b56463, 0x80b56063),   /* bltu a0, a1, . - 4096 */
    P(BRANCH, AT + 4094, 0x00b55463, 0x7eb55fe3),   /* bge a0, a1, . + 4094 */
    P(JAL, AT + 8, 0x8000006f, 0x0080006f),         /* jal x0, . + 8 */
    P(JAL, AT - 0x100000, 0x0080006f, 0x8000006f),
    P(JAL, AT + 0xffffe, 0x000000ef, 0x7ffff0ef), /* jal ra, . + 0xffffe */
    P(C_BRANCH, AT + 8, 0xcd7d, 0xc501),          /* c.beqz a0, . + 8 */
    P(C_BRANCH, AT + 254, 0xc501, 0xcd7d),
    P(C_BRANCH, AT - 256, 0xed7d, 0xf101), /* c.bnez a0, . - 256 */
    P(C_JUMP, AT + 8, 0xaffd, 0xa021),     /* c.j . + 8 */
    P(C_JUMP, AT - 2048, 0xa021, 0xb001),
    P(C_JUMP, AT + 2046, 0xb001, 0xaffd),
    P(CALL, AT + 0x12345978, 0, 0x978080e712346097), /* auipc ra, 0x12346; jalr ra, -1672(ra) */
    P(TAIL, AT + 0x12345978, 0, 0x9783006712346317), /* auipc t1, 0x12346; jr -1672(t1) */
    P(TAIL, AT + 8, 0x9783006712346317, 0x000000130080006f), /* j . + 8; nop */
#undef P
#define P(kind, value, before, after)                                                              \
    {                                                                                              \
        patch_ppc64le, PATCH_PPC_##kind, value, before, after                                      \
    }
    P(LO, 0x55551234, 0x806effff, 0x806e1234), /* lwz r3, 0x1234(r14) */
    P(LO, 0x5555ffff, 0x806e1234, 0x806effff),
    P(LO_DS, 0x55551234, 0xe86efffe, 0xe86e1236), /* lwa r3, 0x1234(r14) */
    P(SI16, (u64)-1, 0x806e1234, 0x806effff),
    P(SI16_DS, 0x1234, 0xe86efffc, 0xe86e1234), /* ld r3, 0x1234(r14) */
    P(SI16_DS, (u64)-4, 0xe86e1234, 0xe86efffc),
    P(HI, 0x1234ffff, 0x3c60ffff, 0x3c601234), /* lis r3, 0x1234 */
    P(HA, 0x12348000, 0x3c601234, 0x3c601235),
    P(HA, 0x12347fff, 0x3c601235, 0x3c601234),
    P(HIGH, 0x5555555512345555, 0x3c60ffff, 0x3c601234),
    P(HIGHER, 0x5555123455555555, 0x3c60ffff, 0x3c601234),
    P(HIGHEST, 0x1234555555555555, 0x3c60ffff, 0x3c601234),
    P(B24, AT + 8, 0x4a000000, 0x48000008), /* b . + 8 */
    P(B24, AT - 0x2000000, 0x48000008, 0x4a000000),
    P(B24, AT + 0x1fffffc, 0x48000001, 0x49fffffd), /* bl . + 0x1fffffc */
    P(B14, AT + 8, 0x41827ffc, 0x41820008),         /* beq . + 8 */
    P(B14, AT + 0x7ffc, 0x41820008, 0x41827ffc),
    P(B14, AT - 0x8000, 0x40820008, 0x40828000), /* bne . - 0x8000 */
#undef P
};

START_TEST(patched)
{
    const struct row *r = &rows[_i];
    u8 code[16] = {0};

    put64(code + 4, r->before);
    ck_assert(r->patch(code + 4, AT, r->kind, r->value));
    ck_assert_uint_eq(get64(code + 4), r->after);
    ck_assert_uint_eq(get32(code), 0);
    ck_assert_uint_eq(get32(code + 12), 0);
}
END_TEST

/* What does not fit changes nothing. */
static const struct row refusals[] = {
#define P(patch, kind, value)                                                                      \
    {                                                                                              \
        patch, PATCH_##kind, value, 0, 0                                                           \
    }
    P(patch_x86, X86_ABS32, 0x100000000),
    P(patch_x86, X86_ABS32, (u64)-0x80000001ll),
    P(patch_x86, X86_PC32, AT + 0x80000000),
    P(patch_x86, X86_PC32, AT - 0x80000001),
    P(patch_x86, A64_B26, AT),
    P(patch_aarch64, A64_G0, 0x10000),
    P(patch_aarch64, A64_G1, 0x100000000),
    P(patch_aarch64, A64_G2, 0x1000000000000),
    P(patch_aarch64, A64_ADD12, 0x1000),
    P(patch_aarch64, A64_MEM8, (u64)-1),
    P(patch_aarch64, A64_MEM32, 2),
    P(patch_aarch64, A64_MEM32, 16384),
    P(patch_aarch64, A64_MEM64, 4),
    P(patch_aarch64, A64_B26, AT + 0x8000000),
    P(patch_aarch64, A64_B26, AT + 2),
    P(patch_aarch64, A64_B19, AT + 0x100000),
    P(patch_aarch64, A64_B14, AT - 0x8004),
    P(patch_aarch64, X86_ABS32, 0),
    P(patch_riscv64, RV_HI20, 0x100000000),
    P(patch_riscv64, RV_IMM12_I, 2048),
    P(patch_riscv64, RV_IMM12_S, (u64)-2049),
    P(patch_riscv64, RV_BRANCH, AT + 4096),
    P(patch_riscv64, RV_BRANCH, AT + 1),
    P(patch_riscv64, RV_JAL, AT + 0x100000),
    P(patch_riscv64, RV_C_BRANCH, AT + 256),
    P(patch_riscv64, RV_C_JUMP, AT - 2050),
    P(patch_riscv64, RV_CALL, AT + 0x7ffff800),
    P(patch_riscv64, RV_TAIL, AT - 0x80000802),
    P(patch_riscv64, X86_ABS32, 0),
    P(patch_ppc64le, PPC_SI16, 0x8000),
    P(patch_ppc64le, PPC_LO_DS, 2),
    P(patch_ppc64le, PPC_SI16_DS, 0x8000),
    P(patch_ppc64le, PPC_HI, 0x100000000),
    P(patch_ppc64le, PPC_HA, 0x100000000),
    P(patch_ppc64le, PPC_B24, AT + 0x2000000),
    P(patch_ppc64le, PPC_B24, AT + 2),
    P(patch_ppc64le, PPC_B14, AT + 0x8000),
    P(patch_ppc64le, X86_ABS32, 0),
#undef P
};

START_TEST(refused)
{
    const struct row *r = &refusals[_i];
    u8 code[8] = {0};

    ck_assert(!r->patch(code, AT, r->kind, r->value));
    ck_assert_uint_eq(get64(code), 0);
}
END_TEST

START_TEST(thunks)
{
    static const struct {
        u32 (*thunk)(u8 *code, u64 target);
        u32 size;
        u32 words[8];
    } thunk[] = {
        {thunk_x86_64, 14, {0x000025ff, 0x77880000, 0x33445566, 0x1122}},
        {thunk_i386, 6, {0x66778868, 0xc355}},
        {thunk_aarch64, 16, {0x58000050, 0xd61f0200, 0x55667788, 0x11223344}},
        {thunk_riscv64,
         24,
         {0x00000317, 0x01033303, 0x00030067, 0x00000013, 0x55667788, 0x11223344}},
        {thunk_ppc64le,
         28,
         {0x3d801122, 0x618c3344, 0x798c07c6, 0x658c5566, 0x618c7788, 0x7d8903a6, 0x4e800420}},
    };
    u8 code[PATCH_THUNK_MAX] = {0};

    ck_assert_uint_eq(thunk[_i].thunk(code, 0x1122334455667788), thunk[_i].size);
    ck_assert_mem_eq(code, thunk[_i].words, sizeof(code));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("patch");
    TCase *tcase = tcase_create("patch");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tcase, patched, 0, ARRAY_SIZE(rows));
    tcase_add_loop_test(tcase, refused, 0, ARRAY_SIZE(refusals));
    tcase_add_loop_test(tcase, thunks, 0, 5);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
