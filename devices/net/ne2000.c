/* NE2000: the DP8390's registers, the card's reset port, and its two buses.
 *
 * Implemented: all registers of pages 0 to 2, the ring, remote DMA by bytes and words, the filters with the multicast
 * hash, tally counters, overflow, loopback to the FIFO. Not implemented: errors of the wire
 * (there are none), timing.
 * Sources: National Semiconductor DP8390D/NS32490D datasheet; Realtek RTL8029AS specification, sections 4 and 5. */
#include "devices/net/ne2000.h"

#include <stdio.h>
#include <string.h>

#include "devices/net/ne2000_regs.h"

#define REGISTERS  0x10
#define DATA_AT    0x10
#define DATA_PORTS 8
#define RESET_AT   0x18

/* Page 0; those that a page does not have, or that are others when written, are at hand below. */
enum {
    P0_CLDA0 = 0x01,
    P0_CLDA1,
    P0_BNRY,
    P0_TSR,
    P0_NCR,
    P0_FIFO,
    P0_ISR,
    P0_CRDA0,
    P0_CRDA1,
    P0_ID0, /* an RTL8029's */
    P0_ID1,
    P0_RSR,
    P0_TALLY0,
};
enum {
    W0_PSTART = 0x01,
    W0_PSTOP,
    W0_BNRY,
    W0_TPSR,
    W0_TBCR0,
    W0_TBCR1,
    W0_ISR,
    W0_RSAR0,
    W0_RSAR1,
    W0_RBCR0,
    W0_RBCR1,
    W0_RCR,
    W0_TCR,
    W0_DCR,
    W0_IMR,
};
enum { P1_PAR = 0x01, P1_CURR = 0x07, P1_MAR = 0x08 };

#define VENDOR_REALTEK 0x10ec
#define DEVICE_RTL8029 0x8029
#define CLASS_ETHERNET 0x020000
#define STATUS         0x0280 /* medium DEVSEL#, fast back to back */
#define BAR_SIZE       256

void ne2000_update_irq(struct ne2000 *ne)
{
    irq_set(&ne->irq, ne->isr & ne->imr & (u8)~ISR_RST);
}

static u8 read_page0(struct ne2000 *ne, unsigned reg)
{
    u8 value;

    switch (reg) {
    case P0_CLDA0: return (u8)ne->clda;
    case P0_CLDA1: return (u8)(ne->clda >> 8);
    case P0_BNRY: return ne->bnry;
    case P0_TSR: return ne->tsr;
    case P0_NCR: return 0;
    case P0_FIFO: return ne->fifo[ne->fifo_at++ % NE2000_FIFO];
    case P0_ISR: return ne->isr;
    case P0_CRDA0: return (u8)ne->rsar;
    case P0_CRDA1: return (u8)(ne->rsar >> 8);
    case P0_ID0: return ne->on_pci ? 'P' : 0xff;
    case P0_ID1: return ne->on_pci ? 'C' : 0xff;
    case P0_RSR: return ne->rsr;
    default: /* the tally counters are cleared as they are read */
        value = ne->tally[reg - P0_TALLY0];
        ne->tally[reg - P0_TALLY0] = 0;
        return value;
    }
}

static u8 read_page1(const struct ne2000 *ne, unsigned reg)
{
    return reg < P1_CURR    ? ne->par[reg - P1_PAR]
           : reg == P1_CURR ? ne->curr
                            : ne->mar[reg - P1_MAR];
}

/* Page 2: for diagnosis, what page 0 takes. */
static u8 read_page2(const struct ne2000 *ne, unsigned reg)
{
    switch (reg) {
    case W0_PSTART: return ne->pstart;
    case W0_PSTOP: return ne->pstop;
    case W0_TPSR: return ne->tpsr;
    case W0_RCR: return ne->rcr | 0xc0;
    case W0_TCR: return ne->tcr | 0xe0;
    case W0_DCR: return ne->dcr | 0x80;
    case W0_IMR: return ne->imr | 0x80;
    default: return 0xff;
    }
}

static u32 register_read(void *opaque, u16 reg, unsigned size)
{
    struct ne2000 *ne = opaque;

    (void)size;
    if (reg == 0)
        return ne->cr;
    switch (ne->cr >> 6) {
    case 0: return read_page0(ne, reg);
    case 1: return read_page1(ne, reg);
    case 2: return read_page2(ne, reg);
    default: return 0xff;
    }
}

static void write_command(struct ne2000 *ne, u8 value)
{
    /* Writing 0 stops no transmission; and drivers that only turn the page say neither start nor stop, which leaves it as
     * it is. */
    if (!(value & (CR_STA | CR_STP)))
        value |= ne->cr & (CR_STA | CR_STP);
    ne->cr = value | (ne->cr & CR_TXP);
    if (value & CR_STP) {
        ne->isr |= ISR_RST;
        ne->cr &= (u8)~CR_TXP;
        timer_cancel(&ne->overflow);
        ne2000_resume(ne);
    } else if (value & CR_STA) {
        ne->isr &= (u8)~ISR_RST;
    }
    if ((value & CR_RD) == CR_RD_SEND) { /* the next frame of the ring, from BNRY on */
        u16 at = (u16)(ne->bnry << 8);

        ne->rsar = at;
        ne->rbcr = (u16)(ne2000_load(ne, (u16)(at + 2)) | ne2000_load(ne, (u16)(at + 3)) << 8);
    }
    if (!ne->rbcr && !(value & CR_RD_ABORT) && value & CR_RD)
        ne->isr |= ISR_RDC;
    ne2000_transmit(ne);
    ne2000_update_irq(ne);
}

static void write_page0(struct ne2000 *ne, unsigned reg, u8 value)
{
    switch (reg) {
    case W0_PSTART: ne->pstart = value; break;
    case W0_PSTOP: ne->pstop = value; break;
    case W0_BNRY:
        ne->bnry = value;
        ne2000_ring_moved(ne);
        break;
    case W0_TPSR: ne->tpsr = value; break;
    case W0_TBCR0: ne->tbcr = (u16)((ne->tbcr & 0xff00) | value); break;
    case W0_TBCR1: ne->tbcr = (u16)((ne->tbcr & 0xff) | value << 8); break;
    case W0_ISR:
        ne->isr &= (u8) ~(value & (u8)~ISR_RST);
        if (value & ISR_PRX)
            ne2000_resume(ne);
        ne2000_update_irq(ne);
        break;
    case W0_RSAR0: ne->rsar = (u16)((ne->rsar & 0xff00) | value); break;
    case W0_RSAR1: ne->rsar = (u16)((ne->rsar & 0xff) | value << 8); break;
    case W0_RBCR0: ne->rbcr = (u16)((ne->rbcr & 0xff00) | value); break;
    case W0_RBCR1: ne->rbcr = (u16)((ne->rbcr & 0xff) | value << 8); break;
    case W0_RCR: ne->rcr = value & 0x3f; break;
    case W0_TCR:
        ne->tcr = value & 0x1f;
        ne2000_resume(ne);
        break;
    case W0_DCR: ne->dcr = value & 0x7f; break;
    case W0_IMR:
        ne->imr = value & 0x7f;
        ne2000_update_irq(ne);
        break;
    default: break;
    }
}

static void write_page1(struct ne2000 *ne, unsigned reg, u8 value)
{
    if (reg < P1_CURR)
        ne->par[reg - P1_PAR] = value;
    else if (reg == P1_CURR)
        ne->curr = value;
    else
        ne->mar[reg - P1_MAR] = value;
}

static void register_write(void *opaque, u16 reg, u32 value, unsigned size)
{
    struct ne2000 *ne = opaque;

    (void)size;
    if (reg == 0)
        write_command(ne, (u8)value);
    else if (ne->cr >> 6 == 0)
        write_page0(ne, reg, (u8)value);
    else if (ne->cr >> 6 == 1)
        write_page1(ne, reg, (u8)value);
}

static u32 data_read(void *opaque, u16 offset, unsigned size)
{
    (void)offset;
    return ne2000_data_read(opaque, size);
}

static void data_write(void *opaque, u16 offset, u32 value, unsigned size)
{
    (void)offset;
    ne2000_data_write(opaque, value, size);
}

/* Any access resets the chip. */
static u32 reset_read(void *opaque, u16 offset, unsigned size)
{
    (void)offset, (void)size;
    ne2000_reset(opaque);
    return 0xff;
}

static void reset_write(void *opaque, u16 offset, u32 value, unsigned size)
{
    (void)value;
    reset_read(opaque, offset, size);
}

static const struct ioport_ops register_ops = {register_read, register_write, 1};
static const struct ioport_ops data_ops = {data_read, data_write, 4};
static const struct ioport_ops reset_ops = {reset_read, reset_write, 1};

static void add_ports(struct ne2000 *ne, u16 base)
{
    ioport_add(ne->bus, base, REGISTERS, &register_ops, ne, "ne2000");
    ioport_add(ne->bus, base + DATA_AT, DATA_PORTS, &data_ops, ne, "ne2000 data");
    ioport_add_block(ne->bus, base + DATA_AT, &ne2000_data_block);
    ioport_add(ne->bus, base + RESET_AT, NE2000_PORTS - RESET_AT, &reset_ops, ne, "ne2000 reset");
}

static void remove_ports(struct ne2000 *ne, u16 base)
{
    ioport_remove(ne->bus, base, REGISTERS, ne);
    ioport_remove(ne->bus, base + DATA_AT, DATA_PORTS, ne);
    ioport_remove(ne->bus, base + RESET_AT, NE2000_PORTS - RESET_AT, ne);
}

static void map_bar(void *opaque, unsigned bar, u32 old, u32 base)
{
    struct ne2000 *ne = opaque;

    (void)bar;
    if (old != PCI_UNMAPPED)
        remove_ports(ne, (u16)old);
    if (base != PCI_UNMAPPED)
        add_ports(ne, (u16)base);
}

static void pci_irq(void *opaque, unsigned line, bool level)
{
    struct ne2000 *ne = opaque;

    (void)line;
    pci_set_irq(&ne->pci, level);
}

void ne2000_reset(struct ne2000 *ne)
{
    ne->cr = CR_STP | CR_RD_ABORT;
    ne->isr = ISR_RST;
    ne->imr = ne->dcr = ne->rcr = ne->tcr = ne->rsr = ne->tsr = 0;
    ne->rbcr = 0;
    ne->fifo_at = 0;
    memset(ne->tally, 0, sizeof(ne->tally));
    timer_cancel(&ne->overflow);
    net_drop(&ne->port);
    ne2000_resume(ne);
    ne2000_update_irq(ne);
}

void ne2000_state(struct ne2000 *ne, struct state *state)
{
    u8 *bytes[] = {&ne->cr,   &ne->isr,  &ne->imr,  &ne->dcr,    &ne->rcr,
                   &ne->tcr,  &ne->rsr,  &ne->tsr,  &ne->pstart, &ne->pstop,
                   &ne->bnry, &ne->curr, &ne->tpsr, &ne->fifo_at};
    u16 *words[] = {&ne->tbcr, &ne->rsar, &ne->rbcr, &ne->clda};

    if (!state_begin(state, ne->tag))
        return;
    for (unsigned i = 0; i < ARRAY_SIZE(bytes); i++)
        state_u8(state, bytes[i]);
    for (unsigned i = 0; i < ARRAY_SIZE(words); i++)
        state_u16(state, words[i]);
    state_bytes(state, ne->par, sizeof(ne->par));
    state_bytes(state, ne->mar, sizeof(ne->mar));
    state_bytes(state, ne->tally, sizeof(ne->tally));
    state_bytes(state, ne->fifo, sizeof(ne->fifo));
    state_bytes(state, ne->ram, sizeof(ne->ram));
    state_timer(state, &ne->overflow);
    state_timer(state, &ne->resume);
    state_bool(state, &ne->paused);
    state_u8(state, &ne->batch);
    state_end(state);
    if (state->loading)
        ne2000_update_irq(ne);
}

static void init(struct ne2000 *ne, struct ioport_bus *bus, unsigned where, struct clock *clock,
                 const u8 mac[NET_MAC])
{
    memset(ne, 0, sizeof(*ne));
    snprintf(ne->tag, sizeof(ne->tag), "ne2000 %x", where);
    ne->bus = bus;
    memcpy(ne->mac, mac, NET_MAC);
    net_port_init(&ne->port, &ne2000_port_ops, ne);
    timer_init(&ne->overflow, clock, ne2000_overflow, ne);
    timer_init(&ne->resume, clock, ne2000_resume, ne);
}

void ne2000_init_isa(struct ne2000 *ne, struct ioport_bus *bus, u16 iobase, struct irq irq,
                     struct clock *clock, const u8 mac[NET_MAC])
{
    init(ne, bus, iobase, clock, mac);
    ne->irq = irq;
    add_ports(ne, iobase);
    ne2000_reset(ne);
}

void ne2000_init_pci(struct ne2000 *ne, struct pci_bus *bus, u8 devfn, struct ioport_bus *ports,
                     struct clock *clock, const u8 mac[NET_MAC])
{
    init(ne, ports, devfn, clock, mac);
    ne->on_pci = true;
    pci_device_init(&ne->pci, "ne2k_pci", VENDOR_REALTEK, DEVICE_RTL8029, CLASS_ETHERNET, ne);
    put16(&ne->pci.config[PCI_STATUS], STATUS);
    ne->pci.config[PCI_INTERRUPT_PIN] = 1;
    put16(&ne->pci.config[PCI_SUBVENDOR_ID], VENDOR_REALTEK);
    put16(&ne->pci.config[PCI_SUBDEVICE_ID], DEVICE_RTL8029);
    ne->pci.bar[0] = (struct pci_bar){.size = BAR_SIZE, .io = true, .map = map_bar};
    pci_add(bus, &ne->pci, devfn);
    ne->irq = (struct irq){pci_irq, ne, 0};
    ne2000_reset(ne);
}
