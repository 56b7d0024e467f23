/* Every x87 opcode against the host's x87: the same image is restored, the same instruction run and
 * the whole state saved again; images, memory and flags must agree bit for bit. */
#include <check.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>

#include "cpu/cpuid.h"
#include "cpu/x87/x87.h"
#include "tests/unit/flat_cpu.h"

#define OPERAND 0x8000u /* guest address of memory operands */

static struct flat_cpu flat;
static struct cpu *cpu;

/* The 32-bit protected-mode image of FNSAVE. (SDM vol. 1, figure 8-9) */
struct image {
    u16 cw, cw_high, sw, sw_high, tag, tag_high;
    u32 fip;
    u16 fcs, fop;
    u32 fdp;
    u16 fds, fds_high;
    u8 st[8][10];
};
_Static_assert(sizeof(struct image) == 108, "FNSAVE image");

static sigjmp_buf illegal;

static void on_sigill(int signal)
{
    (void)signal;
    siglongjmp(illegal, 1);
}

/* Runs D8+op modrm on the host, memory operands at mem. False: the host has no such instruction. */
static bool host_run(u8 op, u8 modrm, struct image *image, u8 *mem, u64 *flags, u16 *ax)
{
    typedef u64 host_code(void *mem, const void *in, void *out, u64 *flags_out, u64 flags_in);
    static u8 *page;
    u8 code[] = {0x41,
                 0x50,
                 0x9d, /* push r8; popf */
                 0xdd,
                 0x26,
                 0x31,
                 0xc0, /* frstor [rsi]; xor eax, eax */
                 0x41,
                 0x50,
                 0x9d, /* flags again, after the xor */
                 (u8)(0xd8 | op),
                 modrm, /* memory forms address [rdi] */
                 0x9c,
                 0x8f,
                 0x01,
                 0xdd,
                 0x32, /* pushf; pop [rcx]; fnsave [rdx] */
                 0xc3};
    struct image out;
    u64 flags_out = 0;
    volatile bool defined = false;

    if (page == NULL)
        page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                    0);
    expect(page != MAP_FAILED, "no executable memory");
    memcpy(page, code, sizeof(code));
    if (sigsetjmp(illegal, 0) == 0) {
        *ax = (u16)((host_code *)(void *)page)(mem, image, &out, &flags_out, *flags);
        defined = true;
    } else {
        __asm__ volatile("fninit");
    }
    if (defined) {
        *image = out;
        *flags = flags_out;
    }
    return defined;
}

static void guest_put(const struct image *image)
{
    struct x87 *x87 = &cpu->x87;
    unsigned top = image->sw >> 11 & 7;

    x87->cw = image->cw;
    x87->sw = image->sw;
    x87->tag = 0;
    for (unsigned i = 0; i < 8; i++) {
        unsigned phys = (top + i) & 7;

        x87->tag |= (u16)((image->tag >> 2 * i & 3) == 3 ? 3u << 2 * i : 0);
        x87->r[phys].frac = get64(image->st[i]);
        x87->r[phys].se = get16(image->st[i] + 8);
    }
}

static void guest_get(struct image *image)
{
    const struct x87 *x87 = &cpu->x87;
    unsigned top = x87->sw >> 11 & 7;

    image->cw = x87->cw;
    image->sw = x87->sw;
    image->tag = x87_full_tag(x87);
    for (unsigned i = 0; i < 8; i++) {
        put64(image->st[i], x87->r[(top + i) & 7].frac);
        put16(image->st[i] + 8, x87->r[(top + i) & 7].se);
    }
}

static u64 seed = 0x9e3779b97f4a7c15ull;

static u32 below(u32 n)
{
    return (u32)(test_random(&seed) >> 32) % n;
}

static void random_f80(u8 *p)
{
    static const struct {
        u64 frac;
        u16 se;
    } special[] = {
        {0, 0},                       /* zero */
        {0x8000000000000000, 0x3fff}, /* 1 */
        {0x8000000000000000, 0x4000}, /* 2 */
        {0xc90fdaa22168c235, 0x4000}, /* pi */
        {0xc90fdaa22168c235, 0x3fff}, /* pi / 2 */
        {0x8000000000000000, 0x7fff}, /* infinity */
        {0xc000000000000000, 0x7fff}, /* QNaN */
        {0xc000000000000123, 0x7fff}, /* another */
        {0xa000000000000000, 0x7fff}, /* SNaN */
        {0x8000000000000001, 0x7fff}, /* another */
        {1, 0},                       /* the least denormal */
        {0x7fffffffffffffff, 0},      /* the greatest */
        {0x8000000000000000, 0},      /* pseudo-denormal */
        {0x8000000000000000, 1},      /* the least normal */
        {0xffffffffffffffff, 0x7ffe}, /* the greatest */
        {0x4000000000000000, 0x3fff}, /* unnormal */
        {0, 0x7fff},                  /* pseudo-infinity */
        {0x4000000000000000, 0x7fff}, /* pseudo-NaN */
        {0x8000000000000000, 0x403e}, /* 2^63 */
        {0xffffffffffffffff, 0x403d}, /* just below it */
        {0xffff800000000000, 0x400d}, /* 32767.75 */
        {0xffffff0000000001, 0x407e}, /* around the float range's end */
        {0x8000000000000000, 0x3f81}, /* the least normal float */
        {0xffffffffffffffff, 0x43fe}, /* beyond the double range */
        {0xde0b6b3a763ffff0, 0x403a}, /* 10^18 - 1 */
    };
    u64 frac = test_random(&seed) | 1ull << 63;
    u16 se = (u16)(test_random(&seed) >> 48), sign = se & 0x8000;

    switch (below(6)) {
    case 0:
    case 1: {
        unsigned i = below(ARRAY_SIZE(special));

        frac = special[i].frac;
        se = special[i].se | sign;
        break;
    }
    case 2: se = (u16)(0x3fff - 8 + below(16)) | sign; break;
    case 3: /* small integers and halves */
        frac = (u64)(below(64) + 64) << 57;
        se = (u16)(0x3ffe + below(8)) | sign;
        break;
    case 4: se = (u16)(0x3fff - 80 + below(160)) | sign; break;
    default: break; /* any exponent */
    }
    put64(p, frac);
    put16(p + 8, se);
}

static void random_memory(u8 *mem)
{
    static const u64 words[] = {0,
                                0x7f800000,
                                0x7f800001,
                                0x7fc00000,
                                1,
                                0x80000000,
                                0x3f800000,
                                0x7ff0000000000000,
                                0x7ff0000000000001,
                                0x7ff8000000000000,
                                0x8000000000000000,
                                0x3ff0000000000000,
                                0x000fffffffffffff};

    for (unsigned i = 0; i < 128; i += 8)
        put64(mem + i, test_random(&seed));
    switch (below(4)) {
    case 0: put64(mem, words[below(ARRAY_SIZE(words))]); break;
    case 1: random_f80(mem); break;
    case 2: /* nine BCD bytes and a sign */
        for (unsigned i = 0; i < 9; i++)
            mem[i] = (u8)(below(10) << 4 | below(10));
        mem[9] = below(2) ? 0x80 : 0;
        break;
    default: break;
    }
}

/* A state: mostly full registers, no pending unmasked exception. */
static void random_image(struct image *image, bool masked)
{
    unsigned top;

    memset(image, 0, sizeof(*image));
    image->cw =
        (u16)(below(4) << 10 | (below(4) ? 3 : below(4)) << 8 | 0x40 | (masked ? 0x3f : below(64)));
    if ((image->cw & 0x300) == 0x100) /* reserved precision */
        image->cw |= 0x200;
    image->sw = (u16)((below(8) << 11) | (test_random(&seed) & 0x477f));
    image->sw &= (u16) ~(~image->cw & 0x3f);
    for (unsigned i = 0; i < 8; i++) {
        random_f80(image->st[i]);
        if (below(5) == 0)
            image->tag |= (u16)(3u << 2 * i);
    }
    top = image->sw >> 11 & 7;
    if (below(2)) /* room for pushes */
        image->tag |= (u16)(3u << 2 * ((top + 7) & 7));
    if (below(4)) /* and the common operands present */
        image->tag &= (u16) ~(3u << 2 * top | 3u << 2 * ((top + 1) & 7));
}

/* FIP, FDP and FOP differ by nature; all else must agree, but for `ignore` in the status word. */
static const char *difference(const struct image *host, const struct image *guest, u16 ignore)
{
    if (host->cw != guest->cw)
        return "control word";
    if ((host->sw ^ guest->sw) & ~ignore)
        return "status word";
    if (host->tag != guest->tag)
        return "tag word";
    if (memcmp(host->st, guest->st, sizeof(host->st)))
        return "registers";
    return NULL;
}

static void dump(const char *name, const struct image *image)
{
    printf("%s cw %04x sw %04x tag %04x\n", name, image->cw, image->sw, image->tag);
    for (unsigned i = 0; i < 8; i++)
        printf("  st%u %04x %016llx\n", i, get16(image->st[i] + 8),
               (unsigned long long)get64(image->st[i]));
}

/* Instructions that store or load an environment: its pointers are not the host's. See
 * test_x87_env.c. */
static bool is_env(u8 op, u8 modrm)
{
    unsigned reg = modrm >> 3 & 7;

    return modrm < 0xc0 &&
           ((op == 1 && (reg == 4 || reg == 6)) || (op == 5 && (reg == 4 || reg == 6)));
}

/* Whether the host may leave C1 as it was, where the guest follows the manual: AMD processors do so in FLD ST(i), FCOMI
 * and FCMOV. */
static bool c1_differs(u8 op, u8 modrm)
{
    unsigned reg = modrm >> 3 & 7;

    if (modrm < 0xc0)
        return false;
    if (op == 1)
        return reg == 0;
    return ((op == 2 || op == 3) && reg < 4) || ((op == 3 || op == 7) && reg > 4);
}

/* False: there is no such instruction, and the guest raised #UD. */
static bool one_case(u8 op, u8 modrm, bool masked)
{
    struct image before, host, guest;
    u8 mem[128], host_mem[128], guest_mem[128];
    u64 flags_in = 0x202 | (test_random(&seed) & FL_ARITH), host_flags = flags_in;
    u16 host_ax = 0;
    u32 is_mem = modrm < 0xc0;
    bool defined;
    const char *what;

    random_image(&before, masked);
    random_memory(mem);
    memcpy(host_mem, mem, sizeof(mem));
    host = before;
    defined = host_run(op, modrm, &host, host_mem, &host_flags, &host_ax);

    guest_put(&before);
    flags_set(cpu, (u32)flags_in);
    cpu->r[R_EAX] = 0;
    phys_write(&flat.phys, OPERAND, mem, sizeof(mem));
    flat_call(cpu, help_x87, is_mem ? OPERAND : 0, 0x1234,
              (u32)op << 8 | modrm | (u32)SREG_DS << 12 | is_mem << 17);
    expect((cpu->fault.vector == EXCP_UD) == !defined, "d%x %02x: host has it: %d, guest raised %d",
           8 | op, modrm, defined, cpu->fault.vector);
    if (cpu->fault.vector == EXCP_UD)
        return false;
    expect_eq(cpu->fault.vector, -1);
    guest_get(&guest);
    phys_read(&flat.phys, OPERAND, guest_mem, sizeof(mem));
    what = difference(&host, &guest, c1_differs(op, modrm) ? 0x0200 : 0);
    if (what == NULL && memcmp(host_mem, guest_mem, sizeof(mem)))
        what = "memory";
    if (what == NULL && (flags_get(cpu) & FL_ARITH) != (host_flags & FL_ARITH))
        what = "EFLAGS";
    if (what == NULL && (cpu->r[R_EAX] & 0xffff) != host_ax)
        what = "AX";
    if (what == NULL)
        return true;
    dump("before", &before);
    dump("host", &host);
    dump("guest", &guest);
    printf("mem %016llx, host %016llx, guest %016llx; flags %llx host %llx guest %x\n",
           (unsigned long long)get64(mem), (unsigned long long)get64(host_mem),
           (unsigned long long)get64(guest_mem), (unsigned long long)flags_in,
           (unsigned long long)host_flags, flags_get(cpu));
    fflush(stdout);
    ck_abort_msg("d%x %02x: %s", 8 | op, modrm, what);
}

/* _i: the opcode's low bits; memory forms with ModRM naming [rdi], then all register forms. */
static void all_forms(u8 op, bool masked, unsigned rounds)
{
    for (unsigned modrm = 7; modrm < 0x100; modrm += modrm < 0x3f ? 8 : modrm == 0x3f ? 0x81 : 1) {
        if (is_env(op, (u8)modrm))
            continue;
        for (unsigned i = 0; i < rounds && one_case(op, (u8)modrm, masked); i++)
            continue;
    }
}

START_TEST(host_masked)
{
    all_forms((u8)_i, true, 2000);
}
END_TEST

START_TEST(host_unmasked)
{
    all_forms((u8)_i, false, 2000);
}
END_TEST

static void setup(void)
{
    struct sigaction action = {.sa_handler = on_sigill, .sa_flags = SA_NODEFER};

    sigaction(SIGILL, &action, NULL);
    cpu = flat_cpu_open(&flat, NULL);
    cpu->model = cpu_model_find("coreduo");
    cpu->host_math = true;
}

static void teardown(void)
{
    flat_cpu_close(&flat);
}

int main(void)
{
    Suite *suite = suite_create("x87");
    TCase *tcase = tcase_create("x87");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, host_masked, 0, 8);
    tcase_add_loop_test(tcase, host_unmasked, 0, 8);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
