/* The BIOS data area at 0040:0000 and the extended one behind 40:0E.
 *
 * Source of the BDA's fields and of the EBDA's fixed ones: IBM PS/2 and Personal Computer BIOS
 * Interface Technical Reference, section 3. */
#ifndef BIOS_BDA_H
#define BIOS_BDA_H

#include "bios.h"

struct bios_data {
    u16 com[4];          /* 00 */
    u16 lpt[3];          /* 08 */
    u16 ebda_seg;        /* 0e */
    u16 equipment;       /* 10 */
    u8 post_flags;       /* 12 */
    u16 memory_kib;      /* 13 */
    u16 reserved_15;     /* 15 */
    u8 kbd_flag0;        /* 17 */
    u8 kbd_flag1;        /* 18 */
    u8 kbd_alt_digit;    /* 19 */
    u16 kbd_head;        /* 1a */
    u16 kbd_tail;        /* 1c */
    u16 kbd_buf[16];     /* 1e */
    u8 fd_recalibrate;   /* 3e: bits 0-3 drive was recalibrated; 7 interrupt came */
    u8 fd_motor;         /* 3f */
    u8 fd_motor_count;   /* 40 */
    u8 fd_status;        /* 41 */
    u8 fd_result[7];     /* 42 */
    u8 video_mode;       /* 49 */
    u16 video_cols;      /* 4a */
    u16 video_page_size; /* 4c */
    u16 video_start;     /* 4e */
    u16 cursor_pos[8];   /* 50 */
    u16 cursor_type;     /* 60 */
    u8 video_page;       /* 62 */
    u16 crtc;            /* 63 */
    u8 video_msr;        /* 65 */
    u8 video_palette;    /* 66 */
    u16 jump_ip;         /* 67: where a reset with shutdown code 5 or 0Ah goes on */
    u16 jump_cs;         /* 69 */
    u8 last_irq;         /* 6b */
    u32 ticks;           /* 6c */
    u8 midnight;         /* 70 */
    u8 ctrl_break;       /* 71: bit 7 */
    u16 reset_flag;      /* 72: 1234h: warm start */
    u8 hd_status;        /* 74 */
    u8 hd_count;         /* 75 */
    u8 hd_control;       /* 76 */
    u8 hd_port;          /* 77 */
    u8 lpt_timeout[4];   /* 78 */
    u8 com_timeout[4];   /* 7c */
    u16 kbd_start;       /* 80 */
    u16 kbd_end;         /* 82 */
    u8 video_rows;       /* 84 */
    u16 char_height;     /* 85 */
    u8 video_ctl;        /* 87 */
    u8 video_switches;   /* 88 */
    u8 video_modeset;    /* 89 */
    u8 video_dcc;        /* 8a */
    u8 fd_rate;          /* 8b */
    u8 hd_ata_status;    /* 8c */
    u8 hd_ata_error;     /* 8d */
    u8 hd_irq_flag;      /* 8e */
    u8 fd_info;          /* 8f */
    u8 fd_media[4];      /* 90 */
    u8 fd_track[2];      /* 94 */
    u8 kbd_flag2;        /* 96 */
    u8 kbd_led;          /* 97 */
    u16 wait_flag_off;   /* 98 */
    u16 wait_flag_seg;   /* 9a */
    u32 wait_us;         /* 9c */
    u8 wait_active;      /* a0 */
    u8 reserved_a1[7];   /* a1 */
    u32 video_save;      /* a8 */
} PACKED;

_Static_assert(offsetof(struct bios_data, kbd_buf) == 0x1e, "BDA");
_Static_assert(offsetof(struct bios_data, video_mode) == 0x49, "BDA");
_Static_assert(offsetof(struct bios_data, ticks) == 0x6c, "BDA");
_Static_assert(offsetof(struct bios_data, kbd_start) == 0x80, "BDA");
_Static_assert(offsetof(struct bios_data, kbd_flag2) == 0x96, "BDA");
_Static_assert(offsetof(struct bios_data, video_save) == 0xa8, "BDA");

/* equipment */
#define EQUIP_FLOPPY   0x0001
#define EQUIP_FPU      0x0002
#define EQUIP_POINTING 0x0004
#define EQUIP_VIDEO80  0x0020

/* kbd_flag0 */
#define KF0_RSHIFT 0x01
#define KF0_LSHIFT 0x02
#define KF0_CTRL   0x04
#define KF0_ALT    0x08
#define KF0_SCROLL 0x10
#define KF0_NUM    0x20
#define KF0_CAPS   0x40
#define KF0_INSERT 0x80
/* kbd_flag1 */
#define KF1_LCTRL  0x01
#define KF1_LALT   0x02
#define KF1_SYSRQ  0x04
#define KF1_PAUSE  0x08
#define KF1_SCROLL 0x10 /* held down, these four */
#define KF1_NUM    0x20
#define KF1_CAPS   0x40
#define KF1_INSERT 0x80
/* kbd_flag2 */
#define KF2_E1    0x01
#define KF2_E0    0x02
#define KF2_RCTRL 0x04
#define KF2_RALT  0x08
#define KF2_101   0x10
/* kbd_led */
#define KLED_MASK   0x07
#define KLED_ACK    0x10
#define KLED_RESEND 0x20
#define KLED_UPDATE 0x40

#define DRIVES 4 /* master and slave of two channels */

enum drive_type { DRIVE_NONE, DRIVE_ATA, DRIVE_ATAPI };

#define DRIVE_LBA   0x01
#define DRIVE_LBA48 0x02

struct drive {
    u8 type;
    u8 unit; /* 0 master of the first channel ... 3 slave of the second */
    u8 flags;
    u8 translation; /* 0 none, 2 LBA-assisted (EDD's bits) */
    u16 io, control;
    u16 cylinders, heads, spt;    /* the drive's */
    u16 lcylinders, lheads, lspt; /* what int 13h shows */
    u32 sectors, sectors_high;
    char name[20];
};

/* An emulated disk on the CD that was booted. */
struct emulation {
    u8 active;
    u8 media;         /* El Torito media type: 0 none, 1-3 floppy, 4 hard disk */
    u8 drive;         /* number at int 13h */
    u8 cd;            /* index of the CD among ebda->cdrom[] */
    u32 start;        /* first 2048-byte sector */
    u16 load_segment; /* from the boot catalogue */
    u16 sectors;      /* 512-byte sectors loaded */
    u16 cylinders, heads, spt;
};

/* Where the stack is without shadow RAM: above the fields, and below what belongs to programs that have
 * their stack at 9FFFF. */
#define EBDA_STACK_LOW 0x1c0
#define EBDA_STACK_POS 0x380

/* The services' stack (stack.inc), which the VGA BIOS shares. */
struct own_stack {
    u32 mark;               /* OWN_MAGIC */
    u16 seg, pos, low;      /* pos: where the next service begins; low: the end */
    u16 back_seg, back_pos; /* call16.S: where a call from the BIOS comes back to */
    u16 tmp_bx, tmp_ds, tmp_flags;
    u32 tmp_esp;
} PACKED;

struct extended_data {
    u8 size_kib;          /* 00 */
    u8 reserved_01[0x21]; /* 01 */
    u16 mouse_off;        /* 22: int 15h C2h's device driver */
    u16 mouse_seg;        /* 24 */
    u8 mouse_flags;       /* 26: bits 0-2 bytes received; 6 waiting for an acknowledge */
    u8 mouse_size;        /* 27: bits 0-2 bytes of a packet minus 1; 7 driver installed */
    u8 mouse_data[8];     /* 28 */
    u8 reserved_30[13];   /* 30 */
    u8 hd_table[2][16];   /* 3d: fixed disk parameter tables of vectors 41h and 46h */
    /* Ours. */
    u8 reserved_5d[3];      /* 5d */
    struct own_stack stack; /* 60 */
    struct drive drive[DRIVES];
    u8 hd[DRIVES]; /* drive[] of int 13h 80h, 81h... */
    u8 hd_count;
    u8 cdrom[DRIVES]; /* and of CDs, e0h... */
    u8 cdrom_count;
    struct emulation emulation;
    u8 edd_dpte[16]; /* EDD device parameter table extension of the last query */
    u8 floppy_type[2];
    u8 floppy_media[2];       /* what bda->fd_media tells of: a row of floppy.c's table */
    u16 int10_off, int10_seg; /* serial console: the VGA BIOS's handler */
    u8 serial_console;
    u8 serial_column; /* where the terminal's cursor is */
    u8 serial_row;
    u8 serial_attr;
    u8 serial_escape; /* state of the input's escape sequences */
    u8 serial_mode;   /* of the last cursor setting: a move is pending */
    u8 boot_order[4];
    u8 boot_next;  /* what INT 18h goes on with */
    u8 boot_empty; /* bits of those that had no disk */
    u8 boot_menu;
    u8 boot_tried; /* INT 19h has run */
    u8 apm_connected, apm_version_minor, apm_enabled;
    u32 acpi_base, acpi_size; /* the tables' memory, and the NVS behind them */
    u32 acpi_nvs_base, acpi_nvs_size;
    u16 pm_base; /* ACPI power management ports, or 0 */
    u8 pci;      /* there is a PCI bus */
    u8 pci_last_bus;
    u8 alarm_on;
    u8 stopping; /* exception.c */
    u8 rom_boots;
    struct {
        u16 seg, header;
    } rom_boot[4]; /* option ROMs' boot entries: where their expansion headers are */
};

_Static_assert(offsetof(struct extended_data, hd_table) == 0x3d, "EBDA");
_Static_assert(offsetof(struct extended_data, stack) == OWN_MARK, "own stack");
_Static_assert(offsetof(struct extended_data, stack.tmp_esp) == OWN_TMP_ESP, "own stack");
_Static_assert(sizeof(struct extended_data) <= EBDA_STACK_LOW, "EBDA");

#define bda  ((volatile struct bios_data __seg_fs *)0)
#define ebda ((volatile struct extended_data __seg_gs *)0)

#endif
