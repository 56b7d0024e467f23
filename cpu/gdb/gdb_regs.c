/* Registers as target.xml describes them: one layout in every mode of the processor. */
#include <string.h>

#include "cpu/debug.h"
#include "cpu/gdb/gdb_priv.h"
#include "cpu/peek.h"
#include "cpu/simd/simd.h"
#include "cpu/sys.h"

enum reg_kind {
    REG_GENERAL,
    REG_EIP,
    REG_EFLAGS,
    REG_SELECTOR,
    REG_ST,
    REG_X87, /* control, status, tags, CS and EIP, DS and offset of the operand, opcode */
    REG_XMM,
    REG_MXCSR,
    REG_SEGMENT_BASE,
    REG_CR,
    REG_DR,
    REG_EFER,
};

#define REG_MAX 16 /* bytes */

struct reg {
    const char *name;
    enum reg_kind kind;
    u8 index;
    const char *type;
};

static const char *const feature_names[] = {"org.gnu.gdb.i386.core", "org.gnu.gdb.i386.sse",
                                            "org.pagewalk.i386.system"};

#define ST(n)                                                                                      \
    {                                                                                              \
        "st" #n, REG_ST, n, "i387_ext"                                                             \
    }
#define XMM(n)                                                                                     \
    {                                                                                              \
        "xmm" #n, REG_XMM, n, "vec128"                                                             \
    }

/* The features in their order, each with a last row without a name. */
static const struct reg regs[] = {
    {"eax", REG_GENERAL, R_EAX, "int32"},
    {"ecx", REG_GENERAL, R_ECX, "int32"},
    {"edx", REG_GENERAL, R_EDX, "int32"},
    {"ebx", REG_GENERAL, R_EBX, "int32"},
    {"esp", REG_GENERAL, R_ESP, "data_ptr"},
    {"ebp", REG_GENERAL, R_EBP, "data_ptr"},
    {"esi", REG_GENERAL, R_ESI, "int32"},
    {"edi", REG_GENERAL, R_EDI, "int32"},
    {"eip", REG_EIP, 0, "code_ptr"},
    {"eflags", REG_EFLAGS, 0, "i386_eflags"},
    {"cs", REG_SELECTOR, SREG_CS, "int32"},
    {"ss", REG_SELECTOR, SREG_SS, "int32"},
    {"ds", REG_SELECTOR, SREG_DS, "int32"},
    {"es", REG_SELECTOR, SREG_ES, "int32"},
    {"fs", REG_SELECTOR, SREG_FS, "int32"},
    {"gs", REG_SELECTOR, SREG_GS, "int32"},
    ST(0),
    ST(1),
    ST(2),
    ST(3),
    ST(4),
    ST(5),
    ST(6),
    ST(7),
    {"fctrl", REG_X87, 0, "int"},
    {"fstat", REG_X87, 1, "int"},
    {"ftag", REG_X87, 2, "int"},
    {"fiseg", REG_X87, 3, "int"},
    {"fioff", REG_X87, 4, "int"},
    {"foseg", REG_X87, 5, "int"},
    {"fooff", REG_X87, 6, "int"},
    {"fop", REG_X87, 7, "int"},
    {0},
    XMM(0),
    XMM(1),
    XMM(2),
    XMM(3),
    XMM(4),
    XMM(5),
    XMM(6),
    XMM(7),
    {"mxcsr", REG_MXCSR, 0, "i386_mxcsr"},
    {0},
    {"cs_base", REG_SEGMENT_BASE, SREG_CS, "int32"},
    {"ss_base", REG_SEGMENT_BASE, SREG_SS, "int32"},
    {"ds_base", REG_SEGMENT_BASE, SREG_DS, "int32"},
    {"es_base", REG_SEGMENT_BASE, SREG_ES, "int32"},
    {"fs_base", REG_SEGMENT_BASE, SREG_FS, "int32"},
    {"gs_base", REG_SEGMENT_BASE, SREG_GS, "int32"},
    {"cr0", REG_CR, 0, "int32"},
    {"cr2", REG_CR, 2, "int32"},
    {"cr3", REG_CR, 3, "int32"},
    {"cr4", REG_CR, 4, "int32"},
    {"dr0", REG_DR, 0, "int32"},
    {"dr1", REG_DR, 1, "int32"},
    {"dr2", REG_DR, 2, "int32"},
    {"dr3", REG_DR, 3, "int32"},
    {"dr6", REG_DR, 6, "int32"},
    {"dr7", REG_DR, 7, "int32"},
    {"efer", REG_EFER, 0, "int32"},
    {0},
};

static size_t reg_bytes(const struct reg *reg)
{
    return reg->kind == REG_ST ? 10 : reg->kind == REG_XMM ? 16 : 4;
}

static u32 x87_read(const struct x87 *x87, unsigned index)
{
    const u32 value[] = {x87->cw,  x87->sw,  x87->tag, x87->fcs,
                         x87->fip, x87->fds, x87->fdp, x87->fop};

    return value[index];
}

static void x87_write(struct x87 *x87, unsigned index, u32 value)
{
    switch (index) {
    case 0: x87->cw = (u16)((value & 0x1f3f) | 0x40); break;
    case 1: x87->sw = (u16)value; break;
    case 2: x87->tag = (u16)value; break;
    case 3: x87->fcs = (u16)value; break;
    case 4: x87->fip = value; break;
    case 5: x87->fds = (u16)value; break;
    case 6: x87->fdp = value; break;
    case 7: x87->fop = value & 0x7ff; break;
    default: BUG("x87 register %u", index);
    }
}

static unsigned x87_physical(const struct cpu *cpu, unsigned index)
{
    return ((cpu->x87.sw >> 11) + index) & 7;
}

static u32 control_read(const struct cpu *cpu, unsigned index)
{
    return index == 0 ? cpu->cr0 : index == 2 ? cpu->cr2 : index == 3 ? cpu->cr3 : cpu->cr4;
}

static void reg_read(const struct cpu *cpu, const struct reg *reg, u8 *data)
{
    u32 value = 0;

    switch (reg->kind) {
    case REG_GENERAL: value = cpu->r[reg->index]; break;
    case REG_EIP: value = cpu->eip; break;
    case REG_EFLAGS: value = flags_get(cpu); break;
    case REG_SELECTOR: value = cpu->seg[reg->index].sel; break;
    case REG_ST:
        memcpy(data, &cpu->x87.r[x87_physical(cpu, reg->index)].frac, 8);
        memcpy(data + 8, &cpu->x87.r[x87_physical(cpu, reg->index)].se, 2);
        return;
    case REG_X87: value = x87_read(&cpu->x87, reg->index); break;
    case REG_XMM: memcpy(data, &cpu->xmm[reg->index], 16); return;
    case REG_MXCSR: value = cpu->mxcsr; break;
    case REG_SEGMENT_BASE: value = cpu->r[R_BASE + reg->index]; break;
    case REG_CR: value = control_read(cpu, reg->index); break;
    case REG_DR: value = cpu->dr[reg->index]; break;
    case REG_EFER: value = cpu->efer; break;
    }
    memcpy(data, &value, 4);
}

/* As the mode has it; false: no descriptor that can be there. CPL stays what it is. */
static bool selector_write(struct gdb *gdb, enum sreg sreg, u16 sel)
{
    struct cpu *cpu = gdb->cpu;
    const struct sysseg *ldt = &cpu->ldtr;
    u32 base = sel & SEL_TI ? ldt->base : cpu->gdtr.base;
    u32 limit = sel & SEL_TI ? (ldt->attr & SEG_P ? ldt->limit : 0) : cpu->gdtr.limit;
    bool stack_or_code = sreg == SREG_CS || sreg == SREG_SS, phys = gdb->phys_memory;
    struct desc desc = {.la = base + (sel & 0xfff8u)};
    u8 raw[8];

    if (!cpu_protected(cpu)) {
        seg_set_real(cpu, sreg, sel);
        return true;
    }
    if (SEL_NULL(sel)) {
        if (stack_or_code)
            return false;
        seg_put_null(cpu, sreg, sel);
        cpu_update_mode(cpu);
        return true;
    }
    gdb->phys_memory = false; /* the table is where the processor sees it */
    if ((sel & 0xfff8u) + 7 > limit || cpu_peek(gdb->cpu, desc.la, gdb->phys_memory, raw, 8) != 8)
        raw[5] = 0; /* not present */
    gdb->phys_memory = phys;
    memcpy(&desc.lo, raw, 4);
    memcpy(&desc.hi, raw + 4, 4);
    if (!(raw[5] & 0x80) || !(desc.hi & SEG_S) || (stack_or_code && (sel & SEL_RPL) != cpu->cpl) ||
        (sreg == SREG_CS && !desc_code(&desc)) || (sreg == SREG_SS && !desc_writable(&desc)))
        return false;
    seg_put_desc(cpu, sreg, sel, &desc);
    cpu_update_mode(cpu);
    return true;
}

static bool eflags_write(struct cpu *cpu, u32 value)
{
    flags_set(cpu, (value & ~FL_VM) | (cpu->eflags & FL_VM));
    cpu_update_mode(cpu);
    return true;
}

/* Of what is not changed nothing is loaded anew: G writes all. */
static bool reg_write(struct gdb *gdb, const struct reg *reg, const u8 *data)
{
    struct cpu *cpu = gdb->cpu;
    u8 old[REG_MAX];
    u32 value;

    reg_read(cpu, reg, old);
    if (memcmp(old, data, reg_bytes(reg)) == 0)
        return true;
    gdb->ops->wrote(gdb->opaque);
    memcpy(&value, data, 4);
    switch (reg->kind) {
    case REG_GENERAL: cpu->r[reg->index] = value; return true;
    case REG_EIP:
        cpu->eip = value;
        cpu->halted = cpu->mwaiting = false;
        return true;
    case REG_EFLAGS: return eflags_write(cpu, value);
    case REG_SELECTOR: return selector_write(gdb, (enum sreg)reg->index, (u16)value);
    case REG_ST:
        memcpy(&cpu->x87.r[x87_physical(cpu, reg->index)].frac, data, 8);
        memcpy(&cpu->x87.r[x87_physical(cpu, reg->index)].se, data + 8, 2);
        return true;
    case REG_X87: x87_write(&cpu->x87, reg->index, value); return true;
    case REG_XMM: memcpy(&cpu->xmm[reg->index], data, 16); return true;
    case REG_MXCSR:
        cpu->mxcsr = value & 0xffbf;
        cpu_update_mode(cpu);
        return true;
    case REG_SEGMENT_BASE:
        cpu->r[R_BASE + reg->index] = value;
        cpu_update_mode(cpu);
        return true;
    case REG_CR: return cpu_put_cr(cpu, reg->index, value);
    case REG_DR:
    case REG_EFER: return false;
    }
    BUG("register kind %d", (int)reg->kind);
}

/* NULL: there is none. */
static const struct reg *reg_find(u64 number)
{
    for (unsigned i = 0; i < ARRAY_SIZE(regs); i++)
        if (regs[i].name && number-- == 0)
            return &regs[i];
    return NULL;
}

void gdb_read_regs(struct gdb *gdb)
{
    const struct reg *reg;
    u8 data[REG_MAX];

    for (u64 i = 0; (reg = reg_find(i)); i++) {
        reg_read(gdb->cpu, reg, data);
        gdb_put_hex(gdb, data, reg_bytes(reg));
    }
}

bool gdb_read_reg(struct gdb *gdb, u64 number)
{
    const struct reg *reg = reg_find(number);
    u8 data[REG_MAX];

    if (!reg)
        return false;
    reg_read(gdb->cpu, reg, data);
    gdb_put_hex(gdb, data, reg_bytes(reg));
    return true;
}

bool gdb_reg_value(struct gdb *gdb, u64 number, u64 *value)
{
    const struct reg *reg = reg_find(number);
    u8 data[REG_MAX];

    *value = 0;
    if (!reg || reg_bytes(reg) > sizeof(*value))
        return false;
    reg_read(gdb->cpu, reg, data);
    memcpy(value, data, reg_bytes(reg));
    return true;
}

static bool write_next(struct gdb *gdb, const struct reg *reg, struct gdb_text *text)
{
    u8 data[REG_MAX] = {0};

    return gdb_take_hex(text, data, reg_bytes(reg)) == reg_bytes(reg) && reg_write(gdb, reg, data);
}

/* Those that the packet has. */
bool gdb_write_regs(struct gdb *gdb, struct gdb_text *text)
{
    const struct reg *reg;

    for (u64 i = 0; text->at < text->end && (reg = reg_find(i)); i++)
        if (!write_next(gdb, reg, text))
            return false;
    return text->at == text->end;
}

bool gdb_write_reg(struct gdb *gdb, u64 number, struct gdb_text *text)
{
    const struct reg *reg = reg_find(number);

    return reg && write_next(gdb, reg, text) && text->at == text->end;
}

static const char core_types[] =
    "<flags id=\"i386_eflags\" size=\"4\">"
    "<field name=\"\" start=\"22\" end=\"31\"/><field name=\"CF\" start=\"0\" end=\"0\"/>"
    "<field name=\"\" start=\"1\" end=\"1\"/><field name=\"PF\" start=\"2\" end=\"2\"/>"
    "<field name=\"AF\" start=\"4\" end=\"4\"/><field name=\"ZF\" start=\"6\" end=\"6\"/>"
    "<field name=\"SF\" start=\"7\" end=\"7\"/><field name=\"TF\" start=\"8\" end=\"8\"/>"
    "<field name=\"IF\" start=\"9\" end=\"9\"/><field name=\"DF\" start=\"10\" end=\"10\"/>"
    "<field name=\"OF\" start=\"11\" end=\"11\"/><field name=\"NT\" start=\"14\" end=\"14\"/>"
    "<field name=\"RF\" start=\"16\" end=\"16\"/><field name=\"VM\" start=\"17\" end=\"17\"/>"
    "<field name=\"AC\" start=\"18\" end=\"18\"/><field name=\"VIF\" start=\"19\" end=\"19\"/>"
    "<field name=\"VIP\" start=\"20\" end=\"20\"/><field name=\"ID\" start=\"21\" end=\"21\"/>"
    "</flags>";

static const char sse_types[] =
    "<vector id=\"v4f\" type=\"ieee_single\" count=\"4\"/>"
    "<vector id=\"v2d\" type=\"ieee_double\" count=\"2\"/>"
    "<vector id=\"v16i8\" type=\"int8\" count=\"16\"/>"
    "<vector id=\"v8i16\" type=\"int16\" count=\"8\"/>"
    "<vector id=\"v4i32\" type=\"int32\" count=\"4\"/>"
    "<vector id=\"v2i64\" type=\"int64\" count=\"2\"/>"
    "<union id=\"vec128\"><field name=\"v4_float\" type=\"v4f\"/>"
    "<field name=\"v2_double\" type=\"v2d\"/><field name=\"v16_int8\" type=\"v16i8\"/>"
    "<field name=\"v8_int16\" type=\"v8i16\"/><field name=\"v4_int32\" type=\"v4i32\"/>"
    "<field name=\"v2_int64\" type=\"v2i64\"/><field name=\"uint128\" type=\"uint128\"/></union>"
    "<flags id=\"i386_mxcsr\" size=\"4\">"
    "<field name=\"IE\" start=\"0\" end=\"0\"/><field name=\"DE\" start=\"1\" end=\"1\"/>"
    "<field name=\"ZE\" start=\"2\" end=\"2\"/><field name=\"OE\" start=\"3\" end=\"3\"/>"
    "<field name=\"UE\" start=\"4\" end=\"4\"/><field name=\"PE\" start=\"5\" end=\"5\"/>"
    "<field name=\"DAZ\" start=\"6\" end=\"6\"/><field name=\"IM\" start=\"7\" end=\"7\"/>"
    "<field name=\"DM\" start=\"8\" end=\"8\"/><field name=\"ZM\" start=\"9\" end=\"9\"/>"
    "<field name=\"OM\" start=\"10\" end=\"10\"/><field name=\"UM\" start=\"11\" end=\"11\"/>"
    "<field name=\"PM\" start=\"12\" end=\"12\"/><field name=\"FZ\" start=\"15\" end=\"15\"/>"
    "</flags>";

static const char *const feature_types[] = {core_types, sse_types, ""};

void gdb_target_xml(void (*put)(void *opaque, const char *text), void *opaque)
{
    const struct reg *reg = regs;
    char text[128];

    put(opaque, "<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\">"
                "<target version=\"1.0\"><architecture>i386</architecture>");
    for (unsigned i = 0; i < ARRAY_SIZE(feature_names); i++, reg++) {
        snprintf(text, sizeof(text), "<feature name=\"%s\">", feature_names[i]);
        put(opaque, text);
        put(opaque, feature_types[i]);
        for (; reg->name; reg++) {
            snprintf(text, sizeof(text), "<reg name=\"%s\" bitsize=\"%zu\" type=\"%s\"%s/>",
                     reg->name, reg_bytes(reg) * 8, reg->type,
                     reg->kind == REG_X87 ? " group=\"float\"" : "");
            put(opaque, text);
        }
        put(opaque, "</feature>");
    }
    put(opaque, "</target>");
}
