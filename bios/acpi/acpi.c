/* ACPI 1.0 tables: RSDP, RSDT, FADT, FACS, with an APIC the MADT, and the DSDT that iasl has made of dsdt.asl.
 *
 * Source: ACPI 1.0b, 5.2. The FADT's ports are the PIIX4's (82371AB data sheet, 7.2), its ACPI_ENABLE and
 * ACPI_DISABLE commands the board's (devices/pci/piix4_pm.c). Not there: SSDT, any sleep but
 * soft off. */
#include "acpi.h"

#include "flat/cpu.h"
#include "flat/table.h"
#include "madt.h"

#define PAGE    0x1000u
#define RAM_MIN 0x200000u /* a machine with less does without */

#define SMI_COMMAND 0xb2
#define ACPI_ON     0xf1
#define ACPI_OFF    0xf0
#define PM1_CONTROL 0x04
#define PM_TIMER    0x08
#define GP_EVENTS   0x0c
#define NO_C2       0x0fff /* microseconds of latency that say: there is none */
#define NO_C3       0x0fff
#define RTC_CENTURY 0x32

/* FADT flags: WBINVD works; C1 works; no fixed sleep button; no RTC wake-up status. The timer has 24 bits,
 * and the power button is fixed hardware: these flags are clear. */
#define FADT_WBINVD 0x0001
#define FADT_C1     0x0004
#define FADT_NO_SLP 0x0020
#define FADT_NO_RTC 0x0040

struct rsdp {
    char signature[8];
    u8 checksum;
    char oem[6];
    u8 revision;
    u32 rsdt;
} PACKED;

struct header {
    char signature[4];
    u32 length;
    u8 revision, checksum;
    char oem[6], oem_table[8];
    u32 oem_revision;
    char creator[4];
    u32 creator_revision;
} PACKED;

struct rsdt {
    struct header header;
    u32 fadt;
    u32 madt; /* not counted in the length when there is none */
} PACKED;

struct madt {
    struct header header;
    u8 rest[MADT_SIZE];
} PACKED;

struct fadt {
    struct header header;
    u32 facs, dsdt;
    u8 int_model, reserved_45;
    u16 sci_int;
    u32 smi_cmd;
    u8 acpi_enable, acpi_disable, s4bios_req, reserved_55;
    u32 pm1a_evt, pm1b_evt, pm1a_cnt, pm1b_cnt, pm2_cnt, pm_tmr, gpe0, gpe1;
    u8 pm1_evt_len, pm1_cnt_len, pm2_cnt_len, pm_tmr_len, gpe0_len, gpe1_len, gpe1_base,
        reserved_95;
    u16 c2_latency, c3_latency, flush_size, flush_stride;
    u8 duty_offset, duty_width, day_alarm, month_alarm, century;
    u8 reserved_109[3];
    u32 flags;
} PACKED;

struct facs {
    char signature[4];
    u32 length, hardware_signature, waking_vector, global_lock, flags;
    u8 reserved_24[40];
} PACKED;

_Static_assert(sizeof(struct rsdp) == 20, "RSDP");
_Static_assert(sizeof(struct header) == 36, "table header");
_Static_assert(sizeof(struct fadt) == 116, "FADT");
_Static_assert(offsetof(struct fadt, century) == 108, "FADT");
_Static_assert(sizeof(struct facs) == 64, "FACS");

static const u8 dsdt[] = {
#include "dsdt.inc"
};

/* The RSDP's place, on a 16-byte boundary where systems look: a constant only for the linker. */
static const u8 rsdp_place[sizeof(struct rsdp)] __attribute__((aligned(16), used)) = {0};

static void clear(void *to, u32 len)
{
    u8 *t = to;

    while (len--)
        *t++ = 0;
}

static void finish(struct header *header, const char *signature, u32 length)
{
    table_copy(header->signature, signature, 4);
    header->length = length;
    header->revision = 1;
    table_copy(header->oem, "PGWALK", 6);
    table_copy(header->oem_table, "PAGEWALK", 8);
    header->oem_revision = 1;
    table_copy(header->creator, "PGWK", 4);
    header->creator_revision = 1;
    header->checksum = 0;
    header->checksum = table_checksum(header, length);
}

static void make_fadt(struct fadt *fadt, const struct facs *facs, const void *dsdt_at, u16 pm_base)
{
    clear(fadt, sizeof(*fadt));
    fadt->facs = (u32)(unsigned long)facs;
    fadt->dsdt = (u32)(unsigned long)dsdt_at;
    fadt->sci_int = SCI_IRQ;
    fadt->smi_cmd = SMI_COMMAND;
    fadt->acpi_enable = ACPI_ON;
    fadt->acpi_disable = ACPI_OFF;
    fadt->pm1a_evt = pm_base;
    fadt->pm1a_cnt = pm_base + PM1_CONTROL;
    fadt->pm_tmr = pm_base + PM_TIMER;
    fadt->gpe0 = pm_base + GP_EVENTS;
    fadt->pm1_evt_len = 4;
    fadt->pm1_cnt_len = 2;
    fadt->pm_tmr_len = 4;
    fadt->gpe0_len = 4;
    fadt->c2_latency = NO_C2;
    fadt->c3_latency = NO_C3;
    fadt->century = RTC_CENTURY;
    fadt->flags = FADT_WBINVD | FADT_C1 | FADT_NO_SLP | FADT_NO_RTC;
    finish(&fadt->header, "FACP", sizeof(*fadt));
}

static void make_rsdp(struct rsdp *rsdp, const struct rsdt *rsdt)
{
    table_copy(rsdp->signature, "RSD PTR ", 8);
    table_copy(rsdp->oem, "PGWALK", 6);
    rsdp->revision = 0;
    rsdp->rsdt = (u32)(unsigned long)rsdt;
    rsdp->checksum = 0;
    rsdp->checksum = table_checksum(rsdp, sizeof(*rsdp));
}

static u32 round16(u32 size)
{
    return (size + 15) & ~15u;
}

bool acpi_make(struct acpi_place *place, u32 ram_end, u16 pm_base)
{
    u32 size = round16(sizeof(struct rsdt)) + round16(sizeof(struct fadt)) +
               round16(sizeof(struct madt)) + sizeof(dsdt);
    bool apic = cpu_features() & CPUID_APIC;
    struct rsdt *rsdt;
    struct fadt *fadt;
    struct madt *madt;
    struct facs *facs;
    unsigned long rsdp;
    u8 *dsdt_at;

    if (ram_end < RAM_MIN)
        return false;
    place->size = (size + PAGE - 1) & ~(PAGE - 1);
    place->nvs_size = PAGE;
    place->nvs_base = (ram_end & ~(PAGE - 1)) - PAGE;
    place->base = place->nvs_base - place->size;

    rsdt = (struct rsdt *)(unsigned long)place->base;
    fadt = (struct fadt *)((u8 *)rsdt + round16(sizeof(*rsdt)));
    madt = (struct madt *)((u8 *)fadt + round16(sizeof(*fadt)));
    dsdt_at = (u8 *)madt + round16(sizeof(*madt));
    facs = (struct facs *)(unsigned long)place->nvs_base;

    clear(facs, sizeof(*facs));
    table_copy(facs->signature, "FACS", 4);
    facs->length = sizeof(*facs);
    table_copy(dsdt_at, dsdt, sizeof(dsdt));
    make_fadt(fadt, facs, dsdt_at, pm_base);
    rsdt->fadt = (u32)(unsigned long)fadt;
    if (apic) {
        rsdt->madt = (u32)(unsigned long)madt;
        madt_fill(madt->rest);
        finish(&madt->header, "APIC", sizeof(*madt));
    }
    finish(&rsdt->header, "RSDT", sizeof(*rsdt) - (apic ? 0 : sizeof(rsdt->madt)));
    rsdp = (unsigned long)rsdp_place;
    __asm__("" : "+r"(rsdp)); /* the compiler is not to know that it is a constant */
    place->rsdp = (u32)rsdp;
    make_rsdp((struct rsdp *)rsdp, rsdt);
    return true;
}
