/* Patches of riscv64 code (RISC-V ISA manual, 2.2, 2.5, 16.8: formats U, I, S, B, J, CB and CJ). */
#include "translate/tmpl/patch.h"

#define NOP 0x00000013

/* Bits LOW to LOW + COUNT - 1 of a number, at another place. */
static u32 field_of(u64 value, u32 low, u32 count, u32 place)
{
    return ((u32)(value >> low) & ((1u << count) - 1)) << place;
}

/* LUI and AUIPC: the rest is added with its sign. */
static bool upper(u8 *field, u64 value)
{
    patch_bits(field, 0xfffff000, 0, value + 0x800);
    return true;
}

static bool format_i(u8 *field, u64 value)
{
    patch_bits(field, 0xfff00000, 20, value);
    return true;
}

static bool format_s(u8 *field, u64 value)
{
    patch_bits(field, 0xfe000f80, 0, field_of(value, 5, 7, 25) | field_of(value, 0, 5, 7));
    return true;
}

static bool reaches(u64 distance, u32 bits)
{
    return distance % 2 == 0 && patch_fits(distance, bits);
}

static bool format_b(u8 *field, u64 distance)
{
    if (!reaches(distance, 13))
        return false;
    patch_bits(field, 0xfe000f80, 0,
               field_of(distance, 12, 1, 31) | field_of(distance, 5, 6, 25) |
                   field_of(distance, 1, 4, 8) | field_of(distance, 11, 1, 7));
    return true;
}

static bool format_j(u8 *field, u64 distance)
{
    if (!reaches(distance, 21))
        return false;
    patch_bits(field, 0xfffff000, 0,
               field_of(distance, 20, 1, 31) | field_of(distance, 1, 10, 21) |
                   field_of(distance, 11, 1, 20) | field_of(distance, 12, 8, 12));
    return true;
}

static bool format_cb(u8 *field, u64 distance)
{
    if (!reaches(distance, 9))
        return false;
    put16(field, (u16)((get16(field) & ~0x1c7cu) | field_of(distance, 8, 1, 12) |
                       field_of(distance, 3, 2, 10) | field_of(distance, 6, 2, 5) |
                       field_of(distance, 1, 2, 3) | field_of(distance, 5, 1, 2)));
    return true;
}

static bool format_cj(u8 *field, u64 distance)
{
    if (!reaches(distance, 12))
        return false;
    put16(field, (u16)((get16(field) & ~0x1ffcu) | field_of(distance, 11, 1, 12) |
                       field_of(distance, 4, 1, 11) | field_of(distance, 8, 2, 9) |
                       field_of(distance, 10, 1, 8) | field_of(distance, 6, 1, 7) |
                       field_of(distance, 7, 1, 6) | field_of(distance, 1, 3, 3) |
                       field_of(distance, 5, 1, 2)));
    return true;
}

/* AUIPC and JALR, or JAL alone where that reaches and comes not back. */
static bool far(u8 *field, u64 distance, u32 link, u32 scratch)
{
    if (!reaches(distance + 0x800, 32))
        return false;
    if (!link && reaches(distance, 21)) {
        put32(field, 0x6f);
        put32(field + 4, NOP);
        return format_j(field, distance);
    }
    put32(field, 0x17 | scratch << 7);
    put32(field + 4, 0x67 | link << 7 | scratch << 15);
    return upper(field, distance) && format_i(field + 4, distance);
}

bool patch_riscv64(u8 *field, u64 at, enum patch_kind kind, u64 value)
{
    u64 distance = value - at;

    switch (kind) {
    case PATCH_RV_HI20: return patch_fits32(value) && upper(field, value);
    case PATCH_RV_LO12_I: return format_i(field, value);
    case PATCH_RV_LO12_S: return format_s(field, value);
    case PATCH_RV_IMM12_I: return patch_fits(value, 12) && format_i(field, value);
    case PATCH_RV_IMM12_S: return patch_fits(value, 12) && format_s(field, value);
    case PATCH_RV_BRANCH: return format_b(field, distance);
    case PATCH_RV_JAL: return format_j(field, distance);
    case PATCH_RV_CALL: return far(field, distance, 1, 1); /* by ra */
    case PATCH_RV_TAIL: return far(field, distance, 0, 6); /* by t1 */
    case PATCH_RV_C_BRANCH: return format_cb(field, distance);
    case PATCH_RV_C_JUMP: return format_cj(field, distance);
    default: return false;
    }
}

/* By t1, which calls of far functions change anyhow. */
u32 thunk_riscv64(u8 *code, u64 target)
{
    put32(code, 0x00000317);     /* auipc t1, 0 */
    put32(code + 4, 0x01033303); /* ld t1, 16(t1) */
    put32(code + 8, 0x00030067); /* jr t1 */
    put32(code + 12, NOP);
    put64(code + 16, target);
    return 24;
}
