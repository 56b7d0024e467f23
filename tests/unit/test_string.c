/* String instructions against an element-by-element model: random lengths, overlaps, directions,
 * address sizes and segments, over plain RAM, pages with code, MMIO and pages that fault. */
#include <check.h>
#include <string.h>

#include "cpu/helper_arg.h"
#include "tests/unit/flat_cpu.h"

#define MEMORY  0x40000u /* bytes of RAM that the model mirrors */
#define MMIO    0x30000u /* one page of device memory inside it */
#define IO_PORT 0x1f0u

static struct flat_cpu flat;
static struct cpu *cpu;
static u8 *model;                    /* MEMORY bytes */
static u8 device[4096];              /* behind MMIO */
static u32 device_accesses, kick_at; /* cpu_kick() at this many accesses */
static u64 seed = 0x853c49e6748fea9b;

static u32 below(u32 n)
{
    return (u32)(test_random(&seed) >> 33) % n;
}

static void device_touched(void)
{
    if (++device_accesses == kick_at)
        cpu_kick(cpu);
}

static u32 device_read(void *opaque, u32 offset, unsigned size)
{
    u32 value = 0;

    (void)opaque;
    device_touched();
    memcpy(&value, device + (offset & PAGE_MASK), size);
    return value;
}

static void device_write(void *opaque, u32 offset, u32 value, unsigned size)
{
    (void)opaque;
    device_touched();
    memcpy(device + (offset & PAGE_MASK), &value, size);
}

static const struct phys_mmio_ops device_ops = {device_read, device_write};

/* A port that counts: reads give 1, 2, 3...; the last write is kept. */
static u32 port_reads, port_writes, port_last, port_size;

static u32 port_in(void *opaque, u16 port, unsigned size)
{
    (void)opaque;
    expect_eq(port, IO_PORT);
    port_size = size;
    device_touched();
    return ++port_reads;
}

static void port_out(void *opaque, u16 port, u32 value, unsigned size)
{
    (void)opaque;
    expect_eq(port, IO_PORT);
    port_size = size;
    port_last = value;
    port_writes++;
    device_touched();
}

/* The same port by blocks: up to an element that kicks, and no further than its 64 words reach. */

static u32 blocks;

static u32 block_left(u32 count, u32 done)
{
    u32 left = 64 - done % 64;

    if (kick_at > device_accesses && left > kick_at - device_accesses)
        left = kick_at - device_accesses;
    blocks++;
    return count < left ? count : left;
}

static u32 port_in_block(void *opaque, u16 port, void *data, unsigned size, u32 count)
{
    u32 n = block_left(count, port_reads);

    for (u32 i = 0; i < n; i++) {
        u32 value = port_in(opaque, port, size);

        memcpy((u8 *)data + i * size, &value, size);
    }
    return n;
}

static u32 port_out_block(void *opaque, u16 port, const void *data, unsigned size, u32 count)
{
    u32 n = block_left(count, port_writes);

    for (u32 i = 0; i < n; i++) {
        u32 value = 0;

        memcpy(&value, (const u8 *)data + i * size, size);
        port_out(opaque, port, value, size);
    }
    return n;
}

static void setup(void)
{
    static const struct cpu_hooks hooks = {.port_in = port_in, .port_out = port_out};

    cpu = flat_cpu_open(&flat, &hooks);
    model = calloc(1, MEMORY);
    if (model == NULL || phys_add_mmio(&flat.phys, MMIO, PAGE_SIZE, &device_ops, NULL))
        abort();
    for (u32 i = 0; i < MEMORY; i += 8)
        put64(model + i, test_random(&seed));
    for (u32 i = 0; i < MEMORY; i += PAGE_SIZE)
        if (i != MMIO)
            phys_write(&flat.phys, i, model + i, PAGE_SIZE);
    memcpy(device, model + MMIO, PAGE_SIZE);
    kick_at = device_accesses = port_reads = port_writes = 0;
}

static void teardown(void)
{
    free(model);
    flat_cpu_close(&flat);
}

enum op { MOVS, STOS, LODS, CMPS, SCAS, OPS };
static helper_fn *const helper[OPS] = {help_movs, help_stos, help_lods, help_cmps, help_scas};

struct state {
    u32 eax, ecx, esi, edi;
    u32 flags;
};

/* One instruction on the model, all its iterations. base: of the source segment and of ES. */
static struct state model_run(struct state s, enum op op, u32 size, u32 mask, u32 rep,
                              const u32 base[2])
{
    u32 value_mask = 0xffffffffu >> (32 - 8 * size);
    u32 step = s.flags & FL_DF ? -size : size;

    for (;;) {
        u32 x = 0, y = 0, res;
        u8 *si = model + ((base[0] + (s.esi & mask)) & (MEMORY - 1));
        u8 *di = model + ((base[1] + (s.edi & mask)) & (MEMORY - 1));
        bool use_si = op == MOVS || op == LODS || op == CMPS, use_di = op != LODS;

        if (rep && (s.ecx & mask) == 0)
            return s;
        if (use_si)
            memcpy(&x, si, size);
        else
            x = s.eax & value_mask;
        if (op == CMPS || op == SCAS)
            memcpy(&y, di, size);
        if (op == MOVS || op == STOS)
            memcpy(di, &x, size);
        if (op == LODS)
            s.eax = (s.eax & ~value_mask) | x;
        if (use_si)
            s.esi = (s.esi & ~mask) | ((s.esi + step) & mask);
        if (use_di)
            s.edi = (s.edi & ~mask) | ((s.edi + step) & mask);
        if (rep)
            s.ecx = (s.ecx & ~mask) | ((s.ecx - 1) & mask);
        if (op == CMPS || op == SCAS) {
            u32 op32 = size == 1 ? LAZY_SUB8 : size == 2 ? LAZY_SUB16 : LAZY_SUB32;

            res = (x - y) & value_mask;
            s.flags =
                (s.flags & ~FL_ARITH) | flags_compute(0, &(struct lazy_flags){op32, res, x, y, 0});
            if (rep && (x == y) != (rep == 1))
                return s;
        }
        if (!rep)
            return s;
    }
}

static void put_state(const struct state *s)
{
    cpu->r[R_EAX] = s->eax;
    cpu->r[R_ECX] = s->ecx;
    cpu->r[R_ESI] = s->esi;
    cpu->r[R_EDI] = s->edi;
    flags_set(cpu, s->flags);
    cpu_update_mode(cpu);
}

static void check_state(const struct state *want, const char *what)
{
    expect(cpu->r[R_EAX] == want->eax && cpu->r[R_ECX] == want->ecx && cpu->r[R_ESI] == want->esi &&
               cpu->r[R_EDI] == want->edi && flags_get(cpu) == (want->flags | FL_ONE),
           "%s: eax %x ecx %x esi %x edi %x flags %x, not %x %x %x %x %x", what, cpu->r[R_EAX],
           cpu->r[R_ECX], cpu->r[R_ESI], cpu->r[R_EDI], flags_get(cpu), want->eax, want->ecx,
           want->esi, want->edi, want->flags | FL_ONE);
}

static void check_memory(void)
{
    static u8 got[MEMORY];

    for (u32 i = 0; i < MEMORY; i += PAGE_SIZE)
        if (i != MMIO)
            phys_read(&flat.phys, i, got + i, PAGE_SIZE);
    memcpy(got + MMIO, device, PAGE_SIZE);
    expect(memcmp(got, model, MEMORY) == 0, "memory differs");
}

static u32 immediate(u32 size, u32 mask, u32 rep, enum sreg seg)
{
    return string_arg_pack((struct string_arg){size, mask == 0xffff ? 2 : 4, rep, seg});
}

/* One random instruction in guest and model. place: where pointers lie. */
static void one_case(u32 place)
{
    enum op op = (enum op)below(OPS);
    u32 size = 1u << below(3), rep = below(op >= CMPS ? 3 : 2);
    u32 mask = below(3) ? 0xffffffff : 0xffff;
    u32 count = below(4) ? below(50) : below(6000), base[2] = {0, 0}, calls = 0, more;
    struct state s = {(u32)test_random(&seed), count, 0x8000 + below(0x8000),
                      0x8000 + below(0x8000), below(2) ? FL_DF | FL_CF | FL_ZF : FL_CF | FL_ZF};
    enum sreg seg = SREG_DS;
    struct state want;

    if (mask == 0xffff) {
        s.ecx |= (u32)test_random(&seed) << 16; /* the upper half neither counts nor changes */
        s.esi |= (u32)test_random(&seed) << 16;
        s.edi |= (u32)test_random(&seed) << 16;
        if (below(3) == 0) /* wrap at 64 KiB: aligned, for the element itself must not */
            s.esi = (s.esi & 0xffff0000) | ((0xffe0 + below(8) * 4) & 0xffff);
    } else if (below(2)) {
        s.esi = 0x20000 + below(16); /* close together: overlaps */
        s.edi = 0x20000 + below(16);
    }
    if (place == 1 && mask != 0xffff) { /* across the edges of MMIO */
        s.esi = MMIO - 64 + below(PAGE_SIZE + 128);
        s.edi = MMIO - 64 + below(PAGE_SIZE + 128);
    }
    if (place == 2) { /* a segment that is not flat, and a prefix */
        seg = SREG_FS;
        base[0] = cpu->r[R_BASE + SREG_FS];
        base[1] = cpu->r[R_BASE + SREG_ES];
    }
    if (op == CMPS && below(2)) { /* equal stretches */
        memset(model + 0x20000, 0x77, 40);
        phys_write(&flat.phys, 0x20000, model + 0x20000, 40);
    }
    want = model_run(s, op, size, mask, rep, base);
    put_state(&s);
    do {
        u32 si = cpu->r[R_ESI], di = cpu->r[R_EDI];

        more = flat_call(cpu, helper[op], 0, 0, immediate(size, mask, rep, seg));
        expect(cpu->fault.vector == -1, "raised %d", cpu->fault.vector);
        expect(++calls < 20000, "does not end");
        expect(((cpu->r[R_ESI] - si + PAGE_SIZE) & mask) <= 2 * PAGE_SIZE, "more than a page");
        expect(((cpu->r[R_EDI] - di + PAGE_SIZE) & mask) <= 2 * PAGE_SIZE, "more than a page");
    } while (more);
    check_state(&want, "after");
}

START_TEST(random_ram)
{
    for (unsigned i = 0; i < 3000; i++)
        one_case(0);
    check_memory();
}
END_TEST

/* Equal memory, so that REPE CMPS goes far; REPNE SCAS for a byte at a known place. */
START_TEST(long_scans)
{
    struct state s = {0x5a, 9000, 0x8001, 0x1c003, FL_CF};

    memset(model + 0x8000, 0x11, 0x28000 - 0x8000);
    model[0x1c003 + 7777] = 0x5a;
    phys_write(&flat.phys, 0x8000, model + 0x8000, 0x28000 - 0x8000);
    for (enum op op = CMPS; op <= SCAS; op++) {
        struct state want = model_run(s, op, 1, 0xffffffff, op == CMPS ? 1 : 2, (u32[2]){0, 0});

        put_state(&s);
        while (
            flat_call(cpu, helper[op], 0, 0, immediate(1, 0xffffffff, op == CMPS ? 1 : 2, SREG_DS)))
            continue;
        check_state(&want, "scan");
        expect_eq(cpu->r[R_ECX], 9000 - 7778);
    }
}
END_TEST

START_TEST(random_mmio)
{
    for (unsigned i = 0; i < 1000; i++)
        one_case(1);
    check_memory();
    expect(device_accesses > 1000, "MMIO was not touched");
}
END_TEST

START_TEST(random_segments)
{
    u32 attr = SEG_P | SEG_S | SEG_W | SEG_ACCESSED | SEG_DB;

    seg_set(cpu, SREG_ES, 24, 0x1003, 0x2ffff, attr);
    seg_set(cpu, SREG_FS, 32, 0x0ffe, 0x2ffff, attr);
    for (unsigned i = 0; i < 1000; i++)
        one_case(2);
    check_memory();
}
END_TEST

static u32 code_stores;

static void on_code_store(void *opaque, u32 pa, u32 len)
{
    (void)opaque;
    expect((pa >> PAGE_SHIFT) == 0x20 && len <= PAGE_SIZE, "code store at %x", pa);
    code_stores++;
}

/* A page with code takes the slow path: the same results, from calls that end at the same places.
 */
START_TEST(code_page_same_chunks)
{
    u32 trace[2][64], calls[2];

    flat.phys.code_store = on_code_store;
    for (unsigned pass = 0; pass < 2; pass++) {
        struct state s = {0x11223344, 3000, 0x8003, 0x1f801, 0};
        u32 more, n = 0;

        if (pass == 1) {
            phys_set_code(&flat.phys, 0x20000, true);
            mmu_unmap_write(&cpu->mmu, 0x20000);
        }
        put_state(&s);
        do {
            more = flat_call(cpu, help_movs, 0, 0, immediate(4, 0xffffffff, 1, SREG_DS));
            trace[pass][n++] = cpu->r[R_ECX];
        } while (more && n < 64);
        calls[pass] = n;
    }
    expect_eq(calls[0], calls[1]);
    ck_assert_mem_eq(trace[0], trace[1], calls[0] * sizeof(u32));
    ck_assert_uint_gt(code_stores, 0);
}
END_TEST

/* A limit in the middle: everything up to it is done, and the registers say so. */
static const struct limit_case {
    enum op op;
    u32 rep, size, count, esi, edi, df;
    u32 left; /* ECX at the fault */
} limit_cases[] = {
    /* ES ends at 0x20ff, DS at 0x2fff */
    {MOVS, 1, 1, 0x200, 0x1000, 0x2000, 0, 0x100},
    {MOVS, 1, 4, 0x80, 0x1000, 0x2002, 0, 0x41},
    {MOVS, 1, 4, 0x40, 0x1000, 0x2002, 0, 1}, /* the last element just too long */
    {MOVS, 1, 4, 0x100, 0x2f00, 0x1000, 0, 0xc0},
    {STOS, 1, 2, 0x1000, 0, 0x1ffe, 0, 0xf7f},
    {STOS, 1, 4, 10, 0, 0x10, FL_DF, 5},
    {LODS, 1, 1, 0x2000, 0x2ff0, 0, 0, 0x1ff0},
    {CMPS, 2, 4, 0x2000, 0x1000, 0x1f00, 0, 0x1f80},
    {SCAS, 2, 1, 0x2000, 0, 0x1f00, 0, 0x1e00},
    {MOVS, 0, 4, 7, 0x2ffd, 0, 0, 7},
};

START_TEST(limit)
{
    const struct limit_case *t = &limit_cases[_i];
    u32 attr = SEG_P | SEG_S | SEG_W | SEG_ACCESSED | SEG_DB, done = t->count - t->left;
    u32 step = t->df ? -t->size : t->size;
    struct state s = {0xfefefefe, t->count, t->esi, t->edi, t->df | FL_CF | FL_OF};
    struct state want = s;
    u8 zero[0x3000] = {0}, ones[0x100];

    phys_write(&flat.phys, 0, zero, sizeof(zero));
    if (t->op == CMPS) { /* never equal */
        memset(ones, 1, sizeof(ones));
        for (u32 at = 0x1f00; at < 0x2100; at += sizeof(ones))
            phys_write(&flat.phys, at, ones, sizeof(ones));
    }
    seg_set(cpu, SREG_ES, 24, 0, 0x20ff, attr);
    seg_set(cpu, SREG_DS, 32, 0, 0x2fff, attr);
    put_state(&s);
    while (flat_call(cpu, helper[t->op], 0, 0, immediate(t->size, 0xffffffff, t->rep, SREG_DS)))
        continue;
    ck_assert_int_eq(cpu->fault.vector, EXCP_GP);
    want.ecx = t->left;
    if (t->op != STOS && t->op != SCAS)
        want.esi += done * step;
    if (t->op != LODS)
        want.edi += done * step;
    ck_assert_uint_eq(cpu->r[R_ECX], want.ecx);
    ck_assert_uint_eq(cpu->r[R_ESI], want.esi);
    ck_assert_uint_eq(cpu->r[R_EDI], want.edi);
}
END_TEST

/* Identity-maps 4 MiB with page tables at 0x80000, page 0x22000 missing and 0x24000 read-only. */
static void enable_paging(void)
{
    for (u32 i = 0; i < 1024; i++) {
        u8 pte[4];

        put32(pte, i << 12 | (i == 0x22 ? 0 : i == 0x24 ? 1 : 3));
        phys_write(&flat.phys, 0x81000 + 4 * i, pte, 4);
    }
    phys_write(&flat.phys, 0x80000, "\x03\x10\x08\x00", 4);
    cpu->cr0 |= CR0_PG | CR0_WP;
    cpu->cr3 = 0x80000;
    if (!mmu_set_paging(&cpu->mmu, cpu->cr0, cpu->cr3, cpu->cr4, true))
        abort();
}

static const struct page_case {
    enum op op;
    u32 rep, size, count, esi, edi, df;
    u32 left, cr2, error;
} page_cases[] = {
    {MOVS, 1, 1, 0x3000, 0x10000, 0x21000, 0, 0x2000, 0x22000, PF_W},
    {MOVS, 1, 4, 0x1000, 0x10000, 0x21002, 0, 0xc01, 0x22000,
     PF_W}, /* the element across the edge */
    {MOVS, 1, 4, 0x1000, 0x21ff0, 0x10000, 0, 0xffc, 0x22000, 0},
    {MOVS, 1, 1, 0x3000, 0x10000, 0x23800, 0, 0x2800, 0x24000, PF_W | PF_P},
    {STOS, 1, 2, 0x1000, 0, 0x23010, FL_DF, 0xff7, 0x22ffe, PF_W},
    {LODS, 1, 4, 0x1000, 0x21000, 0, 0, 0xc00, 0x22000, 0},
    {CMPS, 1, 1, 0x2000, 0x10000, 0x21f00, 0, 0x1f00, 0x22000, 0},
    {SCAS, 1, 4, 0x2000, 0, 0x21f00, 0, 0x1fc0, 0x22000, 0},
    {MOVS, 0, 4, 5, 0x21ffe, 0x10000, 0, 5, 0x22000, 0},
};

START_TEST(page_fault)
{
    const struct page_case *t = &page_cases[_i];
    struct state s = {0, t->count, t->esi, t->edi, t->df};
    u8 zero[0x1000] = {0};

    for (u32 at = 0x10000; at < 0x28000; at += sizeof(zero))
        phys_write(&flat.phys, at, zero, sizeof(zero));
    enable_paging();
    put_state(&s);
    while (flat_call(cpu, helper[t->op], 0, 0, immediate(t->size, 0xffffffff, t->rep, SREG_DS)))
        continue;
    ck_assert_int_eq(cpu->fault.vector, EXCP_PF);
    ck_assert_uint_eq(cpu->fault.cr2, t->cr2);
    ck_assert_uint_eq(cpu->fault.error, t->error);
    ck_assert_uint_eq(cpu->r[R_ECX], t->left);
}
END_TEST

/* The flags of a comparison that faults are those before the instruction, however many calls it took. (SDM vol. 2,
 * REP) */
START_TEST(faulting_compare_keeps_flags)
{
    struct state s = {0, 4, 0x10000, 0x21ffc, FL_CF | FL_OF | FL_SF};

    enable_paging();
    phys_write(&flat.phys, 0x10000, "\1\2\3\4\5\6\7\10\11\12\13\14", 12);
    phys_write(&flat.phys, 0x21ffc, "\1\2\3\4", 4);
    put_state(&s);
    flat_call(cpu, help_cmps, 0, 0, immediate(4, 0xffffffff, 1, SREG_DS)); /* one equal element */
    ck_assert_int_eq(cpu->fault.vector, -1);
    ck_assert_uint_eq(flags_get(cpu) & FL_ARITH, FL_CF | FL_OF | FL_SF);
    flat_call(cpu, help_cmps, 0, 0, immediate(4, 0xffffffff, 1, SREG_DS));
    ck_assert_int_eq(cpu->fault.vector, EXCP_PF);
    ck_assert_uint_eq(flags_get(cpu) & FL_ARITH, FL_CF | FL_OF | FL_SF);
    ck_assert_uint_eq(cpu->r[R_ECX], 3);
}
END_TEST

START_TEST(ports)
{
    struct state s = {0, 600, 0x10002, 0x10ffe, 0};
    u8 got[4];

    cpu->r[R_EDX] = IO_PORT;
    put_state(&s);
    while (flat_call(cpu, help_ins, 0, 0, immediate(2, 0xffffffff, 1, SREG_DS)))
        continue;
    ck_assert_int_eq(cpu->fault.vector, -1);
    ck_assert_uint_eq(port_reads, 600);
    ck_assert_uint_eq(port_size, 2);
    ck_assert_uint_eq(cpu->r[R_EDI], 0x10ffe + 1200);
    ck_assert_uint_eq(cpu->r[R_ECX], 0);
    phys_read(&flat.phys, 0x10ffe, got, 4);
    ck_assert_uint_eq(get32(got), 0x00020001);
    cpu->r[R_ECX] = 3;
    cpu->r[R_ESI] = 0x10fff;
    while (flat_call(cpu, help_outs, 0, 0, immediate(4, 0xffffffff, 1, SREG_DS)))
        continue;
    ck_assert_uint_eq(port_writes, 3);
    ck_assert_uint_eq(cpu->r[R_ESI], 0x1100b);
    ck_assert_uint_eq(port_last, 0x07000600);
}
END_TEST

/* INS checks its destination before it takes anything from the device. */
START_TEST(ins_checks_first)
{
    struct state s = {0, 10, 0, 0x21ffc, 0};

    enable_paging();
    cpu->r[R_EDX] = IO_PORT;
    put_state(&s);
    while (flat_call(cpu, help_ins, 0, 0, immediate(1, 0xffffffff, 1, SREG_DS)))
        continue;
    ck_assert_int_eq(cpu->fault.vector, EXCP_PF);
    ck_assert_uint_eq(port_reads, 4);
    ck_assert_uint_eq(cpu->r[R_ECX], 6);
    cpu->r[R_EDI] = 0x21fff; /* an element across the edge */
    flat_call(cpu, help_ins, 0, 0, immediate(2, 0xffffffff, 1, SREG_DS));
    ck_assert_int_eq(cpu->fault.vector, EXCP_PF);
    ck_assert_uint_eq(port_reads, 4);
}
END_TEST

/* INS and OUTS of random operands, without and with block operations of the port: the same memory and
 * registers, and the same calls, whatever kicks. */
START_TEST(port_blocks)
{
    static u8 memory[2][4 * PAGE_SIZE];
    u32 by_blocks = 0;

    for (u32 i = 0; i < 3000; i++) {
        u32 size = 1u << below(3), rep = below(8) != 0;
        bool in = below(2), dos = below(3) == 0;
        u32 mask = dos ? 0xffff : 0xffffffff, kick = below(2) ? 0 : 1 + below(400);
        u32 place = (dos ? 0x8000 : 0x10000) + below(3 * PAGE_SIZE);
        struct state s = {0, below(600), place, place, below(6) ? 0 : FL_DF};
        u32 calls[2] = {0, 0}, ecx[2], edi[2], esi[2], last[2];

        for (unsigned blocky = 0; blocky < 2; blocky++) {
            u32 from = (place & ~PAGE_MASK) - PAGE_SIZE;

            cpu->hooks.port_in_block = blocky ? port_in_block : NULL;
            cpu->hooks.port_out_block = blocky ? port_out_block : NULL;
            phys_write(&flat.phys, from, model, sizeof(memory[0]));
            port_reads = port_writes = port_last = device_accesses = blocks = 0;
            cpu->r[R_EDX] = IO_PORT;
            put_state(&s);
            kick_at = kick;
            do {
                cpu->kicked = false;
                calls[blocky]++;
            } while (flat_call(cpu, in ? help_ins : help_outs, 0, 0,
                               immediate(size, mask, rep, SREG_DS)));
            ck_assert_int_eq(cpu->fault.vector, -1);
            phys_read(&flat.phys, from, memory[blocky], sizeof(memory[0]));
            ecx[blocky] = cpu->r[R_ECX];
            edi[blocky] = cpu->r[R_EDI];
            esi[blocky] = cpu->r[R_ESI];
            last[blocky] = port_last;
            by_blocks += blocks;
        }
        ck_assert_mem_eq(memory[0], memory[1], sizeof(memory[0]));
        ck_assert_uint_eq(calls[0], calls[1]);
        ck_assert_uint_eq(ecx[0], ecx[1]);
        ck_assert_uint_eq(edi[0], edi[1]);
        ck_assert_uint_eq(esi[0], esi[1]);
        ck_assert_uint_eq(last[0], last[1]);
    }
    ck_assert_uint_gt(by_blocks, 3000);
}
END_TEST

/* A device's kick ends the call after its element. */
START_TEST(kick_ends_call)
{
    struct state s = {0, 100, 0, 0x10000, 0};

    cpu->r[R_EDX] = IO_PORT;
    put_state(&s);
    kick_at = 5;
    ck_assert_uint_eq(flat_call(cpu, help_ins, 0, 0, immediate(1, 0xffffffff, 1, SREG_DS)), 1);
    ck_assert_uint_eq(cpu->r[R_ECX], 95);
    cpu->kicked = false;
    device_accesses = 0;
    cpu->r[R_EDI] = MMIO;
    ck_assert_uint_eq(flat_call(cpu, help_stos, 0, 0, immediate(1, 0xffffffff, 1, SREG_DS)), 1);
    ck_assert_uint_eq(cpu->r[R_ECX], 90);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("string");
    TCase *tcase = tcase_create("string");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, random_ram);
    tcase_add_test(tcase, long_scans);
    tcase_add_test(tcase, random_mmio);
    tcase_add_test(tcase, random_segments);
    tcase_add_test(tcase, code_page_same_chunks);
    tcase_add_loop_test(tcase, limit, 0, ARRAY_SIZE(limit_cases));
    tcase_add_loop_test(tcase, page_fault, 0, ARRAY_SIZE(page_cases));
    tcase_add_test(tcase, faulting_compare_keeps_flags);
    tcase_add_test(tcase, ports);
    tcase_add_test(tcase, ins_checks_first);
    tcase_add_test(tcase, port_blocks);
    tcase_add_test(tcase, kick_ends_call);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
