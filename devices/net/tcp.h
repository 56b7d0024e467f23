/* TCP's header (RFC 9293, 3.1), for cards and taps that cut streams into segments. */
#ifndef PAGEWALK_NET_TCP_H
#define PAGEWALK_NET_TCP_H

#include "mmu/host/base.h"

#define TCP_SEQUENCE 4  /* 32 bits, and behind it the acknowledgement */
#define TCP_OFFSET   12 /* the header's length, in the upper half, of 4 bytes */
#define TCP_FLAGS    13
#define TCP_SUM      16 /* 16 */
#define TCP_HEADER   20u

#define TCP_PSH     0x08
#define TCP_ACK     0x10
#define TCP_CWR     0x80
#define TCP_FIN_PSH 0x09

static inline u32 tcp_header_len(const u8 *tcp)
{
    return (tcp[TCP_OFFSET] >> 4) * 4u;
}

#endif
