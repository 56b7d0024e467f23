/* What an access may touch of a segment: the rule, and the short forms of it that engines test first.
 *
 * The rule itself is seg_broken_rule(). What most accesses need is less: none at all where the mode says so
 * (mode_unchecked()), or a look at one limit (seg_plain_ok()). Both only say yes where the rule does. */
#ifndef PAGEWALK_SEGLIMIT_H
#define PAGEWALK_SEGLIMIT_H

#include "cpu/cpu.h"

/* The offsets that a segment has, first to last; none when first is above last. (SDM vol. 3A, 5.3) */
struct seg_range {
    u32 first, last;
};

static inline struct seg_range seg_range(u32 attr, u32 limit)
{
    if ((attr & (SEG_CODE | SEG_EXPDOWN)) != SEG_EXPDOWN)
        return (struct seg_range){0, limit};
    if (limit == UINT32_MAX)
        return (struct seg_range){1, 0};
    return (struct seg_range){limit + 1, attr & SEG_DB ? UINT32_MAX : 0xffff};
}

/* Whether it has all 4 GiB. Then no access fails, not even one that wraps: SDM vol. 3A, 5.3 leaves that to the
 * implementation, and translated code does not check such segments. */
static inline bool seg_is_whole(u32 attr, u32 limit)
{
    struct seg_range range = seg_range(attr, limit);

    return range.first == 0 && range.last == UINT32_MAX;
}

/* Whether len bytes at ea are within a segment with these rights and this limit. */
static inline bool seg_limit_ok(u32 attr, u32 limit, u32 ea, u32 len)
{
    struct seg_range range = seg_range(attr, limit);
    u32 last = ea_add(ea, len - 1, EA_32);

    return (ea >= range.first && last >= ea && last <= range.last) || seg_is_whole(attr, limit);
}

/* Whether the type allows it, where types matter: not in real mode. (SDM vol. 3A, 5.5) */
static inline bool seg_type_ok(u32 attr, bool write)
{
    return write ? (attr & (SEG_CODE | SEG_W)) == SEG_W : (attr & (SEG_CODE | SEG_R)) != SEG_CODE;
}

/* The rule that an access of len bytes at ea breaks, in words; NULL: none. */
static inline const char *seg_broken_rule(const struct cpu *cpu, enum sreg sreg, u32 ea, u32 len,
                                          bool write)
{
    u32 attr = cpu->seg[sreg].attr;

    if (!(attr & SEG_P))
        return "null or absent segment";
    if ((cpu->cr0 & CR0_PE) && !seg_type_ok(attr, write))
        return write ? "write to a segment that is not writable"
                     : "read from an execute-only segment";
    if (!seg_limit_ok(attr, cpu->seg[sreg].limit, ea, len))
        return "beyond the limit";
    return NULL;
}

/* Plain segments, as most are: present, expand-up, writable data. Any access is right that ends within the limit. */
#define SEG_PLAIN_MASK (SEG_P | SEG_W | SEG_EXPDOWN | SEG_CODE)
#define SEG_PLAIN      (SEG_P | SEG_W)

static inline bool seg_plain_ok(const struct seg *seg, u32 ea, u32 len)
{
    u32 last = ea_add(ea, len - 1, EA_32);

    return last <= seg->limit && last >= ea && (seg->attr & SEG_PLAIN_MASK) == SEG_PLAIN;
}

/* Whether cpu->mode can say of a segment that its accesses need no check: it is whole, and may be read and written;
 * CS, to which no write is right in protected mode, read. In real mode rights do not matter. */
static inline bool seg_is_unchecked(const struct cpu *cpu, enum sreg sreg)
{
    u32 attr = cpu->seg[sreg].attr, limit = cpu->seg[sreg].limit;

    if (likely((attr & SEG_PLAIN_MASK) == SEG_PLAIN)) /* the rest is the same, but slower */
        return limit == UINT32_MAX;
    return (attr & SEG_P) && seg_is_whole(attr, limit) &&
           (!(cpu->cr0 & CR0_PE) || seg_type_ok(attr, sreg != SREG_CS));
}

/* By mode: accesses to the segment, writes to CS aside, need no check of limit and rights. */
static inline bool mode_unchecked(u32 mode, enum sreg sreg)
{
    return mode >> (MODE_UNCHECKED_SHIFT + sreg) & 1;
}

/* The base is 0. */
static inline bool mode_zero_based(u32 mode, enum sreg sreg)
{
    return mode >> (MODE_ZERO_SHIFT + sreg) & 1;
}

/* This access needs no check, of its alignment neither. */
static inline bool mode_access_unchecked(u32 mode, enum sreg sreg, bool write)
{
    return mode_unchecked(mode, sreg) && !(mode & MODE_AC) && !(write && sreg == SREG_CS);
}

/* Nor is anything to be added: the offset is the linear address. */
static inline bool mode_access_flat(u32 mode, enum sreg sreg, bool write)
{
    return mode_access_unchecked(mode, sreg, write) && mode_zero_based(mode, sreg);
}

#endif
