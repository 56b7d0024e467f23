/* What a PC is made of; shared by the pc*.c files and the monitor, which looks at every part. */
#ifndef PAGEWALK_PC_BOARD_H
#define PAGEWALK_PC_BOARD_H

#include "cpu/cpuid.h"
#include "devices/disk/ata.h"
#include "devices/disk/atapi.h"
#include "devices/board/bioscfg.h"
#include "devices/chipset/debug_exit.h"
#include "devices/chipset/fw_cfg.h"
#include "devices/serial/debugcon.h"
#include "devices/chipset/dma.h"
#include "devices/chipset/ioapic.h"
#include "devices/chipset/lapic.h"
#include "devices/chipset/nmi.h"
#include "devices/disk/fdc.h"
#include "devices/pci/i440fx.h"
#include "devices/disk/ide_dma.h"
#include "devices/base/ioport.h"
#include "devices/input/kbc.h"
#include "devices/board/pc.h"
#include "devices/board/pc_apic.h"
#include "devices/board/pc_digest.h"
#include "devices/board/history.h"
#include "devices/board/pc_gdb.h"
#include "devices/board/pc_monitor.h"
#include "devices/board/pc_pause.h"
#include "devices/board/pc_spin.h"
#include "devices/board/replay.h"
#include "devices/board/reverse.h"
#include "devices/pci/pci.h"
#include "devices/chipset/pic.h"
#include "devices/chipset/pvpanic.h"
#include "devices/chipset/testdev.h"
#include "devices/pci/piix3.h"
#include "devices/pci/piix4_pm.h"
#include "devices/chipset/pit.h"
#include "devices/chipset/port92.h"
#include "devices/chipset/rtc.h"
#include "devices/chipset/shutdown_port.h"
#include "devices/serial/parallel.h"
#include "devices/serial/uart.h"
#include "devices/video/vga.h"
#include "devices/monitor/keys.h"
#include "devices/monitor/monitor.h"
#include "devices/ui/typist.h"

/* The run loop's own state. */
struct pc_run_state {
    u64 host, now; /* CLOCK_HOST: host ns at the last look, and virtual ns then */
    u64 poll_at;   /* next poll of the serial port: host ns, or instructions under CLOCK_INSN */
    u64 digest_at; /* instruction count of the next digest, */
    u64 digested;  /* and of the last one */
    u64 stop_at;   /* instruction count at which to return; UINT64_MAX: when the machine ends */
    u64 rate;      /* CLOCK_HOST: guest instructions a microsecond of the host's, measured */
    u32 halts;     /* CLOCK_INSN: since the last poll */
    u64 triple_faults;
    u32 resets; /* after power-on */
    u32 loads;  /* how often the machine became one that was saved */
};

struct pc {
    struct pc_config config; /* log and digest_out are never NULL here */
    struct log quiet;        /* config.log when none was given */
    struct stats stats;
    struct phys phys;
    struct cpu *cpu;
    struct ioport_bus bus;
    struct clock clock;

    struct pic pic;
    struct lapic lapic;   /* only with a CPU that has one, */
    struct ioapic ioapic; /* and not under config.isa_only */
    u64 irqs[24];         /* how often each line has asked, */
    u32 irq_lines;        /* and which do now */
    bool acked_pic;       /* the last acknowledge was the 8259s' */
    struct nmi nmi;
    struct pit pit;
    struct rtc rtc;
    struct kbc kbc;
    struct input input;      /* to kbc, */
    struct input user_input; /* and how the user gets there */
    struct port92 port92;
    struct uart com[PC_SERIALS];
    u8 com_irqs; /* which of them ask for their interrupt; two share a line */
    struct parallel parallel;
    struct dma dma;
    struct ide_channel ide[2];
    struct shutdown_port shutdown_port;
    struct fdc fdc;
    struct debugcon debugcon;
    struct debug_exit debug_exit;
    struct pvpanic pvpanic; /* only with config.pvpanic_iobase, */
    struct testdev testdev; /* and with config.testdev */
    struct fw_cfg fw_cfg;
    u8 e820[20];          /* its file: one range */
    struct typist typist; /* only with config.type */
    struct vga vga;       /* unless config.vga is PC_VGA_NONE */
    u32 option_rom_end;   /* where the next option ROM may begin; 0: there is none yet */
    struct bioscfg bioscfg;

    /* Not under config.isa_only: */
    struct pci_bus pci;
    struct i440fx i440fx;
    struct piix3 piix3;
    struct piix4_pm pm;
    struct ide_dma ide_dma;

    struct pc_net net;
    struct pollset pollset; /* of a sleep */

    void (*on_reset)(struct pc *pc, void *opaque);
    void *on_reset_opaque;
    void (*on_start)(struct pc *pc, void *opaque);
    void *on_start_opaque;

    bool powered; /* the power-on reset was done */
    bool running; /* inside cpu_run() */
    bool quit;    /* the machine ends with `status` */
    bool stands;  /* config.no_shutdown: it would have ended, and never goes on */
    bool reset_wanted;
    bool start_wanted;  /* the BIOS asks for the kernel */
    bool save_wanted;   /* config.on_save is to be called */
    u8 panic_events;    /* pvpanic's, to be looked at */
    bool reset_by_user; /* reset_wanted is */
    bool began;         /* it was let go once, under config.starts_held */
    int status;
    enum pc_why why;
    const char *asked_by; /* PC_WHY_ASKED: QEMU's word for who; NULL: a signal or a key */
    struct pc_run_state run;
    struct pc_spin spin;
    struct pc_pause pause;
    struct pc_gdb gdb;
    struct monitor_port *monitor[PC_MONITORS];
    struct monitor_keys keys; /* that a monitor presses */
    struct pc_digest digest;  /* only with checkpoints */
    struct history history;   /* only with config.reverse_every */
    struct reverse reverse;
};

/* The character back ends of a board, for what is done with each. i < PC_CHRS; NULL: not this one. */
#define PC_CHRS (PC_SERIALS + 2)
static inline struct chr *pc_chr(const struct pc *pc, unsigned i)
{
    return i < PC_SERIALS    ? pc->config.serial[i]
           : i == PC_SERIALS ? pc->config.parallel
                             : pc->config.console;
}

/* Lays out memory. 0, or -errno with a one-line reason; then there is nothing to free. */
int pc_memory_init(struct pc *pc, char *err, size_t err_len);

/* All devices, at their ports and lines, and what a reset does to them. pc_devices.c */
void pc_devices(struct pc *pc);
void pc_devices_reset(struct pc *pc);
/* The device by which a guest ends the machine: -EBUSY with one line in err where its ports are taken. */
int pc_debug_exit(struct pc *pc, char *err, size_t err_len);
/* What a button does, whoever has pressed it. */
bool pc_press(struct pc *pc, enum replay_button button);
bool pc_press_power(struct pc *pc); /* false: nobody in the guest hears of it */
/* FERR# of the CPU. */
void pc_ferr(void *pc, bool on);

/* Other memory is at some addresses now. */
void pc_map_changed(void *pc);

/* Writes what the board is into CMOS RAM; after all devices are there. */
void pc_fill_cmos(struct pc *pc);

/* The configuration device, with what it says of the board. */
void pc_fw_cfg_init(struct pc *pc);

/* Connects the user interface and the typist; and disconnects them. */
void pc_ui_init(struct pc *pc);
void pc_ui_free(struct pc *pc);

/* The guest has ended the machine, which under config.no_shutdown stands from then on. Callable from hooks. */
void pc_end(struct pc *pc, enum pc_why why, int status);
/* pc_quit() for a reason. */
void pc_quit_because(struct pc *pc, enum pc_why why, int status);

/* Resets the devices and the CPU, then calls the on_reset hook. Not from inside cpu_run(). */
void pc_reset(struct pc *pc);

#endif
