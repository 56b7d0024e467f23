/* Exceptions that nobody handles: one line with the vector, where it was, and from where the BIOS had
 * been called, on the screen and on port E9h; then the machine stops.
 *
 * To return would be to fault again for ever. Interrupts by instruction through the same vectors return,
 * as through any that is not set; so do single steps, breakpoints and overflow (1, 3, 4), which are
 * reported behind their instruction. Vectors 0Ch and 0Dh are IRQ 4's and 5's, too. */
#include "services.h"

#include "bda.h"

#define LOG_PORT 0xe9
#define INSN_INT 0xcd
#define ROMS_SEG 0xc000

/* ebda->stopping: an exception while the screen is written to says nothing more. */
enum { RUNNING, LOGGING, SHOWING };

static void say_char(u8 c)
{
    if (ebda->stopping == LOGGING)
        outb(LOG_PORT, c);
    else
        put_char(c);
}

static void say(const char *rom_text)
{
    u8 c;

    while ((c = rom8(rom_text++)))
        say_char(c);
}

static void say_hex(u32 value, unsigned digits)
{
    while (digits--)
        say_char(rom8(S("0123456789ABCDEF") + (value >> (digits * 4) & 15)));
}

static void say_address(u32 at)
{
    say_hex(at >> 16, 4);
    say_char(':');
    say_hex((u16)at, 4);
}

void exception_report(u8 vector, u32 at, u32 caller)
{
    if (ebda->stopping)
        return;
    for (u8 to = LOGGING; to <= SHOWING; to++) {
        ebda->stopping = to;
        say(S("\nException "));
        say_hex(vector, 2);
        say(S("h at "));
        say_address(at);
        if (caller) {
            say(S(" in the BIOS, called from "));
            say_address(caller);
        }
        say(S(". Stopped.\n"));
    }
}

/* Behind the INT of whoever called the service that is on our stack; 0: this was not in one. */
static u32 caller_of(const struct entry_frame *f)
{
    u32 top = ebda->stack.pos;
    u16 ss, sp;

    if (f->regs.cs < ROMS_SEG || f->ss != ebda->stack.seg)
        return 0;
    ss = *(u16 *)(top - 2);
    sp = *(u16 *)(top - 6);
    return (u32)far_read16(ss, sp + FRAME_CS) << 16 | far_read16(ss, sp + FRAME_IP);
}

static void exception(struct regs *r, u8 vector)
{
    if (far_read8(r->cs, r->ip - 2) == INSN_INT && far_read8(r->cs, r->ip - 1) == vector)
        return;
    exception_stop(vector, (u32)r->cs << 16 | r->ip, caller_of((void *)r));
}

void int00(struct regs *r)
{
    exception(r, 0x00);
}

void int06(struct regs *r)
{
    exception(r, 0x06);
}

void int07(struct regs *r)
{
    exception(r, 0x07);
}

/* Vectors that an IRQ has, too. */
static void exception_or_irq(struct regs *r, u8 vector)
{
    outb(0x20, 0x0b);
    if (inb(0x20) >> (vector - 8) & 1)
        int_irq(r);
    else
        exception(r, vector);
}

void int0c(struct regs *r)
{
    exception_or_irq(r, 0x0c);
}

void int0d(struct regs *r)
{
    exception_or_irq(r, 0x0d);
}
