/* Lowering: one guest instruction to micro-ops. Shared by the lower_*.c files.
 *
 * Order within an instruction: everything that can fault comes before the first write of a guest register
 * or flag. A read-modify-write loads with ldw, so that its store cannot fault any more. */
#ifndef PAGEWALK_LOWER_H
#define PAGEWALK_LOWER_H

#include "cpu/helper.h"
#include "cpu/helper_arg.h"
#include "cpu/seglimit.h"
#include "translate/block.h"
#include "translate/decode/decode.h"
#include "translate/uop.h"

/* T0-T4 hold values; T5 an address; T6 takes results that nobody wants. */
#define T0   REG32(R_T0)
#define T1   REG32(R_T1)
#define T2   REG32(R_T2)
#define TEA  REG32(R_T5)
#define SINK REG32(R_T6)
#define EAX  REG32(R_EAX)
#define ECX  REG32(R_ECX)
#define EDX  REG32(R_EDX)
#define EBX  REG32(R_EBX)
#define ESP  REG32(R_ESP)
#define EBP  REG32(R_EBP)
#define ESI  REG32(R_ESI)
#define EDI  REG32(R_EDI)

struct lower {
    struct uop *uop;
    unsigned count;
    unsigned insn; /* number of the current instruction */
    u32 mode;      /* MODE_* the block is translated for */
    u32 eip, next; /* of the current instruction and the one behind it */
    const struct insn *in;
    bool ended;                    /* the block has its exit */
    bool no_trap, loads_ss;        /* see struct block */
    enum block_branch branch;      /* of this instruction */
    u32 link_eip[BLOCK_MAX_LINKS]; /* targets of the block's direct exits */
    unsigned links;
    bool may_go_on; /* this instruction, if a conditional jump, may be a side exit */
    bool follow;    /* it is a JMP, and the block goes on at its target */
};

/* Where a relative jump or call leads to, behind which is next. */
static inline u32 lower_target(const struct insn *in, u32 next)
{
    return eip_target(eip_add(next, in->operand[0].imm), in->osz);
}

/* Appends the micro-ops of in (at eip); sets ended when the block must end there. */
void lower_insn(struct lower *l, const struct insn *in, u32 eip);

/* Ends the block with a direct exit to eip. */
void lower_exit(struct lower *l, u32 eip);

/* By group of instructions; false when the instruction is not in the group. */
bool lower_alu(struct lower *l, const struct insn *in);
bool lower_move(struct lower *l, const struct insn *in);
bool lower_flow(struct lower *l, const struct insn *in);
bool lower_system(struct lower *l, const struct insn *in);
bool lower_simd(struct lower *l, const struct insn *in);
/* In front of the others: LOCKed ones, when threads share the memory. */
bool lower_locked(struct lower *l, const struct insn *in);

static inline unsigned size_index(unsigned size)
{
    return size >> 1; /* 1 2 4 -> 0 1 2 */
}

/* The op of a U3 family for an operand size, and of a family of pairs. */
static inline unsigned sized(unsigned op8, unsigned size)
{
    return op8 + size_index(size);
}

static inline unsigned sized_pair(unsigned op8, unsigned size)
{
    return op8 + 2 * size_index(size);
}

static inline struct uop *emit(struct lower *l, unsigned op)
{
    struct uop *u = &l->uop[l->count++];

    *u = (struct uop){.op = (u16)op,
                      .d = SINK,
                      .a = ZERO_REG,
                      .b = ZERO_REG,
                      .insn = (u8)l->insn,
                      .live = UF_ALL};
    return u;
}

/* d = a op (b + imm). */
static inline void emit_dab(struct lower *l, unsigned op, u8 d, u8 a, u8 b, u32 imm)
{
    struct uop *u = emit(l, op);

    u->d = d;
    u->a = a;
    u->b = b;
    u->imm = imm;
}

/* The same without touching flags. */
static inline void emit_dab_noflags(struct lower *l, unsigned op, u8 d, u8 a, u8 b, u32 imm)
{
    emit_dab(l, op, d, a, b, imm);
    l->uop[l->count - 1].live = 0;
}

static inline void emit_mov(struct lower *l, unsigned size, u8 d, u8 b)
{
    emit_dab(l, sized(U_mov8, size), d, ZERO_REG, b, 0);
}

static inline void emit_movi(struct lower *l, u8 d, u32 imm)
{
    emit_dab(l, U_mov32, d, ZERO_REG, ZERO_REG, imm);
}

static inline void emit_lea(struct lower *l, unsigned op, u8 d, u8 a, u32 imm)
{
    emit_dab(l, op, d, a, ZERO_REG, imm);
}

static inline void emit_call(struct lower *l, enum helper_id helper, u8 d, u8 a, u8 b, u32 c)
{
    emit_dab(l, U_call, d, a, b, c);
    l->uop[l->count - 1].aux = helper;
}

/* d = zero-extended register of 1, 2 or 4 bytes. */
static inline void emit_zx(struct lower *l, unsigned size, u8 d, u8 a)
{
    if (size == 4)
        emit_mov(l, 4, d, a);
    else
        emit_dab(l, size == 1 ? U_zx8 : U_zx16, d, a, ZERO_REG, 0);
}

/* Whether an access through the segment needs no check of limit, rights and alignment. */
static inline bool seg_unchecked(const struct lower *l, unsigned seg, bool write)
{
    return mode_access_unchecked(l->mode, (enum sreg)seg, write);
}

static inline bool seg_zero_based(const struct lower *l, unsigned seg)
{
    return mode_zero_based(l->mode, (enum sreg)seg);
}

/* A linear address as a memory micro-op wants it. */
struct address {
    u8 a, b, scale;
    u32 imm;
};

/* Emits what the memory operand of in needs (segment check included) for an access of len bytes. The
 * result may depend on TEA and holds until the next address is made. extra is added to the offset. */
struct address lower_address(struct lower *l, const struct insn *in, unsigned len, bool write,
                             u32 extra);
/* The same for the offset that is already in TEA, which becomes the linear address. */
struct address lower_address_tea(struct lower *l, unsigned seg, unsigned len, bool write);
/* TEA = offset (not linear) of the memory operand. */
void lower_ea(struct lower *l, const struct insn *in, u32 extra);

static inline void emit_mem(struct lower *l, unsigned op, u8 reg, struct address at)
{
    struct uop *u = emit(l, op);

    u->d = reg;
    u->a = at.a;
    u->b = at.b;
    u->scale = at.scale;
    u->imm = at.imm;
}

/* Register-file offset of a register operand. */
u8 lower_reg(const struct operand *operand);

/* The register that holds operand's value: its own, or tmp after a load (of its size only) or a mov. */
u8 lower_value(struct lower *l, const struct insn *in, const struct operand *operand, u8 tmp);
/* tmp = operand's value zero-extended to 32 bits. */
void lower_value_zx(struct lower *l, const struct insn *in, const struct operand *operand, u8 tmp);
/* operand = register (size of the operand). Memory is stored to with a fresh address. */
void lower_write(struct lower *l, const struct insn *in, const struct operand *operand, u8 reg);
/* First half of a read-modify-write: returns the register with the value. Then lower_update(). */
u8 lower_modify(struct lower *l, const struct insn *in, const struct operand *operand, u8 tmp,
                struct address *at);
void lower_update(struct lower *l, const struct operand *operand, u8 reg, struct address at);

void lower_push(struct lower *l, u8 reg, unsigned osz);
/* A slot of osz bytes of which two are stored. (SDM vol. 2, PUSH: of a segment register) */
void lower_push_word(struct lower *l, u8 reg, unsigned osz);
void lower_push_imm(struct lower *l, u32 imm, unsigned osz);
/* tmp = word at the top of the stack; ESP is not moved. tmp's upper half is cleared when osz is 2. */
void lower_peek(struct lower *l, u8 tmp, unsigned osz);
void lower_drop(struct lower *l, u32 bytes); /* ESP or SP += bytes */

/* Raises a fault, always: ends the block. */
void lower_raise(struct lower *l, enum excp vector, bool has_error, u32 error);
/* Ends the block: EIP set by a helper; or EIP = next with mode and interrupts looked at again. */
void lower_exit_eip(struct lower *l);
void lower_exit_mode(struct lower *l);

#endif
