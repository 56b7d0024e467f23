/* -completion: what a shell needs to complete Pagewalk's options, from the list that they are parsed by.
 *
 * What an option takes is told from its placeholder in the list: FILE completes names of files, "a|b|c" these words;
 * lists that the program itself can print are asked of it when they are wanted. */
#include <string.h>

#include "boot/options.h"

static const struct row {
    const char *name, *arg, *help;
} rows[] = {
#define GROUP(title)
#define OPT(name_, arg_, setter, text)   {name_, arg_, text},
#define SAME(name_, arg_, accepted, why) {name_, arg_, NULL},
#define REFUSED(name_, arg_, why)
#include "boot/options.def"
#undef GROUP
#undef OPT
#undef SAME
#undef REFUSED
};

enum kind { FLAG, OTHER, FILES, WORDS, ASK };

static enum kind kind_of(const struct row *row)
{
    static const char *const asked[] = {"machine", "M", "cpu", "d", "engine"};

    if (!row->arg)
        return FLAG;
    for (size_t i = 0; i < ARRAY_SIZE(asked); i++)
        if (strcmp(row->name, asked[i]) == 0)
            return ASK;
    if (strstr(row->arg, "FILE"))
        return FILES;
    if (strchr(row->arg, '|') &&
        strspn(row->arg, "abcdefghijklmnopqrstuvwxyz0123456789-|") == strlen(row->arg))
        return WORDS;
    return OTHER;
}

static void print_words(FILE *out, const char *arg)
{
    for (const char *c = arg; *c; c++)
        fputc(*c == '|' ? ' ' : *c, out);
}

/* Text between single quotes, with a backslash in front of these letters too. */
static void print_quoted(FILE *out, const char *text, const char *also, const char *quote)
{
    for (; *text; text++) {
        if (*text == '\'') {
            fputs(quote, out);
            continue;
        }
        if (strchr(also, *text))
            fputc('\\', out);
        fputc(*text, out);
    }
}

static void bash_cases(FILE *out, enum kind kind, const char *then)
{
    bool first = true;

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        if (kind_of(&rows[i]) != kind)
            continue;
        fprintf(out, "%s-%s|--%s", first ? "    " : "|", rows[i].name, rows[i].name);
        first = false;
    }
    fprintf(out, ")\n        %s\n        return ;;\n", then);
}

static void print_bash(FILE *out)
{
    fputs("# bash completion for pagewalk, by pagewalk -completion bash\n_pagewalk()\n{\n"
          "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
          "    COMPREPLY=()\n    case $before in\n",
          out);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        if (kind_of(&rows[i]) != WORDS)
            continue;
        fprintf(out, "    -%s|--%s)\n        COMPREPLY=($(compgen -W '", rows[i].name,
                rows[i].name);
        print_words(out, rows[i].arg);
        fputs("' -- \"$word\"))\n        return ;;\n", out);
    }
    bash_cases(out, ASK,
               "COMPREPLY=($(compgen -W \"$(\"${COMP_WORDS[0]}\" \"$before\" help 2>/dev/null | "
               "sed 's/ .*//')\" -- \"$word\"))");
    bash_cases(out, FILES, "COMPREPLY=($(compgen -f -- \"$word\"))");
    bash_cases(out, OTHER, ":");
    fputs("    esac\n    if [[ $word == -* ]]; then\n        COMPREPLY=($(compgen -W '", out);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        fprintf(out, "%s-%s", i ? " " : "", rows[i].name);
    fputs("' -- \"$word\"))\n    else\n        COMPREPLY=($(compgen -f -- \"$word\"))\n    fi\n}\n"
          "complete -o filenames -F _pagewalk pagewalk\n",
          out);
}

static void zsh_action(FILE *out, const struct row *row)
{
    fputc(':', out);
    print_quoted(out, row->arg, "\\[]:", "'\\''");
    switch (kind_of(row)) {
    case FLAG:
    case OTHER: fputs(": ", out); break;
    case FILES: fputs(":_files", out); break;
    case WORDS:
        fputs(":(", out);
        print_words(out, row->arg);
        fputc(')', out);
        break;
    case ASK: fprintf(out, ":_pagewalk_ask -%s", row->name); break;
    }
}

static void print_zsh(FILE *out)
{
    /* _arguments puts options for compadd in front of an action's arguments. */
    fputs("#compdef pagewalk\n# zsh completion for pagewalk, by pagewalk -completion zsh\n"
          "_pagewalk_ask() {\n    local -a values\n"
          "    values=(${(f)\"$($words[1] ${@[-1]} help 2>/dev/null | sed 's/ .*//')\"})\n"
          "    compadd \"${@[1,-2]}\" -a values\n}\n_arguments \\\n",
          out);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        fprintf(out, "    '*-%s[", rows[i].name);
        print_quoted(out, rows[i].help ? rows[i].help : "", "\\[]:", "'\\''");
        fputc(']', out);
        if (rows[i].arg)
            zsh_action(out, &rows[i]);
        fputs("' \\\n", out);
    }
    fputs("    '*:disk image:_files'\n", out);
}

static void print_fish(FILE *out)
{
    fputs("# fish completion for pagewalk, by pagewalk -completion fish\n", out);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        enum kind kind = kind_of(&rows[i]);

        fprintf(out, "complete -c pagewalk -o %s%s", rows[i].name,
                kind == FLAG    ? ""
                : kind == FILES ? " -r"
                                : " -x");
        if (kind == WORDS) {
            fputs(" -a '", out);
            print_words(out, rows[i].arg);
            fputc('\'', out);
        } else if (kind == ASK) {
            fprintf(out, " -a '(pagewalk -%s help 2>/dev/null | string replace -r \" .*\" \"\")'",
                    rows[i].name);
        }
        if (rows[i].help) {
            fputs(" -d '", out);
            print_quoted(out, rows[i].help, "\\", "\\'");
            fputc('\'', out);
        }
        fputc('\n', out);
    }
}

void options_print_completion(const char *shell, FILE *out)
{
    if (strcmp(shell, "bash") == 0)
        print_bash(out);
    else if (strcmp(shell, "zsh") == 0)
        print_zsh(out);
    else
        print_fish(out);
}
