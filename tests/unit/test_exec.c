/* The run loop at instruction boundaries: interrupts behind the STI shadow, single-step traps,
 * budgets. On every engine, with what follows already translated and in the caches. */
#include <check.h>

#include "cpu/cpuid.h"
#include "tests/unit/flat_cpu.h"
#include "translate/translate.h"

#define CODE    0x1000u
#define FUNC    0x1800u
#define IDT     0x8000u
#define HANDLER 0x8800u /* 4 bytes a vector: HLT */
#define STACK   0xa000u
#define IRQ     0x21

struct guest {
    struct phys phys;
    struct log log;
    struct stats stats;
    struct cpu *cpu;
};

static u8 irq_ack(void *opaque)
{
    struct guest *g = opaque;

    cpu_set_intr(g->cpu, false);
    return IRQ;
}

static void put(struct guest *g, u32 pa, const void *bytes, unsigned len)
{
    phys_poke(&g->phys, pa, bytes, len);
}

#define PUT(g, pa, ...) put(g, pa, (const u8[]){__VA_ARGS__}, sizeof((const u8[]){__VA_ARGS__}))
#define LE(x)           (u8)(x), (u8)((x) >> 8), (u8)((x) >> 16), (u8)((x) >> 24)

static void new_guest(struct guest *g, int engine)
{
    struct cpu_hooks hooks = {.opaque = g, .irq_ack = irq_ack};
    struct translate_options options = {.engine = translator_engines()[engine]};

    *g = (struct guest){.log = {.out = stderr}};
    ck_assert_int_eq(phys_init(&g->phys, FLAT_RAM, &g->log, &g->stats), 0);
    ck_assert_int_eq(phys_add_ram(&g->phys, 0, FLAT_RAM), 0);
    g->cpu = cpu_new(&g->phys, NULL, &hooks, &g->log, &g->stats);
    ck_assert_ptr_nonnull(g->cpu);
    ck_assert_int_eq(translator_new(g->cpu, &options), 0);
    flat_segments(g->cpu);
    PUT(g, 0x9008, LE(0x0000ffff), LE(0x00cf9b00));
    for (u32 v = 0; v < 48; v++) {
        PUT(g, IDT + 8 * v, LE(8u << 16 | (HANDLER + 4 * v)), LE(0x8e00));
        PUT(g, HANDLER + 4 * v, 0xf4);
    }
    g->cpu->gdtr = (struct dtable){0x9000, 15};
    g->cpu->idtr = (struct dtable){IDT, 48 * 8 - 1};
}

static void free_guest(struct guest *g)
{
    translator_free(g->cpu);
    cpu_free(g->cpu);
    phys_free(&g->phys);
}

/* Runs to HLT; returns the vector of the handler that halted, or -1. */
static int run(struct guest *g, u32 eip, u32 eflags)
{
    struct cpu *cpu = g->cpu;
    enum cpu_stop stop;

    cpu->r[R_EAX] = 0;
    cpu->r[R_ESP] = STACK;
    cpu->eflags = FL_ONE | eflags;
    cpu->lazy.op = LAZY_NONE;
    cpu->eip = eip;
    cpu->halted = false;
    cpu_update_mode(cpu);
    do
        stop = cpu_run(cpu, 1000);
    while (stop == CPU_STOP_KICK);
    ck_assert_int_eq(stop, CPU_STOP_HALT);
    return cpu->eip > HANDLER && cpu->eip < HANDLER + 4 * 48 ? (int)(cpu->eip - HANDLER) / 4 : -1;
}

static u32 pushed_eip(struct guest *g)
{
    u32 eip;

    phys_read(&g->phys, g->cpu->r[R_ESP], &eip, 4);
    return eip;
}

/* The shadow of STI lasts for one instruction, whichever that is. */
static const struct {
    const char *name;
    u8 code[8];
    u8 len;
    u32 return_to; /* EIP in the interrupt's frame */
} shadows[] = {
    {"RET", {0xfb, 0xc3}, 2, CODE + 5},
    {"JMP", {0xfb, 0xeb, 0x00, 0xc3}, 4, FUNC + 3},
    {"indirect JMP", {0xfb, 0xff, 0x24, 0x24}, 4, CODE + 5},
    {"NOP", {0xfb, 0x90, 0xc3}, 3, FUNC + 2},
    {"INC", {0xfb, 0x41, 0xc3}, 3, FUNC + 2},
    {"STI", {0xfb, 0xfb, 0xc3}, 3, FUNC + 2},
    {"POPF", {0x9c, 0xfb, 0x9d, 0xc3}, 4, 0}, /* IF is clear again: no interrupt */
};

START_TEST(sti_shadow)
{
    for (unsigned i = 0; i < ARRAY_SIZE(shadows); i++) {
        struct guest g;
        int vector;

        new_guest(&g, _i);
        /* call FUNC; inc %eax three times; hlt */
        PUT(&g, CODE, 0xe8, LE(FUNC - CODE - 5), 0x40, 0x40, 0x40, 0xf4);
        put(&g, FUNC, shadows[i].code, shadows[i].len);
        ck_assert_int_eq(run(&g, CODE, 0), -1);
        ck_assert_int_eq(run(&g, CODE, 0), -1);
        cpu_set_intr(g.cpu, true);
        vector = run(&g, CODE, 0);
        if (shadows[i].return_to == 0) {
            ck_assert_msg(vector == -1, "%s: an interrupt", shadows[i].name);
        } else {
            ck_assert_msg(vector == IRQ, "%s: vector %d", shadows[i].name, vector);
            ck_assert_msg(pushed_eip(&g) == shadows[i].return_to && g.cpu->r[R_EAX] == 0,
                          "%s: interrupted at %x, %u instructions behind", shadows[i].name,
                          pushed_eip(&g), g.cpu->r[R_EAX]);
        }
        free_guest(&g);
    }
}
END_TEST

/* With TF set at an instruction's start the trap comes behind it, even when it clears TF. */
START_TEST(single_step)
{
    struct guest g;

    new_guest(&g, _i);
    /* push $2; popf; inc %eax; inc %eax; hlt */
    PUT(&g, CODE, 0x6a, 0x02, 0x9d, 0x40, 0x40, 0xf4);
    ck_assert_int_eq(run(&g, CODE, 0), -1);
    ck_assert_int_eq(run(&g, CODE, FL_TF), EXCP_DB);
    ck_assert_uint_eq(pushed_eip(&g), CODE + 2);
    PUT(&g, STACK, LE(2));
    g.cpu->r[R_ESP] = STACK;
    /* The POPF itself, alone: mov $STACK, %esp comes with run(). */
    for (unsigned n = 0; n < 2; n++) {
        PUT(&g, STACK, LE(2));
        ck_assert_int_eq(run(&g, CODE + 2, n ? FL_TF : 0), (n ? EXCP_DB : -1));
        ck_assert_uint_eq(g.cpu->r[R_EAX], (n ? 0u : 2u));
    }
    ck_assert_uint_eq(pushed_eip(&g), CODE + 3);
    free_guest(&g);
}
END_TEST

/* cpu_run(n) retires n instructions, wherever blocks end. */
START_TEST(budgets)
{
    struct guest g;

    new_guest(&g, _i);
    /* L: inc %eax; inc %eax; jmp M; M: inc %eax; jmp L */
    PUT(&g, CODE, 0x40, 0x40, 0xeb, 0x00, 0x40, 0xeb, 0xf9);
    for (u32 n = 1; n < 60; n++) {
        static const u8 incs[5] = {0, 1, 2, 2, 3};
        u64 before = cpu_insns(g.cpu);

        g.cpu->eip = CODE;
        g.cpu->r[R_EAX] = 0;
        ck_assert_int_eq(cpu_run(g.cpu, n), CPU_STOP_BUDGET);
        ck_assert_uint_eq(cpu_insns(g.cpu) - before, n);
        ck_assert_uint_eq(g.cpu->r[R_EAX], n / 5 * 3 + incs[n % 5]);
    }
    free_guest(&g);
}
END_TEST

/* MWAIT ends by a store of a device to the line that MONITOR named, which may come before it, and by no other. */
static const struct {
    u32 before,
        waiting; /* where a device stores in front of MWAIT, and while it waits; 0: nowhere */
    bool woken;
} waits[] = {
    {0, 0, false},        {0, FUNC + 0x20, true}, {0, FUNC + 0x3f, true},  {0, FUNC + 0x40, false},
    {0, FUNC - 1, false}, {FUNC, 0, true},        {FUNC + 0x40, 0, false},
};

START_TEST(mwait_line)
{
    for (unsigned i = 0; i < ARRAY_SIZE(waits); i++) {
        enum cpu_stop stop;
        struct guest g;

        new_guest(&g, _i);
        g.cpu->model = cpu_model_find("coreduo");
        /* mov $FUNC + 0x10, %eax; monitor; nop; mwait; inc %ebx; jmp . */
        PUT(&g, CODE, 0xb8, LE(FUNC + 0x10), 0x0f, 0x01, 0xc8, 0x90, 0x0f, 0x01, 0xc9, 0x43, 0xeb,
            0xfe);
        g.cpu->eip = CODE;
        g.cpu->eflags = FL_ONE | FL_IF;
        ck_assert_int_eq(cpu_run(g.cpu, 3), CPU_STOP_BUDGET);
        if (waits[i].before)
            phys_write(&g.phys, waits[i].before, "d", 1);
        stop = cpu_run(g.cpu, 1);
        if (stop == CPU_STOP_BUDGET && !waits[i].before)
            stop = cpu_run(g.cpu, 1); /* MWAIT was the last */
        if (waits[i].waiting)
            phys_write(&g.phys, waits[i].waiting, "d", 1);
        if (!waits[i].before)
            ck_assert_int_eq(stop, CPU_STOP_HALT);
        stop = cpu_run(g.cpu, 10);
        ck_assert_msg((stop == CPU_STOP_BUDGET) == waits[i].woken, "wait %u: stop %d", i, stop);
        ck_assert_msg(g.cpu->r[R_EBX] == waits[i].woken, "wait %u: EBX %x", i, g.cpu->r[R_EBX]);
        free_guest(&g);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("run loop");
    TCase *tcase = tcase_create("boundaries");
    SRunner *runner = srunner_create(suite);
    int engines = 0, failed;

    while (translator_engines()[engines])
        engines++;
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, sti_shadow, 0, engines);
    tcase_add_loop_test(tcase, single_step, 0, engines);
    tcase_add_loop_test(tcase, budgets, 0, engines);
    tcase_add_loop_test(tcase, mwait_line, 0, engines);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
