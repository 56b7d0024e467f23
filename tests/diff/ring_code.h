/* The code of ring_gen.h's guests: what goes between levels, tasks and modes, or asks about them. */
#ifndef PAGEWALK_TESTS_RING_CODE_H
#define PAGEWALK_TESTS_RING_CODE_H

#include "tests/diff/ring_gen.h"

static inline void ring_emit(struct ring_guest *g, u32 bytes, unsigned len)
{
    for (; len; len--, bytes >>= 8)
        g->ram[g->at++] = (u8)bytes;
}

static inline void ring_push(struct ring_guest *g, u32 value)
{
    ring_emit(g, 0x68, 1);
    ring_emit(g, value, 4);
}

static inline void ring_load(struct ring_guest *g, unsigned reg, u32 value)
{
    ring_emit(g, 0xb8 | reg, 1);
    ring_emit(g, value, 4);
}

/* JMP, CALL: a far pointer to code, gates and tasks. */
static inline void ring_far(struct ring_guest *g)
{
    static const enum ring_entry kinds[] = {RING_CODE32, RING_GATES, RING_GATES, RING_TASKS,
                                            RING_TASK_GATES};
    enum ring_entry kind = kinds[ring_rnd(g, ARRAY_SIZE(kinds))];
    u16 sel = ring_rnd(g, 10) ? ring_sel(g, kind) : ring_any_sel(g);

    ring_emit(g, ring_rnd(g, 3) ? 0x9a : 0xea, 1);
    ring_emit(g, ring_piece(g), 4);
    ring_emit(g, sel, 2);
}

/* IRET and RETF to a frame that is right for some level, or to vm86. */
static inline void ring_return(struct ring_guest *g)
{
    unsigned cpl = ring_rnd(g, 4);
    bool iret = ring_rnd(g, 2), vm86 = iret && ring_rnd(g, 3) == 0;
    u32 flags = ring_flags(g) & ~FL_VM;

    for (unsigned i = 0; vm86 && i < 4; i++)
        ring_push(g, ring_word(g) & 0xffff);
    if (vm86 || ring_rnd(g, 4)) {
        ring_push(g, vm86 ? RING_STACKS >> 4 : 8 * (RING_DATA32 + 2 * cpl) | cpl);
        ring_push(g, vm86 ? 0x1000 : ring_stack(g));
    }
    if (iret)
        ring_push(g, vm86 ? flags | FL_VM : flags);
    if (ring_rnd(g, 20) == 0)
        ring_push(g, ring_any_sel(g));
    else
        ring_push(g, vm86 ? RING_CODE >> 4 : 8 * (RING_CODE32 + 2 * cpl + ring_rnd(g, 2)) | cpl);
    ring_push(g, vm86 ? ring_piece(g) - RING_CODE : ring_piece(g));
    if (ring_rnd(g, 16) == 0)
        ring_emit(g, 0x66, 1);
    ring_emit(g, iret ? 0xcf : 0xcb, 1);
}

static inline void ring_segment(struct ring_guest *g)
{
    u32 sel = ring_rnd(g, 4) ? ring_sel(g, RING_DATA32) : ring_any_sel(g);

    ring_load(g, R_EAX, sel);
    switch (ring_rnd(g, 5)) {
    case 0:
    case 1: ring_emit(g, 0xc08e | ring_rnd(g, 6) << 11, 2); break;                /* MOV sreg, ax */
    case 2: ring_emit(g, 0x50 | ("\x07\x17\x1f"[ring_rnd(g, 3)]) << 8, 2); break; /* PUSH; POP */
    case 3: ring_emit(g, 0xd8020f | ring_rnd(g, 2) << 8, 3); break;               /* LAR, LSL */
    default: ring_emit(g, 0xe0000f | ring_rnd(g, 2) << 19, 3);                    /* VERR, VERW */
    }
}

/* LLDT, LTR, SLDT, STR; control registers as they are; flags; what only level 0 may. */
static inline void ring_system(struct ring_guest *g)
{
    static const u32 others[] = {0x060f, 0xe0010f, 0x20c020, 0xd8200f, 0xf4,   0x340f, 0x350f,
                                 0xfa,   0xfb,     0xc0210f, 0x320f,   0x310f, 0xce,   0xcc,
                                 0xf1,   0x3d010f, 0xc3630f, 0x9c,     0x0b0f, 0x80e4};
    u32 code;

    switch (ring_rnd(g, 4)) {
    case 0:
        ring_load(g, R_EAX, 8 * (RING_LDTS + ring_rnd(g, 3)));
        ring_emit(g, 0xd0000f, 3);
        break;
    case 1:
        ring_load(g, R_EAX, 8 * (RING_TASKS + ring_rnd(g, 8)));
        ring_emit(g, 0xd8000f, 3);
        break;
    case 2: /* POPF */
        ring_push(g, ring_flags(g));
        ring_emit(g, 0x9d, 1);
        break;
    default:
        code = others[ring_rnd(g, ARRAY_SIZE(others))];
        if (g->peers && (code == 0x310f || code == 0x80e4 || code == 0xf4)) /* RDTSC, IN, HLT */
            code = 0x0b0f;                                                  /* UD2 */
        ring_emit(g, code, code > 0xffff ? 3 : code > 0xff ? 2 : 1);
    }
}

/* Loads and stores by any segment, mostly of data; now and then of a descriptor's rights. */
static inline void ring_access(struct ring_guest *g)
{
    static const u8 prefixes[] = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65};
    u32 at = RING_DATA + ring_rnd(g, RING_DATA_LEN - 8);

    if (ring_rnd(g, 8) == 0)
        at = RING_GDT + 8 * ring_rnd(g, RING_ENTRIES) + 5;
    if (ring_rnd(g, 2))
        ring_emit(g, prefixes[ring_rnd(g, ARRAY_SIZE(prefixes))], 1);
    switch (ring_rnd(g, 5)) {
    case 0: ring_emit(g, 0x058b, 2); break; /* mov eax, [at] */
    case 1: ring_emit(g, 0x0501, 2); break; /* add [at], eax */
    case 2: ring_emit(g, 0x2d87, 2); break; /* xchg ebp, [at] */
    case 3: ring_emit(g, 0x35ff, 2); break; /* push [at] */
    default: ring_emit(g, 0x058f, 2);       /* pop [at] */
    }
    ring_emit(g, at, 4);
}

static inline void ring_insn(struct ring_guest *g)
{
    static const u32 plain[] = {0xc801, 0xd029, 0x40, 0x4b, 0xc885, 0x50,   0x5b, 0x60,
                                0x61,   0xc9,   0xa4, 0xab, 0xd8f7, 0xe8d1, 0x9f, 0x9e};
    u32 code;

    switch (ring_rnd(g, 12)) {
    case 0:
    case 1: ring_far(g); break;
    case 2:
    case 3: ring_return(g); break;
    case 4:
        ring_emit(g, 0xcd | (ring_rnd(g, 4) ? 0x20 + ring_rnd(g, 0xe0) : ring_rnd(g, 32)) << 8, 2);
        break;
    case 5:
    case 6: ring_segment(g); break;
    case 7: ring_system(g); break;
    case 8:
    case 9: ring_access(g); break;
    default: code = plain[ring_rnd(g, ARRAY_SIZE(plain))]; ring_emit(g, code, code > 0xff ? 2 : 1);
    }
}

/* The whole guest by a number. */
static inline void ring_make(struct ring_guest *g, u64 number)
{
    g->seed = number * 0x9e3779b97f4a7c15ull + 1;
    memset(g->ram, 0, sizeof(g->ram));
    for (u32 at = RING_DATA; at < RING_DATA + RING_DATA_LEN; at += 4)
        put32(g->ram + at, ring_word(g));
    ring_tables(g);
    ring_vectors(g);
    ring_tasks(g);
    for (u32 v = 0; v < 32; v++)
        g->ram[RING_HANDLERS + 16 * v] = 0xf4;
    for (u32 n = 0; n < RING_PIECES; n++) {
        g->at = RING_CODE + RING_PIECE * n;
        for (unsigned i = 0; i < 6; i++)
            ring_insn(g);
        g->ram[g->at] = 0xf4;
    }
}

#endif
