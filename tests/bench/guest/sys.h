/* Linux system calls without a C library, on i386 (int 0x80) and x86-64 (syscall).
 * Every one returns the kernel's value: -errno on failure. */
#ifndef TESTS_BENCH_GUEST_SYS_H
#define TESTS_BENCH_GUEST_SYS_H

/*   SYSCALL(name, i386 number, x86-64 number)     arch/x86/entry/syscalls/syscall_{32,64}.tbl */
#define SYSCALL_LIST(SYSCALL)                                                                      \
    SYSCALL(exit, 1, 60)                                                                           \
    SYSCALL(fork, 2, 57)                                                                           \
    SYSCALL(read, 3, 0)                                                                            \
    SYSCALL(write, 4, 1)                                                                           \
    SYSCALL(open, 5, 2)                                                                            \
    SYSCALL(close, 6, 3)                                                                           \
    SYSCALL(unlink, 10, 87)                                                                        \
    SYSCALL(execve, 11, 59)                                                                        \
    SYSCALL(getpid, 20, 39)                                                                        \
    SYSCALL(mount, 21, 165)                                                                        \
    SYSCALL(mkdir, 39, 83)                                                                         \
    SYSCALL(pipe, 42, 22)                                                                          \
    SYSCALL(dup2, 63, 33)                                                                          \
    SYSCALL(getppid, 64, 110)                                                                      \
    SYSCALL(munmap, 91, 11)                                                                        \
    SYSCALL(syslog, 103, 103)                                                                      \
    SYSCALL(wait4, 114, 61)                                                                        \
    SYSCALL(nanosleep, 162, 35)                                                                    \
    SYSCALL(pause, 29, 34)

#ifdef __i386__
#define SYSCALL(name, number32, number64) SYS_##name = number32,
#else
#define SYSCALL(name, number32, number64) SYS_##name = number64,
#endif
enum syscall_number { SYSCALL_LIST(SYSCALL) };
#undef SYSCALL

static inline long sys(enum syscall_number number, long a, long b, long c, long d, long e)
{
    long result;
#ifdef __i386__
    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
                     : "memory");
#else
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                     : "rcx", "r11", "memory");
#endif
    return result;
}

static inline long sys0(enum syscall_number number)
{
    return sys(number, 0, 0, 0, 0, 0);
}

static inline long sys1(enum syscall_number number, long a)
{
    return sys(number, a, 0, 0, 0, 0);
}

static inline long sys2(enum syscall_number number, long a, long b)
{
    return sys(number, a, b, 0, 0, 0);
}

static inline long sys3(enum syscall_number number, long a, long b, long c)
{
    return sys(number, a, b, c, 0, 0);
}

enum { MAP_READ = 1, MAP_WRITE = 2, MAP_EXEC = 4 };

/* Private anonymous memory with these MAP_ rights, or NULL. */
void *sys_map(size_t size, long rights);

/* Runs `argv` (argv[0] is the path) in a child with its output in file descriptor `out` (1: unchanged)
 * and waits for it. The child's exit status, or -1. */
int sys_run(const char *const argv[], int out);

size_t text_length(const char *text);
void print(const char *text);

#endif
