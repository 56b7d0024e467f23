/* Runs a fuzz program on a whole PC, or on two in lockstep: with disks in memory, and somebody who looks at
 * the screen. */
#include "tests/fuzz/machine.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cpu/cpuid.h"
#include "devices/board/pc.h"
#include "devices/board/pc_digest.h"
#include "devices/ui/screenshot.h"

#define BUDGET         15000u               /* instructions */
#define SLICE          1000u                /* between looks at the screen, and comparisons */
#define CLOCKS         (CLOCKS_PER_SEC / 8) /* of the host, until no slice is begun */
#define WORDS_REPORTED 8u
#define TABLE_WORDS    (3u * 1024)
#define OWN_BITS       0x60u /* of an entry: accessed, dirty */
#define HALT_POLLS     1000u /* one in 16 halts */
#define DISK           300u  /* sectors */
#define CD             64u
#define FLOPPY         2880u

/* A disk in memory. */
struct memory_disk {
    struct block block;
    u8 *data;
};

static int disk_read(struct block *block, u64 sector, void *data, u32 count)
{
    struct memory_disk *disk = container_of(block, struct memory_disk, block);

    memcpy(data, disk->data + sector * BLOCK_SECTOR, (size_t)count * BLOCK_SECTOR);
    return 0;
}

static int disk_write(struct block *block, u64 sector, const void *data, u32 count)
{
    struct memory_disk *disk = container_of(block, struct memory_disk, block);

    memcpy(disk->data + sector * BLOCK_SECTOR, data, (size_t)count * BLOCK_SECTOR);
    return 0;
}

static const struct block_ops disk_ops = {.read = disk_read, .write = disk_write};

static void disk_open(struct memory_disk *disk, u64 sectors)
{
    disk->block = (struct block){.ops = &disk_ops, .sectors = sectors};
    disk->data = calloc(sectors, BLOCK_SECTOR);
    if (!disk->data)
        BUG("out of memory");
    for (u64 i = 0; i < sectors; i += 7)
        memset(disk->data + i * BLOCK_SECTOR, (int)i + 1, BLOCK_SECTOR);
}

/* A serial port whose polls end a machine that is halted for good, with interrupts on and none to come:
 * under CLOCK_INSN that lasts for ever. */
struct watch {
    struct chr chr;
    struct pc *pc;
    u64 insns;
    unsigned polls; /* since the last instruction */
};

static void watch_write(struct chr *chr, const u8 *data, size_t len)
{
    (void)chr, (void)data, (void)len;
}

static int watch_poll_fd(struct chr *chr)
{
    (void)chr;
    return -1;
}

static void watch_poll(struct chr *chr)
{
    struct watch *watch = container_of(chr, struct watch, chr);
    u64 insns = cpu_insns(pc_cpu(watch->pc));

    if (insns != watch->insns)
        watch->polls = 0;
    watch->insns = insns;
    if (++watch->polls == HALT_POLLS)
        pc_quit(watch->pc, 0);
}

static const struct chr_ops watch_ops = {
    .write = watch_write, .poll_fd = watch_poll_fd, .poll = watch_poll};

enum { DISK_C, DISK_CD, DISK_A, DISKS };

struct fuzz_machine {
    struct pc *pc;
    struct memory_disk disk[DISKS];
    struct watch watch;
    struct pc_digest digest;
    struct surface surface;
    FILE *console;
    bool ended;
    int status;
};

static void machine_open(struct fuzz_machine *m, const struct fuzz_program *p, const u8 *rom,
                         const char *engine, bool knobs)
{
    static const u64 sectors[DISKS] = {DISK, CD, FLOPPY};
    char err[200] = "";
    struct pc_config config = {
        .ram_size = (u64)p->ram_mib << 20,
        .model = cpu_model_find(p->model),
        .translate = {.engine = engine, .code_buffer = 1 * MIB},
        .clock = CLOCK_INSN,
        .tlb_limit = p->tlb_limit,
        .debugcon_iobase = 0xe9,
        .debug_exit = true,
        .debug_exit_iobase = FZ_EXIT,
        .debug_exit_iosize = 1,
        .boot = "c",
        .own_bios = p->own_bios,
        .isa_only = p->isa_only,
        .no_acpi = p->no_acpi,
        .vga = p->no_vga ? PC_VGA_NONE : PC_VGA_STD,
    };

    memset(m, 0, sizeof(*m));
    if (knobs) {
        config.translate.block_len = p->block_len;
        config.translate.native_after = p->native_after;
        config.translate.random_len = p->random_len;
        config.translate.no_chain = p->no_chain;
        config.translate.slow_mem = p->slow_mem;
        config.translate.window_wait = 1; /* where there are windows, they are used */
        config.translate.cache_blocks = p->cache_blocks;
        config.translate.code_buffer = p->code_buffer;
    }
    for (unsigned i = 0; i < DISKS; i++)
        disk_open(&m->disk[i], sectors[i]);
    m->disk[DISK_CD].block.read_only = true;
    config.drive[0].block = &m->disk[DISK_C].block;
    config.drive[2] = (struct pc_drive){.block = &m->disk[DISK_CD].block, .cdrom = true};
    config.floppy[0] = &m->disk[DISK_A].block;
    m->watch.chr.ops = &watch_ops;
    config.serial[0] = &m->watch.chr;
    m->console = fopen("/dev/null", "w");
    config.debugcon = m->console;
    if (!m->console || pc_digest_init(&m->digest, config.ram_size))
        BUG("out of memory");
    m->pc = m->watch.pc = pc_new(&config, err, sizeof(err));
    if (!m->pc || pc_add_bios(m->pc, rom, FZ_ROM_SIZE))
        BUG("cannot make a machine");
}

static void machine_close(struct fuzz_machine *m)
{
    pc_free(m->pc);
    pc_digest_free(&m->digest);
    free(m->surface.pixel);
    fclose(m->console);
    for (unsigned i = 0; i < DISKS; i++)
        free(m->disk[i].data);
}

/* A digest of what one sees. */
static u64 machine_look(struct fuzz_machine *m)
{
    static const u64 prime = 0x100000001b3;
    struct display *display = pc_display(m->pc);
    struct text_screen *text;
    u64 hash = 0;

    if (!display)
        return 0;
    if (screenshot_draw(display, &m->surface, false))
        for (size_t i = 0; i < (size_t)m->surface.width * m->surface.height; i++)
            hash = (hash ^ m->surface.pixel[i]) * prime;
    text = calloc(1, sizeof(*text));
    if (!text)
        BUG("out of memory");
    display->text(display->opaque, text);
    for (unsigned i = 0; i < text->rows * text->columns; i++)
        hash = (hash ^ text->cell[i].character) * prime;
    free(text);
    return hash;
}

/* Whether the page tables changed otherwise than by the processor's own bits since they were `before`, or are
 * not where they belong. */
static bool tables_changed(const struct fuzz_machine *m, const u32 *before)
{
    const struct cpu *cpu = pc_cpu(m->pc);
    const u8 *now = phys_host(pc_phys(m->pc), FZ_PAGES);

    for (unsigned i = 0; i < TABLE_WORDS; i++)
        if ((get32(now + 4 * i) ^ before[i]) & ~OWN_BITS)
            return true;
    return (cpu->cr0 & CR0_PG) && cpu->cr3 != FZ_PAGES;
}

/* The page tables, for later; no TLB has an older entry. */
static void remember_tables(const struct fuzz_machine *m, u32 *tables)
{
    memcpy(tables, phys_host(pc_phys(m->pc), FZ_PAGES), 4 * TABLE_WORDS);
    mmu_flush(&pc_cpu(m->pc)->mmu, true);
}

static void machine_run(struct fuzz_machine *m, void (*progress)(void))
{
    progress();
    if (!m->ended)
        m->ended = pc_run_insns(m->pc, SLICE, &m->status);
}

static bool machines_alike(struct fuzz_machine *a, struct fuzz_machine *b, const char **what)
{
    if (a->ended != b->ended || (a->ended && a->status != b->status))
        *what = "how they ended";
    else if (cpu_insns(pc_cpu(a->pc)) != cpu_insns(pc_cpu(b->pc)))
        *what = "instructions";
    else if (cpu_digest(pc_cpu(a->pc)) != cpu_digest(pc_cpu(b->pc)))
        *what = "registers";
    else if (pc_digest_ram(&a->digest, &pc_cpu(a->pc)->mmu) !=
             pc_digest_ram(&b->digest, &pc_cpu(b->pc)->mmu))
        *what = "memory";
    else if (machine_look(a) != machine_look(b))
        *what = "the screen";
    else
        return true;
    return false;
}

static enum fuzz_outcome outcome_of(const struct fuzz_machine *m)
{
    if (!m->ended)
        return FUZZ_ENDED;
    return m->status < 0 || m->status > 0xff ? FUZZ_BROKEN : FUZZ_ENDED;
}

static enum fuzz_outcome run_one(const struct fuzz_program *p, const u8 *rom, const char *engine,
                                 void (*progress)(void), u64 *insns)
{
    struct fuzz_machine m;
    enum fuzz_outcome outcome;
    clock_t end = clock() + CLOCKS;

    machine_open(&m, p, rom, engine, true);
    for (u32 at = 0; at < BUDGET && !m.ended && clock() < end; at += SLICE) {
        machine_run(&m, progress);
        machine_look(&m);
    }
    outcome = outcome_of(&m);
    *insns = cpu_insns(pc_cpu(m.pc));
    machine_close(&m);
    return outcome;
}

/* The first words of memory that differ. */
static void report_memory(const struct fuzz_machine *a, const struct fuzz_machine *b, FILE *report)
{
    const struct phys *in_a = pc_phys(a->pc), *in_b = pc_phys(b->pc);
    unsigned left = WORDS_REPORTED;

    for (u64 pa = 0; pa < pc_get_config(a->pc)->ram_size && left; pa += 4) {
        const u8 *x, *y;

        if (!(phys_page(in_a, pa) & phys_page(in_b, pa) & PHYS_RAM))
            continue;
        x = phys_host(in_a, pa);
        y = phys_host(in_b, pa);
        if (get32(x) == get32(y))
            continue;
        fprintf(report, "memory at %08" PRIx64 ": interp %08x, native %08x\n", pa, get32(x),
                get32(y));
        left--;
    }
}

static void report_sides(const struct fuzz_machine *a, const struct fuzz_machine *b, u32 from,
                         const char *what, FILE *report)
{
    const struct fuzz_machine *side[2] = {a, b};

    fprintf(report, "differ in %s, in the %u instructions after %u\n", what, SLICE, from);
    for (unsigned i = 0; i < 2; i++) {
        fprintf(report, "%s: %" PRIu64 " instructions%s, status %d\n", i ? "native" : "interp",
                cpu_insns(pc_cpu(side[i]->pc)), side[i]->ended ? ", ended" : "", side[i]->status);
        cpu_dump(pc_cpu(side[i]->pc), report);
    }
    report_memory(a, b, report);
}

static enum fuzz_outcome run_two(const struct fuzz_program *p, const u8 *rom, FILE *report,
                                 void (*progress)(void), u64 *insns)
{
    static u32 tables[2][TABLE_WORDS];
    struct fuzz_machine a, b;
    bool stale = false;
    enum fuzz_outcome outcome;
    const char *what = NULL;
    bool alike = true;
    clock_t end = clock() + 2 * CLOCKS;

    machine_open(&a, p, rom, "interp", false);
    machine_open(&b, p, rom, NULL, true);
    for (u32 at = 0; at < BUDGET && !a.ended && alike && clock() < end; at += SLICE) {
        remember_tables(&a, tables[0]);
        remember_tables(&b, tables[1]);
        machine_run(&a, progress);
        machine_run(&b, progress);
        alike = machines_alike(&a, &b, &what);
        if (!alike)
            report_sides(&a, &b, at, what, report);
    }
    if (!alike)
        stale = tables_changed(&a, tables[0]) || tables_changed(&b, tables[1]);
    outcome = alike ? outcome_of(&a) : stale ? FUZZ_STALE : FUZZ_DIFFERS;
    *insns = cpu_insns(pc_cpu(a.pc));
    machine_close(&a);
    machine_close(&b);
    return outcome;
}

enum fuzz_outcome fuzz_run(const struct fuzz_program *p, const char *engine, FILE *report,
                           void (*progress)(void), u64 *insns)
{
    u8 rom[FZ_ROM_SIZE];
    enum fuzz_outcome outcome;

    fuzz_build(p, rom);
    if (engine)
        return run_one(p, rom, engine, progress, insns);
    if (!p->stale)
        return run_two(p, rom, report, progress, insns);
    outcome = run_one(p, rom, "interp", progress, insns);
    return outcome == FUZZ_BROKEN ? outcome : run_one(p, rom, NULL, progress, insns);
}
