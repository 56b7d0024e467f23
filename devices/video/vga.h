/* A VGA display adapter with the Bochs "dispi" extensions: registers, 16 MiB of display memory, drawing.
 *
 * Display memory is an array of bytes in which the four planes are interleaved: the byte of plane p at
 * plane offset o is memory[4 * o + p], as it is in the linear frame buffer. While `chained` is set, the
 * first 256 KiB are laid out otherwise, so that what the guest sees through chain-4 addressing is
 * contiguous (vga_index()): then the guest can have it at 0xa0000 as plain memory.
 *
 * The files: vga.c (reset, state, init), vga_regs.c (ports), vga_dac.c, vga_timing.c (retrace), vga_vbe.c
 * (dispi), vga_window.c (what the CPU sees at 0xa0000), vga_map.c (memory map, dirty tracking), vga_scan.c
 * (how the CRTC walks through memory), vga_draw.c, vga_draw_text.c, vga_draw_vbe.c, vga_pci.c. */
#ifndef PAGEWALK_VGA_H
#define PAGEWALK_VGA_H

#include "devices/base/clock.h"
#include "devices/base/ioport.h"
#include "devices/pci/pci.h"
#include "devices/base/state.h"
#include "devices/ui/display.h"
#include "mmu/phys.h"

#define VGA_MEMORY   (16u * MIB)
#define VGA_LFB_ISA  0xe0000000u /* where the frame buffer is without PCI */
#define VGA_UNMAPPED 0xffffffffu

#define VGA_PLANAR    (256 * KIB) /* what the VGA's own addressing reaches */
#define VGA_ROM       (64 * KIB)  /* of the PCI function's expansion ROM */
#define VGA_TAKES     (VGA_MEMORY + VGA_PLANAR + VGA_ROM) /* of the physical map's capacity */
#define VGA_DIRTY_LEN 256u /* bytes of display memory that a dirty bit stands for */

/* What the adapter needs of the board. */
struct vga_host {
    struct phys *phys;
    void (*unmap_write)(void *opaque, u64 pa); /* mmu_unmap_write() on every MMU */
    void (*map_changed)(void *opaque);         /* flush every MMU */
    void *opaque;
};

struct vga_dac {
    u8 color[256][3]; /* red, green, blue as written: 6 bits, or 8 */
    u8 mask;
    u8 write_index, read_index;
    u8 part;       /* of the colour: the next to be read or written */
    u8 written[2]; /* the parts of a colour that is not complete */
    bool reading;
};

/* The registers of the dispi interface, by index. */
enum {
    DISPI_ID,
    DISPI_XRES,
    DISPI_YRES,
    DISPI_BPP,
    DISPI_ENABLE,
    DISPI_BANK,
    DISPI_VIRT_WIDTH,
    DISPI_VIRT_HEIGHT,
    DISPI_X_OFFSET,
    DISPI_Y_OFFSET,
    DISPI_MEMORY_64K,
    DISPI_REGS,
};

struct vga_vbe {
    u16 index;
    u16 reg[DISPI_REGS];
};

#define VGA_CRTC_REGS 0x19

/* Everything that the guest can see of the adapter, but for its memory. */
struct vga_regs {
    u8 misc, feature, enable; /* ports 3c2, 3da, 3c3 */
    u8 seq_index, seq[5];
    u8 crtc_index, crtc[VGA_CRTC_REGS];
    u8 gfx_index, gfx[9];
    u8 attr_index, attr[21]; /* bit 5 of the index: the display may have the palette */
    bool attr_data;          /* the next write to 3c0 is data */
    u32 latch;               /* plane 0 in the low byte */
    struct vga_dac dac;
    struct vga_vbe vbe;
};

/* What a picture depends on besides memory: when it changed, everything is drawn. */
struct vga_look {
    u8 crtc[VGA_CRTC_REGS];
    u8 attr[21];
    u8 clocking, fonts, shift, graphics;
    u8 color[256][3], mask;
    u16 vbe[DISPI_REGS];
    u16 start;
    bool on;      /* else the screen is blank */
    bool chained; /* dirty bits tell of places in memory */
};

struct vga_cursor {
    bool shown;
    u8 top, bottom; /* rows of the character */
    u16 address;
};

struct vga {
    struct vga_regs r;
    u8 *memory;
    u8 *scratch;  /* VGA_PLANAR bytes, untouched until needed */
    bool chained; /* see above */

    /* Time. */
    struct clock *clock;
    u64 origin;      /* virtual ns at which the frame began that the timing counts from */
    u16 start;       /* the start address that the display goes by, taken over at retrace */
    u64 start_frame; /* frame of the last write to the start address */

    /* The memory map. */
    struct vga_host host;
    u32 lfb;         /* VGA_UNMAPPED, or its address */
    u32 direct;      /* VGA_UNMAPPED, or the byte of memory that lies at 0xa0000 as RAM */
    unsigned linear; /* accesses since the window became linear */
    struct pci_device pci;
    u8 *rom; /* VGA_ROM bytes, zeros when there is no image */

    /* What changed since the last draw. */
    u64 dirty[VGA_MEMORY / VGA_DIRTY_LEN / 64];
    u64 touched[VGA_MEMORY / PAGE_SIZE / 64]; /* pages that may hold anything but zeros */
    bool any_dirty, font_dirty;
    struct vga_look look;     /* of the last draw, */
    struct vga_cursor cursor; /* its cursor, */
    bool blinked;             /* and whether blinking characters were off */

    struct display display; /* what a user interface gets */
};

/* 0, or -ENOMEM when the map's capacity is used up (VGA_TAKES bytes). Takes ports 1ce-1d1 and 3b0-3df and
 * the window at 0xa0000; the frame buffer lies nowhere yet. */
int vga_init(struct vga *vga, struct ioport_bus *ports, struct clock *clock,
             const struct vga_host *host);
void vga_reset(struct vga *vga); /* display memory stays as it is */
void vga_state(struct vga *vga, struct state *state);

/* Moves the linear frame buffer to pa (a multiple of 4 KiB, VGA_MEMORY bytes), or away. */
void vga_map_lfb(struct vga *vga, u32 pa);

/* PCI 1234:1111, whose BAR 0 is the linear frame buffer. */
void vga_pci_init(struct vga *vga, struct pci_bus *bus, u8 devfn);
/* Puts an option ROM image into the function's expansion ROM when it is for this function, as its PCI data
 * structure says, and not too long; returns whether it did. */
bool vga_pci_set_rom(struct vga *vga, const void *data, size_t len);

#endif
