/* The stream of a recording: what comes out is what went in, whichever way parts of it were packed, and what can be packed is. */
#define _GNU_SOURCE /* memfd_create */
#include <check.h>
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "devices/board/snapshot_stream.h"
#include "tests/unit/bench_main.h"

#define PART  (3 * MIB)
#define PIECE 1500u
#define AT    16u

/* Parts by turns of nothing to be found in and of one byte. */
static void make_piece(u8 *piece, size_t at)
{
    u32 x = (u32)at * 2654435761u + 1;

    for (size_t i = 0; i < PIECE; i++) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        piece[i] = at / PART % 2 ? 'a' : (u8)(x >> 8);
    }
}

START_TEST(both_ways)
{
    int fd = memfd_create("stream", MFD_CLOEXEC);
    struct snapshot_stream s;
    u8 piece[PIECE], read[PIECE];
    off_t end;

    snapshot_write_begin(&s, fd, AT, true);
    snapshot_write_quick(&s);
    for (size_t at = 0; at < 4 * PART; at += PIECE) {
        make_piece(piece, at);
        snapshot_write(&s, piece, PIECE);
        if (at % (4 * PIECE) == 0)
            snapshot_write_flush(&s);
    }
    ck_assert_int_eq(snapshot_write_end(&s), 0);
    end = lseek(fd, 0, SEEK_END);
    /* Two parts as they are. Of the others no more than what goes out before they are looked at. */
    ck_assert_int_ge(end, 2 * PART);
    ck_assert_int_lt(end, 2 * PART + PART / 4);
    snapshot_read_begin(&s, fd, AT, (u64)end, true);
    for (size_t at = 0; at < 4 * PART; at += PIECE) {
        make_piece(piece, at);
        ck_assert_int_eq(snapshot_read(&s, read, PIECE), 0);
        ck_assert_mem_eq(read, piece, PIECE);
    }
    ck_assert_int_eq(snapshot_read(&s, read, 1), -EBADMSG);
    snapshot_read_end(&s);
    close(fd);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("snapshot_stream");

    tcase_add_test(tcase, both_ways);
    return bench_main(tcase, "snapshot_stream");
}
