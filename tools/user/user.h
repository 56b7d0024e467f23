/* One Linux/i386 process on the CPU library: what its parts share.
 *
 * A process has one address space, one table of signal actions and one set of files, so struct process is at file scope
 * (main.c). Each guest thread is a host thread, with a CPU, a translator and a cache of translated code of its own. Guest
 * pointers are followed by g2h(): one that leads nowhere ends the system call with EFAULT (fault.c). */
#ifndef PAGEWALK_USER_H
#define PAGEWALK_USER_H

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>

#include "cpu/cpu.h"
#include "mmu/flat.h"
#include "translate/translate.h"

/* Selectors, as such a kernel has them. */
#define SEL_CS      0x23u
#define SEL_DS      0x2bu
#define TLS_FIRST   12u
#define TLS_ENTRIES 3u
#define LDT_ENTRIES 8192u

#define SIGNALS 64

#define FD_OURS 1000 /* descriptors from here on programs do not meet: theirs begin at 0 */

/* Results that no program sees: the call was interrupted, and is made again if the handler has SA_RESTART; and the call was
 * not begun, and is made behind the handler. */
#define ERESTARTSYS 512
#define EUNBEGUN    513

/* A signal's action in the guest. */
struct action {
    u32 handler; /* 0 SIG_DFL, 1 SIG_IGN */
    u32 flags, restorer;
    u64 mask;
};

struct thread {
    struct cpu *cpu;
    struct phys phys;
    struct stats stats;
    struct log *log;
    u32 tid;
    struct thread *next; /* of process.threads */
    u64 tls[TLS_ENTRIES];
    u32 clear_tid, robust_list;
    /* What the CPU stopped for; vector -1: nothing. */
    struct {
        int vector;
        u8 source;
        u32 error;
    } event;
    /* Signals. The host's mask is the guest's, but for a signal that waits in `pending`: then all are held back. */
    volatile sig_atomic_t pending; /* its number, or 0 */
    siginfo_t info;
    u64 mask; /* the guest's */
    u32 alt_sp, alt_size, alt_flags;
    void *alt_stack; /* the host's */
    int bus_code;    /* a host SIGBUS stands behind the #PF: its si_code */
    /* System calls. */
    volatile bool in_call;
    void *call_jmp[5]; /* where a bad guest pointer leads to */
    /* Code that others changed: see code.c. */
    volatile bool in_guest;
    volatile bool must_flush;
    u32 *inbox; /* pages */
    u32 inbox_count, inbox_size;
    bool
        restarting; /* the call at EIP was interrupted, and is to be made again if that is wanted */
    bool leaving;   /* exit() was called */
    bool vforked;   /* a child that borrows its parent's memory */
    int exit_status;
    char path[2][4096]; /* of the current call, with -L */
    void *exec_memory;  /* exec.c */
    void *room;         /* calls_common.c */
    size_t room_size;
    struct vm86 *vm86;        /* vm86.c */
    struct {                  /* debug.c */
        u32 number;           /* gdb's */
        bool parked;          /* it waits for gdb, or for another's turn with it */
        bool held;            /* gdb lets others go on without it */
        bool step, steps_now; /* one instruction is wanted, and is being run */
        bool passes;          /* a breakpoint whose condition does not hold */
        u8 signal;            /* that it goes on with, as gdb numbers them */
        u64 insns;            /* when a step began */
    } debug;
};

struct process {
    struct flat flat;
    struct log log;
    struct translate_options translate;
    const struct cpu_model *model;
    const char *prefix;  /* -L; NULL */
    const char *release; /* -r */
    const char *self;    /* /proc/self/exe, resolved */
    char **options;      /* those to give to programs that are executed, NULL at the end */
    const char *exe;     /* the guest's program */
    char **argv;         /* and its arguments */
    u32 stack_size;
    bool strace, stats;
    FILE *trace;
    /* Memory. */
    pthread_mutex_t map_lock;
    u32 host_page; /* its size, or as if (-p): PAGE_SIZE or a larger power of 2 */
    u32 brk_start, brk, map_top, stack_top, stack_low;
    u32 vdso, sigreturn, rt_sigreturn, vsyscall;
    u32 arg_start, arg_end, env_start, env_end;
    u32 auxv[64];
    unsigned auxv_count;
    u32 personality;
    /* Signals. */
    struct action action[SIGNALS + 1];
    pthread_mutex_t signal_lock;
    /* Threads. */
    pthread_mutex_t thread_lock;
    struct thread *threads;
    u32 threads_made;
    volatile u32 thread_count;
    pthread_mutex_t open_lock, code_lock; /* code.c; in this order */
    u16 *code_users;                      /* by page: threads that have translated code there */
    volatile u32 guarded; /* pages the guest may write, which the host may not for that */
    struct debug *debug;  /* NULL: there is no debugger */
    u64 *ldt;
    u32 ldt_limit; /* entries */
};

extern struct process process;
/* As for 32-bit programs on an x86-64 kernel. */
#define SPACE_SIZE flat_size(&process.flat)
#define TASK_TOP   ((u32)(SPACE_SIZE - 0x2000))
extern __thread struct thread *self;

static inline void *g2h(u32 la)
{
    return flat_host(&process.flat, la);
}

/* The same, but NULL for 0. */
static inline void *g2h0(u32 la)
{
    return la ? g2h(la) : NULL;
}

/* main.c: a line on standard error, and status 2. */
_Noreturn void user_error(const char *fmt, ...) printf_like(1, 2);

/* thread.c */
struct thread *thread_new(const struct cpu_state *from);
void thread_free(struct thread *t);
int thread_attach(struct thread *t); /* the host's side, in the thread itself */
/* Runs the guest until its thread ends; returns its exit status. */
int thread_run(struct thread *t);
int thread_start(struct thread *parent, u32 flags, u32 stack, u32 parent_tid, u32 child_tid,
                 u32 tls);
_Noreturn void thread_exit_group(struct thread *t, int status);
void thread_after_fork(struct thread *t);

/* segment.c */
bool segment_descriptor(void *thread, u16 sel, u64 *desc);
void segment_start(struct thread *t);
bool segment_load(struct thread *t, enum sreg sreg, u16 sel);
i64 segment_set_thread_area(struct thread *t, u32 desc, bool choose);
i64 segment_get_thread_area(struct thread *t, u32 desc);
i64 segment_modify_ldt(struct thread *t, u32 function, u32 address, u32 len);

/* Of a page, in flat.rights: */
#define SPACE_MAPPED  0x08u /* something is there, with or without rights */
#define SPACE_GUARDED 0x10u /* the host may not write there, since it has translated code */
#define SPACE_SHARED  0x20u /* with other processes, or with other addresses */
static inline u8 space_rights(u32 la)
{
    return process.flat.rights[la >> PAGE_SHIFT];
}

/* space.c: the guest's address space. Addresses and lengths are whole pages. Results: an address, or -errno. */
int space_init(void);
i64 space_map(u32 address, u64 len, u32 prot, u32 flags, int fd, u64 offset);
i64 space_unmap(u32 address, u64 len);
i64 space_protect(u32 address, u64 len, u32 prot);
i64 space_remap(u32 address, u32 old_len, u32 new_len, u32 flags, u32 wanted);
u32 space_brk(u32 address);
void space_set_brk(u32 start);

/* code.c: pages with translated code. */
void code_set(void *thread, u64 pa, bool on);
/* The pages, or their rights, are about to change: no thread has code of them any more, or runs before it has dropped it, and
 * the host may write there if the guest may. Until the end no thread makes code. Signal handlers of synchronous faults may
 * call it. */
void code_begin_change(u32 address, u64 len);
void code_end_change(void);
/* The pages' contents are about to change. */
static inline void code_drop(u32 address, u64 len)
{
    code_begin_change(address, len);
    code_end_change();
}
/* The kernel is about to write there. */
static inline void code_will_write(u32 address, u64 len)
{
    if (unlikely(process.guarded != 0))
        code_drop(address, len);
}
void code_drop_all(void);
/* What others have sent; before the guest runs. */
void code_enter(struct thread *t);
/* The same, or false if there is something. */
bool code_try_enter(struct thread *t);
static inline void code_leave(struct thread *t)
{
    __atomic_store_n(&t->in_guest, false, __ATOMIC_RELEASE);
}
void code_flush_others(struct thread *t);

/* fault.c */
void fault_handle(int sig, siginfo_t *info, void *context);
/* Calls fn(t, arg), from where a guest pointer that leads nowhere leads back here: then false. Not within itself. */
bool fault_guarded(struct thread *t, void (*fn)(struct thread *t, void *arg), void *arg);

/* signal.c */
void signal_init(void);
void signal_deliver_pending(struct thread *t);
void signal_event(struct thread *t); /* an exception of the guest's */
void signal_set_mask(struct thread *t, u64 mask);
void signal_hold(void); /* the host delivers none of the guest's to this thread */
_Noreturn void signal_die(int sig);
void signal_put_info(u8 *to, const siginfo_t *info);
void signal_get_info(siginfo_t *to, const u8 *from);
i64 signal_set_action(int sig, const struct action *new, struct action *old);
/* frame.c */
bool frame_push_signal(struct thread *t, int sig, const siginfo_t *info,
                       const struct action *action, u64 mask, u32 trap, u32 error);
bool frame_pop_signal(struct thread *t, bool rt, u64 *mask);

/* syscall.c */
void syscall_run(struct thread *t);
/* The same from within cpu_run(); false: this one has to be made outside. */
bool syscall_run_inside(struct thread *t);
/* safe_call.S: a system call of the host's, which a signal that comes before it keeps from beginning. */
i64 safe_syscall(volatile sig_atomic_t *pending, i64 number, ...);
extern const char safe_syscall_start[], safe_syscall_end[], safe_syscall_unbegun[],
    safe_syscall_again[];
/* strace.c */
void strace_call(struct thread *t, u32 number, const char *name, const char *kinds, const u32 *arg);
void strace_result(i64 result);

/* debug.c: gdb, at all threads. Waits for gdb, which finds it in front of the first instruction. */
void debug_open(struct thread *t, const char *where, u32 load_base);
/* Around a run; where the guest is stopped, debug_begin() waits. Returns how many instructions to run, at most `most`. */
u32 debug_begin(struct thread *t, u32 most);
void debug_end(struct thread *t);
/* The signal that comes, or the one that gdb wants instead; 0: none. */
int debug_signal(struct thread *t, int sig);
/* The host's signal that gdb has something to say. */
bool debug_is_call(int sig, const siginfo_t *info);
/* A thread that is about to run has the same breakpoints as the one that makes it; one is gone. */
void debug_new_thread(const struct thread *from, struct thread *t);
void debug_thread_gone(void);
/* The process ends, by a signal or with a status. */
void debug_ended(const struct thread *t, int status, int sig);
void debug_after_fork(struct thread *t);

/* path.c: a guest's path as the host has it, by -L. slot: 0 or 1. */
const char *path_of(struct thread *t, u32 path, unsigned slot, bool follow);
/* The same of a path of ours, into buf. */
const char *path_resolve(char *buf, size_t len, const char *path, bool follow);

/* elf.c */
struct program {
    u32 entry, load_base, phdr, phnum, brk, interp_base, start;
    bool exec_stack, stack_named;
};
/* One line in err; -errno. */
int elf_load(const char *path, int fd, struct program *program, char *err, size_t err_len);
/* Whether the file's beginning is that of a program for us. */
bool elf_is_ours(const u8 *head, size_t len);
/* stack.c: what a program finds on its stack; returns ESP. */
u32 stack_build(const struct program *program, char **argv, char **envp);
/* vdso.c */
void vdso_load(void);
/* proc.c: a file of /proc/self that tells of the guest: a descriptor, -errno, or -ENOSYS: it is none. */
int proc_open(const char *path, int flags);
/* Gives other processes' /proc/PID/comm, cmdline and environ the program's, as execve() would, where the kernel lets us. */
void proc_show_program(void);
/* Whether path is /proc/self/exe or another name of it. */
bool proc_is_exe(const char *path);
/* exec.c: whether the path leads to something that may be executed: 0 or -errno. */
i64 exec_check(const char *path);
/* Only returns when it fails. */
i64 exec_program(const char *path, char **argv, char **envp);
/* Memory for it, which goes by exec_release(): a vfork() child that executes a program leaves it to its parent. NULL: there is
 * none. */
void *exec_alloc(size_t size);
void exec_release(void);

#endif
