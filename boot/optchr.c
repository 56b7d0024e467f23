/* -serial, -parallel, -debugcon, -gdb: a port and where its bytes go, in QEMU's words. */
#include "boot/optchr.h"

#include <string.h>

#include "boot/optvalue.h"

#define WORDS                                                                                      \
    "stdio, mon:stdio, file:FILE, pipe:PATH, pty, tcp:HOST:PORT, unix:PATH, udp:HOST:PORT, null, " \
    "none or chardev:ID"

#define SPEC ((struct chr_spec *)list->opaque)

KEY(server)
{
    SPEC->server = keylist_on(value);
    return OPTIONS_RUN;
}

KEY(wait)
{
    SPEC->wait = keylist_on(value);
    return OPTIONS_RUN;
}

KEY(telnet)
{
    SPEC->telnet = keylist_on(value);
    return OPTIONS_RUN;
}

KEY(path)
{
    SPEC->path = value;
    return OPTIONS_RUN;
}

static const struct key socket_keys[] = {
    {"path", NULL, key_path, NULL},     {"server", "on|off", key_server, NULL},
    {"wait", "on|off", key_wait, NULL}, {"telnet", "on|off", key_telnet, NULL},
    {"nodelay", "on|off", NULL, NULL},  {"delay", "on|off", NULL, NULL},
    {"ipv4", "on|off", NULL, NULL},     {"ipv6", "on|off", NULL, NULL},
    {"reconnect", NULL, NULL, NULL},    {"websocket", "off", NULL, "there are no web sockets here"},
};

static enum options_result bad(struct parse *p, const char *what, const char *text)
{
    return opt_fail(p, "%s %s: give " WORDS, what, text);
}

/* "HOST:PORT" in place; false: it is not that. An IPv6 address is in brackets. */
static bool host_port(char *text, const char **host, const char **port)
{
    char *colon = strrchr(text, ':');
    size_t len;

    if (!colon || !colon[1])
        return false;
    *colon = '\0';
    *port = colon + 1;
    len = strlen(text);
    if (text[0] == '[' && text[len - 1] == ']') {
        text[len - 1] = '\0';
        text++;
    }
    *host = text;
    return true;
}

static enum options_result read_socket(struct parse *p, struct chr_spec *spec, const char *what,
                                       const char *text, const char *rest)
{
    struct keylist list = KEYLIST(what, NULL, socket_keys, p, spec);
    const char *items;
    char *first = (char *)keylist_first(p, rest, &items);

    spec->wait = true;
    spec->telnet = strncmp(text, "telnet:", 7) == 0;
    spec->kind = text[0] == 'u' ? CHR_UNIX : CHR_TCP;
    if (!first || !*first)
        return bad(p, what, text);
    if (spec->kind == CHR_UNIX)
        spec->path = first;
    else if (!host_port(first, &spec->host, &spec->port))
        return bad(p, what, text);
    return *items ? keylist_parse(&list, items) : OPTIONS_RUN;
}

/* "udp:[HOST]:PORT[@[LOCAL]:PORT]" */
static enum options_result read_udp(struct parse *p, struct chr_spec *spec, const char *what,
                                    const char *text, const char *rest)
{
    char *copy = options_keep(p->o, rest), *local = copy ? strchr(copy, '@') : NULL;

    spec->kind = CHR_UDP;
    if (local)
        *local++ = '\0';
    if (!copy || !host_port(copy, &spec->host, &spec->port) ||
        (local && !host_port(local, &spec->local_host, &spec->local_port)))
        return bad(p, what, text);
    return OPTIONS_RUN;
}

static const char *after(const char *text, const char *prefix)
{
    size_t len = strlen(prefix);

    return strncmp(text, prefix, len) == 0 && text[len] ? text + len : NULL;
}

static enum options_result read_spec(struct parse *p, struct chr_spec *spec, const char *what,
                                     const char *text)
{
    const char *rest;

    *spec = (struct chr_spec){.text = text};
    if ((rest = after(text, "mon:"))) {
        enum options_result r = read_spec(p, spec, what, rest);

        spec->text = text;
        spec->mux = true;
        return r;
    }
    if (value_listed(text, "none|null|stdio|pty")) {
        spec->kind = text[1] == 'o'   ? CHR_NONE
                     : text[0] == 'n' ? CHR_NULL
                     : text[0] == 's' ? CHR_STDIO
                                      : CHR_PTY;
    } else if (strcmp(text, "vc") == 0 || strncmp(text, "vc:", 3) == 0) {
        spec->kind = CHR_NULL;
        options_note(p->o, what + 1, text, "there are no virtual consoles: it goes nowhere");
    } else if ((rest = after(text, "file:"))) {
        spec->kind = CHR_FILE;
        spec->path = rest;
    } else if ((rest = after(text, "pipe:"))) {
        spec->kind = CHR_PIPE;
        spec->path = rest;
    } else if ((rest = after(text, "tcp:")) || (rest = after(text, "telnet:")) ||
               (rest = after(text, "unix:"))) {
        return read_socket(p, spec, what, text, rest);
    } else if ((rest = after(text, "udp:"))) {
        return read_udp(p, spec, what, text, rest);
    } else if ((rest = after(text, "chardev:"))) {
        spec->id = rest;
    } else {
        return bad(p, what, text);
    }
    return OPTIONS_RUN;
}

enum options_result optchr_port(struct parse *p, enum port port, const char *what, const char *text)
{
    struct options *o = p->o;

    if (o->port_given[port] && port != PORT_DEBUGCON)
        return opt_fail(p, "%s %s: this port has a place already: %s", what, text,
                        o->port[port].text);
    o->port_given[port] = true;
    return read_spec(p, &o->port[port], what, text);
}

SETTER(serial)
{
    for (enum port port = PORT_COM1; port <= PORT_COM4; port++)
        if (!p->o->port_given[port])
            return optchr_port(p, port, "-serial", value);
    return opt_fail(p, "-serial %s: the machine has four serial ports", value);
}

SETTER(parallel)
{
    return optchr_port(p, PORT_LPT1, "-parallel", value);
}

SETTER(debugcon)
{
    return optchr_port(p, PORT_DEBUGCON, "-debugcon", value);
}

SETTER(gdb)
{
    return optchr_port(p, PORT_GDB, "-gdb", value);
}

SETTER(gdb_port)
{
    u64 port;

    if (!value_number(value, 1, 0xffff, &port))
        return opt_fail(p, "-p %s: the port is a number from 1 to 65535", value);
    p->o->gdb_port = value;
    return OPTIONS_RUN;
}

/* A debugger comes when it likes: gdb's port is a server that nobody waits for. */
enum options_result optchr_gdb(struct parse *p)
{
    struct options *o = p->o;
    struct chr_spec *spec = &o->port[PORT_GDB];
    enum options_result r = OPTIONS_RUN;

    if (o->gdb_port && !o->gdb_default)
        return opt_fail(p, "-p %s is the port of -s: give that too", o->gdb_port);
    if (o->gdb_default)
        r = optchr_port(p, PORT_GDB, "-s",
                        options_keepf(o, "tcp::%s", o->gdb_port ? o->gdb_port : "1234"));
    if (r != OPTIONS_RUN)
        return r;
    if (spec->kind == CHR_FILE || spec->kind == CHR_UDP || (spec->kind == CHR_NULL && spec->text))
        return opt_fail(p, "-gdb %s: give tcp::PORT, unix:PATH, stdio, pty, pipe:PATH or none",
                        spec->text);
    if (!spec->id && (spec->kind == CHR_TCP || spec->kind == CHR_UNIX)) {
        spec->server = true;
        spec->wait = false;
    }
    return OPTIONS_RUN;
}

SETTER(global)
{
    static const char name[] = "isa-debugcon.iobase=";
    u64 iobase;

    if (strncmp(value, name, sizeof(name) - 1) != 0)
        return opt_fail(p, "-global %s: the one that there is here is %sPORT", value, name);
    if (!value_number(value + sizeof(name) - 1, 0, 0xffff, &iobase))
        return opt_fail(p, "-global %s: the port is a number up to 0xffff", value);
    p->o->debugcon_iobase = (u16)iobase;
    return OPTIONS_RUN;
}
