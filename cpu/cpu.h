/* One IA-32 processor: its architectural state, what runs it, and what the board gives it. */
#ifndef PAGEWALK_CPU_H
#define PAGEWALK_CPU_H

#include "cpu/cpu_state.h"
#include "cpu/debugger.h"
#include "mmu/mmu.h"

/* EFLAGS. (SDM vol. 1, 3.4.3) */
#define FL_CF         0x00000001u
#define FL_ONE        0x00000002u /* always set */
#define FL_PF         0x00000004u
#define FL_AF         0x00000010u
#define FL_ZF         0x00000040u
#define FL_SF         0x00000080u
#define FL_TF         0x00000100u
#define FL_IF         0x00000200u
#define FL_DF         0x00000400u
#define FL_OF         0x00000800u
#define FL_IOPL       0x00003000u
#define FL_NT         0x00004000u
#define FL_RF         0x00010000u
#define FL_VM         0x00020000u
#define FL_AC         0x00040000u
#define FL_VIF        0x00080000u
#define FL_VIP        0x00100000u
#define FL_ID         0x00200000u
#define FL_ARITH      (FL_CF | FL_PF | FL_AF | FL_ZF | FL_SF | FL_OF)
#define FL_IOPL_SHIFT 12

#define FL_MASK /* those that there are, but for FL_ONE */                                         \
    (FL_ARITH | FL_TF | FL_IF | FL_DF | FL_IOPL | FL_NT | FL_RF | FL_VM | FL_AC | FL_VIF |         \
     FL_VIP | FL_ID)

#define CR0_MP         0x00000002u
#define CR0_EM         0x00000004u
#define CR0_TS         0x00000008u
#define CR0_ET         0x00000010u
#define CR0_NE         0x00000020u
#define CR0_AM         0x00040000u
#define CR0_NW         0x20000000u
#define CR0_CD         0x40000000u
#define CR4_VME        0x00000001u
#define CR4_PVI        0x00000002u
#define CR4_TSD        0x00000004u
#define CR4_DE         0x00000008u
#define CR4_MCE        0x00000040u
#define CR4_PCE        0x00000100u
#define CR4_OSFXSR     0x00000200u
#define CR4_OSXMMEXCPT 0x00000400u

#define CR0_MASK /* those that there are */                                                        \
    (CR0_PE | CR0_MP | CR0_EM | CR0_TS | CR0_ET | CR0_NE | CR0_WP | CR0_AM | CR0_NW | CR0_CD |     \
     CR0_PG)

/* Exception vectors. (SDM vol. 3A, table 6-1) */
enum excp {
    EXCP_DE = 0,
    EXCP_DB = 1,
    EXCP_NMI = 2,
    EXCP_BP = 3,
    EXCP_OF = 4,
    EXCP_BR = 5,
    EXCP_UD = 6,
    EXCP_NM = 7,
    EXCP_DF = 8,
    EXCP_TS = 10,
    EXCP_NP = 11,
    EXCP_SS = 12,
    EXCP_GP = 13,
    EXCP_PF = 14,
    EXCP_MF = 16,
    EXCP_AC = 17,
    EXCP_MC = 18,
    EXCP_XM = 19
};

/* A segment's rights are kept as the descriptor's second dword has them: bits 8-23, the rest zero. */
#define SEG_ACCESSED   0x00000100u
#define SEG_W          0x00000200u /* data: writable; code: readable (SEG_R) */
#define SEG_R          0x00000200u
#define SEG_EXPDOWN    0x00000400u /* data: expand down; code: conforming (SEG_CONFORM) */
#define SEG_CONFORM    0x00000400u
#define SEG_CODE       0x00000800u
#define SEG_S          0x00001000u /* code or data, not system */
#define SEG_DPL        0x00006000u
#define SEG_P          0x00008000u
#define SEG_AVL        0x00100000u
#define SEG_DB         0x00400000u /* D (code), B (stack) */
#define SEG_G          0x00800000u
#define SEG_DPL_SHIFT  13
#define SEG_TYPE_SHIFT 8

/* The last producer of arithmetic flags whose flags are not in eflags yet; see flags.h. */
struct lazy_flags {
    u32 op;        /* enum lazy_op; above it LAZY_STEP() and LAZY_ROTATED() */
    u32 res, a, b; /* result and operands */
    u32 step;      /* result of the INC or DEC behind op */
    u32 rotated;   /* result of the rotate behind op */
};

#define EFER_NXE 0x800u /* (SDM vol. 3A, 4.1.4) */

/* IA32_APIC_BASE: where the local APIC is, if it is. (SDM vol. 3A, 10.4.4) */
#define APIC_BASE_BSP     0x100u
#define APIC_BASE_ENABLED 0x800u
#define APIC_BASE_ADDRESS 0xffffff000ull
#define APIC_BASE_RESET   0xfee00000u

/* What translated code may assume; part of a block's key. Kept up to date by cpu_update_mode(). */
#define MODE_CPL    0x00000003u /* CPL; 3 in vm86 */
#define MODE_PE     0x00000004u /* protected mode (or vm86) */
#define MODE_VM     0x00000008u
#define MODE_CS32   0x00000010u /* CS.D */
#define MODE_SS32   0x00000020u /* SS.B */
#define MODE_TF     0x00000040u /* single step */
#define MODE_FPU_NM 0x00000080u /* CR0.TS or CR0.EM: x87 instructions raise #NM */
#define MODE_TS     0x00000100u /* CR0.TS */
#define MODE_EM     0x00000200u /* CR0.EM */
#define MODE_AC     0x00000400u /* alignment is checked: CR0.AM, EFLAGS.AC, CPL 3 */
#define MODE_OSFXSR 0x00000800u /* CR4.OSFXSR */
#define MODE_DF     0x00001000u /* EFLAGS.DF: strings go down */
#define MODE_XM     0x00002000u /* CR4.OSFXSR, and MXCSR leaves an exception unmasked */
#define MODE_DEBUG  0x00004000u /* a breakpoint on code or data is armed, or reads are watched */
#define MODE_WINDOW 0x00008000u /* native code may use windows (mmu/window.h) */
#define MODE_LOCKS                                                                                 \
    0x00200000u /* LOCKed instructions are the host's: other threads share the memory */
#define MODE_UNCHECKED_SHIFT 16 /* bit 16 + sreg: no limit or rights check is needed (4 GiB, rw) */
#define MODE_ZERO_SHIFT      24 /* bit 24 + sreg: the base is 0 */
/* Both of a segment. */
#define MODE_FLAT(sreg) (1u << (MODE_UNCHECKED_SHIFT + (sreg)) | 1u << (MODE_ZERO_SHIFT + (sreg)))
/* GS has no such bits: user TLS would otherwise split kernel blocks; GS accesses are always checked. */

/* cpu->sse_live: what a native engine has in the host's unit. XMM registers only while its code runs: C finds them
 * in cpu->xmm, and may change them there. MXCSR while C runs, too: see mxcsr_sync(). */
#define SSE_XMM   1u
#define SSE_MXCSR 2u

struct cpu;
struct state; /* mmu/host/state.h */

/* What the CPU asks of the board. All may be called from inside cpu_run(). */
struct cpu_hooks {
    void *opaque;
    u32 (*port_in)(void *opaque, u16 port, unsigned size);
    void (*port_out)(void *opaque, u16 port, u32 value, unsigned size);
    /* May be NULL: at most `count` accesses in a row for INS and OUTS. They return how many were done
     * before something else than moving data happened (the last of them may be what caused it); 0: the
     * next one has to be done singly. */
    u32 (*port_in_block)(void *opaque, u16 port, void *data, unsigned size, u32 count);
    u32 (*port_out_block)(void *opaque, u16 port, const void *data, unsigned size, u32 count);
    u8 (*irq_ack)(void *opaque); /* INTA cycle: returns the vector */
    /* May be NULL: what the last irq_ack answered, for logs ("IRQ 0"). */
    const char *(*irq_name)(void *opaque);
    u64 (*read_tsc)(void *opaque);       /* guest TSC ticks now */
    void (*ferr)(void *opaque, bool on); /* FERR#: x87 error with CR0.NE clear (IRQ 13) */
    void (*apic_base)(void *opaque);     /* cpu->apic_base was written; may be NULL */
    void (*notice)(void *opaque, const char *line); /* for the user, once a run; may be NULL */
    /* May be NULL. Interrupts and exceptions come here first, with cpu->eip, which is eip, at what would be pushed. False:
     * they go to the IDT. True: that was all of it; who wants the run to end kicks the CPU. For software interrupts
     * (source: enum excp_source) it may raise a fault in their place. */
    bool (*event)(void *opaque, u8 vector, u8 source, u32 error, u32 eip);
    /* The same for SYSENTER, with cpu->eip behind it. True: that was all of it. */
    bool (*sysenter)(void *opaque);
    /* An access outside of a strict physical map, as mmu.fault says. Where it returns, the instruction is done again:
     * the map may be another now, or the CPU was kicked. Needed with such a map. */
    void (*outside)(void *opaque);
    /* For an owner who wants to see instructions: blocks have a call in front of those that `probed` says (PROBE_*, by
     * linear address; first: of a block). It may change the state, cpu->eip too, and returns whether it has changed more
     * than general registers and arithmetic flags, or kicked the CPU: then the instruction is not done now. NULL, both:
     * there are no such. */
    u8 (*probed)(void *opaque, u32 la, bool first);
    bool (*probe)(void *opaque, u32 la, unsigned size, unsigned block_size);
    /* May be NULL: a block was translated. */
    void (*translated)(void *opaque, u32 la, unsigned size, unsigned insns);
    /* The same: the descriptor that a selector names, instead of one from the tables in memory; false: there is none. It
     * has its accessed bit set. */
    bool (*descriptor)(void *opaque, u16 sel, u64 *desc);
};

#define PROBE_INSN  1u
#define PROBE_BLOCK 2u

enum cpu_stop {
    CPU_STOP_BUDGET,   /* the instruction budget is used up */
    CPU_STOP_KICK,     /* cpu_kick(): the board wants to run */
    CPU_STOP_HALT,     /* HLT, and no interrupt wakes it now */
    CPU_STOP_SHUTDOWN, /* triple fault */
};
#define CPU_STOPS (CPU_STOP_SHUTDOWN + 1)

struct cpu_model;  /* cpuid.h */
struct translator; /* owned by the translate layer */

#define CPU_JUMPS   8192u
#define CPU_GUESSES 1024

/* What belongs to a native engine. */
#define ENGINE_GROUPS  3 /* of accesses at a time, one in r10 (translate/x64/gen_group.c) */
#define ENGINE_STREAMS 4 /* of accesses of an inner loop (translate/x64/gen_loop.c) */
struct engine_area {
    u64 pos;         /* where its code called out */
    u64 sp;          /* the host's stack below which it keeps return addresses, */
    u64 context;     /* and the mmu.context that these hold in */
    u64 flags;       /* the host's, while C serves a memory access that keeps them */
    u64 window_base; /* what GS is to be in this mode, or 0; kept with cpu->mode, */
    u64 window_now;  /* and what it is */
    u64 group;       /* what r10 is while C serves a memory access */
    u64 group_base[ENGINE_GROUPS - 1]; /* host addresses of groups that are not in r10 */
    struct {                           /* while an inner loop runs */
        u64 base[ENGINE_STREAMS];      /* host address less guest address of its streams */
        i32 budget;
        i32 countdown;
    } loop;
};

/* Its first 128 bytes are what native code reaches with displacements of one byte. */
struct cpu {
    struct lazy_flags lazy; /* goes with eflags */
    u32 mode;               /* MODE_*: follows from the state */
    bool kicked;            /* cpu_kick() was called */
    bool cs_limit_hit;      /* the next block must hold one instruction: CS limit is near */
    u8 sse_live;            /* SSE_*: what of the guest's SSE state is in the host's unit */
    bool x87_live; /* the guest's x87 state is in the host's unit, not in x87: see x87_live.c */

    union {
        struct cpu_state state;
        struct { /* the same, without its name */
#define STATE(group, type, name, dimension, label, uses) STATE_TYPE_##type name dimension;
#define PART(type, name)                                 struct type name;
#include "cpu/state.def"
        };
    };

    /* The run loop's. */
    i32 budget;          /* instructions left until the run loop must look up; see cpu_run() */
    i32 budget_withheld; /* taken out of budget, to come back: by cpu_kick(), or the run loop */
    u32 mode_of
        [MMU_CONTEXT_OWNER]; /* by the owner's bits of mmu.context: the mode they stand for */
    bool intr;               /* the INTR line */
    u32 task_switch; /* one is under way: to the TSS in the upper half from that in the lower; for the log */
    bool entered;      /* a fault now is one of what was just entered: registers are its own */
    bool resumed;      /* the current instruction began with RF set */
    bool breaks_armed; /* on code or data: what MODE_DEBUG says */
    bool port_breaks;  /* DR7 has breakpoints on ports */
    struct {
        unsigned count;
        u32 la[4];
    } code_breaks;            /* armed ones */
    struct debugger debugger; /* no part of the machine */
    bool perf_by_level;       /* a performance counter counts at one privilege level only */
    bool perf_armed;          /* one interrupts when it overflows */

    /* The fault in flight, filled by cpu_raise(); delivered by the run loop. */
    struct {
        int vector; /* -1: none */
        u32 error;
        bool has_error;
        u32 cr2; /* #PF */
        u32 dr6; /* #DB: its bits */
    } fault;
    bool outside;    /* the access in flight was outside of the physical map */
    int delivering;  /* vector being delivered, -1: none; for double faults */
    void *unwind[5]; /* __builtin_setjmp buffer of the run loop */
    struct engine_area engine;

    const struct cpu_model *model;
    bool locks;     /* memory is shared with other threads; only with flat memory */
    bool host_math; /* what makes of processors compute differently is the host's, not by rule */
    struct cpu_hooks hooks;
    struct translator *translator;
    u64 (*insns_now)(const struct cpu *cpu); /* cpu_insns() */
    void (*lacking_insn)(struct cpu *cpu,
                         u32 feature); /* the same: says what the current instruction is */
    bool lacking_said;
    void (*end_block)(
        struct cpu *cpu); /* the same: what runs ends behind the current instruction */
    void (*code_breaks_changed)(struct cpu *cpu);  /* the same: blocks of MODE_DEBUG hold no more */
    void (*code_changed)(struct cpu *cpu, u32 la); /* the same: nor do blocks with code there */
    struct log *log;
    struct stats *stats;

    /* The translator's: native code by EIP, in modes with a CS base of 0. Slot EIP % CPU_JUMPS holds when
     * key is mmu.context | EIP. */
    struct {
        u64 key[CPU_JUMPS];
        const void *code[CPU_JUMPS];
    } jump;

    /* Native code's: the TLB entries that loads found last, for whoever comes to the same page again. A key is
     * mmu.context | address of the page. */
    struct {
        u64 key, entry;
    } guess[CPU_GUESSES];

    struct mmu mmu; /* last: the TLB tables end it */
};
_Static_assert(offsetof(struct cpu, mxcsr) ==
                   offsetof(struct cpu, state) + offsetof(struct cpu_state, mxcsr),
               "with and without its name, the state is one");
_Static_assert(offsetof(struct cpu, eflags) < 128, "what native code uses most is near");

/* Makes a CPU in its reset state on the physical map. model: see cpuid.h (NULL: the default).
 * Returns NULL when the host has no memory. The translator is attached by translator_new(). */
struct cpu *cpu_new(struct phys *phys, const struct cpu_model *model, const struct cpu_hooks *hooks,
                    struct log *log, struct stats *stats);
void cpu_free(struct cpu *cpu);

/* The state after RESET (SDM vol. 3A, table 9-1): real mode at f000:fff0, base 0xffff0000. */
void cpu_reset(struct cpu *cpu);

/* One of the CPU's windows (mmu->window) was turned on or off. */
void cpu_use_windows(struct cpu *cpu);

/* Recomputes cpu->mode from CR0, CR4, EFLAGS, CPL and the segments, and tells the MMU nothing.
 * To be called after any change of those. */
void cpu_update_mode(struct cpu *cpu);
/* The same when only DS, ES, FS or GS changed. */
void cpu_update_mode_data(struct cpu *cpu, enum sreg sreg);

/* The INTR line from the interrupt controller, and the NMI edge. May be called from hooks. */
void cpu_set_intr(struct cpu *cpu, bool level);
void cpu_raise_nmi(struct cpu *cpu);

/* The current store has changed what the board waits for: the guest comes to the run loop right behind its
 * instruction, wherever its block ends. Only after a cpu_kick(). */
void cpu_leave_block(struct cpu *cpu);

/* Whether it is halted by MWAIT, and a device has changed the line that it waits for. */
bool cpu_line_stored(struct cpu *cpu);

/* Makes the run loop look up after the current block (before its next chained one). */
static inline void cpu_kick(struct cpu *cpu)
{
    cpu->kicked = true;
    cpu->budget_withheld += cpu->budget;
    cpu->budget = 0;
}

/* An interrupt or NMI can be delivered now. */
static inline bool cpu_interruptible(const struct cpu *cpu)
{
    return (cpu->nmi && !cpu->nmi_blocked) || (cpu->intr && (cpu->eflags & FL_IF));
}

/* What a halted CPU waits for is there. */
static inline bool cpu_wakes(struct cpu *cpu)
{
    return cpu_interruptible(cpu) || cpu_line_stored(cpu);
}

static inline enum mmu_access cpu_access(const struct cpu *cpu, bool write)
{
    return (enum mmu_access)((cpu->cpl == 3 ? MMU_USER : 0) | (write ? MMU_WRITE : 0));
}

/* A copy of the architectural state with the flags settled; not while the guest's x87 or MXCSR are live. */
void cpu_state_get(const struct cpu *cpu, struct cpu_state *out);
/* The state becomes this one, between runs and where hooks.probe and hooks.event may change it. PDPTEs are loaded from
 * memory when CR3 or a bit of paging is another. False: it is impossible, and nothing is changed. (cpu_save.c) */
bool cpu_state_put(struct cpu *cpu, const struct cpu_state *state);

/* Registers, segments and control registers in a few readable lines (for -d cpu, triple faults). */
void cpu_dump(const struct cpu *cpu, FILE *out);

/* Where the CPU is and the return addresses of its 32-bit stack frames, the innermost first, as far as the chain from EBP
 * on is one: offsets in CS. Between runs. Returns how many, at most max. */
#define CPU_BACKTRACE 32
unsigned cpu_backtrace(const struct cpu *cpu, u32 *eip, unsigned max);
/* The same as a line of text, or a few. */
void cpu_dump_backtrace(const struct cpu *cpu, FILE *out);

/* 64-bit digest of the architectural state, memory excluded; temporaries do not count. */
u64 cpu_digest(const struct cpu *cpu);

/* Saves or loads the architectural state and the MMU's, between runs; see mmu/host/state.h. An impossible state is
 * rejected, with nothing changed. Memory is not part of it. The INTR line is the board's to drive anew. */
void cpu_state(struct cpu *cpu, struct state *state);

#endif
