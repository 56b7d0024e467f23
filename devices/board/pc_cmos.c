/* CMOS RAM as a setup program leaves it, for BIOSes that look there: memory, equipment, disks, boot order.
 *
 * Disk types and geometry at 12h and 19h-2Ch as on the AT, translation at 39h and the boot order at 38h and
 * 3Dh as Bochs' BIOS and SeaBIOS read them from Bochs' and QEMU's boards. Sources: IBM PC AT Technical
 * Reference, "CMOS RAM address map"; Bochs' documentation of its CMOS map. */
#include <string.h>

#include "cpu/cpuid.h"
#include "devices/board/pc_board.h"

#define CMOS_SHUTDOWN      0x0f /* what the BIOS does after a reset: 0, an ordinary start */
#define CMOS_FLOPPY        0x10
#define CMOS_EQUIPMENT     0x14
#define CMOS_BASE_LO       0x15 /* KiB of base memory */
#define CMOS_EXT_LO        0x17 /* KiB above 1 MiB, as set up */
#define CMOS_SUM_HI        0x2e /* sum of 0x10 to 0x2d */
#define CMOS_SUM_LO        0x2f
#define CMOS_EXT2_LO       0x30 /* KiB above 1 MiB, as found */
#define CMOS_EXT16_LO      0x34 /* 64 KiB units above 16 MiB */
#define CMOS_BOOT3         0x38 /* high half: third device to boot from, */
#define CMOS_BOOT12        0x3d /* second and first one, as SeaBIOS and Bochs' BIOS have them */
#define EQUIPMENT_FLOPPY   0x01 /* and in bits 6 and 7 how many more than one */
#define EQUIPMENT_FPU      0x02
#define EQUIPMENT_KEYBOARD 0x04
#define EQUIPMENT_TWO      0x40

#define CMOS_DISK_TYPES  0x12 /* first disk in the upper half */
#define CMOS_DISK1_TYPE  0x19
#define CMOS_DISK1       0x1b /* nine bytes */
#define CMOS_DISK2       0x24
#define CMOS_TRANSLATION 0x39 /* two bits a drive */

#define TYPE_EXTENDED 0xf
#define TYPE_USER     47   /* geometry follows */
#define CONTROL_HEADS 0xc8 /* no retries, more than eight heads */

enum { TRANSLATE_NONE, TRANSLATE_LBA };

static void cmos_disk(struct pc *pc, u8 at, const struct ide_geometry *g)
{
    const u8 bytes[9] = {
        (u8)g->cylinders, (u8)(g->cylinders >> 8), g->heads, 0xff, 0xff, CONTROL_HEADS,
        (u8)g->cylinders, (u8)(g->cylinders >> 8), g->track};

    for (u8 i = 0; i < sizeof(bytes); i++)
        rtc_set_cmos(&pc->rtc, at + i, bytes[i]);
}

static void cmos_disks(struct pc *pc)
{
    const struct pc_config *config = &pc->config;
    u8 types = 0, translation = 0;

    for (unsigned i = 0; i < PC_DRIVES; i++) {
        const struct block *block = config->drive[i].block;
        const struct ide_geometry *geometry = &pc->ide[i / 2].drive[i % 2].ata.own;

        if (!block || config->drive[i].cdrom)
            continue;
        if (geometry->cylinders > 1024)
            translation |= (u8)(TRANSLATE_LBA << (i * 2));
        if (i < 2) {
            types |= (u8)(TYPE_EXTENDED << (i ? 0 : 4));
            rtc_set_cmos(&pc->rtc, (u8)(CMOS_DISK1_TYPE + i), TYPE_USER);
            cmos_disk(pc, i ? CMOS_DISK2 : CMOS_DISK1, geometry);
        }
    }
    rtc_set_cmos(&pc->rtc, CMOS_DISK_TYPES, types);
    rtc_set_cmos(&pc->rtc, CMOS_TRANSLATION, translation);
}

static void cmos_set16(struct pc *pc, u8 index, u32 value)
{
    if (value > 0xffff)
        value = 0xffff;
    rtc_set_cmos(&pc->rtc, index, (u8)value);
    rtc_set_cmos(&pc->rtc, index + 1, (u8)(value >> 8));
}

/* The boot order: 1 a floppy, 2 a hard disk, 3 a CD, 4 a network; 0 ends it. There is room for three. */
static void cmos_boot_order(struct pc *pc)
{
    static const char letters[] = "acdn";
    u8 device[PC_BOOT_MAX] = {0};

    for (unsigned i = 0; i < PC_BOOT_MAX && pc->config.boot[i]; i++)
        device[i] = (u8)(strchr(letters, pc->config.boot[i]) - letters + 1);
    rtc_set_cmos(&pc->rtc, CMOS_BOOT12, (u8)(device[1] << 4 | device[0]));
    rtc_set_cmos(&pc->rtc, CMOS_BOOT3, (u8)(device[2] << 4));
}

void pc_fill_cmos(struct pc *pc)
{
    u64 ram = pc->config.ram_size;
    u32 extended = (u32)((ram - MIB) / KIB);
    u32 sum = 0;

    rtc_set_cmos(&pc->rtc, CMOS_SHUTDOWN, 0);
    rtc_set_cmos(&pc->rtc, CMOS_FLOPPY,
                 (u8)(fdc_drive_type(&pc->fdc, 0) << 4 | fdc_drive_type(&pc->fdc, 1)));
    rtc_set_cmos(&pc->rtc, CMOS_EQUIPMENT,
                 EQUIPMENT_KEYBOARD | EQUIPMENT_FLOPPY |
                     (fdc_drive_type(&pc->fdc, 1) ? EQUIPMENT_TWO : 0) |
                     (cpu_has(pc->cpu->model, FEAT_FPU) ? EQUIPMENT_FPU : 0));
    cmos_set16(pc, CMOS_BASE_LO, 640);
    cmos_set16(pc, CMOS_EXT_LO, extended);
    cmos_set16(pc, CMOS_EXT2_LO, extended);
    cmos_set16(pc, CMOS_EXT16_LO, ram > 16 * MIB ? (u32)((ram - 16 * MIB) / (64 * KIB)) : 0);
    cmos_disks(pc);
    cmos_boot_order(pc);
    for (unsigned i = 0x10; i < CMOS_SUM_HI; i++)
        sum += pc->rtc.cmos[i];
    rtc_set_cmos(&pc->rtc, CMOS_SUM_HI, (u8)(sum >> 8));
    rtc_set_cmos(&pc->rtc, CMOS_SUM_LO, (u8)sum);
}
