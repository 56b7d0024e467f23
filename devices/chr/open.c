/* Opens a character back end by the argument of -serial. */
#include <stdio.h>
#include <string.h>

#include "devices/chr/chr.h"

/* "none" gives NULL with an empty err: nobody is at the port. */
struct chr *chr_open(const char *spec, char *err, size_t err_len)
{
    struct chr *chr;

    if (err_len)
        err[0] = '\0';
    if (!strcmp(spec, "none"))
        return NULL;
    if (!strcmp(spec, "null")) {
        chr = chr_open_null();
        if (!chr)
            snprintf(err, err_len, "no memory for a serial port");
        return chr;
    }
    if (!strcmp(spec, "stdio"))
        return chr_open_stdio(false, NULL, NULL, err, err_len);
    if (!strcmp(spec, "pty"))
        return chr_open_pty(err, err_len);
    if (!strncmp(spec, "file:", 5) && spec[5])
        return chr_open_file(spec + 5, err, err_len);
    snprintf(err, err_len, "unknown serial port '%s': use null, none, stdio, pty or file:PATH",
             spec);
    return NULL;
}
