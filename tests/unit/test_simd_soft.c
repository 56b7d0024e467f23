/* MMX and SSE in integers beside the host's: every row of simd.def that computes, on random operands of all kinds, with
 * each rounding, DAZ and FZ. */
#include <check.h>
#include <string.h>

#include "cpu/simd/simd_unit.h"
#include "tests/unit/oracle_guest.h"

struct pair {
    const char *name;
    simd_fn *host, *soft;
    u8 dst, src;
    u16 traits;
};

/* The rows that the host computes; approximations are its own. */
#define PAIR_XX(...) {__VA_ARGS__},
#define PAIR_MM      PAIR_XX
#define PAIR_XM      PAIR_XX
#define PAIR_MX      PAIR_XX
#define PAIR_XR      PAIR_XX
#define PAIR_RX      PAIR_XX
#define PAIR_KX      PAIR_XX
#define PAIR_KM      PAIR_XX
#define PAIR_CO      PAIR_XX
#define PAIR_CC      PAIR_XX
#define PAIR_C(...)
#define PAIR_SP(...)

static const struct pair pairs[] = {
#define SIMD(prefix, opcode, where, name, dst, src, size, feature, traits, how, what)              \
    PAIR_##how(#name, SIMD_HOST(prefix, opcode, where), SIMD_SOFT(how, name), SIMD_##dst,          \
               SIMD_##src, (traits))
#include "cpu/simd/simd.def"
#undef SIMD
};

static u64 seed;

/* A float's bits: of all classes, and near another's. */
static u32 random_single(u32 near)
{
    u64 r = test_random(&seed);
    u32 x = (u32)r;

    switch (r >> 32 & 15) {
    case 0: return x & 0x807fffff;                /* denormal */
    case 1: return x & 0x80000000;                /* zero */
    case 2: return (x & 0x80000000) | 0x7f800000; /* infinite */
    case 3: return x | 0x7f800000;                /* no number, mostly */
    case 4: return (x & 0x807fffff) | (1 + (x >> 24 & 15)) << 23;
    case 5: return (x & 0x807fffff) | (240 + (x >> 24 & 14)) << 23;
    case 6: return (near & 0x7f800000) | (x & 0x807fffff); /* as large */
    case 7: return near ^ 0x80000000 ^ (x & 1);
    case 8:
        return (x & 0x80000000) | (120 + (x >> 24 & 63)) << 23 |
               (x & 0x7fffff & ~0u << (r >> 40 & 31));
    case 9: return x & 0xff;
    default: return (x & 0x807fffff) | (110 + (x >> 24 & 31)) << 23;
    }
}

static u64 random_double(u64 near)
{
    u64 r = test_random(&seed), x = test_random(&seed), rest = x & 0x800fffffffffffff;

    switch (r & 15) {
    case 0: return rest;
    case 1: return x & 1ull << 63;
    case 2: return (x & 1ull << 63) | 0x7ffull << 52;
    case 3: return x | 0x7ffull << 52;
    case 4: return rest | (1 + (r >> 8 & 63)) << 52;
    case 5: return rest | (2046 - (r >> 8 & 63)) << 52;
    case 6: return rest | (near & 0x7ffull << 52);
    case 7: return near ^ 1ull << 63 ^ (r >> 8 & 1);
    case 8:
        return (x & 1ull << 63) | (1020 + (r >> 8 & 63)) << 52 |
               (x & 0xfffffffffffff & ~0ull << (r >> 16 & 63));
    case 9: return rest | (1023 - 152 + (r >> 8 & 63)) << 52; /* near a single's least */
    case 10: return rest | (1023 + 120 + (r >> 8 & 15)) << 52;
    default: return rest | (1000 + (r >> 8 & 63)) << 52;
    }
}

static void random_operands(const struct pair *p, union vec *dst, union vec *src)
{
    u64 r = test_random(&seed);

    for (unsigned i = 0; i < 4; i++) {
        dst->d[i] = random_single(0);
        src->d[i] = random_single(dst->d[i]);
    }
    if (r & 1)
        for (unsigned i = 0; i < 2; i++) {
            dst->q[i] = random_double(0);
            src->q[i] = random_double(dst->q[i]);
        }
    if (r & 2 && !(p->traits & SIMD_FP))
        for (unsigned i = 0; i < 2; i++) {
            dst->q[i] = test_random(&seed);
            src->q[i] = r & 4 ? r >> 58 : test_random(&seed);
        }
    if (p->dst == SIMD_MM)
        dst->q[1] = 0;
    if (p->src == SIMD_MM || p->src == SIMD_IMM)
        src->q[1] = 0;
    if (p->src == SIMD_GPR)
        src->q[0] &= 0xffffffff, src->q[1] = 0;
}

static unsigned bytes_of(const struct pair *p)
{
    return p->traits & SIMD_FL || p->dst == SIMD_GPR ? 4 : p->dst == SIMD_MM ? 8 : 16;
}

START_TEST(rows)
{
    const struct pair *p = &pairs[_i];

    seed = 0x55e000 + (u64)_i;
    if (p->traits & SIMD_AP)
        return;
    for (unsigned i = 0; i < 3000 * test_scale(); i++) {
        u32 random = (u32)(test_random(&seed) >> 32);
        u32 mxcsr = MXCSR_MASKS | (random & (3u << 13 | MXCSR_DAZ | MXCSR_FZ | MXCSR_FLAGS)),
            out = mxcsr, host_out = mxcsr;
        union vec dst, src, host, soft;
        u32 imm = random >> 16 & 0xff;

        random_operands(p, &dst, &src);
        host = dst;
        if (p->traits & SIMD_FP)
            host_out = simd_host_fp(p->host, &host, &src, imm, mxcsr);
        else
            p->host(&host, &src, imm, NULL);
        soft = dst;

        p->soft(&soft, &src, imm, &out);
        expect(memcmp(&host, &soft, bytes_of(p)) == 0 && out == host_out,
               "%s, imm %02x, MXCSR %04x: %016llx%016llx, %016llx%016llx: %016llx%016llx, %04x; "
               "host %016llx%016llx, %04x",
               p->name, imm, mxcsr, (unsigned long long)dst.q[1], (unsigned long long)dst.q[0],
               (unsigned long long)src.q[1], (unsigned long long)src.q[0],
               (unsigned long long)soft.q[1], (unsigned long long)soft.q[0], out,
               (unsigned long long)host.q[1], (unsigned long long)host.q[0], host_out);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("SIMD in integers");
    TCase *tcase = tcase_create("beside the host");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tcase, rows, 0, (int)ARRAY_SIZE(pairs));
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
