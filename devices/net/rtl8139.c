/* Realtek RTL8139C+: registers, interrupts, EEPROM, the counter, and the PCI bus.
 *
 * Implemented: the receive buffer, the four transmit slots, C+ mode's three descriptor rings with checksums, TCP
 * segmentation and VLAN tags, loopback, receive filters, interrupts, the tally counters, the counter with its interrupt, the
 * EEPROM by its wires (reads), the PHY's registers and the link. Not implemented: early interrupts, wake-up, the flash
 * ROM, forced speeds; registers of these keep what is written. Registers of several bytes may be written in parts;
 * what a write starts, it starts with the part that it writes. Source: RTL8139C+ data sheet 1.6. */
#include "devices/net/rtl8139.h"

#include <stdio.h>
#include <string.h>

#include "devices/net/rtl8139_regs.h"
#include "devices/pci/pci_bar.h"

#define VENDOR_REALTEK   0x10ec
#define DEVICE_8139      0x8139
#define CLASS_ETHERNET   0x020000
#define REVISION_8139C   0x10
#define REVISION_CPLUS   0x20
#define SUBSYSTEM_REDHAT 0x1af4
#define SUBSYSTEM_QEMU   0x1100
#define STATE            0x0280

#define VERSION_8139C 0x74000000u /* TCR's bits 30 to 26, 23 and 22 */
#define VERSION_CPLUS 0x74800000u
#define VERSION_MASK  0x7cc00000u
#define COUNTER_NS    30u /* the PCI bus' clock */

#define EECR_MODE   0xc0
#define EECR_NORMAL 0x00
#define EECR_LOAD   0x40
#define EECR_WIRES  0x80
#define EECR_UNLOCK 0xc0
#define EECR_CS     0x08
#define EECR_SK     0x04
#define EECR_DI     0x02
#define EECR_DO     0x01

#define EEPROM_ID     0x8129
#define CONFIG1_START 0x0c /* in memory and in ports */
#define MSR_NO_LINK   0x04
#define BMCR_START    0x3100 /* 100 Mbit, negotiation, full duplex */
#define BMCR_CLEARING 0x8200 /* reset, restart negotiation */
#define BMSR_START    0x7809
#define BMSR_LINK     0x0024 /* and negotiated */
#define ANAR_START    0x05e1
#define ANLPAR_LINK   0x45e1
#define CSCR_LINK     0x0400
#define DTCCR_DUMP    0x08u
#define TALLY         64u

static void update_line(struct rtl8139 *r)
{
    bool level = rtl8139_16(r, ISR) & rtl8139_16(r, IMR);

    if (level == r->line)
        return;
    r->line = level;
    pci_set_irq(&r->pci, level);
}

void rtl8139_interrupt(struct rtl8139 *r, u16 causes)
{
    put16(r->reg + ISR, rtl8139_16(r, ISR) | causes);
    update_line(r);
}

/* TCTR counts the bus' clock; its interrupt comes when it is TimerInt. */

static u32 counter(const struct rtl8139 *r)
{
    return (u32)((clock_now(r->counter.clock) - r->counter_zero) / COUNTER_NS);
}

static void arm_counter(struct rtl8139 *r)
{
    u32 at = rtl8139_32(r, TIMER_INT), now = counter(r);

    timer_cancel(&r->counter);
    if (at)
        timer_arm(&r->counter, clock_now(r->counter.clock) +
                                   ((u64)(at - now ? at - now : UINT32_MAX) + 1) * COUNTER_NS);
}

static void counter_reached(void *opaque)
{
    rtl8139_interrupt(opaque, INT_TIMEOUT);
}

static void retry_room(void *opaque)
{
    struct rtl8139 *r = opaque;

    net_flush(&r->port);
}

static void transmit_more(void *opaque)
{
    rtl8139_transmit(opaque);
}

/* DTCCR: the counters of this card go to memory as the data sheet has them; some never count here. */
static void dump_tally(struct rtl8139 *r)
{
    u64 at = (rtl8139_32(r, TSD) & ~0x3fu) | (u64)rtl8139_32(r, TSD + 4) << 32;
    const struct rtl8139_tally *t = &r->tally;
    u8 block[TALLY] = {0};

    put64(block, t->tx_ok);
    put64(block + 8, t->rx_ok);
    put64(block + 16, t->tx_error);
    put32(block + 24, t->rx_error);
    put16(block + 28, t->missed);
    put64(block + 40, t->rx_physical);
    put64(block + 48, t->rx_broadcast);
    put32(block + 56, t->rx_multicast);
    r->busy = true;
    phys_write(r->phys, at, block, sizeof(block));
    r->busy = false;
    put32(r->reg + TSD, rtl8139_32(r, TSD) & ~DTCCR_DUMP);
}

/* TSAD's summary: TOK and OWN of each slot. */
static u16 slots_summary(const struct rtl8139 *r)
{
    u16 all = 0;

    for (unsigned i = 0; i < 4; i++) {
        u32 status = rtl8139_32(r, (u8)(TSD + 4 * i));

        all |= (u16)((status & TSD_OWN ? 1u : 0) << i | (status & TSD_TOK ? 0x1000u : 0) << i);
    }
    return all;
}

/* The bytes of the register at `at` that a read shows; what is not here is as it is kept. */
static u32 read_field(struct rtl8139 *r, u8 at, unsigned size)
{
    switch (at) {
    case CR: return (r->reg[CR] & ~CR_BUFE) | (rtl8139_buffer_empty(r) ? CR_BUFE : 0);
    case TCR:
        return (rtl8139_32(r, TCR) & ~VERSION_MASK) | (r->cplus ? VERSION_CPLUS : VERSION_8139C);
    case TCTR: return counter(r);
    case EECR:
        return (r->reg[EECR] & ~EECR_DO) | (microwire_out(&r->microwire, r->eeprom) ? EECR_DO : 0);
    case MSR: return (r->reg[MSR] & ~MSR_NO_LINK) | (r->port.link ? 0 : MSR_NO_LINK);
    case RERID: return r->cplus ? REVISION_CPLUS : REVISION_8139C;
    case TSAD_ALL: return slots_summary(r);
    case BMSR: return BMSR_START | (r->port.link ? BMSR_LINK : 0);
    case ANLPAR: return r->port.link ? ANLPAR_LINK : 0;
    case CSCR: return r->port.link ? CSCR_LINK : 0;
    case TPPOLL: return 0;
    default: return size == 4 ? get32(r->reg + at) : size == 2 ? get16(r->reg + at) : r->reg[at];
    }
}

/* The register that the byte at *at belongs to: its size, and *at becomes its first byte. */
static unsigned find_field(u8 *at)
{
    static const struct {
        u8 first, end, size;
    } rows[] = {
        {TSD, RBSTART + 4, 4}, {CAPR, TCR, 2},     {TCR, EECR, 4},
        {TIMER_INT, MSR, 4},   {MULINT, RERID, 2}, {TSAD_ALL, ANER + 2, 2},
        {CSCR, CSCR + 2, 2},   {CPCR, RDSAR, 2},   {RDSAR, RDSAR + 8, 4},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
        if (*at >= rows[i].first && *at < rows[i].end) {
            *at = (u8)(*at & ~(rows[i].size - 1u));
            return rows[i].size;
        }
    return 1;
}

static void load_mac(struct rtl8139 *r)
{
    for (unsigned i = 0; i < NET_MAC / 2; i++)
        put16(r->reg + IDR + 2 * i, r->eeprom[7 + i]);
}

static void write_eecr(struct rtl8139 *r, u8 value)
{
    u8 rises = value & (u8)~r->reg[EECR];

    r->reg[EECR] = value & (u8)~EECR_DO;
    if ((value & EECR_MODE) == EECR_LOAD) {
        load_mac(r);
        r->reg[EECR] &= (u8)~EECR_MODE;
    }
    if ((value & EECR_MODE) != EECR_WIRES || !(value & EECR_CS) || rises & EECR_CS)
        microwire_reset(&r->microwire);
    if ((value & EECR_MODE) == EECR_WIRES && value & EECR_CS && rises & EECR_SK)
        microwire_clock(&r->microwire, value & EECR_DI);
}

static void write_cr(struct rtl8139 *r, u8 value)
{
    u8 rises = value & (u8)~r->reg[CR];

    if (value & CR_RST) {
        rtl8139_reset(r);
        return;
    }
    r->reg[CR] = value & (CR_TE | CR_RE);
    if (rises & CR_TE) {
        r->slot = r->tx_next[0] = r->tx_next[1] = 0;
        r->gathering = false;
        rtl8139_transmit(r);
    }
    if (rises & CR_RE) {
        r->rx_next = 0;
        rtl8139_room(r);
    }
}

static void write_slot(struct rtl8139 *r, u8 at, u32 value)
{
    if (rtl8139_tx_rings(r)) { /* DTCCR */
        put32(r->reg + at, value);
        if (at == TSD && value & DTCCR_DUMP && !r->busy)
            dump_tally(r);
        return;
    }
    put32(r->reg + at, value & TSD_KEPT);
    rtl8139_transmit(r);
}

static void write_poll(struct rtl8139 *r, u8 value)
{
    if (!rtl8139_tx_rings(r))
        return;
    r->reg[TPPOLL] |= value & (TPPOLL_LOW | TPPOLL_HIGH);
    if (value & TPPOLL_SW)
        rtl8139_interrupt(r, INT_SW);
    rtl8139_transmit(r);
}

/* `old` is what the register kept before. */
static void write_special(struct rtl8139 *r, u8 at, u32 value, u32 old)
{
    switch (at) {
    case RBSTART: put16(r->reg + CBR, 0); break;
    case CAPR:
    case RCR:
    case RDSAR:
    case RDSAR + 4:
        if (at == RDSAR || at == RDSAR + 4)
            r->rx_next = 0;
        rtl8139_room(r);
        break;
    case TSAD:
    case TSAD + 8:
        if (rtl8139_tx_rings(r))
            r->tx_next[at == TSAD + 8] = 0;
        break;
    case IMR:
        update_line(r);
        rtl8139_room(r);
        break;
    case TCTR:
        r->counter_zero = clock_now(r->counter.clock);
        arm_counter(r);
        break;
    case TIMER_INT: arm_counter(r); break;
    case MPC: put32(r->reg + MPC, 0); break;
    case BMCR: put16(r->reg + BMCR, (u16)(value & ~(u32)BMCR_CLEARING)); break;
    case CPCR:
        if (~old & value & CPCR_TX)
            r->tx_next[0] = r->tx_next[1] = 0;
        break;
    }
}

/* Drivers tell the cards of this family by which registers stay 0. */
static bool is_absent(const struct rtl8139 *r, u8 at)
{
    return at >= CPLUS_FIRST && (!r->cplus || (at > TPPOLL && at < CPCR) || at > ETTHR);
}

static bool is_locked(const struct rtl8139 *r, u8 at)
{
    if ((r->reg[EECR] & EECR_MODE) == EECR_UNLOCK)
        return false;
    return at < IDR + NET_MAC || at == CONFIG1 || at == CONFIG3 || at == CONFIG4 || at == BMCR;
}

/* Whole, in the register's own size. `written`: the bytes that the guest gave, others being zero. */
static void write_field(struct rtl8139 *r, u8 at, unsigned size, u32 value, u32 written)
{
    u32 old = 0;

    if (is_locked(r, at) || is_absent(r, at))
        return;
    switch (at) {
    case CR: write_cr(r, (u8)value); return;
    case EECR: write_eecr(r, (u8)value); return;
    case TPPOLL: write_poll(r, (u8)value); return;
    case ISR:
        put16(r->reg + ISR, rtl8139_16(r, ISR) & (u16)~written);
        update_line(r);
        rtl8139_room(r);
        return;
    case TSD:
    case TSD + 4:
    case TSD + 8:
    case TSD + 12: write_slot(r, at, value); return;
    case CBR:
    case CONFIG0:
    case RERID:
    case RERID + 1:
    case TSAD_ALL:
    case BMSR:
    case ANLPAR:
    case ANER: return;
    }
    memcpy(&old, r->reg + at, size);
    memcpy(r->reg + at, &value, size);
    write_special(r, at, value, old);
}

static u32 registers_read(void *opaque, u32 offset, unsigned size)
{
    struct rtl8139 *r = opaque;
    u32 value = 0;

    for (unsigned i = 0; i < size;) {
        u8 first = (u8)(offset + i);
        unsigned field = find_field(&first);
        u32 whole;

        if (offset + i >= RTL8139_REGISTERS)
            break;
        whole = read_field(r, first, field);
        for (; i < size && offset + i < first + field; i++)
            value |= (whole >> 8 * (offset + i - first) & 0xff) << 8 * i;
    }
    return value;
}

static void registers_write(void *opaque, u32 offset, u32 value, unsigned size)
{
    struct rtl8139 *r = opaque;

    for (unsigned i = 0; i < size;) {
        u8 first = (u8)(offset + i);
        unsigned field = find_field(&first);
        u32 whole = 0, written = 0;

        if (offset + i >= RTL8139_REGISTERS)
            break;
        memcpy(&whole, r->reg + first, field);
        for (; i < size && offset + i < first + field; i++) {
            unsigned shift = 8 * (offset + i - first);
            u32 byte = (value >> 8 * i & 0xff) << shift;

            whole = (whole & ~(0xffu << shift)) | byte;
            written |= byte;
        }
        write_field(r, first, field, whole, written);
    }
}

static const struct phys_mmio_ops mmio_ops = {registers_read, registers_write};

static u32 io_read(void *opaque, u16 offset, unsigned size)
{
    return registers_read(opaque, offset, size);
}

static void io_write(void *opaque, u16 offset, u32 value, unsigned size)
{
    registers_write(opaque, offset, value, size);
}

static const struct ioport_ops io_ops = {io_read, io_write, 4};

static void map_io(void *opaque, unsigned bar, u32 old, u32 base)
{
    struct rtl8139 *r = opaque;

    (void)bar;
    pci_bar_ports(r->ports, old, base, RTL8139_REGISTERS, &io_ops, r, "rtl8139");
}

static void map_memory(void *opaque, unsigned bar, u32 old, u32 base)
{
    struct rtl8139 *r = opaque;

    (void)bar;
    pci_bar_mmio(r->phys, old, base, RTL8139_MEMORY, &mmio_ops, r);
    r->map_changed(r->map_opaque);
}

void rtl8139_reset(struct rtl8139 *r)
{
    memset(r->reg, 0, sizeof(r->reg));
    load_mac(r);
    for (unsigned i = 0; i < 4; i++)
        put32(r->reg + TSD + 4 * i, TSD_OWN);
    put16(r->reg + CAPR, 0xfff0);
    r->reg[CONFIG1] = CONFIG1_START;
    put16(r->reg + BMCR, BMCR_START);
    put16(r->reg + ANAR, ANAR_START);
    microwire_reset(&r->microwire);
    r->counter_zero = clock_now(r->counter.clock);
    r->slot = r->rx_next = r->tx_next[0] = r->tx_next[1] = 0;
    r->full_since = 0;
    r->gathering = false;
    r->len = 0;
    timer_cancel(&r->counter);
    timer_cancel(&r->retry);
    timer_cancel(&r->more);
    net_drop(&r->port);
    update_line(r);
}

static void tally_state(struct rtl8139_tally *t, struct state *state)
{
    u64 *wide[] = {&t->tx_ok, &t->rx_ok, &t->tx_error, &t->rx_physical, &t->rx_broadcast};

    for (unsigned i = 0; i < ARRAY_SIZE(wide); i++)
        state_u64(state, wide[i]);
    state_u32(state, &t->rx_error);
    state_u32(state, &t->rx_multicast);
    state_u16(state, &t->missed);
}

void rtl8139_state(struct rtl8139 *r, struct state *state)
{
    if (!state_begin(state, r->tag))
        return;
    state_bytes(state, r->reg, sizeof(r->reg));
    state_u32(state, &r->microwire.in);
    state_u32(state, &r->microwire.bits);
    state_u64(state, &r->counter_zero);
    state_timer(state, &r->counter);
    state_timer(state, &r->retry);
    state_timer(state, &r->more);
    state_u64(state, &r->full_since);
    state_u32(state, &r->slot);
    state_u32(state, &r->tx_next[0]);
    state_u32(state, &r->tx_next[1]);
    state_u32(state, &r->rx_next);
    tally_state(&r->tally, state);
    state_bool(state, &r->gathering);
    state_u8(state, &r->ring);
    state_u32(state, &r->options[0]);
    state_u32(state, &r->options[1]);
    state_u32(state, &r->len);
    if (r->len <= sizeof(r->frame))
        state_bytes(state, r->frame, r->len);
    else
        state_reject(state);
    state_end(state);
    if (!state->loading)
        return;
    if (state->failed)
        r->len = 0;
    r->microwire.in &= 0x1ff;
    r->slot &= 3;
    r->ring &= 1;
    r->tx_next[0] %= RTL_DESCRIPTORS;
    r->tx_next[1] %= RTL_DESCRIPTORS;
    r->rx_next %= RTL_DESCRIPTORS;
    r->line = r->pci.irq_level;
    rtl8139_interrupt(r, 0);
}

static void make_eeprom(struct rtl8139 *r, const u8 mac[NET_MAC])
{
    r->eeprom[0] = EEPROM_ID;
    r->eeprom[1] = VENDOR_REALTEK;
    r->eeprom[2] = DEVICE_8139;
    for (unsigned i = 0; i < NET_MAC / 2; i++)
        r->eeprom[7 + i] = get16(mac + 2 * i);
}

void rtl8139_init(struct rtl8139 *r, struct pci_bus *bus, u8 devfn, struct ioport_bus *ports,
                  struct phys *phys, struct clock *clock, void (*map_changed)(void *opaque),
                  void *map_opaque, const u8 mac[NET_MAC], bool cplus)
{
    memset(r, 0, sizeof(*r));
    snprintf(r->tag, sizeof(r->tag), "rtl8139 %x", devfn);
    r->cplus = cplus;
    r->ports = ports;
    r->phys = phys;
    r->map_changed = map_changed;
    r->map_opaque = map_opaque;
    net_port_init(&r->port, &rtl8139_port_ops, r);
    timer_init(&r->counter, clock, counter_reached, r);
    timer_init(&r->retry, clock, retry_room, r);
    timer_init(&r->more, clock, transmit_more, r);
    make_eeprom(r, mac);
    pci_device_init(&r->pci, "rtl8139", VENDOR_REALTEK, DEVICE_8139, CLASS_ETHERNET, r);
    r->pci.config[PCI_REVISION] = cplus ? REVISION_CPLUS : REVISION_8139C;
    put16(&r->pci.config[PCI_STATUS], STATE);
    put16(&r->pci.config[PCI_SUBVENDOR_ID], SUBSYSTEM_REDHAT);
    put16(&r->pci.config[PCI_SUBDEVICE_ID], SUBSYSTEM_QEMU);
    r->pci.config[PCI_INTERRUPT_PIN] = 1;
    r->pci.writable[PCI_COMMAND] |= PCI_COMMAND_MWI; /* 8139cp insists on both */
    r->pci.writable[PCI_CACHE_LINE] = 0xff;
    r->pci.writable[PCI_LATENCY] = 0xff;
    r->pci.bar[0] = (struct pci_bar){.size = RTL8139_REGISTERS, .io = true, .map = map_io};
    r->pci.bar[1] = (struct pci_bar){.size = RTL8139_MEMORY, .map = map_memory};
    pci_add(bus, &r->pci, devfn);
    rtl8139_reset(r);
}
