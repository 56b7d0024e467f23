/* What a terminal sends when keys are pressed, turned back into keys. */
#ifndef PAGEWALK_UI_TERM_KEYS_H
#define PAGEWALK_UI_TERM_KEYS_H

#include "devices/ui/keymap.h"

#define TERM_KEYS_QUEUE    256
#define TERM_KEYS_SEQUENCE 16

struct term_keys {
    u8 sequence[TERM_KEYS_SEQUENCE]; /* bytes after an escape that wait for more */
    unsigned length;
    bool escape;   /* an escape came; what follows tells whether it was the key */
    unsigned idle; /* looks without input since */
    struct keymap_stroke queue[TERM_KEYS_QUEUE];
    unsigned head, count;
};

/* One byte from the terminal. Keys beyond the queue's room are dropped: see term_keys_room(). */
void term_keys_byte(struct term_keys *keys, u8 byte);
/* A look at the terminal found nothing: after a few of them an escape was the Esc key. */
void term_keys_nothing(struct term_keys *keys);
/* The next key, in order; false: none. */
bool term_keys_next(struct term_keys *keys, struct keymap_stroke *stroke);
/* So many bytes can be fed without losing a key. */
static inline unsigned term_keys_room(const struct term_keys *keys)
{
    return (TERM_KEYS_QUEUE - keys->count) / (TERM_KEYS_SEQUENCE + 2);
}

#endif
