/* -readconfig and -set: the command line that comes of them. */
#include "boot/config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mmu/host/base.h"
#include "tests/unit/options_line.h"

static char path[] = "/tmp/pagewalk-config-XXXXXX";

static const struct {
    const char *file;
    const char *args; /* NULL: wrong, and */
    const char *err;  /* what the line ends in */
} files[] = {
    {"", "", NULL},
    {"# nothing\n\n", "", NULL},
    {"[memory]\n  size = \"64\"\n", "-m;64;", NULL},
    {"[machine]\n type = \"pc\"\n accel = \"tcg\"", "-machine;pc,accel=tcg;", NULL},
    {"[machine]\r\n accel = \"tcg\"\r\n", "-machine;accel=tcg;", NULL},
    {"[drive \"d\"]\nfile = \"a,b\"\nif = \"none\"\n[device]\ndrive=\"d\"\ndriver = \"ide-hd\"\n",
     "-drive;file=a,,b,if=none,id=d;-device;ide-hd,drive=d;", NULL},
    {"[smp-opts]\ncpus = \"1\"\n[boot-opts]\norder = \"c\"", "-smp;cpus=1;-boot;order=c;", NULL},
    {"[rtc]\nbase = \"\"\n", "-rtc;base=;", NULL},
    {"key = \"1\"\n", NULL, "line 1: give [GROUP], [GROUP \"ID\"] or KEY = \"VALUE\""},
    {"[a]\nkey = 1\n", NULL, "line 2: give [GROUP], [GROUP \"ID\"] or KEY = \"VALUE\""},
    {"[a]\nkey = \"1\n", NULL, "line 2: give [GROUP], [GROUP \"ID\"] or KEY = \"VALUE\""},
    {"[a]\nkey = \"1\" x\n", NULL, "line 2: give [GROUP], [GROUP \"ID\"] or KEY = \"VALUE\""},
    {"[a\n", NULL, "line 1: give [GROUP], [GROUP \"ID\"] or KEY = \"VALUE\""},
    {"[a] x\n", NULL, "line 1: give [GROUP], [GROUP \"ID\"] or KEY = \"VALUE\""},
    {"[a \"b\n", NULL, "line 1: give [GROUP], [GROUP \"ID\"] or KEY = \"VALUE\""},
    {"[]\n", NULL, "line 1: give [GROUP], [GROUP \"ID\"] or KEY = \"VALUE\""},
};

static void write_file(const void *data, size_t len)
{
    FILE *file = fopen(path, "w");

    ck_assert_uint_eq(fwrite(data, 1, len, file), len);
    fclose(file);
}

static void joined(const struct config *config, int from, char *out, size_t size)
{
    out[0] = '\0';
    for (int i = from; i < config->argc; i++)
        snprintf(out + strlen(out), size - strlen(out), "%s;", config->argv[i]);
}

/* An empty file is none that can be read: it gets a line's end. */
START_TEST(read_file)
{
    struct config config;
    char args[256], err[512] = "", *argv[] = {"pagewalk", "--readconfig", path, NULL};
    const char *text = *files[_i].file ? files[_i].file : "\n";
    int r;

    write_file(text, strlen(text));
    r = config_expand(&config, 3, argv, err, sizeof(err));
    ck_assert_int_eq(r, files[_i].args ? 0 : -1);
    if (r == 0) {
        joined(&config, 1, args, sizeof(args));
        ck_assert_str_eq(args, files[_i].args);
    } else {
        ck_assert_msg(strlen(err) > strlen(files[_i].err) &&
                          strcmp(err + strlen(err) - strlen(files[_i].err), files[_i].err) == 0,
                      "%s", err);
    }
    config_free(&config);
}
END_TEST

static const struct {
    const char *args, *expanded;
} sets[] = {
    {"-drive;if=none,id=a;-set;drive.a.file=x", "-drive;if=none,id=a,file=x;"},
    {"-drive;id=a,if=none;--set;drive.a.file=x=y", "-drive;id=a,if=none,file=x=y;"},
    {"-drive;id=ab;-drive;id=a;-set;drive.a.x=1;-set;drive.ab.x=2",
     "-drive;id=ab,x=2;-drive;id=a,x=1;"},
    {"-drive;id=a;-set;device.a.x=1", "-drive;id=a;-set;device.a.x=1;"},
    {"-set;drive.a.x=1;-drive;id=a", "-set;drive.a.x=1;-drive;id=a;"},
    {"-drive;id=a;-set;drive.a.x", "-drive;id=a;-set;drive.a.x;"},
    {"-drive;id=a;-set;drive.a.=1", "-drive;id=a;-set;drive.a.=1;"},
    {"-drive;id=a;-set;drive", "-drive;id=a;-set;drive;"},
    {"-drive;id=a;-set", "-drive;id=a;-set;"},
};

START_TEST(set_key)
{
    struct line line;
    struct config config;
    char args[256], err[512];

    split(&line, sets[_i].args);
    ck_assert_int_eq(config_expand(&config, line.argc, line.argv, err, sizeof(err)), 0);
    joined(&config, 1, args, sizeof(args));
    ck_assert_str_eq(args, sets[_i].expanded);
    config_free(&config);
}
END_TEST

START_TEST(too_many)
{
    static char *argv[CONFIG_ARGS + 2];
    struct config config;
    char err[512];

    for (int i = 0; i < CONFIG_ARGS + 1; i++)
        argv[i] = "x";
    ck_assert_int_eq(config_expand(&config, CONFIG_ARGS, argv, err, sizeof(err)), 0);
    ck_assert_int_eq(config_expand(&config, CONFIG_ARGS + 1, argv, err, sizeof(err)), -1);
}
END_TEST

START_TEST(fuzz)
{
    static const char alphabet[] = "[[]]\"\"== \n\nabdrive#,\r\x80";
    char text[200], err[512], *argv[] = {"pagewalk", "-readconfig", path, NULL};
    struct config config;
    u32 seed = 7;

    for (unsigned i = 0; i < 20000; i++) {
        size_t len = 1 + (seed >> 8) % (sizeof(text) - 1);

        for (size_t j = 0; j < len; j++) {
            seed = seed * 1103515245u + 12345u;
            text[j] = alphabet[(seed >> 16) % sizeof(alphabet)];
        }
        write_file(text, len);
        config_expand(&config, 3, argv, err, sizeof(err));
        config_free(&config);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("config");
    TCase *tc = tcase_create("config");
    SRunner *runner;
    int failed, fd = mkstemp(path);

    if (fd < 0)
        return 1;
    close(fd);
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, read_file, 0, ARRAY_SIZE(files));
    tcase_add_loop_test(tc, set_key, 0, ARRAY_SIZE(sets));
    tcase_add_test(tc, too_many);
    tcase_add_test(tc, fuzz);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    unlink(path);
    return failed != 0;
}
