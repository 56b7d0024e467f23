/* An ELF object file in memory: sections, symbols, relocations. Nothing in it is believed. */
#ifndef PAGEWALK_DYNGEN_OBJECT_H
#define PAGEWALK_DYNGEN_OBJECT_H

#include "mmu/host/base.h"

#include <stdio.h>

struct section {
    const char *name;
    const u8 *data; /* NULL: none in the file */
    u64 size;
    u32 type, link, info;
    u32 relocs; /* the section with the relocations of this one; 0: none */
};

/* SECTION is 0 where it is defined in none. */
struct symbol {
    const char *name;
    u64 value, size;
    u32 section;
    u8 type, other;
};

/* Where the addend stands in the code (REL), that has been read: it is of 32 bits. */
struct reloc {
    u64 offset;
    i64 addend;
    u32 type, symbol;
};

struct object {
    const u8 *data;
    u64 size;
    bool is64;
    u32 machine; /* EM_* */
    struct section *section;
    struct symbol *symbol;
    u32 sections, symbols;
};

/* Takes DATA apart, which must stay. False: it is no such file; one line on ERR says why. Free it in either case. */
bool object_read(struct object *object, const u8 *data, u64 size, FILE *err);
void object_free(struct object *object);

/* The relocations of a section, in the order of the code: *COUNT of them, to be freed. False: they are broken. */
bool object_relocs(const struct object *object, u32 section, struct reloc **relocs, u32 *count);

#endif
