/* What goes from I/O APICs to local ones: an interrupt message. (SDM vol. 3A, 10.5 and 10.6) */
#ifndef PAGEWALK_APIC_BUS_H
#define PAGEWALK_APIC_BUS_H

#include "mmu/host/base.h"

/* Delivery modes, as in bits 8 to 10 of redirection entries, local vectors and the ICR; 3 is reserved, and 6 is a
 * start-up message in the ICR only. */
enum apic_mode {
    APIC_FIXED = 0,
    APIC_LOWEST = 1,
    APIC_SMI = 2,
    APIC_NMI = 4,
    APIC_INIT = 5,
    APIC_STARTUP = 6,
    APIC_EXTINT = 7,
};

struct apic_message {
    u8 vector;
    u8 mode; /* enum apic_mode */
    u8 dest; /* an ID, or with `logical` a mask or cluster */
    bool logical;
    bool level; /* its EOI is told to the I/O APICs */
};

#define APIC_VECTOR_FIRST 16u /* those below are illegal */

#endif
