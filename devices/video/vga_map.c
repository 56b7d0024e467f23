/* Where display memory lies in the guest's physical map, and which parts of it changed.
 *
 * Three places: the linear frame buffer, which is RAM; the window at 0xa0000, which answers through
 * vga_window.c, or is RAM too where the registers make it a linear piece of memory. The map's dirty bits
 * of both places are gathered into vga->dirty, with what the window wrote.
 *
 * Translated code in display memory is dropped when it is written at the address that it ran at, not
 * when at the other. */
#include "devices/video/vga_regs.h"

#include <string.h>

#define WINDOW      0xa0000u
#define WINDOW_SIZE 0x20000u
#define BANK        0x10000u

void vga_set_dirty(struct vga *vga, u32 at, u32 len)
{
    u32 first = at / VGA_DIRTY_LEN, last = (at + len - 1) / VGA_DIRTY_LEN;

    BUG_ON(at >= VGA_MEMORY || len > VGA_MEMORY - at);
    for (u32 i = first; i <= last; i++)
        vga->dirty[i / 64] |= 1ull << i % 64;
    for (u32 i = at / PAGE_SIZE; i <= (at + len - 1) / PAGE_SIZE; i++)
        vga->touched[i / 64] |= 1ull << i % 64;
    vga->any_dirty = true;
}

bool vga_is_dirty(const struct vga *vga, u32 at, u32 len)
{
    for (u32 i = at / VGA_DIRTY_LEN; i <= (at + len - 1) / VGA_DIRTY_LEN; i++)
        if (vga->dirty[i / 64] >> i % 64 & 1)
            return true;
    return false;
}

void vga_clear_dirty(struct vga *vga)
{
    if (vga->any_dirty)
        memset(vga->dirty, 0, sizeof(vga->dirty));
    vga->any_dirty = false;
    vga->font_dirty = false;
}

/* [pa, pa + size) is RAM that shows memory from `at` on. */
static void collect(struct vga *vga, u32 pa, u32 at, u32 size)
{
    struct phys *phys = vga->host.phys;

    for (u32 i = 0; i < size; i += PAGE_SIZE) {
        if (!(phys_page(phys, pa + i) & PHYS_DIRTY))
            continue;
        phys_clear_dirty(phys, pa + i, PAGE_SIZE);
        vga->host.unmap_write(vga->host.opaque, pa + i);
        vga_set_dirty(vga, at + i, PAGE_SIZE);
        vga->font_dirty = true;
    }
}

static void collect_window(struct vga *vga)
{
    if (vga->direct != VGA_UNMAPPED)
        collect(vga, WINDOW, vga->direct, BANK);
}

static void collect_lfb(struct vga *vga)
{
    if (vga->lfb != VGA_UNMAPPED)
        collect(vga, vga->lfb, 0, VGA_MEMORY);
}

void vga_collect_dirty(struct vga *vga)
{
    collect_window(vga);
    collect_lfb(vga);
}

void vga_map_lfb(struct vga *vga, u32 pa)
{
    struct phys *phys = vga->host.phys;

    if (pa == vga->lfb)
        return;
    collect_lfb(vga);
    if (vga->lfb != VGA_UNMAPPED)
        phys_remove(phys, vga->lfb, VGA_MEMORY);
    vga->lfb = phys_map_ram(phys, pa, vga->memory, VGA_MEMORY) == 0 ? pa : VGA_UNMAPPED;
    vga->host.map_changed(vga->host.opaque);
}

/* at: what of memory is to be RAM at 0xa0000; VGA_UNMAPPED: the window answers. */
static void set_direct(struct vga *vga, u32 at)
{
    struct phys *phys = vga->host.phys;

    if (at == vga->direct)
        return;
    collect_window(vga);
    if (at == VGA_UNMAPPED)
        phys_add_mmio(phys, WINDOW, WINDOW_SIZE, &vga_window_ops, vga);
    else
        phys_map_ram(phys, WINDOW, vga->memory + at, BANK);
    vga->direct = at;
    vga->host.map_changed(vga->host.opaque);
}

/* Chain-4 addresses become contiguous, or planes interleaved again. */
void vga_lay_out(struct vga *vga, bool chained)
{
    static const u32 quarter = VGA_PLANAR / 4;
    u32 *memory = (u32 *)(void *)vga->memory;
    u32 *old = (u32 *)(void *)vga->scratch;

    if (vga->chained == chained)
        return;
    memcpy(old, memory, VGA_PLANAR);
    for (u32 offset = 0; offset < quarter; offset++) {
        u32 contiguous = (offset & 3) << 14 | offset >> 2;

        if (chained)
            memory[contiguous] = old[offset];
        else
            memory[offset] = old[contiguous];
    }
    vga->chained = chained;
    vga_set_dirty(vga, 0, VGA_PLANAR);
    vga->font_dirty = true;
}

void vga_map_direct(struct vga *vga)
{
    vga_lay_out(vga, true);
    set_direct(vga, 0);
}

void vga_map_update(struct vga *vga)
{
    bool on = (vga->r.misc & MISC_RAM) && (vga->r.enable & 1);

    if (!vga_window_linear(vga))
        vga->linear = 0;
    if (vga_vbe_packed(vga) && on)
        set_direct(vga, vga->r.vbe.reg[DISPI_BANK] * BANK);
    else if (!vga->linear || !vga->chained)
        set_direct(vga, VGA_UNMAPPED);
}
