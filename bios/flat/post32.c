/* POST's flat 32-bit part, called once: memory types, local APIC, shadow RAM, PCI, the display adapter's ROM, MultiProcessor
 * and SMBIOS tables, ACPI. */
#include "post32.h"

#include "acpi/acpi.h"
#include "apic.h"
#include "cpu.h"
#include "mp.h"
#include "pci/pci.h"
#include "pciconf.h"
#include "smbios.h"

void post32(struct post32 *p) __attribute__((section(".entry32")));

static void make_acpi(struct post32 *p)
{
    struct acpi_place place;

    if (!acpi_make(&place, 0x100000 + p->extended_kib * 1024, p->pm_base))
        return;
    p->acpi_base = place.base;
    p->acpi_size = place.size;
    p->acpi_nvs_base = place.nvs_base;
    p->acpi_nvs_size = place.nvs_size;
}

void post32(struct post32 *p)
{
    struct pci_info info;

    if (p->rom) {
        fetch_rom((struct pci_rom *)p->rom);
        return;
    }
    mtrr_init();
    apic_init();
    p->pci = pci_present();
    if (!p->pci)
        return;
    shadow_enable();
    pci_setup(&info);
    pci_make_bios32();
    p->pci_last_bus = info.last_bus;
    p->pm_base = info.pm_base;
    vga_copy_rom();
    ioapic_init();
    mp_make(p->mp_place);
    smbios_copy(p->smbios_place);
    if (p->pm_base)
        make_acpi(p);
}
