/* Loads and stores that miss the TLB in line, and pages whose accesses go two ways (MMU_MIXED). */
#include "cpu/excp.h"
#include "translate/x64/thunk.h"

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
    if (cpu->mmu.window)
        mem_window_served(cpu->translator);
    return (u32)value;
}

static void mem_store(struct cpu *cpu, u32 la, u32 value, u32 arg)
{
    if (!mmu_store_slow(&cpu->mmu, la, value, arg & 0xff, (enum mmu_access)(arg >> 8)))
        cpu_raise_pf(cpu);
    if (cpu->mmu.window)
        mem_window_served(cpu->translator);
}

/* r13 = the TLB entry for the page of r15d, the address. Jumps are for an access that it cannot serve: crossing
 * the page, or not valid. What remains was only misaligned. */
static void check_misaligned(struct x64 *x, struct code *c, unsigned size, enum mmu_access access,
                             u8 *slow[2])
{
    slow[0] = code_page_entry_within(c, x->bmi2, H_S1, H_S1, H_S2, size, access);
    slow[1] = code_jcc_forward(c, CC_E);
}

/* cpu->engine.pos = the word `before` bytes ahead of the return address, which is on top of the stack. */
static void take_position(struct code *c, i32 before)
{
    code_load(c, 8, RAX, RSP, 0);
    code_load(c, 8, RAX, RAX, -before);
    code_store_cpu(c, 8, RAX, offsetof(struct cpu, engine.pos));
}

/* The value that was pushed is gone. */
static void return_store(struct code *c)
{
    code8(c, OP_RET_DROP);
    code_imm(c, 2, 8);
}

/* r13d = `size` bytes at [r13], zero-extended. */
static void load_host(struct code *c, unsigned size)
{
    static const u16 opcode[] = {OP_MOVZX8, OP_MOVZX16, OP_MOV_LOAD};

    code_rm(c, 4, opcode[size >> 1], H_S1, H_S1, NO_REG, 0, 0, false);
}

/* The value that the caller of a store pushed goes to [r13]; returns. */
static void store_host(struct code *c, unsigned size)
{
    code_load(c, 4, H_S2, RSP, 8);
    code_store(c, size, H_S2, H_S1, 0);
    return_store(c);
}

#define MIXED_SHIFT 5
_Static_assert(sizeof(struct mmu_mixed) == 1u << MIXED_SHIFT,
               "the slot's offset is made by shifts");

static size_t mixed_field(size_t field)
{
    return offsetof(struct cpu, mmu.mixed) + field;
}

/* Behind a look-up of r15d that failed: where its page is one of code and data, rax = struct cpu + the slot's offset. rax
 * and rcx are on the stack from here on, and at the jump to *other as well. */
static void find_mixed(struct code *c, enum mmu_access access, u8 **other)
{
    code_push(c, RAX);
    code_push(c, RCX);
    code_load_cpu(c, 8, RCX,
                  offsetof(struct cpu, mmu.context)); /* the key, as mixed_key() has it */
    code_shift_ri(c, 8, SHIFT_SHR, RCX, MMU_CONTEXT_COUNT);
    code_shift_ri(c, 8, SHIFT_SHL, RCX, MMU_CONTEXT_COUNT);
    code_mov_rr(c, 4, RAX, H_S2);
    code_alu_ri(c, 4, ALU_AND, RAX, ~PAGE_MASK);
    code_alu_ri(c, 4, ALU_OR, RAX, access);
    code_alu_rr(c, 8, ALU_OR, RCX, RAX);
    code_shift_ri(c, 4, SHIFT_SHR, RAX, PAGE_SHIFT - MIXED_SHIFT); /* the slot's offset */
    code_alu_ri(c, 4, ALU_AND, RAX, (MMU_MIXED - 1) << MIXED_SHIFT);
    code_alu_rr(c, 8, ALU_ADD, RAX, H_CPU);
    code_alu_rm(c, 8, ALU_CMP, RCX, RAX, NO_REG, 0,
                (i32)mixed_field(offsetof(struct mmu_mixed, key)));
    *other = code_jcc_forward(c, CC_NE);
}

/* r13 = the host address; the stack is as before. */
static void take_mixed(struct code *c)
{
    code_load(c, 8, H_S1, RAX, (i32)mixed_field(offsetof(struct mmu_mixed, entry)));
    code_alu_rr(c, 8, ALU_ADD, H_S1, H_S2);
    code_pop(c, RCX);
    code_pop(c, RAX);
}

/* r13d: not 0 when any of the bytes at r15d is code. Sets the flags, clobbers rcx. */
static void look_for_code(struct code *c, unsigned size)
{
    code_mov_rr(c, 4, RCX, H_S2);
    code_alu_ri(c, 4, ALU_AND, RCX, PAGE_MASK);
    code_shift_ri(c, 4, SHIFT_SHR, RCX, 3);
    code_load(c, 8, H_S1, RAX, (i32)mixed_field(offsetof(struct mmu_mixed, code)));
    code_rm(c, 4, OP_MOVZX16, H_S1, H_S1, RCX, 0, 0, false);
    code_mov_rr(c, 4, RCX, H_S2);
    code_alu_ri(c, 4, ALU_AND, RCX, 7);
    code_shift_cl(c, 4, SHIFT_SHR, H_S1);
    code_alu_ri(c, 4, ALU_AND, H_S1, (1u << size) - 1);
}

static const u8 *make_load(struct x64 *x, struct code *c, unsigned size, enum mmu_access access)
{
    const u8 *start = code_here(c);
    u8 *slow[2];

    check_misaligned(x, c, size, access, slow);
    code_alu_rr(c, 8, ALU_ADD, H_S1, H_S2); /* the host address */
    load_host(c, size);
    code_ret(c);
    if (access & MMU_WRITE) { /* of a read-modify-write */
        u8 *other;

        code_bind(c, slow[1]);
        find_mixed(c, access, &other);
        take_mixed(c);
        load_host(c, size);
        code_ret(c);
        code_bind(c, other);
        code_pop(c, RCX);
        code_pop(c, RAX);
    } else {
        code_bind(c, slow[1]);
    }
    code_bind(c, slow[0]);
    thunk_save_whole(x, c);
    take_position(c, MEM_LOAD_WORD);
    code_mov_rr(c, 8, RDI, H_CPU);
    code_mov_rr(c, 4, RSI, H_S2);
    code_mov_ri(c, RDX, MEM_ARG(size, access));
    code_call_c(c, (const void *)(uintptr_t)&mem_load);
    code_mov_rr(c, 4, H_S1, RAX);
    thunk_load_whole(x, c);
    thunk_check_context(c, true);
    code_ret(c);
    return start;
}

/* The caller has pushed the value: it is at [rsp + 8], and gone on return. */
static const u8 *make_store(struct x64 *x, struct code *c, unsigned size, enum mmu_access access)
{
    const u8 *start = code_here(c);
    u8 *slow[2], *other[2];

    check_misaligned(x, c, size, access, slow);
    code_alu_rr(c, 8, ALU_ADD, H_S1, H_S2); /* the host address */
    store_host(c, size);
    code_bind(c, slow[1]);
    find_mixed(c, access, &other[0]);
    look_for_code(c, size);
    other[1] = code_jcc_forward(c, CC_NE);
    take_mixed(c);
    store_host(c, size);
    code_bind(c, other[0]);
    code_bind(c, other[1]);
    code_pop(c, RCX);
    code_pop(c, RAX);
    code_bind(c, slow[0]);
    thunk_save_whole(x, c);
    take_position(c, MEM_STORE_WORD);
    code_mov_rr(c, 8, RDI, H_CPU);
    code_mov_rr(c, 4, RSI, H_S2);
    code_load(c, 4, RDX, RSP, 8);
    code_mov_ri(c, RCX, MEM_ARG(size, access));
    code_call_c(c, (const void *)(uintptr_t)&mem_store);
    thunk_load_whole(x, c);
    thunk_check_context(c, true);
    return_store(c);
    return start;
}

void mem_make_thunks(struct x64 *x, struct code *c)
{
    unsigned access, size;

    for (access = MMU_READ_SUPER; access <= MMU_WRITE_USER; access++)
        for (size = 1; size <= 4; size *= 2) {
            x->mem_load[access][size >> 1] = make_load(x, c, size, (enum mmu_access)access);
            x->mem_store[access][size >> 1] = make_store(x, c, size, (enum mmu_access)access);
        }
    gen_string_thunks(x, c);
}
