/* Unix sockets by their names in the host's file system. */
#ifndef PAGEWALK_UNIX_SOCKET_H
#define PAGEWALK_UNIX_SOCKET_H

#include <sys/socket.h>
#include <sys/un.h>

/* Each NULL, or why not, in a few words. The name: */
const char *unix_socket_name(struct sockaddr_un *name, const char *path);
/* Gives a server's socket its name. A socket there that no program has any more is replaced; one that is another program's, and
 * a file of any other kind, stay as they are. */
const char *unix_socket_bind(int fd, const char *path);

#endif
