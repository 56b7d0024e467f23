/* The user interface of a machine that nobody looks at: it only takes screenshots, on SIGUSR1. */
#include <stdio.h>
#include <stdlib.h>

#include "devices/ui/ui.h"

static void none_poll(struct ui *ui)
{
    (void)ui;
}

static int none_poll_fd(struct ui *ui)
{
    (void)ui;
    return -1;
}

static void none_close(struct ui *ui)
{
    free(ui);
}

static const struct ui_ops none_ops = {
    .poll = none_poll,
    .refresh = none_poll,
    .poll_fd = none_poll_fd,
    .close = none_close,
};

struct ui *ui_open_none(char *err, size_t err_len)
{
    struct ui *ui = calloc(1, sizeof(*ui));

    if (!ui)
        snprintf(err, err_len, "no memory for a user interface");
    else
        ui->ops = &none_ops;
    return ui;
}
