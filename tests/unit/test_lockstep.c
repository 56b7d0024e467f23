/* Lockstep: machines that agree, input for both, and differences found at the right instruction. */
#include <check.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "boot/lockstep.h"
#include "cpu/seg.h"

#define CODE 0x1000u /* where guests start, CS = 0 */
#define DATA 0x3000u

struct guest {
    const char *name, *code;
    unsigned len;
    int status;
};
#define GUEST(name_, status_, bytes)                                                               \
    {                                                                                              \
        .name = name_, .code = bytes, .len = sizeof(bytes) - 1, .status = status_                  \
    }

/* mov al,n; mov dx,0x501; out dx,al; jmp $: ends with status 2n + 1 */
#define G_EXIT(n) "\xb0" n "\xba\x01\x05\xee\xeb\xfe"

/* 2 instructions, then a loop of 4 instructions, 2000 times:
 *     xor ax,ax; mov ds,ax; (bx = 0 after reset) L: inc bx; mov [0x3000],bx; cmp bx,2000; jb L */
static const struct guest count = GUEST(
    "count", 7, "\x31\xc0\x8e\xd8\x43\x89\x1e\x00\x30\x81\xfb\xd0\x07\x72\xf5" G_EXIT("\x03"));
#define COUNT_BEFORE 2u
#define COUNT_LOOP   4u
#define COUNT_TIMES  2000u

static const struct guest guests[] = {
    /* sti; hlt with no timer */
    GUEST("asleep", PC_STATUS_HALTED, "\xfb\xf4"),
    /* cli; hlt */
    GUEST("dead", PC_STATUS_HALTED, "\xfa\xf4"),
    /* out 0xe9,'h' 'i'; exit */
    GUEST("hello", 0x2b, "\xb0h\xe6\xe9\xb0i\xe6\xe9" G_EXIT("\x15")),
    /* mov dx,0x3f8; mov al,'x'; out dx,al; exit */
    GUEST("serial", 1, "\xba\xf8\x03\xb0x\xee" G_EXIT("\x00")),
    /* ds = 0; stores into its own next instruction: mov byte [0x100a],7 before mov bl,1 */
    GUEST(
        "smc", 3,
        "\x31\xc0\x8e\xd8\xc6\x06\x0a\x10\x07\xb3\x01\x80\xfb\x07\x74\x02\xeb\xfe" G_EXIT("\x01")),
};
/* L: mov dx,0x3fd; M: in al,dx; test al,1; jz M; mov dx,0x3f8; in al,dx; out dx,al; cmp al,'q'; jne L */
static const struct guest echo = GUEST(
    "echo", 1, "\xba\xfd\x03\xec\xa8\x01\x74\xfb\xba\xf8\x03\xec\xee\x3cq\x75\xef" G_EXIT("\x00"));

/* A serial back end that brings a script, a byte every `every` polls, and keeps what is printed. */
struct script {
    struct chr chr;
    const char *input;
    unsigned every, polls;
    char said[64];
    size_t said_len;
};

static void script_write(struct chr *chr, const u8 *data, size_t len)
{
    struct script *s = container_of(chr, struct script, chr);

    ck_assert_uint_lt(s->said_len + len, sizeof(s->said));
    memcpy(s->said + s->said_len, data, len);
    s->said_len += len;
}

static int script_poll_fd(struct chr *chr)
{
    (void)chr;
    return -1;
}

static void script_poll(struct chr *chr)
{
    struct script *s = container_of(chr, struct script, chr);

    if (*s->input && ++s->polls % s->every == 0 && chr->can_receive(chr->opaque))
        chr->receive(chr->opaque, (const u8 *)s->input++, 1);
}

static void script_close(struct chr *chr)
{
    (void)chr;
}

static const struct chr_ops script_ops = {
    .write = script_write,
    .poll_fd = script_poll_fd,
    .poll = script_poll,
    .close = script_close,
};

/* One run. */
struct test {
    const struct guest *guest;
    struct script serial;
    bool alike;
    char *summary, *report; /* NULL when there was none */
    /* The disturbance: after instruction `at` of the second machine, when it ran at least `go` before
     * it in one go, and that is done in `what`. */
    u64 at, go;
    enum { NOTHING, BYTE, REGISTER, FLAG, TIMES } what;
    unsigned disturbed;
};

static void load(struct pc *pc, void *opaque)
{
    const struct test *t = opaque;

    phys_poke(pc_phys(pc), CODE, t->guest->code, t->guest->len);
    seg_set_real(pc_cpu(pc), SREG_CS, 0);
    pc_cpu(pc)->eip = CODE;
    cpu_update_mode(pc_cpu(pc));
}

static int setup(struct pc *pc, void *opaque, char *err, size_t err_len)
{
    (void)err, (void)err_len;
    pc_on_reset(pc, load, opaque);
    return 0;
}

static void disturb(struct pc *pc, u64 from, u64 to, void *opaque)
{
    struct test *t = opaque;
    u8 byte = 0xee;

    if (t->what == NOTHING || t->at <= from || t->at > to || t->at - from < t->go)
        return;
    t->disturbed++;
    switch (t->what) {
    case NOTHING: break;
    case BYTE: phys_write(pc_phys(pc), 0x123456, &byte, 1); break;
    case REGISTER: pc_cpu(pc)->r[R_ESI] = 0x1234abcd; break;
    case FLAG: pc_cpu(pc)->eflags ^= FL_AC; break;
    case TIMES: pc_cpu(pc)->halted = true; break;
    }
}

static const char *engine(unsigned which)
{
    const char *const *names = translator_engines();

    return which && names[1] ? names[1] : names[0];
}

static char *printed(FILE *out, char **text)
{
    fclose(out);
    return *text;
}

static void run(struct test *t, const struct guest *guest, u64 slice, u64 limit)
{
    struct lockstep_config config = {
        .pc = {.ram_size = 2 * MIB,
               .serial = {&t->serial.chr},
               .debugcon = tmpfile(),
               .debugcon_iobase = 0xe9,
               .debug_exit = true,
               .debug_exit_iobase = 0x501,
               .debug_exit_iosize = 2,
               .no_reboot = true},
        .engine = {engine(0), engine(1)},
        .slice = slice,
        .limit = limit,
        .setup = setup,
        .disturb = disturb,
        .opaque = t,
    };
    char err[200] = "";
    size_t len;
    struct lockstep *ls;
    FILE *out;

    t->guest = guest;
    t->serial.chr.ops = &script_ops;
    if (!t->serial.input)
        t->serial.input = "";
    ls = lockstep_new(&config, err, sizeof(err));
    ck_assert_msg(ls != NULL, "%s", err);
    t->alike = lockstep_run(ls);
    lockstep_release(ls);
    out = open_memstream(&t->summary, &len);
    lockstep_summary(ls, out);
    printed(out, &t->summary);
    out = open_memstream(&t->report, &len);
    ck_assert_msg(lockstep_explain(ls, out, err, sizeof(err)) == 0, "%s", err);
    printed(out, &t->report);
    lockstep_free(ls);
    fclose(config.pc.debugcon);
}

static void done(struct test *t)
{
    free(t->summary);
    free(t->report);
}

#define expect_text(text, part)                                                                    \
    ck_assert_msg(strstr(text, part) != NULL, "no \"%s\" in:\n%s", part, text)

START_TEST(alike)
{
    static const u64 slices[] = {1, 7, 1000000};
    const struct guest *guest = &guests[_i / 3];
    struct test t = {0};
    char part[64];

    run(&t, guest, slices[_i % 3], 0);
    ck_assert_msg(t.alike, "%s: %s", guest->name, t.report);
    ck_assert_str_eq(t.report, "");
    snprintf(part, sizeof(part), "ended with status %d", guest->status);
    expect_text(t.summary, part);
    if (strcmp(guest->name, "serial") == 0)
        ck_assert_str_eq(t.serial.said, "x"); /* once, not by both */
    done(&t);
}
END_TEST

START_TEST(limit)
{
    struct test t = {0};

    run(&t, &count, 1000, 2500);
    ck_assert(t.alike);
    expect_text(t.summary, "alike after 2500 instructions (4 comparisons)\n");
    done(&t);
}
END_TEST

/* What comes in at the first machine comes in at the second, at the same instruction. */
START_TEST(input)
{
    struct test t = {.serial = {.input = "abcq", .every = 3}};

    run(&t, &echo, _i ? 1000000 : 99991, 0);
    ck_assert_msg(t.alike, "%s", t.report);
    expect_text(t.summary, "ended with status 1");
    ck_assert_str_eq(t.serial.said, "abcq");
    done(&t);
}
END_TEST

/* Differences at an instruction, in every kind of slice: found there, with that instruction. */
static const struct {
    u64 at;
    int what;
    const char *insn, *differs;
} differences[] = {
    {1, REGISTER, "0000:00001000  31 c0  xor", "ESI "},
    {2, BYTE, "0000:00001002  8e d8  mov", "memory at 00123454"},
    {COUNT_BEFORE + 1, BYTE, "0000:00001004  43  inc", "memory at 00123454"},
    {COUNT_BEFORE + COUNT_LOOP * 1234 + 2, BYTE, "0000:00001005  89 1e 00 30  mov",
     "memory at 00123454"},
    {COUNT_BEFORE + COUNT_LOOP * 1999 + 4, FLAG, "0000:0000100d  72 f5  j", "EFLAGS "},
    {COUNT_BEFORE + COUNT_LOOP * 777 + 3, TIMES, "0000:00001009  81 fb d0 07  cmp", "halted "},
};

START_TEST(difference)
{
    static const u64 slices[] = {1, 2, 500, 1000000};
    unsigned which = (unsigned)_i / 4;
    struct test t = {.at = differences[which].at, .go = 1};
    char part[80];

    t.what = (__typeof__(t.what))differences[which].what;
    run(&t, &count, slices[_i % 4], 0);
    ck_assert(!t.alike);
    ck_assert_uint_gt(t.disturbed, 1);
    snprintf(part, sizeof(part), "alike up to instruction %" PRIu64 " and differ", t.at - 1);
    expect_text(t.report, part);
    expect_text(t.report, differences[which].insn);
    expect_text(t.report, "What differs:\n");
    expect_text(strstr(t.report, "What differs:"), differences[which].differs);
    done(&t);
}
END_TEST

/* A difference that appears only where 20 instructions before it were run in one go: the shortest run
 * that shows it starts at the piece's start and ends at the instruction. */
START_TEST(hidden_by_steps)
{
    struct test t = {.at = 5000, .go = 20, .what = REGISTER};

    run(&t, &count, 1000000, 0);
    ck_assert(!t.alike);
    expect_text(t.report, "differ after instruction 5000 when the ");
    expect_text(t.report, "not when they are run in smaller pieces");
    expect_text(t.report, "  4999  0000:");
    ck_assert_ptr_null(strstr(t.report, "  5000  0000:"));
    expect_text(strstr(t.report, "What differs:"), "ESI ");
    done(&t);
}
END_TEST

/* A machine that only differs the first time cannot be explained, and the report says so. */
static void disturb_once(struct pc *pc, u64 from, u64 to, void *opaque)
{
    struct test *t = opaque;

    (void)from, (void)to;
    if (!t->disturbed++)
        pc_cpu(pc)->r[R_ESI] = 1;
}

START_TEST(not_again)
{
    struct test t = {.guest = &count};
    struct lockstep_config config = {
        .pc = {.ram_size = 2 * MIB, .no_reboot = true},
        .engine = {engine(0), engine(0)},
        .slice = 100,
        .setup = setup,
        .disturb = disturb_once,
        .opaque = &t,
    };
    char err[200] = "", *text = NULL;
    size_t len;
    struct lockstep *ls = lockstep_new(&config, err, sizeof(err));
    FILE *out = open_memstream(&text, &len);

    ck_assert_msg(ls != NULL, "%s", err);
    ck_assert(!lockstep_run(ls));
    lockstep_release(ls);
    ck_assert_int_eq(lockstep_explain(ls, out, err, sizeof(err)), 0);
    fclose(out);
    expect_text(text, "This time they do not differ");
    lockstep_free(ls);
    free(text);
}
END_TEST

/* pc_run_insns(): exact pieces, and the same machine in the end as in one run. */
START_TEST(pieces)
{
    struct test t = {.guest = &count};
    struct pc_config config = {.ram_size = 2 * MIB,
                               .clock = CLOCK_INSN,
                               .debug_exit = true,
                               .debug_exit_iobase = 0x501,
                               .debug_exit_iosize = 2,
                               .translate = {.engine = engine((unsigned)_i % 2)}};
    u64 step = (u64[]){1, 3, 1000}[_i / 2], insns = 0, whole;
    char err[200];
    struct pc *a = pc_new(&config, err, sizeof(err)), *b = pc_new(&config, err, sizeof(err));
    int status = -1;

    pc_on_reset(a, load, &t);
    pc_on_reset(b, load, &t);
    ck_assert_int_eq(pc_run(a), count.status);
    whole = cpu_insns(pc_cpu(a));
    ck_assert_uint_eq(whole, COUNT_BEFORE + COUNT_LOOP * COUNT_TIMES + 3); /* OUT ends it */
    ck_assert(!pc_run_insns(b, 0, &status));
    ck_assert_uint_eq(cpu_insns(pc_cpu(b)), 0);
    ck_assert_uint_eq(pc_cpu(b)->eip, CODE);
    while (!pc_run_insns(b, step, &status)) {
        insns += step;
        ck_assert_uint_eq(cpu_insns(pc_cpu(b)), insns);
        ck_assert_uint_lt(insns, whole + step);
    }
    ck_assert_int_eq(status, count.status);
    ck_assert_uint_eq(cpu_insns(pc_cpu(b)), whole);
    ck_assert_uint_eq(cpu_digest(pc_cpu(a)), cpu_digest(pc_cpu(b)));
    pc_free(a);
    pc_free(b);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lockstep");
    TCase *tc = tcase_create("lockstep");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, alike, 0, 3 * (int)ARRAY_SIZE(guests));
    tcase_add_test(tc, limit);
    tcase_add_loop_test(tc, input, 0, 2);
    tcase_add_loop_test(tc, difference, 0, 4 * (int)ARRAY_SIZE(differences));
    tcase_add_test(tc, hidden_by_steps);
    tcase_add_test(tc, not_again);
    tcase_add_loop_test(tc, pieces, 0, 6);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
