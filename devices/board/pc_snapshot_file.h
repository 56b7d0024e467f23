/* The layout of a saved machine's file, for its writer and its reader. doc/formats.md describes it. */
#ifndef PAGEWALK_PC_SNAPSHOT_FILE_H
#define PAGEWALK_PC_SNAPSHOT_FILE_H

#include "devices/board/pc_board.h"
#include "devices/board/pc_snapshot.h"
#include "devices/board/snapshot_stream.h"

#define SNAPSHOT_VERSION  1
#define SNAPSHOT_PAGE     PAGE_SIZE  /* the header's size, and what memory is aligned to */
#define SNAPSHOT_SECTIONS (64 * MIB) /* of device state, at most */
#define SNAPSHOT_CHUNK    (64 * KIB) /* of a record of memory or of a disk, at most */

struct snapshot_header {
    bool packed;
    u64 records, size; /* where records begin; of the whole file */
    u64 saved_at, ns, insns;
    unsigned pieces;
    struct {
        u64 pa, size, at; /* at: in the file; 0 when packed */
    } piece[PHYS_PIECES];
};

/* -EBADMSG: it is no saved machine; -ENOTSUP: of another version. */
int snapshot_header_read(int fd, struct snapshot_header *header);
int snapshot_header_write(int fd, const struct snapshot_header *header);

/* Each record: kind, number (4 bytes each), place, length (8 bytes each), then as many bytes. */
enum snapshot_kind {
    SNAPSHOT_END,
    SNAPSHOT_STATE,  /* the sections; place is their CRC-32 */
    SNAPSHOT_MEMORY, /* of piece `number` at `place`; only when packed */
    SNAPSHOT_DISK,   /* of medium `number` from sector `place` on */
};
struct snapshot_record {
    u32 kind, number;
    u64 place, len;
};
#define SNAPSHOT_RECORD 24

/* The pieces of memory that are in the file, in order; the others are devices' own. NULL: there is no nth. */
const struct phys_piece *snapshot_piece(const struct phys *phys, unsigned n);

#endif
