/* Completion of the monitor's lines: names of commands, then what an argument may be. */
#include <string.h>

#include "devices/monitor/command.h"
#include "devices/monitor/editor.h"

/* The line with one blank between words and none in front; returns where its last word begins. */
static size_t tidy(const char *line, char *text, size_t size)
{
    size_t len = 0, word = 0;

    for (line += strspn(line, " "); *line && len + 1 < size; line++)
        if (*line != ' ' || (len && text[len - 1] != ' ')) {
            text[len++] = *line;
            word = *line == ' ' ? len : word;
        }
    text[len] = '\0';
    return word;
}

static void add_names(const char *text, size_t word, struct editor *editor)
{
    size_t len = strlen(text);
    const char *last = "";
    size_t last_len = 0;

    for (unsigned i = 0; i < monitor_commands_count; i++) {
        for (const char *name = monitor_commands[i].names; *name;) {
            size_t n = strcspn(name, "|");

            if (n >= len && strncmp(name, text, len) == 0) {
                size_t word_len = strcspn(name + word, " |");

                if (word_len != last_len || strncmp(last, name + word, word_len) != 0)
                    editor_add(editor, name + word, word_len);
                last = name + word;
                last_len = word_len;
            }
            name += n + (name[n] == '|');
        }
    }
}

static void add_listed(const char *list, struct editor *editor)
{
    for (; *list; list += strcspn(list, "|"), list += *list == '|')
        editor_add(editor, list, strcspn(list, "|"));
}

void monitor_complete(struct pc *pc, const char *line, struct editor *editor)
{
    const struct monitor_command *command;
    char text[EDITOR_LINE];
    size_t word = tidy(line, text, sizeof(text));
    struct monitor_spec spec;
    const char *rest, *specs;

    (void)pc;
    command = word ? monitor_find(text, &rest) : NULL;
    if (!command || rest > text + word) {
        add_names(text, word, editor);
        return;
    }
    specs = command->args;
    for (rest += *rest == ' '; monitor_spec_next(&specs, &spec);) {
        bool here = rest == text + word;

        if (spec.name[0] == '/')
            continue;
        if (spec.is_switch) { /* is there, or is not */
            if (here)
                editor_add(editor, spec.name, 2);
            if (here || strncmp(rest, spec.name, 2) != 0 || rest[2] != ' ')
                continue;
            rest += 3;
            if (!spec.type[0])
                continue;
            here = rest == text + word;
        }
        if (here) {
            if (strcmp(spec.name, "command") == 0)
                add_names(text + word, 0, editor);
            else if (strchr(spec.type, '|'))
                add_listed(spec.type, editor);
            return;
        }
        rest += strcspn(rest, " ");
        rest += *rest == ' ';
    }
}
