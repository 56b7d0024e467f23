/* Media that come and go while the machine runs: floppy disks and CDs. */
#include "devices/board/pc_media.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "devices/board/pc_board.h"

static struct ide_drive *cd_of(const struct pc *pc, unsigned unit)
{
    unsigned i = unit - PC_FLOPPIES;

    return (struct ide_drive *)&pc->ide[i / 2].drive[i % 2];
}

static bool is_floppy(unsigned unit)
{
    return unit < PC_FLOPPIES;
}

bool pc_media_unit(const char *name, unsigned *unit)
{
    static const char *const names[] = {"fda", "fdb", "hda", "hdb", "hdc", "hdd"};
    char own[PC_MEDIA_NAME];

    for (unsigned i = 0; i < PC_FLOPPIES + PC_DRIVES; i++) {
        pc_media_name(i, own);
        if (strcmp(name, own) != 0 && strcmp(name, names[i]) != 0 &&
            (i != PC_FLOPPIES + 2 || strcmp(name, "cdrom") != 0))
            continue;
        *unit = i;
        return true;
    }
    return false;
}

void pc_media_name(unsigned unit, char name[PC_MEDIA_NAME])
{
    unsigned i = unit - PC_FLOPPIES;

    if (is_floppy(unit))
        snprintf(name, PC_MEDIA_NAME, "floppy%u", unit % PC_FLOPPIES);
    else
        snprintf(name, PC_MEDIA_NAME, "ide%u-cd%u", i / 2 % 2, i % 2);
}

bool pc_media_is_there(const struct pc *pc, unsigned unit)
{
    return is_floppy(unit) ? fdc_drive_type(&pc->fdc, unit) != FLOPPY_TYPE_NONE
                           : pc->config.drive[unit - PC_FLOPPIES].cdrom;
}

struct block *pc_media_in(const struct pc *pc, unsigned unit)
{
    if (!pc_media_is_there(pc, unit))
        return NULL;
    return is_floppy(unit) ? pc->config.floppy[unit] : pc->config.drive[unit - PC_FLOPPIES].block;
}

void pc_media_tray_moved(void *opaque, const struct ide_drive *drive)
{
    struct pc *pc = opaque;
    unsigned channel = (unsigned)(drive->channel - pc->ide);
    char name[PC_MEDIA_NAME];

    pc_media_name(PC_FLOPPIES + 2 * channel + drive->number, name);
    monitor_tray_moved(pc, name, drive->atapi.open);
}

int pc_media_insert(struct pc *pc, unsigned unit, struct block *block, bool force)
{
    int r = is_floppy(unit) ? fdc_insert(&pc->fdc, unit, block)
                            : atapi_insert(cd_of(pc, unit), block, force);

    if (r < 0)
        return r;
    if (is_floppy(unit)) {
        pc->config.floppy[unit] = block;
    } else {
        pc->config.drive[unit - PC_FLOPPIES].block = block;
        pc_pause_watch(pc, block);
    }
    history_restart(pc);
    pc->config.media.moved(pc->config.media.opaque, unit, block);
    return 0;
}

/* -ENODEV, with the line, when no medium can be changed there. */
static int check(const struct pc *pc, unsigned unit, const char *name, char *err, size_t err_len)
{
    if (!pc_media_is_there(pc, unit))
        snprintf(err, err_len, "%s: there is no such drive", name);
    else if (!pc->config.media.open)
        snprintf(err, err_len, "%s: media cannot be changed in this run", name);
    else if (replay_plays(pc))
        snprintf(err, err_len, "%s: the recording changes media, and nobody else", name);
    else
        return 0;
    return -ENODEV;
}

static int fail(int r, const char *name, const char *path, char *err, size_t err_len)
{
    if (r == -EBUSY)
        snprintf(err, err_len, "%s: the guest has locked the tray; it is asked to open it", name);
    else
        snprintf(err, err_len, "%s: '%s' is no disk for this drive", name, path);
    return r;
}

int pc_media_eject(struct pc *pc, unsigned unit, bool force, char *err, size_t err_len)
{
    char name[PC_MEDIA_NAME];
    int r;

    pc_media_name(unit, name);
    r = check(pc, unit, name, err, err_len);
    if (r < 0 || !pc_media_in(pc, unit))
        return r;
    if (!replay_medium(pc, unit, NULL, NULL, force))
        return 0;
    r = pc_media_insert(pc, unit, NULL, force);
    return r < 0 ? fail(r, name, "", err, err_len) : 0;
}

int pc_media_change(struct pc *pc, unsigned unit, const struct pc_medium *medium, bool force,
                    char *err, size_t err_len)
{
    const struct pc_media_host *host = &pc->config.media;
    char name[PC_MEDIA_NAME];
    struct block *block;
    int r;

    pc_media_name(unit, name);
    r = check(pc, unit, name, err, err_len);
    if (r < 0)
        return r;
    block = host->open(host->opaque, unit, medium, err, err_len);
    if (!block)
        return -EINVAL;
    r = replay_medium(pc, unit, block, medium, force) ? pc_media_insert(pc, unit, block, force)
                                                      : -ENAMETOOLONG;
    if (r == 0)
        return 0;
    host->moved(host->opaque, unit, pc_media_in(pc, unit)); /* that it is not needed, after all */
    return fail(r, name, medium->path, err, err_len);
}
