/* The code that every block shares: in and out of translated code, block lookup; with thunk_mem.c and
 * thunk_flags.c. Written once, at the start of the buffer. */
#include "translate/x64/thunk.h"

/* The registers that mirror struct cpu. */
static const struct {
    u8 reg, slot;
} mirrored[] = {{RAX, R_EAX}, {RCX, R_ECX}, {RDX, R_EDX}, {RBX, R_EBX}, {R8_, R_ESP}, {RBP, R_EBP},
                {RSI, R_ESI}, {RDI, R_EDI}, {R9_, R_T0},  {R10_, R_T1}, {R12_, R_T5}};

static void save_all(struct x64 *x, struct code *c)
{
    unsigned i;

    code_if_xmm(c, x->xmm_save);
    for (i = 0; i < ARRAY_SIZE(mirrored); i++)
        code_store_cpu(c, 4, mirrored[i].reg, offsetof(struct cpu, r) + mirrored[i].slot * 4u);
    code_store_cpu(c, 4, H_BUDGET, offsetof(struct cpu, budget));
}

static void load_registers(struct code *c)
{
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(mirrored); i++)
        code_load_cpu(c, 4, mirrored[i].reg, offsetof(struct cpu, r) + mirrored[i].slot * 4u);
    code_load_cpu(c, 4, H_BUDGET, offsetof(struct cpu, budget));
}

static void load_all(struct x64 *x, struct code *c)
{
    code_if_xmm(c, x->xmm_load);
    load_registers(c);
}

/* The same around C that leaves T1 alone: r10, which may be a group's, comes back whole. */
void thunk_save_whole(struct x64 *x, struct code *c)
{
    save_all(x, c);
    code_store_cpu(c, 8, R10_, offsetof(struct cpu, engine.group));
}

void thunk_load_whole(struct x64 *x, struct code *c)
{
    load_all(x, c);
    code_load_cpu(c, 8, R10_, offsetof(struct cpu, engine.group));
}

static void add_rsp(struct code *c, i32 bytes)
{
    if (bytes < 0)
        code_alu_ri(c, 8, ALU_SUB, RSP, (u32)-bytes);
    else
        code_alu_ri(c, 8, ALU_ADD, RSP, (u32)bytes);
}

/* What a C function gives back as it was. (System V ABI, x86-64, 3.2.1) */
static const u8 callee_saved[] = {RBX, RBP, R12_, R13_, R14_, R15_};

/* Drops the return addresses that are on the stack when they hold no longer, in another context than that
 * which the calls were made in. Clobbers r15 only. returns: a thunk's return address is above them. */
void thunk_check_context(struct code *c, bool returns)
{
    u8 *holds;

    code_load_cpu(c, 8, H_S2, offsetof(struct cpu, mmu.context));
    code_alu_reg_cpu(c, 8, ALU_CMP, H_S2, offsetof(struct cpu, engine.context));
    holds = code_jcc_short(c, CC_E);
    code_store_cpu(c, 8, H_S2, offsetof(struct cpu, engine.context));
    if (returns)
        code_pop(c, H_S2);
    code_load_cpu(c, 8, RSP, offsetof(struct cpu, engine.sp));
    if (returns)
        code_jmp_reg(c, H_S2);
    code_bind_short(c, holds);
}

static void make_enter(struct x64 *x, struct code *c)
{
    unsigned i;

    x->enter = code_here(c);
    for (i = 0; i < ARRAY_SIZE(callee_saved); i++)
        code_push(c, callee_saved[i]);
    code_mov_rr(c, 8, H_CPU, RDI);
    code_mov_rr(c, 8, H_S1, RSI);
    code_mov_ri64(c, RAX, (u64)(uintptr_t)x->unpaired);
    code_push(c, RAX);
    code_store_cpu(c, 8, RSP, offsetof(struct cpu, engine.sp));
    code_load_cpu(c, 8, RAX, offsetof(struct cpu, mmu.context));
    code_store_cpu(c, 8, RAX, offsetof(struct cpu, engine.context));
    if (x->windows) {
        code_store_cpu(
            c, 8, RSP,
            offsetof(struct cpu, engine.window_now)); /* none: GS may be another machine's */
        mem_window_enter(c);
    }
    gen_xmm_dead(c); /* however the last run ended */
    load_registers(c);
    code_jmp_reg(c, H_S1);
}

static void make_leave(struct x64 *x, struct code *c)
{
    unsigned i;

    x->leave = code_here(c);
    save_all(x, c);
    code_mov_rr(c, 8, RAX, H_S1);
    code_load_cpu(c, 8, RSP, offsetof(struct cpu, engine.sp));
    add_rsp(c, 8);
    for (i = ARRAY_SIZE(callee_saved); i-- > 0;)
        code_pop(c, callee_saved[i]);
    code_ret(c);

    x->save = code_here(c);
    save_all(x, c);
    code_ret(c);

    x->load = code_here(c);
    load_all(x, c);
    thunk_check_context(c, true);
    code_ret(c);
}

/* Called with r13d = EIP: finds the block by the jump cache, with what the interpreter's find_fast()
 * compares, and returns its code in r10; the caller jumps there itself, so that each site has a branch
 * prediction of its own. Does not return on a miss. The temporaries are free between blocks. */
static const u8 *make_lookup(struct code *c, bool user, bool flat, const u8 *leave)
{
    const u8 *start = code_here(c);
    u8 *miss[5];
    unsigned i, n = 0;
    i32 cache = (i32)offsetof(struct translator, jump_cache);

    code_load_cpu(c, 4, R12_, offsetof(struct cpu, r) + (R_BASE + SREG_CS) * 4u);
    code_lea(c, 4, H_S2, H_S1, R12_, 0, 0); /* r15 = la */
    code_page_entry(c, R9_, H_S2, fetch_field(user));
    miss[n++] = code_jcc_short(c, CC_E);
    code_alu_rr(c, 8, ALU_ADD, R9_, flat ? H_S1 : H_S2); /* r9 = host address */
    code_mov_rr(c, 8, R10_, R9_);
    code_shift_ri(c, 8, SHIFT_SHR, R10_, 12);
    code_alu_rr(c, 8, ALU_XOR, R10_, R9_);
    code_alu_ri(c, 4, ALU_AND, R10_, (1 << JUMP_CACHE_BITS) - 1);
    code_shift_ri(c, 4, SHIFT_SHL, R10_, 5); /* 32 bytes a slot */
    code_alu_reg_cpu(c, 8, ALU_ADD, R10_, offsetof(struct cpu, translator));
    code_alu_mr(c, 8, ALU_CMP, R10_, cache + (i32)offsetof(struct jump_entry, host), R9_);
    miss[n++] = code_jcc_short(c, CC_NE);
    code_alu_mr(c, 4, ALU_CMP, R10_, cache + (i32)offsetof(struct jump_entry, eip), H_S1);
    miss[n++] = code_jcc_short(c, CC_NE);
    code_alu_mr(c, 4, ALU_CMP, R10_, cache + (i32)offsetof(struct jump_entry, cs_base), R12_);
    miss[n++] = code_jcc_short(c, CC_NE);
    code_load_cpu(c, 4, R9_, offsetof(struct cpu, mode));
    code_alu_mr(c, 4, ALU_CMP, R10_, cache + (i32)offsetof(struct jump_entry, mode), R9_);
    miss[n++] = code_jcc_short(c, CC_NE);
    code_load(c, 8, R10_, R10_, cache + (i32)offsetof(struct jump_entry, target));
    if (flat) { /* for the next time */
        code_mov_rr(c, 8, R9_, R10_);
        code_jump_key(c);
        code_rm(c, 8, OP_MOV_STORE, R10_, H_CPU, H_S2, 3, (i32)offsetof(struct cpu, jump.key),
                false);
        code_rm(c, 8, OP_MOV_STORE, R9_, H_CPU, H_S2, 3, (i32)offsetof(struct cpu, jump.code),
                false);
        code_mov_rr(c, 8, R10_, R9_);
    }
    code_ret(c);
    for (i = 0; i < n; i++)
        code_bind_short(c, miss[i]);
    code_store_cpu(c, 4, H_S1, offsetof(struct cpu, eip));
    code_mov_ri(c, H_S1, 0);
    code_jmp(c, leave);
    return start;
}

/* To the run loop where engine_leaves() says so; else a lookup at the current privilege. */
static void make_mode_exit(struct x64 *x, struct code *c)
{
#define X(field) offsetof(struct cpu, field),
    static const size_t leaves[] = {ENGINE_LEAVES(X)};
#undef X
    u8 *out[ARRAY_SIZE(leaves) + 1], *user, *go_on;
    unsigned i;

    x->mode_exit = code_here(c);
    code_if_xmm(c, x->xmm_drop); /* so that a kernel need not take them along */
    for (i = 0; i < ARRAY_SIZE(leaves); i++) {
        code_alu_cpu(c, 1, ALU_CMP, leaves[i], 0);
        out[i] = code_jcc_forward(c, CC_NE);
    }
    code_test_cpu(c, offsetof(struct cpu, mode), MODE_TF);
    out[i] = code_jcc_forward(c, CC_NE);
    if (x->windows)
        mem_window_enter(c);
    thunk_check_context(c, false);
    go_on = c->p;
    code_jump_known(c); /* modes with another CS base are never in it */
    code_alu_cpu(c, 1, ALU_CMP, offsetof(struct cpu, cpl), 3);
    user = code_jcc_short(c, CC_E);
    code_call(c, x->lookup[0][0]);
    code_jmp_reg(c, R10_);
    code_bind_short(c, user);
    code_call(c, x->lookup[1][0]);
    code_jmp_reg(c, R10_);
    for (i = 0; i < ARRAY_SIZE(out); i++)
        code_bind(c, out[i]);
    code_store_cpu(c, 4, H_S1, offsetof(struct cpu, eip));
    code_mov_ri(c, H_S1, 0);
    code_jmp(c, x->leave);

    x->unpaired = code_here(c);
    add_rsp(c, -8); /* for the next one */
    code_mov_rr(c, 4, H_S1, H_RETURN);
    code_jmp(c, go_on + c->delta);

    /* Leaves with link 1, which no link is: run() restores the state. */
    x->stop_modified = code_here(c);
    code_mov_ri64(c, H_S1, (u64)(uintptr_t)&x->modified_pos);
    code_load(c, 8, H_S1, H_S1, 0);
    code_store_cpu(c, 8, H_S1, offsetof(struct cpu, engine.pos));
    code_mov_ri(c, H_S1, 1);
    code_jmp(c, x->leave);
}

void thunk_make(struct x64 *x)
{
    struct code *c = &x->code;

    c->p = x->buf.rw;
    c->delta = x->buf.rx - x->buf.rw;
    gen_sse_thunks(x, c);
    make_leave(x, c);
    mem_make_thunks(x, c);
    x->lookup[0][0] = make_lookup(c, false, false, x->leave);
    x->lookup[0][1] = make_lookup(c, false, true, x->leave);
    x->lookup[1][0] = make_lookup(c, true, false, x->leave);
    x->lookup[1][1] = make_lookup(c, true, true, x->leave);
    make_mode_exit(x, c);
    thunk_make_carry(x, c);
    thunk_make_flags(x, c);
    thunk_make_x87(x, c);
    make_enter(x, c);
    x->first = c->p;
}
