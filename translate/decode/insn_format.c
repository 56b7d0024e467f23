/* Prints a decoded instruction in Intel syntax, for logs.
 *
 * The text is for people: x87 instructions appear as their opcode bytes and memory. */
#include <stdarg.h>
#include <stdio.h>

#include "translate/decode/decode.h"

struct text {
    char *buf;
    size_t len, used;
};

static void printf_like(2, 3) add(struct text *text, const char *fmt, ...)
{
    va_list args;
    int n;

    if (text->used + 1 >= text->len)
        return;
    va_start(args, fmt);
    n = vsnprintf(text->buf + text->used, text->len - text->used, fmt, args);
    va_end(args);
    if (n > 0)
        text->used += (size_t)n;
    if (text->used >= text->len)
        text->used = text->len - 1;
}

static const char *const conditions[16] = {"o", "no", "b", "ae", "e", "ne", "be", "a",
                                           "s", "ns", "p", "np", "l", "ge", "le", "g"};
static const char *const regs8[8] = {"al", "cl", "dl", "bl", "ah", "ch", "dh", "bh"};
static const char *const regs32[8] = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};
static const char *const sregs[8] = {"es", "cs", "ss", "ds", "fs", "gs", "s6", "s7"};

static const char *reg_name(unsigned size, unsigned reg)
{
    if (size == 1)
        return regs8[reg & 7];
    return regs32[reg & 7] + (size == 2);
}

static const char *size_name(unsigned size)
{
    switch (size) {
    case 1: return "byte ptr ";
    case 2: return "word ptr ";
    case 4: return "dword ptr ";
    case 6: return "fword ptr ";
    case 8: return "qword ptr ";
    case 16: return "xmmword ptr ";
    default: return "";
    }
}

/* The segment is shown unless it is the one that the base implies. */
static void add_mem(struct text *text, const struct insn *insn, unsigned size)
{
    const struct mem_operand *mem = &insn->mem;
    bool stack = mem->base == R_ESP || mem->base == R_EBP;
    const char *plus = "";

    add(text, "%s", size_name(size));
    if (mem->seg != (stack ? SREG_SS : SREG_DS))
        add(text, "%s:", sregs[mem->seg & 7]);
    add(text, "[");
    if (mem->base != REG_NONE) {
        add(text, "%s", reg_name(insn->asz, mem->base));
        plus = "+";
    }
    if (mem->index != REG_NONE) {
        add(text, "%s%s", plus, reg_name(insn->asz, mem->index));
        if (mem->shift)
            add(text, "*%u", 1u << mem->shift);
        plus = "+";
    }
    if (!*plus)
        add(text, "0x%x", mem->disp);
    else if ((i32)mem->disp < 0)
        add(text, "-0x%x", -mem->disp);
    else if (mem->disp)
        add(text, "+0x%x", mem->disp);
    add(text, "]");
}

static void add_operand(struct text *text, const struct insn *insn, const struct operand *operand,
                        u32 eip)
{
    u32 target = eip_target(eip_add(eip, insn->length + operand->imm), insn->osz);

    switch ((enum operand_kind)operand->kind) {
    case OP_NONE: break;
    case OP_REG: add(text, "%s", reg_name(operand->size, operand->reg)); break;
    case OP_MEM: add_mem(text, insn, operand->size); break;
    case OP_IMM:
        add(text, "0x%x", operand->size == 2 ? operand->imm & 0xffff : operand->imm);
        break;
    case OP_REL: add(text, "0x%x", target); break;
    case OP_FAR: add(text, "0x%x:0x%x", operand->sel, operand->imm); break;
    case OP_SREG: add(text, "%s", sregs[operand->reg & 7]); break;
    case OP_CREG: add(text, "cr%u", operand->reg); break;
    case OP_DREG: add(text, "dr%u", operand->reg); break;
    case OP_ST: add(text, "st(%u)", operand->reg); break;
    case OP_MMX: add(text, "mm%u", operand->reg); break;
    case OP_XMM: add(text, "xmm%u", operand->reg); break;
    }
}

/* What the manual calls it, where that is not the mnemonic's own name. NULL: it is. */
static const char *manual_name(const struct insn *insn)
{
    bool wide = insn->osz == 4;

    switch (insn->op) {
    case I_MOVSEG:
    case I_MOVCR:
    case I_MOVDR: return "mov";
    case I_IMUL2:
    case I_IMUL3: return "imul";
    case I_PUSHSEG: return "push";
    case I_POPSEG: return "pop";
    case I_JMPF: return "jmp far";
    case I_CALLF: return "call far";
    case I_CBW: return wide ? "cwde" : "cbw";
    case I_CWD: return wide ? "cdq" : "cwd";
    case I_PUSHA: return wide ? "pushad" : "pusha";
    case I_POPA: return wide ? "popad" : "popa";
    case I_PUSHF: return wide ? "pushfd" : "pushf";
    case I_POPF: return wide ? "popfd" : "popf";
    case I_IRET: return wide ? "iretd" : "iret";
    case I_JCXZ: return insn->asz == 4 ? "jecxz" : "jcxz";
    case I_MMX:
    case I_SSE: return simd_rows[insn->simd].name;
    default: return NULL;
    }
}

static void add_name(struct text *text, const struct insn *insn)
{
    const char *name = manual_name(insn);
    bool is_string = insn->op != I_UD && (insn_rows[insn->row].traits & IT_STRING);

    if (insn->lock)
        add(text, "lock ");
    if (insn->rep != REP_NO)
        add(text, "%s", insn->rep == REP_E ? "rep " : "repne ");
    if (insn->op == I_JCC)
        add(text, "j%s", conditions[insn->cc & 15]);
    else if (insn->op == I_SETCC)
        add(text, "set%s", conditions[insn->cc & 15]);
    else if (insn->op == I_CMOV)
        add(text, "cmov%s", conditions[insn->cc & 15]);
    else if (is_string)
        add(text, "%s%c", insn_op_name(insn->op), " bw d"[insn->operand[0].size & 7]);
    else
        add(text, "%s", name ? name : insn_op_name(insn->op));
    if (is_string && insn->mem.seg != SREG_DS && insn->mem.seg != SREG_ES)
        add(text, " %s:", sregs[insn->mem.seg & 7]);
    if (insn->op == I_X87)
        add(text, " %02x %02x", insn->opcode, insn->modrm);
}

char *insn_format(const struct insn *insn, u32 eip, char *buf, size_t len)
{
    struct text text = {.buf = buf, .len = len};
    const char *separator = " ";

    if (len > 0)
        buf[0] = '\0';
    add_name(&text, insn);
    for (unsigned n = 0; n < 3; n++) {
        if (insn->operand[n].kind != OP_NONE) {
            add(&text, "%s", separator);
            add_operand(&text, insn, &insn->operand[n], eip);
            separator = ", ";
        }
    }
    return buf;
}
