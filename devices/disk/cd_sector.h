/* The bytes of a CD's sector around its data: what tells where it is, and what finds and mends errors. */
#ifndef PAGEWALK_CD_SECTOR_H
#define PAGEWALK_CD_SECTOR_H

#include "mmu/host/base.h"

#define CD_RAW        2352u
#define CD_SYNC_LEN   12u
#define CD_HEADER_LEN 4u
#define CD_DATA_AT    16u   /* in a sector of mode 1 */
#define CD_ECC_AT     2064u /* EDC, eight zeros, parity */
#define CD_ECC_LEN    288u

/* Puts what belongs there around the data of a sector of mode 1 at this address (frames from the lead-in's end). */
void cd_sector_finish(u8 *raw, u32 frames);

#endif
