/* Network cards and back ends: -nic, -netdev, -net, -device for cards, -object filter-dump.
 *
 * -nic is a card with a back end of its own; -netdev is a back end that -device or -net nic names; -net is a card or a back
 * end at hub 0. Source: QEMU's manual, "Network options". */
#include "boot/optnet.h"

#include <stdlib.h>
#include <string.h>

#include "boot/optvalue.h"
#include "devices/net/ne2000.h"

#define NET (&p->o->net)

/* One option's items: a back end, a card, or both. */
struct item {
    struct netdev_spec dev;
    struct nic_option nic;
};

#define KEY(name) static enum options_result key_##name(struct keylist *list, const char *value)
#define DEV       (&((struct item *)list->opaque)->dev)
#define NIC       (&((struct item *)list->opaque)->nic)

#define KEY_TEXT(name, where)                                                                      \
    KEY(name)                                                                                      \
    {                                                                                              \
        where = value;                                                                             \
        return OPTIONS_RUN;                                                                        \
    }
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
    const char *name, *title;
    bool pci;
} cards[] = {
#define ISA                        false
#define PCI                        true
#define CARD(id, name, bus, title) {name, title, bus},
#include "devices/net/card.def"
#undef CARD
#undef ISA
#undef PCI
};

static bool find_card(const char *name, enum net_card *card)
{
    for (unsigned i = 0; i < ARRAY_SIZE(cards); i++)
        if (strcmp(cards[i].name, name) == 0) {
            *card = (enum net_card)i;
            return true;
        }
    return false;
}

KEY(model)
{
    char text[800];
    size_t used = 0;

    if (find_card(value, &NIC->card.card)) {
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

static const struct key device_keys_isa[] = {
    {"netdev", NULL, key_nic_netdev, NULL}, {"mac", NULL, key_mac, NULL},
    {"id", NULL, key_nic_id, NULL},         {"iobase", NULL, key_iobase, NULL},
    {"irq", NULL, key_irq, NULL},           {"bootindex", NULL, NULL, NULL},
};

static const struct key device_keys_pci[] = {
    {"netdev", NULL, key_nic_netdev, NULL},
    {"mac", NULL, key_mac, NULL},
    {"id", NULL, key_nic_id, NULL},
    {"addr", NULL, key_addr, NULL},
    {"bus", "pci.0", keylist_same, NULL},
    {"bootindex", NULL, NULL, NULL},
    {"multifunction", "off", NULL, "there is one function in a card"},
    {"rombar", "0", NULL, "cards have no ROM here; give one to -option-rom"},
    {"romfile", "", NULL, "cards have no ROM here; give one to -option-rom"},
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

/* The back ends, with the keys of -netdev and of -nic. */
static const struct kind {
    const char *name;
    enum netdev_kind kind;
    const struct key *keys, *nic_keys; /* NULL: not there */
    size_t count, nic_count;
} kinds[] = {
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

static const struct kind *find_kind(const char *name)
{
    for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

/* "user", "type=user"; lists the kinds for "help". */
static enum options_result cut_kind(struct parse *p, const char *value, const char **name,
                                    const char **rest)
{
    char text[200] = "";
    size_t used = 0;

    *name = keylist_first(p, value, rest);
    if (!*name)
        return opt_fail(p, "-%s: the command line is too long", p->name);
    if (strncmp(*name, "type=", 5) == 0)
        *name += 5;
    if (!value_listed(*name, "help|?"))
        return OPTIONS_RUN;
    for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s\n", kinds[i].name);
    p->o->text = options_keep(p->o, text);
    return OPTIONS_TEXT;
}

static enum options_result unknown_kind(struct parse *p, const char *name)
{
    if (value_listed(name, "bridge|vde|l2tpv3|vhost-user|vhost-vdpa|netmap"))
        return opt_fail(p, "-%s %s: not here; give user, tap or socket", p->name, name);
    return opt_fail(p,
                    "-%s %s: no such back end; there are: user tap socket dgram stream script "
                    "hubport none",
                    p->name, name);
}

static enum options_result parse_items(struct parse *p, const char *name, const struct key *keys,
                                       size_t count, const char *text, struct item *item)
{
    struct keylist list = {.what = options_keepf(p->o, "-%s %s:", p->name, name),
                           .keys = keys,
                           .count = count,
                           .p = p,
                           .opaque = item};

    return *text ? keylist_parse(&list, text) : OPTIONS_RUN;
}

static struct item new_item(struct parse *p, enum netdev_kind kind, const char *value)
{
    return (struct item){
        .dev = {.kind = kind, .text = options_keepf(p->o, "-%s %s", p->name, value)},
        .nic = {.card = {.iobase = NE2000_IOBASE, .irq = NE2000_IRQ}},
    };
}

/* What each kind cannot do without. */
static enum options_result check_dev(struct parse *p, const struct netdev_spec *d)
{
    unsigned ways = !!d->listen + !!d->connect + !!d->mcast + !!d->udp;

    if (d->kind == NETDEV_SOCKET && ways != 1)
        return opt_fail(p, "%s: give one of listen=, connect=, mcast= and udp=", d->text);
    if (d->kind == NETDEV_SOCKET && d->udp && !d->localaddr)
        return opt_fail(p, "%s: udp= needs localaddr=", d->text);
    if (d->kind == NETDEV_STREAM && !d->remote_path && !d->remote_port)
        return opt_fail(p, "%s: give addr.path=, or addr.host= and addr.port=", d->text);
    if (d->kind == NETDEV_DGRAM && !d->local_path && !d->local_port)
        return opt_fail(p, "%s: give local.path=, or local.host= and local.port=", d->text);
    if (d->kind == NETDEV_SCRIPT && !d->file)
        return opt_fail(p, "%s: give file=", d->text);
    if (d->kind == NETDEV_TAP && d->fd && (d->ifname || d->script || d->downscript))
        return opt_fail(p, "%s: fd= is a tap that is set up already", d->text);
    return OPTIONS_RUN;
}

static enum options_result add_dev(struct parse *p, const struct netdev_spec *dev)
{
    for (unsigned i = 0; dev->id && i < NET->devs; i++)
        if (NET->dev[i].id && strcmp(NET->dev[i].id, dev->id) == 0)
            return opt_fail(p, "%s: there are two back ends '%s'", dev->text, dev->id);
    if (NET->devs == PC_NETDEVS)
        return opt_fail(p, "-%s: more than %d back ends", p->name, PC_NETDEVS);
    if (check_dev(p, dev) != OPTIONS_RUN)
        return OPTIONS_ERROR;
    NET->dev[NET->devs++] = *dev;
    return OPTIONS_RUN;
}

static enum options_result add_nic(struct parse *p, const struct nic_option *nic)
{
    if (NET->nics == PC_NICS)
        return opt_fail(p, "-%s: more than %d network cards", p->name, PC_NICS);
    NET->nic[NET->nics++] = *nic;
    return OPTIONS_RUN;
}

SETTER(netdev)
{
    const char *name, *rest;
    enum options_result r = cut_kind(p, value, &name, &rest);
    const struct kind *kind;
    struct item item;

    if (r != OPTIONS_RUN)
        return r;
    kind = find_kind(name);
    if (!kind || !kind->keys)
        return unknown_kind(p, name);
    item = new_item(p, kind->kind, value);
    r = parse_items(p, name, kind->keys, kind->count, rest, &item);
    if (r != OPTIONS_RUN)
        return r;
    if (!item.dev.id)
        return opt_fail(p, "-netdev %s: give id=NAME, by which a card finds it", name);
    return add_dev(p, &item.dev);
}

/* A back end without a name of the user's gets one that nobody can write. */
static void name_dev(struct parse *p, struct netdev_spec *dev)
{
    if (!dev->id)
        dev->id = options_keepf(p->o, "#%u", NET->devs);
}

SETTER(nic)
{
    const char *name, *rest;
    enum options_result r = cut_kind(p, value, &name, &rest);
    const struct kind *kind;
    struct item item;

    if (r != OPTIONS_RUN)
        return r;
    if (strchr(name, '=')) { /* "model=help" */
        name = "user";
        rest = value;
    }
    kind = find_kind(name);
    if (!kind || !kind->nic_keys)
        return unknown_kind(p, name);
    item = new_item(p, kind->kind, value);
    r = parse_items(p, name, kind->nic_keys, kind->nic_count, rest, &item);
    if (r != OPTIONS_RUN)
        return r;
    if (kind->kind == NETDEV_NONE)
        return OPTIONS_RUN;
    name_dev(p, &item.dev);
    item.nic.netdev = item.dev.id;
    r = add_dev(p, &item.dev);
    return r == OPTIONS_RUN ? add_nic(p, &item.nic) : r;
}

static enum options_result add_dump(struct parse *p, const char *netdev, const char *file, u32 max)
{
    if (NET->dumps == OPT_DUMPS)
        return opt_fail(p, "-%s: more than %d dumps of networks", p->name, OPT_DUMPS);
    NET->dump[NET->dumps].netdev = netdev;
    NET->dump[NET->dumps].file = file;
    NET->dump[NET->dumps++].max = max;
    return OPTIONS_RUN;
}

/* A dump's items. */
struct dump_item {
    const char *netdev, *file;
    u32 max;
};
#define DUMP ((struct dump_item *)list->opaque)

KEY_TEXT(dump_netdev, DUMP->netdev)
KEY_TEXT(dump_file, DUMP->file)

KEY(dump_max)
{
    u64 n;

    if (!value_number(value, 1, NET_FRAME_MAX, &n))
        return keylist_fail(list, value, "give a number of bytes, up to %u", NET_FRAME_MAX);
    DUMP->max = (u32)n;
    return OPTIONS_RUN;
}

static const struct key dump_keys[] = {
    {"id", NULL, keylist_same, NULL},          {"netdev", NULL, key_dump_netdev, NULL},
    {"file", NULL, key_dump_file, NULL},       {"maxlen", NULL, key_dump_max, NULL},
    {"len", NULL, key_dump_max, NULL},         {"queue", "all", NULL, "all of them are dumped"},
    {"status", "on", NULL, "it is always on"},
};

static enum options_result parse_dump(struct parse *p, const char *what, const char *items,
                                      struct dump_item *dump)
{
    struct keylist list = KEYLIST(what, NULL, dump_keys, p, dump);

    dump->max = NET_FRAME_MAX;
    return *items ? keylist_parse(&list, items) : OPTIONS_RUN;
}

enum options_result optnet_dump(struct parse *p, const char *items)
{
    struct dump_item dump = {0};
    enum options_result r = parse_dump(p, "-object filter-dump:", items, &dump);

    if (r != OPTIONS_RUN)
        return r;
    if (!dump.netdev || !dump.file)
        return opt_fail(p, "-object filter-dump: give netdev=NAME and file=FILE");
    return add_dump(p, dump.netdev, dump.file, dump.max);
}

SETTER(object)
{
    const char *rest, *type = keylist_first(p, value, &rest);

    if (!type)
        return opt_fail(p, "-object: the command line is too long");
    if (strncmp(type, "qom-type=", 9) == 0)
        type += 9;
    if (strcmp(type, "filter-dump") == 0)
        return optnet_dump(p, rest);
    if (strncmp(type, "filter-", 7) == 0)
        return opt_fail(p, "-object %s: of filters there is filter-dump", type);
    options_note(p->o, "object", value, NULL);
    return OPTIONS_RUN;
}

/* -net: at hub 0, but a card with netdev=. */
SETTER(net)
{
    const char *name, *rest;
    enum options_result r = cut_kind(p, value, &name, &rest);
    struct dump_item dump = {.file = "pagewalk.pcap"};
    const struct kind *kind;
    struct item item;

    if (r != OPTIONS_RUN)
        return r;
    if (strcmp(name, "none") == 0)
        return OPTIONS_RUN;
    if (strcmp(name, "dump") == 0) {
        r = parse_dump(p, "-net dump:", rest, &dump);
        return r == OPTIONS_RUN ? add_dump(p, NULL, dump.file, dump.max) : r;
    }
    if (strcmp(name, "nic") == 0) {
        item = new_item(p, NETDEV_NONE, value);
        r = parse_items(p, name, nic_keys, ARRAY_SIZE(nic_keys), rest, &item);
        item.nic.on_hub = !item.nic.netdev;
        return r == OPTIONS_RUN ? add_nic(p, &item.nic) : r;
    }
    kind = find_kind(name);
    if (!kind || !kind->keys || kind->kind == NETDEV_HUBPORT)
        return unknown_kind(p, name);
    item = new_item(p, kind->kind, value);
    r = parse_items(p, name, kind->keys, kind->count, rest, &item);
    if (r != OPTIONS_RUN)
        return r;
    item.dev.on_hub = true;
    name_dev(p, &item.dev);
    return add_dev(p, &item.dev);
}

/* -n SCRIPT and -tun-fd FD: an NE2000 on a tap interface. */
SETTER(n)
{
    NET->tun_script = value;
    return OPTIONS_RUN;
}

SETTER(tun_fd)
{
    NET->tun_fd = value;
    return OPTIONS_RUN;
}

enum options_result optnet_device(struct parse *p, const char *driver, const char *items)
{
    struct item item = new_item(p, NETDEV_NONE, driver);
    struct keylist list =
        KEYLIST(options_keepf(p->o, "-device %s:", driver), NULL, device_keys_pci, p, &item);
    enum options_result r;

    find_card(driver, &item.nic.card.card);
    item.nic.card_given = true;
    if (!cards[item.nic.card.card].pci) {
        list.keys = device_keys_isa;
        list.count = ARRAY_SIZE(device_keys_isa);
    }
    r = *items ? keylist_parse(&list, items) : OPTIONS_RUN;
    return r == OPTIONS_RUN ? add_nic(p, &item.nic) : r;
}

/* All together. */

static struct netdev_spec *find_dev(struct options *o, const char *id)
{
    for (unsigned i = 0; i < o->net.devs; i++)
        if (strcmp(o->net.dev[i].id, id) == 0)
            return &o->net.dev[i];
    return NULL;
}

static enum options_result take_dev(struct parse *p, const char *who, const char *id)
{
    struct netdev_spec *dev = find_dev(p->o, id);

    if (!dev)
        return opt_fail(p, "%s: there is no back end '%s'; give -netdev user,id=%s", who, id, id);
    if (dev->taken)
        return opt_fail(p, "%s: the back end '%s' has a card already", who, id);
    dev->taken = true;
    return OPTIONS_RUN;
}

static enum options_result resolve_2003(struct parse *p)
{
    struct item item;

    if (!NET->tun_script && !NET->tun_fd)
        return OPTIONS_RUN;
    p->name = NET->tun_fd ? "tun-fd" : "n";
    item = new_item(p, NETDEV_TAP, NET->tun_fd ? NET->tun_fd : NET->tun_script);
    item.dev.fd = NET->tun_fd;
    item.dev.script = NET->tun_fd ? NULL : NET->tun_script;
    name_dev(p, &item.dev);
    item.nic.netdev = item.dev.id;
    item.nic.card.card = NET_CARD_NE2K_ISA;
    item.nic.card_given = true;
    return add_dev(p, &item.dev) == OPTIONS_RUN ? add_nic(p, &item.nic) : OPTIONS_ERROR;
}

/* Models and addresses that were left to us. */
static void complete(struct options *o)
{
    static const u8 first[NET_MAC] = {0x52, 0x54, 0x00, 0x12, 0x34, 0x56};

    for (unsigned i = 0; i < o->net.nics; i++) {
        struct nic_option *nic = &o->net.nic[i];

        if (!nic->card_given)
            nic->card.card = o->isa_only ? NET_CARD_NE2K_ISA : NET_CARD_DEFAULT;
        if (nic->mac_given)
            continue;
        memcpy(nic->card.mac, first, NET_MAC);
        nic->card.mac[NET_MAC - 1] = (u8)(first[NET_MAC - 1] + i);
    }
}

enum options_result optnet_resolve(struct parse *p)
{
    if (resolve_2003(p) != OPTIONS_RUN)
        return OPTIONS_ERROR;
    complete(p->o);
    for (unsigned i = 0; i < NET->devs; i++) {
        const struct netdev_spec *dev = &NET->dev[i];

        if (dev->other && take_dev(p, dev->text, dev->other) != OPTIONS_RUN)
            return OPTIONS_ERROR;
    }
    for (unsigned i = 0; i < NET->nics; i++)
        if (NET->nic[i].netdev && take_dev(p, "a network card", NET->nic[i].netdev) != OPTIONS_RUN)
            return OPTIONS_ERROR;
    for (unsigned i = 0; i < NET->dumps; i++)
        if (NET->dump[i].netdev && !find_dev(p->o, NET->dump[i].netdev))
            return opt_fail(p, "-object filter-dump: there is no back end '%s'",
                            NET->dump[i].netdev);
    if (p->o->lockstep[0] && (NET->devs || NET->nics))
        return opt_fail(p, "-lockstep: two machines cannot share a network; leave it out");
    return OPTIONS_RUN;
}
