/* Opens the user interface that the options ask for, and takes the screenshot at the end. */
#include "boot/screen.h"

#include <stdlib.h>
#include <string.h>

#include "boot/image.h"
#include "boot/output.h"
#include "devices/ui/screenshot.h"

#define SCRIPT_MAX MIB

static bool is_set(const char *variable)
{
    const char *value = getenv(variable);

    return value && *value;
}

static int read_script(struct screen *screen, const char *path, char *err, size_t err_len)
{
    struct image image;
    char why[256];

    if (image_read(&image, path, SCRIPT_MAX, err, err_len) < 0)
        return -1;
    screen->script = script_parse((const char *)image.data, image.size, why, sizeof(why));
    image_free(&image);
    if (!screen->script)
        snprintf(err, err_len, "'%s': %s", path, why);
    return screen->script ? 0 : -1;
}

int screen_prepare(struct screen *screen, const struct options *o, char *err, size_t err_len)
{
    const char *type = o->type;

    /* SDL_VIDEODRIVER is how SDL is told of a screen without a display server. */
    if (options_display(o) == UI_SDL && ui_sdl_version() && !is_set("DISPLAY") &&
        !is_set("WAYLAND_DISPLAY") && !is_set("SDL_VIDEODRIVER")) {
        snprintf(err, err_len,
                 "no window can be opened here (DISPLAY and WAYLAND_DISPLAY are not set); give "
                 "-nographic for the serial port on this terminal, -display curses for the screen "
                 "on it, or -display none");
        return -1;
    }
    if (o->screenshot && output_check(o->screenshot, err, err_len) < 0)
        return -1;
    if (type && type[0] == '@')
        return read_script(screen, type + 1, err, err_len);
    if (type)
        screen->script = script_parse(type, strlen(type), err, err_len);
    return type && !screen->script ? -1 : 0;
}

int screen_open(struct screen *screen, const struct options *o,
                const struct screenshot_files *files, void (*quit)(void *opaque),
                void (*resume)(void *opaque), const char *(*act)(void *opaque, enum ui_act act),
                void *opaque, char *err, size_t err_len)
{
    struct ui_config config = {
        .kind = options_display(o),
        .full_screen = o->full_screen,
        .screenshot = o->screenshot,
        .files = files,
        .quit = quit,
        .resume = resume,
        .act = act,
        .opaque = opaque,
    };

    if (o->lockstep[0])
        return 0;
    screen->ui = ui_open(&config, err, err_len);
    return screen->ui ? 0 : -1;
}

void screen_end(struct screen *screen, const struct options *o, struct pc *pc)
{
    const struct display *display = pc_display(pc);
    char name[SCREENSHOT_NAME], err[256];

    if (!o->screenshot)
        return;
    ui_aside(screen->ui);
    if (!display)
        fputs("pagewalk: no screenshot: this machine has no display\n", stderr);
    else if (screenshot_write(display, screen->ui ? screen->ui->config.files : NULL, o->screenshot,
                              name, err, sizeof(err)) < 0)
        fprintf(stderr, "pagewalk: no screenshot: %s\n", err);
    else if (strcmp(name, o->screenshot) != 0)
        fprintf(stderr, "pagewalk: screenshot in '%s' (this build has no libpng)\n", name);
}

void screen_close(struct screen *screen)
{
    ui_close(screen->ui);
    script_free(screen->script);
    *screen = (struct screen){0};
}
