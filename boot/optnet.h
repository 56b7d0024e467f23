/* Network cards and back ends: -nic, -netdev, -net, -device for cards, -object filter-dump. */
#ifndef PAGEWALK_OPTNET_H
#define PAGEWALK_OPTNET_H

#include "boot/keylist.h"

/* "-device e1000,netdev=ID" and its kin. */
enum options_result optnet_device(struct parse *p, const char *driver, const char *items);
/* "-object filter-dump,...". */
enum options_result optnet_dump(struct parse *p, const char *items);
/* Finds each card's back end. */
enum options_result optnet_resolve(struct parse *p);

/* Finds the files of cards' boot ROMs, once the boot order is known. */
void optnet_find_roms(struct options *o);

/* Whether anything can enter the machine or leave it, or pass from card to card. */
bool optnet_has_cable(const struct net_options *net);

#endif
