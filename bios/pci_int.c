/* INT 1Ah AH=B1h: the PCI BIOS 2.1 in real mode, and the interrupt routing table ($PIR).
 *
 * Implemented: installation check, find device and class, configuration reads and writes, routing options,
 * set interrupt. Not implemented: special cycles. The 32-bit entry is bios/pci/bios32.c.
 * Sources: PCI BIOS Specification 2.1, 4; PCI IRQ Routing Table Specification 1.0 (Microsoft). */
#include "services.h"

#include "bda.h"
#include "pci/calls.h"

/* The routing table. Links are the PIRQRC registers; each slot is one further than the one before, as
 * devices/pci/piix3.h has it. The slots from 2 on are sockets, numbered from 1. */
#define EXCLUSIVE 0x0c00 /* 10, 11: as pci_setup() routes them */
#define SLOTS     8

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
        0, (n) << 3, {PIN(n, 0), PIN(n, 1), PIN(n, 2), PIN(n, 3)}, SOCKET(n), 0                    \
    }

#define SOCKET(n)   ((n) < 2 ? 0 : (n)-1)
#define BYTES(w)    (((w)&0xff) + ((w) >> 8))
#define SLOT_SUM(n) ((n)*8 + 4 * PIRQRC + (0 + 1 + 2 + 3) + 4 * BYTES(ROUTABLE) + SOCKET(n))
#define HEADER_SUM  ('$' + 'P' + 'I' + 'R' + 1 + 160 + PIIX3_ISA + BYTES(EXCLUSIVE) + ROUTER_SUM)
#define ROUTER      0x70008086
#define ROUTER_SUM  (BYTES(ROUTER & 0xffff) + BYTES(ROUTER >> 16))
#define SUM                                                                                        \
    (HEADER_SUM + SLOT_SUM(1) + SLOT_SUM(2) + SLOT_SUM(3) + SLOT_SUM(4) + SLOT_SUM(5) +            \
     SLOT_SUM(6) + SLOT_SUM(7) + SLOT_SUM(8))

static const struct pir pir ROMDATA __attribute__((aligned(16), used)) = {
    .signature = {'$', 'P', 'I', 'R'},
    .version = 0x0100,
    .size = sizeof(struct pir),
    .router_devfn = PIIX3_ISA,
    .exclusive = EXCLUSIVE,
    .compatible = ROUTER,
    .checksum = (u8) - (SUM),
    .slot = {SLOT(1), SLOT(2), SLOT(3), SLOT(4), SLOT(5), SLOT(6), SLOT(7), SLOT(8)},
};

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

void pci_service(struct regs *r)
{
    u8 function = r->al & 0x7f; /* 80h: the caller is in 16-bit protected mode */

    if (!ebda->pci)
        r->ah = PCI_NOT_SUPPORTED;
    else
        r->ah = function == PCI_GET_ROUTING ? get_routing(r) : pci_call(r, function);
    set_cf(r, r->ah != PCI_OK);
}
