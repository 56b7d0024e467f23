/* A serial EEPROM with 64 words of 16 bits (93C46), by its wires: chip select, clock, data in and out. Reads only, as with
 * its write protection on. Source: National Semiconductor NM93C46 data sheet. */
#ifndef PAGEWALK_NET_MICROWIRE_H
#define PAGEWALK_NET_MICROWIRE_H

#include "mmu/host/base.h"

#define MICROWIRE_WORDS 64u

struct microwire {
    u32 in, bits; /* the command that was shifted in since CS rose, and its clocks */
};

#define MICROWIRE_COMMAND_BITS 9 /* start, two of the code, six of the address */
#define MICROWIRE_READ         6u

static inline void microwire_reset(struct microwire *m)
{
    m->in = m->bits = 0;
}

/* The clock rises while the chip is selected. */
static inline void microwire_clock(struct microwire *m, bool data)
{
    if (m->bits < MICROWIRE_COMMAND_BITS) {
        if (!m->bits && !data)
            return; /* it waits for the start bit */
        m->in = m->in << 1 | data;
    }
    if (m->bits < MICROWIRE_COMMAND_BITS + 1 + 16 * MICROWIRE_WORDS)
        m->bits++;
}

/* The bit that the last clock has brought out: a zero behind the command, then words, the high bit first; and one while
 * there is nothing to read. */
static inline bool microwire_out(const struct microwire *m, const u16 words[MICROWIRE_WORDS])
{
    u32 at;

    if (m->bits < MICROWIRE_COMMAND_BITS || m->in >> 6 != MICROWIRE_READ)
        return true;
    if (m->bits == MICROWIRE_COMMAND_BITS)
        return false;
    at = m->bits - MICROWIRE_COMMAND_BITS - 1;
    return words[((m->in & 0x3f) + at / 16) % MICROWIRE_WORDS] >> (15 - at % 16) & 1;
}

#endif
