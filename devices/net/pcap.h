/* Files of frames in tcpdump's format: written from a cable, and read to be played. */
#ifndef PAGEWALK_PCAP_H
#define PAGEWALK_PCAP_H

#include <stdio.h>

#include "devices/net/net.h"

#define PCAP_LEN_MAX 0x10000u /* of what is kept of a frame: tcpdump's word for all */

struct pcap;

/* Writes what passes at port from now on, at most `max` bytes of each frame, by the guest's clock. NULL with a one-line
 * reason. A file that can grow no more ends the dump with a line on stderr. */
struct pcap *pcap_open(const char *path, u32 max, struct net_port *port, char *err, size_t err_len);
void pcap_close(struct pcap *pcap); /* NULL is nothing */

/* Reads a file's header; 0, or -1 with the reason. *swapped: it is of the other byte order; *ns: times are in ns. */
int pcap_read_header(FILE *file, bool *swapped, bool *ns, char *err, size_t err_len);
/* The next frame into frame[NET_FRAME_MAX]: its length and its time. 0 at the end or where the file is damaged. */
size_t pcap_read_frame(FILE *file, bool swapped, bool ns, u8 *frame, u64 *when_ns);

#endif
