/* The 82540EM's EEPROM, by register and by its four wires, and its PHY, an 88E1011.
 *
 * Sources: 8254x manual, 5.3 (EEPROM), 5.6.1 (its words), 13.4.2 to 13.4.6; IEEE 802.3, 22.2.4 for the PHY's registers. */
#include "devices/net/e1000_regs.h"

#define EECD_SK   0x001u
#define EECD_CS   0x002u
#define EECD_DI   0x004u
#define EECD_DO   0x008u
#define EECD_REQ  0x040u
#define EECD_GNT  0x080u
#define EECD_PRES 0x100u

#define EERD_START 0x001u
#define EERD_DONE  0x010u

#define CHECKSUM_WORD (E1000_EEPROM - 1)
#define CHECKSUM      0xbaba

#define MDIC_WRITE 0x04000000u
#define MDIC_READ  0x08000000u
#define MDIC_READY 0x10000000u
#define MDIC_INT   0x20000000u
#define MDIC_ERROR 0x40000000u

enum {
    PHY_CONTROL = 0,
    PHY_STATUS = 1,
    PHY_ID1 = 2,
    PHY_ID2 = 3,
    PHY_ADVERTISE = 4,
    PHY_PARTNER = 5,
    PHY_1000_CONTROL = 9,
    PHY_1000_STATUS = 10,
    PHY_SPECIFIC_STATUS = 17,
};
#define PHY_LINK          0x0004u /* PHY_STATUS; and negotiation is complete: */
#define PHY_NEGOTIATED    0x0020u
#define PHY_SPECIFIC_LINK 0x0400u
#define PHY_SELF_CLEARING 0x8200u /* PHY_CONTROL: reset, restart negotiation */

void e1000_eeprom_init(struct e1000 *e, const u8 mac[NET_MAC])
{
    u16 sum = 0;

    for (unsigned i = 0; i < CHECKSUM_WORD; i++)
        e->eeprom[i] = 0xffff;
    for (unsigned i = 0; i < NET_MAC / 2; i++)
        e->eeprom[i] = get16(mac + 2 * i);
    e->eeprom[0x0a] = 0x6408; /* init control: load the identity */
    e->eeprom[0x0b] = 0x001e; /* subsystem, its vendor, device, vendor */
    e->eeprom[0x0c] = 0x8086;
    e->eeprom[0x0d] = 0x100e;
    e->eeprom[0x0e] = 0x8086;
    for (unsigned i = 0; i < CHECKSUM_WORD; i++)
        sum = (u16)(sum + e->eeprom[i]);
    e->eeprom[CHECKSUM_WORD] = (u16)(CHECKSUM - sum);
}

u32 e1000_eecd_read(const struct e1000 *e)
{
    u32 value = e->reg[EECD / 4];

    return value | EECD_PRES | (value & EECD_REQ ? EECD_GNT : 0) |
           (microwire_out(&e->microwire, e->eeprom) ? EECD_DO : 0);
}

void e1000_eecd_write(struct e1000 *e, u32 value)
{
    u32 old = e->reg[EECD / 4], rises = value & ~old;

    e->reg[EECD / 4] = value & (EECD_SK | EECD_CS | EECD_DI | EECD_REQ);
    if (!(value & EECD_CS) || rises & EECD_CS)
        microwire_reset(&e->microwire);
    if (value & EECD_CS && rises & EECD_SK)
        microwire_clock(&e->microwire, value & EECD_DI);
}

void e1000_eerd_write(struct e1000 *e, u32 value)
{
    u32 address = value >> 8 & 0xff;

    if (value & EERD_START)
        value = EERD_DONE | address << 8 |
                (u32)(address < E1000_EEPROM ? e->eeprom[address] : 0xffff) << 16;
    e->reg[EERD / 4] = value;
}

void e1000_phy_reset(struct e1000 *e)
{
    static const u16 power_on[E1000_PHY] = {
        [PHY_CONTROL] = 0x1140,      [PHY_STATUS] = 0x7949,      [PHY_ID1] = 0x0141,
        [PHY_ID2] = 0x0c20,          [PHY_ADVERTISE] = 0x0de1,   [PHY_PARTNER] = 0x45e1,
        [PHY_1000_CONTROL] = 0x0e00, [PHY_1000_STATUS] = 0x3c00, [PHY_SPECIFIC_STATUS] = 0xa808,
    };

    for (unsigned i = 0; i < E1000_PHY; i++)
        e->phy[i] = power_on[i];
}

static u16 phy_read(const struct e1000 *e, unsigned reg)
{
    u16 value = e->phy[reg];

    if (reg == PHY_STATUS && e->port.link)
        value |= PHY_LINK | PHY_NEGOTIATED;
    if (reg == PHY_SPECIFIC_STATUS && e->port.link)
        value |= PHY_SPECIFIC_LINK;
    return value;
}

static void phy_write(struct e1000 *e, unsigned reg, u16 value)
{
    switch (reg) {
    case PHY_STATUS:
    case PHY_ID1:
    case PHY_ID2:
    case PHY_PARTNER:
    case PHY_1000_STATUS:
    case PHY_SPECIFIC_STATUS: break;
    case PHY_CONTROL: e->phy[reg] = value & (u16)~PHY_SELF_CLEARING; break;
    default: e->phy[reg] = value; break;
    }
}

void e1000_mdic_write(struct e1000 *e, u32 value)
{
    unsigned reg = value >> 16 & 0x1f, address = value >> 21 & 0x1f;

    value &= ~(MDIC_READY | MDIC_ERROR);
    if (address != 1)
        value |= MDIC_ERROR;
    else if (value & MDIC_READ)
        value = (value & 0xffff0000u) | phy_read(e, reg);
    else if (value & MDIC_WRITE)
        phy_write(e, reg, (u16)value);
    e->reg[MDIC / 4] = value | MDIC_READY;
    if (value & MDIC_INT)
        e1000_interrupt(e, INT_MDAC);
}
