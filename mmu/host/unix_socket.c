/* Unix sockets by their names in the host's file system.
 *
 * A name outlives the program that made it: a sandbox removes nothing, and who is killed does not either. */
#define _GNU_SOURCE /* SOCK_CLOEXEC */
#include "mmu/host/unix_socket.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *unix_socket_name(struct sockaddr_un *name, const char *path)
{
    size_t len = strlen(path);

    /* The kernel would take an empty name for one that it may choose. */
    if (len == 0 || len >= sizeof(name->sun_path))
        return "the name of a Unix socket has 1 to 107 bytes";
    *name = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(name->sun_path, path, len);
    return NULL;
}

/* Errno of a connection: ECONNREFUSED means that no program has the socket. Asked by datagrams: who takes connections
 * does not see it (EPROTOTYPE), and it never waits. */
static int try_connection(const struct sockaddr_un *name)
{
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), error = 0;

    if (fd < 0)
        return errno;
    if (connect(fd, (const struct sockaddr *)name, sizeof(*name)) < 0)
        error = errno;
    close(fd);
    return error;
}

const char *unix_socket_bind(int fd, const char *path)
{
    struct sockaddr_un name;
    struct stat st;
    const char *why = unix_socket_name(&name, path);

    if (why)
        return why;
    if (lstat(path, &st) == 0) {
        int error = S_ISSOCK(st.st_mode) ? try_connection(&name) : EEXIST;

        if (error == EEXIST)
            return "a file that is no socket is there";
        if (error == 0 || error == EPROTOTYPE)
            return "another program listens there";
        if (error != ECONNREFUSED)
            return strerror(error);
        unlink(path);
    }
    return bind(fd, (const struct sockaddr *)&name, sizeof(name)) < 0 ? strerror(errno) : NULL;
}
