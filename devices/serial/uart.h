/* A serial port: a 16550A UART on a character back end. */
#ifndef PAGEWALK_UART_H
#define PAGEWALK_UART_H

#include "devices/chr/chr.h"
#include "devices/base/clock.h"
#include "devices/base/ioport.h"
#include "devices/base/irq.h"
#include "devices/base/state.h"

#define UART_FIFO 16

struct uart {
    u8 fifo[UART_FIFO];  /* received bytes; one when the FIFO is off */
    u8 error[UART_FIFO]; /* LSR error bits that belong to each */
    u8 head, count;
    char tag[STATE_TAG_MAX + 1]; /* in saved states: with its port */
    u8 last;                     /* the byte read last */
    u8 ier, fcr, lcr, mcr, msr, scr, dll, dlm;
    bool overrun;       /* LSR OE */
    bool thre;          /* the "transmitter empty" interrupt is pending */
    bool timeout;       /* the character timeout interrupt is pending */
    bool tx_busy;       /* the transmitter is full: the reader stalls */
    struct timer timer; /* character timeout */
    struct irq irq;
    struct clock *clock;
    struct chr *chr;
    void (*sent)(void *opaque, u8 byte); /* somebody listens on the line; NULL: nobody does */
    void *sent_opaque;
};

/* chr: NULL when nobody is at the other end; otherwise its receiver becomes this UART. */
void uart_init(struct uart *uart, struct ioport_bus *bus, u16 base, struct irq irq,
               struct clock *clock, struct chr *chr);
void uart_reset(struct uart *uart);
/* A byte comes in from elsewhere than chr. False: there is no room for it now. */
bool uart_take(struct uart *uart, u8 byte);
void uart_state(struct uart *uart, struct state *state);

#endif
