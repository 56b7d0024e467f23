/* The I/O APIC (82093AA).
 *
 * Implemented: the index and data registers, identification, 24 redirection entries with masks, all delivery and
 * destination modes, edges and levels, remote IRR. The polarity bit is kept and has no effect: a pin is active when its device
 * asks, whichever level its wire has then, so that tables which name either polarity work. An edge that comes while
 * its entry is masked, or that nobody takes, is lost; a level asks until somebody takes it. Arbitration and delivery
 * status are those of an idle bus.
 * Source: Intel 82093AA data sheet (290566), chapter 3. */
#include "devices/chipset/ioapic.h"

#include <string.h>

#define VERSION 0x11u

/* Offsets in the page. */
#define IOREGSEL 0x00
#define IOWIN    0x10

/* Registers by index. */
#define REG_ID          0x00
#define REG_VERSION     0x01
#define REG_ARBITRATION 0x02
#define REG_TABLE       0x10

/* Redirection entries. */
#define ENTRY_VECTOR     0xffu
#define ENTRY_MODE(e)    ((e) >> 8 & 7)
#define ENTRY_LOGICAL    0x0800u
#define ENTRY_REMOTE_IRR 0x4000u
#define ENTRY_LEVEL      0x8000u
#define ENTRY_MASKED     0x10000u
#define ENTRY_WRITABLE   0xff0000000001afffull

static bool level_triggered(u64 entry)
{
    return entry & ENTRY_LEVEL &&
           (ENTRY_MODE(entry) == APIC_FIXED || ENTRY_MODE(entry) == APIC_LOWEST);
}

/* Sends a pin's message. */
static void deliver(struct ioapic *ioapic, unsigned pin)
{
    u64 *entry = &ioapic->entry[pin];
    struct apic_message message = {
        .vector = *entry & ENTRY_VECTOR,
        .mode = ENTRY_MODE(*entry),
        .dest = (u8)(*entry >> 56),
        .logical = *entry & ENTRY_LOGICAL,
        .level = level_triggered(*entry),
    };

    if (ioapic->host.deliver(ioapic->host.opaque, &message) && message.level)
        *entry |= ENTRY_REMOTE_IRR;
}

/* A level-triggered pin that is active asks, unless somebody has its interrupt. */
static void ask(struct ioapic *ioapic, unsigned pin)
{
    u64 entry = ioapic->entry[pin];

    if (ioapic->lines >> pin & 1 && level_triggered(entry) &&
        !(entry & (ENTRY_MASKED | ENTRY_REMOTE_IRR)))
        deliver(ioapic, pin);
}

void ioapic_set_pin(void *opaque, unsigned pin, bool active)
{
    struct ioapic *ioapic = opaque;
    u64 entry;

    BUG_ON(pin >= IOAPIC_PINS);
    if ((ioapic->lines >> pin & 1) == active)
        return;
    ioapic->lines ^= 1u << pin;
    entry = ioapic->entry[pin];
    if (!active || entry & ENTRY_MASKED)
        return;
    if (level_triggered(entry))
        ask(ioapic, pin);
    else
        deliver(ioapic, pin);
}

void ioapic_retry(struct ioapic *ioapic)
{
    for (unsigned i = 0; i < IOAPIC_PINS; i++)
        ask(ioapic, i);
}

void ioapic_eoi(struct ioapic *ioapic, u8 vector)
{
    for (unsigned i = 0; i < IOAPIC_PINS; i++) {
        u64 *entry = &ioapic->entry[i];

        if (!(*entry & ENTRY_REMOTE_IRR) || (*entry & ENTRY_VECTOR) != vector)
            continue;
        *entry &= ~(u64)ENTRY_REMOTE_IRR;
        ask(ioapic, i);
    }
}

bool ioapic_has_nmi(const struct ioapic *ioapic)
{
    for (unsigned i = 0; i < IOAPIC_PINS; i++)
        if (!(ioapic->entry[i] & ENTRY_MASKED) && ENTRY_MODE(ioapic->entry[i]) == APIC_NMI)
            return true;
    return false;
}

/* Remote IRR means nothing for an edge, and systems clear it by way of one. */
static void write_entry(struct ioapic *ioapic, unsigned pin, unsigned half, u32 value)
{
    u64 *entry = &ioapic->entry[pin];
    u64 kept = *entry & (0xffffffffull << (half ? 0 : 32));

    kept |= *entry & ENTRY_REMOTE_IRR;
    *entry = kept | ((u64)value << half * 32 & ENTRY_WRITABLE);
    if (!level_triggered(*entry))
        *entry &= ~(u64)ENTRY_REMOTE_IRR;
    ask(ioapic, pin);
}

static u32 read_register(const struct ioapic *ioapic)
{
    unsigned table = ioapic->select - REG_TABLE;

    if (ioapic->select >= REG_TABLE && table < 2 * IOAPIC_PINS)
        return (u32)(ioapic->entry[table / 2] >> table % 2 * 32);
    switch (ioapic->select) {
    case REG_ID:
    case REG_ARBITRATION: return (u32)ioapic->id << 24;
    case REG_VERSION: return VERSION | (IOAPIC_PINS - 1) << 16;
    default: return 0;
    }
}

static void write_register(struct ioapic *ioapic, u32 value)
{
    unsigned table = ioapic->select - REG_TABLE;

    if (ioapic->select >= REG_TABLE && table < 2 * IOAPIC_PINS)
        write_entry(ioapic, table / 2, table % 2, value);
    else if (ioapic->select == REG_ID)
        ioapic->id = value >> 24 & 0xf;
}

static u32 ioapic_read(void *opaque, u32 offset, unsigned size)
{
    struct ioapic *ioapic = opaque;

    (void)size; /* the bus takes what it asked for */
    switch (offset & ~3u) {
    case IOREGSEL: return (u32)ioapic->select >> (offset & 3) * 8;
    case IOWIN: return read_register(ioapic) >> (offset & 3) * 8;
    default: return 0;
    }
}

/* The data register is written whole; the index has eight bits. */
static void ioapic_write(void *opaque, u32 offset, u32 value, unsigned size)
{
    struct ioapic *ioapic = opaque;

    if (offset == IOREGSEL) {
        ioapic->select = (u8)value;
    } else if (offset == IOWIN && size == 4) {
        write_register(ioapic, value);
    }
}

const struct phys_mmio_ops ioapic_ops = {ioapic_read, ioapic_write};

void ioapic_reset(struct ioapic *ioapic)
{
    ioapic->id = ioapic->select = 0;
    for (unsigned i = 0; i < IOAPIC_PINS; i++)
        ioapic->entry[i] = ENTRY_MASKED;
}

void ioapic_state(struct ioapic *ioapic, struct state *state)
{
    if (!state_begin(state, "ioapic"))
        return;
    state_u32(state, &ioapic->lines);
    state_u8(state, &ioapic->id);
    state_u8(state, &ioapic->select);
    for (unsigned i = 0; i < IOAPIC_PINS; i++)
        state_u64(state, &ioapic->entry[i]);
    state_end(state);
    if (state->loading)
        for (unsigned i = 0; i < IOAPIC_PINS; i++)
            ioapic->entry[i] &= ENTRY_WRITABLE | ENTRY_REMOTE_IRR;
}

void ioapic_init(struct ioapic *ioapic, const struct ioapic_host *host)
{
    memset(ioapic, 0, sizeof(*ioapic));
    ioapic->host = *host;
    ioapic_reset(ioapic);
}
