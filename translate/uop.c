/* What a micro-op reads, writes and looks like, from its row in uop.def. */
#include "translate/uop.h"

#include "cpu/helper.h"
#include "cpu/helper_arg.h"

/* cpu/flags.h, ORDER: the sizes of an operation follow each other. */
#define LAZY_OF(lazy8, size) ((lazy8) == LAZY_NONE ? LAZY_NONE : (lazy8) + (size) / 2)

const struct uop_info uop_info[U_COUNT] = {
#define U(name, kind, family, size, format, fr, fw, lazy, host, traits)                            \
    [U_##name] = {#name,                                                                           \
                  UK_##kind,                                                                       \
                  UFAM_##family,                                                                   \
                  size,                                                                            \
                  UFMT_##format,                                                                   \
                  fr,                                                                              \
                  fw,                                                                              \
                  LAZY_OF(LAZY_##lazy, size),                                                      \
                  UHF_##host,                                                                      \
                  (traits)},
#include "translate/uop.def"
#undef U
};

u8 uop_pack_flags(u32 fl)
{
    return (u8)((fl & FL_CF ? UF_C : 0) | (fl & FL_PF ? UF_P : 0) | (fl & FL_AF ? UF_A : 0) |
                (fl & FL_ZF ? UF_Z : 0) | (fl & FL_SF ? UF_S : 0) | (fl & FL_OF ? UF_O : 0));
}

u8 uop_cc_flags(unsigned cc)
{
    static const u8 flags[8] = {UF_O, UF_C, UF_Z,        UF_C | UF_Z,
                                UF_S, UF_P, UF_S | UF_O, UF_S | UF_O | UF_Z};

    return flags[cc >> 1];
}

/* Of the x87 only FCMOVcc, and FCOMI and its kin, read or write EFLAGS. c: the helper's argument. */
static bool x87_uses_flags(u32 c)
{
    struct x87_arg arg = x87_arg_unpack(c);
    unsigned op = arg.fop >> 8, modrm = arg.fop & 0xff;

    if (arg.mem)
        return false;
    return ((op == 2 || op == 3) && modrm >= 0xc0 && modrm <= 0xdf) ||
           ((op == 3 || op == 7) && modrm >= 0xe8 && modrm <= 0xf7);
}

u8 uop_flags_read(const struct uop *uop)
{
    const struct uop_info *info = &uop_info[uop->op];

    if (info->traits & UT_CALL)
        return uop->aux == HELP_x87 && !x87_uses_flags(uop->imm)
                   ? 0
                   : uop_pack_flags(helpers[uop->aux].flags_read);
    if (info->traits & UT_CC)
        return uop_cc_flags(uop->aux);
    return info->flags_read;
}

u8 uop_call_flags_written(const struct uop *uop)
{
    return uop_pack_flags(helpers[uop->aux].flags_written);
}

u8 uop_host_flags(const struct uop *uop)
{
    switch ((enum uop_host_flags)uop_info[uop->op].host) {
    case UHF_PRESERVED:
    case UHF_CLOBBERED: return 0;
    case UHF_ALL: return UF_ALL;
    case UHF_BUT_C: return UF_ALL & ~UF_C;
    case UHF_SHIFT: return uop->imm == 1 ? UF_ALL & ~UF_A : UF_C | UF_Z | UF_S | UF_P;
    case UHF_C: return UF_C;
    case UHF_CO: return UF_C | UF_O;
    case UHF_Z: return UF_Z;
    }
    return 0;
}

bool uop_call_may_fault(const struct uop *uop)
{
    return helpers[uop->aux].traits & HT_FAULT;
}

u32 uop_call_slots_written(const struct uop *uop)
{
    return 1u << (uop->d >> 2) | (helpers[uop->aux].traits & HT_REGS ? 0xffu : 0);
}

static const char *reg_name(u8 offset, unsigned size)
{
    static const char *const r32[R_SLOTS] = {
        "eax",     "ecx",     "edx",     "ebx",     "esp",     "ebp",    "esi", "edi",
        "t0",      "t1",      "t2",      "t3",      "t4",      "t5",     "t6",  "zero",
        "es.base", "cs.base", "ss.base", "ds.base", "fs.base", "gs.base"};
    static const char *const r16[] = {"ax", "cx", "dx", "bx", "sp", "bp", "si", "di"};
    static const char *const r8[] = {"al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil"};
    static const char *const r8h[] = {"ah", "ch", "dh", "bh"};
    unsigned slot = offset >> 2;

    if (slot >= R_SLOTS)
        return "?";
    if (size == 1 && slot < 4 && (offset & 1))
        return r8h[slot];
    if (slot >= 8)
        return r32[slot];
    return size == 1 ? r8[slot] : size == 2 ? r16[slot] : r32[slot];
}

static void print_b(const struct uop *uop, unsigned size, FILE *out)
{
    if (uop->b == ZERO_REG)
        fprintf(out, ", 0x%x", uop->imm);
    else if (uop->imm)
        fprintf(out, ", %s+0x%x", reg_name(uop->b, size), uop->imm);
    else
        fprintf(out, ", %s", reg_name(uop->b, size));
}

static void print_address(const struct uop *uop, FILE *out)
{
    const char *plus = "";

    fputs(", [", out);
    if (uop->a != ZERO_REG) {
        fputs(reg_name(uop->a, 4), out);
        plus = "+";
    }
    if (uop->b != ZERO_REG) {
        fprintf(out, "%s%s", plus, reg_name(uop->b, 4));
        if (uop->scale)
            fprintf(out, "*%u", 1u << uop->scale);
        plus = "+";
    }
    if (uop->imm || !*plus)
        fprintf(out, "%s0x%x", plus, uop->imm);
    fputc(']', out);
}

void uop_print(const struct uop *uop, FILE *out)
{
    const struct uop_info *info = &uop_info[uop->op];
    unsigned size = info->size;
    unsigned dsize = info->traits & UT_WIDE ? 4 : size;

    fprintf(out, "    %2u  %-9s ", uop->insn, info->name);
    switch ((enum uop_format)info->format) {
    case UFMT_NONE: fprintf(out, "0x%x", uop->imm); break;
    case UFMT_D: fputs(reg_name(uop->d, dsize), out); break;
    case UFMT_A: fprintf(out, "%s, 0x%x", reg_name(uop->a, size), uop->imm); break;
    case UFMT_DA: fprintf(out, "%s, %s", reg_name(uop->d, dsize), reg_name(uop->a, size)); break;
    case UFMT_DB:
        fputs(reg_name(uop->d, dsize), out);
        print_b(uop, size, out);
        break;
    case UFMT_AB:
        fputs(reg_name(uop->a, size), out);
        print_b(uop, size, out);
        break;
    case UFMT_DAB:
    case UFMT_DAB8:
        fprintf(out, "%s, %s", reg_name(uop->d, dsize), reg_name(uop->a, size));
        print_b(uop, info->format == UFMT_DAB8 ? 1 : size, out);
        break;
    case UFMT_DAI:
        fprintf(out, "%s, %s, %u", reg_name(uop->d, dsize), reg_name(uop->a, size), uop->imm);
        break;
    case UFMT_MUL: fputs(reg_name(uop->a, size), out); break;
    case UFMT_DABI:
        fprintf(out, "%s, %s, %s, %u", reg_name(uop->d, size), reg_name(uop->a, size),
                reg_name(uop->b, size), uop->imm);
        break;
    case UFMT_LEA:
    case UFMT_LD:
    case UFMT_ST:
        fputs(reg_name(uop->d, dsize), out);
        print_address(uop, out);
        break;
    case UFMT_STI:
        fprintf(out, "0x%x", uop->aux);
        print_address(uop, out);
        break;
    case UFMT_CALL:
        fprintf(out, "%s = %s(%s, %s, 0x%x)", reg_name(uop->d, 4), helpers[uop->aux].name,
                reg_name(uop->a, 4), reg_name(uop->b, 4), uop->imm);
        break;
    }
    if (info->traits & UT_CC || uop->op == U_jcc || uop->op == U_side)
        fprintf(out, " cc=%u", uop->aux);
    if (uop_is_producer(uop->op))
        fprintf(out, "  {live %02x}", uop->live);
    fputc('\n', out);
}
