/* What a command of the monitor sees: the machine, where to answer, and its arguments; for devices/monitor alone. */
#ifndef PAGEWALK_MONITOR_COMMAND_H
#define PAGEWALK_MONITOR_COMMAND_H

#include "devices/board/pc_board.h"
#include "devices/monitor/monitor.h"

#define MONITOR_NO_UUID   "00000000-0000-0000-0000-000000000000"
#define MONITOR_LINE      4096
#define MONITOR_ARGS      6
#define MONITOR_COUNT_MAX 65536 /* of x/COUNT */

/* Of one command line, in the order of its row in monitor.def. */
struct monitor_arg {
    bool given;
    const char *text; /* s, S, a|b; NULL: not given */
    u64 number;       /* i, n */
};

/* "/8xw" */
struct monitor_format {
    u32 count;
    char format; /* x d u o c i s */
    u8 size;     /* bytes of one; 0: not said */
};

struct monitor_args {
    struct monitor_arg arg[MONITOR_ARGS];
    struct monitor_format format;
    char pool[MONITOR_LINE]; /* the texts */
};

struct monitor {
    struct pc *pc;
    FILE *out;
    struct editor *editor; /* that the line came from; NULL: from elsewhere */
};

struct monitor_command {
    const char *names, *args;
    void (*run)(struct monitor *m, const struct monitor_args *a);
    const char *help;
};

extern const struct monitor_command monitor_commands[];
extern const unsigned monitor_commands_count;

#define MONITOR_COMMAND(name)            void monitor_##name(struct monitor *m, const struct monitor_args *a)
#define COMMAND(names, args, name, help) MONITOR_COMMAND(name);
#include "devices/monitor/monitor.def"
#undef COMMAND

/* QEMU's word: running, paused, prelaunch, shutdown, io-error, guest-panicked. */
const char *monitor_status(const struct pc *pc);

/* "x/i". */
void monitor_disassemble(struct monitor *m, u64 addr, bool physical, u32 count);

/* A file to write to, by the program around: its descriptor; the other as a stream. -1 or NULL: that was said. */
int monitor_create(struct monitor *m, const char *name);
FILE *monitor_create_stream(struct monitor *m, const char *name);
/* False: something could not be written, and that was said. */
bool monitor_close(struct monitor *m, FILE *file, const char *name);

/* Tells an error's one line, in the words that scripts know: "Error: ...". */
void printf_like(2, 3) monitor_fail(struct monitor *m, const char *fmt, ...);

/* The command whose name the line begins with, and what stands behind it; NULL: none. args.c and monitor.c */
const struct monitor_command *monitor_find(const char *line, const char **rest);
/* The length of the first of a command's names, without its other spelling. */
int monitor_name_len(const struct monitor_command *command);
/* "[-a] addr /fmt", as help prints it. */
void monitor_usage(const struct monitor_command *command, FILE *out);

/* Reads the arguments by the command's row. False: that was said. */
bool monitor_parse(struct monitor *m, const struct monitor_command *command, const char *text,
                   struct monitor_args *args);

/* One argument of a row: "[-f format:s]" is name "-f format", type "s". False: there are no more; *spec moves on. */
struct monitor_spec {
    char name[32], type[64];
    bool optional, is_switch; /* a switch with a type takes an argument */
};
bool monitor_spec_next(const char **spec, struct monitor_spec *arg);

/* Evaluates an expression in *text, which moves behind it. False with a line in err. */
bool monitor_expression(struct pc *pc, const char **text, u64 *value, char *err, size_t err_len);

#endif
