/* A serial port: a 16550A UART on a character back end.
 *
 * Implemented: every register; FIFOs with trigger levels, error bits by character and the character
 * timeout; interrupt priorities; loopback; modem status deltas; break. Not implemented: DMA mode
 * (FCR bit 3 is kept and has no effect), parity and framing errors, which no back end can cause.
 * Source: National PC16550D datasheet.
 *
 * Output is not throttled: a byte written to THR is gone when the write ends, so LSR THRE and TEMT
 * read 1, and the THRE interrupt line falls and rises within the write. Only while the back end's reader
 * stalls is the transmitter busy, as on a line that flow control holds. It never is under CLOCK_INSN,
 * where the guest must not see the host: there the board stops the machine instead (pc_run.c).
 * Input has the pace of the back end, which asks for the room there is. The interrupt reaches the bus
 * when MCR OUT2 is set. */
#include "devices/serial/uart.h"

#include <stdio.h>
#include <string.h>

#include "devices/base/ticks.h"

#define UART_HZ 1843200u

/* Registers. */
enum { UART_DATA, UART_IER, UART_IIR_FCR, UART_LCR, UART_MCR, UART_LSR, UART_MSR, UART_SCR };

#define IER_RX    0x01
#define IER_THRE  0x02
#define IER_LINE  0x04
#define IER_MODEM 0x08

/* IIR: the source with the highest priority. */
#define IIR_NONE    0x01
#define IIR_MODEM   0x00
#define IIR_THRE    0x02
#define IIR_RX      0x04
#define IIR_LINE    0x06
#define IIR_TIMEOUT 0x0c
#define IIR_FIFO    0xc0

#define FCR_ENABLE   0x01
#define FCR_CLEAR_RX 0x02
#define FCR_CLEAR_TX 0x04

#define LCR_STOP   0x04
#define LCR_PARITY 0x08
#define LCR_BREAK  0x40
#define LCR_DLAB   0x80

#define MCR_DTR  0x01
#define MCR_RTS  0x02
#define MCR_OUT1 0x04
#define MCR_OUT2 0x08
#define MCR_LOOP 0x10

#define LSR_DR      0x01
#define LSR_OE      0x02
#define LSR_BI      0x10
#define LSR_THRE    0x20
#define LSR_TEMT    0x40
#define LSR_IN_FIFO 0x80 /* some character in the FIFO has an error */

#define MSR_CTS   0x10
#define MSR_DSR   0x20
#define MSR_RI    0x40
#define MSR_DCD   0x80
#define MSR_TERI  0x04 /* RI: only its trailing edge counts */
#define MSR_DELTA 0x0f

static const u8 trigger_level[4] = {1, 4, 8, 14};

static unsigned capacity(const struct uart *uart)
{
    return uart->fcr & FCR_ENABLE ? UART_FIFO : 1;
}

/* Characters from which on the "data available" interrupt is pending. */
static unsigned trigger(const struct uart *uart)
{
    return uart->fcr & FCR_ENABLE ? trigger_level[uart->fcr >> 6] : 1;
}

/* Error bits of the character that is read next. */
static u8 line_errors(const struct uart *uart)
{
    return (uart->overrun ? LSR_OE : 0) | (uart->count ? uart->error[uart->head] : 0);
}

static u8 interrupt_source(const struct uart *uart)
{
    if (uart->ier & IER_LINE && line_errors(uart))
        return IIR_LINE;
    if (uart->ier & IER_RX && uart->count >= trigger(uart))
        return IIR_RX;
    if (uart->ier & IER_RX && uart->timeout)
        return IIR_TIMEOUT;
    if (uart->ier & IER_THRE && uart->thre)
        return IIR_THRE;
    if (uart->ier & IER_MODEM && uart->msr & MSR_DELTA)
        return IIR_MODEM;
    return IIR_NONE;
}

static void update_irq(struct uart *uart)
{
    irq_set(&uart->irq, uart->mcr & MCR_OUT2 && interrupt_source(uart) != IIR_NONE);
}

/* The time of four characters, start and stop bits included. (PC16550D, "FIFO interrupt mode") */
static u64 timeout_ns(const struct uart *uart)
{
    unsigned bits =
        1u + 5 + (uart->lcr & 3) + !!(uart->lcr & LCR_PARITY) + (uart->lcr & LCR_STOP ? 2u : 1u);
    unsigned divisor = uart->dll | uart->dlm << 8;

    return ticks_to_ns(4ull * bits * 16 * (divisor ? divisor : 65536), UART_HZ);
}

/* A character arrived in or was read from the FIFO: the timeout starts anew. */
static void restart_timeout(struct uart *uart)
{
    if (uart->fcr & FCR_ENABLE && uart->count)
        timer_arm(&uart->timer, clock_now(uart->clock) + timeout_ns(uart));
    else
        timer_cancel(&uart->timer);
}

static void timed_out(void *opaque)
{
    struct uart *uart = opaque;

    uart->timeout = true;
    update_irq(uart);
}

/* A character at the receiver. When there is no room the FIFO keeps what it has, while without FIFO
 * the new character replaces the old one. */
static void receive_one(struct uart *uart, u8 value, u8 error)
{
    unsigned slot;

    if (uart->count == capacity(uart)) {
        uart->overrun = true;
        if (uart->fcr & FCR_ENABLE)
            return;
        uart->count--;
    }
    slot = (uart->head + uart->count++) % UART_FIFO;
    uart->fifo[slot] = value;
    uart->error[slot] = error;
    restart_timeout(uart);
}

static void clear_rx(struct uart *uart)
{
    uart->head = uart->count = 0;
    uart->timeout = false;
    timer_cancel(&uart->timer);
}

/* The modem lines with their deltas. In loopback MCR drives them; otherwise somebody is at the
 * other end and ready, or nobody is. */
static void update_modem(struct uart *uart)
{
    u8 lines = uart->chr ? MSR_CTS | MSR_DSR | MSR_DCD : 0, old = uart->msr, changed;

    if (uart->mcr & MCR_LOOP)
        lines = (uart->mcr & MCR_RTS ? MSR_CTS : 0) | (uart->mcr & MCR_DTR ? MSR_DSR : 0) |
                (uart->mcr & MCR_OUT1 ? MSR_RI : 0) | (uart->mcr & MCR_OUT2 ? MSR_DCD : 0);
    changed = (lines ^ old) >> 4;
    if (!(old & MSR_RI))
        changed &= (u8)~MSR_TERI;
    uart->msr = lines | (old & MSR_DELTA) | changed;
}

/* THRE promises room for a whole FIFO. */
static bool tx_full(const struct uart *uart)
{
    return uart->chr && uart->clock->source == CLOCK_HOST && chr_room(uart->chr) < UART_FIFO;
}

static void write_data(struct uart *uart, u8 value)
{
    uart->thre = false;
    update_irq(uart);
    if (uart->mcr & MCR_LOOP)
        receive_one(uart, value & (0xff >> (3 - (uart->lcr & 3))), 0);
    else if (uart->chr)
        chr_put(uart->chr, value);
    if (uart->sent && !(uart->mcr & MCR_LOOP))
        uart->sent(uart->sent_opaque, value);
    uart->tx_busy = tx_full(uart);
    uart->thre = !uart->tx_busy;
}

static void write_fcr(struct uart *uart, u8 value)
{
    bool toggled = (value ^ uart->fcr) & FCR_ENABLE;

    if (toggled || value & FCR_CLEAR_RX)
        clear_rx(uart);
    /* The other bits are written only together with bit 0. */
    uart->fcr = value & FCR_ENABLE ? value & (u8) ~(FCR_CLEAR_RX | FCR_CLEAR_TX) : 0;
}

static void write_lcr(struct uart *uart, u8 value)
{
    bool start_break = value & (u8)~uart->lcr & LCR_BREAK;

    uart->lcr = value;
    if (start_break && uart->mcr & MCR_LOOP)
        receive_one(uart, 0, LSR_BI);
}

static void uart_write(void *opaque, u16 offset, u32 value32, unsigned size)
{
    struct uart *uart = opaque;
    u8 value = (u8)value32;
    bool dlab = uart->lcr & LCR_DLAB;

    (void)size;
    switch (offset) {
    case UART_DATA:
        if (dlab)
            uart->dll = value;
        else
            write_data(uart, value);
        break;
    case UART_IER:
        if (dlab) {
            uart->dlm = value;
            break;
        }
        if (value & (u8)~uart->ier & IER_THRE && !uart->tx_busy) /* THR is empty at this moment */
            uart->thre = true;
        uart->ier = value & 0x0f;
        break;
    case UART_IIR_FCR: write_fcr(uart, value); break;
    case UART_LCR: write_lcr(uart, value); break;
    case UART_MCR:
        uart->mcr = value & 0x1f;
        update_modem(uart);
        break;
    case UART_LSR: /* factory test */
    case UART_MSR: break;
    case UART_SCR: uart->scr = value; break;
    }
    update_irq(uart);
}

static u8 read_data(struct uart *uart)
{
    if (uart->count) {
        uart->last = uart->fifo[uart->head];
        uart->head = (uart->head + 1) % UART_FIFO;
        uart->count--;
        uart->timeout = false;
        restart_timeout(uart);
    }
    return uart->last;
}

static u8 read_iir(struct uart *uart)
{
    u8 source = interrupt_source(uart);

    if (source == IIR_THRE)
        uart->thre = false;
    return source | (uart->fcr & FCR_ENABLE ? IIR_FIFO : 0);
}

static u8 read_lsr(struct uart *uart)
{
    u8 value =
        (uart->tx_busy ? 0 : LSR_THRE | LSR_TEMT) | line_errors(uart) | (uart->count ? LSR_DR : 0);

    if (uart->fcr & FCR_ENABLE)
        for (unsigned i = 0; i < uart->count; i++)
            if (uart->error[(uart->head + i) % UART_FIFO])
                value |= LSR_IN_FIFO;
    uart->overrun = false;
    if (uart->count)
        uart->error[uart->head] = 0;
    return value;
}

static u32 uart_read(void *opaque, u16 offset, unsigned size)
{
    struct uart *uart = opaque;
    bool dlab = uart->lcr & LCR_DLAB;
    u8 value = 0xff;

    (void)size;
    switch (offset) {
    case UART_DATA: value = dlab ? uart->dll : read_data(uart); break;
    case UART_IER: value = dlab ? uart->dlm : uart->ier; break;
    case UART_IIR_FCR: value = read_iir(uart); break;
    case UART_LCR: value = uart->lcr; break;
    case UART_MCR: value = uart->mcr; break;
    case UART_LSR: value = read_lsr(uart); break;
    case UART_MSR:
        value = uart->msr;
        uart->msr &= (u8)~MSR_DELTA;
        break;
    case UART_SCR: value = uart->scr; break;
    }
    update_irq(uart);
    return value;
}

static const struct ioport_ops uart_ops = {uart_read, uart_write, 1};

/* In loopback the receiver's pin is cut off: what the back end has stays there. */
static size_t chr_can_receive(void *opaque)
{
    const struct uart *uart = opaque;

    return uart->mcr & MCR_LOOP ? 0 : capacity(uart) - uart->count;
}

static void chr_receive(void *opaque, const u8 *data, size_t len)
{
    struct uart *uart = opaque;

    if (uart->mcr & MCR_LOOP)
        return;
    for (size_t i = 0; i < len; i++)
        receive_one(uart, data[i], 0);
    update_irq(uart);
}

bool uart_take(struct uart *uart, u8 byte)
{
    if (!chr_can_receive(uart))
        return false;
    chr_receive(uart, &byte, 1);
    return true;
}

static void chr_break(void *opaque)
{
    struct uart *uart = opaque;

    if (uart->mcr & MCR_LOOP)
        return;
    receive_one(uart, 0, LSR_BI);
    update_irq(uart);
}

static void chr_can_send(void *opaque)
{
    struct uart *uart = opaque;

    if (!uart->tx_busy || tx_full(uart))
        return;
    uart->tx_busy = false;
    uart->thre = true;
    update_irq(uart);
}

/* Master reset leaves scratch and divisor undefined: here 0 and 9600 baud. */
void uart_reset(struct uart *uart)
{
    clear_rx(uart);
    uart->ier = uart->fcr = uart->lcr = uart->mcr = uart->scr = 0;
    uart->dll = 12;
    uart->dlm = 0;
    uart->last = 0;
    uart->overrun = uart->thre = false;
    uart->tx_busy = tx_full(uart);
    update_modem(uart);
    uart->msr &= (u8)~MSR_DELTA;
    update_irq(uart);
}

void uart_state(struct uart *uart, struct state *state)
{
    u8 *const registers[] = {&uart->ier, &uart->fcr, &uart->lcr, &uart->mcr,
                             &uart->msr, &uart->scr, &uart->dll, &uart->dlm};
    bool thre = uart->thre || uart->tx_busy;

    if (!state_begin(state, uart->tag))
        return;
    state_bytes(state, uart->fifo, sizeof(uart->fifo));
    state_bytes(state, uart->error, sizeof(uart->error));
    state_u8(state, &uart->head);
    state_u8(state, &uart->count);
    state_u8(state, &uart->last);
    for (unsigned i = 0; i < ARRAY_SIZE(registers); i++)
        state_u8(state, registers[i]);
    state_bool(state, &uart->overrun);
    state_bool(state, &thre);
    state_bool(state, &uart->timeout);
    state_timer(state, &uart->timer);
    state_end(state);
    if (!state->loading)
        return;
    if (uart->head >= UART_FIFO || uart->count > capacity(uart)) {
        state_reject(state);
        clear_rx(uart);
    }
    uart->ier &= 0x0f;
    uart->mcr &= 0x1f;
    update_modem(uart); /* there may be another back end now */
    uart->thre = thre;
    uart->tx_busy = false; /* and if its reader stalls, that is found at the next byte */
    update_irq(uart);
}

void uart_init(struct uart *uart, struct ioport_bus *bus, u16 base, struct irq irq,
               struct clock *clock, struct chr *chr)
{
    memset(uart, 0, sizeof(*uart));
    snprintf(uart->tag, sizeof(uart->tag), "uart %x", base);
    uart->irq = irq;
    uart->clock = clock;
    uart->chr = chr;
    timer_init(&uart->timer, clock, timed_out, uart);
    if (chr) {
        chr->can_receive = chr_can_receive;
        chr->receive = chr_receive;
        chr->send_break = chr_break;
        chr->can_send = chr_can_send;
        chr->opaque = uart;
    }
    uart_reset(uart);
    ioport_add(bus, base, 8, &uart_ops, uart, "uart");
}
