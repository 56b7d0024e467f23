/* The keys of network cards and back ends. */
#ifndef PAGEWALK_OPTNET_KEYS_H
#define PAGEWALK_OPTNET_KEYS_H

#include "boot/keylist.h"

/* One option's items: a back end, a card, or both. */
struct optnet_item {
    struct netdev_spec dev;
    struct nic_option nic;
};

/* The back ends, with the keys of -netdev and of -nic; NULL: not there. */
#define OPTNET_KINDS 8
extern const struct optnet_kind {
    const char *name;
    enum netdev_kind kind;
    const struct key *keys, *nic_keys;
    size_t count, nic_count;
} optnet_kinds[OPTNET_KINDS];

const struct optnet_kind *optnet_find_kind(const char *name); /* NULL: there is none */
/* The file of its boot ROM, in a folder of optnet_rom.c; NULL: there is none. */
const char *optnet_card_rom(enum net_card card);
bool optnet_find_card(const char *name, enum net_card *card);
/* What -device takes for such a card. */
const struct key *optnet_device_keys(enum net_card card, size_t *count);

#endif
