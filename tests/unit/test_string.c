/* String instructions against an element-by-element model: random lengths, overlaps, directions,
 * address sizes and segments, over plain RAM, pages with code, MMIO and pages that fault. */
#include "tests/unit/string_rig.h"

enum op { MOVS, STOS, LODS, CMPS, SCAS, OPS };
static helper_fn *const helper[OPS] = {help_movs, help_stos, help_lods, help_cmps, help_scas};

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
            s.flags = (s.flags & ~FL_ARITH) |
                      flags_compute(0, &(struct lazy_flags){op32, res, x, y, 0, 0});
            if (rep && (x == y) != (rep == 1))
                return s;
        }
        if (!rep)
            return s;
    }
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

    phys_listen(&flat.phys, &(struct phys_listener){PHYS_CODE, on_code_store, NULL, NULL});
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
    /* Downwards from the last byte: 2^32 elements before the offset wraps. */
    {MOVS, 1, 1, 0x18, 0xffffffff, 0x10000, FL_DF, 0x18, 0xffffffff, 0},
    {MOVS, 1, 1, 0x18, 0x10000, 0xffffffff, FL_DF, 0x18, 0xffffffff, PF_W},
    {STOS, 1, 1, 0x18, 0, 0xffffffff, FL_DF, 0x18, 0xffffffff, PF_W},
    {LODS, 1, 1, 0x18, 0xffffffff, 0, FL_DF, 0x18, 0xffffffff, 0},
    {CMPS, 1, 1, 0x18, 0xffffffff, 0x10000, FL_DF, 0x18, 0xffffffff, 0},
    {SCAS, 2, 1, 0x18, 0, 0xffffffff, FL_DF, 0x18, 0xffffffff, 0},
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
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
