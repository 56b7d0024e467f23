/* NE2000: a DP8390 with 16 KiB of RAM of its own, as an ISA card and, as RTL8029, on the PCI bus. */
#ifndef PAGEWALK_NE2000_H
#define PAGEWALK_NE2000_H

#include "devices/base/ioport.h"
#include "devices/base/irq.h"
#include "devices/base/state.h"
#include "devices/net/net.h"
#include "devices/pci/pci.h"

#define NE2000_PORTS  32
#define NE2000_RAM    0x4000u /* bytes, at NE2000_RAM_AT of the card's own addresses */
#define NE2000_RAM_AT 0x4000u
#define NE2000_PROM   32u
#define NE2000_FIFO   8u
#define NE2000_IOBASE 0x300
#define NE2000_IRQ    9

struct ne2000 {
    struct net_port port;
    struct ioport_bus *bus;
    struct irq irq;
    struct pci_device pci; /* only on the PCI bus */
    bool on_pci;
    char tag[STATE_TAG_MAX + 1]; /* of its saved state */
    struct timer overflow;       /* armed while a frame waits for room in the ring */
    struct timer resume;         /* armed while paused: no frame comes before it, or the driver */
    bool paused;
    u8 batch;        /* frames since then */
    u8 mac[NET_MAC]; /* the PROM's */

    u8 cr, isr, imr, dcr, rcr, tcr, rsr, tsr;
    u8 pstart, pstop, bnry, curr, tpsr;
    u16 tbcr, rsar, rbcr, clda;
    u8 par[NET_MAC], mar[8];
    u8 tally[3];          /* alignment, CRC, missed */
    u8 fifo[NE2000_FIFO]; /* of the last frame in loopback */
    u8 fifo_at;
    u8 ram[NE2000_RAM];
};

void ne2000_init_isa(struct ne2000 *ne, struct ioport_bus *bus, u16 iobase, struct irq irq,
                     struct clock *clock, const u8 mac[NET_MAC]);
void ne2000_init_pci(struct ne2000 *ne, struct pci_bus *bus, u8 devfn, struct ioport_bus *ports,
                     struct clock *clock, const u8 mac[NET_MAC]);
void ne2000_reset(struct ne2000 *ne);
void ne2000_state(struct ne2000 *ne, struct state *state);

#endif
