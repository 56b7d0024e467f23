/* What dyngen has to know of a host's instructions: how long they are, and where control goes. */
#ifndef PAGEWALK_DYNGEN_INSN_H
#define PAGEWALK_DYNGEN_INSN_H

#include "mmu/host/base.h"

enum insn_class {
    INSN_UNKNOWN,
    INSN_PLAIN,
    INSN_BRANCH, /* conditional */
    INSN_JUMP,
    INSN_CALL,
    INSN_RETURN,
    INSN_TRAP, /* never goes on */
};

struct insn {
    u32 size; /* bytes, at most what is left */
    enum insn_class class;
};

/* The instruction at CODE, of which LEFT bytes are there. What is unknown, or not there as a whole, is INSN_UNKNOWN. */
struct insn insn_x86_64(const u8 *code, u32 left);
struct insn insn_i386(const u8 *code, u32 left);
struct insn insn_aarch64(const u8 *code, u32 left);
struct insn insn_riscv64(const u8 *code, u32 left);
struct insn insn_ppc64le(const u8 *code, u32 left);

#endif
