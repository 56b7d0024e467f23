/* The translator's public face: attach one to a CPU and run guest code. */
#ifndef PAGEWALK_TRANSLATE_H
#define PAGEWALK_TRANSLATE_H

#include "cpu/cpu.h"

#define CODE_BUFFER_MIN (16u * KIB)
#define CODE_BUFFER_MAX (256u * MIB)

/* What pays, as measured: most of what a guest boots with runs seldom. */
#define NATIVE_AFTER     20
#define NATIVE_AFTER_MAX UINT16_MAX

/* Whether native code of this build uses windows (mmu/window.h). */
#ifdef PAGEWALK_WINDOWS
#define TRANSLATE_WINDOWS true
#else
#define TRANSLATE_WINDOWS false
#endif

struct translate_options {
    const char *engine; /* "interp"; NULL: the best that this build has */
    unsigned
        native_after; /* runs of a block by the interpreter before it gets native code, up to NATIVE_AFTER_MAX */
    bool no_chain;         /* debug: never link blocks */
    unsigned block_len;    /* debug: at most so many instructions in a block; 0: the default */
    bool random_len;       /* debug: a pseudo-random limit for each block */
    unsigned cache_blocks; /* debug: drop the oldest block when there are so many; 0: the default */
    u32 code_buffer;       /* debug: bytes of native code, MIN to MAX; 0: the default */
    bool private_code;     /* native code is this process' own, not shared with a child by fork() */
    bool timed;            /* count the host time spent translating */
    /* debug: windows are used after so many instructions without a flush; 0: when it pays */
    u32 window_wait;
    bool slow_mem; /* debug: native loads and stores leave their inline code, hit or miss */
};

/* 0; -EINVAL for an unknown engine; -ENOMEM; -ENOTSUP where this build wants windows, which the host cannot have. */
int translator_new(struct cpu *cpu, const struct translate_options *options);
void translator_free(struct cpu *cpu);

/* Names of the engines in this build, ending with NULL; the first is the default. */
const char *const *translator_engines(void);

/* Runs at most max_insns (1 to 2^30) guest instructions, exactly that many when nothing else stops it.
 * Interrupts (cpu_set_intr, NMI) are taken at instruction boundaries inside. Under CPU_STOP_HALT the
 * caller lets time pass until an interrupt is asserted. A call on a halted CPU with a deliverable
 * interrupt wakes it. cpu->insns counts what was retired. Native code keeps the guest's return addresses on
 * the caller's stack: 512 KiB of it at most. */
enum cpu_stop cpu_run(struct cpu *cpu, u32 max_insns);

/* The same, but the block in which the last of them lies is finished: a few more. Nothing is translated anew for an
 * exact end. */
enum cpu_stop cpu_run_at_least(struct cpu *cpu, u32 insns);

/* Instructions retired until now, exact even from inside a hook during cpu_run(). */
u64 cpu_insns(const struct cpu *cpu);

/* Says by hooks.notice what the current instruction is, which lacks this enum cpu_feature. (lacking.c) */
void lacking_insn(struct cpu *cpu, u32 feature);

/* The EIP of the instruction being executed, exact even from inside a hook. */
u32 cpu_current_eip(const struct cpu *cpu);

#endif
