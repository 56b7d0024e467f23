/* QMP's commands about drives and the media in them. */
#include <string.h>

#include "devices/block/file.h"
#include "devices/block/qcow2/qcow2.h"
#include "devices/board/pc_media.h"
#include "devices/monitor/drives.h"
#include "devices/monitor/qmp_command.h"

static void add_qcow2(json_t *image, struct block *block)
{
    const struct qcow2_header *h = &qcow2_of(block)->header;

    json_object_set_new(image, "cluster-size", json_integer(1 << h->cluster_bits));
    json_object_set_new(image, "format-specific",
                        json_pack("{s:s,s:{s:s,s:s,s:b,s:b,s:b,s:i}}", "type", "qcow2", "data",
                                  "compat", h->version < 3 ? "0.10" : "1.1", "compression-type",
                                  h->compression ? "zstd" : "zlib", "lazy-refcounts",
                                  (h->compatible & QCOW2_LAZY) != 0, "corrupt",
                                  (h->incompatible & QCOW2_CORRUPT) != 0, "extended-l2",
                                  (h->incompatible & QCOW2_SUBCLUSTERS) != 0, "refcount-bits",
                                  1 << h->refcount_order));
}

/* An image and those below it, as `qemu-img info` has them. */
static json_t *image_info(struct block *block)
{
    const char *path = block->path ? block->path : "";
    json_t *info =
        json_pack("{s:s,s:s,s:I,s:b}", "filename", path, "format", monitor_image(block).format,
                  "virtual-size", (json_int_t)(block->sectors * BLOCK_SECTOR), "dirty-flag", 0);

    if (block->file)
        json_object_set_new(info, "actual-size",
                            json_integer((json_int_t)file_disk_usage(block->file)));
    if (block->file && block->format && strcmp(block->format, "qcow2") == 0)
        add_qcow2(info, block);
    if (!block->base)
        return info;
    json_object_set_new(info, "backing-filename", json_string(block->base->path));
    json_object_set_new(info, "full-backing-filename", json_string(block->base->path));
    json_object_set_new(info, "backing-filename-format",
                        json_string(monitor_image(block->base).format));
    json_object_set_new(info, "backing-image", image_info(block->base));
    return info;
}

static json_t *inserted(struct block *block)
{
    const struct monitor_image image = monitor_image(block);
    json_t *info = json_pack(
        "{s:s,s:b,s:s,s:b,s:s,s:i,s:{s:b,s:b,s:b},s:i,s:o}", "file", block->path ? block->path : "",
        "ro", block->read_only, "drv", image.format, "encrypted", 0, "detect_zeroes", image.zeroes,
        "backing_file_depth", (int)image.depth, "cache", "writeback", image.write_back, "direct",
        image.direct, "no-flush", image.no_flush, "write_threshold", 0, "image", image_info(block));

    for (unsigned i = 0; i < 6; i++) {
        static const char *const limits[] = {"bps",  "bps_rd",  "bps_wr",
                                             "iops", "iops_rd", "iops_wr"};

        json_object_set_new(info, limits[i], json_integer(0));
    }
    if (image.depth)
        json_object_set_new(info, "backing_file", json_string(block->base->path));
    return info;
}

static const char *io_status(const struct pc *pc, const struct block *block)
{
    if (!pc->pause.on || pc->pause.block != block)
        return "ok";
    return pc->pause.full ? "nospace" : "failed";
}

static json_t *drive_info(struct pc *pc, const struct monitor_drive *drive)
{
    const struct atapi *cd =
        drive->cdrom ? &pc->ide[drive->number / 2].drive[drive->number % 2].atapi : NULL;
    json_t *info =
        json_pack("{s:s,s:b,s:b,s:s,s:s}", "device", drive->name, "locked", cd && cd->locked,
                  "removable", drive->removable, "type", "unknown", "qdev", drive->name);

    if (cd)
        json_object_set_new(info, "tray_open", json_boolean(cd->open));
    if (!drive->floppy)
        json_object_set_new(info, "io-status", json_string(io_status(pc, drive->block)));
    if (drive->block)
        json_object_set_new(info, "inserted", inserted(drive->block));
    return info;
}

QMP_COMMAND(query_block)
{
    json_t *list = json_array();
    struct monitor_drive drive;

    for (unsigned i = 0; i < MONITOR_DRIVES; i++)
        if (monitor_drive(call->pc, i, &drive))
            json_array_append_new(list, drive_info(call->pc, &drive));
    return list;
}

QMP_COMMAND(query_blockstats)
{
    json_t *list = json_array();
    struct monitor_drive drive;

    for (unsigned i = 0; i < MONITOR_DRIVES; i++) {
        const struct block *b;

        if (!monitor_drive(call->pc, i, &drive))
            continue;
        b = drive.block;
        json_array_append_new(
            list, json_pack("{s:s,s:{s:I,s:I}}", "device", drive.name, "stats", "rd_bytes",
                            (json_int_t)(b ? b->reads : 0) * BLOCK_SECTOR, "wr_bytes",
                            (json_int_t)(b ? b->writes : 0) * BLOCK_SECTOR));
    }
    return list;
}

/* The unit that `device` or `id` names, whose medium can be taken out. False: the command has failed. */
static bool find_unit(struct qmp_call *call, unsigned *unit)
{
    const char *device = qmp_text(call, "device", NULL), *id = qmp_text(call, "id", NULL);
    const char *name = device ? device : id;
    struct monitor_drive drive;

    if (!device == !id) {
        qmp_fail(call, "Need exactly one of 'device' and 'id'");
        return false;
    }
    if (pc_media_unit(name, unit) && pc_media_is_there(call->pc, *unit))
        return true;
    if (monitor_drive_named(call->pc, name, &drive)) {
        qmp_fail(call, "Device '%s' is not removable", name);
        return false;
    }
    call->class = "DeviceNotFound";
    qmp_fail(call, "Device '%s' not found", name);
    return false;
}

static bool force(const struct qmp_call *call)
{
    return json_is_true(json_object_get(call->args, "force"));
}

QMP_COMMAND(eject)
{
    unsigned unit;
    char err[600];

    if (find_unit(call, &unit) && pc_media_eject(call->pc, unit, force(call), err, sizeof(err)) < 0)
        qmp_fail(call, "%s", err);
    return NULL;
}

QMP_COMMAND(change_medium)
{
    const char *mode = qmp_text(call, "read-only-mode", "retain");
    struct pc_medium medium = {.path = qmp_text(call, "filename", NULL),
                               .format = qmp_text(call, "format", NULL),
                               .read_only = strcmp(mode, "read-only") == 0};
    unsigned unit;
    char err[600];

    if (!medium.read_only && strcmp(mode, "retain") != 0 && strcmp(mode, "read-write") != 0)
        qmp_fail(call, "Parameter 'read-only-mode' does not accept value '%s'", mode);
    else if (find_unit(call, &unit) &&
             pc_media_change(call->pc, unit, &medium, force(call), err, sizeof(err)) < 0)
        qmp_fail(call, "%s", err);
    return NULL;
}
