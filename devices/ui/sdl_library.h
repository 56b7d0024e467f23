/* SDL2, loaded when a window is asked for: its headers at build time, its library at run time. */
#ifndef PAGEWALK_UI_SDL_LIBRARY_H
#define PAGEWALK_UI_SDL_LIBRARY_H

#include <SDL.h> /* before base.h, whose always_inline its headers do not expect */

#include "mmu/host/base.h"

struct sdl_library {
#define SDL(name) __typeof__(SDL_##name) *name;
#include "devices/ui/sdl_library.def"
#undef SDL
};

/* 0, or -1 with a one-line reason in err. */
int sdl_library_load(struct sdl_library *sdl, char *err, size_t err_len);

#endif
