/* Intel 82540EM: registers, interrupts, statistics, and the PCI bus.
 *
 * Implemented: both descriptor rings, checksum offload and TCP segmentation, receive filters, VLAN tags, the EEPROM by register
 * and by wire, the PHY's registers and the link, interrupt throttling, the common statistics. Not implemented: delays of
 * interrupts by RDTR, RADV and TIDV (each comes at once), flow control, wake-up, the SerDes and the cards' ROM; registers
 * of these keep what is written. Source: Intel 8254x manual (317453). */
#include "devices/net/e1000.h"

#include <stdio.h>
#include <string.h>

#include "devices/net/e1000_regs.h"
#include "devices/pci/pci_bar.h"

#define VENDOR_INTEL   0x8086
#define DEVICE_82540EM 0x100e
#define CLASS_ETHERNET 0x020000
#define REVISION       0x03
#define SUBSYSTEM      0x001e
#define STATE          0x0220 /* 66 MHz, medium DEVSEL# */
#define IO_BAR         64u

#define ITR_NS 256u /* ITR's unit */

static void set_line(struct e1000 *e, bool level)
{
    if (level == e->line)
        return;
    e->line = level;
    pci_set_irq(&e->pci, level);
}

/* The line falls at once and rises as often as ITR lets it. */
static void update_line(struct e1000 *e)
{
    bool wanted = e->reg[ICR / 4] & e->reg[IMS / 4];
    u32 interval = e->reg[ITR / 4] & 0xffff;

    if (!wanted || e->line) {
        set_line(e, wanted);
        return;
    }
    if (e->throttle.armed)
        return;
    set_line(e, true);
    if (interval)
        timer_arm(&e->throttle, clock_now(e->throttle.clock) + (u64)interval * ITR_NS);
}

static void throttle_over(void *opaque)
{
    update_line(opaque);
}

static void transmit_more(void *opaque)
{
    e1000_transmit(opaque);
}

void e1000_interrupt(struct e1000 *e, u32 causes)
{
    e->reg[ICR / 4] |= causes;
    update_line(e);
}

static void add64(struct e1000 *e, unsigned low, u64 n)
{
    u64 value = ((u64)e->reg[low / 4 + 1] << 32 | e->reg[low / 4]) + n;

    e->reg[low / 4] = (u32)value;
    e->reg[low / 4 + 1] = (u32)(value >> 32);
}

/* Counters stick at their end; octets have 64 bits, and count the FCS. (13.7) */
void e1000_count(struct e1000 *e, unsigned frames, unsigned bytes, const u8 *frame, size_t len)
{
    unsigned total = frames == GPRC ? TPR : TPT;

    if (e->reg[frames / 4] != UINT32_MAX)
        e->reg[frames / 4]++;
    if (e->reg[total / 4] != UINT32_MAX)
        e->reg[total / 4]++;
    if (frames == GPRC && frame[0] & 1)
        e->reg[(frame[0] == 0xff ? BPRC : MPRC) / 4]++;
    add64(e, bytes, len + 4);
    add64(e, frames == GPRC ? TORL : TOTL, len + 4);
}

void e1000_link_changed(void *opaque, bool up)
{
    struct e1000 *e = opaque;

    e->reg[STATUS / 4] = up ? e->reg[STATUS / 4] | STATUS_LU : e->reg[STATUS / 4] & ~STATUS_LU;
    e1000_interrupt(e, INT_LSC);
}

static u32 read_register(struct e1000 *e, u32 at)
{
    u32 value;

    if (at >= E1000_REGISTERS)
        return 0;
    value = e->reg[at / 4];
    switch (at) {
    case EECD: return e1000_eecd_read(e);
    case ICR: /* reading acknowledges */
        e->reg[ICR / 4] = 0;
        update_line(e);
        return value;
    case IMC:
    case ICS: return 0;
    default:
        if (at >= STATISTICS && at < STATISTICS_END)
            e->reg[at / 4] = 0;
        return value;
    }
}

static void write_ctrl(struct e1000 *e, u32 value)
{
    if (value & CTRL_RST) {
        e1000_reset(e);
        return;
    }
    if (value & CTRL_PHY_RST)
        e1000_phy_reset(e);
    e->reg[CTRL / 4] = value & ~CTRL_PHY_RST;
}

static void write_register(struct e1000 *e, u32 at, u32 value)
{
    if (at >= E1000_REGISTERS)
        return;
    switch (at) {
    case CTRL:
    case CTRL + 4: write_ctrl(e, value); break;
    case STATUS: break;
    case EECD: e1000_eecd_write(e, value); break;
    case EERD: e1000_eerd_write(e, value); break;
    case MDIC: e1000_mdic_write(e, value); break;
    case ICR:
        e->reg[ICR / 4] &= ~value;
        update_line(e);
        break;
    case ICS: e1000_interrupt(e, value); break;
    case IMS:
        e->reg[IMS / 4] |= value;
        update_line(e);
        break;
    case IMC:
        e->reg[IMS / 4] &= ~value;
        update_line(e);
        break;
    case RCTL:
    case RDT:
    case RDH:
    case RDLEN:
        e->reg[at / 4] = value;
        net_flush(&e->port);
        break;
    case TDLEN: e->reg[at / 4] = value & 0xfff80; break;
    case TDH: e->reg[at / 4] = value & 0xffff; break;
    case TCTL:
        e->reg[at / 4] = value;
        e1000_transmit(e);
        break;
    case TDT:
        e->reg[at / 4] = value & 0xffff;
        e1000_transmit(e);
        break;
    default:
        if (at < STATISTICS || at >= STATISTICS_END)
            e->reg[at / 4] = value;
        break;
    }
}

/* Registers are 32 bits wide; of one that is read in parts the parts are shown. */
static u32 mmio_read(void *opaque, u32 offset, unsigned size)
{
    u32 value = read_register(opaque, offset & ~3u) >> 8 * (offset & 3);

    return size == 4 ? value : value & ((1u << 8 * size) - 1);
}

static void mmio_write(void *opaque, u32 offset, u32 value, unsigned size)
{
    if (size == 4)
        write_register(opaque, offset & ~3u, value);
}

static const struct phys_mmio_ops mmio_ops = {mmio_read, mmio_write};

static void map_memory(void *opaque, unsigned bar, u32 old, u32 base)
{
    struct e1000 *e = opaque;

    (void)bar;
    pci_bar_mmio(e->phys, old, base, E1000_BAR, &mmio_ops, e);
    e->map_changed(e->map_opaque);
}

/* BAR 1: an address, and the register there. */
static u32 io_read(void *opaque, u16 offset, unsigned size)
{
    struct e1000 *e = opaque;

    (void)size;
    return offset == 0 ? e->io_address : offset == 4 ? read_register(e, e->io_address & ~3u) : 0;
}

static void io_write(void *opaque, u16 offset, u32 value, unsigned size)
{
    struct e1000 *e = opaque;

    if (offset == 0)
        e->io_address = value;
    else if (offset == 4 && size == 4)
        write_register(e, e->io_address & ~3u, value);
}

static const struct ioport_ops io_ops = {io_read, io_write, 4};

static void map_io(void *opaque, unsigned bar, u32 old, u32 base)
{
    struct e1000 *e = opaque;

    (void)bar;
    pci_bar_ports(e->ports, old, base, IO_BAR, &io_ops, e, "e1000");
}

void e1000_reset(struct e1000 *e)
{
    memset(e->reg, 0, sizeof(e->reg));
    e->reg[CTRL / 4] = CTRL_SLU | STATUS_FD;
    e->reg[STATUS / 4] = STATUS_FD | STATUS_1000 | (e->port.link ? STATUS_LU : 0);
    e->reg[PBA / 4] = 0x00100030; /* 48 KiB for the receiver, 16 for the transmitter */
    e->reg[VET / 4] = 0x8100;
    e->reg[RAL / 4] = e->eeprom[0] | (u32)e->eeprom[1] << 16;
    e->reg[RAL / 4 + 1] = e->eeprom[2] | RAH_VALID;
    microwire_reset(&e->microwire);
    e->len = e->segments = 0;
    e->context = (struct e1000_context){0};
    e1000_phy_reset(e);
    timer_cancel(&e->throttle);
    timer_cancel(&e->more);
    net_drop(&e->port);
    set_line(e, false);
}

static void context_state(struct e1000_context *c, struct state *state)
{
    u8 *bytes[] = {&c->ipcss, &c->ipcso, &c->tucss, &c->tucso, &c->header_len, &c->command};

    for (unsigned i = 0; i < ARRAY_SIZE(bytes); i++)
        state_u8(state, bytes[i]);
    state_u16(state, &c->ipcse);
    state_u16(state, &c->tucse);
    state_u16(state, &c->mss);
}

void e1000_state(struct e1000 *e, struct state *state)
{
    if (!state_begin(state, e->tag))
        return;
    for (unsigned i = 0; i < ARRAY_SIZE(e->reg); i++)
        state_u32(state, &e->reg[i]);
    for (unsigned i = 0; i < E1000_PHY; i++)
        state_u16(state, &e->phy[i]);
    state_u32(state, &e->io_address);
    state_u32(state, &e->microwire.in);
    state_u32(state, &e->microwire.bits);
    state_timer(state, &e->throttle);
    state_timer(state, &e->more);
    context_state(&e->context, state);
    state_u8(state, &e->options);
    state_bool(state, &e->segmented);
    state_bool(state, &e->has_vlan);
    state_u16(state, &e->vlan);
    state_u32(state, &e->segments);
    state_u32(state, &e->len);
    if (e->len <= sizeof(e->frame))
        state_bytes(state, e->frame, e->len);
    else
        state_reject(state);
    state_end(state);
    if (!state->loading)
        return;
    if (state->failed || !e1000_frame_fits(e))
        e->len = 0;
    e->microwire.in &= 0x1ff;
    e->line = e->pci.irq_level;
    if (e->port.link != !!(e->reg[STATUS / 4] & STATUS_LU)) /* the cable is pulled out meanwhile */
        e1000_link_changed(e, e->port.link);
}

void e1000_init(struct e1000 *e, struct pci_bus *bus, u8 devfn, struct ioport_bus *ports,
                struct phys *phys, struct clock *clock, void (*map_changed)(void *opaque),
                void *map_opaque, const u8 mac[NET_MAC])
{
    memset(e, 0, sizeof(*e));
    snprintf(e->tag, sizeof(e->tag), "e1000 %x", devfn);
    e->ports = ports;
    e->phys = phys;
    e->map_changed = map_changed;
    e->map_opaque = map_opaque;
    net_port_init(&e->port, &e1000_port_ops, e);
    timer_init(&e->throttle, clock, throttle_over, e);
    timer_init(&e->more, clock, transmit_more, e);
    e1000_eeprom_init(e, mac);
    pci_device_init(&e->pci, "e1000", VENDOR_INTEL, DEVICE_82540EM, CLASS_ETHERNET, e);
    e->pci.config[PCI_REVISION] = REVISION;
    put16(&e->pci.config[PCI_STATUS], STATE);
    put16(&e->pci.config[PCI_SUBVENDOR_ID], VENDOR_INTEL);
    put16(&e->pci.config[PCI_SUBDEVICE_ID], SUBSYSTEM);
    e->pci.config[PCI_INTERRUPT_PIN] = 1;
    e->pci.bar[0] = (struct pci_bar){.size = E1000_BAR, .map = map_memory};
    e->pci.bar[1] = (struct pci_bar){.size = IO_BAR, .io = true, .map = map_io};
    pci_add(bus, &e->pci, devfn);
    e1000_reset(e);
}
