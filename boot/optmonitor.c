/* -monitor, -qmp, -mon: where the monitor is, in its two languages, and whether somebody can let a machine of -S go on. */
#include <string.h>

#include "boot/optchr.h"
#include "boot/optvalue.h"
#include "devices/monitor/monitor.h"

/* One more monitor at the port that its text names. */
static enum options_result add(struct parse *p, const char *what, const char *text, bool qmp,
                               bool pretty)
{
    struct options *o = p->o;

    o->monitor_given = true;
    if (qmp && !monitor_qmp_version() && !value_listed(text, "none|null"))
        return opt_fail(p, "%s %s: this build has no QMP: libjansson was not there", what, text);
    if (o->monitors == PC_MONITORS)
        return opt_fail(p, "%s %s: more than %d monitors", what, text, PC_MONITORS);
    o->monitor[o->monitors].qmp = qmp;
    o->monitor[o->monitors].pretty = pretty;
    return optchr_port(p, PORT_MONITOR + o->monitors++, what, text);
}

SETTER(monitor)
{
    return add(p, "-monitor", value, false, false);
}

SETTER(qmp)
{
    return add(p, "-qmp", value, true, false);
}

SETTER(qmp_pretty)
{
    return add(p, "-qmp-pretty", value, true, true);
}

struct mon {
    const char *chardev;
    bool qmp, pretty;
};

#define MON ((struct mon *)list->opaque)

KEY_TEXT(chardev, MON->chardev)

KEY(mode)
{
    MON->qmp = value[0] == 'c';
    return OPTIONS_RUN;
}

KEY(pretty)
{
    MON->pretty = keylist_on(value);
    return OPTIONS_RUN;
}

static const struct key keys[] = {
    {"chardev", NULL, key_chardev, NULL},
    {"mode", "readline|control", key_mode, NULL},
    {"pretty", "on|off", key_pretty, NULL},
    {"id", NULL, keylist_same, NULL},
};

SETTER(mon)
{
    struct mon mon = {0};
    struct keylist list = KEYLIST("-mon", "chardev", keys, p, &mon);
    enum options_result r = keylist_parse(&list, value);

    if (r != OPTIONS_RUN)
        return r;
    if (!mon.chardev)
        return opt_fail(p, "-mon %s: give chardev=ID, and a -chardev with this id", value);
    return add(p, "-mon", options_keepf(p->o, "chardev:%s", mon.chardev), mon.qmp, mon.pretty);
}

KEY(offset)
{
    u64 n;

    if (!value_number(value, 0, UINT32_MAX, &n))
        return keylist_fail(list, value, "not a number up to 0xffffffff");
    list->p->o->symbols_offset = (u32)n;
    return OPTIONS_RUN;
}

static const struct key symbols_keys[] = {{"offset", NULL, key_offset, NULL}};

/* A monitor that shares the back end of another port. */
static void add_beside(struct options *o, enum port port)
{
    if (o->monitors == PC_MONITORS)
        return;
    o->port[PORT_MONITOR + o->monitors] = *options_port(o, port);
    o->port[PORT_MONITOR + o->monitors].mux = true;
    o->port_given[PORT_MONITOR + o->monitors++] = true;
}

/* "-nographic -monitor stdio" is what -nographic gives by itself. */
static void join_terminal(struct options *o)
{
    for (unsigned i = 0; i < o->monitors; i++)
        if (o->port[PORT_MONITOR + i].kind == CHR_STDIO && options_mux(o, PORT_COM1) &&
            options_port(o, PORT_COM1)->kind == CHR_STDIO)
            o->port[PORT_MONITOR + i] = *options_port(o, PORT_COM1);
}

static bool same_back_end(const struct chr_spec *a, const struct chr_spec *b)
{
    return a->kind != CHR_NONE && a->id && b->id && strcmp(a->id, b->id) == 0;
}

/* Standard input has one reader, unless its users take turns. */
static enum options_result check_shared(struct parse *p)
{
    const struct options *o = p->o;

    for (enum port port = PORT_MONITOR; port < PORTS; port++) {
        const struct chr_spec *spec = options_port(o, port);

        if (spec->kind == CHR_FILE || spec->kind == CHR_UDP)
            return opt_fail(p,
                            "%s: a monitor is nowhere that it hears nothing from; give stdio, "
                            "tcp:HOST:PORT, unix:PATH, telnet:HOST:PORT, pty or pipe:PATH",
                            spec->text);
        if (spec->kind == CHR_STDIO && options_display(o) == UI_CURSES &&
            !same_back_end(spec, options_port(o, PORT_COM1)))
            return opt_fail(p, "-display curses and the monitor both need this terminal");
        for (enum port other = 0; other < port; other++) {
            const struct chr_spec *with = options_port(o, other);
            bool same = same_back_end(spec, with);

            if (same && !options_mux(o, other))
                return opt_fail(p,
                                "-chardev %s: a monitor and another user take turns only with "
                                "mux=on",
                                spec->text);
            if (!same && spec->kind == CHR_STDIO && with->kind == CHR_STDIO)
                return opt_fail(p, "the monitor and another port both need standard input; give "
                                   "-serial mon:stdio for both on it");
        }
    }
    return OPTIONS_RUN;
}

enum options_result optmonitor_resolve(struct parse *p)
{
    struct options *o = p->o;
    bool lockstep = o->lockstep[0];

    for (enum port port = PORT_COM1; port <= PORT_LPT1; port++)
        if (o->port_given[port] && o->port[port].mux && o->port[port].text &&
            strncmp(o->port[port].text, "mon:", 4) == 0 && !lockstep)
            add_beside(o, port);
    if (!o->monitor_given && !o->monitors && !lockstep && options_mux(o, PORT_COM1) &&
        options_port(o, PORT_COM1)->kind == CHR_STDIO)
        add_beside(o, PORT_COM1);
    join_terminal(o);
    for (enum port port = PORT_MONITOR; port < PORTS; port++)
        if (lockstep && options_port(o, port)->kind != CHR_NONE)
            return opt_fail(p, "-lockstep runs two machines: leave out -monitor, -qmp and -mon");
    if (o->starts_held && !options_monitor(o))
        return opt_fail(p, "-S: nobody could let the machine go on; give -monitor, -qmp, -s or "
                           "-gdb too");
    return check_shared(p);
}

/* "FILE[,offset=N]" */
SETTER(symbols)
{
    const char *rest, *file = keylist_first(p, value, &rest);
    struct keylist list = KEYLIST("-symbols", NULL, symbols_keys, p, NULL);

    if (!file || !*file)
        return opt_fail(p, "-symbols %s: give a file, a vmlinux or a System.map", value);
    p->o->symbols = file;
    return *rest ? keylist_parse(&list, rest) : OPTIONS_RUN;
}
