/* A process beside a sandboxed one that opens its screenshots, and nothing else.
 *
 * It was forked before the machine was made, keeps one socket, and opens what the screenshots' name allows:
 * that file anew, or numbered ones that were not there. So a machine that has broken out of the emulator can
 * make pictures of its own. A request is a byte and a name, an answer an int (0 or -errno) with the descriptor. */
#define _GNU_SOURCE /* close_range */
#include "boot/broker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST_MAX (1 + SCREENSHOT_NAME)

union control {
    struct cmsghdr header;
    char room[CMSG_SPACE(sizeof(int))];
};

static struct msghdr message(struct iovec *part, union control *control)
{
    return (struct msghdr){.msg_iov = part,
                           .msg_iovlen = 1,
                           .msg_control = control,
                           .msg_controllen = sizeof(*control)};
}

static void answer(int socket, int fd)
{
    int r = fd < 0 ? fd : 0;
    struct iovec part = {&r, sizeof(r)};
    union control control = {{0}};
    struct msghdr msg = message(&part, &control);
    struct cmsghdr *header = CMSG_FIRSTHDR(&msg);

    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &fd, sizeof(fd));
    if (fd < 0)
        msg.msg_controllen = 0;
    if (sendmsg(socket, &msg, MSG_NOSIGNAL) < 0)
        _exit(1);
}

static _Noreturn void serve(const char *path)
{
    char request[REQUEST_MAX + 1];
    ssize_t n;

    prctl(PR_SET_NAME, "pagewalk-shots");
    for (int sig = 1; sig < SIGRTMAX; sig++)
        if (sig != SIGTSTP && sig != SIGCONT) /* the terminal's are for the other process */
            signal(sig, SIG_IGN);
    for (;;) {
        int fd = -EACCES;

        n = read(0, request, REQUEST_MAX);
        if (n <= 1)
            _exit(0);
        request[n] = '\0';
        if (screenshot_name_fits(path, request + 1, request[0]))
            fd = screenshot_open(NULL, request + 1, request[0]);
        answer(0, fd);
        if (fd >= 0)
            close(fd);
    }
}

/* The descriptor of an answer, or -errno. */
static int take_answer(int socket)
{
    int r = 0, fd = -EIO;
    struct iovec part = {&r, sizeof(r)};
    union control control;
    struct msghdr msg = message(&part, &control);
    struct cmsghdr *header;
    ssize_t n;

    do
        n = recvmsg(socket, &msg, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    if (n != sizeof(r))
        return n < 0 ? -errno : -EIO;
    header = CMSG_FIRSTHDR(&msg);
    if (r == 0 && header && header->cmsg_type == SCM_RIGHTS)
        memcpy(&fd, CMSG_DATA(header), sizeof(fd));
    return r < 0 ? r : fd;
}

static int broker_open(void *opaque, const char *name, bool fresh)
{
    struct broker *broker = opaque;
    char request[REQUEST_MAX];
    size_t len = strlen(name);

    if (len >= SCREENSHOT_NAME)
        return -ENAMETOOLONG;
    request[0] = fresh;
    memcpy(request + 1, name, len);
    if (write(broker->fd, request, 1 + len) < 0)
        return -errno;
    return take_answer(broker->fd);
}

int broker_start(struct broker *broker, const char *path, char *err, size_t err_len)
{
    int pair[2], r = 0;
    pid_t child;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
        r = -errno;
    } else {
        child = fork();
        if (child == 0) {
            if (dup2(pair[1], 0) < 0 || close_range(1, ~0u, 0) < 0)
                _exit(1);
            serve(path);
        }
        r = child < 0 ? -errno : 0;
        close(pair[1]);
        if (r < 0)
            close(pair[0]);
    }
    if (r < 0)
        snprintf(err, err_len, "no process for screenshots beside a sandbox: %s", strerror(-r));
    else
        *broker = (struct broker){{broker_open, broker}, pair[0]};
    return r;
}
