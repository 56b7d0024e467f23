/* Files of saved machines: names, and what is done with them on the host. */
#define _GNU_SOURCE /* memfd_create */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "devices/board/pc_snapshot.h"
#include "devices/board/snapshots.h"

#define ENDING  ".state"
#define PACKED  ENDING ".zst"
#define PARTIAL ".part" /* while it is written */

static bool ends_with(const char *name, const char *ending)
{
    size_t len = strlen(name), ending_len = strlen(ending);

    return len > ending_len && strcmp(name + len - ending_len, ending) == 0;
}

int snapshot_path(const char *name, char path[SNAPSHOT_NAME])
{
    bool own = strpbrk(name, "./") != NULL;
    int n = snprintf(path, SNAPSHOT_NAME, "%s%s", name, own ? "" : ENDING);

    return n < 0 || n >= SNAPSHOT_NAME - (int)sizeof(PARTIAL) ? -ENAMETOOLONG : 0;
}

bool snapshot_name_fits(const char *name)
{
    return !strchr(name, '/') && (ends_with(name, ENDING) || ends_with(name, PACKED));
}

/* A memfd with the names. */
static int list(void)
{
    int fd = memfd_create("pagewalk-states", MFD_CLOEXEC);
    DIR *folder = opendir(".");
    struct dirent *entry;

    while (fd >= 0 && folder && (entry = readdir(folder)) != NULL)
        if (snapshot_name_fits(entry->d_name))
            dprintf(fd, "%s\n", entry->d_name);
    if (folder)
        closedir(folder);
    return fd < 0 ? -errno : fd;
}

/* A descriptor to read; a pipe or device, which could wait for ever, is refused. */
static int open_file(const char *name)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat st;

    if (fd < 0)
        return -errno;
    if (fstat(fd, &st) == 0 && (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)))
        return fd;
    close(fd);
    return -ESPIPE;
}

/* Whether nothing but a saved machine, or an empty file, goes when the name is written or deleted. 0 or -errno. */
static int check_old(const char *name)
{
    struct pc_snapshot_info info;
    struct stat st;
    int fd, r;

    if (stat(name, &st) < 0 || (S_ISREG(st.st_mode) && st.st_size == 0))
        return 0;
    if (S_ISDIR(st.st_mode))
        return -EISDIR;
    fd = open_file(name);
    if (fd < 0)
        return fd;
    r = pc_snapshot_info(fd, &info);
    close(fd);
    return r == -ENOTSUP ? 0 : r;
}

int snapshot_file(void *opaque, const char *name, enum snapshot_do what)
{
    char part[SNAPSHOT_NAME + sizeof(PARTIAL)];
    int r = what == SNAPSHOT_WRITE || what == SNAPSHOT_DELETE ? check_old(name) : 0;

    (void)opaque;
    if (r < 0)
        return r;
    snprintf(part, sizeof(part), "%s" PARTIAL, name);
    switch (what) {
    case SNAPSHOT_WRITE: r = open(part, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600); break;
    case SNAPSHOT_KEEP: r = rename(part, name); break;
    case SNAPSHOT_DROP: r = unlink(part); break;
    case SNAPSHOT_READ: return open_file(name);
    case SNAPSHOT_DELETE: r = unlink(name); break;
    case SNAPSHOT_LIST: return list();
    }
    return r < 0 ? -errno : r;
}
