/* A process beside a sandboxed one that opens its screenshots, saved machines, files of its monitor, and nothing else.
 *
 * It was forked before the machine was made, keeps one socket, and opens what the screenshots' name allows:
 * that file anew, or numbered ones that were not there, and what snapshot_name_fits() allows. So a machine that has broken
 * out of the emulator can make pictures of its own, and change saved machines of its folder.
 *
 * With a monitor, whose user may name any file, it makes new files, and empties those that it has made itself. What is
 * there already stays as it is, and nothing is made whose name, or a folder's of it, begins with a dot: there programs
 * look for what they are to do.
 *
 * A request is a byte and a name, an answer an int (0 or -errno) with the descriptor. */
#define _GNU_SOURCE /* close_range */
#include "boot/broker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define REQUEST_MAX (1 + SCREENSHOT_NAME)
#define MADE_MAX    256 /* files that are known again */

/* A request's byte: one of these, or of enum snapshot_do. */
enum request { OLD_PICTURE, NEW_PICTURE, MONITOR_FILE = 'm' };

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
    if (fd <= 0) /* an error, or done without a descriptor */
        msg.msg_controllen = 0;
    if (sendmsg(socket, &msg, MSG_NOSIGNAL) < 0)
        _exit(1);
}

/* What it has made for a monitor. */
struct made {
    unsigned count;
    struct {
        dev_t dev;
        ino_t ino;
    } file[MADE_MAX];
};

/* "a/.b/c" has one, "../c" and "./c" do not. */
static bool has_dot_name(const char *name)
{
    for (const char *at = name; *at;) {
        size_t len = strcspn(at, "/");

        if (at[0] == '.' && len > 1 && !(len == 2 && at[1] == '.'))
            return true;
        at += len + (at[len] == '/');
    }
    return false;
}

static int open_again(const struct made *made, const char *name)
{
    int fd = open(name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
    struct stat st;

    if (fd < 0)
        return -errno;
    if (fstat(fd, &st) == 0)
        for (unsigned i = 0; i < made->count; i++)
            if (made->file[i].dev == st.st_dev && made->file[i].ino == st.st_ino)
                return ftruncate(fd, 0) == 0 ? fd : (close(fd), -errno);
    close(fd);
    return -EEXIST;
}

static int open_for_monitor(struct made *made, const char *name)
{
    struct stat st;
    int fd;

    if (has_dot_name(name))
        return -EACCES;
    fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return errno == EEXIST ? open_again(made, name) : -errno;
    if (made->count < MADE_MAX && fstat(fd, &st) == 0) {
        made->file[made->count].dev = st.st_dev;
        made->file[made->count++].ino = st.st_ino;
    }
    return fd;
}

static bool is_listed(const char *const *list, const char *name)
{
    while (*list && strcmp(*list, name) != 0)
        list++;
    return *list != NULL;
}

static int serve_one(const struct broker_rights *rights, struct made *made, u8 what,
                     const char *name)
{
    if (what <= NEW_PICTURE)
        return screenshot_name_fits(rights->screenshot, name, what)
                   ? screenshot_open(NULL, name, what)
                   : -EACCES;
    if (what == MONITOR_FILE)
        return rights->monitor ? open_for_monitor(made, name) : -EACCES;
    if (what == SNAPSHOT_LIST || snapshot_name_fits(name) || is_listed(rights->saved, name))
        return snapshot_file(NULL, name, (enum snapshot_do)what);
    return -EACCES;
}

static _Noreturn void serve(const struct broker_rights *rights)
{
    static struct made made;
    char request[REQUEST_MAX + 1];
    ssize_t n;

    prctl(PR_SET_NAME, "pagewalk-shots");
    for (int sig = 1; sig < SIGRTMAX; sig++)
        if (sig != SIGTSTP && sig != SIGCONT) /* the terminal's are for the other process */
            signal(sig, SIG_IGN);
    for (;;) {
        int fd;

        n = read(0, request, REQUEST_MAX);
        if (n < 1)
            _exit(0);
        request[n] = '\0';
        fd = serve_one(rights, &made, (u8)request[0], request + 1);
        answer(0, fd);
        if (fd > 0)
            close(fd);
    }
}

/* The descriptor of an answer, 0 when it has none, or -errno. */
static int take_answer(int socket)
{
    int r = 0, fd = 0;
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

static int ask(const struct broker *broker, const char *name, u8 what)
{
    char request[REQUEST_MAX];
    size_t len = strlen(name);

    if (len >= REQUEST_MAX)
        return -ENAMETOOLONG;
    request[0] = (char)what;
    memcpy(request + 1, name, len);
    if (write(broker->fd, request, 1 + len) < 0)
        return -errno;
    return take_answer(broker->fd);
}

static int broker_open(void *opaque, const char *name, bool fresh)
{
    return ask(opaque, name, fresh ? NEW_PICTURE : OLD_PICTURE);
}

static int broker_snapshot(void *opaque, const char *name, enum snapshot_do what)
{
    return ask(opaque, name, (u8)what);
}

int broker_create(const struct broker *broker, const char *name)
{
    return ask(broker, name, MONITOR_FILE);
}

int broker_start(struct broker *broker, const struct broker_rights *rights, char *err,
                 size_t err_len)
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
            serve(rights);
        }
        r = child < 0 ? -errno : 0;
        close(pair[1]);
        if (r < 0)
            close(pair[0]);
    }
    if (r < 0)
        snprintf(err, err_len, "no process for files beside a sandbox: %s", strerror(-r));
    else
        *broker = (struct broker){{broker_open, broker}, {broker_snapshot, broker}, pair[0]};
    return r;
}
