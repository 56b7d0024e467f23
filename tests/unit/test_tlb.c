/* Tests of the software TLB through its contract: fills, flushes, and slow paths.
 *
 * Where a test changes a page table and expects the old translation, it relies on what an MMU
 * may do and this one does: entries stay until they are flushed. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "mmu/host/state.h"
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

/* An access of size bytes that ends in page 3 after starting in page 2, or wraps at 4 GiB. */
static const struct {
    u32 la;
    unsigned size;
    enum mmu_access access;
    u32 pte_low, pte_high; /* their flags */
    bool ok;
    u32 fault_la, error;
} cross_cases[] = {
    {0x2ffe, 4, MMU_WRITE_USER, 7, 7, true, 0, 0},
    {0x2fff, 2, MMU_WRITE_USER, 7, 7, true, 0, 0},
    {0x2ff9, 8, MMU_WRITE_USER, 7, 7, true, 0, 0},
    {0x2ffe, 4, MMU_READ_USER, 5, 5, true, 0, 0},
    {0x2ffe, 4, MMU_WRITE_USER, 7, 6, false, 0x3000, PF_W | PF_U},
    {0x2ffe, 4, MMU_WRITE_USER, 7, 5, false, 0x3000, PF_P | PF_W | PF_U},
    {0x2fff, 8, MMU_WRITE_USER, 7, 3, false, 0x3000, PF_P | PF_W | PF_U},
    {0x2ffd, 4, MMU_WRITE_USER, 5, 7, false, 0x2ffd, PF_P | PF_W | PF_U},
    {0x2ffd, 4, MMU_WRITE_USER, 0, 0, false, 0x2ffd, PF_W | PF_U},
    {0x2ffd, 4, MMU_WRITE_SUPER, 3, 1, false, 0x3000, PF_P | PF_W},
    {0x2ffd, 4, MMU_READ_SUPER, 1, 0, false, 0x3000, 0},
    {0x2ffd, 4, MMU_READ_USER, 5, 1, false, 0x3000, PF_P | PF_U},
    {0xffffffff, 2, MMU_WRITE_USER, 7, 7, true, 0, 0},
    {0xfffffffd, 8, MMU_WRITE_SUPER, 3, 3, true, 0, 0},
    {0xfffffffd, 8, MMU_WRITE_SUPER, 3, 1, false, 0, PF_P | PF_W},
};

/* Both the slow path on a cold TLB and on one where the first page is in. */
START_TEST(test_cross)
{
    u32 la = cross_cases[_i].la, low = la >> 12, high = (low + 1) & 0xfffff;
    unsigned size = cross_cases[_i].size;
    enum mmu_access access = cross_cases[_i].access;
    u32 pa_low, pa_high;

    for (unsigned warm = 0; warm < 2; warm++) {
        unsigned n = PAGE_SIZE - (la & PAGE_MASK);
        u8 before[16], want[16], now[16];
        u64 value = 0x8877665544332211;
        bool ok;

        start_paging(&m1, CR0_WP, 0);
        pa_low = (get_pte(&m1, low) & ~PAGE_MASK) + (la & PAGE_MASK);
        pa_high = get_pte(&m1, high) & ~PAGE_MASK;
        phys_write(&m1.phys, pa_low, "ABCDEFGH", n);
        phys_write(&m1.phys, pa_high, "abcdefgh", 8);
        if (warm && cross_cases[_i].pte_low == 7)
            load(&m1, la, 1, access & ~MMU_WRITE);
        put_pte(&m1, low, (pa_low & ~PAGE_MASK) | cross_cases[_i].pte_low);
        put_pte(&m1, high, pa_high | cross_cases[_i].pte_high);
        phys_read(&m1.phys, pa_low, before, n);
        phys_read(&m1.phys, pa_high, before + n, 16 - n);

        memcpy(want, before, 16);
        if (access & MMU_WRITE) {
            ok = mmu_store(m1.mmu, la, value, size, access);
            if (cross_cases[_i].ok)
                memcpy(want, &value, size);
        } else {
            ok = mmu_load(m1.mmu, la, size, access, &value);
            if (ok)
                ck_assert_mem_eq(&value, before, size);
        }
        ck_assert(ok == cross_cases[_i].ok);
        phys_read(&m1.phys, pa_low, now, n);
        phys_read(&m1.phys, pa_high, now + n, 16 - n);
        ck_assert_mem_eq(now, want, 16);
        if (!ok) {
            ck_assert_uint_eq(m1.mmu->fault.la, cross_cases[_i].fault_la);
            ck_assert_uint_eq(m1.mmu->fault.error, cross_cases[_i].error);
        }
        m1.mmu->fault = (struct mmu_fault){.la = 0xdead, .error = 0xdead};
        ck_assert(mmu_probe(m1.mmu, la, size, access) == cross_cases[_i].ok);
        ck_assert_uint_eq(m1.mmu->fault.la, ok ? 0xdead : cross_cases[_i].fault_la);
        mmu_flush(m1.mmu, true);
    }
}
END_TEST

START_TEST(test_misaligned)
{
    start_paging(&m1, 0, 0);
    for (u32 offset = 0; offset < 16; offset++) {
        for (unsigned size = 1; size <= 8; size *= 2) {
            u64 value = 0x0102030405060708 * (offset + 1);

            store(&m1, 0x5000 + offset, value, size, MMU_WRITE_USER);
            ck_assert_uint_eq(load(&m1, 0x5000 + offset, size, MMU_READ_SUPER),
                              value & (~0ull >> (64 - 8 * size)));
            ck_assert_uint_eq(phys_load(&m1.phys, DATA + 0x5000 + offset, size),
                              value & (~0ull >> (64 - 8 * size)));
        }
    }
}
END_TEST

START_TEST(test_global)
{
    u64 generation;

    start_paging(&m1, 0, CR4_PGE);
    for (u32 i = 0; i < 8; i++)
        phys_store(&m1.phys, DATA + i * PAGE_SIZE, 0x10 + i, 4);
    put_pte(&m1, 1, (DATA + 0x1000) | 0x107);
    put_pte(&m1, 3, (DATA + 0x3000) | 0x107);
    for (u32 i = 0; i < 4; i++)
        store(&m1, i * PAGE_SIZE, load(&m1, i * PAGE_SIZE, 4, MMU_READ_USER), 4, MMU_WRITE_USER);
    for (u32 i = 0; i < 4; i++)
        put_pte(&m1, i, (DATA + (i + 4) * PAGE_SIZE) | 7);

#define PAGES_ARE(a, b, c, d)                                                                      \
    do {                                                                                           \
        ck_assert_uint_eq(load(&m1, 0x0000, 4, MMU_READ_USER), a);                                 \
        ck_assert_uint_eq(load(&m1, 0x1000, 4, MMU_READ_USER), b);                                 \
        ck_assert_uint_eq(load(&m1, 0x2000, 4, MMU_READ_USER), c);                                 \
        ck_assert_uint_eq(load(&m1, 0x3000, 4, MMU_READ_USER), d);                                 \
    } while (0)
    PAGES_ARE(0x10, 0x11, 0x12, 0x13);
    generation = m1.mmu->generation;
    ck_assert(mmu_set_paging(m1.mmu, CR0_PG, DIR, CR4_PGE, false)); /* nothing changes */
    ck_assert_uint_eq(m1.mmu->generation, generation);
    PAGES_ARE(0x10, 0x11, 0x12, 0x13);
    mmu_flush_page(m1.mmu, 0x0ffc);
    ck_assert_uint_ne(m1.mmu->generation, generation);
    PAGES_ARE(0x14, 0x11, 0x12, 0x13);
    generation = m1.mmu->generation;
    ck_assert(mmu_set_paging(m1.mmu, CR0_PG, DIR, CR4_PGE, true)); /* MOV CR3 of the same value */
    ck_assert_uint_ne(m1.mmu->generation, generation);
    PAGES_ARE(0x14, 0x11, 0x16, 0x13);
    mmu_flush_page(m1.mmu, 0x1000); /* INVLPG takes global ones too */
    PAGES_ARE(0x14, 0x15, 0x16, 0x13);
    ck_assert(mmu_set_paging(m1.mmu, CR0_PG, DIR, 0, false));
    PAGES_ARE(0x14, 0x15, 0x16, 0x17);
    /* Without PGE, G means nothing. */
    put_pte(&m1, 0, DATA | 0x107);
    mmu_flush(m1.mmu, true);
    PAGES_ARE(0x10, 0x15, 0x16, 0x17);
    put_pte(&m1, 0, (DATA + 0x4000) | 0x107);
    mmu_flush(m1.mmu, false);
    PAGES_ARE(0x14, 0x15, 0x16, 0x17);
#undef PAGES_ARE
}
END_TEST

/* INVLPG of one address in a large page drops the whole page, for either size of large page. */
START_TEST(test_large_flush)
{
    bool pae = _i;
    u32 cr4 = (pae ? CR4_PAE : CR4_PSE) | CR4_PGE, far_la = pae ? 0x9ff000 : 0xbff000;

    if (pae) {
        phys_store(&m1.phys, 0x5000, DIR | 1, 8);
        phys_store(&m1.phys, DIR + 4 * 8, 0x187, 8);
    } else {
        phys_store(&m1.phys, DIR + 2 * 4, 0x187, 4);
    }
    ck_assert(mmu_set_paging(m1.mmu, CR0_PG, pae ? 0x5000 : DIR, cr4, true));
    store(&m1, 0x810000, 0x55, 4, MMU_WRITE_USER);
    store(&m1, far_la, 0x66, 4, MMU_WRITE_USER);
    ck_assert_uint_eq(phys_load(&m1.phys, 0x10000, 4), 0x55);
    ck_assert_uint_eq(phys_load(&m1.phys, far_la & 0x3ff000, 4), 0x66);
    phys_store(&m1.phys, pae ? DIR + 32 : DIR + 8, 0, 4);
    ck_assert_uint_eq(load(&m1, far_la, 4, MMU_READ_USER), 0x66);
    mmu_flush_page(m1.mmu, 0x810123);
    ck_assert(!mmu_probe(m1.mmu, far_la, 4, MMU_READ_USER));
    ck_assert(!mmu_probe(m1.mmu, far_la, 4, MMU_WRITE_USER));
    ck_assert(!mmu_probe(m1.mmu, 0x810000, 4, MMU_READ_USER));
}
END_TEST

/* Supervisor rights never leak to user accesses, nor read rights to writes. */
START_TEST(test_rights_kept_apart)
{
    start_paging(&m1, CR0_WP, 0);
    put_pte(&m1, 1, (DATA + 0x1000) | 3);
    put_pte(&m1, 2, (DATA + 0x2000) | 5);
    store(&m1, 0x1000, 1, 4, MMU_WRITE_SUPER);
    ck_assert(!mmu_probe(m1.mmu, 0x1000, 1, MMU_READ_USER));
    ck_assert_uint_eq(m1.mmu->fault.error, PF_P | PF_U);
    ck_assert(!mmu_probe(m1.mmu, 0x1000, 1, MMU_WRITE_USER));
    load(&m1, 0x2000, 4, MMU_READ_USER);
    load(&m1, 0x2000, 4, MMU_READ_SUPER);
    ck_assert(!mmu_probe(m1.mmu, 0x2000, 1, MMU_WRITE_USER));
    ck_assert(!mmu_probe(m1.mmu, 0x2000, 1, MMU_WRITE_SUPER));
    ck_assert(mmu_set_paging(m1.mmu, CR0_PG, DIR, 0, false)); /* WP off */
    store(&m1, 0x2000, 1, 4, MMU_WRITE_SUPER);
    ck_assert(!mmu_probe(m1.mmu, 0x2000, 1, MMU_WRITE_USER));
    ck_assert(mmu_set_paging(m1.mmu, CR0_PG | CR0_WP, DIR, 0, false));
    ck_assert(!mmu_probe(m1.mmu, 0x2000, 1, MMU_WRITE_SUPER));
}
END_TEST

START_TEST(test_dirty_bit)
{
    start_paging(&m1, 0, 0);
    load(&m1, 0x4000, 4, MMU_READ_USER);
    load(&m1, 0x4000, 4, MMU_READ_SUPER);
    ck_assert_uint_eq(get_pte(&m1, 4) & 0x60, 0x20);
    phys_clear_dirty(&m1.phys, 0, RAM_SIZE);
    store(&m1, 0x4000, 1, 4, MMU_WRITE_USER);
    ck_assert_uint_eq(get_pte(&m1, 4) & 0x60, 0x60);
    ck_assert(phys_page(&m1.phys, DATA + 0x4000) & PHYS_DIRTY);
    /* The emulator's own dirty bit: clear, unmap, and the next store sets it again. */
    phys_clear_dirty(&m1.phys, DATA + 0x4000, PAGE_SIZE);
    mmu_unmap_write(m1.mmu, DATA + 0x4000);
    mmu_flush(m1.mmu, true); /* so that the load fills again: it must not open the page to writes */
    load(&m1, 0x4000, 4, MMU_READ_USER);
    ck_assert(!(phys_page(&m1.phys, DATA + 0x4000) & PHYS_DIRTY));
    store(&m1, 0x4000, 2, 4, MMU_WRITE_USER);
    ck_assert(phys_page(&m1.phys, DATA + 0x4000) & PHYS_DIRTY);
    phys_clear_dirty(&m1.phys, DATA + 0x4000, PAGE_SIZE);
    mmu_unmap_write(m1.mmu, DATA + 0x4000);
    store(&m1, 0x4000, 2, 4, MMU_WRITE_USER);
    ck_assert(phys_page(&m1.phys, DATA + 0x4000) & PHYS_DIRTY);
    /* A read of a page whose D bit the guest cleared does not make it writable unseen. */
    put_pte(&m1, 4, (DATA + 0x4000) | 0x27);
    mmu_flush_page(m1.mmu, 0x4000);
    load(&m1, 0x4000, 4, MMU_READ_USER);
    store(&m1, 0x4000, 3, 4, MMU_WRITE_USER);
    ck_assert_uint_eq(get_pte(&m1, 4) & 0x60, 0x60);
}
END_TEST

static void code_store(void *opaque, u32 pa, u32 len)
{
    struct machine *m = opaque;

    m->code_calls++;
    if (m->code_calls == 3) /* as the translator does when the page's last block is gone */
        phys_set_code(&m->phys, pa, false);
    (void)len;
}

static void on_watch(void *opaque, u32 bits)
{
    *(u32 *)opaque += bits;
}

/* A store to a watched page has no entry to go by, and makes the page dirty all the same. */
START_TEST(test_watched_dirty)
{
    const struct mmu_watch watch = {.la = 0x5000, .len = 4, .bits = 1};
    u64 pa = DATA + 5 * PAGE_SIZE;
    u32 hits = 0;

    start_paging(&m1, 0, 0);
    m1.mmu->watch_hit = on_watch;
    m1.mmu->watch_opaque = &hits;
    mmu_set_watches(m1.mmu, &watch, 1);
    for (unsigned i = 0; i < 3; i++) {
        phys_clear_dirty(&m1.phys, pa, PAGE_SIZE);
        phys_clear_written(&m1.phys);
        mmu_flush(m1.mmu, true);
        ck_assert_uint_eq(phys_page(&m1.phys, pa) & PHYS_STORED, 0);
        store(&m1, 0x5000 + i * 8, 1, 4, MMU_WRITE_SUPER);
        ck_assert_uint_eq(phys_page(&m1.phys, pa) & PHYS_STORED, PHYS_STORED);
    }
    ck_assert_uint_eq(hits, 1);
}
END_TEST

/* Who looks for written pages at other times has a bit of his own. */
START_TEST(test_written)
{
    u64 pa = DATA + 5 * PAGE_SIZE;

    start_paging(&m1, 0, 0);
    store(&m1, 0x5000, 1, 4, MMU_WRITE_SUPER);
    phys_clear_dirty(&m1.phys, pa, PAGE_SIZE);
    mmu_unmap_write(m1.mmu, pa);
    ck_assert_uint_eq(phys_page(&m1.phys, pa) & PHYS_STORED, PHYS_WRITTEN);
    store(&m1, 0x5000, 1, 4, MMU_WRITE_SUPER);
    ck_assert_uint_eq(phys_page(&m1.phys, pa) & PHYS_STORED, PHYS_STORED);
    phys_clear_written(&m1.phys);
    mmu_flush(m1.mmu, true);
    ck_assert_uint_eq(phys_page(&m1.phys, pa) & PHYS_STORED, PHYS_DIRTY);
    load(&m1, 0x5000, 4, MMU_READ_SUPER); /* must not open the page to stores that nobody sees */
    store(&m1, 0x5000, 1, 4, MMU_WRITE_SUPER);
    ck_assert_uint_eq(phys_page(&m1.phys, pa) & PHYS_STORED, PHYS_STORED);
}
END_TEST

START_TEST(test_code)
{
    bool faulted;

    phys_listen(&m1.phys, &(struct phys_listener){PHYS_CODE, code_store, NULL, &m1});
    start_paging(&m1, 0, 0);
    put_pte(&m1, 9, (DATA + 0x6000) | 7); /* page 6 a second time */
    store(&m1, 0x6000, 1, 4, MMU_WRITE_USER);
    store(&m1, 0x9000, 2, 4, MMU_WRITE_SUPER);
    phys_set_code(&m1.phys, DATA + 0x6000, true);
    mmu_unmap_write(m1.mmu, DATA + 0x6ffc);
    store(&m1, 0x6000, 3, 4, MMU_WRITE_USER);
    ck_assert_uint_eq(m1.code_calls, 1);
    store(&m1, 0x9004, 4, 4, MMU_WRITE_SUPER);
    ck_assert_uint_eq(m1.code_calls, 2);
    ck_assert_ptr_null(mmu_host(m1.mmu, 0x6000, MMU_WRITE_USER, &faulted));
    ck_assert(!faulted);
    ck_assert_ptr_eq(mmu_host(m1.mmu, 0x6004, MMU_READ_USER, &faulted),
                     phys_host(&m1.phys, DATA + 0x6004));
    ck_assert_uint_eq(load(&m1, 0x6000, 8, MMU_READ_USER), 0x400000003);
    store(&m1, 0x5ffe, 0x11223344, 4, MMU_WRITE_USER); /* only its second page holds code */
    ck_assert_uint_eq(m1.code_calls, 3);
    ck_assert_uint_eq(load(&m1, 0x6000, 2, MMU_READ_USER), 0x1122);
    store(&m1, 0x6000, 5, 4, MMU_WRITE_USER);
    ck_assert_uint_eq(m1.code_calls, 3);
    ck_assert_ptr_eq(mmu_host(m1.mmu, 0x6000, MMU_WRITE_USER, &faulted),
                     phys_host(&m1.phys, DATA + 0x6000));
    ck_assert_uint_eq(m1.stats.smc_store, 3);
}
END_TEST

START_TEST(test_a20)
{
    u64 pa;

    store(&m1, 0x000500, 0x11, 4, MMU_WRITE_SUPER);
    store(&m1, 0x100500, 0x22, 4, MMU_WRITE_SUPER);
    ck_assert_uint_eq(load(&m1, 0x000500, 4, MMU_READ_SUPER), 0x11);
    phys_set_a20(&m1.phys, false);
    mmu_flush(m1.mmu, true);
    ck_assert_uint_eq(load(&m1, 0x100500, 4, MMU_READ_SUPER), 0x11);
    store(&m1, 0x0fffff, 0x3344, 2, MMU_WRITE_SUPER); /* FFFF:000F and on wraps to 0 */
    ck_assert_uint_eq(phys_load(&m1.phys, 0, 1), 0x33);
    ck_assert(mmu_fetch_pa(m1.mmu, 0x100500, false, &pa));
    ck_assert_uint_eq(pa, 0x500);
    ck_assert(mmu_peek_pa(m1.mmu, 0x300500, &pa));
    ck_assert_uint_eq(pa, 0x200500);
    phys_set_a20(&m1.phys, true);
    mmu_flush(m1.mmu, true);
    ck_assert_uint_eq(load(&m1, 0x100500, 4, MMU_READ_SUPER), 0x22);
}
END_TEST

START_TEST(test_rom_and_device)
{
    bool faulted;

    ck_assert_uint_eq(load(&m1, ROM_BASE, 1, MMU_READ_SUPER), 'R');
    store(&m1, ROM_BASE, 'x', 1, MMU_WRITE_SUPER);
    store(&m1, ROM_BASE, 'x', 1, MMU_WRITE_USER);
    ck_assert_uint_eq(load(&m1, ROM_BASE, 1, MMU_READ_USER), 'R');
    ck_assert_ptr_nonnull(mmu_host(m1.mmu, ROM_BASE, MMU_READ_USER, &faulted));
    ck_assert_ptr_null(mmu_host(m1.mmu, ROM_BASE, MMU_WRITE_USER, &faulted));
    ck_assert(!faulted);

    for (unsigned i = 0; i < 3; i++) {
        store(&m1, DEV_BASE + 1, 0x0807060504030201, 8, MMU_WRITE_SUPER);
        ck_assert_uint_eq(load(&m1, DEV_BASE + 1, 8, MMU_READ_USER), 0x0807060504030201);
    }
    ck_assert_uint_eq(m1.dev[0], 0x03020100);
    ck_assert_uint_eq(m1.stats.mmio, 3 * 8);
    /* The next page is nobody's. */
    ck_assert_uint_eq(load(&m1, DEV_BASE + 0xffe, 4, MMU_READ_SUPER), 0xffff0000);
    store(&m1, DEV_BASE + 0xffe, 0xaaaabbbb, 4, MMU_WRITE_SUPER);
    ck_assert_uint_eq(m1.dev[1023], 0xbbbb0000);
    ck_assert_ptr_null(mmu_host(m1.mmu, DEV_BASE, MMU_READ_SUPER, &faulted));
    ck_assert(!faulted);

    /* A crossing read that faults in its second page does not disturb the device in its first. */
    start_paging(&m1, 0, 0);
    put_pte(&m1, 1, DEV_BASE | 7);
    put_pte(&m1, 2, 0);
    m1.stats.mmio = 0;
    ck_assert(!mmu_probe(m1.mmu, 0x1ffe, 4, MMU_READ_USER));
    ck_assert_ptr_null(mmu_host(m1.mmu, 0x2000, MMU_READ_SUPER, &faulted));
    ck_assert(faulted);
    ck_assert_uint_eq(m1.stats.mmio, 0);
}
END_TEST

START_TEST(test_map_change)
{
    ck_assert_uint_eq(load(&m1, ROM_BASE, 1, MMU_READ_SUPER), 'R');
    store(&m1, 0x8000, 7, 4, MMU_WRITE_SUPER);
    ck_assert_int_eq(phys_add_mmio(&m1.phys, ROM_BASE, PAGE_SIZE, &dev_ops, &m1), 0);
    mmu_unmap(m1.mmu, ROM_BASE);
    m1.dev[0] = 0x77;
    ck_assert_uint_eq(load(&m1, ROM_BASE, 1, MMU_READ_SUPER), 0x77);
    ck_assert_uint_eq(load(&m1, 0x8000, 4, MMU_READ_SUPER), 7);
}
END_TEST

START_TEST(test_bad_pdptes)
{
    struct paging before;

    start_paging(&m1, 0, 0);
    store(&m1, 0x1000, 0x1234, 4, MMU_WRITE_USER);
    before = m1.mmu->paging;
    phys_store(&m1.phys, 0x5018, 3, 8); /* bit 1 is reserved */
    ck_assert(!mmu_set_paging(m1.mmu, CR0_PG, 0x5000, CR4_PAE, true));
    ck_assert_mem_eq(&before, &m1.mmu->paging, sizeof(before));
    ck_assert_uint_eq(load(&m1, 0x1000, 4, MMU_READ_USER), 0x1234);
    /* They are looked at when paging goes on, not before. */
    ck_assert(mmu_set_paging(m1.mmu, 0, 0x5000, CR4_PAE, true));
    ck_assert(!mmu_set_paging(m1.mmu, CR0_PG, 0x5000, CR4_PAE, false));
    phys_store(&m1.phys, 0x5018, 1, 8);
    ck_assert(mmu_set_paging(m1.mmu, CR0_PG, 0x5000, CR4_PAE, false));
    phys_store(&m1.phys, 0x5018, 3, 8);
    ck_assert(!mmu_set_paging(m1.mmu, CR0_PG, 0x5000, CR4_PAE | CR4_PGE, false));
    ck_assert(mmu_set_paging(m1.mmu, CR0_PG | CR0_WP, 0x5000, CR4_PAE, false)); /* WP: no reload */
    ck_assert(!mmu_set_paging(m1.mmu, CR0_PG | CR0_WP, 0x5000, CR4_PAE, true));
}
END_TEST

/* Two machines, and two MMUs on one map, know nothing of each other. */
START_TEST(test_two)
{
    struct mmu *other = hostmem_sparse(sizeof(*other));

    make_machine(&m2);
    start_paging(&m1, 0, 0);
    store(&m1, 0x1000, 0x11, 4, MMU_WRITE_USER);
    store(&m2, 0x1000, 0x22, 4, MMU_WRITE_USER);
    ck_assert_uint_eq(load(&m1, 0x1000, 4, MMU_READ_USER), 0x11);
    ck_assert_uint_eq(load(&m2, 0x1000, 4, MMU_READ_USER), 0x22);
    ck_assert_uint_eq(phys_load(&m2.phys, DATA + 0x1000, 4), 0);

    ck_assert_int_eq(mmu_init(other, &m1.phys, &m1.log, &m1.stats), 0);
    ck_assert_ptr_eq(other->phys, m1.mmu->phys);
    {
        u64 value;

        ck_assert(mmu_load(other, DATA + 0x1000, 4, MMU_READ_SUPER, &value));
        ck_assert_uint_eq(value, 0x11);
        mmu_flush(other, true);
        ck_assert_uint_ne(m1.mmu->tlb.data[MMU_READ_USER][1], TLB_INVALID);
    }
    mmu_free(other);
    hostmem_sparse_free(other, sizeof(*other));
    free_machine(&m2);
}
END_TEST

/* Items of a saved log that have no page, or one of a plane that is never filled. */
START_TEST(test_wrong_item)
{
    static const u32 pages[] = {TLB_PAGES, TLB_TABLE - 1, TLB_TABLE, UINT32_MAX >> 3};
    struct state saved, loaded;
    size_t at = 0;

    start_paging(&m1, 0, 0);
    store(&m1, 0x1000, 0x11, 4, MMU_WRITE_USER);
    state_init_save(&saved);
    mmu_state(m1.mmu, &saved);
    state_init_load(&loaded, saved.data, saved.len);
    mmu_state(m1.mmu, &loaded);
    ck_assert(!loaded.failed);
    while (get32(saved.data + at) != (1u << 3 | MMU_WRITE_USER))
        ck_assert_uint_lt(++at + 4, saved.len);
    put32(saved.data + at, pages[_i] << 3 | MMU_WRITE_USER);
    state_init_load(&loaded, saved.data, saved.len);
    mmu_state(m1.mmu, &loaded);
    ck_assert(loaded.failed);
    state_free(&saved);
}
END_TEST

static void count_wrap(void *opaque)
{
    ++*(unsigned *)opaque;
}

/* Every flush makes a new context, the owner's bits stay, and contexts that repeat are told. */
START_TEST(test_context)
{
    const u64 owner = 5ull << MMU_CONTEXT_SHIFT;
    struct mmu *mmu = m1.mmu;
    unsigned wraps = 0;
    u64 before;

    mmu->context_wrapped = count_wrap;
    mmu->context_opaque = &wraps;
    mmu->context |= owner;
    before = mmu->context;
    mmu_flush_page(mmu, 0x1000);
    ck_assert_uint_eq(mmu->context, before + MMU_CONTEXT_STEP);
    mmu_flush(mmu, false);
    ck_assert_uint_eq(mmu->context, before + 2 * MMU_CONTEXT_STEP);
    ck_assert(mmu_set_paging(mmu, mmu->paging.cr0, mmu->paging.cr3, mmu->paging.cr4, true));
    ck_assert_uint_eq(mmu->context, before + 3 * MMU_CONTEXT_STEP);
    ck_assert_uint_eq(wraps, 0);
    mmu->context = -MMU_CONTEXT_STEP | owner;
    mmu_flush(mmu, true);
    ck_assert_uint_eq(wraps, 1);
    ck_assert_uint_eq(mmu->context, MMU_CONTEXT_STEP | owner);
}
END_TEST

/* Each miss has one cause, and flushes count what they drop. */
START_TEST(test_causes)
{
    const struct stats *s = &m1.stats;
    u64 value;

    phys_listen(&m1.phys, &(struct phys_listener){PHYS_CODE, code_store, NULL, &m1});
    start_paging(&m1, 0, 0);
    m1.stats = (struct stats){0};
    ck_assert_int_eq(mmu_count_pages(m1.mmu), 0);
    put_pte(&m1, 7, 0);
    put_pte(&m1, 8, DEV_BASE | 7);
    put_pte(&m1, 10, ROM_BASE | 7);
    load(&m1, 0x4000, 4, MMU_READ_USER);
    load(&m1, 0x4100, 4, MMU_READ_USER);
    ck_assert_uint_eq(s->miss_fill, 1);
    store(&m1, 0x4000, 1, 4, MMU_WRITE_USER); /* its D bit was clear */
    store(&m1, 0x5000, 1, 4, MMU_WRITE_USER);
    ck_assert_uint_eq(s->miss_write, 1);
    ck_assert_uint_eq(s->miss_fill, 2);
    ck_assert(!mmu_load(m1.mmu, 0x7000, 4, MMU_READ_USER, &value));
    ck_assert_uint_eq(s->miss_fault, 1);
    load(&m1, 0x8000, 4, MMU_READ_USER);
    load(&m1, 0x8000, 4, MMU_READ_USER);
    store(&m1, 0xa000, 1, 1, MMU_WRITE_USER);
    ck_assert_uint_eq(s->miss_device, 3);
    phys_set_code(&m1.phys, DATA + 0x6000, true);
    store(&m1, 0x6000, 1, 4, MMU_WRITE_USER);
    ck_assert_uint_eq(s->miss_code, 1);
    ck_assert_uint_eq(s->tlb_miss, 8);
    ck_assert_uint_eq(m1.mmu->page_misses[4], 2);
    ck_assert_uint_eq(m1.mmu->page_misses[8], 2);
    ck_assert_uint_eq(m1.mmu->page_misses[9], 0);
    mmu_flush(m1.mmu, true);
    /* Pages 4 and 5 for loads and stores; 6 and 10, which were stored to, for loads. */
    ck_assert_uint_eq(s->tlb_flush_entry, 6);
    ck_assert_uint_eq(s->tlb_slow, s->tlb_slow_store + 4);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tlb");
    TCase *tc = tcase_create("tlb");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, test_cross, 0, ARRAY_SIZE(cross_cases));
    tcase_add_test(tc, test_misaligned);
    tcase_add_test(tc, test_global);
    tcase_add_loop_test(tc, test_large_flush, 0, 2);
    tcase_add_test(tc, test_rights_kept_apart);
    tcase_add_test(tc, test_dirty_bit);
    tcase_add_test(tc, test_watched_dirty);
    tcase_add_test(tc, test_written);
    tcase_add_test(tc, test_code);
    tcase_add_test(tc, test_a20);
    tcase_add_test(tc, test_rom_and_device);
    tcase_add_test(tc, test_map_change);
    tcase_add_test(tc, test_bad_pdptes);
    tcase_add_test(tc, test_two);
    tcase_add_loop_test(tc, test_wrong_item, 0, 4);
    tcase_add_test(tc, test_context);
    tcase_add_test(tc, test_causes);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
