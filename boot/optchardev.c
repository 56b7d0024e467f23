/* -chardev: back ends with names, and the ports that use them by -device or chardev:ID. */
#include <string.h>

#include "boot/optchr.h"
#include "boot/optvalue.h"

#define SPEC ((struct chr_spec *)list->opaque)

static const char kinds[] = "null stdio file pipe pty socket udp vc ringbuf\n";

KEY(backend)
{
    struct chr_spec *spec = SPEC;

    if (value_listed(value, "help|?")) {
        list->p->o->text = kinds;
        return OPTIONS_TEXT;
    }
    if (value_listed(value, "null|vc|ringbuf"))
        spec->kind = CHR_NULL;
    else if (strcmp(value, "stdio") == 0)
        spec->kind = CHR_STDIO;
    else if (strcmp(value, "file") == 0)
        spec->kind = CHR_FILE;
    else if (strcmp(value, "pipe") == 0)
        spec->kind = CHR_PIPE;
    else if (strcmp(value, "pty") == 0)
        spec->kind = CHR_PTY;
    else if (strcmp(value, "socket") == 0)
        spec->kind = CHR_TCP; /* until a path is given */
    else if (strcmp(value, "udp") == 0)
        spec->kind = CHR_UDP;
    else
        return opt_fail(list->p, "-chardev %s: no such back end here; there are: %.*s", value,
                        (int)strlen(kinds) - 1, kinds);
    if (value[0] == 'v' || value[0] == 'r')
        options_note(list->p->o, "chardev", value, "it goes nowhere here");
    return OPTIONS_RUN;
}

KEY(path)
{
    SPEC->path = value;
    if (SPEC->kind == CHR_TCP)
        SPEC->kind = CHR_UNIX;
    return OPTIONS_RUN;
}

#define STRING_KEY(field)                                                                          \
    KEY(field)                                                                                     \
    {                                                                                              \
        SPEC->field = value;                                                                       \
        return OPTIONS_RUN;                                                                        \
    }
#define SWITCH_KEY(field)                                                                          \
    KEY(field)                                                                                     \
    {                                                                                              \
        SPEC->field = keylist_on(value);                                                           \
        return OPTIONS_RUN;                                                                        \
    }
STRING_KEY(id)
STRING_KEY(host)
STRING_KEY(port)
STRING_KEY(local_host)
STRING_KEY(local_port)
STRING_KEY(logfile)
SWITCH_KEY(server)
SWITCH_KEY(wait)
SWITCH_KEY(telnet)
SWITCH_KEY(append)
SWITCH_KEY(log_append)
SWITCH_KEY(mux)

static const struct key keys[] = {
    {"backend", NULL, key_backend, NULL},
    {"id", NULL, key_id, NULL},
    {"path", NULL, key_path, NULL},
    {"host", NULL, key_host, NULL},
    {"port", NULL, key_port, NULL},
    {"localaddr", NULL, key_local_host, NULL},
    {"localport", NULL, key_local_port, NULL},
    {"server", "on|off", key_server, NULL},
    {"wait", "on|off", key_wait, NULL},
    {"telnet", "on|off", key_telnet, NULL},
    {"append", "on|off", key_append, NULL},
    {"mux", "on|off", key_mux, NULL},
    {"logfile", NULL, key_logfile, NULL},
    {"logappend", "on|off", key_log_append, NULL},
    {"signal", "on|off", NULL, NULL},
    {"nodelay", "on|off", NULL, NULL},
    {"delay", "on|off", NULL, NULL},
    {"ipv4", "on|off", NULL, NULL},
    {"ipv6", "on|off", NULL, NULL},
    {"reconnect", NULL, NULL, NULL},
    {"to", NULL, NULL, NULL},
    {"size", NULL, NULL, NULL},
    {"width", NULL, NULL, NULL},
    {"height", NULL, NULL, NULL},
    {"cols", NULL, NULL, NULL},
    {"rows", NULL, NULL, NULL},
    {"websocket", "off", NULL, "there are no web sockets here"},
    {"abstract", "off", NULL, "there are no abstract names here; give a path"},
    {"tls-*", NULL, NULL, "there is no TLS here"},
};

/* What is missing, or NULL. */
static const char *missing(const struct chr_spec *spec)
{
    switch (spec->kind) {
    case CHR_FILE:
    case CHR_PIPE:
    case CHR_UNIX: return spec->path ? NULL : "path=";
    case CHR_TCP: return spec->port ? NULL : "port= or path=";
    case CHR_UDP: return spec->port ? NULL : "port=";
    case CHR_NONE:
    case CHR_NULL:
    case CHR_STDIO:
    case CHR_PTY: return NULL;
    }
    BUG("back end %d", (int)spec->kind);
}

SETTER(chardev)
{
    struct options *o = p->o;
    struct chr_spec spec = {.text = value, .wait = true, .host = ""};
    struct keylist list = KEYLIST("-chardev", "backend", keys, p, &spec);
    enum options_result r = keylist_parse(&list, value);

    if (r != OPTIONS_RUN)
        return r;
    if (!spec.id)
        return opt_fail(p, "-chardev %s: give id=NAME, by which a port finds it", value);
    if (missing(&spec))
        return opt_fail(p, "-chardev %s: give %s", value, missing(&spec));
    for (unsigned i = 0; i < o->chardevs; i++)
        if (strcmp(o->chardev[i].id, spec.id) == 0)
            return opt_fail(p, "-chardev %s: there are two with the id '%s'", value, spec.id);
    if (o->chardevs == CHARDEVS)
        return opt_fail(p, "-chardev %s: more than %d", value, CHARDEVS);
    o->chardev[o->chardevs++] = spec;
    return OPTIONS_RUN;
}

/* -device: */
struct port_device {
    const char *chardev;
    int index;
    u16 iobase;
};
#define DEVICE ((struct port_device *)list->opaque)

KEY(chardev)
{
    DEVICE->chardev = value;
    return OPTIONS_RUN;
}

KEY(index)
{
    u64 n;

    if (!value_number(value, 0, 3, &n))
        return keylist_fail(list, value, "not a number from 0 to 3");
    DEVICE->index = (int)n;
    return OPTIONS_RUN;
}

KEY(iobase)
{
    u64 n;

    if (!value_number(value, 1, 0xffff, &n))
        return keylist_fail(list, value, "the port is a number up to 0xffff");
    DEVICE->iobase = (u16)n;
    return OPTIONS_RUN;
}

static const struct key device_keys[] = {
    {"chardev", NULL, key_chardev, NULL},
    {"index", NULL, key_index, NULL},
    {"iobase", NULL, key_iobase, NULL},
    {"id", NULL, keylist_same, NULL},
    {"irq", NULL, NULL, NULL},
    {"readback", NULL, NULL, NULL},
    {"wakeup", NULL, NULL, NULL},
};

static const u16 serial_base[] = {0x3f8, 0x2f8, 0x3e8, 0x2e8};

static enum port device_port(struct parse *p, const char *driver, const struct port_device *d)
{
    if (strcmp(driver, "isa-parallel") == 0)
        return PORT_LPT1;
    if (strcmp(driver, "isa-debugcon") == 0)
        return PORT_DEBUGCON;
    for (enum port port = PORT_COM1; port <= PORT_COM4; port++)
        if (d->index >= 0 ? (int)port == d->index
            : d->iobase   ? serial_base[port] == d->iobase
                          : !p->o->port_given[port])
            return port;
    return PORTS;
}

enum options_result optchr_device(struct parse *p, const char *driver, const char *items)
{
    struct port_device d = {.index = -1};
    const char *what = options_keepf(p->o, "-device %s:", driver);
    struct keylist list = KEYLIST(what, NULL, device_keys, p, &d);
    enum options_result r = *items ? keylist_parse(&list, items) : OPTIONS_RUN;
    enum port port;

    if (r != OPTIONS_RUN)
        return r;
    if (!d.chardev)
        return opt_fail(p, "%s give chardev=ID, and a -chardev with this id", what);
    port = device_port(p, driver, &d);
    if (port == PORTS)
        return opt_fail(p, "%s there are COM1 to COM4, at 0x3f8, 0x2f8, 0x3e8 and 0x2e8", what);
    if (port == PORT_DEBUGCON && d.iobase)
        p->o->debugcon_iobase = d.iobase;
    return optchr_port(p, port, options_keepf(p->o, "-device %s", driver),
                       options_keepf(p->o, "chardev:%s", d.chardev));
}

enum options_result optchr_resolve(struct parse *p)
{
    /* QEMU's names. */
    static const char *const labels[PORTS] = {
        "serial0",        "serial1", "serial2",         "serial3",         "parallel0",
        "debugcon",       "gdb",     "compat_monitor0", "compat_monitor1", "compat_monitor2",
        "compat_monitor3"};
    struct options *o = p->o;

    for (unsigned port = 0; port < PORTS; port++) {
        struct chr_spec *spec = &o->port[port];
        const struct chr_spec *found = NULL;

        if (!spec->id) {
            spec->id = labels[port];
            continue;
        }
        for (unsigned i = 0; i < o->chardevs; i++)
            if (strcmp(o->chardev[i].id, spec->id) == 0)
                found = &o->chardev[i];
        if (!found)
            return opt_fail(p, "%s: there is no such back end; give -chardev KIND,id=%s",
                            spec->text, spec->id);
        *spec = *found;
    }
    return OPTIONS_RUN;
}
