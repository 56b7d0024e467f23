/* The guest's x87 on the host's own registers, while translated code runs.
 *
 * A native engine executes guest x87 instructions as they are, once x87_enter() has loaded the guest's
 * state into the host's unit. C code of ours does not touch the x87, so the state may stay there across
 * calls; whoever looks at cpu->x87 calls x87_sync() first. Only with all exceptions masked: an unmasked one
 * must not become a host signal. The instruction and operand pointers are kept by the engine in cpu->x87,
 * not by the host. */
#include "cpu/x87/x87_priv.h"

#include <string.h>

#ifdef X87_ON_HOST

/* FNSAVE's 32-bit protected mode image. (SDM vol. 1, figure 8-9) */
struct image {
    u16 cw, pad0, sw, pad1, tag, pad2;
    u32 fip, fcs_fop, fdp, fds;
    u8 st[80];
};
_Static_assert(sizeof(struct image) == 108, "FNSAVE image");

bool x87_enter(struct cpu *cpu)
{
    struct x87 *x87 = &cpu->x87;
    struct image image = {.cw = x87->cw | 0x40, .sw = x87->sw, .tag = x87->tag};
    unsigned i;

    if (cpu->x87_live)
        return true;
    if ((x87->cw & X87_EXCEPTIONS) != X87_EXCEPTIONS || (x87->sw & X87_ES))
        return false;
    for (i = 0; i < 8; i++) {
        struct f80 x = x87_get(x87, i);

        put64(image.st + 10 * i, x.frac);
        put16(image.st + 10 * i + 8, x.se);
    }
    __asm__ volatile("frstor %0" : : "m"(image));
    cpu->x87_live = true;
    return true;
}

void x87_leave(struct cpu *cpu)
{
    struct x87 *x87 = &cpu->x87;
    struct image image;
    unsigned i;

    __asm__ volatile("fnsave %0" : "=m"(image));
    cpu->x87_live = false;
    x87->sw = image.sw;
    x87->tag = 0;
    for (i = 0; i < 8; i++) {
        unsigned phys = x87_phys(x87, i);

        x87->r[phys].frac = get64(image.st + 10 * i);
        x87->r[phys].se = get16(image.st + 10 * i + 8);
        if ((image.tag >> 2 * i & 3) == 3)
            x87->tag |= (u16)(3u << 2 * i);
    }
}

#else

bool x87_enter(struct cpu *cpu)
{
    (void)cpu;
    return false;
}

void x87_leave(struct cpu *cpu)
{
    (void)cpu;
    BUG("the guest's x87 was never in this host");
}

#endif
