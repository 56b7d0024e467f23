/* Option ROMs: their expansion headers, and what POST and INT 19h do with them. */
#ifndef BIOS_OPTROM_H
#define BIOS_OPTROM_H

#include "bios.h"

/* The expansion header's fields. (Plug and Play BIOS Specification 1.0A, 3.2) */
#define PNP_HEADER  0x1a       /* 16 bits in the ROM's own header: where the first is */
#define PNP_MARK    0x506e5024 /* "$PnP" */
#define PNP_NEXT    0x06       /* 16, in paragraphs */
#define PNP_PRODUCT 0x10       /* 16 */
#define PNP_BCV     0x16       /* 16: hooks a disk into INT 13h */
#define PNP_BEV     0x1a       /* 16: boots */

bool rom_valid(u16 seg);
/* PCI function 0 is for a ROM that does not need to know it; `irq` lets interrupts in. */
void rom_init(u16 seg, u16 pci_function, bool irq);
/* The ROMs from C0000 on, then the PCI cards' behind them; and the boot entries that they have. */
void roms_init(void);

/* Boot entry `number`; returns when it does not boot. */
void rom_boot(u8 number);
void rom_show_name(u8 number);

#endif
