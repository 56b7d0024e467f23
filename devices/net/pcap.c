/* Files of frames in tcpdump's format: written from a cable, and read to be played.
 *
 * Format: IETF draft-ietf-opsawg-pcap, sections 4 and 5. */
#include "devices/net/pcap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mmu/host/be.h"

#define MAGIC         0xa1b2c3d4u /* times in microseconds */
#define MAGIC_NS      0xa1b23c4du
#define VERSION_MAJOR 2
#define VERSION_MINOR 4
#define LINK_ETHERNET 1
#define FILE_HEADER   24
#define FRAME_HEADER  16
#define NS_PER_S      1000000000ull

struct pcap {
    FILE *file;
    u32 max;
    struct net_port *port;
    struct net_tap tap;
};

static void write_frame(void *opaque, const u8 *frame, size_t len)
{
    struct pcap *pcap = opaque;
    u64 now = clock_now(pcap->port->clock);
    u32 kept = len < pcap->max ? (u32)len : pcap->max;
    u8 header[FRAME_HEADER];

    if (!pcap->file)
        return;
    put32(header, (u32)(now / NS_PER_S));
    put32(header + 4, (u32)(now % NS_PER_S / 1000));
    put32(header + 8, kept);
    put32(header + 12, (u32)len);
    if (fwrite(header, sizeof(header), 1, pcap->file) == 1 &&
        fwrite(frame, kept, 1, pcap->file) == 1)
        return;
    fprintf(stderr, "pagewalk: a dump of the network has ended: %s\n", strerror(errno));
    fclose(pcap->file);
    pcap->file = NULL;
}

struct pcap *pcap_open(const char *path, u32 max, struct net_port *port, char *err, size_t err_len)
{
    struct pcap *pcap = calloc(1, sizeof(*pcap));
    u8 header[FILE_HEADER] = {0};

    if (pcap)
        pcap->file = fopen(path, "wbe");
    if (!pcap || !pcap->file) {
        snprintf(err, err_len, "cannot write '%s': %s", path, strerror(errno));
        free(pcap);
        return NULL;
    }
    put32(header, MAGIC);
    put16(header + 4, VERSION_MAJOR);
    put16(header + 6, VERSION_MINOR);
    put32(header + 16, max);
    put32(header + 20, LINK_ETHERNET);
    fwrite(header, sizeof(header), 1, pcap->file);
    pcap->max = max;
    pcap->port = port;
    pcap->tap = (struct net_tap){write_frame, pcap, port->taps};
    port->taps = &pcap->tap;
    return pcap;
}

void pcap_close(struct pcap *pcap)
{
    struct net_tap **link;

    if (!pcap)
        return;
    for (link = &pcap->port->taps; *link != &pcap->tap; link = &(*link)->next)
        BUG_ON(!*link);
    *link = pcap->tap.next;
    if (pcap->file && fclose(pcap->file) != 0)
        fprintf(stderr, "pagewalk: a dump of the network is not whole: %s\n", strerror(errno));
    free(pcap);
}

static u32 field(const u8 *at, bool swapped)
{
    return swapped ? get_be32(at) : get32(at);
}

int pcap_read_header(FILE *file, bool *swapped, bool *ns, char *err, size_t err_len)
{
    u8 header[FILE_HEADER];
    u32 magic;

    if (fread(header, sizeof(header), 1, file) == 1) {
        magic = get32(header);
        *swapped = magic != MAGIC && magic != MAGIC_NS;
        magic = field(header, *swapped);
        *ns = magic == MAGIC_NS;
        if ((magic == MAGIC || magic == MAGIC_NS) &&
            (field(header + 20, *swapped) & 0xffff) == LINK_ETHERNET)
            return 0;
    }
    snprintf(err, err_len, "this is no file of Ethernet frames as tcpdump -w writes it");
    return -1;
}

size_t pcap_read_frame(FILE *file, bool swapped, bool ns, u8 *frame, u64 *when_ns)
{
    u8 header[FRAME_HEADER];
    u32 len;

    if (fread(header, sizeof(header), 1, file) != 1)
        return 0;
    len = field(header + 8, swapped);
    *when_ns =
        field(header, swapped) * NS_PER_S + (u64)field(header + 4, swapped) * (ns ? 1 : 1000);
    return len && len <= NET_FRAME_MAX && fread(frame, len, 1, file) == 1 ? len : 0;
}
