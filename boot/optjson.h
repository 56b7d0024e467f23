/* Options whose keys and values may also be given as a JSON object. */
#ifndef PAGEWALK_OPTJSON_H
#define PAGEWALK_OPTJSON_H

#include "boot/keylist.h"

/* The object as a list of keys and values, "driver" in front; objects and arrays in it give keys with dots, as QEMU has
 * them. Text that does not begin with '{' is given back. name: "-blockdev". NULL with the line. */
const char *optjson_list(struct parse *p, const char *name, const char *text);

#endif
