/* Random system-level guests: segments of every level, gates, tasks and vm86, well-formed for the most part, and
 * pieces of code that go from one to another. */
#ifndef PAGEWALK_TESTS_RING_GEN_H
#define PAGEWALK_TESTS_RING_GEN_H

#include <string.h>

#include "cpu/sys.h"

/* Guest memory, linear and physical. What is below RING_HIDDEN's end is not mapped: page tables. */
#define RING_RAM      0x60000u
#define RING_GDT      0x1000u /* 64 entries */
#define RING_LDT      0x1800u /* 16 entries */
#define RING_IDT      0x2000u /* 256 entries */
#define RING_TSS      0x3000u /* 8 of 256 bytes */
#define RING_HIDDEN   0x4000u /* page directory, page table */
#define RING_HANDLERS 0x6000u /* 16 bytes a vector: HLT */
#define RING_STACKS   0x8000u /* 16 of a page: one for each level of each task */
#define RING_CODE     0x20000u
#define RING_PIECE    0x100u
#define RING_PIECES   32u
#define RING_DATA     0x30000u
#define RING_DATA_LEN 0x10000u

/* GDT entries by kind; each kind has eight, two for each level. */
enum ring_entry {
    RING_CODE32 = 1,
    RING_CODE16 = 9,
    RING_DATA32 = 17,
    RING_GATES = 25, /* call gates */
    RING_TASKS = 33, /* TSSs; the first is the one that runs at first */
    RING_TASK_GATES = 41,
    RING_LDTS = 45,
    RING_OTHERS = 48, /* anything */
    RING_ENTRIES = 64,
};

struct ring_guest {
    u64 seed;
    u8 ram[RING_RAM];
    u32 at;     /* where code is emitted */
    bool peers; /* for other emulators, too: nothing in which they may differ */
};

static inline u32 ring_rnd(struct ring_guest *g, u32 n)
{
    g->seed ^= g->seed >> 12;
    g->seed ^= g->seed << 25;
    g->seed ^= g->seed >> 27;
    return (u32)((g->seed * 0x2545f4914f6cdd1dull) >> 33) % n;
}

static inline u32 ring_word(struct ring_guest *g)
{
    return ring_rnd(g, 0x10000) << 16 | ring_rnd(g, 0x10000);
}

static inline u32 ring_piece(struct ring_guest *g)
{
    return RING_CODE + RING_PIECE * ring_rnd(g, RING_PIECES);
}

static inline u32 ring_stack(struct ring_guest *g)
{
    return RING_STACKS + PAGE_SIZE * (ring_rnd(g, 16) + 1) - 4 * ring_rnd(g, 16);
}

/* The level of a kind's n-th entry is n / 2. */
static inline u32 ring_dpl(unsigned n)
{
    return (n / 2 & 3) << SEG_DPL_SHIFT;
}

static inline void ring_desc(struct ring_guest *g, unsigned n, u32 base, u32 limit, u32 attr)
{
    u8 *at = g->ram + RING_GDT + 8 * n;
    u32 wrong = ring_rnd(g, 40) ? 0 : 1u << (8 + ring_rnd(g, 16)); /* something is wrong with it */

    if (!g->peers || wrong != SEG_DB)
        attr ^= wrong;
    put32(at, base << 16 | (limit & 0xffff));
    put32(at + 4, (base & 0xff000000u) | (base >> 16 & 0xff) | (limit & 0xf0000) | attr);
}

static inline void ring_gate(struct ring_guest *g, u32 at, u16 sel, u32 offset, u32 attr)
{
    if (ring_rnd(g, 40) == 0)
        attr ^= 1u << (8 + ring_rnd(g, 8));
    put32(g->ram + at, (u32)sel << 16 | (offset & 0xffff));
    put32(g->ram + at + 4, (offset & 0xffff0000u) | attr);
}

/* A selector of such an entry, with an RPL that is mostly its level. */
static inline u16 ring_sel(struct ring_guest *g, enum ring_entry kind)
{
    unsigned n = ring_rnd(g, 8), rpl = ring_rnd(g, 6) ? n / 2 : ring_rnd(g, 4);

    return (u16)(8 * (kind + n) | rpl);
}

static inline u16 ring_any_sel(struct ring_guest *g)
{
    if (ring_rnd(g, 8) == 0)
        return (u16)(4 | 8 * ring_rnd(g, 18) | ring_rnd(g, 4)); /* the LDT's, and behind it */
    return (u16)(8 * ring_rnd(g, RING_ENTRIES + 1) | ring_rnd(g, 4));
}

static inline void ring_tables(struct ring_guest *g)
{
    u32 flat = SEG_G | SEG_DB, rw = SEG_P | SEG_S | SEG_W;

    for (unsigned n = 0; n < 8; n++) {
        u32 accessed = ring_rnd(g, 2) ? SEG_ACCESSED : 0;
        u32 conform = n % 2 && ring_rnd(g, 4) == 0 ? SEG_CONFORM : 0;
        u32 type = ring_rnd(g, 4) ? DESC_TSS32 : DESC_TSS16;
        enum ring_entry target;

        ring_desc(g, RING_CODE32 + n, 0, 0xfffff,
                  rw | SEG_CODE | flat | accessed | conform | ring_dpl(n));
        ring_desc(g, RING_CODE16 + n, RING_CODE, 0xffff, rw | SEG_CODE | accessed | ring_dpl(n));
        ring_desc(g, RING_DATA32 + n, 0, 0xfffff,
                  rw | accessed | (ring_rnd(g, 4) || (g->peers && n < 6) ? flat : SEG_G) |
                      ring_dpl(n));
        target = ring_rnd(g, 4) ? RING_CODE32 : RING_CODE16;
        ring_gate(g, RING_GDT + 8 * (RING_GATES + n), ring_sel(g, target),
                  ring_piece(g) - (target == RING_CODE16 ? RING_CODE : 0),
                  SEG_P | ring_dpl(n | ring_rnd(g, 8)) | ring_rnd(g, 8) |
                      (ring_rnd(g, 4) ? DESC_CALL32 : DESC_CALL16) << SEG_TYPE_SHIFT);
        ring_desc(g, RING_TASKS + n, RING_TSS + 0x100 * n, ring_rnd(g, 8) ? 0xff : 0x67,
                  SEG_P | ring_dpl(ring_rnd(g, 8)) | type << SEG_TYPE_SHIFT);
    }
    for (unsigned n = RING_TASK_GATES; n < RING_LDTS; n++)
        ring_gate(g, RING_GDT + 8 * n, (u16)(8 * (RING_TASKS + ring_rnd(g, 8))), 0,
                  SEG_P | ring_dpl(ring_rnd(g, 8)) | DESC_TASK << SEG_TYPE_SHIFT);
    for (unsigned n = RING_LDTS; n < RING_OTHERS; n++)
        ring_desc(g, n, RING_LDT, 16 * 8 - 1, SEG_P | DESC_LDT << SEG_TYPE_SHIFT);
    for (unsigned n = RING_OTHERS; n < RING_ENTRIES; n++)
        ring_desc(g, n, ring_word(g) & 0xffff, ring_rnd(g, 0x100000), ring_word(g) & 0xf0ff00);
    for (unsigned n = 0; n < 16; n++) /* copies, in the LDT */
        memcpy(g->ram + RING_LDT + 8 * n, g->ram + RING_GDT + 8 * (1 + ring_rnd(g, RING_TASKS - 1)),
               8);
}

/* Exceptions have handlers of level 0 that halt, most of them; other vectors lead anywhere. */
static inline void ring_vectors(struct ring_guest *g)
{
    for (u32 v = 0; v < 256; v++) {
        u32 type = ring_rnd(g, 2) ? DESC_INT32 : DESC_TRAP32;
        u32 attr = SEG_P | ring_dpl(ring_rnd(g, 3) ? 7 : ring_rnd(g, 8));

        if (v < 32 && ring_rnd(g, 6))
            ring_gate(g, RING_IDT + 8 * v, 8 * RING_CODE32, RING_HANDLERS + 16 * v,
                      attr | DESC_INT32 << SEG_TYPE_SHIFT);
        else if (ring_rnd(g, 6) == 0)
            ring_gate(g, RING_IDT + 8 * v, (u16)(8 * (RING_TASKS + ring_rnd(g, 8))), 0,
                      attr | DESC_TASK << SEG_TYPE_SHIFT);
        else
            ring_gate(g, RING_IDT + 8 * v, ring_sel(g, RING_CODE32), ring_piece(g),
                      attr | type << SEG_TYPE_SHIFT);
    }
}

static inline u32 ring_flags(struct ring_guest *g)
{
    u32 flags = FL_ONE | (ring_word(g) & (FL_ARITH | FL_IF | FL_DF | FL_IOPL | FL_ID));

    flags |= ring_rnd(g, 12) ? 0 : FL_TF;
    flags |= ring_rnd(g, 8) ? 0 : FL_NT;
    flags |= ring_rnd(g, 16) ? 0 : FL_VM;
    return flags | (ring_rnd(g, 16) ? 0 : FL_RF | FL_AC);
}

static inline void ring_tasks(struct ring_guest *g)
{
    for (unsigned n = 0; n < 8; n++) {
        unsigned cpl = ring_rnd(g, 4);
        u8 *tss = g->ram + RING_TSS + 0x100 * n;

        for (unsigned level = 0; level < 3; level++) {
            put32(tss + 4 + 8 * level, ring_stack(g));
            put32(tss + 8 + 8 * level, 8 * (RING_DATA32 + 2 * level) | level);
        }
        put16(tss, (u16)(8 * (RING_TASKS + ring_rnd(g, 8)))); /* back link */
        if (ring_rnd(g, 4) == 0) { /* as a 16-bit one is; else its fields are junk for that */
            for (unsigned i = 1; i < 22; i++)
                put16(tss + 2 * i, (u16)ring_word(g));
            for (unsigned level = 0; level < 3; level++) {
                put16(tss + 2 + 4 * level, (u16)ring_stack(g));
                put16(tss + 4 + 4 * level, (u16)(8 * (RING_DATA32 + 2 * level) | level));
            }
        }
        put32(tss + 0x1c, RING_HIDDEN);
        put32(tss + 0x20, ring_piece(g));
        put32(tss + 0x24, ring_flags(g));
        for (unsigned i = 0; i < 8; i++)
            put32(tss + 0x28 + 4 * i, i == R_ESP ? ring_stack(g) : ring_word(g));
        for (unsigned s = 0; s < SREG_COUNT; s++) {
            enum ring_entry kind = s == SREG_CS ? RING_CODE32 : RING_DATA32;

            put32(tss + 0x48 + 4 * s,
                  ring_rnd(g, 12) ? 8 * (kind + 2 * cpl) | cpl : ring_any_sel(g));
        }
        put32(tss + 0x60, ring_rnd(g, 2) ? 0 : 8 * RING_LDTS);
        put32(tss + 0x64, 0x68u << 16 | (ring_rnd(g, 16) == 0));
        put32(tss + 0x68, ring_word(g)); /* rights to ports; the rest is none */
    }
}

#endif
