/* The architectural state of a processor, as cpu/state.def lists it, and a walk over it.
 *
 * The register file is one array so that a micro-op names a register by its byte offset in it: GPRs,
 * the translator's temporaries, a zero, and the segment bases. */
#ifndef PAGEWALK_CPU_STATE_H
#define PAGEWALK_CPU_STATE_H

#include "mmu/host/base.h"

/* Slots of the register file (32 bits each). */
enum cpu_slot {
    R_EAX,
    R_ECX,
    R_EDX,
    R_EBX,
    R_ESP,
    R_EBP,
    R_ESI,
    R_EDI, /* ModRM order */
    R_T0,
    R_T1,
    R_T2,
    R_T3,
    R_T4,
    R_T5,
    R_T6,   /* block-local temporaries */
    R_ZERO, /* always 0 */
    R_BASE, /* R_BASE + enum sreg: segment bases */
    R_SLOTS = R_BASE + 6
};

enum sreg { SREG_ES, SREG_CS, SREG_SS, SREG_DS, SREG_FS, SREG_GS, SREG_COUNT };

/* The P6's last branch records, in the order of their MSRs. (SDM vol. 3B, 17.15) */
enum debug_branch {
    BRANCH_FROM,
    BRANCH_TO,
    EXCEPTION_FROM, /* the branch before the last exception or interrupt */
    EXCEPTION_TO,
    DEBUG_BRANCHES
};

#define CPU_LINE_BYTES 64u /* of a line that MONITOR names, as CPUID's leaf 5 tells */

/* An XMM register; an MMX register or a general one when only the low part counts. */
union vec {
    u8 b[16];
    u16 w[8];
    u32 d[4];
    u64 q[2];
} __attribute__((aligned(16))); /* as MOVAPS wants it */

/* Types of the list's fields. */
#define STATE_TYPE_flag     bool
#define STATE_TYPE_u8       u8
#define STATE_TYPE_u16      u16
#define STATE_TYPE_u32      u32
#define STATE_TYPE_u64      u64
#define STATE_TYPE_vec      union vec
#define STATE_TYPE_seg      struct seg
#define STATE_TYPE_sysseg   struct sysseg
#define STATE_TYPE_dtable   struct dtable
#define STATE_TYPE_x87_reg  struct x87_reg
#define STATE_TYPE_perf     struct perf_counter
#define STATE_TYPE_rep_left struct rep_left

#define SEG(type, name, label) type name;
struct seg {
#include "cpu/state.def"
};

#define SYSSEG(type, name, label) type name;
struct sysseg {
#include "cpu/state.def"
};

#define DTABLE(type, name, label) type name;
struct dtable {
#include "cpu/state.def"
};

#define X87_REG(type, name, label) type name;
struct x87_reg {
#include "cpu/state.def"
};

#define PERF(type, name, label) type name;
struct perf_counter {
#include "cpu/state.def"
};

#define REP_LEFT(type, name, label) type name;
struct rep_left {
#include "cpu/state.def"
};

#define X87(group, type, name, dimension, label, uses) STATE_TYPE_##type name dimension;
struct x87 {
#include "cpu/state.def"
};

#define STATE(group, type, name, dimension, label, uses) STATE_TYPE_##type name dimension;
#define PART(type, name)                                 struct type name;
struct cpu_state {
#include "cpu/state.def"
};

enum state_group {
    STATE_GENERAL,
    STATE_SEGMENTS,
    STATE_CONTROL,
    STATE_DEBUG,
    STATE_EVENTS,
    STATE_MSRS,
    STATE_X87,
    STATE_SSE,
};

#define STATE_DUMP   1u
#define STATE_DIGEST 2u

/* One number of the state: 1, 2, 4, 8 or 16 bytes. */
struct state_number {
    size_t offset; /* in struct cpu_state */
    unsigned size;
    enum state_group group;
    unsigned uses;    /* STATE_DUMP, STATE_DIGEST */
    unsigned members; /* that its field's type has */
    bool flag;        /* a bool */
    /* Where it is in the list: all zeros before the first. */
    bool started;
    unsigned field, element, member;
};

/* Goes on to the next number in the list's order; false at its end. */
bool cpu_state_next(struct state_number *number);

#define STATE_NAME_MAX 40
/* "EAX", "ES limit". */
void cpu_state_name(const struct state_number *number, char *name);

#endif
