/* An interrupt line: a value that a device holds and drives. */
#ifndef PAGEWALK_IRQ_H
#define PAGEWALK_IRQ_H

#include "mmu/host/base.h"

struct irq {
    void (*set)(void *opaque, unsigned line, bool level);
    void *opaque;
    unsigned line;
};

/* An irq with set == NULL is not connected. */
static inline void irq_set(const struct irq *irq, bool level)
{
    if (irq->set)
        irq->set(irq->opaque, irq->line, level);
}

#endif
