/* Random guests in every mode: any opcode with any prefix, in units that run one after the other.
 *
 * An instruction need not be sensible: what faults ends its unit, and the next one starts with registers
 * that are mostly good for something. Everything follows from the seed. */
#ifndef PAGEWALK_TESTS_MODE_GEN_H
#define PAGEWALK_TESTS_MODE_GEN_H

#include <stdio.h>
#include <string.h>

#include "cpu/cpu.h"
#include "cpu/simd/simd.h"
#include "translate/decode/decode_priv.h"

static const struct {
    u8 prefix, opcode;
} mode_simd[] = {
#define SIMD(prefix, opcode, where, name, dst, src, size, feature, traits, how, what)              \
    {SIMD_##prefix, opcode},
#include "cpu/simd/simd.def"
#undef SIMD
};

/* Linear addresses; RAM is mapped one to one. */
#define MT_RAM      0x20000u
#define MT_PD       0x1000u
#define MT_PT       0x2000u
#define MT_GDT      0x3000u
#define MT_TSS      0x3200u
#define MT_IDT      0x3400u /* 256 gates */
#define MT_HANDLERS 0x3c00u /* 4 bytes a vector below 32: HLT; then IRET for the others */
#define MT_IRET     (MT_HANDLERS + 128u)
#define MT_ESP0     0x3f00u
#define MT_CODE     0x4000u
#define MT_STACK    0x8000u
#define MT_DATA     0x9000u

#define UNITS      10u
#define UNIT_INSNS 6u
#define UNIT_BYTES 96u

enum guest_mode { GM_FLAT, GM_USER, GM_BASED, GM_CODE16, GM_REAL, GM_VM86, GM_COUNT };

struct mode_insn {
    u8 byte[16], len;
};

struct mode_unit {
    struct mode_insn insn[UNIT_INSNS];
    bool off; /* left out */
    u8 intr;  /* an interrupt comes after so many instructions; 0: none */
    u32 r[8], eflags;
};

struct mode_program {
    enum guest_mode mode;
    bool paged, user, align, stack16, ts, unmasked;
    u32 base[SREG_COUNT], limit[SREG_COUNT], attr[SREG_COUNT];
    u32 code; /* linear address of the first unit */
    u64 state_seed;
    struct mode_unit unit[UNITS];
};

static inline u32 mode_rnd(u64 *seed, u32 below)
{
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return (u32)(*seed * 0x2545f4914f6cdd1dull >> 33) % below;
}

static inline u32 mode_word(u64 *s)
{
    u32 n = mode_rnd(s, 0x7fffffff) << 1 ^ mode_rnd(s, 0x7fffffff);

    switch (mode_rnd(s, 4)) {
    case 0: return (1u << (n & 31)) + (n >> 8) % 7 - 3;
    case 1: return (n >> 8) % 9 - 4;
    default: return n;
    }
}

/* An offset that is mostly in RAM's data, often at a page's edge. */
static inline u32 mode_offset(u64 *s, const struct mode_program *p)
{
    u32 base = p->base[SREG_DS], la;

    if (mode_rnd(s, 12) == 0)
        return mode_word(s);
    la = mode_rnd(s, 3) ? MT_DATA + mode_rnd(s, 0x200) * 8
                        : MT_DATA + 0x1000 * (1 + mode_rnd(s, 8)) - mode_rnd(s, 20);
    if (mode_rnd(s, 3) == 0)
        la += mode_rnd(s, 8);
    return la - base;
}

static inline void mode_put(struct mode_insn *in, u32 value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes && in->len < 15; i++)
        in->byte[in->len++] = (u8)(value >> 8 * i);
}

/* ModRM and what follows; asz 2 or 4. */
static inline void mode_modrm(u64 *s, struct mode_insn *in, const struct mode_program *p,
                              unsigned reg, unsigned asz, bool mem)
{
    unsigned mod = mem ? mode_rnd(s, 3) : 3, rm = mode_rnd(s, 8);

    if (mod < 3 && asz == 4 && mode_rnd(s, 3)) { /* bases that hold addresses */
        static const u8 good[4] = {3, 5, 6, 7};

        rm = good[mode_rnd(s, 4)];
    }
    mode_put(in, mod << 6 | (reg & 7) << 3 | rm, 1);
    if (mod == 3)
        return;
    if (asz == 4 && rm == 4) {
        unsigned base = mode_rnd(s, 8), index = mode_rnd(s, 3) ? 4 : mode_rnd(s, 8);

        mode_put(in, mode_rnd(s, 4) << 6 | index << 3 | base, 1);
        if (mod == 0 && base == 5)
            mode_put(in, mode_offset(s, p), 4);
    } else if (mod == 0 && rm == (asz == 4 ? 5u : 6u)) {
        mode_put(in, mode_offset(s, p), asz);
    }
    if (mod == 1)
        mode_put(in, mode_rnd(s, 4) ? mode_rnd(s, 32) : mode_rnd(s, 256), 1);
    else if (mod == 2)
        mode_put(in, mode_rnd(s, 4) ? mode_rnd(s, 64) : mode_word(s), asz);
}

/* Selectors of the GDT and others. */
static inline u32 mode_selector(u64 *s)
{
    return mode_rnd(s, 3) ? 8 * mode_rnd(s, 10) + mode_rnd(s, 4) : mode_rnd(s, 0x10000);
}

/* A jump's displacement: to one of the next units, mostly, or a few bytes on. */
static inline u32 mode_jump(u64 *s, unsigned at)
{
    return mode_rnd(s, 3) ? UNIT_BYTES * (1 + mode_rnd(s, 3)) - at : mode_rnd(s, 12);
}

/* Rows that take the machine where nothing can be compared: other page tables, other descriptor tables. */
static inline bool mode_row_fits(unsigned row)
{
    switch ((enum insn_op)insn_rows[row].op) {
    case I_MOVCR:
    case I_LMSW:
    case I_LGDT:
    case I_LIDT:
    case I_WRMSR:
    case I_MMX:
    case I_SSE:
    case I_X87: return false;
    default: return true;
    }
}

/* Rows that mostly fault or leave the unit: fewer of them. */
static inline bool mode_row_ends(unsigned row)
{
    switch ((enum insn_op)insn_rows[row].op) {
    case I_UD:
    case I_DIV:
    case I_IDIV:
    case I_BOUND:
    case I_INS:
    case I_OUTS:
    case I_JMP ... I_IRET:
    case I_INT ... I_OUT:
    case I_HLT:
    case I_MWAIT:
    case I_MOVDR: return true;
    default: return insn_rows[row].traits & (IT_PRIV | IT_PROT);
    }
}

static inline void mode_operands(u64 *s, struct mode_insn *in, const struct mode_program *p,
                                 unsigned row, unsigned osz, unsigned asz, unsigned at)
{
    const struct insn_row *r = &insn_rows[row];
    const struct insn_form *f = &insn_forms[row];

    if (f->modrm) {
        bool mem = r->traits & IT_REG   ? mode_rnd(s, 30) == 0
                   : r->traits & IT_MEM ? mode_rnd(s, 30) != 0
                                        : mode_rnd(s, 5) < 3;

        mode_modrm(s, in, p, r->ext == EXT_NONE ? mode_rnd(s, 8) : r->ext, asz, mem);
    }
    for (unsigned i = 0; i < 3; i++)
        switch ((enum form)f->operand[i]) {
        case FORM_Ib:
        case FORM_Ibs: mode_put(in, mode_word(s), 1); break;
        case FORM_Iw: mode_put(in, mode_word(s), 2); break;
        case FORM_Iz: mode_put(in, mode_word(s), osz); break;
        case FORM_Jb: mode_put(in, mode_rnd(s, 20), 1); break;
        case FORM_Jz: mode_put(in, mode_jump(s, at + in->len + osz), osz); break;
        case FORM_Ap:
            mode_put(in, mode_rnd(s, 0x8000), osz);
            mode_put(in, mode_selector(s), 2);
            break;
        case FORM_Ob:
        case FORM_Ov: mode_put(in, mode_offset(s, p), asz); break;
        default: break;
        }
}

/* One instruction, at offset `at` of its unit. */
static inline void mode_gen_insn(u64 *s, struct mode_insn *in, const struct mode_program *p,
                                 unsigned at)
{
    static const u8 segs[6] = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65};
    static const u8 simd_prefix[4] = {0, 0x66, 0xf3, 0xf2};
    bool code32 = p->mode <= GM_BASED, osz_prefix = mode_rnd(s, 5) == 0,
         asz_prefix = mode_rnd(s, 8) == 0;
    unsigned osz = code32 != osz_prefix ? 4 : 2, asz = code32 != asz_prefix ? 4 : 2;
    unsigned kind = mode_rnd(s, 100), row;

    *in = (struct mode_insn){.len = 0};
    if (mode_rnd(s, 6) == 0)
        mode_put(in, segs[mode_rnd(s, 6)], 1);
    if (asz_prefix)
        mode_put(in, 0x67, 1);
    if (kind < 15) { /* x87 */
        mode_put(in, 0xd8 + mode_rnd(s, 8), 1);
        mode_modrm(s, in, p, mode_rnd(s, 8), asz, mode_rnd(s, 5) < 2);
        return;
    }
    if (kind < 35) { /* MMX, SSE to SSE3 */
        u8 opcode;

        row = mode_rnd(s, ARRAY_SIZE(mode_simd));
        opcode = mode_simd[row].opcode;
        if (mode_simd[row].prefix != SIMD_NP)
            mode_put(in, simd_prefix[mode_simd[row].prefix], 1);
        mode_put(in, 0x0f, 1);
        mode_put(in, opcode, 1);
        if (opcode != 0x77)
            mode_modrm(s, in, p, mode_rnd(s, 8), asz, mode_rnd(s, 2));
        if ((opcode >= 0x70 && opcode <= 0x73) || opcode == 0xc2 ||
            (opcode >= 0xc4 && opcode <= 0xc6))
            mode_put(in, mode_rnd(s, 256), 1);
        return;
    }
    do
        row = mode_rnd(s, insn_row_count);
    while (!mode_row_fits(row) || (mode_row_ends(row) && mode_rnd(s, 6)));
    if (osz_prefix)
        mode_put(in, 0x66, 1);
    if (insn_rows[row].traits & IT_STRING ? mode_rnd(s, 2) : mode_rnd(s, 40) == 0)
        mode_put(in, mode_rnd(s, 2) ? 0xf2 : 0xf3, 1);
    if (mode_rnd(s, insn_rows[row].traits & IT_LOCK ? 8 : 60) == 0)
        mode_put(in, 0xf0, 1);
    if (insn_rows[row].opcode >> 8)
        mode_put(in, 0x0f, 1);
    if (insn_rows[row].opcode >> 8 == 2)
        mode_put(in, 0x01, 1);
    mode_put(in, insn_rows[row].opcode & 0xff, 1);
    mode_operands(s, in, p, row, osz, asz, at);
}

static inline void mode_gen_segments(u64 *s, struct mode_program *p)
{
    u32 data = SEG_P | SEG_S | SEG_W | SEG_ACCESSED | SEG_DB | SEG_G | (p->user ? SEG_DPL : 0);

    for (unsigned i = 0; i < SREG_COUNT; i++) {
        bool code = i == SREG_CS;

        p->attr[i] = data | (code ? SEG_CODE : 0);
        p->limit[i] = 0xffffffff;
        if (p->mode == GM_BASED) {
            p->base[i] = 0x10 * mode_rnd(s, 0x300) + (code || mode_rnd(s, 8) ? 0 : mode_rnd(s, 16));
            switch (mode_rnd(s, code ? 2 : 8)) {
            case 0: break;
            case 1: p->limit[i] = code ? 0x8fff : MT_DATA + 0xfff * mode_rnd(s, 4); break;
            case 2: p->limit[i] = 0xffff; break;
            case 3:
                p->attr[i] |= SEG_EXPDOWN;
                p->limit[i] = 0xfff * mode_rnd(s, 9);
                break;
            case 4: p->attr[i] &= ~(i == SREG_SS ? 0 : SEG_W); break;
            default: p->limit[i] = 0x1ffff;
            }
        } else if (p->mode == GM_CODE16 && code) {
            p->base[i] = 0x10 * mode_rnd(s, 0x400);
            p->limit[i] = 0xffff;
            p->attr[i] &= ~(SEG_DB | SEG_G);
        } else if (p->mode >= GM_REAL) {
            p->base[i] = 0x10 * mode_rnd(s, code ? 0x400 : 0x900);
            p->limit[i] = 0xffff;
        }
    }
    if (p->stack16)
        p->attr[SREG_SS] &= ~SEG_DB;
}

static inline void mode_gen_registers(u64 *s, const struct mode_program *p, struct mode_unit *u)
{
    for (unsigned i = 0; i < 8; i++)
        u->r[i] = i == R_EBX || i >= R_EBP ? mode_offset(s, p) : mode_word(s);
    if (p->mode >= GM_CODE16) /* so that 16-bit sums stay small */
        u->r[R_EBX] &= 0xff;
    if (mode_rnd(s, 2))
        u->r[R_ECX] = mode_rnd(s, 40);
    if (mode_rnd(s, 8) == 0)
        u->r[R_EAX] = mode_selector(s);
    u->r[R_ESP] = MT_STACK + (mode_rnd(s, 8) ? 0xe00 - 4 * mode_rnd(s, 9) : mode_rnd(s, 40)) -
                  p->base[SREG_SS] - (mode_rnd(s, 6) ? 0 : mode_rnd(s, 4));
    u->eflags = FL_ONE | FL_IF | (mode_rnd(s, 0x10000) & FL_ARITH) | (mode_rnd(s, 6) ? 0 : FL_DF) |
                (mode_rnd(s, 12) ? 0 : FL_TF) | (p->align ? FL_AC : 0) |
                (mode_rnd(s, 3) ? 0 : FL_IOPL);
}

static inline void mode_generate(struct mode_program *p, u64 number)
{
    u64 seed = number * 0x9e3779b97f4a7c15ull | 1, *s = &seed;

    for (unsigned i = 0; i < 8; i++)
        mode_rnd(s, 2);
    memset(p, 0, sizeof(*p));
    p->mode = (enum guest_mode)mode_rnd(s, GM_COUNT);
    p->user = p->mode == GM_USER || p->mode == GM_VM86 || (p->mode == GM_BASED && mode_rnd(s, 2)) ||
              (p->mode == GM_CODE16 && mode_rnd(s, 3) == 0);
    p->paged = p->mode != GM_REAL && mode_rnd(s, 2);
    p->align = p->user && mode_rnd(s, 4) == 0;
    p->stack16 = p->mode == GM_CODE16 && mode_rnd(s, 2);
    p->ts = mode_rnd(s, 20) == 0;
    p->unmasked = mode_rnd(s, 3) == 0;
    p->code = MT_CODE + (mode_rnd(s, 2) ? mode_rnd(s, 64) : 0xf00 - mode_rnd(s, 700));
    p->state_seed = seed | 1;
    mode_gen_segments(s, p);
    for (unsigned i = 0; i < UNITS; i++) {
        struct mode_unit *u = &p->unit[i];
        unsigned at = 0;

        mode_gen_registers(s, p, u);
        u->intr = (u8)(mode_rnd(s, 3) ? 0 : 1 + mode_rnd(s, 8));
        for (unsigned n = 0; n < UNIT_INSNS; n++) {
            mode_gen_insn(s, &u->insn[n], p, at);
            at += u->insn[n].len;
        }
    }
}

#endif
