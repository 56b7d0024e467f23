/* What no single option can know: options that need or exclude each other. */
#include <string.h>

#include "boot/network.h"
#include "boot/optchr.h"
#include "boot/optdrive.h"
#include "boot/optmachine.h"
#include "boot/optnet.h"

/* Two users of one terminal, and what two machines side by side cannot have. */
static enum options_result check_display(struct parse *p)
{
    const struct options *o = p->o;
    enum ui_kind display = options_display(o);
    bool escapes;

    if (display == UI_CURSES && options_serial_stdio(o, &escapes))
        return opt_fail(
            p, "-display curses and the serial port both need this terminal; give the port "
               "another place with -serial");
    if (display == UI_CURSES && options_port(o, PORT_DEBUGCON)->kind == CHR_STDIO)
        return opt_fail(p, "-display curses and -debugcon stdio both need this terminal");
    if (options_port(o, PORT_GDB)->kind == CHR_STDIO) {
        for (enum port port = PORT_COM1; port <= PORT_DEBUGCON; port++)
            if (options_port(o, port)->kind == CHR_STDIO)
                return opt_fail(p, "-gdb stdio and a port of the machine both need standard input "
                                   "and output; give the port another place (-serial null)");
        if (display == UI_CURSES)
            return opt_fail(p, "-display curses and -gdb stdio both need this terminal");
    }
    if (o->full_screen && display != UI_SDL)
        return opt_fail(p, "-full-screen needs a window (-display sdl)");
    if (o->sandbox && (display == UI_SDL || o->lockstep[0]))
        return opt_fail(p,
                        "-sandbox on: %s needs more than a running machine; leave one of them out",
                        o->lockstep[0] ? "-lockstep" : "a window");
    if (o->sandbox && network_starts_programs(&o->net))
        return opt_fail(p, "-sandbox on: %s starts programs; leave one of them out",
                        network_starts_programs(&o->net));
    if (o->lockstep[0] && (display != UI_NONE || o->screenshot))
        return opt_fail(p, "-lockstep has no screen: leave out -display and -screenshot");
    return OPTIONS_RUN;
}

/* A machine that goes back does again what it did: its time is its instructions, and all that enters is known. A debugger
 * can go back by itself wherever that is so. */
static enum options_result check_reverse(struct parse *p)
{
    struct options *o = p->o;
    bool gdb = o->port_given[PORT_GDB] && o->port[PORT_GDB].kind != CHR_NONE;
    bool counts = o->record || o->replay || (o->clock_given && o->clock == CLOCK_INSN);

    if (!o->reverse) {
        o->reverse = gdb && counts && !o->type && !o->lockstep[0];
        return OPTIONS_RUN;
    }
    if (o->lockstep[0])
        return opt_fail(p, "-reverse: not with -lockstep, which has no debugger");
    if (o->clock_given && o->clock == CLOCK_HOST)
        return opt_fail(p, "-reverse needs -clock insn: the host's clock does not go back");
    if (o->type)
        return opt_fail(p, "-reverse: not with -type, whose script goes forwards only");
    o->clock = CLOCK_INSN;
    return OPTIONS_RUN;
}

/* A recorded machine's time is its instructions. */
static enum options_result check_replay(struct parse *p)
{
    struct options *o = p->o;
    const char *name = o->record ? "-record" : "-replay";

    if (!o->record && !o->replay)
        return OPTIONS_RUN;
    if (o->record && o->replay)
        return opt_fail(p, "-record and -replay: give one of them");
    if (o->lockstep[0])
        return opt_fail(p, "%s: not with -lockstep, which has no input", name);
    if (o->clock_given && o->clock == CLOCK_HOST)
        return opt_fail(p, "%s needs -clock insn: the host's clock is not recorded", name);
    o->clock = CLOCK_INSN;
    return OPTIONS_RUN;
}

static bool has_disk(const struct options *o)
{
    for (unsigned i = 0; i < PC_DRIVES; i++)
        if (o->drive[i].path)
            return true;
    return o->floppy[0].path || o->floppy[1].path;
}

/* What no single option can know. */
enum options_result options_check(struct parse *p)
{
    struct options *o = p->o;

    if (optattach_resolve(p) != OPTIONS_RUN || optdrive_check_media(p) != OPTIONS_RUN ||
        optchr_gdb(p) != OPTIONS_RUN || optchr_resolve(p) != OPTIONS_RUN ||
        optmonitor_resolve(p) != OPTIONS_RUN || optnet_resolve(p) != OPTIONS_RUN)
        return OPTIONS_ERROR;
    if (o->lockstep[0]) {
        if (o->engine)
            return opt_fail(p, "-engine and -lockstep: give the engines with one of them");
        if (o->clock_given && o->clock == CLOCK_HOST)
            return opt_fail(
                p, "-lockstep needs -clock insn: under the host's clock no two runs are alike");
        o->clock = CLOCK_INSN;
    }
    if (check_display(p) != OPTIONS_RUN || optaccel_check(p) != OPTIONS_RUN)
        return OPTIONS_ERROR;
    if (o->initrd && !o->kernel)
        return opt_fail(p, "-initrd needs -kernel");
    if (o->append && !o->kernel)
        return opt_fail(p, "-append needs -kernel");
    if (o->lockstep[0] && (o->watch_texts || o->timeout_ms))
        return opt_fail(p, "-lockstep ends by itself: leave out -until, -fail-on and -timeout");
    if (o->lockstep[0] && (o->report || o->junit || o->stats_file || o->stamp))
        return opt_fail(p, "-report, -junit, -stats json:, -serial-stamp: not with -lockstep, "
                           "which compares two machines");
    if (o->lockstep[0] && (o->checkpoints.steps || o->checkpoints.end))
        return opt_fail(p, "-lockstep takes -digest N only; its end is insns=N");
    if (o->lockstep[0] && o->speed != SPEED_NORMAL)
        return opt_fail(p, "-lockstep goes as fast as it can: leave out -speed");
    if (o->lockstep[0] && o->port_given[PORT_GDB])
        return opt_fail(p, "-lockstep runs two machines: leave out -s and -gdb");
    for (enum port port = PORT_COM2; o->lockstep[0] && port <= PORT_LPT1; port++)
        if (o->port_given[port])
            return opt_fail(p, "-lockstep has one serial port: leave out %s", o->port[port].text);
    if (o->lockstep[0] && (o->floppy[0].name || o->floppy[1].name))
        return opt_fail(p, "-fda, -fdb: not with -lockstep, whose machines cannot share a disk");
    if (o->lockstep[0] && (o->loadvm || o->savevm))
        return opt_fail(p,
                        "-lockstep compares two machines from their start: leave out -loadvm and "
                        "-savevm");
    if (check_reverse(p) != OPTIONS_RUN)
        return OPTIONS_ERROR;
    if (check_replay(p) != OPTIONS_RUN)
        return OPTIONS_ERROR;
    if (!o->savevm != !o->savevm_at_given)
        return opt_fail(p, "-savevm NAME and -savevm-at see:TEXT|insns=N: give both or none");
    if (!o->kernel && !o->bios && !o->option_roms && !has_disk(o) && !o->loadvm &&
        !strchr(o->boot, 'n') && !(o->only_asked && o->starts_held))
        return opt_fail(
            p, "nothing to boot: give a disk image or -kernel FILE (-help lists the options)");
    if (o->port_given[PORT_DEBUGCON] && o->debug_exit &&
        o->debug_exit_iobase <= o->debugcon_iobase &&
        o->debug_exit_iobase + o->debug_exit_iosize > o->debugcon_iobase)
        return opt_fail(p, "-device isa-debug-exit and -debugcon are both at port %#x",
                        o->debugcon_iobase);
    return OPTIONS_RUN;
}
