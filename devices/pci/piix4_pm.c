/* The power management function of a PIIX4 (82371AB, function 3).
 *
 * Implemented: the PM ports at PMBA with PM1 status, enable and control, the 24-bit timer, the general
 * purpose events (nothing raises one), soft off, the power button, SCI; the APM ports 0xb2 and 0xb3, where
 * the commands 0xf1 and 0xf0 switch ACPI on and off by themselves: the CPU has no system management mode,
 * and DEVACTB says that SMIs were set up, so that no BIOS waits for one. The general purpose events are at
 * port 0xafe0 too, where firmware written for QEMU's board looks for them.
 * Registers that can be written and do nothing: device monitors, processor and global control, outputs.
 * Not implemented: suspend to RAM and the other sleeps (a request is ignored), SMBus, RTC and bus master
 * status, C2 and C3, throttling.
 * Sources: Intel 82371AB datasheet (290562), 7.1 and 7.2; ACPI 1.0b, 4.7.3. */
#include "devices/pci/piix4_pm.h"

#include <string.h>

#include "devices/base/ticks.h"

#define VENDOR_INTEL   0x8086
#define DEVICE_82371AB 0x7113
#define REVISION       0x03
#define CLASS_BRIDGE   0x068000
#define STATUS         0x0280 /* medium DEVSEL#, fast back to back */

/* Configuration registers. */
enum {
    PM_PMBA = 0x40, /* 32 bits */
    PM_MONITORS = 0x44,
    PM_DEVACTB = 0x58, /* 32 */
    PM_MONITORS_END = 0x7c,
    PM_PMREGMISC = 0x80,
    PM_SMBBA = 0x90, /* 32 */
};
#define PMBA_IO         0x01
#define PMBA_BASE       0xffc0
#define DEVACTB_APMC_EN 0x02 /* in its highest byte */
#define PMREGMISC_ON    0x01

/* PM ports. */
enum {
    PM1_STATUS = 0x00,  /* 16 bits; writing ones clears */
    PM1_ENABLE = 0x02,  /* 16 */
    PM1_CONTROL = 0x04, /* 16 */
    PM_TIMER = 0x08,    /* 32 */
    GP_STATUS = 0x0c,   /* 16; writing ones clears */
    GP_ENABLE = 0x0e,   /* 16 */
    GP_END = 0x10,
};
#define PM1_TIMER      0x0001 /* of status and enable */
#define PM1_GLOBAL     0x0020
#define PM1_BUTTON     0x0100
#define PM1_RTC        0x0400
#define CONTROL_SCI    0x0001
#define CONTROL_BRLD   0x0002
#define CONTROL_TYPE   0x1c00
#define CONTROL_SLEEP  0x2000 /* write only: go to sleep as TYPE says */
#define TYPE_SOFT_OFF  0x0000
#define ENABLE_BITS    (PM1_TIMER | PM1_GLOBAL | PM1_BUTTON | PM1_RTC)
#define CONTROL_BITS   (CONTROL_SCI | CONTROL_BRLD | CONTROL_TYPE)
#define GP_ENABLE_BITS 0x0f01

#define TIMER_HZ        3579545u
#define TIMER_MASK      0x00ffffffu
#define TIMER_HALF_BITS 23 /* status is set when this bit changes */

#define APM_PORT     0xb2
#define APM_ACPI_ON  0xf1
#define APM_ACPI_OFF 0xf0
#define GP_PORT      0xafe0

static u64 timer_ticks(const struct piix4_pm *pm)
{
    return ns_to_ticks(clock_now(pm->clock), TIMER_HZ);
}

/* Brings the timer's status bit up to date. */
static void sync(struct piix4_pm *pm)
{
    u64 half = timer_ticks(pm) >> TIMER_HALF_BITS;

    if (half != pm->half)
        pm->status |= PM1_TIMER;
    pm->half = half;
}

/* Drives the SCI, and arms the timer when an overflow would raise it. Call after sync(). */
static void update(struct piix4_pm *pm)
{
    bool on = pm->control & CONTROL_SCI;
    bool timer = on && (pm->enable & PM1_TIMER) && !(pm->status & PM1_TIMER);

    irq_set(&pm->sci, on && ((pm->status & pm->enable) || (pm->gp_status & pm->gp_enable)));
    if (timer)
        timer_arm(&pm->timer, ticks_to_ns((pm->half + 1) << TIMER_HALF_BITS, TIMER_HZ));
    else
        timer_cancel(&pm->timer);
}

static void overflow_due(void *opaque)
{
    sync(opaque);
    update(opaque);
}

bool piix4_pm_power_button(struct piix4_pm *pm)
{
    sync(pm);
    pm->status |= PM1_BUTTON;
    update(pm);
    return (pm->control & CONTROL_SCI) && (pm->enable & PM1_BUTTON);
}

static void set_sci_enable(struct piix4_pm *pm, bool on)
{
    if (on)
        pm->control |= CONTROL_SCI;
    else
        pm->control &= (u16)~CONTROL_SCI;
}

static void write_control(struct piix4_pm *pm, u16 value)
{
    pm->control = value & CONTROL_BITS;
    if ((value & CONTROL_SLEEP) && (value & CONTROL_TYPE) == TYPE_SOFT_OFF)
        pm->power_off(pm->opaque);
}

/* Bits of a byte of `other` that the guest may change. */
static u8 other_mask(unsigned offset)
{
    static const struct {
        u8 from, to;
    } kept[] = {
        {0x10, 0x14}, /* PCNTRL */
        {0x20, 0x22}, /* GLBEN */
        {0x28, 0x30}, /* GLBCTL, DEVCTL */
        {0x34, 0x38}, /* GPOREG */
    };

    for (unsigned i = 0; i < ARRAY_SIZE(kept); i++)
        if (offset >= kept[i].from && offset < kept[i].to)
            return 0xff;
    return 0;
}

static u16 set_byte(u16 word, unsigned offset, u8 byte)
{
    return offset & 1 ? (u16)((word & 0x00ff) | byte << 8) : (u16)((word & 0xff00) | byte);
}

static void write_byte(struct piix4_pm *pm, unsigned offset, u8 value)
{
    u16 ones = set_byte(0, offset, value);

    switch (offset & ~1u) {
    case PM1_STATUS: pm->status &= (u16)~ones; break;
    case PM1_ENABLE: pm->enable = set_byte(pm->enable, offset, value) & ENABLE_BITS; break;
    case PM1_CONTROL: write_control(pm, set_byte(pm->control, offset, value)); break;
    case GP_STATUS: pm->gp_status &= (u16)~ones; break;
    case GP_ENABLE: pm->gp_enable = set_byte(pm->gp_enable, offset, value) & GP_ENABLE_BITS; break;
    default: pm->other[offset] = value & other_mask(offset);
    }
}

static u8 read_byte(const struct piix4_pm *pm, unsigned offset, u32 timer)
{
    u16 word;

    switch (offset & ~1u) {
    case PM1_STATUS: word = pm->status; break;
    case PM1_ENABLE: word = pm->enable; break;
    case PM1_CONTROL: word = pm->control; break;
    case PM_TIMER: word = (u16)timer; break;
    case PM_TIMER + 2: word = (u16)(timer >> 16); break;
    case GP_STATUS: word = pm->gp_status; break;
    case GP_ENABLE: word = pm->gp_enable; break;
    default: return pm->other[offset];
    }
    return (u8)(word >> 8 * (offset & 1));
}

static void pm_write(void *opaque, u16 offset, u32 value, unsigned size)
{
    struct piix4_pm *pm = opaque;

    sync(pm);
    for (unsigned i = 0; i < size; i++)
        write_byte(pm, offset + i, (u8)(value >> 8 * i));
    update(pm);
}

static u32 pm_read(void *opaque, u16 offset, unsigned size)
{
    struct piix4_pm *pm = opaque;
    u32 timer = (u32)timer_ticks(pm) & TIMER_MASK; /* the same for all bytes of it */
    u32 value = 0;

    sync(pm);
    for (unsigned i = 0; i < size; i++)
        value |= (u32)read_byte(pm, offset + i, timer) << 8 * i;
    return value;
}

static void gp_write(void *opaque, u16 offset, u32 value, unsigned size)
{
    pm_write(opaque, (u16)(GP_STATUS + offset), value, size);
}

static u32 gp_read(void *opaque, u16 offset, unsigned size)
{
    return pm_read(opaque, (u16)(GP_STATUS + offset), size);
}

static void apm_write(void *opaque, u16 offset, u32 value, unsigned size)
{
    struct piix4_pm *pm = opaque;

    (void)size;
    if (offset) {
        pm->apm_status = (u8)value;
        return;
    }
    pm->apm_command = (u8)value;
    if (value != APM_ACPI_ON && value != APM_ACPI_OFF)
        return;
    sync(pm);
    set_sci_enable(pm, value == APM_ACPI_ON);
    update(pm);
}

static u32 apm_read(void *opaque, u16 offset, unsigned size)
{
    struct piix4_pm *pm = opaque;

    (void)size;
    return offset ? pm->apm_status : pm->apm_command;
}

static const struct ioport_ops pm_ops = {pm_read, pm_write, 4};
static const struct ioport_ops gp_ops = {gp_read, gp_write, 4};
static const struct ioport_ops apm_ops = {apm_read, apm_write, 1};

/* Puts the PM ports where PMBA and PMREGMISC say. */
static void place(struct piix4_pm *pm)
{
    u16 base = get16(&pm->dev.config[PM_PMBA]) & PMBA_BASE;

    if (!(pm->dev.config[PM_PMREGMISC] & PMREGMISC_ON))
        base = 0;
    if (base == pm->base)
        return;
    if (pm->base)
        ioport_remove(pm->ports, pm->base, PIIX4_PM_PORTS, pm);
    pm->base = base;
    if (base)
        ioport_add(pm->ports, base, PIIX4_PM_PORTS, &pm_ops, pm, "piix4 pm");
}

static void changed(void *opaque, unsigned offset, unsigned size)
{
    (void)offset, (void)size;
    place(opaque);
}

void piix4_pm_reset(struct piix4_pm *pm)
{
    place(pm);
    pm->status = pm->enable = pm->control = 0;
    pm->gp_status = pm->gp_enable = 0;
    memset(pm->other, 0, sizeof(pm->other));
    pm->apm_command = pm->apm_status = 0;
    pm->half = timer_ticks(pm) >> TIMER_HALF_BITS;
    update(pm);
}

void piix4_pm_state(struct piix4_pm *pm, struct state *state)
{
    if (!state_begin(state, "piix4 pm"))
        return;
    state_u16(state, &pm->status);
    state_u16(state, &pm->enable);
    state_u16(state, &pm->control);
    state_u16(state, &pm->gp_status);
    state_u16(state, &pm->gp_enable);
    state_bytes(state, pm->other, sizeof(pm->other));
    state_u64(state, &pm->half);
    state_u8(state, &pm->apm_command);
    state_u8(state, &pm->apm_status);
    state_timer(state, &pm->timer); /* its place; update() knows when */
    state_end(state);
    if (!state->loading)
        return;
    pm->enable &= ENABLE_BITS;
    pm->control &= CONTROL_BITS;
    pm->gp_enable &= GP_ENABLE_BITS;
    put16(&pm->dev.config[PM_PMBA], (get16(&pm->dev.config[PM_PMBA]) & PMBA_BASE) | PMBA_IO);
    place(pm);
    sync(pm);
    update(pm);
}

void piix4_pm_init(struct piix4_pm *pm, struct pci_bus *bus, u8 devfn, struct ioport_bus *ports,
                   struct clock *clock, struct irq sci, void (*power_off)(void *opaque),
                   void *opaque)
{
    struct pci_device *dev = &pm->dev;

    memset(pm, 0, sizeof(*pm));
    pm->ports = ports;
    pm->clock = clock;
    pm->sci = sci;
    pm->power_off = power_off;
    pm->opaque = opaque;
    timer_init(&pm->timer, clock, overflow_due, pm);
    pci_device_init(dev, "piix4 pm", VENDOR_INTEL, DEVICE_82371AB, CLASS_BRIDGE, pm);
    dev->config[PCI_REVISION] = REVISION;
    put16(&dev->config[PCI_STATUS], STATUS);
    dev->writable[PCI_COMMAND] = PCI_COMMAND_IO;
    dev->config[PCI_INTERRUPT_PIN] = 1;
    dev->config[PM_PMBA] = PMBA_IO;
    put16(&dev->writable[PM_PMBA], PMBA_BASE);
    memset(&dev->writable[PM_MONITORS], 0xff, PM_MONITORS_END - PM_MONITORS);
    dev->config[PM_DEVACTB + 3] = DEVACTB_APMC_EN;
    dev->writable[PM_PMREGMISC] = PMREGMISC_ON;
    dev->config[PM_SMBBA] = 0x01;
    dev->changed = changed;
    pci_add(bus, dev, devfn);
    ioport_add(ports, APM_PORT, 2, &apm_ops, pm, "apm");
    ioport_add(ports, GP_PORT, GP_END - GP_STATUS, &gp_ops, pm, "piix4 gpe");
}
