/* Decodes one operand: ModRM, SIB and displacement, immediates, and registers in the opcode.
 *
 * decode_mem() has run before decode_operand() when ModRM names memory, so immediates follow. */
#include "translate/decode/decode_priv.h"

static unsigned modrm_reg(const struct insn *insn)
{
    return insn->modrm >> 3 & 7;
}

static unsigned modrm_rm(const struct insn *insn)
{
    return insn->modrm & 7;
}

/* SDM vol. 2, table 2-1. */
static void mem16(struct decode_reader *rd, struct mem_operand *mem)
{
    static const u8 bases[8] = {R_EBX, R_EBX, R_EBP, R_EBP, R_ESI, R_EDI, R_EBP, R_EBX};
    static const u8 indexes[4] = {R_ESI, R_EDI, R_ESI, R_EDI};
    unsigned mod = rd->insn->modrm >> 6, rm = modrm_rm(rd->insn);

    if (mod == 0 && rm == 6) {
        mem->disp = decode_u16(rd);
        return;
    }
    mem->base = bases[rm];
    if (rm < 4)
        mem->index = indexes[rm];
    if (mem->base == R_EBP)
        mem->seg = SREG_SS;
    if (mod == 1)
        mem->disp = (u32)(i8)decode_u8(rd);
    else if (mod == 2)
        mem->disp = (u32)(i16)decode_u16(rd);
}

/* SDM vol. 2, tables 2-2 and 2-3. */
static void mem32(struct decode_reader *rd, struct mem_operand *mem)
{
    unsigned mod = rd->insn->modrm >> 6, base = modrm_rm(rd->insn);

    if (base == 4) {
        unsigned sib = decode_u8(rd);

        base = sib & 7;
        if ((sib >> 3 & 7) != R_ESP) {
            mem->index = (u8)(sib >> 3 & 7);
            mem->shift = (u8)(sib >> 6);
        }
    }
    if (mod == 0 && base == R_EBP) {
        mem->disp = decode_u32(rd);
        return;
    }
    mem->base = (u8)base;
    if (base == R_EBP || base == R_ESP)
        mem->seg = SREG_SS;
    if (mod == 1)
        mem->disp = (u32)(i8)decode_u8(rd);
    else if (mod == 2)
        mem->disp = decode_u32(rd);
}

/* Starts the memory operand: DS, or the override. */
static struct mem_operand *mem_start(struct decode_reader *rd)
{
    struct mem_operand *mem = &rd->insn->mem;

    rd->insn->has_mem = true;
    *mem = (struct mem_operand){.seg = SREG_DS, .base = REG_NONE, .index = REG_NONE};
    return mem;
}

static void mem_end(const struct decode_reader *rd, struct mem_operand *mem)
{
    if (rd->seg != REG_NONE)
        mem->seg = rd->seg;
}

void decode_mem(struct decode_reader *rd)
{
    struct mem_operand *mem = mem_start(rd);

    if (rd->insn->asz == 2)
        mem16(rd, mem);
    else
        mem32(rd, mem);
    mem_end(rd, mem);
}

static void set(struct operand *operand, enum operand_kind kind, unsigned size, unsigned reg)
{
    operand->kind = (u8)kind;
    operand->size = (u8)size;
    operand->reg = (u8)reg;
}

static void set_imm(struct operand *operand, enum operand_kind kind, unsigned size, u32 imm)
{
    operand->kind = (u8)kind;
    operand->size = (u8)size;
    operand->imm = imm;
}

/* ModRM.rm as a register of reg_size bytes or as memory of mem_size. */
static void set_rm(const struct insn *insn, struct operand *operand, unsigned reg_size,
                   unsigned mem_size)
{
    if (insn->has_mem)
        set(operand, OP_MEM, mem_size, 0);
    else
        set(operand, OP_REG, reg_size, modrm_rm(insn));
}

static u32 immz(struct decode_reader *rd)
{
    return rd->insn->osz == 2 ? decode_u16(rd) : decode_u32(rd);
}

/* A string operand: only the element's size, and for the source its segment. */
static void set_string(struct decode_reader *rd, struct operand *operand, unsigned size, bool src)
{
    operand->size = (u8)size;
    if (src)
        rd->insn->mem.seg = rd->seg != REG_NONE ? rd->seg : SREG_DS;
}

/* MOV and other loads of CS are undefined, and there is no segment register 6 or 7. */
static bool set_sreg(const struct insn *insn, struct operand *operand)
{
    unsigned reg = modrm_reg(insn);

    set(operand, OP_SREG, 2, reg);
    return reg < SREG_COUNT && !(reg == SREG_CS && operand == &insn->operand[0]);
}

/* CR0, CR2, CR3; CR4 came together with CPUID. (SDM vol. 3A, 2.5) */
static bool set_creg(const struct decode_reader *rd, struct operand *operand)
{
    unsigned reg = modrm_reg(rd->insn);

    set(operand, OP_CREG, 4, reg);
    if (reg == 4)
        return cpu_has(rd->in->model, FEAT_CPUID);
    return reg != 1 && reg < 5;
}

static void set_far(struct decode_reader *rd, struct operand *operand)
{
    set_imm(operand, OP_FAR, rd->insn->osz + 2, immz(rd));
    operand->sel = (u16)decode_u16(rd);
}

static void set_moffs(struct decode_reader *rd, struct operand *operand, unsigned size)
{
    struct mem_operand *mem = mem_start(rd);

    mem->disp = rd->insn->asz == 2 ? decode_u16(rd) : decode_u32(rd);
    mem_end(rd, mem);
    set(operand, OP_MEM, size, 0);
}

/* A byte at DS:base, and DS can be overridden. */
static void set_byte_at(struct decode_reader *rd, struct operand *operand, u8 base)
{
    struct mem_operand *mem = mem_start(rd);

    mem->base = base;
    mem_end(rd, mem);
    set(operand, OP_MEM, 1, 0);
}

/* MASKMOVQ's destination: DS:eDI, and DS can be overridden. */
static void set_masked_store(struct decode_reader *rd)
{
    struct mem_operand *mem = mem_start(rd);

    mem->base = R_EDI;
    mem_end(rd, mem);
}

static void set_simd(const struct insn *insn, struct operand *operand, const struct simd_row *row,
                     unsigned file, bool is_rm)
{
    unsigned reg = is_rm ? modrm_rm(insn) : modrm_reg(insn);

    if (is_rm && row->size && insn->modrm < 0xc0) {
        set(operand, OP_MEM, row->size, 0);
        return;
    }
    switch ((enum simd_file)file) {
    case SIMD_NONE:
    case SIMD_IMM: break;
    case SIMD_MM: set(operand, OP_MMX, 8, reg); break;
    case SIMD_XMM: set(operand, OP_XMM, 16, reg); break;
    case SIMD_GPR: set(operand, OP_REG, 4, reg); break;
    }
}

void decode_simd_operands(struct insn *insn)
{
    const struct simd_row *row = &simd_rows[insn->simd];
    struct operand imm = insn->operand[1].kind == OP_IMM ? insn->operand[1] : (struct operand){0};
    bool store = row->traits & SIMD_ST;
    unsigned n = 0;

    insn->operand[0] = insn->operand[1] = insn->operand[2] = (struct operand){0};
    if (row->dst != SIMD_NONE)
        set_simd(insn, &insn->operand[n++], row, row->dst, store);
    if (row->src == SIMD_NONE && row->size)
        set(&insn->operand[n++], OP_MEM, row->size, 0);
    else if (row->src != SIMD_NONE && row->src != SIMD_IMM)
        set_simd(insn, &insn->operand[n++], row, row->src, !store);
    if (imm.kind == OP_IMM)
        insn->operand[n] = imm;
}

bool decode_operand(struct decode_reader *rd, unsigned n, enum form form)
{
    struct insn *insn = rd->insn;
    struct operand *operand = &insn->operand[n];
    unsigned osz = insn->osz;

    switch (form) {
    case FORM__: break;
    case FORM_Eb: set_rm(insn, operand, 1, 1); break;
    case FORM_Ew: set_rm(insn, operand, 2, 2); break;
    case FORM_Ev: set_rm(insn, operand, osz, osz); break;
    case FORM_Evw: set_rm(insn, operand, osz, 2); break;
    case FORM_Ex:
        if (insn->has_mem)
            set(operand, OP_MEM, 0, 0);
        break;
    case FORM_Gb: set(operand, OP_REG, 1, modrm_reg(insn)); break;
    case FORM_Gw: set(operand, OP_REG, 2, modrm_reg(insn)); break;
    case FORM_Gv: set(operand, OP_REG, osz, modrm_reg(insn)); break;
    case FORM_Sw: return set_sreg(insn, operand);
    case FORM_Cd: return set_creg(rd, operand);
    case FORM_Dd: set(operand, OP_DREG, 4, modrm_reg(insn)); break;
    case FORM_Rd: set(operand, OP_REG, 4, modrm_rm(insn)); break;
    case FORM_M: set(operand, OP_MEM, 0, 0); break;
    case FORM_Mp: set(operand, OP_MEM, osz + 2, 0); break;
    case FORM_Ma: set(operand, OP_MEM, osz * 2, 0); break;
    case FORM_Ms: set(operand, OP_MEM, 6, 0); break;
    case FORM_Mq: set(operand, OP_MEM, 8, 0); break;
    case FORM_Mx: set(operand, OP_MEM, 0, 0); break;
    case FORM_Zb: set(operand, OP_REG, 1, insn->opcode & 7); break;
    case FORM_Zv: set(operand, OP_REG, osz, insn->opcode & 7); break;
    case FORM_Ib: set_imm(operand, OP_IMM, 1, decode_u8(rd)); break;
    case FORM_Ibs: set_imm(operand, OP_IMM, osz, (u32)(i8)decode_u8(rd)); break;
    case FORM_Iw: set_imm(operand, OP_IMM, 2, decode_u16(rd)); break;
    case FORM_Iz: set_imm(operand, OP_IMM, osz, immz(rd)); break;
    case FORM_one: set_imm(operand, OP_IMM, 1, 1); break;
    case FORM_Jb: set_imm(operand, OP_REL, osz, (u32)(i8)decode_u8(rd)); break;
    case FORM_Jz:
        set_imm(operand, OP_REL, osz, immz(rd));
        if (osz == 2)
            operand->imm = (u32)(i16)operand->imm;
        break;
    case FORM_Ap: set_far(rd, operand); break;
    case FORM_Ob: set_moffs(rd, operand, 1); break;
    case FORM_Ov: set_moffs(rd, operand, osz); break;
    case FORM_Xb: set_string(rd, operand, 1, true); break;
    case FORM_Xv: set_string(rd, operand, osz, true); break;
    case FORM_Yb: set_string(rd, operand, 1, false); break;
    case FORM_Yv: set_string(rd, operand, osz, false); break;
    case FORM_BX: set_byte_at(rd, operand, R_EBX); break;
    case FORM_AX: set_byte_at(rd, operand, R_EAX); break;
    case FORM_DI: set_masked_store(rd); break;
    case FORM_AL: set(operand, OP_REG, 1, R_EAX); break;
    case FORM_eAX: set(operand, OP_REG, osz, R_EAX); break;
    case FORM_CL: set(operand, OP_REG, 1, R_ECX); break;
    case FORM_DX: set(operand, OP_REG, 2, R_EDX); break;
    case FORM_ES: set(operand, OP_SREG, 2, SREG_ES); break;
    case FORM_CS: set(operand, OP_SREG, 2, SREG_CS); break;
    case FORM_SS: set(operand, OP_SREG, 2, SREG_SS); break;
    case FORM_DS: set(operand, OP_SREG, 2, SREG_DS); break;
    case FORM_FS: set(operand, OP_SREG, 2, SREG_FS); break;
    case FORM_GS: set(operand, OP_SREG, 2, SREG_GS); break;
    }
    return true;
}
