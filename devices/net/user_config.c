/* The words of -netdev user made addresses: the virtual network, and what is forwarded. */
#include "devices/net/user_config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is where in a network, by its last bits. */
#define HOST_PART_HOST 0x0202u
#define HOST_PART_DNS  0x0203u
#define HOST_PART_DHCP 0x020fu

static int bad(char *err, size_t err_len, const char *key, const char *text, const char *why)
{
    snprintf(err, err_len, "%s=%s: %s", key, text, why);
    return -1;
}

/* "24" or "255.255.255.0" */
static bool parse_mask(const char *text, struct in_addr *mask)
{
    char *end;
    unsigned long bits = strtoul(text, &end, 10);

    if (*text && !*end) {
        if (bits < 4 || bits > 30)
            return false;
        mask->s_addr = htonl(0xffffffffu << (32 - bits));
        return true;
    }
    return inet_pton(AF_INET, text, mask) == 1 &&
           !(~ntohl(mask->s_addr) & (~ntohl(mask->s_addr) + 1));
}

static int parse_net(const char *text, struct user_network *n, char *err, size_t err_len)
{
    char copy[64];
    char *slash;

    snprintf(copy, sizeof(copy), "%s", text);
    slash = strchr(copy, '/');
    if (slash)
        *slash = '\0';
    if (inet_pton(AF_INET, copy, &n->net) != 1)
        return bad(err, err_len, "net", text, "give ADDRESS/BITS, as 10.0.2.0/24");
    if (!slash)
        n->mask.s_addr = htonl(0xffffff00u);
    else if (!parse_mask(slash + 1, &n->mask))
        return bad(err, err_len, "net", text, "a mask has 4 to 30 bits, or is as 255.255.255.0");
    n->net.s_addr &= n->mask.s_addr;
    return 0;
}

/* An address of the network, from text or by its last bits. */
static int place(const struct user_network *n, const char *key, const char *text, u32 part,
                 struct in_addr *to, char *err, size_t err_len)
{
    to->s_addr = n->net.s_addr | htonl(part & ~ntohl(n->mask.s_addr));
    if (!text)
        return 0;
    if (inet_pton(AF_INET, text, to) != 1)
        return bad(err, err_len, key, text, "no IPv4 address");
    if ((to->s_addr & n->mask.s_addr) != n->net.s_addr)
        return bad(err, err_len, key, text, "not in the network of net=");
    return 0;
}

int user_parse_network(const struct netdev_user *user, struct user_network *n, char *err,
                       size_t err_len)
{
    if (parse_net(user->net ? user->net : "10.0.2.0/24", n, err, err_len) < 0 ||
        place(n, "host", user->host, HOST_PART_HOST, &n->host, err, err_len) < 0 ||
        place(n, "dhcpstart", user->dhcp_start, HOST_PART_DHCP, &n->dhcp, err, err_len) < 0 ||
        place(n, "dns", user->dns, HOST_PART_DNS, &n->dns, err, err_len) < 0)
        return -1;
    if (n->host.s_addr == n->dns.s_addr)
        return bad(err, err_len, "dns", user->dns ? user->dns : "", "that is the host's address");
    return 0;
}

/* "[ADDRESS]:PORT", as far as `end`; an address that is left out stays. */
static bool parse_place(const char *text, const char *end, struct in_addr *address, u16 *port,
                        bool any_port)
{
    const char *colon = memchr(text, ':', (size_t)(end - text));
    char host[64], *stop;
    unsigned long n;

    if (!colon || (size_t)(colon - text) >= sizeof(host))
        return false;
    memcpy(host, text, (size_t)(colon - text));
    host[colon - text] = '\0';
    if (*host && inet_pton(AF_INET, host, address) != 1)
        return false;
    if (colon + 1 == end || colon[1] < '0' || colon[1] > '9')
        return false;
    n = strtoul(colon + 1, &stop, 10);
    *port = (u16)n;
    return stop == end && n <= 65535 && (n || any_port);
}

/* Cuts "tcp:" off; the empty name is tcp, too. */
static bool cut_protocol(const char **text, bool *udp)
{
    *udp = strncmp(*text, "udp:", 4) == 0;
    if (!*udp && strncmp(*text, "tcp:", 4) != 0 && **text != ':')
        return false;
    *text += **text == ':' ? 1 : 4;
    return true;
}

int user_parse_hostfwd(const char *text, const struct user_network *n, struct user_hostfwd *fwd,
                       char *err, size_t err_len)
{
    const char *at = text, *dash;

    *fwd = (struct user_hostfwd){.host.s_addr = htonl(INADDR_ANY), .guest = n->dhcp};
    if (cut_protocol(&at, &fwd->udp) && (dash = strchr(at, '-')) != NULL &&
        parse_place(at, dash, &fwd->host, &fwd->host_port, true) &&
        parse_place(dash + 1, dash + strlen(dash), &fwd->guest, &fwd->guest_port, false))
        return 0;
    return bad(err, err_len, "hostfwd", text,
               "give tcp|udp:[ADDRESS]:PORT-[ADDRESS]:PORT, as tcp:127.0.0.1:2222-:22");
}

int user_parse_hostport(const char *text, struct user_hostfwd *fwd, char *err, size_t err_len)
{
    const char *at = text, *dash = strchr(text, '-');

    *fwd = (struct user_hostfwd){.host.s_addr = htonl(INADDR_ANY)};
    if (cut_protocol(&at, &fwd->udp) &&
        parse_place(at, dash ? dash : at + strlen(at), &fwd->host, &fwd->host_port, true))
        return 0;
    snprintf(err, err_len, "%s: give tcp|udp:[ADDRESS]:PORT", text);
    return -1;
}

int user_parse_guestfwd(const char *text, const struct user_network *n, struct user_guestfwd *fwd,
                        char *err, size_t err_len)
{
    const char *at = text, *dash, *colon;
    bool udp;

    memset(fwd, 0, sizeof(*fwd));
    if (cut_protocol(&at, &udp) && !udp && (dash = strchr(at, '-')) != NULL &&
        parse_place(at, dash, &fwd->server, &fwd->port, false)) {
        if ((fwd->server.s_addr & n->mask.s_addr) != n->net.s_addr)
            return bad(err, err_len, "guestfwd", text, "the address is not in the network");
        if (strncmp(dash + 1, "cmd:", 4) == 0 && dash[5]) {
            fwd->command = dash + 5;
            return 0;
        }
        colon = strncmp(dash + 1, "tcp:", 4) == 0 ? strrchr(dash + 5, ':') : NULL;
        if (colon && colon > dash + 5 && (size_t)(colon - (dash + 5)) < sizeof(fwd->to_host) &&
            colon[1] && strlen(colon + 1) < sizeof(fwd->to_port)) {
            snprintf(fwd->to_host, sizeof(fwd->to_host), "%.*s", (int)(colon - (dash + 5)),
                     dash + 5);
            snprintf(fwd->to_port, sizeof(fwd->to_port), "%s", colon + 1);
            return 0;
        }
    }
    return bad(err, err_len, "guestfwd", text,
               "give tcp:ADDRESS:PORT-cmd:COMMAND or tcp:ADDRESS:PORT-tcp:HOST:PORT");
}
