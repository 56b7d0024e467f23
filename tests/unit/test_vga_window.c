/* Tests of the window at 0xa0000 against a model that works bit by bit, and of the places where display
 * memory is RAM: chain-4, banks, the linear frame buffer. */
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

/* Planes and latches, as the Technical Reference describes them. */
static struct model {
    u8 plane[4][65536], latch[4];
    u8 seq[5], gfx[9], misc;
} model;

static void set(u16 port, u8 index, u8 value)
{
    rig_index(&rig, port, index, value);
    if (port == 0x3c4)
        model.seq[index] = value;
    else
        model.gfx[index] = value;
}

static void set_misc(u8 value)
{
    outb(&rig.b, 0x3c2, value);
    model.misc = value;
}

/* The plane offset for an address; false: not in the window. */
static bool model_locate(u32 pa, u32 *offset, unsigned *planes, unsigned *plane)
{
    static const u32 first[] = {0xa0000, 0xa0000, 0xb0000, 0xb8000};
    static const u32 last[] = {0xbffff, 0xaffff, 0xb7fff, 0xbffff};
    unsigned map = model.gfx[6] >> 2 & 3;

    if (!(model.misc & 2) || pa < first[map] || pa > last[map])
        return false;
    *offset = (pa - first[map]) % 65536;
    *planes = 15;
    *plane = model.gfx[4] & 3;
    if (model.seq[4] & 8) {
        *plane = pa % 4;
        *planes = 1u << *plane;
        *offset -= *offset % 4;
    } else {
        if (!(model.seq[4] & 4))
            *planes = pa % 2 ? 2 | 8 : 1 | 4;
        if (model.gfx[5] & 0x10)
            *plane = (*plane & ~1u) + pa % 2;
        if (model.gfx[6] & 2)
            *offset -= *offset % 2;
    }
    *planes &= model.seq[2];
    return true;
}

static u8 model_read(u32 pa)
{
    u32 offset;
    unsigned planes, plane;
    u8 value = 0;

    if (!model_locate(pa, &offset, &planes, &plane))
        return 0xff;
    for (unsigned p = 0; p < 4; p++)
        model.latch[p] = model.plane[p][offset];
    if (!(model.gfx[5] & 8))
        return model.latch[plane];
    for (unsigned bit = 0; bit < 8; bit++) {
        bool same = true;

        for (unsigned p = 0; p < 4; p++)
            if (model.gfx[7] >> p & 1)
                same &= (model.latch[p] >> bit & 1) == (model.gfx[2] >> p & 1);
        value |= (u8)(same << bit);
    }
    return value;
}

static void model_write(u32 pa, u8 value)
{
    unsigned mode = model.gfx[5] & 3, rotate = model.gfx[3] & 7, function = model.gfx[3] >> 3 & 3;
    u32 offset;
    unsigned planes, plane;

    if (!model_locate(pa, &offset, &planes, &plane))
        return;
    for (unsigned p = 0; p < 4; p++) {
        if (!(planes >> p & 1))
            continue;
        for (unsigned bit = 0; bit < 8; bit++) {
            bool rotated = value >> (bit + rotate) % 8 & 1;
            bool latch = model.latch[p] >> bit & 1;
            bool mask = model.gfx[8] >> bit & 1;
            bool data = rotated;

            if (mode == 0 && (model.gfx[1] >> p & 1))
                data = model.gfx[0] >> p & 1;
            if (mode == 2)
                data = value >> p & 1;
            if (mode == 3) {
                data = model.gfx[0] >> p & 1;
                mask &= rotated;
            }
            if (function == 1)
                data &= latch;
            else if (function == 2)
                data |= latch;
            else if (function == 3)
                data ^= latch;
            if (!mask || mode == 1)
                data = latch;
            model.plane[p][offset] = (u8)((model.plane[p][offset] & ~(1 << bit)) | data << bit);
        }
    }
}

static void access(u64 *seed, u32 range)
{
    u64 r = bench_random(seed);
    u32 pa = 0xa0000 + (u32)(r % range);
    u64 size = 1u << (r >> 20 & 3), value = r >> 24, read = 0;

    if (pa + size > 0xc0000)
        return;
    if (r >> 60 & 1) {
        phys_store(&rig.phys, pa, value, (unsigned)size);
        for (unsigned i = 0; i < size; i++)
            model_write(pa + i, (u8)(value >> 8 * i));
        return;
    }
    for (unsigned i = 0; i < size; i++)
        read |= (u64)model_read(pa + i) << 8 * i;
    ck_assert_uint_eq(phys_load(&rig.phys, pa, (unsigned)size), read);
}

static void compare(void)
{
    for (u32 offset = 0; offset < 65536; offset++)
        for (unsigned p = 0; p < 4; p++)
            if (rig.vga.memory[vga_index(&rig.vga, offset) + p] != model.plane[p][offset])
                ck_abort_msg("plane %u at %04x", p, offset);
}

static void start_model(void)
{
    memset(&model, 0, sizeof(model));
    set_misc(0x03);
    set(0x3ce, 8, 0xff);
}

/* All registers at random, so that every mode meets every other. Linear memory is left out (it loads no
 * latches): that is one setting in many thousands. */
START_TEST(test_model)
{
    u64 seed = 1000 + (u64)_i;

    start_model();
    for (unsigned i = 0; i < 20000; i++) {
        u64 r = bench_random(&seed);

        if (r & 1)
            set(0x3c4, (r >> 8) % 2 ? 2 : 4, r >> 16 & 14);
        else
            set(0x3ce, (r >> 8) % 9, (u8)((r >> 8) % 9 == 6 ? r >> 16 & 0x0f : r >> 16 & 0x7b));
        if (r >> 56 == 0)
            set_misc(r >> 55 & 1 ? 3 : 1);
        if (vga_window_linear(&rig.vga))
            set(0x3ce, 8, 0x7f);
        for (unsigned j = 0; j < 4; j++)
            access(&seed, _i & 1 ? 0x20000 : 0x100);
    }
    compare();
}
END_TEST

/* Write modes by the book: one example each. */
static const struct {
    u8 mode, rotate, set_reset, enable, mask, value;
    u32 latch, expect;
} writes[] = {
    {0, 0x00, 0x0, 0x0, 0xff, 0x5a, 0, 0x5a5a5a5a},
    {0, 0x04, 0x0, 0x0, 0xff, 0x5a, 0, 0xa5a5a5a5},
    {0, 0x00, 0x5, 0x3, 0xff, 0x5a, 0, 0x5a5a00ff},
    {0, 0x00, 0x0, 0x0, 0x0f, 0x5a, 0x11223344, 0x1a2a3a4a},
    {0, 0x08, 0x0, 0x0, 0xff, 0x0f, 0x11223344, 0x01020304},
    {0, 0x10, 0x0, 0x0, 0xff, 0x0f, 0x11223344, 0x1f2f3f4f},
    {0, 0x18, 0x0, 0x0, 0xff, 0x0f, 0x11223344, 0x1e2d3c4b},
    {1, 0x1c, 0xf, 0xf, 0x00, 0x99, 0x11223344, 0x11223344},
    {2, 0x00, 0x0, 0x0, 0xff, 0x0a, 0, 0xff00ff00},
    {2, 0x00, 0x0, 0x0, 0xf0, 0x0a, 0x11223344, 0xf102f304},
    {3, 0x00, 0x5, 0x0, 0xff, 0x0f, 0x11223344, 0x102f304f},
    {3, 0x01, 0x5, 0x0, 0xf3, 0x0f, 0x11223344, 0x10a330c7},
};

START_TEST(test_writes)
{
    start_model();
    set(0x3ce, 6, 5);
    set(0x3c4, 2, 15);
    set(0x3c4, 4, 6);
    put32(rig.vga.memory + 4 * 100, writes[_i].latch);
    phys_load(&rig.phys, 0xa0000 + 100, 1);
    set(0x3ce, 0, writes[_i].set_reset);
    set(0x3ce, 1, writes[_i].enable);
    set(0x3ce, 3, writes[_i].rotate);
    set(0x3ce, 5, writes[_i].mode);
    set(0x3ce, 8, writes[_i].mask);
    rig_poke(&rig, 0xa0000 + 101, writes[_i].value);
    ck_assert_uint_eq(get32(rig.vga.memory + 4 * 101), writes[_i].expect);
}
END_TEST

/* Mode 13h becomes RAM after a while, and window again; what is in the planes is the same. */
START_TEST(test_chain4)
{
    u64 seed = 5;

    start_model();
    set(0x3c4, 2, 15);
    set(0x3c4, 4, 6);
    for (unsigned i = 0; i < 2000; i++) {
        set(0x3c4, 2, bench_random(&seed) & 15);
        access(&seed, 0x10000);
    }
    for (unsigned round = 0; round < 8; round++) {
        unsigned flushes = rig.flushes;

        set(0x3c4, 2, 15);
        set(0x3c4, 4, 0x0e);
        set(0x3ce, 5, 0x40);
        set(0x3ce, 6, 5);
        ck_assert_uint_eq(rig.vga.direct, VGA_UNMAPPED);
        for (unsigned i = 0; i < 4000; i++)
            access(&seed, 0x20000);
        ck_assert_uint_eq(rig.vga.direct, 0);
        ck_assert_uint_eq(rig.flushes, flushes + 1);
        ck_assert(phys_is_ram(&rig.phys, 0xa0000, 0x10000));
        ck_assert(!phys_is_ram(&rig.phys, 0xaffff, 2));
        compare();
        if (round & 1)
            set(0x3ce, 8, 0xfe);
        else
            set(0x3c4, 4, 0x06);
        ck_assert_uint_eq(rig.vga.direct, VGA_UNMAPPED);
        ck_assert(!phys_is_ram(&rig.phys, 0xa0000, 1));
        ck_assert_uint_eq(rig.flushes, flushes + 2);
        /* RAM loads no latches. */
        ck_assert_uint_eq(phys_load(&rig.phys, 0xa0000, 1), model_read(0xa0000));
        for (unsigned p = 0; p < 4; p++) { /* by planes */
            set(0x3ce, 4, (u8)p);
            for (unsigned i = 0; i < 500; i++)
                access(&seed, 0x10000);
        }
        set(0x3ce, 8, 0xff);
        compare();
    }
}
END_TEST

/* Guests that toggle the mode all the time never get RAM, nor the costs of it. */
START_TEST(test_patience)
{
    start_model();
    set(0x3ce, 5, 0x40);
    set(0x3ce, 6, 5);
    set(0x3c4, 2, 15);
    rig.flushes = 0;
    for (unsigned i = 0; i < 1000; i++) {
        set(0x3c4, 4, 0x0e);
        for (unsigned j = 0; j < 10; j++)
            phys_store(&rig.phys, 0xa0000 + j, j, 1);
        set(0x3c4, 4, 0x06);
    }
    ck_assert_uint_eq(rig.flushes, 0);
}
END_TEST

static void vbe(u16 x, u16 y, u16 bpp, u16 enable)
{
    rig_dispi(&rig, DISPI_ENABLE, 0);
    rig_dispi(&rig, DISPI_XRES, x);
    rig_dispi(&rig, DISPI_YRES, y);
    rig_dispi(&rig, DISPI_BPP, bpp);
    rig_dispi(&rig, DISPI_ENABLE, enable);
}

/* Banks are pieces of the frame buffer, each way. */
START_TEST(test_banks)
{
    set_misc(3);
    vbe(1024, 768, 32, 0x41);
    for (u32 bank = 0; bank < 256; bank += 51) {
        rig_dispi(&rig, DISPI_BANK, (u16)bank);
        phys_store(&rig.phys, 0xa1234, 0x11111111 * (bank / 51 + 1), 4);
        phys_store(&rig.phys, RIG_LFB + bank * 0x10000 + 0xfffc, bank, 4);
    }
    for (u32 bank = 0; bank < 256; bank += 51) {
        ck_assert_uint_eq(phys_load(&rig.phys, RIG_LFB + bank * 0x10000 + 0x1234, 4),
                          0x11111111 * (bank / 51 + 1));
        rig_dispi(&rig, DISPI_BANK, (u16)bank);
        ck_assert_uint_eq(phys_load(&rig.phys, 0xafffc, 4), bank);
        ck_assert_uint_eq(phys_load(&rig.phys, 0xb0000, 4), 0xffffffff);
    }
    rig_dispi(&rig, DISPI_BANK, 256); /* there is none */
    ck_assert_uint_eq(rig_dispi_get(&rig, DISPI_BANK), 255);
    outb(&rig.b, 0x3c2, 1); /* the window is closed */
    ck_assert_uint_eq(phys_load(&rig.phys, 0xafffc, 4), 0xffffffff);
    outb(&rig.b, 0x3c2, 3);
    ck_assert_uint_eq(phys_load(&rig.phys, 0xafffc, 4), 255);
    rig_dispi(&rig, DISPI_ENABLE, 0);
    ck_assert_uint_eq(rig.vga.direct, VGA_UNMAPPED);
}
END_TEST

/* A VBE mode out of mode 13h, and back: the layout follows. */
START_TEST(test_vbe_after_chain4)
{
    rig_set_mode(&rig, &rig_chain4);
    for (u32 i = 0; i < 0x10000; i += 4)
        phys_store(&rig.phys, 0xa0000 + i, i * 0x9e3779b9u, 4);
    ck_assert(rig.vga.chained);
    vbe(640, 480, 8, 0xc1); /* memory is kept */
    ck_assert(!rig.vga.chained);
    for (u32 i = 0; i < 0x10000; i += 4)
        ck_assert_uint_eq(phys_load(&rig.phys, RIG_LFB + i * 4, 4), i * 0x9e3779b9u);
    rig_dispi(&rig, DISPI_ENABLE, 0);
    for (u32 i = 0; i < 0x10000; i += 4)
        ck_assert_uint_eq(phys_load(&rig.phys, 0xa0000 + i, 4), i * 0x9e3779b9u);
    vbe(640, 480, 8, 0x41); /* and cleared */
    ck_assert_uint_eq(phys_load(&rig.phys, RIG_LFB + 640 * 480 - 4, 4), 0);
}
END_TEST

START_TEST(test_planar_banks)
{
    rig_set_mode(&rig, &rig_planar640);
    vbe(800, 600, 4, 0x41);
    for (u16 bank = 0; bank < 64; bank++) {
        rig_dispi(&rig, DISPI_BANK, bank);
        for (unsigned p = 0; p < 4; p++) {
            rig_index(&rig, 0x3c4, 2, (u8)(1 << p));
            rig_poke(&rig, 0xa4321, (u8)(bank * 4 + p));
        }
    }
    rig_dispi(&rig, DISPI_BANK, 64); /* there is none */
    for (u16 bank = 0; bank < 64; bank++) {
        rig_dispi(&rig, DISPI_BANK, bank);
        for (unsigned p = 0; p < 4; p++) {
            rig_index(&rig, 0x3ce, 4, (u8)p);
            ck_assert_uint_eq(phys_load(&rig.phys, 0xa4321, 1), bank * 4 + p);
            ck_assert_uint_eq(phys_load(&rig.phys, RIG_LFB + 4 * (bank * 0x10000u + 0x4321) + p, 1),
                              bank * 4 + p);
        }
    }
}
END_TEST

START_TEST(test_lfb_moves)
{
    static const u32 places[] = {0xd0000000, 0x80000000, VGA_UNMAPPED, 0xff000000, RIG_LFB};
    u32 before = RIG_LFB;

    for (unsigned i = 0; i < ARRAY_SIZE(places); i++) {
        if (before != VGA_UNMAPPED)
            phys_store(&rig.phys, before + 0xfffff0, 0x1000 + i, 4);
        vga_map_lfb(&rig.vga, places[i]);
        ck_assert_uint_eq(rig.flushes, i + 2); /* one is the set-up's */
        if (before != VGA_UNMAPPED)
            ck_assert_uint_eq(phys_load(&rig.phys, before + 0xfffff0, 4), 0xffffffff);
        if (places[i] != VGA_UNMAPPED)
            ck_assert_uint_eq(phys_load(&rig.phys, places[i] + 0xfffff0, 4),
                              before == VGA_UNMAPPED ? 0x1000 + i - 1 : 0x1000 + i);
        before = places[i];
    }
    vga_map_lfb(&rig.vga, 0xfff00000); /* does not fit below 4 GiB */
    ck_assert_uint_eq(rig.vga.lfb, VGA_UNMAPPED);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("vga_window");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, test_model, 0, 6);
    tcase_add_loop_test(tc, test_writes, 0, ARRAY_SIZE(writes));
    tcase_add_test(tc, test_chain4);
    tcase_add_test(tc, test_patience);
    tcase_add_test(tc, test_banks);
    tcase_add_test(tc, test_vbe_after_chain4);
    tcase_add_test(tc, test_planar_banks);
    tcase_add_test(tc, test_lfb_moves);
    return bench_main(tc, "vga_window");
}
