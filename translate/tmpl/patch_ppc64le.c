/* Patches of ppc64le code (Power ISA, book I, 1.6; 64-bit ELF V2 ABI, 3.5). */
#include "translate/tmpl/patch.h"

static bool half(u8 *field, u64 value, u32 low)
{
    put16(field, (u16)(value >> low));
    return true;
}

/* The low two bits are the instruction's. */
static bool half_ds(u8 *field, u64 value)
{
    if (value % 4)
        return false;
    put16(field, (u16)((get16(field) & 3) | (value & 0xfffc)));
    return true;
}

static bool branch(u8 *field, u64 distance, u32 mask, u32 bits)
{
    if (distance % 4 || !patch_fits(distance, bits))
        return false;
    patch_bits(field, mask, 0, distance);
    return true;
}

bool patch_ppc64le(u8 *field, u64 at, enum patch_kind kind, u64 value)
{
    switch (kind) {
    case PATCH_PPC_LO: return half(field, value, 0);
    case PATCH_PPC_LO_DS: return half_ds(field, value);
    case PATCH_PPC_SI16: return patch_fits(value, 16) && half(field, value, 0);
    case PATCH_PPC_SI16_DS: return patch_fits(value, 16) && half_ds(field, value);
    case PATCH_PPC_HI: return patch_fits32(value) && half(field, value, 16);
    case PATCH_PPC_HA: return patch_fits32(value) && half(field, value + 0x8000, 16);
    case PATCH_PPC_HIGH: return half(field, value, 16);
    case PATCH_PPC_HIGHER: return half(field, value, 32);
    case PATCH_PPC_HIGHEST: return half(field, value, 48);
    case PATCH_PPC_B24: return branch(field, value - at, 0x03fffffc, 26);
    case PATCH_PPC_B14: return branch(field, value - at, 0x0000fffc, 16);
    default: return false;
    }
}

/* A function finds its table of contents by r12. */
u32 thunk_ppc64le(u8 *code, u64 target)
{
    put32(code, 0x3d800000 | (u16)(target >> 48));      /* lis r12, target@highest */
    put32(code + 4, 0x618c0000 | (u16)(target >> 32));  /* ori r12, r12, target@higher */
    put32(code + 8, 0x798c07c6);                        /* sldi r12, r12, 32 */
    put32(code + 12, 0x658c0000 | (u16)(target >> 16)); /* oris r12, r12, target@high */
    put32(code + 16, 0x618c0000 | (u16)target);         /* ori r12, r12, target@l */
    put32(code + 20, 0x7d8903a6);                       /* mtctr r12 */
    put32(code + 24, 0x4e800420);                       /* bctr */
    return 28;
}
