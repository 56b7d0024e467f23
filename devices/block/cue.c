/* A .cue file and the files that it names as a disc: which sectors each track has, and where their bytes are.
 *
 * Sector 0 is where the first file begins; what a file has of a pregap (INDEX 00) counts, what PREGAP and POSTGAP say is
 * put in between, but before the first track, whose pregap lies before sector 0. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices/block/cd.h"

#define TEXT_MAX    (256u * KIB)
#define SECTORS_MAX (100u * 60 * 75 - 150) /* what minutes of two digits reach */

struct cue_block {
    struct block block;
    struct cd cd;
    struct file *text, **files;
    u32 count;
};

static struct cue_block *cue_of(struct block *block)
{
    return container_of(block, struct cue_block, block);
}

bool cue_is_name(const char *path)
{
    size_t len = strlen(path);

    return len > 4 && (strcmp(path + len - 4, ".cue") == 0 || strcmp(path + len - 4, ".CUE") == 0);
}

const struct cd_track *cd_track_of(const struct cd *cd, u32 sector)
{
    for (u32 i = 0; i < cd->count; i++)
        if (sector >= cd->track[i].first && sector < cd->track[i].end)
            return &cd->track[i];
    return NULL;
}

u32 cd_lead_out(const struct cd *cd, u32 session)
{
    u32 end = 0;

    for (u32 i = 0; i < cd->count; i++)
        if (cd->track[i].session <= session)
            end = cd->track[i].end;
    return end;
}

int cd_read_stored(const struct cd_track *track, u32 sector, u8 raw[CD_RAW])
{
    u32 at = track->stored == CD_DATA ? cd_data_at(track->mode) : track->stored == 2336 ? 16 : 0;
    u32 len = track->stored < CD_RAW ? track->stored : CD_RAW;

    memset(raw, 0, CD_RAW);
    if (sector < track->stored_from || sector >= track->stored_end)
        return 0;
    return file_read(track->file,
                     track->offset + (u64)(sector - track->stored_from) * track->stored, raw + at,
                     len);
}

static int cue_read(struct block *block, u64 sector, void *data, u32 count)
{
    const struct cd *cd = &cue_of(block)->cd;
    u8 raw[CD_RAW], *to = data;
    u32 n;

    for (; count; count -= n, sector += n, to += n * BLOCK_SECTOR) {
        u32 in = (u32)(sector % 4), lba = (u32)(sector / 4);
        const struct cd_track *track = cd_track_of(cd, lba);
        int r = track && track->mode != CD_AUDIO ? cd_read_stored(track, lba, raw) : -EIO;

        if (r < 0)
            return r;
        n = 4 - in < count ? 4 - in : count;
        memcpy(to, raw + cd_data_at(track->mode) + in * BLOCK_SECTOR, n * BLOCK_SECTOR);
    }
    return 0;
}

static void free_cue(struct cue_block *c)
{
    for (u32 i = 0; c->files && i < c->count; i++)
        file_close(c->files[i]);
    free(c->files);
    free(c);
}

static void cue_close(struct block *block)
{
    struct cue_block *c = cue_of(block);

    file_close(c->text);
    free_cue(c);
}

static const struct block_ops cue_ops = {.read = cue_read, .close = cue_close};

static bool is_last_of_file(const struct cue *cue, u32 i)
{
    return i + 1 == cue->count || cue->track[i + 1].file != cue->track[i].file;
}

/* Where a track begins in its file: one that is the first there takes all that is before it. */
static u32 begin_of(const struct cue *cue, u32 i)
{
    const struct cue_track *t = &cue->track[i];

    if (i == 0 || is_last_of_file(cue, i - 1))
        return 0;
    return (u32)(t->index0 >= 0 ? t->index0 : t->index1);
}

/* Sectors that the file has of a track; 0: it cannot be so. */
static u32 length_of(const struct cue *cue, u32 i, const struct cd_track *to)
{
    u32 begin = begin_of(cue, i), end;
    u64 rest = to->file->size > to->offset ? (to->file->size - to->offset) / to->stored : 0;

    if (!is_last_of_file(cue, i)) {
        end = begin_of(cue, i + 1);
        if (end <= begin || end - begin > rest)
            return 0;
        rest = end - begin;
    }
    return rest <= SECTORS_MAX && cue->track[i].index1 >= begin &&
                   cue->track[i].index1 - begin < (i64)rest
               ? (u32)rest
               : 0;
}

static int lay_out(struct cue_block *c, const struct cue *cue, char *err, size_t err_len)
{
    u32 at = 0;

    for (u32 i = 0; i < cue->count; i++) {
        const struct cue_track *from = &cue->track[i];
        struct cd_track *to = &c->cd.track[i], *before = i ? to - 1 : NULL;
        u32 begin = begin_of(cue, i), len;

        *to = from->cd;
        to->file = c->files[from->file];
        if (begin)
            to->offset =
                before->offset + (u64)(before->stored_end - before->stored_from) * before->stored;
        len = length_of(cue, i, to);
        if (!len) {
            snprintf(err, err_len, "'%s': track %u is not in '%s'", c->text->path, to->number,
                     to->file->path);
            return -EINVAL;
        }
        if (before && before->session != to->session)
            at += CD_SESSION_GAP;
        to->first = at;
        to->stored_from = at + (i ? from->pregap : 0);
        to->start = to->stored_from + (u32)from->index1 - begin;
        to->stored_end = to->stored_from + len;
        to->end = at = to->stored_end + from->postgap;
        if (at > SECTORS_MAX) {
            snprintf(err, err_len, "'%s': more than a disc of 100 minutes", c->text->path);
            return -EFBIG;
        }
    }
    c->cd.count = cue->count;
    c->cd.sessions = cue->track[cue->count - 1].cd.session;
    return 0;
}

/* The bytes of one file, opened and locked as an image is. */
static int open_files(struct cue_block *c, const struct cue *cue, unsigned flags, char *err,
                      size_t err_len)
{
    u64 stamp = file_stamp(c->text);
    char path[4096];

    c->files = calloc(cue->files, sizeof(*c->files));
    for (; c->files && c->count < cue->files; c->count++) {
        struct file *file = NULL;

        if (block_base_path(c->text->path, cue->name[c->count], path, sizeof(path)))
            file = file_open(path, (flags & BLOCK_NO_LOCK) | BLOCK_READ_ONLY, err, err_len);
        else
            snprintf(err, err_len, "'%s': the name of a file is too long", c->text->path);
        if (!file)
            return -EINVAL;
        c->files[c->count] = file;
        stamp = file_stamp_add(stamp, file_stamp(file));
    }
    if (!c->files) {
        snprintf(err, err_len, "the host has no memory for disc '%s'", c->text->path);
        return -ENOMEM;
    }
    c->text->origin = stamp;
    return 0;
}

static char *read_text(struct file *file, char *err, size_t err_len)
{
    char *text = file->size <= TEXT_MAX ? malloc(file->size + 1) : NULL;
    int r = text ? file_read(file, 0, text, file->size) : -EFBIG;

    if (r == 0) {
        text[file->size] = '\0';
        return text;
    }
    snprintf(err, err_len, "cannot read '%s': %s", file->path,
             r == -EFBIG ? "it is too large for a .cue file" : strerror(-r));
    free(text);
    return NULL;
}

struct block *cue_open(struct file *file, const struct block_how *how, char *err, size_t err_len)
{
    struct cue_block *c = calloc(1, sizeof(*c));
    struct cue cue = {0};
    char *text = NULL;
    int r = -1;

    if (!c) {
        snprintf(err, err_len, "the host has no memory for disc '%s'", file->path);
        return NULL;
    }
    c->text = file;
    text = read_text(file, err, err_len);
    if (text)
        r = cue_parse(file->path, text, &cue, err, err_len);
    if (r == 0)
        r = open_files(c, &cue, how->flags, err, err_len);
    if (r == 0)
        r = lay_out(c, &cue, err, err_len);
    free(cue.name);
    free(text);
    if (r < 0) {
        free_cue(c);
        return NULL;
    }
    c->block.ops = &cue_ops;
    c->block.read_only = true;
    c->block.cd = &c->cd;
    c->block.sectors = (u64)cd_lead_out(&c->cd, c->cd.sessions) * 4;
    return &c->block;
}
