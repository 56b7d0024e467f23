/* The list of the architectural state: each number of it counts in what expands from there. */
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
START_TEST(digest)
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
    cpu->lazy = (struct lazy_flags){LAZY_SUB32, 0, 7, 7, 0};
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

int main(void)
{
    Suite *suite = suite_create("cpu state");
    TCase *tc = tcase_create("list");

    tcase_add_test(tc, numbers);
    tcase_add_test(tc, digest);
    tcase_add_test(tc, dump);
    suite_add_tcase(suite, tc);
    return rig_run(suite);
}
