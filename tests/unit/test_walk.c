/* Tests of the page-table walker: every paging mode and combination of rights against a model.
 *
 * The model below is written from the manual's tables, field by field, and shares nothing with
 * walk.c: it works on a copy of the entries and says what the walk must return and leave in
 * memory. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "mmu/walk.h"

#define RAM_SIZE (1u * MIB)
#define PDPT     0x5020u
#define DIR      0x1000u /* page directory */
#define TABLE    0x2000u /* page table */
#define LA       0x00403abcu

enum mode { OFF, LEVEL2, LEVEL2_PSE, LEVEL2_PSE36, PAE, PAE_PSE, PAE_NX, MODES };

static const struct {
    const char *name;
    u32 cr0, cr4;
    bool pse36;
    u32 dir_pa, table_pa; /* of LA's entries */
} modes[MODES] = {
    [OFF] = {"off", 0, CR4_PSE, false, DIR + 4, TABLE + 12},
    [LEVEL2] = {"2-level", CR0_PG, 0, true, DIR + 4, TABLE + 12},
    [LEVEL2_PSE] = {"PSE", CR0_PG, CR4_PSE, false, DIR + 4, TABLE + 12},
    [LEVEL2_PSE36] = {"PSE-36", CR0_PG, CR4_PSE, true, DIR + 4, TABLE + 12},
    [PAE] = {"PAE", CR0_PG, CR4_PAE, false, DIR + 16, TABLE + 24},
    [PAE_PSE] = {"PAE with PSE", CR0_PG, CR4_PAE | CR4_PSE, true, DIR + 16, TABLE + 24},
    [PAE_NX] = {"PAE with NX", CR0_PG, CR4_PAE, true, DIR + 16, TABLE + 24},
};

static struct log quiet;
static struct stats stats;
static struct phys phys;
static struct paging paging;
static enum mode mode;

static void setup(void)
{
    ck_assert_int_eq(phys_init(&phys, RAM_SIZE, &quiet, &stats), 0);
    ck_assert_int_eq(phys_add_ram(&phys, 0, RAM_SIZE), 0);
}

static void teardown(void)
{
    phys_free(&phys);
}

static bool is_pae(void)
{
    return modes[mode].cr4 & CR4_PAE;
}

static void set_mode(enum mode m, u32 cr0, u32 cr4)
{
    mode = m;
    paging = (struct paging){
        .cr0 = modes[m].cr0 | cr0,
        .cr4 = modes[m].cr4 | cr4,
        .cr3 = is_pae() ? PDPT | 0x18 : DIR | 0xfff, /* low bits are not part of the address */
        .pse36 = modes[m].pse36,
        .nx = m == PAE_NX,
        .pat = m == LEVEL2_PSE36 || m == PAE_PSE,
    };
    phys_store(&phys, PDPT, DIR | 0x19, 8); /* PWT and PCD are allowed */
    for (unsigned i = 1; i < 4; i++)
        phys_store(&phys, PDPT + 8 * i, 0, 8);
    if (is_pae() && !walk_load_pdptes(&paging, &phys, paging.cr3))
        ck_abort_msg("PDPTEs refused");
}

static u64 get_entry(u32 pa)
{
    return phys_load(&phys, pa, is_pae() ? 8 : 4);
}

static void put_entry(u32 pa, u64 value)
{
    phys_store(&phys, pa, value, is_pae() ? 8 : 4);
}

struct expect {
    bool ok;
    u32 error;
    struct walk walk;
    u64 dir, table; /* the entries afterwards */
};

static bool bit(u64 value, unsigned n)
{
    return value >> n & 1;
}

static bool any_bit(u64 value, unsigned low, unsigned high)
{
    for (unsigned n = low; n <= high; n++) {
        if (bit(value, n))
            return true;
    }
    return false;
}

static struct expect model(u64 dir, u64 table, bool write, bool user, bool fetch)
{
    struct expect e = {.dir = dir, .table = table};
    bool pae = is_pae();
    bool large = bit(dir, 7) && (pae || (paging.cr4 & CR4_PSE));
    bool rw, us, xd = bit(dir, 63);
    u64 leaf;

    if (mode == OFF) {
        e.ok = true;
        e.walk = (struct walk){LA, 4096, true, true, true, true, false, true};
        return e;
    }
    e.error = 2 * write + 4 * user + 16 * (fetch && mode == PAE_NX);
    if (!bit(dir, 0))
        return e;
    if ((pae && any_bit(dir, 36, paging.nx ? 62 : 63)) || (pae && large && any_bit(dir, 13, 20)) ||
        (large && bit(dir, 12) && !paging.pat) ||
        (!pae && large && any_bit(dir, paging.pse36 ? 17 : 13, 21))) {
        e.error += 8 + 1;
        return e;
    }
    if (large) {
        leaf = dir;
        rw = bit(dir, 1);
        us = bit(dir, 2);
        if (pae) {
            e.walk.page_size = 2 * 1024 * 1024;
            e.walk.pa = (dir & ~(1ull << 63)) >> 21 << 21 | LA % e.walk.page_size;
        } else {
            e.walk.page_size = 4 * 1024 * 1024;
            e.walk.pa = dir >> 22 << 22 | LA % e.walk.page_size;
            for (unsigned n = 13; paging.pse36 && n <= 16; n++)
                e.walk.pa |= (u64)bit(dir, n) << (n + 19);
        }
    } else {
        if (!bit(table, 0))
            return e;
        if ((pae && any_bit(table, 36, paging.nx ? 62 : 63)) ||
            (bit(table, 7) && !paging.pat && (pae || (paging.cr4 & CR4_PSE)))) {
            e.error += 8 + 1;
            return e;
        }
        leaf = table;
        rw = bit(dir, 1) && bit(table, 1);
        us = bit(dir, 2) && bit(table, 2);
        xd |= bit(table, 63);
        e.walk.page_size = 4096;
        e.walk.pa = (table & ~(1ull << 63)) >> 12 << 12 | LA % 4096;
    }
    e.walk.user = us;
    e.walk.user_writable = us && rw;
    e.walk.supervisor_writable = rw || !(paging.cr0 & CR0_WP);
    e.walk.writable = user ? e.walk.user_writable : e.walk.supervisor_writable;
    e.walk.global = bit(leaf, 8) && (paging.cr4 & CR4_PGE);
    e.walk.dirty = bit(leaf, 6) || write;
    if ((user && !us) || (write && !e.walk.writable) || (fetch && xd)) {
        e.error += 1;
        return e;
    }
    e.ok = true;
    e.dir |= 1 << 5;
    if (large)
        e.dir |= write << 6;
    else
        e.table |= 1 << 5 | write << 6;
    return e;
}

/* One walk for LA with these entries, against the model. */
static void check_one(u64 dir, u64 table, bool write, bool user, bool fetch)
{
    struct expect e = model(dir, table, write, user, fetch);
    struct walk w = {0};
    const char *kind = write ? "write" : fetch ? "fetch" : "read";
    u32 error = ~0u;
    bool ok;

    put_entry(modes[mode].dir_pa, dir);
    put_entry(modes[mode].table_pa, table);
    phys_clear_dirty(&phys, DIR, TABLE + PAGE_SIZE - DIR);
    ok = fetch ? walk_fetch(&paging, &phys, LA, user, &w, &error)
               : walk_page(&paging, &phys, LA, write, user, &w, &error);

/* Not ck_assert: that writes a message for each success, and there are millions. */
#define SAME(field, got, want)                                                                     \
    if ((u64)(got) != (u64)(want))                                                                 \
    ck_abort_msg("%s cr0 %x cr4 %x dir %llx table %llx %s %s: " field " %llx, expected %llx",      \
                 modes[mode].name, paging.cr0, paging.cr4, (unsigned long long)dir,                \
                 (unsigned long long)table, kind, user ? "user" : "supervisor",                    \
                 (unsigned long long)(got), (unsigned long long)(want))
    SAME("ok", ok, e.ok);
    SAME("dir", get_entry(modes[mode].dir_pa), e.dir);
    SAME("table", get_entry(modes[mode].table_pa), e.table);
    /* Tables are stored to only when a bit changes. */
    SAME("dir stored", !!(phys_page(&phys, DIR) & PHYS_DIRTY), dir != e.dir);
    SAME("table stored", !!(phys_page(&phys, TABLE) & PHYS_DIRTY), table != e.table);
    if (!ok) {
        SAME("error", error, e.error);
        return;
    }
    SAME("pa", w.pa, e.walk.pa);
    SAME("page_size", w.page_size, e.walk.page_size);
    SAME("user", w.user, e.walk.user);
    SAME("user_writable", w.user_writable, e.walk.user_writable);
    SAME("supervisor_writable", w.supervisor_writable, e.walk.supervisor_writable);
    SAME("writable", w.writable, e.walk.writable);
    SAME("global", w.global, e.walk.global);
    SAME("dirty", w.dirty, e.walk.dirty);
#undef SAME
}

/* What may be read is fetched too. */
static void check_walk(u64 dir, u64 table, bool write, bool user)
{
    check_one(dir, table, write, user, false);
    if (!write)
        check_one(dir, table, write, user, true);
}

/* P, R/W, U/S, A and D in both entries, G and PS, WP and PGE, all four kinds of access. */
START_TEST(test_rights)
{
    for (unsigned i = 0; i < 1u << 16; i++) {
        u64 dir = (i & 7) | (i >> 3 & 1) << 5 | (i >> 4 & 1) << 7 | (i >> 5 & 1) << 8;
        u64 table = (i >> 6 & 7) | (i >> 9 & 3) << 5 | (i >> 11 & 1) << 8;

        /* A large page's frame is not the table's address: its low bits would be reserved ones. */
        dir |= dir & 0x80 && modes[_i].cr4 ? 0x00c00000 : TABLE;
        set_mode((enum mode)_i, i >> 12 & 1 ? CR0_WP : 0, i >> 13 & 1 ? CR4_PGE : 0);
        check_walk(dir, table | 0x00077000, i >> 14 & 1, i >> 15 & 1);
    }
}
END_TEST

/* Each bit above the flags by itself, in each kind of entry: reserved, or ignored, or address. */
START_TEST(test_reserved)
{
    for (unsigned i = 0; i < 64 * 4; i++) {
        bool write = i & 1, user = i & 2;
        unsigned n = i >> 2;
        u64 one = 1ull << n;

        set_mode((enum mode)_i, 0, 0);
        if (n < 9 || (n > 31 && !is_pae()))
            continue;
        check_walk(TABLE | 7, 0x00077007 ^ one, write, user);
        if (paging.cr4)
            check_walk(0x87 | one, 0x00077007, write, user);
        if (n < 12 || n > 35) /* else it moves the table */
            check_walk(TABLE | 7 | one, 0x00077007, write, user);
        /* In an absent entry nothing is reserved; a reserved bit goes before missing rights. */
        check_walk(one, 0x00077007, write, user);
        check_walk(TABLE | 7, one, write, user);
        check_walk(TABLE | 1, 0x00077001 ^ one, write, user);
    }
}
END_TEST

START_TEST(test_random)
{
    u64 seed = 88172645463325252ull + (u64)_i;

    for (unsigned i = 0; i < 100000; i++) {
        u64 dir, table;

        seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
        dir = seed;
        seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
        table = seed;
        set_mode((enum mode)_i, seed >> 60 & 1 ? CR0_WP : 0, seed >> 59 & 1 ? CR4_PGE : 0);
        if (!is_pae()) {
            dir = (u32)dir;
            table = (u32)table;
        } else if (seed >> 56 & 3) { /* mostly without what makes nearly all of them reserved */
            dir &= 0xfffffffffull;
            table &= 0xfffffffffull;
        }
        if (!(dir & 0x80) || !(paging.cr4 & (CR4_PAE | CR4_PSE)))
            dir = (dir & (is_pae() ? 0xfffffff000000fffull : 0xfff)) | TABLE;

        else if (seed >> 58 & 1)
            dir &= ~0x3fe000ull;
        if (mode == PAE_NX) {
            dir ^= (seed >> 50 & 1) << 63;
            table ^= (seed >> 51 & 1) << 63;
        }
        check_walk(dir, table, seed >> 62 & 1, seed >> 61 & 1);
    }
}
END_TEST

START_TEST(test_pdpte)
{
    static const u64 reserved[] = {1, 2, 5, 6, 7, 8, 36, 40, 52, 63};
    static const u64 allowed[] = {3, 4, 9, 10, 11, 12, 31, 35};
    struct walk w;
    u32 error;

    set_mode(PAE, 0, 0);
    for (unsigned slot = 0; slot < 4; slot++) {
        for (unsigned i = 0; i < ARRAY_SIZE(reserved); i++) {
            struct paging before = paging;

            phys_store(&phys, PDPT + slot * 8, DIR | 1 | 1ull << reserved[i], 8);
            ck_assert(!walk_load_pdptes(&paging, &phys, PDPT));
            ck_assert_mem_eq(&before, &paging, sizeof(before));
            phys_store(&phys, PDPT + slot * 8, 1ull << reserved[i], 8); /* not present */
            ck_assert(walk_load_pdptes(&paging, &phys, PDPT));
            paging = before;
        }
        for (unsigned i = 0; i < ARRAY_SIZE(allowed); i++) {
            phys_store(&phys, PDPT + slot * 8, DIR | 1 | 1ull << allowed[i], 8);
            ck_assert(walk_load_pdptes(&paging, &phys, PDPT));
        }
        phys_store(&phys, PDPT + slot * 8, DIR | 1, 8);
    }
    /* An absent PDPTE is an absent page; a changed one does not count before it is loaded. */
    put_entry(modes[PAE].dir_pa, 0x87);
    ck_assert(walk_load_pdptes(&paging, &phys, PDPT));
    phys_store(&phys, PDPT + 8, 0, 8);
    ck_assert(walk_page(&paging, &phys, LA + 0x40000000u, true, true, &w, &error));
    ck_assert(walk_load_pdptes(&paging, &phys, PDPT));
    ck_assert(!walk_page(&paging, &phys, LA + 0x40000000u, true, true, &w, &error));
    ck_assert_uint_eq(error, PF_W | PF_U);
    ck_assert(walk_page(&paging, &phys, LA + 0xc0000000u, true, true, &w, &error));
}
END_TEST

START_TEST(test_peek)
{
    struct walk w;

    for (unsigned m = LEVEL2; m < MODES; m++) {
        set_mode((enum mode)m, CR0_WP, 0);
        put_entry(modes[m].dir_pa, TABLE | 1);
        put_entry(modes[m].table_pa, 0x77001);
        ck_assert(walk_peek(&paging, &phys, LA, &w));
        ck_assert_uint_eq(w.pa, 0x77abc);
        ck_assert(!w.user && !w.user_writable && !w.supervisor_writable && !w.dirty);
        ck_assert_uint_eq(get_entry(modes[m].dir_pa), TABLE | 1);
        ck_assert_uint_eq(get_entry(modes[m].table_pa), 0x77001);
        put_entry(modes[m].table_pa, 0x77000);
        ck_assert(!walk_peek(&paging, &phys, LA, &w));
    }
    set_mode(OFF, 0, 0);
    ck_assert(walk_peek(&paging, &phys, LA, &w));
    ck_assert_uint_eq(w.pa, LA);
}
END_TEST

/* A page directory that maps itself: one location is both entries. */
START_TEST(test_recursive)
{
    struct walk w;
    u32 error;

    set_mode(LEVEL2, 0, 0);
    phys_store(&phys, DIR + 0xffc, DIR | 3, 4);
    ck_assert(walk_page(&paging, &phys, 0xfffffffcu, true, false, &w, &error));
    ck_assert_uint_eq(w.pa, DIR + 0xffc);
    ck_assert_uint_eq(phys_load(&phys, DIR + 0xffc, 4), DIR | 0x63);
}
END_TEST

static u32 all_present(void *opaque, u32 offset, unsigned size)
{
    (void)offset, (void)size;
    ++*(unsigned *)opaque;
    return 0x00077007;
}

static void ignore_write(void *opaque, u32 offset, u32 value, unsigned size)
{
    (void)offset, (void)value, (void)size;
    ++*(unsigned *)opaque;
}

/* Tables in a device, in ROM, in nothing, and beyond A20. */
START_TEST(test_odd_places)
{
    static const struct phys_mmio_ops ops = {all_present, ignore_write};
    unsigned accesses = 0;
    struct walk w;
    u32 error;

    set_mode(LEVEL2, 0, 0);
    ck_assert_int_eq(phys_add_mmio(&phys, 0x80000000u, PAGE_SIZE, &ops, &accesses), 0);
    put_entry(modes[LEVEL2].dir_pa, 0x80000007u);
    ck_assert(walk_page(&paging, &phys, LA, true, true, &w, &error));
    ck_assert_uint_eq(w.pa, 0x77abc);
    ck_assert_uint_eq(accesses, 2); /* the read, and the store of A and D */

    /* Nothing reads as all ones: present, and in PAE reserved bits. */
    put_entry(modes[LEVEL2].dir_pa, 0x90000007u);
    ck_assert(walk_page(&paging, &phys, LA, true, true, &w, &error));
    ck_assert_uint_eq(w.pa, 0xfffffabc);
    paging.cr3 = 0xa0000000u;
    paging.cr4 = CR4_PSE;
    ck_assert(!walk_page(&paging, &phys, LA, true, true, &w, &error));
    ck_assert_uint_eq(error, PF_P | PF_W | PF_U | PF_RSVD);
    set_mode(PAE, 0, 0);
    ck_assert(!walk_load_pdptes(&paging, &phys, 0xa0000000u));
    put_entry(modes[PAE].dir_pa, 0xfa0000007ull); /* above 4 GiB */
    ck_assert(!walk_page(&paging, &phys, LA, false, false, &w, &error));
    ck_assert_uint_eq(error, PF_P | PF_RSVD);

    /* With A20 off, tables at 1 MiB are those at 0. The result itself is the caller's to mask. */
    set_mode(LEVEL2, 0, 0);
    paging.cr3 |= 0x100000;
    put_entry(modes[LEVEL2].dir_pa, 0x100000 | TABLE | 7);
    put_entry(modes[LEVEL2].table_pa, 0x177007);
    ck_assert(phys_set_a20(&phys, false));
    ck_assert(walk_page(&paging, &phys, LA, true, true, &w, &error));
    ck_assert_uint_eq(w.pa, 0x177abc);
    ck_assert_uint_eq(get_entry(modes[LEVEL2].table_pa), 0x177067);
}
END_TEST

static void count_store(void *opaque, u32 pa, u32 len)
{
    ck_assert_uint_eq(pa & ~PAGE_MASK, TABLE);
    ck_assert_uint_eq(len, 4);
    ++*(unsigned *)opaque;
}

static void count_any_store(void *opaque, u32 pa, u32 len)
{
    (void)pa, (void)len;
    ++*(unsigned *)opaque;
}

/* A and D bits that change code in a page-table page are stores like any other. */
START_TEST(test_code_in_table)
{
    unsigned calls = 0;
    struct walk w;
    u32 error;

    set_mode(PAE, 0, 0);
    put_entry(modes[PAE].dir_pa, TABLE | 0x27);
    put_entry(modes[PAE].table_pa, 0x77007);
    phys_listen(&phys, &(struct phys_listener){PHYS_CODE, count_store, NULL, &calls});
    phys_set_code(&phys, TABLE, true);
    for (unsigned i = 0; i < 3; i++) {
        ck_assert(walk_page(&paging, &phys, LA, i > 0, true, &w, &error));
        ck_assert_uint_eq(calls, i ? 2 : 1);
    }
    /* Both bits of a large page's entry change in one store. */
    put_entry(modes[PAE].dir_pa, 0x87);
    phys_set_code(&phys, TABLE, false);
    phys_set_code(&phys, DIR, true);
    phys_unlisten(&phys, &calls);
    phys_listen(&phys, &(struct phys_listener){PHYS_CODE, count_any_store, NULL, &calls});
    calls = 0;
    ck_assert(walk_page(&paging, &phys, LA, true, true, &w, &error));
    ck_assert_uint_eq(calls, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("walk");
    TCase *tc = tcase_create("walk");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, test_rights, 0, MODES);
    tcase_add_loop_test(tc, test_reserved, 0, MODES);
    tcase_add_loop_test(tc, test_random, 0, MODES);
    tcase_add_test(tc, test_pdpte);
    tcase_add_test(tc, test_peek);
    tcase_add_test(tc, test_recursive);
    tcase_add_test(tc, test_odd_places);
    tcase_add_test(tc, test_code_in_table);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
