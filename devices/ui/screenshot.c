/* Screenshots into files: names, numbers and formats by the name's ending; pixmaps and text. */
#include "devices/ui/screenshot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "devices/ui/cp437.h"

#define PIXELS_MAX (16384u * 16384u)
#define NUMBER_MAX 9999u

enum format { FORMAT_PNG, FORMAT_PPM, FORMAT_TEXT };

bool screenshot_draw(const struct display *display, struct surface *surface, bool all)
{
    if (!display->draw)
        return false;
    for (unsigned tries = 0; tries < 3; tries++) {
        size_t need;
        u32 *larger;

        display->draw(display->opaque, surface, all);
        need = (size_t)surface->width * surface->height;
        if (!need || need > PIXELS_MAX)
            return false;
        if (need <= surface->room)
            return true;
        larger = realloc(surface->pixel, need * sizeof(*larger));
        if (!larger)
            return false;
        surface->pixel = larger;
        surface->room = need;
        all = true; /* what had no room was not drawn */
    }
    return false;
}

static const char *ending_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash ? slash : path, '.');

    return dot && dot != path && dot[-1] != '/' ? dot : path + strlen(path);
}

static enum format format_of(const char *path)
{
    const char *ending = ending_of(path);

    if (strcasecmp(ending, ".txt") == 0)
        return FORMAT_TEXT;
    if (strcasecmp(ending, ".ppm") == 0)
        return FORMAT_PPM;
    return FORMAT_PNG;
}

bool screenshot_ending_known(const char *path)
{
    const char *ending = ending_of(path);

    return !*ending || strcasecmp(ending, ".png") == 0 || format_of(path) != FORMAT_PNG;
}

int screenshot_ppm(FILE *file, const struct surface *surface)
{
    size_t pixels = (size_t)surface->width * surface->height;

    fprintf(file, "P6\n%u %u\n255\n", surface->width, surface->height);
    for (size_t i = 0; i < pixels; i++) {
        u32 rgb = surface->pixel[i];

        putc(rgb >> 16 & 0xff, file);
        putc(rgb >> 8 & 0xff, file);
        putc(rgb & 0xff, file);
    }
    return ferror(file) ? -EIO : 0;
}

/* Spaces at the end of a row, and empty rows at the end of the screen, are dropped. */
int screenshot_text(FILE *file, const struct text_screen *text)
{
    unsigned rows = text->rows;

    while (rows) {
        const struct text_cell *row = text->cell + (size_t)(rows - 1) * text->columns;
        unsigned column = 0;

        while (column < text->columns && cp437_blank(row[column].character))
            column++;
        if (column < text->columns)
            break;
        rows--;
    }
    for (unsigned y = 0; y < rows; y++) {
        const struct text_cell *row = text->cell + (size_t)y * text->columns;
        unsigned columns = text->columns;

        while (columns && cp437_blank(row[columns - 1].character))
            columns--;
        for (unsigned x = 0; x < columns; x++) {
            char utf8[CP437_UTF8];

            fwrite(utf8, 1, cp437_utf8(row[x].character, utf8), file);
        }
        putc('\n', file);
    }
    return ferror(file) ? -EIO : 0;
}

/* Writes to a descriptor, which is closed. */
static int write_to(int fd, const struct display *display, enum format format)
{
    FILE *file = fdopen(fd, "w");
    struct surface surface = {0};
    struct text_screen *text;
    int r = 0;

    if (!file) {
        r = -errno;
        close(fd);
        return r;
    }
    switch (format) {
    case FORMAT_TEXT:
        text = calloc(1, sizeof(*text));
        if (text) {
            display->text(display->opaque, text);
            r = screenshot_text(file, text);
        } else {
            r = -ENOMEM;
        }
        free(text);
        break;
    case FORMAT_PNG:
    case FORMAT_PPM:
        r = screenshot_draw(display, &surface, true) ? 0 : -ENODATA;
        if (r == 0)
            r = format == FORMAT_PNG ? screenshot_png(file, &surface)
                                     : screenshot_ppm(file, &surface);
        free(surface.pixel);
        break;
    }
    if (fclose(file) != 0 && r == 0)
        r = -errno;
    return r;
}

/* Whether the display can be shown in this format now; a reason in err. */
static bool can_show(const struct display *display, enum format format, char *err, size_t err_len)
{
    struct surface surface = {0};
    struct text_screen *text;
    bool can = false;

    switch (format) {
    case FORMAT_TEXT:
        text = calloc(1, sizeof(*text));
        if (text && display->text) {
            display->text(display->opaque, text);
            can = text->rows && text->columns;
        }
        free(text);
        if (!can)
            snprintf(err, err_len, "the display is not in a text mode");
        break;
    case FORMAT_PNG:
    case FORMAT_PPM:
        can = screenshot_draw(display, &surface, true);
        free(surface.pixel);
        if (!can)
            snprintf(err, err_len, "the display shows nothing");
        break;
    }
    return can;
}

/* A PNG's name without libpng. */
static int choose_name(const char *path, enum format *format, char name[SCREENSHOT_NAME])
{
    int n = snprintf(name, SCREENSHOT_NAME, "%s", path);

    if (*format == FORMAT_PNG && !screenshot_png_version()) {
        const char *ending = ending_of(path);

        *format = FORMAT_PPM;
        n = snprintf(name, SCREENSHOT_NAME, "%.*s.ppm", (int)(ending - path), path);
    }
    return n < SCREENSHOT_NAME ? 0 : -ENAMETOOLONG;
}

int screenshot_name(const char *path, char name[SCREENSHOT_NAME])
{
    enum format format = format_of(path);

    return choose_name(path, &format, name);
}

int screenshot_open(void *opaque, const char *name, bool fresh)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC | (fresh ? O_EXCL : O_TRUNC), 0666);

    (void)opaque;
    return fd < 0 ? -errno : fd;
}

static int open_by(const struct screenshot_files *files, const char *name, bool fresh)
{
    return files ? files->open(files->opaque, name, fresh) : screenshot_open(NULL, name, fresh);
}

/* The path itself or with .ppm for its ending, or that with a number before the ending. */
bool screenshot_name_fits(const char *path, const char *name, bool fresh)
{
    const char *ending = ending_of(path);
    size_t stem = (size_t)(ending - path);

    if (strncmp(path, name, stem) != 0)
        return false;
    name += stem;
    if (fresh) {
        size_t digits = name[0] == '-' ? strspn(name + 1, "0123456789") : 0;

        if (!digits)
            return false;
        name += 1 + digits;
    }
    return strcmp(name, ending) == 0 || strcmp(name, ".ppm") == 0;
}

int screenshot_write(const struct display *display, const struct screenshot_files *files,
                     const char *path, char name[SCREENSHOT_NAME], char *err, size_t err_len)
{
    enum format format = format_of(path);
    int r = choose_name(path, &format, name), fd;

    if (r == 0 && !can_show(display, format, err, err_len))
        return -ENODATA;
    if (r == 0) {
        fd = open_by(files, name, false);
        r = fd < 0 ? fd : write_to(fd, display, format);
    }
    if (r < 0)
        snprintf(err, err_len, "cannot write '%s': %s", path, strerror(-r));
    return r;
}

static enum format format_named(const char *name)
{
    return name[0] == 't' ? FORMAT_TEXT : name[1] == 'n' ? FORMAT_PNG : FORMAT_PPM;
}

int screenshot_check(const struct display *display, const char *format, char *err, size_t err_len)
{
    if (format_named(format) == FORMAT_PNG && !screenshot_png_version()) {
        snprintf(err, err_len, "this build writes no PNG: libpng was not there");
        return -ENOTSUP;
    }
    return can_show(display, format_named(format), err, err_len) ? 0 : -ENODATA;
}

int screenshot_to(const struct display *display, const char *format, int fd, char *err,
                  size_t err_len)
{
    int r = write_to(fd, display, format_named(format));

    if (r < 0)
        snprintf(err, err_len, "%s", strerror(-r));
    return r;
}

int screenshot_numbered(const struct display *display, const struct screenshot_files *files,
                        const char *path, unsigned *number, char name[SCREENSHOT_NAME], char *err,
                        size_t err_len)
{
    const char *ending = ending_of(path);
    enum format format = format_of(path);
    char numbered[SCREENSHOT_NAME];

    if (!can_show(display, format, err, err_len))
        return -ENODATA;
    for (unsigned n = *number + 1; n <= NUMBER_MAX; n++) {
        enum format as = format;
        int fd, r;

        r = snprintf(numbered, sizeof(numbered), "%.*s-%u%s", (int)(ending - path), path, n,
                     ending);
        r = r < (int)sizeof(numbered) ? choose_name(numbered, &as, name) : -ENAMETOOLONG;
        if (r == 0) {
            fd = open_by(files, name, true);
            r = fd < 0 ? fd : write_to(fd, display, as);
        }
        if (r == -EEXIST)
            continue;
        if (r < 0)
            snprintf(err, err_len, "cannot write '%s': %s", numbered, strerror(-r));
        else
            *number = n;
        return r;
    }
    snprintf(err, err_len, "there are %u screenshots '%s' already", NUMBER_MAX, path);
    return -EEXIST;
}
