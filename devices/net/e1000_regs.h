/* The 82540EM's registers, and what its files share.
 *
 * Source: Intel "PCI/PCI-X Family of Gigabit Ethernet Controllers Software Developer's Manual" (317453), chapter 13. */
#ifndef PAGEWALK_E1000_REGS_H
#define PAGEWALK_E1000_REGS_H

#include "devices/net/e1000.h"

enum {
    CTRL = 0x0000,
    STATUS = 0x0008,
    EECD = 0x0010,
    EERD = 0x0014,
    MDIC = 0x0020,
    VET = 0x0038,
    ICR = 0x00c0,
    ITR = 0x00c4,
    ICS = 0x00c8,
    IMS = 0x00d0,
    IMC = 0x00d8,
    RCTL = 0x0100,
    TCTL = 0x0400,
    PBA = 0x1000,
    RDBAL = 0x2800,
    RDBAH = 0x2804,
    RDLEN = 0x2808,
    RDH = 0x2810,
    RDT = 0x2818,
    TDBAL = 0x3800,
    TDBAH = 0x3804,
    TDLEN = 0x3808,
    TDH = 0x3810,
    TDT = 0x3818,
    STATISTICS = 0x4000,
    GPRC = 0x4074,
    BPRC = 0x4078,
    MPRC = 0x407c,
    GPTC = 0x4080,
    GORCL = 0x4088,
    GOTCL = 0x4090,
    TORL = 0x40c0,
    TOTL = 0x40c8,
    TPR = 0x40d0,
    TPT = 0x40d4,
    STATISTICS_END = 0x4100,
    RXCSUM = 0x5000,
    MTA = 0x5200, /* 128 words */
    RAL = 0x5400, /* 16 pairs of RAL and RAH */
    VFTA = 0x5600,
};
#define ADDRESSES 16

#define CTRL_SLU     0x00000040u
#define CTRL_RST     0x04000000u
#define CTRL_VME     0x40000000u
#define CTRL_PHY_RST 0x80000000u
#define STATUS_FD    0x00000001u
#define STATUS_LU    0x00000002u
#define STATUS_1000  0x00000080u
#define RAH_VALID    0x80000000u

enum {
    INT_TXDW = 0x0001,
    INT_TXQE = 0x0002,
    INT_LSC = 0x0004,
    INT_RXDMT0 = 0x0010,
    INT_RXT0 = 0x0080,
    INT_MDAC = 0x0200,
};

#define E1000_DESCRIPTOR 16u

static inline u32 *e1000_reg(struct e1000 *e, unsigned at)
{
    return &e->reg[at / 4];
}

/* Sets causes, and the line as masks and throttle let it. */
void e1000_interrupt(struct e1000 *e, u32 causes);
void e1000_count(struct e1000 *e, unsigned frames, unsigned bytes, const u8 *frame, size_t len);

extern const struct net_port_ops e1000_port_ops;
void e1000_transmit(struct e1000 *e);
/* Whether the frame that is gathered, and its segments, have room in frame[]. */
bool e1000_frame_fits(const struct e1000 *e);
void e1000_link_changed(void *e, bool up);

/* The EEPROM and the PHY. */
void e1000_eeprom_init(struct e1000 *e, const u8 mac[NET_MAC]);
u32 e1000_eecd_read(const struct e1000 *e);
void e1000_eecd_write(struct e1000 *e, u32 value);
void e1000_eerd_write(struct e1000 *e, u32 value);
void e1000_phy_reset(struct e1000 *e);
void e1000_mdic_write(struct e1000 *e, u32 value);

#endif
