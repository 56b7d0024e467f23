/* V8086 mode of single programs: a call that runs 16-bit code until something is to be done for it.
 *
 * The processor is in V8086 mode with IOPL 0, so that CLI, STI, PUSHF, POPF, INT n and IRET come here by #GP and are done
 * with a virtual IF, which is VIF in `veflags`. What else faults, and what the program has asked for, is the call's result.
 * A signal ends the call first, so its frame is of the program's own mode. (Linux, arch/x86/kernel/vm86_32.c) */
#include "tools/user/vm86.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/excp.h"
#include "cpu/flags.h"
#include "cpu/seg.h"
#include "cpu/sys.h"

#define SCREEN_BITMAP 1u /* of the structure's flags */
#define BIOS_SEGMENT  0xf000u
#define CPU_286       2u /* its processors */
#define CPU_386       3u
#define CPU_486       4u
/* Of `plus`: */
#define RETURN_FOR_PIC 1u
#define DEBUG_ACTIVE   2u
#define DEBUG_TF       4u

#define FLAGS_SAFE   (FL_ARITH | FL_TF | FL_DF) /* that 16-bit code may change */
#define FLAGS_PUSHED (FLAGS_SAFE | 0x2au)       /* with bits 1, 3 and 5 as they are */

/* The program's structure. (asm/vm86.h) */
struct regs32 {
    u32 ebx, ecx, edx, esi, edi, ebp, eax, null[4], orig_eax, eip;
    u16 cs, cs_high;
    u32 eflags, esp;
    u16 ss, ss_high, es, es_high, ds, ds_high, fs, fs_high, gs, gs_high;
};
struct vm86_struct {
    struct regs32 regs;
    u32 flags, screen_bitmap, cpu_type;
    u8 revectored[32], revectored_21[32]; /* a bit for each vector, and each AH of INT 21h */
    /* Those of vm86() only: */
    u32 plus;
    u8 debug_table[32]; /* a bit for each INT n that is to be told */
};

struct vm86 {
    /* The program's own state. */
    u32 r[8], eip, eflags;
    u16 sel[SREG_COUNT];
    u32 address; /* of its structure */
    bool is_plus;
    struct vm86_struct s;
    u32 veflags, veflags_mask;
};

static bool test_bit(const u8 *map, unsigned n)
{
    return map[n >> 3] >> (n & 7) & 1;
}

static void change(u32 *flags, u32 new, u32 mask)
{
    *flags = (*flags & ~mask) | (new &mask);
}

bool vm86_on(const struct thread *t)
{
    return cpu_vm86(t->cpu);
}

/* The structure's registers, and where the CPU has them. */
#define EACH_REGISTER(X)                                                                           \
    X(ebx, R_EBX)                                                                                  \
    X(ecx, R_ECX)                                                                                  \
    X(edx, R_EDX) X(esi, R_ESI) X(edi, R_EDI) X(ebp, R_EBP) X(eax, R_EAX) X(esp, R_ESP)
#define EACH_SEGMENT(X)                                                                            \
    X(cs, SREG_CS) X(ss, SREG_SS) X(es, SREG_ES) X(ds, SREG_DS) X(fs, SREG_FS) X(gs, SREG_GS)

static void load_regs(struct cpu *cpu, const struct regs32 *regs)
{
#define X(name, r_) cpu->r[r_] = regs->name;
    EACH_REGISTER(X)
#undef X
    cpu->eip = regs->eip;
    cpu_set_cpl(cpu, 3);
#define X(name, s_) seg_set_real(cpu, s_, regs->name);
    EACH_SEGMENT(X)
#undef X
    cpu_update_mode(cpu);
}

static void store_regs(const struct cpu *cpu, struct regs32 *regs)
{
#define X(name, r_) regs->name = cpu->r[r_];
    EACH_REGISTER(X)
#undef X
    regs->eip = cpu->eip;
    regs->eflags = cpu->eflags;
#define X(name, s_) regs->name = cpu->seg[s_].sel;
    EACH_SEGMENT(X)
#undef X
}

static u32 veflags_mask(u32 cpu_type)
{
    switch (cpu_type) {
    case CPU_286: return 0;
    case CPU_386: return FL_NT | FL_IOPL;
    case CPU_486: return FL_AC | FL_NT | FL_IOPL;
    default: return FL_ID | FL_AC | FL_NT | FL_IOPL;
    }
}

i64 vm86_enter(struct thread *t, u32 address, bool plus)
{
    struct cpu *cpu = t->cpu;
    size_t size = plus ? sizeof(t->vm86->s) : offsetof(struct vm86_struct, plus);
    struct vm86 *v;

    if (!t->vm86)
        t->vm86 = calloc(1, sizeof(*t->vm86));
    v = t->vm86;
    if (!v)
        return -ENOMEM;
    memset(&v->s, 0, sizeof(v->s));
    memcpy(&v->s, g2h(address), size);
    if (v->s.flags & SCREEN_BITMAP)
        return -EINVAL;
    flags_settle(cpu);
    memcpy(v->r, cpu->r, sizeof(v->r));
    v->eip = cpu->eip;
    v->eflags = cpu->eflags;
    for (unsigned s = 0; s < SREG_COUNT; s++)
        v->sel[s] = cpu->seg[s].sel;
    v->address = address;
    v->is_plus = plus;
    v->veflags = v->s.regs.eflags;
    v->veflags_mask = veflags_mask(v->s.cpu_type);
    change(&cpu->eflags, v->s.regs.eflags, FLAGS_SAFE);
    cpu->eflags |= FL_VM;
    load_regs(cpu, &v->s.regs);
    return cpu->r[R_EAX];
}

static void put_regs(struct thread *t, void *unused)
{
    struct regs32 *regs = g2h(t->vm86->address);

    (void)unused;
    store_regs(t->cpu, regs);
}

void vm86_leave(struct thread *t, u32 result)
{
    struct cpu *cpu = t->cpu;
    struct vm86 *v = t->vm86;

    flags_settle(cpu);
    change(&cpu->eflags, v->veflags, FL_VIF | v->veflags_mask);
    code_will_write(v->address, sizeof(struct regs32));
    if (!fault_guarded(t, put_regs, NULL))
        signal_die(SIGSEGV);
    memcpy(cpu->r, v->r, sizeof(v->r));
    cpu->r[R_EAX] = result;
    cpu->eip = v->eip;
    cpu->eflags = v->eflags;
    cpu_set_cpl(cpu, 3);
    for (unsigned s = 0; s < SREG_COUNT; s++)
        if (!segment_load(t, (enum sreg)s, v->sel[s]) && (s == SREG_CS || s == SREG_SS))
            signal_die(SIGSEGV); /* it has taken the descriptor away */
}

/* Memory of the 16-bit code, in bytes whose offsets wrap. */
struct bytes {
    u32 base;
    u16 offset;
    unsigned count;
    u32 value;
};

static void get_bytes(struct thread *t, void *opaque)
{
    struct bytes *b = opaque;
    u32 value = 0;

    (void)t;
    for (unsigned i = 0; i < b->count; i++)
        value |= (u32) * (const u8 *)g2h(b->base + (u16)(b->offset + i)) << 8 * i;
    b->value = value;
}

static void put_bytes(struct thread *t, void *opaque)
{
    const struct bytes *b = opaque;

    (void)t;
    for (unsigned i = b->count; i--;)
        *(u8 *)g2h(b->base + (u16)(b->offset + i)) = (u8)(b->value >> 8 * i);
}

/* The next `count` bytes there. */
static bool take(struct thread *t, u32 base, u16 *offset, unsigned count, u32 *value)
{
    struct bytes b = {base, *offset, count, 0};

    if (!fault_guarded(t, get_bytes, &b))
        return false;
    *offset = (u16)(*offset + count);
    *value = b.value;
    return true;
}

static bool push(struct thread *t, u32 base, u16 *sp, unsigned count, u32 value)
{
    struct bytes b = {base, (u16)(*sp - count), count, value};

    *sp = b.offset;
    return fault_guarded(t, put_bytes, &b);
}

static u32 base_of(const struct cpu *cpu, enum sreg s)
{
    return (u32)cpu->seg[s].sel << 4;
}

static void put_low(u32 *reg, u16 value)
{
    *reg = (*reg & ~0xffffu) | value;
}

static void set_if(struct vm86 *v, bool on)
{
    change(&v->veflags, on ? FL_VIF : 0, FL_VIF);
}

/* Flags as 16-bit code sees them. */
static u32 get_vflags(const struct thread *t)
{
    const struct vm86 *v = t->vm86;

    return (t->cpu->eflags & FLAGS_PUSHED) | (v->veflags & FL_VIF ? FL_IF : 0) | FL_IOPL |
           (v->veflags & v->veflags_mask);
}

static void set_vflags(struct thread *t, u32 flags, unsigned size)
{
    struct vm86 *v = t->vm86;

    change(&v->veflags, flags, size == 4 ? v->veflags_mask : v->veflags_mask & 0xffff);
    change(&t->cpu->eflags, flags, FLAGS_SAFE);
    set_if(v, flags & FL_IF);
}

/* To the handler in the 16-bit code's vector table, or the result says that there is none. */
static void do_int(struct thread *t, unsigned n)
{
    struct cpu *cpu = t->cpu;
    struct vm86 *v = t->vm86;
    u16 at = (u16)(n * 4), sp = (u16)cpu->r[R_ESP];
    u32 vector, stack = base_of(cpu, SREG_SS);

    if (cpu->seg[SREG_CS].sel == BIOS_SEGMENT || test_bit(v->s.revectored, n) ||
        (n == 0x21 && test_bit(v->s.revectored_21, cpu->r[R_EAX] >> 8 & 0xff)) ||
        !take(t, 0, &at, 4, &vector) || vector >> 16 == BIOS_SEGMENT ||
        !push(t, stack, &sp, 2, get_vflags(t)) || !push(t, stack, &sp, 2, cpu->seg[SREG_CS].sel) ||
        !push(t, stack, &sp, 2, cpu->eip)) {
        vm86_leave(t, VM86_INTx | n << 8);
        return;
    }
    put_low(&cpu->r[R_ESP], sp);
    put_low(&cpu->eip, (u16)vector);
    seg_set_real(cpu, SREG_CS, (u16)(vector >> 16));
    cpu->eflags &= ~(FL_TF | FL_AC);
    set_if(v, false);
}

/* The exceptions that 16-bit code has handlers for; false: it is a signal. */
static bool trap(struct thread *t, unsigned vector)
{
    if (!t->vm86->is_plus)
        return false;
    if (vector == EXCP_DB || vector == EXCP_BP)
        vm86_leave(t, VM86_TRAP | vector << 8);
    else
        do_int(t, vector);
    return true;
}

/* What an instruction that was done for the program leads to. */
enum done { BAD, DONE, FLAGS_CHANGED, GONE };

static enum done do_popf(struct thread *t, u16 sp, unsigned size, bool iret, u16 ip)
{
    struct cpu *cpu = t->cpu;
    struct vm86 *v = t->vm86;
    u32 stack = base_of(cpu, SREG_SS), new_ip = ip, cs = cpu->seg[SREG_CS].sel, flags;

    if ((iret && !(take(t, stack, &sp, size, &new_ip) && take(t, stack, &sp, size, &cs))) ||
        !take(t, stack, &sp, size, &flags))
        return BAD;
    put_low(&cpu->r[R_ESP], sp);
    put_low(&cpu->eip, (u16)new_ip);
    if (iret)
        seg_set_real(cpu, SREG_CS, (u16)cs);
    if ((v->s.plus & (DEBUG_ACTIVE | DEBUG_TF)) == (DEBUG_ACTIVE | DEBUG_TF))
        flags |= FL_TF;
    set_vflags(t, flags, size);
    return FLAGS_CHANGED;
}

static enum done do_int_n(struct thread *t, u16 ip)
{
    struct vm86 *v = t->vm86;
    u32 n;

    if (!take(t, base_of(t->cpu, SREG_CS), &ip, 1, &n))
        return BAD;
    put_low(&t->cpu->eip, ip);
    if ((v->s.plus & DEBUG_ACTIVE) && test_bit(v->s.debug_table, n))
        vm86_leave(t, VM86_INTx | n << 8);
    else
        do_int(t, n);
    return GONE;
}

/* The instruction that raised #GP. */
static enum done do_insn(struct thread *t)
{
    struct cpu *cpu = t->cpu;
    u32 code = base_of(cpu, SREG_CS), stack = base_of(cpu, SREG_SS), opcode;
    u16 ip = (u16)cpu->eip, sp = (u16)cpu->r[R_ESP];
    unsigned size = 2;

    for (;;) {
        if (!take(t, code, &ip, 1, &opcode))
            return BAD;
        if (opcode == 0x66)
            size = 4;
        else if (!strchr("\x67\x2e\x3e\x26\x36\x65\x64\xf2\xf3", (int)opcode) || !opcode)
            break;
    }
    switch (opcode) {
    case 0x9c: /* PUSHF */
        if (!push(t, stack, &sp, size, get_vflags(t)))
            return BAD;
        put_low(&cpu->r[R_ESP], sp);
        put_low(&cpu->eip, ip);
        return DONE;
    case 0x9d: return do_popf(t, sp, size, false, ip);
    case 0xcf: return do_popf(t, sp, size, true, ip);
    case 0xcd: return do_int_n(t, ip);
    case 0xfa: /* CLI */
    case 0xfb: /* STI */
        put_low(&cpu->eip, ip);
        set_if(t->vm86, opcode == 0xfb);
        return opcode == 0xfb ? FLAGS_CHANGED : DONE;
    default: return BAD;
    }
}

/* false: a trap behind the instruction is a signal. */
static bool do_fault(struct thread *t)
{
    struct vm86 *v = t->vm86;
    u32 old = t->cpu->eflags;
    enum done done = do_insn(t);

    if (done == BAD)
        vm86_leave(t, VM86_UNKNOWN);
    else if (done == FLAGS_CHANGED && (v->veflags & FL_VIF) && (v->veflags & FL_VIP))
        vm86_leave(t, VM86_STI);
    else if (done != GONE && (v->s.plus & RETURN_FOR_PIC) && (v->veflags & (FL_IF | FL_VIF)))
        vm86_leave(t, VM86_PICRETURN);
    else if (done != GONE && (old & FL_TF))
        return trap(t, t->event.vector = EXCP_DB);
    return true;
}

bool vm86_event(struct thread *t)
{
    unsigned vector = (unsigned)t->event.vector;

    flags_settle(t->cpu);
    if (!(vector == EXCP_GP ? do_fault(t) : vector < EXCP_UD && trap(t, vector)))
        return false;
    cpu_update_mode(t->cpu);
    return true;
}
