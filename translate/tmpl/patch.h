/* Patches: numbers and addresses that go into machine code, for every host. tools/dyngen needs them too, on any. */
#ifndef PAGEWALK_PATCH_H
#define PAGEWALK_PATCH_H

#include "mmu/host/base.h"

enum patch_kind {
#define P(kind, bytes) PATCH_##kind,
#include "translate/tmpl/patch.def"
#undef P
    PATCH_KINDS
};

/* Whether a number is one of so many bits, with its sign. */
static inline bool patch_fits(u64 value, u32 bits)
{
    return value + (1ull << (bits - 1)) < 1ull << bits;
}

/* The same for numbers of 32 bits that may come zero-extended. */
static inline bool patch_fits32(u64 value)
{
    return value <= UINT32_MAX || patch_fits(value, 32);
}

/* Changes the bits of MASK, whose lowest is SHIFT, in the word at FIELD. */
static inline void patch_bits(u8 *field, u32 mask, u32 shift, u64 bits)
{
    put32(field, (get32(field) & ~mask) | ((u32)(bits << shift) & mask));
}

/* Puts VALUE, or the distance from AT to it, into the code at FIELD, which is executed at AT. The field may have been patched
 * before. False, with the field as it was, when the value does not fit. Each knows its host's kinds. */
bool patch_x86(u8 *field, u64 at, enum patch_kind kind, u64 value);
bool patch_aarch64(u8 *field, u64 at, enum patch_kind kind, u64 value);
bool patch_riscv64(u8 *field, u64 at, enum patch_kind kind, u64 value);
bool patch_ppc64le(u8 *field, u64 at, enum patch_kind kind, u64 value);

/* A jump from anywhere to TARGET, for what branches do not reach. Returns its bytes, at most PATCH_THUNK_MAX. Changes no register
 * that may be live at a call. AT is a multiple of 8. */
#define PATCH_THUNK_MAX 32
u32 thunk_x86_64(u8 *code, u64 target);
u32 thunk_i386(u8 *code, u64 target);
u32 thunk_aarch64(u8 *code, u64 target);
u32 thunk_riscv64(u8 *code, u64 target);
u32 thunk_ppc64le(u8 *code, u64 target);

#endif
