/* Screenshots: code page 437, PNG read back by libpng, pixmaps, text, names and numbers. */
#include <check.h>
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devices/ui/cp437.h"
#include "devices/ui/screenshot.h"
#include "tests/ui/card.h"
#ifdef PAGEWALK_PNG
#include <png.h>
#endif

static char folder[] = "/tmp/pagewalk-shots-XXXXXX";

static void setup(void)
{
    strcpy(strrchr(folder, '-') + 1, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void teardown(void)
{
    char command[128];

    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    ck_assert_int_eq(system(command), 0);
}

static const char *in_folder(const char *name)
{
    static char path[2][256];
    static unsigned turn;

    snprintf(path[++turn & 1], sizeof(path[0]), "%s/%s", folder, name);
    return path[turn & 1];
}

static size_t slurp(const char *path, char *data, size_t room)
{
    FILE *file = fopen(path, "r");
    size_t len;

    ck_assert_msg(file != NULL, "%s is not there", path);
    len = fread(data, 1, room - 1, file);
    data[len] = '\0';
    fclose(file);
    return len;
}

/* The C library's table of the code page is the oracle for what is no control code. */
START_TEST(code_page)
{
    iconv_t cd = iconv_open("UTF-8", "CP437");
    bool seen[0x10000] = {false};

    for (unsigned c = 0; c < 256; c++) {
        char got[CP437_UTF8 + 1] = {0};
        size_t len = cp437_utf8((u8)c, got);

        ck_assert(len >= 1 && len <= 3);
        if (c && c != ' ') {
            ck_assert_msg(!seen[cp437_unicode((u8)c)], "%u is there twice", c);
            seen[cp437_unicode((u8)c)] = true;
        }
        if (cd != (iconv_t)-1 && c >= 32 && c != 127) {
            char in = (char)c, want[8] = {0};
            char *from = &in, *to = want;
            size_t in_len = 1, out_len = sizeof(want);

            ck_assert_uint_eq(iconv(cd, &from, &in_len, &to, &out_len), 0);
            ck_assert_str_eq(got, want);
        }
    }
    if (cd != (iconv_t)-1)
        iconv_close(cd);
    ck_assert_uint_eq(cp437_unicode(1), 0x263a);  /* a smiling face */
    ck_assert_uint_eq(cp437_unicode(26), 0x2192); /* an arrow to the right */
    ck_assert_uint_eq(cp437_unicode(127), 0x2302);
    ck_assert_uint_eq(cp437_unicode(219), 0x2588);
    ck_assert_uint_eq(cp437_unicode(255), 0xa0);
}
END_TEST

#ifdef PAGEWALK_PNG
START_TEST(png)
{
    static struct card card;
    char name[SCREENSHOT_NAME], err[256];
    png_image image = {.version = PNG_IMAGE_VERSION};
    u8 *rgb;

    card_init(&card, 321, 7, 80, 25); /* rows of no round number of bytes */
    ck_assert_int_eq(
        screenshot_write(&card.display, NULL, in_folder("a.png"), name, err, sizeof(err)), 0);
    ck_assert_int_eq(png_image_begin_read_from_file(&image, name), 1);
    ck_assert_uint_eq(image.width, 321);
    ck_assert_uint_eq(image.height, 7);
    image.format = PNG_FORMAT_RGB;
    rgb = malloc(PNG_IMAGE_SIZE(image));
    ck_assert_int_eq(png_image_finish_read(&image, NULL, rgb, 0, NULL), 1);
    for (unsigned y = 0; y < 7; y++)
        for (unsigned x = 0; x < 321; x++) {
            const u8 *p = rgb + (y * 321 + x) * 3;

            if ((u32)(p[0] << 16 | p[1] << 8 | p[2]) != card_pixel(&card, x, y))
                ck_abort_msg("pixel %u,%u differs", x, y);
        }
    free(rgb);
}
END_TEST
#endif

START_TEST(ppm)
{
    static struct card card;
    char name[SCREENSHOT_NAME], err[256], data[256];
    /* The card's frame is white; the pixel in the middle is the fifth column of eight. */
    static const char want[] = "P6\n3 3\n255\n"
                               "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\xaa"
                               "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff";

    card_init(&card, 3, 3, 0, 0);
    ck_assert_int_eq(
        screenshot_write(&card.display, NULL, in_folder("a.ppm"), name, err, sizeof(err)), 0);
    ck_assert_uint_eq(slurp(name, data, sizeof(data)), sizeof(want) - 1);
    ck_assert_int_eq(memcmp(data, want, sizeof(want) - 1), 0);
}
END_TEST

START_TEST(text)
{
    static struct card card;
    char name[SCREENSHOT_NAME], err[256], data[1024];

    card_init(&card, 720, 400, 80, 25);
    card_print(&card, 0, 0, 7, "A:\\>dir");
    card_print(&card, 2, 2, 0x1f, "\xc9\xcd\xbb \x01");
    card_print(&card, 0, 4, 7, "  \xff ");
    ck_assert_int_eq(
        screenshot_write(&card.display, NULL, in_folder("a.txt"), name, err, sizeof(err)), 0);
    slurp(name, data, sizeof(data));
    ck_assert_str_eq(data, "A:\\>dir\n\n  \u2554\u2550\u2557 \u263a\n");

    card_print(&card, 79, 24, 7, "$");
    ck_assert_int_eq(
        screenshot_write(&card.display, NULL, in_folder("a.txt"), name, err, sizeof(err)), 0);
    slurp(name, data, sizeof(data));
    ck_assert_uint_eq(strlen(data), strlen("A:\\>dir\n\n  \u2554\u2550\u2557 \u263a\n") + 22 + 80);
}
END_TEST

START_TEST(errors)
{
    static struct card card;
    char name[SCREENSHOT_NAME], err[256];

    card_init(&card, 0, 0, 0, 0);
    ck_assert_int_eq(
        screenshot_write(&card.display, NULL, in_folder("a.txt"), name, err, sizeof(err)),
        -ENODATA);
    ck_assert_str_eq(err, "the display is not in a text mode");
    ck_assert_int_eq(
        screenshot_write(&card.display, NULL, in_folder("a.png"), name, err, sizeof(err)),
        -ENODATA);
    ck_assert_str_eq(err, "the display shows nothing");
    ck_assert_int_ne(access(in_folder("a.png"), F_OK), 0);
    card.width = card.height = 8;
    ck_assert_int_eq(
        screenshot_write(&card.display, NULL, in_folder("x/a.png"), name, err, sizeof(err)),
        -ENOENT);
    ck_assert_ptr_nonnull(strstr(err, "x/a.png': No such file"));
}
END_TEST

/* Numbers go on behind what is there, and nothing is overwritten; the name at the end is. */
START_TEST(numbers)
{
    static struct card card;
    char name[SCREENSHOT_NAME], err[256], data[64];
    unsigned number = 0;
    FILE *file;

    card_init(&card, 8, 8, 80, 25);
    card_print(&card, 0, 0, 7, "x");
    file = fopen(in_folder("b.c-2.txt"), "w");
    fputs("precious", file);
    fclose(file);
    for (unsigned i = 0; i < 2; i++) {
        ck_assert_int_eq(screenshot_numbered(&card.display, NULL, in_folder("b.c.txt"), &number,
                                             name, err, sizeof(err)),
                         0);
        ck_assert_str_eq(name, in_folder(i ? "b.c-3.txt" : "b.c-1.txt"));
        slurp(name, data, sizeof(data));
        ck_assert_str_eq(data, "x\n");
    }
    slurp(in_folder("b.c-2.txt"), data, sizeof(data));
    ck_assert_str_eq(data, "precious");
    ck_assert_int_eq(
        screenshot_write(&card.display, NULL, in_folder("b.c-2.txt"), name, err, sizeof(err)), 0);
    slurp(in_folder("b.c-2.txt"), data, sizeof(data));
    ck_assert_str_eq(data, "x\n");
    /* A name without an ending. */
    ck_assert_int_eq(screenshot_numbered(&card.display, NULL, in_folder("plain"), &number, name,
                                         err, sizeof(err)),
                     0);
    ck_assert_ptr_nonnull(strstr(name, "plain-4"));
}
END_TEST

static const struct {
    const char *path, *name;
    bool fresh, fits;
} names[] = {
    {"/x/a.png", "/x/a.png", false, true},
    {"/x/a.png", "/x/a.ppm", false, true},
    {"/x/a.png", "/x/a-12.png", true, true},
    {"/x/a.png", "/x/a-1.ppm", true, true},
    {"a", "a-7", true, true},
    {"a", "a", false, true},
    {"/x/a.png", "/x/a-1.png", false, false},
    {"/x/a.png", "/x/a.png", true, false},
    {"/x/a.png", "/x/b.png", false, false},
    {"/x/a.png", "/x/a-1.sh", true, false},
    {"/x/a.png", "/x/a-.png", true, false},
    {"/x/a.png", "/x/a-1/../../e.png", true, false},
    {"/x/a.png", "a.png", false, false},
    {"a", "a/b", false, false},
    {"/x/a.png", "", false, false},
};

START_TEST(names_fit)
{
    ck_assert_int_eq(screenshot_name_fits(names[_i].path, names[_i].name, names[_i].fresh),
                     names[_i].fits);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("screenshot");
    TCase *tc = tcase_create("screenshot");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, code_page);
#ifdef PAGEWALK_PNG
    tcase_add_test(tc, png);
#endif
    tcase_add_test(tc, ppm);
    tcase_add_test(tc, text);
    tcase_add_test(tc, errors);
    tcase_add_test(tc, numbers);
    tcase_add_loop_test(tc, names_fit, 0, ARRAY_SIZE(names));
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
