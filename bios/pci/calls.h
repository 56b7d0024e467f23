/* The PCI BIOS's functions that its real mode and its 32-bit entry share: static, for pci_int.c and
 * bios32.c. No data is used but ports and the caller's registers: the 32-bit entry may run at any address.
 * Source: PCI BIOS Specification 2.1, 4. */
#ifndef BIOS_PCI_CALLS_H
#define BIOS_PCI_CALLS_H

#include "bios.h"

#define VERSION_BCD   0x0210
#define SIGNATURE     0x20494350 /* "PCI " */
#define MECHANISM_1   0x01
#define PIIX3_ISA     0x08 /* devfn */
#define PIRQRC        0x60
#define ELCR          0x4d0
#define LAST_REGISTER 0xff
#define LAST_BUS      0
#define ROUTABLE      0xdeb8 /* 3, 4, 5, 7, 9 to 12, 14, 15: what PCI interrupts may have */

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

static u16 config_port(u16 bdf, u8 reg)
{
    outl(0xcf8, 0x80000000u | (u32)bdf << 8 | (reg & 0xfc));
    return 0xcfc + (reg & 3);
}

static u32 config_read32(u16 bdf, u8 reg)
{
    return inl(config_port(bdf, reg));
}

/* The n-th function with (value & mask) in the dword at reg, or -1. */
static i32 find(u8 reg, u32 mask, u32 value, u16 n)
{
    bool multi = false;

    for (u32 bdf = 0; bdf <= ((u32)LAST_BUS << 8 | 0xff); bdf++) {
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
    r->cl = LAST_BUS;
    r->edx = SIGNATURE;
    return PCI_OK;
}

static u8 config_access(struct regs *r, u8 function)
{
    unsigned size = 1u << ((function - PCI_READ_BYTE) % 3);
    u16 port;

    if (r->di > LAST_REGISTER || r->di & (size - 1))
        return PCI_BAD_REGISTER;
    port = config_port(r->bx, (u8)r->di);
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

/* BX: function; CL: pin, 0Ah for INTA#; CH: interrupt. */
static u8 set_irq(struct regs *r)
{
    u8 pin = r->cl - 0x0a, irq = r->ch, link;
    u16 elcr = ELCR + (irq >> 3);

    if (pin > 3 || irq > 15 || !(ROUTABLE >> irq & 1) || r->bh)
        return PCI_SET_FAILED;
    link = ((r->bl >> 3) + pin + 3) & 3;
    outb(config_port(PIIX3_ISA, PIRQRC + link), irq);
    outb(elcr, inb(elcr) | (u8)(1u << (irq & 7)));
    return PCI_OK;
}

/* AH is the answer. */
static u8 pci_call(struct regs *r, u8 function)
{
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
    case PCI_SET_IRQ: return set_irq(r);
    default: return PCI_NOT_SUPPORTED;
    }
}

#endif
