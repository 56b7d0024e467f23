/* Makes a machine the one that a file has. Everything is looked at before anything is changed. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "devices/board/pc_snapshot_file.h"
#include "devices/board/pc_state.h"

struct load {
    struct pc *pc;
    int fd;
    struct snapshot_header header;
    struct snapshot_stream stream;
    u8 *state; /* the sections */
    size_t state_len;
    u8 *data; /* SNAPSHOT_CHUNK bytes of a record */
    char *err;
    size_t err_len;
};

static int refuse(struct load *l, const char *why)
{
    snprintf(l->err, l->err_len, "%s", why);
    return -EINVAL;
}

static int refuse_error(struct load *l, int error)
{
    switch (error) {
    case -EBADMSG: return refuse(l, "it is no saved machine, or damaged or cut off");
    case -ENOTSUP: return refuse(l, "another version of Pagewalk has saved it");
    default: return refuse(l, strerror(-error));
    }
}

static int read_record(struct load *l, struct snapshot_record *record)
{
    u8 head[SNAPSHOT_RECORD];
    int r = snapshot_read(&l->stream, head, sizeof(head));

    *record =
        (struct snapshot_record){get32(head), get32(head + 4), get64(head + 8), get64(head + 16)};
    return r;
}

/* The sections, which come first. */
static int read_state(struct load *l)
{
    struct snapshot_record record;
    int r = read_record(l, &record);

    if (r < 0)
        return r;
    if (record.kind != SNAPSHOT_STATE || record.number || record.len > SNAPSHOT_SECTIONS)
        return -EBADMSG;
    l->state_len = record.len;
    l->state = malloc(record.len + 1);
    if (!l->state)
        return -ENOMEM;
    r = snapshot_read(&l->stream, l->state, record.len);
    if (r == 0 && crc32_z(0, l->state, record.len) != record.place)
        r = -EBADMSG;
    return r;
}

/* Memory is laid out as in this machine, and all of it is in the file. */
static int check_memory(const struct load *l)
{
    const struct snapshot_header *h = &l->header;
    const struct phys_piece *piece;
    unsigned n = 0;

    for (; (piece = snapshot_piece(&l->pc->phys, n)) != NULL; n++) {
        if (n == h->pieces || piece->pa != h->piece[n].pa || piece->size != h->piece[n].size)
            return -EBADMSG;
        if (!h->packed && (h->piece[n].at & PAGE_MASK || h->piece[n].at > h->size ||
                           piece->size > h->size - h->piece[n].at))
            return -EBADMSG;
    }
    return n == h->pieces ? 0 : -EBADMSG;
}

static int memory_record(struct load *l, const struct snapshot_record *record, bool apply)
{
    const struct phys_piece *piece = snapshot_piece(&l->pc->phys, record->number);

    if (!piece || !l->header.packed || record->place > piece->size ||
        record->len > piece->size - record->place)
        return -EBADMSG;
    if (apply)
        memcpy(l->pc->phys.mem.base + piece->offset + record->place, l->data, record->len);
    return 0;
}

static int disk_record(struct load *l, const struct snapshot_record *record, bool apply)
{
    struct block *block =
        record->number < PC_MEDIA ? pc_medium_overlay(l->pc, record->number) : NULL;
    u64 count = record->len / BLOCK_SECTOR;

    if (!block || record->len % BLOCK_SECTOR || record->place > block->sectors ||
        count > block->sectors - record->place)
        return -EBADMSG;
    return apply && count ? block->ops->write(block, record->place, l->data, (u32)count) : 0;
}

/* All records behind the sections; looked at only, or applied. */
static int walk_records(struct load *l, bool apply)
{
    struct snapshot_record record;
    int r;

    for (;;) {
        r = read_record(l, &record);
        if (r < 0 || record.kind == SNAPSHOT_END)
            return r;
        if (record.len > SNAPSHOT_CHUNK)
            return -EBADMSG;
        r = snapshot_read(&l->stream, l->data, record.len);
        if (r == 0 && record.kind == SNAPSHOT_MEMORY)
            r = memory_record(l, &record, apply);
        else if (r == 0 && record.kind == SNAPSHOT_DISK)
            r = disk_record(l, &record, apply);
        else if (r == 0)
            r = -EBADMSG;
        if (r < 0)
            return r;
    }
}

/* From the records' start to behind the sections. */
static int rewind_records(struct load *l)
{
    snapshot_read_end(&l->stream);
    free(l->state);
    l->state = NULL;
    snapshot_read_begin(&l->stream, l->fd, l->header.records, l->header.size, l->header.packed);
    return read_state(l);
}

/* The machine's parts by the sections; if these are impossible, by what the machine was before. */
static int apply_state(struct load *l)
{
    struct state before, load;
    char why[200];
    int r = 0;

    state_init_save(&before);
    pc_state(l->pc, &before);
    phys_changes(&l->pc->phys);
    state_init_load(&load, l->state, l->state_len);
    pc_state(l->pc, &load);
    if (before.failed) {
        r = refuse_error(l, -ENOMEM);
    } else if (state_wrong(&load, why, sizeof(why))) {
        struct state back;

        r = refuse(l, why);
        state_init_load(&back, before.data, before.len);
        pc_state(l->pc, &back);
    }
    state_free(&before);
    return r;
}

static int apply_memory(struct load *l)
{
    struct hostmem *mem = &l->pc->phys.mem;
    const struct phys_piece *piece;
    int r = 0;

    for (unsigned i = 0; (piece = snapshot_piece(&l->pc->phys, i)) != NULL && r == 0; i++)
        r = l->header.packed
                ? hostmem_zero(mem, piece->offset, piece->size)
                : hostmem_lend(mem, piece->offset, piece->size, l->fd, l->header.piece[i].at);
    return r;
}

static int apply_rest(struct load *l)
{
    int r = apply_memory(l);

    for (unsigned i = 0; i < PC_MEDIA && r == 0; i++)
        if (pc_medium_overlay(l->pc, i))
            r = pc_medium_overlay(l->pc, i)->ops->empty(pc_medium_overlay(l->pc, i));
    return r < 0 ? r : walk_records(l, true);
}

static int load(struct load *l)
{
    char why[200];
    int r = snapshot_header_read(l->fd, &l->header);

    if (r < 0)
        return refuse_error(l, r);
    l->data = malloc(SNAPSHOT_CHUNK);
    snapshot_read_begin(&l->stream, l->fd, l->header.records, l->header.size, l->header.packed);
    r = l->data ? read_state(l) : -ENOMEM;
    if (r < 0)
        return refuse_error(l, r);
    if (!pc_state_fits(l->pc, l->state, l->state_len, why, sizeof(why)))
        return refuse(l, why);
    r = check_memory(l);
    if (r == 0)
        r = walk_records(l, false);
    if (r == 0)
        r = rewind_records(l);
    if (r < 0)
        return refuse_error(l, r);
    r = apply_state(l);
    if (r < 0)
        return r;
    r = apply_rest(l);
    return r < 0 ? refuse_error(l, r) : 0;
}

int pc_snapshot_load(struct pc *pc, int fd, char *err, size_t err_len)
{
    struct load l = {.pc = pc, .fd = fd, .err = err, .err_len = err_len};
    bool stands = clock_is_paused(&pc->clock);
    int r;

    clock_pause(&pc->clock);
    clock_run(&pc->clock); /* a device's state is what it is behind a timer that is due */
    r = load(&l);
    if (!stands)
        clock_resume(&pc->clock);
    snapshot_read_end(&l.stream);
    free(l.state);
    free(l.data);
    return r;
}
