/* Windows: what is in one is what the TLB has, whatever happens to the TLB; and host faults, planned and not. */
#define _GNU_SOURCE /* process_vm_readv */
#include <signal.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#include "mmu/window.h"
#include "tests/unit/mmu_machine.h"

static struct machine m1;
static volatile unsigned faults; /* changed by signals */

/* Maps what is missing in the user's window, as native code's handler does. */
static bool handle(void *opaque, u64 *pc, u64 address, bool write)
{
    struct mmu *mmu = opaque;
    u64 la = address - mmu->window->side[1].base;

    (void)pc;
    faults++;
    return la < WINDOW_SIZE && window_map(mmu, (u32)la, write ? MMU_WRITE_USER : MMU_READ_USER);
}

static void turned_off(void *opaque)
{
    (void)opaque;
}

/* Both may be used, by all pages. */
static void turn_on(void)
{
    m1.mmu->window->side[0].on = m1.mmu->window->side[1].on = m1.mmu->window->local = true;
}

/* Something in the host's first 4 GiB, or not: the user's window can be there, or not. */
static void *obstacle;

static void setup_machine(void)
{
    if (!fault_has_gs()) {
        printf("no FSGSBASE: skipped\n");
        exit(0);
    }
    signal(SIGSEGV, SIG_DFL); /* a sanitizer has a handler */
    make_machine(&m1);
    ck_assert_int_eq(window_new(m1.mmu, handle, m1.mmu), 0);
    start_paging(&m1, CR0_WP, CR4_PGE);
    m1.mmu->window->turned_off = turned_off;
    turn_on();
}

static void setup(void)
{
    obstacle = hostmem_reserve((void *)0x40000000, PAGE_SIZE);
    setup_machine();
    ck_assert(!m1.mmu->window->side[1].low);
}

static void setup_low(void)
{
    setup_machine();
    if (!m1.mmu->window->side[1].low) {
        printf("something lies in the first 4 GiB: skipped\n");
        window_free(m1.mmu);
        free_machine(&m1);
        exit(0);
    }
}

static void teardown(void)
{
    if (obstacle)
        hostmem_unreserve(obstacle, PAGE_SIZE);
    obstacle = NULL;
    window_free(m1.mmu);
    free_machine(&m1);
}

/* WINDOW_READ and WINDOW_WRITE as the host has them for a page; *byte: its first. */
static u8 host_rights(u8 *at, u8 *byte)
{
    struct iovec mine = {byte, 1}, there = {at, 1};

    if (process_vm_readv(getpid(), &mine, 1, &there, 1, 0) != 1)
        return 0;
    return process_vm_writev(getpid(), &mine, 1, &there, 1, 0) == 1 ? WINDOW_READ | WINDOW_WRITE
                                                                    : WINDOW_READ;
}

static u8 *host_at(const struct window_side *side, u32 la)
{
    return (u8 *)(uintptr_t)(side->base + la);
}

static void check_page(u32 page, bool user)
{
    struct window_side *side = &m1.mmu->window->side[user];
    u64 read = m1.mmu->tlb.data[user ? MMU_READ_USER : MMU_READ_SUPER][page];
    u64 write = m1.mmu->tlb.data[user ? MMU_WRITE_USER : MMU_WRITE_SUPER][page];
    u8 byte = 0, rights = host_rights(host_at(side, page << PAGE_SHIFT), &byte);

    ck_assert_uint_eq(rights, side->state[page]);
    if (!rights)
        return;
    ck_assert_uint_ne(read, TLB_INVALID);
    ck_assert_uint_eq(byte, *(u8 *)tlb_host(read, page << PAGE_SHIFT));
    if (rights & WINDOW_WRITE)
        ck_assert_uint_eq(write, read);
}

#define PAGES 24u /* that the random test uses */

static void check_all(void)
{
    u32 pages[2] = {0};

    for (unsigned user = 0; user < 2; user++) {
        for (u32 page = 0; page < PAGES; page++) {
            check_page(page, user);
            pages[user] += m1.mmu->window->side[user].state[page] != 0;
        }
        check_page(TLB_PAGES - 1, user);
        pages[user] += m1.mmu->window->side[user].state[TLB_PAGES - 1] != 0;
        ck_assert_uint_eq(pages[user], m1.mmu->window->side[user].pages);
    }
}

static u32 next_random(u64 *seed)
{
    *seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
    return (u32)(*seed >> 33);
}

static void one_step(u64 *seed)
{
    u32 page = next_random(seed) % (PAGES + 1),
        la = page == PAGES ? 0xfffff000u : page << PAGE_SHIFT;
    enum mmu_access access = (enum mmu_access)(next_random(seed) % 4);
    u64 value = 0;

    switch (next_random(seed) % 16) {
    case 0:
        mmu_flush(m1.mmu, next_random(seed) % 4 == 0);
        if (next_random(seed) % 2)
            turn_on();
        break;
    case 1: mmu_flush_page(m1.mmu, la); break;
    case 2: /* another page, or other rights, and no flush */
        put_pte(&m1, la >> PAGE_SHIFT,
                (DATA + (next_random(seed) % PAGES << PAGE_SHIFT)) | (next_random(seed) & 0x167));
        break;
    case 3: {
        u64 pa = DATA + (u64)(next_random(seed) % PAGES << PAGE_SHIFT);

        phys_clear_dirty(&m1.phys, pa, PAGE_SIZE);
        mmu_unmap_write(m1.mmu, pa);
        break;
    }
    case 4:
        turn_on();
        window_map_all(m1.mmu);
        break;
    case 5:
    case 6:
    case 7: window_map(m1.mmu, la, access); break;
    default:
        if (access & MMU_WRITE)
            mmu_store_slow(m1.mmu, la, next_random(seed), 4, access);
        else
            mmu_load_slow(m1.mmu, la, 4, access, &value);
    }
}

START_TEST(mirrors)
{
    static const u32 limits[] = {0, 1, 3, 9};
    u64 seed = (u64)_i + 1;

    m1.mmu->tlb_limit = limits[_i % 4];
    for (unsigned i = 0; i < 4000; i++) {
        one_step(&seed);
        if (i % 8 == 0)
            check_all();
    }
    ck_assert_uint_gt(m1.stats.window_map, 20);
}
END_TEST

/* One call maps what lies together, and no more. */
START_TEST(runs)
{
    struct window_side *side = &m1.mmu->window->side[1];
    u64 value;

    put_pte(&m1, 5, (DATA + 0x9000) | 7);
    for (u32 page = 1; page < 8; page++)
        ck_assert(mmu_load_slow(m1.mmu, page << PAGE_SHIFT, 4, MMU_READ_USER, &value));
    ck_assert(!window_map(m1.mmu, 0x8000, MMU_READ_USER)); /* the TLB does not have it */
    ck_assert(!window_map(m1.mmu, 0x3000, MMU_WRITE_USER));
    ck_assert(window_map(m1.mmu, 0x3000, MMU_READ_USER));
    ck_assert(!window_map(m1.mmu, 0x3000, MMU_READ_USER)); /* nothing is left to do */
    for (u32 page = 0; page < 10; page++)
        ck_assert_uint_eq(side->state[page], page >= 1 && page <= 4 ? WINDOW_READ : 0);
    check_all();
    window_map_all(m1.mmu);
    ck_assert_uint_eq(side->pages, 7);
    mmu_flush(m1.mmu, false);
    ck_assert_uint_eq(side->pages, 0);
    check_all();
}
END_TEST

/* A flush that spares global pages leaves the supervisor's window on while it has hardly any others, which enter it only when
 * both are turned on again. */
START_TEST(kernel_stays)
{
    struct window *w = m1.mmu->window;
    u64 value;

    for (u32 page = 0; page < 8; page++) {
        put_pte(&m1, page, (DATA + (page << PAGE_SHIFT)) | 7 | (page < 6) << 8);
        ck_assert(mmu_load_slow(m1.mmu, page << PAGE_SHIFT, 4, MMU_READ_SUPER, &value));
    }
    window_map_all(m1.mmu);
    mmu_flush(m1.mmu, false); /* 6 of 8 stay */
    ck_assert(w->side[0].on && !w->side[1].on && !w->local);
    ck_assert_uint_eq(w->side[0].pages, 6);
    ck_assert(mmu_load_slow(m1.mmu, 0x6000, 4, MMU_READ_SUPER, &value));
    ck_assert(window_waits(m1.mmu, 0x6000, false) && !window_waits(m1.mmu, 0x5000, false));
    ck_assert(!window_map(m1.mmu, 0x6000, MMU_READ_SUPER));
    window_drop(m1.mmu, 5, false);
    ck_assert(window_map(m1.mmu, 0x5000, MMU_READ_SUPER));
    ck_assert_uint_eq(w->side[0].state[6], 0);
    turn_on();
    ck_assert(window_map(m1.mmu, 0x6000, MMU_READ_SUPER));
    for (u32 page = 7; page < 9; page++)
        ck_assert(mmu_load_slow(m1.mmu, page << PAGE_SHIFT, 4, MMU_READ_SUPER, &value));
    window_map_all(m1.mmu);
    mmu_flush(m1.mmu, false); /* 6 of 9 */
    ck_assert(!w->side[0].on);
    turn_on();
    mmu_flush(m1.mmu, true);
    ck_assert(!w->side[0].on && !w->side[0].pages);
    check_all();
}
END_TEST

START_TEST(limit)
{
    u64 value;

    m1.mmu->window->maps_most = 10;
    for (unsigned i = 0; i < 500; i++) {
        u32 la = (2 * i) % 200 << PAGE_SHIFT;

        ck_assert(mmu_load_slow(m1.mmu, la, 4, MMU_READ_USER, &value));
        window_map(m1.mmu, la, MMU_READ_USER);
        ck_assert_uint_le(m1.mmu->window->maps, 12);
        check_page(la >> PAGE_SHIFT, true);
    }
}
END_TEST

/* Pages in one mapping, which is cut at every second one: by INVLPG, as code comes there, or by a flush that spares
 * global ones. */
START_TEST(limit_of_cuts)
{
    u64 value;

    m1.mmu->window->maps_most = 10;
    for (u32 page = 0; page < PAGES; page++) {
        put_pte(&m1, page, (DATA + (page << PAGE_SHIFT)) | 7 | (page & 1) << 8);
        ck_assert(mmu_store_slow(m1.mmu, page << PAGE_SHIFT, 0, 4, MMU_WRITE_USER));
        ck_assert(mmu_load_slow(m1.mmu, page << PAGE_SHIFT, 4, MMU_READ_USER, &value));
    }
    window_map_all(m1.mmu);
    ck_assert_uint_eq(m1.mmu->window->side[1].pages, PAGES);
    for (u32 page = 0; page < PAGES; page += 2) {
        if (_i == 2)
            mmu_flush(m1.mmu, false);
        else if (_i == 1)
            mmu_unmap_write(m1.mmu, DATA + (page << PAGE_SHIFT));
        else
            mmu_flush_page(m1.mmu, page << PAGE_SHIFT);
        ck_assert_uint_le(m1.mmu->window->maps, 12);
        check_all();
    }
}
END_TEST

static void set_gs(u64 base)
{
    __asm__ volatile("wrgsbase %0" : : "r"(base));
}

/* The host's own access, at first to a page that is not there, then to one that may not be written. */
START_TEST(host_access)
{
    volatile u8 *at = host_at(&m1.mmu->window->side[1], 0x3010);
    u64 value;

    set_gs(m1.mmu->window->side[1].gs);
    faults = 0;
    put_pte(&m1, 3, (DATA + 0x3000) | 7);
    ck_assert(mmu_load_slow(m1.mmu, 0x3010, 1, MMU_READ_USER, &value));
    phys_store(&m1.phys, DATA + 0x3010, 0x5a, 1);
    ck_assert_uint_eq(*at, 0x5a);
    ck_assert_uint_eq(*at, 0x5a);
    ck_assert_uint_eq(faults, 1);
    ck_assert(mmu_store_slow(m1.mmu, 0x3011, 0xa5, 1, MMU_WRITE_USER));
    *at = 0x77;
    ck_assert_uint_eq(faults, 2);
    ck_assert_uint_eq(phys_load(&m1.phys, DATA + 0x3010, 2), 0xa577);
    set_gs(0);
}
END_TEST

/* The same where la is the host's address, but for the first pages, which hosts let nobody map. */
START_TEST(low)
{
    struct window_side *side = &m1.mmu->window->side[1];
    volatile u8 *at = host_at(side, 0x14000);
    struct machine m2;
    u64 value;

    ck_assert_uint_eq((uintptr_t)at, 0x14000);
    ck_assert(side->gs && !m1.mmu->window->side[0].low);
    for (u32 page = 0; page < PAGES; page++) {
        put_pte(&m1, page, (DATA + (page << PAGE_SHIFT)) | 7);
        ck_assert(mmu_store_slow(m1.mmu, page << PAGE_SHIFT, page, 4, MMU_WRITE_USER));
    }
    ck_assert(!window_map(m1.mmu, (side->first - 1) << PAGE_SHIFT, MMU_READ_USER));
    set_gs(side->gs);
    faults = 0;
    ck_assert_uint_eq(at[0x10], 0);
    ck_assert_uint_eq(at[0], 0x14);
    set_gs(0);
    ck_assert_uint_eq(faults, 1);
    for (u32 page = 0; page < PAGES; page++)
        ck_assert_uint_eq(side->state[page], page < side->first ? 0 : WINDOW_READ | WINDOW_WRITE);
    make_machine(&m2); /* another one's is elsewhere */
    ck_assert_int_eq(window_new(m2.mmu, handle, m2.mmu), 0);
    ck_assert(!m2.mmu->window->side[1].low);
    window_free(m2.mmu);
    free_machine(&m2);
    mmu_flush(m1.mmu, true);
    ck_assert_uint_eq(side->pages, 0);
    ck_assert(mmu_load_slow(m1.mmu, 0x14000, 4, MMU_READ_USER, &value));
    ck_assert_uint_eq(host_rights((u8 *)(uintptr_t)0x14000, (u8 *)&value), 0);
}
END_TEST

/* A fault of our own ends the process, with a window and without. */
START_TEST(bug)
{
    volatile u8 *at = host_at(&m1.mmu->window->side[1], 0x3000);

    signal(SIGABRT, SIG_DFL);
    set_gs(_i ? m1.mmu->window->side[1].gs : 0);
    (void)*at;
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("window");
    TCase *tc = tcase_create("window");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, mirrors, 0, 12);
    tcase_add_test(tc, runs);
    tcase_add_test(tc, kernel_stays);
    tcase_add_test(tc, limit);
    tcase_add_loop_test(tc, limit_of_cuts, 0, 3);
    tcase_add_test(tc, host_access);
    tcase_add_loop_test_raise_signal(tc, bug, SIGABRT, 0, 2);
    suite_add_tcase(suite, tc);
    tc = tcase_create("low");
    tcase_add_checked_fixture(tc, setup_low, teardown);
    tcase_add_test(tc, low);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
