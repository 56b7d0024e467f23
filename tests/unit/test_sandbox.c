/* The sandbox: what a machine does goes on, and what a broken emulator would like ends the process. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "boot/broker.h"
#include "boot/sandbox.h"
#include "tests/unit/bench_main.h"

static void try_open(void)
{
    open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static void try_create(void)
{
    open("/tmp/pagewalk-sandbox-test", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
}

static void try_unlink(void)
{
    unlink("/tmp/pagewalk-sandbox-test");
}

static void try_socket(void)
{
    socket(AF_UNIX, SOCK_STREAM, 0);
}

static void try_connect(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/nonexistent"};

    connect(0, (struct sockaddr *)&address, sizeof(address));
}

static void try_sendto(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/nonexistent"};

    sendto(0, "", 1, 0, (struct sockaddr *)&address, sizeof(address));
}

static void try_exec(void)
{
    execl("/bin/true", "true", NULL);
}

static void try_fork(void)
{
    if (fork() == 0)
        _exit(0);
}

static void try_ptrace(void)
{
    ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
}

static void try_kill(void)
{
    kill(1, 0);
}

static void try_type(void)
{
    ioctl(0, TIOCSTI, "x");
}

static const struct {
    const char *name;
    void (*run)(void);
    bool of_networks; /* a user network has it */
} refused[] = {
    {"open", try_open, true},     {"create", try_create, false},  {"unlink", try_unlink, false},
    {"socket", try_socket, true}, {"connect", try_connect, true}, {"sendto", try_sendto, true},
    {"exec", try_exec, false},    {"fork", try_fork, false},      {"ptrace", try_ptrace, false},
    {"kill", try_kill, false},    {"TIOCSTI", try_type, false},
};

/* A child of its own in the sandbox; its wait status, and what it said on stderr. */
static int in_sandbox(const struct sandbox_network *network, void (*run)(void), char said[256])
{
    int tell[2], status;
    ssize_t n;
    pid_t child;

    ck_assert_int_eq(pipe(tell), 0);
    child = fork();
    if (child == 0) {
        char err[200];

        signal(SIGSYS, SIG_DFL);
        dup2(tell[1], STDERR_FILENO);
        if (sandbox_enter(network, err, sizeof(err)) < 0)
            _exit(9);
        run();
        _exit(0);
    }
    close(tell[1]);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    n = read(tell[0], said, 255);
    said[n > 0 ? n : 0] = '\0';
    close(tell[0]);
    return status;
}

static const struct sandbox_network no_network;

static void check_refused(unsigned i, const struct sandbox_network *network)
{
    char said[256];
    int status = in_sandbox(network, refused[i].run, said);

    ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS, "%s: status %x",
                  refused[i].name, (unsigned)status);
    ck_assert_msg(strncmp(said, "pagewalk: the sandbox has refused system call ", 46) == 0,
                  "%s: %s", refused[i].name, said);
    ck_assert_ptr_eq(strchr(said, '\n'), said + strlen(said) - 1);
}

START_TEST(is_refused)
{
    check_refused((unsigned)_i, &no_network);
}
END_TEST

/* A user network, which a machine has by default, takes sockets, and reads what it is for. */
static char folder[] = "/tmp/test_sandbox.XXXXXX", file_there[64];
static const struct sandbox_network user_network = {true, false, {folder}, 1};

START_TEST(is_refused_with_a_network)
{
    if (!refused[_i].of_networks)
        check_refused((unsigned)_i, &user_network);
}
END_TEST

static void use_network(void)
{
    int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);

    if (fd >= 0 || errno != EACCES)
        _exit(1);
    if (open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) >= 0)
        _exit(2);
    if (open(file_there, O_RDONLY | O_CLOEXEC) < 0)
        _exit(3);
    if (open("/etc/resolv.conf", O_RDONLY | O_CLOEXEC) < 0 && errno != ENOENT)
        _exit(4);
    if (socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) < 0)
        _exit(5);
}

START_TEST(network_goes_on)
{
    char said[256];
    int fd, status;

    if (syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) < 0)
        return; /* then any file can be read */
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(file_there, sizeof(file_there), "%s/file", folder);
    fd = open(file_there, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ck_assert_int_ge(fd, 0);
    close(fd);
    status = in_sandbox(&user_network, use_network, said);
    unlink(file_there);
    rmdir(folder);
    ck_assert_msg(status == 0, "status %x, '%s'", (unsigned)status, said);
}
END_TEST

static void work(void)
{
    void *large = malloc(64u << 20);
    FILE *file = fdopen(STDERR_FILENO, "w");
    struct termios tio;

    if (!large || !file || tcgetattr(STDIN_FILENO, &tio) > 0)
        _exit(1);
    memset(large, 1, 64u << 20);
    free(large);
    if (mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
        _exit(2);
}

START_TEST(work_goes_on)
{
    char said[256];

    ck_assert_int_eq(in_sandbox(&no_network, work, said), 0);
    ck_assert_str_eq(said, "");
}
END_TEST

/* The process beside it opens screenshots by the name that it was given, and no other file. */
static int start(struct broker *broker, const char *path, bool monitor, char *err, size_t err_len)
{
    struct broker_rights rights = {path, (const char *const[]){NULL}, monitor};

    return broker_start(broker, &rights, err, err_len);
}

START_TEST(broker_opens_screenshots)
{
    char dir[] = "/tmp/test_sandbox.XXXXXX", path[64], name[64], err[200];
    struct broker broker;
    int fd;

    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/a.png", dir);
    ck_assert_int_eq(start(&broker, path, false, err, sizeof(err)), 0);
    fd = broker.files.open(broker.files.opaque, path, false);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, "x", 1), 1);
    ck_assert_int_ne(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
    close(fd);
    ck_assert_int_eq(access(path, R_OK), 0);
    ck_assert_int_eq(broker.files.open(broker.files.opaque, "/etc/passwd", false), -EACCES);
    ck_assert_int_eq(broker.files.open(broker.files.opaque, path, true), -EACCES);
    snprintf(name, sizeof(name), "%s/a-1.png", dir);
    fd = broker.files.open(broker.files.opaque, name, true);
    ck_assert_int_ge(fd, 0);
    close(fd);
    ck_assert_int_eq(broker.files.open(broker.files.opaque, name, true), -EEXIST);
    ck_assert_int_eq(broker_create(&broker, path), -EACCES); /* there is no monitor */
    close(broker.fd);
    unlink(path);
    unlink(name);
    rmdir(dir);
}
END_TEST

/* For a monitor it makes new files, and its own ones anew. */
START_TEST(broker_makes_files_for_a_monitor)
{
    char dir[] = "/tmp/test_sandbox.XXXXXX", path[64], err[200];
    struct broker broker;
    struct stat st;
    int fd;

    ck_assert_ptr_nonnull(mkdtemp(dir));
    ck_assert_int_eq(start(&broker, "pagewalk.png", true, err, sizeof(err)), 0);
    snprintf(path, sizeof(path), "%s/../%s/x", dir, strrchr(dir, '/') + 1);
    for (unsigned i = 0; i < 2; i++) {
        fd = broker_create(&broker, path);
        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(fstat(fd, &st), 0);
        ck_assert_int_eq(st.st_size, 0);
        ck_assert_int_eq(write(fd, "text", 4), 4);
        close(fd);
    }
    unlink(path);
    ck_assert_int_eq(symlink("/etc/passwd", path), 0);
    ck_assert_int_lt(broker_create(&broker, path), 0);
    unlink(path);
    ck_assert_int_eq(broker_create(&broker, "/dev/null"), -EEXIST);
    snprintf(path, sizeof(path), "%s/.hidden", dir);
    ck_assert_int_eq(broker_create(&broker, path), -EACCES);
    snprintf(path, sizeof(path), "%s/.config/x", dir);
    ck_assert_int_eq(broker_create(&broker, path), -EACCES);
    snprintf(path, sizeof(path), "%s/nowhere/x", dir);
    ck_assert_int_eq(broker_create(&broker, path), -ENOENT);
    close(broker.fd);
    snprintf(path, sizeof(path), "%s/x", dir);
    unlink(path);
    rmdir(dir);
}
END_TEST

static int snapshot(struct broker *broker, const char *name, enum snapshot_do what)
{
    return broker->snapshots.file(broker->snapshots.opaque, name, what);
}

/* And saved machines: those of its folder, and what it was given. */
START_TEST(broker_opens_snapshots)
{
    char dir[] = "/tmp/test_sandbox.XXXXXX", given[64], other[64], err[200], text[100] = "";
    const char *list[] = {given, NULL};
    struct broker_rights rights = {"a.png", list, false};
    struct broker broker;
    int fd;

    ck_assert_ptr_nonnull(mkdtemp(dir));
    ck_assert_int_eq(chdir(dir), 0);
    snprintf(given, sizeof(given), "%s/given", dir);
    snprintf(other, sizeof(other), "%s/other.state", dir);
    ck_assert_int_eq(broker_start(&broker, &rights, err, sizeof(err)), 0);
    ck_assert_int_eq(snapshot(&broker, other, SNAPSHOT_WRITE), -EACCES);
    ck_assert_int_eq(snapshot(&broker, "/etc/passwd", SNAPSHOT_READ), -EACCES);
    ck_assert_int_eq(snapshot(&broker, "disk.img", SNAPSHOT_DELETE), -EACCES);
    ck_assert_int_eq(snapshot(&broker, "a.state", SNAPSHOT_READ), -ENOENT);
    for (unsigned i = 0; i < 2; i++) {
        const char *name = i ? given : "a.state";

        fd = snapshot(&broker, name, SNAPSHOT_WRITE); /* empty, or it would not be overwritten */
        ck_assert_int_gt(fd, 0);
        close(fd);
        ck_assert_int_eq(access(name, F_OK), -1); /* not before it is whole */
        ck_assert_int_eq(snapshot(&broker, name, SNAPSHOT_KEEP), 0);
        fd = snapshot(&broker, name, SNAPSHOT_READ);
        ck_assert_int_gt(fd, 0);
        close(fd);
    }
    fd = snapshot(&broker, "", SNAPSHOT_LIST);
    ck_assert_int_gt(fd, 0);
    ck_assert_int_gt(pread(fd, text, sizeof(text) - 1, 0), 0);
    ck_assert_str_eq(text, "a.state\n");
    close(fd);
    ck_assert_int_gt(snapshot(&broker, "a.state", SNAPSHOT_WRITE), 0);
    ck_assert_int_eq(snapshot(&broker, "a.state", SNAPSHOT_DROP), 0);
    ck_assert_int_eq(snapshot(&broker, "a.state", SNAPSHOT_DELETE), 0);
    ck_assert_int_eq(snapshot(&broker, given, SNAPSHOT_DELETE), 0);
    close(broker.fd);
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("sandbox");

    if (sandbox_version()) {
        tcase_add_loop_test(tc, is_refused, 0, ARRAY_SIZE(refused));
        tcase_add_loop_test(tc, is_refused_with_a_network, 0, ARRAY_SIZE(refused));
        tcase_add_test(tc, work_goes_on);
        tcase_add_test(tc, network_goes_on);
    }
    tcase_add_test(tc, broker_opens_screenshots);
    tcase_add_test(tc, broker_makes_files_for_a_monitor);
    tcase_add_test(tc, broker_opens_snapshots);
    return bench_main(tc, "sandbox");
}
