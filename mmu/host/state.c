/* Saved state: sections of a tag, a length, a version and the fields' bytes. */
#include "mmu/host/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A section: STATE_TAG_MAX + 1 bytes of tag, padded with zeros, four of length, two each of version and flags, the
 * fields. */
#define TAG_LEN    (STATE_TAG_MAX + 1)
#define AT_LENGTH  TAG_LEN
#define AT_VERSION (AT_LENGTH + 4)
#define AT_FLAGS   (AT_VERSION + 2)
#define HEADER_LEN (AT_FLAGS + 2)

#define FLAG_OPTIONAL 1u /* who does not know the section may do without it */

void state_init_save(struct state *state)
{
    memset(state, 0, sizeof(*state));
}

void state_init_load(struct state *state, const void *data, size_t len)
{
    memset(state, 0, sizeof(*state));
    state->loading = true;
    state->data = (u8 *)(uintptr_t)data; /* only read: state_free() and put() ask `loading` */
    state->len = len;
}

void state_free(struct state *state)
{
    if (!state->loading)
        free(state->data);
    memset(state, 0, sizeof(*state));
}

void state_restart(struct state *state)
{
    struct state anew = {.data = state->data, .room = state->room};

    BUG_ON(state->loading);
    *state = anew;
}

void state_reject(struct state *state)
{
    state->failed = true;
}

static void put(struct state *state, const void *bytes, size_t len)
{
    if (state->failed)
        return;
    if (state->room - state->len < len) {
        size_t room = (state->len + len) * 2 + 256;
        u8 *data = realloc(state->data, room);

        if (!data) {
            state->failed = true;
            return;
        }
        state->data = data;
        state->room = room;
    }
    memcpy(state->data + state->len, bytes, len);
    state->len += len;
}

/* The next `len` bytes of the section; false when it has no more, which is no error by itself. */
static bool get(struct state *state, void *bytes, size_t len)
{
    if (state->failed || state->end - state->at < len) {
        state->at = state->end;
        return false;
    }
    memcpy(bytes, state->data + state->at, len);
    state->at += len;
    return true;
}

/* The section at *at, number *n: its header, or NULL behind the last one, or when the rest is none: then
 * state->failed. */
static const u8 *next_section(struct state *state, size_t *at, unsigned *n)
{
    const u8 *header = state->data + *at;
    size_t left = state->len - *at;

    if (!left)
        return NULL;
    if (left < HEADER_LEN || get32(header + AT_LENGTH) > left - HEADER_LEN ||
        *n == STATE_SECTIONS) {
        state->failed = true; /* cut off, or not a state at all */
        return NULL;
    }
    *at += HEADER_LEN + get32(header + AT_LENGTH);
    *n += 1;
    return header;
}

static const u8 *find(struct state *state, const u8 *tag)
{
    const u8 *header;
    unsigned n = 0;
    size_t at = 0;

    while ((header = next_section(state, &at, &n)) != NULL) {
        if (memcmp(header, tag, TAG_LEN) != 0)
            continue;
        state->at = (size_t)(header - state->data) + HEADER_LEN;
        state->end = at;
        state->read[(n - 1) / 64] |= 1ull << (n - 1) % 64;
        return header;
    }
    return NULL;
}

static bool open_section(struct state *state, const u8 *wanted, u16 version, bool optional)
{
    const u8 *header = find(state, wanted);

    if (!header) {
        if (!optional && !state->missing[0])
            memcpy(state->missing, wanted, TAG_LEN);
        return false;
    }
    state->version = get16(header + AT_VERSION);
    if (state->version == 0 || state->version > version)
        state_reject(state);
    return !state->failed;
}

bool state_begin_as(struct state *state, const char *tag, u16 version, bool optional)
{
    u8 header[HEADER_LEN] = {0};
    size_t len = strlen(tag);

    BUG_ON(len > STATE_TAG_MAX || state->section);
    if (state->failed)
        return false;
    memcpy(header, tag, len);
    memcpy(state->tag, header, TAG_LEN);
    if (state->loading) {
        if (!open_section(state, header, version, optional))
            return false;
    } else {
        put16(header + AT_VERSION, version);
        put16(header + AT_FLAGS, optional ? FLAG_OPTIONAL : 0);
        state->version = version;
        state->at = state->len;
        put(state, header, HEADER_LEN);
    }
    state->section = true;
    return true;
}

bool state_begin(struct state *state, const char *tag)
{
    return state_begin_as(state, tag, 1, false);
}

/* The first section that nobody has opened and that must not be skipped; NULL. */
static const u8 *first_unread(struct state *state)
{
    const u8 *header;
    unsigned n = 0;
    size_t at = 0;

    while ((header = next_section(state, &at, &n)) != NULL)
        if (!(state->read[(n - 1) / 64] >> (n - 1) % 64 & 1) &&
            !(get16(header + AT_FLAGS) & FLAG_OPTIONAL))
            return header;
    return NULL;
}

const char *state_wrong(struct state *state, char *line, size_t len)
{
    const u8 *unread = state->failed ? NULL : first_unread(state);

    if (state->failed)
        snprintf(line, len, "it is damaged, or of another version (part '%s')", state->tag);
    else if (state->missing[0])
        snprintf(line, len, "it has no '%s', which this machine has", state->missing);
    else if (unread) /* the tag of a damaged one may be anything, and is shown by who knows how */
        snprintf(line, len, "it has a '%.*s', which this machine has not", STATE_TAG_MAX,
                 (const char *)unread);
    else
        return NULL;
    return line;
}

void state_end(struct state *state)
{
    BUG_ON(!state->section);
    state->section = false;
    if (!state->loading && !state->failed)
        put32(state->data + state->at + AT_LENGTH, (u32)(state->len - state->at - HEADER_LEN));
}

static u64 field(struct state *state, u64 value, unsigned size)
{
    u8 bytes[8];
    u64 loaded = 0;

    BUG_ON(!state->section);
    for (unsigned i = 0; i < size; i++)
        bytes[i] = (u8)(value >> 8 * i);
    if (!state->loading) {
        put(state, bytes, size);
        return value;
    }
    if (!get(state, bytes, size))
        return value;
    for (unsigned i = 0; i < size; i++)
        loaded |= (u64)bytes[i] << 8 * i;
    return loaded;
}

void state_u8(struct state *state, u8 *value)
{
    *value = (u8)field(state, *value, 1);
}

void state_u16(struct state *state, u16 *value)
{
    *value = (u16)field(state, *value, 2);
}

void state_u32(struct state *state, u32 *value)
{
    *value = (u32)field(state, *value, 4);
}

void state_u64(struct state *state, u64 *value)
{
    *value = field(state, *value, 8);
}

void state_bool(struct state *state, bool *value)
{
    *value = field(state, *value, 1) != 0;
}

void state_bytes(struct state *state, void *bytes, size_t len)
{
    BUG_ON(!state->section);
    if (state->loading)
        get(state, bytes, len);
    else
        put(state, bytes, len);
}
