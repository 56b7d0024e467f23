/* Intel 82540EM, the PRO/1000 MT: a gigabit card with descriptor rings, checksum offload and segmentation. */
#ifndef PAGEWALK_E1000_H
#define PAGEWALK_E1000_H

#include "devices/base/irq.h"
#include "devices/base/state.h"
#include "devices/net/microwire.h"
#include "devices/net/net.h"
#include "devices/pci/pci.h"
#include "mmu/phys.h"

#define E1000_BAR                                                                                  \
    0x20000u /* bytes of registers; those that there are lie in the first E1000_REGISTERS */
#define E1000_REGISTERS 0x6000u
#define E1000_EEPROM    MICROWIRE_WORDS
#define E1000_PHY       32u
#define E1000_HEADER    256u

/* What the last context descriptor has said. (8254x manual, 3.3.6) */
struct e1000_context {
    u8 ipcss, ipcso, tucss, tucso, header_len, command;
    u16 ipcse, tucse, mss;
};

struct e1000 {
    struct net_port port;
    struct pci_device pci;
    struct phys *phys;
    void (*map_changed)(void *opaque); /* the board's: memory is elsewhere now */
    void *map_opaque;
    struct ioport_bus *ports;
    char tag[STATE_TAG_MAX + 1]; /* of its saved state */

    u32 reg[E1000_REGISTERS / 4];
    u32 io_address; /* BAR 1's */
    u16 eeprom[E1000_EEPROM];
    u16 phy[E1000_PHY];
    struct microwire microwire;
    struct timer throttle; /* armed while ITR keeps the interrupt down */
    struct timer more;     /* armed while descriptors wait for their turn */
    bool line;

    bool transmitting; /* against DMA onto its own registers */
    struct e1000_context context;
    u8 options; /* POPTS of the frame at hand */
    bool segmented;
    u16 vlan;
    bool has_vlan;
    u32 segments; /* of the frame at hand that are out */
    u32 len;      /* bytes in frame[] */
    u8 header[E1000_HEADER];
    u8 frame[NET_FRAME_MAX];
    u8 stripped[NET_FRAME_MAX]; /* a received frame without its VLAN tag */
};

void e1000_init(struct e1000 *e, struct pci_bus *bus, u8 devfn, struct ioport_bus *ports,
                struct phys *phys, struct clock *clock, void (*map_changed)(void *opaque),
                void *map_opaque, const u8 mac[NET_MAC]);
void e1000_reset(struct e1000 *e);
void e1000_state(struct e1000 *e, struct state *state);

#endif
