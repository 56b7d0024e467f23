/* pagewalk-img, also called pagewalk-mkcow: makes, looks into and changes disk images, with qemu-img's commands, options and exit statuses. */
#include "tools/img/img.h"

#include <stdio.h>
#include <string.h>

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *usage;
} commands[] = {
    {"check", img_check, "[-f FORMAT] [--output=human|json] [-r leaks|all] [-q] [-U] FILE"},
    {"commit", img_commit, "[-f FORMAT] [-d] [-p] [-q] FILE"},
    {"compare", img_compare, "[-f FORMAT] [-F FORMAT] [-s] [-p] [-q] [-U] FILE1 FILE2"},
    {"convert", img_convert,
     "[-f FORMAT] [-O FORMAT] [-o OPTIONS] [-c] [-B BASE [-F FORMAT]] [-l SNAPSHOT] [-S SIZE] [-n] "
     "[-p] [-q] [-U] FILE OUTPUT"},
    {"create", img_create, "[-f FORMAT] [-b BASE [-F FORMAT]] [-o OPTIONS] [-u] [-q] FILE [SIZE]"},
    {"dd", img_dd, "[-f FORMAT] [-O FORMAT] [-U] [bs=SIZE] [count=N] [skip=N] if=FILE of=OUTPUT"},
    {"info", img_info, "[-f FORMAT] [--output=human|json] [--backing-chain] [-U] FILE"},
    {"map", img_map, "[-f FORMAT] [--output=human|json] [-U] FILE"},
    {"rebase", img_rebase, "[-f FORMAT] [-u] [-p] [-q] -b BASE [-F FORMAT] FILE"},
    {"resize", img_resize, "[-f FORMAT] [--shrink] [-q] FILE [+-]SIZE"},
    {"snapshot", img_snapshot, "[-l | -c NAME | -a NAME | -d NAME] [-q] [-U] FILE"},
};

static int help(void)
{
    puts("usage: pagewalk-img COMMAND [OPTION...]\n\nCommands:");
    for (unsigned i = 0; i < ARRAY_SIZE(commands); i++)
        printf("  %s %s\n", commands[i].name, commands[i].usage);
    puts(
        "\nFormats: raw, qcow2, cow. Sizes: bytes, or with k, M, G, T. pagewalk-img(1) says more.");
    return 0;
}

int main(int argc, char **argv)
{
    const char *name = argc ? strrchr(argv[0], '/') : NULL;

    if (argc && strcmp(name ? name + 1 : argv[0], "pagewalk-mkcow") == 0)
        return img_mkcow(argc, argv);
    if (argc < 2)
        return img_fail("give a command; --help lists them");
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0)
        return help();
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        puts("pagewalk-img, of Pagewalk");
        return 0;
    }
    for (unsigned i = 0; i < ARRAY_SIZE(commands); i++)
        if (strcmp(commands[i].name, argv[1]) == 0)
            return commands[i].run(argc - 1, argv + 1);
    return img_fail("there is no command '%s'; --help lists them", argv[1]);
}
