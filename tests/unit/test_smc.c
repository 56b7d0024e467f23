/* Code that changes: stores into the running block and into others, by the program, by string
 * instructions and by devices; data beside code; code at the edges of memory. On every engine. */
#include <check.h>

#include "tests/unit/flat_cpu.h"
#include "translate/translate.h"
#include "translate/x64/x64.h"

#define RAM     0x110000u
#define ROM     0x200000u
#define CODE    0x1000u
#define OTHER   0x5000u /* another page of code */
#define IDT     0x8000u
#define HANDLER 0x8800u /* 4 bytes a vector: HLT */
#define STACK   0xa000u
#define ROM_TOP (ROM + 0xf00)

struct guest {
    struct phys phys;
    struct log log;
    struct stats stats;
    struct cpu *cpu;
    /* What OUT does to memory, as a device with DMA would. */
    u32 dma_pa;
    u8 dma_byte;
};

static void port_out(void *opaque, u16 port, u32 value, unsigned size)
{
    struct guest *g = opaque;

    (void)port, (void)value, (void)size;
    phys_write(&g->phys, g->dma_pa, &g->dma_byte, 1);
}

static void put(struct guest *g, u32 pa, const void *bytes, unsigned len)
{
    phys_poke(&g->phys, pa, bytes, len);
}

#define PUT(g, pa, ...) put(g, pa, (const u8[]){__VA_ARGS__}, sizeof((const u8[]){__VA_ARGS__}))
#define LE(x)           (u8)(x), (u8)((x) >> 8), (u8)((x) >> 16), (u8)((x) >> 24)
#define REL(to, from)   LE((to) - (from)) /* from: the address behind the displacement */
#define HLT             0xf4

static void new_guest(struct guest *g, struct translate_options options, int engine)
{
    struct cpu_hooks hooks = {.opaque = g, .port_out = port_out};

    *g = (struct guest){.log = {.out = stderr}};
    options.engine = translator_engines()[engine];
    ck_assert_int_eq(phys_init(&g->phys, RAM + PAGE_SIZE, &g->log, &g->stats), 0);
    ck_assert_int_eq(phys_add_ram(&g->phys, 0, RAM), 0);
    ck_assert_int_eq(phys_add_rom(&g->phys, ROM, PAGE_SIZE, NULL, 0), 0);
    g->cpu = cpu_new(&g->phys, NULL, &hooks, &g->log, &g->stats);
    ck_assert_ptr_nonnull(g->cpu);
    ck_assert_int_eq(translator_new(g->cpu, &options), 0);
    flat_segments(g->cpu);
    PUT(g, 0x9008, LE(0x0000ffff), LE(0x00cf9b00));
    for (u32 v = 0; v < 32; v++) {
        PUT(g, IDT + 8 * v, LE(8u << 16 | (HANDLER + 4 * v)), LE(0x8e00));
        PUT(g, HANDLER + 4 * v, HLT);
    }
    g->cpu->gdtr = (struct dtable){0x9000, 15};
    g->cpu->idtr = (struct dtable){IDT, 255};
}

static void free_guest(struct guest *g)
{
    translator_free(g->cpu);
    cpu_free(g->cpu);
    phys_free(&g->phys);
}

/* Runs from eip to HLT and returns EAX. */
static u32 run(struct guest *g, u32 eip, u32 ecx)
{
    struct cpu *cpu = g->cpu;

    cpu->r[R_EAX] = 0;
    cpu->r[R_ECX] = ecx;
    cpu->r[R_ESP] = STACK;
    cpu->eflags = FL_ONE;
    cpu->lazy.op = LAZY_NONE;
    cpu->eip = eip;
    cpu->halted = false;
    cpu_update_mode(cpu);
    ck_assert_int_eq(cpu_run(cpu, 100000), CPU_STOP_HALT);
    return cpu->r[R_EAX];
}

/* Where native code would go on; NULL: this engine makes none. */
static const u8 *code_end(const struct guest *g)
{
    const struct x64 *x64 = g->cpu->translator->engine_data;

    return x64 ? x64->code.p : NULL;
}

/* The vector of the handler that halted, or -1. */
static int vector_of(const struct guest *g)
{
    return g->cpu->eip > HANDLER && g->cpu->eip < HANDLER + 128 ? (int)(g->cpu->eip - HANDLER) / 4
                                                                : -1;
}

START_TEST(next_instruction)
{
    struct guest g;

    new_guest(&g, (struct translate_options){0}, _i);
    /* movb $0x22, imm of the next; mov $0x11, %al; the same with NOPs between */
    PUT(&g, CODE, 0xc6, 0x05, LE(CODE + 8), 0x22, 0xb0, 0x11, HLT);
    ck_assert_uint_eq(run(&g, CODE, 0), 0x22);
    PUT(&g, CODE, 0xc6, 0x05, LE(CODE + 10), 0x33, 0x90, 0x90, 0xb0, 0x11, HLT);
    ck_assert_uint_eq(run(&g, CODE, 0), 0x33);
    /* movw $0x4040 over the two NOPs: INC %eax twice */
    PUT(&g, CODE, 0x66, 0xc7, 0x05, LE(CODE + 9), 0x40, 0x40, 0x90, 0x90, 0x90, HLT);
    ck_assert_uint_eq(run(&g, CODE, 0), 2);
    /* push %ebx over what follows, flags of CMP before it still to be seen after it */
    PUT(&g, CODE, 0xbc, LE(CODE + 18), 0xbb, 0x41, 0x9c, 0x58,
        HLT, /* INC ECX; PUSHF; POP EAX; HLT */
        0xf9, 0x39, 0xdb, 0x53, 0x90, 0x90, 0x90, 0x90, HLT);
    ck_assert_uint_eq(run(&g, CODE, 0) & FL_ARITH, 0); /* of INC %ecx; CF of CMP */
    free_guest(&g);
}
END_TEST

START_TEST(own_instruction)
{
    struct guest g;
    u8 byte;

    new_guest(&g, (struct translate_options){0}, _i);
    /* L: addb $1, its own immediate; loop L */
    PUT(&g, CODE, 0x80, 0x05, LE(CODE + 6), 1, 0xe2, 0xf7, HLT);
    run(&g, CODE, 5);
    phys_read(&g.phys, CODE + 6, &byte, 1);
    ck_assert_uint_eq(byte, 32);
    free_guest(&g);
}
END_TEST

START_TEST(earlier_instruction)
{
    struct guest g;

    new_guest(&g, (struct translate_options){0}, _i);
    /* L: add $1, %eax; incb its immediate; loop L */
    PUT(&g, CODE, 0x83, 0xc0, 1, 0xfe, 0x05, LE(CODE + 2), 0xe2, 0xf5, HLT);
    ck_assert_uint_eq(run(&g, CODE, 6), 1 + 2 + 3 + 4 + 5 + 6);
    free_guest(&g);
}
END_TEST

START_TEST(other_page)
{
    struct guest g;

    new_guest(&g, (struct translate_options){0}, _i);
    PUT(&g, OTHER, 0x83, 0xc0, 1, 0xc3);
    /* L: call OTHER; addb $2, the immediate there; loop L */
    PUT(&g, CODE, 0xe8, REL(OTHER, CODE + 5), 0x80, 0x05, LE(OTHER + 2), 2, 0xe2, 0xf2, HLT);
    ck_assert_uint_eq(run(&g, CODE, 5), 1 + 3 + 5 + 7 + 9);
    ck_assert_uint_ge(g.stats.smc_kill, 4);
    free_guest(&g);
}
END_TEST

/* An instruction that crosses a page, changed in its second half, for every way to cross. */
START_TEST(crossing_instruction)
{
    struct guest g;

    new_guest(&g, (struct translate_options){0}, _i);
    for (u32 k = 1; k < 5; k++) {
        u32 at = OTHER + 0x1000 - k, last = at + 4; /* k bytes in the first page */

        /* add $0x01000000, %eax; ret */
        PUT(&g, at, 0x05, LE(0x01000000), 0xc3);
        PUT(&g, CODE, 0xe8, REL(at, CODE + 5), 0xfe, 0x05, LE(last), 0xe2, 0xf3, HLT);
        ck_assert_uint_eq(run(&g, CODE, 4), 0x0a000000);
        /* the same in its first half: ADD becomes SUB */
        PUT(&g, at, 0x05, LE(7), 0xc3);
        PUT(&g, CODE, 0xe8, REL(at, CODE + 5), 0xc6, 0x05, LE(at), 0x2d, 0xe2, 0xf2, HLT);
        ck_assert_uint_eq(run(&g, CODE, 2), 0);
    }
    free_guest(&g);
}
END_TEST

START_TEST(by_string_instruction)
{
    struct guest g;

    new_guest(&g, (struct translate_options){0}, _i);
    PUT(&g, 0x3000, 0xb0, 0x55, 0xb4, 0x66);
    /* mov $0x3000, %esi; mov $target, %edi; rep movsb; target: mov $1, %al; mov $2, %ah */
    PUT(&g, CODE, 0xbe, LE(0x3000), 0xbf, LE(CODE + 12), 0xf3, 0xa4, 0xb0, 1, 0xb4, 2, HLT);
    ck_assert_uint_eq(run(&g, CODE, 4), 0x6655);
    /* one STOSB without REP */
    PUT(&g, CODE, 0xbf, LE(CODE + 9), 0xb0, 0x77, 0xaa, 0xb0, 1, HLT);
    ck_assert_uint_eq(run(&g, CODE, 0), 0x77);
    /* REP STOSB over the whole of itself and what follows: what is read behind it decides */
    PUT(&g, CODE, 0xbf, LE(CODE + 9), 0xb0, 0x40, 0xf3, 0xaa, 0x90, 0x90, 0x90, HLT);
    ck_assert_uint_eq(run(&g, CODE, 3), 0x43);
    free_guest(&g);
}
END_TEST

START_TEST(by_device)
{
    struct guest g;
    u8 byte = 9;

    new_guest(&g, (struct translate_options){0}, _i);
    PUT(&g, CODE, 0xb0, 5, HLT);
    ck_assert_uint_eq(run(&g, CODE, 0), 5);
    phys_write(&g.phys, CODE + 1, &byte, 1);
    ck_assert_uint_eq(run(&g, CODE, 0), 9);
    /* A device stores into the next instruction during OUT: out %al, $0x80; mov $1, %al */
    PUT(&g, CODE, 0xe6, 0x80, 0xb0, 1, HLT);
    g.dma_pa = CODE + 3;
    g.dma_byte = 0x42;
    ck_assert_uint_eq(run(&g, CODE, 0), 0x42);
    free_guest(&g);
}
END_TEST

/* Stores beside code in its page, even in its line, kill nothing; one byte of overlap does. */
START_TEST(data_beside_code)
{
    struct guest g;

    new_guest(&g, (struct translate_options){0}, _i);
    /* L: incl data; loop L */
    static const struct {
        u32 data;
        u64 kills;
    } cases[] = {{CODE + 0x800, 0}, {CODE + 0x40, 0}, {CODE + 20, 0}, {CODE + 9, 0}};

    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        u64 before;
        u32 value;

        PUT(&g, CODE, 0xff, 0x05, LE(cases[i].data), 0xe2, 0xf8, HLT, 0, 0, 0, 0);
        PUT(&g, cases[i].data, LE(0));
        before = g.stats.smc_kill;
        run(&g, CODE, 100);
        ck_assert_uint_eq(g.stats.smc_kill - before, cases[i].kills);
        phys_read(&g.phys, cases[i].data, &value, 4);
        ck_assert_uint_eq(value, 100);
    }
    /* incb of the last byte of the block with HLT, which is not running: killed once a time */
    PUT(&g, CODE, 0xfe, 0x05, LE(OTHER + 1), 0xe8, REL(OTHER, CODE + 11), HLT);
    PUT(&g, OTHER, 0xb0, 0, 0xc3, 0xb3);
    ck_assert_uint_eq(run(&g, CODE, 0), 1);
    g.stats.smc_kill = 0;
    ck_assert_uint_eq(run(&g, CODE, 0), 2);
    ck_assert_uint_eq(g.stats.smc_kill, 1);
    PUT(&g, OTHER + 3, 0xb4); /* one byte behind it */
    ck_assert_uint_eq(g.stats.smc_kill, 1);
    free_guest(&g);
}
END_TEST

/* Forty blocks in one page; a store kills the one it hits. */
START_TEST(many_blocks)
{
    struct guest g;

    new_guest(&g, (struct translate_options){0}, _i);
    for (u32 i = 0; i < 40; i++) {
        u32 at = CODE + 0x40 * i + (i & 7), next = CODE + 0x40 * (i + 1) + ((i + 1) & 7);

        PUT(&g, at, 0x83, 0xc0, 1, 0xe9, REL(next, at + 8)); /* add $1, %eax; jmp next */
    }
    PUT(&g, CODE + 0x40 * 40, HLT);
    ck_assert_uint_eq(run(&g, CODE, 0), 40);
    g.stats.smc_kill = 0;
    for (u32 i = 0; i < 40; i++) {
        PUT(&g, CODE + 0x40 * i + (i & 7) + 2, 2);
        ck_assert_uint_eq(g.stats.smc_kill, i + 1);
        ck_assert_uint_eq(run(&g, CODE, 0), 41 + i);
    }
    free_guest(&g);
}
END_TEST

/* Once stores beside the code need not be told any more, each that touches a byte of it still is. */
START_TEST(beside_and_into_code)
{
    static const struct {
        u8 code[2]; /* mov with an imm to (%edi): its opcode, and a 66 prefix or a NOP before it */
        i32 from;   /* of the store, from TARGET */
        u8 size;
        bool in;
    } cases[] = {
        {{0x90, 0xc6}, -1, 1, false}, {{0x90, 0xc6}, 0, 1, true},   {{0x90, 0xc6}, 2, 1, true},
        {{0x90, 0xc6}, 3, 1, false},  {{0x66, 0xc7}, -2, 2, false}, {{0x66, 0xc7}, -1, 2, true},
        {{0x66, 0xc7}, 2, 2, true},   {{0x66, 0xc7}, 3, 2, false},  {{0x90, 0xc7}, -4, 4, false},
        {{0x90, 0xc7}, -3, 4, true},  {{0x90, 0xc7}, 2, 4, true},   {{0x90, 0xc7}, 3, 4, false},
    };
    const u32 target = OTHER + 0x7d; /* over the edge of a line */
    struct guest g;

    new_guest(&g, (struct translate_options){0}, _i);
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        PUT(&g, target, 0xb0, 7, HLT); /* mov $7, %al; HLT */
        /* L: mov $imm, (%edi); loop L; HLT */
        PUT(&g, CODE, cases[i].code[0], cases[i].code[1], 0x07, 0x90, 0x90, 0x90, 0x90);
        PUT(&g, CODE + 3 + cases[i].size, 0xe2, (u8)(-5 - cases[i].size), HLT);
        ck_assert_uint_eq(run(&g, target, 0), 7);
        g.cpu->r[R_EDI] = OTHER + 0x200;
        run(&g, CODE, 10);
        g.stats.smc_kill = 0;
        g.cpu->r[R_EDI] = target + (u32)cases[i].from;
        run(&g, CODE, 1);
        ck_assert_msg(g.stats.smc_kill == cases[i].in, "case %u: %u kills", i,
                      (unsigned)g.stats.smc_kill);
        run(&g, CODE, 5); /* nothing is left there */
        ck_assert_uint_eq(g.stats.smc_kill, cases[i].in);
    }
    ck_assert_uint_lt(g.stats.smc_store, 120); /* of 190 into that page */
    free_guest(&g);
}
END_TEST

START_TEST(small_cache)
{
    struct guest g;

    new_guest(&g, (struct translate_options){.cache_blocks = 4, .block_len = 2}, _i);
    for (u32 i = 0; i < 20; i++)
        PUT(&g, CODE + 0x40 * i, 0x40, 0xe9, REL(CODE + 0x40 * (i + 1), CODE + 0x40 * i + 6));
    PUT(&g, CODE + 0x40 * 20, 0xe2, 2, HLT, HLT, 0xe9, REL(CODE, CODE + 0x40 * 20 + 9));
    ck_assert_uint_eq(run(&g, CODE, 10), 200);
    ck_assert_uint_ge(g.stats.block_evict, 160);
    free_guest(&g);
}
END_TEST

/* From an address in native code back to its block and instruction, while the buffer goes round and blocks die. */
START_TEST(find_code)
{
    struct translator *tr;
    struct guest g;

    new_guest(&g, (struct translate_options){.code_buffer = 0x10000}, _i);
    tr = g.cpu->translator;
    for (u32 round = 0; tr->engine->find && round < 800; round++) {
        u32 at = CODE + 0x40 * (round % 37);
        const struct block *b;
        unsigned insn;

        /* add $round, %eax; NOP; inc %eax; HLT */
        PUT(&g, at, 0x83, 0xc0, (u8)round, 0x90, 0x40, HLT);
        ck_assert_uint_eq(run(&g, at, 0), (u32)(i8)round + 1);
        for (b = tr->oldest; b; b = b->newer) {
            u64 start = (u64)(uintptr_t)b->code;

            ck_assert_ptr_eq(tr->engine->find(tr, start, &insn), b);
            ck_assert_uint_eq(insn, 0);
            for (unsigned i = 0; i < b->insns; i++) {
                ck_assert_ptr_eq(tr->engine->find(tr, start + b->insn_code[i], &insn), b);
                ck_assert_uint_ge(insn, i); /* the NOP has no code */
                ck_assert_uint_le(insn, i + 1);
            }
            ck_assert_ptr_eq(tr->engine->find(tr, start + b->straight, &insn), b);
            ck_assert_uint_eq(insn, b->insns);
        }
    }
    if (tr->engine->find) {
        unsigned insn;

        ck_assert_uint_gt(g.stats.block_evict, 20);
        ck_assert_ptr_null(tr->engine->find(tr, (u64)(uintptr_t)&g, &insn));
    }
    free_guest(&g);
}
END_TEST

/* Where a block that modifies itself stops is no code of its own: space is taken only where a block is made. */
START_TEST(stops_take_no_space)
{
    struct guest g;

    new_guest(&g, (struct translate_options){0}, _i);
    /* movb $0xc6, (%ecx); add $1, %eax; HLT: its second instruction has a block, too */
    PUT(&g, CODE, 0xc6, 0x01, 0xc6, 0x83, 0xc0, 1, HLT);
    run(&g, CODE + 3, 0);
    for (unsigned n = 0; n < 3; n++) {
        u64 made, kills = g.stats.smc_kill;
        const u8 *end;

        run(&g, CODE, 0x3000);
        made = g.stats.block_made;
        end = code_end(&g);
        ck_assert_uint_eq(run(&g, CODE, CODE), 1);
        ck_assert_uint_eq(g.stats.smc_kill - kills, 1);
        ck_assert_uint_eq(g.stats.block_made, made);
        ck_assert_ptr_eq(code_end(&g), end);
    }
    free_guest(&g);
}
END_TEST

START_TEST(two_machines)
{
    struct guest a, b;

    new_guest(&a, (struct translate_options){0}, _i);
    new_guest(&b, (struct translate_options){0}, _i);
    /* L: add $n, %eax; loop L */
    PUT(&a, CODE, 0x83, 0xc0, 1, 0xe2, 0xfb, HLT);
    PUT(&b, CODE, 0x83, 0xc0, 2, 0xe2, 0xfb, HLT);
    for (u32 i = 1; i < 20; i++) {
        ck_assert_uint_eq(run(&a, CODE, i), i);
        ck_assert_uint_eq(run(&b, CODE, i), 2 * i);
        PUT(&b, CODE + 2, 3);
        ck_assert_uint_eq(run(&b, CODE, i), 3 * i);
        ck_assert_uint_eq(run(&a, CODE, i), i);
        PUT(&b, CODE + 2, 2);
    }
    ck_assert_uint_eq(a.stats.smc_kill, 0);
    free_guest(&b);
    ck_assert_uint_eq(run(&a, CODE, 7), 7);
    free_guest(&a);
}
END_TEST

START_TEST(end_of_ram)
{
    struct guest g;

    new_guest(&g, (struct translate_options){0}, _i);
    /* The last bytes of RAM: mov $0x12, %al; jmp CODE */
    PUT(&g, CODE, HLT);
    PUT(&g, RAM - 7, 0xb0, 0x12, 0xe9, REL(CODE, RAM));
    ck_assert_uint_eq(run(&g, RAM - 7, 0), 0x12);
    ck_assert_int_eq(vector_of(&g), -1);
    /* Half an instruction in RAM; what is behind reads as ones, and FF FF is undefined. */
    PUT(&g, RAM - 1, 0xb0);
    ck_assert_uint_eq(run(&g, RAM - 1, 0), 0xff);
    ck_assert_int_eq(vector_of(&g), EXCP_UD);
    ck_assert_uint_eq(g.cpu->r[R_ESP], STACK - 12);
    free_guest(&g);
}
END_TEST

START_TEST(unassigned)
{
    static const u32 at[] = {0x160000, 0x16ffff, 0xfffff000, 0xffffffff, 0xfffffffe};
    struct guest g;
    u32 eip;

    new_guest(&g, (struct translate_options){0}, _i);
    for (unsigned i = 0; i < ARRAY_SIZE(at) - 2; i++) {
        run(&g, at[i], 0);
        ck_assert_int_eq(vector_of(&g), EXCP_UD);
        phys_read(&g.phys, STACK - 12, &eip, 4);
        ck_assert_uint_eq(eip, at[i]);
    }
    /* Instructions that wrap past 4 GiB: some fault, at the instruction, and no more. */
    for (unsigned i = ARRAY_SIZE(at) - 2; i < ARRAY_SIZE(at); i++) {
        run(&g, at[i], 0);
        ck_assert_int_ge(vector_of(&g), 0);
    }
    free_guest(&g);
}
END_TEST

START_TEST(rom)
{
    struct guest g;

    new_guest(&g, (struct translate_options){0}, _i);
    /* L: add $1, %eax; incb its immediate, in ROM; loop L */
    PUT(&g, ROM_TOP, 0x83, 0xc0, 1, 0xfe, 0x05, LE(ROM_TOP + 2), 0xe2, 0xf5, HLT);
    ck_assert_uint_eq(run(&g, ROM_TOP, 6), 6);
    /* A loader replaces the image. */
    PUT(&g, ROM_TOP + 2, 4);
    ck_assert_uint_eq(run(&g, ROM_TOP, 6), 24);
    free_guest(&g);
}
END_TEST

/* The same code at every alignment across a page edge. */
START_TEST(across_a_page)
{
    static const u8 code[] = {0x40, 0x05, LE(0x100), 0x40, 0x66, 0x05, 0x00,
                              0x10, 0x83, 0xc0,      1,    0xe2, 0xf0, HLT};
    struct guest g;

    new_guest(&g, (struct translate_options){0}, _i);
    for (u32 k = 0; k <= sizeof(code); k++) {
        put(&g, OTHER + 0x1000 - k, code, sizeof(code));
        ck_assert_uint_eq(run(&g, OTHER + 0x1000 - k, 3), 3 * 0x1103);
        /* and after a change of every byte that is an immediate */
        PUT(&g, OTHER + 0x1000 - k + 13, 2);
        ck_assert_uint_eq(run(&g, OTHER + 0x1000 - k, 3), 3 * 0x1104);
        PUT(&g, OTHER + 0x1000 - k + 3, 3);
        ck_assert_uint_eq(run(&g, OTHER + 0x1000 - k, 3), 3 * 0x1304);
    }
    free_guest(&g);
}
END_TEST

/* A20 decides what is at 1 MiB, behind the back of chained jumps, the jump cache and crossing
 * blocks. */
START_TEST(remapped)
{
    for (u32 limit = 0; limit < 2; limit++) {
        struct guest g;

        new_guest(&g, (struct translate_options){0}, _i);
        g.cpu->mmu.tlb_limit = limit;
        PUT(&g, 0, 0x55, 0x66, 0x77, HLT, 0xb0, 2, HLT);
        PUT(&g, 0x100000, 0x22, 0x33, 0x44, HLT, 0xb0, 1, HLT);
        PUT(&g, 0xffffe, 0xb8, 0x11);                     /* mov $..., %eax */
        PUT(&g, 0xff000, 0xe9, REL(0x100004, 0xff005));   /* jmp */
        PUT(&g, 0xff100, 0xba, LE(0x100004), 0xff, 0xe2); /* jmp *%edx */
        for (unsigned n = 0; n < 24; n++) {
            bool on = n / 4 % 2 == 0;

            if (phys_set_a20(&g.phys, on))
                mmu_flush(&g.cpu->mmu, true);
            ck_assert_uint_eq(run(&g, 0xff000, 0), (on ? 1u : 2u));
            ck_assert_uint_eq(run(&g, 0xff100, 0), (on ? 1u : 2u));
            ck_assert_uint_eq(run(&g, 0xffffe, 0), (on ? 0x44332211u : 0x77665511u));
        }
        free_guest(&g);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {next_instruction,
                                  own_instruction,
                                  earlier_instruction,
                                  other_page,
                                  crossing_instruction,
                                  by_string_instruction,
                                  by_device,
                                  data_beside_code,
                                  many_blocks,
                                  beside_and_into_code,
                                  small_cache,
                                  find_code,
                                  stops_take_no_space,
                                  two_machines,
                                  end_of_ram,
                                  unassigned,
                                  rom,
                                  across_a_page,
                                  remapped};
    Suite *suite = suite_create("self-modifying code");
    TCase *tcase = tcase_create("smc");
    SRunner *runner = srunner_create(suite);
    int engines = 0, failed;

    while (translator_engines()[engines])
        engines++;
    tcase_set_timeout(tcase, 60);
    for (unsigned i = 0; i < ARRAY_SIZE(tests); i++)
        tcase_add_loop_test(tcase, tests[i], 0, engines);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
