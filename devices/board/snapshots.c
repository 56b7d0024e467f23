/* Saved machines by name: what savevm, loadvm, delvm and info snapshots do. */
#include "devices/board/snapshots.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "devices/board/pc_board.h"
#include "devices/board/pc_snapshot.h"
#include "devices/chr/zst.h"

static int file(struct pc *pc, const char *name, enum snapshot_do what)
{
    const struct snapshot_files *files = pc->config.snapshots;

    return files ? files->file(files->opaque, name, what) : snapshot_file(NULL, name, what);
}

static const char *reason(int r)
{
    switch (r) {
    case -EBADMSG: return "is no saved machine, so it stays as it is";
    case -ESPIPE: return "is no file on a disk";
    default: return strerror(-r);
    }
}

static int failed(const char *name, int r, char *err, size_t err_len)
{
    snprintf(err, err_len, "'%s': %s", name, reason(r));
    return r;
}

int snapshots_save(struct pc *pc, const char *name, char *err, size_t err_len)
{
    char path[SNAPSHOT_NAME];
    int r = snapshot_path(name, path), fd;

    fd = r < 0 ? r : file(pc, path, SNAPSHOT_WRITE);
    if (fd < 0)
        return failed(path, fd, err, err_len);
    r = pc_snapshot_save(pc, fd, zst_named(path), err, err_len);
    close(fd);
    if (r < 0) {
        file(pc, path, SNAPSHOT_DROP);
        return r;
    }
    r = file(pc, path, SNAPSHOT_KEEP);
    if (r == 0)
        return 0;
    file(pc, path, SNAPSHOT_DROP);
    return failed(path, r, err, err_len);
}

int snapshots_load(struct pc *pc, const char *name, char *err, size_t err_len)
{
    char path[SNAPSHOT_NAME], why[300];
    int r = snapshot_path(name, path), fd;

    if (replay_begun(pc)) {
        snprintf(err, err_len,
                 "no other machine is loaded while one is recorded, replayed or can go back");
        return -EBUSY;
    }
    fd = r < 0 ? r : file(pc, path, SNAPSHOT_READ);
    if (fd < 0)
        return failed(path, fd, err, err_len);
    r = pc_snapshot_load(pc, fd, why, sizeof(why));
    close(fd);
    if (r < 0)
        snprintf(err, err_len, "'%s' cannot be loaded: %s", path, why);
    return r;
}

int snapshots_delete(struct pc *pc, const char *name, char *err, size_t err_len)
{
    char path[SNAPSHOT_NAME];
    int r = snapshot_path(name, path);

    if (r == 0)
        r = file(pc, path, SNAPSHOT_DELETE);
    return r < 0 ? failed(path, r, err, err_len) : 0;
}

static void print_info(const char *path, const struct pc_snapshot_info *info, FILE *out)
{
    u8 at[128] = {[RTC_B] = RTC_B_24H | RTC_B_BINARY}; /* gmtime() would open a file */
    u64 ms = info->ns / 1000000;

    rtc_time_set(at, (i64)info->saved_at);
    fprintf(out, "%-24s %6" PRIu64 " MiB  ", path, (info->bytes + MIB - 1) / MIB);
    fprintf(out, "%02u%02u-%02u-%02u %02u:%02u:%02u  ", at[RTC_CENTURY], at[RTC_YEAR],
            at[RTC_MONTH], at[RTC_DAY], at[RTC_HOURS], at[RTC_MINUTES], at[RTC_SECONDS]);
    fprintf(out, "%02u:%02u:%02u.%03u  %" PRIu64 "\n", (unsigned)(ms / 3600000),
            (unsigned)(ms / 60000 % 60), (unsigned)(ms / 1000 % 60), (unsigned)(ms % 1000),
            info->insns);
}

static void list_one(struct pc *pc, const char *path, FILE *out)
{
    struct pc_snapshot_info info;
    int fd = file(pc, path, SNAPSHOT_READ), r;

    r = fd < 0 ? fd : pc_snapshot_info(fd, &info);
    if (fd >= 0)
        close(fd);
    if (r < 0)
        fprintf(out, "%-24s %s\n", path, r == -EBADMSG ? "is no saved machine" : strerror(-r));
    else
        print_info(path, &info, out);
}

void snapshots_list(struct pc *pc, FILE *out)
{
    int fd = file(pc, "", SNAPSHOT_LIST);
    FILE *names = fd < 0 ? NULL : fdopen(fd, "r");
    char path[SNAPSHOT_NAME];
    bool any = false;

    if (!names) {
        if (fd >= 0)
            close(fd);
        fprintf(out, "the folder cannot be read: %s\n", strerror(fd < 0 ? -fd : errno));
        return;
    }
    rewind(names);
    while (fgets(path, sizeof(path), names)) {
        path[strcspn(path, "\n")] = '\0';
        if (!any)
            fprintf(out, "%-24s %10s  %-19s  %-12s  %s\n", "FILE", "SIZE", "DATE (UTC)", "VM CLOCK",
                    "INSTRUCTIONS");
        any = true;
        list_one(pc, path, out);
    }
    fclose(names);
    if (!any)
        fputs("there is no saved machine in this folder\n", out);
}
