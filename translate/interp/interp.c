/* The interpreter engine: runs micro-ops one by one. The reference for every other engine.
 *
 * Threaded code: each micro-op's body ends with a jump to the next one's. Registers stay in struct cpu;
 * loads and stores look in the software TLB inline and call out on a miss. */
/* clang-format off: most bodies are made by macros. */
#include <string.h>

#include "cpu/excp.h"
#include "cpu/flags.h"
#include "cpu/helper.h"
#include "cpu/seg.h"
#include "translate/engine.h"
#include "translate/interp/fuse.h"
#include "translate/uop_exec.h"

static noinline u32 load_slow(struct translator *tr, const struct uop *u, u32 la, unsigned size,
                              enum mmu_access access)
{
    u64 value;

    tr->cur = u;
    if (!mmu_load_slow(&tr->cpu->mmu, la, size, access, &value))
        cpu_raise_pf(tr->cpu);
    return (u32)value;
}

/* The load of a read-modify-write: every byte must be writable before anything happens. */
static noinline u32 load_write_slow(struct translator *tr, const struct uop *u, u32 la,
                                    unsigned size, enum mmu_access access)
{
    tr->cur = u;
    if (!mmu_probe(&tr->cpu->mmu, la, size, access))
        cpu_raise_pf(tr->cpu);
    return load_slow(tr, u, la, size, (enum mmu_access)(access & ~MMU_WRITE));
}

static noinline void store_slow(struct translator *tr, const struct uop *u, u32 la, u32 value,
                                unsigned size, enum mmu_access access)
{
    tr->cur = u;
    if (!mmu_store_slow(&tr->cpu->mmu, la, value, size, access))
        cpu_raise_pf(tr->cpu);
}

/* Whether the run loop has something to do before the next block. */
static inline bool must_leave(const struct cpu *cpu)
{
    return cpu->intr || cpu->nmi || cpu->shadow || cpu->halted || cpu->kicked ||
           (cpu->mode & MODE_TF);
}

static void leave_at(struct translator *tr, u32 eip)
{
    tr->cpu->eip = eip;
    tr->block = NULL;
}

/* By the jump cache only; the run loop does the rest. */
static always_inline struct block *find_fast(struct translator *tr, u32 eip, const u64 *fetch_table)
{
    struct cpu *cpu = tr->cpu;
    u32 cs_base = cpu->r[R_BASE + SREG_CS], la = cs_base + eip;
    u64 entry = fetch_table[la >> PAGE_SHIFT], host = entry + la;
    const struct jump_entry *e = &tr->jump_cache[jump_cache_slot(host)];

    if (unlikely(entry & 1))
        return NULL;
    if (likely(e->host == host && e->eip == eip && e->mode == cpu->mode && e->cs_base == cs_base))
        return (struct block *)(uintptr_t)e->target;
    return NULL;
}

#define R8(off)  (*(u8 *)(file + (off)))
#define R16(off) (*(u16 *)(file + (off)))
#define R32(off) (*(u32 *)(file + (off)))

/* Operand types by size. */
#define T_8      u8
#define T_16     u16
#define T_32     u32
#define S_8      i8
#define S_16     i16
#define S_32     i32
#define BYTES_8  1
#define BYTES_16 2
#define BYTES_32 4

#define A(n) R##n(u->a)
#define B(n) ((T_##n)(R##n(u->b) + u->imm))
#define D(n) R##n(u->d)
#define EA   (R32(u->a) + (R32(u->b) << u->scale) + u->imm)

#define LAZY2(kind, n, result, first)                                                              \
    do {                                                                                           \
        cpu->lazy.op = LAZY_##kind##n;                                                             \
        cpu->lazy.res = (result);                                                                  \
        cpu->lazy.a = (first);                                                                     \
    } while (0)
#define LAZY3(kind, n, result, first, second)                                                      \
    do {                                                                                           \
        LAZY2(kind, n, result, first);                                                             \
        cpu->lazy.b = (second);                                                                    \
    } while (0)

#define NEXT                                                                                       \
    do {                                                                                           \
        u++;                                                                                       \
        goto *label[u->op];                                                                        \
    } while (0)

/* A pair: the plain micro-op, and its twin that keeps the lazy flags. */
#define BINARY(name, n, expr, keep)                                                                \
    do_##name##n:                                                                                  \
    {                                                                                              \
        T_##n x = A(n), y = B(n), r = (T_##n)(expr);                                               \
        (void)x;                                                                                   \
        (void)y;                                                                                   \
        D(n) = r;                                                                                  \
        NEXT;                                                                                      \
    }                                                                                              \
    do_##name##n##_f:                                                                              \
    {                                                                                              \
        T_##n x = A(n), y = B(n), r = (T_##n)(expr);                                               \
        (void)x;                                                                                   \
        (void)y;                                                                                   \
        keep;                                                                                      \
        D(n) = r;                                                                                  \
        NEXT;                                                                                      \
    }
#define BINARY3(name, expr, kind)                                                                  \
    BINARY(name, 8, expr, LAZY2(kind, 8, r, x))                                                    \
    BINARY(name, 16, expr, LAZY2(kind, 16, r, x))                                                  \
    BINARY(name, 32, expr, LAZY2(kind, 32, r, x))
#define CARRY(name, n, op, kind)                                                                   \
    do_##name##n:                                                                                  \
    {                                                                                              \
        D(n) = (T_##n)(A(n) op B(n) op flags_cf(cpu));                                             \
        NEXT;                                                                                      \
    }                                                                                              \
    do_##name##n##_f:                                                                              \
    {                                                                                              \
        T_##n x = A(n), y = B(n), r = (T_##n)(x op y op flags_cf(cpu));                            \
        LAZY3(kind, n, r, x, y);                                                                   \
        D(n) = r;                                                                                  \
        NEXT;                                                                                      \
    }
#define COMPARE(name, n, op, kind)                                                                 \
    do_##name##n : NEXT;                                                                           \
    do_##name##n##_f:                                                                              \
    {                                                                                              \
        T_##n x = A(n), r = (T_##n)(x op B(n));                                                    \
        LAZY2(kind, n, r, x);                                                                      \
        NEXT;                                                                                      \
    }
#define STEP(name, n, op, kind)                                                                    \
    do_##name##n:                                                                                  \
    {                                                                                              \
        D(n) = (T_##n)(A(n) op 1);                                                                 \
        NEXT;                                                                                      \
    }                                                                                              \
    do_##name##n##_f:                                                                              \
    {                                                                                              \
        T_##n r = (T_##n)(A(n) op 1);                                                              \
        u32 carry = flags_cf(cpu);                                                                 \
        LAZY3(kind, n, r, 0, carry);                                                               \
        D(n) = r;                                                                                  \
        NEXT;                                                                                      \
    }
#define NEGATE(n)                                                                                  \
    do_neg##n:                                                                                     \
    {                                                                                              \
        D(n) = (T_##n) - A(n);                                                                     \
        NEXT;                                                                                      \
    }                                                                                              \
    do_neg##n##_f:                                                                                 \
    {                                                                                              \
        T_##n r = (T_##n) - A(n);                                                                  \
        LAZY2(SUB, n, r, 0);                                                                       \
        D(n) = r;                                                                                  \
        NEXT;                                                                                      \
    }                                                                                              \
    do_not##n:                                                                                     \
    {                                                                                              \
        D(n) = (T_##n) ~A(n);                                                                      \
        NEXT;                                                                                      \
    }
#define SIZES(macro, ...) macro(__VA_ARGS__, 8) macro(__VA_ARGS__, 16) macro(__VA_ARGS__, 32)

/* Shifts, in 64 bits so that counts up to 31 do for the small sizes what hardware does. The lazy state
 * keeps the operand as it was before the last one-bit step. */
#define SHIFT_BODY(n, value, op, kind, count, keep)                                                \
    {                                                                                              \
        unsigned c = (count);                                                                      \
        __auto_type v = (value);                                                                   \
        if (keep)                                                                                  \
            LAZY2(kind, n, (T_##n)(v op c), (T_##n)(v op(c - 1)));                                 \
        D(n) = (T_##n)(v op c);                                                                    \
        NEXT;                                                                                      \
    }
#define SHIFT(name, n, value, op, kind)                                                            \
    do_##name##n : SHIFT_BODY(n, value, op, kind, u->imm, false) do_##name##n##_f                  \
        : SHIFT_BODY(n, value, op, kind, u->imm, true) do_##name##v##n                             \
        : SHIFT_BODY(n, value, op, kind, R8(u->b) & 31, false) do_##name##v##n##_f:                \
    {                                                                                              \
        if (!(R8(u->b) & 31)) {                                                                    \
            D(n) = A(n);                                                                           \
            NEXT;                                                                                  \
        }                                                                                          \
        SHIFT_BODY(n, value, op, kind, R8(u->b) & 31, true)                                        \
    }

/* Rotates: CF is the bit that went round; OF as for a count of one. (SDM vol. 2, RCL/RCR/ROL/ROR) */
#define ROL(v, c, w)    ((c) & ((w)-1) ? (v) << ((c) & ((w)-1)) | (v) >> ((w) - ((c) & ((w)-1))) : (v))
#define ROR(v, c, w)    ((c) & ((w)-1) ? (v) >> ((c) & ((w)-1)) | (v) << ((w) - ((c) & ((w)-1))) : (v))
#define ROL_FLAGS(r, w) ((r)&1 ? FL_CF : 0) | (((r) >> ((w)-1) ^ (r)) & 1 ? FL_OF : 0)
#define ROR_FLAGS(r, w)                                                                            \
    ((r) >> ((w)-1) & 1 ? FL_CF : 0) | (((r) >> ((w)-1) ^ (r) >> ((w)-2)) & 1 ? FL_OF : 0)
#define ROTATE_BODY(n, dir, count, keep)                                                           \
    {                                                                                              \
        unsigned c = (count);                                                                      \
        T_##n v = A(n), r = (T_##n)dir(v, c, n);                                                   \
        if (keep && c)                                                                             \
            flags_put(cpu, FL_CF | FL_OF, dir##_FLAGS(r, n));                                      \
        D(n) = r;                                                                                  \
        NEXT;                                                                                      \
    }
#define ROTATE(name, n, dir)                                                                       \
    do_##name##n : ROTATE_BODY(n, dir, u->imm, false) do_##name##n##_f                             \
        : ROTATE_BODY(n, dir, u->imm, true) do_##name##v##n                                        \
        : ROTATE_BODY(n, dir, R8(u->b) & 31, false) do_##name##v##n##_f                            \
        : ROTATE_BODY(n, dir, R8(u->b) & 31, true)

#define BIT(name, n, expr)                                                                         \
    do_##name##n:                                                                                  \
    {                                                                                              \
        T_##n v = A(n), m = (T_##n)(1u << (B(n) & (n - 1)));                                       \
        D(n) = (T_##n)(expr);                                                                      \
        NEXT;                                                                                      \
    }                                                                                              \
    do_##name##n##_f:                                                                              \
    {                                                                                              \
        T_##n v = A(n), m = (T_##n)(1u << (B(n) & (n - 1)));                                       \
        flags_put(cpu, FL_CF, v &m ? FL_CF : 0);                                                   \
        D(n) = (T_##n)(expr);                                                                      \
        NEXT;                                                                                      \
    }
#define BIT_TEST(n)                                                                                \
    do_bt##n : NEXT;                                                                               \
    do_bt##n##_f:                                                                                  \
    {                                                                                              \
        flags_put(cpu, FL_CF, A(n) >> (B(n) & (n - 1)) & 1 ? FL_CF : 0);                           \
        NEXT;                                                                                      \
    }

#define IMUL(n)                                                                                    \
    do_imul##n:                                                                                    \
    {                                                                                              \
        D(n) = (T_##n)((u32)A(n) * (u32)B(n));                                                     \
        NEXT;                                                                                      \
    }                                                                                              \
    do_imul##n##_f:                                                                                \
    {                                                                                              \
        D(n) = (T_##n)help_imul2_##n(cpu, A(n), B(n), 0);                                          \
        NEXT;                                                                                      \
    }

/* The twins do what the helpers do. */
#define MULTIPLY(name, helper, type)                                                               \
    do_##name##32:                                                                                 \
    {                                                                                              \
        u64 product = (u64)(type)cpu->r[R_EAX] * (u64)(type)A(32);                                 \
        cpu->r[R_EAX] = (u32)product;                                                              \
        cpu->r[R_EDX] = (u32)(product >> 32);                                                      \
        NEXT;                                                                                      \
    }                                                                                              \
    do_##name##32_f : helper(cpu, A(32), 0, 0);                                                    \
    NEXT;
#define SCAN(name, value)                                                                          \
    do_##name##32 : if (A(32)) D(32) = (value);                                                    \
    NEXT;                                                                                          \
    do_##name##32_f : D(32) = help_##name(cpu, A(32), D(32), 0);                                   \
    NEXT;
#define DOUBLE_SHIFT(name, helper, count, c, wide)                                                 \
    do_##name:                                                                                     \
    {                                                                                              \
        unsigned n = (count);                                                                      \
        u64 x = A(32), y = R32(u->b);                                                              \
        D(32) = (u32)(wide);                                                                       \
        NEXT;                                                                                      \
    }                                                                                              \
    do_##name##_f : D(32) = helper(cpu, A(32), R32(u->b), c);                                      \
    NEXT;

/* Loads and stores: TLB hit inline. */
#define LOAD_AS(name, n, dest, ...)                                                                \
    do_##name:                                                                                     \
    {                                                                                              \
        u32 la = EA;                                                                               \
        u64 e = read_table[mmu_slot(la, BYTES_##n)];                                               \
        T_##n v = mmu_hit(e, la, BYTES_##n) ? *(T_##n *)mmu_ptr(e, la)                             \
                                            : (T_##n)load_slow(tr, u, la, BYTES_##n, read_access); \
        dest(u->d) = __VA_ARGS__ v;                                                                \
        NEXT;                                                                                      \
    }
#define LOAD(n) LOAD_AS(ld##n, n, R##n, )
#define LOAD_WRITE(n)                                                                              \
    do_ldw##n:                                                                                     \
    {                                                                                              \
        u32 la = EA;                                                                               \
        u64 e = write_table[mmu_slot(la, BYTES_##n)];                                              \
        D(n) = mmu_hit(e, la, BYTES_##n)                                                           \
                   ? *(T_##n *)mmu_ptr(e, la)                                                      \
                   : (T_##n)load_write_slow(tr, u, la, BYTES_##n, write_access);                   \
        NEXT;                                                                                      \
    }
#define STORE(name, n, value)                                                                      \
    do_##name##n:                                                                                  \
    {                                                                                              \
        u32 la = EA;                                                                               \
        u64 e = write_table[mmu_slot(la, BYTES_##n)];                                              \
        if (mmu_hit(e, la, BYTES_##n))                                                             \
            *(T_##n *)mmu_ptr(e, la) = (T_##n)(value);                                             \
        else                                                                                       \
            store_slow(tr, u, la, (T_##n)(value), BYTES_##n, write_access);                        \
        NEXT;                                                                                      \
    }

#define MOVE(n)                                                                                    \
    do_mov##n : D(n) = B(n);                                                                       \
    NEXT;                                                                                          \
    do_cmpxsel##n : D(n) = A(n) == R##n(0) ? B(n) : A(n);                                          \
    NEXT;

/* To the exit's target: chained, or back to the run loop. */
#define EXIT_LINK(k)                                                                               \
    do {                                                                                           \
        struct block_link *link = &b->link[k];                                                     \
        if (likely(link->to != NULL) &&                                                            \
            (link->page == UINT32_MAX || fetch_table[link->page] == link->expect)) {               \
            b = link->to;                                                                          \
            goto enter;                                                                            \
        }                                                                                          \
        eip = link->eip;                                                                           \
        if (link->to == NULL) {                                                                    \
            tr->exit_link = link;                                                                  \
            leave_at(tr, eip);                                                                     \
            return;                                                                                \
        }                                                                                          \
        goto find;                                                                                 \
    } while (0)

static void run(struct translator *tr, struct block *b)
{
    static const void *const label[FUSED_END] = {
#define U(name, ...) [U_##name] = &&do_##name,
#include "translate/uop.def"
#undef U
#define X(name, cond) [FUSED_##name] = &&do_fused_##name,
        FUSE_LIST(X)
#undef X
    };
    const struct lazy_flags *const z = &tr->cpu->lazy;
    struct cpu *const cpu = tr->cpu;
    u8 *const file = cpu->file;
    const struct uop *u;
    const u64 *read_table, *write_table, *fetch_table;
    enum mmu_access read_access, write_access;
    u32 eip;

reload:
    read_access = cpu_access(cpu, false);
    write_access = cpu_access(cpu, true);
    read_table = cpu->mmu.tlb[read_access];
    write_table = cpu->mmu.tlb[write_access];
    fetch_table = cpu->mmu.fetch[cpu->cpl == 3];
enter:
    cpu->budget -= b->insns;
    if (unlikely(cpu->budget < 0)) {
        cpu->budget += b->insns;
        leave_at(tr, b->eip);
        return;
    }
    tr->block = b;
    u = b->uop;
    goto *label[u->op];

    MOVE(8)
    MOVE(16)
    MOVE(32)
do_zx8:
    R32(u->d) = R8(u->a);
    NEXT;
do_zx16:
    R32(u->d) = R16(u->a);
    NEXT;
do_sx8:
    R32(u->d) = (u32)(i32)(i8)R8(u->a);
    NEXT;
do_sx16:
    R32(u->d) = (u32)(i32)(i16)R16(u->a);
    NEXT;
do_lea32:
    R32(u->d) = EA;
    NEXT;
do_lea16:
    R32(u->d) = (u16)EA;
    NEXT;
do_bswap:
    R32(u->d) = __builtin_bswap32(R32(u->a));
    NEXT;

    LOAD(8)
    LOAD(16)
    LOAD(32)
    LOAD_AS(ldzx8, 8, R32, )
    LOAD_AS(ldzx16, 16, R32, )
    LOAD_AS(ldsx8, 8, R32, (u32)(i32)(i8))
    LOAD_AS(ldsx16, 16, R32, (u32)(i32)(i16))
    LOAD_WRITE(8)
    LOAD_WRITE(16)
    LOAD_WRITE(32)
    STORE(st, 8, R8(u->d))
    STORE(st, 16, R16(u->d))
    STORE(st, 32, R32(u->d))
    STORE(sti, 8, u->aux)
    STORE(sti, 16, u->aux)
    STORE(sti, 32, u->aux)

do_chk : {
    const struct seg *seg = &cpu->seg[u->imm & 0xff];
    u32 ea = R32(u->a), last = ea + (u->imm >> 8 & 0xff) - 1;

    /* Expand-up read-write data within its limit is by far the most; the rest is help_seg_check's. */
    if (unlikely(last > seg->limit || last < ea || (cpu->mode & MODE_AC) ||
                 (seg->attr & (SEG_P | SEG_W | SEG_EXPDOWN | SEG_CODE)) != (SEG_P | SEG_W))) {
        tr->cur = u;
        help_seg_check(cpu, ea, 0, u->imm);
    }
    NEXT;
}
do_chkcs:
    if (unlikely(u->imm > cpu->seg[SREG_CS].limit || u->imm < b->eip)) {
        tr->cur = u;
        if (b->mode & MODE_ONE_INSN)
            cpu_raise_err(cpu, EXCP_GP, 0);
        cpu->cs_limit_hit = true;
        cpu->budget += b->insns;
        leave_at(tr, b->eip);
        return;
    }
    NEXT;

    BINARY3(add, x + y, ADD)
    BINARY3(sub, x - y, SUB)
    BINARY3(and, x & y, LOGIC)
    BINARY3(or, x | y, LOGIC)
    BINARY3(xor, x ^ y, LOGIC)
    CARRY(adc, 8, +, ADC)
    CARRY(adc, 16, +, ADC)
    CARRY(adc, 32, +, ADC)
    CARRY(sbb, 8, -, SBB)
    CARRY(sbb, 16, -, SBB)
    CARRY(sbb, 32, -, SBB)
    COMPARE(cmp, 8, -, SUB)
    COMPARE(cmp, 16, -, SUB)
    COMPARE(cmp, 32, -, SUB)
    COMPARE(test, 8, &, LOGIC)
    COMPARE(test, 16, &, LOGIC)
    COMPARE(test, 32, &, LOGIC)
    STEP(inc, 8, +, INC)
    STEP(inc, 16, +, INC)
    STEP(inc, 32, +, INC)
    STEP(dec, 8, -, DEC)
    STEP(dec, 16, -, DEC)
    STEP(dec, 32, -, DEC)
    NEGATE(8)
    NEGATE(16)
    NEGATE(32)
    IMUL(16)
    IMUL(32)
    MULTIPLY(mul, help_mul32, u32)
    MULTIPLY(muls, help_imul32, i32)
    SCAN(bsf, (u32)__builtin_ctz(A(32)))
    SCAN(bsr, 31 - (u32)__builtin_clz(A(32)))
    DOUBLE_SHIFT(shld32, help_shld32, u->imm, u->imm, (x << 32 | y) << n >> 32)
    DOUBLE_SHIFT(shrd32, help_shrd32, u->imm, u->imm, (y << 32 | x) >> n)
    DOUBLE_SHIFT(shldv32, help_shld32, cpu->r[R_ECX] & 31, 0x80, (x << 32 | y) << n >> 32)
    DOUBLE_SHIFT(shrdv32, help_shrd32, cpu->r[R_ECX] & 31, 0x80, (y << 32 | x) >> n)
    SHIFT(shl, 8, (u64)A(8), <<, SHL)
    SHIFT(shl, 16, (u64)A(16), <<, SHL)
    SHIFT(shl, 32, (u64)A(32), <<, SHL)
    SHIFT(shr, 8, (u64)A(8), >>, SHR)
    SHIFT(shr, 16, (u64)A(16), >>, SHR)
    SHIFT(shr, 32, (u64)A(32), >>, SHR)
    SHIFT(sar, 8, (i64)(i8)A(8), >>, SAR)
    SHIFT(sar, 16, (i64)(i16)A(16), >>, SAR)
    SHIFT(sar, 32, (i64)(i32)A(32), >>, SAR)
    ROTATE(rol, 8, ROL)
    ROTATE(rol, 16, ROL)
    ROTATE(rol, 32, ROL)
    ROTATE(ror, 8, ROR)
    ROTATE(ror, 16, ROR)
    ROTATE(ror, 32, ROR)
    BIT_TEST(16)
    BIT_TEST(32)
    BIT(bts, 16, v | m)
    BIT(bts, 32, v | m)
    BIT(btr, 16, v & ~m)
    BIT(btr, 32, v & ~m)
    BIT(btc, 16, v ^ m)
    BIT(btc, 32, v ^ m)

do_setcc:
    R8(u->d) = flags_cond(cpu, u->aux);
    NEXT;
do_cmov16:
    if (flags_cond(cpu, u->aux))
        D(16) = B(16);
    NEXT;
do_cmov32:
    if (flags_cond(cpu, u->aux))
        D(32) = B(32);
    NEXT;
do_clc:
do_stc:
do_cmc:
do_lahf:
do_sahf:
do_salc:
    uop_exec_flag_op(cpu, u);
    NEXT;
do_rdsel:
    R32(u->d) = cpu->seg[u->imm].sel;
    NEXT;
do_call:
    tr->cur = u;
    R32(u->d) = helpers[u->aux].fn(cpu, R32(u->a), R32(u->b), u->imm);
    NEXT;

do_side:
    if (flags_cond(cpu, u->aux)) {
        cpu->budget += b->insns - (u->insn + 1);
        EXIT_LINK(u->scale);
    }
    NEXT;
do_exit_jmp:
do_exit_call:
    EXIT_LINK(0);
do_jcc:
    if (flags_cond(cpu, u->aux))
        EXIT_LINK(1);
    EXIT_LINK(0);
#define X(name, cond)                                                                              \
    do_fused_##name : if (cond) EXIT_LINK(1);                                                      \
    EXIT_LINK(0);
    FUSE_LIST(X)
#undef X
do_brz:
    if (R32(u->a) == 0)
        EXIT_LINK(1);
    EXIT_LINK(0);
do_brnz:
    if (R32(u->a) != 0)
        EXIT_LINK(1);
    EXIT_LINK(0);
do_exit_ind:
do_exit_calli:
do_exit_ret:
    eip = R32(u->a);
find:
    b = find_fast(tr, eip, fetch_table);
    if (likely(b != NULL))
        goto enter;
    leave_at(tr, eip);
    return;
do_exit_eip:
    eip = cpu->eip;
    goto find_mode;
do_exit_mode:
    eip = u->imm;
find_mode:
    if (!must_leave(cpu)) {
        b = find_fast(tr, eip, cpu->mmu.fetch[cpu->cpl == 3]);
        if (likely(b != NULL))
            goto reload;
    }
    leave_at(tr, eip);
    return;
do_exit_run:
    leave_at(tr, u->imm);
    return;
do_stop:
    restore_state(tr, b, (unsigned)(u - b->uop));
}

static void compile(struct translator *tr, struct block *block)
{
    (void)tr;
    block->target = block;
    interp_fuse(block);
}

static struct block *current(const struct translator *tr, unsigned *at)
{
    if (tr->block)
        *at = (unsigned)(tr->cur - tr->block->uop);
    return tr->block;
}

static void stop_after(struct translator *tr, struct block *block, unsigned insn)
{
    struct uop *u;

    (void)tr;
    if (insn + 1u >= block->insns)
        return;
    /* A NOP has no micro-op: this one may belong to a later instruction. */
    u = &block->uop[block->insn_uop[insn + 1]];
    u->op = U_stop;
    u->insn = (u8)(insn + 1);
}

const struct engine engine_interp = {
    .name = "interp",
    .compile = compile,
    .run = run,
    .stop_after = stop_after,
    .current = current,
};
