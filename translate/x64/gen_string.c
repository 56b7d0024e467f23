/* Short REP MOVS in native code: what lies in one page each way, and in the TLB. The helper does the rest, and
 * what is long: it copies by the page. */
#include "cpu/helper.h"
#include "cpu/helper_arg.h"
#include "translate/x64/mem.h"

#define LONGEST 256 /* bytes: beyond that the helper's way is no loss */

/* Jumps to out[n++] unless [reg, reg + r9) lies in one page. Clobbers r13. */
static void in_one_page(struct code *c, unsigned reg, u8 **out, unsigned *n)
{
    code_mov_rr(c, 4, H_S1, reg);
    code_alu_ri(c, 4, ALU_AND, H_S1, PAGE_MASK);
    code_alu_rr(c, 4, ALU_ADD, H_S1, R9_);
    code_alu_ri(c, 4, ALU_CMP, H_S1, PAGE_SIZE);
    out[(*n)++] = code_jcc_forward(c, CC_A);
}

/* host = host address of the guest's in reg; jumps to out[n++] when the TLB does not know it. */
static void host_address(struct code *c, unsigned host, unsigned reg, enum mmu_access access,
                         u8 **out, unsigned *n)
{
    code_page_entry(c, host, reg, tlb_field(access));
    out[(*n)++] = code_jcc_forward(c, CC_E);
    code_alu_rr(c, 8, ALU_ADD, host, reg);
}

/* Moves `size` bytes (1 to 16) from [r13] to [r15] by r12 or xmm8. */
static void move_bytes(struct code *c, unsigned size)
{
    if (size == 16) {
        code_rm(c, 4, OP_MOVUPS_LOAD, 8, H_S1, NO_REG, 0, 0, false);
        code_rm(c, 4, OP_MOVUPS_STORE, 8, H_S2, NO_REG, 0, 0, false);
    } else {
        code_load(c, size, R12_, H_S1, 0);
        code_store(c, size, R12_, H_S2, 0);
    }
}

/* The r9d bytes from [r13] to [r15], upwards, sixteen at a time: right for a destination below the source,
 * too. */
static void copy_up(struct code *c)
{
    static const u8 rest[] = {8, 4, 2, 1};
    u8 *tail, *skip, *done;
    const u8 *more;

    code_alu_ri(c, 4, ALU_SUB, R9_, 16);
    tail = code_jcc_short(c, CC_B);
    more = code_here(c);
    move_bytes(c, 16);
    code_alu_ri(c, 8, ALU_ADD, H_S1, 16);
    code_alu_ri(c, 8, ALU_ADD, H_S2, 16);
    code_alu_ri(c, 4, ALU_SUB, R9_, 16);
    code_jcc(c, CC_AE, more);
    code_bind_short(c, tail);
    code_alu_ri(c, 4, ALU_AND, R9_, 15);
    done = code_jcc_short(c, CC_E);
    for (unsigned i = 0; i < ARRAY_SIZE(rest); i++) {
        code_test_ri(c, 1, R9_, rest[i]);
        skip = code_jcc_short(c, CC_E);
        move_bytes(c, rest[i]);
        code_alu_ri(c, 8, ALU_ADD, H_S1, rest[i]);
        code_alu_ri(c, 8, ALU_ADD, H_S2, rest[i]);
        code_bind_short(c, skip);
    }
    code_bind_short(c, done);
}

/* Called: REP MOVS of elements of 1 << shift bytes, all of ECX. ZF: done, and r9 is 0. */
static const u8 *make_movs(struct code *c, unsigned shift, bool user)
{
    const u8 *start = code_align(c);
    u8 *out[6];
    unsigned n = 0;

    code_alu_ri(c, 4, ALU_CMP, RCX, LONGEST >> shift);
    out[n++] = code_jcc_forward(c, CC_A);
    code_mov_rr(c, 4, R9_, RCX);
    if (shift) {
        code_shift_ri(c, 4, SHIFT_SHL, R9_, shift);
    }
    in_one_page(c, RSI, out, &n);
    in_one_page(c, RDI, out, &n);
    host_address(c, H_S1, RSI, user ? MMU_READ_USER : MMU_READ_SUPER, out, &n);
    host_address(c, H_S2, RDI, user ? MMU_WRITE_USER : MMU_WRITE_SUPER, out, &n);
    code_mov_rr(c, 8, R12_, H_S2);
    code_alu_rr(c, 8, ALU_SUB, R12_, H_S1);
    code_alu_rr(c, 8, ALU_CMP, R12_, R9_);
    out[n++] = code_jcc_forward(c, CC_B); /* elements repeat */
    code_alu_rr(c, 4, ALU_ADD, RSI, R9_);
    code_alu_rr(c, 4, ALU_ADD, RDI, R9_);
    code_mov_ri(c, RCX, 0);
    copy_up(c);
    code_mov_ri(c, R9_, 0);
    code_test_rr(c, 4, R9_, R9_); /* ZF */
    code_ret(c);
    while (n-- > 0)
        code_bind(c, out[n]);
    code_test_rr(c, 8, RSP, RSP); /* no ZF */
    code_ret(c);
    return start;
}

void gen_string_thunks(struct x64 *x, struct code *c)
{
    for (unsigned user = 0; user < 2; user++)
        for (unsigned shift = 0; shift < 3; shift++)
            x->movs[user][shift] = make_movs(c, shift, user);
}

bool gen_movs(struct gen *g, const struct uop *u)
{
    const u32 flat = MODE_FLAT(SREG_ES) | MODE_FLAT(SREG_DS);
    struct string_arg arg = string_arg_unpack(u->imm);
    u32 mode = g->b->mode & (flat | MODE_DF | MODE_TF | MODE_AC);
    struct code *c = &g->c;
    struct slow *s;

    if (mode != flat || !arg.rep || arg.asz != 4 || arg.seg != SREG_DS || u->d != REG32(R_T0))
        return false;
    code_call(c, g->x64->movs[(g->b->mode & MODE_CPL) == 3][arg.size >> 1]);
    s = gen_add_slow(g, SLOW_HELPER, 0, code_jcc_forward(c, CC_NE), 0);
    s->back = c->p;
    return true;
}
