/* Names of a guest's addresses: from an ELF file's symbol table (vmlinux) or a list as nm prints it (System.map). */
#ifndef PAGEWALK_SYMBOLS_H
#define PAGEWALK_SYMBOLS_H

#include "mmu/host/base.h"

#define SYMBOLS_TEXT 96 /* bytes for symbols_text() */

struct symbols;

/* From what a file has. offset is added to every address: where a kernel was moved to. NULL with a one-line reason in err;
 * whatever the bytes are. */
struct symbols *symbols_read(const void *data, size_t size, u32 offset, char *err, size_t err_len);
void symbols_free(struct symbols *symbols); /* NULL is allowed */

/* The symbol that la lies in or behind, and how far; NULL: there is none. symbols may be NULL here and below. */
const char *symbols_find(const struct symbols *symbols, u32 la, u32 *distance);
/* False: there is none of that name. */
bool symbols_address(const struct symbols *symbols, const char *name, size_t len, u32 *la);
/* "name+0x1c" with `before` in front, or "" for an address without a name. Returns text. */
const char *symbols_text(const struct symbols *symbols, u32 la, const char *before,
                         char text[SYMBOLS_TEXT]);

#endif
