/* MOVS STOS LODS CMPS SCAS: a page's worth a call, by host copies and fills where memory is plain.
 *
 * ESI, EDI and ECX live in cpu->r[] and always stand for the iterations completed, so a fault in
 * the middle needs no undoing. The flags of CMPS and SCAS are written when the instruction ends: a fault, trap or
 * interrupt in the middle sees those from before it (SDM vol. 2, REP). Where a call ends depends on registers and
 * memory contents only, never on the TLB or on which path was taken: the elements done count as instructions, and
 * two runs must agree. */
#include <string.h>

#include "cpu/excp.h"
#include "cpu/flags.h"
#include "cpu/helper.h"
#include "cpu/helper_arg.h"
#include "cpu/seglimit.h"
#include "cpu/string.h"

struct string string_unpack(const struct cpu *cpu, u32 c)
{
    struct string_arg arg = string_arg_unpack(c);
    struct string s = {
        .size = arg.size,
        .mask = arg.asz == 2 ? EA_16 : EA_32,
        .rep = arg.rep,
        .seg = arg.seg,
    };

    s.step = cpu->eflags & FL_DF ? -s.size : s.size;
    return s;
}

/* Elements before one of the operand crosses `limit` (a power of two; 0 is 2^32); at least 1, and 2^32 of bytes that go
 * down from 4 GiB. */
static u64 elements_before(u32 position, u32 limit, const struct string *s)
{
    u32 offset = position & (limit - 1), left = limit - offset; /* bytes; 0: all 2^32 */

    if (left != 0 && left < s->size)
        return 1;
    if (s->step == s->size)
        return left == 0 ? 0xffffffff / s->size : left / s->size;
    return (u64)offset / s->size + 1;
}

static u32 operand_count(const struct cpu *cpu, const struct string *s, enum cpu_slot reg)
{
    u64 page = elements_before(string_la(cpu, s, reg), PAGE_SIZE, s);
    u64 wrap = elements_before(string_ea(cpu, s, reg), s->mask + 1, s);

    return (u32)(page < wrap ? page : wrap);
}

u32 string_count(const struct cpu *cpu, const struct string *s, bool si, bool di)
{
    u32 n = cpu->r[R_ECX] & s->mask, most;

    if (!s->rep)
        return 1;
    if (si && n > (most = operand_count(cpu, s, R_ESI)))
        n = most;
    if (di && n > (most = operand_count(cpu, s, R_EDI)))
        n = most;
    return n && (cpu->mode & MODE_TF) ? 1 : n; /* single step: a trap after each iteration */
}

bool string_covered(const struct cpu *cpu, const struct string *s, enum cpu_slot reg, u32 n,
                    bool write)
{
    u32 first = string_ea(cpu, s, reg), len = n * s->size;

    if ((cpu->mode & MODE_AC) && (string_la(cpu, s, reg) & (s->size - 1)))
        return false;
    if (s->step != s->size)
        first -= len - s->size;
    return !seg_broken_rule(cpu, string_seg(s, reg), first, len, write);
}

void string_advance(struct cpu *cpu, const struct string *s, u32 n, bool si, bool di)
{
    u32 *r = cpu->r;

    if (si)
        r[R_ESI] = ea_move(r[R_ESI], n * s->step, s->mask);
    if (di)
        r[R_EDI] = ea_move(r[R_EDI], n * s->step, s->mask);
    if (s->rep)
        r[R_ECX] = ea_move(r[R_ECX], -n, s->mask);
}

u8 *string_host(struct cpu *cpu, const struct string *s, enum cpu_slot reg, u32 n, bool write)
{
    u32 la = string_la(cpu, s, reg);
    bool faulted = false;
    u8 *p;

    if (n < 2 || (la & PAGE_MASK) > PAGE_SIZE - s->size || !string_covered(cpu, s, reg, n, write))
        return NULL;
    p = mmu_host(&cpu->mmu, la, cpu_access(cpu, write), &faulted);
    if (p == NULL && faulted)
        cpu_raise_pf(cpu);
    return p;
}

static always_inline u32 host_get(const u8 *p, unsigned size)
{
    return size == 1 ? *p : size == 2 ? get16(p) : get32(p);
}

static always_inline void host_put(u8 *p, u32 value, unsigned size)
{
    if (size == 1)
        *p = (u8)value;
    else if (size == 2)
        put16(p, (u16)value);
    else
        put32(p, value);
}

static u32 accumulator(const struct cpu *cpu, unsigned size)
{
    return cpu->r[R_EAX] & (0xffffffffu >> (32 - 8 * size));
}

/* Copies n elements in order. When the destination overlaps what is still to be read, an element
 * stored is read again later, as the guest asked for (pattern fills do this on purpose). */
static void copy_elements(u8 *to, const u8 *from, u32 n, const struct string *s)
{
    size_t len = (size_t)n * s->size;
    ptrdiff_t step = (i32)s->step;
    size_t ahead = step > 0 ? (size_t)(to - from) : (size_t)(from - to);

    if (ahead >= len || ahead == 0) {
        size_t back = step > 0 ? 0 : len - s->size;

        memmove(to - back, from - back, len);
        return;
    }
    for (; n; n--, to += step, from += step)
        host_put(to, host_get(from, s->size), s->size);
}

/* A pattern of 2 or 4 bytes: a piece by elements, the rest by copies of what is there. */
static void fill_pattern(u8 *to, u32 value, size_t len, unsigned size)
{
    size_t done = 0;

    for (; done < len && done < 64; done += size)
        host_put(to + done, value, size);
    while (done < len) {
        size_t piece = len - done < done ? len - done : done;

        memcpy(to + done, to, piece);
        done += piece;
    }
}

static void fill_elements(u8 *to, u32 value, u32 n, const struct string *s)
{
    if (s->step != s->size)
        to -= (size_t)(n - 1) * s->size;
    if (s->size == 1 || value == (value & 0xff) * (s->size == 2 ? 0x0101u : 0x01010101u)) {
        memset(to, (int)(value & 0xff), (size_t)n * s->size);
        return;
    }
    fill_pattern(to, value, (size_t)n * s->size, s->size);
}

/* Element by element, until n are done or a device that was touched wants the board to run. */
#define EACH_ELEMENT(n, body)                                                                      \
    do {                                                                                           \
        bool kicked_before = cpu->kicked;                                                          \
                                                                                                   \
        for (u32 left = (n); left && string_may_go_on(cpu, kicked_before); left--)                 \
            body                                                                                   \
    } while (0)

static u32 movs(struct cpu *cpu, const struct string *s)
{
    u32 n = string_count(cpu, s, true, true);
    u8 *from = string_host(cpu, s, R_ESI, n, false);
    /* RAM stays where it is, so that asking for the destination leaves `from` good. */
    u8 *to = from != NULL ? string_host(cpu, s, R_EDI, n, true) : NULL;

    if (to != NULL) {
        copy_elements(to, from, n, s);
        string_advance(cpu, s, n, true, true);
    } else {
        EACH_ELEMENT(n, {
            string_store(cpu, s, string_load(cpu, s, R_ESI));
            string_advance(cpu, s, 1, true, true);
        });
    }
    return string_left(cpu, s, true);
}

/* The usual case by itself: upwards, in flat segments, in pages that the TLB has. Does what the general
 * way would, as many elements at a call included; false when this is another case. */
static always_inline bool quick_ok(const struct cpu *cpu, const struct string *s)
{
    const u32 flat = MODE_FLAT(SREG_ES) | MODE_FLAT(SREG_DS);

    return (cpu->mode & (flat | MODE_DF | MODE_TF | MODE_AC)) == flat && s->rep &&
           s->mask == EA_32 && s->seg == SREG_DS;
}

/* The host address of la, and in *n at most the elements to the page's end; NULL: not in the TLB. */
static always_inline u8 *quick_host(const struct cpu *cpu, u32 la, unsigned size, bool write,
                                    u32 *n)
{
    u8 *host = tlb_find_page(cpu->mmu.tlb.data[cpu_access(cpu, write)], la);
    u32 left = (PAGE_SIZE - (la & PAGE_MASK)) / size;

    if (left < *n)
        *n = left;
    return left ? host : NULL;
}

static always_inline bool quick_movs(struct cpu *cpu, const struct string *s)
{
    u32 *r = cpu->r, n = r[R_ECX], len;
    u8 *from = quick_host(cpu, r[R_ESI], s->size, false, &n);
    u8 *to = quick_host(cpu, r[R_EDI], s->size, true, &n);

    len = n * s->size;
    if (!from || !to || (size_t)(to - from) < len)
        return false;
    memmove(to, from, len); /* `to` may lie below what is read */
    r[R_ESI] += len;
    r[R_EDI] += len;
    r[R_ECX] -= n;
    return true;
}

HELP(movs)
{
    struct string s = string_unpack(cpu, c);

    if (quick_ok(cpu, &s) && quick_movs(cpu, &s))
        return string_left(cpu, &s, true);
    return movs(cpu, &s);
}

HELP(stos)
{
    struct string s = string_unpack(cpu, c);
    u32 n = string_count(cpu, &s, false, true), value = accumulator(cpu, s.size);
    u8 *to = string_host(cpu, &s, R_EDI, n, true);

    if (to != NULL) {
        fill_elements(to, value, n, &s);
        string_advance(cpu, &s, n, false, true);
    } else {
        EACH_ELEMENT(n, {
            string_store(cpu, &s, value);
            string_advance(cpu, &s, 1, false, true);
        });
    }
    return string_left(cpu, &s, true);
}

static void lods_put(struct cpu *cpu, const struct string *s, u32 value)
{
    u32 mask = 0xffffffffu >> (32 - 8 * s->size);

    cpu->r[R_EAX] = (cpu->r[R_EAX] & ~mask) | value;
}

HELP(lods)
{
    struct string s = string_unpack(cpu, c);
    u32 n = string_count(cpu, &s, true, false);
    const u8 *from = string_host(cpu, &s, R_ESI, n, false);

    if (from != NULL) { /* plain memory: only the last element shows */
        lods_put(cpu, &s, host_get(from + (ptrdiff_t)(i32)s.step * (n - 1), s.size));
        string_advance(cpu, &s, n, true, false);
    } else {
        EACH_ELEMENT(n, {
            lods_put(cpu, &s, string_load(cpu, &s, R_ESI));
            string_advance(cpu, &s, 1, true, false);
        });
    }
    return string_left(cpu, &s, true);
}

/* Whether a repeated comparison goes on after these two elements. */
static always_inline bool goes_on(const struct string *s, u32 x, u32 y)
{
    return (x == y) == (s->rep == 1);
}

/* Whether the instruction has more to do; else its flags are those of x - y. */
static u32 compare_end(struct cpu *cpu, const struct string *s, u32 x, u32 y)
{
    u32 mask = 0xffffffffu >> (32 - 8 * s->size);

    if (string_left(cpu, s, goes_on(s, x, y)))
        return 1;
    cpu->lazy.op = s->size == 1 ? LAZY_SUB8 : s->size == 2 ? LAZY_SUB16 : LAZY_SUB32;
    cpu->lazy.res = (x - y) & mask;
    cpu->lazy.a = x;
    cpu->lazy.b = y;
    return 0;
}

/* How many of n element pairs to do: up to and with the one that ends the repetition. y_step 0
 * compares with one and the same y. */
static always_inline u32 scan(const struct string *s, const u8 *x, const u8 *y, ptrdiff_t x_step,
                              ptrdiff_t y_step, u32 n, unsigned size)
{
    for (u32 i = 0; i < n; i++)
        if (!goes_on(s, host_get(x + x_step * i, size), host_get(y + y_step * i, size)))
            return i + 1;
    return n;
}

static u32 scan_sized(const struct string *s, const u8 *x, const u8 *y, ptrdiff_t x_step,
                      ptrdiff_t y_step, u32 n)
{
    switch (s->size) {
    case 1: return scan(s, x, y, x_step, y_step, n, 1);
    case 2: return scan(s, x, y, x_step, y_step, n, 2);
    default: return scan(s, x, y, x_step, y_step, n, 4);
    }
}

HELP(cmps)
{
    struct string s = string_unpack(cpu, c);
    u32 n = string_count(cpu, &s, true, true), x = 0, y = 0;
    const u8 *si = string_host(cpu, &s, R_ESI, n, false);
    const u8 *di = si != NULL ? string_host(cpu, &s, R_EDI, n, false) : NULL;

    if (n == 0)
        return 0;
    if (di != NULL) {
        ptrdiff_t step = (i32)s.step, last;

        n = scan_sized(&s, si, di, step, step, n);
        last = step * (n - 1);
        x = host_get(si + last, s.size);
        y = host_get(di + last, s.size);
        string_advance(cpu, &s, n, true, true);
    } else {
        EACH_ELEMENT(n, {
            x = string_load(cpu, &s, R_ESI);
            y = string_load(cpu, &s, R_EDI);
            string_advance(cpu, &s, 1, true, true);
            if (s.rep && !goes_on(&s, x, y))
                break;
        });
    }
    return compare_end(cpu, &s, x, y);
}

HELP(scas)
{
    struct string s = string_unpack(cpu, c);
    u32 n = string_count(cpu, &s, false, true), x = accumulator(cpu, s.size), y = 0;
    const u8 *di = string_host(cpu, &s, R_EDI, n, false);

    if (n == 0)
        return 0;
    if (di != NULL) {
        ptrdiff_t step = (i32)s.step;

        n = scan_sized(&s, di, (const u8 *)&x, step, 0, n);
        y = host_get(di + step * (n - 1), s.size);
        string_advance(cpu, &s, n, false, true);
    } else {
        EACH_ELEMENT(n, {
            y = string_load(cpu, &s, R_EDI);
            string_advance(cpu, &s, 1, false, true);
            if (s.rep && !goes_on(&s, x, y))
                break;
        });
    }
    return compare_end(cpu, &s, x, y);
}
