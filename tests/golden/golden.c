/* Prints what becomes of a snippet of guest code: each block's instructions, micro-ops and x64 host code.
 *
 *     golden MODE FILE       FILE: the snippet's bytes
 *
 * MODE  flat    CPL 0, 32 bits, flat segments; code at 100000
 *       user    the same at CPL 3
 *       align   the same at CPL 3 with alignment checks
 *       based   CPL 0, 32 bits; all segments have a base and a limit
 *       code16  CPL 0, a 16-bit code segment with flat data; code at 1000
 *       real    real mode; code at 1000
 *
 * Nothing runs. From the start, blocks are made for the targets of direct exits and for what follows each
 * block, as far as the snippet goes; a byte CC ends it. The last line has the numbers for the summary. */
#include <stdlib.h>
#include <string.h>

#include "cpu/cpuid.h"
#include "cpu/seg.h"
#include "tests/golden/golden.h"
#include "translate/decode/decode.h"

#define RAM        (2u * MIB)
#define CODE32     0x100000u
#define CODE16     0x1000u
#define BLOCKS     64
#define CPU_MODEL  "pentium4"
#define IMAGE_MAX  0x3000u
#define FLAT_LIMIT 0xffffffffu

static const char *const modes[] = {"flat", "user", "align", "based", "code16", "real"};
enum { FLAT, USER, ALIGN, BASED, CODE_16, REAL };

struct golden {
    struct phys phys;
    struct log log;
    struct stats stats;
    struct cpu *cpu;
    u32 start, len; /* the snippet, by EIP */
    u32 todo[2 * BLOCKS], seen[BLOCKS];
    unsigned todos, blocks;
    unsigned insns, guest_bytes, uops, host_insns, host_bytes;
    unsigned straight_insns, straight_bytes, unnamed;
};

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "golden: %s\n", what);
    exit(2);
}

static void set_mode(struct cpu *cpu, unsigned mode)
{
    bool user = mode == USER || mode == ALIGN, real = mode == REAL;
    u32 attr = SEG_P | SEG_S | SEG_W | SEG_ACCESSED | SEG_DB | SEG_G | (user ? SEG_DPL : 0);

    cpu->cr0 = CR0_ET | CR0_NE | (real ? 0 : CR0_PE) | (mode == ALIGN ? CR0_AM : 0);
    cpu->cr4 = CR4_OSFXSR | CR4_OSXMMEXCPT;
    cpu->eflags = FL_ONE | (mode == ALIGN ? FL_AC : 0);
    if (!mmu_set_paging(&cpu->mmu, cpu->cr0, 0, 0, true))
        die("no paging state");
    cpu_set_cpl(cpu, user ? 3 : 0);
    for (unsigned s = 0; s < SREG_COUNT; s++) {
        u32 bits = attr | (s == SREG_CS ? SEG_CODE : 0);

        if (real)
            seg_set_real(cpu, (enum sreg)s, (u16)(s == SREG_CS ? 0 : 0x100 * s));
        else if (mode == BASED)
            seg_set(cpu, (enum sreg)s, (u16)(8 * s + 8), 0x1000 * s, 0x1fffff, bits);
        else if (mode == CODE_16 && s == SREG_CS)
            seg_set(cpu, (enum sreg)s, 8, 0, 0xffff, bits & ~(SEG_DB | SEG_G));
        else
            seg_set(cpu, (enum sreg)s, (u16)(8 * s + 8), 0, FLAT_LIMIT, bits);
    }
    cpu_update_mode(cpu);
}

static void add_todo(struct golden *g, u32 eip)
{
    u8 byte;

    if (eip - g->start >= g->len || g->todos == ARRAY_SIZE(g->todo))
        return;
    phys_read(&g->phys, g->cpu->r[R_BASE + SREG_CS] + eip, &byte, 1);
    if (byte != 0xcc)
        g->todo[g->todos++] = eip;
}

static bool take_todo(struct golden *g, u32 *eip)
{
    unsigned least = 0;

    if (g->todos == 0)
        return false;
    for (unsigned i = 1; i < g->todos; i++)
        if (g->todo[i] < g->todo[least])
            least = i;
    *eip = g->todo[least];
    g->todo[least] = g->todo[--g->todos];
    return true;
}

static void print_host(const struct host_code *code, u32 from, u32 to)
{
    for (unsigned i = 0; i < code->lines; i++)
        if (code->line[i].at >= from && code->line[i].at < to) {
            char label[16] = "";

            if (code->line[i].label)
                snprintf(label, sizeof(label), "L%u:", code->line[i].label);
            printf("%15s %s\n", label, code->line[i].text);
        }
}

static unsigned count_host(const struct host_code *code, u32 to)
{
    unsigned n = 0;

    for (unsigned i = 0; i < code->lines; i++)
        n += code->line[i].at < to && !strstr(code->line[i].text, "(position");
    return n;
}

/* Where the way straight through the code ends: behind its last instruction's first jump. */
static u32 straight_end(const struct host_code *code, u32 last_insn)
{
    for (unsigned i = 0; i + 1 < code->lines; i++)
        if (code->line[i].at >= last_insn && !strncmp(code->line[i].text, "jmp ", 4))
            return code->line[i + 1].at;
    return code->bytes;
}

struct bytes {
    struct phys *phys;
    u32 at;
};

static bool fetch(void *opaque, unsigned offset, u8 *byte)
{
    const struct bytes *b = opaque;

    phys_read(b->phys, b->at + offset, byte, 1);
    return true;
}

static void print_insn(struct golden *g, const struct block *b, unsigned number)
{
    u32 eip = b->eip + b->insn_offset[number];
    struct bytes bytes = {&g->phys, b->cs_base + eip};
    struct decode_input input = {.code32 = b->mode & MODE_CS32,
                                 .model = g->cpu->model,
                                 .protected_mode = b->mode & MODE_PE,
                                 .fetch = fetch,
                                 .opaque = &bytes};
    struct insn insn;
    char text[128];

    if (decode(&input, &insn) != DECODE_OK)
        die("a block holds what does not decode");
    printf("  %s\n", insn_format(&insn, eip, text, sizeof(text)));
}

static void print_block(struct golden *g, const struct block *b)
{
    static struct host_code code;
    const struct x64 *x = g->cpu->translator->engine_data;
    const u8 *rw = b->code - x->code.delta;
    u32 len = (u32)(x->code.p - rw);
    u32 straight;

    if (!host_disassemble(&code, b, rw, len))
        die("objdump does not run");
    g->unnamed += host_name(&code, b, x, &g->stats);
    straight = straight_end(&code, b->insn_code[b->insns - 1]);
    printf(
        "\nblock %08x: %u instructions, %u bytes%s; %u micro-ops; host: %u instructions, %u bytes, "
        "straight through %u, %u\n",
        b->eip, b->insns, b->length, b->flags_dead ? ", flags dead" : "", b->uops,
        count_host(&code, len), len, count_host(&code, straight), straight);
    print_host(&code, 0, b->insn_code[0]);
    for (unsigned i = 0; i < b->insns; i++) {
        bool last = i + 1u == b->insns;

        print_insn(g, b, i);
        for (unsigned u = b->insn_uop[i]; u < (last ? b->uops : b->insn_uop[i + 1]); u++)
            uop_print(&b->uop[u], stdout);
        print_host(&code, b->insn_code[i], last ? len : b->insn_code[i + 1]);
    }
    g->blocks++;
    g->insns += b->insns;
    g->guest_bytes += b->length;
    g->uops += b->uops;
    g->host_insns += count_host(&code, len);
    g->host_bytes += len;
    g->straight_insns += count_host(&code, straight);
    g->straight_bytes += straight;
}

static bool seen(struct golden *g, u32 eip)
{
    for (unsigned i = 0; i < g->blocks; i++)
        if (g->seen[i] == eip)
            return true;
    return false;
}

static void walk(struct golden *g)
{
    struct cpu *cpu = g->cpu;
    u32 eip;

    if (__builtin_setjmp(cpu->unwind))
        die("the snippet cannot be fetched");
    add_todo(g, g->start);
    while (take_todo(g, &eip)) {
        const struct block *b;
        unsigned last;

        if (seen(g, eip))
            continue;
        if (g->blocks == BLOCKS)
            die("too many blocks");
        g->seen[g->blocks] = eip;
        cpu->eip = eip;
        b = block_find(cpu->translator, false);
        print_block(g, b);
        last = b->uop[b->uops - 1].op;
        if (last == U_exit_jmp || last == U_jcc || last == U_brz || last == U_brnz ||
            last == U_exit_call || last == U_exit_calli)
            add_todo(g, b->link[0].eip);
        if (last == U_jcc || last == U_brz || last == U_brnz || last == U_exit_call)
            add_todo(g, b->link[1].eip);
        for (unsigned i = 2; i < b->links; i++)
            add_todo(g, b->link[i].eip);
        add_todo(g, eip - b->run[0].start + b->run[b->runs - 1].end);
    }
}

static u32 load(struct golden *g, const char *path)
{
    static u8 image[IMAGE_MAX];
    FILE *in = fopen(path, "rb");
    size_t len = in ? fread(image, 1, sizeof(image), in) : 0;

    if (len == 0 || len == sizeof(image))
        die("no snippet, or too long a one");
    fclose(in);
    phys_poke(&g->phys, g->cpu->r[R_BASE + SREG_CS] + g->start, image, len);
    return (u32)len;
}

int main(int argc, char **argv)
{
    static const struct cpu_hooks none;
    static struct golden g;
    struct translate_options options = {.engine = "x64"};
    unsigned mode = 0;

    while (argc == 3 && mode < ARRAY_SIZE(modes) && strcmp(argv[1], modes[mode]))
        mode++;
    if (argc != 3 || mode == ARRAY_SIZE(modes))
        die("usage: golden flat|user|align|based|code16|real FILE");
    g.log.out = stdout;
    if (phys_init(&g.phys, RAM, &g.log, &g.stats) || phys_add_ram(&g.phys, 0, RAM))
        die("out of memory");
    g.cpu = cpu_new(&g.phys, cpu_model_find(CPU_MODEL), &none, &g.log, &g.stats);
    if (!g.cpu || translator_new(g.cpu, &options))
        die("out of memory");
    ((struct x64 *)g.cpu->translator->engine_data)->bmi2 =
        true; /* the same code on every host: it is not run */
    set_mode(g.cpu, mode);
    g.start = mode >= CODE_16 ? CODE16 : CODE32;
    g.len = load(&g, argv[2]);
    walk(&g);
    printf("\ntotal: %u blocks, %u instructions, %u bytes; %u micro-ops; host: %u instructions, %u "
           "bytes, straight through %u, %u\n",
           g.blocks, g.insns, g.guest_bytes, g.uops, g.host_insns, g.host_bytes, g.straight_insns,
           g.straight_bytes);
    translator_free(g.cpu);
    cpu_free(g.cpu);
    phys_free(&g.phys);
    if (g.unnamed)
        die("addresses without a name: see golden_host.c");
    return 0;
}
