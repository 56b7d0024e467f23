/* Tests the decoder: exact fields and texts in both code sizes, rules of prefixes and models, and
 * that no byte string makes it misbehave. tests/diff/decode_zydis.c compares it with another. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "translate/decode/decode.h"

#define BIT(feature) (1u << (feature))

static const struct cpu_model pentium3 = {.features = BIT(FEAT_SSE2) - 1};
static const struct cpu_model i386 = {.features = BIT(FEAT_BASE)};

struct bytes {
    u8 byte[16];
    unsigned len;    /* bytes that can be fetched */
    unsigned misuse; /* fetches out of order or out of range */
    unsigned next;
};

static bool fetch(void *opaque, unsigned offset, u8 *byte)
{
    struct bytes *bytes = opaque;

    if (offset != bytes->next || offset > 14)
        bytes->misuse++;
    bytes->next = offset + 1;
    if (offset >= bytes->len)
        return false;
    *byte = bytes->byte[offset];
    return true;
}

static enum decode_status run(struct bytes *bytes, bool code32, const struct cpu_model *model,
                              bool protected_mode, struct insn *insn)
{
    struct decode_input in = {.code32 = code32,
                              .model = model,
                              .protected_mode = protected_mode,
                              .fetch = fetch,
                              .opaque = bytes};

    enum decode_status status;
    unsigned misuse;

    bytes->next = bytes->misuse = 0;
    status = decode(&in, insn);
    misuse = bytes->misuse;
    /* The same with some or all of them given at once. */
    for (unsigned parts = 2; parts > 0; parts--) {
        struct insn again;

        in.bytes = bytes->byte;
        in.count = (bytes->len < INSN_MAX ? bytes->len : INSN_MAX) / parts;
        bytes->next = in.count;
        bytes->misuse = 0;
        /* Not ck_assert, which writes on success as well: this runs millions of times. */
        if (decode(&in, &again) != status || bytes->misuse ||
            memcmp(&again, insn, sizeof(again)) != 0)
            ck_abort_msg("%u bytes given at once", in.count);
    }
    bytes->misuse = misuse;
    return status;
}

static struct bytes from_hex(const char *hex)
{
    struct bytes bytes = {.len = 0};
    char *end;

    for (;; hex = end) {
        unsigned long value = strtoul(hex, &end, 16);

        if (end == hex || bytes.len == 16)
            return bytes;
        bytes.byte[bytes.len++] = (u8)value;
    }
}

static const struct {
    const char *hex, *text32;
    unsigned len32;
    const char *text16;
    unsigned len16;
} texts[] = {
#define TEXT(...) {__VA_ARGS__},
#include "tests/unit/decode_texts.def"
#undef TEXT
};

static void check_text(const char *hex, bool code32, const char *text, unsigned len)
{
    struct bytes bytes = from_hex(hex);
    struct insn insn;
    char buf[96];

    bytes.len = 16; /* what follows are zeroes */
    ck_assert_int_eq(run(&bytes, code32, &pentium3, true, &insn), DECODE_OK);
    insn_format(&insn, 0x1000, buf, sizeof(buf));
    if (strcmp(text, "?") == 0)
        text = "ud";
    ck_assert_msg(strcmp(buf, text) == 0 && insn.length == len && bytes.misuse == 0,
                  "%s in %d-bit code: \"%s\", %u bytes, not \"%s\", %u", hex, code32 ? 32 : 16, buf,
                  insn.length, text, len);
}

START_TEST(test_texts)
{
    if (texts[_i].text32)
        check_text(texts[_i].hex, true, texts[_i].text32, texts[_i].len32);
    if (texts[_i].text16)
        check_text(texts[_i].hex, false, texts[_i].text16, texts[_i].len16);
}
END_TEST

/* Fields that the text does not show, in 32-bit code. */
START_TEST(test_fields)
{
    struct insn insn;
    struct bytes bytes = from_hex("f0 83 44 8b fc 80");

    ck_assert_int_eq(run(&bytes, true, &pentium3, true, &insn), DECODE_OK);
    ck_assert_uint_eq(insn.op, I_ADD);
    ck_assert_uint_eq(insn.length, 6);
    ck_assert_uint_eq(insn.osz, 4);
    ck_assert_uint_eq(insn.asz, 4);
    ck_assert_uint_eq(insn.opcode, 0x83);
    ck_assert_uint_eq(insn.modrm, 0x44);
    ck_assert(insn.lock && insn.has_mem);
    ck_assert_uint_eq(insn.mem.seg, SREG_DS);
    ck_assert_uint_eq(insn.mem.base, R_EBX);
    ck_assert_uint_eq(insn.mem.index, R_ECX);
    ck_assert_uint_eq(insn.mem.shift, 2);
    ck_assert_uint_eq(insn.mem.disp, 0xfffffffc);
    ck_assert_uint_eq(insn.operand[0].kind, OP_MEM);
    ck_assert_uint_eq(insn.operand[0].size, 4);
    ck_assert_uint_eq(insn.operand[1].kind, OP_IMM);
    ck_assert_uint_eq(insn.operand[1].imm, 0xffffff80);
    ck_assert_uint_eq(insn.operand[2].kind, OP_NONE);
    ck_assert_uint_eq(insn_rows[insn.row].opcode, 0x83);
    ck_assert_uint_eq(insn_rows[insn.row].ext, 0);

    bytes = from_hex("0f b6 c4");
    ck_assert_int_eq(run(&bytes, true, &pentium3, true, &insn), DECODE_OK);
    ck_assert_uint_eq(insn.operand[0].size, 4);
    ck_assert_uint_eq(insn.operand[1].size, 1);
    ck_assert_uint_eq(insn.operand[1].reg, 4); /* AH */
    ck_assert(!insn.has_mem);

    bytes = from_hex("36 f3 67 66 a5");
    ck_assert_int_eq(run(&bytes, true, &pentium3, true, &insn), DECODE_OK);
    ck_assert_uint_eq(insn.op, I_MOVS);
    ck_assert_uint_eq(insn.rep, REP_E);
    ck_assert_uint_eq(insn.osz, 2);
    ck_assert_uint_eq(insn.asz, 2);
    ck_assert_uint_eq(insn.operand[0].size, 2);
    ck_assert_uint_eq(insn.mem.seg, SREG_SS);

    bytes = from_hex("0f 8e 00 00 00 80");
    ck_assert_int_eq(run(&bytes, true, &pentium3, true, &insn), DECODE_OK);
    ck_assert_uint_eq(insn.op, I_JCC);
    ck_assert_uint_eq(insn.cc, 14);
    ck_assert_uint_eq(insn.operand[0].kind, OP_REL);
    ck_assert_uint_eq(insn.operand[0].imm, 0x80000000);

    bytes = from_hex("e9 00 80"); /* 16-bit displacements are sign-extended */
    ck_assert_int_eq(run(&bytes, false, &pentium3, true, &insn), DECODE_OK);
    ck_assert_uint_eq(insn.operand[0].imm, 0xffff8000);

    bytes = from_hex("ea 78 56 34 12");
    ck_assert_int_eq(run(&bytes, false, &pentium3, true, &insn), DECODE_OK);
    ck_assert_uint_eq(insn.op, I_JMPF);
    ck_assert_uint_eq(insn.operand[0].kind, OP_FAR);
    ck_assert_uint_eq(insn.operand[0].sel, 0x1234);
    ck_assert_uint_eq(insn.operand[0].imm, 0x5678);
    ck_assert_uint_eq(insn.operand[0].size, 4);

    bytes = from_hex("f3 88 07"); /* F3 repeats nothing here */
    ck_assert_int_eq(run(&bytes, true, &pentium3, true, &insn), DECODE_OK);
    ck_assert_uint_eq(insn.rep, REP_NO);
}
END_TEST

/* LOCK needs an instruction that reads and writes memory, and its memory form. */
static const struct {
    const char *hex;
    bool legal;
} locks[] = {
    {"f0 00 00", true},        {"f0 01 00", true},       {"f0 08 00", true},
    {"f0 10 00", true},        {"f0 18 00", true},       {"f0 20 00", true},
    {"f0 28 00", true},        {"f0 30 00", true},       {"f0 38 00", false},
    {"f0 00 c0", false},       {"f0 02 00", false},      {"f0 04 00", false},
    {"f0 80 00 01", true},     {"f0 81 30 01", true},    {"f0 83 38 01", false},
    {"f0 83 c0 01", false},    {"f0 82 00 01", true},    {"f0 86 00", true},
    {"f0 87 00", true},        {"f0 87 c0", false},      {"f0 f6 10", true},
    {"f0 f7 18", true},        {"f0 f7 d8", false},      {"f0 f7 00", false},
    {"f0 f7 20", false},       {"f0 fe 00", true},       {"f0 ff 08", true},
    {"f0 ff 30", false},       {"f0 40", false},         {"f0 0f ab 00", true},
    {"f0 0f b3 00", true},     {"f0 0f bb 00", true},    {"f0 0f a3 00", false},
    {"f0 0f ba 20 01", false}, {"f0 0f ba 28 01", true}, {"f0 0f ba e8 01", false},
    {"f0 0f b0 00", true},     {"f0 0f b1 00", true},    {"f0 0f c1 00", true},
    {"f0 0f c7 08", true},     {"f0 90", false},         {"f0 a4", false},
    {"f0 89 00", false},       {"f0 84 00", false},      {"f0 d1 00", false},
    {"f0 0f a4 00 01", false}, {"f0 d9 00", false},      {"f0 0f 20 c0", false},
};

START_TEST(test_lock)
{
    struct bytes bytes = from_hex(locks[_i].hex);
    struct insn insn;

    bytes.len = 16;
    for (int code32 = 0; code32 < 2; code32++) {
        ck_assert_int_eq(run(&bytes, code32, &pentium3, true, &insn), DECODE_OK);
        ck_assert_msg((insn.op != I_UD) == locks[_i].legal, "%s", locks[_i].hex);
        ck_assert(insn.lock == locks[_i].legal);
    }
}
END_TEST

/* What each model needs: undefined on a 386, or without just this feature. */
static const struct {
    const char *hex;
    enum cpu_feature feature;
    enum insn_op op;
} gates[] = {
    {"0f c8", FEAT_486, I_BSWAP},
    {"0f c1 00", FEAT_486, I_XADD},
    {"0f b0 00", FEAT_486, I_CMPXCHG},
    {"0f 01 38", FEAT_486, I_INVLPG},
    {"0f 08", FEAT_486, I_INVD},
    {"0f 09", FEAT_486, I_WBINVD},
    {"0f a2", FEAT_CPUID, I_CPUID},
    {"0f 20 e0", FEAT_CPUID, I_MOVCR},
    {"0f 31", FEAT_TSC, I_RDTSC},
    {"0f 30", FEAT_MSR, I_WRMSR},
    {"0f 32", FEAT_MSR, I_RDMSR},
    {"0f c7 08", FEAT_CX8, I_CMPXCHG8B},
    {"0f 4f c0", FEAT_CMOV, I_CMOV},
    {"0f 33", FEAT_P6, I_RDPMC},
    {"0f 1f c0", FEAT_P6, I_NOP},
    {"0f 18 00", FEAT_P6, I_NOP},
    {"0f 34", FEAT_SEP, I_SYSENTER},
    {"0f 35", FEAT_SEP, I_SYSEXIT},
    {"0f 77", FEAT_MMX, I_MMX},
    {"0f 73 f0 01", FEAT_MMX, I_MMX},
    {"0f ae 00", FEAT_FXSR, I_FXSAVE},
    {"0f ae 08", FEAT_FXSR, I_FXRSTOR},
    {"0f ae 10", FEAT_SSE, I_SSE},
    {"0f ae f8", FEAT_SSE, I_SSE},
    {"0f 28 c0", FEAT_SSE, I_SSE},
    {"f3 0f 10 00", FEAT_SSE, I_SSE},
    {"0f 70 c0 00", FEAT_SSE, I_SSE},
    {"66 0f 28 c0", FEAT_SSE2, I_SSE},
    {"f2 0f 10 00", FEAT_SSE2, I_SSE},
    {"f3 0f 6f 00", FEAT_SSE2, I_MMX},
    {"66 0f ef c0", FEAT_SSE2, I_MMX},
    {"0f ae e8", FEAT_SSE2, I_SSE},
    {"0f ae 38", FEAT_SSE2, I_SSE},
    {"0f d4 c0", FEAT_SSE2, I_SSE},
    {"f2 0f d6 c0", FEAT_SSE2, I_SSE},
    {"66 0f 73 f8 01", FEAT_SSE2, I_SSE},
    {"f2 0f f0 00", FEAT_SSE3, I_SSE},
    {"66 0f 7c c0", FEAT_SSE3, I_SSE},
    {"f3 0f 12 c0", FEAT_SSE3, I_SSE},
    {"f2 0f 12 c0", FEAT_SSE3, I_SSE},
    {"f3 0f 16 00", FEAT_SSE3, I_SSE},
    {"f2 0f d0 c0", FEAT_SSE3, I_SSE},
    {"0f 01 c8", FEAT_MONITOR, I_MONITOR},
    {"0f 01 c9", FEAT_MONITOR, I_MWAIT},
};

START_TEST(test_models)
{
    struct cpu_model model = {.features = BIT(FEAT_COUNT) - 1};
    struct bytes bytes = from_hex(gates[_i].hex);
    struct insn insn;

    ck_assert_int_eq(run(&bytes, true, &model, true, &insn), DECODE_OK);
    ck_assert_msg(insn.op == gates[_i].op, "%s", gates[_i].hex);
    model.features &= ~BIT(gates[_i].feature);
    ck_assert_int_eq(run(&bytes, true, &model, true, &insn), DECODE_OK);
    ck_assert_msg(insn.op == I_UD, "%s", gates[_i].hex);
    ck_assert_int_eq(run(&bytes, true, &i386, true, &insn), DECODE_OK);
    ck_assert_uint_eq(insn.op, I_UD);
}
END_TEST

START_TEST(test_protected_only)
{
    static const char *const hexes[] = {"63 c0",    "0f 00 c0", "0f 00 c8", "0f 00 d0", "0f 00 d8",
                                        "0f 00 e0", "0f 00 e8", "0f 02 c0", "0f 03 c0"};
    struct insn insn;

    for (unsigned i = 0; i < ARRAY_SIZE(hexes); i++) {
        struct bytes bytes = from_hex(hexes[i]);

        ck_assert_int_eq(run(&bytes, true, &pentium3, false, &insn), DECODE_OK);
        ck_assert_msg(insn.op == I_UD, "%s", hexes[i]);
        ck_assert_int_eq(run(&bytes, true, &pentium3, true, &insn), DECODE_OK);
        ck_assert_msg(insn.op != I_UD, "%s", hexes[i]);
    }
}
END_TEST

/* A fetch that is refused reports the byte's offset; every prefix of an instruction is refused. */
START_TEST(test_fetch)
{
    static const struct {
        const char *hex;
        unsigned len;
    } cases[] = {{"26 66 81 84 88 01 02 03 04 05 06", 11},
                 {"0f 8c 01 02 03 04", 6},
                 {"9a 01 02 03 04 05 06", 7},
                 {"c8 01 02 03", 4},
                 {"0f a4 45 01 02", 5},
                 {"90", 1}};
    struct insn insn;

    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        for (unsigned len = 0; len <= cases[i].len; len++) {
            struct bytes bytes = from_hex(cases[i].hex);

            bytes.len = len;
            ck_assert_int_eq(run(&bytes, true, &pentium3, true, &insn),
                             len < cases[i].len ? DECODE_FETCH : DECODE_OK);
            ck_assert_uint_eq(insn.length, len);
            ck_assert_uint_eq(bytes.misuse, 0);
        }
    }
}
END_TEST

/* 15 bytes are an instruction, 16 are #GP, and the sixteenth is not even fetched. */
START_TEST(test_length_limit)
{
    struct bytes bytes = {.len = 16};
    struct insn insn;

    memset(bytes.byte, 0x2e, 14);
    bytes.byte[14] = 0x90;
    ck_assert_int_eq(run(&bytes, true, &pentium3, true, &insn), DECODE_OK);
    ck_assert_uint_eq(insn.op, I_NOP);
    ck_assert_uint_eq(insn.length, 15);
    bytes.byte[14] = 0x2e;
    ck_assert_int_eq(run(&bytes, true, &pentium3, true, &insn), DECODE_LONG);
    ck_assert_uint_eq(bytes.misuse, 0);
    bytes.byte[14] = 0xb0; /* MOV AL: its immediate would be the sixteenth byte */
    ck_assert_int_eq(run(&bytes, true, &pentium3, true, &insn), DECODE_LONG);
    ck_assert_uint_eq(bytes.misuse, 0);
    bytes = from_hex("2e 2e 2e 2e 66 c7 84 24 01 02 03 04 05 06");
    ck_assert_int_eq(run(&bytes, true, &pentium3, true, &insn), DECODE_OK);
    ck_assert_uint_eq(insn.length, 14);
    bytes.byte[0] = 0x66;
    bytes.byte[4] = 0x2e;
    bytes.len = 14;
    ck_assert_int_eq(run(&bytes, true, &pentium3, true, &insn), DECODE_OK);
    ck_assert_uint_eq(insn.length, 14);
}
END_TEST

/* Undefined flags are a property of the row. */
START_TEST(test_undefined_flags)
{
    static const struct {
        const char *hex;
        u32 undefined;
    } cases[] = {{"01 c0", 0},
                 {"21 c0", FL_AF},
                 {"85 c0", FL_AF},
                 {"f7 e0", FL_SF | FL_ZF | FL_AF | FL_PF},
                 {"0f af c0", FL_SF | FL_ZF | FL_AF | FL_PF},
                 {"f7 f0", FL_ARITH},
                 {"d1 e0", FL_AF},
                 {"d3 e0", FL_AF | FL_OF | FL_CF},
                 {"d1 c0", 0},
                 {"d3 c0", FL_OF},
                 {"0f a3 c0", FL_OF | FL_SF | FL_AF | FL_PF},
                 {"0f bc c0", FL_ARITH & ~FL_ZF},
                 {"27", FL_OF},
                 {"37", FL_OF | FL_SF | FL_ZF | FL_PF},
                 {"d4 0a", FL_OF | FL_AF | FL_CF},
                 {"40", 0}};
    struct insn insn;

    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        struct bytes bytes = from_hex(cases[i].hex);

        ck_assert_int_eq(run(&bytes, true, &pentium3, true, &insn), DECODE_OK);
        ck_assert_msg(insn_rows[insn.row].undefined == cases[i].undefined, "%s", cases[i].hex);
    }
}
END_TEST

/* Prefixes and ModRM bytes that make no instruction even with all features. */
START_TEST(test_simd_undefined)
{
    static const char *const hexes[] = {
        "f3 0f fc c0", "f2 0f fc c0", "66 0f 77",    "f3 0f 54 c0", "f3 0f 14 c0", "f2 0f 52 c0",
        "66 0f 53 c0", "0f 13 c0",    "66 0f 12 c0", "0f 7c c0",    "0f d0 c0",    "f2 0f 16 c0",
        "0f 6c c0",    "0f 6d c0",    "0f d6 c0",    "0f e6 c0",    "0f 73 d8 01", "0f 73 f8 01",
        "0f 71 10 01", "66 0f 71 00", "0f 50 00",    "0f c5 00 01", "0f d7 00",    "0f e7 c0",
        "0f f7 00",    "0f c3 c0",    "66 0f c3 00", "66 0f ae 10", "f3 0f ae f8", "0f ae e0",
        "f2 0f f0 c0", "f3 0f 7c c0", "f3 0f d0 c0", "f0 0f 58 00", "f0 0f 6f 00", "f3 0f d6 00",
    };
    struct cpu_model model = {.features = BIT(FEAT_COUNT) - 1};
    struct insn insn;

    for (unsigned i = 0; i < ARRAY_SIZE(hexes); i++) {
        struct bytes bytes = from_hex(hexes[i]);

        bytes.len = 16;
        ck_assert_int_eq(run(&bytes, true, &model, true, &insn), DECODE_OK);
        ck_assert_msg(insn.op == I_UD, "%s", hexes[i]);
        ck_assert_uint_eq(insn.simd, 0);
    }
}
END_TEST

/* Each row is found by an encoding made from it (UD's rows excepted). */
START_TEST(test_rows)
{
    const struct cpu_model model = {.features = BIT(FEAT_COUNT) - 1};
    struct insn insn;

    for (unsigned i = 0; i < insn_row_count; i++) {
        const struct insn_row *row = &insn_rows[i];
        struct bytes bytes = {.len = 15};
        unsigned n = 0, mod;
        u8 modrm;

        /* There are opcodes that mean nothing without a prefix. */
        mod = row->traits & IT_REG ? 0xc0 : 0;
        modrm = (u8)(mod | (row->ext == EXT_NONE ? 0 : row->ext << 3));
        if ((row->traits & IT_SIMD) && !simd_find(SIMD_NP, (u8)row->opcode, modrm))
            bytes.byte[n++] = simd_find(SIMD_P66, (u8)row->opcode, modrm) ? 0x66 : 0xf2;
        if (row->opcode >> 8)
            bytes.byte[n++] = 0x0f;
        if (row->opcode >> 8 == 2)
            bytes.byte[n++] = 0x01;
        bytes.byte[n++] = (u8)row->opcode;
        bytes.byte[n] = modrm;
        ck_assert_int_eq(run(&bytes, true, &model, true, &insn), DECODE_OK);
        ck_assert_msg(insn.op == row->op, "%s %x", row->name, row->opcode);
        ck_assert(insn.op == I_UD || insn.row == i);
        ck_assert_str_eq(row->name, insn_op_name((enum insn_op)row->op));
    }
    ck_assert_str_eq(insn_op_name(I_CMPXCHG8B), "cmpxchg8b");
    ck_assert_str_eq(insn_op_name(I_OR), "or");
}
END_TEST

/* Formatting never writes beyond its buffer. */
START_TEST(test_short_buffer)
{
    struct bytes bytes = from_hex("f0 81 84 88 44 33 22 11 88 77 66 55");
    struct insn insn;
    char buf[64];

    ck_assert_int_eq(run(&bytes, true, &pentium3, true, &insn), DECODE_OK);
    for (size_t len = 0; len < sizeof(buf) - 1; len++) {
        memset(buf, '#', sizeof(buf));
        ck_assert_ptr_eq(insn_format(&insn, 0, buf, len), buf);
        ck_assert_int_eq(buf[len], '#');
        ck_assert(len == 0 || memchr(buf, '\0', len) != NULL);
    }
}
END_TEST

static u64 next_random(u64 *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static bool sane_operand(const struct insn *insn, const struct operand *operand)
{
    switch (operand->kind) {
    case OP_NONE: return true;
    case OP_REG:
        return operand->reg < 8 && (operand->size == 1 || operand->size == 2 || operand->size == 4);
    case OP_MEM: return insn->has_mem;
    case OP_SREG: return operand->reg < SREG_COUNT;
    case OP_CREG: return operand->reg < 5;
    case OP_DREG:
    case OP_MMX:
    case OP_XMM: return operand->reg < 8;
    default: return operand->kind <= OP_FAR;
    }
}

static bool sane_mem(const struct mem_operand *mem)
{
    return mem->seg < SREG_COUNT && (mem->base < 8 || mem->base == REG_NONE) &&
           (mem->index < 8 || mem->index == REG_NONE) && mem->index != R_ESP && mem->shift <= 3;
}

static bool sane(const struct bytes *bytes, enum decode_status status, const struct insn *insn)
{
    if (bytes->misuse || insn->op >= I_COUNT || insn->row >= insn_row_count || insn->length > 15)
        return false;
    if ((insn->osz != 2 && insn->osz != 4) || (insn->asz != 2 && insn->asz != 4))
        return false;
    if (status == DECODE_FETCH)
        return insn->length == bytes->len;
    if (status == DECODE_LONG)
        return insn->length == 15;
    if (insn->length < 1 || insn->length > bytes->len || (insn->has_mem && !sane_mem(&insn->mem)))
        return false;
    for (unsigned n = 0; n < 3; n++)
        if (!sane_operand(insn, &insn->operand[n]) ||
            (insn->op == I_UD && insn->operand[n].kind != OP_NONE))
            return false;
    return true;
}

START_TEST(test_random)
{
    u64 rng = 0x2545f4914f6cdd1du;
    unsigned undefined = 0;

    for (unsigned i = 0; i < 1000000; i++) {
        struct bytes bytes;
        struct insn insn;
        u64 words[2] = {next_random(&rng), next_random(&rng)};
        u64 r = next_random(&rng) >> 16;
        enum decode_status status;
        char buf[96];

        memcpy(bytes.byte, words, sizeof(words));
        bytes.len = r >> 8 & 1 ? 15 : (unsigned)(r & 15);
        if (r >> 9 & 1)
            bytes.byte[0] = 0x0f;
        status = run(&bytes, r >> 10 & 1, r >> 11 & 1 ? &pentium3 : &i386, r >> 12 & 1, &insn);
        if (!sane(&bytes, status, &insn))
            ck_abort_msg("sample %u is decoded to nonsense", i);
        insn_format(&insn, (u32)r, buf, sizeof(buf));
        undefined += status == DECODE_OK && insn.op == I_UD;
    }
    ck_assert_uint_gt(undefined, 10000);
    ck_assert_uint_lt(undefined, 700000);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("decode");
    TCase *tcase = tcase_create("decode");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, test_texts, 0, ARRAY_SIZE(texts));
    tcase_add_loop_test(tcase, test_lock, 0, ARRAY_SIZE(locks));
    tcase_add_loop_test(tcase, test_models, 0, ARRAY_SIZE(gates));
    tcase_add_test(tcase, test_fields);
    tcase_add_test(tcase, test_protected_only);
    tcase_add_test(tcase, test_fetch);
    tcase_add_test(tcase, test_length_limit);
    tcase_add_test(tcase, test_undefined_flags);
    tcase_add_test(tcase, test_simd_undefined);
    tcase_add_test(tcase, test_rows);
    tcase_add_test(tcase, test_short_buffer);
    tcase_add_test(tcase, test_random);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
