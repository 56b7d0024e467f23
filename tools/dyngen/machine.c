/* The hosts whose objects dyngen reads, and what their relocations are here. */
#include "tools/dyngen/dyngen.h"

#include <elf.h>

#define NUMBER(arch, type, patch)                                                                  \
    {                                                                                              \
        R_##arch##_##type, PATCH_##patch, #type, 0, 0, 0                                           \
    }
#define BRANCH(arch, type, patch)                                                                  \
    {                                                                                              \
        R_##arch##_##type, PATCH_##patch, #type, 1, 0, 0                                           \
    }
#define LOW(arch, type, patch, alone)                                                              \
    {                                                                                              \
        R_##arch##_##type, PATCH_##patch, #type, 0, 1, PATCH_##alone                               \
    }
#define REFUSED(arch, type)                                                                        \
    {                                                                                              \
        R_##arch##_##type, -1, #type, 0, 0, 0                                                      \
    }
#define END                                                                                        \
    {                                                                                              \
        0, -1, NULL, 0, 0, 0                                                                       \
    }

static const struct reloc_rule x86_64_rules[] = {
    NUMBER(X86_64, 32, X86_ABS32),   NUMBER(X86_64, 32S, X86_ABS32),
    NUMBER(X86_64, 64, X86_ABS64),   BRANCH(X86_64, PC32, X86_PC32),
    BRANCH(X86_64, PLT32, X86_PC32), REFUSED(X86_64, GOTPCREL),
    REFUSED(X86_64, GOTPCRELX),      REFUSED(X86_64, REX_GOTPCRELX),
    REFUSED(X86_64, GOT32),          END,
};

static const struct reloc_rule i386_rules[] = {
    NUMBER(386, 32, X86_ABS32),    BRANCH(386, PC32, I386_PC32),
    BRANCH(386, PLT32, I386_PC32), REFUSED(386, GOT32),
    REFUSED(386, GOT32X),          REFUSED(386, GOTOFF),
    REFUSED(386, GOTPC),           END,
};

static const struct reloc_rule aarch64_rules[] = {
    NUMBER(AARCH64, MOVW_UABS_G0, A64_G0),
    NUMBER(AARCH64, MOVW_UABS_G0_NC, A64_G0_NC),
    NUMBER(AARCH64, MOVW_UABS_G1, A64_G1),
    NUMBER(AARCH64, MOVW_UABS_G1_NC, A64_G1_NC),
    NUMBER(AARCH64, MOVW_UABS_G2, A64_G2),
    NUMBER(AARCH64, MOVW_UABS_G2_NC, A64_G2_NC),
    NUMBER(AARCH64, MOVW_UABS_G3, A64_G3),
    NUMBER(AARCH64, ADD_ABS_LO12_NC, A64_ADD12),
    NUMBER(AARCH64, LDST8_ABS_LO12_NC, A64_MEM8),
    NUMBER(AARCH64, LDST16_ABS_LO12_NC, A64_MEM16),
    NUMBER(AARCH64, LDST32_ABS_LO12_NC, A64_MEM32),
    NUMBER(AARCH64, LDST64_ABS_LO12_NC, A64_MEM64),
    NUMBER(AARCH64, LDST128_ABS_LO12_NC, A64_MEM128),
    BRANCH(AARCH64, JUMP26, A64_B26),
    BRANCH(AARCH64, CALL26, A64_B26),
    BRANCH(AARCH64, CONDBR19, A64_B19),
    BRANCH(AARCH64, TSTBR14, A64_B14),
    REFUSED(AARCH64, ADR_PREL_LO21),
    REFUSED(AARCH64, ADR_PREL_PG_HI21),
    REFUSED(AARCH64, ADR_PREL_PG_HI21_NC),
    REFUSED(AARCH64, ADR_GOT_PAGE),
    REFUSED(AARCH64, LD64_GOT_LO12_NC),
    END,
};

static const struct reloc_rule riscv64_rules[] = {
    NUMBER(RISCV, HI20, RV_HI20),
    LOW(RISCV, LO12_I, RV_LO12_I, RV_IMM12_I),
    LOW(RISCV, LO12_S, RV_LO12_S, RV_IMM12_S),
    BRANCH(RISCV, BRANCH, RV_BRANCH),
    BRANCH(RISCV, JAL, RV_JAL),
    BRANCH(RISCV, CALL, RV_CALL),
    BRANCH(RISCV, CALL_PLT, RV_CALL),
    BRANCH(RISCV, RVC_BRANCH, RV_C_BRANCH),
    BRANCH(RISCV, RVC_JUMP, RV_C_JUMP),
    REFUSED(RISCV, GOT_HI20),
    REFUSED(RISCV, PCREL_HI20),
    REFUSED(RISCV, PCREL_LO12_I),
    REFUSED(RISCV, PCREL_LO12_S),
    REFUSED(RISCV, RELAX),
    REFUSED(RISCV, ALIGN),
    END,
};

static const struct reloc_rule ppc64_rules[] = {
    LOW(PPC64, ADDR16_LO, PPC_LO, PPC_SI16),
    LOW(PPC64, ADDR16_LO_DS, PPC_LO_DS, PPC_SI16_DS),
    NUMBER(PPC64, ADDR16, PPC_SI16),
    NUMBER(PPC64, ADDR16_DS, PPC_SI16_DS),
    NUMBER(PPC64, ADDR16_HI, PPC_HI),
    NUMBER(PPC64, ADDR16_HA, PPC_HA),
    NUMBER(PPC64, ADDR16_HIGH, PPC_HIGH),
    NUMBER(PPC64, ADDR16_HIGHER, PPC_HIGHER),
    NUMBER(PPC64, ADDR16_HIGHEST, PPC_HIGHEST),
    BRANCH(PPC64, REL24, PPC_B24),
    BRANCH(PPC64, REL14, PPC_B14),
    REFUSED(PPC64, TOC16),
    REFUSED(PPC64, TOC16_LO),
    REFUSED(PPC64, TOC16_HI),
    REFUSED(PPC64, TOC16_HA),
    REFUSED(PPC64, TOC16_DS),
    REFUSED(PPC64, TOC16_LO_DS),
    REFUSED(PPC64, GOT16_HA),
    REFUSED(PPC64, GOT16_LO_DS),
    REFUSED(PPC64, REL16_HA),
    REFUSED(PPC64, REL16_LO),
    END,
};

static const struct machine machines[] = {
    {"x86-64", "defined(__x86_64__)", EM_X86_64, true, x86_64_rules, patch_x86, insn_x86_64, -4},
    {"i386", "defined(__i386__)", EM_386, false, i386_rules, patch_x86, insn_i386, -4},
    {"aarch64", "defined(__aarch64__)", EM_AARCH64, true, aarch64_rules, patch_aarch64,
     insn_aarch64, 0},
    {"riscv64", "defined(__riscv) && __riscv_xlen == 64", EM_RISCV, true, riscv64_rules,
     patch_riscv64, insn_riscv64, 0},
    {"ppc64le", "defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)", EM_PPC64, true, ppc64_rules,
     patch_ppc64le, insn_ppc64le, 0},
};

const struct machine *machine_of(const struct object *object)
{
    u32 i;

    for (i = 0; i < ARRAY_SIZE(machines); i++)
        if (machines[i].elf == object->machine && machines[i].is64 == object->is64)
            return &machines[i];
    return NULL;
}
