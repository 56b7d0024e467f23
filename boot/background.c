/* -daemonize and -pidfile. */
#define _GNU_SOURCE /* pipe2 */
#include "boot/background.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "boot/output.h"

/* What the user did wrong is still said on the terminal, and is the status. */
static _Noreturn void wait_until_ready(int fd, pid_t child)
{
    char byte;
    int status = 0;

    if (read(fd, &byte, 1) == 1)
        _exit(0);
    waitpid(child, &status, 0);
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

int background_start(struct session *s)
{
    int ends[2];
    pid_t child;

    fflush(NULL);
    child = pipe2(ends, O_CLOEXEC) < 0 ? -1 : fork();
    if (child < 0) {
        snprintf(s->err, sizeof(s->err), "-daemonize: %s", strerror(errno));
        return -1;
    }
    if (child > 0) {
        close(ends[1]);
        wait_until_ready(ends[0], child);
    }
    close(ends[0]);
    setsid();
    return ends[1];
}

void background_ready(int fd)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    for (int i = STDIN_FILENO; null >= 0 && i <= STDERR_FILENO; i++)
        dup2(null, i);
    if (null >= 0)
        close(null);
    if (write(fd, "", 1) < 0) /* somebody has ended the process that waits: nothing is lost */
        errno = 0;
    close(fd);
}

int pidfile_write(struct session *s)
{
    FILE *file;

    if (!s->options.pidfile)
        return 0;
    file = output_open(s->options.pidfile, s->err, sizeof(s->err));
    if (!file)
        return -1;
    fprintf(file, "%ld\n", (long)getpid());
    if (fclose(file) == 0)
        return 0;
    snprintf(s->err, sizeof(s->err), "cannot write '%s': %s", s->options.pidfile, strerror(errno));
    return -1;
}
