/* Steps that torment the processor: system registers, descriptors, page tables, code that changes. */
#include "tests/diff/mode_gen.h"
#include "tests/fuzz/emit.h"

/* Any instruction with any prefix, by the generator of tests/diff. */
static void any_insn(struct emit *e)
{
    struct mode_program p = {.mode = e->code32 ? GM_FLAT : GM_CODE16};
    unsigned count = 1 + fuzz_rnd(e->s, 6);

    for (unsigned i = 0; i < count; i++) {
        struct mode_insn in;

        mode_gen_insn(e->s, &in, &p, 0);
        for (unsigned n = 0; n < in.len; n++)
            emit_bytes(e, in.byte[n], 1);
    }
}

static void random_bytes(struct emit *e)
{
    unsigned count = 1 + fuzz_rnd(e->s, 12);

    if (fuzz_rnd(e->s, 3) == 0) /* a long row of prefixes */
        for (unsigned i = fuzz_rnd(e->s, 16); i > 0; i--)
            emit_bytes(e, "\x66\x67\xf0\xf2\xf3\x26\x2e\x64"[fuzz_rnd(e->s, 8)], 1);
    if (fuzz_rnd(e->s, 2))
        emit_bytes(e, 0x0f, 1);
    for (unsigned i = 0; i < count; i++)
        emit_bytes(e, fuzz_rnd(e->s, 256), 1);
}

/* CR0, CR4: some bits flipped; CR2, CR3, debug registers: anything. */
static void control(struct emit *e)
{
    static const u32 cr0[] = {CR0_PE, CR0_MP, CR0_EM, CR0_TS, CR0_NE,         CR0_WP,
                              CR0_AM, CR0_NW, CR0_CD, CR0_PG, CR0_PE | CR0_PG};
    unsigned reg = "\0\0\4\4\3\2"[fuzz_rnd(e->s, 6)];
    u32 bits = 0;

    if (reg == 0)
        bits = fuzz_rnd(e->s, 6) ? cr0[fuzz_rnd(e->s, ARRAY_SIZE(cr0))] : fuzz_word(e->s);
    else if (reg == 4)
        bits = fuzz_rnd(e->s, 6) ? 1u << fuzz_rnd(e->s, 11) : fuzz_word(e->s);
    switch (fuzz_rnd(e->s, 8)) {
    case 0: /* LMSW, SMSW, CLTS */
        emit_mov(e, R_EAX, fuzz_rnd(e->s, 16));
        EMIT(e, "\x0f\x01\xf0\x0f\x01\xe3\x0f\x06");
        return;
    case 1:
        emit_mov(e, R_EAX, fuzz_word(e->s) & (fuzz_rnd(e->s, 4) ? 0xffffe00fu : 0xffffffffu));
        emit_bytes(e, 0xc0230f | fuzz_rnd(e->s, 8) << 19, 3);
        emit_bytes(e, 0xc0210f | fuzz_rnd(e->s, 8) << 19, 3);
        return;
    case 2: EMIT(e, "\x0f\x08\x0f\x09"); return; /* INVD, WBINVD */
    case 3: /* caches and TLB: CR3 again */ EMIT(e, "\x0f\x20\xd8\x0f\x22\xd8\x31\xc0"); return;
    default: break;
    }
    if (reg == 2 || (reg == 3 && fuzz_rnd(e->s, 2))) {
        emit_mov(e, R_EAX, fuzz_rnd(e->s, 2) ? FZ_PAGES : fuzz_edge(e->s, e->program));
    } else {
        emit_bytes(e, 0xc0200f | reg << 19, 3);
        emit_osz(e, 4);
        emit_bytes(e, 0x35, 1); /* xor eax, bits */
        emit_bytes(e, bits, 4);
    }
    emit_bytes(e, 0xc0220f | reg << 19, 3);
}

static void model_specific(struct emit *e)
{
    static const u32 msr[] = {0,     1,     0x10,  0x17,  0x1b,  0x2a,  0x79,
                              0x8b,  0xc1,  0xfe,  0x119, 0x11e, 0x174, 0x175,
                              0x176, 0x186, 0x1a0, 0x1d9, 0x200, 0x277, 0xc0000080};

    emit_mov(e, R_ECX, fuzz_rnd(e->s, 8) ? msr[fuzz_rnd(e->s, ARRAY_SIZE(msr))] : fuzz_word(e->s));
    emit_mov(e, R_EDX, fuzz_rnd(e->s, 2) ? 0 : fuzz_word(e->s));
    emit_mov(e, R_EAX, fuzz_rnd(e->s, 4) ? fuzz_word(e->s) : e->piece->at);
    switch (fuzz_rnd(e->s, 6)) {
    case 0:
    case 1: EMIT(e, "\x0f\x30"); break;         /* WRMSR */
    case 2: EMIT(e, "\x0f\x32"); break;         /* RDMSR */
    case 3: EMIT(e, "\x0f\x31\x0f\x33"); break; /* RDTSC, RDPMC */
    case 4: EMIT(e, "\x0f\xa2"); break;         /* CPUID */
    default: EMIT(e, "\x0f\x30\x0f\x34");       /* WRMSR, SYSENTER */
    }
}

/* LGDT, LIDT from odd places, and the stores. */
static void tables(struct emit *e)
{
    u32 at = 0x9000 + fuzz_rnd(e->s, 0x1000), base = fuzz_edge(e->s, e->program);

    if (fuzz_rnd(e->s, 3))
        base = fuzz_rnd(e->s, 2) ? FZ_GDT : FZ_IDT;
    emit_store(e, at, fuzz_rnd(e->s, 0x10000) | base << 16);
    emit_store(e, at + 4, base >> 16);
    if (fuzz_rnd(e->s, 4) == 0)
        at = fuzz_edge(e->s, e->program);
    emit_es_edi(e, at);
    emit_bytes(e, 0x26, 1);
    if (!e->code32)
        emit_bytes(e, 0x67, 1);
    emit_bytes(e, 0x07010f | fuzz_rnd(e->s, 8) << 19, 3); /* 0F 01 /r [edi] */
}

/* A random descriptor, then something that loads it. */
static void descriptor(struct emit *e)
{
    u32 sel = fuzz_rnd(e->s, 3) ? FZ_RANDOM + 8 * fuzz_rnd(e->s, 20) : 8 * fuzz_rnd(e->s, 64);
    u32 at = FZ_GDT + sel;

    if (fuzz_rnd(e->s, 2))
        emit_store(e, at + fuzz_rnd(e->s, 2) * 4, fuzz_word(e->s));
    if (fuzz_rnd(e->s, 4) == 0)
        emit_store(e, FZ_LDT + 8 * fuzz_rnd(e->s, 16) + 4, fuzz_word(e->s) | 0x8000);
    sel |= fuzz_rnd(e->s, 2) ? fuzz_rnd(e->s, 8) : e->session->mode == FZ_USER ? 3 : 0;
    switch (fuzz_rnd(e->s, 8)) {
    case 0: /* far JMP, CALL */
        emit_bytes(e, fuzz_rnd(e->s, 2) ? 0xea : 0x9a, 1);
        emit_bytes(e, e->piece->at, e->code32 ? 4 : 2);
        emit_bytes(e, sel, 2);
        break;
    case 1: /* LTR, LLDT, VERR, VERW, SLDT, STR */
        emit_mov(e, R_EAX, sel);
        emit_bytes(e, 0xc0000f | fuzz_rnd(e->s, 6) << 19, 3);
        break;
    case 2: /* LAR, LSL, ARPL */
        emit_mov(e, R_EAX, sel);
        EMIT(e, "\x0f\x02\xd8\x0f\x03\xd8\x63\xc3");
        break;
    case 3: /* PUSH; RETF */
        emit_osz(e, 4);
        emit_bytes(e, 0x68, 1);
        emit_bytes(e, sel, 4);
        emit_osz(e, 4);
        emit_bytes(e, 0x68, 1);
        emit_bytes(e, e->piece->at, 4);
        emit_osz(e, 4);
        emit_bytes(e, 0xcb, 1);
        break;
    default: emit_mov_seg(e, fuzz_rnd(e->s, 6), sel);
    }
}

/* IRET or RETF to a frame of mostly junk. */
static void far_return(struct emit *e)
{
    unsigned words = 3 + 2 * fuzz_rnd(e->s, 2) + 4 * fuzz_rnd(e->s, 2);

    for (unsigned i = words; i-- > 0;) {
        u32 value = fuzz_word(e->s);

        if (i == 0)
            value = fuzz_rnd(e->s, 2) ? e->piece->at : value;
        else if (i == 2)
            value = (value & 0x277fd7) | 2;
        else if (fuzz_rnd(e->s, 2))
            value = 8 * fuzz_rnd(e->s, 12) | fuzz_rnd(e->s, 4);
        emit_osz(e, 4);
        emit_bytes(e, 0x68, 1);
        emit_bytes(e, value, 4);
    }
    if (fuzz_rnd(e->s, 4))
        emit_osz(e, 4);
    emit_bytes(e, fuzz_rnd(e->s, 4) ? 0xcf : 0xcb, 1);
}

/* An entry that maps none of the piece's code, which would run on between the change and the flush. */
static u32 other_entry(struct emit *e)
{
    u32 page = e->piece->at >> PAGE_SHIFT, entry;

    do
        entry = fuzz_rnd(e->s, 0x180);
    while (entry == page || entry == page + 1 ||
           (entry < 16 && e->session->paging == FZ_PAGES_PAE));
    return FZ_PAGES + 0x1000 + 4 * entry;
}

/* An entry of the page tables, and what may make it known. */
static void page_entry(struct emit *e)
{
    static const u32 flags[] = {0x67, 0x63, 0x65, 0x61, 0x07, 0x03, 0xe7, 0x167, 0x1e3, 0};
    u32 entry = FZ_PAGES + 4 * fuzz_rnd(e->s, 3 * 1024), target = fuzz_edge(e->s, e->program);

    if (fuzz_rnd(e->s, 3) == 0)
        target = FZ_PAGES + 0x1000 * fuzz_rnd(e->s, 3);
    if (fuzz_rnd(e->s, 3) == 0)
        entry = FZ_PAGES + 0x1000 + 4 * fuzz_rnd(e->s, 0x40);
    if (!e->program->stale)
        entry = other_entry(e);
    emit_store(e, entry,
               fuzz_rnd(e->s, 6) ? (target & ~0xfffu) | flags[fuzz_rnd(e->s, ARRAY_SIZE(flags))]
                                 : fuzz_word(e->s));
    if (!e->program->stale || fuzz_rnd(e->s, 2)) {
        EMIT(e, "\x0f\x20\xd8\x0f\x22\xd8\x31\xc0"); /* CR3 again; EAX is no table's address */
    } else if (fuzz_rnd(e->s, 2)) {
        emit_mov(e, R_EDI, fuzz_edge(e->s, e->program));
        if (!e->code32)
            emit_bytes(e, 0x67, 1);
        EMIT(e, "\x0f\x01\x3f"); /* INVLPG [edi] */
    }
}

/* A string instruction over a border. */
static void string_op(struct emit *e)
{
    static const u8 op[] = {0xa4, 0xa5, 0xaa, 0xab, 0xac, 0xad, 0xa6, 0xa7, 0xae, 0xaf, 0x6c, 0x6d};
    u32 to = fuzz_edge(e->s, e->program) - fuzz_rnd(e->s, 64);
    u32 from = fuzz_edge(e->s, e->program) - fuzz_rnd(e->s, 64);

    emit_mov(e, R_ESI, from);
    emit_mov(e, R_ECX, fuzz_rnd(e->s, 8) ? fuzz_rnd(e->s, 300) : fuzz_word(e->s));
    emit_es_edi(e, to);
    if (fuzz_rnd(e->s, 4) == 0)
        emit_bytes(e, 0xfd, 1); /* STD */
    if (!e->code32 && fuzz_rnd(e->s, 2))
        emit_bytes(e, 0x67, 1);
    if (fuzz_rnd(e->s, 3) == 0)
        emit_bytes(e, 0x66, 1);
    emit_bytes(e, fuzz_rnd(e->s, 6) ? 0xf3 : 0xf2, 1);
    emit_bytes(e, op[fuzz_rnd(e->s, ARRAY_SIZE(op))], 1);
    emit_bytes(e, 0xfc, 1);
}

/* Stores near the code that runs, and jumps back or on. */
static void self_modify(struct emit *e)
{
    u32 at = e->piece->at + fuzz_rnd(e->s, 160);

    switch (fuzz_rnd(e->s, 4)) {
    case 0: /* many bytes */
        emit_mov(e, R_EAX, fuzz_rnd(e->s, 2) ? 0x90909090 : fuzz_word(e->s));
        emit_mov(e, R_ECX, fuzz_rnd(e->s, 40));
        emit_es_edi(e, at);
        EMIT(e, "\xf3\xaa");
        break;
    case 1: /* over and over */
        emit_mov(e, R_ECX, fuzz_rnd(e->s, 40));
        emit_es_edi(e, at);
        if (!e->code32)
            emit_bytes(e, 0x67, 1);
        EMIT(e, "\x26\xfe\x07\xe2\xfb"); /* inc byte [edi]; loop */
        break;
    default: emit_store(e, at, fuzz_rnd(e->s, 2) ? 0x90909090 : fuzz_word(e->s));
    }
    if (fuzz_rnd(e->s, 4) == 0)
        emit_bytes(e, 0xeb | fuzz_rnd(e->s, 8) << 8, 2);
}

/* Jumps and calls to borders, with or without code there. */
static void jump_away(struct emit *e)
{
    u32 to = fuzz_edge(e->s, e->program) - fuzz_rnd(e->s, 20);

    if (fuzz_rnd(e->s, 3)) {
        emit_store(e, to, fuzz_rnd(e->s, 2) ? 0xc3909090 : fuzz_word(e->s));
        if (fuzz_rnd(e->s, 2))
            emit_store(e, to + 4, fuzz_rnd(e->s, 2) ? 0xcfc3cbc3 : fuzz_word(e->s));
    }
    if (fuzz_real(e->session->mode)) {
        u32 seg = to >> 4 > 0xffff ? 0xffff : to >> 4;

        emit_bytes(e, fuzz_rnd(e->s, 2) ? 0x9a : 0xea, 1);
        emit_bytes(e, to - (seg << 4), 2);
        emit_bytes(e, seg, 2);
        return;
    }
    emit_mov(e, R_EBX, to);
    if (!e->code32)
        emit_bytes(e, 0x66, 1);
    emit_bytes(e, fuzz_rnd(e->s, 2) ? 0xd3ff : 0xe3ff, 2); /* call or jmp ebx */
}

/* States of x87 and SSE from junk, also across borders. */
static void fpu_state(struct emit *e)
{
    u32 at = fuzz_rnd(e->s, 3) ? 0x9000 + 16 * fuzz_rnd(e->s, 0x100)
                               : fuzz_edge(e->s, e->program) - 16 * fuzz_rnd(e->s, 40);

    if (fuzz_rnd(e->s, 2))
        emit_store(e, at + 4 * fuzz_rnd(e->s, 8), fuzz_word(e->s));
    else
        emit_store(e, at + 24, fuzz_word(e->s) & 0xffbf); /* MXCSR of FXRSTOR */
    emit_es_edi(e, at);
    emit_bytes(e, 0x26, 1);
    if (!e->code32)
        emit_bytes(e, 0x67, 1);
    if (fuzz_rnd(e->s, 4) == 0)
        emit_bytes(e, 0x66, 1);
    switch (fuzz_rnd(e->s, 8)) {
    case 0: EMIT(e, "\x0f\xae\x07"); break; /* FXSAVE */
    case 1: EMIT(e, "\x0f\xae\x0f"); break; /* FXRSTOR */
    case 2: EMIT(e, "\x0f\xae\x17"); break; /* LDMXCSR */
    case 3: EMIT(e, "\xd9\x27"); break;     /* FLDENV */
    case 4: EMIT(e, "\xdd\x27"); break;     /* FRSTOR */
    case 5: EMIT(e, "\xdd\x37"); break;     /* FNSAVE */
    case 6: EMIT(e, "\xd9\x2f"); break;     /* FLDCW */
    default: EMIT(e, "\xd9\x37");           /* FNSTENV */
    }
}

static void wait(struct emit *e)
{
    switch (fuzz_rnd(e->s, 4)) {
    case 0: EMIT(e, "\xf4"); break;
    case 1: EMIT(e, "\xfa"); break;
    case 2: emit_bytes(e, 0xcd | fuzz_rnd(e->s, 256) << 8, 2); break;
    default: EMIT(e, "\xfb\xf4");
    }
}

static const struct {
    const char *name;
    unsigned weight;
    void (*make)(struct emit *e);
} kinds[] = {
    {"any", 30, any_insn},       {"bytes", 6, random_bytes}, {"control", 10, control},
    {"msr", 5, model_specific},  {"tables", 4, tables},      {"descriptor", 10, descriptor},
    {"return", 4, far_return},   {"page", 10, page_entry},   {"string", 8, string_op},
    {"modify", 12, self_modify}, {"jump", 5, jump_away},     {"fpu", 5, fpu_state},
    {"wait", 2, wait},
};

void fuzz_step_cpu(struct emit *e)
{
    unsigned total = 0, n = 0, pick;

    for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++)
        total += kinds[i].weight;
    for (pick = fuzz_rnd(e->s, total); pick >= kinds[n].weight; n++)
        pick -= kinds[n].weight;
    e->step->name = kinds[n].name;
    kinds[n].make(e);
}
