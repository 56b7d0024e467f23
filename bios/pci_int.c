/* INT 1Ah AH=B1h: the PCI BIOS 2.1 in real mode, and the interrupt routing table ($PIR).
 *
 * Implemented: installation check, find device and class, configuration reads and writes, routing options,
 * set interrupt. Not implemented: special cycles; the 32-bit entry (BIOS32 service directory).
 * Sources: PCI BIOS Specification 2.1, 4; PCI IRQ Routing Table Specification 1.0 (Microsoft). */
#include "services.h"

#include "bda.h"

#define VERSION_BCD   0x0210
#define SIGNATURE     0x20494350 /* "PCI " */
#define MECHANISM_1   0x01
#define PIIX3_ISA     0x08 /* devfn */
#define PIRQRC        0x60
#define ELCR          0x4d0
#define LAST_REGISTER 0xff

enum {
    PCI_CHECK = 0x01,
    PCI_FIND_DEVICE = 0x02,
    PCI_FIND_CLASS = 0x03,
    PCI_READ_BYTE = 0x08,
    PCI_READ_WORD = 0x09,
    PCI_READ_DWORD = 0x0a,
    PCI_WRITE_BYTE = 0x0b,
    PCI_WRITE_WORD = 0x0c,
    PCI_WRITE_DWORD = 0x0d,
    PCI_GET_ROUTING = 0x0e,
    PCI_SET_IRQ = 0x0f,
};
enum {
    PCI_OK = 0x00,
    PCI_NOT_SUPPORTED = 0x81,
    PCI_BAD_VENDOR = 0x83,
    PCI_NO_DEVICE = 0x86,
    PCI_BAD_REGISTER = 0x87,
    PCI_SET_FAILED = 0x88,
    PCI_SMALL_BUFFER = 0x89,
};

/* The routing table. Links are the PIRQRC registers; each slot is one further than the one before, as
 * devices/piix3.h has it. The slots from 2 on are sockets, numbered from 1. */
#define ROUTABLE  0xdeb8 /* 3, 4, 5, 7, 9 to 12, 14, 15 */
#define EXCLUSIVE 0x0c00 /* 10, 11: as pci_setup() routes them */
#define SLOTS     8
#define CHECKSUM  0x9a /* makes the sum of all its bytes zero: tests/unit/test_bios_pci.c */

struct pir_pin {
    u8 link;
    u16 irqs;
} PACKED;

struct pir_slot {
    u8 bus, devfn;
    struct pir_pin pin[4];
    u8 socket, reserved;
} PACKED;

struct pir {
    char signature[4];
    u16 version, size;
    u8 router_bus, router_devfn;
    u16 exclusive;
    u32 compatible, miniport;
    u8 reserved[11], checksum;
    struct pir_slot slot[SLOTS];
} PACKED;

_Static_assert(sizeof(struct pir_slot) == 16 && sizeof(struct pir) == 160, "$PIR");

#define PIN(slot, n)                                                                               \
    {                                                                                              \
        PIRQRC + (((slot) + (n) + 3) & 3), ROUTABLE                                                \
    }
#define SLOT(n)                                                                                    \
    {                                                                                              \
        0, (n) << 3, {PIN(n, 0), PIN(n, 1), PIN(n, 2), PIN(n, 3)}, (n) < 2 ? 0 : (n)-1, 0          \
    }

static const struct pir pir ROMDATA __attribute__((aligned(16), used)) = {
    .signature = {'$', 'P', 'I', 'R'},
    .version = 0x0100,
    .size = sizeof(struct pir),
    .router_devfn = PIIX3_ISA,
    .exclusive = EXCLUSIVE,
    .compatible = 0x70008086,
    .checksum = CHECKSUM,
    .slot = {SLOT(1), SLOT(2), SLOT(3), SLOT(4), SLOT(5), SLOT(6), SLOT(7), SLOT(8)},
};

static u16 select(u16 bdf, u8 reg)
{
    outl(0xcf8, 0x80000000u | (u32)bdf << 8 | (reg & 0xfc));
    return 0xcfc + (reg & 3);
}

static u32 config_read32(u16 bdf, u8 reg)
{
    return inl(select(bdf, reg));
}

/* The n-th function with (value & mask) in the dword at reg, or -1. */
static i32 find(u8 reg, u32 mask, u32 value, u16 n)
{
    u32 last = (u32)ebda->pci_last_bus << 8 | 0xff;
    bool multi = false;

    for (u32 bdf = 0; bdf <= last; bdf++) {
        if (bdf & 7 && !multi)
            continue;
        if (config_read32((u16)bdf, 0) == 0xffffffff) {
            if (!(bdf & 7))
                multi = false;
            continue;
        }
        if (!(bdf & 7))
            multi = config_read32((u16)bdf, 0x0c) & 0x00800000;
        if ((config_read32((u16)bdf, reg) & mask) == value && n-- == 0)
            return (i32)bdf;
    }
    return -1;
}

static u8 find_function(struct regs *r, u8 reg, u32 mask, u32 value)
{
    i32 bdf = find(reg, mask, value, r->si);

    if (bdf < 0)
        return PCI_NO_DEVICE;
    r->bx = (u16)bdf;
    return PCI_OK;
}

static u8 check(struct regs *r)
{
    r->al = MECHANISM_1;
    r->bx = VERSION_BCD;
    r->cl = ebda->pci_last_bus;
    r->edx = SIGNATURE;
    return PCI_OK;
}

static u8 config_access(struct regs *r, u8 function)
{
    unsigned size = 1u << ((function - PCI_READ_BYTE) % 3);
    u16 port;

    if (r->di > LAST_REGISTER || r->di & (size - 1))
        return PCI_BAD_REGISTER;
    port = select(r->bx, (u8)r->di);
    switch (function) {
    case PCI_READ_BYTE: r->cl = inb(port); break;
    case PCI_READ_WORD: r->cx = inw(port); break;
    case PCI_READ_DWORD: r->ecx = inl(port); break;
    case PCI_WRITE_BYTE: outb(port, r->cl); break;
    case PCI_WRITE_WORD: outw(port, r->cx); break;
    case PCI_WRITE_DWORD: outl(port, r->ecx); break;
    }
    return PCI_OK;
}

/* ES:DI: {size, offset, segment} of the caller's buffer. */
static u8 get_routing(struct regs *r)
{
    u16 room = far_read16(r->es, r->di), size = sizeof(pir.slot);
    u16 off = far_read16(r->es, r->di + 2), seg = far_read16(r->es, r->di + 4);

    far_write16(r->es, r->di, size);
    if (room < size)
        return PCI_SMALL_BUFFER;
    for (u16 i = 0; i < size; i++)
        far_write8(seg, off + i, rom8((const u8 *)pir.slot + i));
    r->bx = EXCLUSIVE;
    return PCI_OK;
}

/* BX: function; CL: pin, 0Ah for INTA#; CH: interrupt. */
static u8 set_irq(struct regs *r)
{
    u8 pin = r->cl - 0x0a, irq = r->ch, link;
    u16 elcr = ELCR + (irq >> 3);

    if (pin > 3 || irq > 15 || !(ROUTABLE >> irq & 1) || r->bh)
        return PCI_SET_FAILED;
    link = ((r->bl >> 3) + pin + 3) & 3;
    outb(select(PIIX3_ISA, PIRQRC + link), irq);
    outb(elcr, inb(elcr) | (u8)(1u << (irq & 7)));
    return PCI_OK;
}

static u8 serve(struct regs *r)
{
    u8 function = r->al & 0x7f; /* 80h: the caller is in 16-bit protected mode */

    switch (function) {
    case PCI_CHECK: return check(r);
    case PCI_FIND_DEVICE:
        if (r->dx == 0xffff)
            return PCI_BAD_VENDOR;
        return find_function(r, 0, 0xffffffff, (u32)r->cx << 16 | r->dx);
    case PCI_FIND_CLASS: return find_function(r, 8, 0xffffff00, r->ecx << 8);
    case PCI_READ_BYTE:
    case PCI_READ_WORD:
    case PCI_READ_DWORD:
    case PCI_WRITE_BYTE:
    case PCI_WRITE_WORD:
    case PCI_WRITE_DWORD: return config_access(r, function);
    case PCI_GET_ROUTING: return get_routing(r);
    case PCI_SET_IRQ: return set_irq(r);
    default: return PCI_NOT_SUPPORTED;
    }
}

void pci_service(struct regs *r)
{
    r->ah = ebda->pci ? serve(r) : PCI_NOT_SUPPORTED;
    set_cf(r, r->ah != PCI_OK);
}
