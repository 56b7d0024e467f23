/* How much memory there is: from CMOS, as int 15h tells it (E820h, E801h, E881h, 88h).
 *
 * The map agrees with devices/board/pc_memory.c, less what POST took for ACPI tables. Source: ACPI 5.0,
 * section 15 (system address map); Ralf Brown's interrupt list for E801h. */
#include "services.h"

#include "bda.h"

#define SMAP 0x534d4150

#define CMOS_EXT_LO   0x17 /* KiB from 1 MiB, at most 63 or 64 MiB */
#define CMOS_EXT2_LO  0x30
#define CMOS_EXT16_LO 0x34 /* 64 KiB units from 16 MiB */

#define TYPE_RAM      1
#define TYPE_RESERVED 2
#define TYPE_ACPI     3
#define TYPE_NVS      4

static u16 cmos_read16(u8 index)
{
    return cmos_read(index) | cmos_read(index + 1) << 8;
}

u32 memory_extended_kib(void)
{
    u32 above16 = cmos_read16(CMOS_EXT16_LO);
    u16 below = cmos_read16(CMOS_EXT2_LO);

    if (above16)
        return 15 * 1024 + above16 * 64;
    return below ? below : cmos_read16(CMOS_EXT_LO);
}

/* What is left to programs. */
static u32 extended_free_kib(void)
{
    u32 kib = memory_extended_kib(), base = ebda->acpi_base, nvs = ebda->acpi_nvs_base;

    if (nvs >= 0x100000 && (!base || nvs < base))
        base = nvs;
    return base >= 0x100000 ? base / 1024 - 1024 : kib;
}

struct range {
    u32 base, size, type;
};

static bool set_range(struct range *out, u32 base, u32 size, u32 type)
{
    out->base = base;
    out->size = size;
    out->type = type;
    return true;
}

/* Entry n of the map; false: there are fewer. Empty ranges are left out by the caller. */
static bool map_entry(unsigned n, struct range *out)
{
    u32 end = 0x100000 + memory_extended_kib() * 1024;
    u32 free_end = 0x100000 + extended_free_kib() * 1024;

    switch (n) {
    case 0: return set_range(out, 0, EBDA_SEG << 4, TYPE_RAM);
    case 1: return set_range(out, EBDA_SEG << 4, 0x400, TYPE_RESERVED);
    case 2: return set_range(out, 0xf0000, 0x10000, TYPE_RESERVED);
    case 3: return set_range(out, 0x100000, free_end - 0x100000, TYPE_RAM);
    case 4: return set_range(out, ebda->acpi_base, ebda->acpi_size, TYPE_ACPI);
    case 5: return set_range(out, ebda->acpi_nvs_base, ebda->acpi_nvs_size, TYPE_NVS);
    case 6: /* what the tables left over above them */
        if (free_end == end)
            break;
        out->base = ebda->acpi_base + ebda->acpi_size;
        if (ebda->acpi_nvs_base + ebda->acpi_nvs_size > out->base)
            out->base = ebda->acpi_nvs_base + ebda->acpi_nvs_size;
        out->size = end > out->base ? end - out->base : 0;
        out->type = TYPE_RESERVED;
        return true;
    }
    return false;
}

static void map_e820(struct regs *r)
{
    struct range range;
    unsigned n = r->bx;

    if (r->edx != SMAP || r->ecx < 20) {
        set_cf(r, true);
        r->ah = 0x86;
        return;
    }
    while (map_entry(n, &range) && !range.size)
        n++;
    if (!map_entry(n, &range)) {
        set_cf(r, true);
        return;
    }
    far_write32(r->es, r->di, range.base);
    far_write32(r->es, r->di + 4, 0);
    far_write32(r->es, r->di + 8, range.size);
    far_write32(r->es, r->di + 12, 0);
    far_write32(r->es, r->di + 16, range.type);
    do
        n++;
    while (map_entry(n, &range) && !range.size);
    r->ebx = map_entry(n, &range) ? n : 0;
    r->eax = SMAP;
    r->ecx = 20;
    set_cf(r, false);
}

static void map_e801(struct regs *r)
{
    u32 kib = extended_free_kib();

    if (kib > 15 * 1024) {
        r->ax = r->cx = 15 * 1024;
        r->bx = r->dx = (u16)((kib - 15 * 1024) / 64);
    } else {
        r->ax = r->cx = (u16)kib;
        r->bx = r->dx = 0;
    }
    set_cf(r, false);
}

/* Int 15h AX=E8xxh and AH=88h. */
void memory_map(struct regs *r)
{
    u32 kib;

    if (r->ah == 0x88) {
        kib = extended_free_kib();
        r->ax = kib > 0xffff ? 0xffff : (u16)kib;
        set_cf(r, false);
        return;
    }
    switch (r->al) {
    case 0x20: map_e820(r); break;
    case 0x01: map_e801(r); break;
    case 0x81: /* E801h in 32-bit registers */
        map_e801(r);
        r->eax = r->ecx = r->ax;
        r->ebx = r->edx = r->bx;
        break;
    default: set_cf(r, true); r->ah = 0x86;
    }
}
