/* Jumps of aarch64, riscv64 and ppc64le code. */
#include "tools/dyngen/insn.h"

/* A class for what has these bits. */
struct pattern {
    u32 mask, bits;
    enum insn_class class;
};

static enum insn_class match(const struct pattern *p, u32 word)
{
    for (; p->mask; p++)
        if ((word & p->mask) == p->bits)
            return p->class;
    return INSN_PLAIN;
}

static struct insn decode(const struct pattern *patterns, const u8 *code, u32 left)
{
    if (left < 4)
        return (struct insn){left, INSN_UNKNOWN};
    return (struct insn){4, match(patterns, get32(code))};
}

/* Arm ARM, C4.1.66. */
struct insn insn_aarch64(const u8 *code, u32 left)
{
    static const struct pattern patterns[] = {
        {0xfc000000, 0x14000000, INSN_JUMP},   /* B */
        {0xfc000000, 0x94000000, INSN_CALL},   /* BL */
        {0xff000010, 0x54000000, INSN_BRANCH}, /* B.cond */
        {0x7e000000, 0x34000000, INSN_BRANCH}, /* CBZ, CBNZ */
        {0x7e000000, 0x36000000, INSN_BRANCH}, /* TBZ, TBNZ */
        {0xfffffc1f, 0xd61f0000, INSN_JUMP},   /* BR */
        {0xfffffc1f, 0xd63f0000, INSN_CALL},   /* BLR */
        {0xfffffc1f, 0xd65f0000, INSN_RETURN}, /* RET */
        {0xffe0001f, 0xd4200000, INSN_TRAP},   /* BRK */
        {0xffff0000, 0x00000000, INSN_UNKNOWN}, {0, 0, INSN_PLAIN},
    };

    return decode(patterns, code, left);
}

/* RISC-V ISA manual, chapters 24 and 16.8. The C extension's are of 2 bytes. */
struct insn insn_riscv64(const u8 *code, u32 left)
{
    static const struct pattern patterns[] = {
        {0x00000fff, 0x0000006f, INSN_JUMP},   /* JAL to x0 */
        {0x0000007f, 0x0000006f, INSN_CALL},   /* JAL */
        {0x000fffff, 0x00008067, INSN_RETURN}, /* JALR to x0 by ra */
        {0x00000fff, 0x00000067, INSN_JUMP},   /* JALR to x0 */
        {0x0000007f, 0x00000067, INSN_CALL},   /* JALR */
        {0x0000007f, 0x00000063, INSN_BRANCH}, /* BEQ to BGEU */
        {0xffffffff, 0x00100073, INSN_TRAP},   /* EBREAK */
        {0x0000001f, 0x0000001f, INSN_UNKNOWN}, {0, 0, INSN_PLAIN},
    };
    static const struct pattern compressed[] = {
        {0xe003, 0xa001, INSN_JUMP},    /* C.J */
        {0xc003, 0xc001, INSN_BRANCH},  /* C.BEQZ, C.BNEZ */
        {0xffff, 0x8082, INSN_RETURN},  /* C.JR ra */
        {0xffff, 0x8002, INSN_UNKNOWN}, /* reserved */
        {0xf07f, 0x8002, INSN_JUMP},    /* C.JR */
        {0xffff, 0x9002, INSN_TRAP},    /* C.EBREAK */
        {0xf07f, 0x9002, INSN_CALL},    /* C.JALR */
        {0xffff, 0x0000, INSN_UNKNOWN}, {0, 0, INSN_PLAIN},
    };

    if (left >= 2 && (code[0] & 3) != 3)
        return (struct insn){2, match(compressed, get16(code))};
    return decode(patterns, code, left);
}

/* Power ISA book I, 2.4. BO of 1z1zz: always. */
struct insn insn_ppc64le(const u8 *code, u32 left)
{
    static const struct pattern patterns[] = {
        {0xfc000001, 0x48000001, INSN_CALL},   /* BL */
        {0xfc000000, 0x48000000, INSN_JUMP},   /* B */
        {0xfc000001, 0x40000001, INSN_CALL},   /* BCL */
        {0xfe800000, 0x42800000, INSN_JUMP},   /* BC, always */
        {0xfc000000, 0x40000000, INSN_BRANCH}, /* BC */
        {0xfc0007ff, 0x4c000021, INSN_CALL},   /* BCLRL */
        {0xfc0007fe, 0x4c000020, INSN_RETURN}, /* BCLR */
        {0xfc0007ff, 0x4c000421, INSN_CALL},   /* BCCTRL */
        {0xfe8007fe, 0x4e800420, INSN_JUMP},   /* BCCTR, always */
        {0xfc0007fe, 0x4c000420, INSN_BRANCH}, /* BCCTR */
        {0xffffffff, 0x7fe00008, INSN_TRAP},   /* TRAP */
        {0xffffffff, 0x00000000, INSN_UNKNOWN}, {0, 0, INSN_PLAIN},
    };

    return decode(patterns, code, left);
}
