/* The ports of a run: opens where their bytes go, and closes that. */
#include "boot/ports.h"

#include <string.h>

#include "boot/output.h"

static int check_file(struct session *s, const char *path)
{
    return path ? output_check(path, s->err, sizeof(s->err)) : 0;
}

int ports_check(struct session *s)
{
    for (enum port port = 0; port < PORTS; port++) {
        const struct chr_spec *spec = options_port(&s->options, port);

        if (check_file(s, spec->kind == CHR_FILE ? spec->path : NULL) < 0 ||
            check_file(s, spec->logfile) < 0)
            return -1;
    }
    return 0;
}

/* The debug console on standard output waits for no reader, and leaves the terminal as it is. */
static struct chr *open_back_end(struct session *s, enum port port, const struct chr_spec *spec)
{
    if (spec->kind != CHR_STDIO)
        return chr_open(spec, s->err, sizeof(s->err));
    if (port == PORT_DEBUGCON)
        return chr_open_stdout(s->err, sizeof(s->err));
    return chr_open_stdio(!options_mux(&s->options, port), s->err, sizeof(s->err));
}

/* The first port that has the same back end, or PORTS. */
static enum port find_shared(struct session *s, enum port port, const struct chr_spec *spec)
{
    for (enum port other = 0; other < port; other++) {
        const struct chr_spec *o = options_port(&s->options, other);
        bool same = (spec->id && o->id && strcmp(spec->id, o->id) == 0) ||
                    (spec->kind == CHR_STDIO && o->kind == CHR_STDIO && port != PORT_DEBUGCON);

        if (same && s->port[other])
            return other;
    }
    return PORTS;
}

/* A copy of the output beside it. */
static int add_log(struct session *s, struct chr **chr, const struct chr_spec *spec)
{
    FILE *file = fopen(spec->logfile, spec->log_append ? "ae" : "we");
    struct chr *tap;

    if (!file) {
        snprintf(s->err, sizeof(s->err), "cannot write '%s'", spec->logfile);
        return -1;
    }
    tap = chr_open_tap(*chr, file, NULL, NULL, s->err, sizeof(s->err));
    if (!tap) {
        fclose(file);
        return -1;
    }
    *chr = tap;
    return 0;
}

/* Nanoseconds since power-on, or since the first line. */
static u64 stamp_time(void *opaque)
{
    struct session *s = opaque;
    struct pc_account account;

    if (s->options.stamp == STAMP_HOST) {
        if (!s->stamp_began)
            s->stamp_began = stats_ns();
        return stats_ns() - s->stamp_began;
    }
    pc_account(s->pc, &account);
    return account.ns;
}

static int add_stamp(struct session *s, struct chr **chr)
{
    struct chr *stamp = chr_open_stamp(*chr, stamp_time, s, s->err, sizeof(s->err));

    if (!stamp)
        return -1;
    *chr = stamp;
    return 0;
}

/* One more user of it: with escape keys each has the input in turn, else only the first. */
static int open_shared(struct session *s, enum port port, enum port other)
{
    s->shared[port] =
        s->shared[other] ? chr_add_to_mux(s->shared[other], s->err, sizeof(s->err)) : NULL;
    s->port[port] = s->shared[other] ? s->shared[port]
                                     : chr_open_writer(s->port[other], s->err, sizeof(s->err));
    return s->port[port] ? 0 : -1;
}

static int add_mux(struct session *s, enum port port, void (*key)(void *opaque, enum chr_key key))
{
    struct chr *mux =
        chr_open_mux(s->port[port], s->options.escape, key, s, s->err, sizeof(s->err));

    if (!mux)
        return -1;
    s->port[port] = s->shared[port] = mux;
    return 0;
}

static int open_port(struct session *s, enum port port, void (*key)(void *opaque, enum chr_key key))
{
    const struct chr_spec *spec = options_port(&s->options, port);
    enum port other = find_shared(s, port, spec);

    if (spec->kind == CHR_NONE)
        return 0;
    if (other != PORTS)
        return open_shared(s, port, other);
    s->port[port] = open_back_end(s, port, spec);
    if (!s->port[port])
        return -1;
    if (spec->logfile && add_log(s, &s->port[port], spec) < 0)
        return -1;
    if (options_mux(&s->options, port) && add_mux(s, port, key) < 0)
        return -1;
    return s->options.stamp && port <= PORT_COM4 ? add_stamp(s, &s->port[port]) : 0;
}

/* A stream for the debug console: a file's own, or one whose bytes a back end takes. */
static int open_debugcon(struct session *s, void (*key)(void *opaque, enum chr_key key))
{
    const struct chr_spec *spec = options_port(&s->options, PORT_DEBUGCON);

    if (spec->kind == CHR_NONE)
        return 0;
    if (spec->kind == CHR_NULL || (spec->kind == CHR_FILE && !spec->append && !spec->logfile)) {
        s->debugcon =
            output_open(spec->kind == CHR_NULL ? "/dev/null" : spec->path, s->err, sizeof(s->err));
        return s->debugcon ? 0 : -1;
    }
    if (open_port(s, PORT_DEBUGCON, key) < 0)
        return -1;
    s->debugcon = chr_stream(s->port[PORT_DEBUGCON]);
    if (!s->debugcon)
        snprintf(s->err, sizeof(s->err), "no memory for the debug console");
    return s->debugcon ? 0 : -1;
}

int ports_open(struct session *s, void (*key)(void *opaque, enum chr_key key))
{
    for (enum port port = 0; port < PORT_DEBUGCON; port++)
        if (open_port(s, port, key) < 0)
            return -1;
    if (open_debugcon(s, key) < 0)
        return -1;
    for (enum port port = PORT_GDB; port < PORTS; port++)
        if (open_port(s, port, key) < 0)
            return -1;
    return 0;
}

static void close_debugcon(struct session *s)
{
    bool before;

    if (!s->debugcon)
        return;
    before = ferror(s->debugcon);
    fflush(s->debugcon);
    stream_failed(s->debugcon, before, "-debugcon's output");
    fclose(s->debugcon);
    s->debugcon = NULL;
}

/* From the last to the first: a writer goes before what it writes to. */
void ports_close(struct session *s)
{
    close_debugcon(s);
    for (int port = PORTS - 1; port >= 0; port--) {
        if (s->port[port])
            s->port[port]->ops->close(s->port[port]);
        s->port[port] = NULL;
    }
}
