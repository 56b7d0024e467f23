/* INT 1Ah AH=B1h: the PCI BIOS, in real mode. */
#include "services.h"

void pci_service(struct regs *r)
{
    r->ah = 0x81;
    set_cf(r, true);
}
