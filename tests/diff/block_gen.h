/* Random guest programs: straight code with forward jumps and small loops, in a loop, full of memory accesses of
 * which some fault and some hit the program itself.
 *
 * A program is a list of units, so that a failing one can be shrunk by leaving units out: jumps
 * name their target by how many units they skip. Everything follows from the seed. */
#ifndef PAGEWALK_TESTS_BLOCK_GEN_H
#define PAGEWALK_TESTS_BLOCK_GEN_H

#include <stdio.h>

#include "cpu/cpu.h"
#include "tests/unit/insn_gen.h"

/* Linear addresses. */
#define BT_CODE    0x4000u  /* two pages, not neighbours in memory */
#define BT_STACK   0x7000u  /* one page, unmapped ones around it */
#define BT_DATA    0x10000u /* read-write, read-write, unmapped, read-only, read-write, unmapped */
#define BT_ALIAS   0x16000u /* the first code page again */
#define BT_COUNTER (BT_DATA + 0x800)

enum unit_kind {
    UNIT_PLAIN,
    UNIT_JUMP,     /* code[0] is an opcode with an 8-bit displacement: over `skip` units */
    UNIT_PUSH_RET, /* jumps over `skip` units by a return */
    UNIT_PATCHED,  /* four instructions of one byte */
    UNIT_PATCH,    /* stores imm into the `skip`th UNIT_PATCHED */
};

#define LOOP_UNIT_BYTES 40 /* the longest; short jumps reach over three */

struct unit {
    u8 kind, len, skip;
    bool alias; /* UNIT_PATCH: through BT_ALIAS where the target is in that page */
    u32 imm;
    u8 code[LOOP_UNIT_BYTES];
};

#define PROGRAM_MAX 44
struct program {
    struct unit unit[PROGRAM_MAX];
    unsigned units;
    u32 start; /* linear address */
    u32 r[8], eflags;
    bool user;       /* at CPL 3 */
    bool defined;    /* no instruction sees undefined flags, nor does a fault */
    bool paged_data; /* data registers may point to where faults are */
    bool simd;       /* MMX and SSE instructions, and state for them */
    u8 loops;
};

struct gen_state {
    u64 seed;
    bool defined;
    bool faults;
    bool loopy; /* mostly small loops */
    bool simd;  /* with MMX and SSE instructions */
    bool jumpy; /* many JMPs */
};

static inline u32 gen_rnd(struct gen_state *g, u32 below)
{
    g->seed ^= g->seed >> 12;
    g->seed ^= g->seed << 25;
    g->seed ^= g->seed >> 27;
    return (u32)(g->seed * 0x2545f4914f6cdd1dull >> 33) % below;
}

static inline u32 gen_number(struct gen_state *g)
{
    u32 n = gen_rnd(g, 0x7fffffff) << 1 ^ gen_rnd(g, 0x7fffffff);

    switch (gen_rnd(g, 4)) {
    case 0: return (1u << (n & 31)) + (n >> 8) % 7 - 3;
    case 1: return (n >> 8) % 7 - 3;
    default: return n;
    }
}

/* An address that is mostly good; the others are at pages' ends or in pages that fault. */
static inline u32 gen_address(struct gen_state *g)
{
    u32 n = gen_rnd(g, g->faults ? 32 : 28);

    if (n < 24)
        return BT_DATA + 0x40 * gen_rnd(g, 8) + gen_rnd(g, 16);
    if (n < 28)
        return BT_DATA + 0x1000 - gen_rnd(g, 8);
    return BT_DATA + 0x1000 * gen_rnd(g, 6) - gen_rnd(g, 8) + 0x10 * gen_rnd(g, 2);
}

/* Registers: EBX EBP ESI EDI mostly hold addresses and are seldom written, EAX ECX EDX are data. */
static inline u8 gen_data_reg(struct gen_state *g, bool byte)
{
    static const u8 word[8] = {0, 1, 2, 0, 1, 2, 3, 6};

    return byte ? (u8)gen_rnd(g, 8) : word[gen_rnd(g, 8)];
}

static inline void gen_memory(struct gen_state *g, struct mem_operand *m)
{
    static const u8 base[4] = {3, 5, 6, 7};

    *m = (struct mem_operand){.base = REG_NONE, .index = REG_NONE};
    switch (gen_rnd(g, 4)) {
    case 0: m->disp = gen_address(g); break;
    case 1:
        m->base = base[gen_rnd(g, 4)];
        m->disp = gen_rnd(g, 256) - 128;
        break;
    case 2:
        m->base = 4;
        m->disp = gen_rnd(g, 64) - 32;
        break;
    default:
        m->base = base[gen_rnd(g, 4)];
        m->disp = gen_rnd(g, 32);
        break;
    }
}

static inline bool gen_row_fits(unsigned row)
{
    const struct insn_row *r = &insn_rows[row];

    switch ((enum insn_op)r->op) {
    case I_ADD ... I_SETCC: return r->op != I_XLAT;
    case I_PUSH:
    case I_POP:
    case I_PUSHF:
    case I_LAHF:
    case I_SAHF:
    case I_SALC:
    case I_MOVS ... I_SCAS:
    case I_CLC ... I_STD: return true;
    default: return false;
    }
}

/* May leave flags undefined, by its row or since its operands are not under control here. */
static inline bool gen_row_undefined(unsigned row)
{
    return insn_rows[row].undefined != 0;
}

static inline void gen_plain(struct gen_state *g, struct unit *u)
{
    struct gen_insn code = {.guest.len = 0};
    struct gen_choice c = {.osz = gen_rnd(g, 4) ? 4 : 2};
    const struct insn_row *r;
    const struct insn_form *form;
    unsigned row;

    do {
        row = gen_rnd(g, insn_row_count);
        r = &insn_rows[row];
        form = &insn_forms[row];
        /* The many rows of SETcc and CMOVcc, and INC to PUSH of one byte, would crowd the rest out.
         */
    } while (!gen_row_fits(row) || ((r->op == I_SETCC || r->op == I_CMOV) && gen_rnd(g, 3)));
    c.reg = gen_data_reg(g, form->operand[0] == FORM_Gb || form->operand[1] == FORM_Gb);
    c.rm = gen_data_reg(g, form->operand[0] == FORM_Eb || form->operand[1] == FORM_Eb);
    c.mem = gen_can_mem(row) && (!gen_can_reg(row) || gen_rnd(g, 5) < 2);
    if (c.mem)
        gen_memory(g, &c.at);
    else
        c.at.disp = gen_address(g);
    for (unsigned i = 0; i < 3; i++)
        c.imm[i] = gen_number(g);
    if ((r->traits & IT_STRING) && gen_rnd(g, 2))
        c.rep = gen_rnd(g, 2) ? 0xf3 : 0xf2;
    c.lock = c.mem && (r->traits & IT_LOCK) && gen_rnd(g, 16) == 0;
    gen_encode(&code, row, &c);
    if (c.rep && gen_rnd(g, 4)) { /* mov $small, %ecx before it */
        gen_put(&code.host, 0, 0);
        u->code[0] = 0xb9;
        u->code[1] = (u8)gen_rnd(g, 64);
        memset(u->code + 2, 0, 3);
        u->len = 5;
    }
    memcpy(u->code + u->len, code.guest.byte, code.guest.len);
    u->len = (u8)(u->len + code.guest.len);
    if (g->defined && gen_row_undefined(row)) { /* cmp %reg, %reg */
        u->code[u->len++] = 0x39;
        u->code[u->len++] = (u8)(0xc0 | gen_rnd(g, 64));
    }
}

static inline void unit_put(struct unit *u, u32 value, unsigned bytes)
{
    memcpy(u->code + u->len, &value, bytes);
    u->len = (u8)(u->len + bytes);
}

/* ModRM and what belongs to it: [EBX|EBP|ESI|EDI + disp8], sometimes with ECX. */
static inline void gen_loop_memory(struct gen_state *g, struct unit *u, u8 reg, const u8 *pointer)
{
    u8 base = pointer[gen_rnd(g, 2)];

    if (gen_rnd(g, 4)) {
        unit_put(u, 0x40u | reg << 3 | base, 1);
    } else {
        unit_put(u, 0x44u | reg << 3, 1);
        unit_put(u, gen_rnd(g, 4) << 6 | 1u << 3 | base, 1);
    }
    unit_put(u, gen_rnd(g, 3) ? gen_rnd(g, 16) : gen_rnd(g, 256), 1);
}

/* One instruction of a loop's body: at most five bytes. */
static inline void gen_loop_insn(struct gen_state *g, struct unit *u, const u8 *pointer)
{
    static const u8 op[] = {0x8b, 0x8b, 0x89, 0x89, 0x8a, 0x88, 0x03, 0x33, 0x01, 0x11, 0x3b, 0x38};
    static const u8 other[] = {0xa4, 0xa5, 0xaa, 0xac, 0x50, 0x58};
    static const u8 wide[] = {0xb6, 0xb7, 0xbe, 0xbf};
    static const u8 simd[] = {0x10, 0x11, 0x10, 0x11, 0x14, 0x2f, 0x58, 0x6f, 0x7e, 0xfc};
    u8 p = pointer[gen_rnd(g, 2)], data = (u8)(gen_rnd(g, 2) * 2);

    if (g->simd &&
        gen_rnd(g, 3) == 0) { /* MOVUPS, ADDPS, COMISS and others of memory or register */
        unit_put(u, 0x0fu | simd[gen_rnd(g, sizeof(simd))] << 8, 2);
        if (gen_rnd(g, 2))
            gen_loop_memory(g, u, (u8)gen_rnd(g, 8), pointer);
        else
            unit_put(u, 0xc0 | gen_rnd(g, 64), 1);
        return;
    }
    switch (gen_rnd(g, 10)) {
    case 0: /* a step that is not the usual one */
        unit_put(u, 0xc083u | p << 8 | (gen_rnd(g, 2) ? 0 : 5) << 11, 2);
        unit_put(u, gen_rnd(g, 256), 1);
        break;
    case 1: unit_put(u, (gen_rnd(g, 3) ? 0x40u : 0x48u) | p, 1); break;
    case 2: /* ALU, register to register */
        unit_put(u, 0xc001u | gen_rnd(g, 8) << 3 | (gen_rnd(g, 8) << 3 | data) << 8, 2);
        break;
    case 3: /* SETcc */ unit_put(u, 0xc0900fu | gen_rnd(g, 16) << 8 | (u32)data << 16, 3); break;
    case 4:
        unit_put(u, 0x0fu | wide[gen_rnd(g, 4)] << 8, 2);
        gen_loop_memory(g, u, data, pointer);
        break;
    case 5: /* MOVSB and its kin; PUSH and POP */
        unit_put(u, other[gen_rnd(g, sizeof(other))], 1);
        break;
    default:
        if (gen_rnd(g, 8) == 0)
            unit_put(u, 0x66, 1);
        unit_put(u, op[gen_rnd(g, sizeof(op))], 1);
        gen_loop_memory(g, u, data, pointer);
        break;
    }
}

/* A loop: its registers, a body of loads and stores, steps, and a jump back to the body. */
static inline void gen_loop(struct gen_state *g, struct unit *u)
{
    static const u8 pointers[4] = {3, 5, 6, 7};
    static const u8 step[] = {1, 1, 2, 4, 4, 4, 8, 12, 0xfc, 0xff, 0xf8, 0};
    u32 count = 1 + gen_rnd(g, gen_rnd(g, 4) ? 40 : 400);
    u8 pointer[2] = {pointers[gen_rnd(g, 4)], pointers[gen_rnd(g, 4)]}, top, side = 0;

    u->kind = UNIT_PLAIN;
    if (gen_rnd(g, 3) == 0)
        pointer[1] = pointer[0];
    for (unsigned i = 0; i < 2; i++) {
        unit_put(u, 0xb8u | pointer[i], 1);
        if (!g->defined && gen_rnd(g, 8) == 0) /* where code is */
            unit_put(u, (gen_rnd(g, 2) ? BT_CODE : BT_ALIAS) + gen_rnd(g, 0x400), 4);
        else
            unit_put(u, gen_address(g) - (gen_rnd(g, 2) ? 0 : 4 * gen_rnd(g, 200)), 4);
    }
    unit_put(u, 0xb9, 1);
    unit_put(u, gen_rnd(g, 16) ? count : 0u - count, 4);
    top = u->len;
    for (unsigned n = 1 + gen_rnd(g, 4); n > 0 && u->len < LOOP_UNIT_BYTES - 14; n--) {
        gen_loop_insn(g, u, pointer);
        if (!side && gen_rnd(g, 5) == 0) { /* out of it */
            unit_put(u, 0x70u | gen_rnd(g, 16), 2);
            side = u->len;
        }
    }
    for (unsigned i = 0; i < 2 && u->len < LOOP_UNIT_BYTES - 8; i++) {
        unit_put(u, 0xc083u | pointer[i] << 8, 2);
        unit_put(u, step[gen_rnd(g, sizeof(step))], 1);
    }
    switch (gen_rnd(g, 8)) {
    case 0: unit_put(u, 0xe2, 1); break;                            /* LOOP */
    case 1: unit_put(u, 0x75c539u | gen_rnd(g, 8) << 11, 3); break; /* CMP EBP, reg; JNZ */
    case 2: unit_put(u, 0x7541, 2); break;                          /* INC ECX; JNZ */
    case 3: unit_put(u, 0x7f01e983u, 4); break;                     /* SUB ECX, 1; JG */
    default: unit_put(u, 0x7549, 2); break;                         /* DEC ECX; JNZ */
    }
    unit_put(u, top - (u->len + 1u), 1);
    if (side)
        u->code[side - 1] = (u8)(u->len - side);
}

/* block_simd.h */
static inline void block_simd_unit(struct gen_state *g, struct unit *u);

/* Two pieces in the order other than that of their addresses: forward to the second, back to the first. */
static inline void gen_pieces(struct gen_state *g, struct unit *u)
{
    static const u8 pointers[4] = {3, 5, 6, 7};
    u8 pointer[2] = {pointers[gen_rnd(g, 4)], pointers[gen_rnd(g, 4)]}, first, second;

    unit_put(u, 0xeb, 2);
    first = u->len;
    for (unsigned n = gen_rnd(g, 3); n > 0; n--)
        gen_loop_insn(g, u, pointer);
    unit_put(u, 0xeb, 2);
    second = u->len;
    for (unsigned n = gen_rnd(g, 3); n > 0; n--)
        gen_loop_insn(g, u, pointer);
    unit_put(u, 0xeb, 2);
    u->code[first - 1] = (u8)(second - first);
    u->code[second - 1] = (u8)(u->len - second);
    u->code[u->len - 1] = (u8)(first - u->len);
}

/* A function, which returns early at times, and a call or two of it. */
static inline void gen_function(struct gen_state *g, struct unit *u)
{
    static const u8 pointers[4] = {3, 5, 6, 7};
    u8 pointer[2] = {pointers[gen_rnd(g, 4)], pointers[gen_rnd(g, 4)]}, over;

    unit_put(u, 0xeb, 2);
    over = u->len;
    gen_loop_insn(g, u, pointer);
    if (gen_rnd(g, 2))
        unit_put(u, 0xc30170u | gen_rnd(g, 16), 3); /* jcc over a RET */
    if (gen_rnd(g, 2))
        gen_loop_insn(g, u, pointer);
    unit_put(u, 0xc3, 1);
    u->code[over - 1] = (u8)(u->len - over);
    for (unsigned n = 1 + gen_rnd(g, 2); n > 0; n--) {
        unit_put(u, 0xe8, 1);
        unit_put(u, over - (u->len + 4u), 4);
        if (gen_rnd(g, 2))
            gen_loop_insn(g, u, pointer);
    }
}

/* Four of INC, DEC and NOP. */
static inline u32 gen_short_insns(struct gen_state *g)
{
    static const u8 byte[8] = {0x40, 0x41, 0x4a, 0x4b, 0x90, 0xf8, 0x49, 0x42};
    u32 value = 0;

    for (unsigned i = 0; i < 4; i++)
        value = value << 8 | byte[gen_rnd(g, 8)];
    return value;
}

static inline void gen_unit(struct gen_state *g, struct unit *u)
{
    u32 n = gen_rnd(g, 100);

    if (g->loopy && gen_rnd(g, 2))
        n = 24;
    if (g->jumpy && gen_rnd(g, 2))
        n = gen_rnd(g, 3) ? 10 : 27 + gen_rnd(g, 2);
    *u = (struct unit){.kind = UNIT_PLAIN, .imm = gen_short_insns(g), .skip = (u8)gen_rnd(g, 4)};
    if (g->simd && n >= 27 && gen_rnd(g, 2)) {
        block_simd_unit(g, u);
    } else if (n < 9) {
        u->kind = UNIT_JUMP;
        u->code[0] = (u8)(0x70 | gen_rnd(g, 16));
    } else if (n < 11) {
        u->kind = UNIT_JUMP;
        u->code[0] =
            (u8)(gen_rnd(g, g->jumpy ? 8 : 2) ? 0xeb : 0xe0 | gen_rnd(g, 4)); /* LOOP to JCXZ */
    } else if (n < 13) {
        u->kind = UNIT_PUSH_RET;
    } else if (n < 17) {
        u->kind = UNIT_PATCHED;
    } else if (n < 20) {
        u->kind = UNIT_PATCH;
        u->alias = gen_rnd(g, 3) == 0;
    } else if (n == 20 && !g->defined) { /* a store somewhere into the program: mov %al, code */
        u->code[0] = 0xa2;
        u->code[1] = (u8)gen_rnd(g, 160);
        u->code[2] = (u8)(gen_rnd(g, 2) ? BT_CODE >> 8 : (BT_CODE >> 8) + 0xf);
        u->len = 5;
    } else if (n < 24) { /* an address register: mov $address, %reg */
        u32 address = gen_address(g);
        static const u8 reg[4] = {3, 5, 6, 7};

        u->code[0] = (u8)(0xb8 | reg[gen_rnd(g, 4)]);
        memcpy(u->code + 1, &address, 4);
        u->len = 5;
    } else if (n < 27) {
        gen_loop(g, u);
    } else if (n == 27) {
        gen_pieces(g, u);
    } else if (n == 28) {
        gen_function(g, u);
    } else {
        gen_plain(g, u);
    }
}

static inline void gen_program(struct program *p, u64 seed, bool defined)
{
    struct gen_state g = {.seed = seed * 0x9e3779b97f4a7c15ull | 1, .defined = defined};

    for (unsigned i = 0; i < 8; i++)
        gen_rnd(&g, 2);
    *p = (struct program){.defined = defined};
    g.faults = p->paged_data = gen_rnd(&g, 4) != 0;
    g.loopy = gen_rnd(&g, 3) == 0;
    g.simd = p->simd = gen_rnd(&g, 3) == 0;
    g.jumpy = gen_rnd(&g, 3) == 0;
    p->units = 1 + gen_rnd(&g, g.loopy ? 6 : PROGRAM_MAX - 4);
    p->user = gen_rnd(&g, 3) == 0;
    p->loops = (u8)(1 + gen_rnd(&g, 3));
    p->start = gen_rnd(&g, 2) ? BT_CODE + gen_rnd(&g, 64) : BT_CODE + 0xf00 + gen_rnd(&g, 256);
    for (unsigned i = 0; i < 8; i++)
        p->r[i] = i == 3 || i >= 5 ? gen_address(&g) : gen_number(&g);
    if (gen_rnd(&g, 2))
        p->r[1] = gen_rnd(&g, 32);
    p->r[R_ESP] = BT_STACK + (gen_rnd(&g, 8) ? 0xe00 - 4 * gen_rnd(&g, 8) : gen_rnd(&g, 24));
    p->eflags = (gen_rnd(&g, 0x10000) & FL_ARITH) | FL_ONE;
    for (unsigned i = 0; i < p->units; i++)
        gen_unit(&g, &p->unit[i]);
}

static inline unsigned unit_len(const struct unit *u)
{
    switch ((enum unit_kind)u->kind) {
    case UNIT_PLAIN: return u->len;
    case UNIT_JUMP: return 2;
    case UNIT_PUSH_RET: return 6;
    case UNIT_PATCHED: return 4;
    case UNIT_PATCH: return 10;
    }
    return 0;
}

/* Address of the nth UNIT_PATCHED; of scratch data when there is none. */
static inline u32 patched_address(const struct program *p, const u32 *at, unsigned nth)
{
    u32 found = BT_DATA + 0x900;

    for (unsigned i = 0; i < p->units; i++)
        if (p->unit[i].kind == UNIT_PATCHED) {
            found = at[i];
            if (nth-- == 0)
                break;
        }
    return found;
}

/* The program's bytes, at most 1 KiB; returns how many. */
static inline unsigned program_bytes(const struct program *p, u8 *out)
{
    u32 at[PROGRAM_MAX + 1], to, value;
    unsigned len = 0;

    for (unsigned i = 0; i < p->units; i++) {
        at[i] = p->start + len;
        len += unit_len(&p->unit[i]);
    }
    at[p->units] = p->start + len;
    for (unsigned i = 0; i < p->units; i++) {
        const struct unit *u = &p->unit[i];
        u8 *code = out + (at[i] - p->start);

        to = at[i + 1 + u->skip < p->units ? i + 1 + u->skip : p->units];
        switch ((enum unit_kind)u->kind) {
        case UNIT_PLAIN: memcpy(code, u->code, u->len); break;
        case UNIT_JUMP:
            code[0] = u->code[0];
            code[1] = (u8)(to - at[i] - 2);
            break;
        case UNIT_PUSH_RET:
            code[0] = 0x68;
            memcpy(code + 1, &to, 4);
            code[5] = 0xc3;
            break;
        case UNIT_PATCHED: memcpy(code, &u->imm, 4); break;
        case UNIT_PATCH:
            to = patched_address(p, at, u->skip);
            if (u->alias && to >> 12 == BT_CODE >> 12 && (to + 3) >> 12 == BT_CODE >> 12)
                to += BT_ALIAS - BT_CODE;
            memcpy(code, "\xc7\x05", 2);
            memcpy(code + 2, &to, 4);
            memcpy(code + 6, &u->imm, 4);
            break;
        }
    }
    /* decl counter; jnz start; hlt */
    value = BT_COUNTER;
    memcpy(out + len, "\xff\x0d", 2);
    memcpy(out + len + 2, &value, 4);
    memcpy(out + len + 6, "\x0f\x85", 2);
    value = -(len + 12);
    memcpy(out + len + 8, &value, 4);
    out[len + 12] = 0xf4;
    return len + 13;
}

static inline void program_print(const struct program *p)
{
    fprintf(stderr, "program at %x, %u units, %s, %u times\n", p->start, p->units,
            p->user ? "CPL 3" : "CPL 0", p->loops);
    for (unsigned i = 0; i < p->units; i++) {
        struct program one = {.units = p->units, .start = p->start};
        u8 bytes[2048];
        unsigned from = 0;

        memcpy(one.unit, p->unit, sizeof(p->unit));
        program_bytes(&one, bytes);
        for (unsigned k = 0; k < i; k++)
            from += unit_len(&p->unit[k]);
        fprintf(stderr, "  %08x ", p->start + from);
        for (unsigned k = 0; k < unit_len(&p->unit[i]); k++)
            fprintf(stderr, " %02x", bytes[from + k]);
        fputc('\n', stderr);
    }
}

#endif
