/* Output files in two steps, so that a mistake elsewhere on the command line costs no file. */
#include "boot/output.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "devices/chr/zst.h"

/* Whether a new file could be made in path's directory. */
static int check_directory(const char *path)
{
    char dir[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t len = slash ? (size_t)(slash - path) : 0;

    if (*path == '\0')
        return -ENOENT;
    if (len >= sizeof(dir))
        return -ENAMETOOLONG;
    memcpy(dir, path, len);
    dir[len] = '\0';
    if (!slash)
        strcpy(dir, ".");
    else if (len == 0)
        strcpy(dir, "/");
    return access(dir, W_OK | X_OK) < 0 ? -errno : 0;
}

int output_check(const char *path, char *err, size_t err_len)
{
    struct stat st;
    int r = 0;

    if (stat(path, &st) < 0)
        r = errno == ENOENT ? check_directory(path) : -errno;
    else if (S_ISDIR(st.st_mode))
        r = -EISDIR;
    else if (access(path, W_OK) < 0)
        r = -errno;
    if (r < 0)
        snprintf(err, err_len, "cannot write '%s': %s", path, strerror(-r));
    return r;
}

FILE *output_open(const char *path, char *err, size_t err_len)
{
    FILE *file = fopen(path, "we");

    if (!file)
        snprintf(err, err_len, "cannot write '%s': %s", path, strerror(errno));
    return file;
}

FILE *output_open_packed(const char *path, char *err, size_t err_len)
{
    FILE *file = output_open(path, err, err_len);

    if (!file || !zst_named(path))
        return file;
    file = zst_stream(file);
    if (!file)
        snprintf(err, err_len, "cannot write '%s': %s", path, strerror(ENOMEM));
    return file;
}
