/* Tests of how a wait by reading the time is told from work, and for how long the guest is left alone in it. */
#include "devices/board/pc_spin.h"

#include "mmu/host/stats.h"

#include "tests/unit/dev_bench.h"

#define US 1000u

/* A slice after another of one guest: its length, and what was done in it. */
static const struct {
    u32 us, insns, reads, io, mmio;
    u32 sleep_us; /* an eighth of the wait so far, and nothing below 60 us */
} slices[] = {
    {1000, 200000, 100, 0, 0, 0},    /* work that looks at the time now and then */
    {800, 200000, 10000, 0, 0, 100}, /* one read in 20 instructions */
    {8, 2000, 100, 0, 0, 101},
    {792, 2000, 100, 0, 0, 200},
    {8, 2000, 100, 1, 0, 0}, /* a device is used: another wait */
    {400, 2000, 100, 0, 0, 0},
    {72, 2000, 100, 0, 0, 60},
    {1000, 64064, 1000, 0, 0, 0}, /* 64 instructions a read, and one more: work */
    {1000, 64000, 1000, 0, 0, 125},
    {1000, 64000, 1000, 3, 2, 0}, /* a port or register is looked at, too */
    {1000, 64000, 1000, 0, 4, 125},
    {1000, 64000, 0, 0, 0, 0},
};

START_TEST(test_slices)
{
    struct pc_spin spin = {0};
    struct stats stats = {0};
    u64 now = 5000 * US;

    for (unsigned i = 0; i < ARRAY_SIZE(slices); i++) {
        u64 began = now, ns;

        pc_spin_begin(&spin, &stats);
        spin.reads += slices[i].reads;
        stats.io += slices[i].io;
        stats.mmio += slices[i].mmio;
        now += slices[i].us * US;
        ns = pc_spin_end(&spin, &stats, began, now, slices[i].insns);
        ck_assert_msg(ns == slices[i].sleep_us * US, "slice %u: %llu ns", i,
                      (unsigned long long)ns);
    }
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("pc_spin");

    tcase_add_test(tc, test_slices);
    return bench_main(tc, "pc_spin");
}
