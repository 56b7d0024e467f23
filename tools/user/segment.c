/* Segments: the GDT and LDT that a Linux process sees, without memory behind them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/seg.h"
#include "cpu/sys.h"
#include "tools/user/user.h"

#define CODE 0x00cffb000000ffffull /* flat, CPL 3, accessed */
#define DATA 0x00cff3000000ffffull

/* struct user_desc. */
struct user_desc {
    u32 entry, base, limit;
    u32 flags;
};
enum {
    UD_SEG_32BIT = 1,
    UD_CONTENTS = 6,
    UD_READ_ONLY = 8,
    UD_IN_PAGES = 16,
    UD_NOT_PRESENT = 32,
    UD_USEABLE = 64,
};
#define UD_CONTENTS_SHIFT 1

static u64 pack(const struct user_desc *d)
{
    u32 type =
        (d->flags & UD_CONTENTS) >> UD_CONTENTS_SHIFT << 2 | (d->flags & UD_READ_ONLY ? 0 : 2) | 1;
    u32 lo = (d->base & 0xffff) << 16 | (d->limit & 0xffff);
    u32 hi = (d->base & 0xff000000) | (d->base >> 16 & 0xff) | (d->limit & 0xf0000) | type << 8 |
             SEG_S | SEG_DPL | (d->flags & UD_NOT_PRESENT ? 0 : SEG_P) |
             (d->flags & UD_SEG_32BIT ? SEG_DB : 0) | (d->flags & UD_IN_PAGES ? SEG_G : 0) |
             (d->flags & UD_USEABLE ? SEG_AVL : 0);

    return (u64)hi << 32 | lo;
}

static void unpack(u64 desc, struct user_desc *d)
{
    u32 lo = (u32)desc, hi = (u32)(desc >> 32);

    d->base = lo >> 16 | (hi & 0xff) << 16 | (hi & 0xff000000);
    d->limit = (lo & 0xffff) | (hi & 0xf0000);
    d->flags = (hi & SEG_DB ? UD_SEG_32BIT : 0) | ((hi >> 10 & 3) << UD_CONTENTS_SHIFT) |
               (hi & SEG_W ? 0 : UD_READ_ONLY) | (hi & SEG_G ? UD_IN_PAGES : 0) |
               (hi & SEG_P ? 0 : UD_NOT_PRESENT) | (hi & SEG_AVL ? UD_USEABLE : 0);
}

/* As programs clear an entry. */
static bool is_empty(const struct user_desc *d)
{
    u32 flags = d->flags & 0x7f;

    return d->base == 0 && d->limit == 0 &&
           (flags == (UD_READ_ONLY | UD_NOT_PRESENT) || flags == 0);
}

bool segment_descriptor(void *thread, u16 sel, u64 *desc)
{
    const struct thread *t = thread;
    u32 index = sel >> 3;

    if (sel & SEL_TI) {
        if (index >= process.ldt_limit)
            return false;
        *desc = process.ldt[index];
        return true;
    }
    *desc = 0;
    if (index == SEL_CS >> 3)
        *desc = CODE;
    else if (index == SEL_DS >> 3)
        *desc = DATA;
    else if (index - TLS_FIRST < TLS_ENTRIES)
        *desc = t->tls[index - TLS_FIRST];
    return index < 16;
}

/* What a load of the selector would be allowed; the caller updates the mode. */
static bool load(struct thread *t, enum sreg sreg, u16 sel)
{
    struct desc desc;
    u32 need = sreg == SREG_CS ? SEG_S | SEG_CODE | SEG_P : SEG_S | SEG_P;
    u64 raw;

    if (SEL_NULL(sel)) {
        if (sreg == SREG_CS || sreg == SREG_SS)
            return false;
        seg_put_null(t->cpu, sreg, sel);
        return true;
    }
    if (!segment_descriptor(t, sel, &raw))
        return false;
    desc = (struct desc){.lo = (u32)raw, .hi = (u32)(raw >> 32)};
    if ((desc.hi & need) != need || ((sreg == SREG_SS) && !desc_writable(&desc)) ||
        (desc_code(&desc) && sreg != SREG_CS && !(desc.hi & SEG_R)) || desc_dpl(&desc) != 3)
        return false;
    seg_put_desc(t->cpu, sreg, sreg == SREG_CS || sreg == SREG_SS ? sel | 3 : sel, &desc);
    return true;
}

bool segment_load(struct thread *t, enum sreg sreg, u16 sel)
{
    bool ok = load(t, sreg, sel);

    if (!ok && sreg != SREG_CS && sreg != SREG_SS)
        seg_put_null(t->cpu, sreg, 0);
    cpu_update_mode(t->cpu);
    return ok;
}

void segment_start(struct thread *t)
{
    struct cpu *cpu = t->cpu;

    cpu->cr0 = CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_AM | CR0_WP;
    cpu->cr4 = CR4_OSFXSR | CR4_OSXMMEXCPT;
    cpu->cpl = 3;
    load(t, SREG_CS, SEL_CS);
    load(t, SREG_SS, SEL_DS);
    load(t, SREG_DS, SEL_DS);
    load(t, SREG_ES, SEL_DS);
    load(t, SREG_FS, 0);
    load(t, SREG_GS, 0);
    cpu->tr.limit = 0; /* no I/O bitmap */
    cpu->ldtr.limit = LDT_ENTRIES * 8 - 1;
    cpu_set_cpl(cpu, 3);
    cpu_update_mode(cpu);
}

/* What uses the entry gets the new one. */
static void reload(struct thread *t, u16 sel)
{
    for (unsigned s = 0; s < SREG_COUNT; s++)
        if (s != SREG_CS && s != SREG_SS && (t->cpu->seg[s].sel & ~3u) == (sel & ~3u))
            segment_load(t, (enum sreg)s, t->cpu->seg[s].sel);
}

/* 32-bit data that is there. (Linux, arch/x86/kernel/tls.c) */
static bool tls_may_be(const struct user_desc *d)
{
    return (d->flags & UD_SEG_32BIT) && !(d->flags & UD_NOT_PRESENT) &&
           (d->flags & UD_CONTENTS) >> UD_CONTENTS_SHIFT <= 1;
}

i64 segment_set_thread_area(struct thread *t, u32 address, bool choose)
{
    struct user_desc *d = g2h(address), desc = *d;
    u32 i = desc.entry - TLS_FIRST;

    if (desc.entry == UINT32_MAX && choose) {
        for (i = 0; i < TLS_ENTRIES && t->tls[i]; i++)
            ;
        if (i == TLS_ENTRIES)
            return -ESRCH;
        d->entry = TLS_FIRST + i;
    }
    if (i >= TLS_ENTRIES)
        return -EINVAL;
    if (!is_empty(&desc) && !tls_may_be(&desc))
        return -EINVAL;
    t->tls[i] = is_empty(&desc) ? 0 : pack(&desc);
    reload(t, (u16)((TLS_FIRST + i) << 3 | 3));
    return 0;
}

i64 segment_get_thread_area(struct thread *t, u32 address)
{
    struct user_desc *d = g2h(address);
    u32 i = d->entry - TLS_FIRST;

    if (i >= TLS_ENTRIES)
        return -EINVAL;
    unpack(t->tls[i], d);
    return 0;
}

static i64 read_ldt(u32 address, u32 len)
{
    u32 have = process.ldt_limit * 8;

    if (len > LDT_ENTRIES * 8)
        len = LDT_ENTRIES * 8;
    if (have > len)
        have = len;
    if (!have)
        return 0;
    memcpy(g2h(address), process.ldt, have);
    memset((u8 *)g2h(address) + have, 0, len - have);
    return len;
}

i64 segment_modify_ldt(struct thread *t, u32 function, u32 address, u32 len)
{
    struct user_desc d;
    u64 desc;

    if (function == 0)
        return read_ldt(address, len);
    if (function == 2) {
        memset(g2h(address), 0, len < 128 ? len : 128);
        return len < 128 ? len : 128;
    }
    if (function != 1 && function != 0x11)
        return -ENOSYS;
    if (len != sizeof(d))
        return -EINVAL;
    memcpy(&d, g2h(address), sizeof(d));
    if (d.entry >= LDT_ENTRIES ||
        ((d.flags & UD_CONTENTS) == UD_CONTENTS && (function == 1 || !(d.flags & UD_NOT_PRESENT))))
        return -EINVAL;
    if (!process.ldt) {
        u64 *ldt = hostmem_sparse(LDT_ENTRIES * sizeof(*ldt));

        if (!ldt)
            return -ENOMEM;
        process.ldt = ldt;
    }
    if (function == 1)
        d.flags &= ~(u32)UD_USEABLE;
    desc = is_empty(&d) ? 0 : pack(&d);
    process.ldt[d.entry] = desc;
    if (d.entry >= process.ldt_limit)
        process.ldt_limit = d.entry + 1;
    reload(t, (u16)(d.entry << 3 | 7));
    return 0;
}
