/* Network cards: which there are, and what each is told. */
#ifndef PAGEWALK_NET_CARD_H
#define PAGEWALK_NET_CARD_H

#include "devices/net/net.h"

enum net_card {
#define CARD(id, name, bus, rom, title) NET_CARD_##id,
#include "devices/net/card.def"
#undef CARD
    NET_CARDS
};
#define NET_CARD_DEFAULT NET_CARD_E1000 /* on a PCI bus */

struct net_card_config {
    enum net_card card;
    u8 mac[NET_MAC];
    u16 iobase; /* an ISA card's */
    u8 irq;
    bool no_cplus; /* an RTL8139C instead of an RTL8139C+ */
    u8 slot;       /* a PCI card's; 0: the next free one */
    u8 *rom;       /* a PCI card's boot ROM; see pci_rom_init(). NULL: none */
    u32 rom_len;
    struct net_port *peer; /* where its cable goes; NULL: none is plugged in */
};

#endif
