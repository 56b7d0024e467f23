/* Random user-mode instructions, and the state that they start from. */
#include <string.h>

#include "cpu/cpuid.h"
#include "cpu/flags.h"
#include "tests/oracle/generate.h"

static u64 seed;

static u64 random64(void)
{
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return seed * 0x2545f4914f6cdd1dull;
}

static u32 below(u32 n)
{
    return (u32)(random64() >> 32) % n;
}

static bool fetch(void *opaque, unsigned offset, u8 *byte)
{
    *byte = ((const u8 *)opaque)[offset];
    return true;
}

static bool decode_case(const struct oracle_case *c, struct insn *insn)
{
    struct decode_input in = {.code32 = true,
                              .model = cpu_model_find("coreduo"),
                              .protected_mode = true,
                              .fetch = fetch,
                              .opaque = (void *)c->code};

    return decode(&in, insn) == DECODE_OK;
}

/* What an instruction is left out for: it says something about the machine that it runs on, moves selectors, calls
 * the kernel, or makes of processors do it differently. Lists are of opcodes, ModRM not looked at. */
static const u16 left_out[] = {
    0x07,  0x17,  0x1f,  0x8e,  0xc4,  0xc5,  0x1a1,
    0x1a9, 0x1b2, 0x1b4, 0x1b5,                      /* loads of selectors */
    0x9a,  0xca,  0xcb,  0xea,                       /* far transfers */
    0xcd,  0xcf,  0x105, 0x107, 0x134, 0x135,        /* the kernel */
    0x100, 0x101, 0x102, 0x103, 0x131, 0x133, 0x1a2, /* SGDT, LAR, RDTSC, CPUID... */
    0x06,  0x0e,  0x16,  0x1e,  0x1a0, 0x1a8,        /* PUSH of selectors: AMD's store 32 bits */
    0xf1, /* ICEBP: a hypervisor may take it for a fault */
};

static bool is_left_out(const struct insn *insn)
{
    u16 opcode = insn_rows[insn->row].opcode;
    unsigned reg = insn->modrm >> 3 & 7;

    opcode = (u16)((opcode & 0x100) | insn->opcode);
    for (unsigned i = 0; i < ARRAY_SIZE(left_out); i++)
        if (left_out[i] == opcode)
            return true;
    switch (opcode) {
    case 0xd9:
    case 0xdd: return insn->has_mem && reg == 6; /* pointers that hosts keep or not */
    case 0x6c:
    case 0x6d:
    case 0x6e:
    case 0x6f: return insn->rep != 0;       /* rights of no iterations: AMD's look */
    case 0xff: return reg == 3 || reg == 5; /* far ones */
    case 0x1a4:
    case 0x1a5:
    case 0x1ac:
    case 0x1ad: return insn->osz == 2;           /* by more than 16: undefined */
    case 0x1ae: return insn->has_mem && reg < 2; /* FXSAVE, FXRSTOR: the same pointers */
    default: return (opcode & 0x1f8) == 0x1c8 && insn->osz == 2; /* BSWAP: undefined */
    }
}

/* F2 and F3 where they are reserved: BSF and BSR become TZCNT and LZCNT on later processors, and on AMD's the prefix
 * chooses between LOOPE and LOOPNE. */
static bool repeat_matters(const struct oracle_case *c, const struct insn *insn)
{
    u16 opcode = insn_rows[insn->row].opcode;

    return (opcode == 0x1bc || opcode == 0x1bd || opcode == 0xe0 || opcode == 0xe1) &&
           (memchr(c->code, 0xf2, insn->length) || memchr(c->code, 0xf3, insn->length));
}

/* Whether a relative branch goes into the instruction itself, where bytes are anything. */
static bool branches_into_itself(const struct oracle_case *c, const struct insn *insn)
{
    const u8 *end = c->code + insn->length;
    u8 op = insn->opcode;
    u32 target = CODE_AT + insn->length;

    if (insn_rows[insn->row].opcode >> 8 == 0 &&
        ((op & 0xf0) == 0x70 || (op & 0xfc) == 0xe0 || op == 0xeb))
        target += (u32)(i8)end[-1];
    else
        target += get32(end - 4);
    return target - (CODE_AT - 16) < 48;
}

static bool is_branch(const struct insn *insn)
{
    u8 op = insn->opcode;

    return insn_rows[insn->row].opcode >> 8 == 0 ? (op & 0xf0) == 0x70 || (op & 0xfc) == 0xe0 ||
                                                       op == 0xeb || op == 0xe8 || op == 0xe9
                                                 : (op & 0xf0) == 0x80;
}

static bool is_fit(const struct oracle_case *c, const struct insn *insn)
{
    if (insn->op == I_UD || insn->length > 15)
        return false;
    if (is_left_out(insn) || repeat_matters(c, insn))
        return false;
    return !is_branch(insn) || (insn->osz == 4 && !branches_into_itself(c, insn));
}

static void random_code(struct oracle_case *c)
{
    static const u8 prefixes[] = {0x66, 0x66, 0x66, 0xf2, 0xf3, 0xf3, 0xf0,
                                  0x67, 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65};
    unsigned n = 0;

    for (unsigned i = 0; i < sizeof(c->code); i++)
        c->code[i] = (u8)below(256);
    while (below(4) == 0 && n < 3)
        c->code[n++] = prefixes[below(sizeof(prefixes))];
    switch (below(8)) {
    case 0:
    case 1:
    case 2: c->code[n++] = 0x0f; break;
    case 3: c->code[n++] = (u8)(0xd8 + below(8)); break;
    default: break;
    }
    n++;
    /* A displacement that hits, if this is ModRM with one. */
    if (below(2) && (c->code[n] & 0xc7) == 5)
        put32(c->code + n + 1, DATA + below(DATA_BYTES + 8));
}

static u64 random_float(void)
{
    u64 bits = random64();

    switch (below(6)) {
    case 0: return 0;
    case 1: return 0x7ff0000000000000ull | (below(2) ? bits : 0);
    case 2: return (bits & 0x800fffffffffffffull) | 0x3ff0000000000000ull;
    case 3: return (bits & 0x807fffff807fffffull) | 0x3f8000003f800000ull;
    default: return bits;
    }
}

static void random_regs(struct oracle_regs *s)
{
    for (unsigned i = 0; i < 8; i++) {
        switch (below(4)) {
        case 0: s->r[i] = (u32)random64(); break;
        case 1: s->r[i] = below(2) ? below(64) : (u32)-1 - below(64); break;
        default: s->r[i] = DATA + below(DATA_BYTES); break;
        }
        s->st[i].frac = below(3) ? random64() | 1ull << 63 : random_float();
        s->st[i].se =
            below(3) ? (u16)(0x3fff - 40 + below(80) + (below(2) << 15)) : (u16)random64();
        if (below(8) == 0)
            s->st[i].se = below(2) ? 0xffff : 0;
        s->xmm[i][0] = random_float();
        s->xmm[i][1] = random_float();
    }
    if (below(8))
        s->r[4] = DATA + 64 + (below(DATA_BYTES - 128) & ~(below(4) ? 3u : 0));
    if (below(2))
        s->r[1] = below(40); /* ECX counts */
    s->eip = CODE_AT;
    s->eflags = 0x202 | ((u32)random64() & (FL_ARITH | (below(4) ? 0 : FL_DF)));
    s->cw = (u16)(0x37f | (random64() & 0xc00));
    if (below(4) == 0)
        s->cw = (u16)(0x40 | (random64() & 0xf3f));
    s->sw = (u16)(random64() & 0x7f00 & ~0x80u);
    s->tag = below(2) ? 0xff : (u8)random64();
    s->mxcsr = 0x1f80 | ((u32)random64() & 0xe07f);
    if (below(4) == 0)
        s->mxcsr &= ~((u32)random64() & 0x1f80);
    s->mxcsr &= ~(s->mxcsr & 0x3f & ~(s->mxcsr >> 7));
}

void oracle_make_case(u64 n, struct oracle_case *c, struct insn *insn)
{
    seed = n * 0x9e3779b97f4a7c15ull + 0x123456789abcdefull;
    random64();
    do
        random_code(c);
    while (!decode_case(c, insn) || !is_fit(c, insn));
    c->len = insn->length;
    random_regs(&c->regs);
    for (unsigned i = 0; i < DATA_BYTES; i += 8)
        put64(c->data + i, below(2) ? random64() : random_float());
}
