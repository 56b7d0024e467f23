/* The bytes of a CD's sector around its data: what tells where it is, and what finds and mends errors. */
#ifndef PAGEWALK_CD_SECTOR_H
#define PAGEWALK_CD_SECTOR_H

#include "mmu/host/base.h"

#define CD_SYNC_LEN   12u
#define CD_HEADER_LEN 4u
#define CD_DATA_AT    16u /* in a sector of mode 1 */

/* Puts what belongs there around a sector's data at this address (frames from the lead-in's end): sync and header, and with
 * `all` what finds and mends errors, of mode 1, or of mode 2 and form 1. */
void cd_sector_finish(u8 *raw, u32 frames, bool mode2, bool all);

#endif
