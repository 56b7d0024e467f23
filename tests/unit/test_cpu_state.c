/* The list of the architectural state: each number of it counts in what expands from there, and saved states. */
#include "mmu/host/state.h"
#include "tests/unit/cpurig.h"

/* What a number is while it is looked for: the same bytes nowhere else. */
static void mark(void *at, unsigned size, unsigned count)
{
    for (unsigned i = 0; i < size; i++)
        ((u8 *)at)[i] = (u8)(size == 1 ? 1 : 0x80 + count + i * 37);
}

/* Numbers lie behind one another without overlapping, and what is between them is padding or what the translator
 * keeps in the register file. */
START_TEST(numbers)
{
    static u8 seen[sizeof(struct cpu_state)];
    static char names[500][STATE_NAME_MAX];
    struct state_number number = {0};
    unsigned count = 0, gaps = 0;

    while (cpu_state_next(&number)) {
        for (unsigned i = 0; i < number.size; i++)
            ck_assert_uint_eq(seen[number.offset + i]++, 0);
        cpu_state_name(&number, names[count]);
        ck_assert_uint_ne(names[count][0], 0);
        for (unsigned i = 0; i < count; i++)
            ck_assert_str_ne(names[i], names[count]);
        ck_assert_uint_lt(++count, ARRAY_SIZE(names));
    }
    ck_assert_uint_gt(count, 150);
    ck_assert_str_eq(names[0], "EAX");
    ck_assert_str_eq(names[8], "ES.base");
    for (size_t i = 0; i < sizeof(seen); i++) {
        bool temporary = i / 4 >= R_T0 && i / 4 < R_BASE;
        bool unused =
            i >= offsetof(struct cpu_state, dr[4]) && i < offsetof(struct cpu_state, dr[6]);

        gaps = seen[i] ? 0 : gaps + 1;
        ck_assert_msg(temporary || unused || gaps < 16, "byte %zu is in no number", i);
        if (temporary || unused)
            gaps = 0;
    }
}
END_TEST

/* What the list says to be in the digest moves it, and nothing else does, nor how the flags are kept. */
START_TEST(digest_fields)
{
    struct rig *rig = rig_new("pentium3", NULL);
    struct cpu *cpu = rig->cpu;
    u64 digest = cpu_digest(cpu);
    struct state_number number = {0};

    while (cpu_state_next(&number)) {
        u8 *at = (u8 *)&cpu->state + number.offset;
        char name[STATE_NAME_MAX];

        cpu_state_name(&number, name);
        for (unsigned i = 0; i < number.size; i++) {
            at[i] ^= 1;
            ck_assert_msg((cpu_digest(cpu) != digest) == !!(number.uses & STATE_DIGEST), "%s",
                          name);
            at[i] ^= 1;
        }
    }
    cpu->r[R_T3] = 99;
    ck_assert_uint_eq(cpu_digest(cpu), digest);
    cpu->lazy = (struct lazy_flags){LAZY_SUB32, 0, 7, 7, 0, 0};
    digest = cpu_digest(cpu);
    flags_settle(cpu);
    ck_assert_uint_eq(cpu_digest(cpu), digest);
    rig_free(rig);
}
END_TEST

/* The dump has what the list says, with its name. */
START_TEST(dump)
{
    struct rig *rig = rig_new("pentium3", NULL);
    struct cpu *cpu = rig->cpu;
    struct state_number number = {0};
    unsigned count = 0;

    while (cpu_state_next(&number)) {
        u8 *at = (u8 *)&cpu->state + number.offset;
        bool base = number.offset >= offsetof(struct cpu_state, r[R_BASE]) &&
                    number.offset < offsetof(struct cpu_state, r[R_SLOTS]);
        char name[STATE_NAME_MAX], value[STATE_NAME_MAX + 33], *text = NULL, *label, *end;
        size_t len;
        FILE *out;

        if (!(number.uses & STATE_DUMP))
            continue;
        mark(at, number.size, count++);
        cpu_state_name(&number, name);
        label = number.member ? strchr(name, ' ') : name;
        if (base)
            strcpy(name, "base");
        end = value + sprintf(value, "%s=", label);
        for (unsigned i = number.size; i-- > 0;)
            end += sprintf(end, "%02x", at[i]);
        out = open_memstream(&text, &len);
        ck_assert_ptr_nonnull(out);
        cpu_dump(cpu, out);
        fclose(out);
        ck_assert_msg(strstr(text, value) != NULL, "no %s in\n%s", value, text);
        free(text);
    }
    ck_assert_uint_gt(count, 60);
    rig_free(rig);
}
END_TEST

/* A state in which every number has bytes of its own, as far as a CPU can be in it. */
static void fill(struct cpu *cpu)
{
    struct state_number number = {0};
    unsigned count = 0;

    while (cpu_state_next(&number)) {
        u8 *at = (u8 *)&cpu->state + number.offset;

        if (number.flag)
            *at = 1;
        else
            mark(at, number.size, count++);
    }
    cpu->cr0 = CR0_PE | CR0_PG | CR0_ET | CR0_AM;
    cpu->cr4 = CR4_PAE | CR4_OSFXSR | CR4_DE;
    cpu->eflags = FL_ONE | FL_IF | FL_NT | FL_RF;
    cpu->cpl = 3;
    cpu->efer = EFER_NXE;
    cpu->mxcsr = 0x1f85;
    cpu->line_pa = 0x7fc0;
    for (unsigned i = 0; i < SREG_COUNT; i++)
        cpu->seg[i].attr &= DESC_ATTR_MASK;
    cpu->mmu.paging.pdpte[2] = 0x1234001;
    mmu_restore_paging(&cpu->mmu, cpu->cr0, cpu->cr3, cpu->cr4, cpu->mmu.paging.pdpte);
}

static void load(struct rig *rig, const struct state *saved, bool good)
{
    struct state state;

    state_init_load(&state, saved->data, saved->len);
    cpu_state(rig->cpu, &state);
    ck_assert_int_eq(state.failed, !good);
    state_free(&state);
}

START_TEST(round_trip)
{
    struct rig *one = rig_new("coreduo", NULL), *two = rig_new("coreduo", NULL);
    struct state_number number = {0};
    struct cpu_state a, b;
    struct state saved;

    fill(one->cpu);
    one->cpu->lazy = (struct lazy_flags){LAZY_SUB32, 0, 7, 7, 0, 0}; /* ZF, and PF */
    state_init_save(&saved);
    cpu_state(one->cpu, &saved);
    ck_assert(!saved.failed);
    two->cpu->r[R_T1] = 5;
    load(two, &saved, true);
    cpu_state_get(one->cpu, &a);
    cpu_state_get(two->cpu, &b);
    ck_assert_uint_eq(b.eflags & (FL_ARITH | FL_RF), FL_ZF | FL_PF | FL_RF);
    while (cpu_state_next(&number)) {
        char name[STATE_NAME_MAX];

        cpu_state_name(&number, name);
        ck_assert_msg(memcmp((u8 *)&a + number.offset, (u8 *)&b + number.offset, number.size) == 0,
                      "%s", name);
    }
    ck_assert_uint_eq(two->cpu->r[R_ZERO], 0);
    ck_assert_uint_eq(two->cpu->mode & (MODE_CPL | MODE_PE | MODE_OSFXSR),
                      3 | MODE_PE | MODE_OSFXSR);
    ck_assert_uint_eq(two->cpu->mmu.paging.pdpte[2], 0x1234001);
    ck_assert_uint_eq(two->cpu->mmu.paging.cr3, one->cpu->cr3);
    ck_assert(two->cpu->mmu.paging.nx);
    state_free(&saved);
    rig_free(one);
    rig_free(two);
}
END_TEST

/* What is armed, and the event counter's place, follow from the state. */
START_TEST(restored)
{
    struct rig *one = rig_new("coreduo", NULL), *two = rig_new("coreduo", NULL);
    struct cpu *cpu = two->cpu;
    struct state saved;

    rig_protected(one, 0);
    one->cpu->dr[0] = 0x1234;
    one->cpu->dr[1] = 0x5678;
    one->cpu->dr[7] = 0x00100405 | 1u << 20; /* code at DR0, writes at DR1 */
    one->cpu->perf[1].select = 1u << 16 | 1u << 22;
    state_init_save(&saved);
    cpu_state(one->cpu, &saved);
    load(two, &saved, true);
    ck_assert_uint_eq(cpu->code_breaks.count, 1);
    ck_assert_uint_eq(cpu->code_breaks.la[0], 0x1234);
    ck_assert_uint_eq(cpu->mmu.watches, 1);
    ck_assert(cpu->breaks_armed && (cpu->mode & MODE_DEBUG));
    ck_assert(cpu->perf_by_level);
    state_free(&saved);
    rig_free(one);
    rig_free(two);
}
END_TEST

/* States that no CPU can be in, and damaged ones, change nothing. */
START_TEST(impossible)
{
    static const struct {
        size_t at;
        u32 value;
    } bad[] = {
        {offsetof(struct cpu_state, cpl), 4},
        {offsetof(struct cpu_state, cr0), CR0_PG},
        {offsetof(struct cpu_state, cr0), CR0_PE | CR0_NW},
        {offsetof(struct cpu_state, cr0), CR0_PE | 0x80},
        {offsetof(struct cpu_state, cr0), 0}, /* real mode at CPL 3 */
        {offsetof(struct cpu_state, cr4), 0x80000000u},
        {offsetof(struct cpu_state, eflags), 0},
        {offsetof(struct cpu_state, eflags), FL_ONE | 8},
        {offsetof(struct cpu_state, efer), 1},
        {offsetof(struct cpu_state, mxcsr), 0x10000},
        {offsetof(struct cpu_state, line_pa), 0x1001},
        {offsetof(struct cpu_state, seg[SREG_GS].attr), 1},
    };
    struct rig *one = rig_new("pentium4", NULL), *two = rig_new("pentium4", NULL);
    u64 digest = cpu_digest(two->cpu);
    struct state saved;

    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
        rig_protected(one, 3);
        if (bad[i].at == offsetof(struct cpu_state, cpl))
            one->cpu->cpl = (u8)bad[i].value;
        else
            put32((u8 *)&one->cpu->state + bad[i].at, bad[i].value);
        state_init_save(&saved);
        cpu_state(one->cpu, &saved);
        load(two, &saved, false);
        ck_assert_uint_eq(cpu_digest(two->cpu), digest);
        state_free(&saved);
        cpu_reset(one->cpu);
    }
    one->cpu->line_pa = 0; /* RESET leaves it alone */
    rig_protected(one, 3);
    state_init_save(&saved);
    cpu_state(one->cpu, &saved);
    saved.len -= 1;
    load(two, &saved, false);
    ck_assert_uint_eq(cpu_digest(two->cpu), digest);
    saved.len += 1;
    load(two, &saved, true);
    state_free(&saved);
    rig_free(one);
    rig_free(two);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cpu state");
    TCase *tc = tcase_create("list");

    tcase_add_test(tc, numbers);
    tcase_add_test(tc, digest_fields);
    tcase_add_test(tc, dump);
    tcase_add_test(tc, round_trip);
    tcase_add_test(tc, restored);
    tcase_add_test(tc, impossible);
    suite_add_tcase(suite, tc);
    return rig_run(suite);
}
