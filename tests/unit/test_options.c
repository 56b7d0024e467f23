/* The command line: values, error lines word by word, defaults, value forms. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "boot/options.h"
#include "boot/optvalue.h"
#include "tests/unit/options_line.h"
#include "translate/translate.h"

#define BACK_ENDS                                                                                  \
    "stdio, mon:stdio, file:FILE, pipe:PATH, pty, tcp:HOST:PORT, unix:PATH, udp:HOST:PORT, null, " \
    "none or chardev:ID"

static const struct {
    const char *args, *err;
} errors[] = {
    {"", "nothing to boot: give a disk image or -kernel FILE (-help lists the options)"},
    {"-kernal;k", "unknown option '-kernal'; did you mean '-kernel'?"},
    {"--kernle;k", "unknown option '--kernle'; did you mean '-kernel'?"},
    {"-nograhpic", "unknown option '-nograhpic'; did you mean '-nographic'?"},
    {"-qqqqqq", "unknown option '-qqqqqq'; -help lists the options"},
    {"--", "unknown option '--'; -help lists the options"},
    {"---kernel;k", "unknown option '---kernel'; did you mean '-kernel'?"},
    {"-kernel=k", "unknown option '-kernel=k'; did you mean '-kernel'?"},
    {"-kernel", "option '-kernel' needs a value: FILE"},
    {"-kernel;k;-m", "option '-m' needs a value: MEGS[M|G]"},
    {"-kernel;k;--append", "option '--append' needs a value: TEXT"},
    {"-", "unknown option '-'; -help lists the options"},
    {"-option-rom;1;-option-rom;2;-option-rom;3;-option-rom;4;-option-rom;5;-option-rom;6;-option-"
     "rom;"
     "7;-option-rom;8;-option-rom;9",
     "-option-rom: there are 8 already"},
    {"-hda;a;-screenshot;x.jpg", "-screenshot x.jpg: the name can end in .png, .ppm or .txt"},
    {"-initrd;i", "-initrd needs -kernel"},
    {"-append;x;-bios;b", "-append needs -kernel"},
    {"-kernel;k;-m;0", "-m 0: not a memory size; give MiB, or a number with M or G"},
    {"-kernel;k;-m;64K", "-m 64K: not a memory size; give MiB, or a number with M or G"},
    {"-kernel;k;-m;-64", "-m -64: not a memory size; give MiB, or a number with M or G"},
    {"-kernel;k;-m;99999999999999999999",
     "-m 99999999999999999999: not a memory size; give MiB, or a number with M or G"},
    {"-kernel;k;-m;18014398509481985G",
     "-m 18014398509481985G: not a memory size; give MiB, or a number with M or G"},
    {"-kernel;k;-cpu;pentium3,sse2",
     "-cpu sse2: +FEATURE or -FEATURE is one of: tsc msr cx8 cmov "
     "sep mmx fxsr sse sse2 sse3 monitor nx mtrr pat mca mce vme de pse pae "
     "pse36 pge apic"},
    {"-kernel;k;-machine;vax",
     "-machine vax: give pc or isapc, or properties as acpi=on|off and accel=tcg"},
    {"-kernel;k;-display;curses;-serial;stdio", "-display curses and the serial port both need "
                                                "this terminal; give the port another place with "
                                                "-serial"},
    {"-kernel;k;-display;curses;-nographic", "-display curses and the serial port both need this "
                                             "terminal; give the port another place with "
                                             "-serial"},
    {"-kernel;k;-display;curses;-debugcon;stdio",
     "-display curses and -debugcon stdio both need this terminal"},
    {"-kernel;k;-nographic;-full-screen", "-full-screen needs a window (-display sdl)"},
    {"-kernel;k;-lockstep;interp,interp;-display;sdl",
     "-lockstep has no screen: leave out -display and -screenshot"},
    {"-kernel;k;-lockstep;interp,interp;-screenshot;x.png",
     "-lockstep has no screen: leave out -display and -screenshot"},
    {"-kernel;k;-type;<f13>",
     "-type: '<f13>' is no key, no time as in <500ms> or <2s>, and not <see TEXT>, <screenshot> or "
     "<quit>"},
    {"-kernel;k;-type;a<b", "-type: '<b' has no '>'; \\< types a '<'"},
    {"-kernel;k;-vga;tcx", "-vga tcx: give std or none"},
    {"-kernel;k;-boot;x", "-boot x: give an order of a, c, d and n, or menu=on|off"},
    {"-kernel;k;-boot;order=acdc", "-boot acdc: give an order of a, c, d and n, or menu=on|off"},
    {"-kernel;k;-net;vde", "-net vde: not here; give user, tap or socket"},
    {"-kernel;k;-net;lan",
     "-net lan: no such back end; there are: user tap socket dgram stream script hubport none"},
    {"-kernel;k;-nic;user,model=ne3000", "-nic user: model=ne3000: no such card here; there are: "
                                         "ne2k_isa e1000 pcnet rtl8139 ne2k_pci"},
    {"-kernel;k;-nic;user,mac=01:00:5e:00:00:01",
     "-nic user: mac=01:00:5e:00:00:01: give the address of one card, as 52:54:00:12:34:56"},
    {"-kernel;k;-netdev;user", "-netdev user: give id=NAME, by which a card finds it"},
    {"-kernel;k;-device;ne2k_pci,netdev=a",
     "a network card: there is no back end 'a'; give -netdev user,id=a"},
    {"-kernel;k;-netdev;user,id=a;-device;ne2k_pci,netdev=a;-device;ne2k_isa,netdev=a",
     "a network card: the back end 'a' has a card already"},
    {"-kernel;k;-netdev;user,id=a;-netdev;user,id=a",
     "-netdev user,id=a: there are two back ends 'a'"},
    {"-kernel;k;-nic;socket", "-nic socket: give one of listen=, connect=, mcast= and udp="},
    {"-kernel;k;-device;ne2k_isa,iobase=0x301",
     "-device ne2k_isa: iobase=0x301: the ports begin at a multiple of 0x20, as 0x300"},
    {"-kernel;k;-lockstep;interp,interp;-display;none;-nic;user",
     "-lockstep: two machines cannot share a network; leave it out"},
    {"-kernel;k;-speed;fast", "-speed fast: give 1 to 10000 percent, normal or max"},
    {"-kernel;k;-speed;0", "-speed 0: give 1 to 10000 percent, normal or max"},
    {"-kernel;k;-lockstep;interp,interp;-speed;50",
     "-lockstep goes as fast as it can: leave out -speed"},
    {"-kernel;k;-clock;fast", "-clock fast: give host or insn"},
    {"-kernel;k;-serial;tcp:1", "-serial tcp:1: give " BACK_ENDS},
    {"-kernel;k;-serial;file:", "-serial file:: give " BACK_ENDS},
    {"-kernel;k;-serial;null;-serial;null;-serial;null;-serial;null;-serial;stdio",
     "-serial stdio: the machine has four serial ports"},
    {"-kernel;k;-parallel;null;-parallel;file:x",
     "-parallel file:x: this port has a place already: null"},
    {"-kernel;k;-serial;chardev:c",
     "chardev:c: there is no such back end; give -chardev KIND,id=c"},
    {"-kernel;k;-chardev;tape,id=c",
     "-chardev tape: no such back end here; there are: null stdio file pipe pty socket udp vc "
     "ringbuf"},
    {"-kernel;k;-chardev;file,id=c", "-chardev file,id=c: give path="},
    {"-kernel;k;-chardev;null", "-chardev null: give id=NAME, by which a port finds it"},
    {"-kernel;k;-debugcon;tape", "-debugcon tape: give " BACK_ENDS},
    {"-kernel;k;-global;e1000.x=1",
     "-global e1000.x=1: the one that there is here is isa-debugcon.iobase=PORT"},
    {"-kernel;k;-global;isa-debugcon.iobase=65536",
     "-global isa-debugcon.iobase=65536: the port is a number up to 0xffff"},
    {"-kernel;k;-debugcon;null;-device;isa-debug-exit;-global;isa-debugcon.iobase=0x502",
     "-device isa-debug-exit and -debugcon are both at port 0x502"},
    {"-kernel;k;-d;int,nonsense", "-d nonsense: no such log item; '-d help' lists them"},
    {"-kernel;k;-engine;warp",
     "-engine warp: no such engine in this build; '-engine help' lists them"},
    {"-kernel;k;-lockstep;interp",
     "-lockstep interp: give two engines, ENGINE,ENGINE; '-engine help' lists them"},
    {"-kernel;k;-lockstep;interp,warp",
     "-lockstep interp,warp: give two engines, ENGINE,ENGINE; '-engine help' lists them"},
    {"-kernel;k;-lockstep;interp,interp,9", "-lockstep interp,interp,9: '9' is not insns=N"},
    {"-kernel;k;-lockstep;interp,interp,insns=0",
     "-lockstep 0: not a number from 1 to 9223372036854775807"},
    {"-kernel;k;-clock;host;-lockstep;interp,interp",
     "-lockstep needs -clock insn: under the host's clock no two runs are alike"},
    {"-kernel;k;-lockstep;interp,interp;-engine;interp",
     "-engine and -lockstep: give the engines with one of them"},
    {"-kernel;k;-digest;0", "-digest 0: not a number from 1 to 9223372036854775807"},
    {"-kernel;k;-digest;1 ", "-digest 1 : not a number from 1 to 9223372036854775807"},
    {"-kernel;k;-block-len;rnd", "-block-len rnd: not a number from 1 to 1000"},
    {"-kernel;k;-tlb-limit;4294967296", "-tlb-limit 4294967296: not a number from 1 to 4294967295"},
    {"-kernel;k;-code-buffer;15K", "-code-buffer 15K: give a size from 16K to 256M"},
    {"-kernel;k;-code-buffer;257M", "-code-buffer 257M: give a size from 16K to 256M"},
    {"-kernel;k;-code-buffer;0M", "-code-buffer 0M: give a size from 16K to 256M"},
    {"-kernel;k;-code-buffer;K", "-code-buffer K: give a size from 16K to 256M"},
    {"-kernel;k;-code-buffer;11111111111111111111K",
     "-code-buffer 11111111111111111111K: give a size from 16K to 256M"},
    {"-kernel;k;-device;virtio-net-pci",
     "-device virtio-net-pci: there is no such card; give e1000, ne2k_pci or ne2k_isa"},
    {"-kernel;k;-device;isa-debug-exit2,iobase=1",
     "-device isa-debug-exit2: no such device here; there are: isa-debug-exit pvpanic pc-testdev "
     "isa-serial "
     "isa-parallel isa-debugcon ide-hd ide-cd ide-drive floppy e1000 ne2k_isa ne2k_pci pcnet "
     "rtl8139"},
    {"-kernel;k;-device;isa-debug-exit,iobase=",
     "-device isa-debug-exit: iobase=: the port is a number up to 0xffff"},
    {"-kernel;k;-device;isa-debug-exit,iosize=3",
     "-device isa-debug-exit: iosize=3: give 1, 2, 4, 0x1, 0x2, 0x4, 0x01, 0x02 or 0x04"},
    {"-kernel;k;-device;isa-debug-exit,iobase=0xffff",
     "-device isa-debug-exit: the ports reach beyond 0xffff"},
    {"-kernel;k;-debugcon;null;-device;isa-debug-exit,iobase=0xe8,iosize=2",
     "-device isa-debug-exit and -debugcon are both at port 0xe9"},
    {"-kernel;k;-rtc;base=2025-02-29",
     "-rtc base=2025-02-29: give base=utc, base=localtime or base=YYYY-MM-DDTHH:MM:SS"},
};

START_TEST(error_line)
{
    struct line line;
    struct options o;
    char err[512];

    ck_assert_int_eq(parse(&line, &o, errors[_i].args, err, sizeof(err)), OPTIONS_ERROR);
    ck_assert_str_eq(err, errors[_i].err);
}
END_TEST

static const struct {
    const char *args;
    enum options_result result;
} results[] = {
    {"-help", OPTIONS_HELP},
    {"--help", OPTIONS_HELP},
    {"-h", OPTIONS_HELP},
    {"-kernel;k;-h;junk", OPTIONS_HELP},
    {"--version", OPTIONS_VERSION},
    {"-d;help", OPTIONS_LOG_HELP},
    {"-cpu;help", OPTIONS_CPU_HELP},
    {"-engine;help", OPTIONS_ENGINE_HELP},
    {"-device;help", OPTIONS_DEVICE_HELP},
    {"-kernel;k", OPTIONS_RUN},
    {"--kernel;k;--nographic", OPTIONS_RUN},
    {"-bios;b", OPTIONS_RUN},
    {"disk.img", OPTIONS_RUN},
    {"-cdrom;c", OPTIONS_RUN},
    {"-fda;f", OPTIONS_RUN},
    {"-kernel;k;-append;-odd --text", OPTIONS_RUN},
};

START_TEST(result)
{
    struct line line;
    struct options o;
    char err[512];

    ck_assert_int_eq(parse(&line, &o, results[_i].args, err, sizeof(err)), results[_i].result);
}
END_TEST

START_TEST(defaults)
{
    struct line line;
    struct options o;
    char err[512];
    bool escapes;

    ck_assert_int_eq(parse(&line, &o, "-kernel;k", err, sizeof(err)), OPTIONS_RUN);
    ck_assert_uint_eq(o.ram_size, 128ull << 20);
    ck_assert(!o.isa_only && !o.no_acpi);
    ck_assert_str_eq(o.kernel, "k");
    ck_assert_ptr_null(o.initrd);
    ck_assert_ptr_null(o.append);
    ck_assert_ptr_null(o.engine);
    ck_assert(!o.port_given[PORT_DEBUGCON]);
    ck_assert_uint_eq(o.debugcon_iobase, 0xe9);
    ck_assert_ptr_eq(o.model, cpu_model_find(CPU_MODEL_DEFAULT));
    ck_assert_int_eq(o.clock, CLOCK_HOST);
    ck_assert_uint_eq(o.speed, SPEED_NORMAL);
    ck_assert(!o.no_reboot && !o.nographic && !o.debug_exit && !o.stats && !o.no_chain);
    ck_assert_uint_eq(o.log_mask, 0);
    ck_assert_uint_eq(o.notes, 0);
    ck_assert_int_eq(options_display(&o), UI_SDL);
    ck_assert(!options_serial_stdio(&o, &escapes) && !escapes);
    ck_assert(!o.full_screen && !o.screenshot && !o.type);
    ck_assert_int_eq(options_rtc_start(&o, 1000), 1000);
}
END_TEST

START_TEST(everything)
{
    struct line line;
    struct options o;
    char err[512];

    ck_assert_int_eq(
        parse(&line, &o,
              "-m;2G;-kernel;k;-initrd;i;-append;a b;-bios;b;-nographic;-no-reboot;"
              "-clock;insn;-speed;250%;-digest;1000;-stats;-stats;json:s;-no-chain;-block-len;7;-"
              "tlb-limit;0x10;"
              "-cache-blocks;5;-native-after;3;-code-buffer;64K;-slow-mem;-device;isa-debug-exit,"
              "iobase=0xf4,iosize=4;"
              "-debugcon;file:x;-global;isa-debugcon.iobase=0x402;-D;log;-d;int,fault",
              err, sizeof(err)),
        OPTIONS_RUN);
    ck_assert_uint_eq(o.ram_size, 2048ull << 20);
    ck_assert_str_eq(o.initrd, "i");
    ck_assert_str_eq(o.append, "a b");
    ck_assert_str_eq(o.bios, "b");
    ck_assert(o.nographic && o.no_reboot && o.stats && o.no_chain && !o.random_len);
    ck_assert_str_eq(o.stats_file, "s");
    ck_assert_int_eq(o.clock, CLOCK_INSN);
    ck_assert_uint_eq(o.speed, 250);
    ck_assert_uint_eq(o.checkpoints.every, 1000);
    ck_assert_uint_eq(o.block_len, 7);
    ck_assert_uint_eq(o.tlb_limit, 16);
    ck_assert_uint_eq(o.cache_blocks, 5);
    ck_assert_uint_eq(o.native_after, 3);
    ck_assert_uint_eq(o.code_buffer, 65536);
    ck_assert(o.slow_mem);
    ck_assert(o.debug_exit);
    ck_assert_uint_eq(o.debug_exit_iobase, 0xf4);
    ck_assert_uint_eq(o.debug_exit_iosize, 4);
    ck_assert_str_eq(o.port[PORT_DEBUGCON].path, "x");
    ck_assert_uint_eq(o.debugcon_iobase, 0x402);
    ck_assert_str_eq(o.log_file, "log");
    ck_assert_uint_eq(o.log_mask, LOG_int | LOG_fault);
    ck_assert_int_eq(options_rtc_start(&o, 1000), RTC_INSN_START);
}
END_TEST

static const struct {
    const char *args;
    bool isa_only, no_acpi;
} boards[] = {
    {"d;-machine;pc", false, false},      {"d;-M;isapc", true, false},
    {"d;-no-acpi", false, true},          {"d;-machine;pc,acpi=off", false, true},
    {"d;-machine;acpi=off", false, true}, {"d;-no-acpi;-machine;pc,acpi=on", false, false},
};

START_TEST(board)
{
    struct line line;
    struct options o;
    char err[512];

    ck_assert_int_eq(parse(&line, &o, boards[_i].args, err, sizeof(err)), OPTIONS_RUN);
    ck_assert(o.isa_only == boards[_i].isa_only && o.no_acpi == boards[_i].no_acpi);
    ck_assert_uint_eq(o.notes, 0);
}
END_TEST

START_TEST(notes)
{
    struct line line;
    struct options o;
    char err[512];

    ck_assert_int_eq(parse(&line, &o,
                           "-kernel;k;-accel;tcg;-M;pc;-smp;1;-usb;-enable-kvm;-name;box;"
                           "-rtc;clock=vm",
                           err, sizeof(err)),
                     OPTIONS_RUN);
    ck_assert_uint_eq(o.notes, 5);
    ck_assert_str_eq(o.note[0].name, "accel");
    ck_assert_str_eq(o.note[0].value, "tcg");
    ck_assert_str_eq(o.note[1].name, "usb");
    ck_assert_ptr_null(o.note[1].value);
    ck_assert_str_eq(o.note[4].value, "clock=vm");
}
END_TEST

/* What network there is when none, or nothing of it, is asked for. devs: with libslirp. */
static const struct {
    const char *args;
    unsigned nics, devs;
    enum net_card card;
} networks[] = {
    {"-kernel;k", 1, 1, NET_CARD_E1000},
    {"-kernel;k;-machine;isapc", 1, 1, NET_CARD_NE2K_ISA},
    {"-kernel;k;-nodefaults", 0, 0, NET_CARD_E1000},
    {"-kernel;k;-net;none", 0, 0, NET_CARD_E1000},
    {"-kernel;k;-nic;none", 0, 0, NET_CARD_E1000},
    {"-kernel;k;-device;rtl8139", 1, 0, NET_CARD_RTL8139},
    {"-kernel;k;-netdev;user,id=a", 0, 1, NET_CARD_E1000},
    {"-kernel;k;-nodefaults;-nic;user,model=pcnet", 1, 1, NET_CARD_PCNET},
    /* The same each time: */
    {"-kernel;k;-clock;insn", 1, 0, NET_CARD_E1000},
    {"-kernel;k;-record;r", 1, 0, NET_CARD_E1000},
    {"-kernel;k;-replay;r", 1, 0, NET_CARD_E1000},
    {"-kernel;k;-reverse", 1, 0, NET_CARD_E1000},
    {"-kernel;k;-lockstep;interp,interp;-display;none", 1, 0, NET_CARD_E1000},
    {"-kernel;k;-clock;insn;-nic;user", 1, 1, NET_CARD_E1000},
};

START_TEST(default_network)
{
    bool asked = strstr(networks[_i].args, "user") != NULL;
    struct line line;
    struct options o;
    char err[512];

    ck_assert_int_eq(parse(&line, &o, networks[_i].args, err, sizeof(err)), OPTIONS_RUN);
    ck_assert_uint_eq(o.net.nics, networks[_i].nics);
    ck_assert_uint_eq(o.net.devs, asked || netdev_user_version() ? networks[_i].devs : 0);
    if (!o.net.nics)
        return;
    ck_assert_int_eq(o.net.nic[0].card.card, networks[_i].card);
    ck_assert_uint_eq(o.net.nic[0].card.mac[5], 0x56);
    ck_assert(!o.net.nic[0].netdev == !o.net.devs);
}
END_TEST

static const struct {
    const char *args, *serial;
    bool stdio, escapes;
    enum ui_kind display;
} serials[] = {
    {"-kernel;k", "null", false, false, UI_SDL},
    {"-kernel;k;-display;sdl", "null", false, false, UI_SDL},
    {"-kernel;k;-display;curses", "null", false, false, UI_CURSES},
    {"-kernel;k;-display;curses;-serial;file:x", "file:x", false, false, UI_CURSES},
    {"-kernel;k;-nographic;-display;sdl", "stdio", true, true, UI_SDL},
    {"-kernel;k;-vga;none", "stdio", true, false, UI_NONE},
    {"-kernel;k;-lockstep;interp,interp", "stdio", true, false, UI_NONE},
    {"-kernel;k;-nographic", "stdio", true, true, UI_NONE},
    {"-kernel;k;-serial;stdio", "stdio", true, false, UI_SDL},
    {"-kernel;k;-serial;mon:stdio", "mon:stdio", true, true, UI_SDL},
    {"-kernel;k;-nographic;-serial;stdio", "stdio", true, true, UI_NONE},
    {"-kernel;k;-nographic;-serial;file:x", "file:x", false, true, UI_NONE},
    {"-kernel;k;-nographic;-display;none", "stdio", true, true, UI_NONE},
    {"-kernel;k;-display;none", "null", false, false, UI_NONE},
    {"-kernel;k;-display;none;-serial;pty", "pty", false, false, UI_NONE},
    {"-kernel;k;-serial;none", "none", false, false, UI_SDL},
};

START_TEST(serial)
{
    struct line line;
    struct options o;
    char err[512];
    bool escapes;

    ck_assert_int_eq(parse(&line, &o, serials[_i].args, err, sizeof(err)), OPTIONS_RUN);
    ck_assert_str_eq(options_port(&o, PORT_COM1)->text, serials[_i].serial);
    ck_assert_int_eq(options_display(&o), serials[_i].display);
    ck_assert_int_eq(options_serial_stdio(&o, &escapes), serials[_i].stdio);
    if (serials[_i].stdio)
        ck_assert_int_eq(escapes, serials[_i].escapes);
}
END_TEST

START_TEST(cpu_and_engine)
{
    struct line line;
    struct options o;
    char err[512], args[128];

    for (const struct cpu_model *m = cpu_models(); m->name; m++) {
        snprintf(args, sizeof(args), "-kernel;k;-cpu;%s", m->name);
        ck_assert_int_eq(parse(&line, &o, args, err, sizeof(err)), OPTIONS_RUN);
        ck_assert_ptr_eq(o.model, m);
    }
    ck_assert_int_eq(parse(&line, &o, "-kernel;k;-cpu;pentium3,+sse2", err, sizeof(err)),
                     OPTIONS_RUN);
    ck_assert_ptr_eq(o.model, &o.own_model);
    ck_assert(cpu_has(o.model, FEAT_SSE2));
    for (const char *const *e = translator_engines(); *e; e++) {
        snprintf(args, sizeof(args), "-kernel;k;-engine;%s", *e);
        ck_assert_int_eq(parse(&line, &o, args, err, sizeof(err)), OPTIONS_RUN);
        ck_assert_str_eq(o.engine, *e);
    }
    ck_assert_int_eq(parse(&line, &o, "-kernel;k;-cpu;z80", err, sizeof(err)), OPTIONS_ERROR);
    ck_assert_ptr_eq(strstr(err, "-cpu z80: no such CPU here; there are: "), err);
    ck_assert_ptr_nonnull(strstr(err, CPU_MODEL_DEFAULT));
}
END_TEST

START_TEST(rtc)
{
    struct line line;
    struct options o;
    char err[512];

    setenv("TZ", "UTC-2", 1); /* two hours ahead */
    ck_assert_int_eq(parse(&line, &o, "-kernel;k;-rtc;base=2000-02-29T12:34:56", err, sizeof(err)),
                     OPTIONS_RUN);
    ck_assert_int_eq(options_rtc_start(&o, 7), 951827696);
    parse(&line, &o, "-kernel;k;-clock;insn;-rtc;base=utc", err, sizeof(err));
    ck_assert_int_eq(options_rtc_start(&o, 7), 7);
    parse(&line, &o, "-kernel;k;-rtc;base=localtime", err, sizeof(err));
    ck_assert_int_eq(options_rtc_start(&o, 7), 7207);
}
END_TEST

START_TEST(numbers)
{
    u64 v = 0;
    static const char *const bad[] = {
        "",    "x",    " 1",   "+1",    "-1", "1x", "0x",
        "0xg", "0x 1", "0x-1", "0x0x1", "11", "0",  "18446744073709551616"};

    ck_assert(value_number("10", 1, 10, &v) && v == 10);
    ck_assert(value_number("0xA", 1, 10, &v) && v == 10);
    ck_assert(value_number("18446744073709551615", 0, UINT64_MAX, &v) && v == UINT64_MAX);
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        ck_assert_msg(!value_number(bad[i], 1, 10, &v), "'%s' was taken", bad[i]);
}
END_TEST

START_TEST(dates)
{
    i64 t = 0;
    static const char *const bad[] = {
        "",           "2026",
        "2026-13-01", "2026-00-01",
        "2026-04-31", "1969-12-31",
        "2100-01-01", "2026-01-01 00:00:00",
        "2026-1-001", "2026-01-01T24:00:00",
        "2026--1-01", "2026-01-01T00:00:60",
    };

    ck_assert(value_datetime("1970-01-01", &t) && t == 0);
    ck_assert(value_datetime("2026-01-01T00:00:00", &t) && t == RTC_INSN_START);
    ck_assert(value_datetime("2099-12-31T23:59:59", &t) && t == 4102444799);
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        ck_assert_msg(!value_datetime(bad[i], &t), "'%s' was taken", bad[i]);
}
END_TEST

START_TEST(distances)
{
    ck_assert_uint_eq(value_distance("kernel", "kernel"), 0);
    ck_assert_uint_eq(value_distance("kernal", "kernel"), 1);
    ck_assert_uint_eq(value_distance("kernle", "kernel"), 1);
    ck_assert_uint_eq(value_distance("", "abc"), 3);
    ck_assert_uint_eq(value_distance("abc", ""), 3);
    ck_assert_uint_eq(value_distance("bios", "m"), 4);
    ck_assert_uint_eq(value_distance("12345678901234567890123456789012", "m"), UINT32_MAX);
}
END_TEST

START_TEST(lockstep)
{
    struct line line;
    struct options o;
    char err[512];

    ck_assert_int_eq(
        parse(&line, &o, "-kernel;k;-lockstep;interp,interp,insns=0x10", err, sizeof(err)),
        OPTIONS_RUN);
    ck_assert_str_eq(o.lockstep[0], "interp");
    ck_assert_str_eq(o.lockstep[1], "interp");
    ck_assert_uint_eq(o.lockstep_insns, 16);
    ck_assert_int_eq(o.clock, CLOCK_INSN); /* implied */
    ck_assert_int_eq(options_rtc_start(&o, 1000), RTC_INSN_START);
    parse(&line, &o, "-kernel;k;-lockstep;interp,interp,insns=5;-lockstep;interp,interp", err,
          sizeof(err));
    ck_assert_uint_eq(o.lockstep_insns, 0); /* the later one counts, all of it */
    parse(&line, &o, "-kernel;k", err, sizeof(err));
    ck_assert_ptr_null(o.lockstep[0]);
}
END_TEST

/* Every option of the list is in the help, and every line of it fits a terminal. */
START_TEST(help)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    static const char *const names[] = {
#define GROUP(title)
#define OPT(name, arg, setter, help)   (help) ? "  -" name : "",
#define SAME(name, arg, accepted, why) "  -" name,
#define REFUSED(name, arg, why)
#include "boot/options.def"
    };

    options_print_help(out);
    fclose(out);
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        ck_assert_msg(strstr(text, names[i]) != NULL, "'%s' is not in the help", names[i]);
    for (const char *p = text; *p; p += strcspn(p, "\n") + 1)
        ck_assert_uint_le(strcspn(p, "\n"), 100);
    free(text);
}
END_TEST

/* QEMU's words for how its instructions keep to the host's time. */
START_TEST(icount_speeds)
{
    static const struct {
        const char *line;
        u32 speed;
    } rows[] = {{"-kernel;k;-icount;shift=7", SPEED_NORMAL},
                {"-kernel;k;-icount;7,align=off,sleep=on", SPEED_NORMAL},
                {"-kernel;k;-icount;shift=3,align=on", 100},
                {"-kernel;k;-icount;shift=auto,sleep=off", SPEED_MAX}};

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        struct line line;
        struct options o;
        char err[512];

        ck_assert_int_eq(parse(&line, &o, rows[i].line, err, sizeof(err)), OPTIONS_RUN);
        ck_assert_int_eq(o.clock, CLOCK_INSN);
        ck_assert_uint_eq(o.speed, rows[i].speed);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("options");
    TCase *tc = tcase_create("options");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tc, error_line, 0, ARRAY_SIZE(errors));
    tcase_add_loop_test(tc, result, 0, ARRAY_SIZE(results));
    tcase_add_loop_test(tc, default_network, 0, ARRAY_SIZE(networks));
    tcase_add_loop_test(tc, serial, 0, ARRAY_SIZE(serials));
    tcase_add_test(tc, defaults);
    tcase_add_test(tc, everything);
    tcase_add_test(tc, notes);
    tcase_add_loop_test(tc, board, 0, ARRAY_SIZE(boards));
    tcase_add_test(tc, cpu_and_engine);
    tcase_add_test(tc, rtc);
    tcase_add_test(tc, numbers);
    tcase_add_test(tc, dates);
    tcase_add_test(tc, distances);
    tcase_add_test(tc, icount_speeds);
    tcase_add_test(tc, lockstep);
    tcase_add_test(tc, help);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
