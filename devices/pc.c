/* The board: which devices a PC has, at which ports and interrupt lines, and which ports are empty.
 *
 * pc_devices() and ignored_ports are the board's whole port map; whatever is not there reads as all
 * ones and is reported once under `-d unassigned`. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/cpuid.h"
#include "devices/pc_board.h"

/* Interrupt lines of the two 8259A; 2 is the cascade. */
enum {
    IRQ_PIT = 0,
    IRQ_KEYBOARD = 1,
    IRQ_COM1 = 4,
    IRQ_RTC = 8,
    IRQ_MOUSE = 12,
    IRQ_FPU = 13,
};

/* Empty ports that guests are known to probe, and why nobody is there. */
static const struct {
    u16 base, count;
    const char *reason;
} ignored_ports[] = {
    {0x002e, 2, "no Super I/O chip (index and data)"},
    {0x004e, 2, "no Super I/O chip (second address)"},
    {0x00ed, 1, "delay writes of drivers that avoid port 0x80"},
    {0x00f1, 1, "coprocessor reset of the 287: the FPU is part of the CPU"},
    {0x0102, 1, "no PS/2 programmable option select"},
    {0x0170, 8, "no secondary IDE channel"},
    {0x01f0, 8, "no primary IDE channel"},
    {0x0200, 8, "no game port"},
    {0x0220, 16, "no sound card"},
    {0x0274, 4, "no ISA PnP cards (read data port)"},
    {0x0278, 8, "no parallel port LPT2"},
    {0x0279, 1, "no ISA PnP cards (address port)"},
    {0x02e8, 8, "no serial port COM4"},
    {0x02f8, 8, "no serial port COM2"},
    {0x0370, 8, "no secondary floppy controller, no secondary IDE control port"},
    {0x0378, 8, "no parallel port LPT1"},
    {0x03b0, 48, "no display adapter"},
    {0x03e8, 8, "no serial port COM3"},
    {0x03f0, 8, "no floppy controller, no primary IDE control port"},
    {0x0a79, 1, "no ISA PnP cards (write data port)"},
    {0x0cf8, 8, "no PCI bus"},
};

/* CMOS RAM as a BIOS leaves it. */
#define CMOS_SHUTDOWN      0x0f /* what the BIOS does after a reset: 0, an ordinary start */
#define CMOS_FLOPPY        0x10
#define CMOS_EQUIPMENT     0x14
#define CMOS_BASE_LO       0x15 /* KiB of base memory */
#define CMOS_EXT_LO        0x17 /* KiB above 1 MiB, as set up */
#define CMOS_SUM_HI        0x2e /* sum of 0x10 to 0x2d */
#define CMOS_SUM_LO        0x2f
#define CMOS_EXT2_LO       0x30 /* KiB above 1 MiB, as found */
#define CMOS_EXT16_LO      0x34 /* 64 KiB units above 16 MiB */
#define EQUIPMENT_FPU      0x02
#define EQUIPMENT_KEYBOARD 0x04

static void cmos_set16(struct pc *pc, u8 index, u32 value)
{
    if (value > 0xffff)
        value = 0xffff;
    rtc_set_cmos(&pc->rtc, index, (u8)value);
    rtc_set_cmos(&pc->rtc, index + 1, (u8)(value >> 8));
}

static void pc_fill_cmos(struct pc *pc)
{
    u64 ram = pc->config.ram_size;
    u32 extended = (u32)((ram - MIB) / KIB);
    u32 sum = 0;

    rtc_set_cmos(&pc->rtc, CMOS_SHUTDOWN, 0);
    rtc_set_cmos(&pc->rtc, CMOS_FLOPPY, 0);
    rtc_set_cmos(&pc->rtc, CMOS_EQUIPMENT,
                 EQUIPMENT_KEYBOARD | (cpu_has(pc->cpu->model, FEAT_FPU) ? EQUIPMENT_FPU : 0));
    cmos_set16(pc, CMOS_BASE_LO, 640);
    cmos_set16(pc, CMOS_EXT_LO, extended);
    cmos_set16(pc, CMOS_EXT2_LO, extended);
    cmos_set16(pc, CMOS_EXT16_LO, ram > 16 * MIB ? (u32)((ram - 16 * MIB) / (64 * KIB)) : 0);
    for (unsigned i = 0x10; i < CMOS_SUM_HI; i++)
        sum += pc->rtc.cmos[i];
    rtc_set_cmos(&pc->rtc, CMOS_SUM_HI, (u8)(sum >> 8));
    rtc_set_cmos(&pc->rtc, CMOS_SUM_LO, (u8)sum);
}

static void pc_set_a20(void *opaque, bool on)
{
    struct pc *pc = opaque;

    if (!phys_set_a20(&pc->phys, on))
        return;
    log_printf(pc->config.log, LOG_dev, "A20 is now %s\n", on ? "on" : "off");
    mmu_flush(&pc->cpu->mmu, true);
    if (pc->running)
        cpu_kick(pc->cpu);
}

static void pc_kbc_a20(void *opaque, bool on)
{
    struct pc *pc = opaque;

    port92_kbc_a20(&pc->port92, on);
}

static void pc_key(void *opaque, u8 usage, bool down)
{
    struct pc *pc = opaque;

    ps2kbd_key(&pc->kbc.keyboard, usage, down);
}

static void pc_mouse(void *opaque, int dx, int dy, int dz, unsigned buttons)
{
    struct pc *pc = opaque;

    ps2mouse_move(&pc->kbc.mouse, dx, dy, dz, buttons);
}

static void pc_want_reset(void *opaque)
{
    pc_request_reset(opaque);
}

static void pc_want_quit(void *opaque, int status)
{
    pc_quit(opaque, status);
}

static void pc_intr(void *opaque, bool level)
{
    struct pc *pc = opaque;

    cpu_set_intr(pc->cpu, level);
}

static void pc_ferr(void *opaque, bool on)
{
    struct pc *pc = opaque;

    pic_set_irq(&pc->pic, IRQ_FPU, on);
}

/* Port 0xf0: any write clears the coprocessor's busy latch, which is what drives IRQ 13. */
static void pc_fpu_write(void *opaque, u16 offset, u32 value, unsigned size)
{
    (void)offset;
    (void)value;
    (void)size;
    pc_ferr(opaque, false);
}

static const struct ioport_ops fpu_ops = {.write = pc_fpu_write, .max_size = 1};

/* The port map: every device in order of its first port. */
static void pc_devices(struct pc *pc)
{
    const struct pc_config *config = &pc->config;
    struct ioport_bus *bus = &pc->bus;
#define LINE(n) ((struct irq){pic_set_irq, &pc->pic, (n)})

    for (unsigned i = 0; i < ARRAY_SIZE(ignored_ports); i++)
        ioport_ignore(bus, ignored_ports[i].base, ignored_ports[i].count, ignored_ports[i].reason);

    dma_init(&pc->dma, bus, &pc->phys);   /* 00-0f 80-8f c0-df; 0x80 is the POST port too */
    pic_init(&pc->pic, bus, pc_intr, pc); /* 20-21 a0-a1 4d0-4d1 */
    pit_init(&pc->pit, bus, 0x40, &pc->clock, LINE(IRQ_PIT)); /* 40-43 61 */
    kbc_init(&pc->kbc, bus, &pc->clock, LINE(IRQ_KEYBOARD), LINE(IRQ_MOUSE), pc_kbc_a20,
             pc_want_reset, pc); /* 60 64 */
    pc->input = (struct input){pc_key, pc_mouse, pc};
    rtc_init(&pc->rtc, bus, 0x70, &pc->clock, LINE(IRQ_RTC), config->rtc_base);   /* 70-71 */
    port92_init(&pc->port92, bus, pc_set_a20, pc_want_reset, pc);                 /* 92 */
    ioport_add(bus, 0xf0, 1, &fpu_ops, pc, "fpu");                                /* f0 */
    uart_init(&pc->com1, bus, 0x3f8, LINE(IRQ_COM1), &pc->clock, config->serial); /* 3f8-3ff */
    if (config->debugcon)
        debugcon_init(&pc->debugcon, bus, config->debugcon_iobase, config->debugcon);
    if (config->debug_exit)
        debug_exit_init(&pc->debug_exit, bus, config->debug_exit_iobase, config->debug_exit_iosize,
                        pc_want_quit, pc);
#undef LINE
}

void pc_reset(struct pc *pc)
{
    u64 insns = pc->cpu->insns;

    pc->reset_wanted = false;
    if (pc->config.ui)
        ui_set_state(pc->config.ui, UI_RUNNING);
    pic_reset(&pc->pic); /* first: the others pull their lines low after it */
    dma_reset(&pc->dma);
    pit_reset(&pc->pit);
    kbc_reset(&pc->kbc);
    rtc_reset(&pc->rtc);
    port92_reset(&pc->port92); /* opens A20 */
    uart_reset(&pc->com1);
    if (pc->config.debugcon)
        debugcon_reset(&pc->debugcon);
    if (pc->config.debug_exit)
        debug_exit_reset(&pc->debug_exit);
    pc_ferr(pc, false);

    cpu_reset(pc->cpu);
    pc->cpu->insns = insns; /* time goes on */
    mmu_flush(&pc->cpu->mmu, true);
    if (pc->on_reset)
        pc->on_reset(pc, pc->on_reset_opaque);
    if (log_on(pc->config.log, LOG_reset))
        cpu_dump(pc->cpu, pc->config.log->out);
}

/* The CPU's hooks. */

static u32 pc_port_in(void *opaque, u16 port, unsigned size)
{
    struct pc *pc = opaque;

    pc->stats.io++;
    return ioport_read(&pc->bus, port, size);
}

static void pc_port_out(void *opaque, u16 port, u32 value, unsigned size)
{
    struct pc *pc = opaque;

    pc->stats.io++;
    ioport_write(&pc->bus, port, value, size);
}

static u8 pc_irq_ack(void *opaque)
{
    struct pc *pc = opaque;

    return pic_ack(&pc->pic);
}

static u64 pc_read_tsc(void *opaque)
{
    struct pc *pc = opaque;

    _Static_assert(CLOCK_TSC_HZ == 1000000000ull, "virtual time is in TSC ticks");
    return clock_now(&pc->clock);
}

/* The clock's. */

static u64 pc_insns(void *opaque)
{
    struct pc *pc = opaque;

    return pc->cpu ? cpu_insns(pc->cpu) : 0;
}

static void pc_timers_changed(void *opaque)
{
    struct pc *pc = opaque;

    if (pc->running)
        cpu_kick(pc->cpu);
}

static int pc_init(struct pc *pc, const struct pc_config *config, char *err, size_t err_len)
{
    struct cpu_hooks hooks = {
        .opaque = pc,
        .port_in = pc_port_in,
        .port_out = pc_port_out,
        .irq_ack = pc_irq_ack,
        .read_tsc = pc_read_tsc,
        .ferr = pc_ferr,
    };
    int rc;

    pc->config = *config;
    pc->quiet.out = stderr;
    if (!pc->config.log)
        pc->config.log = &pc->quiet;
    if (!pc->config.digest_out)
        pc->config.digest_out = stdout;
    rc = pc_memory_init(pc, err, err_len);
    if (rc < 0)
        return rc;
    pc->cpu = cpu_new(&pc->phys, config->model, &hooks, pc->config.log, &pc->stats);
    if (!pc->cpu) {
        snprintf(err, err_len, "the host has no memory for a CPU");
        rc = -ENOMEM;
        goto no_cpu;
    }
    rc = translator_new(pc->cpu, &pc->config.translate);
    if (rc < 0) {
        if (rc == -EINVAL)
            snprintf(err, err_len, "there is no engine '%s' in this build",
                     config->translate.engine ? config->translate.engine : "(default)");
        else
            snprintf(err, err_len, "cannot start the translator: %s", strerror(-rc));
        goto no_translator;
    }
    if (config->digest_every) {
        rc = pc_digest_init(&pc->digest, config->ram_size);
        if (rc < 0) {
            snprintf(err, err_len, "the host has no memory for digests");
            goto no_digest;
        }
    }
    pc->cpu->mmu.tlb_limit = config->tlb_limit;
    clock_init(&pc->clock, config->clock, pc_insns, pc);
    pc->clock.changed = pc_timers_changed;
    pc->clock.changed_opaque = pc;
    ioport_init(&pc->bus, pc->config.log);
    pc_devices(pc);
    pc_fill_cmos(pc);
    pc_ui_init(pc);
    return 0;

no_digest:
    translator_free(pc->cpu);
no_translator:
    cpu_free(pc->cpu);
no_cpu:
    phys_free(&pc->phys);
    return rc;
}

struct pc *pc_new(const struct pc_config *config, char *err, size_t err_len)
{
    struct pc *pc = calloc(1, sizeof(*pc));

    if (!pc) {
        snprintf(err, err_len, "the host has no memory for a machine");
        return NULL;
    }
    if (pc_init(pc, config, err, err_len) < 0) {
        free(pc);
        return NULL;
    }
    return pc;
}

void pc_free(struct pc *pc)
{
    if (!pc)
        return;
    if (pc->config.debugcon)
        debugcon_reset(&pc->debugcon); /* writes out what it holds */
    if (pc->config.serial) {
        pc->config.serial->receive = NULL; /* the port outlives its receiver */
        pc->config.serial->can_receive = NULL;
        pc->config.serial->send_break = NULL;
    }
    pc_ui_free(pc);
    pc_digest_free(&pc->digest);
    translator_free(pc->cpu);
    cpu_free(pc->cpu);
    phys_free(&pc->phys);
    free(pc);
}

void pc_on_reset(struct pc *pc, void (*fn)(struct pc *pc, void *opaque), void *opaque)
{
    pc->on_reset = fn;
    pc->on_reset_opaque = opaque;
}

struct cpu *pc_cpu(struct pc *pc)
{
    return pc->cpu;
}

struct phys *pc_phys(struct pc *pc)
{
    return &pc->phys;
}

struct display *pc_display(struct pc *pc)
{
    (void)pc;
    return NULL;
}

struct input *pc_input(struct pc *pc)
{
    return &pc->input;
}

void pc_on_leds(struct pc *pc, void (*fn)(void *opaque, unsigned leds), void *opaque)
{
    pc->kbc.keyboard.on_leds = fn;
    pc->kbc.keyboard.on_leds_opaque = opaque;
}

const struct pc_config *pc_get_config(const struct pc *pc)
{
    return &pc->config;
}

/* The first to end the machine decides its status. */
void pc_quit(struct pc *pc, int status)
{
    if (!pc->quit) {
        pc->quit = true;
        pc->status = status;
    }
    if (pc->running)
        cpu_kick(pc->cpu);
}

void pc_request_reset(struct pc *pc)
{
    pc->reset_wanted = true;
    if (pc->running)
        cpu_kick(pc->cpu);
}
