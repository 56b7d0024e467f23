/* Commands that write files: screendump, memsave, pmemsave, log, logfile; and gdb's port. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "cpu/peek.h"
#include "devices/chr/zst.h"
#include "devices/monitor/command.h"
#include "devices/ui/screenshot.h"

#define PIECE (64 * KIB)

int monitor_create(struct monitor *m, const char *name)
{
    const struct monitor_host *host = m->pc->config.monitor_host;
    int fd = host && host->create ? host->create(host->opaque, name) : -ENOTSUP;

    if (fd == -EEXIST || fd == -EACCES)
        monitor_fail(m,
                     "failed to open file '%s': %s; the sandbox lets only new files be made "
                     "(-sandbox off)",
                     name, strerror(-fd));
    else if (fd < 0)
        monitor_fail(m, "failed to open file '%s': %s", name, strerror(-fd));
    return fd;
}

FILE *monitor_create_stream(struct monitor *m, const char *name)
{
    int fd = monitor_create(m, name);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

    if (fd >= 0 && !file)
        close(fd);
    return file;
}

bool monitor_close(struct monitor *m, FILE *file, const char *name)
{
    bool failed = ferror(file) != 0;

    failed |= fclose(file) != 0;
    if (failed)
        monitor_fail(m, "writing to '%s' failed: %s", name, strerror(errno));
    return !failed;
}

MONITOR_COMMAND(screendump)
{
    const struct display *display = pc_display(m->pc);
    const char *name = a->arg[0].text, *ending = strrchr(name, '.');
    const char *format = a->arg[1].given                             ? a->arg[1].text
                         : ending && strcasecmp(ending, ".png") == 0 ? "png"
                         : ending && strcasecmp(ending, ".txt") == 0 ? "txt"
                                                                     : "ppm";
    char err[200];
    int fd;

    if (!display) {
        monitor_fail(m, "this machine has no display");
        return;
    }
    if (screenshot_check(display, format, err, sizeof(err)) < 0) {
        monitor_fail(m, "%s", err);
        return;
    }
    fd = monitor_create(m, name);
    if (fd >= 0 && screenshot_to(display, format, fd, err, sizeof(err)) < 0)
        monitor_fail(m, "'%s': %s", name, err);
}

static void save(struct monitor *m, const struct monitor_args *a, bool physical)
{
    u64 addr = a->arg[0].number, left = a->arg[1].number;
    const char *name = a->arg[2].text;
    u8 *piece = malloc(PIECE);
    FILE *file = piece ? monitor_create_stream(m, name) : NULL;

    while (file && left) {
        size_t want = left < PIECE ? left : PIECE;
        size_t have = cpu_peek(m->pc->cpu, addr, physical, piece, want);

        fwrite(piece, 1, have, file);
        if (have < want) {
            monitor_fail(m, "Invalid addr 0x%016" PRIx64 "/size %" PRIu64 " specified",
                         a->arg[0].number, a->arg[1].number);
            break;
        }
        addr += want;
        left -= want;
    }
    if (file)
        monitor_close(m, file, name);
    free(piece);
}

MONITOR_COMMAND(memsave)
{
    save(m, a, false);
}

MONITOR_COMMAND(pmemsave)
{
    save(m, a, true);
}

MONITOR_COMMAND(log)
{
    struct log *log = m->pc->config.log;
    u32 mask = 0;
    char bad[64];

    if (strcmp(a->arg[0].text, "none") != 0 &&
        log_parse(a->arg[0].text, &mask, bad, sizeof(bad)) < 0) {
        fputs("Log items (comma separated):\nnone         remove all logs\n", m->out);
        log_help(m->out);
        return;
    }
    log->mask = mask;
}

MONITOR_COMMAND(logfile)
{
    struct log *log = m->pc->config.log;
    FILE *file = monitor_create_stream(m, a->arg[0].text);

    if (file && zst_named(a->arg[0].text))
        file = zst_stream(file);
    if (!file)
        return;
    log_close(log);
    log->out = file;
    log->failed = false;
}

MONITOR_COMMAND(gdbserver)
{
    const struct monitor_host *host = m->pc->config.monitor_host;
    const char *where = a->arg[0].given ? a->arg[0].text : "tcp::1234";

    if (host && host->gdbserver)
        host->gdbserver(host->opaque, where, m->out);
    else
        fputs("gdb's port is given by -gdb\n", m->out);
}
