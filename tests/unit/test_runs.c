/* Blocks that go on through a JMP: which runs of bytes they have, what kills them, and what single steps,
 * budgets and faults see of them. On every engine. */
#include <check.h>

#include "tests/unit/flat_cpu.h"
#include "translate/block.h"
#include "translate/engine.h"

#define CODE  0x3000u
#define OTHER 0x4000u
#define DATA  0x8000u
#define STACK 0xa000u

static const struct cpu_hooks none;

static struct cpu *open_cpu(struct flat_cpu *flat, struct translate_options options, int engine)
{
    struct cpu *cpu = flat_cpu_open(flat, &none);

    options.engine = translator_engines()[engine];
    ck_assert_int_eq(translator_new(cpu, &options), 0);
    return cpu;
}

static void close_cpu(struct flat_cpu *flat)
{
    translator_free(flat->cpu);
    flat_cpu_close(flat);
}

static void put(struct flat_cpu *flat, u32 pa, const void *bytes, unsigned len)
{
    phys_poke(&flat->phys, pa, bytes, len);
}

#define PUT(f, pa, ...) put(f, pa, (const u8[]){__VA_ARGS__}, sizeof((const u8[]){__VA_ARGS__}))
#define LE(x)           (u8)(x), (u8)((x) >> 8), (u8)((x) >> 16), (u8)((x) >> 24)
#define JMP(from, to)   0xe9, LE((to) - ((from) + 5))
#define SHORT(from, to) 0xeb, (u8)((to) - ((from) + 2))
#define INC_EAX         0x40
#define HLT             0xf4

static const struct block *block_at(struct cpu *cpu, u32 eip)
{
    cpu->eip = eip;
    return block_find(cpu->translator, false);
}

/* The instruction that each code ends with counts. */
static const struct {
    const char *name;
    u32 entry;
    struct {
        u32 at;
        u8 len, byte[8];
    } code[6];
    unsigned insns, runs;
    struct block_run run[BLOCK_MAX_RUNS];
    u32 exit; /* where link 0 leads; 0: the block ends with HLT */
} shapes[] = {
    {"forward",
     CODE,
     {{CODE, 6, {INC_EAX, JMP(CODE + 1, CODE + 0x20)}}, {CODE + 0x20, 2, {INC_EAX, HLT}}},
     4,
     2,
     {{0, 6}, {0x20, 0x22}},
     0},
    {"backward",
     CODE + 0x20,
     {{CODE + 0x20, 3, {INC_EAX, SHORT(CODE + 0x21, CODE)}}, {CODE, 2, {INC_EAX, HLT}}},
     4,
     2,
     {{0x20, 0x23}, {0, 2}},
     0},
    {"to the next instruction",
     CODE,
     {{CODE, 4, {SHORT(CODE, CODE + 2), INC_EAX, HLT}}},
     3,
     2,
     {{0, 2}, {2, 4}},
     0},
    {"to itself", CODE, {{CODE, 2, {SHORT(CODE, CODE)}}}, 1, 1, {{0, 2}}, CODE},
    {"into itself", CODE, {{CODE, 2, {SHORT(CODE, CODE + 1)}}}, 1, 1, {{0, 2}}, CODE + 1},
    {"a loop", CODE, {{CODE, 3, {INC_EAX, SHORT(CODE + 1, CODE)}}}, 2, 1, {{0, 3}}, CODE},
    {"a loop of two runs",
     CODE,
     {{CODE, 3, {INC_EAX, SHORT(CODE + 1, CODE + 0x20)}},
      {CODE + 0x20, 3, {INC_EAX, SHORT(CODE + 0x21, CODE)}}},
     4,
     2,
     {{0, 3}, {0x20, 0x23}},
     CODE},
    {"a loop entered in its middle",
     CODE + 2,
     {{CODE, 6, {INC_EAX, INC_EAX, INC_EAX, INC_EAX, SHORT(CODE + 4, CODE)}}},
     5,
     2,
     {{2, 6}, {0, 2}},
     CODE + 2},
    {"into an instruction of the run before",
     CODE,
     {{CODE, 8, {0xb8, LE(0x90909090), INC_EAX, SHORT(CODE + 6, CODE + 3)}}},
     3,
     1,
     {{0, 8}},
     CODE + 3},
    {"to another page", CODE, {{CODE, 5, {JMP(CODE, OTHER)}}}, 1, 1, {{0, 5}}, OTHER},
    {"to what crosses the page's end",
     CODE,
     {{CODE, 6, {INC_EAX, JMP(CODE + 1, OTHER - 2)}}, {OTHER - 2, 5, {0xb8, LE(1)}}},
     2,
     1,
     {{0, 6}},
     OTHER - 2},
    {"from the page's end",
     OTHER - 3,
     {{OTHER - 3, 3, {INC_EAX, SHORT(OTHER - 2, OTHER - 0x20)}}, {OTHER - 0x20, 1, {HLT}}},
     3,
     2,
     {{0xffd, 0x1000}, {0xfe0, 0xfe1}},
     0},
    {"across the page's end",
     OTHER - 1,
     {{OTHER - 1, 2, {SHORT(OTHER - 1, OTHER - 0x20)}}, {OTHER - 0x20, 1, {HLT}}},
     1,
     1,
     {{0xfff, 0x1001}},
     OTHER - 0x20},
    {"four runs at most",
     CODE,
     {{CODE, 2, {SHORT(CODE, CODE + 0x10)}},
      {CODE + 0x10, 2, {SHORT(CODE + 0x10, CODE + 0x20)}},
      {CODE + 0x20, 2, {SHORT(CODE + 0x20, CODE + 0x30)}},
      {CODE + 0x30, 3, {INC_EAX, SHORT(CODE + 0x31, CODE + 0x40)}},
      {CODE + 0x40, 1, {HLT}}},
     5,
     4,
     {{0, 2}, {0x10, 0x12}, {0x20, 0x22}, {0x30, 0x33}},
     CODE + 0x40},
};

START_TEST(shape)
{
    for (unsigned i = 0; i < ARRAY_SIZE(shapes); i++) {
        struct flat_cpu flat;
        struct cpu *cpu = open_cpu(&flat, (struct translate_options){0}, _i);
        const struct block *b;
        unsigned length = 0;

        for (unsigned k = 0; k < ARRAY_SIZE(shapes[i].code); k++)
            put(&flat, shapes[i].code[k].at, shapes[i].code[k].byte, shapes[i].code[k].len);
        b = block_at(cpu, shapes[i].entry);
        expect(b->insns == shapes[i].insns, "%s: %u instructions", shapes[i].name, b->insns);
        expect(b->runs == shapes[i].runs, "%s: %u runs", shapes[i].name, b->runs);
        for (unsigned k = 0; k < b->runs; k++) {
            expect(b->run[k].start == shapes[i].run[k].start &&
                       b->run[k].end == shapes[i].run[k].end,
                   "%s: run %u is %x to %x", shapes[i].name, k, b->run[k].start, b->run[k].end);
            length += b->run[k].end - b->run[k].start;
        }
        expect(b->length == length, "%s: %u bytes", shapes[i].name, b->length);
        if (shapes[i].exit)
            expect(b->uop[b->uops - 1].op == U_exit_jmp && b->link[0].eip == shapes[i].exit,
                   "%s: exit to %x", shapes[i].name, b->link[0].eip);
        close_cpu(&flat);
    }
}
END_TEST

/* Only where CS is flat: elsewhere each target is compared with its limit. */
START_TEST(not_flat)
{
    struct flat_cpu flat;
    struct cpu *cpu = open_cpu(&flat, (struct translate_options){0}, _i);

    PUT(&flat, CODE, INC_EAX, JMP(CODE + 1, CODE + 0x20));
    PUT(&flat, CODE + 0x20, HLT);
    cpu->seg[SREG_CS].limit = 0xffff;
    cpu_update_mode(cpu);
    ck_assert_uint_eq(block_at(cpu, CODE)->runs, 1);
    close_cpu(&flat);
}
END_TEST

static u32 run(struct flat_cpu *flat, u32 eip, u32 budget)
{
    struct cpu *cpu = flat->cpu;

    cpu->r[R_EAX] = 0;
    cpu->r[R_ESP] = STACK;
    cpu->eip = eip;
    cpu->halted = false;
    ck_assert_int_eq(cpu_run(cpu, budget), CPU_STOP_HALT);
    return cpu->r[R_EAX];
}

/* The function returns to where it was called from, or to somewhere else; the callers are a loop. */
START_TEST(returns)
{
    struct flat_cpu flat;
    struct cpu *cpu = open_cpu(&flat, (struct translate_options){0}, _i);

    /* L: call F; add $1, %eax; loop L; hlt */
    PUT(&flat, CODE, 0xe8, LE(0x20 - 5), 0x83, 0xc0, 1, 0xe2, 0xf6, HLT);
    /* F: add $0x10, %eax; test $3, %cl; jne 1f; movl $CODE + 8, (%esp); 1: ret */
    PUT(&flat, CODE + 0x20, 0x83, 0xc0, 0x10, 0xf6, 0xc1, 3, 0x75, 7, 0xc7, 0x04, 0x24,
        LE(CODE + 8), 0xc3);
    for (u32 i = 0; i < 4; i++) {
        cpu->r[R_ECX] = 100;
        expect_eq(run(&flat, CODE, 100000), 100 * 0x10 + 75);
        expect_eq(cpu->r[R_ESP], STACK);
    }
    close_cpu(&flat);
}
END_TEST

/* Three runs: forward, then backward, past bytes that no block has. */
static void put_three(struct flat_cpu *flat)
{
    PUT(flat, CODE + 0x40, 0x83, 0xc0, 1, SHORT(CODE + 0x43, CODE + 0x60));
    PUT(flat, CODE + 0x60, 0x83, 0xc0, 2, SHORT(CODE + 0x63, CODE + 0x20));
    PUT(flat, CODE + 0x20, 0x83, 0xc0, 4, HLT);
}

/* Stores to each byte around the runs, by a device: those within kill the block, those beside do not. */
START_TEST(stores)
{
    static const u8 hit[][2] = {{0x20, 0x24}, {0x40, 0x45}, {0x60, 0x65}};
    struct flat_cpu flat;
    struct cpu *cpu = open_cpu(&flat, (struct translate_options){0}, _i);

    for (u32 at = 0x10; at < 0x80; at++) {
        const struct block *b;
        bool in = false;
        u8 byte;

        put_three(&flat);
        ck_assert_uint_eq(run(&flat, CODE + 0x40, 100), 7);
        b = block_at(cpu, CODE + 0x40);
        ck_assert_uint_eq(b->runs, 3);
        for (unsigned i = 0; i < ARRAY_SIZE(hit); i++)
            in |= at >= hit[i][0] && at < hit[i][1];
        flat.stats.smc_kill = 0;
        phys_read(&flat.phys, CODE + at, &byte, 1);
        phys_write(&flat.phys, CODE + at, &byte, 1);
        expect(flat.stats.smc_kill == in, "a store to %x: %u", at, (unsigned)flat.stats.smc_kill);
        ck_assert_uint_eq(run(&flat, CODE + 0x40, 100), 7);
    }
    /* The new bytes are what runs. */
    PUT(&flat, CODE + 0x22, 8);
    ck_assert_uint_eq(run(&flat, CODE + 0x40, 100), 11);
    PUT(&flat, CODE + 0x64, 0x1b - 0x65); /* another target: CODE + 0x1b */
    PUT(&flat, CODE + 0x1b, 0x83, 0xc0, 0x10, HLT);
    ck_assert_uint_eq(run(&flat, CODE + 0x40, 100), 0x13);
    close_cpu(&flat);
}
END_TEST

/* A run that need not end at its very instruction ends with the block in which that lies, as an exact one of as many
 * instructions does, and translates nothing for it. */
START_TEST(loose_end)
{
    for (u32 n = 1; n < 200; n++) {
        struct flat_cpu exact, loose;
        struct cpu *x = open_cpu(&exact, (struct translate_options){0}, _i);
        struct cpu *y = open_cpu(&loose, (struct translate_options){0}, _i);

        for (unsigned i = 0; i < 2; i++) { /* seven instructions, around and around */
            struct flat_cpu *flat = i ? &loose : &exact;

            PUT(flat, CODE, INC_EAX, INC_EAX, INC_EAX, INC_EAX, 0x83, 0xc1, 3,
                JMP(CODE + 7, CODE + 0x20));
            PUT(flat, CODE + 0x20, 0xe9, LE(CODE - (CODE + 0x25)));
            flat->cpu->eip = CODE;
            flat->cpu->r[R_EAX] = flat->cpu->r[R_ECX] = 0;
        }
        ck_assert_int_eq(cpu_run_at_least(y, n), CPU_STOP_BUDGET);
        expect(cpu_insns(y) >= n && cpu_insns(y) < n + 7, "%u of %u", (u32)cpu_insns(y), n);
        ck_assert_int_eq(cpu_run(x, (u32)cpu_insns(y)), CPU_STOP_BUDGET);
        expect_eq(y->eip, x->eip);
        expect_eq(y->r[R_EAX], x->r[R_EAX]);
        expect_eq(y->r[R_ECX], x->r[R_ECX]);
        expect_eq(loose.stats.block_made, 1);
        close_cpu(&exact);
        close_cpu(&loose);
    }
}
END_TEST

/* A loop that always leaves its block at the first of many instructions gives the rest of its budget back: it ends, too,
 * and without blocks of one instruction. */
START_TEST(loose_end_side)
{
    for (u32 n = 1; n < 40; n++) {
        struct flat_cpu flat;
        struct cpu *cpu = open_cpu(&flat, (struct translate_options){0}, _i);

        /* inc %eax; jnz, forward, to the jump back; and a tail that is never run */
        PUT(&flat, CODE, INC_EAX, 0x75, 0x3d, INC_EAX, INC_EAX, INC_EAX, INC_EAX, INC_EAX, INC_EAX,
            INC_EAX, HLT);
        PUT(&flat, CODE + 0x40, SHORT(CODE + 0x40, CODE));
        cpu->eip = CODE;
        cpu->r[R_EAX] = 0;
        ck_assert_int_eq(cpu_run_at_least(cpu, n), CPU_STOP_BUDGET);
        expect(cpu_insns(cpu) >= n && cpu_insns(cpu) < n + 20, "%u of %u", (u32)cpu_insns(cpu), n);
        ck_assert_uint_le(flat.stats.block_made, 2);
        close_cpu(&flat);
    }
}
END_TEST

/* A block gets native code behind so many runs by the interpreter, and none where a store changes it before each. */
START_TEST(cold_first)
{
    struct flat_cpu flat;
    struct cpu *cpu = open_cpu(&flat, (struct translate_options){.native_after = 3}, _i);
    bool native = cpu->translator->engine->find;

    PUT(&flat, CODE, 0x83, 0xc0, 7, HLT); /* add $7, %eax */
    for (unsigned i = 0; i < 6; i++) {
        ck_assert_uint_eq(run(&flat, CODE, 100), 7);
        ck_assert_uint_eq(flat.stats.block_native, native && i >= 3);
        ck_assert_uint_eq(flat.stats.block_made, 1u + (native && i >= 3));
    }
    flat.stats.block_native = 0;
    for (u8 i = 0; i < 6; i++) {
        PUT(&flat, CODE, 0x83, 0xc0, i, HLT);
        ck_assert_uint_eq(run(&flat, CODE, 100), i);
        ck_assert_uint_eq(flat.stats.block_native, 0);
    }
    close_cpu(&flat);
}
END_TEST

/* The running block stores into a run that is still to come, into the one it is in, and between them. */
START_TEST(own_stores)
{
    struct flat_cpu flat;

    open_cpu(&flat, (struct translate_options){0}, _i);
    /* movb $5, the immediate behind the jump; jmp; add $1, %eax */
    PUT(&flat, CODE, 0xc6, 0x05, LE(CODE + 0x22), 5, SHORT(CODE + 7, CODE + 0x20));
    PUT(&flat, CODE + 0x20, 0x83, 0xc0, 1, HLT);
    ck_assert_uint_eq(run(&flat, CODE, 100), 5);
    ck_assert_uint_eq(flat.stats.smc_kill, 1);
    ck_assert_uint_eq(flat.stats.insn_made, 4 + 3); /* and what was left of it */
    /* movb over the displacement of the jump behind it */
    PUT(&flat, CODE, 0xc6, 0x05, LE(CODE + 8), 0x30 - 9, SHORT(CODE + 7, CODE + 0x20));
    PUT(&flat, CODE + 0x30, 0x83, 0xc0, 7, HLT);
    ck_assert_uint_eq(run(&flat, CODE, 100), 7);
    /* movb to between the runs, which is no code */
    PUT(&flat, CODE, 0xc6, 0x05, LE(CODE + 9), 5, SHORT(CODE + 7, CODE + 0x20));
    flat.stats.smc_kill = 0;
    ck_assert_uint_eq(run(&flat, CODE, 100), 5);
    ck_assert_uint_eq(run(&flat, CODE, 100), 5);
    ck_assert_uint_eq(flat.stats.smc_kill, 0);
    close_cpu(&flat);
}
END_TEST

/* Every budget stops at the same place as single blocks do; a jump is an instruction. */
START_TEST(budgets)
{
    static const u32 eip[] = {CODE + 0x40, CODE + 0x43, CODE + 0x60,
                              CODE + 0x63, CODE + 0x20, CODE + 0x23};
    static const struct translate_options options[] = {
        {0}, {.block_len = 1}, {.block_len = 2}, {.block_len = 3}, {.random_len = true}};

    for (unsigned k = 0; k < ARRAY_SIZE(options); k++) {
        struct flat_cpu flat;
        struct cpu *cpu = open_cpu(&flat, options[k], _i);

        put_three(&flat);
        for (u32 n = 1; n < ARRAY_SIZE(eip); n++) {
            u64 before = cpu->insns;

            cpu->eip = CODE + 0x40;
            cpu->halted = false;
            ck_assert_int_eq(cpu_run(cpu, n), CPU_STOP_BUDGET);
            expect_eq(cpu->eip, eip[n]);
            expect_eq(cpu->insns - before, n);
        }
        close_cpu(&flat);
    }
}
END_TEST

/* A fault behind a jump: its EIP, what was done before it, and how many instructions. */
START_TEST(fault)
{
    struct flat_cpu flat;
    struct cpu *cpu = open_cpu(&flat, (struct translate_options){0}, _i);
    u32 pushed[3];
    u64 before = cpu->insns;

    PUT(&flat, DATA + 8 * EXCP_DE, LE(8u << 16 | (CODE + 0x80)), LE(0x8e00));
    PUT(&flat, DATA + 0x108, LE(0x0000ffff), LE(0x00cf9b00));
    cpu->gdtr = (struct dtable){DATA + 0x100, 15};
    cpu->idtr = (struct dtable){DATA, 255};
    /* add $-1, %eax (flags: CF clear, SF); jmp backwards; div %ecx */
    PUT(&flat, CODE + 0x40, 0x83, 0xc0, 0xff, SHORT(CODE + 0x43, CODE + 0x20));
    PUT(&flat, CODE + 0x20, 0xf7, 0xf1, HLT);
    PUT(&flat, CODE + 0x80, HLT);
    cpu->r[R_ECX] = 0;
    cpu->eflags = FL_ONE;
    cpu->lazy.op = LAZY_NONE;
    ck_assert_uint_eq(run(&flat, CODE + 0x40, 100), 0xffffffff);
    phys_read(&flat.phys, STACK - 12, pushed, 12);
    expect_eq(pushed[0], CODE + 0x20);
    expect_eq(pushed[2] & FL_ARITH, FL_SF | FL_PF);
    expect_eq(cpu->insns - before, 2 + 1 + 1); /* ADD and JMP, the delivery, HLT */
    close_cpu(&flat);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("runs");
    TCase *tcase = tcase_create("runs");
    const char *const *names = translator_engines();
    int engines = 0, failed;
    SRunner *runner = srunner_create(suite);

    while (names[engines])
        engines++;
    tcase_add_loop_test(tcase, shape, 0, engines);
    tcase_add_loop_test(tcase, returns, 0, engines);
    tcase_add_loop_test(tcase, not_flat, 0, engines);
    tcase_add_loop_test(tcase, stores, 0, engines);
    tcase_add_loop_test(tcase, own_stores, 0, engines);
    tcase_add_loop_test(tcase, budgets, 0, engines);
    tcase_add_loop_test(tcase, loose_end, 0, engines);
    tcase_add_loop_test(tcase, loose_end_side, 0, engines);
    tcase_add_loop_test(tcase, cold_first, 0, engines);
    tcase_add_loop_test(tcase, fault, 0, engines);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
