/* AMD Am79C970A: its ports in both widths, CSRs and BCRs, interrupts, and the PCI bus.
 *
 * Implemented: initialization blocks and descriptors of every style, receive filters, chained buffers, loopback, the address
 * PROM, interrupts with their masks, the link's LED. Not implemented: the chip's polling of descriptors (drivers demand
 * it), suspension, wake-up, collisions and their counters, the EEPROM's wires; registers of these keep what is written. */
#include "devices/net/pcnet.h"

#include <stdio.h>
#include <string.h>

#include "devices/net/pcnet_regs.h"
#include "devices/pci/pci_bar.h"

#define VENDOR_AMD     0x1022
#define DEVICE_PCNET   0x2000
#define CLASS_ETHERNET 0x020000
#define REVISION       0x16
#define STATE          0x0280

#define CHIP_ID     0x02621003u
#define BUS_DWIO    0x0080 /* BCR18 */
#define BUS_START   0x9001
#define LED_START   0x00c0
#define LED_ON      0x8000
#define FEATURES    0x0115 /* CSR4's start: all masked */
#define STYLE_WIDE  0x0100 /* BCR20: 32-bit structures, */
#define STYLE_PCNET 0x0200 /* and registers of the PCnet */
#define STYLES      4

/* The ports behind the PROM, in words of 16 bits; each is twice as far with 32. */
enum { PORT_RDP, PORT_RAP, PORT_RESET, PORT_BDP };

static bool wide_ports(const struct pcnet *p)
{
    return p->bcr[BCR_BUS] & BUS_DWIO;
}

static void update_line(struct pcnet *p)
{
    u16 *status = &p->csr[CSR_STATUS], features = p->csr[CSR_FEATURES];
    u16 wanted =
        *status & (u16)~p->csr[CSR_MASK] & (S_BABL | S_MISS | S_MERR | S_RINT | S_TINT | S_IDON);
    bool level;

    if ((features & FEATURE_CAUSES) >> 1 & ~features)
        wanted |= S_INTR;
    *status &= (u16) ~(S_ERR | S_INTR);
    if (*status & (S_BABL | S_CERR | S_MISS | S_MERR))
        *status |= S_ERR;
    if (wanted)
        *status |= S_INTR;
    level = wanted && *status & S_IENA;
    if (level == p->line)
        return;
    p->line = level;
    pci_set_irq(&p->pci, level);
}

void pcnet_interrupt(struct pcnet *p, u16 causes)
{
    p->csr[CSR_STATUS] |= causes;
    update_line(p);
}

static void retry_room(void *opaque)
{
    struct pcnet *p = opaque;

    net_flush(&p->port);
}

static void transmit_more(void *opaque)
{
    pcnet_transmit(opaque);
}

/* What reading the reset port does: the CSRs of a card that is stopped. */
static void soft_reset(struct pcnet *p)
{
    memset(p->csr, 0, sizeof(p->csr));
    p->csr[CSR_STATUS] = S_STOP;
    p->csr[CSR_FEATURES] = FEATURES;
    for (unsigned i = 0; i < 3; i++)
        p->csr[CSR_MAC + i] = get16(p->prom + 2 * i);
    p->csr[CSR_CHIP] = (u16)CHIP_ID;
    p->csr[CSR_CHIP + 1] = CHIP_ID >> 16;
    p->csr[CSR_RX_LEN] = p->csr[CSR_TX_LEN] = (u16)-1;
    p->rap = 0;
    p->rx_at = p->tx_at = 0;
    p->gathering = false;
    p->len = 0;
    p->full_since = 0;
    timer_cancel(&p->retry);
    timer_cancel(&p->more);
    update_line(p);
}

static void start(struct pcnet *p, u16 value)
{
    u16 *status = &p->csr[CSR_STATUS];

    if (value & S_INIT && !(*status & S_INIT)) {
        pcnet_load_block(p);
        *status |= S_INIT | S_IDON;
        *status &= (u16)~S_STOP;
    }
    if (value & S_STRT && !(*status & S_STRT)) {
        *status |= S_STRT;
        *status &= (u16)~S_STOP;
        *status |= p->csr[CSR_MODE] & MODE_DRX ? 0 : S_RXON;
        *status |= p->csr[CSR_MODE] & MODE_DTX ? 0 : S_TXON;
    }
}

/* Causes are cleared by ones; STOP wins over what starts. */
static void write_status(struct pcnet *p, u16 value)
{
    u16 *status = &p->csr[CSR_STATUS];

    *status &= (u16) ~(value & S_CAUSES);
    *status = (u16)((*status & ~S_IENA) | (value & S_IENA));
    if (value & S_STOP) {
        *status = S_STOP;
        p->gathering = false;
    } else if (!p->busy) {
        start(p, value);
        update_line(p);
        if (value & (S_TDMD | S_STRT))
            pcnet_transmit(p);
    }
    update_line(p);
    pcnet_room(p);
}

static void set_style(struct pcnet *p, u8 style)
{
    style %= STYLES;
    p->bcr[BCR_STYLE] = (u16)(style | (style ? STYLE_WIDE : 0) | (style == 1 ? 0 : STYLE_PCNET));
}

/* Most of what is written here works only while the card is stopped, or is read back and does nothing. */
static void write_csr(struct pcnet *p, u16 value)
{
    bool stopped = p->csr[CSR_STATUS] & S_STOP;

    switch (p->rap) {
    case CSR_STATUS: write_status(p, value); return;
    case CSR_MASK: p->csr[CSR_MASK] = value; break;
    case CSR_FEATURES: /* causes are cleared by ones */
        p->csr[CSR_FEATURES] =
            (u16)((value & ~FEATURE_CAUSES) | (p->csr[CSR_FEATURES] & FEATURE_CAUSES & ~value));
        break;
    case CSR_EXTENDED: p->csr[CSR_EXTENDED] = value & 0xd1ff; break;
    case CSR_STYLE: set_style(p, (u8)value); return;
    case CSR_CHIP:
    case CSR_CHIP + 1:
    case CSR_RX_COUNTER:
    case CSR_TX_COUNTER: return;
    default:
        if (stopped && p->rap < PCNET_CSRS)
            p->csr[p->rap] = value;
        return;
    }
    update_line(p);
}

static u16 read_csr(const struct pcnet *p)
{
    switch (p->rap) {
    case CSR_STYLE: return p->bcr[BCR_STYLE];
    case CSR_RX_COUNTER: return (u16)(pcnet_ring_len(p, CSR_RX_LEN) - p->rx_at);
    case CSR_TX_COUNTER: return (u16)(pcnet_ring_len(p, CSR_TX_LEN) - p->tx_at);
    default: return p->rap < PCNET_CSRS ? p->csr[p->rap] : 0;
    }
}

static void write_bcr(struct pcnet *p, u16 value)
{
    if (p->rap == BCR_STYLE)
        set_style(p, (u8)value);
    else if (p->rap == BCR_BUS)
        p->bcr[BCR_BUS] = (u16)((value & ~BUS_DWIO) | (p->bcr[BCR_BUS] & BUS_DWIO));
    else if (p->rap < PCNET_BCRS)
        p->bcr[p->rap] = value;
}

static u16 read_bcr(const struct pcnet *p)
{
    if (p->rap >= PCNET_BCRS)
        return 0;
    if (p->rap == BCR_LED0)
        return (u16)((p->bcr[BCR_LED0] & ~LED_ON) | (p->port.link ? LED_ON : 0));
    return p->bcr[p->rap];
}

/* The port at this offset behind the PROM for an access of this size; -1: there is none. */
static int find_port(const struct pcnet *p, u32 offset, unsigned size)
{
    unsigned step = wide_ports(p) ? 4 : 2;

    if (size != step || offset % step || offset < PCNET_PROM)
        return -1;
    return (offset - PCNET_PROM) / step < 4 ? (int)((offset - PCNET_PROM) / step) : -1;
}

static u32 ports_read(void *opaque, u32 offset, unsigned size)
{
    struct pcnet *p = opaque;
    u32 value = 0;

    if (offset + size <= PCNET_PROM) {
        memcpy(&value, p->prom + offset, size);
        return value;
    }
    switch (find_port(p, offset, size)) {
    case PORT_RDP: return read_csr(p);
    case PORT_RAP: return p->rap;
    case PORT_RESET:
        if (!p->busy)
            soft_reset(p);
        return 0;
    case PORT_BDP: return read_bcr(p);
    default: return UINT32_MAX;
    }
}

static void ports_write(void *opaque, u32 offset, u32 value, unsigned size)
{
    struct pcnet *p = opaque;

    if (offset == PCNET_PROM && size == 4)
        p->bcr[BCR_BUS] |= BUS_DWIO; /* a write of 32 bits makes the ports so */
    switch (find_port(p, offset, size)) {
    case PORT_RDP: write_csr(p, (u16)value); break;
    case PORT_RAP: p->rap = value & 0x7f; break;
    case PORT_BDP: write_bcr(p, (u16)value); break;
    default: break;
    }
}

static const struct phys_mmio_ops mmio_ops = {ports_read, ports_write};

static u32 io_read(void *opaque, u16 offset, unsigned size)
{
    return ports_read(opaque, offset, size);
}

static void io_write(void *opaque, u16 offset, u32 value, unsigned size)
{
    ports_write(opaque, offset, value, size);
}

static const struct ioport_ops io_ops = {io_read, io_write, 4};

static void map_io(void *opaque, unsigned bar, u32 old, u32 base)
{
    struct pcnet *p = opaque;

    (void)bar;
    pci_bar_ports(p->ports, old, base, PCNET_PORTS, &io_ops, p, "pcnet");
}

static void map_memory(void *opaque, unsigned bar, u32 old, u32 base)
{
    struct pcnet *p = opaque;

    (void)bar;
    pci_bar_mmio(p->phys, old, base, PCNET_MEMORY, &mmio_ops, p);
    p->map_changed(p->map_opaque);
}

void pcnet_reset(struct pcnet *p)
{
    memset(p->bcr, 0, sizeof(p->bcr));
    p->bcr[0] = p->bcr[1] = 5;
    p->bcr[BCR_MISCELLANEOUS] = 2;
    p->bcr[BCR_LED0] = LED_START;
    p->bcr[BCR_LED0 + 1] = 0x84;
    p->bcr[BCR_LED0 + 2] = 0x88;
    p->bcr[BCR_LED0 + 3] = 0x90;
    p->bcr[BCR_BUS] = BUS_START;
    p->bcr[BCR_EEPROM] = 2;
    set_style(p, 0);
    net_drop(&p->port);
    soft_reset(p);
}

void pcnet_state(struct pcnet *p, struct state *state)
{
    if (!state_begin(state, p->tag))
        return;
    for (unsigned i = 0; i < PCNET_CSRS; i++)
        state_u16(state, &p->csr[i]);
    for (unsigned i = 0; i < PCNET_BCRS; i++)
        state_u16(state, &p->bcr[i]);
    state_u16(state, &p->rap);
    state_u32(state, &p->rx_at);
    state_u32(state, &p->tx_at);
    state_timer(state, &p->retry);
    state_timer(state, &p->more);
    state_u64(state, &p->full_since);
    state_bool(state, &p->gathering);
    state_u32(state, &p->len);
    if (p->len <= sizeof(p->frame))
        state_bytes(state, p->frame, p->len);
    else
        state_reject(state);
    state_end(state);
    if (!state->loading)
        return;
    if (state->failed)
        p->len = 0;
    p->rap &= 0x7f;
    set_style(p, (u8)p->bcr[BCR_STYLE]);
    p->rx_at %= pcnet_ring_len(p, CSR_RX_LEN);
    p->tx_at %= pcnet_ring_len(p, CSR_TX_LEN);
    p->csr[CSR_CHIP] = (u16)CHIP_ID;
    p->csr[CSR_CHIP + 1] = CHIP_ID >> 16;
    p->line = p->pci.irq_level;
    update_line(p);
}

/* The address, and as LANCE cards have it a sum and "WW". */
static void make_prom(struct pcnet *p, const u8 mac[NET_MAC])
{
    u16 sum = 0;

    memcpy(p->prom, mac, NET_MAC);
    p->prom[14] = p->prom[15] = 'W';
    for (unsigned i = 0; i < PCNET_PROM; i++)
        sum = (u16)(sum + p->prom[i]);
    put16(p->prom + 12, sum);
}

void pcnet_init(struct pcnet *p, struct pci_bus *bus, u8 devfn, struct ioport_bus *ports,
                struct phys *phys, struct clock *clock, void (*map_changed)(void *opaque),
                void *map_opaque, const u8 mac[NET_MAC])
{
    memset(p, 0, sizeof(*p));
    snprintf(p->tag, sizeof(p->tag), "pcnet %x", devfn);
    p->ports = ports;
    p->phys = phys;
    p->map_changed = map_changed;
    p->map_opaque = map_opaque;
    net_port_init(&p->port, &pcnet_port_ops, p);
    timer_init(&p->retry, clock, retry_room, p);
    timer_init(&p->more, clock, transmit_more, p);
    make_prom(p, mac);
    pci_device_init(&p->pci, "pcnet", VENDOR_AMD, DEVICE_PCNET, CLASS_ETHERNET, p);
    p->pci.config[PCI_REVISION] = REVISION;
    put16(&p->pci.config[PCI_STATUS], STATE);
    p->pci.config[PCI_INTERRUPT_PIN] = 1;
    p->pci.writable[PCI_LATENCY] = 0xff;
    p->pci.bar[0] = (struct pci_bar){.size = PCNET_PORTS, .io = true, .map = map_io};
    p->pci.bar[1] = (struct pci_bar){.size = PCNET_MEMORY, .map = map_memory};
    pci_add(bus, &p->pci, devfn);
    pcnet_reset(p);
}
