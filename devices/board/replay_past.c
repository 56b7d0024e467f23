/* What has entered a machine that can go back, in memory: it enters again each time that the machine comes along. */
#include <stdlib.h>
#include <string.h>

#include "devices/board/replay_event.h"

struct replay *replay_keep(i64 rtc_base)
{
    struct replay *replay = calloc(1, sizeof(*replay));

    if (!replay)
        return NULL;
    replay->fd = -1;
    replay->rtc_base = rtc_base;
    return replay;
}

static size_t size_of(const struct event *e)
{
    return sizeof(*e) + e->len;
}

void replay_keep_event(struct replay *replay, const struct event *e, const void *data)
{
    struct event *kept;

    if (!replay->pc->history.on)
        return;
    if (replay->events == replay->room) {
        size_t room = replay->room ? replay->room * 2 : 256;
        struct event **grown = realloc(replay->event, room * sizeof(struct event *));

        if (!grown) {
            replay->lacks = true;
            return;
        }
        replay->event = grown;
        replay->room = room;
    }
    kept = malloc(size_of(e));
    if (!kept) {
        replay->lacks = true;
        return;
    }
    memcpy(kept, e, sizeof(*e));
    if (e->len)
        memcpy(kept->data, data, e->len);
    replay->event_bytes += size_of(e);
    replay->event[replay->events++] = kept;
    replay->entered = replay->events;
}

static void drop_behind(struct replay *replay, size_t events)
{
    while (replay->events > events) {
        struct event *e = replay->event[--replay->events];

        replay->event_bytes -= size_of(e);
        free(e);
    }
    if (replay->entered > events)
        replay->entered = events;
}

void replay_free_events(struct replay *replay)
{
    drop_behind(replay, 0);
    free(replay->event);
}

size_t replay_entered(const struct pc *pc)
{
    return pc->config.replay->entered;
}

void replay_rewind(struct pc *pc, size_t entered)
{
    pc->config.replay->entered = entered;
}

bool replay_waits(const struct pc *pc)
{
    return pc->config.replay->entered < pc->config.replay->events;
}

void replay_forget(struct pc *pc)
{
    drop_behind(pc->config.replay, pc->config.replay->entered);
}

bool replay_lacks(const struct pc *pc)
{
    return pc->config.replay->lacks;
}

void replay_forget_past(struct pc *pc)
{
    pc->config.replay->lacks = false;
    drop_behind(pc->config.replay, 0);
}

void replay_forget_first(struct pc *pc, size_t n)
{
    struct replay *replay = pc->config.replay;

    for (size_t i = 0; i < n; i++) {
        replay->event_bytes -= size_of(replay->event[i]);
        free(replay->event[i]);
    }
    replay->events -= n;
    replay->entered -= n;
    memmove(replay->event, replay->event + n, replay->events * sizeof(struct event *));
}

u64 replay_bytes(const struct pc *pc)
{
    const struct replay *replay = pc->config.replay;

    return replay->event_bytes + replay->room * sizeof(struct event *);
}
