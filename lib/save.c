/* Saved state in a buffer: the processor, and the memory that is mapped. */
#include "lib/lib.h"

#include <string.h>

#include "mmu/host/state.h"

struct head {
    bool memory; /* is there, too */
    bool waits;  /* an interrupt from outside */
    u8 vector;
};

/* What the state must be loaded into, and what it has. */
static void put_head(struct pagewalk *pw, struct state *state, struct head *head)
{
    u32 features = pw->model.features, version = PAGEWALK_VERSION;

    if (!state_begin(state, "library"))
        return;
    state_u32(state, &version);
    state_u32(state, &features);
    state_bool(state, &head->memory);
    state_bool(state, &head->waits);
    state_u8(state, &head->vector);
    state_end(state);
    if (state->loading && (version != PAGEWALK_VERSION || features != pw->model.features))
        state_reject(state);
}

/* Saves memory, or loads it; dry: only looks whether it could be loaded. */
static void put_memory(struct pagewalk *pw, struct state *state, bool dry)
{
    u32 maps = 0;

    if (!state_begin(state, "memory"))
        return;
    for (unsigned i = 0; i < pw->maps; i++)
        maps += pw->map[i].host != NULL;
    if (state->loading) {
        u32 saved = maps;

        state_u32(state, &saved);
        if (saved != maps)
            state_reject(state);
    } else {
        state_u32(state, &maps);
    }
    for (unsigned i = 0; i < pw->maps && !state->failed; i++) {
        const struct map *map = &pw->map[i];
        u32 address = map->address;
        u64 size = map->size;

        if (!map->host)
            continue;
        state_u32(state, &address);
        state_u64(state, &size);
        if (address != map->address || size != map->size ||
            (state->loading && size > state->end - state->at)) {
            state_reject(state);
        } else if (!dry) {
            if (state->loading)
                pagewalk_changed(pw, address, size);
            state_bytes(state, map->host, size);
        } else {
            state->at += size;
        }
    }
    state_end(state);
}

PUBLIC int pagewalk_save(struct pagewalk *pw, bool memory, void *data, size_t *size)
{
    struct head head = {memory, pw->cpu->intr, pw->irq_vector};
    struct state state;
    int err = PAGEWALK_OK;

    if (pw->running)
        return PAGEWALK_ERR_BUSY;
    if (!size)
        return PAGEWALK_ERR_ARGUMENT;
    state_init_save(&state);
    put_head(pw, &state, &head);
    cpu_state(pw->cpu, &state);
    if (memory)
        put_memory(pw, &state, false);
    if (state.failed)
        err = PAGEWALK_ERR_MEMORY;
    else if (data && *size < state.len)
        err = PAGEWALK_ERR_SIZE;
    else if (data)
        memcpy(data, state.data, state.len);
    if (!state.failed)
        *size = state.len;
    state_free(&state);
    return err;
}

PUBLIC int pagewalk_load(struct pagewalk *pw, const void *data, size_t size)
{
    struct head head = {0};
    struct state state;
    bool failed;
    char line[100];

    if (pw->running)
        return PAGEWALK_ERR_BUSY;
    if (!data)
        return PAGEWALK_ERR_ARGUMENT;
    state_init_load(&state, data, size);
    put_head(pw, &state, &head);
    if (head.memory && !state.failed)
        put_memory(pw, &state, true);
    if (!state.failed)
        cpu_state(pw->cpu, &state); /* all or nothing, too */
    failed = state_wrong(&state, line, sizeof(line)) != NULL;
    if (head.memory && !failed)
        put_memory(pw, &state, false);
    if (!failed) {
        pw->irq_vector = head.vector;
        cpu_set_intr(pw->cpu, head.waits);
    }
    state_free(&state);
    return failed ? PAGEWALK_ERR_STATE : PAGEWALK_OK;
}
