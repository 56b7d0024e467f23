/* Expressions of the monitor's arguments: numbers, registers, symbols and C's operators on 64 bits. */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/sys.h"
#include "devices/monitor/command.h"
#include "mmu/host/symbols.h"

#define DEPTH 64 /* of parentheses and signs */

struct expression {
    struct pc *pc;
    const char *at;
    unsigned depth;
    char *err;
    size_t err_len;
    bool failed;
};

static u64 fail(struct expression *e, const char *what, const char *text, size_t len)
{
    if (!e->failed)
        snprintf(e->err, e->err_len, "%s%.*s", what, (int)(len < 40 ? len : 40), text);
    e->failed = true;
    return 0;
}

static void skip(struct expression *e)
{
    while (isspace((u8)*e->at))
        e->at++;
}

static size_t word_len(const char *text)
{
    size_t len = 0;

    while (isalnum((u8)text[len]) || text[len] == '_' || text[len] == '.')
        len++;
    return len;
}

/* A part of a general register by its short name; false: there is none of that name. */
static bool find_register(const struct cpu *cpu, const char *name, size_t len, u64 *value)
{
    static const char *const general[] = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};
    static const char *const segment[] = {"es", "cs", "ss", "ds", "fs", "gs"};
    struct {
        const char *name;
        u64 value;
    } other[] = {
        {"eip", cpu->eip},          {"pc", (u32)(cpu->r[R_BASE + SREG_CS] + cpu->eip)},
        {"eflags", flags_get(cpu)}, {"cr0", cpu->cr0},
        {"cr2", cpu->cr2},          {"cr3", cpu->cr3},
        {"cr4", cpu->cr4},          {"sp", cpu->r[R_ESP]},
        {"fp", cpu->r[R_EBP]},
    };
    char text[16];

    snprintf(text, sizeof(text), "%.*s", (int)len, name);
    for (unsigned i = 0; i < ARRAY_SIZE(general); i++)
        if (strcmp(text, general[i]) == 0)
            return *value = cpu->r[i], true;
    for (unsigned i = 0; i < ARRAY_SIZE(segment); i++) {
        if (strncmp(text, segment[i], 2) != 0)
            continue;
        if (!text[2])
            return *value = cpu->seg[i].sel, true;
        if (strcmp(text + 2, ".base") == 0)
            return *value = cpu->r[R_BASE + i], true;
    }
    for (unsigned i = 0; i < ARRAY_SIZE(other); i++)
        if (strcmp(text, other[i].name) == 0)
            return *value = other[i].value, true;
    return false;
}

static u64 sum(struct expression *e);

static u64 read_register(struct expression *e)
{
    size_t len = word_len(++e->at);
    u64 value = 0;

    if (!find_register(e->pc->cpu, e->at, len, &value))
        return fail(e, "unknown register $", e->at, len);
    e->at += len;
    return value;
}

static u64 read_number(struct expression *e)
{
    char *end;
    u64 value = strtoull(e->at, &end, 0);

    if (isalnum((u8)*end) || *end == '_')
        return fail(e, "not a number: ", e->at, word_len(e->at));
    e->at = end;
    return value;
}

static u64 read_symbol(struct expression *e)
{
    size_t len = word_len(e->at);
    u32 la;

    if (!symbols_address(e->pc->config.log->symbols, e->at, len, &la))
        return fail(e, "unknown symbol ", e->at, len);
    e->at += len;
    return la;
}

static u64 unary(struct expression *e)
{
    u64 value;

    skip(e);
    if (++e->depth > DEPTH)
        return fail(e, "an expression with too many parentheses", "", 0);
    switch (*e->at) {
    case '+':
        e->at++;
        value = unary(e);
        break;
    case '-':
        e->at++;
        value = -unary(e);
        break;
    case '~':
        e->at++;
        value = ~unary(e);
        break;
    case '(':
        e->at++;
        value = sum(e);
        skip(e);
        if (*e->at != ')')
            return fail(e, "')' expected", "", 0);
        e->at++;
        break;
    case '\'':
        if (!e->at[1] || e->at[2] != '\'')
            return fail(e, "a character and ' expected behind '", "", 0);
        value = (u8)e->at[1];
        e->at += 3;
        break;
    case '$': value = read_register(e); break;
    case '\0': return fail(e, "unexpected end of expression", "", 0);
    default:
        if (isdigit((u8)*e->at))
            value = read_number(e);
        else if (word_len(e->at))
            value = read_symbol(e);
        else
            return fail(e, "unexpected character in an expression: ", e->at, 1);
    }
    e->depth--;
    skip(e);
    return value;
}

static u64 product(struct expression *e)
{
    u64 value = unary(e);

    while (!e->failed && *e->at && strchr("*/%", *e->at)) {
        char operator= * e->at++;
        u64 by = unary(e);

        if (operator== '*')
            value *= by;
        else if (!by)
            return fail(e, "division by zero", "", 0);
        else
            value = operator== '/' ? value / by : value % by;
    }
    return value;
}

/* '&', '|' and '^' bind as tightly as in QEMU: closer than + and -. */
static u64 logic(struct expression *e)
{
    u64 value = product(e);

    while (!e->failed && *e->at && strchr("&|^", *e->at)) {
        char operator= * e->at++;
        u64 by = product(e);

        value = operator== '&' ? value & by : operator== '|' ? value | by : value ^ by;
    }
    return value;
}

static u64 sum(struct expression *e)
{
    u64 value = logic(e);

    while (!e->failed && (*e->at == '+' || *e->at == '-'))
        value = *e->at++ == '+' ? value + logic(e) : value - logic(e);
    return value;
}

bool monitor_expression(struct pc *pc, const char **text, u64 *value, char *err, size_t err_len)
{
    struct expression e = {.pc = pc, .at = *text, .err = err, .err_len = err_len};

    *value = sum(&e);
    *text = e.at;
    return !e.failed;
}
