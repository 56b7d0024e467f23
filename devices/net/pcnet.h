/* AMD Am79C970A, the PCnet-PCI II: a LANCE on the PCI bus, with descriptors of 16 or 32 bits. */
#ifndef PAGEWALK_PCNET_H
#define PAGEWALK_PCNET_H

#include "devices/base/irq.h"
#include "devices/base/state.h"
#include "devices/net/net.h"
#include "devices/pci/pci.h"
#include "mmu/phys.h"

#define PCNET_PORTS  32u
#define PCNET_MEMORY PAGE_SIZE /* BAR 1: a whole page, of which the ports are the start */
#define PCNET_PROM   16u
#define PCNET_CSRS   128u
#define PCNET_BCRS   32u

struct pcnet {
    struct net_port port;
    struct pci_device pci;
    struct phys *phys;
    void (*map_changed)(void *opaque); /* the board's: memory is elsewhere now */
    void *map_opaque;
    struct ioport_bus *ports;
    char tag[STATE_TAG_MAX + 1]; /* of its saved state */
    bool line;
    bool busy; /* against DMA onto its own registers */

    u8 prom[PCNET_PROM];
    u16 csr[PCNET_CSRS], bcr[PCNET_BCRS];
    u16 rap;
    u32 rx_at, tx_at; /* the descriptors that are next */
    struct timer
        retry; /* armed while frames wait for descriptors: drivers give them without a word */
    struct timer more; /* armed while descriptors wait for their turn */
    u64 full_since;    /* while retry is armed */
    bool gathering;    /* a frame to be sent: */
    u32 len;           /* bytes in frame[] */
    u8 frame[NET_FRAME_MAX];
};

void pcnet_init(struct pcnet *p, struct pci_bus *bus, u8 devfn, struct ioport_bus *ports,
                struct phys *phys, struct clock *clock, void (*map_changed)(void *opaque),
                void *map_opaque, const u8 mac[NET_MAC]);
void pcnet_reset(struct pcnet *p);
void pcnet_state(struct pcnet *p, struct state *state);

#endif
