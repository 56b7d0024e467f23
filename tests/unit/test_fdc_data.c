/* Tests of the floppy controller's transfers: every command with its result bytes, by DMA and
 * through the FIFO, and what ends them. Expectations: Intel 82077AA datasheet (290166), sections
 * 5.1 and 6. */
#include "tests/unit/fdc_bench.h"

/* READ DATA and its kin: what comes back, and which sectors came into memory. */
static const struct {
    u8 command[9];
    u8 cylinder; /* the heads' */
    u32 dma_len;
    const char *expect;
    u32 sector, bytes;
} reads[] = {
    /* Ended by the terminal count. */
    {{0x46, 0, 0, 0, 1, 2, 18, 0x1b, 0xff}, 0, 512, "00 00 00 00 00 02 02", 0, 512},
    {{0x46, 0, 0, 0, 17, 2, 18, 0x1b, 0xff}, 0, 1024, "00 00 00 01 00 01 02", 16, 1024},
    {{0x46, 4, 0, 1, 5, 2, 18, 0x1b, 0xff}, 0, 512, "04 00 00 00 01 06 02", 22, 512},
    {{0x46, 4, 3, 1, 18, 2, 18, 0x1b, 0xff}, 3, 512, "04 00 00 04 01 01 02", 143, 512},
    {{0xc6, 0, 3, 0, 17, 2, 18, 0x1b, 0xff}, 3, 1024, "00 00 00 03 01 01 02", 124, 1024},
    {{0xc6, 0, 3, 0, 17, 2, 18, 0x1b, 0xff}, 3, 2048, "04 00 00 03 01 03 02", 124, 2048},
    {{0xc6, 4, 3, 1, 18, 2, 18, 0x1b, 0xff}, 3, 512, "04 00 00 04 00 01 02", 143, 512},
    {{0xe6, 0, 79, 0, 1, 2, 18, 0x1b, 0xff}, 79, 18432, "04 00 00 50 00 01 02", 2844, 18432},
    {{0x46, 0, 0, 0, 1, 2, 18, 0x1b, 0xff}, 0, 100, "00 00 00 00 00 02 02", 0, 100},
    /* By the end of the cylinder. */
    {{0x46, 0, 0, 0, 18, 2, 18, 0x1b, 0xff}, 0, 1024, "40 80 00 01 00 01 02", 17, 512},
    {{0xc6, 4, 0, 1, 18, 2, 18, 0x1b, 0xff}, 0, 1024, "44 80 00 01 00 01 02", 35, 512},
    /* An EOT behind the track: from track to track until the terminal count, if there is one. */
    {{0xe6, 0, 0, 0, 2, 2, 51, 0x1b, 0xff}, 0, 25600, "00 00 00 01 00 10 02", 1, 25600},
    {{0xe6, 0, 0, 0, 18, 2, 19, 0x1b, 0xff}, 0, 1024, "04 00 00 00 01 02 02", 17, 1024},
    {{0xe6, 4, 78, 1, 18, 2, 19, 0x1b, 0xff}, 78, 1024, "00 00 00 4f 00 02 02", 2843, 1024},
    {{0xe6, 4, 79, 1, 18, 2, 19, 0x1b, 0xff}, 79, 1024, "40 01 00 50 00 01 02", 2879, 512},
    {{0xe6, 0, 0, 0, 19, 2, 19, 0x1b, 0xff}, 0, 512, "40 04 00 00 00 13 02", 0, 0},
    /* Not there. */
    {{0x46, 0, 0, 0, 19, 2, 19, 0x1b, 0xff}, 0, 512, "40 04 00 00 00 13 02", 0, 0},
    {{0x46, 0, 0, 0, 18, 2, 19, 0x1b, 0xff}, 0, 1024, "40 04 00 00 00 13 02", 17, 512},
    {{0x46, 0, 0, 0, 0, 2, 18, 0x1b, 0xff}, 0, 512, "40 04 00 00 00 00 02", 0, 0},
    {{0x46, 0, 0, 1, 1, 2, 18, 0x1b, 0xff}, 0, 512, "40 04 00 00 01 01 02", 0, 0},
    {{0x46, 0, 0, 0, 1, 3, 18, 0x1b, 0xff}, 0, 512, "40 04 00 00 00 01 03", 0, 0},
    {{0x46, 0, 5, 0, 1, 2, 18, 0x1b, 0xff}, 4, 512, "40 04 10 05 00 01 02", 0, 0},
    {{0x06, 0, 0, 0, 1, 2, 18, 0x1b, 0xff}, 0, 512, "40 01 00 00 00 01 02", 0, 0}, /* FM */
    {{0x46, 0, 80, 0, 1, 2, 18, 0x1b, 0xff}, 80, 512, "40 01 00 50 00 01 02", 0, 0},
    /* READ DELETED DATA of sectors that are not: the first one, or with SK none. */
    {{0x4c, 0, 0, 0, 1, 2, 18, 0x1b, 0xff}, 0, 1024, "00 00 40 00 00 01 02", 0, 512},
    {{0x6c, 0, 0, 0, 17, 2, 18, 0x1b, 0xff}, 0, 512, "40 80 40 01 00 01 02", 0, 0},
    /* READ TRACK: from the index hole on, whatever R says. */
    {{0x42, 0, 0, 0, 1, 2, 18, 0x1b, 0xff}, 0, 1024, "00 00 00 00 00 03 02", 0, 1024},
    {{0x42, 0, 0, 0, 1, 2, 2, 0x1b, 0xff}, 0, 2048, "40 80 00 00 00 03 02", 0, 1024},
    {{0x42, 0, 0, 0, 7, 2, 18, 0x1b, 0xff}, 0, 1024, "40 04 00 00 00 09 02", 0, 1024},
};

START_TEST(test_read)
{
    SEND(0x0f, 0, reads[_i].cylinder);
    bench_pass(&b, 20 * MS);
    sense();
    program_dma(TO_MEMORY, reads[_i].dma_len);
    send(reads[_i].command, 9);
    ck_assert_uint_eq(inb(&b, MSR), 0x10);
    ck_assert_str_eq(wait_result(), reads[_i].expect);
    check_memory(reads[_i].sector, reads[_i].bytes);
    ck_assert_uint_eq(fdc.drive[0].floppy.cylinder, reads[_i].cylinder);
    ck_assert_uint_eq(inb(&b, MSR), 0x80);
    ck_assert_uint_eq(inb(&b, 0x08) & 0xf0, 0); /* no request is left */
}
END_TEST

START_TEST(test_write)
{
    u8 sector[BLOCK_SECTOR];

    fill_memory(0x80, 1024);
    program_dma(FROM_MEMORY, 700); /* the second sector's rest: zeros */
    SEND(0x45, 4, 0, 1, 3, 2, 18, 0x1b, 0xff);
    ck_assert_str_eq(wait_result(), "04 00 00 00 01 05 02");
    phys_read(&phys, BUF, sector, BLOCK_SECTOR);
    ck_assert_mem_eq(disks[0].data + 20 * BLOCK_SECTOR, sector, BLOCK_SECTOR);
    phys_read(&phys, BUF + BLOCK_SECTOR, sector, BLOCK_SECTOR);
    memset(sector + (700 - BLOCK_SECTOR), 0, 2 * BLOCK_SECTOR - 700);
    ck_assert_mem_eq(disks[0].data + 21 * BLOCK_SECTOR, sector, BLOCK_SECTOR);
    ck_assert_uint_eq(disks[0].data[22 * BLOCK_SECTOR], pattern(22, 0));

    /* Deleted sectors, for as long as they are not written again. */
    program_dma(FROM_MEMORY, 512);
    SEND(0x49, 0, 0, 0, 2, 2, 18, 0x1b, 0xff);
    ck_assert_str_eq(wait_result(), "00 00 00 00 00 03 02");
    program_dma(TO_MEMORY, 1024);
    SEND(0x46, 0, 0, 0, 1, 2, 18, 0x1b, 0xff); /* stops at it */
    ck_assert_str_eq(wait_result(), "00 00 40 00 00 02 02");
    program_dma(TO_MEMORY, 1024);
    SEND(0x66, 0, 0, 0, 1, 2, 18, 0x1b, 0xff); /* passes it over */
    ck_assert_str_eq(wait_result(), "00 00 40 00 00 04 02");
    phys_read(&phys, BUF + BLOCK_SECTOR, sector, 1);
    ck_assert_uint_eq(sector[0], pattern(2, 0));
    program_dma(TO_MEMORY, 512);
    SEND(0x4c, 0, 0, 0, 2, 2, 18, 0x1b, 0xff);
    ck_assert_str_eq(wait_result(), "00 00 00 00 00 03 02");
    program_dma(FROM_MEMORY, 512);
    SEND(0x45, 0, 0, 0, 2, 2, 18, 0x1b, 0xff);
    wait_result();
    program_dma(TO_MEMORY, 1024);
    SEND(0x46, 0, 0, 0, 1, 2, 18, 0x1b, 0xff);
    ck_assert_str_eq(wait_result(), "00 00 00 00 00 03 02");
}
END_TEST

/* What stops a transfer. */
START_TEST(test_errors)
{
    program_dma(TO_MEMORY, 512);
    outb(&b, 0x0a, 0x06); /* the channel does not answer */
    SEND(0x46, 0, 0, 0, 1, 2, 18, 0x1b, 0xff);
    ck_assert_str_eq(wait_result(), "40 10 00 00 00 01 02");
    program_dma(TO_MEMORY, 512);
    disks[0].error = -EIO;
    SEND(0x46, 0, 0, 0, 1, 2, 18, 0x1b, 0xff);
    ck_assert_str_eq(wait_result(), "40 20 20 00 00 01 02");
    program_dma(FROM_MEMORY, 512);
    SEND(0x45, 0, 0, 0, 1, 2, 18, 0x1b, 0xff);
    ck_assert_str_eq(wait_result(), "40 20 20 00 00 01 02");
    disks[0].error = 0;
    disks[0].block.read_only = true;
    SEND(0x45, 0, 0, 0, 1, 2, 18, 0x1b, 0xff);
    ck_assert_str_eq(wait_result(), "40 02 00 00 00 01 02");
    SEND(0x4d, 0, 2, 18, 0x50, 0xf6);
    ck_assert_str_eq(wait_result(), "40 02 00 00 00 00 02");
    ck_assert_uint_eq(disks[0].data[0], pattern(0, 0));
    outb(&b, DIR, 2); /* another disk's rate */
    SEND(0x46, 0, 0, 0, 1, 2, 18, 0x1b, 0xff);
    ck_assert_str_eq(wait_result(), "40 01 00 00 00 01 02");
    /* Without a turning disk nothing happens until a reset. */
    outb(&b, DOR, 0x0c);
    SEND(0x46, 0, 0, 0, 1, 2, 18, 0x1b, 0xff);
    bench_pass(&b, 5000 * MS);
    ck_assert_uint_eq(inb(&b, MSR), 0x10);
    ck_assert(!b.level[6]);
    outb(&b, DOR, 0x08);
    ck_assert_uint_eq(inb(&b, MSR), 0);
    outb(&b, DOR, 0x1c);
    bench_pass(&b, MS);
    ck_assert_uint_eq(inb(&b, MSR), 0x80);
}
END_TEST

START_TEST(test_format)
{
    for (unsigned r = 1; r <= 18; r++) {
        u8 id[4] = {2, 1, (u8)(19 - r), 2}; /* in any order */

        phys_write(&phys, BUF + 4 * (r - 1), id, 4);
    }
    SEND(0x0f, 4, 2);
    bench_pass(&b, 10 * MS);
    sense();
    program_dma(FROM_MEMORY, 72);
    SEND(0x4d, 4, 2, 18, 0x54, 0xf6);
    wait_result();
    ck_assert_msg(strncmp(text, "04 00 00 ", 9) == 0, "%s", text);
    for (unsigned i = 0; i < 18 * BLOCK_SECTOR; i++)
        ck_assert_uint_eq(disks[0].data[90 * BLOCK_SECTOR + i], 0xf6);
    ck_assert_uint_eq(disks[0].data[90 * BLOCK_SECTOR - 1], pattern(89, 511));
    ck_assert_uint_eq(disks[0].data[108 * BLOCK_SECTOR], pattern(108, 0));
    /* What the image cannot hold. */
    SEND(0x4d, 4, 2, 9, 0x54, 0xe5);
    wait_result();
    ck_assert_msg(strncmp(text, "44 02 00 ", 9) == 0, "%s", text);
    SEND(0x4d, 4, 3, 18, 0x54, 0xe5);
    wait_result();
    ck_assert_msg(strncmp(text, "44 02 00 ", 9) == 0, "%s", text);
    program_dma(FROM_MEMORY, 72);
    SEND(0x4d, 0, 2, 18, 0x54, 0xe5); /* IDs of head 1 */
    wait_result();
    ck_assert_msg(strncmp(text, "40 02 00 ", 9) == 0, "%s", text);
    ck_assert_uint_eq(disks[0].data[72 * BLOCK_SECTOR], pattern(72, 0));
    SEND(0x0e);
    result();
    ck_assert_msg(strncmp(text + 18, "12", 2) == 0, "%s", text);
}
END_TEST

START_TEST(test_verify_scan)
{
    static const struct {
        u8 command[9];
        const char *expect;
    } rows[] = {
        {{0x56, 0, 0, 0, 1, 2, 18, 0x1b, 0xff}, "00 00 00 01 00 01 02"},
        {{0xd6, 0, 0, 0, 1, 2, 18, 0x1b, 0xff}, "04 00 00 01 00 01 02"},
        {{0x56, 0x80, 0, 0, 1, 2, 18, 0x1b, 4}, "00 00 00 00 00 05 02"},
        {{0xd6, 0x80, 0, 0, 17, 2, 18, 0x1b, 4}, "04 00 00 00 01 03 02"},
        {{0x56, 0x80, 0, 0, 17, 2, 18, 0x1b, 4}, "40 80 00 01 00 01 02"},
        {{0x56, 0, 0, 0, 1, 2, 19, 0x1b, 0xff}, "40 04 00 00 00 13 02"},
        {{0xd6, 0, 0, 0, 1, 2, 19, 0x1b, 0xff}, "40 04 00 00 00 13 02"}, /* no terminal count */
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        send(rows[i].command, 9);
        ck_assert_msg(strcmp(wait_result(), rows[i].expect) == 0, "row %u: %s", i, text);
    }

    /* SCAN for sector 3's bytes, from 1 on; the host brings them for each sector. */
    for (unsigned i = 0; i < 18; i++)
        phys_write(&phys, BUF + i * BLOCK_SECTOR, disks[0].data + 2 * BLOCK_SECTOR, BLOCK_SECTOR);
    program_dma(FROM_MEMORY, 18 * BLOCK_SECTOR);
    SEND(0x51, 0, 0, 0, 1, 2, 18, 0x1b, 1);
    ck_assert_str_eq(wait_result(), "00 00 08 00 00 03 02");
    program_dma(FROM_MEMORY, 18 * BLOCK_SECTOR);
    SEND(0x51, 0, 0, 0, 4, 2, 18, 0x1b, 1);
    ck_assert_str_eq(wait_result(), "00 00 04 01 00 01 02");
    program_dma(FROM_MEMORY, 18 * BLOCK_SECTOR);
    SEND(0x51, 0, 0, 0, 2, 2, 18, 0x1b, 2); /* every second one: not that */
    ck_assert_str_eq(wait_result(), "00 00 04 01 00 01 02");
    memset(disks[0].data + 5 * BLOCK_SECTOR, 0x00, BLOCK_SECTOR);
    memset(disks[0].data + 7 * BLOCK_SECTOR, 0xfe, BLOCK_SECTOR);
    program_dma(FROM_MEMORY, 18 * BLOCK_SECTOR);
    SEND(0x59, 0, 0, 0, 4, 2, 18, 0x1b, 1); /* low or equal */
    ck_assert_str_eq(wait_result(), "00 00 00 00 00 06 02");
    program_dma(FROM_MEMORY, 18 * BLOCK_SECTOR);
    SEND(0x5d, 0, 0, 0, 4, 2, 18, 0x1b, 1); /* high or equal */
    ck_assert_str_eq(wait_result(), "00 00 00 00 00 08 02");
}
END_TEST

/* Without DMA: through the FIFO, an interrupt for each chunk, no end but that of the cylinder. */
START_TEST(test_pio)
{
    static const struct {
        u8 config;
        unsigned chunk;
    } rows[] = {{0x00, 15}, {0x07, 8}, {0x0e, 1}, {0x0f, 1}, {0x20, 1}};
    u8 byte;

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        unsigned chunks = (BLOCK_SECTOR + rows[i].chunk - 1) / rows[i].chunk;

        SEND(0x03, 0xdf, 0x03);
        SEND(0x13, 0x00, rows[i].config, 0x00);
        b.rises[6] = 0;
        SEND(0x46, 0, 0, 0, 17, 2, 18, 0x1b, 0xff);
        ck_assert_uint_eq(inb(&b, MSR), 0x30);
        for (unsigned n = 0; n < 2 * BLOCK_SECTOR; n++) {
            bench_pass(&b, 10 * MS);
            ck_assert_uint_eq(inb(&b, MSR), 0xf0);
            ck_assert(b.level[6]);
            ck_assert_uint_eq(inb(&b, FIFO), pattern(16 + n / BLOCK_SECTOR, n % BLOCK_SECTOR));
        }
        bench_pass(&b, 10 * MS);
        ck_assert_uint_eq(b.rises[6], 2 * chunks + 1);
        ck_assert_str_eq(result(), "40 80 00 01 00 01 02");
    }
    SEND(0x45, 0, 0, 0, 18, 2, 18, 0x1b, 0xff);
    for (unsigned n = 0; n < BLOCK_SECTOR; n++) {
        bench_pass(&b, 10 * MS);
        ck_assert_uint_eq(inb(&b, MSR), 0xb0);
        outb(&b, FIFO, (u8)(n * 5));
    }
    bench_pass(&b, 10 * MS);
    ck_assert_str_eq(result(), "40 80 00 01 00 01 02");
    for (unsigned n = 0; n < BLOCK_SECTOR; n++)
        ck_assert_uint_eq(disks[0].data[17 * BLOCK_SECTOR + n], (u8)(n * 5));
    phys_read(&phys, BUF, &byte, 1);
    ck_assert_uint_eq(byte, 0);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("fdc_data");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, test_read, 0, ARRAY_SIZE(reads));
    tcase_add_test(tc, test_write);
    tcase_add_test(tc, test_errors);
    tcase_add_test(tc, test_format);
    tcase_add_test(tc, test_verify_scan);
    tcase_add_test(tc, test_pio);
    return bench_main(tc, "fdc_data");
}
