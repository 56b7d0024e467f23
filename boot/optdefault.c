/* What follows from the options together where one was not given: the screen, the serial port's place, the
 * clock's start. */
#include <string.h>
#include <time.h>

#include "boot/options.h"
#include "boot/sandbox.h"

enum ui_kind options_display(const struct options *o)
{
    if (o->display_given)
        return o->display;
    return o->nographic || o->lockstep[0] || o->vga == PC_VGA_NONE ? UI_NONE : UI_SDL;
}

const char *options_serial(const struct options *o)
{
    if (o->serial)
        return o->serial;
    if (o->nographic)
        return "stdio";
    return o->display_given || options_display(o) != UI_NONE ? "null" : "stdio";
}

bool options_serial_stdio(const struct options *o, bool *escapes)
{
    const char *serial = options_serial(o);
    bool monitor = strcmp(serial, "mon:stdio") == 0;

    *escapes = o->nographic || monitor;
    return monitor || strcmp(serial, "stdio") == 0;
}

/* A window needs far more of the host than a machine does, and -lockstep makes machines again and again. */
bool options_sandbox(const struct options *o)
{
    if (o->sandbox_given)
        return o->sandbox;
    return sandbox_version() && options_display(o) != UI_SDL && !o->lockstep[0];
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
