/* Instructions on the host CPU: a 32-bit child under ptrace. It is not single-stepped, which TF would show to
 * PUSHF: INT3 lies behind the instruction and wherever it may jump to in its page. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/oracle/oracle.h"

struct native {
    pid_t pid;
    int memory; /* /proc/PID/mem: writes pages whatever their rights */
};

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "oracle: %s: %s\n", what, strerror(errno));
    exit(2);
}

static bool stopped_by(pid_t pid, int number)
{
    int status;

    return waitpid(pid, &status, 0) == pid && WIFSTOPPED(status) && WSTOPSIG(status) == number;
}

struct native *native_open(const char *program, const char **why)
{
    struct native *n = calloc(1, sizeof(*n));
    char path[64];

    must(n != NULL, "memory");
    n->pid = fork();
    must(n->pid >= 0, "fork");
    if (n->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0)
            execl(program, program, (char *)NULL);
        _exit(1);
    }
    n->memory = -1;
    *why = "this host runs no 32-bit programs, or lets none be traced";
    if (!stopped_by(n->pid, SIGTRAP) || ptrace(PTRACE_CONT, n->pid, NULL, NULL) != 0 ||
        !stopped_by(n->pid, SIGTRAP)) {
        native_close(n);
        return NULL;
    }
    snprintf(path, sizeof(path), "/proc/%d/mem", (int)n->pid);
    n->memory = open(path, O_RDWR | O_CLOEXEC);
    must(n->memory >= 0, path);
    return n;
}

void native_close(struct native *n)
{
    kill(n->pid, SIGKILL);
    waitpid(n->pid, NULL, 0);
    if (n->memory >= 0)
        close(n->memory);
    free(n);
}

static void put_regs(struct native *n, const struct oracle_regs *s)
{
    struct user_regs_struct regs;
    struct user_fpregs_struct fp;

    must(ptrace(PTRACE_GETREGS, n->pid, NULL, &regs) == 0, "registers");
    must(ptrace(PTRACE_GETFPREGS, n->pid, NULL, &fp) == 0, "x87 and SSE registers");
    regs.rax = s->r[0];
    regs.rcx = s->r[1];
    regs.rdx = s->r[2];
    regs.rbx = s->r[3];
    regs.rsp = s->r[4];
    regs.rbp = s->r[5];
    regs.rsi = s->r[6];
    regs.rdi = s->r[7];
    regs.rip = s->eip;
    regs.eflags = s->eflags;
    regs.cs = USER_CS;
    regs.ss = regs.ds = regs.es = USER_DS;
    regs.fs = regs.gs = 0;
    regs.orig_rax = ~0ull; /* no system call to begin again */
    fp.cwd = s->cw;
    fp.swd = s->sw;
    fp.ftw = s->tag;
    fp.mxcsr = s->mxcsr;
    for (unsigned i = 0; i < 8; i++) {
        memcpy(&fp.st_space[4 * i], &s->st[i].frac, 8);
        fp.st_space[4 * i + 2] = s->st[i].se;
        memcpy(&fp.xmm_space[4 * i], s->xmm[i], 16);
    }
    must(ptrace(PTRACE_SETREGS, n->pid, NULL, &regs) == 0, "setting registers");
    must(ptrace(PTRACE_SETFPREGS, n->pid, NULL, &fp) == 0, "setting x87 and SSE registers");
}

static void get_regs(struct native *n, struct oracle_regs *s)
{
    struct user_regs_struct regs;
    struct user_fpregs_struct fp;

    must(ptrace(PTRACE_GETREGS, n->pid, NULL, &regs) == 0, "registers");
    must(ptrace(PTRACE_GETFPREGS, n->pid, NULL, &fp) == 0, "x87 and SSE registers");
    *s = (struct oracle_regs){
        .r = {(u32)regs.rax, (u32)regs.rcx, (u32)regs.rdx, (u32)regs.rbx, (u32)regs.rsp,
              (u32)regs.rbp, (u32)regs.rsi, (u32)regs.rdi},
        .eip = (u32)regs.rip,
        .eflags = (u32)regs.eflags,
        .cw = fp.cwd,
        .sw = fp.swd,
        .tag = (u8)fp.ftw,
        .mxcsr = fp.mxcsr,
    };
    for (unsigned i = 0; i < 8; i++) {
        memcpy(&s->st[i].frac, &fp.st_space[4 * i], 8);
        s->st[i].se = (u16)fp.st_space[4 * i + 2];
        memcpy(s->xmm[i], &fp.xmm_space[4 * i], 16);
    }
}

u32 native_flags(struct native *n)
{
    struct user_regs_struct regs;

    must(ptrace(PTRACE_GETREGS, n->pid, NULL, &regs) == 0, "registers");
    return (u32)regs.eflags & 0x200000;
}

void native_run(struct native *n, const struct oracle_case *c, struct oracle_result *r)
{
    u8 page[0x1000];
    siginfo_t info;
    int status;

    memset(page, 0xcc, sizeof(page));
    memcpy(page + (CODE_AT - CODE), c->code, c->len);
    must(pwrite(n->memory, page, sizeof(page), CODE) == sizeof(page), "writing code");
    must(pwrite(n->memory, c->data, DATA_BYTES, DATA) == DATA_BYTES, "writing data");
    put_regs(n, &c->regs);
    must(ptrace(PTRACE_CONT, n->pid, NULL, NULL) == 0, "going on");
    must(waitpid(n->pid, &status, 0) == n->pid && WIFSTOPPED(status), "waiting");
    must(ptrace(PTRACE_GETSIGINFO, n->pid, NULL, &info) == 0, "signal");
    r->end.signal = info.si_signo;
    r->end.has_address = info.si_signo == SIGSEGV && info.si_code != SI_KERNEL;
    r->end.address = r->end.has_address ? (u32)(uintptr_t)info.si_addr : 0;
    get_regs(n, &r->regs);
    must(pread(n->memory, r->data, DATA_BYTES, DATA) == DATA_BYTES, "reading data");
}
