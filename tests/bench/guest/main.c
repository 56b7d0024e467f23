/* The benchmark's guest side: process 1 of a Linux guest, or a program of the host's.
 *
 * Prints INIT, then for every workload "BEGIN name class" and "END name checksum" (or "SKIP name reason"),
 * then DONE. Times are taken by whoever reads these lines (tests/bench/run): a guest's own clock may be wrong.
 * As process 1 it takes its list of workloads from the kernel's command line (bench=name,name), else from its
 * first argument; without a list all run. With bench_go=1, or `go` as second argument, it waits for a line
 * behind BEGIN. With the first argument `exit` it only exits.
 */
#include "bench.h"
#include "workloads.h"

int bench_main(int argc, char **argv);

struct workload {
    const char *name;
    enum bench_class class;
    int (*prepare)(void);
    u32 (*run)(void);
};

static const struct workload workloads[] = {
#define WORKLOAD(name, class, prepare, run, what) {#name, CLASS_##class, prepare, run},
#include "workloads.def"
#undef WORKLOAD
};

static const char *const class_name[] = {
    [CLASS_INTEGER] = "integer", [CLASS_MEMORY] = "memory", [CLASS_FLOAT] = "float",
    [CLASS_SSE] = "float",       [CLASS_CODE] = "code",     [CLASS_SYSTEM] = "system",
    [CLASS_SHELL] = "shell",
};

/* One write a line, so that nothing comes between its parts. */
static void print_line(const char *a, const char *b, const char *c)
{
    const char *const part[] = {a, " ", b, " ", c, "\n"};
    char line[128];
    u32 length = 0;
    for (u32 i = 0; i < sizeof(part) / sizeof(part[0]); i++)
        for (const char *text = part[i]; *text && length < sizeof(line) - 1; text++)
            line[length++] = *text;
    line[length] = 0;
    print(line);
}

static int text_starts(const char *text, const char *start)
{
    while (*start)
        if (*text++ != *start++)
            return 0;
    return 1;
}

/* Is `name` one of the comma-separated names in `list`? */
static int list_holds(const char *list, const char *name)
{
    while (*list) {
        if (text_starts(list, name)) {
            char behind = list[text_length(name)];
            if (behind == ',' || behind == 0)
                return 1;
        }
        while (*list && *list++ != ',')
            ;
    }
    return 0;
}

static const char *why_skipped(const struct workload *w, int as_init)
{
    if (w->class == CLASS_SSE) {
        u32 a = 1, b, c = 0, d;
        __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
        if (!(d >> 25 & 1))
            return "no-sse";
    }
    if (w->class == CLASS_SHELL && !as_init)
        return "guest-only";
    if (w->prepare && w->prepare() < 0)
        return "cannot-prepare";
    return NULL;
}

/* Lets the kernel settle. */
static void rest(void)
{
    const long time[2] = {0, 30000000};
    sys2(SYS_nanosleep, (long)time, 0);
}

/* Waits for a line from whoever takes the time. Idle meanwhile, the machine sends what it holds back; without this
 * the BEGIN line may come out when the workload next lets the emulator look at its devices. */
static void wait_for_go(void)
{
    char byte = 0;
    while (byte != '\n' && sys3(SYS_read, 0, (long)&byte, 1) == 1)
        ;
}

static void run(const struct workload *w, int as_init, int go)
{
    char digits[9];
    arena = sys_map(ARENA_SIZE, MAP_READ | MAP_WRITE);
    const char *reason = arena ? why_skipped(w, as_init) : "no-memory";
    if (reason) {
        print_line("SKIP", w->name, reason);
        sys2(SYS_munmap, (long)arena, ARENA_SIZE);
        return;
    }
    rest();
    print_line("BEGIN", w->name, class_name[w->class]);
    if (go)
        wait_for_go();
    u32 sum = w->run();
    for (int i = 0; i < 8; i++)
        digits[i] = "0123456789abcdef"[sum >> (28 - 4 * i) & 15];
    digits[8] = 0;
    print_line("END", w->name, digits);
    sys2(SYS_munmap, (long)arena, ARENA_SIZE);
}

static const char *init_system(char **environment, int *go)
{
    static const char *const mounts[][2] = {{"proc", "/proc"}, {"tmpfs", "/tmp"}};
    const char *list = NULL;
    for (u32 i = 0; i < 2; i++) {
        sys2(SYS_mkdir, (long)mounts[i][1], 0755);
        sys(SYS_mount, (long)mounts[i][0], (long)mounts[i][1], (long)mounts[i][0], 0,
            i ? (long)"size=80m" : 0);
    }
    sys3(SYS_syslog, 8, 0, 1); /* the console only shows emergencies from here on */
    for (; *environment; environment++) {
        if (text_starts(*environment, "bench="))
            list = *environment + 6;
        if (text_starts(*environment, "bench_go="))
            *go = 1;
    }
    return list;
}

int bench_main(int argc, char **argv)
{
    int as_init = sys0(SYS_getpid) == 1;
    int go = argc > 2 && text_starts(argv[2], "go");
    const char *list = argc > 1 && argv[1][0] ? argv[1] : NULL;
    if (list && text_starts(list, "exit"))
        return 0;
    print("\nINIT\n");
    if (as_init)
        list = init_system(argv + argc + 1, &go);
    for (u32 i = 0; i < sizeof(workloads) / sizeof(workloads[0]); i++)
        if (!list || list_holds(list, workloads[i].name))
            run(&workloads[i], as_init, go);
    print("DONE\n");
    while (as_init)
        sys0(SYS_pause);
    return 0;
}
