/* Reads ELF object files, little-endian, of 32 and 64 bits (System V ABI, chapters 4 and 5), with every bound checked. */
#include "tools/dyngen/object.h"

#include <elf.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define SECTIONS_MAX SHN_LORESERVE

/* The fields of a structure that ELF has in two sizes. */
#define FIELD(object, p, type, field)                                                              \
    ((object)->is64 ? (u64)((const Elf64_##type *)(p))->field                                      \
                    : (u64)((const Elf32_##type *)(p))->field)
#define SIZE_OF(object, type) ((object)->is64 ? sizeof(Elf64_##type) : sizeof(Elf32_##type))

/* A copy of a structure, since the file's need not be aligned. */
union any {
    Elf64_Ehdr header64;
    Elf64_Shdr section64;
    Elf64_Sym symbol64;
    Elf64_Rela reloc64;
};

static bool printf_like(2, 3) bad(FILE *err, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fputs("dyngen: ", err);
    vfprintf(err, format, args);
    fputc('\n', err);
    va_end(args);
    return false;
}

static bool inside(u64 offset, u64 size, u64 limit)
{
    return offset <= limit && size <= limit - offset;
}

/* The string at OFFSET of a section of strings; NULL: there is none. */
static const char *string_at(const struct section *strings, u64 offset)
{
    if (strings->type != SHT_STRTAB || !strings->data || offset >= strings->size ||
        !memchr(strings->data + offset, 0, strings->size - offset))
        return NULL;
    return (const char *)strings->data + offset;
}

static bool read_section(struct object *o, struct section *section, const u8 *p)
{
    union any header;
    u64 offset;

    memcpy(&header, p, SIZE_OF(o, Shdr));
    section->type = (u32)FIELD(o, &header, Shdr, sh_type);
    section->link = (u32)FIELD(o, &header, Shdr, sh_link);
    section->info = (u32)FIELD(o, &header, Shdr, sh_info);
    section->size = FIELD(o, &header, Shdr, sh_size);
    offset = FIELD(o, &header, Shdr, sh_offset);
    if (section->type == SHT_NOBITS || section->type == SHT_NULL)
        return true;
    if (!inside(offset, section->size, o->size))
        return false;
    section->data = o->data + offset;
    return true;
}

static bool read_sections(struct object *o, u64 table, u32 names, FILE *err)
{
    u64 size = SIZE_OF(o, Shdr);
    u32 i;

    o->section = calloc(o->sections, sizeof(*o->section));
    if (!o->section)
        return bad(err, "no memory");
    for (i = 0; i < o->sections; i++)
        if (!read_section(o, &o->section[i], o->data + table + i * size))
            return bad(err, "section %u is not in the file", i);
    for (i = 0; i < o->sections; i++) {
        struct section *section = &o->section[i];
        union any header;

        memcpy(&header, o->data + table + i * size, size);
        section->name = string_at(&o->section[names], FIELD(o, &header, Shdr, sh_name));
        if (!section->name)
            return bad(err, "section %u has no name", i);
        if (section->type != SHT_REL && section->type != SHT_RELA)
            continue;
        if (section->info >= o->sections || o->section[section->info].relocs)
            return bad(err, "%s: relocations of no section, or its second ones", section->name);
        o->section[section->info].relocs = i;
    }
    return true;
}

static bool read_symbols(struct object *o, const struct section *table, FILE *err)
{
    u64 size = SIZE_OF(o, Sym);
    u32 i;

    if (table->link >= o->sections || table->size / size > UINT32_MAX)
        return bad(err, "a symbol table without names");
    o->symbols = (u32)(table->size / size);
    o->symbol = calloc(o->symbols + 1, sizeof(*o->symbol));
    if (!o->symbol)
        return bad(err, "no memory");
    for (i = 0; i < o->symbols; i++) {
        struct symbol *symbol = &o->symbol[i];
        union any entry;

        memcpy(&entry, table->data + i * size, size);
        symbol->name = string_at(&o->section[table->link], FIELD(o, &entry, Sym, st_name));
        if (!symbol->name)
            return bad(err, "symbol %u has no name", i);
        symbol->value = FIELD(o, &entry, Sym, st_value);
        symbol->size = FIELD(o, &entry, Sym, st_size);
        symbol->type = ELF64_ST_TYPE(FIELD(o, &entry, Sym, st_info));
        symbol->other = (u8)FIELD(o, &entry, Sym, st_other);
        symbol->section = (u32)FIELD(o, &entry, Sym, st_shndx);
        if (symbol->section >= SHN_LORESERVE)
            symbol->section = 0;
        if (symbol->section >= o->sections)
            return bad(err, "symbol %u is in no section", i);
        if (symbol->type == STT_SECTION)
            symbol->name = o->section[symbol->section].name;
    }
    return true;
}

bool object_read(struct object *o, const u8 *data, u64 size, FILE *err)
{
    union any header;
    u64 table;
    u32 i, names;

    *o = (struct object){.data = data, .size = size};
    if (size < sizeof(Elf32_Ehdr) || memcmp(data, ELFMAG, SELFMAG) != 0 ||
        data[EI_DATA] != ELFDATA2LSB ||
        (data[EI_CLASS] != ELFCLASS64 && data[EI_CLASS] != ELFCLASS32))
        return bad(err, "no little-endian ELF file");
    o->is64 = data[EI_CLASS] == ELFCLASS64;
    if (size < SIZE_OF(o, Ehdr))
        return bad(err, "the file is too short");
    memcpy(&header, data, SIZE_OF(o, Ehdr));
    if (FIELD(o, &header, Ehdr, e_type) != ET_REL)
        return bad(err, "no object file (of a compiler, before it is linked)");
    o->machine = (u32)FIELD(o, &header, Ehdr, e_machine);
    o->sections = (u32)FIELD(o, &header, Ehdr, e_shnum);
    names = (u32)FIELD(o, &header, Ehdr, e_shstrndx);
    table = FIELD(o, &header, Ehdr, e_shoff);
    if (!o->sections || o->sections >= SECTIONS_MAX || names >= o->sections ||
        FIELD(o, &header, Ehdr, e_shentsize) != SIZE_OF(o, Shdr) ||
        !inside(table, o->sections * SIZE_OF(o, Shdr), size))
        return bad(err, "no table of sections that can be read");
    if (!read_sections(o, table, names, err))
        return false;
    for (i = 0; i < o->sections; i++)
        if (o->section[i].type == SHT_SYMTAB)
            return read_symbols(o, &o->section[i], err);
    return bad(err, "no symbols");
}

void object_free(struct object *o)
{
    free(o->section);
    free(o->symbol);
}

/* The addend of a relocation that has none of its own. */
static bool read_addend(const struct section *code, struct reloc *reloc)
{
    if (!code->data || !inside(reloc->offset, 4, code->size))
        return false;
    reloc->addend = (i32)get32(code->data + reloc->offset);
    return true;
}

/* Assemblers write jumps behind the rest. */
static int by_offset(const void *a, const void *b)
{
    const struct reloc *x = a, *y = b;

    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

bool object_relocs(const struct object *o, u32 number, struct reloc **relocs, u32 *count)
{
    const struct section *code = &o->section[number], *table = &o->section[code->relocs];
    bool addends = table->type == SHT_RELA;
    u64 size = addends ? SIZE_OF(o, Rela) : SIZE_OF(o, Rel);
    u32 i;

    *relocs = NULL;
    *count = code->relocs ? (u32)(table->size / size) : 0;
    if (!*count)
        return true;
    *relocs = calloc(*count, sizeof(**relocs));
    if (!*relocs)
        return false;
    for (i = 0; i < *count; i++) {
        struct reloc *reloc = &(*relocs)[i];
        union any entry;
        u64 info;

        memcpy(&entry, table->data + i * size, size);
        reloc->offset = FIELD(o, &entry, Rela, r_offset);
        info = FIELD(o, &entry, Rela, r_info);
        reloc->type = (u32)(o->is64 ? ELF64_R_TYPE(info) : ELF32_R_TYPE(info));
        reloc->symbol = (u32)(o->is64 ? ELF64_R_SYM(info) : ELF32_R_SYM(info));
        if (reloc->symbol >= o->symbols)
            return false;
        if (!addends && !read_addend(code, reloc))
            return false;
        /* Unsigned in ELF's 64 bits as in its 32: the width tells the sign. */
        if (addends)
            reloc->addend =
                o->is64 ? entry.reloc64.r_addend : ((const Elf32_Rela *)&entry)->r_addend;
    }
    qsort(*relocs, *count, sizeof(**relocs), by_offset);
    return true;
}
