/* Conditions of breakpoints, as gdb compiles them: a stack machine that reads registers and memory and changes nothing.
 *
 * ("Debugging with GDB", appendix F, The GDB Agent Expression Mechanism) Values are 64 bits. What is not known, jumps out of
 * the code, or does not end, is a condition that holds: the debugger looks for itself then. */
#include <stdlib.h>
#include <string.h>

#include "cpu/gdb/gdb_priv.h"
#include "cpu/peek.h"

#define STACK 64
#define STEPS 10000u

enum agent_op {
    OP_ADD = 0x02,
    OP_SUB,
    OP_MUL,
    OP_DIV_SIGNED,
    OP_DIV_UNSIGNED,
    OP_REM_SIGNED,
    OP_REM_UNSIGNED,
    OP_LSH,
    OP_RSH_SIGNED,
    OP_RSH_UNSIGNED,
    OP_LOG_NOT = 0x0e,
    OP_BIT_AND,
    OP_BIT_OR,
    OP_BIT_XOR,
    OP_BIT_NOT,
    OP_EQUAL,
    OP_LESS_SIGNED,
    OP_LESS_UNSIGNED,
    OP_EXT,
    OP_REF8,
    OP_REF16,
    OP_REF32,
    OP_REF64,
    OP_IF_GOTO = 0x20,
    OP_GOTO,
    OP_CONST8,
    OP_CONST16,
    OP_CONST32,
    OP_CONST64,
    OP_REG,
    OP_END,
    OP_DUP,
    OP_POP,
    OP_ZERO_EXT,
    OP_SWAP,
    OP_PICK = 0x32,
    OP_ROT,
};

struct agent {
    struct gdb *gdb;
    const u8 *code;
    size_t len, at;
    u64 stack[STACK];
    unsigned depth;
    bool failed;
};

/* An operand of the code, the high byte first. */
static u64 operand(struct agent *a, unsigned bytes)
{
    u64 value = 0;

    if (bytes > a->len - a->at) {
        a->failed = true;
        return 0;
    }
    while (bytes--)
        value = value << 8 | a->code[a->at++];
    return value;
}

static void push(struct agent *a, u64 value)
{
    if (a->depth == STACK)
        a->failed = true;
    else
        a->stack[a->depth++] = value;
}

static u64 pop(struct agent *a)
{
    if (a->depth == 0) {
        a->failed = true;
        return 0;
    }
    return a->stack[--a->depth];
}

static u64 shift_mask(u64 value, unsigned bits, bool sign)
{
    if (bits == 0 || bits >= 64)
        return value;
    value <<= 64 - bits;
    return sign ? (u64)((i64)value >> (64 - bits)) : value >> (64 - bits);
}

static void reference(struct agent *a, unsigned bytes)
{
    u64 la = pop(a), value = 0;

    if (cpu_peek(a->gdb->cpu, (u32)la, a->gdb->phys_memory, (u8 *)&value, bytes) != bytes)
        a->failed = true;
    push(a, value);
}

static void divide(struct agent *a, enum agent_op op)
{
    u64 y = pop(a), x = pop(a);

    if (y == 0 || (x == 1ull << 63 && y == UINT64_MAX)) {
        a->failed = true;
        return;
    }
    switch (op) {
    case OP_DIV_SIGNED: push(a, (u64)((i64)x / (i64)y)); break;
    case OP_DIV_UNSIGNED: push(a, x / y); break;
    case OP_REM_SIGNED: push(a, (u64)((i64)x % (i64)y)); break;
    default: push(a, x % y); break;
    }
}

static void binary(struct agent *a, enum agent_op op)
{
    u64 y = pop(a), x = pop(a), r = 0;

    switch (op) {
    case OP_ADD: r = x + y; break;
    case OP_SUB: r = x - y; break;
    case OP_MUL: r = x * y; break;
    case OP_LSH: r = y < 64 ? x << y : 0; break;
    case OP_RSH_SIGNED: r = (u64)((i64)x >> (y < 64 ? y : 63)); break;
    case OP_RSH_UNSIGNED: r = y < 64 ? x >> y : 0; break;
    case OP_BIT_AND: r = x & y; break;
    case OP_BIT_OR: r = x | y; break;
    case OP_BIT_XOR: r = x ^ y; break;
    case OP_EQUAL: r = x == y; break;
    case OP_LESS_SIGNED: r = (i64)x < (i64)y; break;
    case OP_LESS_UNSIGNED: r = x < y; break;
    default: a->failed = true; break;
    }
    push(a, r);
}

static void stack_op(struct agent *a, enum agent_op op)
{
    u64 z = pop(a), y, x;

    switch (op) {
    case OP_DUP:
        push(a, z);
        push(a, z);
        break;
    case OP_SWAP:
        y = pop(a);
        push(a, z);
        push(a, y);
        break;
    case OP_ROT: /* the top one goes below two others */
        y = pop(a);
        x = pop(a);
        push(a, z);
        push(a, x);
        push(a, y);
        break;
    default: break; /* OP_POP */
    }
}

static void pick(struct agent *a)
{
    u64 n = operand(a, 1);

    if (n >= a->depth)
        a->failed = true;
    else
        push(a, a->stack[a->depth - 1 - n]);
}

static void jump(struct agent *a, bool taken)
{
    u64 to = operand(a, 2);

    if (taken)
        a->at = to;
}

static void run_op(struct agent *a, enum agent_op op)
{
    u64 value = 0;

    switch (op) {
    case OP_DIV_SIGNED:
    case OP_DIV_UNSIGNED:
    case OP_REM_SIGNED:
    case OP_REM_UNSIGNED: divide(a, op); break;
    case OP_LOG_NOT: push(a, !pop(a)); break;
    case OP_BIT_NOT: push(a, ~pop(a)); break;
    case OP_EXT:
    case OP_ZERO_EXT:
        value = pop(a);
        push(a, shift_mask(value, (unsigned)operand(a, 1), op == OP_EXT));
        break;
    case OP_REF8: reference(a, 1); break;
    case OP_REF16: reference(a, 2); break;
    case OP_REF32: reference(a, 4); break;
    case OP_REF64: reference(a, 8); break;
    case OP_IF_GOTO: jump(a, pop(a) != 0); break;
    case OP_GOTO: jump(a, true); break;
    case OP_CONST8: push(a, operand(a, 1)); break;
    case OP_CONST16: push(a, operand(a, 2)); break;
    case OP_CONST32: push(a, operand(a, 4)); break;
    case OP_CONST64: push(a, operand(a, 8)); break;
    case OP_REG:
        if (!gdb_reg_value(a->gdb, operand(a, 2), &value))
            a->failed = true;
        push(a, value);
        break;
    case OP_DUP:
    case OP_POP:
    case OP_SWAP:
    case OP_ROT: stack_op(a, op); break;
    case OP_PICK: pick(a); break;
    default: binary(a, op); break;
    }
}

static bool holds(struct gdb *gdb, const u8 *code, size_t len)
{
    struct agent a = {.gdb = gdb, .code = code, .len = len};

    for (unsigned steps = 0; steps < STEPS && !a.failed && a.at < len; steps++) {
        enum agent_op op = (enum agent_op)code[a.at++];

        if (op == OP_END)
            return pop(&a) != 0 || a.failed;
        run_op(&a, op);
    }
    return true;
}

/* A list of them: two bytes of length and the code of each. */
void gdb_conditions_drop(struct gdb *gdb, u32 la)
{
    struct gdb_conditions **link = &gdb->conditions;

    while (*link && (*link)->la != la)
        link = &(*link)->next;
    if (*link) {
        struct gdb_conditions *gone = *link;

        *link = gone->next;
        free(gone);
    }
}

bool gdb_conditions_take(struct gdb *gdb, u32 la, struct gdb_text *text)
{
    u8 code[GDB_PACKET / 2];
    size_t used = 0;
    struct gdb_conditions *new;

    gdb_conditions_drop(gdb, la);
    while (gdb_take_word(text, ";X")) {
        u64 len;

        if (!gdb_take_number(text, &len) || !gdb_take_char(text, ',') || len > UINT16_MAX ||
            len + 2 > sizeof(code) - used || gdb_take_hex(text, code + used + 2, len) != len)
            return false;
        put16(code + used, (u16)len);
        used += 2 + len;
    }
    if (!used)
        return true;
    new = malloc(sizeof(*new) + used);
    if (!new)
        return false;
    *new = (struct gdb_conditions){.next = gdb->conditions, .la = la, .len = used};
    memcpy(new->code, code, used);
    gdb->conditions = new;
    return true;
}

bool gdb_wants(struct gdb *gdb, const struct debugger_point *point)
{
    const struct gdb_conditions *c = gdb->conditions;

    while (c && c->la != point->la)
        c = c->next;
    if (!c || !debugger_on_code(point->kind))
        return true;
    for (size_t at = 0; at < c->len; at += 2 + get16(c->code + at))
        if (holds(gdb, c->code + at + 2, get16(c->code + at)))
            return true;
    return false;
}
