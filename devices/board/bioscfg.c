/* The configuration port by which the bundled BIOS and the board talk: an index at the base, a byte of
 * data behind it.
 *
 * The BIOS reads what the command line says; it tells which RAM it keeps, so that a kernel that is
 * started directly gets the same memory map as INT 15h AX=E820h gives; and it starts that kernel when
 * POST is over. Unknown indices read as all ones and take no notice of writes. The other side is
 * bios/config.h. */
#include "devices/board/bioscfg.h"

#include <string.h>

enum {
    CFG_SIGNATURE = 0x00, /* 'P' */
    CFG_FLAGS = 0x01,
    CFG_BOOT = 0x02,  /* four letters */
    CFG_RANGE = 0x10, /* written and read: two ranges, 32 bits base and size each */
    CFG_START = 0x80, /* write 1 */
};

#define FLAG_KERNEL    0x01
#define FLAG_SERIAL    0x02
#define FLAG_BOOT_MENU 0x04

static u8 cfg_flags(const struct bioscfg *cfg)
{
    return (cfg->values.kernel ? FLAG_KERNEL : 0) | (cfg->values.serial_console ? FLAG_SERIAL : 0) |
           (cfg->values.boot_menu ? FLAG_BOOT_MENU : 0);
}

static void bioscfg_write(void *opaque, u16 offset, u32 value, unsigned size)
{
    struct bioscfg *cfg = opaque;

    (void)size;
    if (offset == 0)
        cfg->index = (u8)value;
    else if (cfg->index >= CFG_RANGE && cfg->index < CFG_RANGE + sizeof(cfg->range))
        cfg->range[cfg->index - CFG_RANGE] = (u8)value;
    else if (cfg->index == CFG_START && value == 1 && cfg->values.kernel)
        cfg->start(cfg->opaque);
}

static u32 bioscfg_read(void *opaque, u16 offset, unsigned size)
{
    struct bioscfg *cfg = opaque;
    u8 index = cfg->index;

    (void)size;
    if (offset == 0)
        return index;
    if (index == CFG_SIGNATURE)
        return 'P';
    if (index == CFG_FLAGS)
        return cfg_flags(cfg);
    if (index >= CFG_BOOT && index < CFG_BOOT + BIOSCFG_BOOT)
        return (u8)cfg->values.boot[index - CFG_BOOT];
    if (index >= CFG_RANGE && index < CFG_RANGE + sizeof(cfg->range))
        return cfg->range[index - CFG_RANGE];
    return 0xff;
}

static const struct ioport_ops bioscfg_ops = {bioscfg_read, bioscfg_write, 1};

void bioscfg_range(const struct bioscfg *cfg, unsigned n, u32 *base, u32 *size)
{
    BUG_ON(n >= BIOSCFG_RANGES);
    *base = get32(cfg->range + n * 8);
    *size = get32(cfg->range + n * 8 + 4);
}

void bioscfg_reset(struct bioscfg *cfg)
{
    cfg->index = 0;
    memset(cfg->range, 0, sizeof(cfg->range));
}

void bioscfg_state(struct bioscfg *cfg, struct state *state)
{
    if (!state_begin(state, "bioscfg"))
        return;
    state_u8(state, &cfg->index);
    state_bytes(state, cfg->range, sizeof(cfg->range));
    state_end(state);
}

void bioscfg_init(struct bioscfg *cfg, struct ioport_bus *bus, u16 base,
                  const struct bioscfg_values *values, void (*start)(void *opaque), void *opaque)
{
    memset(cfg, 0, sizeof(*cfg));
    cfg->values = *values;
    cfg->start = start;
    cfg->opaque = opaque;
    ioport_add(bus, base, 2, &bioscfg_ops, cfg, "BIOS configuration");
}
