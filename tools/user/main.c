/* pagewalk-i386: its options, and the start of a program. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cpu/cpuid.h"
#include "mmu/host/fault.h"
#include "tools/user/elf32.h"
#include "tools/user/foreign.h"

#include <sys/auxv.h>

struct process process;

#define STACK_DEFAULT (8u * MIB)
#define STACK_MOST    (1u << 30)

#define HOST_PAGE_MOST (64u * KIB) /* of hosts that there are */

static struct cpu_model model;
static char **environment; /* the program's */
static const char *name0;  /* -0 */
static const char *gdb_at; /* -g */
static char self_path[PATH_MAX];

void user_error(const char *fmt, ...)
{
    va_list ap;

    fputs("pagewalk-i386: ", stderr);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    exit(2);
}

/* Takes NAME out of the environment; with a value puts NAME=VALUE there. */
static void change_environment(const char *name, size_t len, const char *entry)
{
    size_t n = 0, to = 0;

    while (environment[n])
        n++;
    if (entry) {
        char **more = calloc(n + 2, sizeof(*more));

        if (!more)
            user_error("out of memory");
        memcpy(more, environment, n * sizeof(*more));
        environment = more;
    }
    for (size_t i = 0; i < n; i++)
        if (strncmp(environment[i], name, len) || environment[i][len] != '=')
            environment[to++] = environment[i];
    if (entry)
        environment[to++] = (char *)(uintptr_t)entry;
    environment[to] = NULL;
}

/* Each piece of a list between commas. */
static void each_piece(const char *list, void (*fn)(char *piece))
{
    char *copy = strdup(list), *piece, *rest = copy;

    while ((piece = strsep(&rest, ",")))
        fn(piece); /* it may stay in the environment */
}

static void set_one(char *piece)
{
    const char *equals = strchr(piece, '=');

    if (!equals || equals == piece)
        user_error("-E wants NAME=VALUE, not '%s'", piece);
    change_environment(piece, (size_t)(equals - piece), piece);
}

static void unset_one(char *piece)
{
    if (!*piece || strchr(piece, '='))
        user_error("-U wants a name, not '%s'", piece);
    change_environment(piece, strlen(piece), NULL);
}

static u64 number(const char *option, const char *text, u64 low, u64 high, bool units)
{
    char *end;
    u64 value;

    errno = 0;
    value = strtoull(text, &end, 0);
    if (units && *end && !end[1]) {
        unsigned shift = *end == 'K' || *end == 'k' ? 10 : *end == 'M' ? 20 : *end == 'G' ? 30 : 0;

        if (shift) {
            value = value > UINT64_MAX >> shift ? UINT64_MAX : value << shift;
            end++;
        }
    }
    if (errno || end == text || *end || *text == '-' || value < low || value > high)
        user_error("-%s wants a number from %" PRIu64 " to %" PRIu64 ", not '%s'", option, low,
                   high, text);
    return value;
}

static void option_help(const char *arg);

static void option_prefix(const char *arg)
{
    static char path[PATH_MAX];
    struct stat st;

    if (!*arg || !strcmp(arg, "/")) {
        process.prefix = NULL;
        return;
    }
    if (!realpath(arg, path))
        user_error("-L %s: %s", arg, strerror(errno));
    if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode))
        user_error("-L %s: %s", arg, strerror(ENOTDIR));
    process.prefix = path;
}

static void option_stack(const char *arg)
{
    process.stack_size =
        ((u32)number("s", arg, 64 * KIB, STACK_MOST, true) + PAGE_MASK) & ~PAGE_MASK;
}

static void option_cpu(const char *arg)
{
    char text[200];

    if (!strcmp(arg, "help")) {
        for (const struct cpu_model *m = cpu_models(); m->name; m++)
            printf("%-12s %s\n", m->name, m->title);
        exit(0);
    }
    if (cpu_model_parse(arg, &model, text, sizeof(text)))
        user_error("-cpu %s", text);
    process.model = &model;
}

static void option_set_env(const char *arg)
{
    each_piece(arg, set_one);
}

static void option_unset_env(const char *arg)
{
    each_piece(arg, unset_one);
}

static void option_argv0(const char *arg)
{
    name0 = arg;
}

static void option_release(const char *arg)
{
    if (strlen(arg) >= sizeof(((struct utsname *)NULL)->release))
        user_error("-r wants at most %zu bytes, not '%s'",
                   sizeof(((struct utsname *)NULL)->release) - 1, arg);
    process.release = arg;
}

static void option_base(const char *arg)
{
    number("B", arg, 0, UINT64_MAX, false);
}

static void option_page(const char *arg)
{
    u64 size = number("p", arg, PAGE_SIZE, HOST_PAGE_MOST, true);

    if (size & (size - 1))
        user_error("-p wants a power of two, not '%s'", arg);
    if (HOST_IS_I386 && size != PAGE_SIZE)
        user_error("-p %s: not on an i386 host, which is passed the calls as they are", arg);
    process.host_page = (u32)size;
}

static void option_log(const char *arg)
{
    char bad[64];

    if (!strcmp(arg, "help")) {
        log_help(stdout);
        exit(0);
    }
    if (log_parse(arg, &process.log.mask, bad, sizeof(bad)))
        user_error("-d does not know '%s'; -d help lists what there is", bad);
}

static void option_log_file(const char *arg)
{
    FILE *file;
    int fd = open(arg, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666), high;

    if (fd < 0)
        user_error("-D %s: %s", arg, strerror(errno));
    high = fcntl(fd, F_DUPFD_CLOEXEC, FD_OURS);
    if (high >= 0) { /* ulimit -n allows it */
        close(fd);
        fd = high;
    }
    file = fdopen(fd, "a"); /* programs that are executed go on there */
    if (!file)
        user_error("-D %s: %s", arg, strerror(errno));
    process.log.out = process.trace = file;
}

static void option_strace(const char *arg)
{
    (void)arg;
    process.strace = true;
}

static void option_stats(const char *arg)
{
    (void)arg;
    process.stats = true;
}

static void option_gdb(const char *arg)
{
    if (!strchr(arg, '/'))
        number("g", arg, 1, 65535, false);
    gdb_at = arg;
}

static void option_engine(const char *arg)
{
    const char *const *name = translator_engines();

    while (*name && strcmp(*name, arg))
        name++;
    if (!*name)
        user_error("-engine: there is no '%s'", arg);
    process.translate.engine = *name;
}

static void option_no_chain(const char *arg)
{
    (void)arg;
    process.translate.no_chain = true;
}

static void option_block_len(const char *arg)
{
    process.translate.block_len = (unsigned)number("block-len", arg, 1, 48, false);
}

static void option_version(const char *arg)
{
    (void)arg;
    puts("pagewalk-i386: single Linux/i386 programs");
    exit(0);
}

struct option {
    const char *name, *argument, *variable;
    void (*set)(const char *arg);
    const char *help;
    bool kept;
};

static const struct option options[] = {
#define OPTION(name, argument, variable, handler, help)                                            \
    {name, argument, variable, option_##handler, help, false},
#define KEPT(name, argument, variable, handler, help)                                              \
    {name, argument, variable, option_##handler, help, true},
#include "tools/user/options.def"
#undef OPTION
#undef KEPT
};

static void option_help(const char *arg)
{
    (void)arg;
    puts("usage: pagewalk-i386 [options] program [arguments]\n"
         "Runs a Linux program for i386.\n");
    for (unsigned i = 0; i < ARRAY_SIZE(options); i++) {
        char text[64];
        const struct option *o = &options[i];

        snprintf(text, sizeof(text), "-%s%s%s", o->name, o->argument ? " " : "",
                 o->argument ? o->argument : "");
        printf("  %-32s %s%s%s%s\n", text, o->help, o->variable ? " (" : "",
               o->variable ? o->variable : "", o->variable ? ")" : "");
    }
    exit(0);
}

/* Options that programs are executed with, too. */
static void keep(const char *arg)
{
    static unsigned count;

    process.options = realloc(process.options, (count + 2) * sizeof(*process.options));
    if (!process.options)
        user_error("out of memory");
    process.options[count++] = (char *)(uintptr_t)arg;
    process.options[count] = NULL;
}

static void set_option(const struct option *o, const char *arg)
{
    char *text;

    o->set(arg);
    if (!o->kept)
        return;
    if (asprintf(&text, "-%s", o->name) < 0)
        user_error("out of memory");
    keep(text);
    if (o->argument)
        keep(o->set == option_prefix && process.prefix ? process.prefix : arg);
}

static void parse_variables(void)
{
    for (unsigned i = 0; i < ARRAY_SIZE(options); i++) {
        const char *value = options[i].variable ? getenv(options[i].variable) : NULL;

        if (value)
            options[i].set(value); /* programs that are executed find it there, too */
    }
}

/* Returns the index of the program. */
static int parse_options(int argc, char **argv)
{
    int i;

    for (i = 1; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
        const char *name = argv[i] + 1;
        const struct option *o = options;

        if (!strcmp(argv[i], "--"))
            return i + 1;
        if (name[0] == '-')
            name++;
        if (!strcmp(name, "help"))
            option_help(NULL);
        while (o < options + ARRAY_SIZE(options) && strcmp(o->name, name))
            o++;
        if (o == options + ARRAY_SIZE(options))
            user_error("no option '%s'; -h lists them", argv[i]);
        if (o->argument && ++i == argc)
            user_error("-%s wants %s", o->name, o->argument);
        set_option(o, o->argument ? argv[i] : NULL);
    }
    return i;
}

#define HOST_STACK_LEAST (1 * MIB)

/* Native code's return addresses and system calls' buffers are on the host's stack, which grows up to a limit that may be
 * changed at any time. */
static void need_stack(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_STACK, &limit) < 0 || limit.rlim_cur >= HOST_STACK_LEAST)
        return;
    limit.rlim_cur = HOST_STACK_LEAST;
    if (limit.rlim_max < HOST_STACK_LEAST || setrlimit(RLIMIT_STACK, &limit) < 0)
        user_error("the limit of the stack (ulimit -s) is under %u KiB", HOST_STACK_LEAST / KIB);
}

static void start_locks(void)
{
    pthread_mutex_init(&process.map_lock, NULL);
    pthread_mutex_init(&process.signal_lock, NULL);
    pthread_mutex_init(&process.thread_lock, NULL);
    pthread_mutex_init(&process.open_lock, NULL);
    pthread_mutex_init(&process.code_lock, NULL);
}

/* A path as the program itself is to see it: without the prefix. */
static char *guest_path(char *path)
{
    char real[PATH_MAX];
    size_t len = process.prefix ? strlen(process.prefix) : 0;

    if (!realpath(path, real))
        return path;
    if (len && !strncmp(real, process.prefix, len) && real[len] == '/')
        return strdup(real + len);
    return strdup(real);
}

/* The program as binfmt_misc has opened it (flag O); -1: it has not started us. */
static int binfmt_descriptor(void)
{
    u64 fd;

    errno = 0;
    fd = getauxval(AT_EXECFD);
    return fd == 0 && errno ? -1 : (int)fd;
}

/* Whether it gave us the program's own argv[0] behind its path (flag P). */
static bool binfmt_argv0(void)
{
    return getauxval(AT_FLAGS) & 1;
}

int main(int argc, char **argv, char **envp)
{
    struct program program;
    struct thread *t;
    char err[5000], path[PATH_MAX];
    int first, fd = binfmt_descriptor();
    bool by_binfmt = fd >= 0;

    environment = envp;
    process.log.out = process.trace = stderr;
    process.stack_size = STACK_DEFAULT;
    process.model = cpu_model_find(CPU_MODEL_DEFAULT);
    process.options = calloc(1, sizeof(*process.options));
    parse_variables();
    first = by_binfmt ? 1 : parse_options(argc, argv);
    if (first >= argc)
        user_error("no program; -h lists the options");
    if (readlink("/proc/self/exe", self_path, sizeof(self_path) - 1) < 0)
        user_error("/proc is not mounted");
    process.self = self_path;
    if (!fault_has_gs())
        process.translate.engine = "interp"; /* native code keeps the window in GS */
    need_stack();
    start_locks();
    if (space_init())
        user_error("no memory: %s of address space are needed", FLAT_SMALL ? "512 MiB" : "4 GiB");
    path_resolve(path, sizeof(path), argv[first], true);
    if (!by_binfmt)
        fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || (!by_binfmt && access(path, X_OK) < 0))
        user_error("%s: %s", argv[first], strerror(errno));
    process.exe = guest_path(path);
    process.argv = argv + first;
    if (by_binfmt && binfmt_argv0() && process.argv[1])
        process.argv++;
    if (elf_load(path, fd, &program, err, sizeof(err)))
        user_error("%s", err);
    close(fd);
    vdso_load();
    t = thread_new(NULL);
    if (!t || thread_attach(t))
        user_error("no memory for the CPU");
    if (name0)
        process.argv[0] = (char *)(uintptr_t)name0;
    t->cpu->r[R_ESP] = stack_build(&program, process.argv, environment);
    proc_show_program();
    t->cpu->eip = program.start;
    space_set_brk(program.brk);
    signal_init();
    if (gdb_at)
        debug_open(t, gdb_at, program.load_base);
    thread_exit_group(t, thread_run(t));
}
