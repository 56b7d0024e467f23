/* ELF32 program headers: segments, entry point, every refusal, truncation and random damage. */
#include <check.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "boot/elf.h"

#define FILE_LEN 0x400u
#define DATA_AT  0x100u

static char err[512];

/* Two segments: 0x200 bytes at 1 MiB linked to run at 0xc0100000, and 0x100 + bss behind it. */
struct file {
    Elf32_Ehdr header;
    Elf32_Phdr ph[3];
    u8 pad[DATA_AT - sizeof(Elf32_Ehdr) - 3 * sizeof(Elf32_Phdr)];
    u8 data[FILE_LEN - DATA_AT];
};

static struct file make_file(void)
{
    struct file f;

    memset(&f, 0, sizeof(f));
    memcpy(f.header.e_ident, ELFMAG, SELFMAG);
    f.header.e_ident[EI_CLASS] = ELFCLASS32;
    f.header.e_ident[EI_DATA] = ELFDATA2LSB;
    f.header.e_ident[EI_VERSION] = EV_CURRENT;
    f.header.e_type = ET_EXEC;
    f.header.e_machine = EM_386;
    f.header.e_entry = 0xc0100010;
    f.header.e_phoff = offsetof(struct file, ph);
    f.header.e_phentsize = sizeof(Elf32_Phdr);
    f.header.e_phnum = 3;
    f.ph[0] = (Elf32_Phdr){PT_LOAD, DATA_AT, 0xc0100000, 0x100000, 0x200, 0x200, 5, 0x1000};
    f.ph[1] = (Elf32_Phdr){PT_NOTE, 0xfffffff0, 0, 0, 0xffff, 0xffff, 4, 4};
    f.ph[2] = (Elf32_Phdr){PT_LOAD, DATA_AT + 0x200, 0xc0101000, 0x101000, 0x100, 0x900, 6, 0x1000};
    return f;
}

static int plan(struct elf_plan *p, struct file *f, u64 len)
{
    struct image image = {.path = "kernel", .data = (u8 *)f, .size = len};

    err[0] = '\0';
    return elf_plan(p, &image, err, sizeof(err));
}

START_TEST(segments)
{
    struct file f = make_file();
    struct elf_plan p;

    ck_assert_msg(plan(&p, &f, sizeof(f)) == 0, "%s", err);
    ck_assert_uint_eq(p.count, 2);
    ck_assert_uint_eq(p.segment[0].address, 0x100000);
    ck_assert_uint_eq(p.segment[0].size, 0x200);
    ck_assert_uint_eq(p.segment[0].file_size, 0x200);
    ck_assert_uint_eq(p.segment[0].file_start, DATA_AT);
    ck_assert_uint_eq(p.segment[1].address, 0x101000);
    ck_assert_uint_eq(p.segment[1].size, 0x900);
    ck_assert_uint_eq(p.segment[1].file_size, 0x100);
    ck_assert_uint_eq(p.entry, 0x100010); /* made physical */
    f.header.e_entry = 0x100020;          /* is physical */
    ck_assert_int_eq(plan(&p, &f, sizeof(f)), 0);
    ck_assert_uint_eq(p.entry, 0x100020);
}
END_TEST

#define AT(field) offsetof(struct file, field), sizeof(((struct file *)0)->field)
static const struct {
    unsigned offset, size;
    u32 value;
    const char *err; /* NULL: accepted */
} fields[] = {
    {AT(header.e_ident[0]), 0x7e, "'kernel': not an ELF file"},
    {AT(header.e_ident[EI_CLASS]), ELFCLASS64,
     "'kernel': a 64-bit ELF file: this machine is a 32-bit PC"},
    {AT(header.e_ident[EI_CLASS]), 0, "'kernel': the ELF file is not 32-bit little-endian"},
    {AT(header.e_ident[EI_DATA]), ELFDATA2MSB,
     "'kernel': the ELF file is not 32-bit little-endian"},
    {AT(header.e_machine), EM_ARM, "'kernel': the ELF file is not for the i386"},
    {AT(header.e_type), ET_DYN, "'kernel': the ELF file is not an executable with fixed addresses"},
    {AT(header.e_phnum), 0, "'kernel': the ELF file has no usable program headers"},
    {AT(header.e_phnum), 1, NULL},
    {AT(header.e_phnum), 100, "'kernel': the ELF file is cut short"},
    {AT(header.e_phentsize), 56, "'kernel': the ELF file has no usable program headers"},
    {AT(header.e_phoff), FILE_LEN - 95, "'kernel': the ELF file is cut short"},
    {AT(header.e_phoff), 0xffffffff, "'kernel': the ELF file is cut short"},
    {AT(header.e_entry), 0xc0100200,
     "'kernel': the ELF file's entry point is in none of its segments"},
    {AT(header.e_entry), 0xc01018ff, NULL},
    {AT(ph[0].p_offset), FILE_LEN - 0x200, NULL},
    {AT(ph[0].p_offset), FILE_LEN - 0x1ff, "'kernel': the ELF file is cut short"},
    {AT(ph[0].p_offset), 0xffffff00, "'kernel': the ELF file is cut short"},
    {AT(ph[0].p_filesz), 0x201, "'kernel': an ELF segment is larger in the file than in memory"},
    {AT(ph[2].p_memsz), 0xffefefff, NULL},
    {AT(ph[2].p_memsz), 0xffeff000, NULL},
    {AT(ph[2].p_memsz), 0xffeff001, "'kernel': an ELF segment reaches beyond 4 GiB"},
    {AT(ph[0].p_paddr), 0xfffffe00, NULL},
    {AT(ph[0].p_paddr), 0xfffffe01, "'kernel': an ELF segment reaches beyond 4 GiB"},
};

START_TEST(field)
{
    struct file f = make_file();
    struct elf_plan p;
    int r;

    memcpy((u8 *)&f + fields[_i].offset, &fields[_i].value, fields[_i].size);
    r = plan(&p, &f, sizeof(f));
    if (fields[_i].err) {
        ck_assert_int_lt(r, 0);
        ck_assert_str_eq(err, fields[_i].err);
    } else {
        ck_assert_msg(r == 0, "%s", err);
    }
}
END_TEST

START_TEST(many_segments)
{
    struct file f = make_file();
    u8 big[sizeof(f) + 33 * sizeof(Elf32_Phdr)];
    struct image image = {.path = "kernel", .data = big, .size = sizeof(big)};
    struct elf_plan p;

    f.header.e_phoff = sizeof(f);
    for (unsigned n = 32; n <= 33; n++) {
        f.header.e_phnum = (u16)n;
        memcpy(big, &f, sizeof(f));
        for (unsigned i = 0; i < n; i++)
            memcpy(big + sizeof(f) + i * sizeof(Elf32_Phdr), &f.ph[0], sizeof(Elf32_Phdr));
        ck_assert_int_eq(elf_plan(&p, &image, err, sizeof(err)) == 0, n == 32);
    }
    ck_assert_str_eq(err, "'kernel': the ELF file has more than 32 segments to load");
}
END_TEST

START_TEST(nothing_to_load)
{
    struct file f = make_file();
    struct elf_plan p;

    f.ph[0].p_type = f.ph[2].p_type = PT_NULL;
    ck_assert_int_lt(plan(&p, &f, sizeof(f)), 0);
    ck_assert_str_eq(err, "'kernel': the ELF file has nothing to load");
}
END_TEST

START_TEST(truncated)
{
    struct file f = make_file();
    struct elf_plan p;

    for (u64 len = 1; len < sizeof(f); len++) {
        struct file *cut = malloc(len);

        memcpy(cut, &f, len);
        ck_assert_int_lt(plan(&p, cut, len), 0);
        free(cut);
    }
}
END_TEST

START_TEST(damaged)
{
    struct file f = make_file();
    struct file *copy = malloc(sizeof(f));
    struct elf_plan p;
    unsigned accepted = 0;

    srand(1);
    for (unsigned n = 0; n < 100000; n++) {
        memcpy(copy, &f, sizeof(f));
        for (int i = rand() % 4; i >= 0; i--)
            ((u8 *)copy)[rand() % DATA_AT] = (u8)rand();
        if (plan(&p, copy, sizeof(f)) < 0) {
            ck_assert(err[0] && !strchr(err, '\n'));
            continue;
        }
        accepted++;
        ck_assert_uint_ge(p.count, 1);
        for (unsigned i = 0; i < p.count; i++) {
            const struct elf_segment *s = &p.segment[i];

            ck_assert_uint_le(s->file_start + s->file_size, sizeof(f));
            ck_assert_uint_le(s->file_size, s->size);
            ck_assert_uint_le((u64)s->address + s->size, 1ull << 32);
        }
    }
    ck_assert_uint_gt(accepted, 1000);
    free(copy);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("elf");
    TCase *tc = tcase_create("elf");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, segments);
    tcase_add_loop_test(tc, field, 0, ARRAY_SIZE(fields));
    tcase_add_test(tc, many_segments);
    tcase_add_test(tc, nothing_to_load);
    tcase_add_test(tc, truncated);
    tcase_add_test(tc, damaged);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
