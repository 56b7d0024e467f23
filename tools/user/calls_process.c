/* Programs that a process executes, how it ends, and waiting for children. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "tools/user/calls.h"

CALL_OF(exit)
{
    if (t->vforked || process.thread_count == 1)
        thread_exit_group(t, (int)a[0]);
    t->exit_status = (int)a[0];
    t->leaving = true;
    return 0;
}

CALL_OF(exit_group)
{
    thread_exit_group(t, (int)a[0]);
}

/* The list of strings, copied: the memory under it goes. */
static char **strings(u32 address)
{
    const u32 *list = g2h0(address);
    u32 n = 0;
    size_t bytes = 0;
    char **copy, *to;

    while (list && list[n])
        bytes += strlen(g2h(list[n++])) + 1;
    copy = exec_alloc((n + 1) * sizeof(*copy) + bytes);
    if (!copy)
        return NULL;
    to = (char *)(copy + n + 1);
    for (u32 i = 0; i < n; i++) {
        copy[i] = to;
        to = stpcpy(to, g2h(list[i])) + 1;
    }
    copy[n] = NULL;
    return copy;
}

static i64 execute(const char *path, u32 argv, u32 envp)
{
    char **args, **env, name[4096];
    i64 result;

    if (!path)
        return -EFAULT;
    if (strlen(path) >= sizeof(name))
        return -ENAMETOOLONG;
    strcpy(name, path);
    result = exec_check(name); /* before the lists are looked at */
    if (result)
        return result;
    args = strings(argv);
    env = strings(envp);
    result = args && env ? exec_program(name, args, env) : -ENOMEM;
    exec_release();
    return result;
}

CALL_OF(execve)
{
    (void)t;
    return execute(g2h0(a[0]), a[1], a[2]);
}

CALL_OF(execveat)
{
    const char *path = g2h0(a[1]);
    char name[4200];

    (void)t;
    if (!path)
        return -EFAULT;
    if (a[4] & ~(u32)(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW))
        return -EINVAL;
    if (path[0] == '/' || (i32)a[0] == AT_FDCWD)
        return execute(path, a[2], a[3]);
    if (!path[0] && !(a[4] & AT_EMPTY_PATH))
        return -ENOENT;
    snprintf(name, sizeof(name), "/proc/self/fd/%d%s%.4096s", (int)a[0], path[0] ? "/" : "", path);
    return execute(name, a[2], a[3]);
}

static i64 wait_call(i64 pid, u32 status, i64 options, u32 usage)
{
    struct rusage ru;
    int code = 0;
    i64 result = HOST(wait4, pid, PTR(&code), options, PTR(&ru));

    if (result <= 0)
        return result;
    if (status)
        *(i32 *)g2h(status) = code;
    rusage_put(usage, &ru);
    return result;
}

CALL_OF(wait4)
{
    (void)t;
    return wait_call(INT(a[0]), a[1], INT(a[2]), a[3]);
}

CALL_OF(waitpid)
{
    (void)t;
    return wait_call(INT(a[0]), a[1], INT(a[2]), 0);
}

CALL_OF(waitid)
{
    siginfo_t info = {0};
    struct rusage ru;
    i64 result = HOST(waitid, INT(a[0]), INT(a[1]), PTR(&info), INT(a[3]), PTR(&ru));
    i32 *to = g2h0(a[2]);

    (void)t;
    if (result == -ERESTARTSYS || result == -EUNBEGUN)
        return result;
    if (result == 0 && info.si_pid)
        rusage_put(a[4], &ru);
    if (to) { /* also where there is nothing to tell, or the call is wrong */
        to[0] = info.si_signo;
        to[1] = 0;
        to[2] = info.si_code;
        to[3] = info.si_pid;
        to[4] = (i32)info.si_uid;
        to[5] = info.si_status;
    }
    return result;
}
