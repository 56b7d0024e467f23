/* Names of addresses, from lists and ELF files, whole and broken ones. */
#include <check.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "mmu/host/symbols.h"
#include "tests/unit/bench_main.h"

static const char list[] = "c1000000 T _stext\n"
                           "c1000010 t first\n"
                           "c1000010 T alias\n"
                           "no line of these\n"
                           "00000007 A absolute\n"
                           "c1000100 d data\t[module]\r\n"
                           "ffffffffc1000200 T too_long\n"
                           "c2000000 T last";

static struct symbols *read_text(const char *text, u32 offset)
{
    char err[100];
    struct symbols *s = symbols_read(text, strlen(text), offset, err, sizeof(err));

    ck_assert_msg(s != NULL, "%s", err);
    return s;
}

static const struct {
    u32 la;
    const char *want;
} finds[] = {
    {0xc0ffffff, ""},
    {0xc1000000, " _stext+0"},
    {0xc100000f, " _stext+0xf"},
    {0xc1000010, " first+0"},
    {0xc10000ff, " first+0xef"},
    {0xc1000105, " data+0x5"},
    {0xc10fffff, " data+0xffeff"},
    {0xc1200000, ""}, /* too far behind */
    {0xc2000001, " last+0x1"},
    {0xffffffff, ""},
    {0, ""},
};

START_TEST(find)
{
    struct symbols *s = read_text(list, 0), *moved = read_text(list, 0x2000000);
    char text[SYMBOLS_TEXT];

    ck_assert_str_eq(symbols_text(s, finds[_i].la, " ", text), finds[_i].want);
    ck_assert_str_eq(symbols_text(moved, finds[_i].la + 0x2000000, " ", text), finds[_i].want);
    ck_assert_str_eq(symbols_text(NULL, finds[_i].la, " ", text), "");
    symbols_free(s);
    symbols_free(moved);
}
END_TEST

START_TEST(by_name)
{
    struct symbols *s = read_text(list, 0);
    u32 la = 0;

    ck_assert(symbols_address(s, "alias()", 5, &la));
    ck_assert_uint_eq(la, 0xc1000010);
    ck_assert(symbols_address(s, "data", 4, &la));
    ck_assert_uint_eq(la, 0xc1000100);
    ck_assert(!symbols_address(s, "dat", 3, &la));
    ck_assert(!symbols_address(s, "absolute", 8, &la));
    ck_assert(!symbols_address(s, "too_long", 8, &la));
    ck_assert(!symbols_address(NULL, "data", 4, &la));
    symbols_free(s);
}
END_TEST

/* A file with one table of three symbols. */
struct elf {
    Elf32_Ehdr header;
    Elf32_Shdr section[3];
    Elf32_Sym sym[3];
    char names[16];
};

static void make_elf(struct elf *elf)
{
    *elf = (struct elf){
        .header = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32, ELFDATA2LSB},
                   .e_shoff = offsetof(struct elf, section),
                   .e_shentsize = sizeof(Elf32_Shdr),
                   .e_shnum = 3},
        .section = {{0},
                    {.sh_type = SHT_SYMTAB,
                     .sh_offset = offsetof(struct elf, sym),
                     .sh_size = sizeof(elf->sym),
                     .sh_link = 2},
                    {.sh_type = SHT_STRTAB,
                     .sh_offset = offsetof(struct elf, names),
                     .sh_size = sizeof(elf->names)}},
        .sym = {{0},
                {.st_name = 1,
                 .st_value = 0xc1000000,
                 .st_info = ELF32_ST_INFO(STB_GLOBAL, STT_FUNC),
                 .st_shndx = 1},
                {.st_name = 6, .st_value = 0xc1000040, .st_shndx = 1}},
        .names = "\0main\0other",
    };
}

START_TEST(elf_file)
{
    struct elf elf;
    char err[100], text[SYMBOLS_TEXT];
    struct symbols *s;

    make_elf(&elf);
    s = symbols_read(&elf, sizeof(elf), 0, err, sizeof(err));
    ck_assert_msg(s != NULL, "%s", err);
    ck_assert_str_eq(symbols_text(s, 0xc1000004, "", text), "main+0x4");
    ck_assert_str_eq(symbols_text(s, 0xc1000044, "", text), "other+0x4");
    symbols_free(s);
}
END_TEST

/* Each byte of it changed, and each length: an error or some symbols, and nothing is read beside it. */
START_TEST(broken)
{
    char err[100];

    for (size_t at = 0; at < sizeof(struct elf); at++)
        for (unsigned change = 1; change < 256; change += 13) {
            struct elf *elf = malloc(sizeof(*elf));

            make_elf(elf);
            ((u8 *)elf)[at] = (u8)(((u8 *)elf)[at] + change);
            symbols_free(symbols_read(elf, sizeof(*elf), 0, err, sizeof(err)));
            free(elf);
        }
    for (size_t len = 0; len < sizeof(struct elf); len++) {
        u8 *part = malloc(len + 1);
        struct elf elf;

        make_elf(&elf);
        memcpy(part, &elf, len);
        symbols_free(symbols_read(part, len, 0, err, sizeof(err)));
        free(part);
    }
    for (size_t len = 0; len < sizeof(list); len++) {
        char *part = malloc(len + 1);

        memcpy(part, list, len);
        symbols_free(symbols_read(part, len, 0, err, sizeof(err)));
        free(part);
    }
    ck_assert_ptr_null(symbols_read("nothing here", 12, 0, err, sizeof(err)));
    ck_assert_str_eq(err, "it has no symbols; give a vmlinux or a System.map");
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("symbols");

    tcase_add_loop_test(tc, find, 0, ARRAY_SIZE(finds));
    tcase_add_test(tc, by_name);
    tcase_add_test(tc, elf_file);
    tcase_add_test(tc, broken);
    return bench_main(tc, "symbols");
}
