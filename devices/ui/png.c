/* PNG files by libpng: 8 bits a channel, no alpha, no time or text in them, so that equal pictures are
 * equal files. A build without libpng has the same functions, which say so. */
#include <errno.h>
#include <stdlib.h>

#include "devices/ui/screenshot.h"

#ifdef PAGEWALK_PNG
#include <png.h>

const char *screenshot_png_version(void)
{
    return PAGEWALK_PNG;
}

/* The caller has a line of its own. */
_Noreturn static void on_error(png_structp png, png_const_charp text)
{
    (void)text;
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp text)
{
    (void)png;
    (void)text;
}

int screenshot_png(FILE *file, const struct surface *surface)
{
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, on_error, on_warning);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    u8 *row = malloc((size_t)surface->width * 3);
    volatile int r = 0;

    if (!info || !row) {
        r = -ENOMEM;
    } else if (setjmp(png_jmpbuf(png))) {
        r = ferror(file) && errno ? -errno : -EIO;
    } else {
        errno = 0;
        png_init_io(png, file);
        png_set_IHDR(png, info, surface->width, surface->height, 8, PNG_COLOR_TYPE_RGB,
                     PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
        png_write_info(png, info);
        for (unsigned y = 0; y < surface->height; y++) {
            const u32 *pixel = surface->pixel + (size_t)y * surface->width;

            for (unsigned x = 0; x < surface->width; x++) {
                row[x * 3] = (u8)(pixel[x] >> 16);
                row[x * 3 + 1] = (u8)(pixel[x] >> 8);
                row[x * 3 + 2] = (u8)pixel[x];
            }
            png_write_row(png, row);
        }
        png_write_end(png, info);
    }
    free(row);
    png_destroy_write_struct(&png, &info);
    return r;
}

#else

const char *screenshot_png_version(void)
{
    return NULL;
}

int screenshot_png(FILE *file, const struct surface *surface)
{
    (void)file;
    (void)surface;
    return -ENOSYS;
}

#endif
