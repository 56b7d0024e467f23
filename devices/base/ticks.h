/* Exact conversion between virtual nanoseconds and the ticks of an oscillator that started at 0.
 *
 * ticks_to_ns() gives the first nanosecond at which ns_to_ticks() reaches the tick, so that an
 * event computed from a tick number is never early and errors never add up. hz must be below 2^34.
 * */
#ifndef PAGEWALK_TICKS_H
#define PAGEWALK_TICKS_H

#include "mmu/host/base.h"

#define NS_PER_SEC 1000000000ull

static inline u64 ns_to_ticks(u64 ns, u64 hz)
{
    return ns / NS_PER_SEC * hz + ns % NS_PER_SEC * hz / NS_PER_SEC;
}

static inline u64 ticks_to_ns(u64 ticks, u64 hz)
{
    return ticks / hz * NS_PER_SEC + (ticks % hz * NS_PER_SEC + hz - 1) / hz;
}

#endif
