/* The Linux loader on synthetic kernels: header fields by protocol version, what is refused, and what the
 * machine and the user ask for. */
#include "tests/unit/kernel_rig.h"

static const struct {
    u16 protocol;
    u32 load;
    u64 run_base, run_len;
    size_t cmdline_max;
} versions[] = {
    {0x200, 0x100000, 0x100000, CODE_LEN, 255},    {0x201, 0x100000, 0x100000, CODE_LEN, 255},
    {0x202, 0x100000, 0x100000, CODE_LEN, 255},    {0x203, 0x100000, 0x100000, CODE_LEN, 255},
    {0x204, 0x100000, 0x100000, CODE_LEN, 255},    {0x205, 0x200000, 0x200000, CODE_LEN, 255},
    {0x206, 0x200000, 0x200000, CODE_LEN, 2047},   {0x207, 0x200000, 0x200000, CODE_LEN, 2047},
    {0x208, 0x200000, 0x200000, CODE_LEN, 2047},   {0x209, 0x200000, 0x200000, CODE_LEN, 2047},
    {0x20a, 0x1000000, 0x1000000, 0x800000, 2047}, {0x20b, 0x1000000, 0x1000000, 0x800000, 2047},
    {0x20c, 0x1000000, 0x1000000, 0x800000, 2047}, {0x20d, 0x1000000, 0x1000000, 0x800000, 2047},
    {0x20f, 0x1000000, 0x1000000, 0x800000, 2047},
};

START_TEST(version)
{
    struct image kernel = make_kernel(versions[_i].protocol);
    struct bzimage_plan p;
    char cmdline[4096];
    u16 v = versions[_i].protocol;

    ck_assert_int_eq(plan(&p, &kernel, NULL, "a=1 quiet", 64), 0);
    ck_assert_uint_eq(p.protocol, v);
    ck_assert_uint_eq(p.load, versions[_i].load);
    ck_assert_uint_eq(p.run.base, versions[_i].run_base);
    ck_assert_uint_eq(p.run.end - p.run.base, versions[_i].run_len);
    ck_assert_ptr_eq(p.code, kernel.data + CODE_START);
    ck_assert_uint_eq(p.code_len, CODE_LEN);

    ck_assert_uint_eq(p.params[HDR_TYPE_OF_LOADER], 0xff);
    ck_assert_uint_eq(p.params[HDR_LOADFLAGS],
                      v >= 0x201 ? LOADED_HIGH | CAN_USE_HEAP : LOADED_HIGH);
    ck_assert_uint_eq(get32(p.params + HDR_CODE32_START), versions[_i].load);
    ck_assert_uint_eq(get32(p.params + HDR_RAMDISK_IMAGE), 0);
    ck_assert_uint_eq(get32(p.params + HDR_RAMDISK_SIZE), 0);
    ck_assert_uint_eq(get16(p.params + HDR_HEAP_END_PTR), v >= 0x201 ? 0x1e00 : 0xeeee);
    ck_assert_uint_eq(get32(p.params + HDR_CMD_LINE_PTR),
                      v >= 0x202 ? BZIMAGE_CMDLINE : 0xeeeeeeee);
    ck_assert_uint_eq(get16(p.params + BP_CL_MAGIC), v >= 0x202 ? 0 : CL_MAGIC_VALUE);
    ck_assert_uint_eq(get16(p.params + BP_CL_OFFSET), v >= 0x202 ? 0 : 0x2000);
    ck_assert_uint_eq(get64(p.params + HDR_SETUP_DATA), v >= 0x209 ? 0 : 0xeeeeeeeeeeeeeeee);
    ck_assert_uint_eq(get32(p.params + HDR_SUBARCH), v >= 0x207 ? 0 : 0xeeeeeeee);
    ck_assert_uint_eq(p.params[0x1ef], 0); /* the sentinel */
    ck_assert_uint_eq(p.params[0x26c], 0);

    memset(cmdline, 'x', sizeof(cmdline));
    cmdline[versions[_i].cmdline_max] = '\0';
    ck_assert_int_eq(plan(&p, &kernel, NULL, cmdline, 64), 0);
    cmdline[versions[_i].cmdline_max] = 'x';
    cmdline[versions[_i].cmdline_max + 1] = '\0';
    ck_assert_int_lt(plan(&p, &kernel, NULL, cmdline, 64), 0);
    snprintf(cmdline, sizeof(cmdline), "-append: %zu characters, and this kernel takes at most %zu",
             versions[_i].cmdline_max + 1, versions[_i].cmdline_max);
    ck_assert_str_eq(err, cmdline);
    free(kernel.data);
}
END_TEST

/* Over a BIOS: where the setup code goes by version, and what its header says. (boot.rst, "Sample Boot
 * Configuration") */
static const struct {
    u16 protocol;
    bool high;
    u32 base, stack, cmdline, load;
} setups[] = {
    {0x200, true, 0x90000, 0x9800, 0x99800, 0x100000},
    {0x201, true, 0x90000, 0x9800, 0x99800, 0x100000},
    {0x202, true, 0x10000, 0xfff0, 0x20000, 0x100000},
    {0x204, true, 0x10000, 0xfff0, 0x20000, 0x100000},
    {0x20f, true, 0x10000, 0xfff0, 0x20000, 0x1000000},
    {0x200, false, 0x90000, 0x9800, 0x99800, 0x10000},
    {0x201, false, 0x90000, 0x9800, 0x99800, 0x10000},
    {0x202, false, 0x90000, 0x9800, 0x99800, 0x10000},
};

START_TEST(setup_code)
{
    u16 v = setups[_i].protocol;
    struct image kernel = make_kernel(v);
    struct bzimage_plan p;

    if (!setups[_i].high) {
        kernel.data[HDR_LOADFLAGS] = 0;
        put32(kernel.data + HDR_CODE32_START, 0x1000);
    }
    ck_assert_int_eq(plan_on(true, &p, &kernel, NULL, "vga=0x317", 64), 0);
    ck_assert(p.real_mode);
    ck_assert_ptr_eq(p.setup, kernel.data);
    ck_assert_uint_eq(p.setup_len, CODE_START);
    ck_assert_uint_eq(p.base, setups[_i].base);
    ck_assert_uint_eq(p.stack, setups[_i].stack);
    ck_assert_uint_eq(p.cmdline_address, setups[_i].cmdline);
    ck_assert_uint_eq(p.load, setups[_i].load);
    ck_assert_uint_eq(get16(p.params + HDR_VID_MODE), 0x317);
    ck_assert_uint_eq(get32(p.params + HDR_CODE32_START),
                      setups[_i].high ? setups[_i].load : 0x1000);
    ck_assert_uint_eq(get16(p.params + HDR_HEAP_END_PTR),
                      v >= 0x201 ? setups[_i].stack - 0x200 : 0xeeee);
    ck_assert_uint_eq(get32(p.params + HDR_CMD_LINE_PTR),
                      v >= 0x202 ? setups[_i].cmdline : 0xeeeeeeee);
    ck_assert_uint_eq(get16(p.params + BP_CL_MAGIC), v >= 0x202 ? 0 : CL_MAGIC_VALUE);
    ck_assert_uint_eq(get16(p.params + BP_CL_OFFSET), v >= 0x202 ? 0 : 0x9800);
    ck_assert_uint_eq(get16(p.params + HDR_MOVE_SIZE), v >= 0x202 ? 0 : 0x9800 + 10);
    ck_assert_int_eq(plan_on(false, &p, &kernel, NULL, "", 64), 0);
    ck_assert(!p.real_mode);
    free(kernel.data);
}
END_TEST

/* Before 2.00 only sizes tell a kernel from a boot sector. */
START_TEST(no_header)
{
    struct image kernel = make_kernel(0x200),
                 initrd = {.path = "i", .data = kernel.data, .size = 9};
    struct bzimage_plan p;
    static const struct {
        u64 size;
        bool kernel;
    } sizes[] = {{KERNEL_LEN, true},        {KERNEL_LEN - 15, true}, {KERNEL_LEN - 16, false},
                 {KERNEL_LEN - 512, false}, {1024, false},           {512, false}};

    memset(kernel.data + HDR_JUMP, 0x90, 0x100);
    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        kernel.size = sizes[i].size;
        ck_assert_int_eq(bzimage_detect(&kernel), sizes[i].kernel);
    }
    kernel.size = KERNEL_LEN;
    ck_assert_msg(plan_on(true, &p, &kernel, NULL, "vga=ext a", 4) == 0, "%s", err);
    ck_assert(p.real_mode && !p.high && !p.protocol);
    ck_assert_uint_eq(p.base, 0x90000);
    ck_assert_uint_eq(p.load, 0x10000);
    ck_assert_uint_eq(p.header_end, 0x200);
    ck_assert_uint_eq(get16(p.params + HDR_VID_MODE), 0xfffe);
    ck_assert_uint_eq(get16(p.params + BP_CL_MAGIC), CL_MAGIC_VALUE);
    ck_assert_uint_eq(get16(p.params + BP_CL_OFFSET), 0x9800);
    ck_assert_uint_eq(p.params[HDR_TYPE_OF_LOADER], 0);
    ck_assert_int_lt(plan_on(true, &p, &kernel, &initrd, "", 4), 0);
    ck_assert_str_eq(err, "'kernel': this kernel is too old for an initrd");
    ck_assert_int_eq(plan(&p, &kernel, NULL, "", 4), 0);
    ck_assert_uint_eq(p.load, 0x1000);
    kernel.data[HDR_SETUP_SECTS] = 0;
    put32(kernel.data + HDR_SYSSIZE, (KERNEL_LEN - 5 * 512) / 16);
    ck_assert_int_eq(plan_on(true, &p, &kernel, NULL, "", 4), 0);
    ck_assert_uint_eq(p.setup_len, 5 * 512);
    put32(kernel.data + HDR_SYSSIZE, 0);
    ck_assert(!bzimage_detect(&kernel));
    free(kernel.data);
}
END_TEST

/* What is no setup code is not entered, nor what leaves no room for a stack. */
START_TEST(setup_unusable)
{
    struct image kernel = make_kernel(0x20f);
    struct image large = {.path = "large", .size = 200 * 512, .data = calloc(1, 200 * 512)};
    struct bzimage_plan p;

    memcpy(large.data, kernel.data, CODE_START);
    put32(large.data + HDR_SYSSIZE, 32);
    for (unsigned sectors = 122; sectors <= 124; sectors++) {
        large.data[HDR_SETUP_SECTS] = (u8)sectors;
        ck_assert_int_eq(plan_on(true, &p, &large, NULL, "", 64), 0);
        ck_assert_int_eq(p.real_mode, (sectors + 1) * 512 + 0x800 <= 0xfff0);
    }
    kernel.data[HDR_JUMP] = 0;
    ck_assert_int_eq(plan_on(true, &p, &kernel, NULL, "", 64), 0);
    ck_assert(!p.real_mode);
    ck_assert_uint_eq(p.base, BZIMAGE_PARAMS);
    kernel.data[HDR_JUMP] = 0xe9;
    ck_assert_int_eq(plan_on(true, &p, &kernel, NULL, "", 64), 0);
    ck_assert(p.real_mode);
    ck_assert_uint_eq(p.header_end, HDR_LIMIT);
    free(kernel.data);
    free(large.data);
}
END_TEST

static const struct {
    const char *cmdline;
    u16 mode;
    const char *err; /* NULL: good */
} vid_modes[] = {
    {"", 0xffff, NULL},
    {"quiet vga=normal", 0xffff, NULL},
    {"vga=ext quiet", 0xfffe, NULL},
    {"vga=ask", 0xfffd, NULL},
    {"vga=current", 0x0f04, NULL},
    {"vga=0x317", 0x317, NULL},
    {"vga=791", 791, NULL},
    {"vga=0", 0, NULL},
    {"vga=65535", 0xffff, NULL},
    {"vga=ext vga=3", 3, NULL},
    {"nvga=5 a.vga=6", 0xffff, NULL},
    {"vga=65536", 0, "-append: 'vga=65536': normal, ext, ask, or a mode's number"},
    {"vga=", 0, "-append: 'vga=': normal, ext, ask, or a mode's number"},
    {"vga=-1", 0, "-append: 'vga=-1': normal, ext, ask, or a mode's number"},
    {"vga=extra a", 0, "-append: 'vga=extra': normal, ext, ask, or a mode's number"},
    {"vga=0x31g", 0, "-append: 'vga=0x31g': normal, ext, ask, or a mode's number"},
    {"vga=800x600", 0, "-append: 'vga=800x600': normal, ext, ask, or a mode's number"},
};

START_TEST(vid_mode)
{
    struct image kernel = make_kernel(0x20f);
    struct bzimage_plan p;
    int r = plan_on(true, &p, &kernel, NULL, vid_modes[_i].cmdline, 64);

    ck_assert_int_eq(r == 0, vid_modes[_i].err == NULL);
    if (vid_modes[_i].err)
        ck_assert_str_eq(err, vid_modes[_i].err);
    else
        ck_assert_uint_eq(get16(p.params + HDR_VID_MODE), vid_modes[_i].mode);
    free(kernel.data);
}
END_TEST

/* A kernel that has an entry for long mode runs in nothing else. */
START_TEST(long_mode)
{
    static const struct {
        u16 protocol, xloadflags;
        bool refused;
    } cases[] = {
        {0x20f, 0x0001, true},  {0x20c, 0x0009, true},  {0x20f, 0x003f, true},
        {0x20f, 0x0004, false}, {0x20f, 0x003e, false}, {0x20b, 0x0001, false},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct image kernel = make_kernel(cases[i].protocol);
        struct bzimage_plan p;

        put16(kernel.data + HDR_XLOADFLAGS, cases[i].xloadflags);
        ck_assert_int_eq(plan(&p, &kernel, NULL, "", 64) < 0, cases[i].refused);
        if (cases[i].refused)
            ck_assert_str_eq(err, "'kernel': a 64-bit kernel (x86-64): this machine is a 32-bit "
                                  "PC, give it an i386 kernel");
        free(kernel.data);
    }
}
END_TEST

START_TEST(machine_fields)
{
    struct image kernel = make_kernel(0x20f);
    struct bzimage_plan p;

    ck_assert_int_eq(plan(&p, &kernel, NULL, "", 128), 0);
    ck_assert_uint_eq(get16(p.params + BP_EXT_MEM_K), 0xffff);
    ck_assert_uint_eq(get32(p.params + BP_ALT_MEM_K), 127 * 1024);
    ck_assert_uint_eq(p.params[BP_VIDEO_MODE], 3);
    ck_assert_uint_eq(p.params[BP_VIDEO_COLS], 80);
    ck_assert_uint_eq(p.params[BP_VIDEO_LINES], 25);
    ck_assert_uint_eq(p.params[BP_VIDEO_IS_VGA], 1);
    ck_assert_uint_eq(p.params[BP_E820_ENTRIES], 2);
    ck_assert_uint_eq(get64(p.params + BP_E820_TABLE), 0);
    ck_assert_uint_eq(get64(p.params + BP_E820_TABLE + 8), 639 * 1024);
    ck_assert_uint_eq(get32(p.params + BP_E820_TABLE + 16), 1);
    ck_assert_uint_eq(get64(p.params + BP_E820_TABLE + 20), 0x100000);
    ck_assert_uint_eq(get64(p.params + BP_E820_TABLE + 28), 127u << 20);
    ck_assert_int_eq(plan(&p, &kernel, NULL, "", 40), 0);
    ck_assert_uint_eq(get16(p.params + BP_EXT_MEM_K), 39 * 1024);
    free(kernel.data);
}
END_TEST

/* One field changed (size 0: none), and what comes of it. */
static const struct {
    u16 protocol;
    unsigned offset, size;
    u64 value;
    u64 mib;
    const char *err; /* NULL: accepted */
    u32 load;
} fields[] = {
    {0x20f, HDR_BOOT_FLAG, 2, 0xaa54, 64, "'kernel': not a Linux kernel", 0},
    {0x20f, HDR_MAGIC, 4, 0x53726449, 64, NULL, 0x1000}, /* by its sizes one of before 2.00 */
    {0x20f, HDR_VERSION, 2, 0x1ff, 64,
     "'kernel': Linux boot protocol 1.255 is not supported, only 2.x is", 0},
    {0x20f, HDR_VERSION, 2, 0x300, 64,
     "'kernel': Linux boot protocol 3.00 is not supported, only 2.x is", 0},
    {0x20f, HDR_VERSION, 2, 0x2ff, 64, NULL, 0x1000000},
    {0x20f, HDR_SETUP_SECTS, 1, 0, 64,
     "'kernel': the kernel is cut short: 13824 bytes of 14848 are there", 0},
    {0x20f, HDR_SETUP_SECTS, 1, 255, 64,
     "'kernel': the kernel is cut short: its setup code is not all there", 0},
    {0x20f, HDR_SYSSIZE, 4, CODE_LEN / 16 + 1, 64,
     "'kernel': the kernel is cut short: 13824 bytes of 13840 are there", 0},
    {0x20f, HDR_SYSSIZE, 4, 0xffffffff, 64,
     "'kernel': the kernel is cut short: 13824 bytes of 68719478256 are there", 0},
    {0x203, HDR_SYSSIZE, 4, 0xffffffff, 64, NULL, 0x100000},
    {0x20f, HDR_PREF_ADDRESS, 8, 1ull << 32, 64,
     "'kernel': the kernel's preferred address is above 4 GiB", 0},
    {0x20f, HDR_PREF_ADDRESS, 8, 0x1000, 64,
     "'kernel': the kernel's preferred address is below 1 MiB", 0},
    {0x20f, HDR_PREF_ADDRESS, 8, 0, 64, NULL, 0x200000},
    {0x20f, HDR_PREF_ADDRESS, 8, 0x1000001, 64, NULL, 0x1200000},
    {0x20f, HDR_PREF_ADDRESS, 8, 0xffffffff, 64,
     "'kernel': the kernel's load address is above 4 GiB", 0},
    {0x20f, HDR_ALIGNMENT, 4, 0, 64, "'kernel': the kernel's alignment is not a power of two", 0},
    {0x20f, HDR_ALIGNMENT, 4, 0x300000, 64,
     "'kernel': the kernel's alignment is not a power of two", 0},
    {0x20f, HDR_RELOCATABLE, 1, 0, 64, NULL, 0x100000},
    {0x20f, HDR_INIT_SIZE, 4, 0x3000000, 64, NULL, 0x1000000},
    {0x20f, HDR_INIT_SIZE, 4, 0x3000001, 64,
     "'kernel': the kernel needs RAM up to 65 MiB to start: give the machine more with -m", 0},
    {0x20f, 0, 0, 0, 23,
     "'kernel': the kernel needs RAM up to 24 MiB to start: give the machine more with -m", 0},
    {0x20f, 0, 0, 0, 24, NULL, 0x1000000},
    {0x200, 0, 0, 0, 1,
     "'kernel': the kernel needs RAM up to 2 MiB to start: give the machine more with -m", 0},
    {0x204, HDR_LOADFLAGS, 1, 0, 4, "'kernel': a zImage must fit between 0x1000 and 0x90000", 0},
};

START_TEST(field)
{
    struct image kernel = make_kernel(fields[_i].protocol);
    struct bzimage_plan p;
    int r;

    memcpy(kernel.data + fields[_i].offset, &fields[_i].value, fields[_i].size);
    r = plan(&p, &kernel, NULL, "", fields[_i].mib);
    if (fields[_i].err) {
        ck_assert_int_lt(r, 0);
        ck_assert_str_eq(err, fields[_i].err);
    } else {
        ck_assert_msg(r == 0, "%s", err);
        ck_assert_uint_eq(p.load, fields[_i].load);
    }
    free(kernel.data);
}
END_TEST

/* A kernel that moves itself: it overwrites its preferred address, not where it is loaded. */
START_TEST(not_relocatable)
{
    struct image kernel = make_kernel(0x20f);
    struct bzimage_plan p;

    kernel.data[HDR_RELOCATABLE] = 0;
    ck_assert_int_eq(plan(&p, &kernel, NULL, "", 64), 0);
    ck_assert_uint_eq(p.load, 0x100000);
    ck_assert_uint_eq(p.run.base, 0x1000000);
    ck_assert_uint_eq(p.run.end, 0x1800000);
    free(kernel.data);
}
END_TEST

START_TEST(zimage)
{
    struct image kernel = make_kernel(0x202);
    struct bzimage_plan p;

    kernel.data[HDR_LOADFLAGS] = 0;
    put32(kernel.data + HDR_CODE32_START, 0x1000);
    ck_assert_int_eq(plan(&p, &kernel, NULL, "", 4), 0);
    ck_assert_uint_eq(p.load, 0x1000);
    put32(kernel.data + HDR_CODE32_START, 0x90000 - CODE_LEN);
    ck_assert_int_eq(plan(&p, &kernel, NULL, "", 4), 0);
    put32(kernel.data + HDR_CODE32_START, 0x90001 - CODE_LEN);
    ck_assert_int_lt(plan(&p, &kernel, NULL, "", 4), 0);
    free(kernel.data);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bzimage");
    TCase *tc = tcase_create("bzimage");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, version, 0, ARRAY_SIZE(versions));
    tcase_add_loop_test(tc, setup_code, 0, ARRAY_SIZE(setups));
    tcase_add_test(tc, no_header);
    tcase_add_test(tc, setup_unusable);
    tcase_add_loop_test(tc, vid_mode, 0, ARRAY_SIZE(vid_modes));
    tcase_add_test(tc, long_mode);
    tcase_add_test(tc, machine_fields);
    tcase_add_loop_test(tc, field, 0, ARRAY_SIZE(fields));
    tcase_add_test(tc, not_relocatable);
    tcase_add_test(tc, zimage);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
