/* The configuration port by which the bundled BIOS and the board talk. */
#ifndef PAGEWALK_BIOSCFG_H
#define PAGEWALK_BIOSCFG_H

#include "devices/base/ioport.h"
#include "devices/base/state.h"

#define BIOSCFG_BOOT   4 /* letters of the boot order */
#define BIOSCFG_RANGES 2 /* of RAM that the BIOS keeps: ACPI tables, ACPI NVS */

struct bioscfg_values {
    bool kernel; /* one is loaded directly and waits */
    bool serial_console, boot_menu;
    char boot[BIOSCFG_BOOT]; /* 'a', 'c', 'd', 'n' or 0 */
};

struct bioscfg {
    struct bioscfg_values values;
    void (*start)(void *opaque); /* the BIOS is done: start the kernel */
    void *opaque;
    u8 index;
    u8 range[BIOSCFG_RANGES *
             8]; /* base and size of each, little-endian; as the BIOS says, unchecked */
};

/* start: called inside a port write. */
void bioscfg_init(struct bioscfg *cfg, struct ioport_bus *bus, u16 base,
                  const struct bioscfg_values *values, void (*start)(void *opaque), void *opaque);
void bioscfg_reset(struct bioscfg *cfg);
void bioscfg_state(struct bioscfg *cfg, struct state *state);

/* What the BIOS keeps; size 0: nothing. */
void bioscfg_range(const struct bioscfg *cfg, unsigned n, u32 *base, u32 *size);

#endif
