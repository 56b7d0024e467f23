/* The board: one PC, from its parts. */
#ifndef PAGEWALK_PC_H
#define PAGEWALK_PC_H

#include "devices/board/pc_checkpoint.h"
#include "devices/block/block.h"
#include "devices/chr/chr.h"
#include "devices/base/clock.h"
#include "devices/board/pc_media.h"
#include "devices/board/pc_net.h"
#include "devices/disk/ide.h"
#include "devices/input/input.h"
#include "devices/ui/display.h"
#include "devices/ui/script.h"
#include "devices/ui/ui.h"
#include "mmu/host/log.h"
#include "translate/translate.h"

struct pc;
struct fw_cfg;
struct gdb_file;
struct snapshot_files;
struct replay;

enum pc_vga { PC_VGA_STD, PC_VGA_NONE };

/* What a panic does that the guest reports to pvpanic. */
enum pc_panic { PC_PANIC_SHUTDOWN, PC_PANIC_EXIT_FAILURE, PC_PANIC_PAUSE, PC_PANIC_NONE };

#define PC_DRIVES   4 /* master and slave of the first IDE channel, and of the second */
#define PC_FLOPPIES 2
#define PC_BOOT_MAX 4
#define PC_SERIALS  4
#define PC_MONITORS 4

struct pc_drive {
    struct block *block; /* NULL: no disk. The PC does not close it. */
    bool cdrom;          /* an ATAPI drive; its block may be NULL: no disc in it */
    struct ide_identity identity;
};

struct monitor_host;

/* A monitor's place. The PC does not close it. */
struct pc_monitor_config {
    struct chr *chr; /* NULL: none */
    bool qmp, pretty;
    bool later; /* another user of the back end has its input at first */
};

struct pc_config {
    u64 ram_size; /* bytes: PC_RAM_MIN to PC_RAM_MAX, whole MiB */
    const struct cpu_model *model;
    bool host_math; /* cpu->host_math */
    struct translate_options translate;
    enum clock_source clock;
    struct pc_checkpoints checkpoints;
    FILE *digest_out;
    bool digest_silent; /* taken, and not printed */
    u32 tlb_limit;      /* debug: at most so many TLB entries; 0: no limit */
    u32 speed;          /* of its time at first (devices/base/speed.h) */
    i64 rtc_base;       /* seconds since 1970 that the RTC starts at, guest's local time */
    struct chr *serial
        [PC_SERIALS]; /* COM1 to COM4; NULL: nobody is at the port. The PC does not close them. */
    unsigned serials; /* how many serial ports there are, at least COM1 */
    struct chr *parallel; /* LPT1; NULL: there is none. The PC does not close it. */
    /* Where debugcon's bytes go in the end, when their reader may stall: polled, and the machine stands
     * while there is no room. NULL: nowhere such. The PC does not close it. */
    struct chr *console;
    struct chr *gdb; /* where a debugger may come; NULL: nowhere. The PC does not close it. */
    const struct gdb_file *gdb_file; /* what it may read; NULL: nothing */
    u32 gdb_offset;                  /* where the guest's kernel lies, from where its file says */
    struct pc_monitor_config monitor[PC_MONITORS];
    const struct monitor_host *monitor_host; /* NULL: nothing can be asked of anybody */
    bool starts_held;                        /* stopped before its first instruction: pc_cont() */
    bool
        serial_keys; /* C-a is an escape key on it, by which the user can tell the machine to go on */
    struct ui *ui;   /* NULL: nobody looks. The PC does not close it. */
    const struct key_script *type; /* keys to type; NULL: none */
    FILE *debugcon;                /* port 0xe9; NULL: no such device */
    u16 debugcon_iobase;
    bool debug_exit; /* isa-debug-exit */
    u16 debug_exit_iobase, debug_exit_iosize;
    bool testdev;       /* pc-testdev */
    u16 pvpanic_iobase; /* 0: there is no pvpanic */
    u8 pvpanic_events;
    enum pc_panic panic;
    struct pc_drive drive[PC_DRIVES];
    struct block *floppy[PC_FLOPPIES]; /* NULL: an empty drive (A) or none (B) */
    struct pc_media_host media;        /* open NULL: media stay where they are */
    char boot[PC_BOOT_MAX + 1];        /* boot order: some of "acdn" */
    bool boot_menu;
    bool own_bios; /* the bundled BIOS: it has its configuration port, and starts the kernel */
    bool kernel;   /* own_bios: a kernel waits for that (pc_on_start) */
    bool serial_console; /* own_bios: its text and keys are COM1's, too */
    bool isa_only;       /* no PCI bus */
    bool no_acpi; /* no power management function, and so no ACPI tables by the bundled BIOS */
    enum pc_vga vga;
    struct pc_net_config net;
    bool no_reboot;   /* a reset or a triple fault ends the machine */
    u32 max_resets;   /* this reset ends the machine; 0: none does */
    bool no_shutdown; /* what would end the machine stops it, for good, with its last screen */
    bool silent;      /* says nothing about its end: another machine beside it does */
    struct log *log;
    u64 save_at; /* the instruction before which on_save is called; 0: none is */
    void (*on_save)(struct pc *pc, void *opaque); /* time to save the machine: see pc_want_save() */
    void *on_save_opaque;
    struct replay *replay; /* only under CLOCK_INSN; NULL: none. The PC does not close it. */
    u64 reverse_every; /* instructions between two checkpoints that a debugger goes back by; 0: it cannot. With replay. */
    u64 reverse_limit; /* bytes of host memory for them */
    const struct snapshot_files
        *snapshots; /* how the files of savevm and loadvm are opened; NULL: as usual */
    /* Called at each poll, between slices of the guest; NULL: nobody. A signal's wishes come in here. */
    void (*attend)(struct pc *pc, void *opaque);
    void *attend_opaque;
    int attend_fd; /* becomes readable when attend wants to be called soon; only with attend */
};

#define PC_REVERSE_EVERY  40000000u   /* 0.4 s of the guest's time */
#define PC_REVERSE_MEMORY (256 * MIB) /* besides the guest's own memory once */

#define PC_STATUS_TRIPLE_FAULT 4
#define PC_STATUS_HALTED       6 /* even: isa-debug-exit's are odd */
#define PC_STATUS_TIMEOUT      10
#define PC_STATUS_PANIC        12
#define PC_STATUS_RESETS       14

/* Why a machine has ended. */
enum pc_why {
    PC_WHY_ASKED, /* by pc_quit() */
    PC_WHY_POWER_OFF,
    PC_WHY_RESET, /* under no_reboot */
    PC_WHY_TRIPLE_FAULT,
    PC_WHY_HALTED,
    PC_WHY_PANIC,
    PC_WHY_RESETS,
    PC_WHY_DEBUG_EXIT,
    PC_WHY_TIMEOUT, /* of a script that waits for a text */
};

#define PC_RAM_MIN (1u * MIB)
#define PC_RAM_MAX (3072ull * MIB)

/* NULL with a one-line reason in err. */
struct pc *pc_new(const struct pc_config *config, char *err, size_t err_len);
void pc_free(struct pc *pc);

/* Lets go of the character back ends, which may then be closed. The machine does not run any more. */
void pc_release_ports(struct pc *pc);

/* Called at power-on and at every reset, after the devices and the CPU were reset: puts the kernel or
 * whatever into memory and sets the CPU's registers. */
void pc_on_reset(struct pc *pc, void (*fn)(struct pc *pc, void *opaque), void *opaque);

/* Called when the bundled BIOS has set up the machine and a kernel waits: places it and sets the CPU's
 * registers. */
void pc_on_start(struct pc *pc, void (*fn)(struct pc *pc, void *opaque), void *opaque);

struct cpu *pc_cpu(struct pc *pc);
/* With checkpoints: calls page(pa, hash) for each page of RAM written since the last whole digest. */
void pc_digest_pages(struct pc *pc, void (*page)(void *opaque, u64 pa, u64 hash), void *opaque);
struct phys *pc_phys(struct pc *pc);
const struct pc_config *pc_get_config(const struct pc *pc);

/* The configuration device, for what more it is to say. */
struct fw_cfg *pc_fw_cfg(struct pc *pc);

/* The display adapter's screen; NULL: the machine has none. */
struct display *pc_display(struct pc *pc);
/* Keyboard and mouse. Call its functions only from the board's poll, between slices of the guest. */
struct input *pc_input(struct pc *pc);
/* `fn` is called when the guest changes the keyboard's lights: bit 0 Scroll Lock, 1 Num Lock, 2 Caps Lock. */
void pc_on_leds(struct pc *pc, void (*fn)(void *opaque, unsigned leds), void *opaque);

/* A ROM image that ends at 1 MiB and at 4 GiB (at most 4 MiB; the last 128 KiB of it below 1 MiB). */
int pc_add_bios(struct pc *pc, const void *data, size_t len);

/* An option ROM image (a VGA BIOS, say): the first at 0xc0000, others behind it. 0 or -errno: -EINVAL when it
 * is none, -ENOSPC when it does not fit below 0xe0000. */
int pc_add_option_rom(struct pc *pc, const void *data, size_t len);

/* The display adapter's picture; NULL when there is none. */
struct display *pc_display(struct pc *pc);

/* One range of the memory map as E820 reports it. type 1 RAM, 2 reserved, 3 ACPI tables, 4 ACPI NVS. */
struct pc_memory_range {
    u64 base, size;
    u32 type;
};
/* Fills at most `max` ranges, returns how many. */
unsigned pc_memory_map(const struct pc *pc, struct pc_memory_range *range, unsigned max);

/* Ends pc_run() at the next instruction boundary with this exit status. Callable from hooks. */
void pc_quit(struct pc *pc, int status);
/* Stops the machine and its time where it is, until pc_cont(). Both from the board's poll only, and may be repeated. */
void pc_stop(struct pc *pc);
void pc_cont(struct pc *pc);
bool pc_is_stopped(const struct pc *pc);
/* How fast the guest's time passes (devices/base/speed.h), from here on; from the board's poll only. */
void pc_set_speed(struct pc *pc, u32 speed);
u32 pc_speed(const struct pc *pc);
/* A machine that a host's error on a disk has paused tries again; from the board's poll only. */
void pc_resume(struct pc *pc);
void pc_request_reset(struct pc *pc);
/* The user pressed the reset button; from the board's poll only. */
void pc_reset_button(struct pc *pc);
/* config.on_save is called before the next instruction, or before the run ends. Callable from hooks. */
void pc_want_save(struct pc *pc);
/* The user presses an NMI button: a card that pulls IOCHK#. The guest gets an NMI if it has enabled that (port 61h) and
 * masked none (port 70h, local APIC), at once or when it does. From the board's poll only. */
void pc_nmi(struct pc *pc);
/* The user pressed the power button; from the board's poll only. False: nobody in the guest hears of it. */
bool pc_power_button(struct pc *pc);

/* What a machine has done so far. */
struct pc_account {
    u64 ns, insns; /* of the guest's time; instructions */
    u64 triple_faults;
    u32 resets; /* after power-on */
    enum pc_why why;
};
void pc_account(struct pc *pc, struct pc_account *account);

/* Another place for gdb, or none (NULL), as config.gdb has it. -EBUSY: a debugger is there; -ENOMEM. Then the place is as
 * before. From the board's poll only. */
int pc_set_gdb(struct pc *pc, struct chr *gdb);

/* One line on stderr, what it is and where the guest is, and the registers. From the board's poll only. */
void pc_report(struct pc *pc, const char *what);

/* Runs until the machine ends; returns the program's exit status: 0 power-off, or the user ended it;
 * PC_STATUS_HALTED a HLT that nothing can end; PC_STATUS_PANIC by pvpanic; PC_STATUS_TRIPLE_FAULT under no_reboot (a reset: 0);
 * (value << 1) | 1 by isa-debug-exit. */
int pc_run(struct pc *pc);

/* The same for exactly `insns` instructions (delivering an exception or interrupt counts as one); 0
 * only powers on. Returns whether the machine ended before, then with its status in *status. Under
 * CLOCK_INSN a run in such pieces is the same, instruction by instruction, as a run in one. */
bool pc_run_insns(struct pc *pc, u64 insns, int *status);

#endif
