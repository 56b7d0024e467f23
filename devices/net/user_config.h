/* The words of -netdev user made addresses: the virtual network, and what is forwarded. */
#ifndef PAGEWALK_NET_USER_CONFIG_H
#define PAGEWALK_NET_USER_CONFIG_H

#include <netinet/in.h>

#include "devices/net/netdev.h"

struct user_network {
    struct in_addr net, mask, host, dhcp, dns;
};

/* A port of the host and one of the guest: "tcp|udp:[ADDRESS]:PORT-[ADDRESS]:PORT". */
struct user_hostfwd {
    bool udp;
    struct in_addr host, guest;
    u16 host_port, guest_port;
};

/* "tcp:ADDRESS:PORT-TARGET": a port of the virtual network that is something on the host. */
struct user_guestfwd {
    struct in_addr server;
    u16 port;
    const char *command;          /* "cmd:COMMAND": its input and output, for each connection; or */
    char to_host[64], to_port[8]; /* "tcp:HOST:PORT": a connection of the start's */
};

/* Each 0, or -1 with a one-line reason in err. */
int user_parse_network(const struct netdev_user *user, struct user_network *network, char *err,
                       size_t err_len);
int user_parse_hostfwd(const char *text, const struct user_network *network,
                       struct user_hostfwd *fwd, char *err, size_t err_len);
/* As far as the host's port; what follows behind a dash does not matter. */
int user_parse_hostport(const char *text, struct user_hostfwd *fwd, char *err, size_t err_len);
int user_parse_guestfwd(const char *text, const struct user_network *network,
                        struct user_guestfwd *fwd, char *err, size_t err_len);

#endif
