/* A fuzz program as a BIOS image: what fills memory at each session's start, and the code that enters its
 * mode. The format is read by runtime.S. */
#include <string.h>

#include "mmu/mmu.h"
#include "tests/fuzz/emit.h"

#define TEXT_SIZE (FZ_ROM_SIZE - FZ_RUNTIME_SIZE)

extern const u8 fuzz_runtime[], fuzz_next32[], fuzz_next16[], fuzz_to_real[], fuzz_to_unreal[];

/* Where a label of the runtime is, below 4 GiB and from the ROM's start. */
#define RUNTIME_AT(label)  (FZ_ROM + TEXT_SIZE + (u32)((label)-fuzz_runtime))
#define RUNTIME_LOW(label) (TEXT_SIZE + (u32)((label)-fuzz_runtime))

/* The ROM's start: the number of sessions, and where each is. A session is the address of its entry code,
 * then records {destination, length, source}. */
struct rom {
    u8 *byte;
    u32 used;
    u32 ivt, idt, identity; /* templates that sessions share */
};

static u32 rom_add(struct rom *rom, const void *data, u32 len)
{
    u32 at = rom->used;

    BUG_ON(len > TEXT_SIZE - at);
    memcpy(rom->byte + at, data, len);
    rom->used = (at + len + 3) & ~3u;
    return at;
}

static void rom_add32(struct rom *rom, u32 value)
{
    u8 bytes[4];

    put32(bytes, value);
    rom_add(rom, bytes, 4);
}

/* Records of a session, gathered before they are added: their data is added first. */
struct records {
    struct rom *rom;
    u32 word[3 * 256];
    unsigned words;
};

static void record_words(struct records *r, u32 a, u32 b, u32 c)
{
    BUG_ON(r->words + 3 > ARRAY_SIZE(r->word));
    r->word[r->words++] = a;
    r->word[r->words++] = b;
    r->word[r->words++] = c;
}

static void record(struct records *r, u32 to, const void *data, u32 len)
{
    record_words(r, to, len, FZ_ROM + rom_add(r->rom, data, len));
}

static void record32(struct records *r, u32 to, u32 value)
{
    u8 bytes[4];

    put32(bytes, value);
    record(r, to, bytes, 4);
}

static void record_out(struct records *r, u16 port, u32 value)
{
    record_words(r, FZ_RECORD_OUT, port, value);
}

static u64 descriptor(u32 base, u32 limit, u32 flags)
{
    return (u64)(limit & 0xffff) | (u64)(base & 0xffffff) << 16 | (u64)(flags & 0xf0ff) << 40 |
           (u64)(limit >> 16 & 15) << 48 | (u64)(base >> 24) << 56;
}

static u64 gate(u32 selector, u32 offset, u32 flags)
{
    return (offset & 0xffff) | (u64)selector << 16 | (u64)flags << 40 | (u64)(offset >> 16) << 48;
}

/* A descriptor of any kind: segments, gates, task segments, nonsense. */
static u64 random_descriptor(u64 *s, const struct fuzz_program *p, const struct fuzz_session *x)
{
    const struct fuzz_piece *q = &x->piece[fuzz_rnd(s, x->pieces)];
    u32 dpl = fuzz_rnd(s, 4) << 5, present = fuzz_rnd(s, 8) ? 0x80 : 0;

    switch (fuzz_rnd(s, 6)) {
    case 0: /* a gate; a task gate or a task segment now and then */
        return gate(8 * fuzz_rnd(s, 12), q->at,
                    present | dpl | (fuzz_rnd(s, 8) ? "\4\14\14\6\7\16\17"[fuzz_rnd(s, 7)] : 5)) |
               (u64)fuzz_rnd(s, 32) << 32;
    case 1:
        return descriptor(fuzz_edge(s, p), fuzz_rnd(s, 0x100000), present | dpl | fuzz_rnd(s, 16));
    case 2: return (u64)fuzz_word(s) << 32 | fuzz_word(s);
    default:
        return descriptor(fuzz_rnd(s, 2) ? 0
                                         : fuzz_edge(s, p) - fuzz_rnd(s, 2) * fuzz_rnd(s, 0x100),
                          fuzz_rnd(s, 2) ? 0xfffff : fuzz_rnd(s, 0x100000),
                          (fuzz_rnd(s, 16) << 12) | present | dpl | 0x10 | fuzz_rnd(s, 16));
    }
}

static void build_segments(struct records *r, const struct fuzz_program *p,
                           const struct fuzz_session *x, u64 *s)
{
    u64 gdt[32] = {0,
                   descriptor(0, 0xfffff, 0xc09b),
                   descriptor(0, 0xfffff, 0xc093),
                   descriptor(0, 0xfffff, 0xc0fb),
                   descriptor(0, 0xfffff, 0xc0f3),
                   descriptor(x->base16, 0xfffff, 0x809b),
                   descriptor(0, 0xffff, 0x0093),
                   descriptor(FZ_TSS, FZ_IDT - FZ_TSS - 1, 0x89),
                   descriptor(FZ_LDT, 16 * 8 - 1, 0x82)};
    u64 ldt[16] = {0};
    u8 tss[104] = {0};

    for (unsigned i = FZ_RANDOM / 8; i < ARRAY_SIZE(gdt); i++)
        gdt[i] = random_descriptor(s, p, x);
    for (unsigned i = 0; i < ARRAY_SIZE(ldt); i++)
        ldt[i] = random_descriptor(s, p, x);
    put32(tss + 4, FZ_STACK0);
    put32(tss + 8, FZ_DS32);
    for (unsigned i = 12; i < 100; i += 4) /* inner stacks, and the task's registers */
        put32(tss + i,
              i < 28 && i % 8 == 0 ? 8 * fuzz_rnd(s, 32) + fuzz_rnd(s, 4) : fuzz_edge(s, p));
    put32(tss + 100, (fuzz_rnd(s, 4) ? 104 : fuzz_rnd(s, 0x10000)) << 16);
    record(r, FZ_TSS, tss, sizeof(tss));
    if (x->junk & FZ_JUNK_DESC) {
        record(r, FZ_GDT, gdt, sizeof(gdt));
        record(r, FZ_LDT, ldt, sizeof(ldt));
    } else {
        record(r, FZ_GDT, gdt, FZ_RANDOM);
    }
}

static void build_gates(struct records *r, const struct fuzz_program *p,
                        const struct fuzz_session *x, u64 *s)
{
    record_words(r, FZ_IDT, 256 * 8, FZ_ROM + r->rom->idt);
    record_words(r, 0, 256 * 4, FZ_ROM + r->rom->ivt);
    if (!(x->junk & FZ_JUNK_IDT))
        return;
    for (unsigned i = 0; i < 4; i++) {
        u64 junk = random_descriptor(s, p, x);
        u32 vector = fuzz_rnd(s, 2) ? fuzz_rnd(s, 32) : fuzz_rnd(s, 256);

        record(r, FZ_IDT + 8 * vector, &junk, sizeof(junk));
    }
}

static void build_pages_32(struct records *r, bool pse)
{
    u32 top[16];

    record_words(r, FZ_PAGES + 0x1000, 4096, FZ_ROM + r->rom->identity);
    record32(r, FZ_PAGES, (FZ_PAGES + 0x1000) | 7);
    if (pse) {
        record32(r, FZ_PAGES + 4, 0x400000 | 0x87);
        record32(r, FZ_PAGES + 4 * 0x380, 0xe0000000 | 0x87);
        record32(r, FZ_PAGES + 4 * 0x3ff, 0xffc00000 | 0x187);
        return;
    }
    for (unsigned i = 0; i < 16; i++)
        top[i] = (FZ_ROM + 0x1000 * i) | 7;
    record(r, FZ_PAGES + 0x2000 + 4 * 0x3f0, top, sizeof(top));
    record32(r, FZ_PAGES + 4 * 0x3ff, (FZ_PAGES + 0x2000) | 7);
}

static void build_pages_pae(struct records *r)
{
    u64 directories[4] = {(FZ_PAGES + 0x1000) | 1, 0, 0, (FZ_PAGES + 0x2000) | 1};
    u64 low[4], frame = 0xe0000000 | 0x87, top = 0xffe00000 | 0x187;

    for (unsigned i = 0; i < ARRAY_SIZE(low); i++)
        low[i] = 0x200000ull * i | 0x87;
    record(r, FZ_PAGES, directories, sizeof(directories));
    record(r, FZ_PAGES + 0x1000, low, sizeof(low));
    record(r, FZ_PAGES + 0x2000 + 8 * 0x100, &frame, 8);
    record(r, FZ_PAGES + 0x2000 + 8 * 0x1ff, &top, 8);
}

static void build_pages(struct records *r, const struct fuzz_program *p,
                        const struct fuzz_session *x, u64 *s)
{
    switch (x->paging) {
    case FZ_NO_PAGES:
    case FZ_PAGINGS: return;
    case FZ_PAGES_32:
    case FZ_PAGES_PSE: build_pages_32(r, x->paging == FZ_PAGES_PSE); break;
    case FZ_PAGES_PAE: build_pages_pae(r); break;
    }
    for (unsigned i = 0; x->junk & FZ_JUNK_PAGES && i < 12; i++) {
        u32 at = FZ_PAGES + 4 * (fuzz_rnd(s, 2) ? 0x400 + fuzz_rnd(s, 0x80) : fuzz_rnd(s, 0xc00));

        record32(r, at, fuzz_rnd(s, 2) ? fuzz_word(s) : fuzz_edge(s, p) | fuzz_rnd(s, 0x200));
    }
}

/* Far addresses: a segment register times 16, and what is left. */
static u32 real_segment(u32 at)
{
    return at >> 4 > 0xffff ? 0xffff : at >> 4;
}

static void frame_real(u8 *f, const struct fuzz_piece *q)
{
    static const u8 popa[8] = {R_EDI, R_ESI, R_EBP, R_ESP, R_EBX, R_EDX, R_ECX, R_EAX};

    for (unsigned i = 0; i < 4; i++)
        put16(f + 2 * i, q->seg[i]);
    for (unsigned i = 0; i < 8; i++)
        put32(f + 8 + 4 * i, q->r[popa[i]]);
    put16(f + 40, (u16)(q->at - (real_segment(q->at) << 4)));
    put16(f + 42, (u16)real_segment(q->at));
    put16(f + 44, (u16)q->eflags);
}

static void frame_protected(u8 *f, const struct fuzz_session *x, const struct fuzz_piece *q)
{
    static const u8 popa[8] = {R_EDI, R_ESI, R_EBP, R_ESP, R_EBX, R_EDX, R_ECX, R_EAX};
    static const u8 vm_seg[4] = {2, 3, 1, 0}; /* ES, DS, FS, GS */
    bool vm = x->mode == FZ_VM86;

    for (unsigned i = 0; i < 4; i++)
        put32(f + 4 * i, vm ? 0 : q->seg[i]);
    for (unsigned i = 0; i < 8; i++)
        put32(f + 16 + 4 * i, q->r[popa[i]]);
    put32(f + 48, vm                    ? q->at - (real_segment(q->at) << 4)
                  : x->mode == FZ_SEG16 ? q->at - x->base16
                                        : q->at);
    put32(f + 52, vm                    ? real_segment(q->at)
                  : x->mode == FZ_SEG16 ? FZ_CS16
                  : x->mode == FZ_USER  ? FZ_CS_R3
                                        : FZ_CS32);
    put32(f + 56, vm ? (q->eflags & ~FL_NT) | FL_VM : q->eflags & ~FL_NT);
    put32(f + 60, q->r[R_ESP]);
    put32(f + 64, vm ? 0 : FZ_DS_R3);
    for (unsigned i = 0; i < 4 && vm; i++)
        put32(f + 68 + 4 * i, q->seg[vm_seg[i]]);
}

/* The piece's code: the stack pointer, which a frame does not always load, its steps, INT3. */
static void build_code(struct records *r, const struct fuzz_session *x, const struct fuzz_piece *q)
{
    u8 code[FZ_STEPS_MAX * FZ_STEP_LEN + 8];
    u32 len = 0;

    if (!fuzz_code32(x->mode))
        code[len++] = 0x66;
    code[len++] = 0xb8 + R_ESP;
    put32(code + len, q->r[R_ESP]);
    len += 4;
    for (unsigned i = 0; i < q->steps; i++) {
        memcpy(code + len, q->step[i].byte, q->step[i].len);
        len += q->step[i].len;
    }
    code[len++] = 0xcc;
    record(r, q->at, code, len);
}

static void build_pieces(struct records *r, const struct fuzz_session *x)
{
    u32 count = 0;

    for (unsigned i = 0; i < x->pieces; i++) {
        const struct fuzz_piece *q = &x->piece[i];
        u8 frame[FZ_FRAME_LEN] = {0};

        if (q->off)
            continue;
        if (x->mode == FZ_REAL || x->mode == FZ_UNREAL)
            frame_real(frame, q);
        else
            frame_protected(frame, x, q);
        record(r, FZ_FRAMES + FZ_FRAME_LEN * count++, frame, sizeof(frame));
        build_code(r, x, q);
    }
    record32(r, FZ_PIECES, count);
}

/* Interrupts from 0x20 on, or 8 as in real mode; the timer's come fast. */
static void build_irqs(struct records *r, const struct fuzz_session *x, u64 *s)
{
    static const u8 masks[] = {0, 0xfe,
                               1}; /* without the timer's, a HLT is as long as a drive needs */
    u8 base = x->mode <= FZ_UNREAL ? 8 : 0x20, mask = masks[fuzz_rnd(s, ARRAY_SIZE(masks))];
    u32 period = 5 + fuzz_rnd(s, 20);

    record_out(r, 0x20, 0x11), record_out(r, 0x21, base);
    record_out(r, 0x21, 4), record_out(r, 0x21, 1), record_out(r, 0x21, mask);
    record_out(r, 0xa0, 0x11), record_out(r, 0xa1, base + 8);
    record_out(r, 0xa1, 2), record_out(r, 0xa1, 1), record_out(r, 0xa1, mask & 0xfe);
    record_out(r, 0x43, 0x34), record_out(r, 0x40, period), record_out(r, 0x40, 0);
}

/* 32-bit code at CPL 0 that enters the mode. Returns its place in the ROM. */
static u32 build_entry(struct rom *rom, const struct fuzz_session *x)
{
    static const u32 cr4[FZ_PAGINGS] = {0, 0, CR4_PSE, CR4_PAE};
    struct fuzz_step step = {.len = 0};
    struct emit e = {.step = &step, .code32 = true};
    u32 tables;

    if (x->mode <= FZ_UNREAL) {
        emit_mov(&e, R_EAX,
                 x->mode == FZ_REAL ? RUNTIME_AT(fuzz_to_real) : RUNTIME_AT(fuzz_to_unreal));
        EMIT(&e, "\xff\xe0");
        return rom_add(rom, step.byte, step.len);
    }
    rom_add32(rom, (32 * 8 - 1) | FZ_GDT << 16);
    tables = rom->used - 4;
    rom_add32(rom, FZ_GDT >> 16);
    rom_add32(rom, (256 * 8 - 1) | FZ_IDT << 16);
    rom_add32(rom, FZ_IDT >> 16);
    EMIT(&e, "\x0f\x01\x15"); /* LGDT, LIDT */
    emit_bytes(&e, FZ_ROM + tables, 4);
    EMIT(&e, "\x0f\x01\x1d");
    emit_bytes(&e, FZ_ROM + tables + 8, 4);
    emit_mov(&e, R_EAX, FZ_TR);
    EMIT(&e, "\x0f\x00\xd8"); /* LTR, LLDT */
    emit_mov(&e, R_EAX, FZ_LDTR);
    EMIT(&e, "\x0f\x00\xd0");
    if (x->cr4 | cr4[x->paging]) {
        emit_mov(&e, R_EAX, x->cr4 | cr4[x->paging]);
        EMIT(&e, "\x0f\x22\xe0");
    }
    emit_mov(&e, R_EAX, FZ_PAGES);
    EMIT(&e, "\x0f\x22\xd8\xdb\xe3"); /* CR3; FNINIT */
    emit_mov(&e, R_EAX, CR0_PE | CR0_ET | x->cr0 | (x->paging ? CR0_PG : 0));
    EMIT(&e, "\x0f\x22\xc0");
    emit_mov(&e, R_EAX, RUNTIME_AT(fuzz_next32));
    EMIT(&e, "\xff\xe0");
    return rom_add(rom, step.byte, step.len);
}

static u32 build_session(struct rom *rom, const struct fuzz_program *p,
                         const struct fuzz_session *x)
{
    struct records r = {.rom = rom};
    u64 seed = x->seed;
    u32 entry = build_entry(rom, x), at;

    for (unsigned i = 0; i < x->outs; i++)
        record_out(&r, x->out[i].port, x->out[i].value);
    if (x->junk & FZ_IRQS)
        build_irqs(&r, x, &seed);
    build_segments(&r, p, x, &seed);
    build_gates(&r, p, x, &seed);
    build_pages(&r, p, x, &seed);
    build_pieces(&r, x);
    record_words(&r, FZ_RECORD_END, 0, 0);
    at = rom->used;
    rom_add32(rom, FZ_ROM + entry);
    for (unsigned i = 0; i < r.words; i++)
        rom_add32(rom, r.word[i]);
    return at;
}

static void build_templates(struct rom *rom)
{
    u8 ivt[256 * 4], idt[256 * 8], identity[4096];

    for (unsigned i = 0; i < 256; i++) {
        put32(ivt + 4 * i, 0xf0000000 | RUNTIME_LOW(fuzz_next16));
        put64(idt + 8 * i, gate(FZ_CS32, RUNTIME_AT(fuzz_next32), i % 3 ? 0xee : 0xef));
    }
    for (unsigned i = 0; i < 1024; i++)
        put32(identity + 4 * i, 0x1000 * i | (i % 7 ? 7 : 0x67));
    rom->ivt = rom_add(rom, ivt, sizeof(ivt));
    rom->idt = rom_add(rom, idt, sizeof(idt));
    rom->identity = rom_add(rom, identity, sizeof(identity));
}

void fuzz_build(const struct fuzz_program *p, u8 *bytes)
{
    struct rom rom = {bytes, 4 + 4 * FZ_SESSIONS_MAX, 0, 0, 0};
    u32 sessions = 0;

    memset(bytes, 0, TEXT_SIZE);
    memcpy(bytes + TEXT_SIZE, fuzz_runtime, FZ_RUNTIME_SIZE);
    build_templates(&rom);
    for (unsigned i = 0; i < p->sessions; i++) {
        if (p->session[i].off)
            continue;
        put32(bytes + 4 + 4 * sessions++, FZ_ROM + build_session(&rom, p, &p->session[i]));
    }
    put32(bytes, sessions);
}
