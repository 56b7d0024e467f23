/* Hostile machines: random programs for the whole PC, on both engines in lockstep.
 *
 *     build/soft/fuzz [-engine NAME] [-seconds CPU-SECONDS] [-keep] FIRST COUNT
 *     build/soft/fuzz -write FOLDER FIRST COUNT
 *
 * A program that crashes Pagewalk, hangs it or is not the same on both engines is reduced, printed, and written
 * as a BIOS image. The last line is "N passed, N failed"; the exit status is 1 when one failed. -engine: on
 * that one alone. -seconds: ends when it has used so much of the host's time. -keep: not reduced. -write: runs none,
 * but writes those whose outcome depends on nothing that an engine may choose as images, and the options for each. */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "tests/fuzz/reduce.h"

#define FAILURES_MAX 8u
#define LOG_LINES    100u
#define PIECE        100u /* programs between looks at the time */

struct options {
    const char *engine;
    u64 first, count;
    long seconds;
    bool keep;
    const char *write;
};

static void show_log(const char *log)
{
    FILE *file = fopen(log, "r");
    char line[300];

    for (unsigned i = 0; file && i < LOG_LINES && fgets(line, sizeof(line), file); i++)
        fputs(line, stdout);
    if (file)
        fclose(file);
}

/* And prints the options that it is run with. */
static void write_rom(const struct fuzz_program *p, const char *name)
{
    static u8 rom[FZ_ROM_SIZE];
    FILE *file = fopen(name, "wb");

    fuzz_build(p, rom);
    if (file && fwrite(rom, 1, sizeof(rom), file) == sizeof(rom))
        printf("-bios %s -m %u -cpu %s -clock insn -device isa-debug-exit,iobase=0x%x,iosize=1\n",
               name, p->ram_mib, p->model, FZ_EXIT);
    if (file)
        fclose(file);
}

static int write_all(const struct options *options)
{
    static struct fuzz_program p;
    char name[300];

    for (u64 number = options->first; number < options->first + options->count; number++) {
        fuzz_generate(&p, number);
        snprintf(name, sizeof(name), "%.250s/%llu.rom", options->write, (unsigned long long)number);
        if (!p.stale)
            write_rom(&p, name);
    }
    return 0;
}

static void report(u64 number, enum fuzz_failure failure, const struct options *options,
                   const char *log)
{
    static struct fuzz_program p;
    char name[300];

    printf("FAIL fuzz: program %llu %s\n", (unsigned long long)number, child_failure_name(failure));
    fflush(stdout);
    fuzz_generate(&p, number);
    if (failure == FUZZ_GREW)
        return; /* by one of the hundred before */
    if (!options->keep)
        fuzz_reduce(&p, failure, options->engine, log);
    fuzz_print(&p);
    show_log(log);
    snprintf(name, sizeof(name), "%.200s-%llu.rom", log, (unsigned long long)number);
    fputs("the image: ", stdout);
    write_rom(&p, name);
}

static long cpu_seconds(void)
{
    struct rusage usage;

    getrusage(RUSAGE_CHILDREN, &usage);
    return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec;
}

static int parse(struct options *o, int argc, char **argv)
{
    int i = 1;

    for (; i < argc && argv[i][0] == '-'; i++) {
        if (strcmp(argv[i], "-keep") == 0)
            o->keep = true;
        else if (strcmp(argv[i], "-engine") == 0 && i + 1 < argc)
            o->engine = argv[++i];
        else if (strcmp(argv[i], "-write") == 0 && i + 1 < argc)
            o->write = argv[++i];
        else if (strcmp(argv[i], "-seconds") == 0 && i + 1 < argc)
            o->seconds = atol(argv[++i]);
        else
            return -1;
    }
    if (argc - i != 2)
        return -1;
    o->first = strtoull(argv[i], NULL, 0);
    o->count = strtoull(argv[i + 1], NULL, 0);
    return 0;
}

int main(int argc, char **argv)
{
    struct options options = {0};
    struct fuzz_tally tally = {0};
    char log[300];
    u64 number, end;
    unsigned failed = 0;

    if (parse(&options, argc, argv) < 0) {
        fprintf(stderr, "usage: %s [-engine NAME] [-seconds N] [-keep] FIRST COUNT\n", argv[0]);
        return 2;
    }
    if (options.write)
        return write_all(&options);
    setvbuf(stdout, NULL, _IOLBF, 0);
    snprintf(log, sizeof(log), "%.250s.log", argv[0]);
    number = options.first;
    end = options.first + options.count;
    while (number < end && failed < FAILURES_MAX &&
           (!options.seconds || cpu_seconds() < options.seconds)) {
        u64 to = end - number > PIECE ? number + PIECE : end;
        enum fuzz_failure failure = child_run_range(&number, to, options.engine, log, &tally);

        if (failure == FUZZ_PASSED)
            continue;
        report(number, failure, &options, log);
        failed++;
        number++;
    }
    printf("programs %llu to %llu: %llu instructions, %llu differ by stale pages, %ld s\n",
           (unsigned long long)options.first, (unsigned long long)number,
           (unsigned long long)tally.insns, (unsigned long long)tally.stale, cpu_seconds());
    printf("%llu passed, %u failed\n", (unsigned long long)(number - options.first - failed),
           failed);
    return failed ? 1 : 0;
}
