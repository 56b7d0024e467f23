/* The board's NMI: what asks for it, in bits 2, 3, 6 and 7 of port 61h, and its mask in bit 7 of port 70h. */
#ifndef PAGEWALK_NMI_H
#define PAGEWALK_NMI_H

#include "devices/base/irq.h"
#include "devices/base/state.h"

/* What asks, as port 61h reports it. */
enum nmi_source {
    NMI_SERR = 0x80,  /* SERR#: an error on the PCI bus, or of memory's parity */
    NMI_IOCHK = 0x40, /* IOCHK#: a card of the ISA bus */
};
#define NMI_SOURCES (NMI_SERR | NMI_IOCHK)

struct nmi {
    struct irq line; /* the NMI: each rise of it is one */
    u8 latched;      /* sources that have asked */
    u8 disabled;     /* sources that may not */
    bool masked;
    bool level; /* of the line */
};

void nmi_init(struct nmi *nmi, struct irq line);
void nmi_reset(struct nmi *nmi);
void nmi_state(struct nmi *nmi, struct state *state);

/* A source pulls its line for a moment. */
void nmi_pulse(struct nmi *nmi, enum nmi_source source);

/* Writes of port 61h and port 70h; and bits 6 and 7 of port 61h. */
void nmi_write_61(struct nmi *nmi, u8 value);
void nmi_write_70(struct nmi *nmi, u8 value);
u8 nmi_read_61(const struct nmi *nmi);

#endif
