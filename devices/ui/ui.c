/* What all user interfaces share: opening one, the pace of looks, pressed keys, screenshots on command. */
#include "devices/ui/ui.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "devices/base/clock.h"
#include "devices/ui/screenshot.h"

const char *ui_sdl_version(void)
{
#ifdef PAGEWALK_SDL
    return PAGEWALK_SDL;
#else
    return NULL;
#endif
}

/* SIGUSR1 as a descriptor: seen at polls only, and no handler that would need a variable. It is blocked
 * before SDL's drivers have threads, which inherit that. */
static int open_signal(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
        return -1;
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

struct ui *ui_open(const struct ui_config *config, char *err, size_t err_len)
{
    struct ui *ui = NULL;
    int signal_fd = open_signal();

    switch (config->kind) {
    case UI_NONE: ui = ui_open_none(err, err_len); break;
    case UI_SDL:
#ifdef PAGEWALK_SDL
        ui = ui_open_sdl(config, err, err_len);
#else
        snprintf(err, err_len,
                 "this build has no window: SDL2's headers were not there (-nographic, "
                 "-display curses and -display none work)");
#endif
        break;
    case UI_CURSES: ui = ui_open_curses(config, err, err_len); break;
    }
    if (!ui) {
        if (signal_fd >= 0)
            close(signal_fd);
        return NULL;
    }
    ui->config = *config;
    ui->signal_fd = signal_fd;
    return ui;
}

void ui_close(struct ui *ui)
{
    if (!ui)
        return;
    if (ui->signal_fd >= 0)
        close(ui->signal_fd);
    ui->ops->close(ui);
}

void ui_attach(struct ui *ui, const struct display *display, const struct input *input)
{
    ui->display = display;
    ui->input = input;
    if (ui->ops->state)
        ui->ops->state(ui);
}

void ui_set_state(struct ui *ui, enum ui_state state)
{
    if (ui->state == state)
        return;
    ui->state = state;
    if (ui->ops->state)
        ui->ops->state(ui);
}

void ui_set_speed(struct ui *ui, u32 speed)
{
    if (ui->speed == speed)
        return;
    ui->speed = speed;
    if (ui->ops->state)
        ui->ops->state(ui);
}

void ui_aside(struct ui *ui)
{
    if (ui && ui->ops->aside)
        ui->ops->aside(ui);
}

static void poll_signal(struct ui *ui)
{
    struct signalfd_siginfo info;
    char message[512];

    if (ui->signal_fd < 0 || read(ui->signal_fd, &info, sizeof(info)) != sizeof(info))
        return;
    ui_screenshot(ui, message, sizeof(message));
    if (!ui->interactive || ui->config.kind == UI_SDL) /* the terminal is not the screen */
        fprintf(stderr, "pagewalk: %s\n", message);
}

void ui_poll(struct ui *ui)
{
    u64 now = clock_host_ns();

    if (now < ui->due)
        return;
    ui->due = now + UI_PERIOD_NS;
    poll_signal(ui);
    ui->ops->poll(ui);
    ui->ops->refresh(ui);
}

int ui_poll_fd(struct ui *ui)
{
    int fd = ui->ops->poll_fd(ui);

    return fd >= 0 ? fd : ui->signal_fd;
}

void ui_wake(struct ui *ui)
{
    ui->due = 0;
}

u64 ui_sleep_ns(const struct ui *ui)
{
    return ui->interactive ? UI_PERIOD_NS : UINT64_MAX;
}

void ui_key(struct ui *ui, unsigned usage, bool down)
{
    if (usage >= INPUT_KEYS || ui->down[usage] == down)
        return;
    ui->down[usage] = down;
    if (ui->input && ui->input->key)
        ui->input->key(ui->input->opaque, (u8)usage, down);
}

void ui_release_keys(struct ui *ui)
{
    for (unsigned usage = 0; usage < INPUT_KEYS; usage++)
        ui_key(ui, usage, false);
}

void ui_resume(struct ui *ui)
{
    if (ui->config.resume)
        ui->config.resume(ui->config.opaque);
}

void ui_mouse(struct ui *ui, int dx, int dy, int dz, unsigned buttons)
{
    if (ui->input && ui->input->mouse)
        ui->input->mouse(ui->input->opaque, dx, dy, dz, buttons);
}

void ui_screenshot(struct ui *ui, char *message, size_t message_len)
{
    const char *path = ui->config.screenshot ? ui->config.screenshot : UI_SCREENSHOT;
    char name[SCREENSHOT_NAME], err[256];

    ui->stale = true;
    if (!ui->display)
        snprintf(message, message_len, "no screenshot: this machine has no display");
    else if (screenshot_numbered(ui->display, ui->config.files, path, &ui->shots, name, err,
                                 sizeof(err)) < 0)
        snprintf(message, message_len, "no screenshot: %s", err);
    else
        snprintf(message, message_len, "screenshot in '%s'", name);
}

bool ui_draw(struct ui *ui, struct surface *surface, bool all)
{
    bool every = all || ui->stale;

    ui->stale = false;
    return ui->display && screenshot_draw(ui->display, surface, every);
}
