/* What the monitor's commands need of the program around the machine: files, gdb's port, names. */
#include "boot/monitor_host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "boot/image.h"
#include "boot/optchr.h"
#include "boot/session.h"

#define SYMBOLS_FILE (2048ull * MIB) /* a vmlinux with all its debugging information */

static int create(void *opaque, const char *name)
{
    struct session *s = opaque;
    int fd;

    if (s->sandboxed)
        return broker_create(&s->broker, name);
    fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
    return fd < 0 ? -errno : fd;
}

/* A new place for gdb, in s->port[PORT_GDB]. 0, or -1 with one line in s->err. */
static int open_gdb(struct session *s, const char *where)
{
    struct options *o = &s->options;
    struct parse p = {.o = o, .name = "gdbserver"};
    const char *text = options_keep(o, where);

    o->port_given[PORT_GDB] = o->gdb_default = false;
    if (s->sandboxed)
        snprintf(s->err, sizeof(s->err),
                 "the sandbox opens no sockets; give -gdb at the start, or "
                 "-sandbox off");
    else if (!text || optchr_port(&p, PORT_GDB, "gdbserver", text) != OPTIONS_RUN ||
             optchr_gdb(&p) != OPTIONS_RUN || o->port[PORT_GDB].id ||
             o->port[PORT_GDB].kind == CHR_STDIO)
        snprintf(s->err, sizeof(s->err), "%s", p.line[0] ? p.line : "give tcp::PORT or unix:PATH");
    else if (o->port[PORT_GDB].kind != CHR_NONE)
        s->port[PORT_GDB] = chr_open(&o->port[PORT_GDB], s->err, sizeof(s->err));
    return o->port[PORT_GDB].kind == CHR_NONE || s->port[PORT_GDB] ? 0 : -1;
}

static void gdbserver(void *opaque, const char *where, FILE *out)
{
    struct session *s = opaque;
    struct chr *before = s->port[PORT_GDB];
    bool none = strcmp(where, "none") == 0;

    if (pc_set_gdb(s->pc, NULL) < 0) {
        fputs("Error: a debugger is connected\n", out);
        return;
    }
    if (before)
        before->ops->close(before);
    s->port[PORT_GDB] = NULL;
    if (none)
        fputs("Disabled gdbserver\n", out);
    else if (open_gdb(s, where) < 0)
        fprintf(out, "Error: %s\n", s->err);
    else if (pc_set_gdb(s->pc, s->port[PORT_GDB]) < 0)
        fputs("Error: no memory for a debugger\n", out);
    else
        fprintf(out, "Waiting for gdb connection on device '%s'\n", where);
}

static bool chardev(void *opaque, unsigned number, const char **label, const char **where)
{
    const struct session *s = opaque;

    for (enum port port = 0; port < PORTS; port++) {
        const struct chr_spec *spec = options_port(&s->options, port);
        bool again = false;

        for (enum port other = 0; other < port; other++)
            again |= s->port[other] && spec->id && options_port(&s->options, other)->id &&
                     strcmp(options_port(&s->options, other)->id, spec->id) == 0;
        if (!s->port[port] || again || number--)
            continue;
        *label = spec->id ? spec->id : "none";
        *where = spec->text ? spec->text : "null";
        return true;
    }
    return false;
}

void monitor_host_init(struct session *s)
{
    s->monitor_host = (struct monitor_host){
        .create = create,
        .gdbserver = gdbserver,
        .chardev = chardev,
        .name = s->options.name,
        .uuid = s->options.uuid,
        .opaque = s,
    };
}

int symbols_load(struct session *s)
{
    const struct options *o = &s->options;
    struct image image;
    char why[100];

    if (image_read(&image, o->symbols, SYMBOLS_FILE, s->err, sizeof(s->err)) < 0)
        return -1;
    s->symbols = symbols_read(image.data, image.size, o->symbols_offset, why, sizeof(why));
    image_free(&image);
    if (!s->symbols)
        snprintf(s->err, sizeof(s->err), "-symbols %s: %s", o->symbols, why);
    return s->symbols ? 0 : -1;
}

static int open_elf(const char *path)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    char magic[4];
    struct stat st;

    if (fd < 0)
        return -1;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
        pread(fd, magic, sizeof(magic), 0) == sizeof(magic) &&
        memcmp(magic, "\177ELF", sizeof(magic)) == 0)
        return fd;
    close(fd);
    return -1;
}

void gdb_file_open(struct session *s)
{
    const char *path[] = {s->options.symbols, s->options.kernel};
    struct gdb_file *file = &s->gdb_file;

    for (size_t i = 0; i < ARRAY_SIZE(path) && !file->name; i++) {
        file->fd = path[i] ? open_elf(path[i]) : -1;
        if (file->fd < 0)
            continue;
        file->name = realpath(path[i], NULL);
        if (!file->name)
            close(file->fd);
    }
}

void gdb_file_close(struct session *s)
{
    if (!s->gdb_file.name)
        return;
    close(s->gdb_file.fd);
    free((char *)s->gdb_file.name);
    s->gdb_file.name = NULL;
}
