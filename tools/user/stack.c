/* What a program finds on its stack: arguments, environment and the auxiliary vector. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include "tools/user/elf32.h"

#include <sys/auxv.h>

#include "cpu/cpuid.h"

#define ARG_ROOM (128 * KIB) /* below the arguments, at least */

static u32 push_bytes(u32 *esp, const void *bytes, u32 len)
{
    *esp -= len;
    memcpy(g2h(*esp), bytes, len);
    return *esp;
}

static u32 push_string(u32 *esp, const char *s)
{
    return push_bytes(esp, s, (u32)strlen(s) + 1);
}

static u32 count(char **list, u64 *bytes)
{
    u32 n = 0;

    for (; list[n]; n++)
        *bytes += strlen(list[n]) + 1 + sizeof(u32);
    return n;
}

static void aux(u32 type, u32 value)
{
    process.auxv[process.auxv_count++] = type;
    process.auxv[process.auxv_count++] = value;
}

/* CPUID's features, by a look at leaf 1. */
static u32 hwcap(void)
{
    struct cpu *cpu = self->cpu;
    u32 saved[R_SLOTS], features;

    memcpy(saved, cpu->r, sizeof(saved));
    cpu->r[R_EAX] = 1;
    cpu_cpuid(cpu);
    features = cpu->r[R_EDX];
    memcpy(cpu->r, saved, sizeof(saved));
    return features;
}

static void make_auxv(const struct program *program, u32 random, u32 platform, u32 name)
{
    process.auxv_count = 0;
    aux(AT_SYSINFO, process.vsyscall);
    aux(AT_SYSINFO_EHDR, process.vdso);
    aux(AT_HWCAP, hwcap());
    aux(AT_PAGESZ, PAGE_SIZE);
    aux(AT_CLKTCK, (u32)sysconf(_SC_CLK_TCK));
    aux(AT_PHDR, program->phdr);
    aux(AT_PHENT, sizeof(Elf32_Phdr));
    aux(AT_PHNUM, program->phnum);
    aux(AT_BASE, program->interp_base);
    aux(AT_FLAGS, 0);
    aux(AT_ENTRY, program->entry);
    aux(AT_UID, getuid());
    aux(AT_EUID, geteuid());
    aux(AT_GID, getgid());
    aux(AT_EGID, getegid());
    aux(AT_SECURE, (u32)getauxval(AT_SECURE));
    aux(AT_RANDOM, random);
    aux(AT_HWCAP2, 0);
    aux(AT_EXECFN, name);
    aux(AT_PLATFORM, platform);
    aux(AT_NULL, 0);
}

u32 stack_build(const struct program *program, char **argv, char **envp)
{
    u64 bytes = ARG_ROOM;
    u32 argc = count(argv, &bytes), envc = count(envp, &bytes);
    u32 size = process.stack_size, esp, name, platform, random, *words;
    u8 seed[16];

    if (bytes > UINT32_MAX / 4)
        user_error("the arguments are too long");
    if (size < bytes)
        size = ((u32)bytes + PAGE_MASK) & ~PAGE_MASK;
    if (space_map(TASK_TOP - size, size,
                  PROT_READ | PROT_WRITE | (program->exec_stack ? PROT_EXEC : 0),
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) < 0)
        user_error("no memory for a stack of %u bytes", size);
    process.stack_top = TASK_TOP;
    process.stack_low = TASK_TOP - size;
    esp = TASK_TOP - 4;
    name = push_string(&esp, process.exe);
    process.env_end = esp;
    for (u32 i = envc; i-- > 0;)
        push_string(&esp, envp[i]);
    process.env_start = process.arg_end = esp;
    for (u32 i = argc; i-- > 0;)
        push_string(&esp, argv[i]);
    process.arg_start = esp;
    platform = push_string(&esp, "i686");
    if (getrandom(seed, sizeof(seed), 0) != sizeof(seed))
        memset(seed, 0x5a, sizeof(seed));
    random = push_bytes(&esp, seed, sizeof(seed));
    make_auxv(program, random, platform, name);
    esp = (esp & ~15u) - ((argc + envc + 3 + process.auxv_count) * 4u);
    esp &= ~15u;
    words = g2h(esp);
    *words++ = argc;
    for (u32 i = 0, at = process.arg_start; i < argc; at += (u32)strlen(argv[i++]) + 1)
        *words++ = at;
    *words++ = 0;
    for (u32 i = 0, at = process.env_start; i < envc; at += (u32)strlen(envp[i++]) + 1)
        *words++ = at;
    *words++ = 0;
    memcpy(words, process.auxv, process.auxv_count * sizeof(u32));
    return esp;
}
