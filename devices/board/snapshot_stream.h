/* The bytes of a saved machine on their way to a file and back, as they are or compressed by zstd. */
#ifndef PAGEWALK_SNAPSHOT_STREAM_H
#define PAGEWALK_SNAPSHOT_STREAM_H

#include "mmu/host/base.h"

struct snapshot_stream {
    int fd;
    u64 at;                       /* in the file */
    u64 end;                      /* of the file, when reading */
    int error;                    /* -errno of the first failure; nothing is done after one */
    struct ZSTD_CCtx_s *packer;   /* NULL: as they are */
    struct ZSTD_DCtx_s *unpacker; /* likewise */
    bool quick, blind;            /* blind: packed without looking for much */
    u64 given, begun;             /* bytes that came since that was decided; where in the file */
    u64 unflushed;                /* bytes that came since the last flush */
    u8 *buffer;
    size_t held, taken; /* in buffer: bytes, and of those used */
};

/* Writing from `at` of the file on. */
void snapshot_write_begin(struct snapshot_stream *s, int fd, u64 at, bool packed);
void snapshot_write(struct snapshot_stream *s, const void *data, size_t len);
/* From here on packing is to cost little, more than its file is to be small. At the beginning. */
void snapshot_write_quick(struct snapshot_stream *s);
/* What was written so far can be read, whatever comes. */
void snapshot_write_flush(struct snapshot_stream *s);
/* What is left goes out. 0 or -errno of all there was. */
int snapshot_write_end(struct snapshot_stream *s);

/* Reading; there is no more than `end` bytes of file. */
void snapshot_read_begin(struct snapshot_stream *s, int fd, u64 at, u64 end, bool packed);
/* All of it or an error: -EBADMSG where the file is not what it should be. */
int snapshot_read(struct snapshot_stream *s, void *data, size_t len);
void snapshot_read_end(struct snapshot_stream *s);

/* All of it at that place of a file. 0 or -errno. */
int snapshot_pwrite(int fd, const void *data, size_t len, u64 at);
int snapshot_pread(int fd, void *data, size_t len, u64 at);

#endif
