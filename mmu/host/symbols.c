/* Names of a guest's addresses. */
#include "mmu/host/symbols.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FARTHEST (1u << 20) /* behind its begin an address has a symbol's name */
#define LONGEST  512        /* of a name */

struct symbol {
    u32 la;
    u32 name; /* in names */
};

struct symbols {
    struct symbol *symbol;
    size_t count, room;
    char *names;
    size_t used, size;
};

static bool grow(void **array, size_t *room, size_t needed, size_t each)
{
    size_t more = needed * 2;
    void *larger = needed <= *room ? *array : realloc(*array, more * each);

    if (!larger)
        return false;
    if (needed > *room)
        *room = more;
    *array = larger;
    return true;
}

static bool add(struct symbols *s, u32 la, const char *name, size_t len)
{
    if (!len || len > LONGEST)
        return true;
    if (!grow((void **)&s->symbol, &s->room, s->count + 1, sizeof(*s->symbol)) ||
        !grow((void **)&s->names, &s->size, s->used + len + 1, 1))
        return false;
    s->symbol[s->count++] = (struct symbol){la, (u32)s->used};
    memcpy(s->names + s->used, name, len);
    s->names[s->used + len] = '\0';
    s->used += len + 1;
    return true;
}

/* By address; of several at one the first in the file comes last, and is what is found. */
static int compare(const void *a, const void *b)
{
    const struct symbol *x = a, *y = b;

    return x->la != y->la ? (x->la > y->la) - (x->la < y->la)
                          : (x->name < y->name) - (x->name > y->name);
}

/* Whether [offset, offset + size) is in the file. */
static bool within(size_t file, u64 offset, u64 size)
{
    return offset <= file && size <= file - offset;
}

static bool read_table(struct symbols *s, const u8 *data, size_t size, const Elf32_Shdr *table,
                       const Elf32_Shdr *names, u32 offset)
{
    if (!within(size, table->sh_offset, table->sh_size) ||
        !within(size, names->sh_offset, names->sh_size))
        return true;
    for (u32 at = 0; at + sizeof(Elf32_Sym) <= table->sh_size; at += sizeof(Elf32_Sym)) {
        Elf32_Sym sym;
        const char *name;
        u32 type;

        memcpy(&sym, data + table->sh_offset + at, sizeof(sym));
        type = ELF32_ST_TYPE(sym.st_info);
        if (sym.st_name >= names->sh_size || sym.st_shndx == SHN_UNDEF || sym.st_shndx == SHN_ABS ||
            (type != STT_NOTYPE && type != STT_FUNC && type != STT_OBJECT))
            continue;
        name = (const char *)data + names->sh_offset + sym.st_name;
        if (!add(s, sym.st_value + offset, name, strnlen(name, names->sh_size - sym.st_name)))
            return false;
    }
    return true;
}

static bool read_elf(struct symbols *s, const u8 *data, size_t size, u32 offset)
{
    Elf32_Ehdr header;

    memcpy(&header, data, sizeof(header));
    if (header.e_ident[EI_CLASS] != ELFCLASS32 || header.e_shentsize != sizeof(Elf32_Shdr) ||
        !within(size, header.e_shoff, (u64)header.e_shnum * sizeof(Elf32_Shdr)))
        return true;
    for (unsigned i = 0; i < header.e_shnum; i++) {
        const u8 *at = data + header.e_shoff;
        Elf32_Shdr table, names;

        memcpy(&table, at + i * sizeof(table), sizeof(table));
        if (table.sh_type != SHT_SYMTAB || table.sh_link >= header.e_shnum)
            continue;
        memcpy(&names, at + table.sh_link * sizeof(names), sizeof(names));
        if (!read_table(s, data, size, &table, &names, offset))
            return false;
    }
    return true;
}

/* "c1000000 T _stext", one a line; what is no such line is passed over. */
static bool read_list(struct symbols *s, const char *text, size_t size, u32 offset)
{
    const char *end = text + size;

    while (text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        const char *stop = newline ? newline : end;
        u64 la = 0;
        const char *at = text;

        for (; at < stop && at - text < 16; at++) {
            static const char digits[] = "0123456789abcdef";
            const char *digit = memchr(digits, *at | 0x20, 16);

            if (!digit)
                break;
            la = la << 4 | (u64)(digit - digits);
        }
        if (at - text >= 8 && !(la >> 32) && stop - at > 3 && at[0] == ' ' && at[2] == ' ' &&
            (at[1] | 0x20) != 'a') {
            const char *name = at + 3, *last = name;

            while (last < stop && *last != ' ' && *last != '\t' && *last != '\r')
                last++;
            if (!add(s, (u32)la + offset, name, (size_t)(last - name)))
                return false;
        }
        text = stop + 1;
    }
    return true;
}

struct symbols *symbols_read(const void *data, size_t size, u32 offset, char *err, size_t err_len)
{
    struct symbols *s = calloc(1, sizeof(*s));
    bool elf = size >= sizeof(Elf32_Ehdr) && memcmp(data, ELFMAG, SELFMAG) == 0;

    if (!s || !(elf ? read_elf(s, data, size, offset) : read_list(s, data, size, offset))) {
        snprintf(err, err_len, "no memory for its symbols");
    } else if (!s->count) {
        snprintf(err, err_len, "it has no symbols; give a vmlinux or a System.map");
    } else {
        qsort(s->symbol, s->count, sizeof(*s->symbol), compare);
        return s;
    }
    symbols_free(s);
    return NULL;
}

void symbols_free(struct symbols *s)
{
    if (!s)
        return;
    free(s->symbol);
    free(s->names);
    free(s);
}

const char *symbols_find(const struct symbols *s, u32 la, u32 *distance)
{
    size_t low = 0, high = s ? s->count : 0;

    while (low < high) { /* the first that begins behind la */
        size_t middle = (low + high) / 2;

        if (s->symbol[middle].la <= la)
            low = middle + 1;
        else
            high = middle;
    }
    if (!low || la - s->symbol[low - 1].la >= FARTHEST)
        return NULL;
    *distance = la - s->symbol[low - 1].la;
    return s->names + s->symbol[low - 1].name;
}

bool symbols_address(const struct symbols *s, const char *name, size_t len, u32 *la)
{
    for (size_t i = 0; s && i < s->count; i++) {
        const char *found = s->names + s->symbol[i].name;

        if (strncmp(found, name, len) != 0 || found[len])
            continue;
        *la = s->symbol[i].la;
        return true;
    }
    return false;
}

const char *symbols_text(const struct symbols *s, u32 la, const char *before,
                         char text[SYMBOLS_TEXT])
{
    u32 distance;
    const char *name = symbols_find(s, la, &distance);

    text[0] = '\0';
    if (name)
        snprintf(text, SYMBOLS_TEXT, "%s%.64s+%#x", before, name, distance);
    return text;
}
