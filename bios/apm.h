/* APM: the entries of its three interfaces. */
#ifndef BIOS_APM_H
#define BIOS_APM_H

#include "services.h"

/* apm_entry.S: functions 04h and up as far procedures; in protected mode in a segment that the caller
 * made of F000. */
extern const u8 apm_entry_16[], apm_entry_32[];

#endif
