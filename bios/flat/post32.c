/* POST's flat 32-bit part, called once: local APIC, shadow RAM, PCI, the display adapter's ROM, ACPI. */
#include "post32.h"

#include "apic.h"
#include "pciconf.h"

void post32(struct post32 *p) __attribute__((section(".entry32")));

void post32(struct post32 *p)
{
    apic_init();
    p->pci = pci_present();
    if (!p->pci)
        return;
    shadow_enable();
    vga_copy_rom();
}
