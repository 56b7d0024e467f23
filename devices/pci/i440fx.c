/* The host bridge of a 440FX chipset (82441FX PMC): identity, and the PAM registers.
 *
 * Implemented: PAM0 to PAM6, which send reads and writes of c0000-fffff to RAM or to the ROM; the lock of
 * SMRAM. Registers that can be written and do nothing: timing, caches, DRAM rows (RAM is where the board
 * has it), the fixed hole, SMRAM (there is no system management mode), errors, the multi-transaction timer.
 * Not there: the turbo reset register, TRC (port 0xcf9 resets).
 * Source: Intel 82441FX datasheet (290549), 3.2. */
#include "devices/pci/i440fx.h"

#define VENDOR_INTEL   0x8086
#define DEVICE_82441FX 0x1237
#define REVISION       0x02
#define CLASS_HOST     0x060000

/* Registers. */
enum {
    FX_LATENCY = 0x0d,
    FX_PMCCFG = 0x50, /* 16 bits */
    FX_DETURBO = 0x52,
    FX_DBC = 0x53,
    FX_AXC = 0x54,
    FX_DRT = 0x55, /* 16 */
    FX_DRAMC = 0x57,
    FX_DRAMT = 0x58,
    FX_PAM0 = 0x59, /* seven */
    FX_DRB0 = 0x60, /* eight */
    FX_FDHC = 0x68,
    FX_MTT = 0x70,
    FX_CLT = 0x71,
    FX_SMRAM = 0x72,
    FX_ERRCMD = 0x90,
};

#define COMMAND_ALWAYS (PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER)
#define COMMAND_SERR   0x01   /* the high byte's */
#define STATUS         0x0280 /* medium DEVSEL#, fast back to back */

/* Each nibble of a PAM register. */
#define PAM_READ  0x1
#define PAM_WRITE 0x2
#define PAMS      7
#define PAM0_AREA 0xf0000u /* PAM0's high nibble; its low one is reserved */
#define PAM0_SIZE 0x10000u
#define PAM1_AREA 0xc0000u /* from here on a nibble for each 16 KiB, the low one first */
#define PAM_SIZE  0x4000u

#define SMRAM_OPEN  0x40
#define SMRAM_CLOSE 0x20
#define SMRAM_LOCK  0x10
#define SMRAM_ON    0x08
#define SMRAM_SEG_A 0x02 /* the only value that the base field may have */

static const struct {
    u8 offset, value, writable;
} registers[] = {
    {FX_LATENCY, 0x00, 0xf8},
    {FX_PMCCFG, 0x00, 0x04},
    {FX_PMCCFG + 1, 0x00, 0x87},
    {FX_DETURBO, 0x00, 0xff},
    {FX_DBC, 0x80, 0xe4},
    {FX_AXC, 0x00, 0x80},
    {FX_DRT, 0x00, 0xff},
    {FX_DRT + 1, 0x00, 0xff},
    {FX_DRAMC, 0x01, 0x7f},
    {FX_DRAMT, 0x10, 0x7f},
    {FX_PAM0, 0x00, 0x30},
    {FX_FDHC, 0x00, 0xc0},
    {FX_MTT, 0x00, 0xf8},
    {FX_CLT, 0x10, 0xff},
    {FX_SMRAM, SMRAM_SEG_A, SMRAM_OPEN | SMRAM_CLOSE | SMRAM_LOCK | SMRAM_ON},
    {FX_ERRCMD, 0x00, 0x7b},
};

static bool set_area(struct i440fx *fx, u32 base, u32 size, u8 bits)
{
    return phys_set_shadow(fx->phys, base, size, bits & PAM_READ, bits & PAM_WRITE);
}

static void update_map(struct i440fx *fx)
{
    const u8 *pam = &fx->dev.config[FX_PAM0];
    bool changed = set_area(fx, PAM0_AREA, PAM0_SIZE, pam[0] >> 4);

    for (unsigned i = 1; i < PAMS; i++) {
        u32 base = PAM1_AREA + (i - 1) * 2 * PAM_SIZE;

        changed |= set_area(fx, base, PAM_SIZE, pam[i]);
        changed |= set_area(fx, base + PAM_SIZE, PAM_SIZE, pam[i] >> 4);
    }
    if (changed)
        fx->map_changed(fx->opaque);
}

/* D_LCK holds itself, D_OPEN (clear then) and G_SMRAME until the next reset. */
static void update_smram(struct i440fx *fx)
{
    u8 *smram = &fx->dev.config[FX_SMRAM];

    if (*smram & SMRAM_LOCK)
        *smram &= (u8)~SMRAM_OPEN;
    fx->dev.writable[FX_SMRAM] =
        *smram & SMRAM_LOCK ? SMRAM_CLOSE : SMRAM_OPEN | SMRAM_CLOSE | SMRAM_LOCK | SMRAM_ON;
}

static void update(void *opaque, unsigned offset, unsigned size)
{
    (void)offset, (void)size;
    update_smram(opaque);
    update_map(opaque);
}

void i440fx_reset(struct i440fx *fx)
{
    update(fx, 0, 0);
}

void i440fx_state(struct i440fx *fx, struct state *state)
{
    if (!state->loading)
        return;
    for (unsigned i = 0; i < PAMS; i++)
        fx->dev.config[FX_PAM0 + i] &= fx->dev.writable[FX_PAM0 + i];
    update(fx, 0, 0);
}

void i440fx_init(struct i440fx *fx, struct pci_bus *bus, struct phys *phys,
                 void (*map_changed)(void *opaque), void *opaque)
{
    struct pci_device *dev = &fx->dev;

    pci_device_init(dev, "i440fx", VENDOR_INTEL, DEVICE_82441FX, CLASS_HOST, fx);
    dev->config[PCI_REVISION] = REVISION;
    dev->config[PCI_COMMAND] = COMMAND_ALWAYS;
    dev->writable[PCI_COMMAND] = 0;
    dev->writable[PCI_COMMAND + 1] = COMMAND_SERR;
    put16(&dev->config[PCI_STATUS], STATUS);
    for (unsigned i = 0; i < ARRAY_SIZE(registers); i++) {
        dev->config[registers[i].offset] = registers[i].value;
        dev->writable[registers[i].offset] = registers[i].writable;
    }
    for (unsigned i = 1; i < PAMS; i++)
        dev->writable[FX_PAM0 + i] = 0x33;
    for (unsigned i = 0; i < 8; i++) {
        dev->config[FX_DRB0 + i] = 0x01;
        dev->writable[FX_DRB0 + i] = 0xff;
    }
    dev->changed = update;
    fx->phys = phys;
    fx->map_changed = map_changed;
    fx->opaque = opaque;
    pci_add(bus, dev, PCI_DEVFN(0, 0));
}
