/* What the files on the command line are for: one file may not be written in one role and be used in another.
 *
 * An image that is a log too would be destroyed by the log's first line, and a log that is two logs loses one of
 * them. Devices without contents (/dev/null, terminals, pipes) may have any number of roles. */
#define _GNU_SOURCE
#include "boot/roles.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "boot/media.h"
#include "devices/board/snapshots.h"
#include "devices/ui/screenshot.h"

#define ROLES_MAX                                                                                  \
    (PC_DRIVES + PC_FLOPPIES + MULTIBOOT_MODULES + 2 * PORTS + FW_FILES + OPTION_ROMS + PC_NICS +  \
     14)
#define LINKS_MAX 40

enum access {
    READ_ONLY,
    CONTENTS, /* written, and what is there matters */
    OUTPUT,   /* written from its beginning */
    STANDARD, /* a standard descriptor, where several may write one after the other */
};

struct identity {
    bool known; /* false: no such file can be, or it has no contents */
    dev_t dev;
    ino_t ino;               /* the file's, or its folder's when there is */
    char name[NAME_MAX + 1]; /* a name, for a file that is not there yet */
};

struct role {
    const char *name, *path;
    enum access access;
    struct identity file;
};

struct roles {
    struct role role[ROLES_MAX];
    unsigned count;
};

static struct identity identify(const struct stat *st)
{
    return (struct identity){.known = S_ISREG(st->st_mode) || S_ISBLK(st->st_mode),
                             .dev = S_ISBLK(st->st_mode) ? st->st_rdev : st->st_dev,
                             .ino = S_ISBLK(st->st_mode) ? 0 : st->st_ino};
}

/* The file that opening path would make: a link may lead to where nothing is yet. */
static struct identity identify_new(const char *path)
{
    char at[PATH_MAX], copy[PATH_MAX], link[PATH_MAX];
    struct identity file = {.known = false};
    struct stat st;

    if ((size_t)snprintf(at, sizeof(at), "%s", path) >= sizeof(at))
        return file;
    for (unsigned links = 0; links < LINKS_MAX; links++) {
        ssize_t n = readlink(at, link, sizeof(link) - 1);
        int len;

        if (n < 0)
            break;
        link[n] = '\0';
        strcpy(copy, at);
        len = link[0] == '/'
                  ? snprintf(at, sizeof(at), "%s", link)
                  : snprintf(at, sizeof(at), "%.*s/%s", PATH_MAX / 2, dirname(copy), link);
        if (len >= (int)sizeof(at))
            return file;
    }
    strcpy(copy, at);
    if (stat(dirname(copy), &st) < 0)
        return file;
    file = (struct identity){.known = true, .dev = st.st_dev, .ino = st.st_ino};
    strcpy(copy, at);
    snprintf(file.name, sizeof(file.name), "%s", basename(copy));
    return file;
}

static bool same_file(const struct identity *a, const struct identity *b)
{
    return a->known && b->known && a->dev == b->dev && a->ino == b->ino &&
           strcmp(a->name, b->name) == 0;
}

static void add(struct roles *roles, const char *name, const char *path, enum access access)
{
    struct role *role = &roles->role[roles->count];
    struct stat st;

    if (!path)
        return;
    BUG_ON(roles->count == ROLES_MAX);
    role->name = name;
    role->path = path;
    role->access = access;
    role->file = stat(path, &st) == 0 ? identify(&st) : identify_new(path);
    roles->count++;
}

static void add_descriptor(struct roles *roles, const char *name, int fd)
{
    struct stat st;

    if (fstat(fd, &st) == 0)
        roles->role[roles->count++] = (struct role){name, NULL, STANDARD, identify(&st)};
}

/* /dev/stdout and the like are what the shell has opened, wherever that leads. */
static void add_output(struct roles *roles, const char *name, const char *path)
{
    struct role *role = &roles->role[roles->count];

    add(roles, name, path, OUTPUT);
    if (!path || (strncmp(path, "/dev/", 5) != 0 && strncmp(path, "/proc/", 6) != 0))
        return;
    for (unsigned i = 0; i < roles->count - 1; i++)
        if (roles->role[i].access == STANDARD && same_file(&roles->role[i].file, &role->file))
            role->access = STANDARD;
}

static void add_drive(struct roles *roles, const struct options *o,
                      const struct drive_option *drive)
{
    bool written = !(media_flags(o, drive) & (BLOCK_READ_ONLY | BLOCK_SNAPSHOT)) && drive->path &&
                   access(drive->path, W_OK) == 0;

    add(roles, drive->name, drive->path, written ? CONTENTS : READ_ONLY);
}

static void add_medium(struct roles *roles, const struct options *o, const struct medium_option *m)
{
    struct drive_option drive = *media_drive(o, m->unit);

    drive.name = "-medium";
    drive.path = m->path;
    add_drive(roles, o, &drive);
}

static void add_ports(struct roles *roles, const struct options *o)
{
    static const char *const names[PORTS] = {"-serial",   "-serial",   "-serial", "-serial",
                                             "-parallel", "-debugcon", "-gdb",    "-monitor",
                                             "-monitor",  "-monitor",  "-monitor"};

    for (enum port port = 0; port < PORTS; port++) {
        const struct chr_spec *spec = options_port(o, port);

        if (spec->kind == CHR_FILE)
            add_output(roles, names[port], spec->path);
        add_output(roles, "logfile=", spec->logfile);
    }
}

/* Saved over the state that it was loaded from is a machine that goes on. saved[] has the names' room. */
static void add_states(struct roles *roles, const struct options *o, char saved[2][SNAPSHOT_NAME])
{
    if (o->loadvm && snapshot_path(o->loadvm, saved[0]) == 0)
        add(roles, "-loadvm", saved[0], READ_ONLY);
    if (o->savevm && snapshot_path(o->savevm, saved[1]) == 0 &&
        !(o->loadvm && strcmp(saved[0], saved[1]) == 0))
        add_output(roles, "-savevm", saved[1]);
}

static void collect(struct roles *roles, const struct session *s, char saved[2][SNAPSHOT_NAME])
{
    const struct options *o = &s->options;
    const struct loader *loader = s->loader;

    add_descriptor(roles, "standard output", STDOUT_FILENO);
    add_descriptor(roles, "standard error", STDERR_FILENO);
    for (unsigned i = 0; i < PC_DRIVES; i++)
        add_drive(roles, o, &o->drive[i]);
    for (unsigned i = 0; i < PC_FLOPPIES; i++)
        add_drive(roles, o, &o->floppy[i]);
    for (unsigned i = 0; i < s->options.media; i++)
        add_medium(roles, o, &o->medium[i]);
    add(roles, "-kernel", o->kernel, READ_ONLY);
    for (unsigned i = 0; i < loader->modules; i++)
        add(roles, "-initrd", loader->module[i].path, READ_ONLY);
    add(roles, "-bios", o->bios, READ_ONLY);
    for (unsigned i = 0; i < o->option_roms; i++)
        add(roles, "-option-rom", o->option_rom[i], READ_ONLY);
    for (unsigned i = 0; i < o->net.nics; i++)
        add(roles, "romfile=", o->net.nic[i].romfile, READ_ONLY);
    if (o->type && o->type[0] == '@')
        add(roles, "-type", o->type + 1, READ_ONLY);
    add_ports(roles, o);
    add_output(roles, "-D", o->log_file);
    add_output(roles, "-pidfile", o->pidfile);
    add_output(roles, "-report", o->report);
    add_output(roles, "-stats", o->stats_file);
    add_output(roles, "-junit", o->junit);
    add_output(roles, "-record", o->record);
    add(roles, "-replay", o->replay, READ_ONLY);
    add_states(roles, o, saved);
    for (unsigned i = 0; i < o->fw_files; i++)
        add(roles, "-fw_cfg", o->fw_file[i].path, READ_ONLY);
}

static bool clash(const struct role *a, const struct role *b)
{
    bool reads = a->access == READ_ONLY && b->access == READ_ONLY;
    bool writes_on = a->access >= OUTPUT && b->access >= OUTPUT &&
                     (a->access == STANDARD || b->access == STANDARD);

    return !reads && !writes_on && same_file(&a->file, &b->file);
}

static int check(const struct roles *roles, char *err, size_t err_len)
{
    for (unsigned i = 0; i < roles->count; i++) {
        for (unsigned j = 0; j < i; j++) {
            const struct role *a = &roles->role[j], *b = &roles->role[i];

            if (!clash(a, b))
                continue;
            snprintf(err, err_len, "'%s' cannot be %s and %s at once: it would be overwritten",
                     b->path, a->name, b->name);
            return -1;
        }
    }
    return 0;
}

int roles_check(struct session *s)
{
    struct roles *roles = calloc(1, sizeof(*roles));
    char picture[SCREENSHOT_NAME], saved[2][SNAPSHOT_NAME];
    int r;

    if (!roles) {
        snprintf(s->err, sizeof(s->err), "%s", strerror(ENOMEM));
        return -1;
    }
    collect(roles, s, saved);
    if (s->options.screenshot && screenshot_name(s->options.screenshot, picture) == 0)
        add_output(roles, "-screenshot", picture);
    r = check(roles, s->err, sizeof(s->err));
    free(roles);
    return r;
}
