/* Files of saved machines: names, and what is done with them on the host. */
#define _GNU_SOURCE /* memfd_create */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

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

int snapshot_file(void *opaque, const char *name, enum snapshot_do what)
{
    char part[SNAPSHOT_NAME + sizeof(PARTIAL)];
    int r = -1;

    (void)opaque;
    snprintf(part, sizeof(part), "%s" PARTIAL, name);
    switch (what) {
    case SNAPSHOT_WRITE: r = open(part, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600); break;
    case SNAPSHOT_KEEP: r = rename(part, name); break;
    case SNAPSHOT_DROP: r = unlink(part); break;
    case SNAPSHOT_READ: r = open(name, O_RDONLY | O_CLOEXEC); break;
    case SNAPSHOT_DELETE: r = unlink(name); break;
    case SNAPSHOT_LIST: return list();
    }
    return r < 0 ? -errno : r;
}
