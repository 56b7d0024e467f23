/* Two views of the architectural state: text for people, and a 64-bit digest for comparing runs. */
#include "cpu/cpuid.h"
#include "cpu/sys.h"
#include "mmu/host/symbols.h"

#include <string.h>

static void dump_flags(u32 fl, char *text)
{
    static const struct {
        u32 bit;
        char letter;
    } names[] = {{FL_OF, 'O'}, {FL_DF, 'D'}, {FL_IF, 'I'}, {FL_TF, 'T'}, {FL_SF, 'S'},
                 {FL_ZF, 'Z'}, {FL_AF, 'A'}, {FL_PF, 'P'}, {FL_CF, 'C'}};

    for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
        *text++ = fl & names[i].bit ? names[i].letter : '-';
    *text = '\0';
}

static const char *dump_mode(const struct cpu *cpu)
{
    if (!(cpu->cr0 & CR0_PE))
        return "real";
    if (cpu_vm86(cpu))
        return "vm86";
    return cpu->seg[SREG_CS].attr & SEG_DB ? "protected, 32-bit" : "protected, 16-bit";
}

void cpu_state_get(const struct cpu *cpu, struct cpu_state *out)
{
    *out = cpu->state;
    out->eflags = flags_get(cpu);
}

/* Whether the model has what the group is about. */
static bool has_group(const struct cpu *cpu, enum state_group group)
{
    return group != STATE_SSE || cpu_has(cpu->model, FEAT_SSE);
}

#define DUMP_WIDTH 56u

/* "NAME=VALUE" at a column of the line; returns the next. */
static unsigned dump_value(unsigned column, const char *name, const void *value, unsigned size,
                           FILE *out)
{
    const u8 *bytes = value;

    column += (unsigned)fprintf(out, "%s%s=", column ? " " : "", name) + 2 * size;
    for (unsigned i = size; i-- > 0;)
        fprintf(out, "%02x", bytes[i]);
    return column;
}

/* One number, on this line or on a new one: what has several members gets a line, where only the first has its whole
 * name. A segment's base, which is in the register file, comes behind its selector. Returns the next column. */
static unsigned dump_number(const struct cpu_state *state, const struct state_number *number,
                            unsigned column, FILE *out)
{
    const u8 *value = (const u8 *)state + number->offset;
    size_t segs = offsetof(struct cpu_state, seg), at = number->offset - segs;
    char name[STATE_NAME_MAX];

    cpu_state_name(number, name);
    if (number->member)
        return dump_value(column, strchr(name, ' ') + 1, value, number->size, out);
    if (column && (number->members > 1 || column + strlen(name) + 2 * number->size > DUMP_WIDTH)) {
        fputc('\n', out);
        column = 0;
    }
    column = dump_value(column, name, value, number->size, out);
    if (number->offset >= segs && at < sizeof(state->seg))
        column = dump_value(column, "base", &state->r[R_BASE + at / sizeof(struct seg)],
                            sizeof(u32), out);
    return column;
}

static bool is_base(const struct state_number *number)
{
    return number->offset >= offsetof(struct cpu_state, r[R_BASE]) &&
           number->offset < offsetof(struct cpu_state, r) + sizeof(((struct cpu_state *)0)->r);
}

void cpu_dump(const struct cpu *cpu, FILE *out)
{
    struct state_number number = {0};
    struct cpu_state state;
    enum state_group group = STATE_GENERAL;
    unsigned column = 0;
    char flags[16], name[SYMBOLS_TEXT];

    cpu_state_get(cpu, &state);
    dump_flags(state.eflags, flags);
    fprintf(out, "%s mode, IOPL %u, flags [%s], INTR %s, %llu instructions%s\n", dump_mode(cpu),
            cpu_iopl(cpu), flags, cpu->intr ? "on" : "off", (unsigned long long)cpu->insns,
            symbols_text(cpu->log ? cpu->log->symbols : NULL, state.r[R_BASE + SREG_CS] + state.eip,
                         ", in ", name));
    while (cpu_state_next(&number)) {
        if (!(number.uses & STATE_DUMP) || !has_group(cpu, number.group) || is_base(&number))
            continue;
        if (number.group != group && column) {
            fputc('\n', out);
            column = 0;
        }
        group = number.group;
        column = dump_number(&state, &number, column, out);
    }
    fputc('\n', out);
}

static u64 digest_word(u64 hash, u64 word)
{
    hash = (hash ^ word) * 0x100000001b3ull; /* FNV's prime; the shift carries high bits down */
    return hash ^ hash >> 29;
}

u64 cpu_digest(const struct cpu *cpu)
{
    struct state_number number = {0};
    struct cpu_state state;
    u64 hash = 0xcbf29ce484222325ull;

    cpu_state_get(cpu, &state);
    while (cpu_state_next(&number)) {
        u64 word[2] = {0, 0};

        if (!(number.uses & STATE_DIGEST))
            continue;
        memcpy(word, (const u8 *)&state + number.offset, number.size);
        hash = digest_word(hash, word[0]);
        if (number.size > sizeof(u64))
            hash = digest_word(hash, word[1]);
    }
    return hash;
}
