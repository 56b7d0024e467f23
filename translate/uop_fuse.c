/* Finds the flag producer of a block's conditional exit and picks the exit's cheap form. */
#include "translate/uop_fuse.h"

#include "cpu/flags.h"

enum producer { OTHER, RESULT, STEP, COMPARE, LOGIC };

/* What the lazy state tells after this storing micro-op. */
static enum producer producer_of(unsigned op)
{
    switch (op) {
    case U_sub8_f:
    case U_sub16_f:
    case U_sub32_f:
    case U_cmp8_f:
    case U_cmp16_f:
    case U_cmp32_f: return COMPARE;
    case U_and8_f:
    case U_and16_f:
    case U_and32_f:
    case U_or8_f:
    case U_or16_f:
    case U_or32_f:
    case U_xor8_f:
    case U_xor16_f:
    case U_xor32_f:
    case U_test8_f:
    case U_test16_f:
    case U_test32_f: return LOGIC;
    case U_add8_f:
    case U_add16_f:
    case U_add32_f:
    case U_shl8_f:
    case U_shl16_f:
    case U_shl32_f:
    case U_shr8_f:
    case U_shr16_f:
    case U_shr32_f:
    case U_sar8_f:
    case U_sar16_f:
    case U_sar32_f: return RESULT;
    case U_inc8_f:
    case U_inc16_f:
    case U_inc32_f:
    case U_dec8_f:
    case U_dec16_f:
    case U_dec32_f: return STEP;
    default: return OTHER;
    }
}

/* By size (8, 16, 32) and cc; 0: no cheap form. ORDER as FUSE_LIST. */
static unsigned fused_for(enum producer producer, unsigned size, unsigned cc)
{
    static const u16 compare[16] = {
        [2] = FUSED_b8,  [3] = FUSED_ae8,  [4] = FUSED_z,    [5] = FUSED_nz,
        [6] = FUSED_be8, [7] = FUSED_a8,   [8] = FUSED_s8,   [9] = FUSED_ns8,
        [12] = FUSED_l8, [13] = FUSED_ge8, [14] = FUSED_le8, [15] = FUSED_g8};
    static const u16 logic[16] = {
        [4] = FUSED_z,   [5] = FUSED_nz,  [6] = FUSED_z,    [7] = FUSED_nz,    [8] = FUSED_s8,
        [9] = FUSED_ns8, [12] = FUSED_s8, [13] = FUSED_ns8, [14] = FUSED_le08, [15] = FUSED_g08};
    static const u16 result[16] = {[4] = FUSED_z, [5] = FUSED_nz, [8] = FUSED_s8, [9] = FUSED_ns8};
    static const u16 step[16] = {
        [4] = FUSED_step_z, [5] = FUSED_step_nz, [8] = FUSED_step_s8, [9] = FUSED_step_ns8};
    static const u16 *const table[] = {
        [COMPARE] = compare, [LOGIC] = logic, [RESULT] = result, [STEP] = step};
    unsigned op;

    if (producer == OTHER)
        return 0;
    op = table[producer][cc];
    if (op < FUSED_s8) /* of any size, or none */
        return op;
    if (producer == STEP)
        return op + (size >> 1) * (FUSED_step_s16 - FUSED_step_s8);
    return op + (size >> 1) * (FUSED_s16 - FUSED_s8);
}

unsigned uop_fused(const struct uop *uop, unsigned at)
{
    unsigned i;

    for (i = at; i-- > 0;) {
        const struct uop *u = &uop[i];

        if (uop_info[u->op].traits & UT_PAIR) /* writes no lazy state */
            continue;
        if (uop_info[u->op].traits & UT_CALL)
            return 0;
        if (uop_flags_written(u))
            return fused_for(producer_of(u->op), uop_info[u->op].size, uop[at].aux);
    }
    return 0;
}
