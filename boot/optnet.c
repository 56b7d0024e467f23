/* Network cards and back ends: -nic, -netdev, -net, -device for cards, -object filter-dump.
 *
 * -nic is a card with a back end of its own; -netdev is a back end that -device or -net nic names; -net is a card or a back
 * end at hub 0. Without any of them there is a card on a user network. Source: QEMU's manual, "Network options". */
#include "boot/optnet.h"

#include <stdlib.h>
#include <string.h>

#include "boot/optnet_keys.h"
#include "boot/optvalue.h"
#include "devices/net/ne2000.h"
#include "devices/net/pcap.h"

#define NET (&p->o->net)

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
    for (unsigned i = 0; i < OPTNET_KINDS; i++)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s\n", optnet_kinds[i].name);
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
                                       size_t count, const char *text, struct optnet_item *item)
{
    struct keylist list = {.what = options_keepf(p->o, "-%s %s:", p->name, name),
                           .keys = keys,
                           .count = count,
                           .p = p,
                           .opaque = item};

    return *text ? keylist_parse(&list, text) : OPTIONS_RUN;
}

static struct optnet_item new_item(struct parse *p, enum netdev_kind kind, const char *value)
{
    NET->given = true;
    return (struct optnet_item){
        .dev = {.kind = kind, .text = options_keepf(p->o, "-%s %s", p->name, value)},
        .nic = {.bootindex = -1, .card = {.iobase = NE2000_IOBASE, .irq = NE2000_IRQ}},
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
    const struct optnet_kind *kind;
    struct optnet_item item;

    if (r != OPTIONS_RUN)
        return r;
    kind = optnet_find_kind(name);
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
    const struct optnet_kind *kind;
    struct optnet_item item;

    if (r != OPTIONS_RUN)
        return r;
    if (strchr(name, '=')) { /* "model=help" */
        name = "user";
        rest = value;
    }
    kind = optnet_find_kind(name);
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

    if (!value_number(value, 1, PCAP_LEN_MAX, &n))
        return keylist_fail(list, value, "give a number of bytes, up to %u", PCAP_LEN_MAX);
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

    dump->max = PCAP_LEN_MAX;
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
    const struct optnet_kind *kind;
    struct optnet_item item;

    NET->given = true; /* none and dump make no item */
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
        kind = optnet_find_kind("none"); /* a card alone */
        r = parse_items(p, name, kind->nic_keys, kind->nic_count, rest, &item);
        item.nic.on_hub = !item.nic.netdev;
        return r == OPTIONS_RUN ? add_nic(p, &item.nic) : r;
    }
    kind = optnet_find_kind(name);
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

/* Of QEMU's default devices that it takes away, only the network card is one here. */
SETTER(nodefaults)
{
    (void)value;
    NET->given = true;
    return OPTIONS_RUN;
}

enum options_result optnet_device(struct parse *p, const char *driver, const char *items)
{
    struct optnet_item item = new_item(p, NETDEV_NONE, driver);
    struct keylist list = {
        .what = options_keepf(p->o, "-device %s:", driver), .p = p, .opaque = &item};
    enum options_result r;

    optnet_find_card(driver, &item.nic.card.card);
    item.nic.card_given = true;
    list.keys = optnet_device_keys(item.nic.card.card, &list.count);
    r = *items ? keylist_parse(&list, items) : OPTIONS_RUN;
    return r == OPTIONS_RUN ? add_nic(p, &item.nic) : r;
}

/* All together. */

bool optnet_has_cable(const struct net_options *net)
{
    for (unsigned i = 0; i < net->nics; i++)
        if (net->nic[i].on_hub)
            return true;
    return net->devs > 0;
}

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
    struct optnet_item item;

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

/* A machine whose time is its instructions is to be the same each time, which none with a live network is: there the card's
 * cable leads nowhere. */
static enum options_result add_default(struct parse *p)
{
    const struct options *o = p->o;
    bool same = o->clock == CLOCK_INSN || o->lockstep[0] || o->reverse || o->record || o->replay;
    struct optnet_item item;

    if (NET->given)
        return OPTIONS_RUN;
    p->name = "nic";
    item = new_item(p, NETDEV_USER, "user");
    if (same || !netdev_user_version())
        return add_nic(p, &item.nic);
    name_dev(p, &item.dev);
    item.nic.netdev = item.dev.id;
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
    if (resolve_2003(p) != OPTIONS_RUN || add_default(p) != OPTIONS_RUN)
        return OPTIONS_ERROR;
    complete(p->o);
    optnet_find_roms(p->o);
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
    if (p->o->lockstep[0] && optnet_has_cable(NET))
        return opt_fail(p, "-lockstep: two machines cannot share a network; leave it out");
    return OPTIONS_RUN;
}
