/* An IDE channel: what the devices on an ATA bus do alike.
 *
 * Implemented: both register blocks, LBA48's double registers and HOB, selection, nIEN, SRST, EXECUTE
 * DEVICE DIAGNOSTIC, the data port at 8, 16 and 32 bits, also by whole blocks. Commands take no time:
 * BSY is seen only while SRST is set. Not implemented: overlapped and queued commands, 8-bit data
 * transfers (an 8-bit access takes the low half of a word), the drive address register (0x3f7).
 * Source: T13 1410D (ATA/ATAPI-6), sections 5.3 and 7 for signals and registers, 9.1-9.3 for resets,
 * 9.5-9.7 for the PIO protocols.
 *
 * Where no device answers, all registers read as zeros, as on QEMU's board: on a channel without
 * drives, and for a device 0 that is missing beside a device 1. A real bus floats there, with a
 * pull-down at D7 (1410D, 5.2.6); nobody may see BSY. For a missing device 1 device 0 answers with
 * its own registers, but for the status, which is 00, and takes none of its commands (1410D, 9.16). A
 * CD-ROM drive answers with zeros: some BIOSes wait half a minute for a second one when they see its
 * signature there. */
#include "devices/disk/ide.h"

#include <string.h>

enum ide_register {
    REG_DATA,
    REG_FEATURE, /* read: error */
    REG_COUNT,
    REG_LOW,
    REG_MID,
    REG_HIGH,
    REG_DEVICE,
    REG_COMMAND, /* read: status */
};
#define REGISTERS 8

/* Device control. */
#define CONTROL_NIEN 0x02
#define CONTROL_SRST 0x04
#define CONTROL_HOB  0x80

#define DEVICE_FIXED 0xa0 /* obsolete bits that read as ones */

#define COMMAND_DEVICE_RESET 0x08
#define COMMAND_DIAGNOSE     0x90

#define DIAGNOSIS_GOOD 0x01

#define NOBODY 0x00 /* read where no device answers */

struct ide_drive *ide_selected(struct ide_channel *channel)
{
    return &channel->drive[channel->drive[0].device & IDE_DEVICE_1 ? 1 : 0];
}

static bool is_there(const struct ide_drive *drive)
{
    return drive->ops != NULL;
}

/* The device that answers for the selected one; NULL: none does. */
static const struct ide_drive *answering(struct ide_channel *channel)
{
    const struct ide_drive *drive = ide_selected(channel), *first = &channel->drive[0];

    if (is_there(drive))
        return drive;
    return is_there(first) && !first->ops->packet ? first : NULL;
}

/* Drives the interrupt line: the selected device has it, unless nIEN floats it. */
static void update_irq(struct ide_channel *channel)
{
    bool level = ide_selected(channel)->interrupt && !(channel->control & CONTROL_NIEN);

    if (level == channel->level)
        return;
    channel->level = level;
    irq_set(&channel->irq, level);
}

void ide_interrupt(struct ide_drive *drive)
{
    drive->interrupt = true;
    update_irq(drive->channel);
}

void ide_go_idle(struct ide_drive *drive, u8 status)
{
    drive->phase = IDE_IDLE;
    drive->at = drive->end = 0;
    drive->status = status;
}

void ide_complete(struct ide_drive *drive)
{
    ide_go_idle(drive, drive->ready);
    ide_interrupt(drive);
}

void ide_fail(struct ide_drive *drive, u8 error)
{
    ide_go_idle(drive, drive->ready | IDE_ERR);
    drive->error = error;
    ide_interrupt(drive);
}

bool ide_passes(struct ide_drive *drive, bool write, int error)
{
    switch (block_failed(drive->block, write, error)) {
    case BLOCK_FAILED: return false;
    case BLOCK_PASSED: return true;
    case BLOCK_WAITING:
        ide_go_idle(drive, IDE_BSY);
        drive->waiting = true;
        return true;
    }
    BUG("what becomes of a failed request");
}

void ide_retry(struct ide_channel *channel)
{
    for (unsigned i = 0; i < 2; i++) {
        struct ide_drive *drive = &channel->drive[i];

        if (!drive->waiting)
            continue;
        drive->waiting = false;
        ide_go_idle(drive, drive->ready);
        drive->ops->retry(drive);
        if ((drive->phase == IDE_DMA_IN || drive->phase == IDE_DMA_OUT) && channel->dma_ready)
            channel->dma_ready(channel->dma_opaque);
    }
}

void ide_move(struct ide_drive *drive, enum ide_phase phase, u32 from, u32 to)
{
    BUG_ON(from >= to || to > IDE_BUFFER);
    drive->phase = phase;
    drive->at = from;
    drive->end = to;
    drive->status = drive->ready | IDE_DRQ;
}

void ide_moved(struct ide_drive *drive, u32 len)
{
    drive->at += len;
    if (drive->at >= drive->end)
        drive->ops->moved(drive);
}

void ide_signature(struct ide_drive *drive, u8 mid, u8 high)
{
    drive->now = (struct ide_taskfile){.count = 1, .low = 1, .mid = mid, .high = high};
    drive->previous = (struct ide_taskfile){0};
}

/* Resets, and the diagnosis that is part of them. */

static void reset_drive(struct ide_drive *drive, bool power_on)
{
    drive->interrupt = drive->waiting = false;
    drive->device = 0; /* which selects device 0 */
    if (!is_there(drive))
        return;
    ide_go_idle(drive, drive->ready);
    drive->error = DIAGNOSIS_GOOD;
    drive->ops->reset(drive, power_on);
}

static void reset_drives(struct ide_channel *channel, bool power_on)
{
    for (unsigned i = 0; i < 2; i++)
        reset_drive(&channel->drive[i], power_on);
    update_irq(channel);
}

/* Both drives do it, whichever is selected; device 0 tells. */
static void diagnose(struct ide_channel *channel)
{
    reset_drives(channel, false);
    if (is_there(&channel->drive[0]))
        ide_interrupt(&channel->drive[0]);
}

static void write_control(struct ide_channel *channel, u8 value)
{
    u8 old = channel->control;

    channel->control = value & (CONTROL_NIEN | CONTROL_SRST | CONTROL_HOB);
    if (value & CONTROL_SRST) {
        if (!(old & CONTROL_SRST))
            reset_drives(channel, false);
        for (unsigned i = 0; i < 2; i++)
            channel->drive[i].status |= IDE_BSY;
    } else if (old & CONTROL_SRST) {
        for (unsigned i = 0; i < 2; i++)
            channel->drive[i].status &= (u8)~IDE_BSY;
    }
    update_irq(channel);
}

/* The data port. */

static u32 data_read(struct ide_drive *drive, unsigned size)
{
    const u8 *from = drive->buffer + drive->at;
    u32 value;

    if (drive->phase != IDE_PIO_IN)
        return 0xffffffff;
    if (size == 4) {
        if (drive->end - drive->at <= 2) { /* two words of different blocks */
            value = data_read(drive, 2) & 0xffff;
            return value | data_read(drive, 2) << 16;
        }
        value = get32(from);
    } else {
        value = get16(from);
    }
    ide_moved(drive, size == 4 ? 4 : 2);
    return value;
}

static void data_write(struct ide_drive *drive, u32 value, unsigned size)
{
    if (drive->phase != IDE_PIO_OUT)
        return;
    if (size == 4 && drive->end - drive->at <= 2) {
        data_write(drive, value & 0xffff, 2);
        data_write(drive, value >> 16, 2);
        return;
    }
    if (size == 4)
        put32(drive->buffer + drive->at, value);
    else
        put16(drive->buffer + drive->at, (u16)value);
    ide_moved(drive, size == 4 ? 4 : 2);
}

/* Elements of `size` bytes that the data port moves before anything else happens. */
static u32 data_room(const struct ide_drive *drive, enum ide_phase phase, unsigned size, u32 count)
{
    u32 room = drive->phase == phase && size > 1 ? (drive->end - drive->at) / size : 0;

    return room < count ? room : count;
}

static u32 read_block(void *opaque, u16 offset, void *data, unsigned size, u32 count)
{
    struct ide_drive *drive = ide_selected(opaque);
    u32 n = offset == REG_DATA ? data_room(drive, IDE_PIO_IN, size, count) : 0;

    if (n) {
        memcpy(data, drive->buffer + drive->at, n * size);
        ide_moved(drive, n * size);
    }
    return n;
}

static u32 write_block(void *opaque, u16 offset, const void *data, unsigned size, u32 count)
{
    struct ide_drive *drive = ide_selected(opaque);
    u32 n = offset == REG_DATA ? data_room(drive, IDE_PIO_OUT, size, count) : 0;

    if (n) {
        memcpy(drive->buffer + drive->at, data, n * size);
        ide_moved(drive, n * size);
    }
    return n;
}

/* The other registers. Both drives hear every write; one that is busy or in a data phase does not
 * take it (1410D, 7.2). */

static void latch(u8 *now, u8 *previous, u8 value)
{
    *previous = *now;
    *now = value;
}

static void write_taskfile(struct ide_drive *drive, enum ide_register reg, u8 value)
{
    struct ide_taskfile *now = &drive->now, *previous = &drive->previous;

    if (drive->status & (IDE_BSY | IDE_DRQ))
        return;
    switch (reg) {
    case REG_FEATURE: latch(&now->feature, &previous->feature, value); break;
    case REG_COUNT: latch(&now->count, &previous->count, value); break;
    case REG_LOW: latch(&now->low, &previous->low, value); break;
    case REG_MID: latch(&now->mid, &previous->mid, value); break;
    case REG_HIGH: latch(&now->high, &previous->high, value); break;
    case REG_DEVICE:
    case REG_DATA:
    case REG_COMMAND: break;
    }
}

static void write_command(struct ide_channel *channel, u8 command)
{
    struct ide_drive *drive = ide_selected(channel);

    if (channel->control & CONTROL_SRST)
        return;
    if (command == COMMAND_DIAGNOSE) {
        diagnose(channel);
        return;
    }
    if (!is_there(drive))
        return;
    /* A command in a data phase ends what was under way. */
    drive->interrupt = false;
    update_irq(channel);
    ide_go_idle(drive, drive->ready);
    drive->error = 0;
    drive->ops->command(drive, command);
}

static void write_byte(struct ide_channel *channel, enum ide_register reg, u8 value)
{
    channel->control &= (u8)~CONTROL_HOB; /* (1410D, 7.8) */
    switch (reg) {
    case REG_COMMAND: write_command(channel, value); break;
    case REG_DEVICE: /* selection works in any phase */
        for (unsigned i = 0; i < 2; i++)
            channel->drive[i].device = value;
        update_irq(channel);
        break;
    case REG_DATA: data_write(ide_selected(channel), value, 1); break;
    case REG_FEATURE:
    case REG_COUNT:
    case REG_LOW:
    case REG_MID:
    case REG_HIGH:
        for (unsigned i = 0; i < 2; i++)
            write_taskfile(&channel->drive[i], reg, value);
        break;
    }
}

/* The status; clears the pending interrupt, unless it is read as the alternate one. */
static u8 read_status(struct ide_channel *channel, bool clears)
{
    struct ide_drive *drive = ide_selected(channel);

    if (!is_there(drive))
        return NOBODY;
    if (clears) {
        drive->interrupt = false;
        update_irq(channel);
    }
    return drive->status;
}

static u32 read_data(struct ide_channel *channel, unsigned size)
{
    struct ide_drive *drive = ide_selected(channel);

    return is_there(drive) ? data_read(drive, size) : NOBODY;
}

static u8 read_byte(struct ide_channel *channel, enum ide_register reg)
{
    const struct ide_drive *drive = answering(channel);
    const struct ide_taskfile *file;

    if (!drive)
        return NOBODY;
    file = channel->control & CONTROL_HOB ? &drive->previous : &drive->now;
    switch (reg) {
    case REG_DATA: return (u8)read_data(channel, 1);
    case REG_FEATURE: return drive->error;
    case REG_COUNT: return file->count;
    case REG_LOW: return file->low;
    case REG_MID: return file->mid;
    case REG_HIGH: return file->high;
    case REG_DEVICE: return drive->device | DEVICE_FIXED;
    case REG_COMMAND: return read_status(channel, true);
    }
    BUG("IDE register %d", (int)reg);
}

static u32 ide_read(void *opaque, u16 offset, unsigned size)
{
    struct ide_channel *channel = opaque;
    u32 value = 0;

    if (offset == REG_DATA && size > 1)
        return read_data(channel, size);
    for (unsigned i = 0; i < size && offset + i < REGISTERS; i++)
        value |= (u32)read_byte(channel, (enum ide_register)(offset + i)) << 8 * i;
    return value;
}

static void ide_write(void *opaque, u16 offset, u32 value, unsigned size)
{
    struct ide_channel *channel = opaque;

    if (offset == REG_DATA && size > 1) {
        data_write(ide_selected(channel), value, size);
        return;
    }
    for (unsigned i = 0; i < size && offset + i < REGISTERS; i++)
        write_byte(channel, (enum ide_register)(offset + i), (u8)(value >> 8 * i));
}

static u32 control_read(void *opaque, u16 offset, unsigned size)
{
    (void)offset, (void)size;
    return read_status(opaque, false);
}

static void control_write(void *opaque, u16 offset, u32 value, unsigned size)
{
    (void)offset, (void)size;
    write_control(opaque, (u8)value);
}

static const struct ioport_ops ide_ops = {ide_read, ide_write, 4};
static const struct ioport_block_ops block_ops = {read_block, write_block};

static const struct ioport_ops control_ops = {control_read, control_write, 1};

void ide_reset(struct ide_channel *channel)
{
    channel->control = 0;
    reset_drives(channel, true);
}

static void drive_state(struct ide_drive *drive, struct state *state)
{
    u32 phase = drive->phase;

    state_bytes(state, &drive->now, sizeof(drive->now));
    state_bytes(state, &drive->previous, sizeof(drive->previous));
    state_u8(state, &drive->device);
    state_u8(state, &drive->status);
    state_u8(state, &drive->error);
    state_bool(state, &drive->interrupt);
    state_bool(state, &drive->waiting);
    state_u32(state, &phase);
    state_u32(state, &drive->at);
    state_u32(state, &drive->end);
    if (phase > IDE_DMA_OUT || drive->end > IDE_BUFFER || drive->at > drive->end ||
        (phase != IDE_IDLE && drive->at == drive->end)) {
        state_reject(state);
        ide_go_idle(drive, drive->ready);
        return;
    }
    drive->phase = (enum ide_phase)phase;
    state_bytes(state, drive->buffer, IDE_BUFFER);
    drive->ops->state(drive, state);
}

/* The drives of the machine that loads must be those of the one that saved: that is the caller's
 * check, as it is for the size of RAM. */
void ide_state(struct ide_channel *channel, struct state *state)
{
    if (!state_begin(state, channel->name))
        return;
    state_u8(state, &channel->control);
    for (unsigned i = 0; i < 2; i++) {
        struct ide_drive *drive = &channel->drive[i];

        if (is_there(drive))
            drive_state(drive, state);
        else
            state_u8(state, &drive->device);
    }
    state_end(state);
    if (state->loading && channel->drive[0].device != channel->drive[1].device)
        channel->drive[1].device = channel->drive[0].device;
    channel->level = ide_selected(channel)->interrupt && !(channel->control & CONTROL_NIEN);
}

void ide_name(struct ide_drive *drive, const struct ide_identity *identity)
{
    drive->identity = *identity;
    if (identity->geometry.cylinders)
        drive->ata.own = identity->geometry;
}

void ide_init(struct ide_channel *channel, struct ioport_bus *bus, u16 base, u16 control,
              struct irq irq, const char *name)
{
    memset(channel, 0, sizeof(*channel));
    for (unsigned i = 0; i < 2; i++) {
        channel->drive[i].channel = channel;
        channel->drive[i].number = i;
    }
    channel->irq = irq;
    channel->name = name;
    ioport_add(bus, base, REGISTERS, &ide_ops, channel, name);
    ioport_add_block(bus, base, &block_ops);
    ioport_add(bus, control, 1, &control_ops, channel, name);
}
