/* The remote protocol of gdb without a debugger and without a machine: frames, registers, memory, points, and bytes that
 * nobody means. */
#include <check.h>
#include <string.h>

#include "cpu/debug.h"
#include "cpu/gdb/gdb.h"
#include "tests/unit/flat_cpu.h"

#define ROUNDS 200000

static struct flat_cpu flat;
static struct cpu *cpu;
static struct gdb gdb;
static char said[4 * GDB_PACKET];
static size_t said_len;
static unsigned resumed, stepped, stops, kills, leaves, backs, writes;
static bool can_go_back;

static void send_bytes(void *opaque, const void *data, size_t len)
{
    (void)opaque;
    if (len > sizeof(said) - 1 - said_len)
        said_len = 0;
    memcpy(said + said_len, data, len);
    said_len += len;
    said[said_len] = '\0';
}

static void on_resume(void *opaque, bool step)
{
    (void)opaque;
    resumed++;
    stepped += step;
}

static void on_stop(void *opaque)
{
    (void)opaque;
    stops++;
}

static void on_leave(void *opaque)
{
    (void)opaque;
    leaves++;
}

static void on_kill(void *opaque)
{
    (void)opaque;
    kills++;
}

static void on_command(void *opaque, const char *line, FILE *out)
{
    (void)opaque;
    fprintf(out, "<%s>", line);
}

static bool on_reverse(void *opaque, bool step)
{
    (void)opaque;
    backs++;
    stepped += step;
    return can_go_back;
}

static void on_wrote(void *opaque)
{
    (void)opaque;
    writes++;
}

static const struct gdb_ops ops = {
    .send = send_bytes,
    .resume = on_resume,
    .stop = on_stop,
    .detach = on_leave,
    .kill = on_kill,
    .command = on_command,
    .reverse = on_reverse,
    .wrote = on_wrote,
};

static void setup(void)
{
    cpu = flat_cpu_open(&flat, NULL);
    gdb_init(&gdb, cpu, &ops, NULL);
    said_len = 0;
    resumed = stepped = stops = kills = leaves = backs = writes = 0;
    can_go_back = true;
}

static void teardown(void)
{
    flat_cpu_close(&flat);
}

static void give(const char *bytes)
{
    said_len = 0;
    said[0] = '\0';
    gdb_receive(&gdb, (const u8 *)bytes, strlen(bytes));
}

/* A packet with its frame. */
static void packet(const char *text)
{
    char frame[GDB_PACKET + 8];
    u8 sum = 0;

    for (const char *c = text; *c; c++)
        sum = (u8)(sum + (u8)*c);
    snprintf(frame, sizeof(frame), "$%s#%02x", text, sum);
    give(frame);
}

/* What is said has its acknowledgement, its frame and its sum. */
static void expect_reply(const char *text, const char *want)
{
    char frame[GDB_PACKET + 8];
    u8 sum = 0;

    for (const char *c = want; *c; c++)
        sum = (u8)(sum + (u8)*c);
    snprintf(frame, sizeof(frame), "+$%s#%02x", want, sum);
    packet(text);
    ck_assert_msg(strcmp(said, frame) == 0, "%s: '%s', not '%s'", text, said, frame);
}

START_TEST(frames)
{
    give("$?#3f");
    ck_assert_str_eq(said, "+$T05thread:01;#07");
    give("-");
    ck_assert_str_eq(said, "$T05thread:01;#07");
    give("$?#3e"); /* a wrong sum */
    ck_assert_str_eq(said, "-");
    give("$?#3g");
    ck_assert_str_eq(said, "-");
    give("+ noise$m0,$?#3f"); /* a packet that has lost its end */
    ck_assert_str_eq(said, "+$T05thread:01;#07");
    give("\003");
    ck_assert_uint_eq(stops, 1);
    expect_reply("QStartNoAckMode", "OK");
    give("$?#3f");
    ck_assert_str_eq(said, "$T05thread:01;#07");
    give("$?#00");
    ck_assert_str_eq(said, "");
    gdb_reset(&gdb);
    expect_reply("?", "T05thread:01;");
}
END_TEST

START_TEST(unknown)
{
    static const char *const text[] = {"",  "vMustReplyEmpty", "qNever", "QNever:1", "!",
                                       "y", "vRun;x"};

    for (unsigned i = 0; i < ARRAY_SIZE(text); i++)
        expect_reply(text[i], "");
}
END_TEST

START_TEST(queries)
{
    expect_reply("qAttached", "1");
    expect_reply("qC", "QC01");
    expect_reply("qfThreadInfo", "m01");
    expect_reply("qsThreadInfo", "l");
    expect_reply("Hg0", "OK");
    expect_reply("qOffsets", "Text=0;Data=0;Bss=0");
    expect_reply("qqemu.sstepbits", "ENABLE=1,NOIRQ=2,NOTIMER=4");
    expect_reply("qqemu.sstep", "0x7");
    expect_reply("Qqemu.sstep=1", "OK");
    expect_reply("qqemu.sstep", "0x1");
    expect_reply("Qqemu.sstep=8", "E22");
    packet("qRcmd,696e666f2078"); /* "info x" */
    ck_assert_str_eq(said, "+$O3c696e666f20783e#60$OK#9a");
    expect_reply("qRcmd,6", "E22");
}
END_TEST

START_TEST(running)
{
    packet("c");
    ck_assert_str_eq(said, "+");
    ck_assert_uint_eq(resumed, 1);
    gdb_stopped(&gdb, GDB_STOP_INTERRUPT);
    ck_assert_str_eq(said, "+$T02thread:01;#04");
    said_len = 0;
    gdb_stopped(&gdb, GDB_STOP_INTERRUPT); /* nobody has asked */
    ck_assert_uint_eq(said_len, 0);
    packet("vCont;s:1;c");
    ck_assert_uint_eq(stepped, 1);
    gdb_stopped(&gdb, GDB_STOP_STEP);
    expect_reply("?", "T05thread:01;");
    packet("C05;1234");
    ck_assert_uint_eq(cpu->eip, 0x1234);
    cpu->debugger.hit_point = (struct debugger_point){DEBUGGER_READ, 0x5000, 4};
    gdb_stopped(&gdb, GDB_STOP_POINT);
    expect_reply("?", "T05thread:01;rwatch:5000;");
    cpu->debugger.hit_point = (struct debugger_point){DEBUGGER_HARD, 0x1234, 1};
    gdb_stopped(&gdb, GDB_STOP_POINT);
    expect_reply("?", "T05thread:01;hwbreak:;");
    expect_reply("vCont?", "vCont;c;C;s;S");
    expect_reply("vCont;x", "E22");
    packet("s");
    said_len = 0;
    gdb_exited(&gdb, 3);
    ck_assert_str_eq(said, "$W03#ba");
    packet("vCont;C0b:01;c");
    ck_assert_uint_eq(gdb.signal, 11);
    said_len = 0;
    gdb_stopped_by(&gdb, 30);
    ck_assert(strstr(said, "T1ethread:01;"));
    packet("C1e");
    ck_assert_uint_eq(gdb.signal, 30);
    said_len = 0;
    gdb_killed(&gdb, 11);
    ck_assert(strstr(said, "$X0b#"));
    packet("c");
    ck_assert_uint_eq(gdb.signal, 0);
    gdb_exited(&gdb, 0);
    expect_reply("qXfer:auxv:read::0,100", "");
    gdb.auxv = "abcd";
    gdb.auxv_len = 4;
    expect_reply("qXfer:auxv:read::0,100", "labcd");
    expect_reply("qXfer:auxv:read::1,2", "mbc");
    expect_reply("qXfer:auxv:read::9,2", "l");
    packet("k");
    ck_assert_uint_eq(kills, 1);
    expect_reply("D", "OK");
    ck_assert_uint_eq(leaves, 1);
}
END_TEST

/* Going back is offered only where it can be done, and what a debugger changes is told. */
START_TEST(backwards)
{
    packet("qSupported");
    ck_assert_ptr_null(strstr(said, "Reverse"));
    gdb.reverses = true;
    packet("qSupported");
    ck_assert_ptr_nonnull(strstr(said, ";ReverseStep+;ReverseContinue+#"));
    packet("bs");
    ck_assert_str_eq(said, "+");
    ck_assert_uint_eq(backs, 1);
    ck_assert_uint_eq(stepped, 1);
    said_len = 0;
    gdb_stopped(&gdb, GDB_STOP_STEP);
    ck_assert_str_eq(said, "$T05thread:01;#07");
    packet("bc");
    ck_assert_uint_eq(backs, 2);
    ck_assert_uint_eq(stepped, 1);
    said_len = 0;
    gdb_stopped(&gdb, GDB_STOP_BEGINNING);
    ck_assert_ptr_nonnull(strstr(said, "$T05thread:01;replaylog:begin;#"));
    packet("bc");
    said_len = 0;
    gdb_stopped(&gdb, GDB_STOP_END);
    ck_assert_ptr_nonnull(strstr(said, "replaylog:end;#"));
    expect_reply("b", "");
    expect_reply("bsc", "");
    can_go_back = false;
    expect_reply("bs", "E22");
    said_len = 0;
    gdb_stopped(&gdb, GDB_STOP_STEP); /* nobody waits for it */
    ck_assert_uint_eq(said_len, 0);
    ck_assert_uint_eq(writes, 0);
    packet("X1000,0:");
    packet("m1000,4");
    ck_assert_uint_eq(writes, 0);
    packet("M1000,1:00");
    ck_assert_uint_eq(writes, 1);
    packet("P0=12345678");
    ck_assert_uint_eq(writes, 2);
    packet("P0=12345678"); /* as it is */
    ck_assert_uint_eq(writes, 2);
}
END_TEST

START_TEST(registers)
{
    char all[2048];

    cpu->r[R_EAX] = 0x12345678;
    cpu->eip = 0xabcd;
    expect_reply("p0", "78563412");
    expect_reply("p8", "cdab0000");
    expect_reply("P1=01020304", "OK");
    ck_assert_uint_eq(cpu->r[R_ECX], 0x04030201);
    expect_reply("P1=0102", "E22");
    expect_reply("P999=00000000", "E22");
    expect_reply("p999", "E22");
    expect_reply("P9=d70a0000", "OK"); /* flags */
    ck_assert_uint_eq(flags_get(cpu), 0xad7);
    expect_reply("P10=0000000000000080ff3f", "OK"); /* st0 = 1.0 */
    ck_assert_uint_eq(cpu->x87.r[0].se, 0x3fff);
    expect_reply("p10", "0000000000000080ff3f");
    packet("g");
    snprintf(all, sizeof(all), "%.*s", (int)(said_len - 5), said + 2);
    all[0] = '1'; /* EAX's low byte: 18 */
    memmove(all + 1, all, strlen(all) + 1);
    all[0] = 'G';
    expect_reply(all, "OK");
    ck_assert_uint_eq(cpu->r[R_EAX], 0x12345618);
    ck_assert_uint_eq(cpu->eip, 0xabcd);
    /* The layout is the same in real mode. */
    cpu_reset(cpu);
    packet("g");
    ck_assert_uint_eq(said_len - 5, strlen(all) - 1);
}
END_TEST

/* Registers that cannot hold what is written keep what they have. */
START_TEST(control)
{
    u32 cr0 = cpu->cr0;
    unsigned number = 16 + 16 + 9 + 6;
    char text[64];

    snprintf(text, sizeof(text), "P%x=00000080", number); /* PG without PE */
    expect_reply(text, "E22");
    ck_assert_uint_eq(cpu->cr0, cr0);
    snprintf(text, sizeof(text), "P%x=00f0ff0f", number + 1);
    expect_reply(text, "OK");
    ck_assert_uint_eq(cpu->cr2, 0x0ffff000);
    expect_reply("Pa=ff000000", "E22"); /* CS: no such descriptor */
    ck_assert_uint_eq(cpu->seg[SREG_CS].sel, 8);
}
END_TEST

START_TEST(memory)
{
    u8 byte;

    expect_reply("M2ffe,4:01020304", "OK");
    expect_reply("m2ffe,4", "01020304");  /* over the end of a page */
    expect_reply("Mfffff,2:0102", "E14"); /* over the end of RAM: not the first byte either */
    phys_read(&flat.phys, 0xfffff, &byte, 1);
    ck_assert_uint_eq(byte, 0);
    expect_reply("mffffe,4", "0000"); /* what is there */
    expect_reply("m100000,4", "E14");
    expect_reply("mffffffff,2", "E14");
    expect_reply("m100000000,1", "E14");
    expect_reply("mfffffffffffffffff,1", "E22");
    expect_reply("m0", "E22");
    expect_reply("M0,2:01", "E22");
    expect_reply("X10,2:}\003z", "OK"); /* an escaped '#' */
    expect_reply("m10,2", "237a");
    expect_reply("X10,0:", "OK");
    expect_reply("qqemu.PhyMemMode", "0");
    expect_reply("Qqemu.PhyMemMode:1", "OK");
    expect_reply("m10,1", "23");
}
END_TEST

START_TEST(points)
{
    expect_reply("Z0,1000,1", "OK");
    expect_reply("Z0,1000,1", "OK");
    ck_assert_uint_eq(cpu->debugger.codes, 1);
    ck_assert(debug_breaks_at(cpu, 0x1000));
    ck_assert_uint_eq(cpu->mode & MODE_DEBUG, 0);
    expect_reply("z0,1000,1", "OK");
    ck_assert(!debug_breaks_at(cpu, 0x1000));
    for (unsigned i = 0; i < DEBUGGER_WATCHES; i++) {
        char text[32];

        snprintf(text, sizeof(text), "Z2,%x,4", 0x2000 + i * 4);
        expect_reply(text, "OK");
    }
    ck_assert_uint_eq(cpu->mode & MODE_DEBUG, 0); /* stores may end any block */
    expect_reply("Z2,3000,4", "E22");
    expect_reply("z2,2000,4", "OK");
    expect_reply("Z3,3000,4", "OK");
    ck_assert_uint_ne(cpu->mode & MODE_DEBUG, 0);
    expect_reply("Z2,3000,0", "E22");
    expect_reply("Z2,ffffffff,2", "E22");
    expect_reply("Z7,3000,4", "");
    expect_reply("D", "OK");
    ck_assert_uint_eq(cpu->debugger.points, 0);
    ck_assert_uint_eq(cpu->mmu.watches, 0);
}
END_TEST

START_TEST(target_description)
{
    static char whole[3 * GDB_PACKET];
    size_t len = 0;

    for (bool more = true; more;) {
        char text[64];

        snprintf(text, sizeof(text), "qXfer:features:read:target.xml:%zx,fb", len);
        packet(text);
        ck_assert(said[2] == 'm' || said[2] == 'l');
        more = said[2] == 'm';
        memcpy(whole + len, said + 3, said_len - 6);
        len += said_len - 6;
        ck_assert_uint_lt(len, sizeof(whole) - GDB_PACKET);
    }
    whole[len] = '\0';
    ck_assert_ptr_nonnull(strstr(whole, "org.gnu.gdb.i386.core"));
    ck_assert_ptr_nonnull(strstr(whole, "<reg name=\"gs_base\" bitsize=\"32\""));
    ck_assert_str_eq(whole + len - strlen("</target>"), "</target>");
    expect_reply("qXfer:features:read:other.xml:0,10", "E00");
}
END_TEST

/* The kernel's file can be read, and no other; nothing is written. A byte that is one of the protocol's is escaped. */
START_TEST(kernel_file)
{
    static const char name[] = "/k", bytes[] = "\x7f"
                                               "ELF}#tail";
    struct gdb_file file = {.name = name};
    FILE *f = tmpfile();

    packet("qSupported");
    ck_assert_ptr_null(strstr(said, "exec-file"));
    expect_reply("qXfer:exec-file:read::0,fff", "");
    expect_reply("vFile:open:2f6b,0,0", "");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(bytes, 1, strlen(bytes), f), strlen(bytes));
    ck_assert_int_eq(fflush(f), 0);
    file.fd = fileno(f);
    gdb.file = &file;
    packet("qSupported");
    ck_assert_ptr_nonnull(strstr(said, ";qXfer:exec-file:read+"));
    expect_reply("qXfer:exec-file:read:1:0,1", "m/");
    expect_reply("qXfer:exec-file:read::1,fff", "lk");
    expect_reply("qXfer:exec-file:read::ffffffffffffffff,fff", "l");
    expect_reply("qXfer:exec-file:read::0", "E00");
    expect_reply("vFile:setfs:0", "F0");
    expect_reply("vFile:pread:1,10,0", "F-1,9"); /* EBADF */
    expect_reply("vFile:open:2f6b,0,0", "F1");
    expect_reply("vFile:open:2f6b,1,1ff", "F-1,1e");   /* EROFS, by O_WRONLY, */
    expect_reply("vFile:open:2f6b,200,1ff", "F-1,1e"); /* and by O_CREAT */
    expect_reply("vFile:open:2f6b00,0,0", "F-1,d");    /* EACCES */
    expect_reply("vFile:open:2f6574632f706173737764,0,0", "F-1,d");
    expect_reply("vFile:open:2f6b", "F-1,16"); /* EINVAL */
    expect_reply("vFile:pread:1,4,0", "F4;\x7f"
                                      "ELF");
    expect_reply("vFile:pread:1,ffffffffffffffff,4", "F6;}]}\x03tail");
    expect_reply("vFile:pread:1,10,a", "F0;");
    expect_reply("vFile:pread:1,10,ffffffffffffffff", "F-1,16");
    expect_reply("vFile:pread:2,10,0", "F-1,9");
    packet("vFile:fstat:1");
    ck_assert_int_eq(memcmp(said, "+$F40;\0\0\0\0\0\0\0\0\0\0\x81}\4\0\0\0\1", 23), 0);
    ck_assert_int_eq(memcmp(said + 35, "\0\0\0\0\0\0\0\x0a\0\0\0\0\0\0\2\0", 16), 0);
    expect_reply("vFile:pwrite:1,0,x", "F-1,1e");
    expect_reply("vFile:unlink:2f6b", "F-1,1e");
    expect_reply("vFile:readlink:2f6b", "F-1,16");
    expect_reply("vFile:mkdir:2f6b", "");
    expect_reply("vFile:close:1", "F0");
    expect_reply("vFile:close:1", "F-1,9");
    expect_reply("vFile:open:2f6b,0,0", "F1");
    gdb_reset(&gdb); /* who comes next has opened nothing */
    expect_reply("vFile:fstat:1", "F-1,9");
    fclose(f);
}
END_TEST

START_TEST(too_long)
{
    static char frame[2 * GDB_PACKET + 8];
    u8 sum = 0;
    size_t len = 0;

    frame[len++] = '$';
    while (len < 2 * GDB_PACKET) {
        frame[len++] = 'm';
        sum = (u8)(sum + 'm');
    }
    snprintf(frame + len, 8, "#%02x", sum);
    give(frame);
    ck_assert_str_eq(said, "+$E07#ac");
    expect_reply("qC", "QC01");
}
END_TEST

/* Packets of a few letters that mean something, with good sums, cut and mixed at random. */
START_TEST(random_packets)
{
    static const char *const start[] = {"m",
                                        "M",
                                        "X",
                                        "Z",
                                        "z",
                                        "g",
                                        "G",
                                        "P",
                                        "p",
                                        "vCont",
                                        "qXfer:features:read:target.xml:",
                                        "c",
                                        "qRcmd,",
                                        "vFile:",
                                        "vFile:open:",
                                        "Qqemu.",
                                        "H",
                                        "qqemu."};
    static const char letters[] = "0123456789abcdef,;:=}#$-+%sc\003";
    u64 seed = 77;

    for (unsigned i = 0; i < ROUNDS; i++) {
        char text[80];
        size_t len = 0;

        len += (size_t)snprintf(text, sizeof(text), "%s",
                                start[test_random(&seed) % ARRAY_SIZE(start)]);
        for (u64 n = test_random(&seed) % 24; n; n--)
            text[len++] = letters[test_random(&seed) % (sizeof(letters) - 1)];
        text[len] = '\0';
        if (test_random(&seed) % 4)
            packet(text);
        else
            give(text);
        ck_assert_uint_le(cpu->debugger.points - cpu->debugger.codes, DEBUGGER_WATCHES);
        if (i % 256 == 0)
            packet("D");
    }
    give("#00");
    gdb_reset(&gdb);
    expect_reply("qC", "QC01");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gdb");
    TCase *tc = tcase_create("gdb");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tc, 0);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, frames);
    tcase_add_test(tc, unknown);
    tcase_add_test(tc, queries);
    tcase_add_test(tc, running);
    tcase_add_test(tc, backwards);
    tcase_add_test(tc, registers);
    tcase_add_test(tc, control);
    tcase_add_test(tc, memory);
    tcase_add_test(tc, points);
    tcase_add_test(tc, target_description);
    tcase_add_test(tc, kernel_file);
    tcase_add_test(tc, too_long);
    tcase_add_test(tc, random_packets);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
