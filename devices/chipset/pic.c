/* The interrupt controllers: two cascaded 8259A with the edge/level registers of later chipsets.
 *
 * Implemented: every ICW and OCW in 8086 mode: fully nested, special fully nested and special mask
 * mode, automatic EOI, all EOI and rotation commands, poll, spurious interrupts; ELCR (ports 0x4d0,
 * 0x4d1). Not implemented: MCS-80 mode (ICW4 uPM is taken as 1), buffered mode (no effect on a PC),
 * ICW1 LTIM and ADI (replaced by ELCR and unused, as in the 82371).
 * Sources: Intel 8259A datasheet (231468); Intel 82371SB datasheet for ELCR and LTIM.
 *
 * A request is the input AND, when edge-triggered, a latch that a rising edge sets and an
 * acknowledge clears: a line that falls before the acknowledge takes its request back, and the
 * acknowledge then yields a spurious interrupt 7. The slave's INT drops at every acknowledge, so
 * that each of its requests is a new edge on IRQ 2; here that input is level-triggered, which comes
 * to the same. */
#include "devices/chipset/pic.h"

#include <string.h>

#define MASTER  0
#define SLAVE   1
#define CASCADE 2 /* the master's input that the slave drives */

/* ICW1, OCW2 and OCW3 share A0=0 and are told apart by bits 3 and 4. */
#define ICW1_ID     0x10
#define ICW1_SINGLE 0x02
#define ICW1_IC4    0x01
#define ICW4_SFNM   0x10
#define ICW4_AEOI   0x02
#define OCW3_ID     0x08
#define OCW3_ESMM   0x40
#define OCW3_SMM    0x20
#define OCW3_POLL   0x04
#define OCW3_RR     0x02
#define OCW3_RIS    0x01

/* OCW2's R, SL and EOI bits. */
enum {
    OCW2_ROTATE_AUTO_CLEAR = 0,
    OCW2_EOI = 1,
    OCW2_NOP = 2,
    OCW2_EOI_SPECIFIC = 3,
    OCW2_ROTATE_AUTO_SET = 4,
    OCW2_EOI_ROTATE = 5,
    OCW2_SET_PRIORITY = 6,
    OCW2_EOI_SPECIFIC_ROTATE = 7,
};

/* ELCR bits that exist: IRQ 0, 1, 2, 8 and 13 are always edge-triggered. */
static const u8 elcr_mask[2] = {0xf8, 0xde};

static u8 chip_irr(const struct pic_chip *chip)
{
    return chip->lines & (chip->edge | chip->elcr | chip->cascade);
}

/* The input of highest priority in set, as distance from the top: 0 to 7, 8 when the set is empty.
 * */
static unsigned chip_rank(const struct pic_chip *chip, u8 set)
{
    for (unsigned rank = 0; rank < 8; rank++)
        if (set & (1u << ((chip->lowest + 1 + rank) & 7)))
            return rank;
    return 8;
}

static unsigned chip_input(const struct pic_chip *chip, unsigned rank)
{
    return (chip->lowest + 1 + rank) & 7;
}

/* The input whose request passes, or -1. None does during the initialisation sequence. */
static int chip_request(const struct pic_chip *chip)
{
    u8 serving = chip->special_mask ? chip->isr & (u8)~chip->imr : chip->isr;
    unsigned rank = chip_rank(chip, chip_irr(chip) & (u8)~chip->imr);
    unsigned serving_rank = chip_rank(chip, serving);

    if (rank == 8 || chip->step != PIC_READY)
        return -1;
    if (rank < serving_rank)
        return (int)chip_input(chip, rank);
    /* Special fully nested: a slave in service may interrupt again. */
    if (rank == serving_rank && chip->nested && chip->cascade & (1u << chip_input(chip, rank)))
        return (int)chip_input(chip, rank);
    return -1;
}

/* Carries requests from the slave to the master to the CPU. */
static void pic_update(struct pic *pic)
{
    struct pic_chip *master = &pic->chip[MASTER];
    bool level;

    if (chip_request(&pic->chip[SLAVE]) >= 0)
        master->lines |= 1u << CASCADE;
    else
        master->lines &= (u8) ~(1u << CASCADE);
    level = chip_request(master) >= 0;
    if (level != pic->level) {
        pic->level = level;
        pic->intr(pic->opaque, level);
    }
}

void pic_set_irq(void *opaque, unsigned line, bool level)
{
    struct pic *pic = opaque;
    struct pic_chip *chip = &pic->chip[line >> 3];
    u8 bit = (u8)(1u << (line & 7));

    BUG_ON(line > 15);
    if (line == CASCADE || !!(chip->lines & bit) == level)
        return;
    if (level) {
        chip->lines |= bit;
        chip->edge |= bit;
    } else {
        chip->lines &= (u8)~bit;
        chip->edge &= (u8)~bit;
    }
    pic_update(pic);
}

/* The acknowledge cycle of one chip: the input it names, 7 when nothing is pending. */
static unsigned chip_ack(struct pic_chip *chip)
{
    int input = chip_request(chip);
    u8 bit;

    if (input < 0)
        return 7;
    bit = (u8)(1u << input);
    chip->edge &= (u8)~bit;
    if (!chip->auto_eoi)
        chip->isr |= bit;
    else if (chip->rotate_auto)
        chip->lowest = (u8)input;
    return (unsigned)input;
}

u8 pic_ack(struct pic *pic)
{
    struct pic_chip *master = &pic->chip[MASTER], *slave = &pic->chip[SLAVE];
    bool pending = chip_request(master) >= 0;
    unsigned input = chip_ack(master);
    u8 vector = (u8)(master->vector | input);

    pic->acked = (u8)input;
    if (pending && (master->cascade & (1u << input))) {
        pending = chip_request(slave) >= 0;
        input = chip_ack(slave);
        vector = (u8)(slave->vector | input);
        pic->acked = (u8)(8 + input);
    }
    if (!pending)
        pic->acked += PIC_SPURIOUS;
    pic_update(pic);
    return vector;
}

const char *pic_acked_name(const struct pic *pic)
{
    static const char *const names[] = {
        "IRQ 0",
        "IRQ 1",
        "IRQ 2",
        "IRQ 3",
        "IRQ 4",
        "IRQ 5",
        "IRQ 6",
        "IRQ 7",
        "IRQ 8",
        "IRQ 9",
        "IRQ 10",
        "IRQ 11",
        "IRQ 12",
        "IRQ 13",
        "IRQ 14",
        "IRQ 15",
        [PIC_SPURIOUS + 7] = "spurious IRQ 7",
        [PIC_SPURIOUS + 15] = "spurious IRQ 15",
    };

    return names[pic->acked];
}

static void chip_write_ocw2(struct pic_chip *chip, u8 value)
{
    unsigned level = value & 7, rank;
    u8 serving = chip->isr;

    switch (value >> 5) {
    case OCW2_ROTATE_AUTO_CLEAR: chip->rotate_auto = false; break;
    case OCW2_ROTATE_AUTO_SET: chip->rotate_auto = true; break;
    case OCW2_EOI:
    case OCW2_EOI_ROTATE:
        if (chip->special_mask) /* masked levels are out of reach of a non-specific EOI */
            serving &= (u8)~chip->imr;
        rank = chip_rank(chip, serving);
        if (rank == 8)
            break;
        level = chip_input(chip, rank);
        chip->isr &= (u8) ~(1u << level);
        if (value >> 5 == OCW2_EOI_ROTATE)
            chip->lowest = (u8)level;
        break;
    case OCW2_EOI_SPECIFIC_ROTATE: chip->lowest = (u8)level; /* fall through */
    case OCW2_EOI_SPECIFIC: chip->isr &= (u8) ~(1u << level); break;
    case OCW2_SET_PRIORITY: chip->lowest = (u8)level; break;
    case OCW2_NOP: break;
    }
}

static void chip_write_icw1(struct pic_chip *chip, u8 value)
{
    chip->edge = 0; /* a line that is high now needs a new edge */
    chip->imr = 0;
    chip->isr = 0;
    chip->lowest = 7;
    chip->special_mask = chip->read_isr = chip->poll = false;
    chip->auto_eoi = chip->rotate_auto = chip->nested = false; /* IC4=0 clears ICW4's functions */
    chip->single = value & ICW1_SINGLE;
    chip->icw4 = value & ICW1_IC4;
    chip->step = PIC_WANT_ICW2;
}

static void chip_write_icw(struct pic_chip *chip, u8 value)
{
    switch (chip->step) {
    case PIC_WANT_ICW2:
        chip->vector = value & 0xf8;
        chip->step = !chip->single ? PIC_WANT_ICW3 : chip->icw4 ? PIC_WANT_ICW4 : PIC_READY;
        break;
    case PIC_WANT_ICW3: /* the wiring is the board's: the slave is on IRQ 2 whatever ICW3 says */
        chip->step = chip->icw4 ? PIC_WANT_ICW4 : PIC_READY;
        break;
    case PIC_WANT_ICW4:
        chip->nested = value & ICW4_SFNM;
        chip->auto_eoi = value & ICW4_AEOI;
        chip->step = PIC_READY;
        break;
    case PIC_READY: BUG("no ICW expected");
    }
}

static void chip_write(struct pic_chip *chip, unsigned a0, u8 value)
{
    if (a0 && chip->step != PIC_READY) {
        chip_write_icw(chip, value);
    } else if (a0) {
        chip->imr = value;
    } else if (value & ICW1_ID) {
        chip_write_icw1(chip, value);
    } else if (value & OCW3_ID) {
        if (value & OCW3_ESMM)
            chip->special_mask = value & OCW3_SMM;
        if (value & OCW3_POLL)
            chip->poll = true;
        else if (value & OCW3_RR)
            chip->read_isr = value & OCW3_RIS;
    } else {
        chip_write_ocw2(chip, value);
    }
}

static u8 chip_read(struct pic_chip *chip, unsigned a0)
{
    if (chip->poll) { /* the read after a poll command is an acknowledge, whatever its A0 */
        bool pending = chip_request(chip) >= 0;

        chip->poll = false;
        return pending ? (u8)(0x80 | chip_ack(chip)) : 0;
    }
    if (a0)
        return chip->imr;
    return chip->read_isr ? chip->isr : chip_irr(chip);
}

static void pic_write(struct pic *pic, unsigned chip, u16 offset, u32 value)
{
    chip_write(&pic->chip[chip], offset, (u8)value);
    pic_update(pic);
}

static u32 pic_read(struct pic *pic, unsigned chip, u16 offset)
{
    u8 value = chip_read(&pic->chip[chip], offset);

    pic_update(pic);
    return value;
}

static void master_write(void *opaque, u16 offset, u32 value, unsigned size)
{
    (void)size;
    pic_write(opaque, MASTER, offset, value);
}

static u32 master_read(void *opaque, u16 offset, unsigned size)
{
    (void)size;
    return pic_read(opaque, MASTER, offset);
}

static void slave_write(void *opaque, u16 offset, u32 value, unsigned size)
{
    (void)size;
    pic_write(opaque, SLAVE, offset, value);
}

static u32 slave_read(void *opaque, u16 offset, unsigned size)
{
    (void)size;
    return pic_read(opaque, SLAVE, offset);
}

static void elcr_write(void *opaque, u16 offset, u32 value, unsigned size)
{
    struct pic *pic = opaque;

    (void)size;
    pic->chip[offset].elcr = (u8)value & elcr_mask[offset];
    pic_update(pic);
}

static u32 elcr_read(void *opaque, u16 offset, unsigned size)
{
    struct pic *pic = opaque;

    (void)size;
    return pic->chip[offset].elcr;
}

static const struct ioport_ops master_ops = {master_read, master_write, 1};
static const struct ioport_ops slave_ops = {slave_read, slave_write, 1};
static const struct ioport_ops elcr_ops = {elcr_read, elcr_write, 1};

/* The inputs' levels stay: they are the devices'. Everything is masked until ICW1, which the
 * datasheet leaves open. */
void pic_reset(struct pic *pic)
{
    for (unsigned i = 0; i < 2; i++) {
        struct pic_chip *chip = &pic->chip[i];

        *chip = (struct pic_chip){
            .lines = chip->lines,
            .imr = 0xff,
            .lowest = 7,
            .cascade = i == MASTER ? 1u << CASCADE : 0,
        };
    }
    pic_update(pic);
}

static void chip_state(struct pic_chip *chip, unsigned number, struct state *state)
{
    u8 step = (u8)chip->step;

    state_u8(state, &chip->lines);
    state_u8(state, &chip->edge);
    state_u8(state, &chip->imr);
    state_u8(state, &chip->isr);
    state_u8(state, &chip->elcr);
    state_u8(state, &chip->vector);
    state_u8(state, &chip->lowest);
    state_u8(state, &step);
    state_bool(state, &chip->single);
    state_bool(state, &chip->icw4);
    state_bool(state, &chip->auto_eoi);
    state_bool(state, &chip->rotate_auto);
    state_bool(state, &chip->nested);
    state_bool(state, &chip->special_mask);
    state_bool(state, &chip->read_isr);
    state_bool(state, &chip->poll);
    if (!state->loading)
        return;
    if (step > PIC_WANT_ICW4 || chip->lowest > 7)
        state_reject(state);
    chip->step = step > PIC_WANT_ICW4 ? PIC_READY : (enum pic_init_step)step;
    chip->lowest &= 7;
    chip->vector &= 0xf8;
    chip->elcr &= elcr_mask[number];
}

void pic_state(struct pic *pic, struct state *state)
{
    if (!state_begin(state, "pic"))
        return;
    for (unsigned i = 0; i < 2; i++)
        chip_state(&pic->chip[i], i, state);
    state_end(state);
    if (state->loading)
        pic_update(pic);
}

void pic_init(struct pic *pic, struct ioport_bus *bus, void (*intr)(void *opaque, bool level),
              void *opaque)
{
    memset(pic, 0, sizeof(*pic));
    pic->intr = intr;
    pic->opaque = opaque;
    pic_reset(pic);
    ioport_add(bus, 0x20, 2, &master_ops, pic, "pic master");
    ioport_add(bus, 0xa0, 2, &slave_ops, pic, "pic slave");
    ioport_add(bus, 0x4d0, 2, &elcr_ops, pic, "pic elcr");
}
