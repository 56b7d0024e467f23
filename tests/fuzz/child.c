/* Runs fuzz programs in a process of their own, which may crash or hang. */
#include "tests/fuzz/child.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define CPU_SECONDS 20    /* of the host, for one slice */
#define GROWTH      65536 /* pages that a batch may leave mapped */
#define BATCH       100u  /* programs a process */

enum { EXIT_DIFFERS = 20, EXIT_GREW };

/* What a child tells: in memory that it shares with its parent. */
struct shared {
    u64 number;
    struct fuzz_tally tally;
};

static void start_timer(void)
{
    const struct itimerval time = {.it_value = {.tv_sec = CPU_SECONDS}};

    setitimer(ITIMER_PROF, &time, NULL); /* SIGPROF ends the process */
}

static void open_log(const char *log)
{
    int fd = open(log, O_CREAT | O_TRUNC | O_WRONLY | O_APPEND | O_CLOEXEC, 0666);

    if (fd < 0)
        BUG("cannot open the log of the machines");
    dup2(fd, STDERR_FILENO);
    close(fd);
}

/* Pages that are mapped. AddressSanitizer keeps what was freed for a while, and looks for leaks itself. */
static long mapped_pages(void)
{
    long pages = 0;
#ifndef __SANITIZE_ADDRESS__
    FILE *file = fopen("/proc/self/statm", "r");

    if (file && fscanf(file, "%ld", &pages) != 1)
        pages = 0;
    if (file)
        fclose(file);
#endif
    return pages;
}

static void run_program(const struct fuzz_program *p, const char *engine, struct shared *shared)
{
    enum fuzz_outcome outcome;
    u64 insns = 0;

    if (ftruncate(STDERR_FILENO, 0) < 0)
        BUG("cannot empty the log of the machines");
    outcome = fuzz_run(p, engine, stderr, start_timer, &insns);
    shared->tally.programs++;
    shared->tally.insns += insns;
    switch (outcome) {
    case FUZZ_ENDED: break;
    case FUZZ_STALE: shared->tally.stale++; break;
    case FUZZ_DIFFERS: exit(EXIT_DIFFERS);
    case FUZZ_BROKEN: abort();
    }
}

static void run_range(u64 from, u64 to, const char *engine, struct shared *shared)
{
    struct fuzz_program *p = malloc(sizeof(*p));
    long mapped = 0;

    if (!p)
        BUG("out of memory");
    for (u64 number = from; number < to; number++) {
        shared->number = number;
        fuzz_generate(p, number);
        run_program(p, engine, shared);
        if (number == from)
            mapped = mapped_pages();
    }
    free(p);
    shared->number = to;
    exit(mapped_pages() - mapped > GROWTH ? EXIT_GREW : 0);
}

static struct shared *share(void)
{
    struct shared *shared =
        mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (shared == MAP_FAILED)
        BUG("out of memory");
    return shared;
}

static enum fuzz_failure wait_for(pid_t pid)
{
    int status;

    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        BUG("cannot run a process");
    if (WIFSIGNALED(status))
        return WTERMSIG(status) == SIGPROF ? FUZZ_HUNG : FUZZ_CRASHED;
    switch (WEXITSTATUS(status)) {
    case 0: return FUZZ_PASSED;
    case EXIT_DIFFERS: return FUZZ_DIFFERED;
    case EXIT_GREW: return FUZZ_GREW;
    default: return FUZZ_CRASHED;
    }
}

enum fuzz_failure child_run_range(u64 *number, u64 to, const char *engine, const char *log,
                                  struct fuzz_tally *tally)
{
    struct shared *shared = share();
    enum fuzz_failure failure = FUZZ_PASSED;

    shared->tally = *tally;
    while (*number < to && failure == FUZZ_PASSED) {
        u64 end = to - *number > BATCH ? *number + BATCH : to;
        pid_t pid;

        fflush(NULL);
        pid = fork();
        if (pid == 0) {
            open_log(log);
            run_range(*number, end, engine, shared);
        }
        failure = wait_for(pid);
        *number = shared->number;
    }
    *tally = shared->tally;
    munmap(shared, sizeof(*shared));
    return failure;
}

enum fuzz_failure child_run(const struct fuzz_program *p, const char *engine, const char *log)
{
    pid_t pid;

    fflush(NULL);
    pid = fork();
    if (pid == 0) {
        struct shared shared = {0};

        open_log(log);
        run_program(p, engine, &shared);
        exit(0);
    }
    return wait_for(pid);
}

const char *child_failure_name(enum fuzz_failure failure)
{
    static const char *const names[] = {"passes", "crashes", "hangs", "leaves memory", "differs"};

    return names[failure];
}
