/* Addresses of sockets, from the words of options. */
#include "devices/net/sockaddr.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "mmu/host/unix_socket.h"

int net_address_inet(struct net_address *address, const char *host, const char *port, bool ipv4,
                     char *err, size_t err_len)
{
    struct addrinfo hints = {
        .ai_socktype = SOCK_DGRAM, .ai_family = ipv4 ? AF_INET : AF_UNSPEC, .ai_flags = AI_PASSIVE};
    struct addrinfo *list;
    int r = getaddrinfo(host && *host ? host : NULL, port, &hints, &list);

    if (r != 0) {
        snprintf(err, err_len, "%s:%s: %s", host ? host : "", port, gai_strerror(r));
        return -1;
    }
    memcpy(&address->addr, list->ai_addr, list->ai_addrlen);
    address->len = list->ai_addrlen;
    freeaddrinfo(list);
    return 0;
}

int net_address_text(struct net_address *address, const char *text, bool ipv4, char *err,
                     size_t err_len)
{
    const char *colon = strrchr(text, ':');
    char host[256];

    if (!colon || !colon[1] || (size_t)(colon - text) >= sizeof(host)) {
        snprintf(err, err_len, "'%s' is not [HOST]:PORT", text);
        return -1;
    }
    snprintf(host, sizeof(host), "%.*s", (int)(colon - text), text);
    return net_address_inet(address, host, colon + 1, ipv4, err, err_len);
}

int net_address_unix(struct net_address *address, const char *path, char *err, size_t err_len)
{
    const char *why = unix_socket_name((struct sockaddr_un *)&address->addr, path);

    if (why) {
        snprintf(err, err_len, "'%s': %s", path, why);
        return -1;
    }
    address->len = sizeof(struct sockaddr_un);
    return 0;
}

int net_address_bind(int fd, const struct net_address *address, char *err, size_t err_len)
{
    const struct sockaddr *name = (const struct sockaddr *)&address->addr;
    const char *path =
                   name->sa_family == AF_UNIX ? ((const struct sockaddr_un *)name)->sun_path : NULL,
               *why;
    int one = 1;

    if (path) {
        why = unix_socket_bind(fd, path);
    } else {
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
        why = bind(fd, name, address->len) < 0 ? strerror(errno) : NULL;
    }
    if (!why)
        return 0;
    if (path)
        snprintf(err, err_len, "'%s': %s", path, why);
    else
        snprintf(err, err_len, "cannot bind the socket: %s", why);
    return -1;
}
