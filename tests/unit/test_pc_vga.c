/* The VGA on the board: guests that draw by translated stores, whose pictures are drawn in pieces and must be
 * what a draw of everything gives, and the same on each engine. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/seg.h"
#include "devices/board/pc.h"
#include "tests/unit/picture.h"

#define CODE 0x1000u

/* ES is whatever segment the test gives it, of 4 GiB:
 *     L: mov es:[edi],eax; add eax,0x01030507; add edi,0x1234; and edi,MASK; jmp L */
#define G_FILL(mask)                                                                               \
    "\x26\x67\x66\x89\x07\x66\x05\x07\x05\x03\x01\x66\x81\xc7\x34\x12\x00\x00\x66\x81\xe7" mask    \
    "\xeb\xe5"
static const char fill_lfb[] = G_FILL("\xff\xff\x1f\x00");
static const char fill_window[] = G_FILL("\xff\xff\x00\x00");
/* The same with the sequencer switched between two stores, so that the window changes under the code:
 * L: mov es:[edi],eax; xor bl,8; mov al,4... in: dx = 3c4, bh = bl = 0e
 *    mov cx,ax; mov al,4; mov ah,bl; out dx,ax; mov ax,cx; add eax..; add edi..; and edi..; jmp L */
static const char toggle[] = "\x26\x67\x66\x89\x07\x80\xf3\x08\x89\xc1\xb0\x04\x88\xdc\xef\x89\xc8"
                             "\x66\x05\x07\x05\x03\x01\x66\x81\xc7\x34\x12\x00\x00"
                             "\x66\x81\xe7\xff\xff\x00\x00\xeb\xd7";

struct guest {
    const char *code;
    unsigned len;
    u32 base; /* of ES */
};

static void load(struct pc *pc, void *opaque)
{
    const struct guest *guest = opaque;
    struct cpu *cpu = pc_cpu(pc);

    phys_poke(pc_phys(pc), CODE, guest->code, guest->len);
    seg_set_real(cpu, SREG_CS, 0);
    seg_set(cpu, SREG_ES, 0, guest->base, 0xffffffff, cpu->seg[SREG_ES].attr);
    cpu->eip = CODE;
    cpu->r[R_EDX] = 0x3c4;
    cpu->r[R_EBX] = 0x0e;
    cpu_update_mode(cpu);
}

static void out(struct pc *pc, u16 port, u32 value, unsigned size)
{
    pc_cpu(pc)->hooks.port_out(pc_cpu(pc)->hooks.opaque, port, value, size);
}

static void out_index(struct pc *pc, u16 port, unsigned index, unsigned value)
{
    out(pc, port, value << 8 | index, 2);
}

/* 320x200 in 256 colours, memory in chain-4. */
static void set_chain4(struct pc *pc)
{
    static const u8 crtc[25] = {0x5f, 0x4f, 0x50, 0x82, 0x54, 0x80, 0xbf, 0x1f, 0x00,
                                0x41, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x9c, 0x0e,
                                0x8f, 0x28, 0x40, 0x96, 0xb9, 0xa3, 0xff};
    static const u8 seq[5] = {0x03, 0x01, 0x0f, 0x00, 0x0e};
    static const u8 gfx[9] = {0x00, 0x00, 0x00, 0x00, 0x00, 0x40, 0x05, 0x0f, 0xff};

    out(pc, 0x3c2, 0x63, 1);
    for (unsigned i = 0; i < ARRAY_SIZE(seq); i++)
        out_index(pc, 0x3c4, i, seq[i]);
    for (unsigned i = 0; i < ARRAY_SIZE(crtc); i++)
        out_index(pc, 0x3d4, i, crtc[i]);
    for (unsigned i = 0; i < ARRAY_SIZE(gfx); i++)
        out_index(pc, 0x3ce, i, gfx[i]);
    out(pc, 0x3c0, 0x10, 1);
    out(pc, 0x3c0, 0x41, 1);
    out(pc, 0x3c0, 0x20, 1);
}

static void set_colors(struct pc *pc)
{
    out(pc, 0x3c8, 0, 1);
    for (unsigned i = 0; i < 256; i++) {
        out(pc, 0x3c9, i & 63, 1);
        out(pc, 0x3c9, i >> 2, 1);
        out(pc, 0x3c9, 63 - (i & 63), 1);
    }
}

static void set_vbe(struct pc *pc, unsigned x, unsigned y, unsigned bpp)
{
    const unsigned values[] = {x, y, bpp, 0x41};

    for (unsigned i = 0; i < 4; i++) {
        out(pc, 0x1ce, 1 + i, 2);
        out(pc, 0x1cf, values[i], 2);
    }
    out(pc, 0x3c2, 0x63, 1);
    out(pc, 0x3c0, 0x20, 1);
}

enum kind { LFB32, LFB8, BANKS, CHAIN4, TOGGLE, KINDS };

static const struct guest guests[KINDS] = {
    {fill_lfb, sizeof(fill_lfb) - 1, 0xe0000000},
    {fill_lfb, sizeof(fill_lfb) - 1, 0xe0000000},
    {fill_window, sizeof(fill_window) - 1, 0xa0000},
    {fill_window, sizeof(fill_window) - 1, 0xa0000},
    {toggle, sizeof(toggle) - 1, 0xa0000},
};
static const char *const names[KINDS] = {"lfb32", "lfb8", "banks", "chain4", "toggle"};

/* The hash of the last picture. */
static u64 run(enum kind kind, const char *engine, u32 tlb_limit)
{
    struct pc_config config = {
        .ram_size = 2 * MIB,
        .clock = CLOCK_INSN,
        .translate.engine = engine,
        .tlb_limit = tlb_limit,
        .isa_only = true, /* the frame buffer is at 0xe0000000 */
    };
    struct surface s = {0};
    struct display *display;
    char err[200];
    struct pc *pc = pc_new(&config, err, sizeof(err));
    unsigned dirty = 0;
    u64 hash = 0;
    int status;

    ck_assert_msg(pc != NULL, "%s", err);
    display = pc_display(pc);
    pc_on_reset(pc, load, (void *)(uintptr_t)&guests[kind]);
    pc_run_insns(pc, 0, &status);
    switch (kind) {
    case LFB32: set_vbe(pc, 800, 600, 32); break;
    case LFB8: set_vbe(pc, 1024, 768, 8); break;
    case BANKS: set_vbe(pc, 640, 480, 16); break;
    case CHAIN4:
    case TOGGLE: set_chain4(pc); break;
    case KINDS: break;
    }
    set_colors(pc);
    for (unsigned i = 0; i < 60; i++) {
        if (kind == BANKS) {
            out(pc, 0x1ce, 5, 2);
            out(pc, 0x1cf, i % 10, 2);
        }
        pc_run_insns(pc, i % 3 ? 700 : 20000, &status);
        display->draw(display->opaque, &s, false);
        dirty += s.dirty_top != s.dirty_bottom;
        hash = picture_hash(&s);
        if (i % 3 == 0) {
            display->draw(display->opaque, &s, true);
            ck_assert_uint_eq(picture_hash(&s), hash);
        }
    }
    ck_assert_uint_ge(dirty, 40);
    if (!engine)
        picture_write(&s, names[kind]);
    pc_free(pc);
    free(s.pixel);
    return hash;
}

START_TEST(test_pictures)
{
    u64 hash = run((enum kind)_i, NULL, 0);

    ck_assert_uint_eq(run((enum kind)_i, "interp", 0), hash);
    ck_assert_uint_eq(run((enum kind)_i, NULL, 1), hash);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pc_vga");
    TCase *tc = tcase_create("pc_vga");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, test_pictures, 0, KINDS);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
