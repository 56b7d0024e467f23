/* Saved state: sections of a tag, a length and the fields' bytes. */
#include "mmu/host/state.h"

#include <stdlib.h>
#include <string.h>

/* A section: STATE_TAG_MAX + 1 bytes of tag, padded with zeros, four of length, the fields. */
#define TAG_LEN    (STATE_TAG_MAX + 1)
#define HEADER_LEN (TAG_LEN + 4)

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

static bool find(struct state *state, const u8 *tag)
{
    size_t at = 0;

    while (state->len - at >= HEADER_LEN) {
        size_t len = get32(state->data + at + TAG_LEN);

        if (len > state->len - at - HEADER_LEN)
            break;
        if (memcmp(state->data + at, tag, TAG_LEN) == 0) {
            state->at = at + HEADER_LEN;
            state->end = state->at + len;
            return true;
        }
        at += HEADER_LEN + len;
    }
    if (at != state->len)
        state->failed = true; /* cut off, or not a state at all */
    return false;
}

bool state_begin(struct state *state, const char *tag)
{
    u8 header[HEADER_LEN] = {0};
    size_t len = strlen(tag);

    BUG_ON(len > STATE_TAG_MAX || state->section);
    if (state->failed)
        return false;
    memcpy(header, tag, len);
    if (state->loading) {
        if (!find(state, header))
            return false;
    } else {
        state->at = state->len;
        put(state, header, HEADER_LEN);
    }
    state->section = true;
    return true;
}

void state_end(struct state *state)
{
    BUG_ON(!state->section);
    state->section = false;
    if (!state->loading && !state->failed)
        put32(state->data + state->at + TAG_LEN, (u32)(state->len - state->at - HEADER_LEN));
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
