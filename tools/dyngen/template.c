/* A template into a stencil: what it jumps to and what it leaves open become patches, and its last jump to cont_next goes. Whatever
 * the copy of its code could not do elsewhere is refused. */
#include "tools/dyngen/dyngen.h"

#include <elf.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define CODE_MAX 0xffff
/* In struct patch while a template is made: the target is in its own code, at addend. */
#define OWN_CODE 0xff
_Static_assert(STENCIL_SYMBOLS < OWN_CODE, "patch->symbol is too small");

const struct known_symbol known_symbols[STENCIL_SYMBOLS] = {
#define HOLE(name) {"hole_" #name, "HOLE_" #name, CLASS_HOLE},
#define CONT(name) {"cont_" #name, "CONT_" #name, CLASS_CONT},
#define CALL(name) {#name, "CALL_" #name, CLASS_CALL},
#include "translate/tmpl/symbols.def"
#undef HOLE
#undef CONT
#undef CALL
};

static const u8 kind_bytes[] = {
#define P(kind, bytes) bytes,
#include "translate/tmpl/patch.def"
#undef P
};

struct work {
    struct template *t;
    const struct object *object;
    const struct machine *machine;
    u32 section;
    const struct reloc *reloc;
    u32 relocs;
    u32 skipped; /* bytes of the section in front of the code */
    u8 *class;   /* of the instruction that begins at a byte of the code; INSN_UNKNOWN: none does */
    u32 last;    /* where the last one begins */
    bool goes_on;
    char *why;
};

static bool printf_like(2, 3) refuse(struct work *w, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(w->why, WHY_MAX, format, args);
    va_end(args);
    return false;
}

static const struct reloc_rule *rule_of(const struct machine *machine, u32 type)
{
    const struct reloc_rule *rule = machine->rules;

    while (rule->name && rule->type != type)
        rule++;
    return rule->name ? rule : NULL;
}

static const struct known_symbol *known_symbol(const struct symbol *symbol)
{
    u32 i;

    for (i = 0; i < STENCIL_SYMBOLS; i++)
        if (symbol->type != STT_SECTION && strcmp(symbol->name, known_symbols[i].name) == 0)
            return &known_symbols[i];
    return NULL;
}

static bool starts_with(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* Where the instruction begins that a byte of the code is in. */
static u32 insn_start(const struct work *w, u32 offset)
{
    while (w->class[offset] == INSN_UNKNOWN)
        offset--;
    return offset;
}

/* A function of ppc64le that calls others begins with two instructions that make r2 of r12; stencils have no use for it (64-bit
 * ELF V2 ABI, 3.4.1: STO_PPC64_LOCAL). */
static bool find_code(struct work *w, const struct symbol *symbol)
{
    const struct section *section = &w->object->section[w->section];
    u32 local = symbol->other >> 5;

    if (starts_with(section->name, ".text.unlikely"))
        return refuse(w, "is in %s, apart from its other part", section->name);
    if (!section->data || section->type != SHT_PROGBITS)
        return refuse(w, "is in %s, which holds no code", section->name);
    if (symbol->value != 0 || symbol->size != section->size)
        return refuse(w, "is not alone in its section (-ffunction-sections)");
    if (w->machine->elf == EM_PPC64 && local > 1)
        w->skipped = 1u << local;
    if (section->size <= w->skipped || section->size > CODE_MAX)
        return refuse(w, "is of %llu bytes", (unsigned long long)section->size);
    w->t->size = (u32)section->size - w->skipped;
    w->t->code = malloc(w->t->size);
    w->class = calloc(w->t->size + 1, 1);
    if (!w->t->code || !w->class)
        return refuse(w, "no memory");
    memcpy(w->t->code, section->data + w->skipped, w->t->size);
    return true;
}

static bool is_data(const struct work *w)
{
    const struct object *o = w->object;
    u32 i;

    for (i = 0; i < o->symbols; i++)
        if (o->symbol[i].section == w->section && starts_with(o->symbol[i].name, "$d"))
            return true;
    return false;
}

static bool walk(struct work *w)
{
    u32 at;
    struct insn insn;

    if (is_data(w))
        return refuse(w, "has data in its code");
    for (at = 0; at < w->t->size; at += insn.size) {
        insn = w->machine->insn(w->t->code + at, w->t->size - at);
        if (insn.class == INSN_UNKNOWN)
            return refuse(w, "has an instruction that dyngen does not know, at byte %u", at);
        if (insn.class == INSN_RETURN)
            return refuse(w, "returns");
        w->class[at] = (u8)insn.class;
        w->last = at;
    }
    return true;
}

/* The high part that a low one is added to. */
static bool has_high_part(const struct work *w, const struct reloc *low)
{
    u32 i;

    for (i = 0; i < w->relocs; i++) {
        const struct reloc *r = &w->reloc[i];
        const struct reloc_rule *rule = rule_of(w->machine, r->type);

        if (rule && rule->kind >= 0 && !rule->is_branch && !rule->is_low &&
            r->symbol == low->symbol && r->addend == low->addend)
            return true;
    }
    return false;
}

/* AUIPC and JALR are written anew by patches, so they must be what is written. */
static bool check_pair(struct work *w, struct patch *patch, enum insn_class *class)
{
    const u8 *code = w->t->code + patch->offset;
    u32 link, scratch;

    if (w->class[patch->offset] != INSN_PLAIN || w->class[patch->offset + 2] != INSN_UNKNOWN ||
        w->class[patch->offset + 4] == INSN_UNKNOWN)
        return refuse(w, "has a far branch that is none");
    *class = w->class[patch->offset + 4];
    link = *class == INSN_CALL ? 1 : 0;
    scratch = link ? 1 : 6;
    if (get32(code) << 20 >> 20 != (0x17 | scratch << 7) ||
        get32(code + 4) << 12 >> 12 != (0x67 | link << 7 | scratch << 15))
        return refuse(w, "has a far branch by other registers than ra or t1");
    if (!link)
        patch->kind = PATCH_RV_TAIL;
    return true;
}

static bool add_branch(struct work *w, struct patch *patch, const struct reloc *r,
                       const struct known_symbol *known)
{
    const struct symbol *symbol = &w->object->symbol[r->symbol];
    u32 end = patch->offset + kind_bytes[patch->kind];
    enum insn_class class = w->class[insn_start(w, patch->offset)];
    u64 target = symbol->value + (u64)r->addend - (u64)(i64)w->machine->branch_addend - w->skipped;

    if (patch->kind == PATCH_RV_CALL && !check_pair(w, patch, &class))
        return false;
    if (class != INSN_BRANCH && class != INSN_JUMP && class != INSN_CALL)
        return refuse(w, "takes the address of %s", symbol->name);
    if (end != w->t->size && w->class[end] == INSN_UNKNOWN)
        return refuse(w, "has a branch whose field is not its end, at byte %u", patch->offset);
    if (!known) {
        if (target >= w->t->size || w->class[target] == INSN_UNKNOWN)
            return refuse(w, "jumps out of itself, at byte %u", patch->offset);
        patch->symbol = OWN_CODE;
        patch->addend = (i32)target;
        return true;
    }
    if (known->class == CLASS_HOLE)
        return refuse(w, "jumps to %s, which is a number", known->name);
    if (known->class == CLASS_CONT && class == INSN_CALL)
        return refuse(w, "calls %s, which does not return", known->name);
    if (known->class == CLASS_CALL && class != INSN_CALL)
        return refuse(w, "jumps to %s, which returns", known->name);
    if (r->addend != w->machine->branch_addend)
        return refuse(w, "jumps into the middle of %s", known->name);
    patch->addend = w->machine->branch_addend;
    if (known->class == CLASS_CONT)
        w->goes_on = true;
    return true;
}

static bool add_number(struct work *w, struct patch *patch, const struct reloc *r,
                       const struct reloc_rule *rule, const struct known_symbol *known)
{
    const struct symbol *symbol = &w->object->symbol[r->symbol];
    u8 field[8];

    if (!known || known->class != CLASS_HOLE)
        return refuse(w, "takes the address of %s", symbol->name);
    if (rule->is_low && !has_high_part(w, r))
        patch->kind = (u8)rule->alone;
    patch->addend = (i32)r->addend;
    /* Some number that suits every field. */
    memcpy(field, w->t->code + patch->offset, kind_bytes[patch->kind]);
    if (patch->addend != r->addend ||
        !w->machine->patch(field, 0, patch->kind, 1024 + (u64)r->addend))
        return refuse(w, "has %s%+lld, which does not fit (%s)", known->name, (long long)r->addend,
                      rule->name);
    return true;
}

static bool unlisted(struct work *w, const struct symbol *symbol)
{
    const char *section = w->object->section[symbol->section].name;

    if (starts_with(section, ".text.unlikely"))
        return refuse(w, "goes on in %s", section);
    if (symbol->section && (starts_with(section, ".rodata") || starts_with(section, ".data") ||
                            starts_with(section, ".bss") || starts_with(section, ".toc")))
        return refuse(w, "has data in %s (%s)", section, symbol->name);
    return refuse(w, "refers to %s, which is not in symbols.def", symbol->name);
}

/* Whether a field is in one instruction, and not all of it where instructions may be of any length. */
static bool is_field(const struct work *w, u32 offset, u32 bytes)
{
    u32 i;

    for (i = 1; i < bytes; i++)
        if (w->class[offset + i] != INSN_UNKNOWN)
            return false;
    return w->machine->insn != insn_x86_64 && w->machine->insn != insn_i386
               ? w->class[offset] != INSN_UNKNOWN
               : w->class[offset] == INSN_UNKNOWN;
}

static bool add_patch(struct work *w, const struct reloc *r, struct patch *patch)
{
    const struct symbol *symbol = &w->object->symbol[r->symbol];
    const struct known_symbol *known = known_symbol(symbol);
    const struct reloc_rule *rule = rule_of(w->machine, r->type);
    u64 offset = r->offset - w->skipped;

    if (!rule)
        return refuse(w, "has a relocation of type %u, which dyngen does not know", r->type);
    if (rule->kind < 0)
        return refuse(w, "has a relocation %s (%s)", rule->name, symbol->name);
    if (!known && symbol->section != w->section)
        return unlisted(w, symbol);
    if (r->offset < w->skipped || offset > w->t->size ||
        w->t->size - offset < kind_bytes[rule->kind])
        return refuse(w, "has a relocation that is not in it");
    if (rule->kind != PATCH_RV_CALL && !is_field(w, (u32)offset, kind_bytes[rule->kind]))
        return refuse(w, "has a relocation that is in no instruction, at byte %u", (u32)offset);
    patch->offset = (u16)offset;
    patch->kind = (u8)rule->kind;
    patch->symbol = known ? (u8)(known - known_symbols) : OWN_CODE;
    return rule->is_branch ? add_branch(w, patch, r, known) : add_number(w, patch, r, rule, known);
}

static bool add_patches(struct work *w)
{
    u32 i, end = 0;

    w->t->patch = calloc(w->relocs + 1, sizeof(*w->t->patch));
    if (!w->t->patch)
        return refuse(w, "no memory");
    for (i = 0; i < w->relocs; i++) {
        const struct reloc *r = &w->reloc[i];
        const struct reloc_rule *rule = rule_of(w->machine, r->type);
        struct patch *patch = &w->t->patch[w->t->patches];

        if (r->offset < w->skipped && rule &&
            (rule->type == R_PPC64_REL16_HA || rule->type == R_PPC64_REL16_LO))
            continue;
        if (!add_patch(w, r, patch))
            return false;
        if (patch->offset < end)
            return refuse(w, "has relocations that overlap");
        end = patch->offset + kind_bytes[patch->kind];
        w->t->patches++;
    }
    return true;
}

/* The last jump, if it goes where the code's end is, and whatever else stands for a place in the code. */
static bool settle(struct work *w)
{
    struct template *t = w->t;
    struct patch *last = t->patches ? &t->patch[t->patches - 1] : NULL;
    u32 i, kept = 0;

    if (w->class[w->last] != INSN_JUMP && w->class[w->last] != INSN_TRAP)
        return refuse(w, "runs over its end");
    if (!w->goes_on)
        return refuse(w, "does not go on: no jump to a cont_");
    if (last && w->class[w->last] == INSN_JUMP && last->symbol == CONT_next &&
        last->offset + kind_bytes[last->kind] == t->size) {
        t->size = insn_start(w, last->offset);
        t->patches--;
    }
    for (i = 0; i < t->patches; i++) {
        struct patch *patch = &t->patch[i];
        u32 target = patch->symbol == OWN_CODE ? (u32)patch->addend : t->size;

        if (patch->symbol != OWN_CODE && patch->symbol != CONT_next) {
            t->patch[kept++] = *patch;
            continue;
        }
        if (target > t->size ||
            !w->machine->patch(t->code + patch->offset, patch->offset, patch->kind,
                               target + (u64)(i64)w->machine->branch_addend))
            return refuse(w, "has a branch that does not reach, at byte %u", patch->offset);
    }
    t->patches = kept;
    return true;
}

bool template_make(struct template *t, const struct object *object, const struct machine *machine,
                   const struct symbol *symbol, char *why)
{
    struct work w = {.t = t, .object = object, .machine = machine, .section = symbol->section};
    struct reloc *relocs = NULL;
    bool made;

    w.why = why;
    *t = (struct template){.name = symbol->name + strlen("t_")};
    if (!object_relocs(object, w.section, &relocs, &w.relocs)) {
        made = refuse(&w, "has relocations that cannot be read");
    } else {
        w.reloc = relocs;
        made = find_code(&w, symbol) && walk(&w) && add_patches(&w) && settle(&w);
    }
    free(relocs);
    free(w.class);
    return made;
}

void template_free(struct template *t)
{
    free(t->code);
    free(t->patch);
}
