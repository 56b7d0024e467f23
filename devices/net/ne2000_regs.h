/* The DP8390's registers, and what the NE2000's files share. */
#ifndef PAGEWALK_NE2000_REGS_H
#define PAGEWALK_NE2000_REGS_H

#include "devices/net/ne2000.h"

enum {
    CR_STP = 0x01,
    CR_STA = 0x02,
    CR_TXP = 0x04,
    CR_RD_READ = 0x08,
    CR_RD_WRITE = 0x10,
    CR_RD_SEND = 0x18,
    CR_RD_ABORT = 0x20, /* or with the others */
    CR_RD = 0x38,
    CR_PAGE = 0xc0,
};
enum {
    ISR_PRX = 0x01,
    ISR_PTX = 0x02,
    ISR_RXE = 0x04,
    ISR_TXE = 0x08,
    ISR_OVW = 0x10,
    ISR_CNT = 0x20,
    ISR_RDC = 0x40,
    ISR_RST = 0x80, /* a state, and no interrupt */
};
enum { DCR_WTS = 0x01, DCR_LS = 0x08 };
enum { TCR_CRC = 0x01, TCR_LB = 0x06 };
enum { TSR_PTX = 0x01, TSR_CRS = 0x10 };
enum { RCR_AB = 0x04, RCR_AM = 0x08, RCR_PRO = 0x10, RCR_MON = 0x20 };
enum { RSR_PRX = 0x01, RSR_MPA = 0x10, RSR_PHY = 0x20, RSR_DIS = 0x40 };
enum { TALLY_ALIGNMENT, TALLY_CRC, TALLY_MISSED };

extern const struct net_port_ops ne2000_port_ops;

void ne2000_update_irq(struct ne2000 *ne);
/* The frame that TPSR and TBCR name goes out when the cable has room; TXP stays until then. */
void ne2000_transmit(struct ne2000 *ne);
/* BNRY has moved: there is room for frames that wait. */
void ne2000_ring_moved(struct ne2000 *ne);
/* Frames may come again, or go by: PRX was cleared, or the chip stopped or changed its mode. */
void ne2000_resume(void *ne);
void ne2000_overflow(void *ne);

/* The card's own memory by remote DMA: one access of the data port. */
u32 ne2000_data_read(struct ne2000 *ne, unsigned size);
void ne2000_data_write(struct ne2000 *ne, u32 value, unsigned size);
extern const struct ioport_block_ops ne2000_data_block;

/* A byte at an address of the card's; what is not there reads as ones. */
u8 ne2000_load(const struct ne2000 *ne, u16 address);

#endif
