/* x87 control: control and status word, environment and state images.
 *
 * Images come in four formats, by operand size and by mode: protected mode stores pointers as
 * selector and offset, real mode and vm86 as linear addresses (SDM vol. 1, figures 8-9 to 8-12).
 * An image is loaded or stored as a whole or, when its memory faults, not at all. */
#include "cpu/excp.h"
#include "cpu/sys.h"
#include "cpu/x87/x87_priv.h"

#define CW_WRITABLE 0x1f3fu /* masks, PC, RC, and the 287's infinity bit that does nothing */
#define CW_ONE      0x0040u /* bit 6 reads as set */

enum { ENV_MAX = 28, REGS_SIZE = 80 };

void x87_reset(struct x87 *x87)
{
    *x87 = (struct x87){.cw = 0x0040};
}

void x87_init(struct x87 *x87)
{
    x87->cw = 0x037f;
    x87->sw = 0;
    x87->tag = 0xffff;
    x87->fop = 0;
    x87->fcs = x87->fds = 0;
    x87->fip = x87->fdp = 0;
}

u16 x87_full_tag(const struct x87 *x87)
{
    u32 tag = 0;

    for (unsigned i = 0; i < 8; i++) {
        u32 exponent = x87->r[i].se & 0x7fff, value;

        if ((x87->tag >> 2 * i & 3) == 3)
            value = 3;
        else if (exponent == 0 && x87->r[i].frac == 0)
            value = 1;
        else if (exponent == 0 || exponent == 0x7fff || !(x87->r[i].frac >> 63))
            value = 2;
        else
            value = 0;
        tag |= value << 2 * i;
    }
    return (u16)tag;
}

static u16 empty_only(u16 tag)
{
    u16 both = tag & tag >> 1 & 0x5555;

    return (u16)(both * 3);
}

void x87_image_load(struct cpu *cpu, const struct x87_insn *in, u8 *image, u32 len, u32 align)
{
    bool user = cpu->cpl == 3;
    u32 la = seg_check(cpu, in->seg, in->ea, len, false), at = 0;

    cpu_check_aligned(cpu, la, align);
    lin_probe(cpu, la, len, false, user);
    for (; at + 8 <= len; at += 8)
        put64(image + at, lin_load(cpu, la_add(la, at), 8, user));
    for (; at < len; at += 2)
        put16(image + at, (u16)lin_load(cpu, la_add(la, at), 2, user));
}

void x87_image_store(struct cpu *cpu, const struct x87_insn *in, const u8 *image, u32 len,
                     u32 align)
{
    bool user = cpu->cpl == 3;
    u32 la = seg_check(cpu, in->seg, in->ea, len, true), at = 0;

    cpu_check_aligned(cpu, la, align);
    lin_probe(cpu, la, len, true, user);
    for (; at + 8 <= len; at += 8)
        lin_store(cpu, la_add(la, at), get64(image + at), 8, user);
    for (; at < len; at += 2)
        lin_store(cpu, la_add(la, at), get16(image + at), 2, user);
}

static bool protected_format(const struct cpu *cpu)
{
    return (cpu->mode & MODE_PE) && !(cpu->mode & MODE_VM);
}

/* Of environments and states: a field's size. (SDM vol. 3A, table 6-7) */
static u32 env_align(const struct x87_insn *in)
{
    return in->osz16 ? 2 : 4;
}

static u32 env_size(const struct x87_insn *in)
{
    return in->osz16 ? 14 : 28;
}

/* Fields are 16 bits at every second or every fourth byte; the upper halves of the latter are
 * ones. */
static void env_build(const struct cpu *cpu, bool osz16, u8 *env)
{
    const struct x87 *x87 = &cpu->x87;
    u32 field[7] = {x87->cw, x87->sw, x87_full_tag(x87)};
    u32 ip = (x87->fcs << 4) + x87->fip, dp = (x87->fds << 4) + x87->fdp;
    u32 fill = osz16 ? 0 : 0xffff0000u, high = osz16 ? 0xf : 0xffff;

    if (protected_format(cpu)) {
        field[3] = x87->fip;
        field[4] = x87->fcs | (osz16 ? 0 : (u32)x87->fop << 16);
        field[5] = x87->fdp;
        field[6] = x87->fds | fill;
    } else {
        field[3] = (ip & 0xffff) | fill;
        field[4] = (ip >> 16 & high) << 12 | x87->fop;
        field[5] = (dp & 0xffff) | fill;
        field[6] = (dp >> 16 & high) << 12;
    }
    for (unsigned i = 0; i < 7; i++) {
        if (osz16)
            put16(env + 2 * i, (u16)field[i]);
        else
            put32(env + 4 * i, i < 3 ? field[i] | fill : field[i]);
    }
}

static void env_apply(struct cpu *cpu, bool osz16, const u8 *env)
{
    struct x87 *x87 = &cpu->x87;
    u32 field[7];

    for (unsigned i = 0; i < 7; i++)
        field[i] = osz16 ? get16(env + 2 * i) : get32(env + 4 * i);
    x87->cw = (u16)((field[0] & CW_WRITABLE) | CW_ONE);
    x87->sw = (u16)field[1];
    x87->tag = empty_only((u16)field[2]);
    if (protected_format(cpu)) {
        x87->fip = field[3];
        x87->fcs = (u16)field[4];
        x87->fdp = field[5];
        x87->fds = (u16)field[6];
        if (!osz16)
            x87->fop = field[4] >> 16 & 0x7ff;
    } else {
        x87->fip = (field[3] & 0xffff) | (field[4] >> 12 & 0xffff) << 16;
        x87->fop = field[4] & 0x7ff;
        x87->fdp = (field[5] & 0xffff) | (field[6] >> 12 & 0xffff) << 16;
        x87->fcs = x87->fds = 0;
    }
    x87_update_es(cpu);
}

void x87_ldenv(struct cpu *cpu, const struct x87_insn *in)
{
    u8 env[ENV_MAX];

    x87_image_load(cpu, in, env, env_size(in), env_align(in));
    env_apply(cpu, in->osz16, env);
}

/* All exceptions are masked after the store. (SDM vol. 2, FSTENV) */
void x87_stenv(struct cpu *cpu, const struct x87_insn *in)
{
    u8 env[ENV_MAX];

    env_build(cpu, in->osz16, env);
    x87_image_store(cpu, in, env, env_size(in), env_align(in));
    cpu->x87.cw |= X87_EXCEPTIONS;
    x87_update_es(cpu);
}

void x87_save(struct cpu *cpu, const struct x87_insn *in)
{
    u8 image[ENV_MAX + REGS_SIZE], *reg = image + env_size(in);

    env_build(cpu, in->osz16, image);
    for (unsigned i = 0; i < 8; i++, reg += 10) {
        struct f80 x = x87_get(&cpu->x87, i);

        put64(reg, x.frac);
        put16(reg + 8, x.se);
    }
    x87_image_store(cpu, in, image, env_size(in) + REGS_SIZE, env_align(in));
    x87_finit(cpu, in);
}

void x87_rstor(struct cpu *cpu, const struct x87_insn *in)
{
    u8 image[ENV_MAX + REGS_SIZE], *reg = image + env_size(in);

    x87_image_load(cpu, in, image, env_size(in) + REGS_SIZE, env_align(in));
    env_apply(cpu, in->osz16, image);
    for (unsigned i = 0; i < 8; i++, reg += 10) {
        unsigned phys = x87_phys(&cpu->x87, i);

        cpu->x87.r[phys].frac = get64(reg);
        cpu->x87.r[phys].se = get16(reg + 8);
    }
}

void x87_ldcw(struct cpu *cpu, const struct x87_insn *in)
{
    u32 cw = seg_load16(cpu, in->seg, in->ea);

    cpu->x87.cw = (u16)((cw & CW_WRITABLE) | CW_ONE);
    x87_update_es(cpu);
}

void x87_stcw(struct cpu *cpu, const struct x87_insn *in)
{
    seg_store16(cpu, in->seg, in->ea, cpu->x87.cw);
}

void x87_stsw(struct cpu *cpu, const struct x87_insn *in)
{
    seg_store16(cpu, in->seg, in->ea, cpu->x87.sw);
}

void x87_stsw_ax(struct cpu *cpu, const struct x87_insn *in)
{
    (void)in;
    cpu->r[R_EAX] = (cpu->r[R_EAX] & 0xffff0000) | cpu->x87.sw;
}

void x87_clex(struct cpu *cpu, const struct x87_insn *in)
{
    (void)in;
    x87_status(&cpu->x87, X87_EXCEPTIONS | X87_SF, 0);
    x87_update_es(cpu);
}

void x87_finit(struct cpu *cpu, const struct x87_insn *in)
{
    (void)in;
    x87_clex(cpu, in); /* lets go of FERR# */
    x87_init(&cpu->x87);
}

/* FNOP, and what was FENI, FDISI and FSETPM on the 8087 and 287. */
void x87_nop(struct cpu *cpu, const struct x87_insn *in)
{
    (void)cpu;
    (void)in;
}
