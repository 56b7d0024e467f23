/* The keyboard controller: an 8042 with the PS/2 mouse port.
 *
 * Implemented: the controller commands of the PS/2 (but those below), both devices' ports with
 * their enables and interrupts, A20 and reset on the output port, translation of scan codes. Not
 * implemented: passwords (A4 says that none is set; A5 and A6 do nothing), diagnostic dump (AC)
 * and input port polling (C1, C2), which do nothing. Sources: IBM PS/2 Hardware Interface
 * Technical Reference, "Keyboard and Auxiliary Device Controller"; IBM AT Technical Reference.
 *
 * The output buffer holds one byte; what else is to be sent waits where it is: the controller's
 * answer first, then the keyboard's, then the mouse's. Each byte is a new edge on its interrupt
 * line. Answers come at once. A scan code or a byte of a movement comes no sooner after the last
 * read of the output buffer than its line would have brought it: programs that chain to another
 * interrupt handler rely on reading the same byte twice. */
#include "devices/input/kbc.h"

#include <string.h>

#include "devices/input/kbc_translate.h"

/* Status register. */
#define STATUS_FULL     0x01 /* a byte is in the output buffer, */
#define STATUS_SYSTEM   0x04
#define STATUS_COMMAND  0x08 /* the last write was to port 0x64 */
#define STATUS_UNLOCKED 0x10
#define STATUS_AUX      0x20 /* and it is the mouse's */

/* Command byte. */
#define CTR_IRQ1      0x01
#define CTR_IRQ12     0x02
#define CTR_SYSTEM    0x04
#define CTR_NO_KBD    0x10
#define CTR_NO_AUX    0x20
#define CTR_TRANSLATE 0x40
/* As a BIOS leaves it: keyboard on with interrupt and translation, mouse off. */
#define CTR_RESET (CTR_IRQ1 | CTR_SYSTEM | CTR_NO_AUX | CTR_TRANSLATE)

/* Output port. */
#define OUT_NO_RESET 0x01
#define OUT_A20      0x02
#define OUT_IRQ1     0x10
#define OUT_IRQ12    0x20
#define OUT_IDLE     0xc0 /* clock and data lines of the keyboard */

/* Eleven bits at 10 to 16.7 kHz (Technical Reference, "Data stream"): 0.66 ms at the fastest. */
#define BYTE_NS 700000u

/* Input port: keyboard not locked, monochrome-or-none jumper, no manufacturing jumper, RAM. */
#define IN_PORT 0xf0

enum {
    CMD_READ_RAM = 0x20,  /* to 0x3f */
    CMD_WRITE_RAM = 0x60, /* to 0x7f */
    CMD_TEST_PASSWORD = 0xa4,
    CMD_DISABLE_AUX = 0xa7,
    CMD_ENABLE_AUX = 0xa8,
    CMD_TEST_AUX = 0xa9,
    CMD_SELF_TEST = 0xaa,
    CMD_TEST_KBD = 0xab,
    CMD_DISABLE_KBD = 0xad,
    CMD_ENABLE_KBD = 0xae,
    CMD_READ_INPUT = 0xc0,
    CMD_READ_OUTPUT = 0xd0,
    CMD_WRITE_OUTPUT = 0xd1,
    CMD_FAKE_KBD = 0xd2,
    CMD_FAKE_AUX = 0xd3,
    CMD_WRITE_AUX = 0xd4,
    CMD_A20_OFF = 0xdd,
    CMD_A20_ON = 0xdf,
    CMD_READ_TEST = 0xe0,
    CMD_PULSE = 0xf0, /* to 0xff */
};

static void update_irqs(struct kbc *kbc)
{
    bool full = kbc->status & STATUS_FULL, aux = kbc->status & STATUS_AUX;

    irq_set(&kbc->irq1, full && !aux && kbc->ram[0] & CTR_IRQ1);
    irq_set(&kbc->irq12, full && aux && kbc->ram[0] & CTR_IRQ12);
}

/* Whether a device's next byte has come; when it is on its way, the timer calls again. */
static bool has_byte(struct kbc *kbc, const struct ps2_line *line)
{
    switch (ps2_waiting(line)) {
    case PS2_NOTHING: return false;
    case PS2_ANSWER: return true;
    case PS2_EVENT:
        if (clock_now(kbc->clock) >= kbc->free_at)
            return true;
        timer_arm(&kbc->timer, kbc->free_at);
        return false;
    }
    BUG("what waits on a line");
}

/* The next byte of the keyboard, as the command byte wants it; false when that makes none. */
static bool keyboard_byte(struct kbc *kbc, u8 *value)
{
    *value = ps2_take(&kbc->keyboard.line);
    if (!(kbc->ram[0] & CTR_TRANSLATE)) {
        kbc->breaking = false;
        return true;
    }
    if (*value == KBC_BREAK) {
        kbc->breaking = true;
        return false;
    }
    *value = kbc_translate(*value) | (kbc->breaking ? 0x80 : 0);
    kbc->breaking = false;
    return true;
}

/* Puts the next byte into the output buffer, when that is empty. */
static void fill_output(struct kbc *kbc)
{
    bool aux = false;
    u8 value;

    if (kbc->status & STATUS_FULL)
        return;
    if (kbc->answer) {
        kbc->answer = false;
        aux = kbc->answer_aux;
        value = kbc->answer_data;
    } else if (!(kbc->ram[0] & CTR_NO_KBD) && has_byte(kbc, &kbc->keyboard.line)) {
        if (!keyboard_byte(kbc, &value)) {
            fill_output(kbc); /* at most once a byte that waits */
            return;
        }
    } else if (!(kbc->ram[0] & CTR_NO_AUX) && has_byte(kbc, &kbc->mouse.line)) {
        aux = true;
        value = ps2_take(&kbc->mouse.line);
    } else {
        return;
    }
    kbc->data = value;
    kbc->status = (kbc->status & (u8)~STATUS_AUX) | STATUS_FULL | (aux ? STATUS_AUX : 0);
}

/* A device has an event, or the line's byte has come. */
static void line_ready(void *opaque)
{
    struct kbc *kbc = opaque;

    fill_output(kbc);
    update_irqs(kbc);
}

static void answer(struct kbc *kbc, u8 value, bool aux)
{
    kbc->answer = true;
    kbc->answer_data = value;
    kbc->answer_aux = aux;
}

static void write_output_port(struct kbc *kbc, u8 value)
{
    kbc->output_port = value & (OUT_NO_RESET | OUT_A20);
    kbc->a20(kbc->opaque, value & OUT_A20);
    if (!(value & OUT_NO_RESET))
        kbc->reset(kbc->opaque);
}

static u8 read_output_port(const struct kbc *kbc)
{
    u8 full = kbc->status & (STATUS_FULL | STATUS_AUX);

    return kbc->output_port | OUT_IDLE | (full == STATUS_FULL ? OUT_IRQ1 : 0) |
           (full == (STATUS_FULL | STATUS_AUX) ? OUT_IRQ12 : 0);
}

static void write_command(struct kbc *kbc, u8 value)
{
    kbc->command = 0;
    if (value >= CMD_PULSE) { /* low bits: which lines of the output port stay high */
        if (!(value & OUT_NO_RESET))
            kbc->reset(kbc->opaque);
        return;
    }
    if (value >= CMD_READ_RAM && value < CMD_READ_RAM + 32) {
        answer(kbc, kbc->ram[value & 31], false);
        return;
    }
    if (value >= CMD_WRITE_RAM && value < CMD_WRITE_RAM + 32) {
        kbc->command = value;
        return;
    }
    switch (value) {
    case CMD_TEST_PASSWORD: answer(kbc, 0xf1, false); break; /* none */
    case CMD_DISABLE_AUX: kbc->ram[0] |= CTR_NO_AUX; break;
    case CMD_ENABLE_AUX: kbc->ram[0] &= (u8)~CTR_NO_AUX; break;
    case CMD_TEST_AUX: answer(kbc, 0x00, false); break;
    case CMD_SELF_TEST:
        kbc->ram[0] |= CTR_SYSTEM;
        answer(kbc, 0x55, false);
        break;
    case CMD_TEST_KBD: answer(kbc, 0x00, false); break;
    case CMD_DISABLE_KBD: kbc->ram[0] |= CTR_NO_KBD; break;
    case CMD_ENABLE_KBD: kbc->ram[0] &= (u8)~CTR_NO_KBD; break;
    case CMD_READ_INPUT: answer(kbc, IN_PORT, false); break;
    case CMD_READ_OUTPUT: answer(kbc, read_output_port(kbc), false); break;
    case CMD_READ_TEST: answer(kbc, 0x00, false); break;
    case CMD_A20_OFF: write_output_port(kbc, kbc->output_port & (u8)~OUT_A20); break;
    case CMD_A20_ON: write_output_port(kbc, kbc->output_port | OUT_A20); break;
    case CMD_WRITE_OUTPUT:
    case CMD_FAKE_KBD:
    case CMD_FAKE_AUX:
    case CMD_WRITE_AUX: kbc->command = value; break;
    }
}

/* Data for a device switches that device's port on. */
static void write_data(struct kbc *kbc, u8 value)
{
    u8 command = kbc->command;

    kbc->command = 0;
    switch (command) {
    case 0:
        kbc->ram[0] &= (u8)~CTR_NO_KBD;
        kbc->breaking = false;
        ps2kbd_write(&kbc->keyboard, value);
        break;
    case CMD_WRITE_AUX:
        kbc->ram[0] &= (u8)~CTR_NO_AUX;
        ps2mouse_write(&kbc->mouse, value);
        break;
    case CMD_WRITE_OUTPUT: write_output_port(kbc, value); break;
    case CMD_FAKE_KBD: answer(kbc, value, false); break;
    case CMD_FAKE_AUX: answer(kbc, value, true); break;
    default: kbc->ram[command & 31] = value; /* CMD_WRITE_RAM */
    }
}

static void data_write(void *opaque, u16 offset, u32 value, unsigned size)
{
    struct kbc *kbc = opaque;

    (void)offset, (void)size;
    kbc->status &= (u8)~STATUS_COMMAND;
    write_data(kbc, (u8)value);
    fill_output(kbc);
    update_irqs(kbc);
}

static void command_write(void *opaque, u16 offset, u32 value, unsigned size)
{
    struct kbc *kbc = opaque;

    (void)offset, (void)size;
    kbc->status |= STATUS_COMMAND;
    write_command(kbc, (u8)value);
    fill_output(kbc);
    update_irqs(kbc);
}

static u32 data_read(void *opaque, u16 offset, unsigned size)
{
    struct kbc *kbc = opaque;
    u8 value = kbc->data;

    (void)offset, (void)size;
    if (kbc->status & STATUS_FULL)
        kbc->free_at = clock_now(kbc->clock) + BYTE_NS;
    kbc->status &= (u8) ~(STATUS_FULL | STATUS_AUX);
    update_irqs(kbc); /* both lines fall, for the next byte to be an edge */
    fill_output(kbc);
    update_irqs(kbc);
    return value;
}

static u32 status_read(void *opaque, u16 offset, unsigned size)
{
    struct kbc *kbc = opaque;

    (void)offset, (void)size;
    return kbc->status | (kbc->ram[0] & CTR_SYSTEM ? STATUS_SYSTEM : 0);
}

static const struct ioport_ops data_ops = {data_read, data_write, 1};
static const struct ioport_ops command_ops = {status_read, command_write, 1};

/* A20's state at reset is the board's (port92.h); the output port shows it on. */
void kbc_reset(struct kbc *kbc)
{
    ps2kbd_reset(&kbc->keyboard);
    ps2mouse_reset(&kbc->mouse);
    timer_cancel(&kbc->timer);
    kbc->free_at = 0;
    kbc->breaking = false;
    memset(kbc->ram, 0, sizeof(kbc->ram));
    kbc->ram[0] = CTR_RESET;
    kbc->status = STATUS_UNLOCKED;
    kbc->data = 0;
    kbc->command = 0;
    kbc->answer = false;
    kbc->output_port = OUT_NO_RESET | OUT_A20;
    update_irqs(kbc);
}

void kbc_state(struct kbc *kbc, struct state *state)
{
    ps2kbd_state(&kbc->keyboard, state);
    ps2mouse_state(&kbc->mouse, state);
    if (!state_begin(state, "kbc"))
        return;
    state_bytes(state, kbc->ram, sizeof(kbc->ram));
    state_u8(state, &kbc->status);
    state_u8(state, &kbc->data);
    state_u8(state, &kbc->command);
    state_u8(state, &kbc->output_port);
    state_bool(state, &kbc->answer);
    state_bool(state, &kbc->answer_aux);
    state_u8(state, &kbc->answer_data);
    state_bool(state, &kbc->breaking);
    state_u64(state, &kbc->free_at);
    state_timer(state, &kbc->timer);
    state_end(state);
    if (state->loading)
        update_irqs(kbc);
}

void kbc_init(struct kbc *kbc, struct ioport_bus *bus, struct clock *clock, struct irq irq1,
              struct irq irq12, void (*a20)(void *opaque, bool on), void (*reset)(void *opaque),
              void *opaque)
{
    memset(kbc, 0, sizeof(*kbc));
    kbc->clock = clock;
    kbc->irq1 = irq1;
    kbc->irq12 = irq12;
    kbc->a20 = a20;
    kbc->reset = reset;
    kbc->opaque = opaque;
    timer_init(&kbc->timer, clock, line_ready, kbc);
    ps2kbd_init(&kbc->keyboard, clock, line_ready, kbc);
    ps2mouse_init(&kbc->mouse, clock, PS2MOUSE_FIVE, line_ready, kbc);
    kbc_reset(kbc);
    ioport_add(bus, 0x60, 1, &data_ops, kbc, "kbc data");
    ioport_add(bus, 0x64, 1, &command_ops, kbc, "kbc command");
}
