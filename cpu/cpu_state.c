/* The walk over the architectural state: a table of fields and one of their types' members, from cpu/state.def. */
#include "cpu/cpu_state.h"

#include <stdio.h>
#include <string.h>

struct member {
    const char *label;
    size_t offset, size;
    bool flag;
};

#define IS_FLAG(x) _Generic(x, bool : true, default : false)

/* Of the types of fields. */
#define NUMBER(type)                                                                               \
    {                                                                                              \
        {                                                                                          \
            "", 0, sizeof(STATE_TYPE_##type), IS_FLAG(*(STATE_TYPE_##type *)0)                     \
        }                                                                                          \
    }
static const struct member members_flag[] = NUMBER(flag), members_u8[] = NUMBER(u8),
                           members_u16[] = NUMBER(u16), members_u32[] = NUMBER(u32),
                           members_u64[] = NUMBER(u64), members_vec[] = NUMBER(vec);
#define MEMBER(owner, name, label)                                                                 \
    {                                                                                              \
        label, offsetof(STATE_TYPE_##owner, name), sizeof(((STATE_TYPE_##owner *)0)->name),        \
            IS_FLAG(((STATE_TYPE_##owner *)0)->name)                                               \
    }
static const struct member members_seg[] = {
#define SEG(type, name, label) MEMBER(seg, name, label),
#include "cpu/state.def"
};
static const struct member members_sysseg[] = {
#define SYSSEG(type, name, label) MEMBER(sysseg, name, label),
#include "cpu/state.def"
};
static const struct member members_dtable[] = {
#define DTABLE(type, name, label) MEMBER(dtable, name, label),
#include "cpu/state.def"
};
static const struct member members_x87_reg[] = {
#define X87_REG(type, name, label) MEMBER(x87_reg, name, label),
#include "cpu/state.def"
};
static const struct member members_perf[] = {
#define PERF(type, name, label) MEMBER(perf, name, label),
#include "cpu/state.def"
};
static const struct member members_rep_left[] = {
#define REP_LEFT(type, name, label) MEMBER(rep_left, name, label),
#include "cpu/state.def"
};

#define FIELD(group, type, name, label, uses)                                                      \
    {                                                                                              \
        label, offsetof(struct cpu_state, name), sizeof(STATE_TYPE_##type),                        \
            sizeof(((struct cpu_state *)0)->name) / sizeof(STATE_TYPE_##type), members_##type,     \
            ARRAY_SIZE(members_##type), STATE_##group, uses                                        \
    }

static const struct field {
    const char *label;
    size_t offset, stride;
    unsigned count;
    const struct member *member;
    unsigned members;
    enum state_group group;
    unsigned uses;
} fields[] = {
#define STATE(group, type, name, dimension, label, uses) FIELD(group, type, name, label, uses),
#include "cpu/state.def"
#define X87(group, type, name, dimension, label, uses) FIELD(group, type, x87.name, label, uses),
#include "cpu/state.def"
};

/* The word of an array's label for one element, and its length; the whole label when it is one word. */
static const char *label_word(const struct field *field, unsigned element, size_t *len)
{
    const char *at = field->label;

    for (; element > 0 && strchr(at, ' '); element--)
        at = strchr(at, ' ') + 1;
    *len = strcspn(at, " ");
    return at;
}

static bool is_state(const struct field *field, unsigned element)
{
    size_t len;
    const char *word = label_word(field, element, &len);

    return !(len == 1 && *word == '-');
}

bool cpu_state_next(struct state_number *number)
{
    const struct field *field;

    if (!number->started)
        number->started = true;
    else
        number->member++;
    for (;;) {
        if (number->field == ARRAY_SIZE(fields))
            return false;
        field = &fields[number->field];
        if (number->element == field->count) {
            number->field++;
            number->element = 0;
        } else if (number->member >= field->members || !is_state(field, number->element)) {
            number->element++;
            number->member = 0;
        } else {
            break;
        }
    }
    number->offset =
        field->offset + number->element * field->stride + field->member[number->member].offset;
    number->size = (unsigned)field->member[number->member].size;
    number->group = field->group;
    number->uses = field->uses;
    number->members = field->members;
    number->flag = field->member[number->member].flag;
    return true;
}

void cpu_state_name(const struct state_number *number, char *name)
{
    const struct field *field = &fields[number->field];
    size_t len;
    const char *word = label_word(field, number->element, &len);
    char digits[12] = "";

    if (field->count > 1 && !strchr(field->label, ' '))
        snprintf(digits, sizeof(digits), "%u", number->element);
    snprintf(name, STATE_NAME_MAX, "%.*s%s%s", (int)len, word, digits,
             field->member[number->member].label);
}
