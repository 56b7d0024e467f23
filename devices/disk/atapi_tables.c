/* What an ATAPI CD-ROM drive answers in tables: table of contents, mode pages, features.
 *
 * Sources: T10 1228D (MMC-2), READ TOC/PMA/ATIP, MODE SENSE and its pages; T10 1363D (MMC-3), 5 for
 * features. */
#include <string.h>

#include "devices/disk/atapi.h"

#define DATA_TRACK  0x14 /* ADR 1, a data track without copy permission */
#define AUDIO_TRACK 0x10
#define DISC_XA     0x20 /* has sectors of mode 2 */
#define SPEED       4234 /* KB/s: 24 times an audio CD's */

static void put_address(u8 *p, bool msf, u32 lba)
{
    put_be32(p, lba);
    if (msf)
        put_msf(p + 1, lba);
}

u8 atapi_control(const struct cd_track *track)
{
    return track->mode == CD_AUDIO ? AUDIO_TRACK : DATA_TRACK;
}

const struct cd_track *atapi_first_of(const struct cd *cd, u32 session)
{
    const struct cd_track *track = cd->track;

    while (track->session < session)
        track++;
    return track;
}

u8 atapi_disc_type(const struct cd *cd, u32 session)
{
    for (u32 i = 0; i < cd->count; i++)
        if (cd->track[i].session == session && cd->track[i].mode == CD_MODE_2)
            return DISC_XA;
    return 0;
}

static const struct cd_track *last_of(const struct cd *cd, u32 session)
{
    const struct cd_track *track = &cd->track[cd->count - 1];

    while (track->session > session)
        track--;
    return track;
}

static u8 *toc_track(u8 *p, u8 control, u8 track, bool msf, u32 lba)
{
    p[0] = 0;
    p[1] = control;
    p[2] = track;
    p[3] = 0;
    put_address(p + 4, msf, lba);
    return p + 8;
}

/* Tracks from number `start` on, and the lead-out. NULL: no such track. */
static u8 *toc_tracks(u8 *p, const struct cd *cd, u8 start, bool msf)
{
    const struct cd_track *last = &cd->track[cd->count - 1];

    if (start > last->number && start != CD_LEAD_OUT)
        return NULL;
    for (u32 i = 0; i < cd->count; i++)
        if (cd->track[i].number >= start)
            p = toc_track(p, atapi_control(&cd->track[i]), cd->track[i].number, msf,
                          cd->track[i].start);
    return toc_track(p, atapi_control(last), CD_LEAD_OUT, msf, last->end);
}

/* One of the raw TOC's descriptors; p[-3..-1] are what the point says. */
static u8 *toc_raw(u8 *p, const struct cd_track *track, u8 point)
{
    memset(p, 0, 11);
    p[0] = track->session;
    p[1] = atapi_control(track);
    p[3] = point;
    return p + 11;
}

/* A session as its lead-in has it. */
static u8 *toc_session(u8 *p, const struct cd *cd, u32 session)
{
    const struct cd_track *first = atapi_first_of(cd, session), *last = last_of(cd, session);

    p = toc_raw(p, first, 0xa0);
    p[-3] = first->number;
    p[-2] = atapi_disc_type(cd, session);
    p = toc_raw(p, last, 0xa1);
    p[-3] = last->number;
    p = toc_raw(p, last, 0xa2);
    put_msf(p - 3, last->end);
    for (const struct cd_track *track = first; track <= last; track++) {
        p = toc_raw(p, track, track->number);
        put_msf(p - 3, track->start);
    }
    if (session == cd->sessions)
        return p;
    p = toc_raw(p, first, 0xb0); /* where the next one begins */
    p[-10] = 0x50 | (p[-10] & 0x0f);
    put_msf(p - 7, last->end + CD_SESSION_GAP);
    put_msf(p - 3, cd_lead_out(cd, cd->sessions));
    return p;
}

u32 atapi_toc(const struct ide_drive *drive, u8 *data)
{
    const u8 *packet = drive->atapi.packet;
    bool msf = packet[1] & 2;
    u8 format = packet[2] & 0x0f, start = packet[6], *p = data + 4;
    const struct cd_track *first;
    struct cd own;
    const struct cd *cd = atapi_disc(drive, &own);

    if (!format)
        format = packet[9] >> 6; /* as SFF-8020i has it */
    data[2] = 1;                 /* first and last session, or track */
    data[3] = (u8)cd->sessions;
    switch (format) {
    case 0: /* tracks */
        data[2] = cd->track[0].number;
        data[3] = cd->track[cd->count - 1].number;
        p = toc_tracks(p, cd, start, msf);
        if (!p)
            return 0;
        break;
    case 1: /* the last session */
        first = atapi_first_of(cd, cd->sessions);
        p = toc_track(p, atapi_control(first), first->number, msf, first->start);
        break;
    case 2: /* as on the disc */
        for (u32 session = 1; session <= cd->sessions; session++)
            if (session >= start)
                p = toc_session(p, cd, session);
        break;
    default: return 0;
    }
    put_be16(data, (u32)(p - data) - 2);
    return (u32)(p - data);
}

static u32 page_errors(const struct ide_drive *drive, u8 *p)
{
    (void)drive;
    p[3] = 5; /* retries */
    return 8;
}

static u32 page_parameters(const struct ide_drive *drive, u8 *p)
{
    (void)drive;
    put_be16(p + 4, 60); /* seconds a minute */
    put_be16(p + 6, 75); /* frames a second */
    return 8;
}

static u32 page_capabilities(const struct ide_drive *drive, u8 *p)
{
    p[6] = 0x29 | (drive->atapi.locked ? 2 : 0); /* a tray that opens and can be locked */
    put_be16(p + 8, SPEED);
    put_be16(p + 12, IDE_BUFFER / KIB);
    put_be16(p + 14, SPEED);
    return 20;
}

static const struct {
    u8 code;
    u32 (*fill)(const struct ide_drive *drive, u8 *p);
} pages[] = {{0x01, page_errors}, {0x0d, page_parameters}, {0x2a, page_capabilities}};

#define PAGE_ALL       0x3f
#define PAGE_MAX       20
#define MODE_HEADER    8
#define MODE_CHANGABLE 1 /* the page control that asks for a mask: nothing can be changed */

u32 atapi_mode_pages(const struct ide_drive *drive, u8 *data)
{
    u8 wanted = drive->atapi.packet[2] & 0x3f, control = drive->atapi.packet[2] >> 6;
    u8 *p = data + MODE_HEADER;

    memset(data, 0, MODE_HEADER + ARRAY_SIZE(pages) * PAGE_MAX);
    for (unsigned i = 0; i < ARRAY_SIZE(pages); i++) {
        u32 len;

        if (wanted != pages[i].code && wanted != PAGE_ALL)
            continue;
        len = pages[i].fill(drive, p);
        if (control == MODE_CHANGABLE)
            memset(p, 0, len);
        p[0] = pages[i].code;
        p[1] = (u8)(len - 2);
        p += len;
    }
    if (p == data + MODE_HEADER)
        return 0;
    put_be16(data, (u32)(p - data) - 2);
    /* Medium: data CD, no disc, door open. */
    data[2] = drive->atapi.open ? 0x71 : atapi_capacity(drive) ? 0x01 : 0x70;
    return (u32)(p - data);
}

#define FEATURE_PERSISTENT 0x02
#define FEATURE_CURRENT    0x01
#define PROFILE_CDROM      0x0008

static const struct {
    u16 code;
    bool with_disc; /* current only with a disc */
    u8 len, data[8];
} features[] = {
    {0x0000, false, 4, {PROFILE_CDROM >> 8, PROFILE_CDROM, 0, 0}}, /* profiles */
    {0x0001, false, 4, {0, 0, 0, 2}},                              /* core: ATAPI */
    {0x0002, false, 4, {0}},                                       /* morphing: by polling */
    {0x0003, false, 4, {0x29}},                     /* removable: a tray, ejects, locks */
    {0x0010, true, 8, {0, 0, 0x08, 0, 0, 1, 0, 0}}, /* random readable: 2048 bytes, one a block */
    {0x001e, true, 4, {0}},                         /* CD read */
};

#define REQUEST_CURRENT 1
#define REQUEST_ONE     2

u32 atapi_configuration(const struct ide_drive *drive, u8 *data)
{
    const u8 *packet = drive->atapi.packet;
    u8 request = packet[1] & 3, *p = data + 8;
    u16 start = get_be16(packet + 2);
    bool disc = atapi_capacity(drive);

    if (request == 3)
        return 0;
    for (unsigned i = 0; i < ARRAY_SIZE(features); i++) {
        bool current = disc || !features[i].with_disc;

        if (features[i].code < start || (request == REQUEST_ONE && features[i].code != start) ||
            (request == REQUEST_CURRENT && !current))
            continue;
        put_be16(p, features[i].code);
        p[2] = (features[i].with_disc ? 0 : FEATURE_PERSISTENT) | (current ? FEATURE_CURRENT : 0);
        p[3] = features[i].len;
        memcpy(p + 4, features[i].data, features[i].len);
        if (features[i].code == 0)
            p[6] = disc; /* the profile is current */
        p += 4 + features[i].len;
    }
    put_be32(data, (u32)(p - data) - 4);
    put_be32(data + 4, disc ? PROFILE_CDROM : 0);
    return (u32)(p - data);
}
