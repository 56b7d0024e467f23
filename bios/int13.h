/* INT 13h, split by what a drive number stands for. */
#ifndef BIOS_INT13_H
#define BIOS_INT13_H

#include "ata.h"
#include "services.h"

#define FIRST_HD 0x80
#define FIRST_CD 0xe0

/* Ends a service: AH, carry and the status byte of hard disks. */
void int13_return(struct regs *r, u8 status);

void hd_service(struct regs *r, u8 index);     /* index in ebda->drive[] */
void cd_service(struct regs *r, u8 index);     /* likewise */
void edd_service(struct regs *r, u8 index);    /* 41h to 49h and 4Eh, of either */
void floppy_service(struct regs *r, u8 drive); /* 0, 1 */
void emulation_service(struct regs *r);        /* the disk on the CD that was booted */
void emulation_status(struct regs *r);         /* 4Bh */

/* CHS of a service's CX and DH. */
static inline u16 chs_cylinder(const struct regs *r)
{
    return r->ch | (r->cl & 0xc0) << 2;
}

#endif
