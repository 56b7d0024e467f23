/* System calls of the host as an x86-64 kernel has them, which is how this program makes them: the calls that other hosts lack
 * get numbers here, and foreign_call() makes of them what those hosts have. */
#ifndef PAGEWALK_USER_FOREIGN_H
#define PAGEWALK_USER_FOREIGN_H

#include <sys/syscall.h>

#include "mmu/host/base.h"

/* The host's kernel has the guest's calls: most are passed on as they are (syscalls.def), with their own numbers. Times of
 * those that are made here have 64 bits. */
#ifdef __i386__
#define HOST_IS_I386 1
#define SYS_accept   SYS_accept4
#undef SYS_futex
#undef SYS_mq_timedreceive
#undef SYS_mq_timedsend
#undef SYS_pselect6
#undef SYS_ppoll
#undef SYS_recvmmsg
#undef SYS_utimensat
#define SYS_futex           SYS_futex_time64
#define SYS_mq_timedreceive SYS_mq_timedreceive_time64
#define SYS_mq_timedsend    SYS_mq_timedsend_time64
#define SYS_pselect6        SYS_pselect6_time64
#define SYS_ppoll           SYS_ppoll_time64
#define SYS_recvmmsg        SYS_recvmmsg_time64
#define SYS_semtimedop      SYS_semtimedop_time64
#define SYS_utimensat       SYS_utimensat_time64
#else
#define HOST_IS_I386 0
#endif

#if defined(__x86_64__) || HOST_IS_I386
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
