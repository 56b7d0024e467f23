/* What can be said of a network card and of each back end: the keys of -nic, -netdev, -net and -device. */
#include "boot/optnet_keys.h"

#include <stdlib.h>
#include <string.h>

#include "boot/optdrive.h"
#include "boot/optvalue.h"
#include "devices/net/ne2000.h"

#define DEV (&((struct optnet_item *)list->opaque)->dev)
#define NIC (&((struct optnet_item *)list->opaque)->nic)

#define KEY_LIST(name)                                                                             \
    KEY(name)                                                                                      \
    {                                                                                              \
        if (DEV->user.name##_count == NETDEV_LIST)                                                 \
            return keylist_fail(list, value, "more than %d of them", NETDEV_LIST);                 \
        DEV->user.name[DEV->user.name##_count++] = value;                                          \
        return OPTIONS_RUN;                                                                        \
    }

KEY_TEXT(id, DEV->id)
KEY_TEXT(net, DEV->user.net)
KEY_TEXT(host, DEV->user.host)
KEY_TEXT(dhcpstart, DEV->user.dhcp_start)
KEY_TEXT(dns, DEV->user.dns)
KEY_TEXT(hostname, DEV->user.hostname)
KEY_TEXT(domainname, DEV->user.domainname)
KEY_TEXT(tftp, DEV->user.tftp)
KEY_TEXT(tftp_server, DEV->user.tftp_server)
KEY_TEXT(bootfile, DEV->user.bootfile)
KEY_LIST(dnssearch)
KEY_LIST(hostfwd)
KEY_LIST(guestfwd)

KEY(restrict)
{
    DEV->user.restricted = keylist_on(value);
    return OPTIONS_RUN;
}

KEY(ipv4)
{
    DEV->user.ipv4_off = !keylist_on(value);
    return OPTIONS_RUN;
}

KEY(ipv6)
{
    DEV->user.ipv6_off = !keylist_on(value);
    return OPTIONS_RUN;
}

/* Cards. */

static const struct {
    const char *name, *title, *rom;
    bool pci;
} cards[] = {
#define ISA                             false
#define PCI                             true
#define CARD(id, name, bus, rom, title) {name, title, rom, bus},
#include "devices/net/card.def"
#undef CARD
#undef ISA
#undef PCI
};

bool optnet_find_card(const char *name, enum net_card *card)
{
    for (unsigned i = 0; i < ARRAY_SIZE(cards); i++)
        if (strcmp(cards[i].name, name) == 0) {
            *card = (enum net_card)i;
            return true;
        }
    return false;
}

const char *optnet_card_rom(enum net_card card)
{
    return cards[card].rom;
}

KEY(model)
{
    char text[800];
    size_t used = 0;

    if (optnet_find_card(value, &NIC->card.card)) {
        NIC->card_given = true;
        return OPTIONS_RUN;
    }
    if (value_listed(value, "help|?")) {
        for (unsigned i = 0; i < ARRAY_SIZE(cards); i++)
            used += (size_t)snprintf(text + used, sizeof(text) - used, "%-10s %s\n", cards[i].name,
                                     cards[i].title);
        list->p->o->text = options_keep(list->p->o, text);
        return OPTIONS_TEXT;
    }
    for (unsigned i = 0; i < ARRAY_SIZE(cards); i++)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", used ? " " : "",
                                 cards[i].name);
    return keylist_fail(list, value, "no such card here; there are: %s", text);
}

KEY(mac)
{
    if (!net_parse_mac(value, NIC->card.mac))
        return keylist_fail(list, value, "give the address of one card, as 52:54:00:12:34:56");
    NIC->mac_given = true;
    return OPTIONS_RUN;
}

KEY_TEXT(nic_id, NIC->id)
KEY_TEXT(nic_netdev, NIC->netdev)

KEY(iobase)
{
    u64 n;

    if (!value_number(value, 0x100, 0x10000 - NE2000_PORTS, &n) || n % NE2000_PORTS)
        return keylist_fail(list, value, "the ports begin at a multiple of 0x20, as 0x300");
    NIC->card.iobase = (u16)n;
    return OPTIONS_RUN;
}

KEY(irq)
{
    u64 n;

    if (!value_number(value, 3, 15, &n))
        return keylist_fail(list, value, "give an interrupt line, 3 to 15");
    NIC->card.irq = (u8)n;
    return OPTIONS_RUN;
}

/* QEMU's numbers of slots are hexadecimal: "4", "0x4", "04.0". */
KEY(addr)
{
    char *end;
    unsigned long slot = strtoul(value, &end, 16);

    if (end == value || slot < 3 || slot > 31 || (*end && strcmp(end, ".0") != 0))
        return keylist_fail(list, value, "give a PCI slot, 3 to 1f");
    NIC->card.slot = (u8)slot;
    return OPTIONS_RUN;
}

KEY_TEXT(romfile, NIC->romfile)

KEY(rombar)
{
    NIC->rom_legacy = strcmp(value, "0") == 0 || strcmp(value, "off") == 0;
    return OPTIONS_RUN;
}

KEY(bootindex)
{
    return optdrive_place(list, value, 0x7fffffff, &NIC->bootindex);
}

static const struct key device_keys_isa[] = {
    {"netdev", NULL, key_nic_netdev, NULL}, {"mac", NULL, key_mac, NULL},
    {"id", NULL, key_nic_id, NULL},         {"iobase", NULL, key_iobase, NULL},
    {"irq", NULL, key_irq, NULL},           {"bootindex", NULL, key_bootindex, NULL},
};

KEY(cplus)
{
    if (NIC->card.card != NET_CARD_RTL8139)
        return keylist_fail(list, value, "only rtl8139 has a C+ mode");
    NIC->card.no_cplus = !keylist_on(value);
    return OPTIONS_RUN;
}

static const struct key device_keys_pci[] = {
    {"netdev", NULL, key_nic_netdev, NULL},
    {"mac", NULL, key_mac, NULL},
    {"id", NULL, key_nic_id, NULL},
    {"addr", NULL, key_addr, NULL},
    {"bus", "pci.0", keylist_same, NULL},
    {"bootindex", NULL, key_bootindex, NULL},
    {"multifunction", "off", NULL, "there is one function in a card"},
    {"rombar", "0|1|on|off", key_rombar, NULL},
    {"romfile", NULL, key_romfile, NULL},
    {"cplus", "on|off", key_cplus, NULL},
};

/* A card of -nic, too. */
#define NIC_KEYS                                                                                   \
    {"model", NULL, key_model, NULL}, {"mac", NULL, key_mac, NULL},                                \
        {"macaddr", NULL, key_mac, NULL}, {"addr", NULL, key_addr, NULL},                          \
    {                                                                                              \
        "vlan", "0", NULL, NULL                                                                    \
    }
#define ID_KEYS                                                                                    \
    {"id", NULL, key_id, NULL},                                                                    \
    {                                                                                              \
        "name", NULL, key_id, NULL                                                                 \
    }
#define USER_KEYS                                                                                  \
    ID_KEYS, {"net", NULL, key_net, NULL}, {"host", NULL, key_host, NULL},                         \
        {"dhcpstart", NULL, key_dhcpstart, NULL}, {"dns", NULL, key_dns, NULL},                    \
        {"hostname", NULL, key_hostname, NULL}, {"domainname", NULL, key_domainname, NULL},        \
        {"dnssearch", NULL, key_dnssearch, NULL}, {"restrict", "on|off", key_restrict, NULL},      \
        {"hostfwd", NULL, key_hostfwd, NULL}, {"guestfwd", NULL, key_guestfwd, NULL},              \
        {"tftp", NULL, key_tftp, NULL}, {"tftp-server-name", NULL, key_tftp_server, NULL},         \
        {"bootfile", NULL, key_bootfile, NULL}, {"ipv4", "on|off", key_ipv4, NULL},                \
        {"ipv6", "on|off", key_ipv6, NULL},                                                        \
    {                                                                                              \
        "smb", "", NULL, "there is no file server; tftp= gives files"                              \
    }
#define TAP_KEYS                                                                                   \
    ID_KEYS, {"ifname", NULL, key_ifname, NULL}, {"script", NULL, key_script, NULL},               \
        {"downscript", NULL, key_downscript, NULL}, {"fd", NULL, key_fd, NULL},                    \
        {"vhost", "off", NULL, "frames go through this program"}, {"sndbuf", NULL, NULL, NULL},    \
        {"vnet_hdr", "on|off", NULL, NULL},                                                        \
    {                                                                                              \
        "queues", "1", NULL, "a card has one queue here"                                           \
    }
#define SOCKET_KEYS                                                                                \
    ID_KEYS, {"listen", NULL, key_listen, NULL}, {"connect", NULL, key_connect, NULL},             \
        {"mcast", NULL, key_mcast, NULL}, {"udp", NULL, key_udp, NULL},                            \
    {                                                                                              \
        "localaddr", NULL, key_localaddr, NULL                                                     \
    }
#define DGRAM_KEYS                                                                                 \
    ID_KEYS, {"local.type", "inet|unix", keylist_same, NULL},                                      \
        {"local.host", NULL, key_local_host, NULL}, {"local.port", NULL, key_local_port, NULL},    \
        {"local.path", NULL, key_local_path, NULL},                                                \
        {"remote.type", "inet|unix", keylist_same, NULL},                                          \
        {"remote.host", NULL, key_remote_host, NULL},                                              \
        {"remote.port", NULL, key_remote_port, NULL},                                              \
    {                                                                                              \
        "remote.path", NULL, key_remote_path, NULL                                                 \
    }
#define STREAM_KEYS                                                                                \
    ID_KEYS, {"server", "on|off", key_server, NULL},                                               \
        {"addr.type", "inet|unix", keylist_same, NULL},                                            \
        {"addr.host", NULL, key_remote_host, NULL}, {"addr.port", NULL, key_remote_port, NULL},    \
    {                                                                                              \
        "addr.path", NULL, key_remote_path, NULL                                                   \
    }
#define SCRIPT_KEYS                                                                                \
    ID_KEYS,                                                                                       \
    {                                                                                              \
        "file", NULL, key_file, NULL                                                               \
    }

KEY_TEXT(ifname, DEV->ifname)
KEY_TEXT(script, DEV->script)
KEY_TEXT(downscript, DEV->downscript)
KEY_TEXT(fd, DEV->fd)
KEY_TEXT(listen, DEV->listen)
KEY_TEXT(connect, DEV->connect)
KEY_TEXT(mcast, DEV->mcast)
KEY_TEXT(udp, DEV->udp)
KEY_TEXT(localaddr, DEV->localaddr)
KEY_TEXT(local_host, DEV->local_host)
KEY_TEXT(local_port, DEV->local_port)
KEY_TEXT(local_path, DEV->local_path)
KEY_TEXT(remote_host, DEV->remote_host)
KEY_TEXT(remote_port, DEV->remote_port)
KEY_TEXT(remote_path, DEV->remote_path)
KEY_TEXT(file, DEV->file)
KEY_TEXT(hub_netdev, DEV->other)

KEY(server)
{
    DEV->server = keylist_on(value);
    return OPTIONS_RUN;
}

KEY(hubid)
{
    u64 n;

    if (!value_number(value, 0, PC_NETDEVS - 1, &n))
        return keylist_fail(list, value, "give a number from 0 to %d", PC_NETDEVS - 1);
    DEV->hub = (int)n;
    return OPTIONS_RUN;
}

static const struct key user_keys[] = {USER_KEYS}, nic_user_keys[] = {NIC_KEYS, USER_KEYS},
                        tap_keys[] = {TAP_KEYS}, nic_tap_keys[] = {NIC_KEYS, TAP_KEYS},
                        socket_keys[] = {SOCKET_KEYS}, nic_socket_keys[] = {NIC_KEYS, SOCKET_KEYS},
                        dgram_keys[] = {DGRAM_KEYS}, nic_dgram_keys[] = {NIC_KEYS, DGRAM_KEYS},
                        stream_keys[] = {STREAM_KEYS}, nic_stream_keys[] = {NIC_KEYS, STREAM_KEYS},
                        script_keys[] = {SCRIPT_KEYS}, nic_script_keys[] = {NIC_KEYS, SCRIPT_KEYS},
                        nic_keys[] = {NIC_KEYS, ID_KEYS, {"netdev", NULL, key_nic_netdev, NULL}},
                        hubport_keys[] = {ID_KEYS,
                                          {"hubid", NULL, key_hubid, NULL},
                                          {"netdev", NULL, key_hub_netdev, NULL}};

const struct optnet_kind optnet_kinds[OPTNET_KINDS] = {
#define KIND(name, kind, keys)                                                                     \
    {                                                                                              \
        name, kind, keys, nic_##keys, ARRAY_SIZE(keys), ARRAY_SIZE(nic_##keys)                     \
    }
    KIND("user", NETDEV_USER, user_keys),
    KIND("tap", NETDEV_TAP, tap_keys),
    KIND("socket", NETDEV_SOCKET, socket_keys),
    KIND("dgram", NETDEV_DGRAM, dgram_keys),
    KIND("stream", NETDEV_STREAM, stream_keys),
    KIND("script", NETDEV_SCRIPT, script_keys),
#undef KIND
    {"hubport", NETDEV_HUBPORT, hubport_keys, NULL, ARRAY_SIZE(hubport_keys), 0},
    {"none", NETDEV_NONE, NULL, nic_keys, 0, ARRAY_SIZE(nic_keys)},
};

const struct optnet_kind *optnet_find_kind(const char *name)
{
    for (unsigned i = 0; i < OPTNET_KINDS; i++)
        if (strcmp(optnet_kinds[i].name, name) == 0)
            return &optnet_kinds[i];
    return NULL;
}

const struct key *optnet_device_keys(enum net_card card, size_t *count)
{
    *count = cards[card].pci ? ARRAY_SIZE(device_keys_pci) : ARRAY_SIZE(device_keys_isa);
    return cards[card].pci ? device_keys_pci : device_keys_isa;
}
