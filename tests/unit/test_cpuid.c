/* Tests of the CPU models: CPUID, MSRs, time stamp, reset state, dump and digest. */
#include "cpurig.h"

static u64 ticks;

static u64 read_tsc(void *opaque)
{
    (void)opaque;
    return ticks;
}

static const struct cpu_hooks hooks = {.read_tsc = read_tsc};

/* Every leaf 1 EDX bit is named: nothing that is missing may be reported. */
START_TEST(features)
{
    enum {
        FPU = 1,
        PSE = 8,
        TSC = 0x10,
        MSR = 0x20,
        PAE = 0x40,
        MCE = 0x80,
        CX8 = 0x100,
        SEP = 0x800,
        MTRR = 0x1000,
        PGE = 0x2000,
        APIC = 0x200,
        MCA = 0x4000,
        CMOV = 0x8000,
        PAT = 0x10000,
        PSE36 = 0x20000,
        CLFSH = 0x80000,
        MMX = 0x800000,
        VME = 2,
        DE = 4,
        FXSR = 0x1000000,
        SSE = 0x2000000,
        SSE2 = 0x4000000
    };
    static const u32 p5 = FPU | VME | DE | PSE | TSC | MSR | MCE | CX8 | APIC;
    static const u32 p6 = p5 | PAE | SEP | MTRR | PGE | MCA | CMOV | PAT | PSE36 | MMX | FXSR;
    static const struct {
        const char *name;
        u32 max, signature, edx, ebx, ecx, max_extended;
    } rows[] = {
        {"486", 1, 0x480, FPU, 0, 0, 0},
        {"pentium", 1, 0x52c, p5, 0, 0, 0},
        {"pentium-mmx", 1, 0x543, p5 | MMX, 0, 0, 0},
        {"pentium2", 2, 0x652, p6, 0, 0, 0},
        {"pentium3", 2, 0x686, p6 | SSE, 0, 0, 0},
        {"pentium4", 2, 0xf24, p6 | SSE | SSE2 | CLFSH, 0x800, 0, 0x80000004u},
        {"coreduo", 10, 0x6e8, p6 | SSE | SSE2 | CLFSH, 0x800, 9, 0x80000008u},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        struct rig *rig = rig_new(rows[i].name, &hooks);
        u32 *r = rig->cpu->r;

        ck_assert_uint_eq(r[R_EDX], rows[i].signature); /* as RESET leaves it */
        r[R_EAX] = 0;
        cpu_cpuid(rig->cpu);
        ck_assert_uint_eq(r[R_EAX], rows[i].max);
        ck_assert_int_eq(memcmp(&r[R_EBX], "Genu", 4) | memcmp(&r[R_EDX], "ineI", 4) |
                             memcmp(&r[R_ECX], "ntel", 4),
                         0);
        r[R_EAX] = 1;
        cpu_cpuid(rig->cpu);
        ck_assert_uint_eq(r[R_EAX], rows[i].signature);
        ck_assert_msg(r[R_EDX] == rows[i].edx, "%s: %x", rows[i].name, r[R_EDX]);
        ck_assert_uint_eq(r[R_EBX], rows[i].ebx);
        ck_assert_uint_eq(r[R_ECX], rows[i].ecx);
        r[R_EAX] = 0x80000000u;
        cpu_cpuid(rig->cpu);
        ck_assert_uint_eq(r[R_EAX] >> 16 == 0x8000 ? r[R_EAX] : 0, rows[i].max_extended);
        rig_free(rig);
    }
    ck_assert_ptr_null(cpu_model_find("i860"));
    ck_assert_ptr_nonnull(cpu_model_find(CPU_MODEL_DEFAULT));
}
END_TEST

/* Extended leaves: the brand string, NX, widths of addresses. NX brings its leaf where there is none. */
START_TEST(extended_leaves)
{
    struct rig *rig = rig_new("coreduo", &hooks);
    u32 *r = rig->cpu->r;
    struct cpu_model model;
    char brand[49] = "", err[64];

    for (u32 i = 0; i < 3; i++) {
        r[R_EAX] = 0x80000002u + i;
        cpu_cpuid(rig->cpu);
        put32((u8 *)brand + 16 * i, r[R_EAX]);
        put32((u8 *)brand + 16 * i + 4, r[R_EBX]);
        put32((u8 *)brand + 16 * i + 8, r[R_ECX]);
        put32((u8 *)brand + 16 * i + 12, r[R_EDX]);
    }
    ck_assert_str_eq(brand, "Intel Core Duo (Yonah)");
    r[R_EAX] = 0x80000001u;
    cpu_cpuid(rig->cpu);
    ck_assert_uint_eq(r[R_EDX], 1u << 20);
    r[R_EAX] = 0x80000008u;
    cpu_cpuid(rig->cpu);
    ck_assert_uint_eq(r[R_EAX], 36);
    for (unsigned has = 0; has < 2; has++) {
        ck_assert_int_eq(
            cpu_model_parse(has ? "pentium3,+nx" : "coreduo,-nx", &model, err, sizeof(err)), 0);
        rig->cpu->model = &model;
        r[R_EAX] = 0x80000001u;
        cpu_cpuid(rig->cpu);
        ck_assert_uint_eq(r[R_EDX], has << 20);
    }
    /* Caches by leaf 4, until one of type 0. */
    rig->cpu->model = cpu_model_find("coreduo");
    for (u32 i = 0; i < 4; i++) {
        static const u32 kib[] = {32, 32, 2048, 0};

        r[R_EAX] = 4;
        r[R_ECX] = i;
        cpu_cpuid(rig->cpu);
        ck_assert_uint_eq((r[R_EAX] & 31) != 0, kib[i] != 0);
        if (kib[i])
            ck_assert_uint_eq(((r[R_EBX] >> 22) + 1) * ((r[R_EBX] & 0xfff) + 1) * (r[R_ECX] + 1),
                              kib[i] * 1024);
    }
    rig_free(rig);
}
END_TEST

/* -cpu's features: what they need comes and goes with them, and CR4 bits with both. */
START_TEST(model_parse)
{
    enum {
        ALL3 = 1 << FEAT_MMX | 1 << FEAT_FXSR | 1 << FEAT_SSE,
        FX = CR4_OSFXSR,
        XM = CR4_OSXMMEXCPT
    };
    static const struct {
        const char *spec;
        u32 simd, cr4; /* of FEAT_MMX to FEAT_SSE2, and of FX and XM */
    } good[] = {
        {"pentium", 0, 0},
        {"pentium,+mmx", 1 << FEAT_MMX, 0},
        {"pentium,+sse2", ALL3 | 1 << FEAT_SSE2, FX | XM},
        {"pentium3", ALL3, FX | XM},
        {"pentium3,+sse2", ALL3 | 1 << FEAT_SSE2, FX | XM},
        {"pentium4,-sse2", ALL3, FX | XM},
        {"pentium4,-sse", 1 << FEAT_MMX | 1 << FEAT_FXSR, FX},
        {"pentium4,-fxsr", 1 << FEAT_MMX, 0},
        {"pentium4,-mmx,+sse", ALL3, FX | XM},
        {"pentium3,+sse2,-mmx", 1 << FEAT_FXSR, FX},
        {"pentium3-v1,sse2=on", ALL3 | 1 << FEAT_SSE2, FX | XM},
        {"pentium4,sse=off,check,enforce=on,hv_relaxed,hv-time=off", 1 << FEAT_MMX | 1 << FEAT_FXSR,
         FX},
        {"qemu32,-apic,x2apic=off", ALL3 | 1 << FEAT_SSE2, FX | XM},
    };
    static const struct {
        const char *spec, *note;
    } notes[] = {
        {"pentium3", ""},
        {"pentium3,-avx2", ""},
        {"base", "base: 486 stands in for it"},
        {"max,+avx,-vmx,ssse3=on",
         "max: coreduo stands in for it; no CPU here has avx; no CPU here has ssse3"},
    };
    static const struct {
        const char *spec, *err;
    } bad[] = {
        {"", ": no such CPU here; there are: 486, "},
        {"pentium33,+sse", "pentium33: no such CPU here; there are: "},
        {"pentium3,sse2", "sse2: +FEATURE or -FEATURE is one of: tsc "},
        {"pentium3,+sse9", "+sse9: "},
        {"pentium3,", ": +FEATURE"},
        {"pentium3,+", "+: "},
        {"pentium3,=on", "=on: "},
        {"pentium3,sse2=yes", "sse2=yes: "},
        {"pentium3,+sse2=on", "+sse2=on: "},
        {"max-v", "max-v: no such CPU"},
        {"qemu32,+bogus", "+bogus: +FEATURE"},
        {"pentium3,+sse2,,-mmx", ": +FEATURE"},
    };
    u32 simd = ALL3 | 1 << FEAT_SSE2;
    struct cpu_model model;
    char err[256];

    for (unsigned i = 0; i < ARRAY_SIZE(good); i++) {
        ck_assert_int_eq(cpu_model_parse(good[i].spec, &model, err, sizeof(err)), 0);
        ck_assert_msg((model.features & simd) == good[i].simd, "%s", good[i].spec);
        ck_assert_msg((model.cr4_mask & (FX | XM)) == good[i].cr4, "%s", good[i].spec);
        ck_assert_str_eq(model.name, cpu_model_find(model.name)->name);
    }
    for (unsigned i = 0; i < ARRAY_SIZE(notes); i++) {
        ck_assert_int_eq(cpu_model_parse(notes[i].spec, &model, err, sizeof(err)), 0);
        ck_assert_str_eq(err, notes[i].note);
    }
    for (const struct cpu_alias *a = cpu_aliases(); a->name; a++) {
        ck_assert_int_eq(cpu_model_parse(a->name, &model, err, sizeof(err)), 0);
        ck_assert_str_eq(model.name, a->model);
    }
    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
        ck_assert_int_lt(cpu_model_parse(bad[i].spec, &model, err, sizeof(err)), 0);
        ck_assert_msg(strstr(err, bad[i].err) == err, "%s: %s", bad[i].spec, err);
        ck_assert_int_lt(cpu_model_parse(bad[i].spec, &model, err, 8), 0);
        ck_assert_uint_lt(strlen(err), 8);
    }
}
END_TEST

START_TEST(msrs)
{
    static const struct {
        const char *model;
        u32 number;
        u32 want_read, want_write;
        bool keeps;
    } rows[] = {
        {"pentium3", 0x174, 0, 0, true},
        {"pentium3", 0x175, 0, 0, true},
        {"pentium3", 0x176, 0, 0, true},
        {"pentium3", 0x2a, 0, 0, true},
        {"pentium3", 0x8b, 0, 0, true},
        {"pentium3", 0xc1, 0, 0, true},
        {"pentium3", 0x187, 0, 0, true},
        {"pentium3", 0x17, 0, FAULT(EXCP_GP, 0), false},
        {"pentium3", 0x1b, 0, FAULT(EXCP_GP, 0), false}, /* reserved bits */
        {"pentium", 0x1b, FAULT(EXCP_GP, 0), FAULT(EXCP_GP, 0), false},
        {"pentium3", 0x1a0, FAULT(EXCP_GP, 0), FAULT(EXCP_GP, 0), false},
        {"pentium3", 0xfe, 0, FAULT(EXCP_GP, 0), false},
        {"pentium3", 0xff, FAULT(EXCP_GP, 0), FAULT(EXCP_GP, 0), false},
        {"pentium3", 0x200, 0, FAULT(EXCP_GP, 0), false}, /* reserved bits */
        {"pentium3", 0x250, 0, FAULT(EXCP_GP, 0), false}, /* no memory type */
        {"pentium3", 0x277, 0, FAULT(EXCP_GP, 0), false},
        {"pentium2", 0x277, 0, FAULT(EXCP_GP, 0), false},
        {"pentium-mmx", 0x277, FAULT(EXCP_GP, 0), FAULT(EXCP_GP, 0), false},
        {"pentium3", 0x179, 0, FAULT(EXCP_GP, 0), false},
        {"pentium3", 0x400, 0, 0, true},
        {"pentium3", 0x411, 0, FAULT(EXCP_GP, 0), false},
        {"pentium3", 0x414, FAULT(EXCP_GP, 0), FAULT(EXCP_GP, 0), false},
        {"pentium3", 0xc0000080u, FAULT(EXCP_GP, 0), FAULT(EXCP_GP, 0), false},
        {"pentium4", 0x1a0, 0, 0, false},
        {"pentium4", 0xc0000080u, FAULT(EXCP_GP, 0), FAULT(EXCP_GP, 0), false},
        {"coreduo", 0xc0000080u, 0, FAULT(EXCP_GP, 0), false},
        {"pentium", 0x174, FAULT(EXCP_GP, 0), FAULT(EXCP_GP, 0), false},
        {"pentium", 0x0, 0, 0, false},
        {"486", 0x10, FAULT(EXCP_GP, 0), FAULT(EXCP_GP, 0), false},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        struct rig *rig = rig_new(rows[i].model, &hooks);
        u32 *r = rig->cpu->r;

        rig_protected(rig, 0);
        r[R_ECX] = rows[i].number;
        r[R_EAX] = 0x1234;
        r[R_EDX] = 0;
        ck_assert_msg(rig_fault(rig, help_wrmsr, 0, 0, 0) == rows[i].want_write, "row %u", i);
        r[R_EAX] = 0;
        ck_assert_msg(rig_fault(rig, help_rdmsr, 0, 0, 0) == rows[i].want_read, "row %u", i);
        if (!rows[i].want_read)
            ck_assert_msg((r[R_EAX] == 0x1234) == rows[i].keeps, "row %u", i);
        rig_protected(rig, 3);
        ck_assert_uint_eq(rig_fault(rig, help_rdmsr, 0, 0, 0), FAULT(EXCP_GP, 0));
        rig_free(rig);
    }
}
END_TEST

START_TEST(time_stamp)
{
    struct rig *rig = rig_new("pentium3", &hooks);
    u32 *r = rig->cpu->r;

    rig_protected(rig, 3);
    ticks = 0x123456789abull;
    ck_assert_uint_eq(rig_fault(rig, help_rdtsc, 0, 0, 0), 0);
    ck_assert_uint_eq(r[R_EAX], 0x456789ab);
    ck_assert_uint_eq(r[R_EDX], 0x123);
    ck_assert_uint_eq(rig_fault(rig, help_rdpmc, 0, 0, 0), FAULT(EXCP_GP, 0));
    rig->cpu->cr4 = CR4_TSD | CR4_PCE;
    ck_assert_uint_eq(rig_fault(rig, help_rdtsc, 0, 0, 0), FAULT(EXCP_GP, 0));
    r[R_ECX] = 1;
    ck_assert_uint_eq(rig_fault(rig, help_rdpmc, 0, 0, 0), 0);
    r[R_ECX] = 2;
    ck_assert_uint_eq(rig_fault(rig, help_rdpmc, 0, 0, 0), FAULT(EXCP_GP, 0));
    rig_protected(rig, 0);
    r[R_ECX] = 0x10;
    r[R_EAX] = 1000;
    r[R_EDX] = 2;
    ck_assert_uint_eq(rig_fault(rig, help_wrmsr, 0, 0, 0), 0);
    ticks += 5;
    ck_assert_uint_eq(rig_fault(rig, help_rdtsc, 0, 0, 0), 0);
    ck_assert_uint_eq(r[R_EAX], 1005);
    ck_assert_uint_eq(r[R_EDX], 2);
    rig_free(rig);
}
END_TEST

START_TEST(reset_state)
{
    struct rig *rig = rig_new("pentium3", &hooks);
    struct cpu *cpu = rig->cpu;
    u64 digest = cpu_digest(cpu);

    ck_assert_uint_eq(cpu->eip, 0xfff0);
    ck_assert_uint_eq(cpu->seg[SREG_CS].sel, 0xf000);
    ck_assert_uint_eq(cpu->r[R_BASE + SREG_CS], 0xffff0000);
    ck_assert_uint_eq(flags_get(cpu), FL_ONE);
    ck_assert_uint_eq(cpu->cr0, 0x60000010);
    ck_assert_uint_eq(cpu->dr[6], 0xffff0ff0);
    ck_assert_uint_eq(cpu->dr[7], 0x400);
    ck_assert_uint_eq(cpu->idtr.limit, 0xffff);
    for (unsigned s = 0; s < SREG_COUNT; s++)
        ck_assert_uint_eq(cpu->seg[s].limit, 0xffff);
    rig_protected(rig, 3);
    cpu->r[R_ZERO - 1] = 5; /* a temporary */
    ck_assert_uint_ne(cpu_digest(cpu), digest);
    cpu_reset(cpu);
    ck_assert_uint_eq(cpu_digest(cpu), digest);
    rig_free(rig);
}
END_TEST

START_TEST(dump)
{
    struct rig *rig = rig_new("pentium3", &hooks);
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    rig->cpu->r[R_EBX] = 0xcafe1234;
    cpu_dump(rig->cpu, out);
    fclose(out);
    ck_assert_ptr_nonnull(strstr(text, "EBX=cafe1234"));
    ck_assert_ptr_nonnull(strstr(text, "CS=f000 base=ffff0000 limit=0000ffff"));
    ck_assert_ptr_nonnull(strstr(text, "real"));
    free(text);
    rig_free(rig);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cpuid");
    TCase *tc = tcase_create("models");

    tcase_add_test(tc, features);
    tcase_add_test(tc, extended_leaves);
    tcase_add_test(tc, model_parse);
    tcase_add_test(tc, msrs);
    tcase_add_test(tc, time_stamp);
    tcase_add_test(tc, reset_state);
    tcase_add_test(tc, dump);
    suite_add_tcase(suite, tc);
    return rig_run(suite);
}
