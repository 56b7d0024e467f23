/* Workloads of the kernel's: system calls, context switches, page faults, fork and exec; self-modifying code. */
#include "bench.h"
#include "workloads.h"

u32 sys_getppid(void)
{
    u32 different = 0;
    long parent = sys0(SYS_getppid);
    for (u32 i = 0; i < 1000000; i++)
        different += sys0(SYS_getppid) != parent;
    return hash_word(HASH_START, different);
}

u32 sys_pipes(void)
{
    int there[2], back[2], status = -1;
    u8 byte = 0;
    u32 hash = HASH_START;
    if (sys1(SYS_pipe, (long)there) < 0 || sys1(SYS_pipe, (long)back) < 0)
        return 0;
    long child = sys0(SYS_fork);
    if (child < 0)
        return 0;
    if (child == 0) {
        sys1(SYS_close, there[1]);
        while (sys3(SYS_read, there[0], (long)&byte, 1) == 1) {
            byte = (u8)(byte * 5 + 1);
            sys3(SYS_write, back[1], (long)&byte, 1);
        }
        sys1(SYS_exit, 0);
    }
    for (u32 i = 0; i < 40000; i++) {
        sys3(SYS_write, there[1], (long)&byte, 1);
        if (sys3(SYS_read, back[0], (long)&byte, 1) != 1)
            return 0;
        hash = hash_word(hash, byte);
    }
    sys1(SYS_close, there[0]);
    sys1(SYS_close, there[1]);
    sys(SYS_wait4, child, (long)&status, 0, 0, 0);
    sys1(SYS_close, back[0]);
    sys1(SYS_close, back[1]);
    return hash_word(hash, (u32)status);
}

u32 sys_faults(void)
{
    enum { PAGE = 4096, PAGES = 2000, ROUNDS = 60 };
    u32 hash = HASH_START;
    for (u32 round = 0; round < ROUNDS; round++) {
        u8 *byte = sys_map((size_t)PAGES * PAGE, MAP_READ | MAP_WRITE);
        if (!byte)
            return 0;
        for (u32 i = 0; i < PAGES; i++)
            byte[i * PAGE] = (u8)(byte[i * PAGE] + i + round);
        for (u32 i = 0; i < PAGES; i += 64)
            hash = hash_word(hash, byte[i * PAGE]);
        sys2(SYS_munmap, (long)byte, (long)PAGES * PAGE);
    }
    return hash;
}

u32 sys_forkexec(void)
{
    static const char *const argv[] = {"/proc/self/exe", "exit", NULL};
    u32 hash = HASH_START;
    for (u32 i = 0; i < 500; i++)
        hash = hash_word(hash, (u32)sys_run(argv, 1));
    return hash;
}

/* mov $value, %eax; ret: the same bytes on i386 and x86-64. The patch is at byte 1. */
static u8 *smc_page(void)
{
    static const u8 code[] = {0xb8, 0, 0, 0, 0, 0xc3};
    u8 *page = sys_map(4096, MAP_READ | MAP_WRITE | MAP_EXEC);
    for (u32 i = 0; page && i < sizeof(code); i++)
        page[i] = code[i];
    return page;
}

typedef u32 (*smc_function)(void);

u32 smc_patch(void)
{
    u8 *page = smc_page();
    u32 hash = HASH_START;
    if (!page)
        return 0;
    smc_function function = (smc_function)(uintptr_t)page;
    for (u32 i = 0; i < 60000; i++) {
        *(volatile u32 *)(page + 1) = i * 3;
        hash = hash_word(hash, function());
    }
    sys2(SYS_munmap, (long)page, 4096);
    return hash;
}

u32 smc_near(void)
{
    u8 *page = smc_page();
    u32 hash = HASH_START;
    if (!page)
        return 0;
    smc_function function = (smc_function)(uintptr_t)page;
    volatile u32 *data = (volatile u32 *)(page + 2048);
    for (u32 i = 0; i < 4000000; i++) {
        data[i & 511] += i + function();
    }
    for (u32 i = 0; i < 512; i++)
        hash = hash_word(hash, data[i]);
    sys2(SYS_munmap, (long)page, 4096);
    return hash;
}
