/* The user interface as the command line asks for it: window, script of keys, screenshot at the end. */
#ifndef PAGEWALK_SCREEN_H
#define PAGEWALK_SCREEN_H

#include "boot/options.h"
#include "devices/ui/script.h"

struct screen {
    struct ui *ui;             /* NULL under -lockstep */
    struct key_script *script; /* NULL: no -type */
};

/* All that can be found wrong before anything is opened; reads the script. 0, or -1 with one line in err. */
int screen_prepare(struct screen *screen, const struct options *o, char *err, size_t err_len);
/* 0, or -1 with one line in err. files: how screenshots are opened, NULL: as files are. quit: the user wants the
 * machine to end; resume: to go on; act: another thing. */
int screen_open(struct screen *screen, const struct options *o,
                const struct screenshot_files *files, void (*quit)(void *opaque),
                void (*resume)(void *opaque), const char *(*act)(void *opaque, enum ui_act act),
                void *opaque, char *err, size_t err_len);
/* The machine has ended, and is still there: takes the screenshot that the options ask for. */
void screen_end(struct screen *screen, const struct options *o, struct pc *pc);
void screen_close(struct screen *screen);

#endif
