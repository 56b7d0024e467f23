/* System calls of the host as an x86-64 kernel has them, which is how this program makes them: the calls that other hosts lack
 * get numbers here, and foreign_call() makes of them what those hosts have. */
#ifndef PAGEWALK_USER_FOREIGN_H
#define PAGEWALK_USER_FOREIGN_H

#include <sys/syscall.h>

#include "mmu/host/base.h"

#ifdef __x86_64__
#define HOST_IS_FOREIGN 0
#else
#define HOST_IS_FOREIGN 1
enum {
    FOREIGN_CALLS = 0x10000, /* more than any host's number */
    SYS_access,
    SYS_alarm,
    SYS_chmod,
    SYS_chown,
    SYS_dup2,
    SYS_epoll_create,
    SYS_epoll_wait,
    SYS_eventfd,
    SYS_getpgrp,
    SYS_inotify_init,
    SYS_lchown,
    SYS_link,
    SYS_lstat,
    SYS_mkdir,
    SYS_mknod,
    SYS_pause,
    SYS_pipe,
    SYS_poll,
    SYS_rename,
    SYS_rmdir,
    SYS_signalfd,
    SYS_stat,
    SYS_symlink,
    SYS_sysfs,
    SYS_unlink,
    SYS_utime,
};
#endif

/* A call by x86-64's rules: the host's result, or -errno. */
i64 foreign_call(i64 number, const i64 *a);

#endif
