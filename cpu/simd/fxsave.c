/* FXSAVE and FXRSTOR.
 *
 * The MXCSR and XMM fields of the 512-byte image are written and read when the model has SSE and
 * CR4.OSFXSR is set, which the manual leaves to the implementation. The abridged tag byte has a bit for each register that
 * is not empty. Neither instruction waits for a pending x87 exception. (SDM vol. 2, FXSAVE) */
#include "cpu/excp.h"
#include "cpu/helper.h"
#include "cpu/simd/simd.h"
#include "cpu/x87/x87_priv.h"

enum { IMAGE_SIZE = 512, HEADER_SIZE = 24, MXCSR_AT = 24, REGS_AT = 32, XMM_AT = 160 };

/* Checks the operand, all 512 bytes of it; returns its linear address. */
static u32 image_check(struct cpu *cpu, u32 ea, enum sreg seg, bool write)
{
    u32 la = seg_check(cpu, seg, ea, IMAGE_SIZE, write);

    if (la & 15)
        cpu_fault(cpu, EXCP_GP, 0, "FXSAVE image at %08x is not 16-byte aligned", la);
    lin_probe(cpu, la, IMAGE_SIZE, write, cpu->cpl == 3);
    return la;
}

static u8 abridged_tag(const struct x87 *x87)
{
    u32 tag = 0;

    for (unsigned i = 0; i < 8; i++)
        tag |= ((x87->tag >> 2 * i & 3) != 3) << i;
    return (u8)tag;
}

static u16 tag_from_abridged(u8 abridged)
{
    u32 tag = 0;

    for (unsigned i = 0; i < 8; i++)
        tag |= (abridged >> i & 1 ? 0u : 3u) << 2 * i;
    return (u16)tag;
}

static bool with_sse(const struct cpu *cpu)
{
    return cpu_has(cpu->model, FEAT_SSE) && (cpu->cr4 & CR4_OSFXSR);
}

static void sse_save(struct cpu *cpu, u32 la, bool user)
{
    lin_store(cpu, la_add(la, MXCSR_AT), (u64)mxcsr_bits(cpu->model) << 32 | cpu->mxcsr, 8, user);
    for (unsigned i = 0; i < 16; i++)
        lin_store(cpu, la_add(la, XMM_AT + 8 * i), cpu->xmm[i / 2].q[i % 2], 8, user);
}

static void sse_restore(struct cpu *cpu, u32 la, bool user)
{
    cpu->mxcsr = (u32)lin_load(cpu, la_add(la, MXCSR_AT), 4, user);
    for (unsigned i = 0; i < 16; i++)
        cpu->xmm[i / 2].q[i % 2] = lin_load(cpu, la_add(la, XMM_AT + 8 * i), 8, user);
}

HELP(fxsave)
{
    const struct x87 *x87 = &cpu->x87;
    bool user = cpu->cpl == 3;
    u32 la = image_check(cpu, a, (enum sreg)c, true);
    u8 header[HEADER_SIZE] = {0};

    x87_sync(cpu);
    mxcsr_sync(cpu);
    put16(header, x87->cw);
    put16(header + 2, x87->sw);
    header[4] = abridged_tag(x87);
    put16(header + 6, x87->fop);
    put32(header + 8, x87->fip);
    put16(header + 12, x87->fcs);
    put32(header + 16, x87->fdp);
    put16(header + 20, x87->fds);
    for (u32 at = 0; at < HEADER_SIZE; at += 8)
        lin_store(cpu, la_add(la, at), get64(header + at), 8, user);
    for (unsigned i = 0; i < 8; i++) {
        struct f80 x = x87_get(x87, i);

        lin_store(cpu, la_add(la, REGS_AT + 16 * i), x.frac, 8, user);
        lin_store(cpu, la_add(la, REGS_AT + 16 * i + 8), x.se, 8, user);
    }
    if (with_sse(cpu))
        sse_save(cpu, la, user);
    return 0;
}

HELP(fxrstor)
{
    struct x87 *x87 = &cpu->x87;
    bool user = cpu->cpl == 3;
    u32 la = image_check(cpu, a, (enum sreg)c, false);
    u8 header[HEADER_SIZE];

    x87_sync(cpu);
    mxcsr_sync(cpu);
    if (with_sse(cpu) && (lin_load(cpu, la_add(la, MXCSR_AT), 4, user) & ~mxcsr_bits(cpu->model)))
        cpu_fault(cpu, EXCP_GP, 0, "FXRSTOR: reserved bits of MXCSR");
    for (u32 at = 0; at < HEADER_SIZE; at += 8)
        put64(header + at, lin_load(cpu, la_add(la, at), 8, user));
    x87->cw = (get16(header) & 0x1f3f) | 0x40;
    x87->sw = get16(header + 2);
    x87->tag = tag_from_abridged(header[4]);
    x87->fop = get16(header + 6) & 0x7ff;
    x87->fip = get32(header + 8);
    x87->fcs = get16(header + 12);
    x87->fdp = get32(header + 16);
    x87->fds = get16(header + 20);
    for (unsigned i = 0; i < 8; i++) {
        struct f80 x = {lin_load(cpu, la_add(la, REGS_AT + 16 * i), 8, user),
                        (u16)lin_load(cpu, la_add(la, REGS_AT + 16 * i + 8), 2, user)};
        unsigned phys = x87_phys(x87, i);

        x87->r[phys].frac = x.frac;
        x87->r[phys].se = x.se;
    }
    x87_update_es(cpu);
    if (with_sse(cpu))
        sse_restore(cpu, la, user);
    cpu_update_mode(cpu);
    return 0;
}
