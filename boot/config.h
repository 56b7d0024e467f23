/* -readconfig and -set: options that come from elsewhere on the command line, or from a file. */
#ifndef PAGEWALK_CONFIG_H
#define PAGEWALK_CONFIG_H

#include <stddef.h>

#define CONFIG_ARGS 1024 /* words of a command line, at most */

struct config {
    int argc;
    char *argv[CONFIG_ARGS + 1];
    char *owned[CONFIG_ARGS]; /* what was made here */
    unsigned owneds;
};

/* The command line with each "-readconfig FILE" replaced by what is in the file, and what each "-set GROUP.ID.KEY=VALUE"
 * gives added to the option -GROUP before it that has id=ID; a -set that finds none stays. 0, or -1 with one line in err. */
int config_expand(struct config *config, int argc, char **argv, char *err, size_t err_len);
void config_free(struct config *config);

#endif
