/* Double shifts, rotates through carry, bit scans.
 *
 * Counts are masked to five bits; a count of zero changes nothing, flags included. OF after counts
 * above one is undefined: it follows the one-bit rule on the result, as processors do. AF is left
 * clear by double shifts. (SDM vol. 2, SHLD, SHRD, RCL, BSF) */
#include "cpu/flags.h"
#include "cpu/helper.h"

/* SF, ZF and PF of a result, with CF and OF added. */
static void double_flags(struct cpu *cpu, u32 res, u32 msb, u32 cf, bool of)
{
    cpu->lazy.op = LAZY_NONE;
    flags_put(cpu, FL_ARITH,
              (cf & FL_CF) | (of ? FL_OF : 0) | (res & msb ? FL_SF : 0) | (res == 0 ? FL_ZF : 0) |
                  (__builtin_parity(res & 0xff) ? 0 : FL_PF));
}

/* The immediate of a double shift: a count, or 0x80 for CL. */
static unsigned double_count(const struct cpu *cpu, u32 c)
{
    return (c & 0x80 ? cpu->r[R_ECX] : c) & 31;
}

/* 16-bit counts above 16 are undefined: like AMD processors, the source rotates and CF is clear. */
HELP(shld16)
{
    unsigned count = double_count(cpu, c);
    u32 wide = a << 16 | (b & 0xffff), res, cf;

    if (count == 0)
        return a & 0xffff;
    if (count <= 16) {
        res = wide << count >> 16;
        if (count == 16)
            res = b & 0xffff;
        cf = wide >> (32 - count) & 1;
    } else {
        wide = b << 16 | (b & 0xffff);
        res = wide << (count - 16) >> 16;
        cf = 0;
    }
    double_flags(cpu, res, 0x8000, cf, (count < 16 && (res & 0x8000)) != (bool)cf);
    return res;
}

HELP(shrd16)
{
    unsigned count = double_count(cpu, c);
    u32 wide = b << 16 | (a & 0xffff), res, cf;

    if (count == 0)
        return a & 0xffff;
    if (count <= 16) {
        res = wide >> count & 0xffff;
        cf = wide >> (count - 1) & 1;
    } else {
        wide = b << 16 | (b & 0xffff);
        res = wide >> (count - 16) & 0xffff;
        cf = 0;
    }
    double_flags(cpu, res, 0x8000, cf, (res ^ res << 1) & 0x8000);
    return res;
}

HELP(shld32)
{
    unsigned count = double_count(cpu, c);
    u32 res, cf;

    if (count == 0)
        return a;
    res = a << count | b >> (32 - count);
    cf = a >> (32 - count) & 1;
    double_flags(cpu, res, 0x80000000, cf, (res >> 31) != cf);
    return res;
}

HELP(shrd32)
{
    unsigned count = double_count(cpu, c);
    u32 res, cf;

    if (count == 0)
        return a;
    res = a >> count | b << (32 - count);
    cf = a >> (count - 1) & 1;
    double_flags(cpu, res, 0x80000000, cf, (res ^ res << 1) & 0x80000000);
    return res;
}

/* Rotates the bits+1 bits CF:value left by count, which is below bits+1. */
static u32 rotate_carry(struct cpu *cpu, u32 value, unsigned bits, unsigned count, bool left)
{
    u32 mask = bits == 32 ? 0xffffffff : (1u << bits) - 1, msb = 1u << (bits - 1), cf, res;
    u64 ring;

    if (!left) /* to the right by count is to the left by the rest */
        count = count == 0 ? 0 : bits + 1 - count;
    ring = (u64)flags_cf(cpu) << bits | (value & mask);
    ring = ring << count | ring >> (bits + 1 - count);
    res = (u32)ring & mask;
    cf = ring >> bits & 1;
    flags_put(cpu, FL_CF | FL_OF,
              cf | ((left ? (bool)(res & msb) != cf : (res ^ res << 1) & msb) ? FL_OF : 0));
    return res;
}

/* b counts; 8 and 16 bit rotates go round every 9 and 17. */
#define ROTATE(name, bits, left)                                                                   \
    HELP(name)                                                                                     \
    {                                                                                              \
        unsigned count = b & 31;                                                                   \
                                                                                                   \
        if (count == 0)                                                                            \
            return a & (0xffffffffu >> (32 - bits));                                               \
        return rotate_carry(cpu, a, bits, count % (bits + 1), left);                               \
    }

ROTATE(rcl8, 8, true)
ROTATE(rcl16, 16, true)
ROTATE(rcl32, 32, true)
ROTATE(rcr8, 8, false)
ROTATE(rcr16, 16, false)
ROTATE(rcr32, 32, false)

/* ZF tells of a zero source; the others are undefined, and here those of TEST of the source. */
static void scan_flags(struct cpu *cpu, u32 source)
{
    cpu->lazy = (struct lazy_flags){.op = LAZY_LOGIC32, .res = source};
}

/* A zero source sets ZF and leaves the destination, as processors do. The other flags, undefined,
 * stay. */
HELP(bsf)
{
    scan_flags(cpu, a);
    return a == 0 ? b : (u32)__builtin_ctz(a);
}

HELP(bsr)
{
    scan_flags(cpu, a);
    return a == 0 ? b : 31 - (u32)__builtin_clz(a);
}
