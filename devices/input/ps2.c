/* A PS/2 device's end of its line: two queues, of answers and of events. */
#include "devices/input/ps2.h"

#include <string.h>

static void put(struct ps2_queue *queue, u8 value)
{
    BUG_ON(queue->count >= PS2_EVENTS);
    queue->bytes[(queue->head + queue->count++) % PS2_EVENTS] = value;
}

static u8 get(struct ps2_queue *queue)
{
    u8 value = queue->bytes[queue->head];

    BUG_ON(!queue->count);
    queue->head = (queue->head + 1) % PS2_EVENTS;
    queue->count--;
    return value;
}

void ps2_queue_clear(struct ps2_queue *queue)
{
    queue->head = queue->count = 0;
}

void ps2_answer(struct ps2_line *line, u8 value)
{
    BUG_ON(line->answers.count >= PS2_ANSWERS);
    put(&line->answers, value);
}

bool ps2_has_room(const struct ps2_line *line, unsigned bytes, unsigned limit)
{
    return line->events.count + bytes <= limit;
}

void ps2_event(struct ps2_line *line, u8 value)
{
    put(&line->events, value);
}

enum ps2_waiting ps2_waiting(const struct ps2_line *line)
{
    if (line->answers.count)
        return PS2_ANSWER;
    return line->events.count && !line->pending ? PS2_EVENT : PS2_NOTHING;
}

u8 ps2_take(struct ps2_line *line)
{
    line->last = get(line->answers.count ? &line->answers : &line->events);
    return line->last;
}

void ps2_line_reset(struct ps2_line *line)
{
    ps2_queue_clear(&line->answers);
    ps2_queue_clear(&line->events);
    line->last = line->pending = 0;
}

static void queue_state(struct ps2_queue *queue, struct state *state, unsigned limit)
{
    state_bytes(state, queue->bytes, sizeof(queue->bytes));
    state_u8(state, &queue->head);
    state_u8(state, &queue->count);
    if (queue->head >= PS2_EVENTS || queue->count > limit) {
        state_reject(state);
        ps2_queue_clear(queue);
    }
}

void ps2_line_state(struct ps2_line *line, struct state *state)
{
    queue_state(&line->answers, state, PS2_ANSWERS);
    queue_state(&line->events, state, PS2_EVENTS);
    state_u8(state, &line->last);
    state_u8(state, &line->pending);
}
