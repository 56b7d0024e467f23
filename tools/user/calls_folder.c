/* Reading folders, and places in files. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/user/calls.h"

/* Places in folders. Some file systems have 63 bits for a 64-bit program, the upper half of which is what they would have
 * given to a 32-bit one. A program that goes back to such a place means that. */
#define FOLDED_FDS 1024u

static u8
    folded[FOLDED_FDS]; /* descriptors of folders where it was seen; may be another file's since */

static i64 fold(u32 fd, i64 place)
{
    if (place >> 31 == 0)
        return place;
    if (fd < FOLDED_FDS)
        folded[fd] = 1;
    return place >> 32;
}

static i64 seek(u32 fd, i64 offset, u32 whence)
{
    struct stat st;
    i64 result;

    if (fd < FOLDED_FDS && folded[fd]) {
        if (fstat((int)fd, &st) < 0 || !S_ISDIR(st.st_mode))
            folded[fd] = 0;
        else if (whence == SEEK_SET)
            offset = offset << 32;
    }
    result = HOST(lseek, INT(fd), offset, INT(whence));
    return result >= 0 && fd < FOLDED_FDS && folded[fd] ? fold(fd, result) : result;
}

CALL_OF(lseek)
{
    i64 result = seek(a[0], INT(a[1]), a[2]);

    (void)t;
    return result > INT32_MAX ? -EOVERFLOW : result;
}

CALL_OF(_llseek)
{
    i64 result = seek(a[0], LOFF(a[2], a[1]), a[4]);

    (void)t;
    if (result < 0)
        return result;
    memcpy(g2h(a[3]), &result, sizeof(result));
    return 0;
}

/* struct linux_dirent: the type is its last byte. */
CALL_OF(getdents)
{
    u8 buf[32768], *to = g2h(a[1]);
    u32 room = a[2] < sizeof(buf) ? a[2] : sizeof(buf), done = 0;
    i64 got = HOST(getdents64, INT(a[0]), PTR(buf), room);

    (void)t;
    for (i64 at = 0; at < got;) {
        struct {
            u64 ino;
            i64 off;
            u16 len;
            u8 type;
            char name[256];
        } __attribute__((packed)) d;
        u32 name, len;

        memcpy(&d, buf + at, 19);
        name = (u32)strlen((char *)buf + at + 19) + 1;
        len = (10 + name + 1 + 3) & ~3u;
        put32(to + done, (u32)d.ino);
        put32(to + done + 4, (u32)fold(a[0], d.off));
        put16(to + done + 8, (u16)len);
        memcpy(to + done + 10, buf + at + 19, name);
        to[done + len - 1] = d.type;
        done += len; /* never more than the host's record */
        at += d.len;
    }
    return got < 0 ? got : (i64)done;
}

/* struct linux_dirent64: inode, place, length, type, name. */
CALL_OF(getdents64)
{
    u8 *to = g2h(a[1]);
    i64 got;

    (void)t;
    code_will_write(a[1], a[2]);
    got = HOST(getdents64, INT(a[0]), PTR(to), a[2]);
    for (i64 at = 0; at < got; at += get16(to + at + 16))
        put64(to + at + 8, (u64)fold(a[0], (i64)get64(to + at + 8)));
    return got;
}
