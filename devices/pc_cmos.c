/* What CMOS RAM says of disks, for BIOSes that look there.
 *
 * Types and geometry at 12h and 19h-2Ch as on the AT, translation at 39h as Bochs' BIOS and SeaBIOS read
 * it from Bochs' and QEMU's boards. Sources: IBM PC AT Technical
 * Reference, "CMOS RAM address map"; Bochs' documentation of its CMOS map. */
#include "devices/pc_board.h"

#define CMOS_DISK_TYPES  0x12 /* first disk in the upper half */
#define CMOS_DISK1_TYPE  0x19
#define CMOS_DISK1       0x1b /* nine bytes */
#define CMOS_DISK2       0x24
#define CMOS_TRANSLATION 0x39 /* two bits a drive */

#define TYPE_EXTENDED 0xf
#define TYPE_USER     47 /* geometry follows */
#define HEADS         16
#define SPT           63
#define CYLINDERS_MAX 16383
#define CONTROL_HEADS 0xc8 /* no retries, more than eight heads */

enum { TRANSLATE_NONE, TRANSLATE_LBA };

static u32 disk_cylinders(const struct block *block)
{
    u64 cylinders = block->sectors / (HEADS * SPT);

    return cylinders > CYLINDERS_MAX ? CYLINDERS_MAX : (u32)cylinders;
}

static void cmos_disk(struct pc *pc, u8 at, const struct block *block)
{
    u32 cylinders = disk_cylinders(block);
    const u8 bytes[9] = {(u8)cylinders, (u8)(cylinders >> 8), HEADS, 0xff, 0xff, CONTROL_HEADS,
                         (u8)cylinders, (u8)(cylinders >> 8), SPT};

    for (u8 i = 0; i < sizeof(bytes); i++)
        rtc_set_cmos(&pc->rtc, at + i, bytes[i]);
}

void pc_cmos_disks(struct pc *pc)
{
    const struct pc_config *config = &pc->config;
    u8 types = 0, translation = 0;

    for (unsigned i = 0; i < PC_DRIVES; i++) {
        const struct block *block = config->drive[i].block;

        if (!block || config->drive[i].cdrom)
            continue;
        if (disk_cylinders(block) > 1024)
            translation |= (u8)(TRANSLATE_LBA << (i * 2));
        if (i < 2) {
            types |= (u8)(TYPE_EXTENDED << (i ? 0 : 4));
            rtc_set_cmos(&pc->rtc, (u8)(CMOS_DISK1_TYPE + i), TYPE_USER);
            cmos_disk(pc, i ? CMOS_DISK2 : CMOS_DISK1, block);
        }
    }
    rtc_set_cmos(&pc->rtc, CMOS_DISK_TYPES, types);
    rtc_set_cmos(&pc->rtc, CMOS_TRANSLATION, translation);
}
