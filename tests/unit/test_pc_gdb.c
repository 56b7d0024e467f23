/* A debugger at a whole machine, byte by byte: stops while it runs and while it is halted, steps beside interrupts, what
 * a stop must not lose, and connections that come and go. */
#include <fcntl.h>

#include "tests/unit/pc_rig.h"

/* What the debugger says, one script after another: the next when the machine has answered the last, and has run for some
 * polls. */
struct debugger_line {
    struct chr chr;
    const char *const *script;
    unsigned at, polls;
    int fd;
    char said[1024];
    size_t said_len;
};

static struct debugger_line *line_of(struct chr *chr)
{
    return container_of(chr, struct debugger_line, chr);
}

static void line_write(struct chr *chr, const u8 *data, size_t len)
{
    struct debugger_line *line = line_of(chr);

    for (size_t i = 0; i < len && line->said_len + 1 < sizeof(line->said); i++)
        line->said[line->said_len++] = (char)data[i];
    line->said[line->said_len] = '\0';
}

/* There is always something to read, so that nobody waits. */
static int line_fd(struct chr *chr)
{
    return line_of(chr)->fd;
}

/* "\1" and "\2" stand for one who connects, or whose connection is gone; anything else is a packet, or a Ctrl-C. */
static void line_poll(struct chr *chr)
{
    struct debugger_line *line = line_of(chr);
    const char *text = line->script[line->at];
    char frame[128];
    u8 sum = 0;

    if (!text || ++line->polls % 4)
        return;
    line->at++;
    if (text[0] == 1 || text[0] == 2) {
        chr->connected(chr->opaque, text[0] == 1);
        return;
    }
    for (const char *c = text; *c; c++)
        sum = (u8)(sum + (u8)*c);
    snprintf(frame, sizeof(frame), text[0] == 3 ? "%s" : "$%s#%02x", text, sum);
    chr->receive(chr->opaque, (const u8 *)frame, strlen(frame));
}

static const struct chr_ops line_ops = {.write = line_write, .poll_fd = line_fd, .poll = line_poll};

/* What it said, without acknowledgements and sums, each with a blank behind. */
static void tidy(char *text)
{
    char *to = text;

    for (const char *c = text; *c; c++) {
        if (*c == '#') {
            *to++ = ' ';
            c += 2;
        } else if (*c != '+' && *c != '$') {
            *to++ = *c;
        }
    }
    *to = '\0';
}

static void debug(const struct guest *guest, const char *const *script, bool held,
                  const char *engine, enum clock_source clock, const char *want, int status)
{
    struct debugger_line line = {
        .chr = {.ops = &line_ops}, .script = script, .fd = open("/dev/zero", O_RDONLY | O_CLOEXEC)};
    struct pc_config config = config_default();
    struct machine m;

    config.gdb = &line.chr;
    config.starts_held = held;
    config.clock = clock;
    config.translate.engine = engine;
    run(&m, config, guest);
    close(line.fd);
    tidy(line.said);
    ck_assert_msg(m.status == status && strcmp(line.said, want) == 0,
                  "%s, clock %d: status %d, '%s', not %d, '%s'", engine, clock, m.status, line.said,
                  status, want);
}

static void debug_all(const struct guest *guest, const char *const *script, bool held,
                      const char *want, int status)
{
    for (const char *const *engine = translator_engines(); *engine; engine++) {
        debug(guest, script, held, *engine, CLOCK_INSN, want, status);
        debug(guest, script, held, *engine, CLOCK_HOST, want, status);
    }
}

/* sti; 1: hlt; jmp 1b, and no interrupt comes: the machine is halted until the debugger says something. */
static const struct guest halted = {BYTES("\xfb\xf4\xeb\xfd")};

/* nop; nop; jmp back */
static const struct guest busy = {BYTES("\x90\x90\xeb\xfc")};

/* IRQ 0 is vector 8 and comes once, after 8 us: the timer's line stays up from then on, however long a step takes. It waits
 * when interrupts are enabled in front of a HLT, at 0x1036; its handler ends with the low byte of where it has come from. */
static const struct guest shadow = {
    BYTES("\x31\xc0\x8e\xd8\xc7\x06\x20\x00\x00\x11\xc7\x06\x22\x00\x00\x00\xb0\x11\xe6\x20"
          "\xb0\x08\xe6\x21\xb0\x04\xe6\x21\xb0\x01\xe6\x21\xb0\xfe\xe6\x21\xb0\x30\xe6\x43"
          "\xb0\x0a\xe6\x40\xb0\x00\xe6\x40\xb9\x00\x10\xe2\xfe\xfb\xf4\xeb\xfe"),
    BYTES_ISR("\x58\xba\x01\x05\xee\xeb\xfe")};
#define AT_HLT     "1036"
#define BEHIND_HLT (0x37 * 2 + 1)

START_TEST(stop_while_halted)
{
    static const char *const script[] = {"\1", "?", "c", "\3", "p8", "k", NULL};

    debug_all(&halted, script, true, "T05thread:01; T02thread:01; 02100000 ", 0);
}
END_TEST

/* Who connects to a running machine stops it; the guest never knows. */
START_TEST(come_and_go)
{
    static const char *const script[] = {"\1", "?",  "Z0,1001,1", "\2", "\1", "m1000,1",
                                         "c",  "\3", "D",         "\1", "k",  NULL};

    debug_all(&busy, script, false, "T05thread:01; OK 90 T02thread:01; OK ", 0);
}
END_TEST

/* STI holds interrupts off for one instruction, also when the debugger has stopped in between. */
START_TEST(shadow_survives)
{
    static const char *const at_break[] = {"\1", "Z0," AT_HLT ",1", "c", "z0," AT_HLT ",1", "c",
                                           NULL};
    static const char *const by_step[] = {"\1", "Z1,1035,1", "c", "z1,1035,1", "s",
                                          "s",  "p8",        "c", NULL};
    static const char *const with_irq[] = {
        "\1", "Z1,1035,1", "c", "z1,1035,1", "Qqemu.sstep=1", "s", "s", "p8", "s", "p8", "c", NULL};

    debug_all(&shadow, at_break, true, "OK T05thread:01;swbreak:; OK W6f ", BEHIND_HLT);
    debug_all(&shadow, by_step, true,
              "OK T05thread:01;hwbreak:; OK T05thread:01; T05thread:01; 37100000 W6f ", BEHIND_HLT);
    debug_all(&shadow, with_irq, true,
              "OK T05thread:01;hwbreak:; OK OK T05thread:01; T05thread:01; 37100000 T05thread:01; "
              "00110000 W6f ",
              BEHIND_HLT);
}
END_TEST

/* The guest's stores as a debugger watches them, and its own DR0 on the same word. */
START_TEST(both_watch)
{
    /* xor ax,ax; mov ds,ax; mov word [4],0x1100; mov word [6],0; mov eax,0x2000; mov dr0,eax; mov eax,0x000d0001;
     * mov dr7,eax; mov [0x2000],ax; mov al,1; out exit */
    static const struct guest guest = {
        BYTES("\x31\xc0\x8e\xd8\xc7\x06\x04\x00\x00\x11\xc7\x06\x06\x00\x00\x00\x66\xb8\x00\x20\x00"
              "\x00"
              "\x0f\x23\xc0\x66\xb8\x01\x00\x0d\x00\x0f\x23\xf8\xa3\x00\x20" G_EXIT("\x01")),
        BYTES_ISR(G_EXIT("\x05"))};
    static const char *const script[] = {"\1", "Z2,2000,2", "c", "p8", "z2,2000,2", "c", NULL};

    debug_all(&guest, script, true, "OK T05thread:01;watch:2000; 25100000 OK W0b ", 11);
}
END_TEST

/* What the machine does without instructions ends a debugger's wait, too. */
START_TEST(the_end)
{
    static const struct guest guest = {BYTES(G_EXIT("\x07"))};
    static const char *const script[] = {"\1", "s", "c", NULL};

    debug_all(&guest, script, true, "T05thread:01; W0f ", 15);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pc_gdb");
    TCase *tc = tcase_create("pc_gdb");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tc, 0);
    tcase_add_test(tc, stop_while_halted);
    tcase_add_test(tc, come_and_go);
    tcase_add_test(tc, shadow_survives);
    tcase_add_test(tc, both_watch);
    tcase_add_test(tc, the_end);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
