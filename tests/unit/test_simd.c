/* MMX and SSE to SSE3 against the host CPU: every row of simd.def, register and memory forms, with random
 * and special operands on every engine; registers, MXCSR, EFLAGS, memory and faults must agree. */
#include "tests/unit/simd_rig.h"

static void dump(const char *name, const struct state *s)
{
    printf("%s: vector %d eax %08x flags %x mxcsr %x sw %x tag %x\n", name, s->vector, s->eax,
           s->flags, s->fx.mxcsr, s->fx.sw, s->fx.tag);
    for (unsigned i = 0; i < 8; i++)
        printf("  xmm%u %016llx%016llx  st%u %04x %016llx\n", i,
               (unsigned long long)s->fx.xmm[i].q[1], (unsigned long long)s->fx.xmm[i].q[0], i,
               s->fx.st[i].se, (unsigned long long)s->fx.st[i].frac);
    for (unsigned i = 0; i < MEM_BYTES; i += 16)
        printf("  mem %016llx%016llx\n", (unsigned long long)get64(s->mem + i + 8),
               (unsigned long long)get64(s->mem + i));
    fflush(stdout);
}

/* The field that differs, or NULL. */
static const char *difference(const struct state *host, const struct state *g)
{
    if (host->vector != g->vector)
        return "vector";
    if (host->fx.mxcsr != g->fx.mxcsr)
        return "MXCSR";
    if (memcmp(host->fx.xmm, g->fx.xmm, 8 * sizeof(union vec)))
        return "XMM registers";
    if (host->fx.cw != g->fx.cw || host->fx.sw != g->fx.sw || host->fx.tag != g->fx.tag)
        return "x87 control, status or tags";
    for (unsigned i = 0; i < 8; i++)
        if (host->fx.st[i].frac != g->fx.st[i].frac || host->fx.st[i].se != g->fx.st[i].se)
            return "x87 registers";
    if (host->eax != g->eax)
        return "EAX";
    if ((host->flags ^ g->flags) & FL_ARITH)
        return "EFLAGS";
    if (memcmp(host->mem, g->mem, MEM_BYTES))
        return "memory";
    return NULL;
}

/* One encoding of the row, with random registers. A general register is always EAX. */
static unsigned encode(u8 *code, enum simd_prefix prefix, u8 opcode, unsigned ext, bool mem)
{
    static const u8 prefixes[] = {0, 0x66, 0xf3, 0xf2};
    u8 probe = (u8)((mem ? 0 : 0xc0) | ext << 3);
    const struct simd_row *row = &simd_rows[simd_find(prefix, opcode, probe)];
    bool store = row->traits & SIMD_ST;
    bool reg_gpr = (store ? row->src : row->dst) == SIMD_GPR;
    bool rm_gpr = (store ? row->dst : row->src) == SIMD_GPR;
    bool group = (opcode >= 0x71 && opcode <= 0x73) || opcode == 0xae;
    unsigned reg = group ? ext : reg_gpr ? 0 : below(8), n = 0;

    if (prefix != SIMD_NP)
        code[n++] = prefixes[prefix];
    code[n++] = 0x0f;
    code[n++] = opcode;
    if (opcode == 0x77)
        return n;
    code[n++] = (u8)(mem ? reg << 3 | 7 : 0xc0 | reg << 3 | (rm_gpr ? 0 : below(8)));
    if ((opcode >= 0x70 && opcode <= 0x73) || opcode == 0xc2 || opcode == 0xc4 || opcode == 0xc5 ||
        opcode == 0xc6)
        code[n++] = (u8)(below(2) ? below(32) : below(256));
    return n;
}

/* AMD's way with CVTPI2PS from memory: it leaves the x87 alone; the manual says otherwise. */
static bool x87_differs(enum simd_prefix prefix, u8 opcode, bool mem)
{
    return prefix == SIMD_NP && opcode == 0x2a && mem;
}

static void compare(const struct simd_row *row, enum simd_prefix prefix, u8 opcode, unsigned ext,
                    bool mem, bool masked)
{
    struct state before, host, g;
    u8 code[8];
    unsigned len = encode(code, prefix, opcode, ext, mem);
    const char *what;

    random_state(&before, masked);
    if (!strcmp(row->name, "ldmxcsr"))
        put32(before.mem + (before.edi - MEM), below(8) ? below(0x10000) : random32());
    host = g = before;
    host_run(code, len, &host);
    guest_do(code, len, &g);
    if (x87_differs(prefix, opcode, mem)) {
        g.fx.tag = host.fx.tag;
        g.fx.sw = host.fx.sw;
        memcpy(g.fx.st, host.fx.st, sizeof(g.fx.st));
    }
    what = difference(&host, &g);
    if (!what)
        return;
    dump("before", &before);
    dump("host", &host);
    dump("guest", &g);
    ck_abort_msg("%s, code %02x %02x %02x %02x %02x: %s", row->name, code[0], code[1], code[2],
                 code[3], code[4], what);
}

/* All rows, by every prefix, opcode and ModRM group. unmasked: only those that MXCSR governs. */
static void all_rows(unsigned rounds, bool masked)
{
    unsigned tested = 0;

    for (unsigned i = 0; i < 4 * 256 * 8 * 2; i++) {
        enum simd_prefix prefix = (enum simd_prefix)(i >> 12);
        u8 opcode = (u8)(i >> 4);
        unsigned ext = i >> 1 & 7, row;
        bool mem = i & 1;

        row = simd_find(prefix, opcode, (u8)((mem ? 0 : 0xc0) | ext << 3));
        if (!row || (!masked && !(simd_rows[row].traits & SIMD_FP)))
            continue;
        if (ext && row == simd_find(prefix, opcode, (u8)((mem ? 0 : 0xc0) | (ext - 1) << 3)))
            continue; /* not a group */
        for (unsigned n = 0; n < rounds; n++)
            compare(&simd_rows[row], prefix, opcode, ext, mem, masked);
        tested++;
    }
    ck_assert_uint_gt(tested, masked ? 400 : 100);
}

START_TEST(masked)
{
    open_guest(_i);
    all_rows(150 * test_scale(), true);
    guest_close(guest);
}
END_TEST

START_TEST(unmasked)
{
    open_guest(_i);
    all_rows(300 * test_scale(), false);
    guest_close(guest);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("simd");
    TCase *tcase = tcase_create("host");
    int engines = (int)engine_count();

    tcase_set_timeout(tcase, 300);
    tcase_add_loop_test(tcase, masked, 0, engines);
    tcase_add_loop_test(tcase, unmasked, 0, engines);
    suite_add_tcase(suite, tcase);
    return simd_run_suite(suite);
}
