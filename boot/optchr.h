/* Where ports' bytes go: -serial, -parallel, -debugcon, -chardev, and -device for them. */
#ifndef PAGEWALK_OPTCHR_H
#define PAGEWALK_OPTCHR_H

#include "boot/keylist.h"

/* "-serial TEXT" and its kin in QEMU's words ("tcp::4444,server", "chardev:ID"); what is the option. */
enum options_result optchr_port(struct parse *p, enum port port, const char *what,
                                const char *text);
/* "-device isa-serial,chardev=ID" and its kin. */
enum options_result optchr_device(struct parse *p, const char *driver, const char *items);
/* What -s, -p and -gdb are together. */
enum options_result optchr_gdb(struct parse *p);
/* Finds the -chardev of each port, or gives its back end a name. */
enum options_result optchr_resolve(struct parse *p);
/* Behind that: monitors beside serial ports, and what they need and exclude. */
enum options_result optmonitor_resolve(struct parse *p);

#endif
