/* The floppy disk controller, an 82077AA in PC-AT mode: registers, phases, interrupt.
 *
 * Implemented: the registers of PC-AT mode, with reset through the DOR and the DSR; every command
 * (fdc_cmd.c, fdc_data.c, fdc_sector.c). Not implemented: status registers A and B (PS/2 modes
 * only), power-down (its bit does nothing), write precompensation, tape selection but for the
 * register, delays in real time (SPECIFY's times are kept for DUMPREG). Drives are selected by the
 * number in a command, whatever the DOR selects. Source: Intel 82077AA datasheet (290166),
 * sections 2 to 6.
 *
 * Port base + 7 is shared with a disk controller on a PC: of its bits only 7 is the floppy's when
 * read. */
#include "devices/disk/fdc.h"

#include <errno.h>
#include <string.h>

#include "devices/disk/fdc_chip.h"

/* Offsets of the ports. */
enum { PORT_DOR = 2, PORT_TDR = 3, PORT_STATUS = 4, PORT_DATA = 5, PORT_DIR = 7 };

/* Main status register. */
#define STATUS_REQUEST 0x80
#define STATUS_READ    0x40 /* the host shall read, not write */
#define STATUS_NO_DMA  0x20
#define STATUS_BUSY    0x10

#define DSR_RESET  0x80
#define RATE_BITS  0x03
#define TDR_BITS   0x03
#define DIR_CHANGE 0x80
#define FLOATING   0x7f /* the disk controller's bits of the DIR, when there is none */

static void update_irq(struct fdc *fdc)
{
    irq_set(&fdc->irq, fdc->pending && fdc->dor & DOR_GATE);
}

void fdc_interrupt(struct fdc *fdc, bool on)
{
    fdc->pending = on;
    update_irq(fdc);
}

static void set_phase(struct fdc *fdc, enum fdc_phase phase)
{
    fdc->phase = (u8)phase;
    fdc->command_len = phase == FDC_COMMAND ? 0 : fdc->command_len;
}

void fdc_answer(struct fdc *fdc, const u8 *bytes, unsigned len, bool interrupt)
{
    BUG_ON(len > FDC_RESULTS);
    memcpy(fdc->result, bytes, len);
    fdc->result_len = (u8)len;
    fdc->result_at = 0;
    set_phase(fdc, FDC_RESULT);
    fdc->result_irq = interrupt;
    if (interrupt)
        fdc_interrupt(fdc, true);
}

void fdc_command_done(struct fdc *fdc)
{
    set_phase(fdc, FDC_COMMAND);
}

static bool in_reset(const struct fdc *fdc)
{
    return !(fdc->dor & DOR_NOT_RESET);
}

/* Both resets by software: everything stops. What SPECIFY set and where the heads are remains; what
 * CONFIGURE set does when it is locked. (Datasheet, section 4, and LOCK) */
static void soft_reset(struct fdc *fdc)
{
    timer_cancel(&fdc->timer);
    timer_cancel(&fdc->reset_timer);
    for (unsigned i = 0; i < FDC_DRIVES; i++) {
        timer_cancel(&fdc->drive[i].timer);
        fdc->drive[i].seeking = fdc->drive[i].interrupt = false;
    }
    dma_set_dreq(fdc->dma, fdc->channel, false);
    set_phase(fdc, FDC_COMMAND);
    fdc->config &= (u8) ~(CONFIG_SEEK | CONFIG_NO_POLL);
    if (!fdc->lock) {
        fdc->config = CONFIG_NO_FIFO;
        fdc->pretrk = 0;
    }
    fdc->perpendicular &= 0x3c; /* all but GAP and WGATE */
    fdc_interrupt(fdc, false);
}

/* Polling found every drive's ready line changed: one interrupt, four to sense. */
static void reset_due(void *opaque)
{
    struct fdc *fdc = opaque;

    for (unsigned i = 0; i < FDC_DRIVES; i++) {
        fdc->drive[i].interrupt = true;
        fdc->drive[i].st0 = (u8)(ST0_POLLING | i);
    }
    fdc_interrupt(fdc, true);
}

static void end_reset(struct fdc *fdc)
{
    timer_arm(&fdc->reset_timer, clock_now(fdc->clock) + FDC_RESET_NS);
}

static void write_dor(struct fdc *fdc, u8 value)
{
    bool was_reset = in_reset(fdc);

    fdc->dor = value;
    if (in_reset(fdc))
        soft_reset(fdc);
    else if (was_reset)
        end_reset(fdc);
    update_irq(fdc);
}

static void write_dsr(struct fdc *fdc, u8 value)
{
    fdc->rate = value & RATE_BITS;
    if (!(value & DSR_RESET) || in_reset(fdc))
        return;
    soft_reset(fdc); /* the bit clears itself */
    end_reset(fdc);
}

static void write_data(struct fdc *fdc, u8 value)
{
    if (in_reset(fdc))
        return;
    if (fdc->phase == FDC_EXECUTION && fdc->transfer.request && !fdc_transfer_reads(fdc))
        fdc_transfer_put(fdc, value);
    if (fdc->phase != FDC_COMMAND)
        return;
    fdc->command[fdc->command_len++] = value;
    if (fdc->command_len == fdc_command_length(fdc->command[0]))
        fdc_command_run(fdc);
}

static u8 read_data(struct fdc *fdc)
{
    u8 value;

    if (fdc->phase == FDC_EXECUTION && fdc->transfer.request && fdc_transfer_reads(fdc))
        return fdc_transfer_get(fdc);
    if (fdc->phase != FDC_RESULT)
        return 0;
    if (fdc->result_irq)
        fdc_interrupt(fdc, false);
    fdc->result_irq = false;
    value = fdc->result[fdc->result_at++];
    if (fdc->result_at == fdc->result_len)
        set_phase(fdc, FDC_COMMAND);
    return value;
}

static u8 read_status(const struct fdc *fdc)
{
    u8 value = 0;

    if (in_reset(fdc))
        return 0;
    for (unsigned i = 0; i < FDC_DRIVES; i++)
        value |= (u8)(fdc->drive[i].seeking << i);
    switch ((enum fdc_phase)fdc->phase) {
    case FDC_COMMAND: return value | STATUS_REQUEST | (fdc->command_len ? STATUS_BUSY : 0);
    case FDC_RESULT: return value | STATUS_REQUEST | STATUS_READ | STATUS_BUSY;
    case FDC_EXECUTION: break;
    }
    value |= STATUS_BUSY;
    if (fdc->specify[1] & SPECIFY_NO_DMA)
        value |= STATUS_NO_DMA;
    if (fdc->transfer.request)
        value |= STATUS_REQUEST | (fdc_transfer_reads(fdc) ? STATUS_READ : 0);
    return value;
}

static void fdc_write(void *opaque, u16 offset, u32 value, unsigned size)
{
    struct fdc *fdc = opaque;

    (void)size;
    switch (offset + PORT_DOR) {
    case PORT_DOR: write_dor(fdc, (u8)value); break;
    case PORT_TDR: fdc->tdr = value & TDR_BITS; break;
    case PORT_STATUS: write_dsr(fdc, (u8)value); break;
    case PORT_DATA: write_data(fdc, (u8)value); break;
    }
}

static u32 fdc_read(void *opaque, u16 offset, unsigned size)
{
    struct fdc *fdc = opaque;

    (void)size;
    switch (offset + PORT_DOR) {
    case PORT_DOR: return fdc->dor;
    case PORT_TDR: return fdc->tdr | (u8)~TDR_BITS; /* the others float */
    case PORT_STATUS: return read_status(fdc);
    default: return read_data(fdc);
    }
}

static void ccr_write(void *opaque, u16 offset, u32 value, unsigned size)
{
    struct fdc *fdc = opaque;

    (void)offset, (void)size;
    fdc->rate = value & RATE_BITS;
}

static u32 dir_read(void *opaque, u16 offset, unsigned size)
{
    struct fdc *fdc = opaque;
    const struct floppy *floppy = &fdc->drive[fdc->dor & DOR_SELECT].floppy;

    (void)offset, (void)size;
    return FLOATING | (floppy->changed ? DIR_CHANGE : 0);
}

static const struct ioport_ops fdc_ops = {fdc_read, fdc_write, 1};
static const struct ioport_ops dir_ops = {dir_read, ccr_write, 1};

enum floppy_type fdc_drive_type(const struct fdc *fdc, unsigned n)
{
    return fdc->drive[n].floppy.type;
}

int fdc_insert(struct fdc *fdc, unsigned n, struct block *block)
{
    struct floppy *floppy = &fdc->drive[n].floppy;

    if (block && !floppy_fits(floppy, block))
        return -EINVAL;
    /* While the old disk is there: the heads may have to go back over it. */
    if (fdc->phase == FDC_EXECUTION && fdc->transfer.unit == n && floppy->format)
        fdc_fail(fdc, ST1_NO_ADDRESS, 0);
    floppy_insert(floppy, block);
    return 0;
}

/* The reset pin: held in reset until the guest writes the DOR. */
void fdc_reset(struct fdc *fdc)
{
    fdc->dor = 0;
    fdc->lock = false;
    soft_reset(fdc);
    fdc->tdr = 0;
    fdc->rate = FLOPPY_250;
    fdc->specify[0] = fdc->specify[1] = 0;
    fdc->perpendicular = 0;
    fdc->last_eot = 0;
    memset(fdc->command, 0, sizeof(fdc->command));
    memset(&fdc->transfer, 0, sizeof(fdc->transfer));
    for (unsigned i = 0; i < FDC_DRIVES; i++) {
        fdc->drive[i].pcn = 0;
        floppy_reset(&fdc->drive[i].floppy);
    }
}

static void drive_state(struct fdc_drive *drive, struct state *state)
{
    u16 steps = (u16)drive->steps;

    floppy_state(&drive->floppy, state);
    state_u8(state, &drive->pcn);
    state_bool(state, &drive->seeking);
    state_u16(state, &steps);
    state_u8(state, &drive->to);
    state_timer(state, &drive->timer);
    state_bool(state, &drive->interrupt);
    state_u8(state, &drive->st0);
    drive->steps = (i16)steps;
}

static void transfer_state(struct fdc_transfer *t, struct state *state)
{
    state_u8(state, &t->step);
    state_u8(state, &t->unit);
    state_u8(state, &t->head);
    state_u8(state, &t->c);
    state_u8(state, &t->h);
    state_u8(state, &t->r);
    state_u8(state, &t->n);
    state_u8(state, &t->st1);
    state_u8(state, &t->st2);
    state_u8(state, &t->count);
    state_u8(state, &t->over);
    state_bool(state, &t->seeked);
    state_bool(state, &t->stop);
    state_bool(state, &t->done);
    state_bool(state, &t->request);
    state_u16(state, &t->at);
    state_u16(state, &t->len);
    state_u16(state, &t->chunk);
    state_bytes(state, t->buf, sizeof(t->buf));
}

/* What is used as an index or a bound must be one. */
static bool plausible(const struct fdc *fdc)
{
    const struct fdc_transfer *t = &fdc->transfer;

    return fdc->phase <= FDC_RESULT && fdc->command_len <= FDC_PARAMETERS &&
           (fdc->phase != FDC_COMMAND || !fdc->command_len ||
            fdc->command_len < fdc_command_length(fdc->command[0])) &&
           fdc->result_len <= FDC_RESULTS &&
           (fdc->phase != FDC_RESULT || fdc->result_at < fdc->result_len) && t->unit < FDC_DRIVES &&
           t->head < 2 && t->step <= FDC_STEP_STORE && t->at <= t->len && t->chunk <= t->len &&
           t->len <= sizeof(t->buf) && (!t->request || t->at < t->chunk) && fdc->rate <= RATE_BITS;
}

void fdc_state(struct fdc *fdc, struct state *state)
{
    if (!state_begin(state, "fdc"))
        return;
    for (unsigned i = 0; i < FDC_DRIVES; i++)
        drive_state(&fdc->drive[i], state);
    state_u8(state, &fdc->dor);
    state_u8(state, &fdc->tdr);
    state_u8(state, &fdc->rate);
    state_bytes(state, fdc->specify, sizeof(fdc->specify));
    state_u8(state, &fdc->config);
    state_u8(state, &fdc->pretrk);
    state_u8(state, &fdc->perpendicular);
    state_bool(state, &fdc->lock);
    state_bool(state, &fdc->pending);
    state_timer(state, &fdc->reset_timer);
    state_timer(state, &fdc->timer);
    state_u8(state, &fdc->phase);
    state_bytes(state, fdc->command, sizeof(fdc->command));
    state_u8(state, &fdc->command_len);
    state_bytes(state, fdc->result, sizeof(fdc->result));
    state_u8(state, &fdc->result_len);
    state_u8(state, &fdc->result_at);
    state_bool(state, &fdc->result_irq);
    state_u8(state, &fdc->last_eot);
    transfer_state(&fdc->transfer, state);
    state_end(state);
    if (state->loading && !plausible(fdc)) {
        state_reject(state);
        fdc_reset(fdc);
    }
    if (state->loading)
        update_irq(fdc);
}

void fdc_init(struct fdc *fdc, struct ioport_bus *bus, u16 base, struct clock *clock,
              struct irq irq, struct dma *dma, unsigned channel, struct block *const block[2])
{
    memset(fdc, 0, sizeof(*fdc));
    fdc->clock = clock;
    fdc->irq = irq;
    fdc->dma = dma;
    fdc->channel = channel;
    for (unsigned i = 0; i < FDC_DRIVES; i++) {
        struct fdc_drive *drive = &fdc->drive[i];

        drive->fdc = fdc;
        timer_init(&drive->timer, clock, fdc_seek_due, drive);
        floppy_init(&drive->floppy, i < 2 ? block[i] : NULL,
                    i == 0 ? FLOPPY_TYPE_1440K : FLOPPY_TYPE_NONE);
    }
    timer_init(&fdc->reset_timer, clock, reset_due, fdc);
    timer_init(&fdc->timer, clock, fdc_transfer_due, fdc);
    fdc_reset(fdc);
    ioport_add(bus, base + PORT_DOR, 4, &fdc_ops, fdc, "fdc");
    ioport_add(bus, base + PORT_DIR, 1, &dir_ops, fdc, "fdc dir");
}
