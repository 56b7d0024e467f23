/* The digest of RAM: a function of content and place alone, and never behind a store. */
#include <check.h>

#include "devices/board/pc_digest.h"

/* The cached digest equals one made from nothing, and comes back when memory does. */
START_TEST(digest_is_of_content)
{
    struct mmu *mmu = hostmem_sparse(sizeof(*mmu));
    struct log log = {.out = stderr};
    struct stats stats = {0};
    struct phys phys;
    struct pc_digest cached, fresh;
    u64 before, after, zero;
    u8 byte = 1, none = 0;

    ck_assert_ptr_nonnull(mmu);
    ck_assert_int_eq(phys_init(&phys, MIB, &log, &stats), 0);
    ck_assert_int_eq(phys_add_ram(&phys, 0, MIB), 0);
    ck_assert_int_eq(mmu_init(mmu, &phys, &log, &stats), 0);
    ck_assert_int_eq(pc_digest_init(&cached, MIB), 0);
    zero = pc_digest_ram(&cached, mmu);

    phys_write(&phys, 0x1234, &byte, 1);
    before = pc_digest_ram(&cached, mmu);
    ck_assert_uint_ne(before, zero);
    ck_assert_uint_eq(pc_digest_ram(&cached, mmu), before);

    /* The same byte elsewhere: another page, another place in the page. */
    static const u32 places[] = {0x2234, 0x1235, 0x1ff8, 0xff234};
    for (unsigned i = 0; i < ARRAY_SIZE(places); i++) {
        phys_write(&phys, 0x1234, &none, 1);
        phys_write(&phys, places[i], &byte, 1);
        after = pc_digest_ram(&cached, mmu);
        ck_assert_uint_ne(after, before);
        ck_assert_uint_ne(after, zero);
        phys_write(&phys, places[i], &none, 1);
        ck_assert_uint_eq(pc_digest_ram(&cached, mmu), zero);
        phys_write(&phys, 0x1234, &byte, 1);
        ck_assert_uint_eq(pc_digest_ram(&cached, mmu), before);
    }

    /* Stores through TLB entries that were filled before the digest, on few pages and on many. */
    for (u32 pages = 1; pages <= 64; pages *= 8) {
        for (u32 i = 0; i < pages; i++)
            ck_assert(mmu_store(mmu, 0x5000 + i * PAGE_SIZE, 1, 4, MMU_WRITE_SUPER));
        before = pc_digest_ram(&cached, mmu);
        for (u32 i = 0; i < pages; i++) {
            ck_assert(mmu_store(mmu, 0x5000 + i * PAGE_SIZE, 2 + i, 4, MMU_WRITE_SUPER));
            after = pc_digest_peek(&cached, &phys);
            ck_assert_uint_eq(pc_digest_peek(&cached, &phys), after);
            ck_assert_uint_eq(pc_digest_ram(&cached, mmu), after);
            ck_assert_uint_ne(after, before);
            before = after;
        }
    }

    /* From nothing: every page written, so that all are dirty. */
    ck_assert_int_eq(pc_digest_init(&fresh, MIB), 0);
    for (u32 pa = 0; pa < MIB; pa += PAGE_SIZE) {
        u8 old;

        phys_read(&phys, pa, &old, 1);
        phys_write(&phys, pa, &old, 1);
    }
    ck_assert_uint_eq(pc_digest_ram(&fresh, mmu), after);
    pc_digest_free(&fresh);
    pc_digest_free(&cached);
    mmu_free(mmu);
    phys_free(&phys);
    hostmem_sparse_free(mmu, sizeof(*mmu));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pc_digest");
    TCase *tc = tcase_create("pc_digest");
    SRunner *runner;
    int failed;

    tcase_add_test(tc, digest_is_of_content);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed;
}
