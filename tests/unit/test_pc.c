/* The board: hand-assembled guests run on the whole machine. */
#include "cpu/cpuid.h"
#include "tests/unit/pc_rig.h"

/* xor ax,ax; mov ds,ax; mov ss,ax; mov sp,0x8000; vector 0x20 at ISR; PIT channel 0, mode 2, 1193
 * ticks (0.99985 ms); master PIC's ICWs (ICW1 forgets the edge that the mode set made) and only IRQ 0
 * open; xor cx,cx; sti; L: OP; cmp cx,10; jb L; exit 7. OP is one byte: hlt or nop. */
#define G_TIMER(op)                                                                                \
    "\xfa\x31\xc0\x8e\xd8\x8e\xd0\xbc\x00\x80\xc7\x06\x80\x00\x00\x11\xc7\x06\x82\x00\x00\x00"     \
    "\xb0\x34\xe6\x43\xb0\xa9\xe6\x40\xb0\x04\xe6\x40"                                             \
    "\xb0\x11\xe6\x20\xb0\x20\xe6\x21\xb0\x04\xe6\x21\xb0\x01\xe6\x21\xb0\xfe\xe6\x21\x31\xc9"     \
    "\xfb" op "\x83\xf9\x0a\x72\xfa" G_EXIT("\x03")
/* inc cx; mov al,0x20; out 0x20,al; iret */
#define G_TIMER_ISR "\x41\xb0\x20\xe6\x20\xcf"

static const struct guest hello = {BYTES("\xb0h\xe6\xe9\xb0i\xe6\xe9" G_EXIT("\x15"))};
static const struct guest timer_hlt = {BYTES(G_TIMER("\xf4")), BYTES_ISR(G_TIMER_ISR)};
static const struct guest timer_nop = {BYTES(G_TIMER("\x90")), BYTES_ISR(G_TIMER_ISR)};
/* L: mov dx,0x3fd; M: in al,dx; test al,1; jz M; mov dx,0x3f8; in al,dx; out dx,al; cmp al,'q'; jne L */
static const struct guest echo = {
    BYTES("\xba\xfd\x03\xec\xa8\x01\x74\xfb\xba\xf8\x03\xec\xee\x3cq\x75\xef" G_EXIT("\x00"))};
static const struct guest spin = {BYTES("\xfa\xeb\xfe")};
static const struct guest dead = {BYTES("\xfa\xf4")};                     /* cli; hlt */
static const struct guest asleep = {BYTES("\xfb\xf4")};                   /* sti; hlt */
static const struct guest shutdown = {BYTES("\x0f\x01\x1e\x00\x20\xcc")}; /* lidt of zeros; int3 */
static const struct guest reset_kbc = {BYTES("\xb0\xfe\xe6\x64\xeb\xfe")};
static const struct guest reset_92 = {BYTES("\xb0\x01\xe6\x92\xeb\xfe")};
/* ds = 0, es = 0xffff; [0x500] = 'a'; es:[0x510] = 'b' (at 0x100500); print [0x500]; A20 off by port
 * 0x92; es:[0x510] = 'c'; print [0x500]; A20 on; print es:[0x510]; exit */
static const struct guest a20 = {BYTES("\x31\xc0\x8e\xd8\xb8\xff\xff\x8e\xc0\xc6\x06\x00\x05"
                                       "a\x26\xc6\x06\x10\x05"
                                       "b\xa0\x00\x05\xe6\xe9"
                                       "\xb0\x00\xe6\x92\x26\xc6\x06\x10\x05"
                                       "c\xa0\x00\x05\xe6\xe9"
                                       "\xb0\x02\xe6\x92\x26\xa0\x10\x05\xe6\xe9" G_EXIT("\x00"))};
/* ds = 0; mov byte [0x3000],N; then the timer guest's way out: L: inc bx; cmp bx,2000; jb L; exit */
#define G_MARK(n)                                                                                  \
    "\x31\xc0\x8e\xd8\x31\xdb\xc6\x06\x00\x30" n "\x43\x81\xfb\xd0\x07\x72\xf9" G_EXIT("\x00")
static const struct guest mark1 = {BYTES(G_MARK("\x01"))};
static const struct guest mark2 = {BYTES(G_MARK("\x02"))};

/* xor ax,ax; mov ds,ax; mov ss,ax; mov sp,0x8000; vector 2 at ISR; port 0x70 as said, port 0x61 0; jmp $ */
#define G_NMI(port70)                                                                              \
    "\x31\xc0\x8e\xd8\x8e\xd0\xbc\x00\x80\xc7\x06\x08\x00\x00\x11\xc7\x06\x0a\x00\x00\x00"         \
    "\xb0\x00\xe6\x61\xb0" port70 "\xe6\x70\xeb\xfe"
/* in al,0x61; and al,0xcf; out 0xe9,al; mov al,8; out 0x61,al; mov al,0; out 0x61,al; iret */
#define G_NMI_ISR "\xe4\x61\x24\xcf\xe6\xe9\xb0\x08\xe6\x61\xb0\x00\xe6\x61\xcf"
static const struct guest nmi_open = {BYTES(G_NMI("\x0f")), BYTES_ISR(G_NMI_ISR)};
static const struct guest nmi_masked = {BYTES(G_NMI("\x8f")), BYTES_ISR(G_NMI_ISR)};

/* An NMI button, with a local APIC (which nothing has enabled) and without, and both engines. */
static const struct {
    const char *model, *engine;
    const struct guest *guest;
    const char *said; /* bit 6 of port 61h, twice */
} nmis[] = {
    {"pentium3", NULL, &nmi_open, "@@"}, {"pentium3", "interp", &nmi_open, "@@"},
    {"pentium3", NULL, &nmi_masked, ""}, {"486", NULL, &nmi_open, "@@"},
    {"486", NULL, &nmi_masked, ""},
};

START_TEST(nmi_button)
{
    struct pc_config config = config_default();
    struct machine m;
    int status;

    config.model = cpu_model_find(nmis[_i].model);
    config.translate.engine = nmis[_i].engine;
    machine_new(&m, config, nmis[_i].guest);
    for (unsigned i = 0; i < 3; i++) {
        if (i)
            pc_nmi(m.pc);
        ck_assert(!pc_run_insns(m.pc, 1000, &status));
    }
    machine_end(&m);
    ck_assert_str_eq(m.said, nmis[_i].said);
}
END_TEST

/* How machines end. resets counts power-on. */
static const struct {
    const char *name;
    const struct guest *guest, *later;
    bool no_reboot;
    int status;
    unsigned resets;
    const char *said;
} ends[] = {
    {"debugcon and exit", &hello, NULL, true, 0x2b, 1, "hi"},
    {"halted, IF clear", &dead, NULL, true, PC_STATUS_HALTED, 1, ""},
    {"halted, nothing can wake it", &asleep, NULL, true, PC_STATUS_HALTED, 1, ""},
    {"triple fault ends", &shutdown, NULL, true, 4, 1, ""},
    {"triple fault resets", &shutdown, &hello, false, 0x2b, 2, "hi"},
    {"kbc reset ends", &reset_kbc, NULL, true, 0, 1, ""},
    {"kbc resets", &reset_kbc, &hello, false, 0x2b, 2, "hi"},
    {"port 92 reset ends", &reset_92, NULL, true, 0, 1, ""},
    {"port 92 resets", &reset_92, &hello, false, 0x2b, 2, "hi"},
    {"A20", &a20, NULL, true, 1, 1, "acb"},
};

START_TEST(machine_ends)
{
    unsigned which = (unsigned)_i / 2;
    struct pc_config config = config_default();
    struct machine m;

    config.clock = _i % 2 ? CLOCK_HOST : CLOCK_INSN;
    config.no_reboot = ends[which].no_reboot;
    if (!freopen("/dev/null", "w", stderr)) /* triple faults report there */
        ck_abort();
    machine_new(&m, config, ends[which].guest);
    if (ends[which].later)
        m.later = ends[which].later;
    m.status = pc_run(m.pc);
    machine_end(&m);
    ck_assert_msg(m.status == ends[which].status, "%s: status %d", ends[which].name, m.status);
    ck_assert_msg(m.resets == ends[which].resets, "%s: %u resets", ends[which].name, m.resets);
    ck_assert_str_eq(m.said, ends[which].said);
}
END_TEST

/* A guest that resets itself so for ever: registers once, then lines that become rarer. */
START_TEST(triple_faults)
{
    static const char *const lines[] = {"fault (",    "number 2 (",  "number 3 (",  "number 4 (",
                                        "number 5 (", "number 6 (",  "number 7 (",  "number 8 (",
                                        "number 9 (", "number 10 (", "number 20 (", "number 30 ("};
    struct pc_config config = config_default();
    char said[4096], *at = said;
    FILE *caught_here = tmpfile();
    unsigned count = 0;
    struct machine m;
    int status;

    config.no_reboot = false;
    ck_assert(caught_here && dup2(fileno(caught_here), STDERR_FILENO) >= 0);
    machine_new(&m, config, &shutdown);
    while (m.resets < 32)
        ck_assert(!pc_run_insns(m.pc, 1, &status));
    machine_end(&m);
    caught(caught_here, said, sizeof(said));
    for (; (at = strstr(at, "triple fault")); at++)
        count++;
    ck_assert_uint_eq(count, ARRAY_SIZE(lines));
    at = said;
    for (unsigned i = 0; i < ARRAY_SIZE(lines); i++) {
        at = strstr(at, lines[i]);
        ck_assert_msg(at != NULL, "no \"%s\" in: %s", lines[i], said);
    }
    at = strstr(said, "EFLAGS");
    ck_assert(at && !strstr(at + 1, "EFLAGS"));
}
END_TEST

/* Ten periods of 1193 ticks, whether the guest sleeps or spins; the same to the instruction on each
 * run and whatever the translator's blocks are. */
START_TEST(timer_is_deterministic)
{
    const struct guest *guest = _i ? &timer_nop : &timer_hlt;
    struct pc_config config = config_default();
    struct machine a, b;

    config.checkpoints.every = _i ? 100000 : 25;
    run(&a, config, guest);
    ck_assert_int_eq(a.status, 7);
    ck_assert_uint_ge(a.ns, 9998400);
    ck_assert_uint_le(a.ns, 10003000);
    if (_i)
        ck_assert_uint_eq(a.ns / CLOCK_NS_PER_INSN, a.insns); /* it never slept */
    else
        ck_assert_uint_le(a.insns, 200);
    ck_assert_uint_ge(strlen(a.digests), 100);

    for (unsigned i = 0; i < 5; i++) {
        config.translate.block_len = i == 1;
        config.translate.random_len = i == 2;
        config.tlb_limit = i == 3;
        if (i == 4)
            config.checkpoints.every = 0; /* timers must not need the digests' slices */
        run(&b, config, guest);
        ck_assert_int_eq(b.status, a.status);
        ck_assert_uint_eq(b.insns, a.insns);
        ck_assert_uint_eq(b.ns, a.ns);
        ck_assert_str_eq(b.digests, i == 4 ? "" : a.digests);
    }
}
END_TEST

START_TEST(timer_on_host_clock)
{
    struct pc_config config = config_default();
    struct machine m;

    config.clock = CLOCK_HOST;
    run(&m, config, _i ? &timer_nop : &timer_hlt);
    ck_assert_int_eq(m.status, 7);
    ck_assert_uint_ge(m.ns, 9998000);
    ck_assert_uint_le(m.ns, 2000000000);
}
END_TEST

/* A serial line that plays a string to the guest, notes the answer, and may end the machine. */
struct line {
    struct chr chr;
    const char *play;
    char heard[64];
    size_t len;
    unsigned polls, quit_at;
    struct pc *pc;
};

static void line_write(struct chr *chr, const u8 *data, size_t len)
{
    struct line *line = container_of(chr, struct line, chr);

    ck_assert_uint_lt(line->len + len, sizeof(line->heard));
    memcpy(line->heard + line->len, data, len);
    line->len += len;
}

static int line_poll_fd(struct chr *chr)
{
    (void)chr;
    return -1;
}

static void line_poll(struct chr *chr)
{
    struct line *line = container_of(chr, struct line, chr);

    if (*line->play && chr->can_receive(chr->opaque)) {
        chr->receive(chr->opaque, (const u8 *)line->play, 1);
        line->play++;
    }
    if (line->quit_at && ++line->polls >= line->quit_at)
        pc_quit(line->pc, 0);
}

static const struct chr_ops line_ops = {
    .write = line_write, .poll_fd = line_poll_fd, .poll = line_poll};

START_TEST(serial_both_ways)
{
    struct line line = {.chr = {.ops = &line_ops}, .play = "abcq"};
    struct pc_config config = config_default();
    struct machine m;

    config.clock = _i ? CLOCK_HOST : CLOCK_INSN;
    config.serial[0] = &line.chr;
    run(&m, config, &echo);
    ck_assert_int_eq(m.status, 1);
    ck_assert_str_eq(line.heard, "abcq");
    ck_assert_ptr_null(line.chr.receive); /* the machine is gone */
}
END_TEST

START_TEST(serial_to_file)
{
    char path[] = "/tmp/test_pc.XXXXXX", err[200], text[16];
    int fd = mkstemp(path);
    struct pc_config config = config_default();
    struct machine m;
    /* mov dx,0x3f8; mov al,'O'; out dx,al; mov al,'K'; out dx,al; exit */
    static const struct guest ok = {BYTES("\xba\xf8\x03\xb0O\xee\xb0K\xee" G_EXIT("\x00"))};
    ssize_t n;

    config.serial[0] = chr_open_file(path, false, err, sizeof(err));
    ck_assert_ptr_nonnull(config.serial[0]);
    run(&m, config, &ok);
    ck_assert_int_eq(m.status, 1);
    config.serial[0]->ops->close(config.serial[0]);
    n = read(fd, text, sizeof(text));
    close(fd);
    unlink(path);
    ck_assert_int_eq(n, 2);
    ck_assert_mem_eq(text, "OK", 2);
}
END_TEST

/* C-a x ends a guest that spins with interrupts off. */
START_TEST(quit_from_poll)
{
    struct line line = {.chr = {.ops = &line_ops}, .play = "", .quit_at = 3};
    struct pc_config config = config_default();
    struct machine m;

    config.clock = _i ? CLOCK_HOST : CLOCK_INSN;
    config.serial[0] = &line.chr;
    machine_new(&m, config, &spin);
    line.pc = m.pc;
    m.status = pc_run(m.pc);
    machine_end(&m);
    ck_assert_int_eq(m.status, 0);
    /* The loop ends at the third poll; one more sends out what is left. */
    ck_assert_uint_le(line.polls, 4);
}
END_TEST

START_TEST(digest_sees_memory)
{
    struct pc_config config = config_default();
    struct machine a, b;
    unsigned long long insns;
    char *line;

    config.checkpoints.every = 1000;
    run(&a, config, &mark1);
    run(&b, config, &mark2);
    ck_assert_uint_eq(a.insns, b.insns);
    ck_assert_str_ne(a.digests, b.digests);

    /* Lines at exact multiples and at the end, each once. The guests differ in memory only. */
    insns = 0;
    ck_assert_int_eq(strncmp(a.digests, "digest 0 ", 9), 0);
    for (line = strtok(a.digests, "\n"); line; line = strtok(NULL, "\n")) {
        unsigned long long at, cpu, ram;

        ck_assert_int_eq(sscanf(line, "digest %llu %16llx %16llx", &at, &cpu, &ram), 3);
        ck_assert(at == 0 || at == insns + 1000 || (at == a.insns && at < insns + 1000));
        insns = at;
    }
    ck_assert_uint_eq(insns, a.insns);
}
END_TEST

static const struct {
    u64 ram_size;
    const char *engine, *err;
} bad[] = {
    {0, NULL, "memory must be"},
    {MIB / 2, NULL, "memory must be"},
    {MIB + 4096, NULL, "memory must be"},
    {3073ull * MIB, NULL, "memory must be"},
    {2 * MIB, "bogus", "no engine 'bogus'"},
};

START_TEST(bad_configs)
{
    struct pc_config config = config_default();
    char err[200] = "";

    config.ram_size = bad[_i].ram_size;
    config.translate.engine = bad[_i].engine;
    ck_assert_ptr_null(pc_new(&config, err, sizeof(err)));
    ck_assert_ptr_nonnull(strstr(err, bad[_i].err));
}
END_TEST

/* Nothing is shared between machines. */
START_TEST(two_machines)
{
    struct machine a, b;

    machine_new(&a, config_default(), &hello);
    machine_new(&b, config_default(), &timer_hlt);
    b.status = pc_run(b.pc);
    a.status = pc_run(a.pc);
    machine_end(&b);
    machine_end(&a);
    ck_assert_int_eq(a.status, 0x2b);
    ck_assert_int_eq(b.status, 7);
    ck_assert_str_eq(a.said, "hi");
    ck_assert_str_eq(b.said, "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pc");
    TCase *tc = tcase_create("pc");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tc, 30);
    tcase_add_loop_test(tc, nmi_button, 0, ARRAY_SIZE(nmis));
    tcase_add_loop_test(tc, machine_ends, 0, 2 * ARRAY_SIZE(ends));
    tcase_add_test(tc, triple_faults);
    tcase_add_loop_test(tc, timer_is_deterministic, 0, 2);
    tcase_add_loop_test(tc, timer_on_host_clock, 0, 2);
    tcase_add_loop_test(tc, serial_both_ways, 0, 2);
    tcase_add_test(tc, serial_to_file);
    tcase_add_loop_test(tc, quit_from_poll, 0, 2);
    tcase_add_test(tc, digest_sees_memory);
    tcase_add_loop_test(tc, bad_configs, 0, ARRAY_SIZE(bad));
    tcase_add_test(tc, two_machines);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed;
}
