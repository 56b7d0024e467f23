/* One line that a user types at a terminal: editing keys, history, and completion.
 *
 * It is no library's: those read from a descriptor of their own and look the terminal up in files, where a monitor's user
 * may be at the end of a socket, and a sandbox opens no files. What it writes every terminal since the VT100 knows. */
#ifndef PAGEWALK_MONITOR_EDITOR_H
#define PAGEWALK_MONITOR_EDITOR_H

#include <stdio.h>

#include "mmu/host/base.h"

#define EDITOR_LINE    1024
#define EDITOR_HISTORY 100

struct editor {
    const char *prompt;
    FILE *out;
    /* Words that may stand where `line` ends: add() each. */
    void (*complete)(void *opaque, const char *line, struct editor *editor);
    void *opaque;

    char line[EDITOR_LINE];
    size_t len, at;
    enum { EDITOR_PLAIN, EDITOR_ESC, EDITOR_CSI } state;
    unsigned number; /* of an escape sequence */
    bool was_cr;

    char *history[EDITOR_HISTORY]; /* the newest last */
    unsigned entries, back;        /* back: how many entries ago the line shown is; 0: a new one */
    char *kept;                    /* the new line meanwhile */

    char word[64]; /* what is being completed: the common beginning of all, */
    unsigned words;
    char *list; /* and all of them */
    size_t list_len, word_at;
};

void editor_init(struct editor *e, const char *prompt, FILE *out);
void editor_free(struct editor *e);
/* Begins a line. */
void editor_prompt(struct editor *e);
/* Takes one byte. True: the line is complete, in e->line, until the next begins. */
bool editor_byte(struct editor *e, u8 byte);
/* For complete(): one word that begins as the one at the line's end. */
void editor_add(struct editor *e, const char *word, size_t len);

#endif
