/* Tests of image formats: signatures, the line that helps, and what a guest may write into a raw image.
 *
 * The signatures are those that `qemu-img create -f NAME` writes, and for what it cannot make those of the formats'
 * specifications. */
#include "devices/block/format.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "tests/unit/dev_bench.h"

#define SECTORS 8

static const struct {
    const char *bytes;
    size_t len;
    long offset;      /* in the image; from its end when negative */
    const char *name; /* NULL: raw */
} signatures[] = {
#define SIG(bytes, offset, name)                                                                   \
    {                                                                                              \
        bytes, sizeof(bytes) - 1, offset, name                                                     \
    }
    SIG("QFI\xfb\0\0\0\1", 0, "qcow"),
    SIG("QFI\xfb\0\0\0\2", 0, "qcow2"),
    SIG("QFI\xfb\0\0\0\3", 0, "qcow2"),
    SIG("QFI\xfc\0\0\0\3", 0, NULL),
    SIG("OOOM\0\0\0\2", 0, "cow"),
    SIG("OOOM\0\0\0\3", 0, NULL),
    SIG("KDMV\1\0\0\0", 0, "vmdk"),
    SIG("COWD\1\0\0\0", 0, "vmdk"),
    SIG("# Disk DescriptorFile\nversion=1\n", 0, "vmdk"),
    SIG("<<< Oracle VM VirtualBox Disk Image >>>\n", 0, NULL),
    SIG("\x7f\x10\xda\xbe", 0x40, "vdi"),
    SIG("conectix\0\0\0\2\0\1\0\0", 0, "vpc"),
    SIG("vhdxfile", 0, "vhdx"),
    SIG("vhdxfile", 1, NULL),
    SIG("QED\0\0\0\1\0", 0, "qed"),
    SIG("WithoutFreeSpace\2\0\0\0", 0, "parallels"),
    SIG("WithouFreSpacExt\2\0\0\0", 0, "parallels"),
    SIG("Bochs Virtual HD Image\0", 0, "bochs"),
    SIG("koly\0\0\0\4\0\0\2\0\0\0\0\1", -512, "dmg"),
    SIG("koly, a name", -512, NULL),
    SIG("conectix\0\0\0\2\0\1\0\0", -512, NULL), /* a footer whose sum is wrong */
    SIG("#!/bin/sh\n#V2.0 Format\nmodprobe cloop file=$0", 0, "cloop"),
    SIG("#!/bin/sh\necho", 0, NULL),
    SIG("LUKS\xba\xbe\0\1", 0, NULL), /* a raw disk, whose guest has the key */
    SIG("\xeb\x3c\x90MSDOS5.0", 0, NULL),
#undef SIG
};

static char path[64], err[1024];

static void setup(void)
{
    static const u8 zeros[SECTORS * BLOCK_SECTOR];
    int fd;

    strcpy(path, "/tmp/test_block_format.XXXXXX");
    fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, zeros, sizeof(zeros)), sizeof(zeros));
    close(fd);
    err[0] = '\0';
}

static void teardown(void)
{
    unlink(path);
}

static void put(const void *bytes, size_t len, long offset)
{
    int fd = open(path, O_WRONLY);

    ck_assert_int_ge(fd, 0);
    if (offset < 0)
        offset += SECTORS * BLOCK_SECTOR;
    ck_assert_int_eq(pwrite(fd, bytes, len, offset), (ssize_t)len);
    close(fd);
}

/* A fixed VHD's footer: disk type 2, and the sum at 64. */
static void make_footer(u8 *footer)
{
    u32 sum = 0;

    memset(footer, 0, BLOCK_SECTOR);
    strcpy((char *)footer, "conectix");
    footer[63] = 2;
    for (unsigned i = 0; i < BLOCK_SECTOR; i++)
        sum += footer[i];
    for (unsigned i = 0; i < 4; i++)
        footer[64 + i] = (u8)(~sum >> (24 - 8 * i));
}

START_TEST(test_signature)
{
    struct block *block;
    char words[64];

    put(signatures[_i].bytes, signatures[_i].len, signatures[_i].offset);
    block = block_open(path, _i % 2 ? BLOCK_READ_ONLY : 0, err, sizeof(err));
    if (!signatures[_i].name) {
        if (!block)
            ck_abort_msg("%s", err);
        block_close(block);
        return;
    }
    ck_assert_ptr_null(block);
    /* Those that are known are opened, or would be with a whole header. */
    if (block_format_named(signatures[_i].name)->open)
        snprintf(words, sizeof(words), "cannot open %s image '/tmp/", signatures[_i].name);
    else
        snprintf(words, sizeof(words), "qemu-img convert -f %s -O raw '/tmp/", signatures[_i].name);
    ck_assert_ptr_nonnull(strstr(err, words));
    ck_assert_ptr_null(strchr(err, '\n'));
    /* Told that it is raw, it is. */
    block = block_open(path, BLOCK_RAW, err, sizeof(err));
    ck_assert_ptr_nonnull(block);
    block_close(block);
}
END_TEST

START_TEST(test_vhd_footer)
{
    u8 footer[BLOCK_SECTOR];

    make_footer(footer);
    put(footer, sizeof(footer), -512);
    ck_assert_ptr_null(block_open(path, 0, err, sizeof(err)));
    ck_assert_ptr_nonnull(strstr(err, "convert -f vpc"));
}
END_TEST

/* The guest writes: what would make another format of it is refused, in any length of write. */
START_TEST(test_write)
{
    u8 data[SECTORS * BLOCK_SECTOR], back[BLOCK_SECTOR];
    struct block *block = block_open(path, 0, err, sizeof(err));

    ck_assert_ptr_nonnull(block);
    for (size_t i = 0; i < ARRAY_SIZE(signatures); i++) {
        bool head = signatures[i].offset >= 0, foreign = signatures[i].name != NULL;

        memset(data, 0, sizeof(data));
        memcpy(data + (head ? signatures[i].offset : SECTORS * BLOCK_SECTOR + signatures[i].offset),
               signatures[i].bytes, signatures[i].len);
        ck_assert_int_eq(block_write(block, 0, data, SECTORS), foreign ? -EPERM : 0);
        if (head) {
            ck_assert_int_eq(block_write(block, 0, data, 1), foreign ? -EPERM : 0);
            ck_assert_int_eq(block_write(block, 1, data, 1), 0); /* nobody looks there */
        } else {
            ck_assert_int_eq(block_write(block, 7, data + 7 * BLOCK_SECTOR, 1),
                             foreign ? -EPERM : 0);
        }
    }
    make_footer(data);
    ck_assert_int_eq(block_write(block, 7, data, 1), -EPERM);
    ck_assert_int_eq(block_write(block, 6, data, 1), 0);
    ck_assert_int_eq(block_read(block, 7, back, 1), 0);
    ck_assert_mem_ne(back, data, 8);
    block_close(block);
}
END_TEST

/* A footer whose 68 bytes that matter lie in two sectors, since the file has some bytes more than whole ones: by one write,
 * and by two in either order, of which the one that would complete it is refused. */
START_TEST(test_write_odd)
{
    static const u8 zeros[2 * BLOCK_SECTOR];
    u8 data[2 * BLOCK_SECTOR] = {0};
    struct block *block;

    ck_assert_int_eq(truncate(path, SECTORS * BLOCK_SECTOR + _i), 0);
    make_footer(data + _i);
    block = block_open(path, 0, err, sizeof(err));
    ck_assert_ptr_nonnull(block);
    ck_assert_int_eq(block_write(block, SECTORS - 1, data, 2), -EPERM);
    ck_assert_int_eq(block_write(block, SECTORS - 1, data, 1), 0);
    ck_assert_int_eq(block_write(block, SECTORS, data + BLOCK_SECTOR, 1), -EPERM);
    ck_assert_int_eq(block_write(block, SECTORS - 1, zeros, 2), 0);
    ck_assert_int_eq(block_write(block, SECTORS, data + BLOCK_SECTOR, 1), 0);
    ck_assert_int_eq(block_write(block, SECTORS - 1, data, 1), -EPERM);
    block_close(block);
    block = block_open(path, 0, err, sizeof(err)); /* still what it was */
    ck_assert_ptr_nonnull(block);
    block_close(block);
}
END_TEST

START_TEST(test_write_allowed)
{
    static const char qcow2[BLOCK_SECTOR] = "QFI\xfb\0\0\0\3";
    struct block *block = block_open(path, BLOCK_RAW, err, sizeof(err));

    ck_assert_int_eq(block_write(block, 0, qcow2, 1), 0);
    block_close(block);
    put("\0", 1, 0);
    block = block_open(path, BLOCK_SNAPSHOT, err, sizeof(err)); /* nothing of it remains */
    ck_assert_int_eq(block_write(block, 0, qcow2, 1), 0);
    block_close(block);
}
END_TEST

/* Compressed bytes are the guest's affair: noted, and written as it likes. */
START_TEST(test_packed)
{
    static const char gzip[BLOCK_SECTOR] = "\x1f\x8b\x08\x08";
    struct block *block = block_open(path, 0, err, sizeof(err));

    ck_assert_ptr_null(block->packed);
    ck_assert_int_eq(block_write(block, 0, gzip, 1), 0);
    block_close(block);
    block = block_open(path, BLOCK_SNAPSHOT, err, sizeof(err));
    ck_assert_str_eq(block->packed, "gzip");
    block_close(block);
}
END_TEST

/* disk.img.gz and disk.img.zst are what is in them, in several members, with a hole; writes go nowhere. */
START_TEST(test_unpacked)
{
    static u8 disk[400 * BLOCK_SECTOR], there[sizeof(disk)], packed[2 * sizeof(disk)];
    char name[80];
    const size_t part = 333 * 100;
    struct block *block;
    size_t len;
    int fd;

    for (size_t i = 0; i < sizeof(disk); i++)
        disk[i] = i / 4096 % 3 ? (u8)(i * i >> 9) : 0;
    snprintf(name, sizeof(name), "%s%s", path, _i ? ".zst" : ".gz");
    if (_i) {
        len = ZSTD_compress(packed, sizeof(packed), disk, part, 1);
        len +=
            ZSTD_compress(packed + len, sizeof(packed) - len, disk + part, sizeof(disk) - part, 1);
        fd = open(name, O_WRONLY | O_CREAT, 0600);
        ck_assert_int_eq(write(fd, packed, len), (ssize_t)len);
        close(fd);
    } else {
        for (unsigned i = 0; i < 2; i++) {
            gzFile file = gzopen(name, i ? "ab" : "wb");

            len = i ? sizeof(disk) - part : part;
            ck_assert_int_eq(gzwrite(file, i ? disk + part : disk, (unsigned)len), (int)len);
            gzclose(file);
        }
    }
    for (unsigned i = 0; i < 2; i++) {
        block = block_open(name, 0, err, sizeof(err));
        if (!block)
            ck_abort_msg("%s", err);
        ck_assert_str_eq(block->unpacked, _i ? "zstd" : "gzip");
        ck_assert_uint_eq(block->sectors, 400);
        ck_assert_int_eq(block_read(block, 0, there, 400), 0);
        ck_assert_mem_eq(there, disk, sizeof(disk));
        ck_assert_int_eq(block_write(block, 0, disk + 99 * BLOCK_SECTOR, 1), 0);
        block_close(block);
    }
    unlink(name);
}
END_TEST

START_TEST(test_explain)
{
    static const u8 qcow[BLOCK_SECTOR] = "QFI\xfb\0\0\0\1";

    block_format_explain(block_format_find(qcow, NULL), "it's.img", err, sizeof(err));
    ck_assert_str_eq(
        err, "'it's.img' is a qcow image, and this version reads raw, qcow2 and cow ones: qemu-img "
             "convert -f qcow -O raw 'it'\\''s.img' 'it'\\''s.img.raw'");
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("block_format");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, test_signature, 0, ARRAY_SIZE(signatures));
    tcase_add_test(tc, test_vhd_footer);
    tcase_add_test(tc, test_write);
    tcase_add_loop_test(tc, test_write_odd, 512 - 12, 512);
    tcase_add_test(tc, test_write_allowed);
    tcase_add_test(tc, test_packed);
    tcase_add_loop_test(tc, test_unpacked, 0, 2);
    tcase_add_test(tc, test_explain);
    return bench_main(tc, "block_format");
}
