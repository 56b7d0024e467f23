/* What option ROMs ask the BIOS for: the Plug and Play installation check, and memory during POST. */
#ifndef BIOS_PMM_H
#define BIOS_PMM_H

#include "bios.h"

u16 pnp_place(void); /* where "$PnP" is in segment F000 */
/* Makes both structures, when the first ROM wants them: a machine without ROMs shows neither. */
void pnp_make(void);
void pmm_end(void); /* POST is over: nobody allocates any more */

#endif
