/* pagewalk-img: what its commands share. */
#ifndef PAGEWALK_IMG_H
#define PAGEWALK_IMG_H

#include "devices/block/qcow2/tool.h"

/* Exit statuses: 0, or 1 for what went wrong. `check` and `compare` have more (img.c). */
#define IMG_FAILED 1

/* One line on standard error, with the program's name. IMG_FAILED. */
int img_fail(const char *fmt, ...) printf_like(1, 2);

/* What most commands take. */
struct img_common {
    const char *format, *output_format, *options, *output;
    bool quiet, progress, shared; /* -q, -p, -U */
};

/* NULL: it was said why. */
struct block *img_open(const char *path, const char *format, unsigned flags);
struct block *img_open_snapshot(const char *path, const char *format, const char *snapshot,
                                unsigned flags);

/* "10G", "1.5M": bytes. false: not a size. */
bool img_size(const char *text, u64 *bytes);
/* "64 MiB", in text. */
const char *img_human(u64 bytes, char *text, size_t len);

/* -o of create and convert. 0, or it was said why not. */
int img_create_options(const char *format, const char *text, struct block_create *create);
void img_create_default(struct block_create *create);

/* (12.34/100%), when that is wanted. */
void img_progress(const struct img_common *common, u64 done, u64 all);

void img_list_snapshots(const struct qcow2 *q); /* info.c */
void json_string(const char *text);

/* The commands. */
int img_create(int argc, char **argv);
int img_info(int argc, char **argv);
int img_check(int argc, char **argv);
int img_convert(int argc, char **argv);
int img_commit(int argc, char **argv);
int img_rebase(int argc, char **argv);
int img_resize(int argc, char **argv);
int img_snapshot(int argc, char **argv);
int img_map(int argc, char **argv);
int img_compare(int argc, char **argv);
int img_dd(int argc, char **argv);
int img_mkcow(int argc, char **argv);

/* copy.c: a disk's contents to another image. */
struct img_copy {
    struct block *from, *to;
    const struct block *below; /* what this one and those below it have is left out */
    bool fresh;                /* `to` reads as zeros */
    bool packed;               /* compressed, to a qcow2 image */
    u32 sparse;                /* bytes of zeros that become a hole; 0: none do */
    u64 skip, count;           /* sectors of `from` */
    struct img_common common;
};
int img_copy(const struct img_copy *copy);
int img_copy_packed(const struct img_copy *copy); /* pack.c */

#endif
