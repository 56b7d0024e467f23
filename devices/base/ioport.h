/* The port bus: 65,536 ports, each answered by at most one device range.
 *
 * A range's handlers get the offset from its base. Accesses wider than the range's width are split
 * into smaller ones, low address first, as the ISA bus does. Ports that nobody answers read as all
 * ones; each is reported once under `-d unassigned` unless it is on the board's list of ignored ports. */
#ifndef PAGEWALK_IOPORT_H
#define PAGEWALK_IOPORT_H

#include "mmu/host/log.h"

struct ioport_ops {
    u32 (*read)(void *opaque, u16 offset, unsigned size);              /* NULL: reads as all ones */
    void (*write)(void *opaque, u16 offset, u32 value, unsigned size); /* NULL: ignored */
    unsigned max_size; /* widest access handled as one: 1, 2 or 4 */
};

/* For devices that move blocks: at most `count` accesses in a row to one port, which mean the same as
 * single ones. They return how many were done before anything but the data changed (the last one done
 * may be what changed it); 0: the caller does the next one singly. */
struct ioport_block_ops {
    u32 (*read)(void *opaque, u16 offset, void *data, unsigned size, u32 count);
    u32 (*write)(void *opaque, u16 offset, const void *data, unsigned size, u32 count);
};

struct ioport_range {
    u16 base, count;
    const struct ioport_ops *ops;         /* NULL: an ignored port */
    const struct ioport_block_ops *block; /* may be NULL */
    void *opaque;
    const char *name; /* device, or the reason why the port is ignored */
};

#define IOPORT_RANGES 96

struct ioport_bus {
    struct ioport_range range[IOPORT_RANGES];
    unsigned ranges;
    u8 map[65536];          /* range number + 1; 0: unassigned */
    u8 reported[65536 / 8]; /* unassigned ports already reported */
    struct log *log;
};

void ioport_init(struct ioport_bus *bus, struct log *log);

/* Adds a range; a later one takes ports over from an earlier one. BUG when the bus is full. */
void ioport_add(struct ioport_bus *bus, u16 base, u16 count, const struct ioport_ops *ops,
                void *opaque, const char *name);
/* Adds block operations to the range at `port`. */
void ioport_add_block(struct ioport_bus *bus, u16 port, const struct ioport_block_ops *block);
void ioport_ignore(struct ioport_bus *bus, u16 base, u16 count, const char *reason);

/* Takes away the range that was added so; the ports go back to whom it took them from. A handler may
 * remove and add ranges, its own too. BUG when there is none. */
void ioport_remove(struct ioport_bus *bus, u16 base, u16 count, void *opaque);

/* The device that has one of these ports; NULL: none has, though one may be ignored. */
const char *ioport_owner(const struct ioport_bus *bus, u16 base, u16 count);

/* size: 1, 2 or 4. The value is zero-extended. */
u32 ioport_read(struct ioport_bus *bus, u16 port, unsigned size);
void ioport_write(struct ioport_bus *bus, u16 port, u32 value, unsigned size);

/* At most `count` elements of a string instruction; how many were done, see ioport_block_ops. */
u32 ioport_read_block(struct ioport_bus *bus, u16 port, void *data, unsigned size, u32 count);
u32 ioport_write_block(struct ioport_bus *bus, u16 port, const void *data, unsigned size,
                       u32 count);

#endif
