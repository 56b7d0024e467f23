/* Compares decode() with Zydis on every opcode and ModRM byte, then on random bytes.
 *
 * Needs libZydis, for the test only:
 *   build/soft/diff/decode_zydis [COUNT [SEED]]
 * Prints every difference that is not an accepted one, at most 40 of them; exit status 1 when there
 * was any. Accepted differences are the rules of accepted(), each with its reason. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <Zydis/Zydis.h>

#include "cpu/cpuid.h"
#include "translate/decode/decode.h"

/* Samples are for any of them. */
static const char *const models[] = {"486",      "pentium",  "pentium2",
                                     "pentium3", "pentium4", "coreduo"};

struct sample {
    u8 bytes[16];
    bool code32;
    const struct cpu_model *model;
};

struct result { /* one sample, decoded by both */
    const struct sample *sample;
    struct insn insn;
    enum decode_status status;
    bool valid; /* Zydis's opinion */
    ZydisDecodedInstruction z;
    ZydisDecodedOperand zop[ZYDIS_MAX_OPERAND_COUNT];
    const char *what; /* first field that differs */
};

static bool fetch(void *opaque, unsigned offset, u8 *byte)
{
    *byte = ((const struct sample *)opaque)->bytes[offset];
    return true;
}

/* The feature that a model must have for an instruction, by Zydis's word for its instruction set. FEAT_COUNT:
 * no model has it. */
static enum cpu_feature feature_of(const ZydisDecodedInstruction *z)
{
    static const u8 late_mmx[] = {0x70, 0xc4, 0xc5, 0xd7, 0xda, 0xde, 0xe0,
                                  0xe3, 0xe4, 0xe7, 0xea, 0xee, 0xf6, 0xf7};

    switch (z->meta.isa_set) {
    case ZYDIS_ISA_SET_SSE3: return FEAT_SSE3;
    case ZYDIS_ISA_SET_SSE3X87: return FEAT_BASE; /* the x87 unit's business */
    case ZYDIS_ISA_SET_MONITOR: return FEAT_MONITOR;
    case ZYDIS_ISA_SET_CLFSH:
    case ZYDIS_ISA_SET_SSE2:
    case ZYDIS_ISA_SET_SSE2MMX: return FEAT_SSE2;
    case ZYDIS_ISA_SET_SSE:
    case ZYDIS_ISA_SET_SSEMXCSR: return FEAT_SSE;
    case ZYDIS_ISA_SET_FXSAVE: return FEAT_FXSR;
    case ZYDIS_ISA_SET_PENTIUMMMX:
        /* MMX instructions that came with SSE. (SDM vol. 1, 10.4.4) */
        for (unsigned i = 0; i < sizeof(late_mmx); i++)
            if (z->opcode == late_mmx[i])
                return FEAT_SSE;
        return FEAT_MMX;
    case ZYDIS_ISA_SET_CMOV: return FEAT_CMOV;
    case ZYDIS_ISA_SET_SSE_PREFETCH: /* NOPs to a P6 */
    case ZYDIS_ISA_SET_PREFETCH_NOP:
    case ZYDIS_ISA_SET_FAT_NOP:
    case ZYDIS_ISA_SET_RDPMC: return FEAT_P6;
    case ZYDIS_ISA_SET_PPRO: return FEAT_SEP; /* UD2 and SYSENTER */
    case ZYDIS_ISA_SET_PENTIUMREAL: return FEAT_TSC;
    case ZYDIS_ISA_SET_I486:
    case ZYDIS_ISA_SET_I486REAL: return FEAT_486;
    case ZYDIS_ISA_SET_FCMOV: /* the x87 unit's business */
    case ZYDIS_ISA_SET_I186:
    case ZYDIS_ISA_SET_I286PROTECTED:
    case ZYDIS_ISA_SET_I286REAL:
    case ZYDIS_ISA_SET_I386:
    case ZYDIS_ISA_SET_I86:
    case ZYDIS_ISA_SET_LAHF:
    case ZYDIS_ISA_SET_PAUSE:
    case ZYDIS_ISA_SET_X87: return FEAT_BASE;
    default: return FEAT_COUNT;
    }
}

static bool is_period(const struct result *r)
{
    enum cpu_feature feature = feature_of(&r->z);

    return feature != FEAT_COUNT && cpu_has(r->sample->model, feature);
}

/* Differences of validity that are meant. */
static bool accepted(const struct result *r)
{
    const struct insn *insn = &r->insn;
    bool map1 = insn_rows[insn->row].opcode >> 8;

    if (insn->op == I_UD) {
        if (!is_period(r))
            return true; /* younger than the model */
        if (r->z.opcode_map == ZYDIS_OPCODE_MAP_0F && r->z.opcode == 0x0d)
            return true; /* PREFETCH and PREFETCHW are AMD's, and NOPs of Intel's only later */
        switch (r->z.mnemonic) {
        case ZYDIS_MNEMONIC_UD0:
        case ZYDIS_MNEMONIC_UD1:
        case ZYDIS_MNEMONIC_UD2: return true; /* #UD is what they do */
        case ZYDIS_MNEMONIC_RSM: return true; /* there is no system management mode here */
        case ZYDIS_MNEMONIC_SYSCALL:
        case ZYDIS_MNEMONIC_SYSRET: return true; /* AMD's, and Intel's in 64-bit code */
        default: break;
        }
        return false;
    }
    if (insn->op == I_X87)
        return true; /* undocumented and undefined ones: the x87 unit's business */
    if (map1 && insn->op == I_NOP)
        return true; /* Zydis gives 0F 18-1F younger meanings with rules of their own */
    if (insn->op == I_FXSAVE || insn->op == I_FXRSTOR)
        return true; /* Zydis refuses prefixes that the Pentium III ignored */
    if (insn->op == I_CMPXCHG8B || insn->op == I_MONITOR || insn->op == I_MWAIT)
        return true; /* likewise */
    return false;
}

static bool same_name(const struct result *r)
{
    static const char *const cc[16] = {"o", "no", "b", "nb", "z", "nz", "be", "nbe",
                                       "s", "ns", "p", "np", "l", "nl", "le", "nle"};
    const struct insn *insn = &r->insn;
    const char *zname = ZydisMnemonicGetString(r->z.mnemonic);
    bool wide = insn->osz == 4;
    char name[32];

    snprintf(name, sizeof(name), "%s", insn_op_name((enum insn_op)insn->op));
    if (insn_rows[insn->row].traits & IT_STRING)
        snprintf(name, sizeof(name), "%s%c", insn_op_name((enum insn_op)insn->op),
                 " bw d"[insn->operand[0].size & 7]);
    switch (insn->op) {
    case I_X87: return true;
    case I_MMX:
    case I_SSE: return !strcmp(simd_rows[insn->simd].name, zname);
    case I_NOP: /* PREFETCHh, and what later became of the hints */
        return insn_rows[insn->row].opcode >> 8 || !strcmp(zname, "nop") || !strcmp(zname, "pause");
    case I_JCC: snprintf(name, sizeof(name), "j%s", cc[insn->cc]); break;
    case I_SETCC: snprintf(name, sizeof(name), "set%s", cc[insn->cc]); break;
    case I_CMOV: snprintf(name, sizeof(name), "cmov%s", cc[insn->cc]); break;
    case I_IMUL2:
    case I_IMUL3: strcpy(name, "imul"); break;
    case I_MOVSEG:
    case I_MOVCR:
    case I_MOVDR: strcpy(name, "mov"); break;
    case I_PUSHSEG: strcpy(name, "push"); break;
    case I_POPSEG: strcpy(name, "pop"); break;
    case I_JMPF: strcpy(name, "jmp"); break;
    case I_CALLF: strcpy(name, "call"); break;
    case I_RETF: strcpy(name, "ret"); break;
    case I_ICEBP: strcpy(name, "int1"); break;
    case I_CBW: strcpy(name, wide ? "cwde" : "cbw"); break;
    case I_CWD: strcpy(name, wide ? "cdq" : "cwd"); break;
    case I_PUSHA: strcpy(name, wide ? "pushad" : "pusha"); break;
    case I_POPA: strcpy(name, wide ? "popad" : "popa"); break;
    case I_PUSHF: strcpy(name, wide ? "pushfd" : "pushf"); break;
    case I_POPF: strcpy(name, wide ? "popfd" : "popf"); break;
    case I_IRET: strcpy(name, wide ? "iretd" : "iret"); break;
    case I_JCXZ: strcpy(name, insn->asz == 4 ? "jecxz" : "jcxz"); break;
    default: break;
    }
    if (r->z.meta.branch_type == ZYDIS_BRANCH_TYPE_FAR && insn->op != I_JMPF &&
        insn->op != I_CALLF && insn->op != I_RETF)
        return insn->op == I_IRET || insn->op == I_INT || insn->op == I_INT3 ||
               insn->op == I_INTO || insn->op == I_ICEBP;
    return !strcmp(name, zname);
}

static ZydisRegister zreg(unsigned size, unsigned reg)
{
    static const ZydisRegister first8[8] = {ZYDIS_REGISTER_AL, ZYDIS_REGISTER_CL, ZYDIS_REGISTER_DL,
                                            ZYDIS_REGISTER_BL, ZYDIS_REGISTER_AH, ZYDIS_REGISTER_CH,
                                            ZYDIS_REGISTER_DH, ZYDIS_REGISTER_BH};

    if (reg == REG_NONE)
        return ZYDIS_REGISTER_NONE;
    if (size == 1)
        return first8[reg];
    return (ZydisRegister)((size == 2 ? ZYDIS_REGISTER_AX : ZYDIS_REGISTER_EAX) + reg);
}

static bool same_seg(unsigned sreg, ZydisRegister z)
{
    return z == (ZydisRegister)(ZYDIS_REGISTER_ES + sreg);
}

static bool same_mem(const struct result *r, const ZydisDecodedOperand *zop)
{
    const struct insn *insn = &r->insn;
    const struct mem_operand *mem = &insn->mem;
    u32 mask = insn->asz == 2 ? 0xffff : 0xffffffff;
    ZydisRegister base = zreg(insn->asz, mem->base), index = zreg(insn->asz, mem->index);

    if (zop->type != ZYDIS_OPERAND_TYPE_MEMORY)
        return false;
    if (zop->mem.type != ZYDIS_MEMOP_TYPE_AGEN && !same_seg(mem->seg, zop->mem.segment))
        return false;
    /* A SIB byte without index may still scale it in Zydis's view. */
    if (zop->mem.base != base || zop->mem.index != index)
        return false;
    if (index != ZYDIS_REGISTER_NONE && zop->mem.scale != 1u << mem->shift)
        return false;
    return (((u32)zop->mem.disp.value ^ mem->disp) & mask) == 0;
}

static bool same_operand(const struct result *r, const struct operand *op,
                         const ZydisDecodedOperand *zop)
{
    const struct insn *insn = &r->insn;
    u32 mask;

    switch ((enum operand_kind)op->kind) {
    case OP_NONE: return false;
    case OP_REG:
        if (zop->type != ZYDIS_OPERAND_TYPE_REGISTER)
            return false;
        /* LAR and LSL use 16 bits of any source register. */
        if (insn->op == I_LAR || insn->op == I_LSL)
            return zop->reg.value == zreg(2, op->reg) || zop->reg.value == zreg(4, op->reg);
        return zop->reg.value == zreg(op->size, op->reg);
    case OP_MEM:
        if (!same_mem(r, zop))
            return false;
        /* To Zydis CLFLUSH's operand is a line; it is checked as a byte. */
        return op->size == 0 || zop->size == op->size * 8 ||
               r->z.mnemonic == ZYDIS_MNEMONIC_CLFLUSH;
    case OP_IMM:
        mask = op->size == 1 ? 0xff : op->size == 2 ? 0xffff : 0xffffffff;
        return zop->type == ZYDIS_OPERAND_TYPE_IMMEDIATE && !zop->imm.is_relative &&
               (((u32)zop->imm.value.u ^ op->imm) & mask) == 0;
    case OP_REL:
        return zop->type == ZYDIS_OPERAND_TYPE_IMMEDIATE && zop->imm.is_relative &&
               (u32)zop->imm.value.s == op->imm;
    case OP_FAR:
        return zop->type == ZYDIS_OPERAND_TYPE_POINTER && zop->ptr.segment == op->sel &&
               zop->ptr.offset == op->imm;
    case OP_SREG:
        return zop->type == ZYDIS_OPERAND_TYPE_REGISTER && same_seg(op->reg, zop->reg.value);
    case OP_CREG:
        return zop->type == ZYDIS_OPERAND_TYPE_REGISTER &&
               zop->reg.value == (ZydisRegister)(ZYDIS_REGISTER_CR0 + op->reg);
    case OP_DREG:
        return zop->type == ZYDIS_OPERAND_TYPE_REGISTER &&
               zop->reg.value == (ZydisRegister)(ZYDIS_REGISTER_DR0 + op->reg);
    case OP_MMX:
        return zop->type == ZYDIS_OPERAND_TYPE_REGISTER &&
               zop->reg.value == (ZydisRegister)(ZYDIS_REGISTER_MM0 + op->reg);
    case OP_XMM:
        return zop->type == ZYDIS_OPERAND_TYPE_REGISTER &&
               zop->reg.value == (ZydisRegister)(ZYDIS_REGISTER_XMM0 + op->reg);
    case OP_ST: return false;
    }
    return false;
}

static bool same_string(const struct result *r)
{
    const struct insn *insn = &r->insn;
    bool source =
        insn->op == I_MOVS || insn->op == I_CMPS || insn->op == I_LODS || insn->op == I_OUTS;
    unsigned rep = r->z.attributes & ZYDIS_ATTRIB_HAS_REPNE                           ? REP_NE
                   : r->z.attributes & (ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE) ? REP_E
                                                                                      : REP_NO;
    bool repeats = insn->rep != REP_NO;
    bool compares = insn->op == I_CMPS || insn->op == I_SCAS;

    for (unsigned i = 0; source && i < r->z.operand_count; i++)
        if (r->zop[i].type == ZYDIS_OPERAND_TYPE_MEMORY &&
            (r->zop[i].mem.base == ZYDIS_REGISTER_ESI || r->zop[i].mem.base == ZYDIS_REGISTER_SI) &&
            !same_seg(insn->mem.seg, r->zop[i].mem.segment))
            return false;
    return compares ? insn->rep == rep : !repeats || rep != REP_NO || insn->rep == REP_NE;
}

/* For x87 only the memory operand is ours to know. */
static bool same_operands(const struct result *r)
{
    const struct insn *insn = &r->insn;
    unsigned zn = 0, n = 0;

    if (insn_rows[insn->row].traits & IT_STRING)
        return same_string(r);
    if (insn->op == I_MONITOR) /* its memory is a register to Zydis */
        return insn->mem.base == R_EAX;
    if (insn->op == I_X87 || insn->op == I_NOP || insn->op == I_FXSAVE || insn->op == I_FXRSTOR ||
        insn->op == I_XLAT) {
        for (unsigned i = 0; i < r->z.operand_count; i++)
            if (r->zop[i].type == ZYDIS_OPERAND_TYPE_MEMORY &&
                r->zop[i].mem.base != ZYDIS_REGISTER_ESP && r->zop[i].encoding != 0)
                return insn->op == I_XLAT || same_mem(r, &r->zop[i]);
        return !insn->has_mem || insn->op == I_NOP || insn->op == I_XLAT ||
               (insn->mem.base == R_ESP);
    }
    for (; zn < r->z.operand_count_visible && n < 3; zn++, n++)
        if (!same_operand(r, &insn->operand[n], &r->zop[zn]))
            return false;
    return zn == r->z.operand_count_visible && (n == 3 || insn->operand[n].kind == OP_NONE);
}

/* Encodings that mean something else since a later processor: to a Pentium III F3 before BSF and
 * BSR means nothing, and 3E before an indirect branch is DS. */
static bool redefined(const struct result *r)
{
    if (r->z.mnemonic == ZYDIS_MNEMONIC_TZCNT)
        return r->insn.op == I_BSF;
    if (r->z.mnemonic == ZYDIS_MNEMONIC_LZCNT)
        return r->insn.op == I_BSR;
    return (r->z.attributes & ZYDIS_ATTRIB_HAS_NOTRACK) && r->insn.mem.seg == SREG_DS;
}

/* Sets r->what for an unaccepted difference. */
static void compare(struct result *r)
{
    bool ours = r->insn.op != I_UD && r->status == DECODE_OK;

    if (ours != r->valid) {
        if (r->status == DECODE_LONG || !accepted(r))
            r->what = "validity";
        return;
    }
    if (!ours)
        return;
    if (redefined(r) && r->insn.length == r->z.length)
        return;
    if (!is_period(r)) {
        if (!accepted(r)) /* a hint NOP by its younger name */
            r->what = "model";
        return;
    }
    if (r->insn.length != r->z.length)
        r->what = "length";
    else if (!same_name(r))
        r->what = "mnemonic";
    else if (r->insn.op != I_NOP && !same_operands(r))
        r->what = "operands";
    else if (r->insn.lock != !!(r->z.attributes & ZYDIS_ATTRIB_HAS_LOCK))
        r->what = "lock";
}

struct session {
    ZydisDecoder decoder[2]; /* by code32 */
    unsigned long samples, undefined, differences;
};

static void report(const struct result *r)
{
    char text[128];

    printf("%s: %s, %d-bit:", r->what, r->sample->model->name, r->sample->code32 ? 32 : 16);
    for (unsigned i = 0; i < 15; i++)
        printf(" %02x", r->sample->bytes[i]);
    printf("\n  ours %u: %s\n  zydis %u: %s\n", r->insn.length,
           insn_format(&r->insn, 0, text, sizeof(text)), r->valid ? r->z.length : 0,
           r->valid ? ZydisMnemonicGetString(r->z.mnemonic) : "invalid");
}

static void try_sample(struct session *session, const struct sample *sample)
{
    struct result r = {.sample = sample};
    struct decode_input in = {.code32 = sample->code32,
                              .model = sample->model,
                              .protected_mode = true,
                              .fetch = fetch,
                              .opaque = (void *)(uintptr_t)sample};

    r.status = decode(&in, &r.insn);
    r.valid = ZYAN_SUCCESS(
        ZydisDecoderDecodeFull(&session->decoder[sample->code32], sample->bytes, 15, &r.z, r.zop));
    compare(&r);
    session->samples++;
    session->undefined += r.insn.op == I_UD;
    if (r.what && session->differences++ < 40)
        report(&r);
}

static u64 next_random(u64 *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void fill(struct sample *sample, u64 *rng)
{
    u64 words[2] = {next_random(rng), next_random(rng)};

    memcpy(sample->bytes, words, sizeof(words));
}

/* Every opcode of both maps with every ModRM byte and no prefix or one. */
static void sweep(struct session *session, u64 *rng, const struct cpu_model *model)
{
    static const u8 prefixes[] = {0, 0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x26, 0x65};
    struct sample sample;

    for (unsigned i = 0; i < 2 * 2 * 65536 * sizeof(prefixes); i++) {
        unsigned n = 0;

        fill(&sample, rng);
        sample.code32 = i >> 16 & 1;
        sample.model = model;
        if (prefixes[i >> 18])
            sample.bytes[n++] = prefixes[i >> 18];
        if (i >> 17 & 1)
            sample.bytes[n++] = 0x0f;
        sample.bytes[n++] = (u8)(i >> 8);
        sample.bytes[n] = (u8)i;
        try_sample(session, &sample);
    }
}

/* Random bytes have few prefixes: half of the samples get up to seven. */
static void add_prefixes(struct sample *sample, u64 *rng)
{
    static const u8 prefixes[] = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67,
                                  0x66, 0x67, 0xf0, 0xf2, 0xf3, 0xf2, 0xf3, 0x3e};
    u64 r = next_random(rng) >> 8;
    unsigned count = r & 15;

    for (unsigned i = 0; count < 8 && i < count; i++)
        sample->bytes[i] = prefixes[r >> (4 + 4 * i) & 15];
    if (r >> 40 & 1)
        sample->bytes[count & 7] = 0x0f;
}

int main(int argc, char **argv)
{
    unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 0) : 1000000;
    u64 rng = argc > 2 ? strtoull(argv[2], NULL, 0) | 1 : 0x9e3779b97f4a7c15u;
    struct session session = {.samples = 0};
    struct sample sample;

    ZydisDecoderInit(&session.decoder[0], ZYDIS_MACHINE_MODE_LEGACY_16, ZYDIS_STACK_WIDTH_16);
    ZydisDecoderInit(&session.decoder[1], ZYDIS_MACHINE_MODE_LEGACY_32, ZYDIS_STACK_WIDTH_32);
    for (unsigned i = 0; i < ARRAY_SIZE(models); i++)
        sweep(&session, &rng, cpu_model_find(models[i]));
    for (unsigned long i = 0; i < count; i++) {
        fill(&sample, &rng);
        add_prefixes(&sample, &rng);
        sample.code32 = next_random(&rng) >> 40 & 1;
        sample.model = cpu_model_find(models[(next_random(&rng) >> 40) % ARRAY_SIZE(models)]);
        try_sample(&session, &sample);
    }
    printf("%lu samples, %lu undefined, %lu differences\n", session.samples, session.undefined,
           session.differences);
    return session.differences != 0;
}
