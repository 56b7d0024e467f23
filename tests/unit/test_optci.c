/* Options of runs that nobody looks at, of the log in QEMU's words, and of what firmware is told. */
#include <stdlib.h>

#include "tests/unit/bench_main.h"
#include "tests/unit/options_line.h"

static const struct {
    const char *items;
    u32 mask;
    bool no_chain;
    unsigned notes;
} logs[] = {
    {"int", LOG_int, false, 0},
    {"guest_errors,cpu_reset", LOG_unassigned | LOG_reset, false, 0},
    {"unimp,int,mmu", LOG_unassigned | LOG_int | LOG_mmu, false, 0},
    {"pcall", LOG_task | LOG_fault, false, 0},
    {"op,op_opt,op_ind", LOG_uop, false, 0},
    {"in_asm,nochain", LOG_in_asm, true, 0},
    {"out_asm,page,in_asm", LOG_in_asm, false, 2},
};

START_TEST(log_items)
{
    struct line line;
    struct options o;
    char args[100], err[512];

    snprintf(args, sizeof(args), "-kernel;k;-d;%s", logs[_i].items);
    ck_assert_int_eq(parse(&line, &o, args, err, sizeof(err)), OPTIONS_RUN);
    ck_assert_uint_eq(o.log_mask, logs[_i].mask);
    ck_assert_int_eq(o.no_chain, logs[_i].no_chain);
    ck_assert_uint_eq(o.notes, logs[_i].notes);
}
END_TEST

static const struct {
    const char *args, *err;
} wrong[] = {
    {"-d;int,nothing", "-d nothing: no such log item; '-d help' lists them"},
    {"-d;int,", "-d : no such log item; '-d help' lists them"},
    {"-exit-status;bochs", "-exit-status bochs: give pagewalk or qemu"},
    {"-serial-stamp;utc", "-serial-stamp utc: give guest, host or off"},
    {"-completion;csh", "-completion csh: give bash, zsh or fish"},
    {"-fw_cfg;name=opt/a", "-fw_cfg name=opt/a: give either file=FILE or string=TEXT"},
    {"-fw_cfg;opt/a,file=x,string=y",
     "-fw_cfg opt/a,file=x,string=y: give either file=FILE or string=TEXT"},
    {"-fw_cfg;name=", "-fw_cfg name=: a name has 1 to 55 letters"},
    {"-fw_cfg;opt/a,gen_id=x",
     "-fw_cfg gen_id=x: no object here makes contents; give file= or string="},
    {"-smbios;file=x", "-smbios file=x: no tables are read from files; give type=N,KEY=VALUE..."},
    {"-smbios;type=0,release=1.256",
     "-smbios release=1.256: give two numbers up to 255, as in 1.2"},
    {"-smbios;type=0,release=1", "-smbios release=1: give two numbers up to 255, as in 1.2"},
    {"-smbios;type=11,path=x", "-smbios path=x: give the text itself as value="},
    {"-smbios;type=", "-smbios type=: it begins with type=N"},
    {"-device;pvpanic,ioport=0",
     "-device pvpanic: ioport=0: the port is a number from 1 to 0xffff"},
    {"-device;pc-testdev,x=1", "-device pc-testdev: x: no such key here; there are: id"},
};

START_TEST(error_line)
{
    struct line line;
    struct options o;
    char args[200], err[512];

    snprintf(args, sizeof(args), "-kernel;k;%s", wrong[_i].args);
    ck_assert_int_eq(parse(&line, &o, args, err, sizeof(err)), OPTIONS_ERROR);
    ck_assert_str_eq(err, wrong[_i].err);
}
END_TEST

START_TEST(values)
{
    struct line line;
    struct options o;
    char err[512];

    ck_assert_int_eq(parse(&line, &o,
                           "-kernel;k;-report;r;-junit;j;-exit-status;qemu;-serial-stamp;host;"
                           "-singlestep;-device;pvpanic,events=0x1;-action;panic=pause;-script;s;"
                           "-smbios;type=1,serial=1,,2;-smbios;type=11,value=a,value=b;-uuid;"
                           "00112233-4455-6677-8899-aabbCCDDEEFF;-fw_cfg;opt/x,string=y",
                           err, sizeof(err)),
                     OPTIONS_RUN);
    ck_assert_str_eq(o.report, "r");
    ck_assert_str_eq(o.junit, "j");
    ck_assert(o.exit_qemu && o.stamp == STAMP_HOST && o.block_len == 1);
    ck_assert(o.pvpanic_iobase == 0x505 && o.pvpanic_events == 1 && o.panic == PC_PANIC_PAUSE);
    ck_assert_str_eq(o.type, "@s");
    ck_assert_str_eq(o.smbios.text[SMBIOS_system_serial], "1,2");
    ck_assert_uint_eq(o.smbios.oems, 2);
    ck_assert_uint_eq(o.smbios.uuid[1], 0x11);
    ck_assert_uint_eq(o.smbios.uuid[15], 0xff);
    ck_assert_str_eq(o.fw_file[0].name, "opt/x");
    ck_assert_str_eq(o.fw_file[0].text, "y");
    ck_assert_uint_eq(o.notes, 0);
    ck_assert_int_eq(parse(&line, &o, "-completion;zsh", err, sizeof(err)), OPTIONS_COMPLETION);
    ck_assert_str_eq(o.text, "zsh");
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("optci");

    tcase_add_loop_test(tc, log_items, 0, ARRAY_SIZE(logs));
    tcase_add_loop_test(tc, error_line, 0, ARRAY_SIZE(wrong));
    tcase_add_test(tc, values);
    return bench_main(tc, "optci");
}
