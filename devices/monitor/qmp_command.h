/* What a command of QMP sees, and answers; for devices/monitor/qmp*.c alone. */
#ifndef PAGEWALK_MONITOR_QMP_COMMAND_H
#define PAGEWALK_MONITOR_QMP_COMMAND_H

#include <jansson.h>

#include "devices/monitor/command.h"
#include "devices/monitor/qmp.h"

struct qmp_call {
    struct pc *pc;
    struct qmp *qmp;
    const json_t *args; /* an object, which has what the command's row asks for */
    char error[256];    /* with this the command has failed */
    const char *class;  /* of the error; NULL: GenericError */
};

struct qmp_command {
    const char *name, *args;
    json_t *(*run)(struct qmp_call *call); /* NULL: there is nothing to answer */
};

extern const struct qmp_command qmp_commands[];
extern const unsigned qmp_commands_count;

#define QMP_COMMAND(name)             json_t *qmp_##name(struct qmp_call *call)
#define COMMAND(name, args, function) QMP_COMMAND(function);
#include "devices/monitor/qmp.def"
#undef COMMAND

/* The next argument of a command's row, which is moved on; false: there is none. */
struct qmp_argument {
    char name[40], type;
    bool optional;
};
bool qmp_argument(const char **row, struct qmp_argument *argument);
const char *qmp_event_name(enum monitor_event event);

void printf_like(2, 3) qmp_fail(struct qmp_call *call, const char *fmt, ...);
/* A text or number that was given, or what it is without. */
const char *qmp_text(const struct qmp_call *call, const char *name, const char *without);
json_int_t qmp_number(const struct qmp_call *call, const char *name, json_int_t without);
/* The rows of monitor.def do the work: one of its lines, whose complaint is the error. */
json_t *printf_like(2, 3) qmp_by_line(struct qmp_call *call, const char *fmt, ...);
void qmp_negotiated(struct qmp *qmp);
json_t *qmp_version(void);

#endif
