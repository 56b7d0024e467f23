/* vFile: the file of the program that runs, for a debugger that has it not; it can be read, and nothing else can be opened. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cpu/gdb/gdb_priv.h"
#include "mmu/host/be.h"

#define HANDLE     1u                    /* of the file, however often it is open */
#define READ_MOST  (GDB_PACKET / 2 - 32) /* each byte may take two */
#define STAT_BYTES 64

/* The protocol's own numbers ("Debugging with GDB", "Errno Values"), which Linux shares. */
static void fail(struct gdb *gdb, int number)
{
    gdb_putf(gdb, "F-1,%x", (unsigned)number);
}

static bool take_handle(struct gdb *gdb, struct gdb_text *text)
{
    u64 handle;

    if (gdb_take_number(text, &handle) && handle == HANDLE && gdb->file_opens)
        return true;
    fail(gdb, EBADF);
    return false;
}

/* NAME,FLAGS,MODE; flags 0 are O_RDONLY. */
static void command_open(struct gdb *gdb, struct gdb_text *text)
{
    char name[GDB_FILE_NAME + 1];
    size_t len = gdb_take_hex(text, (u8 *)name, sizeof(name) - 1);
    u64 flags;

    name[len] = '\0';
    if (!gdb_take_char(text, ',') || !gdb_take_number(text, &flags)) {
        fail(gdb, EINVAL);
    } else if (strlen(name) != len || strcmp(name, gdb->file->name) != 0) {
        fail(gdb, EACCES);
    } else if (flags) {
        fail(gdb, EROFS);
    } else {
        gdb->file_opens++;
        gdb_putf(gdb, "F%x", HANDLE);
    }
}

/* HANDLE,COUNT,OFFSET. */
static void command_pread(struct gdb *gdb, struct gdb_text *text)
{
    u8 data[READ_MOST];
    u64 count, offset;
    ssize_t n;

    if (!take_handle(gdb, text))
        return;
    if (!gdb_take_char(text, ',') || !gdb_take_number(text, &count) || !gdb_take_char(text, ',') ||
        !gdb_take_number(text, &offset) || offset > INT64_MAX) {
        fail(gdb, EINVAL);
        return;
    }
    n = pread(gdb->file->fd, data, count < sizeof(data) ? count : sizeof(data), (off_t)offset);
    if (n < 0) {
        fail(gdb, errno);
        return;
    }
    gdb_putf(gdb, "F%zx;", (size_t)n);
    gdb_put_bytes(gdb, data, (size_t)n);
}

/* HANDLE. What says whose it is stays here. ("Debugging with GDB", "struct stat") */
static void command_fstat(struct gdb *gdb, struct gdb_text *text)
{
    u8 data[STAT_BYTES] = {0};
    struct stat st;

    if (!take_handle(gdb, text))
        return;
    if (fstat(gdb->file->fd, &st) < 0) {
        fail(gdb, errno);
        return;
    }
    put_be32(data + 8, S_IFREG | 0444); /* st_mode, st_nlink, */
    put_be32(data + 12, 1);
    put_be64(data + 28, (u64)st.st_size); /* st_size, st_blksize, st_blocks, */
    put_be64(data + 36, 512);
    put_be64(data + 44, ((u64)st.st_size + 511) / 512);
    put_be32(data + 56, (u32)st.st_mtime); /* st_mtime */
    gdb_putf(gdb, "F%x;", STAT_BYTES);
    gdb_put_bytes(gdb, data, sizeof(data));
}

void gdb_command_file(struct gdb *gdb, struct gdb_text *text)
{
    if (gdb_take_word(text, "setfs:")) {
        gdb_put(gdb, "F0");
    } else if (gdb_take_word(text, "open:")) {
        command_open(gdb, text);
    } else if (gdb_take_word(text, "pread:")) {
        command_pread(gdb, text);
    } else if (gdb_take_word(text, "fstat:")) {
        command_fstat(gdb, text);
    } else if (gdb_take_word(text, "close:")) {
        if (take_handle(gdb, text)) {
            gdb->file_opens--;
            gdb_put(gdb, "F0");
        }
    } else if (gdb_take_word(text, "pwrite:") || gdb_take_word(text, "unlink:")) {
        fail(gdb, EROFS);
    } else if (gdb_take_word(text, "readlink:")) {
        fail(gdb, EINVAL);
    }
    gdb_send(gdb);
}

void gdb_query_exec_file(struct gdb *gdb, struct gdb_text *text)
{
    const char *name = gdb->file->name;
    u64 at, len, all = strlen(name);

    while (text->at < text->end && *text->at != ':') /* a process, of which there is one */
        text->at++;
    if (!gdb_take_char(text, ':') || !gdb_take_number(text, &at) || !gdb_take_char(text, ',') ||
        !gdb_take_number(text, &len)) {
        gdb_put(gdb, "E00");
    } else {
        at = at < all ? at : all;
        len = len < all - at ? len : all - at;
        gdb_put(gdb, at + len < all ? "m" : "l");
        gdb_put_bytes(gdb, name + at, len);
    }
    gdb_send(gdb);
}
