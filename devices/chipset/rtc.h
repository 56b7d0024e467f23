/* The real-time clock: an MC146818 with 128 bytes of CMOS RAM, on virtual time.
 *
 * Nothing ticks: the registers are brought up to date when they are looked at, and a timer runs
 * only while an interrupt is enabled that is not already pending. */
#ifndef PAGEWALK_RTC_H
#define PAGEWALK_RTC_H

#include "devices/base/clock.h"
#include "devices/base/ioport.h"
#include "devices/base/irq.h"
#include "devices/chipset/nmi.h"
#include "devices/chipset/rtc_time.h"
#include "devices/base/state.h"

struct rtc {
    u8 cmos[128]; /* the registers 0x00-0x0d included, but for UIP */
    u8 index;     /* and bit 7 of port 70h as written */
    i64 second;   /* virtual ns of the second boundary that the registers stand at */
    i64 synced;   /* virtual ns up to which the flags of register C are accounted for */
    struct clock *clock;
    struct timer timer;
    struct irq irq;
    struct nmi *nmi; /* has bit 7 of port 70h; may be NULL */
};

/* base: 0x70. base_seconds: the time at which the clock starts, in seconds since 1970 as the guest
 * is to read them. */
void rtc_init(struct rtc *rtc, struct ioport_bus *bus, u16 base, struct clock *clock,
              struct irq irq8, i64 base_seconds);
void rtc_reset(struct rtc *rtc); /* the RESET pin: time, alarm and RAM stay */

/* After the clock's. */
void rtc_state(struct rtc *rtc, struct state *state);

/* The board's entries in CMOS RAM, index 0x0e to 0x7f. */
void rtc_set_cmos(struct rtc *rtc, u8 index, u8 value);

#endif
