/* Stencils into code: copied, and their holes filled. */
#include "translate/tmpl/stencil.h"

#if defined(__x86_64__)
#define HOST_PATCH patch_x86
#define HOST_THUNK thunk_x86_64
#define CALL_REACH (2048ull * MIB)
#elif defined(__i386__)
#define HOST_PATCH patch_x86
#define HOST_THUNK thunk_i386
#define CALL_REACH (4096ull * MIB)
#elif defined(__aarch64__)
#define HOST_PATCH patch_aarch64
#define HOST_THUNK thunk_aarch64
#define CALL_REACH (128ull * MIB)
#elif defined(__riscv)
#define HOST_PATCH patch_riscv64
#define HOST_THUNK thunk_riscv64
#define CALL_REACH (2047ull * MIB)
#elif defined(__powerpc64__)
#define HOST_PATCH patch_ppc64le
#define HOST_THUNK thunk_ppc64le
#define CALL_REACH 0 /* functions want their address in r12 */
#else
#error "no patches for this host"
#endif

bool stencil_patch(u8 *dst, u64 exec, const struct patch *patch, u64 value)
{
    return HOST_PATCH(dst + patch->offset, exec + patch->offset, patch->kind,
                      value + (u64)(i64)patch->addend);
}

u32 stencil_emit(u8 *dst, u64 exec, const struct stencil *stencil, const u64 *value)
{
    const struct patch *patch = stencil->patch, *end = patch + stencil->patches;

    __builtin_memcpy(dst, stencil->code, stencil->size);
    for (; patch < end; patch++)
        if (unlikely(!stencil_patch(dst, exec, patch, value[patch->symbol])))
            return 0;
    return stencil->size;
}

const struct patch *stencil_find(const struct stencil *stencil, enum stencil_symbol symbol,
                                 u32 from)
{
    u32 i;

    for (i = from; i < stencil->patches; i++)
        if (stencil->patch[i].symbol == symbol)
            return &stencil->patch[i];
    return NULL;
}

bool stencil_reaches(u64 exec, u64 size, u64 target)
{
    u64 reach = CALL_REACH;

    return target - exec + reach < 2 * reach && target - (exec + size) + reach < 2 * reach;
}

u32 stencil_thunk(u8 *dst, u64 target)
{
    return HOST_THUNK(dst, target);
}
