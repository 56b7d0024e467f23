/* Addresses of sockets, from the words of options. */
#include "devices/net/sockaddr.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

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
    struct sockaddr_un *un = (struct sockaddr_un *)&address->addr;

    if (strlen(path) >= sizeof(un->sun_path)) {
        snprintf(err, err_len, "'%s' is too long for a socket's name", path);
        return -1;
    }
    memset(un, 0, sizeof(*un));
    un->sun_family = AF_UNIX;
    memcpy(un->sun_path, path, strlen(path));
    address->len = sizeof(*un);
    return 0;
}
