/* How native code reaches guest memory: what the rest of the engine sees of it, and its implementations.
 *
 * mem_soft.c looks in the software TLB at each access. Accesses that are close to one another, and those of inner
 * loops, share a look-up there: gen_group.c, gen_loop.c. mem_window.c reaches memory by windows (mmu/window.h) at
 * once. */
#ifndef PAGEWALK_X64_MEM_H
#define PAGEWALK_X64_MEM_H

#include "translate/x64/x64.h"

/* An operand of an instruction that is the host's as well. */
struct mem_want {
    unsigned
        kind;    /* SLOW_*: the piece that does the instruction if the operand cannot be reached */
    u32 arg;     /* its argument */
    unsigned ea; /* host register with the address */
    u8 size;
    bool write;
    bool aligned; /* what is not aligned goes to that piece, too */
    bool first;   /* whether it can is known before anything is changed */
};

struct mem {
    /* Groups and loops are made: what gen_group.c, gen_stack.c, gen_ungrouped.c and gen_loop.c do. */
    bool shares;
    bool keeps_flags; /* loads and stores leave the host's flags alone */
    /* Micro-ops; a read-modify-write is a load of UFAM_LOAD_RMW and a store to the same address. */
    void (*load)(struct gen *g, const struct uop *u);
    void (*store)(struct gen *g, const struct uop *u);
    /* Their out-of-line piece, SLOW_MEM. */
    void (*slow)(struct gen *g, const struct slow *s, const struct uop *u);
    /* Makes *m good for one access in the instruction that comes next. The caller sets `back`. */
    struct slow *(*operand)(struct gen *g, const struct mem_want *want, struct host_operand *m);
    /* REP MOVS; false when it has no code of its own. */
    bool (*movs)(struct gen *g, const struct uop *u);
};

extern const struct mem mem_soft, mem_window;

/* mem_soft.c: a load or store as a call, where nothing is known of its address; the access of the block's code. */
void mem_call_load(struct gen *g, const struct uop *u);
void mem_call_store(struct gen *g, const struct uop *u);
enum mmu_access mem_access(const struct gen *g, bool write);
/* gen_guess.c: at the block's start, and behind each micro-op; whether load u should have one; the
 * check of a guess for the load at ea, after which [r13 + ea] is the operand, and its out-of-line look-up. */
void gen_guess_start(struct gen *g);
void gen_guess_step(struct gen *g, const struct uop *u);
bool gen_guess_pays(const struct gen *g, const struct uop *u);
struct slow *gen_guess(struct gen *g, unsigned ea, unsigned size, u32 arg);
void gen_guess_slow(struct gen *g, struct slow *s);
/* The extending load's opcode by micro-op; 0 for plain loads. */
unsigned mem_extend_opcode(unsigned op);

/* mem_window.c: whether a block is one for windows. */
bool mem_window_fits(const struct gen *g);
/* The sites, behind the block's code. */
void mem_window_sites(struct gen *g);
/* In front of an instruction with operand m: GS and 32 bits of address, if it is a window's. DS, which says nothing here, keeps
 * instructions long enough for a jump. */
static inline void code_window(struct code *c, const struct host_operand *m)
{
    if (!m->window)
        return;
    code8(c, m->low ? PREFIX_DS : PREFIX_GS);
    code8(c, PREFIX_ADDRESS);
}
/* And behind it, whose first byte was at start: a jump fits there. */
static inline void code_window_end(struct code *c, const struct host_operand *m, const u8 *start)
{
    while (m->window && c->p - start < 5)
        code8(c, OP_NOP);
}
/* The fault handler of windows. */
bool mem_window_fault(void *translator, u64 *pc, u64 address, bool write);
/* The current access, at cpu->engine.pos, was served out of line. */
void mem_window_served(struct translator *tr);
/* GS for the current mode, where it is to be another. Clobbers r15. */
void mem_window_enter(struct code *c);

/* Code that is shared: thunk_mem.c, and the string thunks of gen_string.c. */
void mem_make_thunks(struct x64 *x, struct code *c);

/* Instruction fetch goes by the software TLB everywhere. */
static inline size_t fetch_field(bool user)
{
    return offsetof(struct cpu, mmu.tlb.fetch) + user * sizeof(u64) * TLB_PAGES;
}

/* reg = la rotated right. By 12: the offset in its page goes to the top, the page's number below. */
static inline void code_ror_to(struct code *c, bool bmi2, unsigned reg, unsigned la, unsigned count)
{
    if (bmi2) {
        code_rorx(c, reg, la, count);
    } else {
        code_mov_rr(c, 4, reg, la);
        code_shift_ri(c, 4, SHIFT_ROR, reg, count);
    }
}

/* Where the TLB's table for such accesses is in struct cpu. */
static inline size_t tlb_field(enum mmu_access access)
{
    return offsetof(struct cpu, mmu.tlb.data) + (size_t)access * sizeof(u64) * TLB_TABLE;
}

/* reg = the TLB entry of the page of la in the table at `field`, and the host's ZF whether it is invalid. */
static inline void code_page_entry(struct code *c, unsigned reg, unsigned la, size_t field)
{
    code_mov_rr(c, 4, reg, la);
    code_shift_ri(c, 4, SHIFT_SHR, reg, PAGE_SHIFT);
    code_rm(c, 8, OP_MOV_LOAD, reg, H_CPU, reg, 3, (i32)field, false);
    code_test_rr(c, 8, reg, reg);
}

/* The same for `size` bytes at la. Clobbers tmp, which may be reg. Returns the site of a jump that is taken when
 * they do not lie in one page. */
static inline u8 *code_page_entry_within(struct code *c, bool bmi2, unsigned reg, unsigned tmp,
                                         unsigned la, unsigned size, enum mmu_access access)
{
    u8 *crossing;

    code_ror_to(c, bmi2, tmp, la, PAGE_SHIFT);
    code_alu_ri(c, 4, ALU_CMP, tmp, (PAGE_SIZE - size) << 20 | 0xfffff);
    crossing = code_jcc_forward(c, CC_A);
    code_alu_ri(c, 4, ALU_AND, tmp, 0xfffff);
    code_rm(c, 8, OP_MOV_LOAD, reg, H_CPU, tmp, 3, (i32)tlb_field(access), false);
    code_test_rr(c, 8, reg, reg);
    return crossing;
}

/* For what shares look-ups. r13 = TLB entry for the address in ea, checked: after it [r13 + ea] is the operand. Return
 * the site of the jump that is taken otherwise; a second one goes to g->crossing, for gen_add_slow(). aligned: to a
 * misaligned address, too. gen_tlb: only up to 4 bytes; larger operands must lie in one page. */
u8 *gen_tlb_aligned(struct gen *g, unsigned ea, unsigned size, bool write);
u8 *gen_tlb_constant(struct gen *g, u32 la, bool write);
u8 *gen_tlb(struct gen *g, unsigned ea, unsigned size, bool write);
/* reg = TLB entry of the page of the address in la; `reg` and la differ. Returns the site of a jump that is
 * taken when it is not valid. */
u8 *gen_tlb_page(struct gen *g, unsigned reg, unsigned la, bool write);
/* gen_group.c */
void gen_roots_init(struct roots *r);
/* Whether load or store u is done as one of a group, at operand m, which is valid then: if it leads, its check has
 * been made. */
bool gen_group_access(struct gen *g, const struct uop *u, struct host_operand *m);
void gen_group_step(struct gen *g, const struct uop *u);  /* u has been made */
bool gen_group_holds(struct gen *g, const struct uop *u); /* u will be a member */
/* gen_stack.c: before each micro-op of the straight code; true: u is done. */
bool gen_stack_step(struct gen *g, const struct uop *u);
/* gen_ungrouped.c: the code for when a group cannot be. Behind gen_slow(). */
void gen_ungrouped(struct gen *g);
/* gen_loop.c: whether the block is a loop that gets a copy; behind the block's entry; where its jump to
 * itself goes (drops: dropping late flags, for which it has taken the budget); the copy itself, false when
 * it cannot be made. */
void gen_loop_find(struct gen *g);
void gen_loop_entry(struct gen *g);
void gen_loop_back(struct gen *g, bool drops);
bool gen_loop(struct gen *g);
/* A load's or store's operand in the copy. */
struct host_operand gen_loop_operand(struct gen *g, const struct uop *u);
/* gen_string.c: REP MOVS, and its thunks. */
bool gen_movs(struct gen *g, const struct uop *u);
void gen_string_thunks(struct x64 *x64, struct code *c);

#endif
