/* The VGA as a whole: power-on and reset, saved state. vga.h says what is in which file.
 *
 * A reset leaves registers at zero but for those that a guest could not work without: the adapter is
 * enabled and its DAC's mask open. Nothing is shown until a BIOS, or whoever, has programmed a mode.
 * Display memory keeps what it held. */
#include "devices/video/vga.h"

#include <errno.h>
#include <string.h>

#include "devices/video/vga_regs.h"

#define PORTS      0x3b0
#define PORT_COUNT 0x30
#define VBE_PORTS  0x1ce
#define VBE_COUNT  4
#define WINDOW     0xa0000u
#define WINDOW_LEN 0x20000u

void vga_reset(struct vga *vga)
{
    memset(&vga->r, 0, sizeof(vga->r));
    vga->r.enable = 1;
    vga->r.dac.mask = 0xff;
    vga_vbe_reset(vga);
    vga_lay_out(vga, false);
    vga_timing_changed(vga);
    vga_map_update(vga);
}

static void state_regs(struct state *state, struct vga_regs *r)
{
    state_u8(state, &r->misc);
    state_u8(state, &r->feature);
    state_u8(state, &r->enable);
    state_u8(state, &r->seq_index);
    state_bytes(state, r->seq, sizeof(r->seq));
    state_u8(state, &r->crtc_index);
    state_bytes(state, r->crtc, sizeof(r->crtc));
    state_u8(state, &r->gfx_index);
    state_bytes(state, r->gfx, sizeof(r->gfx));
    state_u8(state, &r->attr_index);
    state_bytes(state, r->attr, sizeof(r->attr));
    state_bool(state, &r->attr_data);
    state_u32(state, &r->latch);
    state_bytes(state, r->dac.color, sizeof(r->dac.color));
    state_u8(state, &r->dac.mask);
    state_u8(state, &r->dac.write_index);
    state_u8(state, &r->dac.read_index);
    state_u8(state, &r->dac.part);
    state_bytes(state, r->dac.written, sizeof(r->dac.written));
    state_bool(state, &r->dac.reading);
    state_u16(state, &r->vbe.index);
    for (unsigned i = 0; i < DISPI_REGS; i++)
        state_u16(state, &r->vbe.reg[i]);
}

/* The pages of memory that ever held anything: which, then each. */
static void state_memory(struct state *state, struct vga *vga)
{
    u64 saved[ARRAY_SIZE(vga->touched)];

    memcpy(saved, vga->touched, sizeof(saved));
    for (unsigned i = 0; i < ARRAY_SIZE(saved); i++)
        state_u64(state, &saved[i]);
    for (u32 page = 0; page < VGA_MEMORY / PAGE_SIZE && !state->failed; page++) {
        u8 *memory = vga->memory + page * PAGE_SIZE;

        if (saved[page / 64] >> page % 64 & 1)
            state_bytes(state, memory, PAGE_SIZE);
        else if (vga->touched[page / 64] >> page % 64 & 1)
            memset(memory, 0, PAGE_SIZE);
        else
            continue;
        vga_set_dirty(vga, page * PAGE_SIZE, PAGE_SIZE);
    }
}

/* Everything that is used as an index, or decides the layout, is made to fit. */
static void check_loaded(struct state *state, struct vga *vga)
{
    struct vga_regs *r = &vga->r;

    if (r->dac.part > 2 || r->gfx[GFX_READ_MAP] > 3 || vga->origin > clock_now(vga->clock) ||
        (vga->chained && vga_vbe_on(vga)))
        state_reject(state);
    r->dac.part %= 3;
    r->gfx[GFX_READ_MAP] &= 3;
    if (vga->origin > clock_now(vga->clock))
        vga->origin = clock_now(vga->clock);
    vga_vbe_check(vga);
    if (vga_vbe_on(vga))
        vga->chained = false;
    vga->linear = 0;
    vga_map_update(vga);
    memset(&vga->look, 0, sizeof(vga->look)); /* the next draw draws everything */
    vga->font_dirty = true;
}

void vga_state(struct vga *vga, struct state *state)
{
    if (!state_begin(state, "vga"))
        return;
    vga_collect_dirty(vga);
    state_regs(state, &vga->r);
    state_bool(state, &vga->chained);
    state_u64(state, &vga->origin);
    state_u16(state, &vga->start);
    state_u64(state, &vga->start_frame);
    state_memory(state, vga);
    state_end(state);
    if (state->loading)
        check_loaded(state, vga);
}

int vga_init(struct vga *vga, struct ioport_bus *ports, struct clock *clock,
             const struct vga_host *host)
{
    memset(vga, 0, sizeof(*vga));
    vga->clock = clock;
    vga->host = *host;
    vga->lfb = VGA_UNMAPPED;
    vga->direct = VGA_UNMAPPED;
    vga->memory = phys_take(host->phys, VGA_MEMORY);
    vga->scratch = phys_take(host->phys, VGA_PLANAR);
    vga->rom = phys_take(host->phys, VGA_ROM);
    if (!vga->memory || !vga->scratch || !vga->rom ||
        phys_add_mmio(host->phys, WINDOW, WINDOW_LEN, &vga_window_ops, vga) < 0)
        return -ENOMEM;
    ioport_add(ports, VBE_PORTS, VBE_COUNT, &vga_vbe_ports, vga, "vga (dispi)");
    ioport_add(ports, PORTS, PORT_COUNT, &vga_ports, vga, "vga");
    vga_display_init(vga);
    vga_reset(vga);
    return 0;
}
