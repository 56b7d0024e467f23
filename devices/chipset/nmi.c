/* The board's NMI: latches for SERR# and IOCHK#, their enables, and the mask.
 *
 * Source: Intel 82371SB (PIIX3) data sheet (290550), 2.5.5: NMI status and control (61h) and NMI enable (70h). */
#include "devices/chipset/nmi.h"

#include <string.h>

/* Bits 2 and 3 of port 61h clear the latches in bits 7 and 6, and keep them clear. */
#define PORT61_NO_SERR  0x04
#define PORT61_NO_IOCHK 0x08

#define PORT70_MASK 0x80

static void update(struct nmi *nmi)
{
    bool level = nmi->latched && !nmi->masked;

    if (level == nmi->level)
        return;
    nmi->level = level;
    irq_set(&nmi->line, level);
}

void nmi_pulse(struct nmi *nmi, enum nmi_source source)
{
    nmi->latched |= source & (u8)~nmi->disabled;
    update(nmi);
}

void nmi_write_61(struct nmi *nmi, u8 value)
{
    nmi->disabled =
        (value & PORT61_NO_SERR ? NMI_SERR : 0) | (value & PORT61_NO_IOCHK ? NMI_IOCHK : 0);
    nmi->latched &= (u8)~nmi->disabled;
    update(nmi);
}

void nmi_write_70(struct nmi *nmi, u8 value)
{
    nmi->masked = value & PORT70_MASK;
    update(nmi);
}

u8 nmi_read_61(const struct nmi *nmi)
{
    return nmi->latched;
}

void nmi_reset(struct nmi *nmi)
{
    nmi->latched = nmi->disabled = 0;
    nmi->masked = true;
    update(nmi);
}

void nmi_state(struct nmi *nmi, struct state *state)
{
    if (!state_begin(state, "nmi"))
        return;
    state_u8(state, &nmi->latched);
    state_u8(state, &nmi->disabled);
    state_bool(state, &nmi->masked);
    state_end(state);
    if (!state->loading)
        return;
    nmi->disabled &= NMI_SOURCES;
    nmi->latched &= NMI_SOURCES & (u8)~nmi->disabled;
    nmi->level = nmi->latched && !nmi->masked; /* the line's level is in its receiver's state */
}

void nmi_init(struct nmi *nmi, struct irq line)
{
    memset(nmi, 0, sizeof(*nmi));
    nmi->line = line;
    nmi_reset(nmi);
}
