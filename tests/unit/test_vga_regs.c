/* Tests of the VGA's registers: which bits each has, where it answers, the DAC, retrace timing, the start
 * address's moment, reset, saved state; a fuzz of everything. */
#include "devices/base/ticks.h"
#include "tests/unit/vga_rig.h"

static struct rig rig;

static void setup(void)
{
    rig_init(&rig);
}

static void teardown(void)
{
    rig_free(&rig);
}

/* The bits that exist, from the Technical Reference's drawings. */
static const struct {
    u16 port;
    u8 first, last, bits;
} registers[] = {
    {0x3c4, 0, 0, 0x03},   {0x3c4, 1, 1, 0x3d},   {0x3c4, 2, 2, 0x0f},   {0x3c4, 3, 3, 0x3f},
    {0x3c4, 4, 4, 0x0e},   {0x3c4, 5, 7, 0x00},   {0x3ce, 0, 2, 0x0f},   {0x3ce, 3, 3, 0x1f},
    {0x3ce, 4, 4, 0x03},   {0x3ce, 5, 5, 0x7b},   {0x3ce, 6, 7, 0x0f},   {0x3ce, 8, 8, 0xff},
    {0x3ce, 9, 15, 0x00},  {0x3d4, 0, 7, 0xff},   {0x3d4, 8, 8, 0x7f},   {0x3d4, 9, 9, 0xff},
    {0x3d4, 10, 10, 0x3f}, {0x3d4, 11, 11, 0x7f}, {0x3d4, 12, 19, 0xff}, {0x3d4, 20, 20, 0x7f},
    {0x3d4, 21, 22, 0xff}, {0x3d4, 23, 23, 0xef}, {0x3d4, 24, 24, 0xff}, {0x3d4, 25, 33, 0x00},
    {0x3d4, 37, 63, 0x00},
};

START_TEST(test_bits)
{
    outb(&rig.b, 0x3c2, 0x01);
    for (unsigned index = registers[_i].first; index <= registers[_i].last; index++) {
        for (unsigned v = 0; v < 256; v++) {
            if (registers[_i].port == 0x3d4)
                rig_index(&rig, 0x3d4, 0x11, 0); /* no protection */
            rig_index(&rig, registers[_i].port, (u8)index, (u8)v);
            ck_assert_uint_eq(inb(&rig.b, registers[_i].port), index);
            ck_assert_uint_eq(inb(&rig.b, registers[_i].port + 1), v & registers[_i].bits);
        }
    }
}
END_TEST

START_TEST(test_attribute)
{
    static const u8 bits[32] = {
        0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f,
        0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0xef, 0xff, 0x3f, 0x0f, 0x0f,
    };

    outb(&rig.b, 0x3c2, 0x01);
    for (unsigned index = 0; index < 32; index++) {
        for (unsigned v = 0; v < 256; v++) {
            inb(&rig.b, 0x3da); /* the next write is an index */
            outb(&rig.b, 0x3c0, (u8)(0xe0 | index));
            ck_assert_uint_eq(rig_get(&rig, 0x3d4, 0x24), 0x80);
            outb(&rig.b, 0x3c0, (u8)v);
            ck_assert_uint_eq(inb(&rig.b, 0x3c0), 0x20 | index);
            ck_assert_uint_eq(inb(&rig.b, 0x3c1), v & bits[index]);
            ck_assert_uint_eq(rig_get(&rig, 0x3d4, 0x24), 0);
        }
    }
    /* The other status port does not reset the flip-flop: nobody is there. */
    outb(&rig.b, 0x3c0, 0x05);
    ck_assert_uint_eq(inb(&rig.b, 0x3ba), 0xff);
    outb(&rig.b, 0x3c0, 0x2a);
    ck_assert_uint_eq(inb(&rig.b, 0x3c1), 0x2a);
}
END_TEST

START_TEST(test_addresses)
{
    for (unsigned i = 0; i < 256; i++) {
        outb(&rig.b, 0x3c2, (u8)i);
        ck_assert_uint_eq(inb(&rig.b, 0x3cc), i);
    }
    for (unsigned color = 0; color < 2; color++) {
        u16 here = color ? 0x3d0 : 0x3b0, there = color ? 0x3b0 : 0x3d0;

        outb(&rig.b, 0x3c2, (u8)color);
        rig_index(&rig, here + 4, 0x0f, (u8)(0x55 + color));
        ck_assert_uint_eq(rig_get(&rig, here + 4, 0x0f), 0x55 + color);
        rig_index(&rig, there + 4, 0x0e, 0xaa);
        ck_assert_uint_eq(inb(&rig.b, there + 4), 0xff);
        ck_assert_uint_eq(inb(&rig.b, there + 5), 0xff);
        ck_assert_uint_eq(inb(&rig.b, here + 5), 0x55 + color);
        outb(&rig.b, here + 10, 0xff);
        ck_assert_uint_eq(inb(&rig.b, 0x3ca), 0x0b);
        outb(&rig.b, there + 10, 0);
        ck_assert_uint_eq(inb(&rig.b, 0x3ca), 0x0b);
    }
    ck_assert_uint_eq(inb(&rig.b, 0x3c2), 0x10);
    ck_assert_uint_eq(ioport_read(&rig.b.bus, 0x3d4, 2), 0x560f); /* index and data at once */
    ioport_write(&rig.b.bus, 0x3d4, 0x1234, 2);
    ck_assert_uint_eq(rig_get(&rig, 0x3d4, 0x34), 0);
    ioport_write(&rig.b.bus, 0x3d4, 0x120f, 2);
    ck_assert_uint_eq(rig_get(&rig, 0x3d4, 0x0f), 0x12);
    /* Port 3c3 alone remains of an adapter that is switched off. */
    outb(&rig.b, 0x3c3, 0);
    ck_assert_uint_eq(inb(&rig.b, 0x3cc), 0xff);
    ck_assert_uint_eq(inb(&rig.b, 0x3c3), 0);
    outb(&rig.b, 0x3c3, 1);
    ck_assert_uint_eq(inb(&rig.b, 0x3cc), 1);
}
END_TEST

START_TEST(test_protection)
{
    rig_set_mode(&rig, &rig_text); /* register 11h: 8e */
    for (u8 i = 0; i < 7; i++) {
        rig_index(&rig, 0x3d4, i, 0x33);
        ck_assert_uint_eq(inb(&rig.b, 0x3d5), rig_text.crtc[i]);
    }
    rig_index(&rig, 0x3d4, 7, 0xff);
    ck_assert_uint_eq(inb(&rig.b, 0x3d5), 0x1f);
    rig_index(&rig, 0x3d4, 7, 0x00);
    ck_assert_uint_eq(inb(&rig.b, 0x3d5), 0x0f); /* bit 4, line compare, is not protected */
    rig_index(&rig, 0x3d4, 0x11, 0x0e);
    rig_index(&rig, 0x3d4, 7, 0x00);
    ck_assert_uint_eq(inb(&rig.b, 0x3d5), 0x00);
}
END_TEST

START_TEST(test_dac)
{
    outb(&rig.b, 0x3c8, 0xfe);
    ck_assert_uint_eq(inb(&rig.b, 0x3c7), 0);
    for (unsigned i = 1; i <= 9; i++)
        outb(&rig.b, 0x3c9, (u8)(i * 5));
    ck_assert_uint_eq(inb(&rig.b, 0x3c8), 1); /* fe, ff, 0 */
    outb(&rig.b, 0x3c7, 0xfe);
    ck_assert_uint_eq(inb(&rig.b, 0x3c7), 3);
    for (unsigned i = 1; i <= 9; i++)
        ck_assert_uint_eq(inb(&rig.b, 0x3c9), i * 5);
    /* Two thirds of a colour are none; a new index begins anew. */
    outb(&rig.b, 0x3c8, 0xff);
    outb(&rig.b, 0x3c9, 1);
    outb(&rig.b, 0x3c9, 2);
    outb(&rig.b, 0x3c7, 0xff);
    ck_assert_uint_eq(inb(&rig.b, 0x3c9), 20);
    outb(&rig.b, 0x3c8, 0xff);
    outb(&rig.b, 0x3c9, 3);
    outb(&rig.b, 0x3c9, 4);
    outb(&rig.b, 0x3c9, 5);
    outb(&rig.b, 0x3c7, 0xff);
    ck_assert_uint_eq(inb(&rig.b, 0x3c9), 3);
    outb(&rig.b, 0x3c6, 0x5a);
    ck_assert_uint_eq(inb(&rig.b, 0x3c6), 0x5a);
}
END_TEST

/* Of each mode: the dot clock, dots of a line and those with picture, lines and so on. */
static const struct {
    const struct rig_mode *mode;
    u64 hz;
    u32 line, shown, lines, v_shown, sync, sync_end;
} timings[] = {
    {&rig_text, 28322000, 900, 720, 449, 400, 412, 414},
    {&rig_chain4, 25175000, 800, 640, 449, 400, 412, 414},
    {&rig_planar640, 25175000, 800, 640, 525, 480, 490, 492},
    {&rig_cga4, 12587500, 400, 320, 449, 400, 412, 414},
};

static void status_at(u64 dots, u64 hz, u8 before, u8 after)
{
    u64 ns = ticks_to_ns(dots, hz);

    bench_until(&rig.b, ns - 1);
    ck_assert_uint_eq(inb(&rig.b, 0x3da), before);
    bench_until(&rig.b, ns);
    ck_assert_uint_eq(inb(&rig.b, 0x3da), after);
}

START_TEST(test_timing)
{
    u64 hz = timings[_i].hz, line = timings[_i].line;

    rig_set_mode(&rig, timings[_i].mode);
    ck_assert_uint_eq(inb(&rig.b, 0x3da), 0);
    for (u64 frame = 0; frame < 1000; frame += 333) {
        u64 top = frame * line * timings[_i].lines;

        if (frame)
            status_at(top, hz, 1, 0);
        status_at(top + timings[_i].shown, hz, 0, 1);
        status_at(top + line, hz, 1, 0);
        status_at(top + (timings[_i].v_shown - 1) * line + timings[_i].shown, hz, 0, 1);
        status_at(top + timings[_i].v_shown * line, hz, 1, 1);
        status_at(top + timings[_i].sync * line, hz, 1, 9);
        status_at(top + timings[_i].sync_end * line, hz, 9, 1);
    }
}
END_TEST

/* With everything zero there are still frames, of two lines with five characters. */
START_TEST(test_no_timing)
{
    u8 seen = 0;

    outb(&rig.b, 0x3c2, 1);
    for (unsigned i = 0; i < 1000; i++) {
        bench_pass(&rig.b, 100);
        seen |= inb(&rig.b, 0x3da);
    }
    ck_assert_uint_eq(seen, 0x09);
}
END_TEST

START_TEST(test_start_address)
{
    u64 sync = ticks_to_ns(412 * 800, 25175000), frame = ticks_to_ns(449 * 800, 25175000);

    rig_set_mode(&rig, &rig_chain4);
    bench_pass(&rig.b, 1000);
    rig_index(&rig, 0x3d4, 0x0c, 0x12);
    ck_assert_uint_eq(vga_start(&rig.vga), 0);
    bench_until(&rig.b, sync - 1);
    rig_index(&rig, 0x3d4, 0x0d, 0x34);
    ck_assert_uint_eq(vga_start(&rig.vga), 0);
    bench_until(&rig.b, sync);
    ck_assert_uint_eq(vga_start(&rig.vga), 0x1234);
    /* Written in two frames: each retrace takes what is there, whoever looks or not. */
    rig_index(&rig, 0x3d4, 0x0c, 0x56);
    bench_until(&rig.b, sync + frame);
    rig_index(&rig, 0x3d4, 0x0d, 0x78);
    ck_assert_uint_eq(vga_start(&rig.vga), 0x5634);
    bench_until(&rig.b, sync + 100 * frame);
    ck_assert_uint_eq(vga_start(&rig.vga), 0x5678);
}
END_TEST

static void fill(u64 seed)
{
    for (unsigned i = 0; i < 3000; i++) {
        u64 r = bench_random(&seed);

        rig_poke(&rig, 0xa0000 + (r & 0x1ffff), (u8)(r >> 32));
    }
}

START_TEST(test_reset)
{
    rig_set_mode(&rig, &rig_chain4);
    fill(1);
    rig_draw(&rig, false);
    ck_assert_uint_eq(rig.s.width, 640);
    ck_assert_uint_ne(rig.vga.direct, VGA_UNMAPPED);
    vga_reset(&rig.vga);
    rig_draw(&rig, false);
    ck_assert_uint_eq(rig.s.width, 0);
    ck_assert_uint_eq(rig.s.height, 0);
    ck_assert(rig.s.resized);
    ck_assert_uint_eq(rig.vga.direct, VGA_UNMAPPED);
    ck_assert_uint_eq(phys_load(&rig.phys, 0xa0000, 4), 0xffffffff); /* memory is closed */
    ck_assert_uint_eq(inb(&rig.b, 0x3cc), 0);
    ck_assert_uint_eq(inb(&rig.b, 0x3c6), 0xff);
    ck_assert_uint_eq(rig_dispi_get(&rig, DISPI_ID), 0xb0c5);
    rig_draw(&rig, false);
    ck_assert(!rig.s.resized);
}
END_TEST

static void copy_state(const struct state *from, struct rig *to, bool *failed)
{
    struct state load;

    state_init_load(&load, from->data, from->len);
    vga_state(&to->vga, &load);
    *failed = load.failed;
    state_free(&load);
}

/* A machine that got another's state goes on as that does: registers, memory, picture, time. */
static const struct rig_mode *const state_modes[] = {&rig_text, &rig_chain4, &rig_planar640};

START_TEST(test_state)
{
    struct state save, again;
    struct rig other;
    bool failed;

    rig_set_mode(&rig, state_modes[_i % 3]);
    fill(_i);
    if (_i == 3) {
        rig_dispi(&rig, DISPI_XRES, 320);
        rig_dispi(&rig, DISPI_YRES, 200);
        rig_dispi(&rig, DISPI_BPP, 32);
        rig_dispi(&rig, DISPI_ENABLE, 1);
        rig_dispi(&rig, DISPI_BANK, 3);
        fill(5);
    }
    rig_index(&rig, 0x3d4, 0x0d, 0x20);
    bench_pass(&rig.b, 32345678);
    vga_start(&rig.vga);
    rig_index(&rig, 0x3d4, 0x0d, 0x50); /* waits for the retrace */
    outb(&rig.b, 0x3c8, 7);
    outb(&rig.b, 0x3c9, 9); /* a third of a colour */
    rig_draw(&rig, false);
    state_init_save(&save);
    vga_state(&rig.vga, &save);
    ck_assert(!save.failed);

    rig_init(&other);
    rig_set_mode(&other, &rig_planar640);
    phys_store(&other.phys, RIG_LFB + 0x800000, 0x12345678, 4); /* goes */
    bench_until(&other.b, clock_now(&rig.b.clock));
    copy_state(&save, &other, &failed);
    ck_assert(!failed);
    ck_assert_uint_eq(phys_load(&other.phys, RIG_LFB + 0x800000, 4), 0);
    state_init_save(&again);
    vga_state(&other.vga, &again);
    ck_assert_uint_eq(again.len, save.len + PAGE_SIZE); /* that page, of zeros now */
    rig_draw(&other, false);
    ck_assert_uint_eq(picture_hash(&other.s), picture_hash(&rig.s));
    bench_pass(&rig.b, 20000000);
    bench_pass(&other.b, 20000000);
    outb(&rig.b, 0x3c9, 8);
    outb(&rig.b, 0x3c9, 7);
    outb(&other.b, 0x3c9, 8);
    outb(&other.b, 0x3c9, 7);
    for (unsigned i = 0; i < 0x10000; i += 4)
        ck_assert_uint_eq(phys_load(&rig.phys, 0xa0000 + i, 4),
                          phys_load(&other.phys, 0xa0000 + i, 4));
    rig_draw(&rig, false);
    rig_draw(&other, false);
    ck_assert_uint_eq(picture_hash(&other.s), picture_hash(&rig.s));
    ck_assert_uint_eq(inb(&rig.b, 0x3da), inb(&other.b, 0x3da));
    rig_free(&other);
    state_free(&again);
    state_free(&save);
}
END_TEST

/* Damaged states: refused or taken, but nothing breaks afterwards. */
START_TEST(test_bad_state)
{
    struct state save;
    u64 seed = 77;
    bool failed;

    rig_set_mode(&rig, &rig_chain4);
    fill(3);
    state_init_save(&save);
    vga_state(&rig.vga, &save);
    for (unsigned i = 0; i < 3000; i++) {
        size_t at = bench_random(&seed) % 1100; /* the registers, and some of the memory's map */
        u8 old = save.data[at];

        if (at < 20)
            continue;
        save.data[at] = (u8)bench_random(&seed);
        copy_state(&save, &rig, &failed);
        phys_store(&rig.phys, 0xa0000 + (bench_random(&seed) & 0x1ffff), 0x1234, 4);
        bench_pass(&rig.b, 1000000);
        inb(&rig.b, 0x3da);
        if (i % 16 == 0)
            rig_draw(&rig, false);
        save.data[at] = old;
    }
    state_free(&save);
}
END_TEST

/* Random accesses to all ports, to memory and the frame buffer, and pictures now and then. */
static void fuzz(u64 seed, unsigned rounds)
{
    static struct text_screen text;

    for (unsigned i = 0; i < rounds; i++) {
        u64 r = bench_random(&seed);

        bench_fuzz(&rig.b, 0x3b0, 0x30, 300, r | 1);
        bench_fuzz(&rig.b, 0x1ce, 3, 20, r >> 3 | 1);
        rig_dispi(&rig, (u16)(r & 15), (u16)(r >> 8 & (r & 16 ? 0x3ff : 0x2f)));
        if (r >> 60 == 0)
            rig_set_mode(&rig, r & 1 ? &rig_chain4 : &rig_text);
        for (unsigned j = 0; j < 100; j++) {
            r = bench_random(&seed);
            phys_store(&rig.phys, 0xa0000 + (r & 0x1ffff), r >> 32, 1u << (r >> 20 & 3));
            phys_load(&rig.phys, 0xa0000 + (r >> 24 & 0x1ffff), 1u << (r >> 20 & 3));
        }
        phys_store(&rig.phys, RIG_LFB + (r % (VGA_MEMORY - 8)), r, 8);
        if (i % 8 == 0) {
            outb(&rig.b, 0x3c3, 1);
            inb(&rig.b, 0x3da);
            inb(&rig.b, 0x3ba);
            outb(&rig.b, 0x3c0, 0x20);
            rig_index(&rig, 0x3c4, 0, 3);
            rig_draw(&rig, r & 1);
            rig.vga.display.text(rig.vga.display.opaque, &text);
            ck_assert_uint_le(rig.s.dirty_bottom, rig.s.height);
        }
    }
}

START_TEST(test_fuzz)
{
    fuzz(4711 + (u64)_i, 300);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("vga_regs");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, test_bits, 0, ARRAY_SIZE(registers));
    tcase_add_test(tc, test_attribute);
    tcase_add_test(tc, test_addresses);
    tcase_add_test(tc, test_protection);
    tcase_add_test(tc, test_dac);
    tcase_add_loop_test(tc, test_timing, 0, ARRAY_SIZE(timings));
    tcase_add_test(tc, test_no_timing);
    tcase_add_test(tc, test_start_address);
    tcase_add_test(tc, test_reset);
    tcase_add_loop_test(tc, test_state, 0, 4);
    tcase_add_test(tc, test_bad_state);
    tcase_add_loop_test(tc, test_fuzz, 0, 4);
    return bench_main(tc, "vga_regs");
}
