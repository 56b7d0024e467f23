/* tools/dyngen: what becomes of templates, each reason to refuse one, and files that are none. The objects are made by bytes, so
 * that no compiler for other hosts is needed. */
#include <check.h>

#include "tests/unit/object_maker.h"
#include "tools/dyngen/dyngen.h"

/* Runs dyngen on a file. Texts are to be freed. */
static bool run(const u8 *file, u32 size, char **out, char **err)
{
    size_t out_size, err_size;
    FILE *out_file = open_memstream(out, &out_size), *err_file = open_memstream(err, &err_size);
    bool made = dyngen(file, size, NULL, out_file, err_file);

    fclose(out_file);
    fclose(err_file);
    return made;
}

#define X86  EM_X86_64
#define A64  EM_AARCH64
#define RV   EM_RISCV
#define PPC  EM_PPC64
#define NEXT "cont_next"
#define X_NEXT                                                                                     \
    {                                                                                              \
        1, R_X86_64_PLT32, NEXT, -4                                                                \
    }
#define X_JUMP "e9 00000000"
#define X_LOAD "8b83 00000000 " /* mov hole(%rbx), %eax */
#define A_JUMP "00000014"
#define P_JUMP "00000048"
#define R_JUMP "17030000 67000300" /* tail */
#define R_CALL R_RISCV_CALL_PLT

struct refusal {
    struct object_parts parts;
    const char *why; /* behind "dyngen: t_x: " */
};

static const struct refusal refusals[] = {
    {{X86, "8b0425 00000000" X_JUMP, .reloc = {{3, R_X86_64_32S, ".LC0", 0}}},
     "has data in .rodata (.LC0)"},
    {{X86, X_LOAD X_JUMP, .reloc = {{2, R_X86_64_32S, "table", 0}}},
     "refers to table, which is not in symbols.def"},
    {{X86, "e8 00000000" X_JUMP, .reloc = {{1, R_X86_64_PLT32, "memcpy", -4}}},
     "refers to memcpy, which is not in symbols.def"},
    {{X86, X_LOAD X_JUMP, .reloc = {{2, 77, "hole_a", 0}}},
     "has a relocation of type 77, which dyngen does not know"},
    {{X86, "488b05 00000000" X_JUMP, .reloc = {{3, R_X86_64_REX_GOTPCRELX, "hole_a", -4}}},
     "has a relocation REX_GOTPCRELX (hole_a)"},
    {{X86, "85c0 c3" X_JUMP, .reloc = {{4, R_X86_64_PLT32, NEXT, -4}}}, "returns"},
    {{X86, X_JUMP, .reloc = {X_NEXT}, .size_off = -1},
     "is not alone in its section (-ffunction-sections)"},
    {{X86, X_JUMP, .reloc = {X_NEXT}, .section = ".text.unlikely.t_x"},
     "is in .text.unlikely.t_x, apart from its other part"},
    {{X86, "0f84 00000000" X_JUMP,
      .reloc = {{2, R_X86_64_PC32, "cold", -4}, {7, R_X86_64_PLT32, NEXT, -4}}},
     "goes on in .text.unlikely.t_x"},
    {{X86, X_LOAD X_JUMP, .reloc = {{2, R_X86_64_32S, "hole_a", 0x100000000}}},
     "has hole_a+4294967296, which does not fit (32S)"},
    {{X86, X_LOAD "ebf8", .reloc = {{2, R_X86_64_32S, "hole_a", 0}}},
     "does not go on: no jump to a cont_"},
    {{X86, "0f84 00000000 90", .reloc = {{2, R_X86_64_PLT32, NEXT, -4}}}, "runs over its end"},
    {{X86, "e8 00000000", .reloc = {X_NEXT}}, "calls cont_next, which does not return"},
    {{X86, X_JUMP, .reloc = {{1, R_X86_64_PLT32, "slow", -4}}}, "jumps to slow, which returns"},
    {{X86, X_JUMP, .reloc = {{1, R_X86_64_PLT32, "hole_a", -4}}},
     "jumps to hole_a, which is a number"},
    {{X86, X_JUMP, .reloc = {{1, R_X86_64_PLT32, NEXT, -8}}}, "jumps into the middle of cont_next"},
    {{X86, X_JUMP, .reloc = {{1, R_X86_64_PC32, ".text", 96}}}, "jumps out of itself, at byte 1"},
    {{X86, X_LOAD X_JUMP, .reloc = {{7, R_X86_64_PC32, ".text", -4 + 1}}},
     "jumps out of itself, at byte 7"},
    {{X86, "b8 00000000" X_JUMP, .reloc = {{1, R_X86_64_32, NEXT, 0}}},
     "takes the address of cont_next"},
    {{X86, "488d05 00000000" X_JUMP, .reloc = {{3, R_X86_64_PC32, "slow", -4}}},
     "takes the address of slow"},
    {{X86, X_LOAD X_JUMP, .reloc = {{2, R_X86_64_32S, ".text", 0}}},
     "takes the address of .text.t_x"},
    {{X86, "c5f877" X_JUMP, .reloc = {{4, R_X86_64_PLT32, NEXT, -4}}},
     "has an instruction that dyngen does not know, at byte 0"},
    {{X86, "e9 0000", .reloc = {X_NEXT}},
     "has an instruction that dyngen does not know, at byte 0"},
    {{X86, X_JUMP, .reloc = {{100, R_X86_64_PLT32, NEXT, -4}}},
     "has a relocation that is not in it"},
    {{X86, X_LOAD X_JUMP, .reloc = {{0, R_X86_64_32S, "hole_a", 0}}},
     "has a relocation that is in no instruction, at byte 0"},
    {{X86, "48b8 0000000000000000" X_JUMP,
      .reloc = {{2, R_X86_64_64, "hole_a", 0}, {4, R_X86_64_32, "hole_b", 0}}},
     "has relocations that overlap"},
    {{X86, "c783 00000000 00000000" X_JUMP, .reloc = {{2, R_X86_64_PLT32, "slow", -4}}},
     "takes the address of slow"},
    {{X86, X_LOAD X_JUMP, .reloc = {{7, R_X86_64_PLT32, NEXT, -4}}, .second = "t_x"},
     "is there twice"},
    {{X86, X_LOAD X_JUMP, .reloc = {{7, R_X86_64_PLT32, NEXT, -4}}, .second = "$d"},
     "has data in its code"},
    {{X86, "", .reloc = {{0, 0, NULL, 0}}}, "is of 0 bytes"},
    {{EM_386, "8b83 00000000" X_JUMP, .reloc = {{2, R_386_GOT32X, "hole_a", 0}}},
     "has a relocation GOT32X (hole_a)"},
    {{EM_386, "c3", .reloc = {{0, 0, NULL, 0}}}, "returns"},
    {{A64, "00000090" A_JUMP, .reloc = {{0, R_AARCH64_ADR_PREL_PG_HI21, "hole_a", 0}}},
     "has a relocation ADR_PREL_PG_HI21 (hole_a)"},
    {{A64, "00000090" A_JUMP, .reloc = {{0, R_AARCH64_ADR_GOT_PAGE, "slow", 0}}},
     "has a relocation ADR_GOT_PAGE (slow)"},
    {{A64, "c0035fd6", .reloc = {{0, 0, NULL, 0}}}, "returns"},
    {{A64, "00000094" A_JUMP, .reloc = {{0, R_AARCH64_CALL26, NEXT, 0}}},
     "calls cont_next, which does not return"},
    {{A64, "600340b9" A_JUMP, .reloc = {{0, R_AARCH64_LDST32_ABS_LO12_NC, "hole_a", 2}}},
     "has hole_a+2, which does not fit (LDST32_ABS_LO12_NC)"},
    {{A64, "40000054 1f2003d5", .reloc = {{0, R_AARCH64_CONDBR19, NEXT, 0}}}, "runs over its end"},
    {{A64, "00000014 0000", .reloc = {{0, R_AARCH64_JUMP26, NEXT, 0}}},
     "has an instruction that dyngen does not know, at byte 4"},
    {{RV, "b7070000" R_JUMP,
      .reloc = {{0, R_RISCV_HI20, "hole_a", 0}, {4, R_CALL, NEXT, 0}, {4, R_RISCV_RELAX, NEXT, 0}}},
     "has a relocation RELAX (cont_next)"},
    {{RV, "97070000" R_JUMP, .reloc = {{0, R_RISCV_GOT_HI20, "hole_a", 0}}},
     "has a relocation GOT_HI20 (hole_a)"},
    {{RV, "97070000" R_JUMP, .reloc = {{0, R_RISCV_PCREL_HI20, "hole_a", 0}}},
     "has a relocation PCREL_HI20 (hole_a)"},
    {{RV, "8280", .reloc = {{0, 0, NULL, 0}}}, "returns"},
    {{RV, "67800000", .reloc = {{0, 0, NULL, 0}}}, "returns"},
    {{RV, "97020000 e7820200" R_JUMP, .reloc = {{0, R_CALL, "slow", 0}}},
     "has a far branch by other registers than ra or t1"},
    {{RV, "97000000 e7800000", .reloc = {{0, R_CALL, NEXT, 0}}},
     "calls cont_next, which does not return"},
    {{RV, "13000000 13000000" R_JUMP, .reloc = {{0, R_CALL, NEXT, 0}}},
     "has a far branch by other registers than ra or t1"},
    {{PPC, "0000623c" P_JUMP, .reloc = {{0, R_PPC64_TOC16_HA, "hole_a", 0}}},
     "has a relocation TOC16_HA (hole_a)"},
    {{PPC, "2000804e", .reloc = {{0, 0, NULL, 0}}}, "returns"},
    {{PPC, "000062e8" P_JUMP, .reloc = {{0, R_PPC64_ADDR16_LO_DS, "hole_a", 2}}},
     "has hole_a+2, which does not fit (ADDR16_LO_DS)"},
    {{PPC, "01000048" P_JUMP, .reloc = {{0, R_PPC64_REL24, NEXT, 0}}},
     "calls cont_next, which does not return"},
    {{PPC, "00000048", .reloc = {{0, R_PPC64_REL24, NEXT, 0}}, .other = 3 << 5}, "is of 4 bytes"},
};

START_TEST(refused)
{
    const struct refusal *r = &refusals[_i];
    struct object_maker m;
    char *out, *err, want[512];

    maker_make(&m, &r->parts);
    ck_assert_msg(!run(m.file, m.size, &out, &err), "not refused: %s", r->why);
    snprintf(want, sizeof(want), "dyngen: t_x: %s\n", r->why);
    ck_assert_str_eq(err, want);
    ck_assert_str_eq(out, "");
    free(out);
    free(err);
}
END_TEST

struct made {
    struct object_parts parts;
    const char *code;    /* as in C */
    const char *patches; /* one after the other */
};

static const struct made makes[] = {
    /* The last jump is cut off. */
    {{X86, X_LOAD X_JUMP, .reloc = {{2, R_X86_64_32S, "hole_a", 8}, {7, R_X86_64_PLT32, NEXT, -4}}},
     "0x8b, 0x83, 0x00, 0x00, 0x00, 0x00,",
     "{2, PATCH_X86_ABS32, HOLE_a, 8},"},
    /* Other jumps to cont_next go to the end; one to elsewhere stays; an assembler's order does not matter. */
    {{X86, "0f84 00000000 e9 00000000 e8 00000000" X_JUMP,
      .reloc = {{17, R_X86_64_PLT32, NEXT, -4},
                {2, R_X86_64_PLT32, NEXT, -4},
                {7, R_X86_64_PLT32, "cont_exit", -4},
                {12, R_X86_64_PLT32, "slow", -4}}},
     "0x0f, 0x84, 0x0a, 0x00, 0x00, 0x00, 0xe9, 0x00, 0x00, 0x00, 0x00, 0xe8, 0x00, 0x00, 0x00, "
     "0x00,",
     "{7, PATCH_X86_PC32, CONT_exit, -4}, {12, PATCH_X86_PC32, CALL_slow, -4},"},
    /* A jump to itself by its section; the last jump is not to cont_next. */
    {{X86, X_JUMP "90 e9 00000000", .reloc = {X_NEXT, {7, R_X86_64_PC32, ".text", -4}}},
     "0xe9, 0x06, 0x00, 0x00, 0x00, 0x90, 0xe9, 0xf5, 0xff, 0xff, 0xff,",
     ""},
    {{EM_386, "8b83 00000000" X_JUMP,
      .reloc = {{2, R_386_32, "hole_a", 8}, {7, R_386_PLT32, NEXT, -4}}},
     "0x8b, 0x83, 0x08, 0x00, 0x00, 0x00,",
     "{2, PATCH_X86_ABS32, HOLE_a, 8},"},
    {{EM_386, "40" X_JUMP, .reloc = {{2, R_386_PC32, "cont_exit", -4}}},
     "0x40, 0xe9, 0xfc, 0xff, 0xff, 0xff,",
     "{2, PATCH_I386_PC32, CONT_exit, -4},"},
    {{A64, "600340b9 40000054" A_JUMP,
      .reloc = {{0, R_AARCH64_LDST32_ABS_LO12_NC, "hole_a", 4},
                {4, R_AARCH64_CONDBR19, NEXT, 0},
                {8, R_AARCH64_JUMP26, NEXT, 0}}},
     "0x60, 0x03, 0x40, 0xb9, 0x20, 0x00, 0x00, 0x54,",
     "{0, PATCH_A64_MEM32, HOLE_a, 4},"},
    {{A64, "000080d2 00000094" A_JUMP,
      .reloc = {{4, R_AARCH64_CALL26, "slow", 0}, {8, R_AARCH64_JUMP26, "cont_exit", 0}}},
     "0x00, 0x00, 0x80, 0xd2, 0x00, 0x00, 0x00, 0x94, 0x00, 0x00, 0x00, 0x14,",
     "{4, PATCH_A64_B26, CALL_slow, 0}, {8, PATCH_A64_B26, CONT_exit, 0},"},
    /* A low part with its high part, and one alone; a local branch; a far jump in the middle. */
    {{RV, "b7070000 83a50700" R_JUMP,
      .reloc = {{0, R_RISCV_HI20, "hole_a", 0},
                {4, R_RISCV_LO12_I, "hole_a", 0},
                {8, R_CALL, NEXT, 0}}},
     "0xb7, 0x07, 0x00, 0x00, 0x83, 0xa5, 0x07, 0x00,",
     "{0, PATCH_RV_HI20, HOLE_a, 0}, {4, PATCH_RV_LO12_I, HOLE_a, 0},"},
    {{RV, "83a50400" R_JUMP, .reloc = {{0, R_RISCV_LO12_I, "hole_a", 0}, {4, R_CALL, NEXT, 0}}},
     "0x83, 0xa5, 0x04, 0x00,",
     "{0, PATCH_RV_IMM12_I, HOLE_a, 0},"},
    {{RV, "63840700" R_JUMP R_JUMP,
      .reloc = {{0, R_RISCV_BRANCH, ".text", 12},
                {4, R_CALL, NEXT, 0},
                {12, R_CALL, "cont_exit", 0}}},
     "0x63, 0x86, 0x07, 0x00, 0x6f, 0x00, 0x00, 0x01, 0x13, 0x00, 0x00, 0x00, 0x17, 0x03, 0x00, "
     "0x00, "
     "0x67, 0x00, 0x03, 0x00,",
     "{12, PATCH_RV_TAIL, CONT_exit, 0},"},
    /* r2 is not made of r12. */
    {{PPC, "00004c3c 00004238 00006e80 01000048 00000060" P_JUMP,
      .reloc = {{0, R_PPC64_REL16_HA, ".TOC.", 0},
                {4, R_PPC64_REL16_LO, ".TOC.", 4},
                {8, R_PPC64_ADDR16_LO, "hole_a", 0},
                {12, R_PPC64_REL24, "slow", 0},
                {20, R_PPC64_REL24, NEXT, 0}},
      .other = 3 << 5},
     "0x00, 0x00, 0x6e, 0x80, 0x01, 0x00, 0x00, 0x48, 0x00, 0x00, 0x00, 0x60,",
     "{0, PATCH_PPC_SI16, HOLE_a, 0}, {4, PATCH_PPC_B24, CALL_slow, 0},"},
    {{PPC, "0000603c 00006338" P_JUMP,
      .reloc = {{0, R_PPC64_ADDR16_HA, "hole_imm", 0},
                {4, R_PPC64_ADDR16_LO, "hole_imm", 0},
                {8, R_PPC64_REL24, NEXT, 0}}},
     "0x00, 0x00, 0x60, 0x3c, 0x00, 0x00, 0x63, 0x38,",
     "{0, PATCH_PPC_HA, HOLE_imm, 0}, {4, PATCH_PPC_LO, HOLE_imm, 0},"},
};

/* What is between two texts of the output, with one space for white space. */
static void between(const char *out, const char *from, const char *to, char *part)
{
    const char *c = strstr(out, from), *end;

    ck_assert_msg(c && (end = strstr(c, to)), "no %s in %s", from, out);
    for (c += strlen(from); c < end; c++)
        if (!strchr(" \n", *c))
            *part++ = *c;
        else if (strchr(" \n", c[-1]) == NULL && c + 1 < end)
            *part++ = ' ';
    *part = '\0';
}

START_TEST(stencil)
{
    const struct made *t = &makes[_i];
    struct object_maker m;
    char *out, *err, part[2048];

    maker_make(&m, &t->parts);
    ck_assert_msg(run(m.file, m.size, &out, &err), "%s", err);
    ck_assert_str_eq(err, "");
    between(out, "code_x[] = {\n    ", "\n};", part);
    ck_assert_str_eq(part, t->code);
    if (*t->patches) {
        between(out, "patches_x[] = {\n    ", "\n};", part);
        ck_assert_str_eq(part, t->patches);
    }
    ck_assert(
        strstr(out, *t->patches ? "sizeof(code_x), patches_x, " : "sizeof(code_x), NULL, 0}"));
    free(out);
    free(err);
}
END_TEST

/* What is not about one template. */
static const struct refusal whole[] = {
    {{X86, X_LOAD X_JUMP, .reloc = {{7, R_X86_64_PLT32, NEXT, -4}}, .name = "t_x.part.0"},
     "dyngen: t_x.part.0: its name is no C identifier\n"},
    {{X86, X_JUMP, .reloc = {X_NEXT}, .name = "t_\n*/"},
     "dyngen: t_?*/: its name is no C identifier\n"},
    {{X86, X_LOAD X_JUMP, .reloc = {{7, R_X86_64_PLT32, NEXT, -4}}, .name = "x"},
     "dyngen: no templates: no function t_*\n"},
    {{X86, X_LOAD X_JUMP, .reloc = {{7, R_X86_64_PLT32, NEXT, -4}}, .type = STT_OBJECT},
     "dyngen: no templates: no function t_*\n"},
    {{EM_ARM, X_JUMP, .reloc = {X_NEXT}},
     "dyngen: an object for machine 40: x86-64, i386, aarch64, riscv64 and ppc64le are known\n"},
};

START_TEST(refused_whole)
{
    struct object_maker m;
    char *out, *err;

    maker_make(&m, &whole[_i].parts);
    ck_assert(!run(m.file, m.size, &out, &err));
    ck_assert_str_eq(err, whole[_i].why);
    ck_assert_str_eq(out, "");
    free(out);
    free(err);
}
END_TEST

/* A copy of just that many bytes, so that sanitizers see what is read behind them. */
static bool run_copy(const u8 *file, u32 size)
{
    u8 *copy = malloc(size ? size : 1);
    char *out, *err;
    bool made;

    memcpy(copy, file, size);
    made = run(copy, size, &out, &err);
    ck_assert(made ? !*err : *err && !*out);
    free(copy);
    free(out);
    free(err);
    return made;
}

/* The sections' headers are the file's end. */
START_TEST(cut_short)
{
    struct object_maker m;
    u32 size;

    maker_make(&m, &makes[_i].parts);
    for (size = 0; size < m.size; size++)
        ck_assert(!run_copy(m.file, size));
    ck_assert(run_copy(m.file, size));
}
END_TEST

/* Any answer will do. */
START_TEST(hostile)
{
    static const u8 change[] = {0x01, 0x80, 0xff, 0x7e};
    struct object_maker m;
    u32 at, i;

    maker_make(&m, &makes[_i].parts);
    for (at = 0; at < m.size; at++)
        for (i = 0; i < ARRAY_SIZE(change); i++) {
            m.file[at] ^= change[i];
            run_copy(m.file, m.size);
            m.file[at] ^= change[i];
        }
}
END_TEST

/* The compiler's text is a comment, which it cannot end. */
START_TEST(listing)
{
    static const char text[] =
        "\t.text\nt_y:\n\tnop\nt_x:\n\t.cfi\n#APP\n\tmovl\thole_a(%rbx), %eax */\n"
        ".L2:\n\tjmp\tcont_next\n\t.size\tt_x, .-t_x\n\tret\n";
    struct object_maker m;
    char *out;
    size_t size;
    FILE *file = open_memstream(&out, &size);

    maker_make(&m, &makes[0].parts);
    ck_assert(dyngen(m.file, m.size, text, file, stderr));
    fclose(file);
    ck_assert(strstr(
        out, "/* x\n *  movl hole_a(%rbx), %eax * /\n * .L2:\n *  jmp cont_next\n */\nstatic"));
    free(out);
}
END_TEST

START_TEST(empty)
{
    static const struct object_parts parts = {X86, X_JUMP, .reloc = {X_NEXT}};
    struct object_maker m;
    char *out, *err;

    maker_make(&m, &parts);
    ck_assert_msg(run(m.file, m.size, &out, &err), "%s", err);
    ck_assert(strstr(out, "{\"x\", NULL, 0, NULL, 0},") && !strstr(out, "code_x"));
    free(out);
    free(err);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dyngen");
    TCase *tcase = tcase_create("dyngen");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, refused, 0, ARRAY_SIZE(refusals));
    tcase_add_loop_test(tcase, stencil, 0, ARRAY_SIZE(makes));
    tcase_add_loop_test(tcase, refused_whole, 0, ARRAY_SIZE(whole));
    tcase_add_loop_test(tcase, cut_short, 0, ARRAY_SIZE(makes));
    tcase_add_loop_test(tcase, hostile, 0, ARRAY_SIZE(makes));
    tcase_add_test(tcase, empty);
    tcase_add_test(tcase, listing);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
