/* The options that give the machine its drives: -hda and its kin, and -drive, which all of them are short for. */
#ifndef PAGEWALK_OPTDRIVE_H
#define PAGEWALK_OPTDRIVE_H

#include "boot/options.h"

/* Each 0, or -1 with one line in err. */

/* A drive at its place: o->drive[i] or o->floppy[i], which must be free. */
int optdrive_add(struct drive_option *place, const struct drive_option *drive, char *err,
                 size_t err_len);
/* -drive: "file=x.img,if=ide,index=1"; a doubled comma is one in a value. Without an index it takes the next free
 * place. */
int optdrive_parse(struct options *o, const char *value, char *err, size_t err_len);

#endif
