/* Every kind of memory access, interrupted by page faults that a handler mends: on every engine.
 *
 * At each fault registers, EFLAGS and memory must be those from before the instruction (of a repeated one: from
 * between two iterations), and error code and CR2 right; at the end everything as in a run without faults. The rows
 * are in paging_rows.def; PAGEWALK_TEST_SEED=N: with other data. (SDM vol. 3A, 6.15, interrupt 14; 4.7) */
#include "cpu/debug.h"
#include "tests/unit/engine_loop.h"
#include "tests/unit/paging_check.h"

#define CODE_OF_USER         ".code32\n"
#define CODE_OF_USER16       ".code16\n"
#define CODE_OF_VM86         ".code16\n"
#define CODE_OF_RING1        ".code32\n"
#define CODE_OF_KERNEL       ".code32\n"
#define CODE_OF_KERNEL_STACK ".code32\n"

/* Each row's length and bytes: room for what makes flags, the row, and its end. */
#define ROW(kind, setup, span, flags, text)                                                        \
    CODE_OF_##kind ".byte 772f - 771f\n771: nop; nop\n" text "\nint $0x20\n772:\n"
asm(".pushsection .rodata\npaging_code:\n"
#include "tests/unit/paging_rows.def"
    ".code64\n.popsection\n");
#undef ROW
extern const u8 paging_code[];

static const struct row {
    enum row_kind kind;
    enum row_setup setup;
    i32 span;
    unsigned flags;
    const char *text;
} rows[] = {
#define ROW(kind, setup, span, flags, text) {kind, setup, span, flags, text},
#include "tests/unit/paging_rows.def"
#undef ROW
};

/* How pages are at first and become as they must be. */
enum repair { ABSENT, ABSENT_READONLY, READONLY, SUPERVISOR, NO_EXECUTE, REPAIRS };
static const u32 first_rights[REPAIRS] = {
    [READONLY] = PTE_P | PTE_U,
    [SUPERVISOR] = PTE_P | PTE_W,
    [NO_EXECUTE] = PTE_P | PTE_W | PTE_U,
};

static void mend(u32 la, enum repair repair, u32 error)
{
    u8 *pte = machine_pte(&torn, la);
    u32 user = areas[area_of(la) / 2].user ? PTE_U : 0, old = get32(pte);

    if (!(old & PTE_P))
        put32(pte, old | user | (repair == ABSENT_READONLY ? PTE_P : PTE_P | PTE_W));
    else if ((error & PF_W) && !(old & PTE_W))
        put32(pte, old | PTE_W);
    else if (user && !(old & PTE_U))
        put32(pte, old | PTE_U);
    else if ((error & PF_I) && (get32(pte + 4) & PTE_NX))
        put32(pte + 4, 0);
    else
        must(false, "a fault at %x, whose entry is %x", la, old);
}

/* At the end a page's entry has A and D as without faults, and the rights that these need. */
static void right_entry(unsigned page, enum repair repair)
{
    const u8 *pte = machine_pte(&torn, area_page(page));
    u32 entry = get32(pte), marks = get32(machine_pte(&full, area_page(page))) & (PTE_A | PTE_D);

    must_be(entry & (PTE_A | PTE_D), marks, "A and D");
    must(!(marks & PTE_D) || (entry & PTE_W), "a store to a page that is read-only");
    if (!(marks & PTE_A))
        return;
    must(entry & PTE_P, "an access to a page that is absent");
    if (areas[page / 2].user && trial.kind <= VM86 && (page / 2 != CODE || trial.setup == NOTHING))
        must(entry & PTE_U, "a user's access to a supervisor's page");
    if (repair == NO_EXECUTE)
        must(!(get32(pte + 4) & PTE_NX), "a fetch from a page that is not executable");
}

/* One instruction for delivery, HLT, ADD and IRET of each handler; here HLT is the last of them. */
static u64 retired(u64 since, unsigned faults)
{
    return torn.cpu->insns - since - 4 * (u64)faults - 2;
}

static void run(enum repair repair, bool code_there, bool warm)
{
    u32 rights = first_rights[repair];
    unsigned faults = 0;
    u64 since;

    begin(&torn, PTE_P | PTE_W | PTE_U, true);
    if (warm) {
        next_vector(&torn);
        begin(&torn, rights, false);
    } else {
        machine_map(&torn, rights);
    }
    for (unsigned i = 2 * CODE; i < 2 * CODE + 2; i++) {
        u8 *pte = machine_pte(&torn, area_page(i));

        if (code_there)
            put32(pte, area_pa(i) | PTE_P | PTE_W | PTE_U);
        if (repair == NO_EXECUTE)
            put32(pte + 4, PTE_NX);
    }
    since = torn.cpu->insns;
    for (u32 vector; (vector = next_vector(&torn)) != END_VECTOR; faults++) {
        u32 cr2 = torn.cpu->cr2;
        struct frozen f = frozen_read(&torn);

        must(vector == EXCP_PF && area_of(cr2) < AREA_PAGES, "vector %u, error %x, EIP %x, CR2 %x",
             vector, f.error, f.eip, cr2);
        must(faults < 3 * AREA_PAGES, "no end of faults at %x", cr2);
        follow(retired(since, faults), &f);
        same_registers(&f);
        same_memory(true);
        right_fault(area_of(cr2), &f);
        mend(cr2, repair, f.error);
        torn.cpu->halted = false;
    }
    begin(&full, PTE_P | PTE_W | PTE_U, true);
    must_be(next_vector(&full), END_VECTOR, "the end without faults");
    torn.cpu->cr2 = full.cpu->cr2;
    must(cpu_digest(torn.cpu) == cpu_digest(full.cpu), "registers differ at the end");
    same_memory(false);
    for (unsigned i = 0; i < AREA_PAGES; i++)
        if ((!code_there || i / 2 != CODE) && i / 2 != KSTACK)
            right_entry(i, repair);
}

/* Each engine as it is, with every access on slow paths, with breakpoints that nothing hits, and with PAE's tables. */
static enum knob { PLAIN, SLOW, WATCHED, PAE, KNOBS } knob;

static void run_all(bool code_there)
{
    static const char *const names[REPAIRS] = {"absent", "absent, then read-only", "read-only",
                                               "supervisor's", "not executable"};

    trial_image(&trial, image);
    for (enum repair repair = 0; repair < REPAIRS; repair++) {
        if (trial.kind == KERNEL_STACK && repair != ABSENT)
            break; /* frames of faults need the page, too */
        if (repair == NO_EXECUTE ? code_there || knob != PAE : repair != ABSENT && knob != PLAIN)
            continue;
        how = names[repair];
        run(repair, code_there, false);
        if (knob == PLAIN && repair != ABSENT_READONLY)
            run(repair, code_there, true);
    }
}

static const struct row *row_next(const struct row *row, const u8 **code)
{
    trial = (struct trial){
        .text = row->text,
        .code = *code + 1,
        .len = **code,
        .kind = row->kind,
        .setup = row->setup,
        .flags = row->flags,
    };
    *code += 1 + **code;
    return row;
}

static void watch(struct cpu *cpu)
{
    cpu->dr[0] = areas[CODE].border + 0xf00;
    cpu->dr[1] = areas[DATA].border + 0xf00;
    cpu->dr[2] = areas[SOURCE].border - 0xf00;
    cpu->dr[7] = 0x0ff0042a; /* global ones: on an instruction, and on both accesses to data */
    debug_update(cpu);
}

static void machines_open(int i)
{
    struct translate_options options = {
        .engine = translator_engines()[i / KNOBS],
        .slow_mem = i % KNOBS == SLOW,
    };

    knob = (enum knob)(i % KNOBS);
    machine_open(&full, &(struct translate_options){.engine = "interp", .block_len = 1});
    machine_open(&torn, &options);
    torn.cpu->mmu.tlb_limit = knob == SLOW;
    torn.pae = full.pae = knob == PAE;
    if (knob == WATCHED) {
        watch(full.cpu);
        watch(torn.cpu);
    }
}

static void machines_close(void)
{
    machine_close(&full);
    machine_close(&torn);
}

START_TEST(operands)
{
    const u8 *code = paging_code;

    if (engine_is_short(_i / KNOBS))
        return;
    machines_open(_i);
    for (unsigned r = 0; r < ARRAY_SIZE(rows); r++) {
        const struct row *row = row_next(&rows[r], &code);
        i32 step = row->flags & R_BY16 ? 16 : row->span > 40 ? 7 : 1;

        for (i32 shift = -row->span; shift <= row->span; shift += step) {
            const i32 seconds[] = {shift, 64, -2, 1};

            for (unsigned i = 0; i < (row->flags & R_PAIR ? ARRAY_SIZE(seconds) : 1); i++) {
                trial.shift = shift;
                trial.second = seconds[i];
                trial_place(&trial, areas[CODE].border - 0x800);
                run_all(true);
            }
        }
    }
    machines_close();
}
END_TEST

START_TEST(code_bytes)
{
    const u8 *code = paging_code;

    if (engine_is_short(_i / KNOBS))
        return;
    machines_open(_i);
    for (unsigned r = 0; r < ARRAY_SIZE(rows); r++) {
        row_next(&rows[r], &code);
        for (u32 before = 0; before <= trial.len; before++) {
            trial.shift = trial.second = trial.flags & R_BY16 ? -16 : -1;
            trial_place(&trial, areas[CODE].border - before);
            run_all(false);
        }
    }
    machines_close();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("demand paging");
    TCase *tcase = tcase_create("faults");
    int engines = 0;

    while (translator_engines()[engines])
        engines++;
    tcase_set_timeout(tcase, 600);
    tcase_add_loop_test(tcase, operands, 0, KNOBS * engines);
    tcase_add_loop_test(tcase, code_bytes, 0, KNOBS * engines);
    suite_add_tcase(suite, tcase);
    return rig_run(suite);
}
