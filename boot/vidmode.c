/* Reads "vga=" as boot loaders do: to the kernel itself it means nothing. */
#include "boot/vidmode.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    u16 mode;
} names[] = {
    {"normal", VID_MODE_NORMAL},
    {"ext", 0xfffe},
    {"ask", 0xfffd},
    {"current", 0x0f04},
};

static int parse_value(const char *value, size_t len, u16 *mode)
{
    unsigned long number;
    char *end;

    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (strlen(names[i].name) == len && memcmp(value, names[i].name, len) == 0) {
            *mode = names[i].mode;
            return 0;
        }
    if (*value < '0' || *value > '9')
        return -EINVAL;
    number = strtoul(value, &end, 0);
    if (end != value + len || number > UINT16_MAX)
        return -EINVAL;
    *mode = (u16)number;
    return 0;
}

int vid_mode_parse(const char *cmdline, u16 *mode, char *err, size_t err_len)
{
    *mode = VID_MODE_NORMAL;
    for (const char *p = cmdline; (p = strstr(p, "vga=")) != NULL; p++) {
        size_t len = strcspn(p + 4, " ");

        if ((p == cmdline || p[-1] == ' ') && parse_value(p + 4, len, mode) < 0) {
            snprintf(err, err_len, "-append: 'vga=%.*s': normal, ext, ask, or a mode's number",
                     (int)(len < 40 ? len : 40), p + 4);
            return -EINVAL;
        }
    }
    return 0;
}
