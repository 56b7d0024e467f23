/* ELF object files with one function, by their parts, right or wrong. */
#ifndef TEST_OBJECT_MAKER_H
#define TEST_OBJECT_MAKER_H

#include "mmu/host/base.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* SYMBOL: ".text" is the code's section, ".LC0" in .rodata, "cold" in .text.unlikely; others are undefined. */
struct object_reloc {
    u32 offset, type;
    const char *symbol; /* NULL: no relocation */
    i64 addend;
};

struct object_parts {
    u16 machine;      /* of 32 bits: EM_386, whose relocations have no addends */
    const char *code; /* hexadecimal digits, and spaces */
    struct object_reloc reloc[8];
    const char *name;    /* t_x */
    const char *section; /* .text.t_x */
    i32 size_off;        /* from the right size of the function */
    u8 other;            /* st_other */
    u8 type;             /* STT_FUNC */
    const char *second;  /* the name of one more symbol of the code */
};

enum {
    OBJECT_CODE = 1,
    OBJECT_RELOCS,
    OBJECT_RODATA,
    OBJECT_COLD,
    OBJECT_SYMBOLS,
    OBJECT_STRINGS,
    OBJECT_SECTIONS
};

struct object_maker {
    u8 file[8192];
    u32 size;
    bool is64;
    Elf64_Shdr section[OBJECT_SECTIONS];
    char strings[1024];
    u32 strings_size;
    Elf64_Sym symbol[32];
    u32 symbols;
};

static inline u32 maker_string(struct object_maker *m, const char *s)
{
    u32 at = m->strings_size;

    memcpy(m->strings + at, s, strlen(s) + 1);
    m->strings_size += (u32)strlen(s) + 1;
    return at;
}

static inline u32 maker_symbol(struct object_maker *m, const char *name, u32 section, u8 type,
                               u64 size, u8 other)
{
    m->symbol[m->symbols] = (Elf64_Sym){maker_string(m, name), type, other, (u16)section, 0, size};
    return m->symbols++;
}

/* What a section holds, from where the file ends. */
static inline void maker_put(struct object_maker *m, u32 number, const char *name, u32 type,
                             const void *data, u64 size)
{
    m->section[number].sh_name = maker_string(m, name);
    m->section[number].sh_type = type;
    m->section[number].sh_offset = m->size;
    m->section[number].sh_size = size;
    memcpy(m->file + m->size, data, size);
    m->size = (u32)(m->size + size + 7) & ~7u;
}

static inline u32 maker_code(const char *hex, u8 *code)
{
    u32 n = 0;

    for (; *hex; hex++)
        if (*hex != ' ') {
            char digits[3] = {hex[0], hex[1], 0};

            code[n++] = (u8)strtoul(digits, NULL, 16);
            hex++;
        }
    return n;
}

static inline u32 maker_target(struct object_maker *m, const char *name)
{
    u32 i;

    if (strcmp(name, ".text") == 0)
        return OBJECT_CODE;
    for (i = 1; i < m->symbols; i++)
        if (strcmp(name, m->strings + m->symbol[i].st_name) == 0)
            return i;
    return maker_symbol(m, name, SHN_UNDEF, STT_NOTYPE, 0, 0);
}

/* The relocations into the file, or, without addends, into the code too. */
static inline u32 maker_relocs(struct object_maker *m, const struct object_parts *p, u8 *code,
                               u32 size, u8 *out)
{
    u32 i, at = 0;

    for (i = 0; i < ARRAY_SIZE(p->reloc) && p->reloc[i].symbol; i++) {
        const struct object_reloc *r = &p->reloc[i];
        u32 symbol = maker_target(m, r->symbol);

        if (m->is64) {
            Elf64_Rela rela = {r->offset, ELF64_R_INFO((u64)symbol, r->type), r->addend};

            memcpy(out + at, &rela, sizeof(rela));
            at += sizeof(rela);
        } else {
            Elf32_Rel rel = {r->offset, ELF32_R_INFO(symbol, r->type)};

            if (r->offset + 4 <= size)
                put32(code + r->offset, (u32)r->addend);
            memcpy(out + at, &rel, sizeof(rel));
            at += sizeof(rel);
        }
    }
    return at;
}

static inline void maker_symbols(struct object_maker *m)
{
    u8 data[2048];
    u32 i, at = 0;

    for (i = 0; i < m->symbols; i++) {
        const Elf64_Sym *s = &m->symbol[i];
        Elf32_Sym small = {s->st_name, 0, (u32)s->st_size, s->st_info, s->st_other, s->st_shndx};

        memcpy(data + at, m->is64 ? (const void *)s : &small, m->is64 ? sizeof(*s) : sizeof(small));
        at += (u32)(m->is64 ? sizeof(*s) : sizeof(small));
    }
    maker_put(m, OBJECT_SYMBOLS, ".symtab", SHT_SYMTAB, data, at);
}

static inline void maker_headers(struct object_maker *m, u16 machine)
{
    Elf64_Ehdr e = {
        .e_ident = ELFMAG, .e_type = ET_REL, .e_machine = machine, .e_version = EV_CURRENT};
    u32 i;

    e.e_ident[EI_CLASS] = m->is64 ? ELFCLASS64 : ELFCLASS32;
    e.e_ident[EI_DATA] = ELFDATA2LSB;
    e.e_ident[EI_VERSION] = EV_CURRENT;
    for (i = 0; i < OBJECT_SECTIONS; i++) {
        const Elf64_Shdr *s = &m->section[i];
        Elf32_Shdr small = {s->sh_name,      s->sh_type, 0,          0, (u32)s->sh_offset,
                            (u32)s->sh_size, s->sh_link, s->sh_info, 1, 0};
        u32 bytes = m->is64 ? sizeof(*s) : sizeof(small);

        memcpy(m->file + m->size + i * bytes, m->is64 ? (const void *)s : &small, bytes);
    }
    if (m->is64) {
        e.e_shoff = m->size, e.e_shentsize = sizeof(Elf64_Shdr), e.e_shnum = OBJECT_SECTIONS;
        e.e_shstrndx = OBJECT_STRINGS;
        memcpy(m->file, &e, sizeof(e));
    } else {
        Elf32_Ehdr small = {.e_type = ET_REL,
                            .e_machine = machine,
                            .e_version = EV_CURRENT,
                            .e_shoff = m->size,
                            .e_shentsize = sizeof(Elf32_Shdr),
                            .e_shnum = OBJECT_SECTIONS,
                            .e_shstrndx = OBJECT_STRINGS};

        memcpy(small.e_ident, e.e_ident, EI_NIDENT);
        memcpy(m->file, &small, sizeof(small));
    }
    m->size += OBJECT_SECTIONS * (u32)(m->is64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr));
}

/* Makes the file: m->file, m->size. */
static inline void maker_make(struct object_maker *m, const struct object_parts *p)
{
    u8 code[256], relocs[512];
    u32 size = maker_code(p->code, code), relocs_size;

    memset(m, 0, sizeof(*m));
    m->is64 = p->machine != EM_386;
    m->size = sizeof(Elf64_Ehdr);
    maker_symbol(m, "", 0, 0, 0, 0);
    maker_symbol(m, "", OBJECT_CODE, STT_SECTION, 0, 0);
    maker_symbol(m, ".LC0", OBJECT_RODATA, STT_NOTYPE, 0, 0);
    maker_symbol(m, "cold", OBJECT_COLD, STT_NOTYPE, 0, 0);
    maker_symbol(m, p->name ? p->name : "t_x", OBJECT_CODE, p->type ? p->type : STT_FUNC,
                 (u64)(i64)((i32)size + p->size_off), p->other);
    if (p->second)
        maker_symbol(m, p->second, OBJECT_CODE, STT_NOTYPE, size, 0);
    relocs_size = maker_relocs(m, p, code, size, relocs);
    maker_put(m, OBJECT_CODE, p->section ? p->section : ".text.t_x", SHT_PROGBITS, code, size);
    maker_put(m, OBJECT_RELOCS, ".rel", m->is64 ? SHT_RELA : SHT_REL, relocs, relocs_size);
    maker_put(m, OBJECT_RODATA, ".rodata", SHT_PROGBITS, "12345678", 8);
    maker_put(m, OBJECT_COLD, ".text.unlikely.t_x", SHT_PROGBITS, "12345678", 8);
    maker_symbols(m);
    maker_put(m, OBJECT_STRINGS, ".strtab", SHT_STRTAB, m->strings, m->strings_size + 8);
    m->section[OBJECT_RELOCS].sh_info = OBJECT_CODE;
    m->section[OBJECT_RELOCS].sh_link = OBJECT_SYMBOLS;
    m->section[OBJECT_SYMBOLS].sh_link = OBJECT_STRINGS;
    maker_headers(m, p->machine);
}

#endif
