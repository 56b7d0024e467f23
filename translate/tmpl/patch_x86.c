/* Patches of x86-64 and i386 code. */
#include "translate/tmpl/patch.h"

bool patch_x86(u8 *field, u64 at, enum patch_kind kind, u64 value)
{
    u64 distance = value - at;

    switch (kind) {
    case PATCH_X86_ABS32:
        if (!patch_fits32(value))
            return false;
        put32(field, (u32)value);
        return true;
    case PATCH_X86_ABS64: put64(field, value); return true;
    case PATCH_X86_PC32:
        if (!patch_fits(distance, 32))
            return false;
        put32(field, (u32)distance);
        return true;
    case PATCH_I386_PC32: put32(field, (u32)distance); return true;
    default: return false;
    }
}

u32 thunk_x86_64(u8 *code, u64 target)
{
    static const u8 jump[] = {0xff, 0x25, 0, 0, 0, 0}; /* jmp *0(%rip) */

    __builtin_memcpy(code, jump, sizeof(jump));
    put64(code + sizeof(jump), target);
    return sizeof(jump) + 8;
}

u32 thunk_i386(u8 *code, u64 target)
{
    code[0] = 0x68; /* push $target */
    put32(code + 1, (u32)target);
    code[5] = 0xc3; /* ret */
    return 6;
}
