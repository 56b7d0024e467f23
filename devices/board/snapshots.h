/* Saved machines by name: what savevm, loadvm, delvm and info snapshots do. */
#ifndef PAGEWALK_SNAPSHOTS_H
#define PAGEWALK_SNAPSHOTS_H

#include <stdio.h>

#include "mmu/host/base.h"

struct pc;

#define SNAPSHOT_NAME 4096

/* What is done with the file of that name. A new one is written beside the old one, and takes its place when whole. */
enum snapshot_do {
    SNAPSHOT_WRITE = 'w',  /* a descriptor of a new file */
    SNAPSHOT_KEEP = 'k',   /* what was written takes its name */
    SNAPSHOT_DROP = 'x',   /* what was written goes */
    SNAPSHOT_READ = 'r',   /* a descriptor */
    SNAPSHOT_DELETE = 'd', /* the file goes */
    SNAPSHOT_LIST =
        'l', /* a descriptor of a text with the names in the folder, one a line; `name` is not used */
};

/* How that is done, when not by snapshot_file(): a descriptor or 0, else -errno. */
struct snapshot_files {
    int (*file)(void *opaque, const char *name, enum snapshot_do what);
    void *opaque;
};
int snapshot_file(void *opaque, const char *name, enum snapshot_do what);

/* The file of a name that a user gives: "boot" is boot.state in the working folder; what has a '.' or '/' is a file's name
 * itself. 0 or -ENAMETOOLONG. */
int snapshot_path(const char *name, char path[SNAPSHOT_NAME]);
/* Whether a file that somebody else asks for may be opened: NAME.state and NAME.state.zst in the working folder. */
bool snapshot_name_fits(const char *name);

/* Each 0, or -errno with one line in err. Between slices of the guest only. A name that ends in ".zst" is compressed. */
int snapshots_save(struct pc *pc, const char *name, char *err, size_t err_len);
int snapshots_load(struct pc *pc, const char *name, char *err, size_t err_len);
int snapshots_delete(struct pc *pc, const char *name, char *err, size_t err_len);
/* A table of what is in the working folder. */
void snapshots_list(struct pc *pc, FILE *out);

#endif
