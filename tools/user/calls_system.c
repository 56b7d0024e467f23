/* What the kernel tells of the system, and what a process sets for itself. */
#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include "tools/user/calls.h"

/* The host's, but for the machine, and the release of -r. */
static i64 name_system(struct utsname *name)
{
    i64 result = HOST(uname, PTR(name));

    if (result < 0)
        return result;
    strcpy(name->machine, "i686");
    if (process.release)
        snprintf(name->release, sizeof(name->release), "%s", process.release);
    return 0;
}

static i64 put_name(u32 address, size_t len)
{
    struct utsname name;
    i64 result = name_system(&name);

    if (result == 0)
        memcpy(g2h(address), &name, len);
    return result;
}

CALL_OF(uname)
{
    (void)t;
    return put_name(a[0], sizeof(struct utsname));
}

/* Without the domain. */
CALL_OF(olduname)
{
    (void)t;
    return put_name(a[0], offsetof(struct utsname, domainname));
}

/* And with fields of 9 bytes. */
CALL_OF(oldolduname)
{
    struct utsname name;
    i64 result = name_system(&name);
    char *to = g2h(a[0]);

    (void)t;
    for (unsigned i = 0; i < 5 && result == 0; i++)
        snprintf(to + 9 * i, 9, "%.8s", (const char *)&name + i * sizeof(name.sysname));
    return result;
}

CALL_OF(sysinfo)
{
    struct sysinfo info;
    u32 *to = g2h(a[0]), unit = 1;
    i64 result = HOST(sysinfo, PTR(&info));
    const unsigned long *from = &info.totalram;
    unsigned shift = 0;

    (void)t;
    if (result < 0)
        return result;
    while ((info.totalram | info.totalswap) * info.mem_unit >> shift > UINT32_MAX) {
        shift++;
        unit <<= 1;
    }
    memset(to, 0, 64);
    to[0] = (u32)info.uptime;
    for (unsigned i = 0; i < 3; i++)
        to[1 + i] = (u32)info.loads[i];
    for (unsigned i = 0; i < 6; i++)
        to[4 + i] = (u32)(from[i] * info.mem_unit >> shift);
    ((u16 *)to)[20] = info.procs;
    to[11] = (u32)((info.totalhigh * info.mem_unit) >> shift);
    to[12] = (u32)((info.freehigh * info.mem_unit) >> shift);
    to[13] = unit;
    return 0;
}

CALL_OF(personality)
{
    u32 old = process.personality;

    (void)t;
    if (a[0] != UINT32_MAX)
        process.personality = a[0];
    return old;
}

CALL_OF(set_thread_area)
{
    return segment_set_thread_area(t, a[0], true);
}

CALL_OF(get_thread_area)
{
    return segment_get_thread_area(t, a[0]);
}

CALL_OF(modify_ldt)
{
    return segment_modify_ldt(t, a[0], a[1], a[2]);
}

CALL_OF(arch_prctl)
{
    UNUSED_CALL;
    return -EINVAL;
}

CALL_OF(prctl)
{
    switch (a[0]) {
    case PR_GET_PDEATHSIG:
    case PR_GET_NAME:
    case PR_SET_NAME:
    case PR_GET_CHILD_SUBREAPER: return HOST(prctl, a[0], PTR(g2h(a[1])));
    case PR_GET_TID_ADDRESS: *(u32 *)g2h(a[1]) = t->clear_tid; return 0;
    case PR_SET_SECCOMP: /* it would be a filter of ours */
    case PR_SET_MM:
    case PR_SET_UNALIGN:
    case PR_SET_TSC: return -EINVAL;
    case PR_SET_VMA:
        return a[1] == 0 ? HOST(prctl, a[0], a[1], PTR(g2h(a[2])), a[3], PTR(g2h0(a[4]))) : -EINVAL;
    default: return HOST(prctl, a[0], INT(a[1]), a[2], a[3], a[4]);
    }
}
