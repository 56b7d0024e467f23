/* One run of the program: the command line, and what was opened and made for it. */
#ifndef PAGEWALK_SESSION_H
#define PAGEWALK_SESSION_H

#include "boot/broker.h"
#include "boot/fw_items.h"
#include "boot/loader.h"
#include "boot/media_list.h"
#include "boot/lockstep.h"
#include "boot/network.h"
#include "boot/options.h"
#include "boot/report.h"
#include "boot/rom.h"
#include "boot/screen.h"
#include "boot/watch.h"
#include "cpu/gdb/gdb.h"
#include "devices/monitor/monitor.h"
#include "mmu/host/symbols.h"

#define STATUS_DIFFER     1
#define STATUS_USER_ERROR 2

struct session {
    struct options options;
    struct loader *loader;
    struct roms roms;
    struct log log;
    struct symbols *symbols;  /* NULL: none were given */
    struct gdb_file gdb_file; /* name NULL: none is an ELF file */
    struct screen screen;
    struct broker broker;
    bool sandboxed;          /* broker is there, and the sandbox on once the machine is made */
    struct chr *port[PORTS]; /* NULL: nobody is there */
    struct chr
        *shared[PORTS]; /* the same where several share a back end, without stamps; else NULL */
    FILE *debugcon;     /* writes to port[PORT_DEBUGCON], or to a file of its own */
    struct block *drive[PC_DRIVES], *floppy[PC_FLOPPIES];
    struct media_list media;
    u64 stamp_began; /* -serial-stamp host: stats_ns() at the first line */
    struct network network;
    struct watch watch;
    struct report report;
    struct fw_items fw_items;
    struct monitor_host monitor_host;
    struct replay *replay;     /* -record, -replay; NULL: neither */
    struct pc *pc;             /* or, under -lockstep, */
    struct lockstep *lockstep; /* two of them */
    char said[64];             /* what a key has done, where that is not always the same */
    char err[1024];
};

/* Says on one line of stderr, whatever the text has in it, what the user did wrong. Returns the exit status. */
int session_user_error(const char *text);

/* The user wants the run to end now. */
void session_quit(struct session *s);

#endif
