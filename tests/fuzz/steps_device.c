/* Steps that torment the board: ports, PCI, DMA, disks, the display adapter. */
#include "tests/fuzz/emit.h"

static u32 pick(u64 *s, const u16 *list, unsigned count)
{
    return list[fuzz_rnd(s, count)];
}
#define PICK(s, list) pick((s), (list), ARRAY_SIZE(list))

/* Ports where somebody is, and how many follow. */
static const struct {
    u16 base, count;
} ports[] = {
    {0x00, 16},  {0x20, 2},    {0x40, 4},    {0x60, 5},   {0x70, 2},    {0x80, 16}, {0x92, 1},
    {0xa0, 2},   {0xb2, 2},    {0xc0, 32},   {0xe9, 1},   {0xf0, 1},    {0x170, 8}, {0x1ce, 4},
    {0x1f0, 8},  {0x376, 1},   {0x3b0, 48},  {0x3f0, 16}, {0x4d0, 2},   {0xcf8, 8}, {0x8900, 1},
    {0x8b00, 2}, {0xafe0, 16}, {0xb000, 64}, {0xb100, 8}, {0xc000, 16},
};

static u16 random_port(u64 *s)
{
    unsigned i = fuzz_rnd(s, ARRAY_SIZE(ports));

    if (fuzz_rnd(s, 12) == 0)
        return (u16)fuzz_rnd(s, 0x10000);
    return (u16)(ports[i].base + fuzz_rnd(s, ports[i].count));
}

static unsigned random_size(u64 *s)
{
    return 1u << (fuzz_rnd(s, 3) ? 0 : fuzz_rnd(s, 3));
}

static void any_port(struct emit *e)
{
    unsigned count = 1 + fuzz_rnd(e->s, 4);

    for (unsigned i = 0; i < count; i++) {
        u16 port = random_port(e->s);

        if (fuzz_rnd(e->s, 3))
            emit_out(e, port, fuzz_rnd(e->s, 2) ? fuzz_rnd(e->s, 256) : fuzz_word(e->s),
                     random_size(e->s));
        else
            emit_in(e, port, random_size(e->s));
    }
}

/* INS and OUTS over borders. */
static void string_port(struct emit *e)
{
    static const u16 usual[] = {0x1f0, 0x170, 0xcfc, 0x60, 0x3f5, 0x3c9, 0x1cf, 0x40, 0xe9};
    u32 at = fuzz_edge(e->s, e->program) - fuzz_rnd(e->s, 64);
    u16 port = fuzz_rnd(e->s, 4) ? (u16)PICK(e->s, usual) : random_port(e->s);

    emit_mov(e, R_ECX, fuzz_rnd(e->s, 8) ? fuzz_rnd(e->s, 600) : fuzz_word(e->s));
    emit_mov(e, R_ESI, at);
    emit_es_edi(e, at);
    emit_dx(e, port);
    if (!e->code32 && fuzz_rnd(e->s, 2))
        emit_bytes(e, 0x67, 1);
    if (fuzz_rnd(e->s, 2))
        emit_bytes(e, 0x66, 1);
    if (fuzz_rnd(e->s, 4) == 0)
        emit_bytes(e, "\x26\x2e\x36\x64"[fuzz_rnd(e->s, 4)], 1);
    emit_bytes(e, 0xf3, 1);
    emit_bytes(e, 0x6c + fuzz_rnd(e->s, 4), 1);
}

/* A PCI configuration register: a base address over something, or anything. */
static void pci(struct emit *e)
{
    static const u16 devfn[] = {0x00, 0x08, 0x09, 0x0b, 0x10};
    static const u16 reg[] = {0x04, 0x10, 0x14, 0x20, 0x24, 0x30, 0x40, 0x58, 0x5a,
                              0x5c, 0x60, 0x64, 0x72, 0x80, 0x90, 0xd2, 0x3c, 0x41};
    u32 dev = fuzz_rnd(e->s, 12) ? PICK(e->s, devfn) : fuzz_rnd(e->s, 256);
    u32 r = fuzz_rnd(e->s, 6) ? PICK(e->s, reg) : fuzz_rnd(e->s, 256), value;
    unsigned size = 1u << fuzz_rnd(e->s, 3);

    switch (fuzz_rnd(e->s, 4)) {
    case 0: value = fuzz_word(e->s); break;
    case 1: value = fuzz_edge(e->s, e->program) | fuzz_rnd(e->s, 2); break;
    case 2: value = (u32)random_port(e->s) | 1; break;
    default: value = fuzz_rnd(e->s, 256) * 0x01010101u;
    }
    if (r == 4)
        value = fuzz_rnd(e->s, 3) ? 7 : value;
    else if (r >= 0x10 && r < 0x38)
        size = 4;
    emit_out(e, 0xcf8, 0x80000000 | dev << 8 | (r & 0xfc), 4);
    if (fuzz_rnd(e->s, 5))
        emit_out(e, (u16)(0xcfc + (r & 3)), value, size);
    else
        emit_in(e, (u16)(0xcfc + (r & 3)), size);
}

/* The shadow RAM under the code that may run there. */
static void pam(struct emit *e)
{
    emit_out(e, 0xcf8, 0x80000058, 4);
    for (unsigned i = 0; i < 2; i++)
        emit_out(e, (u16)(0xcfc + fuzz_rnd(e->s, 4)),
                 fuzz_rnd(e->s, 2) ? 0x33 : fuzz_rnd(e->s, 256), 1);
    if (fuzz_rnd(e->s, 3) == 0) {
        emit_out(e, 0xcf8, 0x80000070, 4);
        emit_out(e, 0xcfe, fuzz_rnd(e->s, 256), 1); /* SMRAM */
    }
}

static const u16 ata_commands[] = {0x00, 0x08, 0x10, 0x20, 0x21, 0x24, 0x25, 0x27, 0x29,
                                   0x30, 0x34, 0x35, 0x39, 0x40, 0x60, 0x70, 0x90, 0x91,
                                   0xa0, 0xa1, 0xc4, 0xc5, 0xc6, 0xc8, 0xca, 0xe0, 0xe1,
                                   0xe5, 0xe7, 0xea, 0xec, 0xef, 0xf1, 0xf8};

static void ata_task(struct emit *e, u16 base, u32 command)
{
    static const u16 first[] = {0, 0, 1, 2, 0x7f, 0xff};
    static const u16 drive[] = {0xa0, 0xb0, 0xe0, 0xf0};

    emit_out(e, (u16)(base + 6), PICK(e->s, drive) | fuzz_rnd(e->s, 3) / 2, 1);
    if (fuzz_rnd(e->s, 4) == 0)
        emit_out(e, (u16)(base + 1), fuzz_rnd(e->s, 256), 1);
    for (unsigned i = 2; i < 6; i++)
        if (fuzz_rnd(e->s, 3))
            emit_out(e, (u16)(base + i), PICK(e->s, first), 1);
    emit_out(e, (u16)(base + 7), command, 1);
}

static u16 ide_base(u64 *s)
{
    return fuzz_rnd(s, 2) ? 0x1f0 : 0x170;
}

static void ata(struct emit *e)
{
    u16 base = ide_base(e->s);

    ata_task(e, base, fuzz_rnd(e->s, 8) ? PICK(e->s, ata_commands) : fuzz_rnd(e->s, 256));
    if (fuzz_rnd(e->s, 2)) {
        emit_dx(e, base);
        emit_mov(e, R_ECX, fuzz_rnd(e->s, 1100));
        emit_es_edi(e, fuzz_rnd(e->s, 2) ? 0x9000 : fuzz_edge(e->s, e->program));
        emit_bytes(e, 0xf3, 1);
        emit_bytes(e, 0x6c + fuzz_rnd(e->s, 4), 1);
    } else if (fuzz_rnd(e->s, 3) == 0) {
        emit_out(e, (u16)(base + 0x206), fuzz_rnd(e->s, 256), 1); /* device control */
    }
}

static void atapi(struct emit *e)
{
    static const u16 op[] = {0x00, 0x03, 0x12, 0x1b, 0x1e, 0x25, 0x28, 0x42, 0x43, 0x46, 0x4a,
                             0x51, 0x52, 0x5a, 0xa8, 0xad, 0xbb, 0xbd, 0xbe, 0x2b, 0x55};
    u16 base = fuzz_rnd(e->s, 4) ? 0x170 : 0x1f0; /* the CD is the second channel's master */

    emit_out(e, (u16)(base + 6), fuzz_rnd(e->s, 4) ? 0xa0 : 0xb0, 1);
    emit_out(e, (u16)(base + 1), fuzz_rnd(e->s, 4), 1);
    emit_out(e, (u16)(base + 4), fuzz_rnd(e->s, 256), 1);
    emit_out(e, (u16)(base + 5), fuzz_rnd(e->s, 3) ? fuzz_rnd(e->s, 16) : fuzz_rnd(e->s, 256), 1);
    emit_out(e, (u16)(base + 7), 0xa0, 1);
    emit_out(e, base, PICK(e->s, op) | fuzz_rnd(e->s, 4) << 8, 2);
    for (unsigned i = 1; i < 6; i++)
        emit_out(e, base, fuzz_rnd(e->s, 2) ? 0 : fuzz_word(e->s), 2);
}

/* One entry of a list of regions, for the IDE's bus master. */
static void prd(struct emit *e)
{
    u32 at = fuzz_rnd(e->s, 4) ? FZ_PRD : fuzz_edge(e->s, e->program) - 4 * fuzz_rnd(e->s, 4);
    u16 bm = (u16)(0xc000 + 8 * fuzz_rnd(e->s, 2));

    emit_store(e, at, fuzz_edge(e->s, e->program) - fuzz_rnd(e->s, 64));
    emit_store(e, at + 4,
               fuzz_rnd(e->s, 2) ? 0x80000000 | fuzz_rnd(e->s, 0x10000) : fuzz_word(e->s));
    emit_out(e, (u16)(bm + 4), at, 4);
}

static void bus_master(struct emit *e)
{
    static const u16 command[] = {0xc8, 0xca, 0x25, 0x35, 0xc9, 0xcb, 0xa0, 0xec};
    unsigned channel = fuzz_rnd(e->s, 2);
    u16 bm = (u16)(0xc000 + 8 * channel);

    ata_task(e, channel ? 0x170 : 0x1f0, PICK(e->s, command));
    if (fuzz_rnd(e->s, 3) == 0)
        emit_out(e, (u16)(bm + 2), fuzz_rnd(e->s, 256), 1);
    emit_out(e, bm, fuzz_rnd(e->s, 4) ? 1 | fuzz_rnd(e->s, 2) << 3 : fuzz_rnd(e->s, 256), 1);
}

/* The 8237: a channel's address, count, page and mode. */
static void isa_dma(struct emit *e)
{
    static const u16 page[] = {0x87, 0x83, 0x81, 0x82, 0x8f, 0x8b, 0x89, 0x8a};
    unsigned n = fuzz_rnd(e->s, 3) ? 2 : fuzz_rnd(e->s, 8), step = n < 4 ? 1 : 2;
    u16 base = n < 4 ? 0x00 : 0xc0;
    u32 at = fuzz_edge(e->s, e->program);

    emit_out(e, (u16)(base + 12 * step), 0, 1);
    for (unsigned i = 0; i < 2; i++)
        emit_out(e, (u16)(base + (n & 3) * 2 * step), at >> 8 * i, 1);
    for (unsigned i = 0; i < 2; i++)
        emit_out(e, (u16)(base + ((n & 3) * 2 + 1) * step),
                 fuzz_rnd(e->s, 3) ? 0xff : fuzz_rnd(e->s, 4), 1);
    emit_out(e, (u16)PICK(e->s, page), at >> 16, 1);
    emit_out(e, (u16)(base + 11 * step), fuzz_rnd(e->s, 64) << 2 | (n & 3), 1);
    emit_out(e, (u16)(base + 10 * step), fuzz_rnd(e->s, 4) ? n & 3 : fuzz_rnd(e->s, 8), 1);
}

static void floppy(struct emit *e)
{
    static const u16 command[] = {0x46, 0xe6, 0x66, 0x45, 0xc5, 0x4d, 0x42, 0x4a, 0x07,
                                  0x0f, 0x8f, 0x08, 0x03, 0x04, 0x0e, 0x10, 0x12, 0x13,
                                  0x14, 0x94, 0x16, 0x51, 0x59, 0x5d, 0x33, 0x18, 0x20};
    unsigned bytes = fuzz_rnd(e->s, 9);

    if (fuzz_rnd(e->s, 3) == 0) { /* read, write or format sectors, and wait */
        emit_out(e, 0x3f2, 0x1c, 1);
        emit_out(e, 0x3f5, command[fuzz_rnd(e->s, 8)], 1);
        for (unsigned i = 0; i < 8; i++)
            emit_out(e, 0x3f5, "\0\0\0\1\2\22\33\377"[i] ^ (fuzz_rnd(e->s, 6) ? 0 : 1), 1);
        EMIT(e, "\xfb\xf4");
        return;
    }
    if (fuzz_rnd(e->s, 2))
        emit_out(e, 0x3f2, fuzz_rnd(e->s, 3) ? 0x1c : fuzz_rnd(e->s, 256), 1);
    emit_out(e, 0x3f5, fuzz_rnd(e->s, 10) ? PICK(e->s, command) : fuzz_rnd(e->s, 256), 1);
    for (unsigned i = 0; i < bytes; i++)
        emit_out(e, 0x3f5, fuzz_rnd(e->s, 4) ? fuzz_rnd(e->s, 4) : fuzz_rnd(e->s, 256), 1);
    if (fuzz_rnd(e->s, 3) == 0)
        EMIT(e, "\xfb\xf4"); /* time passes */
    if (fuzz_rnd(e->s, 3) == 0)
        emit_in(e, 0x3f5, 1);
}

/* A register behind an index port. */
static void vga(struct emit *e)
{
    static const struct {
        u16 index;
        u8 regs;
    } groups[] = {{0x3d4, 0x20}, {0x3c4, 8}, {0x3ce, 16}, {0x3c0, 0x40}, {0x3b4, 0x20}};
    unsigned count = 1 + fuzz_rnd(e->s, 4);

    for (unsigned i = 0; i < count; i++) {
        unsigned g = fuzz_rnd(e->s, ARRAY_SIZE(groups));
        u32 index = fuzz_rnd(e->s, groups[g].regs), value = fuzz_rnd(e->s, 256);

        if (groups[g].index == 0x3c0) {
            emit_in(e, 0x3da, 1);
            emit_out(e, 0x3c0, index, 1);
            emit_out(e, 0x3c0, value, 1);
        } else {
            emit_out(e, groups[g].index, index | value << 8, 2);
        }
    }
    if (fuzz_rnd(e->s, 4) == 0)
        emit_out(e, (u16)(0x3c2 + fuzz_rnd(e->s, 8)), fuzz_rnd(e->s, 256), 1);
}

/* Bochs' display registers. */
static void dispi(struct emit *e)
{
    static const u16 values[] = {0,   1,   4,   8,    15,   16,   24,   32,    0x40,  0x41,
                                 320, 640, 800, 1024, 1600, 2560, 4096, 16384, 65535, 0xc0};
    static const u16 depths[] = {4, 8, 15, 16, 24, 32};
    unsigned count = 1 + fuzz_rnd(e->s, 4);

    if (fuzz_rnd(e->s, 2)) { /* a mode that is one */
        u16 mode[5] = {0, (u16)(8 * fuzz_rnd(e->s, 200)), (u16)fuzz_rnd(e->s, 1200),
                       (u16)PICK(e->s, depths), (u16)(1 | fuzz_rnd(e->s, 8) << 5)};

        for (unsigned i = 1; i < ARRAY_SIZE(mode); i++) {
            emit_out(e, 0x1ce, i, 2);
            emit_out(e, 0x1cf, mode[i], 2);
        }
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        emit_out(e, 0x1ce, fuzz_rnd(e->s, 14), 2);
        emit_out(e, 0x1cf, fuzz_rnd(e->s, 4) ? PICK(e->s, values) : fuzz_rnd(e->s, 0x10000), 2);
    }
}

/* The display's window read and written, or code in it. */
static void display_memory(struct emit *e)
{
    static const u32 windows[] = {0xa0000, 0xaff00, 0xb0000, 0xb8000, 0xbfff0, 0xe0000000};
    u32 at = windows[fuzz_rnd(e->s, ARRAY_SIZE(windows))] + fuzz_rnd(e->s, 64);

    emit_store(e, at, fuzz_rnd(e->s, 2) ? 0xc3c3c390 : fuzz_word(e->s));
    emit_es_edi(e, at);
    emit_mov(e, R_ECX, fuzz_rnd(e->s, 300));
    switch (fuzz_rnd(e->s, 4)) {
    case 0: EMIT(e, "\xf3\xaa"); break;
    case 1: EMIT(e, "\xf3\xab"); break;
    case 2: EMIT(e, "\xf3\xae"); break;
    default: EMIT(e, "\x26\x0f\xba\x3d"); /* BTC m, imm8: addresses are junk in 16-bit code */
    }
}

/* Resets, A20, keyboard controller. */
static void keyboard(struct emit *e)
{
    static const u16 command[] = {0x20, 0x60, 0xa7, 0xa8, 0xaa, 0xab, 0xad, 0xae, 0xc0,
                                  0xd0, 0xd1, 0xd2, 0xd3, 0xd4, 0xdd, 0xdf, 0xe0, 0xf0};

    switch (fuzz_rnd(e->s, 8)) {
    case 0: emit_out(e, 0x92, fuzz_rnd(e->s, 256), 1); break;
    case 1: emit_out(e, 0xcf9, fuzz_rnd(e->s, 256), 1); break;
    case 2: emit_out(e, 0x64, 0xfe, 1); break;
    default:
        emit_out(e, 0x64, fuzz_rnd(e->s, 4) ? PICK(e->s, command) : fuzz_rnd(e->s, 256), 1);
        emit_out(e, 0x60, fuzz_rnd(e->s, 2) ? 0xe8 + fuzz_rnd(e->s, 24) : fuzz_rnd(e->s, 256), 1);
        emit_in(e, 0x60, 1);
    }
}

/* Timers, interrupt controllers, CMOS. */
static void chips(struct emit *e)
{
    switch (fuzz_rnd(e->s, 4)) {
    case 0:
        emit_out(e, 0x43, fuzz_rnd(e->s, 256), 1);
        for (unsigned i = 0; i < 2; i++)
            emit_out(e, (u16)(0x40 + fuzz_rnd(e->s, 3)), fuzz_rnd(e->s, 256), 1);
        emit_in(e, (u16)(0x40 + fuzz_rnd(e->s, 3)), 1);
        break;
    case 1: {
        u16 base = fuzz_rnd(e->s, 2) ? 0x20 : 0xa0;

        emit_out(e, base, fuzz_rnd(e->s, 2) ? 0x10 | fuzz_rnd(e->s, 16) : fuzz_rnd(e->s, 256), 1);
        for (unsigned i = 0; i < 3; i++)
            emit_out(e, (u16)(base + 1), fuzz_rnd(e->s, 256), 1);
        break;
    }
    default:
        emit_out(e, 0x70, fuzz_rnd(e->s, 3) ? fuzz_rnd(e->s, 14) : fuzz_rnd(e->s, 256), 1);
        emit_out(e, 0x71, fuzz_rnd(e->s, 256), 1);
        emit_in(e, 0x71, 1);
    }
}

static const struct {
    const char *name;
    unsigned weight;
    void (*make)(struct emit *e);
} kinds[] = {
    {"ports", 10, any_port},
    {"string port", 6, string_port},
    {"pci", 12, pci},
    {"pam", 5, pam},
    {"ata", 10, ata},
    {"atapi", 6, atapi},
    {"prd", 10, prd},
    {"bus master", 10, bus_master},
    {"isa dma", 6, isa_dma},
    {"floppy", 10, floppy},
    {"vga", 12, vga},
    {"dispi", 10, dispi},
    {"display", 10, display_memory},
    {"keyboard", 4, keyboard},
    {"chips", 8, chips},
};

void fuzz_step_device(struct emit *e)
{
    unsigned total = 0, n = 0, at;

    for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++)
        total += kinds[i].weight;
    for (at = fuzz_rnd(e->s, total); at >= kinds[n].weight; n++)
        at -= kinds[n].weight;
    e->step->name = kinds[n].name;
    kinds[n].make(e);
}
