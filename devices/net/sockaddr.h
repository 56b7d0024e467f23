/* Addresses of sockets, from the words of options. */
#ifndef PAGEWALK_NET_SOCKADDR_H
#define PAGEWALK_NET_SOCKADDR_H

#include <sys/socket.h>

#include "mmu/host/base.h"

struct net_address {
    struct sockaddr_storage addr;
    socklen_t len;
};

/* Each 0, or -1 with a one-line reason. host NULL or "": any address; only IPv4 with `ipv4`. */
int net_address_inet(struct net_address *address, const char *host, const char *port, bool ipv4,
                     char *err, size_t err_len);
/* "[HOST]:PORT" */
int net_address_text(struct net_address *address, const char *text, bool ipv4, char *err,
                     size_t err_len);
int net_address_unix(struct net_address *address, const char *path, char *err, size_t err_len);
/* A server's socket gets its address; a Unix socket as unix_socket_bind() says. */
int net_address_bind(int fd, const struct net_address *address, char *err, size_t err_len);

#endif
