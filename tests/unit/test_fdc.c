/* Tests of the floppy controller: commands without sectors, seeks, resets and interrupts, the
 * change line, formats and rates, saved state; and random accesses of which nothing may fall
 * outside guest RAM. Expectations: Intel 82077AA datasheet (290166), sections 5 and 6. */
#include "tests/unit/fdc_bench.h"

/* Commands without sectors. */
START_TEST(test_control)
{
    static const struct {
        u8 command[4];
        u8 len;
        const char *expect;
    } rows[] = {
        {{0x10}, 1, "90"},
        {{0x18}, 1, "80"}, /* PART ID is a later chip's */
        {{0x00}, 1, "80"},
        {{0x87}, 1, "80"},
        {{0x08}, 1, "80"}, /* nothing to sense */
        {{0x14}, 1, "00"},
        {{0x94}, 1, "10"},
        {{0x04, 0x00}, 2, "38"},
        {{0x04, 0x04}, 2, "3c"},
        {{0x04, 0x01}, 2, "29"}, /* not there */
        {{0x13, 0x00, 0x57, 0x00}, 4, ""},
        {{0x03, 0xaf, 0x1e}, 3, ""},
        {{0x12, 0x8f}, 2, ""},
        {{0x12, 0x30}, 2, ""},
        {{0x0e}, 1, "00 00 00 00 af 1e 00 8c 57 00"},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        send(rows[i].command, rows[i].len);
        ck_assert_msg(strcmp(result(), rows[i].expect) == 0, "row %u: %s", i, text);
        ck_assert_uint_eq(inb(&b, MSR), 0x80);
    }
    ck_assert_uint_eq(b.rises[6], 0);
    /* A software reset leaves SPECIFY's; and under LOCK what CONFIGURE set but for seeks and
     * polling. */
    SEND(0x12, 0x03);
    SEND(0x0e);
    ck_assert_str_eq(result(), "00 00 00 00 af 1e 00 8f 57 00");
    outb(&b, MSR, 0x80);
    bench_pass(&b, MS);
    for (unsigned i = 0; i < 4; i++)
        sense();
    SEND(0x0e);
    ck_assert_str_eq(result(), "00 00 00 00 af 1e 00 8c 07 00");
    SEND(0x14);
    result();
    outb(&b, DOR, 0);
    outb(&b, DOR, 0x0c);
    bench_pass(&b, MS);
    for (unsigned i = 0; i < 4; i++)
        sense();
    SEND(0x0e);
    ck_assert_str_eq(result(), "00 00 00 00 af 1e 00 0c 20 00");
}
END_TEST

START_TEST(test_seek)
{
    SEND(0x0f, 0x04, 40);
    ck_assert_uint_eq(inb(&b, MSR), 0x81);
    bench_pass(&b, MS);
    ck_assert(!b.level[6]);
    bench_pass(&b, 100 * MS);
    ck_assert(b.level[6]);
    ck_assert_uint_eq(inb(&b, MSR), 0x81); /* until it is sensed */
    ck_assert_str_eq(sense(), "20 28");    /* H is always 0 */
    ck_assert(!b.level[6]);
    ck_assert_uint_eq(inb(&b, MSR), 0x80);
    ck_assert_str_eq(sense(), "80");
    SEND(0x8f, 0, 5); /* relative, outwards */
    bench_pass(&b, 100 * MS);
    ck_assert_str_eq(sense(), "20 23");
    SEND(0xcf, 0, 6);
    bench_pass(&b, 100 * MS);
    ck_assert_str_eq(sense(), "20 29");
    SEND(0x8f, 0, 50);
    bench_pass(&b, 100 * MS);
    ck_assert_str_eq(sense(), "70 f7");
    SEND(0x07, 0);
    bench_pass(&b, 100 * MS);
    ck_assert_str_eq(sense(), "20 00");
    SEND(0x07, 1); /* a drive that is not there has no track 0 */
    bench_pass(&b, 100 * MS);
    ck_assert_str_eq(sense(), "71 00");
    /* Two at once: the interrupt comes again for the second. */
    SEND(0x0f, 1, 10);
    SEND(0x0f, 0, 10);
    ck_assert_uint_eq(inb(&b, MSR), 0x83);
    b.rises[6] = 0;
    bench_pass(&b, 100 * MS);
    ck_assert_str_eq(sense(), "20 0a");
    ck_assert(b.level[6]);
    ck_assert_uint_eq(b.rises[6], 2);
    ck_assert_str_eq(sense(), "21 0a");
    ck_assert(!b.level[6]);
    /* 80 tracks out: once is not enough. */
    SEND(0x0f, 0, 83);
    bench_pass(&b, 100 * MS);
    sense();
    SEND(0x07, 0);
    bench_pass(&b, 100 * MS);
    ck_assert_str_eq(sense(), "70 00");
    SEND(0x07, 0);
    bench_pass(&b, 100 * MS);
    ck_assert_str_eq(sense(), "20 00");
    /* Implied. */
    SEND(0x13, 0x00, 0x47, 0x00);
    program_dma(TO_MEMORY, 512);
    SEND(0x46, 0, 7, 0, 1, 2, 18, 0x1b, 0xff);
    ck_assert_str_eq(wait_result(), "20 00 00 07 00 02 02");
    check_memory(252, 512);
    program_dma(TO_MEMORY, 512);
    SEND(0x46, 0, 7, 0, 1, 2, 18, 0x1b, 0xff);
    ck_assert_str_eq(wait_result(), "00 00 00 07 00 02 02");
}
END_TEST

START_TEST(test_reset)
{
    static const char *const polled[] = {"c0 00", "c1 00", "c2 00", "c3 00", "80"};

    start(2880, 0);
    ck_assert_uint_eq(inb(&b, MSR), 0);
    ck_assert_uint_eq(inb(&b, DOR), 0);
    outb(&b, FIFO, 0x10); /* nobody listens */
    outb(&b, DOR, 0x0c);
    bench_pass(&b, 100 * MS);
    for (unsigned n = 0; n < 3; n++) {
        ck_assert(b.level[6]);
        ck_assert_uint_eq(b.rises[6], n + 1);
        for (unsigned i = 0; i < ARRAY_SIZE(polled); i++) {
            ck_assert_str_eq(sense(), polled[i]);
            ck_assert(!b.level[6]);
        }
        if (n == 0) {
            outb(&b, MSR, 0x80); /* the DSR's */
        } else {
            outb(&b, DOR, 0x08);
            bench_pass(&b, 100 * MS);
            ck_assert(!b.level[6]);
            outb(&b, DOR, 0x0c);
        }
        ck_assert(!b.level[6]);
        bench_pass(&b, 100 * MS);
    }
    /* The gate. */
    outb(&b, DOR, 0x04);
    ck_assert(!b.level[6]);
    outb(&b, DOR, 0x0c);
    ck_assert(b.level[6]);
    outb(&b, TDR, 0xfe);
    ck_assert_uint_eq(inb(&b, TDR), 0xfe);
    outb(&b, TDR, 0x01);
    ck_assert_uint_eq(inb(&b, TDR), 0xfd);
    fdc_reset(&fdc);
    ck_assert(!b.level[6]);
    ck_assert_uint_eq(clock_next(&b.clock), UINT64_MAX);
}
END_TEST

/* The change line: up from power-on until a step with a disk in the drive. */
START_TEST(test_change)
{
    start(2880, 0);
    outb(&b, DOR, 0x1c);
    bench_pass(&b, MS);
    ck_assert_uint_eq(inb(&b, DIR), 0xff);
    SEND(0x07, 0); /* no step: the heads are at 0 */
    bench_pass(&b, 10 * MS);
    ck_assert_uint_eq(inb(&b, DIR), 0xff);
    SEND(0x0f, 0, 1);
    bench_pass(&b, 10 * MS);
    ck_assert_uint_eq(inb(&b, DIR), 0x7f);
    outb(&b, DOR, 0x0d);
    ck_assert_uint_eq(inb(&b, DIR), 0x7f); /* no drive */
    start(0, 720);
    outb(&b, DOR, 0x3c);
    bench_pass(&b, MS);
    SEND(0x0f, 0, 1);
    bench_pass(&b, 10 * MS);
    ck_assert_uint_eq(inb(&b, DIR), 0xff); /* empty */
    ck_assert_int_eq(fdc_drive_type(&fdc, 0), FLOPPY_TYPE_1440K);
    ck_assert_int_eq(fdc_drive_type(&fdc, 1), FLOPPY_TYPE_360K);
    ck_assert_int_eq(fdc_drive_type(&fdc, 2), FLOPPY_TYPE_NONE);
}
END_TEST

/* Disks that come and go: the change line, write protection, sizes that the drive does not take, a command under way. */
START_TEST(test_other_disk)
{
    start(2880, 0);
    ready(0);
    fill(&disks[1], 1440); /* 720K */
    disks[1].block.read_only = true;
    ck_assert_uint_eq(inb(&b, DIR), 0x7f);
    ck_assert_int_eq(fdc_insert(&fdc, 0, NULL), 0);
    ck_assert_uint_eq(inb(&b, DIR), 0xff);
    SEND(0x0f, 0, 2); /* a step without a disk */
    bench_pass(&b, 10 * MS);
    sense();
    ck_assert_uint_eq(inb(&b, DIR), 0xff);
    ck_assert_int_eq(fdc_insert(&fdc, 0, &disks[1].block), 0);
    ck_assert_uint_eq(inb(&b, DIR), 0xff); /* until a step with one */
    SEND(0x0f, 0, 0);
    bench_pass(&b, 10 * MS);
    sense();
    ck_assert_uint_eq(inb(&b, DIR), 0x7f);
    SEND(0x04, 0);
    ck_assert_str_eq(result(), "78"); /* write-protected, track 0, ready, two sides */
    outb(&b, DIR, 2);                 /* 250 kbit/s */
    SEND(0x4a, 0);
    bench_pass(&b, 10 * MS);
    ck_assert_uint_eq(strtoul(result(), NULL, 16), 0x00);
    /* What a 1.44M drive does not take changes nothing. */
    fill(&disks[0], 2400);
    ck_assert_int_eq(fdc_insert(&fdc, 0, &disks[0].block), -EINVAL);
    ck_assert_uint_eq(inb(&b, DIR), 0x7f);
    ck_assert_int_eq(fdc_drive_type(&fdc, 0), FLOPPY_TYPE_1440K);
    /* A read that is under way ends when its disk goes. */
    SEND(0x66, 0, 0, 0, 1, 2, 9, 0x1b, 0xff);
    ck_assert_uint_eq(inb(&b, MSR) & 0xf0, 0x10);
    ck_assert_int_eq(fdc_insert(&fdc, 0, NULL), 0);
    ck_assert_str_eq(result(), "40 01 00 00 00 01 02");
    SEND(0x66, 0, 0, 0, 1, 2, 9, 0x1b, 0xff); /* and one without a disk waits */
    bench_pass(&b, 10 * MS);
    ck_assert_uint_eq(inb(&b, MSR) & 0xf0, 0x10);
    ck_assert_int_eq(fdc_insert(&fdc, 0, &disks[1].block), 0);
    ck_assert_uint_eq(inb(&b, MSR) & 0xf0, 0x10);
}
END_TEST

/* Every format: the last sector at its rate, none at another one. */
START_TEST(test_formats)
{
    static const struct {
        u16 sectors;
        u8 cylinders, heads, spt, rate, type;
    } rows[] = {
        {320, 40, 1, 8, 2, 1},   {360, 40, 1, 9, 2, 1},   {640, 40, 2, 8, 2, 1},
        {720, 40, 2, 9, 2, 1},   {1440, 80, 2, 9, 2, 4},  {2400, 80, 2, 15, 0, 2},
        {2880, 80, 2, 18, 0, 4}, {3360, 80, 2, 21, 0, 4}, {3444, 82, 2, 21, 0, 4},
        {5760, 80, 2, 36, 3, 5},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        u8 c = rows[i].cylinders - 1, h = rows[i].heads - 1, spt = rows[i].spt;
        char expect[64];

        start(rows[i].sectors, 0);
        ck_assert_int_eq(fdc_drive_type(&fdc, 0), rows[i].type);
        for (u8 rate = 0; rate < 4; rate++) {
            ready(rate);
            SEND(0x0f, 0, c);
            bench_pass(&b, 20 * MS);
            sense();
            program_dma(TO_MEMORY, 512);
            SEND(0x46, (u8)(h << 2), c, h, spt, 2, spt, 0x1b, 0xff);
            if (rate == rows[i].rate)
                snprintf(expect, sizeof(expect), "%02x 00 00 %02x %02x 01 02", h << 2, c + 1, h);
            else
                snprintf(expect, sizeof(expect), "%02x 01 00 %02x %02x %02x 02", 0x40 | h << 2, c,
                         h, spt);
            ck_assert_msg(strcmp(wait_result(), expect) == 0, "row %u rate %u: %s", i, rate, text);
            if (rate == rows[i].rate)
                check_memory(rows[i].sectors - 1u, 512);
        }
    }
}
END_TEST

/* Images of other sizes: the smallest format from 1440K on, or the boot sector's. */
START_TEST(test_odd_sizes)
{
    static const struct {
        u16 sectors;
        u16 bytes, total, spt, heads; /* in the boot sector */
        u8 cylinders, format_heads, format_spt;
    } rows[] = {
        {1, 0, 0, 0, 0, 80, 2, 18},         {21, 0, 0, 0, 0, 80, 2, 18},
        {1280, 0, 0, 0, 0, 80, 2, 18},      {2532, 0, 0, 0, 0, 80, 2, 18},
        {2881, 0, 0, 0, 0, 80, 2, 21},      {3361, 0, 0, 0, 0, 82, 2, 21},
        {3445, 0, 0, 0, 0, 80, 2, 36},      {5759, 0, 0, 0, 0, 80, 2, 36},
        {100, 512, 320, 8, 1, 40, 1, 8},    {100, 512, 1440, 9, 2, 80, 2, 9},
        {700, 512, 720, 9, 2, 40, 2, 9},    {700, 512, 5760, 36, 2, 80, 2, 36},
        {721, 512, 720, 9, 2, 80, 2, 18},   /* the image is larger */
        {700, 1024, 720, 9, 2, 80, 2, 18},  /* not in such sectors */
        {700, 512, 720, 8, 2, 80, 2, 18},   /* none of ours */
        {2880, 512, 1440, 9, 2, 80, 2, 18}, /* the size says it all */
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        const struct floppy_format *format;

        fill(&disks[0], rows[i].sectors);
        put16(disks[0].data + 0x0b, rows[i].bytes);
        put16(disks[0].data + 0x13, rows[i].total);
        put16(disks[0].data + 0x18, rows[i].spt);
        put16(disks[0].data + 0x1a, rows[i].heads);
        format = floppy_format_of(&disks[0].block);
        ck_assert_msg(format && format->cylinders == rows[i].cylinders &&
                          format->heads == rows[i].format_heads &&
                          format->sectors == rows[i].format_spt,
                      "row %u", i);
    }
    disks[0].block.sectors = 5761;
    ck_assert_ptr_null(floppy_format_of(&disks[0].block));
}
END_TEST

/* Behind the image's end: zeros, and a bad spot for who writes. */
START_TEST(test_behind_end)
{
    u8 sector[2 * BLOCK_SECTOR];

    start(20, 0);
    ready(0);
    fill_memory(0x31, 2 * BLOCK_SECTOR);
    program_dma(TO_MEMORY, 2 * BLOCK_SECTOR);
    SEND(0xc6, 4, 0, 1, 2, 2, 18, 0x1b, 0xff); /* the last one, and one more */
    ck_assert_str_eq(wait_result(), "04 00 00 00 01 04 02");
    phys_read(&phys, BUF, sector, sizeof(sector));
    for (unsigned i = 0; i < BLOCK_SECTOR; i++) {
        ck_assert_uint_eq(sector[i], pattern(19, i));
        ck_assert_uint_eq(sector[BLOCK_SECTOR + i], 0);
    }
    fill_memory(0x31, 2 * BLOCK_SECTOR);
    program_dma(FROM_MEMORY, 2 * BLOCK_SECTOR);
    SEND(0xc5, 4, 0, 1, 2, 2, 18, 0x1b, 0xff);
    ck_assert_str_eq(wait_result(), "44 20 20 00 01 03 02");
    ck_assert_uint_eq(disks[0].data[19 * BLOCK_SECTOR + 9], 0x31 + 9);
    program_dma(TO_MEMORY, BLOCK_SECTOR);
    SEND(0x46, 0, 79, 0, 18, 2, 18, 0x1b, 0xff); /* the heads are elsewhere */
    ck_assert_str_eq(wait_result(), "40 04 10 4f 00 12 02");
}
END_TEST

/* READ ID: the IDs pass one after the other. */
START_TEST(test_read_id)
{
    unsigned seen = 0;

    SEND(0x0f, 4, 9);
    bench_pass(&b, 10 * MS);
    sense();
    for (unsigned i = 0; i < 200; i++) {
        unsigned c, h, r, n;

        SEND(0x4a, 4);
        wait_result();
        ck_assert_int_eq(sscanf(text, "04 00 00 %x %x %x %x", &c, &h, &r, &n), 4);
        ck_assert(c == 9 && h == 1 && n == 2 && r >= 1 && r <= 18);
        seen |= 1u << r;
        bench_pass(&b, 7 * MS);
    }
    ck_assert_uint_eq(seen, 0x7fffe);
    outb(&b, DIR, 3);
    SEND(0x4a, 4);
    ck_assert_str_eq(wait_result(), "44 01 00 00 00 00 00");
}
END_TEST

/* Saved and loaded at many moments of a programmed read: it goes on to the same end. */
START_TEST(test_state)
{
    SEND(0x03, 0xdf, 0x03);
    SEND(0x0f, 0, 3);
    for (unsigned n = 0; n < 3000; n++) {
        struct state state, loading;
        u8 msr;

        if (n % 7 == 0) {
            u8 was = inb(&b, MSR), dir = inb(&b, DIR);
            bool level = b.level[6];

            state_init_save(&state);
            fdc_state(&fdc, &state);
            ck_assert(!state.failed);
            fdc_reset(&fdc);
            state_init_load(&loading, state.data, state.len);
            fdc_state(&fdc, &loading);
            ck_assert(!loading.failed);
            state_free(&state);
            ck_assert_uint_eq(inb(&b, MSR), was);
            ck_assert_uint_eq(inb(&b, DIR), dir);
            ck_assert_int_eq(b.level[6], level);
        }
        bench_pass(&b, 10000);
        msr = inb(&b, MSR);
        if (n == 200) {
            ck_assert_str_eq(sense(), "20 03");
            SEND(0x46, 0, 3, 0, 18, 2, 18, 0x1b, 0xff);
        } else if (n > 200 && (msr & 0xf0) == 0xf0) {
            static unsigned at;

            ck_assert_uint_eq(inb(&b, FIFO), pattern(125, at++));
        }
    }
    ck_assert_str_eq(result(), "40 80 00 04 00 01 02");
}
END_TEST

/* A damaged state is rejected or harmless. */
START_TEST(test_damage)
{
    struct state state, loading;
    u64 seed = 77;

    SEND(0x03, 0xdf, 0x03);
    SEND(0x46, 0, 0, 0, 1, 2, 18, 0x1b, 0xff);
    bench_pass(&b, 10 * MS);
    inb(&b, FIFO);
    state_init_save(&state);
    fdc_state(&fdc, &state);
    for (size_t i = 0; i < state.len; i++) {
        u8 was = state.data[i];

        state.data[i] ^= (u8)(1 + bench_random(&seed) % 255);
        state_init_load(&loading, state.data, state.len);
        fdc_state(&fdc, &loading);
        state.data[i] = was;
        bench_fuzz(&b, 0x3f2, 6, 40, bench_random(&seed));
    }
    state_free(&state);
}
END_TEST

/* Commands at random, complete and not, with DMA at random addresses and memory that ends at 1
 * MiB. */
START_TEST(test_fuzz)
{
    static const u8 codes[] = {0x42, 0x03, 0x04, 0x45, 0x46, 0xc6, 0xe6, 0x07,
                               0x08, 0x49, 0x4a, 0x4c, 0x4d, 0x0e, 0x0f, 0x8f,
                               0xcf, 0x51, 0x12, 0x13, 0x94, 0x56, 0x59, 0x5d};
    u64 seed = 82077;

    start(2880, 720);
    for (unsigned i = 0; i < 60000; i++) {
        u64 r = bench_random(&seed);

        switch (r & 15) {
        case 0: bench_fuzz(&b, 0x3f2, 6, 20, r); break;
        case 1: bench_fuzz(&b, 0x00, 16, 10, r); break;
        case 2: bench_fuzz(&b, 0x80, 16, 4, r); break;
        case 3: bench_fuzz(&b, 0xc0, 32, 10, r); break;
        case 4: outb(&b, DOR, r & 0x700 ? 0x3c : (u8)(r >> 16)); break;
        case 5: outb(&b, DIR, r & 0x300 ? 0 : (u8)(r >> 16)); break;
        case 6: bench_pass(&b, (r >> 8) % (30 * MS)); break;
        case 7: program_dma(((u8)(r >> 8) & 0xfc) | 2, (u32)(r >> 16) % 20000 + 1); break;
        case 8:
            disks[r >> 8 & 1].error = r & 0xe00 ? 0 : -EIO;
            disks[r >> 8 & 1].block.read_only = !(r & 0xf000);
            outb(&b, 0xd6, 0xc0);
            outb(&b, 0xd4, 0x00);
            outb(&b, 0x08, 0x00);
            break;
        case 9: result(); break;
        default:
            outb(&b, FIFO, codes[(r >> 8) % ARRAY_SIZE(codes)]);
            for (unsigned j = 0; j < 8; j++)
                outb(&b, FIFO, r & 16 ? (u8)(r >> (16 + j)) % 20 : (u8)(r >> (20 + 2 * j)));
        }
    }
    start(2880, 0);
    ready(0);
    program_dma(TO_MEMORY, 512);
    SEND(0x46, 0, 0, 0, 1, 2, 18, 0x1b, 0xff);
    ck_assert_str_eq(wait_result(), "00 00 00 00 00 02 02");
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("fdc");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_control);
    tcase_add_test(tc, test_seek);
    tcase_add_test(tc, test_reset);
    tcase_add_test(tc, test_change);
    tcase_add_test(tc, test_other_disk);
    tcase_add_test(tc, test_formats);
    tcase_add_test(tc, test_odd_sizes);
    tcase_add_test(tc, test_behind_end);
    tcase_add_test(tc, test_read_id);
    tcase_add_test(tc, test_state);
    tcase_add_test(tc, test_damage);
    tcase_add_test(tc, test_fuzz);
    return bench_main(tc, "fdc");
}
