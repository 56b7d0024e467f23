/* The interpreter engine: runs micro-ops one by one. The reference for every other engine.
 *
 * Threaded code: each micro-op's body ends with a jump to the next one's. Registers stay in struct cpu. Bodies that
 * are alike are made by macros: alu.h, shift.h, and memory.h, which looks in the software TLB in line. */
#include "cpu/excp.h"
#include "cpu/helper_arg.h"
#include "cpu/seglimit.h"
#include "translate/engine.h"
#include "translate/interp/alu.h"
#include "translate/interp/fuse.h"
#include "translate/interp/memory.h"
#include "translate/interp/shift.h"
#include "translate/uop_exec.h"

static void leave_at(struct translator *tr, u32 eip)
{
    tr->cpu->eip = eip;
    tr->block = NULL;
}

/* By the jump cache only; the run loop does the rest. */
static always_inline struct block *find_fast(struct translator *tr, u32 eip, const u64 *fetch_table)
{
    struct cpu *cpu = tr->cpu;
    u32 cs_base = cpu->r[R_BASE + SREG_CS], la = la_add(cs_base, eip);
    u64 host = (u64)(uintptr_t)tlb_find_page(fetch_table, la);
    const struct jump_entry *e = &tr->jump_cache[jump_cache_slot(host)];

    if (unlikely(!host))
        return NULL;
    if (likely(e->host == host && e->eip == eip && e->mode == cpu->mode && e->cs_base == cs_base) &&
        block_enterable(e->target, fetch_table))
        return (struct block *)(uintptr_t)e->target;
    return NULL;
}

/* To the exit's target: chained, or back to the run loop. */
#define EXIT_LINK(k)                                                                               \
    do {                                                                                           \
        struct block_link *link = &b->link[k];                                                     \
        if (likely(link->to != NULL) &&                                                            \
            (link->page == UINT32_MAX || fetch_table[link->page] == link->expect) &&               \
            block_enterable(link->to, fetch_table)) {                                              \
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

/* clang-format off */
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
    u8 *const file = (u8 *)cpu->r;
    const struct uop *u;
    const u64 *read_table, *write_table, *fetch_table;
    enum mmu_access read_access, write_access;
    u32 eip;

reload:
    read_access = cpu_access(cpu, false);
    write_access = cpu_access(cpu, true);
    read_table = cpu->mmu.tlb.data[read_access];
    write_table = cpu->mmu.tlb.data[write_access];
    fetch_table = cpu->mmu.tlb.fetch[cpu->cpl == 3];
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

    SIZES(MOVE, mov, cmpxsel)
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

do_chk: {
    struct seg_access access = seg_access_unpack(u->imm);
    u32 ea = R32(u->a);

    if (unlikely((cpu->mode & MODE_AC) || !seg_plain_ok(&cpu->seg[access.seg], ea, access.len))) {
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

    SIZES(BINARY, add, x + y, ADD)
    SIZES(BINARY, sub, x - y, SUB)
    SIZES(BINARY, and, x & y, LOGIC)
    SIZES(BINARY, or, x | y, LOGIC)
    SIZES(BINARY, xor, x ^ y, LOGIC)
    SIZES(CARRY, adc, +, ADC)
    SIZES(CARRY, sbb, -, SBB)
    SIZES(COMPARE, cmp, -, SUB)
    SIZES(COMPARE, test, &, LOGIC)
    SIZES(STEP, inc, +, INC)
    SIZES(STEP, dec, -, DEC)
    SIZES(NEGATE, neg, not)
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
    SIZES(SHIFT, shl, ZERO_EXTENDED, <<, SHL)
    SIZES(SHIFT, shr, ZERO_EXTENDED, >>, SHR)
    SIZES(SHIFT, sar, SIGN_EXTENDED, >>, SAR)
    SIZES(ROTATE, rol, ROL)
    SIZES(ROTATE, ror, ROR)
    BIT_TEST(16)
    BIT_TEST(32)
    BIT(bts, v | m, 16)
    BIT(bts, v | m, 32)
    BIT(btr, v & ~m, 16)
    BIT(btr, v & ~m, 32)
    BIT(btc, v ^ m, 16)
    BIT(btc, v ^ m, 32)

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
find: /* a cold block's successors may be native */
    b = b->cold ? NULL : find_fast(tr, eip, fetch_table);
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
    if (!b->cold && !engine_leaves(cpu)) {
        b = find_fast(tr, eip, cpu->mmu.tlb.fetch[cpu->cpl == 3]);
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
/* clang-format on */

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
