/* A board for one PCI network card, device 3: RAM, ports, the card's BARs and its interrupt line. */
#ifndef PAGEWALK_TEST_CARD_BENCH_H
#define PAGEWALK_TEST_CARD_BENCH_H

#include "devices/pci/pci.h"
#include "mmu/phys.h"
#include "tests/unit/net_bench.h"

#define RAM        (1u * MIB)
#define BAR        0xf0000000u /* of the card's registers in memory, */
#define PORTS      0xc000      /* and in ports */
#define CARD_DEVFN PCI_DEVFN(3, 0)

static struct bench b;
static struct phys phys;
static struct log quiet;
static struct stats stats;
static struct pci_bus pci;
static struct far_end far;
static bool line;
static unsigned rises; /* of the line */

static void on_irq(void *opaque, unsigned slot, unsigned pin, bool level)
{
    (void)opaque, (void)slot, (void)pin;
    rises += level && !line;
    line = level;
}

static void nothing(void *opaque)
{
    (void)opaque;
}

static void config(u8 at, u32 value)
{
    ioport_write(&b.bus, 0xcf8, 0x80000000u | (u32)CARD_DEVFN << 8 | at, 4);
    ioport_write(&b.bus, 0xcfc, value, 4);
}

static void card_board_init(void)
{
    bench_init(&b);
    rises = line = 0;
    ck_assert_int_eq(phys_init(&phys, 2 * RAM, &quiet, &stats), 0);
    ck_assert_int_eq(phys_add_ram(&phys, 0, RAM), 0);
    pci_bus_init(&pci, &b.bus);
    pci.memory_first = RAM;
    pci.memory_last = 0xfeffffff;
    pci.set_irq = on_irq;
}

/* The card is made: its BARs have places, it decodes and is a bus master, and has a far end. */
static void card_board_start(struct net_port *port, u32 bar0, u32 bar1)
{
    config(PCI_BAR0, bar0);
    config(PCI_BAR0 + 4, bar1);
    config(PCI_COMMAND, 7);
    far_init(&far, port, &b.clock);
}

#endif
