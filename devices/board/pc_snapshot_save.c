/* Writes a machine to a file: memory where it can be mapped from, or compressed among the records, without its zeros. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "devices/board/pc_snapshot_file.h"
#include "devices/board/pc_state.h"

static void write_record(struct snapshot_stream *s, enum snapshot_kind kind, u32 number, u64 place,
                         const void *data, u64 len)
{
    u8 head[SNAPSHOT_RECORD];

    put32(head, kind);
    put32(head + 4, number);
    put64(head + 8, place);
    put64(head + 16, len);
    snapshot_write(s, head, sizeof(head));
    snapshot_write(s, data, len);
}

static bool is_zero(const u8 *page)
{
    return get64(page) == 0 && memcmp(page, page + 8, PAGE_SIZE - 8) == 0;
}

/* Where pages of one piece go. */
struct run {
    struct snapshot_stream *s; /* packed: records go there; NULL: to the file's place `at` */
    int fd, error;
    unsigned number;
    u64 at;
};

static void put_run(struct run *run, const u8 *memory, u64 from, u64 end)
{
    while (from < end && !run->error) {
        u64 n = end - from;

        if (run->s) {
            if (n > SNAPSHOT_CHUNK)
                n = SNAPSHOT_CHUNK;
            write_record(run->s, SNAPSHOT_MEMORY, run->number, from, memory + from, n);
        } else {
            run->error = snapshot_pwrite(run->fd, memory + from, n, run->at + from);
        }
        from += n;
    }
}

/* What was never touched is not even looked at. */
static void put_piece(struct run *run, const struct hostmem *mem, const struct phys_piece *piece)
{
    const u8 *memory = mem->base + piece->offset;

    for (u64 at = 0, end; at < piece->size; at = end) {
        bool data;
        u64 from = at;

        end = at + hostmem_extent(mem, piece->offset + at, piece->size - at, &data);
        for (; data && at < end; at += PAGE_SIZE) {
            if (!is_zero(memory + at))
                continue;
            put_run(run, memory, from, at);
            from = at + PAGE_SIZE;
        }
        if (data)
            put_run(run, memory, from, end);
    }
}

/* Memory of an unpacked file, each piece on a page's border; header->size is where it ends. */
static int put_memory(struct pc *pc, int fd, struct snapshot_header *header)
{
    const struct phys_piece *piece;

    header->size = SNAPSHOT_PAGE;
    for (unsigned i = 0; (piece = snapshot_piece(&pc->phys, i)) != NULL; i++) {
        struct run run = {.fd = fd, .at = header->size};

        header->piece[i].pa = piece->pa;
        header->piece[i].size = piece->size;
        header->piece[i].at = header->packed ? 0 : header->size;
        header->pieces = i + 1;
        if (header->packed)
            continue;
        put_piece(&run, &pc->phys.mem, piece);
        if (run.error)
            return run.error;
        header->size += piece->size;
    }
    return 0;
}

static void put_state(struct pc *pc, struct snapshot_stream *s)
{
    struct state state;

    state_init_save(&state);
    pc_state(pc, &state);
    if (state.failed && !s->error)
        s->error = -ENOMEM;
    write_record(s, SNAPSHOT_STATE, 0, crc32_z(0, state.data, state.len), state.data, state.len);
    state_free(&state);
}

static void put_packed_memory(struct pc *pc, struct snapshot_stream *s)
{
    const struct phys_piece *piece;

    for (unsigned i = 0; (piece = snapshot_piece(&pc->phys, i)) != NULL; i++) {
        struct run run = {.s = s, .number = i};

        put_piece(&run, &pc->phys.mem, piece);
    }
}

/* What -snapshot keeps apart. */
static void put_disk(struct snapshot_stream *s, unsigned number, struct block *block)
{
    static const u64 most = SNAPSHOT_CHUNK / BLOCK_SECTOR;
    u8 data[SNAPSHOT_CHUNK];

    for (u64 at = 0; at < block->sectors && !s->error;) {
        struct block_extent extent;
        u64 count;
        int r = block_map(block, at, block->sectors - at, &extent);

        count = extent.kind == BLOCK_ABSENT || extent.count < most ? extent.count : most;
        if (r == 0 && extent.kind != BLOCK_ABSENT) {
            r = block->ops->read(block, at, data, (u32)count);
            write_record(s, SNAPSHOT_DISK, number, at, data, count * BLOCK_SECTOR);
        }
        if (r < 0 && !s->error)
            s->error = r;
        at += count;
    }
}

static int save(struct pc *pc, int fd, struct snapshot_header *header)
{
    struct snapshot_stream s;
    int r = put_memory(pc, fd, header);

    if (r < 0)
        return r;
    header->records = header->size;
    snapshot_write_begin(&s, fd, header->records, header->packed);
    put_state(pc, &s);
    if (header->packed)
        put_packed_memory(pc, &s);
    for (unsigned i = 0; i < PC_MEDIA; i++)
        if (pc_medium_overlay(pc, i))
            put_disk(&s, i, pc_medium_overlay(pc, i));
    write_record(&s, SNAPSHOT_END, 0, 0, NULL, 0);
    r = snapshot_write_end(&s);
    header->size = s.at;
    if (r == 0 && ftruncate(fd, (off_t)header->size) < 0)
        r = -errno;
    return r < 0 ? r : snapshot_header_write(fd, header);
}

/* A disk's request that waits for its host is not in the state. */
static const char *not_now(struct pc *pc)
{
    if (pc->pause.on)
        return "a disk's request waits for the host";
    if (history_is_behind(pc)) /* its disks are not */
        return "it is in its past; let it go on first";
    for (unsigned i = 0; i < PC_MEDIA; i++) {
        const struct block *block = pc_medium(pc, i);

        if (block && block->unpacked && !block->read_only && !pc_medium_overlay(pc, i))
            return "what is written to a compressed disk image is gone at the end; give -snapshot";
    }
    return NULL;
}

int pc_snapshot_save(struct pc *pc, int fd, bool packed, char *err, size_t err_len)
{
    struct snapshot_header header = {
        .packed = packed,
        .saved_at = (u64)time(NULL),
        .ns = clock_now(&pc->clock),
        .insns = cpu_insns(pc->cpu),
    };
    const char *reason = not_now(pc);
    bool stands = clock_is_paused(&pc->clock);
    int r;

    clock_pause(&pc->clock);
    clock_run(&pc->clock); /* a device's state is what it is behind a timer that is due */
    r = reason ? -EBUSY : save(pc, fd, &header);
    if (!stands)
        clock_resume(&pc->clock);
    if (r < 0)
        snprintf(err, err_len, "the machine cannot be saved: %s", reason ? reason : strerror(-r));
    return r;
}
