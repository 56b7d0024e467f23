/* A machine in a file: its state, its memory, and what its disks keep under -snapshot. doc/formats.md has the format. */
#ifndef PAGEWALK_PC_SNAPSHOT_H
#define PAGEWALK_PC_SNAPSHOT_H

#include "mmu/host/base.h"

struct pc;

/* What stands in a file about the machine in it. */
struct pc_snapshot_info {
    u64 bytes;     /* of the file */
    u64 saved_at;  /* seconds since 1970 */
    u64 ns, insns; /* of the guest's time; instructions */
    bool packed;
};

/* Writes the machine to an empty file, which nobody may change while a machine that was loaded from it runs. packed:
 * compressed by zstd; a file that is not has its memory ready to be mapped. Between slices of the guest; it changes
 * nothing that the guest can tell. 0, or -errno with one line in err. */
int pc_snapshot_save(struct pc *pc, int fd, bool packed, char *err, size_t err_len);

/* Makes this machine, new or in the middle of a run, the saved one; between slices. A file that is no such machine changes
 * nothing. The descriptor may be closed afterwards. 0, or -errno with one line in err. */
int pc_snapshot_load(struct pc *pc, int fd, char *err, size_t err_len);

/* 0 or -errno: -EBADMSG when it is no saved machine. */
int pc_snapshot_info(int fd, struct pc_snapshot_info *info);

#endif
