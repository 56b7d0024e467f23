#include <stdio.h>
#include "devices/ui/ui.h"
struct ui *ui_open_curses(const struct ui_config *config, char *err, size_t err_len)
{
    (void)config;
    snprintf(err, err_len, "not there yet");
    return NULL;
}
