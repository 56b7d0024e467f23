/* System calls by their numbers, with what they return and write: rows of the list that need no rights, and whose values are the
 * same wherever this runs. `to N` is where what was written ends, for values that are not. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <mqueue.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "tests/user/without_rights.h"

static char path[] = "/tmp/values.XXXXXX/file", path2[sizeof(path) + 1];
static uint8_t out[1024]; /* what calls write to */
static long last;

#define FILL 0x5a

/* What is shown behind a result. */
enum { NOTHING, BYTES, LENGTH, STATUS /* whether it succeeded only */ };

static void show(const char *name, int how)
{
    unsigned end = sizeof(out);

    while (end && out[end - 1] == FILL)
        end--;
    printf("%s: ", name);
    if (last == -1)
        printf("%s", strerrorname_np(errno));
    else
        printf("%ld", how == STATUS ? 0 : last);
    if (how == BYTES)
        for (unsigned i = 0; i < end && i < 96; i++)
            printf("%s%02x", i ? "" : " ", out[i]);
    else if (how == LENGTH)
        printf(" to %u", (end + 3) & ~3u);
    putchar('\n');
    memset(out, FILL, sizeof(out));
}
#define CALL(how, number, ...) (last = syscall(number, ##__VA_ARGS__), show(#number + 4, how), last)

/* Numbers that the C library has no names for. */
#define SYS_old_stat      18
#define SYS_old_fstat     28
#define SYS_old_sigaction 67
#define SYS_old_lstat     84

static void files(void)
{
    struct iovec iov[2] = {{out, 3}, {out + 8, 4}};
    uint32_t times[2] = {1000000000, 1100000000}, timevals[4] = {1, 2, 3, 4};
    int fd, dir;

    fd = CALL(NOTHING, SYS_open, path, O_RDWR | O_CREAT | O_LARGEFILE, 0640);
    CALL(NOTHING, SYS_write, fd, "0123456789", 10);
    CALL(NOTHING, SYS_lseek, fd, 2, SEEK_SET);
    CALL(BYTES, SYS_read, fd, out, 4);
    CALL(BYTES, SYS__llseek, fd, 1, 5, out, SEEK_SET);
    CALL(BYTES, SYS_pread64, fd, out, 3, 7, 0);
    CALL(BYTES, SYS_preadv, fd, iov, 2, 1, 0);
    CALL(BYTES, SYS_preadv, fd, iov, 2, 1, 1);
    CALL(BYTES, SYS_preadv2, fd, iov, 2, 1, 0, 0);
    memset(out, 'x', 16);
    CALL(NOTHING, SYS_pwritev, fd, iov, 2, 16, 0);
    memset(out, 'y', 16);
    CALL(NOTHING, SYS_pwritev2, fd, iov, 2, 20, 0, 0);
    CALL(NOTHING, SYS_pwrite64, fd, "z", 1, 0, 1); /* at 4 GiB */
    CALL(BYTES, SYS_pread64, fd, out, 32, 0, 0);
    CALL(BYTES, SYS__llseek, fd, 0, 0, out, SEEK_END);
    CALL(NOTHING, SYS_stat, path, out); /* its size does not fit */
    CALL(NOTHING, SYS_ftruncate64, fd, 100, 0);
    CALL(NOTHING, SYS_truncate64, path, 90, 0);
    CALL(NOTHING, SYS_truncate, path, 80);
    CALL(NOTHING, SYS_ftruncate, fd, 70);
    CALL(NOTHING, SYS_utime, path, times);
    CALL(LENGTH, SYS_stat, path, out);
    CALL(LENGTH, SYS_lstat, path, out);
    CALL(LENGTH, SYS_fstat, fd, out);
    CALL(LENGTH, SYS_stat64, path, out);
    CALL(LENGTH, SYS_fstatat64, AT_FDCWD, path, out, 0);
    CALL(LENGTH, SYS_statx, AT_FDCWD, path, 0, STATX_SIZE | STATX_MODE, out);
    CALL(NOTHING, SYS_old_stat, path, out);
    CALL(NOTHING, SYS_old_lstat, path, out);
    CALL(NOTHING, SYS_old_fstat, fd, out);
    CALL(LENGTH, SYS_statfs, path, out);
    CALL(LENGTH, SYS_fstatfs, fd, out);
    CALL(LENGTH, SYS_statfs64, path, 84, out);
    CALL(LENGTH, SYS_fstatfs64, fd, 84, out);
    CALL(NOTHING, SYS_utimes, path, timevals);
    CALL(NOTHING, SYS_futimesat, AT_FDCWD, path, timevals);
    CALL(NOTHING, SYS_utimensat, AT_FDCWD, path, timevals, 0);
    CALL(NOTHING, SYS_chown, path, 0xffff, 0xffff);
    CALL(NOTHING, SYS_lchown, path, 0xffff, 0xffff);
    CALL(NOTHING, SYS_fchown, fd, 0xffff, 0xffff);
    CALL(NOTHING, SYS_chown32, path, -1, -1);
    CALL(NOTHING, SYS_lchown32, path, -1, -1);
    CALL(NOTHING, SYS_fchown32, fd, -1, -1);
    CALL(NOTHING, SYS_fchownat, AT_FDCWD, path, -1, -1, 0);
    CALL(NOTHING, SYS_chown, path, 0, 0);
    CALL(NOTHING, SYS_fchmod, fd, 0600);
    CALL(NOTHING, SYS_fallocate, fd, 0, 0, 0, 200, 0);
    CALL(NOTHING, SYS_fadvise64, fd, 0, 0, 100, POSIX_FADV_WILLNEED);
    CALL(NOTHING, SYS_fadvise64_64, fd, 0, 0, 100, 0, POSIX_FADV_WILLNEED);
    CALL(NOTHING, SYS_readahead, fd, 0, 0, 100);
    CALL(NOTHING, SYS_sync_file_range, fd, 0, 0, 100, 0, 0);
    CALL(NOTHING, SYS_fsync, fd);
    CALL(NOTHING, SYS_flock, fd, 2);
    CALL(NOTHING, SYS_link, path, path2);
    CALL(NOTHING, SYS_unlink, path2);
    CALL(NOTHING, SYS_linkat, AT_FDCWD, path, AT_FDCWD, path2, 0);
    CALL(NOTHING, SYS_renameat2, AT_FDCWD, path2, AT_FDCWD, path, RENAME_NOREPLACE);
    CALL(NOTHING, SYS_unlinkat, AT_FDCWD, path2, 0);
    CALL(NOTHING, SYS_symlinkat, "target", AT_FDCWD, path2);
    CALL(BYTES, SYS_readlinkat, AT_FDCWD, path2, out, 100);
    CALL(BYTES, SYS_readlink, path2, out, 3);
    CALL(NOTHING, SYS_unlink, path2);
    CALL(NOTHING, SYS_mknod, path2, S_IFIFO | 0600, 0);
    CALL(NOTHING, SYS_unlink, path2);
    CALL(NOTHING, SYS_mknodat, AT_FDCWD, path2, S_IFREG | 0600, 0);
    CALL(NOTHING, SYS_unlink, path2);
    CALL(NOTHING, SYS_mkdir, path2, 0700);
    dir = CALL(NOTHING, SYS_openat, AT_FDCWD, path2, O_RDONLY | O_DIRECTORY);
    CALL(LENGTH, SYS_getdents, dir, out, 200);
    CALL(LENGTH, SYS_getdents, dir, out, 200);
    CALL(NOTHING, SYS_getdents64, dir, out, 10);
    CALL(NOTHING, SYS_fchdir, dir);
    CALL(NOTHING, SYS_chdir, "/");
    CALL(BYTES, SYS_getcwd, out, 100);
    CALL(NOTHING, SYS_close, dir);
    CALL(NOTHING, SYS_rmdir, path2);
    CALL(NOTHING, SYS_lsetxattr, path, "user.name", "value", 5, 0);
    CALL(NOTHING, SYS_fsetxattr, fd, "user.other", "more", 4, 0);
    CALL(BYTES, SYS_getxattr, path, "user.name", out, 100);
    CALL(BYTES, SYS_lgetxattr, path, "user.name", out, 2);
    CALL(BYTES, SYS_fgetxattr, fd, "user.other", out, 100);
    CALL(NOTHING, SYS_removexattr, path, "user.name");
    CALL(NOTHING, SYS_lremovexattr, path, "user.name");
    CALL(NOTHING, SYS_fremovexattr, fd, "user.other");
    *(uint32_t *)out = 128;
    CALL(STATUS, SYS_name_to_handle_at, AT_FDCWD, path, out, out + 512, 0);
    CALL(NOTHING, SYS_openat2, AT_FDCWD, path, &(uint64_t[3]){O_RDONLY}, 24);
    CALL(NOTHING, SYS_close, last);
    CALL(NOTHING, SYS_close, fd);
    CALL(NOTHING, SYS_unlink, path);
}

static void waiting(void)
{
    uint32_t now[2] = {0}, set[2] = {1}, new[4] = {0, 0, 1000, 500}, alarm_mask[2] = {1 << 13};
    uint64_t wide[2] = {0}, wide_new[4] = {0, 0, 1000, 500};
    uint32_t event[3] = {EPOLLOUT, 7, 9}, notify[16] = {5, SIGUSR1, 1 /* none */};
    uint32_t old_select[5] = {1, (uint32_t)(uintptr_t)set, 0, 0, (uint32_t)(uintptr_t)now};
    int fd, pair[2];

    CALL(NOTHING, SYS_select, old_select);
    CALL(NOTHING, SYS__newselect, 1, set, 0, 0, now);
    CALL(NOTHING, SYS_pselect6, 1, set, 0, 0, now, 0);
    CALL(NOTHING, SYS_pselect6_time64, 1, set, 0, 0, wide, 0);
    CALL(NOTHING, SYS_ppoll_time64, 0, 0, wide, 0, 8);
    CALL(NOTHING, SYS_pipe, pair);
    fd = CALL(NOTHING, SYS_epoll_create, 1);
    CALL(NOTHING, SYS_epoll_ctl, fd, EPOLL_CTL_ADD, pair[1], event);
    CALL(BYTES, SYS_epoll_pwait, fd, out, 2, 0, alarm_mask, 8);
    CALL(BYTES, SYS_epoll_pwait2, fd, out, 2, wide, 0, 8);
    CALL(NOTHING, SYS_close, fd);
    fd = CALL(NOTHING, SYS_inotify_init);
    CALL(NOTHING, SYS_inotify_add_watch, fd, "/tmp", IN_CREATE);
    CALL(NOTHING, SYS_inotify_rm_watch, fd, 1);
    CALL(BYTES, SYS_read, fd, out, 100);
    CALL(NOTHING, SYS_close, fd);
    fd = CALL(NOTHING, SYS_timerfd_create, CLOCK_MONOTONIC, 0);
    CALL(BYTES, SYS_timerfd_settime64, fd, 0, wide_new, out);
    CALL(LENGTH, SYS_timerfd_gettime64, fd, out);
    CALL(LENGTH, SYS_timerfd_gettime, fd, out);
    CALL(LENGTH, SYS_timerfd_settime, fd, 0, new, out);
    CALL(NOTHING, SYS_close, fd);
    CALL(BYTES, SYS_timer_create, CLOCK_MONOTONIC, notify, out);
    CALL(BYTES, SYS_timer_settime, 0, 0, new, out);
    CALL(LENGTH, SYS_timer_gettime, 0, out);
    CALL(LENGTH, SYS_timer_gettime64, 0, out);
    CALL(LENGTH, SYS_timer_settime64, 0, 0, wide_new, out);
    CALL(NOTHING, SYS_timer_getoverrun, 0);
    CALL(NOTHING, SYS_timer_delete, 0);
    CALL(NOTHING, SYS_clock_settime, CLOCK_MONOTONIC, now);
    CALL(LENGTH, SYS_clock_gettime, CLOCK_REALTIME, out);
    CALL(LENGTH, SYS_clock_gettime64, CLOCK_REALTIME, out);
    CALL(LENGTH, SYS_clock_getres, CLOCK_REALTIME, out);
    CALL(LENGTH, SYS_clock_getres_time64, CLOCK_REALTIME, out);
    CALL(NOTHING, SYS_clock_nanosleep_time64, CLOCK_REALTIME, 0, wide, 0);
    CALL(NOTHING, SYS_futex_time64, new, 0 /* WAIT */, 1, wide, 0, 0);
    CALL(NOTHING, SYS_futex_time64, new, 0 /* WAIT */, 0, wide, 0, 0);
    CALL(NOTHING, SYS_rt_sigprocmask, SIG_BLOCK, alarm_mask, 0, 8);
    fd = CALL(NOTHING, SYS_signalfd, -1, alarm_mask, 8);
    kill(getpid(), SIGALRM);
    CALL(BYTES, SYS_sigpending, out);
    CALL(STATUS, SYS_read, fd, out, 128);
    printf("signal %u of size %ld\n", *(uint32_t *)out, last);
    kill(getpid(), SIGALRM);
    CALL(LENGTH, SYS_rt_sigtimedwait_time64, alarm_mask, out, wide, 8);
    CALL(NOTHING, SYS_rt_sigtimedwait_time64, alarm_mask, out, wide, 8);
    CALL(NOTHING, SYS_close, fd);
    CALL(NOTHING, SYS_close, pair[0]);
    CALL(NOTHING, SYS_close, pair[1]);
}

static void sockets(void)
{
    struct sockaddr_un name = {AF_UNIX, "\0pagewalk-values"}, from;
    struct iovec iov = {out, 16};
    struct {
        struct msghdr h;
        uint32_t len;
    } message[2] = {{{0, 0, &iov, 1}}, {{0, 0, &iov, 1}}};
    uint32_t len = sizeof(from), one = 1;
    int s, c, t, pair[2];

    s = CALL(NOTHING, SYS_socket, AF_UNIX, SOCK_STREAM, 0);
    CALL(NOTHING, SYS_bind, s, &name, 2 + 16);
    CALL(NOTHING, SYS_listen, s, 5);
    c = CALL(NOTHING, SYS_socket, AF_UNIX, SOCK_STREAM, 0);
    CALL(NOTHING, SYS_connect, c, &name, 2 + 16);
    t = CALL(NOTHING, SYS_accept4, s, &from, &len, 0);
    len = 32;
    CALL(BYTES, SYS_getsockname, s, out, &len);
    CALL(BYTES, SYS_getpeername, c, out, &len);
    len = 4;
    CALL(BYTES, SYS_getsockopt, c, SOL_SOCKET, SO_TYPE, out, &len);
    CALL(NOTHING, SYS_setsockopt, c, SOL_SOCKET, SO_KEEPALIVE, &one, 4);
    CALL(NOTHING, SYS_sendto, c, "hello", 5, 0, 0, 0);
    CALL(BYTES, SYS_recvfrom, t, out, 100, 0, 0, 0);
    memcpy(out, "sixteen  letters", 16);
    CALL(NOTHING, SYS_sendmsg, c, &message[0].h, 0);
    CALL(BYTES, SYS_recvmsg, t, &message[0].h, 0);
    CALL(NOTHING, SYS_shutdown, c, 1);
    CALL(NOTHING, SYS_recvfrom, t, out, 100, 0, 0, 0);
    CALL(NOTHING, SYS_close, s);
    CALL(NOTHING, SYS_close, c);
    CALL(NOTHING, SYS_close, t);
    CALL(NOTHING, SYS_socketpair, AF_UNIX, SOCK_DGRAM, 0, pair);
    memcpy(out, "another message.", 16);
    CALL(NOTHING, SYS_sendmmsg, pair[0], message, 2, 0);
    CALL(BYTES, SYS_recvmmsg, pair[1], message, 1, 0, 0);
    CALL(BYTES, SYS_recvmmsg_time64, pair[1], message, 2, MSG_DONTWAIT, 0);
    printf("lengths %u %u\n", message[0].len, message[1].len);
    CALL(NOTHING, SYS_close, pair[0]);
    CALL(NOTHING, SYS_close, pair[1]);
}

static void ipc(void)
{
    struct sembuf up = {0, 2, 0};
    uint32_t zero[2] = {0}, attr[8] = {0, 3, 20};
    uint64_t wide[2] = {0}, wide_past[2] = {1};
    struct {
        uint32_t type;
        char text[12];
    } message = {7, "queue"};
    int id;
    long address;

    id = CALL(STATUS, SYS_semget, IPC_PRIVATE, 2, 0600);
    CALL(NOTHING, SYS_semtimedop_time64, id, &up, 1, wide);
    CALL(NOTHING, SYS_semctl, id, 0, GETVAL, 0);
    CALL(LENGTH, SYS_semctl, id, 0, IPC_STAT, out);
    CALL(NOTHING, SYS_semctl, id, 0, IPC_RMID, 0);
    id = CALL(STATUS, SYS_shmget, IPC_PRIVATE, 5000, 0600);
    address = CALL(STATUS, SYS_shmat, id, 0, 0);
    *(uint32_t *)address = 5;
    CALL(LENGTH, SYS_shmctl, id, IPC_STAT, out);
    CALL(NOTHING, SYS_shmdt, address);
    CALL(NOTHING, SYS_shmctl, id, IPC_RMID, 0);
    id = CALL(STATUS, SYS_msgget, IPC_PRIVATE, 0600);
    CALL(NOTHING, SYS_msgsnd, id, &message, 5, 0);
    CALL(BYTES, SYS_msgrcv, id, out, 100, 0, 0);
    CALL(LENGTH, SYS_msgctl, id, IPC_STAT, out);
    CALL(NOTHING, SYS_msgctl, id, IPC_RMID, 0);
    id = CALL(NOTHING, SYS_mq_open, path + strlen("/tmp/"), O_RDWR | O_CREAT, 0600, attr);
    id = CALL(NOTHING, SYS_mq_open, "pagewalk-values", O_RDWR | O_CREAT, 0600, attr);
    CALL(NOTHING, SYS_mq_timedsend, id, "low", 3, 1, zero);
    CALL(NOTHING, SYS_mq_timedsend_time64, id, "high", 4, 2, wide_past);
    CALL(BYTES, SYS_mq_getsetattr, id, 0, out);
    CALL(BYTES, SYS_mq_timedreceive, id, out, 20, out + 24, zero);
    CALL(BYTES, SYS_mq_timedreceive_time64, id, out, 20, out + 24, wide_past);
    CALL(NOTHING, SYS_mq_timedreceive, id, out, 20, 0, zero);
    CALL(NOTHING, SYS_mq_notify, id, 0);
    CALL(NOTHING, SYS_mq_unlink, "pagewalk-values");
    CALL(NOTHING, SYS_close, id);
}

static void processes(void)
{
    struct sched_param param = {0};
    uint32_t action[5] = {(uint32_t)(uintptr_t)SIG_IGN}, mask[2] = {0}, cpus[32];
    int fd, fd2, pid = getpid();

    CALL(NOTHING, SYS_setreuid, 0xffff, 0xffff);
    CALL(NOTHING, SYS_setregid, 0xffff, 0xffff);
    CALL(NOTHING, SYS_setresuid, 0xffff, 0xffff, 0xffff);
    CALL(NOTHING, SYS_setresgid, 0xffff, 0xffff, 0xffff);
    CALL(NOTHING, SYS_setreuid32, -1, -1);
    CALL(NOTHING, SYS_setregid32, -1, -1);
    CALL(NOTHING, SYS_setresuid32, -1, -1, -1);
    CALL(NOTHING, SYS_setresgid32, -1, -1, -1);
    CALL(LENGTH, SYS_getresuid, out, out + 4, out + 8);
    CALL(LENGTH, SYS_getresuid32, out, out + 4, out + 8);
    CALL(NOTHING, SYS_setgroups32, 1, mask);
    CALL(NOTHING, SYS_old_sigaction, SIGUSR2, action, 0);
    CALL(BYTES, SYS_old_sigaction, SIGUSR2, 0, out);
    CALL(NOTHING, SYS_signal, SIGUSR2, SIG_DFL);
    CALL(NOTHING, SYS_ssetmask, 1 << (SIGUSR2 - 1));
    CALL(NOTHING, SYS_sgetmask);
    CALL(NOTHING, SYS_ssetmask, 0);
    CALL(NOTHING, SYS_sched_setscheduler, 0, SCHED_OTHER, &param);
    CALL(BYTES, SYS_sched_getparam, 0, out);
    CALL(STATUS, SYS_sched_getaffinity, 0, sizeof(cpus), cpus);
    CALL(NOTHING, SYS_sched_setaffinity, 0, sizeof(cpus), cpus);
    CALL(BYTES, SYS_sched_getattr, 0, out, 48, 0);
    CALL(LENGTH, SYS_sched_rr_get_interval, 0, out);
    CALL(LENGTH, SYS_sched_rr_get_interval_time64, 0, out);
    CALL(NOTHING, SYS_ioprio_set, 1, 0, 2 << 13 | 5);
    CALL(NOTHING, SYS_ioprio_get, 1, 0);
    CALL(NOTHING, SYS_setpriority, 0, 0, 3);
    CALL(NOTHING, SYS_getpriority, 0, 0);
    CALL(NOTHING, SYS_nice, 2);
    CALL(NOTHING, SYS_getpriority, 0, 0);
    CALL(NOTHING, SYS_kcmp, pid, pid, 0, 1, 1);
    fd = CALL(NOTHING, SYS_pidfd_open, pid, 0);
    CALL(NOTHING, SYS_pidfd_send_signal, fd, 0, 0, 0);
    fd2 = CALL(NOTHING, SYS_pidfd_getfd, fd, 0, 0);
    CALL(NOTHING, SYS_process_mrelease, fd, 0);
    CALL(NOTHING, SYS_close_range, fd, fd2, 0);
    CALL(NOTHING, SYS_landlock_create_ruleset, 0, 0, LANDLOCK_CREATE_RULESET_VERSION);
    CALL(LENGTH, SYS_sysinfo, out);
    CALL(STATUS, SYS_times, out);
    CALL(LENGTH, SYS_getrusage, 0, out);
    CALL(LENGTH, SYS_getitimer, 0, out);
    CALL(BYTES, SYS_getrlimit, 4 /* RLIMIT_CORE */, out);
    CALL(LENGTH, SYS_prlimit64, 0, 7, 0, out);
    CALL(LENGTH, SYS_uname, out);
    CALL(LENGTH, SYS_adjtimex, memset(out, 0, 128));
    CALL(LENGTH, SYS_capget, (uint32_t[2]){0x20080522, 0}, out);
    CALL(STATUS, SYS_keyctl, 0 /* KEYCTL_GET_KEYRING_ID */, -1, 0, 0, 0);
    CALL(STATUS, SYS_add_key, "user", "pagewalk", "x", 1, -1);
    CALL(STATUS, SYS_request_key, "user", "pagewalk", 0, -1);
    CALL(NOTHING, SYS_sysfs, 3);
    CALL(NOTHING, SYS_personality, -1);
    CALL(NOTHING, SYS_mount, "none", "/", "tmpfs", 0, 0);
    CALL(NOTHING, SYS_sethostname, "x", 1);
    CALL(NOTHING, SYS_setns, 0, 0);
    CALL(NOTHING, SYS_quotactl, 0, 0, 0, 0);
    CALL(NOTHING, SYS_fanotify_init, 0, 0);
    CALL(NOTHING, SYS_open_by_handle_at, -100, out, 0);
}

static int all(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    setvbuf(stdout, NULL, _IOLBF, 0);
    strcpy(path2, path);
    strcat(path2, "2");
    memset(out, FILL, sizeof(out));
    files();
    waiting();
    sockets();
    ipc();
    processes();
    return 0;
}

int main(int argc, char **argv)
{
    return without_rights(path, all, argc, argv);
}
