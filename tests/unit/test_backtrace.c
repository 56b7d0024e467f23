/* Backtraces: chains of frames in memory, and what a guest may put there instead. */
#include "tests/unit/cpurig.h"

static struct rig *rig;

static void setup(void)
{
    rig = rig_new("pentium3", NULL);
    rig_protected(rig, 0);
}

static void teardown(void)
{
    rig_free(rig);
}

/* A frame at la: the caller's EBP, and where it goes on. */
static void frame(u32 la, u32 caller, u32 ret)
{
    rig_put32(rig, la, caller);
    rig_put32(rig, la + 4, ret);
}

/* The backtrace is EIP 4000 and these. */
static void expect(unsigned count, const u32 *ret)
{
    u32 eip[CPU_BACKTRACE];

    ck_assert_uint_eq(cpu_backtrace(rig->cpu, eip, ARRAY_SIZE(eip)), count + 1);
    ck_assert_uint_eq(eip[0], 0x4000);
    for (unsigned i = 0; i < count; i++)
        ck_assert_uint_eq(eip[i + 1], ret[i]);
}

#define EXPECT(...)                                                                                \
    do {                                                                                           \
        const u32 ret[] = {__VA_ARGS__};                                                           \
        expect(ARRAY_SIZE(ret), ret);                                                              \
    } while (0)
#define EXPECT_NONE expect(0, NULL)

START_TEST(test_chain)
{
    rig->cpu->r[R_EBP] = 0x7000;
    frame(0x7000, 0x7101, 0x4100);
    frame(0x7101, 0x8ffe, 0x4200); /* misaligned, and over a page's end */
    frame(0x8ffe, 0, 0x4300);
    EXPECT(0x4100, 0x4200, 0x4300);
    frame(0x8ffe, 0x9010, 0x4300); /* the outermost has return address 0 */
    frame(0x9010, 0x9100, 0);
    EXPECT(0x4100, 0x4200, 0x4300);
}
END_TEST

START_TEST(test_segments)
{
    struct cpu *cpu = rig->cpu;

    seg_set(cpu, SREG_CS, SEL_CODE0, 0x1000, 0x7fff, CODE_ATTR(0) | SEG_DB);
    seg_set(cpu, SREG_SS, SEL_DATA0, 0x100, 0xffffffff, DATA_ATTR(0) | FLAT);
    cpu->r[R_EBP] = 0x7000;
    frame(0x7100, 0x7200, 0x7fff); /* bytes from 8fff on */
    frame(0x7300, 0x7400, 0x8000); /* past CS's limit */
    EXPECT(0x7fff);
}
END_TEST

START_TEST(test_no_chain)
{
    struct cpu *cpu = rig->cpu;
    static const u32 bad[] = {0,       0x12345678, RIG_RAM - 7, RIG_RAM - 3,
                              RIG_RAM, 0xfffffffc, 0xffffffff};

    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
        cpu->r[R_EBP] = bad[i];
        EXPECT_NONE;
    }
    cpu->r[R_EBP] = 0x7000;
    frame(0x7000, 0x7100, 0x20000); /* nothing is there */
    EXPECT_NONE;
    frame(0x7000, 0x7000, 0x4100); /* itself */
    EXPECT(0x4100);
    frame(0x7000, 0x7100, 0x4100);
    frame(0x7100, 0x7000, 0x4200); /* and down again */
    EXPECT(0x4100, 0x4200);
}
END_TEST

/* However long a chain is, the backtrace is not. */
START_TEST(test_bounds)
{
    u32 eip[CPU_BACKTRACE];

    rig->cpu->r[R_EBP] = 0x7000;
    for (u32 la = 0x7000; la < 0x8000; la += 8)
        frame(la, la + 8, 0x4000 + la);
    ck_assert_uint_eq(cpu_backtrace(rig->cpu, eip, ARRAY_SIZE(eip)), CPU_BACKTRACE);
    ck_assert_uint_eq(eip[CPU_BACKTRACE - 1], 0x4000 + 0x7000 + 8 * (CPU_BACKTRACE - 2));
    ck_assert_uint_eq(cpu_backtrace(rig->cpu, eip, 2), 2);
    ck_assert_uint_eq(cpu_backtrace(rig->cpu, eip, 0), 0);
}
END_TEST

START_TEST(test_16_bits)
{
    struct cpu *cpu = rig->cpu;

    cpu->r[R_EBP] = 0x7000;
    frame(0x7000, 0x7100, 0x4100);
    seg_set(cpu, SREG_CS, SEL_CODE16, 0, 0xffff, CODE_ATTR(0));
    EXPECT_NONE;
    cpu_reset(cpu);
    cpu->eip = 0x4000;
    cpu->r[R_EBP] = 0x7000;
    EXPECT_NONE;
}
END_TEST

/* A device is not asked, and neither A bits nor CR2 change. */
static u32 device_read(void *opaque, u32 offset, unsigned size)
{
    (void)opaque, (void)offset, (void)size;
    ck_abort_msg("a device was read");
}

static void device_write(void *opaque, u32 offset, u32 value, unsigned size)
{
    (void)opaque, (void)offset, (void)value, (void)size;
    ck_abort_msg("a device was written");
}

START_TEST(test_no_effects)
{
    static const struct phys_mmio_ops ops = {device_read, device_write};
    struct cpu *cpu = rig->cpu;

    ck_assert_int_eq(phys_add_mmio(&rig->phys, 0x100000, 0x1000, &ops, NULL), 0);
    cpu->r[R_EBP] = 0x100000;
    EXPECT_NONE;
    cpu->r[R_EBP] = 0x7000;
    frame(0x7000, 0x7100, 0x100010);
    EXPECT_NONE;

    rig_put32(rig, 0xb000,
              0xc000 | 1); /* a directory and a table that maps 0 to 6fff and 8000 to ffff */
    for (u32 page = 0; page < 16; page++)
        rig_put32(rig, 0xc000 + page * 4, page == 7 ? 0 : page << 12 | 1);
    ck_assert(mmu_set_paging(&cpu->mmu, cpu->cr0 | CR0_PG, 0xb000, 0, true));
    frame(0x7000, 0x7100, 0x4100);
    EXPECT_NONE;
    cpu->r[R_EBP] = 0x6000;
    frame(0x6000, 0x7000, 0x4100);
    EXPECT(0x4100);
    ck_assert_uint_eq(rig_get32(rig, 0xc000 + 6 * 4), 0x6001);
    ck_assert_uint_eq(cpu->cr2, 0);
}
END_TEST

START_TEST(test_text)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    ck_assert_ptr_nonnull(out);
    rig->cpu->r[R_EBP] = 0x7000;
    for (u32 i = 0; i < 8; i++)
        frame(0x7000 + i * 8, i == 7 ? 0 : 0x7008 + i * 8, 0x4100 + i);
    cpu_dump_backtrace(rig->cpu, out);
    fclose(out);
    ck_assert_str_eq(text,
                     "backtrace: 00004000 00004100 00004101 00004102 00004103 00004104 00004105 "
                     "00004106\n           00004107\n");
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("backtrace");
    TCase *tc = tcase_create("backtrace");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_chain);
    tcase_add_test(tc, test_segments);
    tcase_add_test(tc, test_no_chain);
    tcase_add_test(tc, test_bounds);
    tcase_add_test(tc, test_16_bits);
    tcase_add_test(tc, test_no_effects);
    tcase_add_test(tc, test_text);
    suite_add_tcase(suite, tc);
    return rig_run(suite);
}
