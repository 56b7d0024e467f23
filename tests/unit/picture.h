/* A display's picture in a file, to look at, and its hash.
 *
 * With PAGEWALK_PICTURES=DIRECTORY in the environment the tests write what they compare as DIRECTORY/NAME.ppm
 * (`convert NAME.ppm NAME.png` makes it viewable). */
#ifndef PAGEWALK_TEST_PICTURE_H
#define PAGEWALK_TEST_PICTURE_H

#include <stdio.h>
#include <stdlib.h>

#include "devices/ui/display.h"

static inline void picture_write(const struct surface *surface, const char *name)
{
    const char *directory = getenv("PAGEWALK_PICTURES");
    char path[512];
    FILE *f;

    if (!directory)
        return;
    snprintf(path, sizeof(path), "%s/%s.ppm", directory, name);
    f = fopen(path, "wb");
    if (!f)
        return;
    fprintf(f, "P6\n%u %u\n255\n", surface->width, surface->height);
    for (size_t i = 0; i < (size_t)surface->width * surface->height; i++) {
        u32 p = surface->pixel[i];

        fputc((int)(p >> 16 & 0xff), f);
        fputc((int)(p >> 8 & 0xff), f);
        fputc((int)(p & 0xff), f);
    }
    fclose(f);
}

/* FNV-1a, 64 bits, over the pixels and the size. */
static inline u64 picture_hash(const struct surface *surface)
{
    u64 hash = 0xcbf29ce484222325ull ^ surface->width ^ (u64)surface->height << 32;

    for (size_t i = 0; i < (size_t)surface->width * surface->height; i++)
        hash = (hash ^ surface->pixel[i]) * 0x100000001b3ull;
    return hash;
}

#endif
