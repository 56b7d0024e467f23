/* CDs of several tracks and sessions: what a .cue file says of the .bin files beside it. */
#ifndef PAGEWALK_BLOCK_CD_H
#define PAGEWALK_BLOCK_CD_H

#include "devices/block/format.h"

#define CD_RAW         2352u /* bytes of a sector with all its parts */
#define CD_DATA        2048u /* of one of mode 1, or of mode 2 and form 1 */
#define CD_TRACKS      99u
#define CD_SESSION_GAP 11400u /* sectors: lead-out, lead-in and pregap between two sessions */

enum cd_mode { CD_AUDIO, CD_MODE_1, CD_MODE_2 };

struct cd_track {
    u8 number, session;
    enum cd_mode mode;
    u32 first, start, end; /* sectors: of its pregap, of what the TOC names, behind its last one */
    u32 stored_from;       /* those before it are in no file: zeros */
    u32 stored_end;        /* and so are those from here on */
    u32 stored;            /* bytes of a sector in the file */
    struct file *file;
    u64 offset; /* in it, of sector stored_from */
};

struct cd {
    u32 count, sessions;
    struct cd_track track[CD_TRACKS]; /* in order, and so are their sessions */
};

/* The track that a sector belongs to; NULL: none, it lies between two sessions or behind the end. */
const struct cd_track *cd_track_of(const struct cd *cd, u32 sector);
/* Behind the last track of a session. */
u32 cd_lead_out(const struct cd *cd, u32 session);
/* What the file has of a sector, at its place in a raw one; zeros elsewhere. 0 or -errno. */
int cd_read_stored(const struct cd_track *track, u32 sector, u8 raw[CD_RAW]);
/* Where the data of CD_DATA bytes is in a raw sector of a data track. */
static inline u32 cd_data_at(enum cd_mode mode)
{
    return mode == CD_MODE_2 ? 24 : 16;
}

/* A name that ends in .cue. */
bool cue_is_name(const char *path);
/* The block's sectors are the data of the disc's; those of audio tracks cannot be read so. */
struct block *cue_open(struct file *file, const struct block_how *how, char *err, size_t err_len);

/* cue_parse.c: where things are in the files, as the text says. */
struct cue_track {
    struct cd_track cd; /* number, session, mode, stored */
    u32 file;           /* the number of its FILE line */
    i64 index0, index1; /* frames in that; -1: not given */
    u32 pregap, postgap;
};

struct cue {
    u32 files, count;
    char (*name)[256]; /* of the files, without folders */
    struct cue_track track[CD_TRACKS];
};

/* 0, or -1 with one line in err. The names are the caller's to free. */
int cue_parse(const char *path, char *text, struct cue *cue, char *err, size_t err_len);

#endif
