/* Paths: under the prefix of -L where something is there, else the host's. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tools/user/user.h"

/* Places that are the host's whatever a prefix has. */
static bool is_host_only(const char *path)
{
    static const char *const places[] = {"/proc", "/sys", "/dev", "/tmp", "/run"};

    for (unsigned i = 0; i < ARRAY_SIZE(places); i++) {
        size_t len = strlen(places[i]);

        if (!strncmp(path, places[i], len) && (path[len] == '/' || !path[len]))
            return true;
    }
    return false;
}

const char *path_with_prefix(char *buf, size_t len, const char *path)
{
    if (process.prefix && path[0] == '/' && path[1] && !is_host_only(path) &&
        (size_t)snprintf(buf, len, "%s%s", process.prefix, path) < len &&
        faccessat(AT_FDCWD, buf, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
        return buf;
    snprintf(buf, len, "%s", path);
    return buf;
}

const char *path_of(struct thread *t, u32 path, unsigned slot, bool follow)
{
    const char *name = g2h0(path);

    if (!name || !process.prefix || name[0] != '/')
        return name;
    /* A link may lead out of the prefix: then what it names is looked for from the top again. */
    name = path_with_prefix(t->path[slot], sizeof(t->path[slot]), name);
    if (follow && faccessat(AT_FDCWD, name, F_OK, 0) < 0 && errno == ENOENT) {
        char target[4096];
        ssize_t n = readlink(name, target, sizeof(target) - 1);

        if (n > 0 && target[0] == '/') {
            target[n] = '\0';
            name = path_with_prefix(t->path[slot], sizeof(t->path[slot]), target);
        }
    }
    return name;
}
