/* Host faults: on guest memory, by native code, by C of the CPU's, or by C of a system call's.
 *
 * A fault in native code goes on in the access's out-of-line piece, which finds by the guest's rights what is wrong. A store
 * to a guarded page is made possible, and done again. What is left in C is a guest pointer that leads nowhere: EFAULT in a
 * system call, #PF in an instruction (a file that ends before its mapping does, or memory that another thread has taken
 * away). */
#define _GNU_SOURCE
#include "tools/user/pages.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cpu/excp.h"
#include "tools/user/context.h"
#include "translate/engine.h"
#ifdef __x86_64__
#include "translate/x64/mem.h"
#endif

/* Where pointers beyond a small space lead to is in it, too: flat_host(). */
#define FAULTS_END (SPACE_SIZE + (FLAT_SMALL ? PAGE_SIZE : 0))
#define AGAIN_MOST 1000 /* times in a row that a fault's reason may have gone by itself */

static _Noreturn void fail_call(void)
{
    __builtin_longjmp(self->call_jmp, 1);
}

static _Noreturn void fail_instruction(void)
{
    cpu_raise_pf(self->cpu);
}

/* The interrupted code goes on in fn, which does not return. */
static void go_to(ucontext_t *context, void (*fn)(void))
{
    context_new_frame(context);
    context_set_pc(context, (u64)(uintptr_t)fn);
}

#ifdef __x86_64__
static bool in_code(const struct thread *t, u64 pc)
{
    const struct x64 *x = t->cpu->translator->engine_data;

    return t->cpu->translator->engine == &engine_x64 &&
           pc - (u64)(uintptr_t)x->buf.rx < x->buf.size;
}

/* Whether the access goes on elsewhere, where pc is then. */
static bool in_window(const struct thread *t, u64 *pc, u64 address, bool write)
{
    return t->cpu->translator->engine == &engine_x64 &&
           mem_window_fault(t->cpu->translator, pc, address, write);
}
#else
static bool in_code(const struct thread *t, u64 pc)
{
    const struct engine *engine = t->cpu->translator->engine;
    unsigned insn;

    return engine->find && engine->find(t->cpu->translator, pc, &insn);
}

static bool in_window(const struct thread *t, u64 *pc, u64 address, bool write)
{
    (void)t, (void)pc, (void)address, (void)write;
    return false;
}
#endif

/* A bug of ours, not the guest's: the instruction faults again, and ends the process. */
static void give_up(int sig)
{
    static const char line[] = "pagewalk-i386: bug: host fault\n";

    if (write(STDERR_FILENO, line, sizeof(line) - 1) < 0)
        abort();
    signal(sig, SIG_DFL);
}

void fault_handle(int sig, siginfo_t *info, void *opaque)
{
    static __thread u32 again;
    static __thread u64 again_at;
    ucontext_t *context = opaque;
    u64 address = info->si_code == SI_KERNEL ? 0 : (u64)(uintptr_t)info->si_addr;
    u64 pc = context_pc(context);
    bool write = context_is_store(context);
    struct thread *t = self;
    u64 la = address - (u64)(uintptr_t)process.flat.base;
    u8 rights;
    int saved = errno;

    if (!t) {
        give_up(sig);
        return;
    }
    if (!t->in_call && t->cpu->translator && in_code(t, pc) && in_window(t, &pc, address, write)) {
        context_set_pc(context, pc);
        errno = saved;
        return;
    }
    if (!address || la >= FAULTS_END) {
        give_up(sig);
        return;
    }
    rights = process.flat.rights[la >> PAGE_SHIFT];
    if (address != again_at)
        again = 0;
    again_at = address;
    if (sig == SIGSEGV && write && (rights & FLAT_WRITE) && pages_guarded((u32)la)) {
        code_drop((u32)la & ~PAGE_MASK, PAGE_SIZE);
        again = 0;
    } else if (sig == SIGSEGV && (write ? rights & FLAT_WRITE : rights & FLAT_ANY) &&
               ++again < AGAIN_MOST) {
        sched_yield(); /* another thread was quicker, or is about to change the rights */
    } else if (t->in_call) {
        again = 0;
        go_to(context, fail_call);
    } else if (in_code(t, pc)) {
        signal_die(sig);
    } else {
        again = 0;
        t->bus_code = sig == SIGBUS ? info->si_code : 0;
        t->cpu->mmu.fault = (struct mmu_fault){.la = (u32)la, .error = PF_U | (write ? PF_W : 0)};
        go_to(context, fail_instruction);
    }
    errno = saved;
}

/* After the jump back only what is volatile holds. */
bool fault_guarded(struct thread *t, void (*fn)(struct thread *t, void *arg), void *arg)
{
    struct thread *volatile kept = t;
    volatile bool done = false;

    t->in_call = true;
    if (!__builtin_setjmp(t->call_jmp)) {
        fn(t, arg);
        done = true;
    }
    kept->in_call = false;
    return done;
}
