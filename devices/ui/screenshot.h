/* Screenshots: a display's picture, or a text mode's characters, in a file. */
#ifndef PAGEWALK_UI_SCREENSHOT_H
#define PAGEWALK_UI_SCREENSHOT_H

#include <stdio.h>

#include "devices/ui/display.h"

#define SCREENSHOT_NAME 4096

/* How the files are opened, when not by screenshot_open(): 0 and up a descriptor, else -errno. fresh: the
 * file must be new; else an old one is emptied. */
struct screenshot_files {
    int (*open)(void *opaque, const char *name, bool fresh);
    void *opaque;
};
int screenshot_open(void *opaque, const char *name, bool fresh);
/* Whether screenshots by the name `path` may be written to the file `name`. */
bool screenshot_name_fits(const char *path, const char *name, bool fresh);

/* Draws into *surface, whose pixels are allocated and made larger as needed (free() them). all: every
 * row, whatever changed. False: there is no picture. */
bool screenshot_draw(const struct display *display, struct surface *surface, bool all);

/* Whether the path ends in .png, .ppm or .txt, or has no ending, which is a PNG file. */
bool screenshot_ending_known(const char *path);
/* The name that screenshot_write() will give it. 0, or -ENAMETOOLONG. */
int screenshot_name(const char *path, char name[SCREENSHOT_NAME]);

/* The path's ending says what is written: .txt a text mode's characters in UTF-8, .ppm a portable
 * pixmap, else a PNG file. Without libpng (screenshot_png_version() is NULL) a PNG
 * becomes a pixmap whose name ends in .ppm. name receives what was written. 0, or -errno with a
 * one-line reason in err. An old file is overwritten. files: NULL is screenshot_open(). */
int screenshot_write(const struct display *display, const struct screenshot_files *files,
                     const char *path, char name[SCREENSHOT_NAME], char *err, size_t err_len);

/* For who opens the file: format is "png", "ppm" or "txt". Whether the display can be shown so, before it is opened; and its
 * picture to fd, which is closed. 0, or -errno with a one-line reason. */
int screenshot_check(const struct display *display, const char *format, char *err, size_t err_len);
int screenshot_to(const struct display *display, const char *format, int fd, char *err,
                  size_t err_len);

/* The same for a new file: NAME-1.png, NAME-2.png, ... from *number + 1 on, the first that is not
 * there; *number is then its number. */
int screenshot_numbered(const struct display *display, const struct screenshot_files *files,
                        const char *path, unsigned *number, char name[SCREENSHOT_NAME], char *err,
                        size_t err_len);

/* The version of libpng, or NULL. */
const char *screenshot_png_version(void);

/* Formats. Each returns 0 or -errno; none closes the file. */
int screenshot_png(FILE *file, const struct surface *surface);
int screenshot_ppm(FILE *file, const struct surface *surface);
int screenshot_text(FILE *file, const struct text_screen *text);

#endif
