/* The SMBIOS tables: structure by structure. Expectations: DMTF DSP0134 2.8. */
#include "boot/smbios.h"

#include <check.h>
#include <errno.h>
#include <string.h>

#include "boot/options.h"
#include "tests/unit/bench_main.h"

static struct smbios smbios;

static u8 sum(const u8 *bytes, size_t len)
{
    u8 total = 0;

    while (len--)
        total += *bytes++;
    return total;
}

/* The structure behind this one. */
static const u8 *next(const u8 *s)
{
    s += s[1];
    while (s[0] || s[1])
        s++;
    return s + 2;
}

static const u8 *find(u8 type)
{
    const u8 *s = smbios.tables;

    while (s < smbios.tables + smbios.size && s[0] != type)
        s = next(s);
    return s < smbios.tables + smbios.size ? s : NULL;
}

static const char *text(const u8 *s, u8 number)
{
    const char *at = (const char *)s + s[1];

    if (!number)
        return "";
    while (--number)
        at += strlen(at) + 1;
    return at;
}

START_TEST(whole)
{
    static const u8 types[] = {0, 1, 2, 3, 4, 16, 17, 19, 32, 127};
    struct smbios_values values = {.oems = 0};
    const u8 *a = smbios.anchor, *s = smbios.tables;
    size_t longest = 0;

    ck_assert_int_eq(smbios_make(&smbios, &values, 256 * MIB), 0);
    ck_assert_mem_eq(a, "_SM_", 4);
    ck_assert_mem_eq(a + 16, "_DMI_", 5);
    ck_assert_uint_eq(sum(a, SMBIOS_ANCHOR), 0);
    ck_assert_uint_eq(sum(a + 16, 15), 0);
    ck_assert_uint_eq(get16(a + 22), smbios.size);
    ck_assert_uint_eq(get16(a + 28), ARRAY_SIZE(types));
    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        const u8 *end = next(s);

        ck_assert_uint_eq(s[0], types[i]);
        ck_assert_uint_ge(s[1], 4);
        if ((size_t)(end - s) > longest)
            longest = (size_t)(end - s);
        s = end;
    }
    ck_assert_ptr_eq(s, smbios.tables + smbios.size);
    ck_assert_uint_eq(get16(a + 8), longest);
}
END_TEST

START_TEST(memory)
{
    struct smbios_values values = {.oems = 0};

    ck_assert_int_eq(smbios_make(&smbios, &values, 3072ull * MIB), 0);
    ck_assert_uint_eq(get32(find(16) + 7), 3072 * KIB);
    ck_assert_uint_eq(get16(find(17) + 12), 3072);
    ck_assert_uint_eq(get32(find(19) + 4), 0);
    ck_assert_uint_eq(get32(find(19) + 8), 3072 * KIB - 1);
}
END_TEST

START_TEST(texts)
{
    struct smbios_values values = {
        .text = {[SMBIOS_system_serial] = "S1", [SMBIOS_bios_vendor] = ""},
        .oem = {"one", "two"},
        .oems = 2,
        .release_major = 3,
        .release_minor = 4,
        .uuid = {0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0, 1, 2, 3, 4, 5, 6, 7, 8},
        .has_uuid = true,
    };
    static const u8 uuid[] = {0x78, 0x56, 0x34, 0x12, 0xbc, 0x9a, 0xf0, 0xde,
                              1,    2,    3,    4,    5,    6,    7,    8};
    const u8 *s;

    ck_assert_int_eq(smbios_make(&smbios, &values, 256 * MIB), 0);
    s = find(1);
    ck_assert_str_eq(text(s, s[4]), "Pagewalk");
    ck_assert_str_eq(text(s, s[7]), "S1");
    ck_assert_uint_eq(s[25], 0); /* no SKU */
    ck_assert_mem_eq(s + 8, uuid, 16);
    s = find(0);
    ck_assert_uint_eq(s[4], 0); /* an empty text is none */
    ck_assert_str_eq(text(s, s[5]), PAGEWALK_VERSION);
    ck_assert_uint_eq(s[20], 3);
    ck_assert_uint_eq(s[21], 4);
    s = find(11);
    ck_assert_uint_eq(s[4], 2);
    ck_assert_str_eq(text(s, 2), "two");
}
END_TEST

/* Whatever is too long is found out, at every place. */
START_TEST(too_long)
{
    static char huge[SMBIOS_TABLES + 1];
    struct smbios_values values = {.oems = 0};

    memset(huge, 'x', SMBIOS_TABLES);
    for (unsigned field = 0; field < SMBIOS_FIELDS; field++) {
        values.text[field] = huge;
        ck_assert_int_eq(smbios_make(&smbios, &values, 256 * MIB), -ENOSPC);
        values.text[field] = NULL;
    }
    for (unsigned cut = 0; cut < SMBIOS_TABLES; cut++) {
        int r;

        values.text[_i] = huge + cut;
        r = smbios_make(&smbios, &values, 256 * MIB);
        ck_assert(r == 0 || r == -ENOSPC);
        ck_assert(r < 0 || smbios.size <= SMBIOS_TABLES);
    }
    ck_assert_int_eq(smbios_make(&smbios, &values, 256 * MIB), 0);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("smbios");

    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, whole);
    tcase_add_test(tc, memory);
    tcase_add_test(tc, texts);
    tcase_add_loop_test(tc, too_long, 0, SMBIOS_FIELDS);
    return bench_main(tc, "smbios");
}
