/* The board: which devices a PC has, at which ports and interrupt lines, and which ports are empty.
 *
 * pc_devices() and ignored_ports are the board's whole port map; whatever is not there reads as all
 * ones and is reported once under `-d unassigned`. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "devices/board/pc_board.h"

/* Interrupt lines of the two 8259A; 2 is the cascade. */
enum {
    IRQ_PIT = 0,
    IRQ_KEYBOARD = 1,
    IRQ_COM2 = 3, /* and COM4 */
    IRQ_COM1 = 4, /* and COM3 */
    IRQ_FLOPPY = 6,
    IRQ_LPT1 = 7,
    IRQ_RTC = 8,
    IRQ_MOUSE = 12,
    IRQ_FPU = 13,
    IRQ_IDE0 = 14,
    IRQ_IDE1 = 15,
};

/* Empty ports that guests are known to probe, and why nobody is there. */
static const struct {
    u16 base, count;
    const char *reason;
} ignored_ports[] = {
    {0x002e, 2, "no Super I/O chip (index and data)"},
    {0x004e, 2, "no Super I/O chip (second address)"},
    {0x00b2, 2, "no power management function"},
    {0x00ed, 1, "delay writes of drivers that avoid port 0x80"},
    {0x00f1, 1, "coprocessor reset of the 287: the FPU is part of the CPU"},
    {0x0102, 1, "no PS/2 programmable option select"},
    {0x0200, 8, "no game port"},
    {0x0220, 16, "no sound card"},
    {0x0274, 4, "no ISA PnP cards (read data port)"},
    {0x0278, 8, "no parallel port LPT2"},
    {0x0279, 1, "no ISA PnP cards (address port)"},
    {0x02e8, 8, "no serial port COM4"},
    {0x02f8, 8, "no serial port COM2"},
    {0x0370, 8, "no secondary floppy controller"},
    {0x0378, 8, "no parallel port LPT1"},
    {0x03b0, 48, "no display adapter"},
    {0x03e8, 8, "no serial port COM3"},
    {0x03f0, 2, "no PS/2 floppy status registers"},
    {0x0505, 1, "no pvpanic (the ACPI tables ask)"},
    {0x0a79, 1, "no ISA PnP cards (write data port)"},
    {0x0cf8, 8, "no PCI bus"},
};

#define DMA_FLOPPY 2

void pc_map_changed(void *opaque)
{
    struct pc *pc = opaque;

    mmu_flush(&pc->cpu->mmu, true);
    if (pc->running)
        cpu_kick(pc->cpu);
}

static void pc_set_a20(void *opaque, bool on)
{
    struct pc *pc = opaque;

    if (!phys_set_a20(&pc->phys, on))
        return;
    log_printf(pc->config.log, LOG_dev, "A20 is now %s\n", on ? "on" : "off");
    pc_map_changed(pc);
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
    pc_quit_because(opaque, PC_WHY_DEBUG_EXIT, status);
}

static void pc_want_start(void *opaque)
{
    struct pc *pc = opaque;

    pc->start_wanted = true;
    if (pc->running)
        cpu_kick(pc->cpu);
}

static void pc_want_panic(void *opaque, u8 events)
{
    struct pc *pc = opaque;

    pc->panic_events |= events;
    if (pc->running)
        cpu_kick(pc->cpu);
}

static void pc_power_off(void *opaque)
{
    struct pc *pc = opaque;

    log_printf(pc->config.log, LOG_dev, "the guest switches the machine off\n");
    pc_end(pc, PC_WHY_POWER_OFF, 0);
}

void pc_ferr(void *opaque, bool on)
{
    pc_set_irq(opaque, IRQ_FPU, on);
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

/* Both IDE channels with their drives. */
static void pc_ide(struct pc *pc, struct irq irq0, struct irq irq1)
{
    ide_init(&pc->ide[0], &pc->bus, 0x1f0, 0x3f6, irq0, "ide0");
    ide_init(&pc->ide[1], &pc->bus, 0x170, 0x376, irq1, "ide1");
    for (unsigned i = 0; i < PC_DRIVES; i++) {
        const struct pc_drive *drive = &pc->config.drive[i];

        if (drive->cdrom)
            atapi_attach(&pc->ide[i / 2], i % 2, drive->block);
        else if (drive->block)
            ata_attach(&pc->ide[i / 2], i % 2, drive->block);
        ide_name(&pc->ide[i / 2].drive[i % 2], &drive->identity);
        pc->ide[i / 2].tray_moved = pc_media_tray_moved;
        pc->ide[i / 2].tray_opaque = pc;
    }
    pc_pause_init(pc);
}

/* The display adapter's. */

static void pc_unmap_write(void *opaque, u64 pa)
{
    struct pc *pc = opaque;

    mmu_unmap_write(&pc->cpu->mmu, pa);
}

static void pc_vga_init(struct pc *pc)
{
    struct vga_host host = {
        .phys = &pc->phys,
        .unmap_write = pc_unmap_write,
        .map_changed = pc_map_changed,
        .opaque = pc,
    };

    if (vga_init(&pc->vga, &pc->bus, &pc->clock, &host) < 0)
        BUG("no room for display memory"); /* pc_memory.c has reserved it */
    if (pc->config.isa_only)
        vga_map_lfb(&pc->vga, VGA_LFB_ISA);
    else
        vga_pci_init(&pc->vga, &pc->pci, PCI_DEVFN(2, 0));
}

#define PCI_MEMORY_LAST 0xffbfffffu /* the last 4 MiB are the BIOS's */
#define LINE(n)         ((struct irq){pc_set_irq, pc, (n)})

static bool has_pm(const struct pc *pc)
{
    return !pc->config.isa_only && !pc->config.no_acpi;
}

/* The PCI bus by slot and function; 2.0 is the display adapter. */
static void pc_pci_devices(struct pc *pc)
{
    struct ioport_bus *ports = &pc->bus;
    struct pci_bus *bus = &pc->pci;
    struct irq irq[PIIX3_IRQS];

    for (unsigned i = 0; i < PIIX3_IRQS; i++)
        irq[i] = LINE(i);
    pci_bus_init(bus, ports); /* cf8-cff */
    bus->memory_first = (u32)pc->config.ram_size;
    bus->memory_last = PCI_MEMORY_LAST;
    bus->reset = pc_want_reset;
    bus->reset_opaque = pc;
    i440fx_init(&pc->i440fx, bus, &pc->phys, pc_map_changed, pc);                /* 0.0 */
    piix3_init(&pc->piix3, bus, irq);                                            /* 1.0 */
    ide_dma_init(&pc->ide_dma, bus, PCI_DEVFN(1, 1), ports, &pc->phys, pc->ide); /* 1.1 */
    if (has_pm(pc))
        piix4_pm_init(&pc->pm, bus, PCI_DEVFN(1, 3), ports, &pc->clock,
                      (struct irq){piix3_set_sci, &pc->piix3, 0}, pc_power_off,
                      pc); /* b2-b3 afe0-afe3 */
}

/* What only tests and test suites have. */
static void pc_test_devices(struct pc *pc)
{
    const struct pc_config *config = &pc->config;

    if (config->testdev &&
        testdev_init(&pc->testdev, &pc->bus, &pc->phys, (struct irq){pc_set_gsi, pc, 0}) < 0)
        BUG("no room for pc-testdev's memory");
    if (config->pvpanic_iobase)
        pvpanic_init(&pc->pvpanic, &pc->bus, config->pvpanic_iobase, config->pvpanic_events,
                     pc_want_panic, pc);
}

/* Two ports on one line of an ISA bus: it is high while either asks. */
static void pc_com_irq(void *opaque, unsigned port, bool level)
{
    struct pc *pc = opaque;
    unsigned pair = port & 1 ? 0xa : 0x5;

    pc->com_irqs = (u8)((pc->com_irqs & ~(1u << port)) | (unsigned)level << port);
    pc_set_irq(pc, port & 1 ? IRQ_COM2 : IRQ_COM1, pc->com_irqs & pair);
}

static unsigned pc_serials(const struct pc *pc)
{
    return pc->config.serials ? pc->config.serials : 1;
}

static void pc_serial_ports(struct pc *pc)
{
    static const u16 base[PC_SERIALS] = {0x3f8, 0x2f8, 0x3e8, 0x2e8};

    for (unsigned i = 0; i < pc_serials(pc); i++)
        uart_init(&pc->com[i], &pc->bus, base[i], (struct irq){pc_com_irq, pc, i}, &pc->clock,
                  pc->config.serial[i]);
}

/* The port map: every device in order of its first port. */
void pc_devices(struct pc *pc)
{
    const struct pc_config *config = &pc->config;
    struct ioport_bus *bus = &pc->bus;

    for (unsigned i = 0; i < ARRAY_SIZE(ignored_ports); i++)
        ioport_ignore(bus, ignored_ports[i].base, ignored_ports[i].count, ignored_ports[i].reason);

    dma_init(&pc->dma, bus, &pc->phys); /* 00-0f 80-8f c0-df; 0x80 is the POST port too */
    pc_apic_init(pc);
    pic_init(&pc->pic, bus, pc_pic_intr, pc); /* 20-21 a0-a1 4d0-4d1 */
    nmi_init(&pc->nmi, (struct irq){pc_set_nmi, pc, 0});
    pit_init(&pc->pit, bus, 0x40, &pc->clock, LINE(IRQ_PIT)); /* 40-43 61 */
    pc->pit.nmi = &pc->nmi;
    kbc_init(&pc->kbc, bus, &pc->clock, LINE(IRQ_KEYBOARD), LINE(IRQ_MOUSE), pc_kbc_a20,
             pc_want_reset, pc); /* 60 64 */
    pc->input = (struct input){pc_key, pc_mouse, pc};
    rtc_init(&pc->rtc, bus, 0x70, &pc->clock, LINE(IRQ_RTC), config->rtc_base); /* 70-71 */
    pc->rtc.nmi = &pc->nmi;
    port92_init(&pc->port92, bus, pc_set_a20, pc_want_reset, pc); /* 92 */
    pc_ide(pc, LINE(IRQ_IDE0), LINE(IRQ_IDE1));                   /* 170-177 376 1f0-1f7 3f6 */
    ioport_add(bus, 0xf0, 1, &fpu_ops, pc, "fpu");                /* f0 */
    fdc_init(&pc->fdc, bus, 0x3f0, &pc->clock, LINE(IRQ_FLOPPY), &pc->dma, DMA_FLOPPY,
             config->floppy); /* 3f2-3f5 3f7 */
    pc_serial_ports(pc);      /* 2e8-2ef 2f8-2ff 3e8-3ef 3f8-3ff */
    if (config->parallel)
        parallel_init(&pc->parallel, bus, 0x378, LINE(IRQ_LPT1), config->parallel); /* 378-37a */
    shutdown_port_init(&pc->shutdown_port, bus, pc_power_off, pc);                  /* 8900 */
    pc_fw_cfg_init(pc); /* 510-511 514-51b */
    if (!config->isa_only)
        pc_pci_devices(pc);
    if (config->vga == PC_VGA_STD)
        pc_vga_init(pc); /* 1ce-1d1 3b0-3df, memory at a0000-bffff; 2.0 of PCI, or at e0000000 */
    pc_test_devices(pc); /* 505, e0-eb 2000-2017 */
    if (config->debugcon)
        debugcon_init(&pc->debugcon, bus, config->debugcon_iobase, config->debugcon);
    if (config->own_bios) {
        struct bioscfg_values values = {config->kernel, config->serial_console, config->boot_menu,
                                        ""};

        memcpy(values.boot, config->boot, sizeof(values.boot));
        bioscfg_init(&pc->bioscfg, bus, 0x8b00, &values, pc_want_start, pc);
    }
}

/* Last: a write to its ports ends the machine, so they must be nobody else's. */
int pc_debug_exit(struct pc *pc, char *err, size_t err_len)
{
    const struct pc_config *config = &pc->config;
    u16 base = config->debug_exit_iobase, size = config->debug_exit_iosize;
    const char *owner = config->debug_exit ? ioport_owner(&pc->bus, base, size) : NULL;

    if (owner) {
        snprintf(err, err_len, "isa-debug-exit at port %#x takes ports of the board's %s", base,
                 owner);
        return -EBUSY;
    }
    if (config->debug_exit)
        debug_exit_init(&pc->debug_exit, &pc->bus, base, size, pc_want_quit, pc);
    return 0;
}

void pc_devices_reset(struct pc *pc)
{
#define RESETS(name, object, condition)                                                            \
    if (condition)                                                                                 \
        name##_reset(object);
#include "devices/board/devices.def"
    pc_ferr(pc, false);
}

bool pc_press_power(struct pc *pc)
{
    return has_pm(pc) && piix4_pm_power_button(&pc->pm);
}
