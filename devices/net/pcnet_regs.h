/* The Am79C970A's registers, and what its files share.
 *
 * Source: AMD Am79C970A data sheet (19436), "User accessible registers", "Initialization block", "Descriptors". */
#ifndef PAGEWALK_PCNET_REGS_H
#define PAGEWALK_PCNET_REGS_H

#include "devices/net/pcnet.h"

/* Control and status registers, and bus configuration registers. */
enum {
    CSR_STATUS = 0,
    CSR_BLOCK = 1, /* two: the initialization block's address */
    CSR_MASK = 3,
    CSR_FEATURES = 4,
    CSR_EXTENDED = 5,
    CSR_FILTER = 8, /* four */
    CSR_MAC = 12,   /* three */
    CSR_MODE = 15,
    CSR_RX_RING = 24, /* two */
    CSR_TX_RING = 30, /* two */
    CSR_STYLE = 58,
    CSR_RX_COUNTER = 72,
    CSR_TX_COUNTER = 74,
    CSR_RX_LEN = 76, /* negative */
    CSR_TX_LEN = 78,
    CSR_CHIP = 88, /* two */
    CSR_MISSED = 112,
};
enum {
    BCR_MISCELLANEOUS = 2,
    BCR_LED0 = 4,
    BCR_BUS = 18,
    BCR_EEPROM = 19,
    BCR_STYLE = 20,
};

/* CSR0. */
enum {
    S_ERR = 0x8000,
    S_BABL = 0x4000,
    S_CERR = 0x2000,
    S_MISS = 0x1000,
    S_MERR = 0x0800,
    S_RINT = 0x0400,
    S_TINT = 0x0200,
    S_IDON = 0x0100,
    S_INTR = 0x0080,
    S_IENA = 0x0040,
    S_RXON = 0x0020,
    S_TXON = 0x0010,
    S_TDMD = 0x0008,
    S_STOP = 0x0004,
    S_STRT = 0x0002,
    S_INIT = 0x0001,
};
#define S_CAUSES (S_BABL | S_CERR | S_MISS | S_MERR | S_RINT | S_TINT | S_IDON)

#define FEATURE_TXSTRT  0x0008 /* CSR4: a frame is on its way */
#define FEATURE_CAUSES  0x022a /* each with its mask in the bit below */
#define EXTENDED_NOTINT 0x8000 /* CSR5: only errors interrupt behind a frame, */
#define EXTENDED_LTINT  0x4000 /* or only descriptors that ask for it */

/* CSR15. */
#define MODE_PROM    0x8000
#define MODE_NOBCAST 0x4000
#define MODE_NOPHYS  0x2000
#define MODE_NOFCS   0x0008
#define MODE_LOOP    0x0004
#define MODE_DTX     0x0002
#define MODE_DRX     0x0001

/* Descriptors: the second word's upper half, as 32-bit ones have it. */
#define DESC_OWN     0x80000000u
#define DESC_ERR     0x40000000u
#define DESC_ADD_FCS 0x20000000u
#define DESC_LTINT   0x10000000u
#define DESC_STP     0x02000000u
#define DESC_ENP     0x01000000u
#define DESC_BCNT    0x0fffu /* negative */

#define PCNET_FCS 4u

/* A descriptor, whichever form it has in memory. */
struct pcnet_desc {
    u32 address, word, status; /* status: of reception the length */
};

static inline unsigned pcnet_style(const struct pcnet *p)
{
    return p->bcr[BCR_STYLE] & 0xff;
}

/* One's bytes, and those of a ring. */
static inline u32 pcnet_ring_len(const struct pcnet *p, unsigned csr)
{
    return (u16)-p->csr[csr] ? (u16)-p->csr[csr] : 0x10000;
}

static inline u32 pcnet_buffer_len(const struct pcnet_desc *d)
{
    return 0x1000 - (d->word & DESC_BCNT);
}

/* Descriptor n of the ring at the address in csr. */
void pcnet_read_desc(const struct pcnet *p, unsigned csr, u32 n, struct pcnet_desc *d);
void pcnet_write_desc(const struct pcnet *p, unsigned csr, u32 n, const struct pcnet_desc *d);

void pcnet_interrupt(struct pcnet *p, u16 causes);
/* Reads the initialization block. */
void pcnet_load_block(struct pcnet *p);

extern const struct net_port_ops pcnet_port_ops;
void pcnet_receive(void *p, const u8 *frame, size_t len);
/* There may be room for frames that wait. */
void pcnet_room(struct pcnet *p);
void pcnet_transmit(struct pcnet *p);

#endif
