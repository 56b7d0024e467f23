/* Registers by number: those of cpu/state.def, parts of them, and the x87's by its stack. */
#include "lib/lib.h"

#include <ctype.h>
#include <string.h>

#include "cpu/flags.h"
#include "cpu/seg.h"
#include "cpu/sys.h"
#include "cpu/x87/x87.h"

static const struct row {
    const char *name;
    size_t offset; /* in struct cpu_state */
    unsigned size;
    bool flag; /* a bool */
} rows[] = {
#include "pagewalk_regs.inc"
};
_Static_assert(ARRAY_SIZE(rows) == PAGEWALK_REGS, "the enum and the table are one list");

static bool is_reg(enum pagewalk_reg reg)
{
    return (unsigned)reg < PAGEWALK_REGS;
}

static bool is_stack(enum pagewalk_reg reg)
{
    return reg >= PAGEWALK_REG_ST0 && reg <= PAGEWALK_REG_ST7;
}

static bool within(size_t offset, size_t start, size_t size)
{
    return offset >= start && offset < start + size;
}
#define IS_IN(offset, field)                                                                       \
    within(offset, offsetof(struct cpu_state, field), sizeof(((struct cpu_state *)0)->field))

/* What nothing else follows from: it is just written. */
static bool is_plain(size_t offset)
{
    return within(offset, offsetof(struct cpu_state, r), 8 * sizeof(u32)) ||
           offset == offsetof(struct cpu_state, eip) || IS_IN(offset, xmm) || IS_IN(offset, x87) ||
           offset == offsetof(struct cpu_state, cr2);
}

/* The segment register whose selector it is, or SREG_COUNT. */
static enum sreg selector_at(size_t offset)
{
    unsigned s = 0;

    while (s < SREG_COUNT &&
           offset != offsetof(struct cpu_state, seg[0].sel) + s * sizeof(struct seg))
        s++;
    return (enum sreg)s;
}

static struct x87_reg *stack_reg(struct cpu *cpu, enum pagewalk_reg reg, unsigned *phys)
{
    *phys = ((cpu->x87.sw >> 11) + (unsigned)(reg - PAGEWALK_REG_ST0)) & 7;
    return &cpu->x87.r[*phys];
}

/* (SDM vol. 1, 8.1.7) */
static unsigned x87_tag(u64 frac, u16 se)
{
    unsigned exponent = se & 0x7fff;

    if (!exponent && !frac)
        return 1;
    return !exponent || exponent == 0x7fff || !(frac >> 63) ? 2 : 0;
}

static void put_stack(struct cpu *cpu, enum pagewalk_reg reg, const u8 *bytes)
{
    unsigned phys;
    struct x87_reg *to = stack_reg(cpu, reg, &phys);

    to->frac = get64(bytes);
    to->se = get16(bytes + 8);
    cpu->x87.tag =
        (u16)((cpu->x87.tag & ~(3u << 2 * phys)) | x87_tag(to->frac, to->se) << 2 * phys);
}

/* The descriptor of a selector; false: there is none. */
static bool find_descriptor(struct pagewalk *pw, u16 sel, struct desc *desc)
{
    const struct cpu *cpu = pw->cpu;
    bool ldt = sel & SEL_TI;
    u32 base = ldt ? cpu->ldtr.base : cpu->gdtr.base;
    u32 limit = ldt ? cpu->ldtr.limit : cpu->gdtr.limit;
    u8 bytes[8];

    if ((ldt && !(cpu->ldtr.attr & SEG_P)) || (sel | 7u) > limit ||
        pagewalk_read(pw, la_add(base, sel & ~7u), bytes, sizeof(bytes)))
        return false;
    *desc = (struct desc){.lo = get32(bytes), .hi = get32(bytes + 4)};
    return true;
}

/* A selector, and what the processor would keep of its segment. */
static bool put_selector(struct pagewalk *pw, struct cpu_state *s, enum sreg sreg, u16 sel)
{
    bool vm = s->eflags & FL_VM;
    struct desc desc;

    s->seg[sreg].sel = sel;
    if (!(s->cr0 & CR0_PE) || vm) {
        s->r[R_BASE + sreg] = (u32)sel << 4;
        return true;
    }
    if (SEL_NULL(sel) && sreg != SREG_CS) {
        s->seg[sreg].attr = 0;
        return true;
    }
    if (SEL_NULL(sel) || !find_descriptor(pw, sel, &desc) || !(desc.hi & SEG_S))
        return false;
    s->r[R_BASE + sreg] = desc_base(&desc);
    s->seg[sreg].limit = desc_limit(&desc);
    s->seg[sreg].attr = (desc.hi & DESC_ATTR_MASK) | SEG_ACCESSED;
    if (sreg == SREG_CS)
        s->cpl = sel & SEL_RPL;
    return true;
}

/* What other parts of the CPU follow from: as if the state were loaded. */
static int put_state(struct pagewalk *pw, enum pagewalk_reg reg, const u8 *bytes)
{
    const struct row *row = &rows[reg];
    enum sreg sreg = selector_at(row->offset);
    struct cpu_state s;

    cpu_state_get(pw->cpu, &s);
    if (sreg != SREG_COUNT) {
        if (!put_selector(pw, &s, sreg, get16(bytes)))
            return PAGEWALK_ERR_REGISTER;
    } else {
        memcpy((u8 *)&s + row->offset, bytes, row->size);
        if (row->flag)
            *((u8 *)&s + row->offset) = *bytes != 0;
    }
    if (reg == PAGEWALK_REG_EFLAGS)
        s.eflags |= FL_ONE;
    if (!(s.cr0 & CR0_PE)) /* so that protected mode may be left by CR0 alone */
        s.cpl = 0;
    if (!cpu_state_put(pw->cpu, &s))
        return PAGEWALK_ERR_REGISTER;
    pw->changed = true;
    return PAGEWALK_OK;
}

int reg_put(struct pagewalk *pw, enum pagewalk_reg reg, const u8 *bytes)
{
    struct cpu *cpu = pw->cpu;
    const struct row *row = &rows[reg];

    if (is_stack(reg)) {
        put_stack(cpu, reg, bytes);
        return PAGEWALK_OK;
    }
    if (is_plain(row->offset)) {
        memcpy((u8 *)&cpu->state + row->offset, bytes, row->size);
        return PAGEWALK_OK;
    }
    if (reg == PAGEWALK_REG_EFLAGS) {
        u32 value = get32(bytes) | FL_ONE;

        if (!((value ^ flags_get(cpu)) & ~FL_ARITH)) {
            flags_put(cpu, FL_ARITH, value);
            return PAGEWALK_OK;
        }
    }
    return put_state(pw, reg, bytes);
}

PUBLIC unsigned pagewalk_reg_size(enum pagewalk_reg reg)
{
    return is_reg(reg) ? rows[reg].size : 0;
}

PUBLIC const char *pagewalk_reg_name(enum pagewalk_reg reg)
{
    return is_reg(reg) ? rows[reg].name : NULL;
}

/* Letters and digits of either case; all else is one. */
static int letter(char c)
{
    return isalnum((unsigned char)c) ? toupper((unsigned char)c) : '_';
}

static bool same_name(const char *a, const char *b)
{
    for (; *a && *b; a++, b++)
        if (letter(*a) != letter(*b))
            return false;
    return *a == *b;
}

PUBLIC enum pagewalk_reg pagewalk_reg_find(const char *name)
{
    unsigned reg = 0;

    if (!name)
        return PAGEWALK_REGS;
    while (reg < PAGEWALK_REGS && !same_name(rows[reg].name, name))
        reg++;
    return (enum pagewalk_reg)reg;
}

PUBLIC int pagewalk_reg_read_bytes(struct pagewalk *pw, enum pagewalk_reg reg, void *data,
                                   size_t size)
{
    struct cpu *cpu = pw->cpu;
    unsigned phys;
    u32 value;

    if (!is_reg(reg))
        return PAGEWALK_ERR_REGISTER;
    if (size != rows[reg].size)
        return PAGEWALK_ERR_SIZE;
    if (is_stack(reg)) {
        const struct x87_reg *from = stack_reg(cpu, reg, &phys);

        put64(data, from->frac);
        put16((u8 *)data + 8, from->se);
        return PAGEWALK_OK;
    }
    if (reg == PAGEWALK_REG_EFLAGS || reg == PAGEWALK_REG_EIP) {
        value = reg == PAGEWALK_REG_EFLAGS ? flags_get(cpu)
                : pw->in == IN_ACCESS      ? cpu_current_eip(cpu)
                                           : cpu->eip;
        put32(data, value);
        return PAGEWALK_OK;
    }
    memcpy(data, (const u8 *)&cpu->state + rows[reg].offset, size);
    return PAGEWALK_OK;
}

PUBLIC int pagewalk_reg_write_bytes(struct pagewalk *pw, enum pagewalk_reg reg, const void *data,
                                    size_t size)
{
    if (!is_reg(reg))
        return PAGEWALK_ERR_REGISTER;
    if (size != rows[reg].size)
        return PAGEWALK_ERR_SIZE;
    if (lib_busy(pw) || (pw->in == IN_ACCESS && pw->defers == DEFERRED))
        return PAGEWALK_ERR_BUSY;
    if (pw->in == IN_ACCESS) {
        struct deferred *deferred = &pw->deferred[pw->defers++];

        deferred->reg = reg;
        memcpy(deferred->bytes, data, size);
        return PAGEWALK_OK;
    }
    return reg_put(pw, reg, data);
}

PUBLIC int pagewalk_reg_read(struct pagewalk *pw, enum pagewalk_reg reg, uint64_t *value)
{
    if (is_reg(reg) && rows[reg].size > sizeof(*value))
        return PAGEWALK_ERR_SIZE;
    *value = 0;
    return pagewalk_reg_read_bytes(pw, reg, value, pagewalk_reg_size(reg));
}

PUBLIC int pagewalk_reg_write(struct pagewalk *pw, enum pagewalk_reg reg, uint64_t value)
{
    unsigned size = pagewalk_reg_size(reg);

    if (size > sizeof(value))
        return PAGEWALK_ERR_SIZE;
    if (size && size < 8 && value >> 8 * size && ~value >> (8 * size - 1))
        return PAGEWALK_ERR_REGISTER; /* it does not fit, and is not a negative one either */
    return pagewalk_reg_write_bytes(pw, reg, &value, size);
}
