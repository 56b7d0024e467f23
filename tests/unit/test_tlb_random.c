/* Random tests of the software TLB: many fills, small TLBs against a large one, hostile tables. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/mmu_machine.h"

static struct machine m1, m2;

static void setup(void)
{
    make_machine(&m1);
}

static void teardown(void)
{
    free_machine(&m1);
}

/* More fills than the logs hold. */
START_TEST(test_log_full)
{
    for (u32 la = 0; la < 0x40000000u; la += PAGE_SIZE)
        mmu_flush_page(m1.mmu, la % RAM_SIZE), load(&m1, la % RAM_SIZE, 4, MMU_READ_SUPER);
    ck_assert_uint_lt(m1.stats.tlb_flush, 10);
    ck_assert_uint_gt(m1.stats.tlb_flush, 2);
    mmu_flush(m1.mmu, true);
    for (u32 page = 0; page < TLB_PAGES; page++) {
        if (m1.mmu->tlb.data[MMU_READ_SUPER][page] != TLB_INVALID)
            ck_abort_msg("page %x is valid after a flush", page);
    }
}
END_TEST

static u32 next_random(u64 *seed)
{
    *seed ^= *seed << 13, *seed ^= *seed >> 7, *seed ^= *seed << 17;
    return (u32)(*seed >> 16);
}

/* A TLB of n entries and an unlimited one do the same: values, faults, A and D bits, memory. */
static const u32 limits[] = {1, 2, 3, 7, 100};

START_TEST(test_limit)
{
    u64 seed = 0x9e3779b97f4a7c15;

    make_machine(&m2);
    m2.mmu->tlb_limit = limits[_i];
    start_paging(&m1, CR0_WP, CR4_PGE);
    start_paging(&m2, CR0_WP, CR4_PGE);
    for (unsigned i = 0; i < 300000; i++) {
        u32 r = next_random(&seed), la = next_random(&seed) % 0x12000 - 0x1000;
        enum mmu_access access = (enum mmu_access)(r & 3);
        unsigned size = 1u << (r >> 2 & 3);
        u64 v1 = next_random(&seed), v2 = v1;
        bool ok1, ok2;

        if ((r >> 4) % 64 == 0) { /* one of the first 16 pages changes its rights or its place */
            u32 page = next_random(&seed) % 16, where = next_random(&seed) % 18;
            u32 pte = (u32[]){DEV_BASE, ROM_BASE, 0x20000000}[where % 3];

            if (where < 15)
                pte = DATA + where * PAGE_SIZE;
            pte |= next_random(&seed) & 0x167;
            put_pte(&m1, page, pte);
            put_pte(&m2, page, pte);
            mmu_flush_page(m1.mmu, page << PAGE_SHIFT);
            mmu_flush_page(m2.mmu, page << PAGE_SHIFT);
        }
        if (access & MMU_WRITE) {
            ok1 = mmu_store(m1.mmu, la, v1, size, access);
            ok2 = mmu_store(m2.mmu, la, v2, size, access);
        } else {
            ok1 = mmu_load(m1.mmu, la, size, access, &v1);
            ok2 = mmu_load(m2.mmu, la, size, access, &v2);
        }
        if (ok1 != ok2 || v1 != v2 ||
            (!ok1 && memcmp(&m1.mmu->fault, &m2.mmu->fault, sizeof(m1.mmu->fault)) != 0))
            ck_abort_msg("access %u at %x differs", i, la);
        if (m2.mmu->filled.count + m2.mmu->filled_global.count > limits[_i])
            ck_abort_msg("more entries than the limit");
    }
    ck_assert_mem_eq(m1.phys.mem.base, m2.phys.mem.base, RAM_SIZE);
    ck_assert_mem_eq(m1.dev, m2.dev, sizeof(m1.dev));
    free_machine(&m2);
}
END_TEST

static void code_store(void *opaque, u32 pa, u32 len)
{
    struct machine *m = opaque;

    m->code_calls++;
    phys_set_code(&m->phys, pa, false);
    (void)len;
}

/* Random memory as page tables, every mode, CR3 anywhere: no crash, and nothing beyond RAM
 * changes. */
START_TEST(test_hostile)
{
    u64 seed = 0x2545f4914f6cdd1d + (u64)_i;
    u32 *ram = (u32 *)m1.phys.mem.base;
    u8 *end = (u8 *)ram + RAM_SIZE, *rom = phys_host(&m1.phys, ROM_BASE);
    unsigned done = 0;

    m1.mmu->paging.pse36 = _i & 1;
    phys_listen(&m1.phys, &(struct phys_listener){PHYS_CODE, code_store, NULL, &m1});
    for (unsigned round = 0; round < 40; round++) {
        u32 cr4 = next_random(&seed) & (CR4_PSE | CR4_PAE | CR4_PGE);
        u32 cr3 = next_random(&seed);

        for (u32 i = 0; i < RAM_SIZE / 4; i++) {
            ram[i] = next_random(&seed);
            if (cr4 & CR4_PAE ? i & 1 : 0)
                ram[i] &= ram[i] & 0x100 ? 0xf : 0;
            else if (ram[i] & 0x7000000) /* mostly present and within RAM */
                ram[i] = (ram[i] & (ram[i] & 0x800 ? 0x3fff7f : 0x3fffff)) | 1;
        }
        cr3 &= round % 8 ? RAM_SIZE - 1 : ~0u;
        for (u32 i = 0; (cr4 & CR4_PAE) && i < 4; i++)
            phys_store(&m1.phys, (cr3 & ~31u) + i * 8, (next_random(&seed) & 0x3ff000) | 1, 8);
        phys_set_a20(&m1.phys, round % 5 != 0);
        phys_set_code(&m1.phys, next_random(&seed) % RAM_SIZE, true);
        mmu_flush(m1.mmu, true);
        if (!mmu_set_paging(m1.mmu, CR0_PG | (cr3 & CR0_WP), cr3, cr4, true))
            continue;
        for (unsigned i = 0; i < 20000; i++) {
            u32 r = next_random(&seed), la = next_random(&seed);
            u64 value = next_random(&seed);
            bool faulted;
            void *host;

            switch (r >> 8 & 7) {
            case 0: mmu_probe(m1.mmu, la, 1 + r % 4096, (enum mmu_access)(r & 3)); break;
            case 1:
                host = mmu_host(m1.mmu, la, (enum mmu_access)(r & 3), &faulted);
                if (host && ((u8 *)host < (u8 *)ram || (u8 *)host >= end) &&
                    ((u8 *)host < rom || (u8 *)host >= rom + PAGE_SIZE))
                    ck_abort_msg("host address outside guest memory");
                break;
            case 2: mmu_fetch_pa(m1.mmu, la, r & 1, &value); break;
            case 3: mmu_peek_pa(m1.mmu, la, &value); break;
            case 4: mmu_flush_page(m1.mmu, la); break;
            case 5:
                done += mmu_load(m1.mmu, la, 1u << (r & 3), (enum mmu_access)(r >> 4 & 2), &value);
                break;
            default:
                done += mmu_store(m1.mmu, la, value, 1u << (r & 3),
                                  (enum mmu_access)(r >> 4 & 2) | MMU_WRITE);
            }
        }
    }
    ck_assert_uint_gt(done, 10000);        /* else the tables were too hostile to test anything */
    ck_assert_mem_eq(rom, "ROM image", 9); /* a store beyond either would be a SIGSEGV */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tlb_random");
    TCase *tc = tcase_create("tlb_random");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_log_full);
    tcase_add_loop_test(tc, test_limit, 0, ARRAY_SIZE(limits));
    tcase_add_loop_test(tc, test_hostile, 0, 4);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
