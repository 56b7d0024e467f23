/* All templates of an object, or none. */
#include "tools/dyngen/dyngen.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX "t_"

/* A function, or a label of assembler text. */
static bool is_template(const struct symbol *symbol)
{
    return symbol->section && (symbol->type == STT_FUNC || symbol->type == STT_NOTYPE) &&
           strncmp(symbol->name, PREFIX, strlen(PREFIX)) == 0;
}

static bool is_identifier(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";

    return strlen(name) < 200 && name[strspn(name, letters)] == '\0';
}

/* One line, with what may be printed of names. */
static void report(FILE *err, const char *name, const char *why)
{
    char line[2 * WHY_MAX], *c;

    snprintf(line, sizeof(line), "dyngen: %s: %s", name, why);
    for (c = line; *c; c++)
        fputc(*c >= ' ' && *c < 0x7f ? *c : '?', err);
    fputc('\n', err);
}

static bool is_double(const struct template *t, u32 count)
{
    u32 i;

    for (i = 0; i < count; i++)
        if (strcmp(t[i].name, t[count].name) == 0)
            return true;
    return false;
}

/* Makes the next template; false: it is refused, and why. */
static bool make_next(struct template *t, u32 count, const struct object *object,
                      const struct machine *machine, const struct symbol *symbol, char *why)
{
    if (!template_make(&t[count], object, machine, symbol, why))
        return false;
    if (!is_identifier(symbol->name))
        snprintf(why, WHY_MAX, "its name is no C identifier");
    else if (is_double(t, count))
        snprintf(why, WHY_MAX, "is there twice");
    else
        return true;
    return false;
}

/* Returns how many are refused. */
static u32 make_all(const struct object *object, const struct machine *machine, struct template *t,
                    u32 *count, FILE *err)
{
    u32 i, refused = 0;
    char why[WHY_MAX];

    for (i = 0; i < object->symbols; i++) {
        const struct symbol *symbol = &object->symbol[i];

        if (!is_template(symbol))
            continue;
        if (make_next(t, *count, object, machine, symbol, why)) {
            ++*count;
            continue;
        }
        report(err, symbol->name, why);
        template_free(&t[*count]);
        refused++;
    }
    return refused;
}

bool dyngen(const u8 *data, u64 size, const char *listing, FILE *out, FILE *err)
{
    const struct machine *machine;
    struct template *t = NULL;
    struct object object;
    u32 i, count = 0, refused = 1;

    if (!object_read(&object, data, size, err)) {
    } else if (machine = machine_of(&object), !machine) {
        fprintf(err,
                "dyngen: an object for machine %u: x86-64, i386, aarch64, riscv64 and ppc64le"
                " are known\n",
                object.machine);
    } else if (t = calloc(object.symbols + 1, sizeof(*t)), !t) {
        fputs("dyngen: no memory\n", err);
    } else {
        refused = make_all(&object, machine, t, &count, err);
        if (!refused && !count) {
            fputs("dyngen: no templates: no function t_*\n", err);
            refused = 1;
        }
    }
    if (!refused)
        emit_c(machine, t, count, listing, out);
    for (i = 0; i < count; i++)
        template_free(&t[i]);
    free(t);
    object_free(&object);
    return !refused;
}
