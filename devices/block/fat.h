/* A folder of the host as a disk with a FAT file system. */
#ifndef PAGEWALK_BLOCK_FAT_H
#define PAGEWALK_BLOCK_FAT_H

#include "devices/block/file.h"

#define FAT_PREFIX "fat:"

/* A scratch file with a disk whose one partition has what the folder has now. NULL with one line in err. */
struct file *fat_file(const char *folder, char *err, size_t err_len);

/* fat_tree.c: what is in a folder, and in those in it. */
struct fat_node {
    char *path, name[256]; /* of the host; its last part */
    bool folder;
    u32 size; /* of a file */
    i64 mtime;
    u64 stamp;             /* file_stamp_add() of all in it, with their names */
    u32 cluster, clusters; /* its first one, and how many */
    struct fat_node **children;
    unsigned count;
    u8 (*short_names)[11]; /* of the children */
};

/* Nodes without a name in FAT's code page, links and devices are left out, and counted in *left_out. NULL with one line in
 * err. */
struct fat_node *fat_tree_read(const char *folder, unsigned *left_out, char *err, size_t err_len);
void fat_tree_free(struct fat_node *node);
/* The bytes of a folder's entries: `dots` for those of a folder that lies in another. */
u32 fat_folder_size(const struct fat_node *node, bool dots);
/* Those bytes. parent: the first cluster of the one above, 0 for the root. */
void fat_folder_fill(const struct fat_node *node, bool dots, u32 parent, u8 *data);

#endif
