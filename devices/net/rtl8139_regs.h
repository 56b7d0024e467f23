/* The RTL8139C+'s registers, and what its files share.
 *
 * Source: Realtek RTL8139C+ data sheet 1.6, chapters 6 (registers) and 9 (C+ mode). */
#ifndef PAGEWALK_RTL8139_REGS_H
#define PAGEWALK_RTL8139_REGS_H

#include "devices/net/rtl8139.h"

enum {
    IDR = 0x00,     /* six bytes */
    MAR = 0x08,     /* eight */
    TSD = 0x10,     /* four of 32 bits; in C+ mode DTCCR, 64 */
    TSAD = 0x20,    /* four of 32; in C+ mode TNPDS and THPDS, 64 each */
    RBSTART = 0x30, /* 32 */
    CR = 0x37,
    CAPR = 0x38, /* 16 */
    CBR = 0x3a,  /* 16 */
    IMR = 0x3c,  /* 16 */
    ISR = 0x3e,  /* 16 */
    TCR = 0x40,  /* 32 */
    RCR = 0x44,  /* 32 */
    TCTR = 0x48, /* 32 */
    MPC = 0x4c,  /* 24 */
    EECR = 0x50, /* 9346CR */
    CONFIG0 = 0x51,
    CONFIG1 = 0x52,
    TIMER_INT = 0x54, /* 32 */
    MSR = 0x58,
    CONFIG3 = 0x59,
    CONFIG4 = 0x5a,
    MULINT = 0x5c, /* 16 */
    RERID = 0x5e,
    TSAD_ALL = 0x60, /* 16 */
    BMCR = 0x62,     /* 16 each, to ANER */
    BMSR = 0x64,
    ANAR = 0x66,
    ANLPAR = 0x68,
    ANER = 0x6a,
    CSCR = 0x74, /* 16 */
    CONFIG5 = 0xd8,
    TPPOLL = 0xd9,
    CPCR = 0xe0,  /* 16 */
    RDSAR = 0xe4, /* 64 */
    ETTHR = 0xec,
    CPLUS_FIRST = 0xd9,
};

#define CR_BUFE 0x01
#define CR_TE   0x04
#define CR_RE   0x08
#define CR_RST  0x10

enum {
    INT_ROK = 0x0001,
    INT_TOK = 0x0004,
    INT_TER = 0x0008,
    INT_RXOVW = 0x0010, /* C+: no descriptor (RDU) */
    INT_LINK = 0x0020,
    INT_FOVW = 0x0040,
    INT_TDU = 0x0080,
    INT_SW = 0x0100,
    INT_TIMEOUT = 0x4000,
};
#define INT_ALL 0xe1ffu

#define TSD_SIZE 0x00001fffu
#define TSD_OWN  0x00002000u
#define TSD_TOK  0x00008000u
#define TSD_KEPT 0x003f1fffu /* what the driver writes */

#define TCR_LOOPBACK 0x00060000u

#define RCR_AAP  0x01u
#define RCR_APM  0x02u
#define RCR_AM   0x04u
#define RCR_AB   0x08u
#define RCR_WRAP 0x80u /* a frame goes on behind the buffer's end */

#define CPCR_TX     0x0001u
#define CPCR_RX     0x0002u
#define CPCR_RXSUM  0x0020u
#define CPCR_RXVLAN 0x0040u

#define TPPOLL_SW   0x01
#define TPPOLL_LOW  0x40
#define TPPOLL_HIGH 0x80

/* C+ descriptors: two words of options, and an address of 64 bits. */
#define RTL_DESCRIPTOR  16u
#define RTL_DESCRIPTORS 64u /* at most, in a ring */
#define DESC_OWN        0x80000000u
#define DESC_EOR        0x40000000u
#define DESC_FS         0x20000000u
#define DESC_LS         0x10000000u

#define RTL_FCS 4u

static inline u16 rtl8139_16(const struct rtl8139 *r, u8 at)
{
    return get16(r->reg + at);
}

static inline u32 rtl8139_32(const struct rtl8139 *r, u8 at)
{
    return get32(r->reg + at);
}

void rtl8139_interrupt(struct rtl8139 *r, u16 causes);

extern const struct net_port_ops rtl8139_port_ops;
/* A frame that comes, or comes back. */
void rtl8139_receive(void *r, const u8 *frame, size_t len);
/* The receiver may have room: frames that wait are handed over. */
void rtl8139_room(struct rtl8139 *r);
/* Whether nothing is in the receive buffer. */
bool rtl8139_buffer_empty(const struct rtl8139 *r);

/* Sends what slots and rings have. */
void rtl8139_transmit(struct rtl8139 *r);
/* In C+ mode, and whether the transmitter is on. */
bool rtl8139_tx_rings(const struct rtl8139 *r);
bool rtl8139_rx_ring(const struct rtl8139 *r);
/* Sends the frame that is gathered, with what its descriptor's options ask for. */
void rtl8139_send_gathered(struct rtl8139 *r);
/* To the cable, or back to the receiver. */
void rtl8139_send(struct rtl8139 *r, const u8 *frame, u32 len);

#endif
