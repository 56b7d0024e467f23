/* Generic segmentation offload: TCP streams in frames of up to 64 KiB, as a tap passes them behind a virtio_net_hdr.
 *
 * A host's frame is cut into those that a wire carries, and such frames of a guest's are merged into one, so that a
 * stream costs a system call for 64 KiB. No card and no guest can tell. Source: virtio 1.1, 5.1.6. */
#ifndef PAGEWALK_NET_GSO_H
#define PAGEWALK_NET_GSO_H

#include <linux/virtio_net.h>

#include "devices/net/net.h"

/* A length of 16 bits in the IP header, and what stands before it. */
#define GSO_FRAME_MAX (128 + 0xffffu)

/* A frame of the host's and how far it has been cut. */
struct gso_split {
    u8 *frame;
    u32 len, at;        /* at: first byte that is not out; len: none is left */
    u32 ip, tcp, data;  /* where they begin */
    u32 size;           /* bytes of data in a segment; 0: the frame goes out in one piece */
    u32 sequence, sent; /* the stream's number of the first byte; segments that are out */
    u16 pseudo;         /* sum of the pseudo header without the length */
    u16 id;
    u8 flags;
    bool v6;
};

/* Takes a frame and its header; frame is changed as segments are made in it. Sums that the kernel has left open are put
 * in. False: the header cannot be true, and nothing comes of the frame. */
bool gso_split_begin(struct gso_split *split, const struct virtio_net_hdr *header, u8 *frame,
                     size_t len);
/* The next frame, valid until the next call; NULL: there is no more. */
const u8 *gso_split_next(struct gso_split *split, size_t *len);

/* Frames of one stream that follow each other. */
struct gso_merge {
    u32 len; /* of frame[]; 0: nothing is held */
    u32 tcp, data, size, segments;
    u32 next; /* the sequence number that would go on */
    bool v6, closed;
    u8 frame[GSO_FRAME_MAX];
};

/* Takes a frame that begins or goes on with a stream. False: it must go out by itself, behind what is held. */
bool gso_merge_add(struct gso_merge *merge, const u8 *frame, size_t len);
/* What is held, with its header, valid until the next call of gso_merge_add(); NULL: nothing. It is held no longer. */
const u8 *gso_merge_take(struct gso_merge *merge, struct virtio_net_hdr *header, size_t *len);

#endif
