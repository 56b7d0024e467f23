/* x87 images in all formats, pointers to the last instruction, pending exceptions, faulting memory
 * operands, FXSAVE and FXRSTOR. */
#include <check.h>
#include <string.h>

#include "cpu/cpuid.h"
#include "cpu/x87/x87.h"
#include "tests/unit/flat_cpu.h"

#define AREA 0x9000u

static struct flat_cpu flat;
static struct cpu *cpu;
static int ferr; /* what FERR# was last set to; -1: untouched */

static void on_ferr(void *opaque, bool on)
{
    (void)opaque;
    ferr = on;
}

static void setup(void)
{
    static const struct cpu_hooks hooks = {.ferr = on_ferr};

    cpu = flat_cpu_open(&flat, &hooks);
    x87_init(&cpu->x87);
    ferr = -1;
}

static void teardown(void)
{
    flat_cpu_close(&flat);
}

/* A memory form: D8+op /reg at ea; a register form: D8+op modrm. */
static void run_mem(u32 op, u32 reg, u32 ea, bool osz16)
{
    flat_call(cpu, help_x87, ea, 0x00c0ffee,
              op << 8 | reg << 3 | 5 | (u32)SREG_DS << 12 | (u32)osz16 << 16 | 1u << 17);
}

static void run_reg(u32 op, u32 modrm)
{
    flat_call(cpu, help_x87, 0, 0x00c0ffee, op << 8 | modrm);
}

/* Something in every field. TOP is 5. */
static void fill(void)
{
    struct x87 *x87 = &cpu->x87;

    x87->cw = 0x037f;
    x87->sw = 0x6a01;
    x87->tag = 0xc0c3; /* R0, R3, R7 empty */
    x87->fop = 0x5a5;
    x87->fcs = 0x1234;
    x87->fds = 0x4321;
    x87->fip = 0x00056789;
    x87->fdp = 0x000abcde;
    for (unsigned i = 0; i < 8; i++) {
        x87->r[i].frac = 0x8000000000000000 | i;
        x87->r[i].se = (u16)(0x4000 + i);
    }
    x87->r[1].frac = 0; /* unnormal: special */
    x87->r[2].frac = 0;
    x87->r[2].se = 0x8000; /* zero */
    x87->r[4].se = 0x7fff; /* NaN: special */
}

enum { FILLED_TAG = 0xc2db }; /* 3 0 0 2 3 1 2 3 from R7 down */

static const struct layout {
    const char *name;
    bool protected, osz16;
    u32 len;
    u8 bytes[28];
} layouts[] = {
    {"32-bit protected", true, false, 28, {0x7f, 0x03, 0xff, 0xff, 0x01, 0x6a, 0xff,
                                           0xff, 0xdb, 0xc2, 0xff, 0xff, 0x89, 0x67,
                                           0x05, 0x00, 0x34, 0x12, 0xa5, 0x05, 0xde,
                                           0xbc, 0x0a, 0x00, 0x21, 0x43, 0xff, 0xff}},
    {"16-bit protected",
     true,
     true,
     14,
     {0x7f, 0x03, 0x01, 0x6a, 0xdb, 0xc2, 0x89, 0x67, 0x34, 0x12, 0xde, 0xbc, 0x21, 0x43}},
    /* linear: 12340 + 56789 = 68ac9, 43210 + abcde = eeeee */
    {"32-bit real", false, false, 28, {0x7f, 0x03, 0xff, 0xff, 0x01, 0x6a, 0xff, 0xff, 0xdb, 0xc2,
                                       0xff, 0xff, 0xc9, 0x8a, 0xff, 0xff, 0xa5, 0x65, 0x00, 0x00,
                                       0xee, 0xee, 0xff, 0xff, 0x00, 0xe0, 0x00, 0x00}},
    {"16-bit real",
     false,
     true,
     14,
     {0x7f, 0x03, 0x01, 0x6a, 0xdb, 0xc2, 0xc9, 0x8a, 0xa5, 0x65, 0xee, 0xee, 0x00, 0xe0}},
};

static void set_mode(const struct layout *layout)
{
    if (!layout->protected) {
        cpu->cr0 &= ~CR0_PE;
        cpu_update_mode(cpu);
    }
}

START_TEST(fnstenv)
{
    const struct layout *layout = &layouts[_i];
    u8 got[32], after[2];

    fill();
    ck_assert_uint_eq(x87_full_tag(&cpu->x87), FILLED_TAG);
    set_mode(layout);
    phys_write(&flat.phys, AREA + layout->len, "\x55\xaa", 2);
    run_mem(1, 6, AREA, layout->osz16);
    ck_assert_int_eq(cpu->fault.vector, -1);
    phys_read(&flat.phys, AREA, got, layout->len);
    for (u32 i = 0; i < layout->len; i++)
        ck_assert_msg(got[i] == layout->bytes[i], "%s: byte %u is %02x, not %02x", layout->name, i,
                      got[i], layout->bytes[i]);
    phys_read(&flat.phys, AREA + layout->len, after, 2);
    ck_assert_mem_eq(after, "\x55\xaa", 2);
    ck_assert_uint_eq(cpu->x87.fip, 0x00056789); /* a control instruction */
}
END_TEST

START_TEST(fldenv)
{
    const struct layout *layout = &layouts[_i];
    struct x87 want;

    fill();
    want = cpu->x87;
    if (!layout->protected) {
        want.fip = 0x68ac9;
        want.fdp = 0xeeeee;
        want.fcs = want.fds = 0;
    } else if (layout->osz16) {
        want.fip &= 0xffff;
        want.fdp &= 0xffff;
    }
    x87_init(&cpu->x87);
    set_mode(layout);
    phys_write(&flat.phys, AREA, layout->bytes, layout->len);
    run_mem(1, 4, AREA, layout->osz16);
    ck_assert_int_eq(cpu->fault.vector, -1);
    ck_assert_uint_eq(cpu->x87.cw, want.cw);
    ck_assert_uint_eq(cpu->x87.sw, want.sw);
    ck_assert_uint_eq(cpu->x87.tag, want.tag);
    ck_assert_uint_eq(cpu->x87.fip, want.fip);
    ck_assert_uint_eq(cpu->x87.fdp, want.fdp);
    ck_assert_uint_eq(cpu->x87.fcs, want.fcs);
    ck_assert_uint_eq(cpu->x87.fds, want.fds);
    if (!layout->protected || !layout->osz16)
        ck_assert_uint_eq(cpu->x87.fop, want.fop);
}
END_TEST

/* FNSAVE stores ST(0) first and initialises; FRSTOR brings everything back. */
START_TEST(save_restore)
{
    const struct layout *layout = &layouts[_i];
    struct x87 before;
    u8 st0[10];

    fill();
    set_mode(layout);
    before = cpu->x87;
    run_mem(5, 6, AREA, layout->osz16);
    ck_assert_int_eq(cpu->fault.vector, -1);
    phys_read(&flat.phys, AREA + layout->len, st0, 10);
    ck_assert(get64(st0) == before.r[5].frac && get16(st0 + 8) == before.r[5].se);
    ck_assert_uint_eq(cpu->x87.cw, 0x37f);
    ck_assert_uint_eq(cpu->x87.sw, 0);
    ck_assert_uint_eq(cpu->x87.tag, 0xffff);
    memset(cpu->x87.r, 0, sizeof(cpu->x87.r));
    run_mem(5, 4, AREA, layout->osz16);
    ck_assert_int_eq(cpu->fault.vector, -1);
    ck_assert_uint_eq(cpu->x87.cw, before.cw);
    ck_assert_uint_eq(cpu->x87.sw, before.sw);
    ck_assert_uint_eq(cpu->x87.tag, before.tag);
    for (unsigned i = 0; i < 8; i++) {
        ck_assert(cpu->x87.r[i].frac == before.r[i].frac);
        ck_assert_uint_eq(cpu->x87.r[i].se, before.r[i].se);
    }
}
END_TEST

/* Against the host's FXSAVE of the same state; pointers are the guest's own. */
START_TEST(fxsave_host)
{
    static u8 host[512] __attribute__((aligned(16)));
    u8 guest[512], image[108];

    fill();
    run_mem(5, 6, AREA, false);
    phys_read(&flat.phys, AREA, image, sizeof(image));
    run_mem(5, 4, AREA, false);
    __asm__ volatile("frstor %1\n\tfxsave %0\n\tfninit"
                     : "=m"(host)
                     : "m"(image)
                     : "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)", "st(7)");

    memset(guest, 0xee, sizeof(guest));
    phys_write(&flat.phys, AREA, guest, sizeof(guest));
    flat_call(cpu, help_fxsave, AREA, 0, SREG_DS);
    ck_assert_int_eq(cpu->fault.vector, -1);
    phys_read(&flat.phys, AREA, guest, sizeof(guest));
    ck_assert_mem_eq(guest, host, 6); /* control, status, abridged tags */
    ck_assert_mem_eq(guest + 32, host + 32, 128);
    ck_assert_uint_eq(get16(guest + 6), 0x5a5);
    ck_assert_uint_eq(get32(guest + 8), 0x56789);
    ck_assert_uint_eq(get16(guest + 12), 0x1234);
    ck_assert_uint_eq(get32(guest + 16), 0xabcde);
    ck_assert_uint_eq(get16(guest + 20), 0x4321);
    for (unsigned i = 24; i < 512; i++) /* MXCSR and XMM: untouched without SSE */
        if (i < 32 || i >= 160)
            ck_assert_uint_eq(guest[i], 0xee);
}
END_TEST

START_TEST(fxrstor_back)
{
    struct x87 before;

    fill();
    before = cpu->x87;
    flat_call(cpu, help_fxsave, AREA, 0, SREG_DS);
    x87_reset(&cpu->x87);
    flat_call(cpu, help_fxrstor, AREA, 0, SREG_DS);
    ck_assert_int_eq(cpu->fault.vector, -1);
    ck_assert_uint_eq(cpu->x87.cw, before.cw);
    ck_assert_uint_eq(cpu->x87.sw, before.sw);
    ck_assert_uint_eq(cpu->x87.tag, before.tag);
    ck_assert_uint_eq(cpu->x87.fip, before.fip);
    ck_assert_uint_eq(cpu->x87.fds, before.fds);
    for (unsigned i = 0; i < 8; i++)
        ck_assert(cpu->x87.r[i].frac == before.r[i].frac && cpu->x87.r[i].se == before.r[i].se);
    flat_call(cpu, help_fxsave, AREA + 8, 0, SREG_DS);
    ck_assert_int_eq(cpu->fault.vector, EXCP_GP);
    flat_call(cpu, help_fxrstor, AREA + 8, 0, SREG_DS);
    ck_assert_int_eq(cpu->fault.vector, EXCP_GP);
}
END_TEST

START_TEST(pointers)
{
    run_mem(1, 0, AREA, false); /* FLD m32 */
    ck_assert_uint_eq(cpu->x87.fip, 0x00c0ffee);
    ck_assert_uint_eq(cpu->x87.fdp, AREA);
    ck_assert_uint_eq(cpu->x87.fop, 0x105);
    ck_assert_uint_eq(cpu->x87.fcs, 8);
    ck_assert_uint_eq(cpu->x87.fds, 16);
    run_reg(0, 0xc0); /* FADD ST, ST: no memory operand */
    ck_assert_uint_eq(cpu->x87.fop, 0x0c0);
    ck_assert_uint_eq(cpu->x87.fdp, AREA);
}
END_TEST

/* 1 / 0 with ZE unmasked: ES; control instructions run, a waiting one raises #MF. */
static void pend(void)
{
    cpu->x87.cw = 0x037b;
    run_reg(1, 0xee); /* FLDZ */
    run_reg(1, 0xe8); /* FLD1 */
    run_reg(0, 0xf1); /* FDIV ST, ST(1) */
    ck_assert_int_eq(cpu->fault.vector, -1);
    ck_assert_uint_eq(cpu->x87.sw, 0xb084);
    ck_assert_uint_eq(cpu->x87.r[6].se, 0x3fff); /* no result */
}

START_TEST(pending_mf)
{
    static const u16 nowait[] = {0x7e0, 0x3e0, 0x3e1, 0x3e4};

    pend();
    for (unsigned i = 0; i < ARRAY_SIZE(nowait); i++) {
        run_reg(nowait[i] >> 8, nowait[i] & 0xff);
        ck_assert_int_eq(cpu->fault.vector, -1);
    }
    ck_assert_uint_eq(cpu->r[R_EAX] & 0xffff, 0xb084);
    run_mem(1, 7, AREA, false); /* FNSTCW */
    ck_assert_int_eq(cpu->fault.vector, -1);
    run_reg(1, 0xe8);
    ck_assert_int_eq(cpu->fault.vector, EXCP_MF);
    run_mem(1, 5, AREA, false); /* FLDCW waits */
    ck_assert_int_eq(cpu->fault.vector, EXCP_MF);
    flat_call(cpu, help_fwait, 0, 0, 0);
    ck_assert_int_eq(cpu->fault.vector, EXCP_MF);
    ck_assert_uint_eq(cpu->x87.sw, 0xb084);
    run_mem(1, 6, AREA, false); /* FNSTENV masks all */
    ck_assert_uint_eq(cpu->x87.sw, 0x3004);
    flat_call(cpu, help_fwait, 0, 0, 0);
    ck_assert_int_eq(cpu->fault.vector, -1);
    run_mem(1, 4, AREA, false); /* FLDENV brings it back */
    ck_assert_uint_eq(cpu->x87.sw, 0xb084);
    run_reg(3, 0xe2); /* FNCLEX */
    ck_assert_uint_eq(cpu->x87.sw, 0x3000);
    run_reg(1, 0xe8);
    ck_assert_int_eq(cpu->fault.vector, -1);
    ck_assert_int_eq(ferr, -1);
}
END_TEST

START_TEST(pending_ferr)
{
    cpu->cr0 &= ~CR0_NE;
    pend();
    ck_assert_int_eq(ferr, -1);
    flat_call(cpu, help_fwait, 0, 0, 0);
    ck_assert_int_eq(cpu->fault.vector, -1);
    ck_assert_int_eq(ferr, 1);
    run_reg(3, 0xe2);
    ck_assert_int_eq(ferr, 0);
}
END_TEST

/* Memory beyond the segment: the state must not have changed at all. */
START_TEST(faulting_operands)
{
    static const struct {
        u8 op, reg;
    } forms[] = {{0, 0}, {0, 3}, {1, 0}, {1, 2}, {1, 3}, {1, 4}, {1, 5}, {1, 6}, {1, 7},
                 {2, 0}, {3, 0}, {3, 3}, {3, 5}, {3, 7}, {4, 6}, {5, 0}, {5, 3}, {5, 4},
                 {5, 6}, {5, 7}, {6, 1}, {7, 0}, {7, 3}, {7, 4}, {7, 5}, {7, 6}, {7, 7}};
    struct x87 before;

    seg_set(cpu, SREG_DS, 16, 0, AREA, SEG_P | SEG_S | SEG_W | SEG_ACCESSED | SEG_DB);
    for (unsigned i = 0; i < ARRAY_SIZE(forms); i++) {
        fill();
        cpu->x87.tag = 0xc000 >> 14 << 8; /* R4, ST(7), empty: nothing else can go wrong */
        before = cpu->x87;
        run_mem(forms[i].op, forms[i].reg, AREA, false);
        ck_assert_msg(cpu->fault.vector == EXCP_GP, "d%x /%u raised %d", 8 | forms[i].op,
                      forms[i].reg, cpu->fault.vector);
        ck_assert_mem_eq(&cpu->x87, &before, sizeof(before));
    }
}
END_TEST

/* FISTTP came with SSE3. */
START_TEST(fisttp_gate)
{
    static const u16 codes[] = {0x30f, 0x50f, 0x70f}; /* DB, DD, DF /1 */

    for (unsigned i = 0; i < ARRAY_SIZE(codes); i++)
        for (unsigned has = 0; has < 2; has++) {
            cpu->model = cpu_model_find(has ? "coreduo" : "pentium4");
            flat_call(cpu, help_x87, 0x1000, 0, codes[i] | (u32)SREG_DS << 12 | 1u << 17);
            ck_assert_int_eq(cpu->fault.vector, has ? -1 : EXCP_UD);
        }
}
END_TEST

START_TEST(reset_and_init)
{
    fill();
    run_reg(3, 0xe3); /* FNINIT: registers keep their contents */
    ck_assert_uint_eq(cpu->x87.cw, 0x37f);
    ck_assert_uint_eq(cpu->x87.sw, 0);
    ck_assert_uint_eq(cpu->x87.tag, 0xffff);
    ck_assert_uint_eq(cpu->x87.fip, 0);
    ck_assert(cpu->x87.r[3].frac == 0x8000000000000003);
    x87_reset(&cpu->x87);
    ck_assert_uint_eq(cpu->x87.cw, 0x40);
    ck_assert_uint_eq(x87_full_tag(&cpu->x87), 0x5555);
    run_mem(1, 5, AREA + 0x100, false); /* FLDCW of zero: bit 6 reads as one */
    ck_assert_uint_eq(cpu->x87.cw, 0x40);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("x87_env");
    TCase *tcase = tcase_create("x87_env");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, fnstenv, 0, ARRAY_SIZE(layouts));
    tcase_add_loop_test(tcase, fldenv, 0, ARRAY_SIZE(layouts));
    tcase_add_loop_test(tcase, save_restore, 0, ARRAY_SIZE(layouts));
    tcase_add_test(tcase, fxsave_host);
    tcase_add_test(tcase, fxrstor_back);
    tcase_add_test(tcase, pointers);
    tcase_add_test(tcase, pending_mf);
    tcase_add_test(tcase, pending_ferr);
    tcase_add_test(tcase, faulting_operands);
    tcase_add_test(tcase, fisttp_gate);
    tcase_add_test(tcase, reset_and_init);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
