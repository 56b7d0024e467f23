/* The VGA's frame timing: retraces, the start address that is taken over at them, the frame count.
 *
 * Nothing ticks: where the beam is follows from the virtual time since the totals were last set, the dot
 * clock and the CRTC's registers. In VBE modes, whose totals nobody programs, a frame has 1/60 s and
 * the picture 21/22 of it. */
#include "devices/base/ticks.h"
#include "devices/video/vga_regs.h"

#define VBE_LINE_HZ (60 * VBE_LINES)
#define VBE_LINES                                                                                  \
    1056u /* lines of timing in a frame: 1008 of picture, the last of the others in retrace */
#define VBE_SHOWN   1008u
#define VBE_RETRACE 1020u
#define VBE_LINE    1000u /* dots of a line, as many as the others need not be told apart */

/* A frame in dots of the dot clock (of half of it, when the sequencer halves it). */
struct timing {
    u64 hz;
    u32 line, lines;          /* dots of a line, lines of a frame */
    u32 shown;                /* dots of a line with picture */
    u32 v_shown;              /* lines with picture */
    u32 sync_start, sync_len; /* lines of retrace */
};

static void timing_vbe(struct timing *t)
{
    *t = (struct timing){
        .hz = (u64)VBE_LINE_HZ * VBE_LINE,
        .line = VBE_LINE,
        .lines = VBE_LINES,
        .shown = VBE_LINE * 4 / 5,
        .v_shown = VBE_SHOWN,
        .sync_start = VBE_RETRACE,
        .sync_len = 4,
    };
}

static void timing_get(const struct vga *vga, struct timing *t)
{
    const u8 *crtc = vga->r.crtc;
    u8 overflow = crtc[CRTC_OVERFLOW];
    u32 dots = vga->r.seq[SEQ_CLOCKING] & CLOCKING_8_DOTS ? 8 : 9;

    if (vga_vbe_on(vga)) {
        timing_vbe(t);
        return;
    }
    /* The codes for external clocks, of which there are none, run as the first. */
    t->hz = (vga->r.misc & MISC_CLOCK) == 0x04 ? 28322000 : 25175000;
    if (vga->r.seq[SEQ_CLOCKING] & CLOCKING_HALF)
        t->hz /= 2;
    t->line = (crtc[CRTC_H_TOTAL] + 5u) * dots;
    t->shown = (crtc[CRTC_H_END] + 1u) * dots;
    t->lines =
        2u + (crtc[CRTC_V_TOTAL] | (u32)(overflow & 0x01) << 8 | (u32)(overflow & 0x20) << 4);
    t->v_shown =
        1u + (crtc[CRTC_V_END] | (u32)(overflow & 0x02) << 7 | (u32)(overflow & 0x40) << 3);
    t->sync_start =
        crtc[CRTC_V_SYNC_START] | (u32)(overflow & 0x04) << 6 | (u32)(overflow & 0x80) << 2;
    /* It ends when the low four bits of the line counter are those of the register. */
    t->sync_len = ((crtc[CRTC_V_SYNC_END] - t->sync_start) & 15);
    if (!t->sync_len)
        t->sync_len = 16;
    if (crtc[CRTC_MODE] & MODE_HALF_LINES) { /* the line counter goes half as fast */
        t->lines *= 2;
        t->v_shown *= 2;
        t->sync_start *= 2;
        t->sync_len *= 2;
    }
}

static u64 dots_since(const struct vga *vga, const struct timing *t)
{
    return ns_to_ticks(clock_now(vga->clock) - vga->origin, t->hz);
}

u64 vga_frame(const struct vga *vga)
{
    struct timing t;

    timing_get(vga, &t);
    return dots_since(vga, &t) / ((u64)t.line * t.lines);
}

/* How often the CRTC has taken over a new start address: it does so when the retrace begins. */
static u64 start_frame(const struct vga *vga)
{
    struct timing t;
    u64 frame, sync;

    timing_get(vga, &t);
    frame = (u64)t.line * t.lines;
    sync = (u64)t.line * (t.sync_start < t.lines ? t.sync_start : t.lines - 1);
    return (dots_since(vga, &t) + frame - sync) / frame;
}

static u16 written_start(const struct vga *vga)
{
    return (u16)(vga->r.crtc[CRTC_START_HI] << 8 | vga->r.crtc[CRTC_START_LO]);
}

u16 vga_start(struct vga *vga)
{
    if (vga->start != written_start(vga) && vga->start_frame != start_frame(vga))
        vga->start = written_start(vga);
    return vga->start;
}

void vga_start_written(struct vga *vga)
{
    vga_start(vga); /* what was written in frames before this one */
    vga->start_frame = start_frame(vga);
}

u8 vga_read_status1(const struct vga *vga)
{
    struct timing t;
    u64 dots;
    u32 line, dot;
    u8 status = 0;

    timing_get(vga, &t);
    dots = dots_since(vga, &t) % ((u64)t.line * t.lines);
    line = (u32)(dots / t.line);
    dot = (u32)(dots % t.line);
    if (line >= t.v_shown || dot >= t.shown)
        status |= STATUS1_DISABLED;
    if (line >= t.sync_start && line - t.sync_start < t.sync_len)
        status |= STATUS1_RETRACE;
    return status;
}

/* A new frame begins. A start address that was waiting for the old one's retrace is taken over. */
void vga_timing_changed(struct vga *vga)
{
    vga->origin = clock_now(vga->clock);
    vga->start = written_start(vga);
    vga->start_frame = 0;
}
