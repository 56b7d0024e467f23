/* The monitor: commands to a machine in the words of QEMU's, one line each. */
#ifndef PAGEWALK_MONITOR_H
#define PAGEWALK_MONITOR_H

#include <stdio.h>

#include "mmu/host/base.h"
#include "devices/block/block.h"

struct pc;
struct editor;

/* What commands ask of the program around the machine. Any may be NULL: there is no such thing. */
struct monitor_host {
    /* Makes a file that a command names, or empties it: a descriptor to write to, or -errno. */
    int (*create)(void *opaque, const char *name);
    /* Puts gdb's port at another place, "none" at none. */
    void (*gdbserver)(void *opaque, const char *where, FILE *out);
    /* The character back ends one by one, their names and what they are; false: there are no more. */
    bool (*chardev)(void *opaque, unsigned number, const char **label, const char **where);
    const char *name, *uuid; /* the machine's, by -name and -uuid; NULL: none */
    void *opaque;
};

/* Does what the line says, between slices of the guest only; what there is to say goes to out. */
void monitor_command(struct pc *pc, const char *line, FILE *out);
/* The same for the line that an editor has. */
void monitor_line(struct pc *pc, struct editor *editor, FILE *out);
/* Adds to the editor the words that may stand at the line's end. */
void monitor_complete(struct pc *pc, const char *line, struct editor *editor);

/* The version of jansson, without which there is no QMP; NULL: this build has none. */
const char *monitor_qmp_version(void);
/* Whether x/i is Zydis's, or our own decoder's. */
bool monitor_has_zydis(void);

/* What a client of QMP is told. */
enum monitor_event {
    MONITOR_STOP,
    MONITOR_RESUME,
    MONITOR_RESET,
    MONITOR_SHUTDOWN,
    MONITOR_POWERDOWN,
    MONITOR_PANICKED,
    MONITOR_BLOCK_ERROR,
    MONITOR_TRAY_MOVED,
    MONITOR_EVENTS,
};
/* text: the reason in QEMU's words. guest: the guest did it. */
void monitor_event(struct pc *pc, enum monitor_event event, const char *text, bool guest);
/* A drive's image could not be read or written: -error. */
void monitor_block_error(struct pc *pc, const struct block *block, bool write, int error,
                         enum block_fate fate);
/* A CD-ROM drive's tray has opened or closed. */
void monitor_tray_moved(struct pc *pc, const char *drive, bool open);

#endif
