/* Templates taken apart: from an object of a compiler to stencils. */
#ifndef PAGEWALK_DYNGEN_H
#define PAGEWALK_DYNGEN_H

#include "tools/dyngen/insn.h"
#include "tools/dyngen/object.h"
#include "translate/tmpl/stencil.h"

/* What a relocation is on a host: a patch, or nothing that can be done. */
struct reloc_rule {
    u32 type;          /* R_* */
    i32 kind;          /* enum patch_kind; -1: refused */
    const char *name;  /* as the ELF ABI calls it, less its prefix */
    u32 is_branch : 1; /* the distance to an address */
    u32 is_low : 1;    /* the low part of a number, where a high part is near */
    i32 alone;         /* is_low: the kind where there is none */
};

struct machine {
    const char *name;
    const char *condition; /* of the preprocessor, where the host is this */
    u32 elf;               /* EM_* */
    bool is64;
    const struct reloc_rule *rules; /* the last has no name */
    bool (*patch)(u8 *field, u64 at, enum patch_kind kind, u64 value);
    struct insn (*insn)(const u8 *code, u32 left);
    i32 branch_addend; /* of a branch to a symbol itself */
};

/* The machine of an object; NULL: it is none of ours. */
const struct machine *machine_of(const struct object *object);

/* A template as it will be: what patch->kind and symbol are, and where, is right. */
struct template
{
    const char *name; /* without t_ */
    u8 *code;
    u32 size;
    struct patch *patch;
    u32 patches;
};

/* Makes a template of a symbol. False: it is refused; the reason, one line, is in *WHY, which has room for WHY_MAX. */
#define WHY_MAX 256
bool template_make(struct template *t, const struct object *object, const struct machine *machine,
                   const struct symbol *symbol, char *why);
void template_free(struct template *t);

/* The symbols that templates may name. */
enum symbol_class { CLASS_HOLE, CLASS_CONT, CLASS_CALL };
struct known_symbol {
    const char *name, *enumerator;
    enum symbol_class class;
};
extern const struct known_symbol known_symbols[STENCIL_SYMBOLS];

/* C text of stencils on OUT. LISTING: the compiler's assembler text of the same object, for comments; or NULL. */
void emit_c(const struct machine *machine, const struct template *t, u32 count, const char *listing,
            FILE *out);

/* All of it: the object's templates to OUT. False: refused; OUT is as it was, ERR has a line for each reason. */
bool dyngen(const u8 *data, u64 size, const char *listing, FILE *out, FILE *err);

#endif
