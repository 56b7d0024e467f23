/* Fuzz programs: whole machines with hostile code, made from a number.
 *
 * A program is a few sessions, each in a mode of its own, begun by a reset; a session is a few pieces of
 * code, each begun with registers of its own when the one before has ended in an exception, an interrupt or
 * at its end; a piece is a few steps, which are some instructions each. Steps, pieces and sessions can be
 * left out without a change of the others: that is how a program that fails is reduced. */
#ifndef PAGEWALK_TESTS_FUZZ_PROGRAM_H
#define PAGEWALK_TESTS_FUZZ_PROGRAM_H

#include "mmu/host/base.h"
#include "tests/fuzz/layout.h"

#define FZ_SESSIONS_MAX 4u
#define FZ_PIECES_MAX   8u
#define FZ_STEPS_MAX    8u
#define FZ_STEP_LEN     120u
#define FZ_OUTS_MAX     48u

enum fuzz_mode { FZ_REAL, FZ_UNREAL, FZ_FLAT, FZ_USER, FZ_SEG16, FZ_VM86, FZ_MODES };
enum fuzz_paging { FZ_NO_PAGES, FZ_PAGES_32, FZ_PAGES_PSE, FZ_PAGES_PAE, FZ_PAGINGS };

/* What of a session is hostile beside its code. */
enum {
    FZ_JUNK_DESC = 1 << 0,  /* random descriptors in GDT and LDT */
    FZ_JUNK_IDT = 1 << 1,   /* random gates here and there */
    FZ_JUNK_PAGES = 1 << 2, /* random entries here and there in the page tables */
    FZ_IRQS = 1 << 3,       /* the PIT's interrupts, which end code that runs astray */
    FZ_JUNK_ALL = 15,
};

struct fuzz_step {
    const char *name; /* of what made it */
    u8 len;
    u8 byte[FZ_STEP_LEN];
};

struct fuzz_piece {
    bool off;
    u32 at; /* physical address of the code */
    u32 r[8], eflags;
    u16 seg[4]; /* GS, FS, ES, DS */
    struct fuzz_step step[FZ_STEPS_MAX];
    unsigned steps;
};

/* A port written before the session begins; byte ports below 0xcf8, 32 bits above. */
struct fuzz_out {
    u16 port;
    u32 value;
};

struct fuzz_session {
    bool off;
    enum fuzz_mode mode;
    enum fuzz_paging paging;
    unsigned junk; /* FZ_JUNK_* */
    u64 seed;      /* of the tables */
    u32 cr0, cr4;  /* bits to set beside the mode's */
    u32 base16;    /* of the 16-bit code segment */
    struct fuzz_out out[FZ_OUTS_MAX];
    unsigned outs;
    struct fuzz_piece piece[FZ_PIECES_MAX];
    unsigned pieces;
};

struct fuzz_program {
    u64 number;
    u32 ram_mib;
    bool
        stale; /* page tables change without a word to the TLB: engines may differ, and are not compared */
    const char *model;
    bool isa_only, no_acpi, no_vga, own_bios;
    /* Of the engine under test; the reference is the interpreter. */
    unsigned block_len, cache_blocks, native_after;
    bool random_len, no_chain, slow_mem;
    u32 code_buffer, tlb_limit; /* tlb_limit: of both */
    struct fuzz_session session[FZ_SESSIONS_MAX];
    unsigned sessions;
};

/* Code is 32-bit in this mode. */
static inline bool fuzz_code32(enum fuzz_mode mode)
{
    return mode == FZ_FLAT || mode == FZ_USER;
}

/* Addresses in this mode are those of a segment register times 16. */
static inline bool fuzz_real(enum fuzz_mode mode)
{
    return mode == FZ_REAL || mode == FZ_UNREAL || mode == FZ_VM86;
}

void fuzz_generate(struct fuzz_program *p, u64 number);
/* The program as a BIOS of FZ_ROM_SIZE bytes. */
void fuzz_build(const struct fuzz_program *p, u8 *rom);
/* What is left of the program, as text. */
void fuzz_print(const struct fuzz_program *p);

/* Random numbers: everything follows from *s. */
u32 fuzz_rnd(u64 *s, u32 below);
/* Some bits, often few, or near a power of two. */
u32 fuzz_word(u64 *s);
/* A physical address where something begins or ends. */
u32 fuzz_edge(u64 *s, const struct fuzz_program *p);

#endif
