/* The command line, checked. Parsing prints nothing, opens nothing and reads no clock. */
#ifndef PAGEWALK_OPTIONS_H
#define PAGEWALK_OPTIONS_H

#include <limits.h>
#include <stdio.h>

#include "boot/optnet_option.h"
#include "cpu/cpuid.h"
#include "devices/board/pc.h"
#include "devices/chr/spec.h"
#include "devices/ui/ui.h"
#include "boot/smbios.h"
#include "mmu/host/version.h"

enum options_result {
    OPTIONS_RUN,   /* start a machine */
    OPTIONS_ERROR, /* err says why not */
    OPTIONS_HELP,  /* print something and end; which list: */
    OPTIONS_VERSION,
    OPTIONS_LOG_HELP,
    OPTIONS_CPU_HELP,
    OPTIONS_ENGINE_HELP,
    OPTIONS_DEVICE_HELP,
    OPTIONS_COMPLETION, /* for the shell in options.text */
    OPTIONS_TEXT,       /* options.text */
};

enum rtc_base { RTC_DEFAULT, RTC_UTC, RTC_LOCALTIME, RTC_FIXED };

/* Where the RTC starts under `-clock insn` when -rtc does not say: 2026-01-01T00:00:00. */
#define RTC_INSN_START 1767225600ll

#define DEBUGCON_PORT 0xe9
#define OPTIONS_NOTES 64
#define OPTIONS_POOL  (16 * KIB)
#define DRIVES_NAMED  16
#define MEDIA_OPTIONS 16
#define CHARDEVS      8
#define WATCH_TEXTS   16
#define OPTION_ROMS   8 /* -option-rom */
#define FW_FILES      16

/* What has its bytes come and go by a character back end. */
enum port {
    PORT_COM1,
    PORT_COM2,
    PORT_COM3,
    PORT_COM4,
    PORT_LPT1,
    PORT_DEBUGCON,
    PORT_GDB,
    PORT_MONITOR, /* the first of PC_MONITORS */
    PORTS = PORT_MONITOR + PC_MONITORS
};

/* A drive, as -hda and its kin or -drive give it. */
/* What becomes of writes, in -drive cache='s three parts. */
struct cache_option {
    bool write_through, direct, no_flush;
};

enum detect_zeroes { ZEROES_OFF, ZEROES_ON, ZEROES_UNMAP };

struct drive_option {
    const char *name; /* of the option, "-hda"; NULL: no drive */
    const char *path; /* its image; NULL: a drive without a disc or disk */
    const char *id;   /* by which -device finds it; NULL: none */
    const char *node; /* -blockdev: the node that has the image, in place of path */
    bool cdrom;
    const char *format; /* of the image, whatever it looks like; NULL: what it looks like */
    bool read_only;     /* by the user's wish */
    bool snapshot_given, snapshot; /* in place of what -snapshot says for all */
    enum block_on_error on_write_error, on_read_error;
    struct cache_option cache;
    bool discard; /* the guest's TRIM makes holes */
    enum detect_zeroes zeroes;
    struct ide_identity identity;
};

/* "-device ide-hd,drive=ID" and its kin: a drive's place, filled when all options are read. */
struct attach_option {
    const char *driver, *drive; /* drive NULL: nothing in it */
    bool floppy, cdrom, hard_disk;
    int bus, unit, bootindex; /* -1: not given */
    struct ide_identity identity;
    bool write_cache_given, write_cache;
};

/* -medium: one more for a drive of pc_media.h. */
struct medium_option {
    unsigned unit;
    const char *path;
};

/* One with QEMU's defaults. */
#define DRIVE_OPTION(name_, path_, cdrom_)                                                         \
    ((struct drive_option){.name = name_,                                                          \
                           .path = path_,                                                          \
                           .cdrom = cdrom_,                                                        \
                           .on_write_error = BLOCK_ENOSPC,                                         \
                           .on_read_error = BLOCK_REPORT})

struct options { /* strings point into argv, or into pool */
    u64 ram_size;
    const struct cpu_model *model; /* one of cpu_models(), or own_model */
    struct cpu_model own_model;    /* with single features switched */
    bool host_math;
    char cpu_note[512]; /* what is to be said about -cpu, or "" */
    enum rtc_base rtc;
    i64 rtc_fixed;           /* RTC_FIXED: seconds since 1970 */
    enum clock_source clock; /* CLOCK_INSN under -lockstep */
    bool clock_given;
    u32 speed; /* devices/base/speed.h */
    bool debug_exit;
    u16 debug_exit_iobase, debug_exit_iosize;
    bool testdev;
    u16 pvpanic_iobase; /* 0: there is none */
    u8 pvpanic_events;
    enum pc_panic panic;
    u16 debugcon_iobase;
    struct chr_spec port[PORTS]; /* as it was asked for; see options_port() */
    bool port_given[PORTS];
    struct chr_spec chardev[CHARDEVS]; /* -chardev */
    unsigned chardevs;
    u8 escape;          /* the key of -echr */
    bool monitor_given; /* with whatever value: there is none by default */
    unsigned monitors;  /* the ports from PORT_MONITOR on, */
    struct {
        bool qmp, pretty;
    } monitor[PC_MONITORS]; /* and what is spoken there */
    bool gdb_default;       /* -s: -gdb at its usual port, or */
    const char *gdb_port;   /* at that of -p */
    bool only_asked;        /* -machine none */
    bool starts_held;       /* -S */
    bool no_reboot, no_shutdown;
    const char *kernel, *initrd, *append, *bios;
    const char *option_rom[OPTION_ROMS];
    unsigned option_roms;
    struct drive_option drive[PC_DRIVES], floppy[PC_FLOPPIES];
    struct drive_option named[DRIVES_NAMED]; /* -drive if=none, -blockdev */
    struct attach_option attach[DRIVES_NAMED];
    unsigned named_count, attach_count;
    struct medium_option medium[MEDIA_OPTIONS];
    unsigned media;
    struct { /* -fw_cfg: a file's contents, or a text */
        const char *name, *path, *text;
    } fw_file[FW_FILES];
    unsigned fw_files;
    struct smbios_values smbios;
    struct net_options net;
    bool snapshot, boot_given;
    char boot[PC_BOOT_MAX + 1];
    bool boot_menu;
    bool isa_only, no_acpi;
    const char *accel; /* the first accelerator that was asked for, ends at ':', ',' or the end */
    bool accel_found;  /* one of them is tcg */
    enum pc_vga vga;
    bool nographic, full_screen;
    bool display_given;
    enum ui_kind display; /* -display; see options_display() */
    const char *screenshot;
    const char *type; /* a script, or @ and a file with one */
    u32 log_mask;
    const char *log_filter; /* which has been looked at; NULL: there is none */
    const char *log_file, *pidfile;
    bool daemonize;
    bool stats;                        /* print them; or */
    const char *stats_file;            /* -stats json:FILE */
    bool sandbox, sandbox_given;       /* see options_sandbox() */
    struct pc_checkpoints checkpoints; /* -digest */
    u64 checkpoint_page;               /* of page=, see checkpoint_print() */
    const char *engine;                /* NULL: the default */
    const char *lockstep[2];           /* the two engines; NULL: no -lockstep */
    u64 lockstep_insns;                /* 0: until the machines end */
    bool no_chain, random_len;
    unsigned block_len, cache_blocks;
    u32 tlb_limit, code_buffer, window_wait, native_after;
    bool slow_mem;
    struct { /* -until, -fail-on, -savevm-at see: */
        const char *text;
        bool regex;
        enum watch_does { WATCH_ENDS, WATCH_FAILS, WATCH_SAVES } does;
    } watch_text[WATCH_TEXTS];
    unsigned watch_texts;
    i64 timeout_ms;              /* of the host's time; 0: no limit */
    u32 max_resets;              /* one more than that; 0: no limit */
    const char *loadvm, *savevm; /* names of saved machines */
    bool savevm_at_given;
    const char *record, *replay;
    bool reverse;
    u64 reverse_memory; /* bytes; 0: not given */
    u64 savevm_at;      /* instruction count; 0: at a text */
    const char *report, *junit;
    enum stamp { STAMP_OFF, STAMP_GUEST, STAMP_HOST } stamp; /* -serial-stamp */
    bool exit_qemu;                                          /* -exit-status qemu */
    const char *name, *uuid;
    const char *symbols; /* a file with names of the guest's addresses; NULL: none */
    u32 symbols_offset;  /* that is added to them */
    int argc;
    char **argv;      /* the whole command line */
    bool quiet;       /* without notes */
    const char *text; /* OPTIONS_TEXT: what is to be printed */
    struct {          /* options that are not what they are in QEMU: for a line each on stderr */
        const char *name, *value;
        const char *why; /* NULL: it changes nothing here */
    } note[OPTIONS_NOTES];
    unsigned notes;
    size_t pool_used;
    char pool[OPTIONS_POOL];
};

/* argv[0] is the program. OPTIONS_ERROR comes with a line in err for each mistake. */
enum options_result options_parse(struct options *o, int argc, char **argv, char *err,
                                  size_t err_len);

/* A copy of text that stays as long as the options; NULL: there is no more room. */
char *options_keep(struct options *o, const char *text);
char *printf_like(2, 3) options_keepf(struct options *o, const char *fmt, ...);

/* Notes what is to be said about an option, once; the strings must stay. value and why may be NULL. */
void options_note(struct options *o, const char *name, const char *value, const char *why);

/* The user interface: what -display says or the default without it. */
enum ui_kind options_display(const struct options *o);

/* Where a port's bytes go: what was asked for, or the default without it. */
const struct chr_spec *options_port(const struct options *o, enum port port);
/* Whether a port's back end has escape keys. */
bool options_mux(const struct options *o, enum port port);
/* Whether COM1 is this terminal, and then with escape keys. */
bool options_serial_stdio(const struct options *o, bool *escapes);

/* Whether somebody can give commands: there is a monitor, or gdb, whose `monitor` is one. */
bool options_monitor(const struct options *o);

/* Whether the sandbox is put on: what -sandbox says or the default without it. */
bool options_sandbox(const struct options *o);

/* Seconds since 1970 at which the RTC starts; now is the host's clock (time()). */
i64 options_rtc_start(const struct options *o, i64 now);

void options_print_help(FILE *out);
void options_print_completion(const char *shell, FILE *out);
void options_print_version(FILE *out);
void options_print_cpus(FILE *out);
void options_print_engines(FILE *out);
void options_print_devices(FILE *out);

#endif
