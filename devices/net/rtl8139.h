/* Realtek RTL8139C+: a 100 Mbit card with a receive buffer and four transmit slots, and in C+ mode descriptor rings. */
#ifndef PAGEWALK_RTL8139_H
#define PAGEWALK_RTL8139_H

#include "devices/base/irq.h"
#include "devices/base/state.h"
#include "devices/net/microwire.h"
#include "devices/net/net.h"
#include "devices/pci/pci.h"
#include "mmu/phys.h"

#define RTL8139_REGISTERS 0x100u
#define RTL8139_MEMORY    PAGE_SIZE /* BAR 1: a whole page, of which the registers are the start */

/* What DTCCR dumps. */
struct rtl8139_tally {
    u64 tx_ok, rx_ok, tx_error, rx_physical, rx_broadcast;
    u32 rx_error, rx_multicast;
    u16 missed;
};

struct rtl8139 {
    struct net_port port;
    struct pci_device pci;
    struct phys *phys;
    void (*map_changed)(void *opaque); /* the board's: memory is elsewhere now */
    void *map_opaque;
    struct ioport_bus *ports;
    char tag[STATE_TAG_MAX + 1]; /* of its saved state */
    bool cplus;                  /* false: an RTL8139C, which has no C+ mode */
    bool line;
    bool busy; /* against DMA onto its own registers */

    u8 reg[RTL8139_REGISTERS];
    u16 eeprom[MICROWIRE_WORDS];
    struct microwire microwire;
    u64 counter_zero;     /* when TCTR was 0 */
    struct timer counter; /* armed for when it reaches TimerInt */
    struct timer
        retry; /* armed while frames wait for room: some drivers give buffers without a word */
    struct timer more; /* armed while descriptors wait for their turn */
    u64 full_since;    /* while retry is armed */
    u32 slot;          /* the transmit slot that is next */
    u32 tx_next[2]; /* C+: the descriptor that is next, in the rings of normal and high priority */
    u32 rx_next;    /* and in that for reception */
    struct rtl8139_tally tally;
    /* A frame that C+ descriptors gather: */
    bool gathering;
    u8 ring;        /* by which ring */
    u32 options[2]; /* its first descriptor's */
    u32 len;        /* bytes in frame[] */
    u8 frame[NET_FRAME_MAX];
    u8 segment[NET_FRAME_MAX];
};

void rtl8139_init(struct rtl8139 *r, struct pci_bus *bus, u8 devfn, struct ioport_bus *ports,
                  struct phys *phys, struct clock *clock, void (*map_changed)(void *opaque),
                  void *map_opaque, const u8 mac[NET_MAC], bool cplus);
void rtl8139_reset(struct rtl8139 *r);
void rtl8139_state(struct rtl8139 *r, struct state *state);

#endif
