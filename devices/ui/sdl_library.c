/* Loads SDL2 and looks its functions up. The library stays loaded until the process ends: drivers that
 * it loads in turn leave handlers behind, which must not point into nothing. */
#include "devices/ui/sdl_library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#define LIBRARY "libSDL2-2.0.so.0"

static const char *const names[] = {
#define SDL(name) "SDL_" #name,
#include "devices/ui/sdl_library.def"
#undef SDL
};

_Static_assert(sizeof(struct sdl_library) == sizeof(names), "one pointer for each name");
_Static_assert(sizeof(void *) == sizeof(void (*)(void)), "as POSIX has it");

int sdl_library_load(struct sdl_library *sdl, char *err, size_t err_len)
{
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    char *function = (char *)sdl;

    if (!library) {
        snprintf(err, err_len,
                 "no window: %s cannot be loaded (Debian's package libsdl2-2.0-0); "
                 "-nographic, -display curses and -display none need no SDL2",
                 LIBRARY);
        return -1;
    }
    for (size_t i = 0; i < ARRAY_SIZE(names); i++, function += sizeof(void *)) {
        void *symbol = dlsym(library, names[i]);

        if (!symbol) {
            snprintf(err, err_len, "no window: %s has no %s; SDL 2.0.16 or newer is needed",
                     LIBRARY, names[i]);
            return -1;
        }
        memcpy(function, &symbol, sizeof(symbol));
    }
    return 0;
}
