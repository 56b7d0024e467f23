/* Flat memory: what a program may do with each page, and the faults of what it may not. */
#include <check.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "mmu/flat.h"

struct rig {
    struct flat flat;
    struct phys phys;
    struct log log;
    struct stats stats;
    struct mmu *mmu;
};

#define PAGE(n) ((n)*PAGE_SIZE)

/* Page n gets rights, and memory on the host. */
static void give(struct rig *r, u32 n, u8 rights)
{
    ck_assert_int_eq(mprotect(flat_host(&r->flat, PAGE(n)), PAGE_SIZE, PROT_READ | PROT_WRITE), 0);
    r->flat.rights[n] = rights;
}

static void setup(struct rig *r)
{
    *r = (struct rig){.log = {.out = stderr}};
    r->mmu = hostmem_sparse(sizeof(*r->mmu));
    ck_assert(r->mmu != NULL);
    ck_assert_int_eq(flat_init(&r->flat), 0);
    ck_assert_int_eq(phys_init_bare(&r->phys, &r->log, &r->stats), 0);
    ck_assert_int_eq(mmu_init(r->mmu, &r->phys, &r->log, &r->stats), 0);
    r->mmu->paging.flat = &r->flat;
    give(r, 16, FLAT_READ);
    give(r, 17, FLAT_READ | FLAT_WRITE);
    give(r, 18, FLAT_READ | FLAT_EXEC);
    give(r, 0xfffff, FLAT_READ | FLAT_WRITE);
    r->flat.rights[19] = FLAT_ANY + 1; /* the owner's bits alone are no rights */
}

static void teardown(struct rig *r)
{
    mmu_free(r->mmu);
    hostmem_sparse_free(r->mmu, sizeof(*r->mmu));
    hostmem_sparse_free(r->phys.page, (u64)TLB_PAGES * sizeof(*r->phys.page));
    flat_free(&r->flat);
}

START_TEST(rights)
{
    static const struct {
        u32 la;
        enum mmu_access access;
        bool ok;
        u32 error;
    } rows[] = {
        {PAGE(16), MMU_READ_USER, true, 0},
        {PAGE(16) + 4, MMU_WRITE_USER, false, PF_P | PF_W | PF_U},
        {PAGE(17), MMU_READ_USER, true, 0},
        {PAGE(17) + 8, MMU_WRITE_USER, true, 0},
        {PAGE(18), MMU_READ_USER, true, 0},
        {PAGE(18), MMU_WRITE_USER, false, PF_P | PF_W | PF_U},
        {PAGE(19), MMU_READ_USER, false, PF_U},
        {PAGE(20), MMU_WRITE_USER, false, PF_W | PF_U},
        {PAGE(17), MMU_READ_SUPER, false, 0},                      /* there is no kernel */
        {PAGE(18) - 2, MMU_WRITE_USER, false, PF_P | PF_W | PF_U}, /* the second half may not */
        {PAGE(19) - 2, MMU_READ_USER, false, PF_U},
    };
    struct rig r;

    setup(&r);
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        u64 value = 0x11223344;
        bool ok = rows[i].access & MMU_WRITE
                      ? mmu_store(r.mmu, rows[i].la, value, 4, rows[i].access)
                      : mmu_load(r.mmu, rows[i].la, 4, rows[i].access, &value);

        ck_assert_msg(ok == rows[i].ok, "row %u", i);
        if (!ok)
            ck_assert_msg(r.mmu->fault.error == rows[i].error, "row %u: error %x", i,
                          r.mmu->fault.error);
    }
    ck_assert_uint_eq(get32(flat_host(&r.flat, PAGE(17) + 8)), 0x11223344);
    ck_assert_uint_eq(get16(flat_host(&r.flat, PAGE(18) - 2)), 0); /* all or nothing */
    teardown(&r);
}
END_TEST

START_TEST(fetch)
{
    struct rig r;
    u64 pa;

    setup(&r);
    ck_assert(mmu_fetch_pa(r.mmu, PAGE(18) + 5, true, &pa));
    ck_assert_uint_eq(pa, PAGE(18) + 5);
    ck_assert(!mmu_fetch_pa(r.mmu, PAGE(17), true, &pa));
    ck_assert_uint_eq(r.mmu->fault.error, PF_P | PF_U | PF_I);
    ck_assert(!mmu_fetch_pa(r.mmu, PAGE(20), true, &pa));
    ck_assert_uint_eq(r.mmu->fault.error, PF_U | PF_I);
    teardown(&r);
}
END_TEST

/* Rights that are taken away hold from the next flush of the page on. */
START_TEST(change)
{
    struct rig r;
    u64 value;

    setup(&r);
    ck_assert(mmu_store(r.mmu, PAGE(17), 1, 4, MMU_WRITE_USER));
    r.flat.rights[17] = FLAT_READ;
    mmu_flush_page(r.mmu, PAGE(17));
    ck_assert(!mmu_store(r.mmu, PAGE(17), 2, 4, MMU_WRITE_USER));
    ck_assert(mmu_load(r.mmu, PAGE(17), 4, MMU_READ_USER, &value));
    ck_assert_uint_eq(value, 1);
    teardown(&r);
}
END_TEST

static void note_code(void *opaque, u64 pa, bool on)
{
    *(u64 *)opaque = pa | on;
}

START_TEST(code)
{
    struct rig r;
    u64 value, told = 0;

    setup(&r);
    r.phys.code_set = note_code;
    r.phys.code_opaque = &told;
    ck_assert(mmu_load(r.mmu, PAGE(17), 4, MMU_READ_USER, &value));
    phys_set_code(&r.phys, PAGE(17), true);
    mmu_unmap_write(r.mmu, PAGE(17));
    ck_assert_uint_eq(told, PAGE(17) | 1);
    ck_assert(tlb_find(r.mmu->tlb.data[MMU_WRITE_USER], PAGE(17), 4) == NULL);
    ck_assert(mmu_store(r.mmu, PAGE(17), 3, 4, MMU_WRITE_USER));
    ck_assert(tlb_find(r.mmu->tlb.data[MMU_WRITE_USER], PAGE(17), 4) == NULL);
    phys_set_code(&r.phys, PAGE(17), false);
    ck_assert_uint_eq(told, PAGE(17));
    ck_assert(mmu_store(r.mmu, PAGE(17), 4, 4, MMU_WRITE_USER));
    ck_assert(tlb_find(r.mmu->tlb.data[MMU_WRITE_USER], PAGE(17), 4) != NULL);
    teardown(&r);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("flat");
    TCase *tc = tcase_create("all");
    SRunner *runner;
    int failed;

    tcase_add_test(tc, rights);
    tcase_add_test(tc, fetch);
    tcase_add_test(tc, change);
    tcase_add_test(tc, code);
    suite_add_tcase(s, tc);
    runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
