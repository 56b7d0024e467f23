/* Signal frames as Linux/i386 has them, with and without SA_SIGINFO, and the way back. */
#define _GNU_SOURCE
#include "tools/user/user.h"

#include <stddef.h>
#include <string.h>

#include "cpu/flags.h"
#include "cpu/simd/simd.h"
#include "cpu/x87/x87.h"

#define SA_RESTORER_   0x04000000u
#define SS_AUTODISARM_ 0x80000000u

#define FLAGS_RESTORED (FL_ARITH | FL_DF | FL_TF | FL_AC | FL_RF)

struct sigcontext32 {
    u32 gs, fs, es, ds;
    u32 edi, esi, ebp, esp, ebx, edx, ecx, eax;
    u32 trap, error, eip, cs, eflags, esp_at_signal, ss;
    u32 fpstate, oldmask, cr2;
};

/* FNSAVE's image, and FXSAVE's behind it. */
struct fpstate32 {
    u32 cw, sw, tag, fip, fcs, fdp, fds;
    u8 st[8][10];
    u16 status, magic; /* 0: there is an FXSAVE image */
    u16 fx_cw, fx_sw;
    u8 fx_tag, fx_pad;
    u16 fx_fop;
    u32 fx_fip, fx_fcs, fx_fdp, fx_fds, mxcsr, mxcsr_mask;
    u8 fx_st[8][16];
    u8 xmm[8][16];
    u8 rest[224];
};
_Static_assert(sizeof(struct fpstate32) == 112 + 512, "struct _fpstate_32");

struct frame32 {
    u32 restorer, sig;
    struct sigcontext32 sc;
    struct fpstate32 unused;
    u32 mask_high;
    u8 code[8];
};

struct stack32 {
    u32 sp, flags, size;
};

struct rt_frame32 {
    u32 restorer, sig, info_at, context_at;
    u8 info[128];
    struct {
        u32 flags, link;
        struct stack32 stack;
        struct sigcontext32 sc;
        u32 mask[2];
    } uc;
    u8 code[8];
};

static void put_fpstate(struct cpu *cpu, struct fpstate32 *fp)
{
    const struct x87 *x87 = &cpu->x87;
    u16 tag = x87_full_tag(x87);

    memset(fp, 0, sizeof(*fp));
    fp->cw = 0xffff0000u | x87->cw;
    fp->sw = 0xffff0000u | x87->sw;
    fp->tag = 0xffff0000u | tag;
    fp->fip = x87->fip;
    fp->fcs = x87->fcs | (u32)x87->fop << 16;
    fp->fdp = x87->fdp;
    fp->fds = 0xffff0000u | x87->fds;
    fp->status = x87->sw;
    fp->fx_cw = x87->cw;
    fp->fx_sw = x87->sw;
    fp->fx_fop = x87->fop;
    fp->fx_fip = x87->fip;
    fp->fx_fcs = x87->fcs;
    fp->fx_fdp = x87->fdp;
    fp->fx_fds = x87->fds;
    for (unsigned i = 0; i < 8; i++) {
        const struct x87_reg *r = &x87->r[((x87->sw >> 11 & 7) + i) & 7];

        memcpy(fp->st[i], &r->frac, 8);
        memcpy(fp->st[i] + 8, &r->se, 2);
        memcpy(fp->fx_st[i], fp->st[i], 10);
        if ((tag >> 2 * i & 3) != 3)
            fp->fx_tag |= (u8)(1u << i);
    }
    fp->mxcsr = cpu->mxcsr;
    fp->mxcsr_mask = mxcsr_bits(cpu->model);
    memcpy(fp->xmm, cpu->xmm, sizeof(fp->xmm));
}

static void get_fpstate(struct cpu *cpu, const struct fpstate32 *fp)
{
    struct x87 *x87 = &cpu->x87;

    x87->cw = (fp->cw & 0x1f3f) | 0x40;
    x87->sw = (u16)fp->sw;
    x87->tag = 0;
    for (unsigned i = 0; i < 8; i++) {
        struct x87_reg *r = &x87->r[((x87->sw >> 11 & 7) + i) & 7];

        if ((fp->tag >> 2 * i & 3) == 3)
            x87->tag |= (u16)(3u << 2 * i);
        memcpy(&r->frac, fp->st[i], 8);
        memcpy(&r->se, fp->st[i] + 8, 2);
    }
    x87->fip = fp->fip;
    x87->fcs = (u16)fp->fcs;
    x87->fop = fp->fcs >> 16 & 0x7ff;
    x87->fdp = fp->fdp;
    x87->fds = (u16)fp->fds;
    if (fp->magic != 0)
        return;
    cpu->mxcsr = fp->mxcsr & mxcsr_bits(cpu->model);
    memcpy(cpu->xmm, fp->xmm, sizeof(fp->xmm));
}

static void clear_fpstate(struct cpu *cpu)
{
    x87_init(&cpu->x87);
    cpu->mxcsr = 0x1f80;
}

static void put_context(struct thread *t, struct sigcontext32 *sc, u32 fpstate, u64 mask, u32 trap,
                        u32 error)
{
    const struct cpu *cpu = t->cpu;

    *sc = (struct sigcontext32){
        .gs = cpu->seg[SREG_GS].sel,
        .fs = cpu->seg[SREG_FS].sel,
        .es = cpu->seg[SREG_ES].sel,
        .ds = cpu->seg[SREG_DS].sel,
        .edi = cpu->r[R_EDI],
        .esi = cpu->r[R_ESI],
        .ebp = cpu->r[R_EBP],
        .esp = cpu->r[R_ESP],
        .ebx = cpu->r[R_EBX],
        .edx = cpu->r[R_EDX],
        .ecx = cpu->r[R_ECX],
        .eax = cpu->r[R_EAX],
        .trap = trap,
        .error = error,
        .eip = cpu->eip,
        .cs = cpu->seg[SREG_CS].sel,
        .eflags = flags_get(cpu),
        .esp_at_signal = cpu->r[R_ESP],
        .ss = cpu->seg[SREG_SS].sel,
        .fpstate = fpstate,
        .oldmask = (u32)mask,
        .cr2 = cpu->cr2,
    };
}

static bool on_alt_stack(const struct thread *t, u32 esp)
{
    return t->alt_size && esp > t->alt_sp && esp - t->alt_sp <= t->alt_size;
}

/* Where a frame of len bytes goes, and in *fpstate the x87's; 0: there is no room. */
static u32 place_frame(struct thread *t, const struct action *action, u32 len, u32 *fpstate)
{
    struct cpu *cpu = t->cpu;
    u32 esp = cpu->r[R_ESP];
    bool nested = on_alt_stack(t, esp) && !(t->alt_flags & SS_AUTODISARM_), alt = nested;

    if ((action->flags & SA_ONSTACK) && !nested && t->alt_size) {
        esp = t->alt_sp + t->alt_size;
        alt = true;
    } else if (!(action->flags & SA_ONSTACK) && cpu->seg[SREG_SS].sel != SEL_DS &&
               !(action->flags & SA_RESTORER_) && action->restorer) {
        esp = action->restorer; /* the old way to switch stacks */
    }
    *fpstate = (esp - (u32)sizeof(struct fpstate32)) & ~63u;
    esp = ((*fpstate - len + 4) & ~15u) - 4;
    return alt && !on_alt_stack(t, esp) ? 0 : esp;
}

static void enter(struct thread *t, const struct action *action, u32 esp, u32 sig, u32 info,
                  u32 context)
{
    struct cpu *cpu = t->cpu;

    cpu->r[R_ESP] = esp;
    cpu->r[R_EAX] = sig;
    cpu->r[R_EDX] = info;
    cpu->r[R_ECX] = context;
    cpu->eip = action->handler;
    flags_settle(cpu);
    cpu->eflags &= ~(FL_DF | FL_TF | FL_RF);
    clear_fpstate(cpu);
    cpu->debug_trap = 0;
    segment_load(t, SREG_CS, SEL_CS);
    segment_load(t, SREG_SS, SEL_DS);
    segment_load(t, SREG_DS, SEL_DS);
    segment_load(t, SREG_ES, SEL_DS);
}

static bool push(struct thread *t, int sig, const siginfo_t *info, const struct action *action,
                 u64 mask, u32 trap, u32 error)
{
    bool rt = action->flags & SA_SIGINFO;
    u32 fpstate, esp = place_frame(
                     t, action, rt ? sizeof(struct rt_frame32) : sizeof(struct frame32), &fpstate);
    bool has_restorer = action->flags & SA_RESTORER_;

    if (!esp)
        return false;
    put_fpstate(t->cpu, g2h(fpstate));
    if (rt) {
        struct rt_frame32 *f = g2h(esp);

        f->restorer = has_restorer ? action->restorer : process.rt_sigreturn;
        f->sig = (u32)sig;
        f->info_at = esp + (u32)offsetof(struct rt_frame32, info);
        f->context_at = esp + (u32)offsetof(struct rt_frame32, uc);
        signal_put_info(f->info, info);
        f->uc.flags = f->uc.link = 0;
        f->uc.stack = (struct stack32){
            t->alt_sp,
            (t->alt_size ? (on_alt_stack(t, t->cpu->r[R_ESP]) ? SS_ONSTACK : 0) : SS_DISABLE) |
                t->alt_flags,
            t->alt_size};
        put_context(t, &f->uc.sc, fpstate, mask, trap, error);
        f->uc.mask[0] = (u32)mask;
        f->uc.mask[1] = (u32)(mask >> 32);
        memcpy(f->code, "\xb8\xad\0\0\0\xcd\x80", 8); /* for debuggers only */
        if (t->alt_flags & SS_AUTODISARM_)
            t->alt_sp = t->alt_size = t->alt_flags = 0;
        enter(t, action, esp, (u32)sig, f->info_at, f->context_at);
    } else {
        struct frame32 *f = g2h(esp);

        f->restorer = has_restorer ? action->restorer : process.sigreturn;
        f->sig = (u32)sig;
        put_context(t, &f->sc, fpstate, mask, trap, error);
        f->mask_high = (u32)(mask >> 32);
        memcpy(f->code, "\x58\xb8\x77\0\0\0\xcd\x80", 8);
        enter(t, action, esp, (u32)sig, 0, 0);
    }
    return true;
}

/* What push() is given, and says. */
struct pushing {
    int sig;
    const siginfo_t *info;
    const struct action *action;
    u64 mask;
    u32 trap, error;
    bool done;
};

static void push_guarded(struct thread *t, void *opaque)
{
    struct pushing *p = opaque;

    p->done = push(t, p->sig, p->info, p->action, p->mask, p->trap, p->error);
}

bool frame_push_signal(struct thread *t, int sig, const siginfo_t *info,
                       const struct action *action, u64 mask, u32 trap, u32 error)
{
    struct pushing p = {sig, info, action, mask, trap, error, false};

    return fault_guarded(t, push_guarded, &p) && p.done;
}

static bool get_context(struct thread *t, const struct sigcontext32 *sc)
{
    struct cpu *cpu = t->cpu;

    cpu->r[R_EDI] = sc->edi;
    cpu->r[R_ESI] = sc->esi;
    cpu->r[R_EBP] = sc->ebp;
    cpu->r[R_ESP] = sc->esp;
    cpu->r[R_EBX] = sc->ebx;
    cpu->r[R_EDX] = sc->edx;
    cpu->r[R_ECX] = sc->ecx;
    cpu->r[R_EAX] = sc->eax;
    cpu->eip = sc->eip;
    flags_settle(cpu);
    cpu->eflags = (cpu->eflags & ~FLAGS_RESTORED) | (sc->eflags & FLAGS_RESTORED);
    segment_load(t, SREG_GS, (u16)sc->gs);
    segment_load(t, SREG_FS, (u16)sc->fs);
    segment_load(t, SREG_ES, (u16)sc->es);
    segment_load(t, SREG_DS, (u16)sc->ds);
    if (sc->fpstate)
        get_fpstate(cpu, g2h(sc->fpstate));
    else
        clear_fpstate(cpu);
    return segment_load(t, SREG_CS, (u16)sc->cs | 3) && segment_load(t, SREG_SS, (u16)sc->ss | 3);
}

bool frame_pop_signal(struct thread *t, bool rt, u64 *mask)
{
    u32 esp = t->cpu->r[R_ESP];

    if (rt) {
        const struct rt_frame32 *f = g2h(esp - 4);

        *mask = (u64)f->uc.mask[1] << 32 | f->uc.mask[0];
        t->alt_sp = f->uc.stack.sp;
        t->alt_size = f->uc.stack.flags & SS_DISABLE ? 0 : f->uc.stack.size;
        t->alt_flags = f->uc.stack.flags & SS_AUTODISARM_;
        return get_context(t, &f->uc.sc);
    } else {
        const struct frame32 *f = g2h(esp - 8);

        *mask = (u64)f->mask_high << 32 | f->sc.oldmask;
        return get_context(t, &f->sc);
    }
}
