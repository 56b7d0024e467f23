/* Stencils as C, each with its text in assembler above it. */
#include "tools/dyngen/dyngen.h"

#include <string.h>

static const char *const kind_names[] = {
#define P(kind, bytes) #kind,
#include "translate/tmpl/patch.def"
#undef P
};

/* A line of assembler text in a comment. */
static void comment_line(const char *line, size_t size, FILE *out)
{
    size_t i;

    fputs(" * ", out);
    for (i = 0; i < size; i++) {
        char c = line[i] == '\t' ? ' ' : line[i];

        if (c == '/' && i && line[i - 1] == '*')
            fputc(' ', out);
        if (c >= ' ' && c < 0x7f)
            fputc(c, out);
    }
    fputc('\n', out);
}

/* The lines between the function's label and its .size, but for directives and remarks. */
static void comment(const char *listing, const char *name, FILE *out)
{
    char label[256];
    const char *line;

    fprintf(out, "/* %s\n", name);
    snprintf(label, sizeof(label), "\nt_%s:", name);
    line = listing ? strstr(listing, label) : NULL;
    while (line && (line = strchr(line + 1, '\n'))) {
        size_t size = strcspn(line + 1, "\n");
        const char *text = line + 1 + strspn(line + 1, " \t");

        if (strncmp(text, ".size", 5) == 0)
            break;
        if (!strchr("#/\n", *text) && (*text != '.' || text == line + 1))
            comment_line(line + 1, size, out);
    }
    fputs(" */\n", out);
}

static void code(const struct template *t, FILE *out)
{
    u32 i;

    if (!t->size)
        return;
    fprintf(out, "static const u8 code_%s[] = {", t->name);
    for (i = 0; i < t->size; i++)
        fprintf(out, "%s0x%02x,", i % 16 ? " " : "\n    ", t->code[i]);
    fputs("\n};\n", out);
    if (!t->patches)
        return;
    fprintf(out, "static const struct patch patches_%s[] = {\n", t->name);
    for (i = 0; i < t->patches; i++)
        fprintf(out, "    {%u, PATCH_%s, %s, %d},\n", t->patch[i].offset,
                kind_names[t->patch[i].kind], known_symbols[t->patch[i].symbol].enumerator,
                t->patch[i].addend);
    fputs("};\n", out);
}

/* A template that does nothing has no code. */
static void row(const struct template *t, FILE *out)
{
    fprintf(out, "    {\"%s\", ", t->name);
    if (t->size)
        fprintf(out, "code_%s, sizeof(code_%s), ", t->name, t->name);
    else
        fputs("NULL, 0, ", out);
    if (t->patches)
        fprintf(out, "patches_%s, %u},\n", t->name, t->patches);
    else
        fputs("NULL, 0},\n", out);
}

void emit_c(const struct machine *machine, const struct template *t, u32 count, const char *listing,
            FILE *out)
{
    u32 i;

    fprintf(out, "/* The stencils of %s. Made by tools/dyngen. */\n", machine->name);
    fputs("#include \"translate/tmpl/stencil.h\"\n\n", out);
    fprintf(out, "#if !(%s)\n#error \"stencils of another host\"\n#endif\n\n", machine->condition);
    for (i = 0; i < count; i++) {
        comment(listing, t[i].name, out);
        code(&t[i], out);
    }
    fputs("\nconst struct stencil stencils[] = {\n", out);
    for (i = 0; i < count; i++)
        row(&t[i], out);
    fprintf(out, "};\nconst u32 stencil_count = %u;\n", count);
}
