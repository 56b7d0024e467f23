/* IPv6's header (RFC 8200, 3), as far as a TCP stream without extension headers needs it. */
#ifndef PAGEWALK_NET_IPV6_H
#define PAGEWALK_NET_IPV6_H

#define IPV6_LENGTH 4 /* 16 bits, of what follows the header */
#define IPV6_NEXT   6 /* 8 */
#define IPV6_SOURCE 8 /* 128, and behind it the destination */
#define IPV6_HEADER 40u

#endif
