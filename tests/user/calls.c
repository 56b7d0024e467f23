/* Rows of the system-call list, with results that are the same wherever they run: what each returns, and what its structures
 * hold. Calls that need rights, or that tell of the machine, are only tried with what they must refuse. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/sendfile.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

static void show(const char *name, long result)
{
    if (result < 0)
        printf("%s: %s\n", name, strerror(errno));
    else
        printf("%s: %ld\n", name, result);
}
#define SHOW(call)     show(#call, (long)(call))
#define RAW(name, ...) show(#name, syscall(SYS_##name, ##__VA_ARGS__))
#define OK(call)       printf("%s: %s\n", #call, (long)(call) < 0 ? strerror(errno) : "ok")
#define BAD            ((void *)0x10)

static void files(void)
{
    struct stat st;
    struct statfs fs;
    struct flock lock = {.l_type = F_WRLCK, .l_start = 10, .l_len = 5};
    char buf[64] = "", name[64];
    struct iovec iov[2] = {{buf, 3}, {buf + 8, 20}};
    loff_t at;
    off_t offset = 2;
    struct dirent **list;
    struct utimbuf times = {100000, 200000};
    struct timespec ts[2] = {{5, 123456789}, {7, 987654321}};
    int fd, fd2, p[2], n;

    OK(chdir(getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp"));
    snprintf(name, sizeof(name), "calls-%d", (int)getpid());
    OK(mkdir(name, 0755));
    OK(chdir(name));
    fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0640);
    printf("open: %d\n", fd >= 3);
    SHOW(write(fd, "hello, files\n", 13));
    SHOW(lseek(fd, 0, SEEK_SET));
    SHOW(readv(fd, iov, 2));
    printf("readv: %.3s|%.10s\n", buf, buf + 8);
    SHOW(pread(fd, buf, 5, 7));
    SHOW(pwrite(fd, "12345", 5, 1ll << 32));
    SHOW(pread64(fd, buf, 5, (1ll << 32) + 2));
    printf("pread64: %.3s\n", buf);
    printf("lseek64: %lld\n", (long long)lseek64(fd, 0, SEEK_END));
    SHOW(ftruncate64(fd, (1 << 30) + 5));
    SHOW(fstat(fd, &st));
    printf("fstat: %lld %o %d %d\n", (long long)st.st_size, st.st_mode, (int)st.st_nlink,
           (int)st.st_blksize);
    SHOW(truncate64("file", 13));
    SHOW(fallocate(fd, 0, 0, 100));
    SHOW(posix_fadvise64(fd, 0, 0, POSIX_FADV_NORMAL));
    RAW(readahead, fd, 0, 0, 4096);
    SHOW(fsync(fd));
    SHOW(fdatasync(fd));
    SHOW(fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND));
    SHOW(fcntl(fd, F_SETFL, O_APPEND));
    SHOW(fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND));
    SHOW(fcntl(fd, F_SETLK, &lock));
    if (fork() == 0) {
        SHOW(fcntl(fd, F_GETLK, &lock));
        printf("lock %d %lld %lld\n", lock.l_type, (long long)lock.l_start, (long long)lock.l_len);
        fflush(stdout);
        _exit(0);
    }
    wait(NULL);
    SHOW(flock(fd, 2 /* LOCK_EX */));
    SHOW(fcntl(fd, F_SETFD, FD_CLOEXEC));
    SHOW(fcntl(fd, F_GETFD));
    fd2 = dup(fd);
    SHOW(dup2(fd2, 50));
    SHOW(dup3(fd2, 51, O_CLOEXEC));
    SHOW(fcntl(51, F_GETFD));
    SHOW(close(50));
    SHOW(close(50));
    SHOW(link("file", "link"));
    SHOW(symlink("file", "symlink"));
    SHOW(readlink("symlink", buf, sizeof(buf)));
    SHOW(lstat("symlink", &st));
    printf("lstat: %lld %o\n", (long long)st.st_size, st.st_mode);
    SHOW(stat("link", &st));
    printf("stat: %lld %d\n", (long long)st.st_size, (int)st.st_nlink);
    SHOW(stat("nothing", &st));
    RAW(stat64, "file", BAD);
    SHOW(access("file", R_OK));
    SHOW(faccessat(AT_FDCWD, "nothing", F_OK, 0));
    SHOW(chmod("file", 0600));
    SHOW(fchmod(fd, 0644));
    SHOW(rename("link", "renamed"));
    SHOW(renameat2(AT_FDCWD, "renamed", AT_FDCWD, "file", RENAME_NOREPLACE));
    SHOW(utime("file", &times));
    stat("file", &st);
    printf("utime: %ld %ld\n", (long)st.st_atime, (long)st.st_mtime);
    SHOW(utimensat(AT_FDCWD, "file", ts, 0));
    stat("file", &st);
    printf("utimensat: %ld.%09ld %ld.%09ld\n", (long)st.st_atim.tv_sec, st.st_atim.tv_nsec,
           (long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
    {
        struct statx sx;

        SHOW(statx(AT_FDCWD, "file", 0, STATX_BASIC_STATS, &sx));
        printf("statx: %llu %o %lld\n", (unsigned long long)sx.stx_size, sx.stx_mode,
               (long long)sx.stx_mtime.tv_sec);
    }
    SHOW(statfs(".", &fs));
    printf("statfs: %d %d\n", fs.f_bsize > 0, fs.f_namelen > 0);
    SHOW(mknod("fifo", S_IFIFO | 0600, 0));
    SHOW(umask(077));
    SHOW(umask(022));
    SHOW(mkdirat(AT_FDCWD, "dir", 0700));
    SHOW(rmdir("file"));
    n = scandir(".", &list, NULL, alphasort);
    for (int i = 0; i < n; i++)
        printf("entry %s %d\n", list[i]->d_name, list[i]->d_type);
    SHOW(setxattr("file", "user.a", "value", 5, 0) < 0 && errno != ENOTSUP ? -1 : 0);
    SHOW(pipe2(p, O_NONBLOCK));
    SHOW(read(p[0], buf, 1));
    SHOW(lseek(fd, 0, SEEK_SET));
    SHOW(sendfile(p[1], fd, &offset, 4));
    printf("offset %d\n", (int)offset);
    SHOW(ioctl(p[0], FIONREAD, &n));
    printf("FIONREAD %d\n", n);
    at = 0;
    SHOW(splice(p[0], NULL, fd2, NULL, 2, 0) < 0 ? 0 : 1);
    SHOW(writev(p[1], iov, 2));
    SHOW(read(p[0], buf, sizeof(buf)));
    SHOW(read(p[0], BAD, 1) < 0 && errno == EFAULT ? 0 : 1);
    SHOW(write(p[1], BAD, 1));
    SHOW(write(99, buf, 1));
    SHOW(ioctl(p[0], TCGETS, buf));
    SHOW(ioctl(fd, TIOCGWINSZ, buf));
    (void)at;
    SHOW(copy_file_range(fd, &(loff_t){0}, fd2, &(loff_t){50}, 4, 0) < 0 ? 0 : 0);
    SHOW(unlink("fifo"));
    SHOW(unlink("symlink"));
    SHOW(unlink("renamed"));
    SHOW(unlinkat(AT_FDCWD, "file", 0));
    SHOW(unlinkat(AT_FDCWD, "dir", AT_REMOVEDIR));
    SHOW(chdir(".."));
    SHOW(rmdir(name));
    close(fd);
    close(fd2);
    close(51);
    close(p[0]);
    close(p[1]);
}

static void memory(void)
{
    char *p = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *q;
    unsigned char vec[4];
    int fd = memfd_create("calls", 0);

    memset(p, 1, 16384);
    SHOW(mprotect(p, 4096, PROT_READ));
    SHOW(mprotect(p + 1, 4096, PROT_READ));
    SHOW(munmap(p + 4096, 4096));
    SHOW(mprotect(p, 8192, PROT_READ));
    SHOW(mincore(p + 8192, 8192, vec));
    SHOW(madvise(p + 8192, 4096, MADV_DONTNEED));
    printf("dropped %d %d\n", p[8192], p[12288]);
    SHOW(msync(p + 4096, 4096, MS_SYNC));
    SHOW(munmap(p, 16384));
    SHOW(munmap((void *)1, 4096));
    p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    strcpy(p, "moved");
    q = mremap(p, 8192, 1 << 20, MREMAP_MAYMOVE);
    printf("mremap %s %d\n", q, q[(1 << 20) - 1]);
    p = mmap(NULL, 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    q = mremap(q, 1 << 20, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, p);
    printf("mremap %d %s\n", q == p, q);
    printf("mremap %d\n", mremap(BAD, 4096, 8192, MREMAP_MAYMOVE) == MAP_FAILED ? errno : 0);
    printf("noreplace %d\n",
           mmap(p, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) ==
                   MAP_FAILED
               ? errno
               : 0);
    printf("mmap %d\n",
           mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? errno : 0);
    printf("mmap %d\n", mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 77, 0) == MAP_FAILED ? errno : 0);
    SHOW(ftruncate(fd, 8192));
    p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    q = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 4096);
    strcpy(p + 4096, "shared");
    printf("shared %s\n", q);
    if (fork() == 0) {
        strcpy(p + 4096, "by child");
        _exit(0);
    }
    wait(NULL);
    printf("shared %s\n", q);
    SHOW(mlock(p, 4096));
    SHOW(munlock(p, 4096));
    printf("brk %d\n", sbrk(4096) != (void *)-1 && sbrk(-4096) != (void *)-1);
    close(fd);
}

/* What the kernel says of all queues, semaphores and segments together. */
static void ipc_limits(void)
{
    struct msginfo msg = {0};
    struct seminfo sem = {0};
    struct shminfo limits = {0};
    struct shm_info used = {0};
    union {
        struct seminfo *info;
    } arg = {&sem};

    printf("msg %d", msgctl(0, IPC_INFO, (struct msqid_ds *)&msg) >= 0);
    printf(" %d %d %d\n", msg.msgmax, msg.msgmnb, msg.msgmni);
    OK(msgctl(0, MSG_INFO, (struct msqid_ds *)&msg) < 0 ? -1 : 0);
    printf("sem %d", semctl(0, 0, IPC_INFO, arg) >= 0);
    printf(" %d %d %d\n", sem.semmni, sem.semmsl, sem.semopm);
    OK(semctl(0, 0, SEM_INFO, arg) < 0 ? -1 : 0);
    printf("shm %d", shmctl(0, IPC_INFO, (struct shmid_ds *)&limits) >= 0);
    printf(" %lx %lx %lx %lx %lx\n", limits.shmmax, limits.shmmin, limits.shmmni, limits.shmseg,
           limits.shmall);
    printf("shm %d", shmctl(0, SHM_INFO, (struct shmid_ds *)&used) >= 0);
    printf(" %d\n", used.used_ids > 0 || used.shm_tot == 0);
    SHOW(shmctl(0, IPC_INFO, (struct shmid_ds *)BAD));
    SHOW(shmctl(-1, IPC_INFO, (struct shmid_ds *)&limits));
}

/* Where a thread's number is cleared when it ends; not all kernels tell. */
static void tid_address(void)
{
    int mine, *was[2] = {NULL}, *now[2] = {NULL}; /* a kernel for x86-64 stores 64 bits */
    bool told = prctl(PR_GET_TID_ADDRESS, was) == 0;

    syscall(SYS_set_tid_address, &mine);
    prctl(PR_GET_TID_ADDRESS, now);
    printf("thread's number %d\n", !told || (was[0] && now[0] == &mine));
    syscall(SYS_set_tid_address, was[0]);
}

/* A signal of choice for what comes in tells which descriptor it is. */
static void signal_of_choice(void)
{
    sigset_t set;
    siginfo_t info;
    int p[2], flags;

    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN + 3);
    OK(sigprocmask(SIG_BLOCK, &set, NULL));
    OK(pipe(p));
    SHOW(fcntl(p[0], F_SETSIG, SIGRTMIN + 3));
    SHOW(fcntl(p[0], F_SETOWN, getpid()));
    flags = fcntl(p[0], F_GETFL);
    SHOW(fcntl(p[0], F_SETFL, flags | O_ASYNC));
    SHOW(write(p[1], "x", 1));
    printf("signal %d", sigwaitinfo(&set, &info) == SIGRTMIN + 3);
    printf(" code %d descriptor %d band %lx\n", info.si_code, info.si_fd == p[0],
           (long)info.si_band);
    close(p[0]);
    close(p[1]);
}

static void ipc(void)
{
    int id = shmget(IPC_PRIVATE, 8192, IPC_CREAT | 0600), status;
    struct shmid_ds shm;
    struct semid_ds sem;
    struct msqid_ds msq;
    struct sembuf op = {0, 2, 0};
    struct {
        long type;
        char text[8];
    } message = {3, "message"};
    char *p = shmat(id, NULL, 0);
    union {
        int val;
        struct semid_ds *buf;
        unsigned short *array;
    } arg = {.buf = &sem};

    strcpy(p, "parent");
    if (fork() == 0) {
        strcpy(p, "child");
        _exit(0);
    }
    wait(&status);
    printf("shm %s\n", p);
    OK(shmctl(id, IPC_STAT, &shm));
    printf("shm %d %d %o\n", (int)shm.shm_segsz, (int)shm.shm_nattch, shm.shm_perm.mode & 0777);
    SHOW(shmdt(p));
    SHOW(shmdt(p));
    SHOW(shmctl(id, IPC_RMID, NULL));
    id = semget(IPC_PRIVATE, 2, IPC_CREAT | 0600);
    SHOW(semop(id, &op, 1));
    SHOW(semctl(id, 0, GETVAL));
    SHOW(semctl(id, 1, SETVAL, 5));
    SHOW(semctl(id, 0, IPC_STAT, arg));
    printf("sem %d\n", (int)sem.sem_nsems);
    op.sem_op = -3;
    op.sem_flg = IPC_NOWAIT;
    SHOW(semop(id, &op, 1));
    SHOW(semctl(id, 0, IPC_RMID));
    id = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
    SHOW(msgsnd(id, &message, 8, 0));
    SHOW(msgctl(id, IPC_STAT, &msq));
    printf("msg %d %d\n", (int)msq.msg_qnum, (int)msq.__msg_cbytes);
    memset(&message, 0, sizeof(message));
    SHOW(msgrcv(id, &message, 8, 3, IPC_NOWAIT));
    printf("msg %ld %s\n", message.type, message.text);
    SHOW(msgrcv(id, &message, 8, 3, IPC_NOWAIT));
    SHOW(msgsnd(-1, BAD, 1u << 30, 0)); /* which of the mistakes is told */
    SHOW(msgsnd(-1, &message, 1u << 30, 0));
    message.type = 0;
    SHOW(msgsnd(id, &message, 8, 0));
    SHOW(msgctl(id, 999, &msq));
    SHOW(msgctl(id, IPC_RMID, NULL));
    ipc_limits();
    signal_of_choice();
    tid_address();
}

static void sockets(void)
{
    int s[2], fd = -1, n, one = 1;
    socklen_t len = sizeof(n);
    char buf[32] = "", control[CMSG_SPACE(sizeof(int))];
    struct iovec iov = {buf, sizeof(buf)}, out = {"with a file", 12};
    struct msghdr msg = {.msg_iov = &out,
                         .msg_iovlen = 1,
                         .msg_control = control,
                         .msg_controllen = sizeof(control)};
    struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
    struct timeval tv = {1, 500000};
    struct mmsghdr many[2] = {{{.msg_iov = &out, .msg_iovlen = 1}, 0},
                              {{.msg_iov = &out, .msg_iovlen = 1}, 0}};

    SHOW(socketpair(AF_UNIX, SOCK_DGRAM, 0, s) < 0 ? -1 : 0);
    *c = (struct cmsghdr){CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
    memcpy(CMSG_DATA(c), &(int){1}, sizeof(int));
    SHOW(sendmsg(s[0], &msg, 0));
    msg = (struct msghdr){.msg_iov = &iov,
                          .msg_iovlen = 1,
                          .msg_control = control,
                          .msg_controllen = sizeof(control)};
    SHOW(recvmsg(s[1], &msg, 0));
    c = CMSG_FIRSTHDR(&msg);
    if (c)
        memcpy(&fd, CMSG_DATA(c), sizeof(fd));
    printf("recvmsg %s %d %d\n", buf, c ? (int)c->cmsg_len : -1, fd > 2);
    SHOW(close(fd));
    SHOW(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
    tv.tv_sec = 0;
    len = sizeof(tv);
    SHOW(getsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &tv, &len));
    printf("timeout %ld.%06ld\n", (long)tv.tv_sec, (long)tv.tv_usec);
    len = sizeof(n);
    SHOW(getsockopt(s[0], SOL_SOCKET, SO_TYPE, &n, &len));
    printf("type %d\n", n);
    SHOW(setsockopt(s[0], SOL_SOCKET, SO_PASSCRED, &one, sizeof(one)));
    SHOW(sendmmsg(s[0], many, 2, 0));
    printf("sendmmsg %u %u\n", many[0].msg_len, many[1].msg_len);
    SHOW(recv(s[1], buf, 4, MSG_PEEK | MSG_TRUNC));
    SHOW(recvfrom(s[1], buf, sizeof(buf), 0, NULL, NULL));
    SHOW(send(s[0], BAD, 1, 0));
    SHOW(shutdown(s[0], SHUT_RDWR));
    SHOW(socket(77, 1, 0));
    close(s[0]);
    close(s[1]);
}

static void waiting(void)
{
    int p[2], ep = epoll_create1(0), ev = eventfd(3, 0), tf = timerfd_create(CLOCK_MONOTONIC, 0),
              in = inotify_init1(IN_NONBLOCK);
    struct epoll_event event = {EPOLLIN, {.u64 = 0x123456789abcdefull}};
    struct pollfd pfd = {.fd = ev, .events = POLLIN};
    struct itimerspec it = {{0, 0}, {0, 1000}};
    struct timespec ts = {0, 1000};
    struct timeval tv = {0, 1000};
    uint64_t value = 0;
    fd_set set;
    timer_t timer;
    struct sigevent sev = {.sigev_notify = SIGEV_NONE};
    sigset_t mask;
    struct signalfd_siginfo si;
    int sf;

    SHOW(pipe(p));
    SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, ev, &event));
    memset(&event, 0, sizeof(event));
    SHOW(epoll_wait(ep, &event, 1, 1000));
    printf("epoll %x %llx\n", event.events, (unsigned long long)event.data.u64);
    SHOW(poll(&pfd, 1, 0));
    SHOW(ppoll(&pfd, 1, &ts, NULL));
    SHOW(read(ev, &value, 8));
    printf("eventfd %llu\n", (unsigned long long)value);
    SHOW(poll(&pfd, 1, 1));
    FD_ZERO(&set);
    FD_SET(p[0], &set);
    SHOW(select(p[0] + 1, &set, NULL, NULL, &tv));
    FD_SET(p[1], &set);
    SHOW(pselect(p[1] + 1, NULL, &set, NULL, &ts, NULL));
    printf("set %d\n", FD_ISSET(p[1], &set) != 0);
    SHOW(timerfd_settime(tf, 0, &it, NULL));
    SHOW(read(tf, &value, 8));
    printf("timerfd %d\n", value > 0);
    SHOW(timerfd_gettime(tf, &it));
    SHOW(timer_create(CLOCK_MONOTONIC, &sev, &timer));
    it = (struct itimerspec){{5, 0}, {100, 0}};
    SHOW(timer_settime(timer, 0, &it, NULL));
    SHOW(timer_gettime(timer, &it));
    printf("timer %ld %d\n", (long)it.it_interval.tv_sec, it.it_value.tv_sec > 90);
    SHOW(timer_delete(timer));
    SHOW(nanosleep(&ts, NULL));
    SHOW(clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL));
    SHOW(nanosleep(&(struct timespec){0, 2000000000}, NULL));
    SHOW(clock_gettime(99, &ts));
    SHOW(clock_getres(CLOCK_MONOTONIC, &ts));
    printf("clocks %d\n", time(NULL) > 1600000000);
    OK(inotify_add_watch(in, "/", IN_CREATE));
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    sf = signalfd(-1, &mask, 0);
    kill(getpid(), SIGUSR1);
    SHOW(read(sf, &si, sizeof(si)));
    printf("signalfd %u %d\n", si.ssi_signo, si.ssi_pid == (unsigned)getpid());
    kill(getpid(), SIGUSR1);
    SHOW(sigtimedwait(&mask, NULL, &ts));
    SHOW(sigtimedwait(&mask, NULL, &ts));
    close(p[0]);
    close(p[1]);
    close(ep);
    close(ev);
    close(tf);
    close(in);
    close(sf);
}

static void processes(void)
{
    struct rlimit limit;
    struct rusage usage;
    struct utsname name;
    siginfo_t info = {0};
    char text[16] = "";
    cpu_set_t cpus;
    struct sched_param param = {0};
    gid_t groups[4];
    int status;
    pid_t child;

    printf("ids %d %d %d\n", getpid() > 0, getppid() > 0, syscall(SYS_gettid) == getpid());
    SHOW(getpgid(0) == getpgrp());
    SHOW(getuid() == geteuid());
    SHOW(setuid(getuid()));
    OK(getgroups(0, groups));
    SHOW(uname(&name));
    printf("uname %s\n", name.sysname);
    SHOW(getrlimit(RLIMIT_NOFILE, &limit));
    SHOW(getrlimit(77, &limit));
    limit.rlim_cur = 100;
    SHOW(setrlimit(RLIMIT_NOFILE, &limit));
    getrlimit(RLIMIT_NOFILE, &limit);
    printf("limit %llu\n", (unsigned long long)limit.rlim_cur);
    RAW(getrusage, RUSAGE_SELF, NULL);
    RAW(getitimer, ITIMER_REAL, NULL);
    RAW(sched_rr_get_interval, 0, NULL);
    RAW(setitimer, ITIMER_REAL, &(struct { int32_t t[4]; }){{0, 0, 0, 1000000}}, NULL);
    RAW(utimes, "/nothing", &(struct { int32_t t[4]; }){{0, -1, 0, 0}});
    SHOW(getrusage(RUSAGE_SELF, &usage));
    printf("usage %d\n", usage.ru_maxrss > 0);
    SHOW(prctl(PR_SET_NAME, "calls"));
    SHOW(prctl(PR_GET_NAME, text));
    printf("name %s\n", text);
    SHOW(prctl(PR_GET_DUMPABLE));
    SHOW(prctl(12345));
    SHOW(sched_yield());
    OK(sched_getaffinity(0, sizeof(cpus), &cpus));
    SHOW(sched_getscheduler(0));
    SHOW(sched_getparam(0, &param));
    SHOW(sched_get_priority_max(SCHED_FIFO));
    SHOW(getpriority(PRIO_PROCESS, 0));
    child = fork();
    if (child == 0)
        _exit(23);
    SHOW(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT));
    printf("waitid %d %d %d\n", info.si_code, info.si_status, info.si_pid == child);
    SHOW(wait4(child, &status, 0, &usage) == child);
    printf("status %x\n", status);
    SHOW(wait4(-1, &status, WNOHANG, NULL));
    child = vfork();
    if (child == 0) {
        execl("/nothing", "nothing", NULL);
        _exit(errno);
    }
    waitpid(child, &status, 0);
    printf("vfork %d\n", WEXITSTATUS(status));
    SHOW(kill(getpid(), 0));
    SHOW(kill(getpid(), 99));
    RAW(tkill, getpid(), 0);
    SHOW(execve("/nothing", NULL, NULL));
    RAW(execve, BAD, NULL, NULL);
    SHOW(setpgid(0, 0) < 0 ? 0 : 0);
    OK(getrandom(text, 8, 0));
    RAW(sysinfo, BAD);
    RAW(membarrier, 77, 0, 0);
    RAW(futex, &status, 1, 1, NULL, NULL, 0);
    RAW(set_robust_list, BAD, 3);
    RAW(clone3, BAD, 8);
    RAW(personality, -1);
    SHOW(syscall(17));
}

#include <sys/random.h>

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    files();
    memory();
    ipc();
    sockets();
    waiting();
    processes();
    return 0;
}
