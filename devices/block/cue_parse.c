/* The text of a .cue file. Source: CDRWIN's user's guide, "Cuesheet commands"; REM SESSION is its successors'. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices/block/cd.h"

#define BLANKS " \t\r"
#define BOM    "\xef\xbb\xbf" /* before UTF-8, by editors of Windows */

struct parser {
    const char *path;
    struct cue *cue;
    u8 session;
    unsigned line;
    char *err;
    size_t err_len;
};

static int printf_like(2, 3) fail(struct parser *p, const char *fmt, ...)
{
    int n = snprintf(p->err, p->err_len, "'%s' line %u: ", p->path, p->line);
    va_list list;

    va_start(list, fmt);
    if (n >= 0 && (size_t)n < p->err_len)
        vsnprintf(p->err + n, p->err_len - (size_t)n, fmt, list);
    va_end(list);
    return -1;
}

/* The next word, or what is between quotation marks; *at is behind it afterwards. NULL: there is none. */
static char *word(char **at)
{
    char *from = *at + strspn(*at, BLANKS), *end;
    bool quoted = *from == '"';

    from += quoted;
    end = from + strcspn(from, quoted ? "\"" : BLANKS);
    if (end == from)
        return NULL;
    *at = end + (*end != '\0');
    *end = '\0';
    return from;
}

static bool is_word(const char *text, const char *name)
{
    for (; *text && toupper((unsigned char)*text) == *name; text++)
        name++;
    return !*text && !*name;
}

static bool number(const char *text, u32 max, u32 *to)
{
    char *end;
    unsigned long value =
        text && isdigit((unsigned char)*text) ? strtoul(text, &end, 10) : max + 1ul;

    *to = (u32)value;
    return value <= max && !*end;
}

/* mm:ss:ff, as frames. */
static bool frames(char *text, u32 *to)
{
    char *second = text ? strchr(text, ':') : NULL,
         *third = second ? strchr(second + 1, ':') : NULL;
    u32 m, s, f;

    if (!third)
        return false;
    *second = *third = '\0';
    if (!number(text, 99, &m) || !number(second + 1, 59, &s) || !number(third + 1, 74, &f))
        return false;
    *to = (m * 60 + s) * 75 + f;
    return true;
}

static struct cue_track *last(struct parser *p)
{
    return p->cue->count ? &p->cue->track[p->cue->count - 1] : NULL;
}

/* Only beside the .cue file: it may come from anywhere, and is not to name the host's other files. */
static int file_line(struct parser *p, char *at)
{
    char *name = word(&at), *kind = word(&at), *base = name;
    void *room;

    for (char *c = name; c && *c; c++)
        if (*c == '/' || *c == '\\')
            base = c + 1;
    if (!base || !*base || strlen(base) >= sizeof(*p->cue->name) || strcmp(base, "..") == 0)
        return fail(p, "FILE needs the name of a file");
    if (!kind || !is_word(kind, "BINARY"))
        return fail(p, "only BINARY files can be read");
    if (p->cue->files == CD_TRACKS)
        return fail(p, "more files than a disc has tracks");
    room = realloc(p->cue->name, (p->cue->files + 1) * sizeof(*p->cue->name));
    if (!room)
        return fail(p, "the host has no memory");
    p->cue->name = room;
    strcpy(p->cue->name[p->cue->files++], base);
    return 0;
}

static const struct {
    const char *name;
    enum cd_mode mode;
    u32 stored;
} modes[] = {
    {"AUDIO", CD_AUDIO, 2352},       {"CDG", CD_AUDIO, 2448},
    {"MODE1/2048", CD_MODE_1, 2048}, {"MODE1/2352", CD_MODE_1, 2352},
    {"MODE2/2048", CD_MODE_2, 2048}, {"MODE2/2336", CD_MODE_2, 2336},
    {"MODE2/2352", CD_MODE_2, 2352}, {"CDI/2336", CD_MODE_2, 2336},
    {"CDI/2352", CD_MODE_2, 2352},
};

static int track_line(struct parser *p, char *at)
{
    char *n = word(&at), *mode = word(&at);
    struct cue_track *before = last(p), track = {.index0 = -1, .index1 = -1};
    u32 value;
    unsigned i = 0;

    if (!p->cue->files)
        return fail(p, "TRACK before any FILE");
    if (!number(n, CD_TRACKS, &value) || !value || (before && value != before->cd.number + 1u))
        return fail(p, "tracks are numbered from 1 to 99, one after the other");
    if (p->session > (before ? before->cd.session : 0) + 1)
        return fail(p, "a session before this one has no track");
    if (before && before->index1 < 0)
        return fail(p, "track %u has no INDEX 01", before->cd.number);
    while (i < ARRAY_SIZE(modes) && !(mode && is_word(mode, modes[i].name)))
        i++;
    if (i == ARRAY_SIZE(modes))
        return fail(p, "no such kind of track");
    track.cd.number = (u8)value;
    track.cd.session = p->session;
    track.cd.mode = modes[i].mode;
    track.cd.stored = modes[i].stored;
    track.file = p->cue->files - 1;
    p->cue->track[p->cue->count++] = track;
    return 0;
}

static int index_line(struct parser *p, char *at)
{
    struct cue_track *track = last(p);
    char *n = word(&at), *time = word(&at);
    u32 which, value;

    if (!track || !number(n, 99, &which) || !frames(time, &value))
        return fail(p, "INDEX needs a track, a number, and a place as mm:ss:ff");
    if (which == 0)
        track->index0 = value;
    else if (which == 1)
        track->index1 = value;
    return 0;
}

static int gap_line(struct parser *p, char *at, bool post)
{
    struct cue_track *track = last(p);
    u32 value;

    if (!track || !frames(word(&at), &value))
        return fail(p, "a gap needs a track, and a length as mm:ss:ff");
    *(post ? &track->postgap : &track->pregap) = value;
    return 0;
}

static int session_line(struct parser *p, char *at)
{
    u32 value;

    if (!number(word(&at), CD_TRACKS, &value) || value < p->session || value > p->session + 1u)
        return fail(p, "sessions are numbered from 1 on, one after the other");
    p->session = (u8)value;
    return 0;
}

/* What only titles, catalogues and copy protection are for is passed over. */
static int parse_line(struct parser *p, char *at)
{
    char *command = word(&at), *what;

    if (!command)
        return 0;
    if (is_word(command, "FILE"))
        return file_line(p, at);
    if (is_word(command, "TRACK"))
        return track_line(p, at);
    if (is_word(command, "INDEX"))
        return index_line(p, at);
    if (is_word(command, "PREGAP") || is_word(command, "POSTGAP"))
        return gap_line(p, at, toupper((unsigned char)command[1]) == 'O');
    if (!is_word(command, "REM"))
        return 0;
    what = word(&at);
    return what && is_word(what, "SESSION") ? session_line(p, at) : 0;
}

int cue_parse(const char *path, char *text, struct cue *cue, char *err, size_t err_len)
{
    struct parser p = {.path = path, .cue = cue, .session = 1, .err = err, .err_len = err_len};
    char *next;

    *cue = (struct cue){0};
    if (strncmp(text, BOM, strlen(BOM)) == 0)
        text += strlen(BOM);
    for (; text; text = next) {
        next = strchr(text, '\n');
        if (next)
            *next++ = '\0';
        p.line++;
        if (parse_line(&p, text) < 0)
            return -1;
    }
    if (!cue->count || last(&p)->index1 < 0)
        return fail(&p, "%s", cue->count ? "the last track has no INDEX 01" : "there is no track");
    return 0;
}
