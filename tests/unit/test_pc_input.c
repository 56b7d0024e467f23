/* Keyboard and floppy drives on the board: keys and lights through pc.h, drives and boot order in
 * CMOS RAM. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/seg.h"
#include "devices/board/pc.h"

#define CODE 0x1000u /* where guests start, CS = 0 */
#define ISR  0x1100u

/* fa .. 80: cli; ds = ss = 0; sp = 0x8000. Vector 0x21 at ISR; the master PIC's ICWs and only IRQ
 * 1 open; xor cx,cx; sti; L: nop; cmp cx,4; jb L; then status 7 by isa-debug-exit. */
static const char keys[] =
    "\xfa\x31\xc0\x8e\xd8\x8e\xd0\xbc\x00\x80\xc7\x06\x84\x00\x00\x11\xc7\x06\x86\x00\x00\x00"
    "\xb0\x11\xe6\x20\xb0\x20\xe6\x21\xb0\x04\xe6\x21\xb0\x01\xe6\x21\xb0\xfd\xe6\x21\x31\xc9"
    "\xfb\x90\x83\xf9\x04\x72\xfa\xb0\x03\xba\x01\x05\xee\xeb\xfe";
/* in al,0x60; out 0xe9,al; mov al,0x20; out 0x20,al; inc cx; iret */
static const char isr[] = "\xe4\x60\xe6\xe9\xb0\x20\xe6\x20\x41\xcf";
/* mov al,0xed; out 0x60,al; L: in al,0x64; test al,1; jz L; in al,0x60; mov al,5; out 0x60,al;
 * exit */
static const char lights[] = "\xb0\xed\xe6\x60\xe4\x64\xa8\x01\x74\xfa\xe4\x60\xb0\x05\xe6\x60"
                             "\xb0\x00\xba\x01\x05\xee\xeb\xfe";

static void load(struct pc *pc, void *code)
{
    phys_poke(pc_phys(pc), CODE, code, sizeof(keys));
    phys_poke(pc_phys(pc), ISR, isr, sizeof(isr));
    seg_set_real(pc_cpu(pc), SREG_CS, 0);
    pc_cpu(pc)->eip = CODE;
    cpu_update_mode(pc_cpu(pc));
}

static struct pc_config config_default(void)
{
    return (struct pc_config){
        .ram_size = 2 * MIB,
        .clock = CLOCK_INSN,
        .debugcon_iobase = 0xe9,
        .debug_exit = true,
        .debug_exit_iobase = 0x501,
        .debug_exit_iosize = 2,
        .no_reboot = true,
    };
}

static struct pc *machine(const struct pc_config *config, const char *code, size_t len)
{
    static char image[sizeof(keys)];
    char err[200] = "";
    struct pc *pc = pc_new(config, err, sizeof(err));

    ck_assert_msg(pc != NULL, "%s", err);
    memset(image, 0, sizeof(image));
    memcpy(image, code, len);
    pc_on_reset(pc, load, image);
    return pc;
}

/* Keys come in between slices, at the same instruction in either run, and give the same digests. */
START_TEST(keys_come_in)
{
    static const u64 slices[] = {1000, 77};
    char *said[2], *digests[2];
    size_t len[2];
    u64 insns[2];

    for (unsigned i = 0; i < 2; i++) {
        struct pc_config config = config_default();
        struct input *input;
        int status = -1;
        struct pc *pc;

        config.debugcon = open_memstream(&said[i], &len[0]);
        config.digest_out = open_memstream(&digests[i], &len[1]);
        config.checkpoints.every = 20000;
        pc = machine(&config, keys, sizeof(keys));
        input = pc_input(pc);
        for (u64 n = 0; n < 2000000; n += slices[i]) {
            if (n == 77000)
                input->key(input->opaque, 0x04, true);
            if (n == 154000)
                input->key(input->opaque, 0x04, false);
            if (n == 231000) /* the right arrow: two bytes */
                input->key(input->opaque, 0x4f, true);
            if (pc_run_insns(pc, slices[i], &status))
                break;
        }
        ck_assert_int_eq(status, 7);
        insns[i] = cpu_insns(pc_cpu(pc));
        pc_free(pc);
        fclose(config.debugcon);
        fclose(config.digest_out);
        ck_assert_str_eq(said[i], "\x1e\x9e\xe0\x4d");
    }
    ck_assert_uint_eq(insns[0], insns[1]);
    ck_assert(digests[0][0]);
    ck_assert_str_eq(digests[0], digests[1]);
    for (unsigned i = 0; i < 2; i++) {
        free(said[i]);
        free(digests[i]);
    }
}
END_TEST

static void see_leds(void *opaque, unsigned leds)
{
    *(unsigned *)opaque = leds;
}

START_TEST(lights_go_on)
{
    struct pc_config config = config_default();
    struct pc *pc = machine(&config, lights, sizeof(lights));
    unsigned leds = 0;

    pc_on_leds(pc, see_leds, &leds);
    ck_assert_int_eq(pc_run(pc), 1);
    ck_assert_uint_eq(leds, 5);
    pc_free(pc);
}
END_TEST

static unsigned cmos(struct pc *pc, u8 index)
{
    const struct cpu_hooks *hooks = &pc_cpu(pc)->hooks;

    hooks->port_out(hooks->opaque, 0x70, index, 1);
    return hooks->port_in(hooks->opaque, 0x71, 1);
}

static int no_access(struct block *block, u64 sector, void *data, u32 count)
{
    (void)block, (void)sector, (void)data, (void)count;
    return -1;
}

/* What the floppies and the boot order are in CMOS RAM; and one disk that is too large. */
START_TEST(floppies)
{
    static const struct {
        u64 a, b; /* sectors */
        const char *boot;
        unsigned types, equipment, boot12, boot3;
    } rows[] = {
        {0, 0, "", 0x40, 0x07, 0x00, 0x00},
        {2880, 0, "a", 0x40, 0x07, 0x01, 0x00},
        {5760, 720, "cad", 0x51, 0x47, 0x12, 0x30},
        {2400, 1440, "dc", 0x24, 0x47, 0x23, 0x00},
    };
    static const struct block_ops ops = {.read = no_access};
    struct block disks[2] = {{.ops = &ops}, {.ops = &ops}};
    struct pc_config config = config_default();
    char err[200] = "";

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        struct pc *pc;

        disks[0].sectors = rows[i].a;
        disks[1].sectors = rows[i].b;
        config.floppy[0] = rows[i].a ? &disks[0] : NULL;
        config.floppy[1] = rows[i].b ? &disks[1] : NULL;
        strcpy(config.boot, rows[i].boot);
        pc = machine(&config, lights, sizeof(lights));
        ck_assert_uint_eq(cmos(pc, 0x10), rows[i].types);
        ck_assert_uint_eq(cmos(pc, 0x14), rows[i].equipment);
        ck_assert_uint_eq(cmos(pc, 0x3d), rows[i].boot12);
        ck_assert_uint_eq(cmos(pc, 0x38), rows[i].boot3);
        pc_free(pc);
    }
    disks[1].sectors = 5761;
    ck_assert_ptr_null(pc_new(&config, err, sizeof(err)));
    ck_assert_ptr_nonnull(strstr(err, "drive B: 5761 sectors are more than any disk has"));
}
END_TEST

/* What hard disks are in CMOS RAM: geometry as IDE disks of 16 heads and 63 sectors have it, and
 * translation from 1025 cylinders on. A CD is no disk. */
START_TEST(disks)
{
    static const struct {
        u64 sectors;
        unsigned place;
        bool cdrom;
        unsigned types, translation, cylinders;
    } rows[] = {
        {0, 0, false, 0x00, 0x00, 0},
        {20 * 1008, 0, false, 0xf0, 0x00, 20},
        {1024 * 1008 + 1007, 1, false, 0x0f, 0x00, 1024},
        {1025 * 1008, 0, false, 0xf0, 0x01, 1025},
        {1025 * 1008, 1, false, 0x0f, 0x04, 1025},
        {1025 * 1008, 2, false, 0x00, 0x10, 0},
        {1ull << 32, 0, false, 0xf0, 0x01, 16383},
        {20 * 1008, 0, true, 0x00, 0x00, 0},
    };
    const u8 at[] = {0x1b, 0x24};

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        struct pc_config config = config_default();
        struct block block = {.sectors = rows[i].sectors};
        unsigned place = rows[i].place;
        struct pc *pc;

        if (rows[i].sectors)
            config.drive[place] = (struct pc_drive){.block = &block, .cdrom = rows[i].cdrom};
        pc = machine(&config, "", 0);
        ck_assert_uint_eq(cmos(pc, 0x12), rows[i].types);
        ck_assert_uint_eq(cmos(pc, 0x39), rows[i].translation);
        for (unsigned n = 0; n < 2; n++) {
            bool there = n == place && rows[i].cylinders;

            ck_assert_uint_eq(cmos(pc, (u8)(0x19 + n)), there ? 47 : 0);
            ck_assert_uint_eq(cmos(pc, at[n]) | cmos(pc, at[n] + 1) << 8,
                              there ? rows[i].cylinders : 0);
            ck_assert_uint_eq(cmos(pc, at[n] + 2), there ? 16 : 0);
            ck_assert_uint_eq(cmos(pc, at[n] + 8), there ? 63 : 0);
        }
        pc_free(pc);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pc_input");
    TCase *tc = tcase_create("pc_input");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tc, 30);
    tcase_add_test(tc, keys_come_in);
    tcase_add_test(tc, lights_go_on);
    tcase_add_test(tc, floppies);
    tcase_add_test(tc, disks);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed;
}
