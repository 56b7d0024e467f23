/* Network cards and back ends, as the options give them. */
#ifndef PAGEWALK_OPTNET_OPTION_H
#define PAGEWALK_OPTNET_OPTION_H

#include "devices/board/pc_net.h"

#define OPT_DUMPS 8

/* A card. */
struct nic_option {
    struct net_card_config card; /* without peer; */
    bool card_given, mac_given;
    const char *id;
    const char *netdev; /* the back end's id; NULL: none by name */
    bool on_hub;        /* -net nic: at hub 0 */
    const char
        *romfile;    /* as it was given, then where it is; NULL: the default, then none; "": none */
    bool rom_legacy; /* rombar=0: it is put where -option-rom's are */
    int bootindex;   /* -1: not given */
};

struct net_options {
    struct netdev_spec dev[PC_NETDEVS];
    unsigned devs;
    struct nic_option nic[PC_NICS];
    unsigned nics;
    bool given;                      /* something about networks was said: no default */
    const char *tun_script, *tun_fd; /* -n, -tun-fd */
    struct {
        const char *netdev, *file; /* netdev NULL: hub 0's cable (-net dump) */
        u32 max;
    } dump[OPT_DUMPS];
    unsigned dumps;
};

#endif
