/* System calls with random arguments, many of them pointers that lead nowhere: whoever runs this must live. What could harm the
 * system is left out. usage: random_calls FIRST COUNT */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const short calls[] = {
    SYS_read,
    SYS_write,
    SYS_time,
    SYS_lseek,
    SYS_access,
    SYS_times,
    SYS_brk,
    SYS_sigaction,
    SYS_sigpending,
    SYS_getrlimit,
    SYS_getrusage,
    SYS_gettimeofday,
    SYS_getgroups,
    SYS_select,
    SYS_readlink,
    SYS_mmap,
    SYS_munmap,
    SYS_statfs,
    SYS_fstatfs,
    SYS_socketcall,
    SYS_getitimer,
    SYS_stat,
    SYS_lstat,
    SYS_fstat,
    SYS_sysinfo,
    SYS_ipc,
    SYS_uname,
    SYS_modify_ldt,
    SYS_mprotect,
    SYS_sigprocmask,
    SYS__llseek,
    SYS_getdents,
    SYS__newselect,
    SYS_msync,
    SYS_readv,
    SYS_writev,
    SYS_mremap,
    SYS_getresuid,
    SYS_poll,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigpending,
    SYS_rt_sigqueueinfo,
    SYS_pread64,
    SYS_pwrite64,
    SYS_getcwd,
    SYS_sigaltstack,
    SYS_sendfile,
    SYS_ugetrlimit,
    SYS_mmap2,
    SYS_stat64,
    SYS_lstat64,
    SYS_fstat64,
    SYS_mincore,
    SYS_madvise,
    SYS_getdents64,
    SYS_fcntl64,
    SYS_readahead,
    SYS_set_thread_area,
    SYS_get_thread_area,
    SYS_sched_getaffinity,
    SYS_epoll_create,
    SYS_epoll_ctl,
    SYS_set_tid_address,
    SYS_timer_create,
    SYS_timer_gettime,
    SYS_clock_gettime,
    SYS_clock_getres,
    SYS_statfs64,
    SYS_fstatfs64,
    SYS_fstatat64,
    SYS_readlinkat,
    SYS_faccessat,
    SYS_set_robust_list,
    SYS_get_robust_list,
    SYS_splice,
    SYS_tee,
    SYS_vmsplice,
    SYS_getcpu,
    SYS_eventfd2,
    SYS_signalfd4,
    SYS_timerfd_create,
    SYS_timerfd_settime,
    SYS_timerfd_gettime,
    SYS_preadv,
    SYS_pwritev,
    SYS_prlimit64,
    SYS_sendmmsg,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_kcmp,
    SYS_getrandom,
    SYS_memfd_create,
    SYS_execveat,
    SYS_socketpair,
    SYS_getsockopt,
    SYS_setsockopt,
    SYS_sendmsg,
    SYS_recvmsg,
    SYS_sendto,
    SYS_statx,
    SYS_arch_prctl,
    SYS_clock_gettime64,
    SYS_clone3,
    SYS_openat2,
    SYS_ioctl,
    SYS_olduname,
    18,
    59,
    SYS_getxattr,
    SYS_listxattr,
    SYS_personality,
    SYS_remap_file_pages,
    SYS_sigreturn,
    SYS_rt_sigreturn,
    SYS_mq_getsetattr,
    SYS_io_setup,
    SYS_ptrace,
    1000,
    -1,
};

static uint32_t state;

static uint32_t next(void)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

static char *page;

static uint32_t argument(void)
{
    switch (next() % 12) {
    case 0: return 0;
    case 1: return next() % 8;
    case 2: return -(next() % 8);
    case 3: return 4096 * (next() % 5);
    case 4: return next();
    case 5: return 0xffffe000u + next() % 8192;
    case 6:
    case 7: return (uint32_t)(uintptr_t)page + next() % 64;
    case 8: return (uint32_t)(uintptr_t)page + 8192 - next() % 80; /* the end of what is there */
    case 9: return (uint32_t)(uintptr_t)&calls;                    /* read-only */
    case 10: return 1u << next() % 32;
    default: return next() % 200;
    }
}

static void run(uint32_t seed)
{
    state = seed * 2654435761u | 1;
    signal(SIGALRM, SIG_DFL);
    alarm(2); /* some wait for ever */
    page = mmap(NULL, 8192, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (dup2(2, 199) < 0 || !freopen("/dev/null", "w", stdout))
        _exit(1);
    close(0);
    close(2);
    close(199);
    for (unsigned i = 0; i < 200; i++) {
        uint32_t a[6], nr = (uint32_t)calls[next() % (sizeof(calls) / sizeof(calls[0]))], result;

        for (unsigned k = 0; k < 64; k++)
            ((uint32_t *)page)[next() % 2048] = argument();
        for (unsigned k = 0; k < 6; k++)
            a[k] = argument();
        if (nr == SYS_rt_sigqueueinfo)
            a[0] = 0x7fffffff; /* nobody */
        if ((nr == SYS_sigreturn || nr == SYS_rt_sigreturn) && i < 190)
            continue;
        __asm__ volatile(
            "push %%ebp; push %%ebx; mov (%%esi), %%ebx; mov 4(%%esi), %%ecx; mov 8(%%esi), %%edx; "
            "mov 16(%%esi), %%edi;"
            "mov 20(%%esi), %%ebp; mov 12(%%esi), %%esi; int $0x80; pop %%ebx; pop %%ebp"
            : "=a"(result)
            : "a"(nr), "S"(a)
            : "memory", "ecx", "edx", "edi");
    }
    _exit(0);
}

static pid_t child;

static void end_child(int sig)
{
    (void)sig;
    kill(child, SIGKILL);
}

int main(int argc, char **argv)
{
    uint32_t first = argc > 1 ? (uint32_t)atoi(argv[1]) : 0,
             count = argc > 2 ? (uint32_t)atoi(argv[2]) : 10;

    signal(SIGALRM, end_child);
    for (uint32_t i = first; i < first + count; i++) {
        int status;

        child = fork();
        if (child == 0)
            run(i);
        alarm(20); /* some wait for ever with SIGALRM held back */
        if (waitpid(child, &status, 0) != child)
            return 1;
        alarm(0);
    }
    printf("%u done\n", count);
    return 0;
}
