/* VBE: modes beyond the VGA's, by the dispi interface. */
#ifndef VGABIOS_VBE_H
#define VGABIOS_VBE_H

#include "bios/vga/modes.h"

struct vbe_mode {
    u16 number, width, height;
    u8 bits;
};

extern ROM struct vbe_mode vbe_modes[];
extern ROM u16 vbe_mode_count;

static inline u16 vbe_pitch(u16 width, u8 bits)
{
    return bits == 4 ? width / 8 : (u16)(width * ((bits + 7u) / 8));
}
/* Video memory in units of 64 KiB, and whether a mode fits into it. */
u16 vbe_memory(void);
bool vbe_mode_fits(const struct vbe_mode __seg_gs *m);
/* The mode of that number, if there is one that fits, or null; the one that is set, or null. */
const struct vbe_mode __seg_gs *vbe_mode_find(u16 number);
const struct vbe_mode __seg_gs *vbe_mode_current(void);
/* Physical address of the linear frame buffer. */
u32 vbe_frame_buffer(void);
/* Sets a mode with DISPI_LINEAR and DISPI_NO_CLEAR as wanted. */
void vbe_mode_set(const struct vbe_mode __seg_gs *m, u16 flags);

void vbe_service(struct regs *r); /* int 10h AH=4Fh */
void vbe_window(struct regs *r);
void vbe_information(struct regs *r);
void vbe_mode_information(struct regs *r);

#define VBE_OK     0x004f
#define VBE_FAILED 0x014f

#endif
