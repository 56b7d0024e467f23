/* The header of a saved machine's file. */
#include "devices/board/pc_snapshot_file.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

static const char magic[16] = "Pagewalk state\n";

enum {
    AT_VERSION = 16,
    AT_FLAGS = 20,
    AT_RECORDS = 24,
    AT_SIZE = 32,
    AT_SAVED = 40,
    AT_NS = 48,
    AT_INSNS = 56,
    AT_PIECES = 64,
    AT_PIECE = 72,
    PIECE = 24,
    AT_CRC = SNAPSHOT_PAGE - 4,
};
#define FLAG_PACKED 1u
_Static_assert(AT_PIECE + PHYS_PIECES * PIECE <= AT_CRC, "the header is one page");

static u32 crc_of(const u8 *page)
{
    return (u32)crc32(0, page, AT_CRC);
}

int snapshot_header_write(int fd, const struct snapshot_header *header)
{
    u8 page[SNAPSHOT_PAGE] = {0};

    memcpy(page, magic, sizeof(magic));
    put32(page + AT_VERSION, SNAPSHOT_VERSION);
    put32(page + AT_FLAGS, header->packed ? FLAG_PACKED : 0);
    put64(page + AT_RECORDS, header->records);
    put64(page + AT_SIZE, header->size);
    put64(page + AT_SAVED, header->saved_at);
    put64(page + AT_NS, header->ns);
    put64(page + AT_INSNS, header->insns);
    put32(page + AT_PIECES, header->pieces);
    for (unsigned i = 0; i < header->pieces; i++) {
        put64(page + AT_PIECE + i * PIECE, header->piece[i].pa);
        put64(page + AT_PIECE + i * PIECE + 8, header->piece[i].size);
        put64(page + AT_PIECE + i * PIECE + 16, header->piece[i].at);
    }
    put32(page + AT_CRC, crc_of(page));
    return snapshot_pwrite(fd, page, sizeof(page), 0);
}

int snapshot_header_read(int fd, struct snapshot_header *header)
{
    u8 page[SNAPSHOT_PAGE];
    struct stat st;
    int r = snapshot_pread(fd, page, sizeof(page), 0);

    if (r == 0 && fstat(fd, &st) < 0)
        r = -errno;
    if (r < 0)
        return r;
    if (memcmp(page, magic, sizeof(magic)) != 0)
        return -EBADMSG;
    if (get32(page + AT_VERSION) != SNAPSHOT_VERSION)
        return -ENOTSUP;
    *header = (struct snapshot_header){
        .packed = get32(page + AT_FLAGS) & FLAG_PACKED,
        .records = get64(page + AT_RECORDS),
        .size = get64(page + AT_SIZE),
        .saved_at = get64(page + AT_SAVED),
        .ns = get64(page + AT_NS),
        .insns = get64(page + AT_INSNS),
        .pieces = get32(page + AT_PIECES),
    };
    if (get32(page + AT_CRC) != crc_of(page) || header->pieces > PHYS_PIECES ||
        header->size != (u64)st.st_size || header->records > header->size)
        return -EBADMSG;
    for (unsigned i = 0; i < header->pieces; i++) {
        header->piece[i].pa = get64(page + AT_PIECE + i * PIECE);
        header->piece[i].size = get64(page + AT_PIECE + i * PIECE + 8);
        header->piece[i].at = get64(page + AT_PIECE + i * PIECE + 16);
    }
    return 0;
}

const struct phys_piece *snapshot_piece(const struct phys *phys, unsigned n)
{
    for (unsigned i = 0; i < phys->pieces; i++)
        if (phys->piece[i].pa != PHYS_NOWHERE && n-- == 0)
            return &phys->piece[i];
    return NULL;
}

int pc_snapshot_info(int fd, struct pc_snapshot_info *info)
{
    struct snapshot_header header;
    int r = snapshot_header_read(fd, &header);

    if (r < 0)
        return r;
    *info = (struct pc_snapshot_info){header.size, header.saved_at, header.ns, header.insns,
                                      header.packed};
    return 0;
}
