/* Makes a fuzz program from its number. */
#include <string.h>

#include "tests/fuzz/emit.h"

u32 fuzz_rnd(u64 *s, u32 below)
{
    *s ^= *s >> 12;
    *s ^= *s << 25;
    *s ^= *s >> 27;
    return (u32)(*s * 0x2545f4914f6cdd1dull >> 33) % below;
}

u32 fuzz_word(u64 *s)
{
    u32 n = fuzz_rnd(s, 0x7fffffff) << 1 ^ fuzz_rnd(s, 0x7fffffff);

    switch (fuzz_rnd(s, 5)) {
    case 0: return (1u << (n & 31)) + (n >> 8) % 7 - 3;
    case 1: return (n >> 8) % 9 - 4;
    case 2: return 1u << (n & 31) | 1u << (n >> 8 & 31) | 1u << (n >> 16 & 31);
    default: return n;
    }
}

u32 fuzz_edge(u64 *s, const struct fuzz_program *p)
{
    static const u32 edges[] = {0,          0x1000,     0x9000,     0x9fc00,    0xa0000,
                                0xb0000,    0xb8000,    0xc0000,    0xc8000,    0xe0000,
                                0xf0000,    0x100000,   0x10fff0,   0x1000000,  0xe0000000,
                                0xe1000000, 0xfec00000, 0xfff00000, 0xffff0000, 0xfffff000,
                                0xfffffffc, 0x7fffffff, 0x80000000};

    switch (fuzz_rnd(s, 8)) {
    case 0: return p->ram_mib << 20;
    case 1: return FZ_CODE + FZ_CODE_SIZE * fuzz_rnd(s, FZ_PIECES_MAX);
    case 2: return 0x9000 + fuzz_rnd(s, 0x8000);
    case 3: return 0x1000 * fuzz_rnd(s, 0x20);
    default: return edges[fuzz_rnd(s, ARRAY_SIZE(edges))];
    }
}

static void add_out(struct fuzz_session *x, u16 port, u32 value)
{
    if (x->outs < FZ_OUTS_MAX)
        x->out[x->outs++] = (struct fuzz_out){port, value};
}

/* A display mode in which the window keeps what is written; PCI with its memory and ports on. */
static void generate_outs(u64 *s, struct fuzz_session *x)
{
    static const u8 vga[][8] = {
        {0x67, 0x02, 0x03, 0x00, 0x00, 0x00, 0x10, 0x0e}, /* text */
        {0x63, 0x0f, 0x0e, 0x00, 0x00, 0x00, 0x40, 0x05}, /* 256 colours, chained */
        {0x63, 0x0f, 0x06, 0x00, 0x00, 0x00, 0x00, 0x05}, /* planes */
        {0x63, 0x0f, 0x06, 0x00, 0x00, 0x00, 0x08, 0x01}, /* planes, all of the window */
    };
    static const u8 crtc[][2] = {{1, 0x4f}, {7, 0x1f}, {9, 0x4f}, {0x12, 0x8f}, {0x13, 0x28}};
    const u8 *v = vga[fuzz_rnd(s, ARRAY_SIZE(vga))];
    static const u32 pci[][2] = {
        {0x80000920, 0xc001},                               /* bus master */
        {0x80000904, 5},          {0x80001010, 0xe0000008}, /* frame buffer */
        {0x80001004, 7},          {0x80000b40, 0xb001},     /* power management */
        {0x80000b80, 1},          {0x80000b58, 0x02000000},
        {0x80000058, 0x33330000}, {0x8000005c, 0x33333333}};

    for (unsigned i = 0; i < ARRAY_SIZE(pci) - (fuzz_rnd(s, 2) ? 2 : 0); i++) {
        add_out(x, 0xcf8, pci[i][0]);
        add_out(x, 0xcfc, pci[i][1]);
    }
    add_out(x, 0x3c2, v[0]);
    add_out(x, 0x3c4, 2), add_out(x, 0x3c5, v[1]);
    add_out(x, 0x3ce, 6), add_out(x, 0x3cf, v[7]);
    add_out(x, 0x3ce, 5), add_out(x, 0x3cf, v[6]);
    for (unsigned i = 0; i < ARRAY_SIZE(crtc); i++) {
        add_out(x, 0x3d4, crtc[i][0]);
        add_out(x, 0x3d5, crtc[i][1]);
    }
    add_out(x, 0x3c0, 0x20); /* the picture is on */
}

static u32 code_address(u64 *s, const struct fuzz_program *p, const struct fuzz_session *x,
                        unsigned n)
{
    u32 usual = FZ_CODE + FZ_CODE_SIZE * n;

    switch (fuzz_rnd(s, 10)) {
    case 0: return usual + 0xf00 - fuzz_rnd(s, 64); /* over a page's end */
    case 1: return 0xa0000 + 0x400 * n;
    case 2: return 0xb8000 + 0x400 * n;
    case 3: return 0xc8000 + 0x400 * n; /* shadow RAM */
    case 4: return 0x100000 + 0x400 * n;
    case 5:
        if (!fuzz_real(x->mode))
            return (p->ram_mib << 20) - 0x100 + fuzz_rnd(s, 0xf0);
        return 0x9ff00 + fuzz_rnd(s, 0xf0);
    case 6:
        if (!fuzz_real(x->mode) && x->paging == FZ_NO_PAGES)
            return 0xe0000000 + 0x400 * n;
        return usual;
    default: return usual;
    }
}

static void generate_piece(u64 *s, const struct fuzz_program *p, struct fuzz_session *x, unsigned n)
{
    struct fuzz_piece *q = &x->piece[n];
    unsigned devices = fuzz_rnd(s, 4); /* which share of steps */

    q->at = code_address(s, p, x, n);
    for (unsigned i = 0; i < 8; i++)
        q->r[i] = fuzz_rnd(s, 2) ? 0x9000 + fuzz_rnd(s, 0x2000) : fuzz_edge(s, p);
    if (!fuzz_code32(x->mode))
        q->r[R_EBX] &= 0xfff;
    q->r[R_ESP] = 0x8e00 - 4 * fuzz_rnd(s, 64) - (fuzz_rnd(s, 6) ? 0 : fuzz_rnd(s, 4));
    q->eflags = FL_ONE | (fuzz_rnd(s, 0x10000) & FL_ARITH) | (fuzz_rnd(s, 10) ? FL_IF : 0) |
                (fuzz_rnd(s, 20) ? 0 : FL_TF) | (fuzz_rnd(s, 10) ? 0 : FL_AC) |
                (fuzz_rnd(s, 10) ? 0 : FL_NT) | (fuzz_rnd(s, 5) ? FL_IOPL : 0);
    for (unsigned i = 0; i < 4; i++)
        q->seg[i] = (u16)(fuzz_real(x->mode)   ? fuzz_rnd(s, 2) ? 0 : fuzz_rnd(s, 0x10000)
                            : fuzz_rnd(s, 10) ? x->mode == FZ_USER ? FZ_DS_R3 : FZ_DS32
                          : x->mode == FZ_USER ? FZ_RANDOM + 3 + 8 * fuzz_rnd(s, 20)
                                               : FZ_RANDOM + 8 * fuzz_rnd(s, 20));
    q->steps = 1 + fuzz_rnd(s, FZ_STEPS_MAX);
    for (unsigned i = 0; i < q->steps; i++) {
        struct emit e = {&q->step[i], p, x, q, fuzz_code32(x->mode), s};

        if (fuzz_rnd(s, 3) < devices)
            fuzz_step_device(&e);
        else
            fuzz_step_cpu(&e);
    }
}

static void generate_session(u64 *s, const struct fuzz_program *p, struct fuzz_session *x)
{
    x->mode = (enum fuzz_mode)fuzz_rnd(s, FZ_MODES);
    if (x->mode >= FZ_FLAT && fuzz_rnd(s, 3))
        x->paging = (enum fuzz_paging)fuzz_rnd(s, FZ_PAGINGS);
    x->junk = fuzz_rnd(s, FZ_JUNK_ALL + 1) | (fuzz_rnd(s, 8) ? FZ_IRQS : 0);
    x->cr0 = (fuzz_rnd(s, 2) ? CR0_WP : 0) | (fuzz_rnd(s, 2) ? CR0_NE : 0) |
             (fuzz_rnd(s, 8) ? 0 : CR0_TS) | (fuzz_rnd(s, 3) ? 0 : CR0_AM);
    x->cr4 = strcmp(p->model, "pentium4") && strcmp(p->model, "pentium3")
                 ? 0
                 : CR4_OSFXSR | (fuzz_rnd(s, 2) ? CR4_OSXMMEXCPT : 0) |
                       (p->stale && fuzz_rnd(s, 2) ? CR4_PGE : 0);
    x->base16 = 0x10 * fuzz_rnd(s, 0x100) + (fuzz_rnd(s, 4) ? 0 : fuzz_rnd(s, 16));
    x->seed = *s | 1;
    generate_outs(s, x);
    x->pieces = 2 + fuzz_rnd(s, FZ_PIECES_MAX - 1);
    for (unsigned i = 0; i < x->pieces; i++)
        generate_piece(s, p, x, i);
}

void fuzz_generate(struct fuzz_program *p, u64 number)
{
    static const char *const models[] = {"pentium4", "pentium4", "pentium3",
                                         "pentium2", "pentium",  "486"};
    u64 seed = number * 0x9e3779b97f4a7c15ull | 1, *s = &seed;

    for (unsigned i = 0; i < 8; i++)
        fuzz_rnd(s, 2);
    memset(p, 0, sizeof(*p));
    p->number = number;
    p->ram_mib = 2 + fuzz_rnd(s, 3);
    p->model = models[fuzz_rnd(s, ARRAY_SIZE(models))];
    p->isa_only = fuzz_rnd(s, 8) == 0;
    p->no_acpi = fuzz_rnd(s, 8) == 0;
    p->no_vga = fuzz_rnd(s, 16) == 0;
    p->own_bios = fuzz_rnd(s, 4) == 0;
    p->block_len = fuzz_rnd(s, 6) ? 0 : 1 + fuzz_rnd(s, 4);
    p->random_len = fuzz_rnd(s, 4) == 0;
    p->no_chain = fuzz_rnd(s, 8) == 0;
    p->slow_mem = fuzz_rnd(s, 6) == 0;
    p->cache_blocks = fuzz_rnd(s, 6) ? 0 : 1 + fuzz_rnd(s, 20);
    p->code_buffer = fuzz_rnd(s, 4) ? 1u << 20 : 16384u << fuzz_rnd(s, 3);
    p->tlb_limit = fuzz_rnd(s, 4) ? 0 : 1 + fuzz_rnd(s, 20);
    p->native_after = number % 3 ? 0 : 1 + number / 3 % 3;
    p->stale = fuzz_rnd(s, 3) == 0;
    p->sessions = 1 + fuzz_rnd(s, FZ_SESSIONS_MAX);
    for (unsigned i = 0; i < p->sessions; i++)
        generate_session(s, p, &p->session[i]);
}
