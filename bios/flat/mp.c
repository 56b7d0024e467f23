/* The MultiProcessor tables: the floating pointer, and the configuration table directly behind it.
 *
 * Lines that PCI interrupts are routed to, and the SCI, are active-high levels at the I/O APIC: the PIIX3 turns them.
 * Source: Intel MultiProcessor Specification 1.4, chapter 4. */
#include "mp.h"

#include "acpi/madt.h"
#include "cpu.h"
#include "pciconf.h"
#include "table.h"

enum { ENTRY_PROCESSOR, ENTRY_BUS, ENTRY_IOAPIC, ENTRY_INTERRUPT, ENTRY_LOCAL };
enum { TYPE_INT, TYPE_NMI, TYPE_SMI, TYPE_EXTINT };
enum { BUS_PCI, BUS_ISA };

#define FLAGS_BUS   0x0 /* as the bus has it */
#define CPU_ENABLED 0x01
#define CPU_BOOTS   0x02

#define REG_INT_LINE 0x3c
#define PIN(line)    ((line) >> 8 & 0xff)

struct pointer {
    char signature[4];
    u32 table;
    u8 length, revision, checksum, features[5];
} PACKED;

struct table {
    char signature[4];
    u16 length;
    u8 revision, checksum;
    char oem[8], product[12];
    u32 oem_table;
    u16 oem_size, entries;
    u32 local_apic;
    u16 extended_length;
    u8 extended_checksum, reserved;
} PACKED;

_Static_assert(sizeof(struct pointer) == 16, "floating pointer");
_Static_assert(sizeof(struct table) == 44, "configuration table header");

/* Where the next entry goes. */
struct writer {
    struct table *table;
    u8 *at, *end;
};

static void put8(struct writer *w, u32 value)
{
    if (w->at < w->end)
        *w->at++ = (u8)value;
}

static void put32(struct writer *w, u32 value)
{
    for (unsigned i = 0; i < 32; i += 8)
        put8(w, value >> i);
}

/* Whether an entry of so many bytes fits. */
static bool begin(struct writer *w, u8 type, u32 size)
{
    if ((u32)(w->end - w->at) < size)
        return false;
    put8(w, type);
    w->table->entries++;
    return true;
}

static void add_processor(struct writer *w)
{
    if (!begin(w, ENTRY_PROCESSOR, 20))
        return;
    put8(w, 0);                                    /* its APIC's ID */
    put8(w, *(volatile u32 *)(LOCAL_APIC + 0x30)); /* and version */
    put8(w, CPU_ENABLED | CPU_BOOTS);
    put32(w, cpu_signature());
    put32(w, cpu_features());
    put32(w, 0);
    put32(w, 0);
}

static void add_bus(struct writer *w, u8 id, const char *name)
{
    if (!begin(w, ENTRY_BUS, 8))
        return;
    put8(w, id);
    for (unsigned i = 0; i < 6; i++)
        put8(w, (u8)name[i]);
}

static void add_ioapic(struct writer *w)
{
    if (!begin(w, ENTRY_IOAPIC, 8))
        return;
    put8(w, IOAPIC_ID);
    put8(w, 0x11);
    put8(w, 1); /* enabled */
    put32(w, IOAPIC_BASE);
}

/* entry: ENTRY_INTERRUPT, or ENTRY_LOCAL to a pin of the processor's. */
static void add_interrupt(struct writer *w, u8 entry, u8 type, u8 flags, u8 bus, u8 source, u8 pin)
{
    if (!begin(w, entry, 8))
        return;
    put8(w, type);
    put8(w, flags);
    put8(w, 0);
    put8(w, bus);
    put8(w, source);
    put8(w, entry == ENTRY_INTERRUPT ? IOAPIC_ID : 0);
    put8(w, pin);
}

/* Every function's interrupt, a slot's same pin once. */
static void add_pci(struct writer *w)
{
    for (unsigned slot = 0; slot < 32; slot++) {
        u8 seen = 0;

        for (unsigned function = 0; function < 8; function++) {
            u8 devfn = (u8)(slot << 3 | function);
            u32 line =
                pciconf_read(0, devfn, 0) == 0xffffffff ? 0 : pciconf_read(0, devfn, REG_INT_LINE);

            if (PIN(line) < 1 || PIN(line) > 4 || seen & 1u << PIN(line))
                continue;
            seen |= (u8)(1u << PIN(line));
            add_interrupt(w, ENTRY_INTERRUPT, TYPE_INT, FLAGS_HIGH_LEVEL, BUS_PCI,
                          (u8)(slot << 2 | (PIN(line) - 1)), line & 0x1f);
        }
    }
}

static void add_isa(struct writer *w)
{
    add_interrupt(w, ENTRY_INTERRUPT, TYPE_EXTINT, FLAGS_BUS, BUS_ISA, 0, 0);
    for (u8 irq = 0; irq < 16; irq++) {
        if (irq == 2) /* the cascade */
            continue;
        add_interrupt(w, ENTRY_INTERRUPT, TYPE_INT,
                      irq_is_level(irq) ? FLAGS_HIGH_LEVEL : FLAGS_BUS, BUS_ISA, irq,
                      irq ? irq : TIMER_PIN);
    }
}

void mp_make(u32 place)
{
    struct pointer *pointer = (struct pointer *)place;
    struct table *table = (struct table *)(pointer + 1);
    struct writer w = {table, (u8 *)(table + 1), (u8 *)place + MP_ROOM};

    if (!(cpu_features() & CPUID_APIC))
        return;
    table_copy(table->signature, "PCMP", 4);
    table->revision = 4;
    table_copy(table->oem, "PGWALK  ", 8);
    table_copy(table->product, "PAGEWALK    ", 12);
    table->oem_table = table->oem_size = table->entries = 0;
    table->local_apic = LOCAL_APIC;
    table->extended_length = table->extended_checksum = table->reserved = 0;
    add_processor(&w);
    add_bus(&w, BUS_PCI, "PCI   ");
    add_bus(&w, BUS_ISA, "ISA   ");
    add_ioapic(&w);
    add_pci(&w);
    add_isa(&w);
    add_interrupt(&w, ENTRY_LOCAL, TYPE_EXTINT, FLAGS_BUS, BUS_ISA, 0, 0);
    add_interrupt(&w, ENTRY_LOCAL, TYPE_NMI, FLAGS_BUS, BUS_ISA, 0, 1);
    table->length = (u16)(w.at - (u8 *)table);
    table->checksum = 0;
    table->checksum = table_checksum(table, table->length);

    table_copy(pointer->signature, "_MP_", 4);
    pointer->table = (u32)table;
    pointer->length = 1;
    pointer->revision = 4;
    for (unsigned i = 0; i < 5; i++)
        pointer->features[i] = 0; /* there is a table; virtual wire mode */
    pointer->checksum = 0;
    pointer->checksum = table_checksum(pointer, sizeof(*pointer));
}
