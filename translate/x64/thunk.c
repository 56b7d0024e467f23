/* The code that every block shares: in and out of translated code, memory slow paths, block lookup,
 * flags. Written once, at the start of the buffer. */
#include "cpu/excp.h"
#include "cpu/flags.h"
#include "cpu/x87/x87.h"
#include "translate/x64/x64.h"

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
static void save_whole(struct x64 *x, struct code *c)
{
    save_all(x, c);
    code_store_cpu(c, 8, R10_, offsetof(struct cpu, native_group));
}

static void load_whole(struct x64 *x, struct code *c)
{
    load_all(x, c);
    code_load_cpu(c, 8, R10_, offsetof(struct cpu, native_group));
}

static void add_rsp(struct code *c, i32 bytes)
{
    code_rr(c, 8, 0x83, bytes < 0 ? 5 : 0, RSP);
    code8(c, (u8)(bytes < 0 ? -bytes : bytes));
}

/* push and pop of a 64-bit register. */
static void push(struct code *c, unsigned reg)
{
    if (reg >= R8_)
        code8(c, 0x41);
    code8(c, (u8)(0x50 | (reg & 7)));
}

static void pop(struct code *c, unsigned reg)
{
    if (reg >= R8_)
        code8(c, 0x41);
    code8(c, (u8)(0x58 | (reg & 7)));
}

static const u8 kept[] = {RBX, RBP, R12_, R13_, R14_, R15_};

/* Drops the return addresses that are on the stack when they hold no longer, in another context than that
 * which the calls were made in. Only r15 is spent. returns: a thunk's return address is above them. */
static void check_context(struct code *c, bool returns)
{
    u8 *holds;

    code_load_cpu(c, 8, H_S2, offsetof(struct cpu, mmu.context));
    code_rm(c, 8, 0x3b, H_S2, H_CPU, NO_REG, 0, (i32)offsetof(struct cpu, native_context), false);
    holds = code_jcc_short(c, CC_E);
    code_store_cpu(c, 8, H_S2, offsetof(struct cpu, native_context));
    if (returns)
        pop(c, H_S2);
    code_load_cpu(c, 8, RSP, offsetof(struct cpu, native_sp));
    if (returns)
        code_rr(c, 4, 0xff, 4, H_S2); /* jmp r15 */
    code_land(c, holds);
}

static void make_enter(struct x64 *x, struct code *c)
{
    unsigned i;

    x->enter = code_here(c);
    for (i = 0; i < ARRAY_SIZE(kept); i++) {
        if (kept[i] >= R8_)
            code8(c, 0x41);
        code8(c, (u8)(0x50 | (kept[i] & 7)));
    }
    code_mov_rr(c, 8, H_CPU, RDI);
    code_mov_rr(c, 8, H_S1, RSI);
    code_mov_ri64(c, RAX, (u64)(uintptr_t)x->unpaired);
    push(c, RAX);
    code_store_cpu(c, 8, RSP, offsetof(struct cpu, native_sp));
    code_load_cpu(c, 8, RAX, offsetof(struct cpu, mmu.context));
    code_store_cpu(c, 8, RAX, offsetof(struct cpu, native_context));
    gen_xmm_dead(c); /* however the last run ended */
    load_registers(c);
    code_rr(c, 4, 0xff, 4, H_S1); /* jmp r13 */
}

static void make_leave(struct x64 *x, struct code *c)
{
    unsigned i;

    x->leave = code_here(c);
    save_all(x, c);
    code_mov_rr(c, 8, RAX, H_S1);
    code_load_cpu(c, 8, RSP, offsetof(struct cpu, native_sp));
    add_rsp(c, 8);
    for (i = ARRAY_SIZE(kept); i-- > 0;) {
        if (kept[i] >= R8_)
            code8(c, 0x41);
        code8(c, (u8)(0x58 | (kept[i] & 7)));
    }
    code8(c, 0xc3);

    x->save = code_here(c);
    save_all(x, c);
    code8(c, 0xc3);

    x->load = code_here(c);
    load_all(x, c);
    check_context(c, true);
    code8(c, 0xc3);
}

static u32 mem_load(struct cpu *cpu, u32 la, u32 arg)
{
    unsigned size = arg & 0xff;
    enum mmu_access access = (enum mmu_access)(arg >> 8);
    u64 value;

    if (access & MMU_WRITE) { /* first half of a read-modify-write */
        if (!mmu_probe(&cpu->mmu, la, size, access))
            cpu_raise_pf(cpu);
        access = (enum mmu_access)(access & ~MMU_WRITE);
    }
    if (!mmu_load_slow(&cpu->mmu, la, size, access, &value))
        cpu_raise_pf(cpu);
    return (u32)value;
}

static void mem_store(struct cpu *cpu, u32 la, u32 value, u32 arg)
{
    if (!mmu_store_slow(&cpu->mmu, la, value, arg & 0xff, (enum mmu_access)(arg >> 8)))
        cpu_raise_pf(cpu);
}

/* r13 = the TLB entry for the page of r15d, the address. Jumps are for an access that it cannot serve: crossing
 * the page, or not valid. What remains was only misaligned. */
static void check_misaligned(struct x64 *x, struct code *c, unsigned size, enum mmu_access access,
                             u8 *slow[2])
{
    slow[0] = code_page_entry_within(c, x->bmi2, H_S1, H_S1, H_S2, size, access);
    slow[1] = code_jcc(c, CC_E, code_here(c));
}

/* cpu->engine_pos = the word `before` bytes ahead of the return address, which is on top of the stack. */
static void take_position(struct code *c, i32 before)
{
    code_rm(c, 8, 0x8b, RAX, RSP, NO_REG, 0, 0, false);
    code_rm(c, 8, 0x8b, RAX, RAX, NO_REG, 0, -before, false);
    code_store_cpu(c, 8, RAX, offsetof(struct cpu, engine_pos));
}

/* ret 8: the value that was pushed is gone. */
static void return_store(struct code *c)
{
    code8(c, 0xc2);
    code8(c, 8);
    code8(c, 0);
}

/* r13d = `size` bytes at [r13], zero-extended. */
static void load_host(struct code *c, unsigned size)
{
    static const u16 opcode[] = {0x0fb6, 0x0fb7, 0x8b};

    code_rm(c, 4, opcode[size >> 1], H_S1, H_S1, NO_REG, 0, 0, false);
}

/* The value that the caller of a store pushed goes to [r13]; returns. */
static void store_host(struct code *c, unsigned size)
{
    code_rm(c, 4, 0x8b, H_S2, RSP, NO_REG, 0, 8, false);
    code_rm(c, size, size == 1 ? 0x88 : 0x89, H_S2, H_S1, NO_REG, 0, 0, size == 1);
    return_store(c);
}

#define MIXED_SHIFT 5
_Static_assert(sizeof(struct mmu_mixed) == 1u << MIXED_SHIFT,
               "the slot's offset is made by shifts");

static size_t mixed_field(size_t field)
{
    return offsetof(struct cpu, mmu.mixed) + field;
}

/* Behind a look-up of r15d in vain: where its page is one of code and data, rax = struct cpu + the slot's offset. rax
 * and rcx are on the stack from here on, and at the jump to *other as well. */
static void find_mixed(struct code *c, enum mmu_access access, u8 **other)
{
    push(c, RAX);
    push(c, RCX);
    code_load_cpu(c, 8, RCX,
                  offsetof(struct cpu, mmu.context)); /* the key, as mixed_key() has it */
    code_rr(c, 8, 0xc1, 5, RCX);
    code8(c, MMU_CONTEXT_COUNT);
    code_rr(c, 8, 0xc1, 4, RCX);
    code8(c, MMU_CONTEXT_COUNT);
    code_mov_rr(c, 4, RAX, H_S2);
    code_alu_ri(c, 4, ALU_AND, RAX, ~PAGE_MASK);
    code_alu_ri(c, 4, ALU_OR, RAX, access);
    code_alu_rr(c, 8, ALU_OR, RCX, RAX);
    code_rr(c, 4, 0xc1, 5, RAX); /* the slot's offset */
    code8(c, PAGE_SHIFT - MIXED_SHIFT);
    code_alu_ri(c, 4, ALU_AND, RAX, (MMU_MIXED - 1) << MIXED_SHIFT);
    code_rr(c, 8, 0x01, H_CPU, RAX);
    code_rm(c, 8, 0x3b, RCX, RAX, NO_REG, 0, (i32)mixed_field(offsetof(struct mmu_mixed, key)),
            false);
    *other = code_jcc(c, CC_NE, code_here(c));
}

/* r13 = the host address; the stack is as before. */
static void take_mixed(struct code *c)
{
    code_rm(c, 8, 0x8b, H_S1, RAX, NO_REG, 0, (i32)mixed_field(offsetof(struct mmu_mixed, entry)),
            false);
    code_rr(c, 8, 0x01, H_S2, H_S1);
    pop(c, RCX);
    pop(c, RAX);
}

/* r13d: not 0 when any of the bytes at r15d is code. Sets the flags; rcx is spent. */
static void look_for_code(struct code *c, unsigned size)
{
    code_mov_rr(c, 4, RCX, H_S2);
    code_alu_ri(c, 4, ALU_AND, RCX, PAGE_MASK);
    code_rr(c, 4, 0xc1, 5, RCX);
    code8(c, 3);
    code_rm(c, 8, 0x8b, H_S1, RAX, NO_REG, 0, (i32)mixed_field(offsetof(struct mmu_mixed, code)),
            false);
    code_rm(c, 4, 0x0fb7, H_S1, H_S1, RCX, 0, 0, false);
    code_mov_rr(c, 4, RCX, H_S2);
    code_alu_ri(c, 4, ALU_AND, RCX, 7);
    code_rr(c, 4, 0xd3, 5, H_S1); /* shr r13d, cl */
    code_alu_ri(c, 4, ALU_AND, H_S1, (1u << size) - 1);
}

static const u8 *make_load(struct x64 *x, struct code *c, unsigned size, enum mmu_access access)
{
    const u8 *start = code_here(c);
    u8 *slow[2];

    check_misaligned(x, c, size, access, slow);
    code_rr(c, 8, 0x01, H_S2, H_S1); /* add r13, r15: the host address */
    load_host(c, size);
    code8(c, 0xc3);
    if (access & MMU_WRITE) { /* of a read-modify-write */
        u8 *other;

        code_patch_rel(c, slow[1], code_here(c));
        find_mixed(c, access, &other);
        take_mixed(c);
        load_host(c, size);
        code8(c, 0xc3);
        code_patch_rel(c, other, code_here(c));
        pop(c, RCX);
        pop(c, RAX);
    } else {
        code_patch_rel(c, slow[1], code_here(c));
    }
    code_patch_rel(c, slow[0], code_here(c));
    save_whole(x, c);
    take_position(c, MEM_LOAD_WORD);
    code_mov_rr(c, 8, RDI, H_CPU);
    code_mov_rr(c, 4, RSI, H_S2);
    code_mov_ri(c, RDX, MEM_ARG(size, access));
    code_call_c(c, (const void *)(uintptr_t)&mem_load);
    code_mov_rr(c, 4, H_S1, RAX);
    load_whole(x, c);
    check_context(c, true);
    code8(c, 0xc3);
    return start;
}

/* The caller has pushed the value: it is at [rsp + 8], and gone on return. */
static const u8 *make_store(struct x64 *x, struct code *c, unsigned size, enum mmu_access access)
{
    const u8 *start = code_here(c);
    u8 *slow[2], *other[2];

    check_misaligned(x, c, size, access, slow);
    code_rr(c, 8, 0x01, H_S2, H_S1); /* add r13, r15: the host address */
    store_host(c, size);
    code_patch_rel(c, slow[1], code_here(c));
    find_mixed(c, access, &other[0]);
    look_for_code(c, size);
    other[1] = code_jcc(c, CC_NE, code_here(c));
    take_mixed(c);
    store_host(c, size);
    code_patch_rel(c, other[0], code_here(c));
    code_patch_rel(c, other[1], code_here(c));
    pop(c, RCX);
    pop(c, RAX);
    code_patch_rel(c, slow[0], code_here(c));
    save_whole(x, c);
    take_position(c, MEM_STORE_WORD);
    code_mov_rr(c, 8, RDI, H_CPU);
    code_mov_rr(c, 4, RSI, H_S2);
    code_rm(c, 4, 0x8b, RDX, RSP, NO_REG, 0, 8, false);
    code_mov_ri(c, RCX, MEM_ARG(size, access));
    code_call_c(c, (const void *)(uintptr_t)&mem_store);
    load_whole(x, c);
    check_context(c, true);
    return_store(c);
    return start;
}

static void make_memory(struct x64 *x, struct code *c)
{
    unsigned access, size;

    for (access = MMU_READ_SUPER; access <= MMU_WRITE_USER; access++)
        for (size = 1; size <= 4; size *= 2) {
            x->mem_load[access][size >> 1] = make_load(x, c, size, (enum mmu_access)access);
            x->mem_store[access][size >> 1] = make_store(x, c, size, (enum mmu_access)access);
        }
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
    code_rm(c, 4, 0x8d, H_S2, H_S1, R12_, 0, 0, false); /* r15 = la */
    code_page_entry(c, R9_, H_S2, fetch_field(user));
    miss[n++] = code_jcc_short(c, CC_E);
    code_rr(c, 8, 0x01, flat ? H_S1 : H_S2, R9_); /* r9 = host address */
    code_mov_rr(c, 8, R10_, R9_);
    code_rr(c, 8, 0xc1, 5, R10_);
    code8(c, 12);
    code_rr(c, 8, 0x31, R9_, R10_);
    code_alu_ri(c, 4, ALU_AND, R10_, (1 << JUMP_CACHE_BITS) - 1);
    code_rr(c, 4, 0xc1, 4, R10_); /* shl: 32 bytes a slot */
    code8(c, 5);
    code_rm(c, 8, 0x03, R10_, H_CPU, NO_REG, 0, (i32)offsetof(struct cpu, translator), false);
    code_rm(c, 8, 0x39, R9_, R10_, NO_REG, 0, cache + (i32)offsetof(struct jump_entry, host),
            false);
    miss[n++] = code_jcc_short(c, CC_NE);
    code_rm(c, 4, 0x39, H_S1, R10_, NO_REG, 0, cache + (i32)offsetof(struct jump_entry, eip),
            false);
    miss[n++] = code_jcc_short(c, CC_NE);
    code_rm(c, 4, 0x39, R12_, R10_, NO_REG, 0, cache + (i32)offsetof(struct jump_entry, cs_base),
            false);
    miss[n++] = code_jcc_short(c, CC_NE);
    code_load_cpu(c, 4, R9_, offsetof(struct cpu, mode));
    code_rm(c, 4, 0x39, R9_, R10_, NO_REG, 0, cache + (i32)offsetof(struct jump_entry, mode),
            false);
    miss[n++] = code_jcc_short(c, CC_NE);
    code_rm(c, 8, 0x8b, R10_, R10_, NO_REG, 0, cache + (i32)offsetof(struct jump_entry, target),
            false);
    if (flat) { /* for the next time */
        code_mov_rr(c, 8, R9_, R10_);
        code_jump_key(c);
        code_rm(c, 8, 0x89, R10_, H_CPU, H_S2, 3, (i32)offsetof(struct cpu, jump.key), false);
        code_rm(c, 8, 0x89, R9_, H_CPU, H_S2, 3, (i32)offsetof(struct cpu, jump.code), false);
        code_mov_rr(c, 8, R10_, R9_);
    }
    code8(c, 0xc3);
    for (i = 0; i < n; i++)
        code_land(c, miss[i]);
    code_store_cpu(c, 4, H_S1, offsetof(struct cpu, eip));
    code_mov_ri(c, H_S1, 0);
    code_jmp(c, leave);
    return start;
}

/* cmp byte [cpu + field], imm */
static void cmp_byte(struct code *c, size_t field, u8 imm)
{
    code_rm(c, 1, 0x80, 7, H_CPU, NO_REG, 0, (i32)field, false);
    code8(c, imm);
}

/* As must_leave() of the interpreter has it, then a lookup at the present privilege. */
static void make_mode_exit(struct x64 *x, struct code *c)
{
    static const size_t must[] = {offsetof(struct cpu, intr), offsetof(struct cpu, nmi),
                                  offsetof(struct cpu, shadow), offsetof(struct cpu, halted),
                                  offsetof(struct cpu, kicked)};
    u8 *out[ARRAY_SIZE(must) + 1], *user, *go_on;
    unsigned i;

    x->mode_exit = code_here(c);
    code_if_xmm(c, x->xmm_drop); /* so that a kernel need not take them along */
    for (i = 0; i < ARRAY_SIZE(must); i++) {
        cmp_byte(c, must[i], 0);
        out[i] = code_jcc(c, CC_NE, code_here(c));
    }
    code_rm(c, 1, 0xf6, 0, H_CPU, NO_REG, 0, (i32)offsetof(struct cpu, mode), false); /* test */
    code8(c, MODE_TF);
    out[i] = code_jcc(c, CC_NE, code_here(c));
    check_context(c, false);
    go_on = c->p;
    code_jump_known(c); /* modes with another CS base are never in it */
    cmp_byte(c, offsetof(struct cpu, cpl), 3);
    user = code_jcc_short(c, CC_E);
    code_call(c, x->lookup[0][0]);
    code_rr(c, 4, 0xff, 4, R10_); /* jmp r10 */
    code_land(c, user);
    code_call(c, x->lookup[1][0]);
    code_rr(c, 4, 0xff, 4, R10_);
    for (i = 0; i < ARRAY_SIZE(out); i++)
        code_patch_rel(c, out[i], code_here(c));
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
    code_rm(c, 8, 0x8b, H_S1, H_S1, NO_REG, 0, 0, false);
    code_store_cpu(c, 8, H_S1, offsetof(struct cpu, engine_pos));
    code_mov_ri(c, H_S1, 1);
    code_jmp(c, x->leave);
}

static u32 carry_of(struct cpu *cpu)
{
    return flags_cf(cpu);
}

/* What the host's EFLAGS should be to have the guest's arithmetic flags. */
static u32 image_of(struct cpu *cpu)
{
    return flags_compute(cpu->eflags, &cpu->lazy) | FL_ONE | FL_IF;
}

static void call_saved(struct x64 *x, struct code *c, const void *fn)
{
    save_whole(x, c);
    code_mov_rr(c, 8, RDI, H_CPU);
    code_call_c(c, fn);
    code_mov_rr(c, 4, H_S1, RAX);
    load_whole(x, c);
}

static void load_lazy(struct code *c, unsigned reg, size_t field)
{
    code_load_cpu(c, 4, reg, field);
}

/* `op` of cpu->lazy against a constant; returns the site of the jump for another one. */
static u8 *unless_op(struct code *c, unsigned op)
{
    code_rm(c, 4, 0x83, 7, H_CPU, NO_REG, 0, (i32)offsetof(struct cpu, lazy.op), false);
    code8(c, (u8)op);
    return code_jcc_short(c, CC_NE);
}

/* The same whatever INC or DEC came behind it: for CF. */
static u8 *unless_main_op(struct code *c, unsigned op)
{
    cmp_byte(c, offsetof(struct cpu, lazy.op), (u8)op);
    return code_jcc_short(c, CC_NE);
}

enum {
    F_RES = offsetof(struct cpu, lazy.res),
    F_A = offsetof(struct cpu, lazy.a),
    F_B = offsetof(struct cpu, lazy.b)
};

/* r13 = CF as 0 or 1, for the common operations; the rest is C's. */
static void make_get_cf(struct x64 *x, struct code *c)
{
    u8 *other;

    x->get_cf = code_here(c);
    other = unless_main_op(c, LAZY_CMP32);
    load_lazy(c, H_S1, F_A);
    code_rm(c, 4, 0x3b, H_S1, H_CPU, NO_REG, 0, F_B, false);
    code_mov_ri(c, H_S1, 0);
    code_rr(c, 1, 0x0f92, 0, H_S1); /* setb r13b */
    code8(c, 0xc3);
    code_land(c, other);
    other = unless_main_op(c, LAZY_SUM32); /* a + b < a */
    load_lazy(c, H_S1, F_A);
    code_rm(c, 4, 0x03, H_S1, H_CPU, NO_REG, 0, F_B, false);
    code_mov_ri(c, H_S1, 0);
    code_rr(c, 1, 0x0f92, 0, H_S1);
    code8(c, 0xc3);
    code_land(c, other);
    other = unless_main_op(c, LAZY_LOGIC32);
    code_mov_ri(c, H_S1, 0);
    code8(c, 0xc3);
    code_land(c, other);
    other = unless_main_op(c, LAZY_ADC32); /* top bit of (a & b) | ((a | b) & ~res) */
    load_lazy(c, H_S1, F_A);
    code_rm(c, 4, 0x0b, H_S1, H_CPU, NO_REG, 0, F_B, false);
    load_lazy(c, H_S2, F_RES);
    code_rr(c, 4, 0xf7, 2, H_S2);
    code_alu_rr(c, 4, ALU_AND, H_S1, H_S2);
    load_lazy(c, H_S2, F_A);
    code_rm(c, 4, 0x23, H_S2, H_CPU, NO_REG, 0, F_B, false);
    code_alu_rr(c, 4, ALU_OR, H_S1, H_S2);
    code_rr(c, 4, 0xc1, 5, H_S1);
    code8(c, 31);
    code8(c, 0xc3);
    code_land(c, other);
    call_saved(x, c, (const void *)(uintptr_t)&carry_of);
    code8(c, 0xc3);
}

/* Host flags = guest flags: the common operations are done again. r13 and r15 are spent. */
static void make_load_flags(struct x64 *x, struct code *c)
{
    u8 *other;

    x->load_flags = code_here(c);
    other = unless_op(c, LAZY_CMP32);
    load_lazy(c, H_S1, F_A);
    code_rm(c, 4, 0x3b, H_S1, H_CPU, NO_REG, 0, F_B, false);
    code8(c, 0xc3);
    code_land(c, other);
    other = unless_op(c, LAZY_TEST32);
    load_lazy(c, H_S1, F_A);
    code_rm(c, 4, 0x85, H_S1, H_CPU, NO_REG, 0, F_B, false);
    code8(c, 0xc3);
    code_land(c, other);
    other = unless_op(c, LAZY_LOGIC32);
    load_lazy(c, H_S1, F_RES);
    code_rr(c, 4, 0x85, H_S1, H_S1);
    code8(c, 0xc3);
    code_land(c, other);
    other = unless_op(c, LAZY_SUM32);
    load_lazy(c, H_S1, F_A);
    code_rm(c, 4, 0x03, H_S1, H_CPU, NO_REG, 0, F_B, false);
    code8(c, 0xc3);
    code_land(c, other);
    other = unless_op(c, LAZY_SUBBED32); /* res + b, less b again */
    load_lazy(c, H_S1, F_RES);
    code_rm(c, 4, 0x03, H_S1, H_CPU, NO_REG, 0, F_B, false);
    code_rm(c, 4, 0x3b, H_S1, H_CPU, NO_REG, 0, F_B, false);
    code8(c, 0xc3);
    code_land(c, other);
    other = unless_op(c, LAZY_ADDED32); /* res - b, plus b again */
    load_lazy(c, H_S1, F_RES);
    code_rm(c, 4, 0x2b, H_S1, H_CPU, NO_REG, 0, F_B, false);
    code_rm(c, 4, 0x03, H_S1, H_CPU, NO_REG, 0, F_B, false);
    code8(c, 0xc3);
    code_land(c, other);
    other = unless_op(c, LAZY_NONE);
    load_lazy(c, H_S1, offsetof(struct cpu, eflags));
    code_alu_ri(c, 4, ALU_AND, H_S1, FL_ARITH);
    code_alu_ri(c, 4, ALU_OR, H_S1, FL_ONE | FL_IF);
    code8(c, 0x41);
    code8(c, 0x55);
    code8(c, 0x9d);
    code8(c, 0xc3);
    code_land(c, other);
    call_saved(x, c, (const void *)(uintptr_t)&image_of);
    code8(c, 0x41); /* push r13; popfq; ret */
    code8(c, 0x55);
    code8(c, 0x9d);
    code8(c, 0xc3);
}

static u32 enter_x87(struct cpu *cpu)
{
    return x87_enter(cpu);
}

static void make_x87(struct x64 *x, struct code *c)
{
    /* r13 = whether the host's x87 has the guest's state now. */
    x->x87_enter = code_here(c);
    call_saved(x, c, (const void *)(uintptr_t)&enter_x87);
    code8(c, 0xc3);

    /* FCOMI and its kin: host ZF PF CF to guest EFLAGS, the other arithmetic flags 0. */
    x->x87_flags = code_here(c);
    code8(c, 0x9c); /* pushfq; pop r13 */
    code8(c, 0x41);
    code8(c, 0x5d);
    code_alu_ri(c, 4, ALU_AND, H_S1, FL_ZF | FL_PF | FL_CF);
    load_lazy(c, H_S2, offsetof(struct cpu, eflags));
    code_alu_ri(c, 4, ALU_AND, H_S2, ~FL_ARITH);
    code_alu_rr(c, 4, ALU_OR, H_S1, H_S2);
    code_store_cpu(c, 4, H_S1, offsetof(struct cpu, eflags));
    code_store_cpu_imm(c, offsetof(struct cpu, lazy.op), LAZY_NONE);
    code8(c, 0xc3);
}

void thunk_make(struct x64 *x)
{
    struct code *c = &x->code;

    c->p = x->buf.rw;
    c->delta = x->buf.rx - x->buf.rw;
    gen_sse_thunks(x, c);
    make_leave(x, c);
    make_memory(x, c);
    x->lookup[0][0] = make_lookup(c, false, false, x->leave);
    x->lookup[0][1] = make_lookup(c, false, true, x->leave);
    x->lookup[1][0] = make_lookup(c, true, false, x->leave);
    x->lookup[1][1] = make_lookup(c, true, true, x->leave);
    make_mode_exit(x, c);
    make_get_cf(x, c);
    make_load_flags(x, c);
    make_x87(x, c);
    gen_string_thunks(x, c);
    make_enter(x, c);
    x->first = c->p;
}
