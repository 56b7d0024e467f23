/* A folder of the host as a disk: one FAT16 partition in a scratch file, with what the folder has when it is made.
 *
 * What the guest writes stays in the scratch file; the folder is never written to. Source: Microsoft's FAT specification
 * 1.03; the partition table as in the IBM PC's. */
#include "devices/block/fat.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devices/block/block.h"

#define PART_START   63u /* sectors before the partition */
#define HEADS        16u
#define TRACK        63u
#define ROOT_ENTRIES 512u
#define CLUSTERS_MIN 4085u /* fewer would be FAT12 */
#define CLUSTERS_MAX 65524u
#define SPARE        (64 * MIB) /* room besides the folder's contents */
#define CLUSTER_MAX  (32 * KIB)
#define FAT_END      0xffffu
#define PARTITION    0x0e /* FAT16 by LBA */

struct volume {
    struct file *file;
    struct fat_node *root;
    u32 cluster, clusters; /* bytes of one; how many there are */
    u32 root_entries;
    u32 fat_sectors, total; /* of the partition */
    u32 next;               /* free cluster */
    u16 *fat;
};

/* All clusters that the contents need, of that size. */
static u64 needed(const struct fat_node *node, u32 cluster, bool root)
{
    u64 n = 0;

    if (!root)
        n = (node->folder ? fat_folder_size(node, true) : node->size) / cluster + 1;
    for (unsigned i = 0; i < node->count; i++)
        n += needed(node->children[i], cluster, false);
    return n;
}

static int plan(struct volume *v)
{
    u64 clusters;

    v->cluster = 2 * KIB;
    while (clusters = needed(v->root, v->cluster, true) + SPARE / v->cluster,
           clusters > CLUSTERS_MAX && v->cluster < CLUSTER_MAX)
        v->cluster *= 2;
    if (needed(v->root, v->cluster, true) > CLUSTERS_MAX)
        return -EFBIG;
    v->clusters = clusters > CLUSTERS_MAX   ? CLUSTERS_MAX
                  : clusters < CLUSTERS_MIN ? CLUSTERS_MIN
                                            : (u32)clusters;
    v->root_entries = fat_folder_size(v->root, false) / 32;
    v->root_entries = v->root_entries < ROOT_ENTRIES ? ROOT_ENTRIES : (v->root_entries + 15) & ~15u;
    if (v->root_entries > 0xfff0)
        return -EFBIG;
    v->fat_sectors = ((v->clusters + 2) * 2 + BLOCK_SECTOR - 1) / BLOCK_SECTOR;
    v->total = 1 + 2 * v->fat_sectors + v->root_entries * 32 / BLOCK_SECTOR +
               v->clusters * (v->cluster / BLOCK_SECTOR);
    v->next = 2;
    v->fat = calloc(v->fat_sectors, BLOCK_SECTOR);
    return v->fat ? 0 : -ENOMEM;
}

static u64 root_at(const struct volume *v)
{
    return (PART_START + 1 + 2ull * v->fat_sectors) * BLOCK_SECTOR;
}

static u64 cluster_at(const struct volume *v, u32 number)
{
    return root_at(v) + v->root_entries * 32 + (u64)(number - 2) * v->cluster;
}

/* Neighbouring clusters for so many bytes, in the table. */
static void take(struct volume *v, struct fat_node *node, u32 bytes)
{
    node->cluster = v->next;
    node->clusters = (bytes + v->cluster - 1) / v->cluster;
    for (u32 i = 0; i < node->clusters; i++)
        v->fat[node->cluster + i] = (u16)(i + 1 < node->clusters ? node->cluster + i + 1 : FAT_END);
    v->next += node->clusters;
}

static void place(struct volume *v, struct fat_node *node)
{
    for (unsigned i = 0; i < node->count; i++) {
        struct fat_node *child = node->children[i];

        take(v, child, child->folder ? fat_folder_size(child, true) : child->size);
        place(v, child);
    }
}

/* As much as the file had when its folder was read; one that has shrunk ends in zeros. */
static int copy_file(struct volume *v, const struct fat_node *node)
{
    static const size_t piece = 256 * KIB;
    u8 *data = malloc(piece);
    int fd = open(node->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), r = 0;
    u64 at = cluster_at(v, node->cluster);
    u32 left = node->size;

    if (!data || fd < 0)
        r = !data ? -ENOMEM : -errno;
    while (left && r == 0) {
        ssize_t n = read(fd, data, left < piece ? left : piece);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            r = n < 0 ? -errno : 0;
            break;
        }
        r = file_write(v->file, at, data, (size_t)n);
        at += (u64)n;
        left -= (u32)n;
    }
    if (fd >= 0)
        close(fd);
    free(data);
    return r;
}

static int write_folder(struct volume *v, const struct fat_node *node, bool root, u32 parent,
                        const char **failed)
{
    u32 size = fat_folder_size(node, !root);
    u8 *data = malloc(size);
    int r = data ? 0 : -ENOMEM;

    *failed = node->path;
    if (r == 0) {
        fat_folder_fill(node, !root, parent, data);
        r = file_write(v->file, root ? root_at(v) : cluster_at(v, node->cluster), data, size);
    }
    free(data);
    for (unsigned i = 0; i < node->count && r == 0; i++) {
        const struct fat_node *child = node->children[i];

        if (child->folder) {
            r = write_folder(v, child, false, root ? 0 : node->cluster, failed);
        } else if (child->size) {
            *failed = child->path;
            r = copy_file(v, child);
        }
    }
    return r;
}

static void put_chs(u8 *p, u32 sector)
{
    u32 cylinder = sector / (HEADS * TRACK);

    if (cylinder > 1023) {
        memcpy(p, "\xfe\xff\xff", 3);
        return;
    }
    p[0] = (u8)(sector / TRACK % HEADS);
    p[1] = (u8)(sector % TRACK + 1) | (u8)(cylinder >> 2 & 0xc0);
    p[2] = (u8)cylinder;
}

static int write_headers(struct volume *v)
{
    u8 mbr[BLOCK_SECTOR] = {0}, boot[BLOCK_SECTOR] = {0}, *part = mbr + 446;
    int r;

    put32(mbr + 440, 0x50571601); /* the disk's signature */
    put_chs(part + 1, PART_START);
    part[4] = PARTITION;
    put_chs(part + 5, PART_START + v->total - 1);
    put32(part + 8, PART_START);
    put32(part + 12, v->total);
    put16(mbr + 510, 0xaa55);
    memcpy(boot, "\xeb\x3c\x90PAGEWALK", 11);
    put16(boot + 11, BLOCK_SECTOR);
    boot[13] = (u8)(v->cluster / BLOCK_SECTOR);
    put16(boot + 14, 1); /* reserved sectors */
    boot[16] = 2;        /* tables */
    put16(boot + 17, (u16)v->root_entries);
    put16(boot + 19, v->total < 0x10000 ? (u16)v->total : 0);
    boot[21] = 0xf8; /* a fixed disk */
    put16(boot + 22, (u16)v->fat_sectors);
    put16(boot + 24, TRACK);
    put16(boot + 26, HEADS);
    put32(boot + 28, PART_START);
    put32(boot + 32, v->total < 0x10000 ? 0 : v->total);
    boot[36] = 0x80; /* the drive, */
    boot[38] = 0x29; /* and what follows is there */
    put32(boot + 39, 0x16015057);
    memcpy(boot + 43, "PAGEWALK   FAT16   ", 19);
    memcpy(boot + 62, "\xcd\x18\xeb\xfe", 4); /* no system: int 18h */
    put16(boot + 510, 0xaa55);
    v->fat[0] = 0xfff8;
    v->fat[1] = FAT_END;
    r = file_write(v->file, 0, mbr, sizeof(mbr));
    if (r == 0)
        r = file_write(v->file, PART_START * BLOCK_SECTOR, boot, sizeof(boot));
    for (unsigned i = 0; i < 2 && r == 0; i++)
        r = file_write(v->file, (PART_START + 1 + (u64)i * v->fat_sectors) * BLOCK_SECTOR, v->fat,
                       (size_t)v->fat_sectors * BLOCK_SECTOR);
    return r;
}

static int build(struct volume *v, const char **failed)
{
    u32 track = HEADS * TRACK, all;
    int r = plan(v);

    if (r < 0)
        return r;
    all = (PART_START + v->total + track - 1) / track * track; /* whole cylinders */
    place(v, v->root);
    r = file_resize(v->file, (u64)all * BLOCK_SECTOR);
    if (r == 0)
        r = write_headers(v);
    return r < 0 ? r : write_folder(v, v->root, true, 0, failed);
}

struct file *fat_file(const char *folder, char *err, size_t err_len)
{
    struct volume v = {0};
    const char *failed = folder;
    unsigned left_out;
    int r;

    v.root = fat_tree_read(folder, &left_out, err, err_len);
    if (v.root)
        v.file = file_scratch(folder, err, err_len);
    if (v.file) {
        r = build(&v, &failed);
        if (r < 0) {
            snprintf(err, err_len, "fat: '%s': %s", failed,
                     r == -EFBIG ? "more than 2 GiB for a FAT disk" : strerror(-r));
            file_close(v.file);
            v.file = NULL;
        }
    }
    if (v.file)
        v.file->origin = v.root->stamp;
    if (v.file && left_out)
        fprintf(stderr,
                "pagewalk: note: fat:%s: %u names are left out: links, devices, and names that are "
                "not ASCII\n",
                folder, left_out);
    free(v.fat);
    fat_tree_free(v.root);
    return v.file;
}
