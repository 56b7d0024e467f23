/* Paths: under the prefix of -L where something is there, else the host's. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tools/user/user.h"

#define PATH_BYTES 4096
#define LINKS_MOST 40 /* on a path, as for the kernel */

static bool is_below(const char *path, const char *place)
{
    size_t len = strlen(place);

    return !strncmp(path, place, len) && (path[len] == '/' || !path[len]);
}

/* Places that are the host's whatever a prefix has. */
static bool is_host_only(const char *path)
{
    static const char *const places[] = {"/proc", "/sys", "/dev", "/tmp", "/run"};

    for (unsigned i = 0; i < ARRAY_SIZE(places); i++)
        if (is_below(path, places[i]))
            return true;
    return false;
}

static const char *path_with_prefix(char *buf, size_t len, const char *path)
{
    if (process.prefix && path[0] == '/' && path[1] && !is_host_only(path) &&
        (size_t)snprintf(buf, len, "%s%s", process.prefix, path) < len &&
        faccessat(AT_FDCWD, buf, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
        return buf;
    snprintf(buf, len, "%s", path);
    return buf;
}

/* The path with the links on its way followed as the guest has them: what a link names from the top is looked for under the
 * prefix first, too. False: nothing is there. */
static bool walk(char *buf, size_t len, const char *path, bool follow)
{
    char done[PATH_BYTES] = "", rest[PATH_BYTES], target[PATH_BYTES], both[PATH_BYTES];
    unsigned links = 0;

    if (snprintf(rest, sizeof(rest), "%s", path) >= (int)sizeof(rest))
        return false;
    for (;;) {
        char *name = rest + strspn(rest, "/"), *end = name + strcspn(name, "/");
        size_t done_len = strlen(done);
        bool last = !end[strspn(end, "/")];
        ssize_t n = -1;

        if (!*name)
            break;
        if (end - name == 2 && !memcmp(name, "..", 2)) {
            *(done_len ? strrchr(done, '/') : done) = '\0';
        } else if (end - name != 1 || *name != '.') {
            if ((size_t)snprintf(done + done_len, sizeof(done) - done_len, "/%.*s",
                                 (int)(end - name), name) >= sizeof(done) - done_len)
                return false;
            if ((!last || follow) && !is_below(done, "/proc")) /* links there name no paths */
                n = readlink(path_with_prefix(both, sizeof(both), done), target,
                             sizeof(target) - 1);
        }
        if (n > 0) {
            target[n] = '\0';
            if (++links > LINKS_MOST ||
                snprintf(both, sizeof(both), "%s/%s", target, end) >= (int)sizeof(both))
                return false;
            end = both;
            done[target[0] == '/' ? 0 : done_len] = '\0';
        }
        memmove(rest, end, strlen(end) + 1);
    }
    path_with_prefix(buf, len, done);
    return faccessat(AT_FDCWD, buf, F_OK, follow ? 0 : AT_SYMLINK_NOFOLLOW) == 0;
}

const char *path_resolve(char *buf, size_t len, const char *path, bool follow)
{
    path_with_prefix(buf, len, path);
    if (process.prefix && path[0] == '/' &&
        faccessat(AT_FDCWD, buf, F_OK, follow ? 0 : AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT &&
        !walk(buf, len, path, follow))
        path_with_prefix(buf, len, path);
    return buf;
}

const char *path_of(struct thread *t, u32 path, unsigned slot, bool follow)
{
    const char *name = g2h0(path);

    if (!name || !process.prefix || name[0] != '/')
        return name;
    return path_resolve(t->path[slot], sizeof(t->path[slot]), name, follow);
}
