/* Patches of aarch64 code (Arm ARM, C6.2; ELF for the Arm 64-bit Architecture, 5.7). */
#include "translate/tmpl/patch.h"

/* imm16 of MOVZ and MOVK; imm12 of ADD and of loads and stores; imm26, imm19 and imm14 of branches. */
#define IMM16 0x001fffe0
#define IMM12 0x003ffc00
#define IMM26 0x03ffffff
#define IMM19 0x00ffffe0
#define IMM14 0x0007ffe0

/* 16 bits of a number that ends with them, if it has to. */
static bool part(u8 *field, u64 value, u32 low, bool last)
{
    if (last && value >> low >> 16)
        return false;
    patch_bits(field, IMM16, 5, value >> low);
    return true;
}

/* A number in units of 1 << SCALE. */
static bool offset(u8 *field, u64 value, u32 scale)
{
    u64 unit = 1ull << scale;

    if (value % unit || value / unit > 0xfff)
        return false;
    patch_bits(field, IMM12, 10, value / unit);
    return true;
}

static bool branch(u8 *field, u64 distance, u32 mask, u32 shift, u32 bits)
{
    if (distance % 4 || !patch_fits(distance, bits + 2))
        return false;
    patch_bits(field, mask, shift, distance >> 2);
    return true;
}

bool patch_aarch64(u8 *field, u64 at, enum patch_kind kind, u64 value)
{
    switch (kind) {
    case PATCH_A64_G0: return part(field, value, 0, true);
    case PATCH_A64_G0_NC: return part(field, value, 0, false);
    case PATCH_A64_G1: return part(field, value, 16, true);
    case PATCH_A64_G1_NC: return part(field, value, 16, false);
    case PATCH_A64_G2: return part(field, value, 32, true);
    case PATCH_A64_G2_NC: return part(field, value, 32, false);
    case PATCH_A64_G3: return part(field, value, 48, false);
    case PATCH_A64_ADD12: return offset(field, value, 0);
    case PATCH_A64_MEM8: return offset(field, value, 0);
    case PATCH_A64_MEM16: return offset(field, value, 1);
    case PATCH_A64_MEM32: return offset(field, value, 2);
    case PATCH_A64_MEM64: return offset(field, value, 3);
    case PATCH_A64_MEM128: return offset(field, value, 4);
    case PATCH_A64_B26: return branch(field, value - at, IMM26, 0, 26);
    case PATCH_A64_B19: return branch(field, value - at, IMM19, 5, 19);
    case PATCH_A64_B14: return branch(field, value - at, IMM14, 5, 14);
    default: return false;
    }
}

/* By IP0, which the ABI leaves to such jumps. */
u32 thunk_aarch64(u8 *code, u64 target)
{
    put32(code, 0x58000050);     /* ldr x16, 8 */
    put32(code + 4, 0xd61f0200); /* br x16 */
    put64(code + 8, target);
    return 16;
}
