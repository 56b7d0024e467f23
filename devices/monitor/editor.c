/* One line that a user types at a terminal: editing keys, history, and completion. */
#include "devices/monitor/editor.h"

#include <stdlib.h>
#include <string.h>

#define CTRL(key) ((key)&0x1f)

void editor_init(struct editor *e, const char *prompt, FILE *out)
{
    memset(e, 0, sizeof(*e));
    e->prompt = prompt;
    e->out = out;
}

void editor_free(struct editor *e)
{
    for (unsigned i = 0; i < e->entries; i++)
        free(e->history[i]);
    free(e->kept);
    free(e->list);
}

void editor_prompt(struct editor *e)
{
    e->len = e->at = 0;
    e->line[0] = '\0';
    e->back = 0;
    e->state = EDITOR_PLAIN;
    fputs(e->prompt, e->out);
}

/* The whole line anew. */
static void show(struct editor *e)
{
    fprintf(e->out, "\r%s%.*s\033[K", e->prompt, (int)e->len, e->line);
    if (e->at < e->len)
        fprintf(e->out, "\033[%zuD", e->len - e->at);
}

static void insert(struct editor *e, const char *text, size_t len)
{
    if (len > sizeof(e->line) - 1 - e->len)
        return;
    memmove(e->line + e->at + len, e->line + e->at, e->len - e->at);
    memcpy(e->line + e->at, text, len);
    e->at += len;
    e->len += len;
    if (e->at == e->len)
        fwrite(text, 1, len, e->out); /* a script at the other end sees its own text */
    else
        show(e);
}

static void cut(struct editor *e, size_t from, size_t to)
{
    if (from >= to)
        return;
    memmove(e->line + from, e->line + to, e->len - to);
    e->len -= to - from;
    e->at = from;
    show(e);
}

static void move(struct editor *e, size_t at)
{
    e->at = at;
    show(e);
}

static size_t word_start(const struct editor *e)
{
    size_t at = e->at;

    while (at && e->line[at - 1] == ' ')
        at--;
    while (at && e->line[at - 1] != ' ')
        at--;
    return at;
}

static void set_line(struct editor *e, const char *text)
{
    snprintf(e->line, sizeof(e->line), "%s", text);
    e->len = e->at = strlen(e->line);
    show(e);
}

/* To an older line, or back to a newer. */
static void recall(struct editor *e, bool older)
{
    if (older ? e->back == e->entries : !e->back)
        return;
    if (!e->back) {
        free(e->kept);
        e->kept = strndup(e->line, e->len);
    }
    e->back += older ? 1 : -1u;
    set_line(e, e->back ? e->history[e->entries - e->back] : e->kept ? e->kept : "");
}

static void remember(struct editor *e)
{
    char *copy;

    if (!e->len || (e->entries && strcmp(e->history[e->entries - 1], e->line) == 0))
        return;
    copy = strdup(e->line);
    if (!copy)
        return;
    if (e->entries == EDITOR_HISTORY) {
        free(e->history[0]);
        memmove(e->history, e->history + 1, --e->entries * sizeof(e->history[0]));
    }
    e->history[e->entries++] = copy;
}

void editor_add(struct editor *e, const char *word, size_t len)
{
    size_t have = e->at - e->word_at, same = 0;
    char *more;

    if (len >= sizeof(e->word) || len < have || memcmp(word, e->line + e->word_at, have) != 0)
        return;
    if (!e->words)
        snprintf(e->word, sizeof(e->word), "%.*s", (int)len, word);
    while (same < len && e->word[same] == word[same])
        same++;
    e->word[same] = '\0';
    e->words++;
    more = realloc(e->list, e->list_len + len + 2);
    if (!more)
        return;
    e->list = more;
    memcpy(e->list + e->list_len, word, len);
    memcpy(e->list + e->list_len + len, "\n", 2);
    e->list_len += len + 1;
}

static void complete(struct editor *e)
{
    char before[EDITOR_LINE];

    if (!e->complete)
        return;
    e->words = 0;
    e->list_len = 0;
    e->word_at = e->at;
    while (e->word_at && e->line[e->word_at - 1] != ' ')
        e->word_at--;
    snprintf(before, sizeof(before), "%.*s", (int)e->at, e->line);
    e->complete(e->opaque, before, e);
    if (e->words && strlen(e->word) > e->at - e->word_at) {
        insert(e, e->word + (e->at - e->word_at), strlen(e->word) - (e->at - e->word_at));
    } else if (e->words > 1 && e->list) {
        fputc('\n', e->out);
        for (size_t i = 0, column = 0; i < e->list_len; i++) {
            size_t len = strcspn(e->list + i, "\n");

            if (column && column + len > 76) {
                fputc('\n', e->out);
                column = 0;
            }
            fprintf(e->out, "%-*.*s", (int)(len / 19 + 1) * 19, (int)len, e->list + i);
            column += (len / 19 + 1) * 19;
            i += len;
        }
        fputc('\n', e->out);
        show(e);
    }
    if (e->words == 1 && e->at == e->len)
        insert(e, " ", 1);
}

/* What ends in `byte`: ESC [ 1 ~, ESC [ A, ESC O A. */
static void sequence(struct editor *e, u8 byte)
{
    switch (byte == '~' ? e->number : byte) {
    case 'A': recall(e, true); break;
    case 'B': recall(e, false); break;
    case 'C': move(e, e->at + (e->at < e->len)); break;
    case 'D': move(e, e->at - (e->at > 0)); break;
    case 'H':
    case 1:
    case 7: move(e, 0); break;
    case 'F':
    case 4:
    case 8: move(e, e->len); break;
    case 3: cut(e, e->at, e->at + (e->at < e->len)); break;
    }
}

static void key(struct editor *e, u8 byte)
{
    switch (byte) {
    case CTRL('a'): move(e, 0); break;
    case CTRL('b'): move(e, e->at - (e->at > 0)); break;
    case CTRL('d'): cut(e, e->at, e->at + (e->at < e->len)); break;
    case CTRL('e'): move(e, e->len); break;
    case CTRL('f'): move(e, e->at + (e->at < e->len)); break;
    case CTRL('k'): cut(e, e->at, e->len); break;
    case CTRL('l'):
        fputs("\033[H\033[2J", e->out);
        show(e);
        break;
    case CTRL('n'): recall(e, false); break;
    case CTRL('p'): recall(e, true); break;
    case CTRL('u'): cut(e, 0, e->at); break;
    case CTRL('w'): cut(e, word_start(e), e->at); break;
    case CTRL('c'):
        fputc('\n', e->out);
        editor_prompt(e);
        break;
    case '\t': complete(e); break;
    case '\b':
    case 0x7f:
        if (e->at)
            cut(e, e->at - 1, e->at);
        break;
    case 0x1b: e->state = EDITOR_ESC; break;
    default:
        if (byte >= ' ')
            insert(e, (const char[]){(char)byte}, 1);
        break;
    }
}

bool editor_byte(struct editor *e, u8 byte)
{
    bool second = byte == '\n' && e->was_cr; /* of CR LF, as telnet sends it; so is NUL */

    e->was_cr = byte == '\r';
    if (second)
        return false;
    if (byte == '\r' || byte == '\n') {
        fputc('\n', e->out);
        e->line[e->len] = '\0';
        e->state = EDITOR_PLAIN;
        remember(e);
        return true;
    }
    switch (e->state) {
    case EDITOR_PLAIN: key(e, byte); break;
    case EDITOR_ESC:
        e->state = byte == '[' || byte == 'O' ? EDITOR_CSI : EDITOR_PLAIN;
        e->number = 0;
        break;
    case EDITOR_CSI:
        if (byte >= '0' && byte <= '9') {
            e->number = (e->number * 10 + byte - '0') % 1000;
        } else if (byte >= '@') {
            e->state = EDITOR_PLAIN;
            sequence(e, byte);
        }
        break;
    }
    return false;
}
