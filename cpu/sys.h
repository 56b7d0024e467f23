/* What the system part's own files share: modes, fault rules, descriptors, stack frames.
 *
 * Order of work in everything that uses this: read and check all, mark descriptors accessed,
 * commit the stack frame (which probes all of it before it stores), and only then change
 * registers. So a fault leaves the guest's state as it was before the instruction or delivery. */
#ifndef PAGEWALK_SYS_H
#define PAGEWALK_SYS_H

#include "cpu/excp.h"
#include "cpu/flags.h"
#include "cpu/seg.h"

/* System descriptor types, bits 8-11 of the high dword with S clear. (SDM vol. 3A, table 3-2) */
enum desc_type {
    DESC_TSS16 = 1,
    DESC_LDT = 2,
    DESC_TSS16_BUSY = 3,
    DESC_CALL16 = 4,
    DESC_TASK = 5,
    DESC_INT16 = 6,
    DESC_TRAP16 = 7,
    DESC_TSS32 = 9,
    DESC_TSS32_BUSY = 11,
    DESC_CALL32 = 12,
    DESC_INT32 = 14,
    DESC_TRAP32 = 15,
};

/* Error code bits of selector faults. (SDM vol. 3A, 6.13) */
#define ERR_EXT 1u
#define ERR_IDT 2u

#define TSS_IO_BASE 102u /* offset of the I/O bitmap's offset in a 32-bit TSS */

#define SEL_RPL       3u
#define SEL_TI        4u
#define SEL_ERR(sel)  ((u32)(sel)&0xfffcu)
#define SEL_NULL(sel) (SEL_ERR(sel) == 0)

/* Rights after RESET and after real-mode and vm86 loads. */
#define ATTR_REAL (SEG_P | SEG_S | SEG_W | SEG_ACCESSED)
#define ATTR_VM86 (ATTR_REAL | SEG_DPL)

static inline bool cpu_vm86(const struct cpu *cpu)
{
    return cpu->eflags & FL_VM;
}

/* Protected mode proper: selectors are descriptors' indices. */
static inline bool cpu_protected(const struct cpu *cpu)
{
    return (cpu->cr0 & CR0_PE) && !cpu_vm86(cpu);
}

static inline unsigned cpu_iopl(const struct cpu *cpu)
{
    return (cpu->eflags & FL_IOPL) >> FL_IOPL_SHIFT;
}

static inline u32 osz_mask(u32 osz)
{
    return osz == 2 ? 0xffffu : 0xffffffffu;
}

/* The part of ESP that a stack segment with these rights uses. */
static inline u32 stack_mask(u32 attr)
{
    return attr & SEG_DB ? EA_32 : EA_16;
}

/* #GP(0) unless CPL is 0. The translator checks it too (IT_PRIV); this is the last line. */
void cpu_need_cpl0(struct cpu *cpu, const char *what);

/* #AC(0) where alignment is checked and la is no multiple of size, a power of two. */
void cpu_check_aligned(struct cpu *cpu, u32 la, u32 size);

/* A debugger's write of CR0, CR2, CR3 or CR4, between runs of the CPU. False, with nothing changed, where MOV to CR
 * would raise #GP. */
bool cpu_put_cr(struct cpu *cpu, unsigned number, u32 value);

/* After IF may have become 1: makes the run loop look when an interrupt waits. */
void cpu_irq_window(struct cpu *cpu);

/* Holds interrupts off for one instruction: sets cpu->shadow, unless nothing can come before that
 * instruction anyhow - no interrupt is there, no debugger can stop, and no hook runs before the end of the budget. */
void cpu_shadow(struct cpu *cpu);

/* Whether the current instruction is in the shadow of a load of SS. */
#define CPU_NO_SHADOW UINT64_MAX
static inline bool cpu_in_ss_shadow(const struct cpu *cpu)
{
    return cpu->ss_shadow_at != CPU_NO_SHADOW && cpu->insns_now(cpu) == cpu->ss_shadow_at;
}

/* vm86 with CR4.VME (vme.c). Whether IF of the program's flags is VIF: with VME and IOPL below 3, for images of 16
 * bits; raises #GP(0) where IOPL is below 3 otherwise. */
bool vme_flags_virtual(struct cpu *cpu, u32 osz, const char *what);
/* Then: the image that the program sees, and flags by an image, or #GP(0) for one with TF, or with IF while VIP is
 * set. */
u32 vme_flags_get(const struct cpu *cpu);
void vme_flags_set(struct cpu *cpu, u32 image);
/* #GP(0) while VIP is set: the monitor has an interrupt for who sets VIF. */
void vme_check_pending(struct cpu *cpu);
/* #GP(0) before the first instruction of who is entered at CPL 3 with VIF and VIP set, under PVI or, in vm86, VME. */
void vme_check_entry(struct cpu *cpu);
/* INT n in vm86: to the program's own handler, when VME and the TSS say so. */
bool vme_redirect(struct cpu *cpu, u8 vector, u32 next);

/* Those of msr.c to their values after RESET. */
void msr_reset(struct cpu *cpu);

/* Descriptors. */
static inline bool desc_code(const struct desc *desc)
{
    return (desc->hi & (SEG_S | SEG_CODE)) == (SEG_S | SEG_CODE);
}

static inline bool desc_conforming(const struct desc *desc)
{
    return (desc->hi & (SEG_S | SEG_CODE | SEG_CONFORM)) == (SEG_S | SEG_CODE | SEG_CONFORM);
}

static inline bool desc_writable(const struct desc *desc)
{
    return (desc->hi & (SEG_S | SEG_CODE | SEG_W)) == (SEG_S | SEG_W);
}

static inline unsigned desc_dpl(const struct desc *desc)
{
    return (desc->hi & SEG_DPL) >> SEG_DPL_SHIFT;
}

/* Of a system descriptor: enum desc_type, or 0 to 15 of none of them. */
static inline unsigned desc_type(const struct desc *desc)
{
    return desc->hi >> SEG_TYPE_SHIFT & 15;
}

static inline bool desc_is_gate32(const struct desc *desc)
{
    return desc_type(desc) & 8;
}

/* Sets the accessed bit in memory and in *desc when it is clear. May raise #PF. */
void desc_mark_accessed(struct cpu *cpu, struct desc *desc);

/* Reads a code segment's descriptor for a transfer; raises #GP(sel) for a null, outlying or
 * non-code selector. P and privilege are left to the caller, since each transfer has its own
 * rule. */
void desc_read_code(struct cpu *cpu, u16 sel, struct desc *desc, const char *what);

/* As seg_set(), but cpu->mode is left for the caller to update once. */
void seg_put(struct cpu *cpu, enum sreg sreg, u16 sel, u32 base, u32 limit, u32 attr);
void seg_put_desc(struct cpu *cpu, enum sreg sreg, u16 sel, const struct desc *desc);
void seg_put_real(struct cpu *cpu, enum sreg sreg, u16 sel);
void seg_put_null(struct cpu *cpu, enum sreg sreg, u16 sel);

/* Raises #GP(0) when eip is beyond the limit of a code segment about to be entered. */
void xfer_check_eip(struct cpu *cpu, u32 eip, u32 limit);

/* Stack frames: pushed into a buffer, then checked, probed and stored as a whole. */
#define FRAME_MAX 40

struct frame {
    struct cpu *cpu;
    u32 base, limit, attr;
    u32 esp;   /* moves with pushes and pops; bits outside mask stay */
    u32 mask;  /* stack_mask() */
    u32 size;  /* bytes an item: 2 or 4 */
    u32 error; /* of #SS when the stack is too small */
    bool user; /* privilege of the memory accesses */
    unsigned count;
    u32 item[FRAME_MAX];
};

/* The current stack at the current CPL. */
void frame_current(struct frame *frame, struct cpu *cpu, u32 size);
/* A stack segment about to be loaded. */
void frame_other(struct frame *frame, struct cpu *cpu, const struct desc *ss, u32 esp, u32 size);
void frame_push(struct frame *frame, u32 value);
/* Raises what storing the pushed items would. */
void frame_probe(struct frame *frame);
/* Stores the i-th pushed item, from 0 on, once frame_probe() has found that all can be. */
void frame_store_item(const struct frame *frame, unsigned i);
/* Stores all pushed items, or raises #SS or #PF with nothing stored. Changes no register. */
void frame_commit(struct frame *frame);
/* Reads the item that lies i items above the top; no register changes. */
u32 frame_peek(const struct frame *frame, unsigned i);
/* Reads the item at the top and moves on. */
u32 frame_pop(struct frame *frame);

/* The stack of an inner privilege level, from the TSS; all checks done, nothing changed. `ext`
 * and the selector's error code as SDM vol. 3A, 6.14 has them. (SDM vol. 3A, 5.8.5) */
struct inner_stack {
    u16 ss;
    struct desc desc;
    u32 esp;
};
void task_inner_stack(struct cpu *cpu, unsigned dpl, struct inner_stack *out);

/* How a task is entered. */
enum task_cause {
    TASK_JUMP,
    TASK_NEST, /* CALL, interrupt, exception: the new task's back link leads here, and it has NT set */
    TASK_RETURN, /* IRET with NT set */
};

struct task_entry {
    enum task_cause cause;
    bool rf;        /* a fault: the old task's image has RF set */
    bool has_error; /* goes on the new task's stack */
    u32 error;
    u32 next; /* EIP at which the old task goes on */
};

/* Switches to the task whose TSS sel names; privilege is for the caller to check. Raises in the old task with
 * nothing changed, or in the new one. (SDM vol. 3A, 7.3) */
void task_switch(struct cpu *cpu, u16 sel, const struct task_entry *entry);
/* IRET with NT set: to the task that the back link names. */
void task_return(struct cpu *cpu, u32 next);

/* Fills LDTR or TR from a descriptor. */
void sysseg_set(struct sysseg *seg, u16 sel, const struct desc *desc);

/* Return to an outer privilege level: reads and checks SS. (SDM vol. 2, RET and IRET) */
void xfer_outer_stack(struct cpu *cpu, u16 ss, unsigned rpl, struct desc *desc);
/* Checks CS for a return to RPL `rpl` >= CPL. */
void xfer_return_cs(struct cpu *cpu, u16 cs, struct desc *desc);
/* Commits a return to an outer level: CS, SS, ESP, CPL, and nulls data segments it may not keep. */
void xfer_commit_outer(struct cpu *cpu, u16 cs, const struct desc *csd, u16 ss,
                       const struct desc *ssd, u32 esp);

/* CALL and JMP through the call gate *gate. */
void gate_jump(struct cpu *cpu, const struct desc *gate);
void gate_call(struct cpu *cpu, const struct desc *gate, u32 next);

/* Delivers through the IDT in protected mode and vm86; through the vector table in real mode.
 * `ret` is the EIP to push, `rf` sets RF in the image. */
struct delivery {
    u8 vector;
    enum excp_source source;
    bool rf, has_error;
    u32 error, ret;
};
void excp_deliver_pm(struct cpu *cpu, const struct delivery *what);
void excp_deliver_real(struct cpu *cpu, const struct delivery *what);

/* One line for `-d int`, before anything is delivered. */
void excp_log_delivery(const struct cpu *cpu, const struct delivery *what);
/* What stands in memory behind a fault (peek_log.c): the descriptor that a selector's error code names, and the entries
 * of a page walk, each as the end of a line; and a line for each TSS of the task switch under way. */
void peek_log_descriptor(const struct cpu *cpu, char *text, size_t len, u32 error);
void peek_log_walk(const struct cpu *cpu, char *text, size_t len, u32 la);
void peek_log_tasks(const struct cpu *cpu);

/* One line for `-d fault`. rule may be NULL: then the exception's title is all that is known. */
void excp_log_fault(const struct cpu *cpu, enum excp vector, bool has_error, u32 error,
                    const char *rule);

#endif
