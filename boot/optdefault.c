/* What follows from the options together where one was not given: the screen, the serial port's place, the
 * clock's start. */
#include <string.h>
#include <time.h>

#include "boot/network.h"
#include "boot/options.h"
#include "boot/sandbox.h"

enum ui_kind options_display(const struct options *o)
{
    if (o->display_given)
        return o->display;
    return o->nographic || o->lockstep[0] || o->vga == PC_VGA_NONE ? UI_NONE : UI_SDL;
}

const struct chr_spec *options_port(const struct options *o, enum port port)
{
    static const struct chr_spec none = {.kind = CHR_NONE, .text = "none"},
                                 null = {.kind = CHR_NULL, .text = "null"},
                                 terminal = {.kind = CHR_STDIO, .text = "stdio", .id = "serial0"};

    if (o->port_given[port])
        return &o->port[port];
    if (port != PORT_COM1)
        return &none;
    if (o->daemonize) /* it would keep what is not its own: who started it waits until nobody has that open */
        return &null;
    if (o->nographic)
        return &terminal;
    return o->display_given || options_display(o) != UI_NONE ? &null : &terminal;
}

bool options_mux(const struct options *o, enum port port)
{
    const struct chr_spec *spec = options_port(o, port);

    return spec->mux || (o->nographic && port == PORT_COM1 && spec->kind == CHR_STDIO);
}

bool options_serial_stdio(const struct options *o, bool *escapes)
{
    const struct chr_spec *spec = options_port(o, PORT_COM1);

    *escapes = options_mux(o, PORT_COM1);
    return spec->kind == CHR_STDIO;
}

bool options_monitor(const struct options *o)
{
    for (enum port port = PORT_GDB; port < PORTS; port++) {
        enum chr_kind kind = options_port(o, port)->kind;

        if (kind != CHR_NONE && kind != CHR_NULL)
            return true;
    }
    return false;
}

/* A window needs far more of the host than a machine does, and -lockstep makes machines again and again. */
bool options_sandbox(const struct options *o)
{
    if (o->sandbox_given)
        return o->sandbox;
    return sandbox_version() && options_display(o) != UI_SDL && !o->lockstep[0] &&
           !network_starts_programs(&o->net);
}

i64 options_rtc_start(const struct options *o, i64 now)
{
    time_t t = now;
    struct tm tm;

    switch (o->rtc) {
    case RTC_DEFAULT: return o->clock == CLOCK_INSN ? RTC_INSN_START : now;
    case RTC_UTC: return now;
    case RTC_LOCALTIME: return localtime_r(&t, &tm) ? now + tm.tm_gmtoff : now;
    case RTC_FIXED: return o->rtc_fixed;
    }
    BUG("rtc base %d", (int)o->rtc);
}
