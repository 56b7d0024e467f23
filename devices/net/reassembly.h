/* Reassembly of IPv4 datagrams, for a back end that is not to see fragments.
 *
 * Memory is bounded: of datagrams that are not whole there are a few, and the oldest makes room. */
#ifndef PAGEWALK_NET_REASSEMBLY_H
#define PAGEWALK_NET_REASSEMBLY_H

#include "devices/net/net.h"

#define REASSEMBLY_SLOTS 8
#define REASSEMBLY_NS    30000000000ull /* so long a datagram's fragments are waited for */
#define REASSEMBLY_UNIT  8u             /* offsets count these bytes */

struct reassembly {
    struct reassembly_slot {
        u8 *frame; /* room for the longest; kept when the slot is free */
        bool taken;
        u8 key[11]; /* source, destination, identification, protocol */
        u64 since_ns;
        u32 header; /* the first fragment's; 0: it has not come */
        u32 total;  /* of the payload; 0: the last fragment has not come */
        u32 high;   /* where the furthest fragment ends */
        u32 units;  /* that have come, */
        u64 have[0x10000 / REASSEMBLY_UNIT / 64]; /* and which */
    } slot[REASSEMBLY_SLOTS];
};

/* Takes an IPv4 fragment. Returns the datagram's frame when it is whole by that, without what padded the fragments; it is good
 * until the next call. NULL: it is not yet, or the fragment was wrong, or there is no memory. */
const u8 *reassembly_add(struct reassembly *r, const u8 *frame, size_t len, u64 now_ns,
                         size_t *whole);
void reassembly_free(struct reassembly *r);

#endif
