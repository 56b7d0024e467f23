/* Stack frames of several items that are stored all or not at all.
 *
 * Items are buffered by frame_push(); frame_commit() first checks the limit of every item and
 * probes every page for writing, in the order in which a CPU would push, and then stores.
 * So CR2 is of the item that is pushed first. */
#include "cpu/seglimit.h"
#include "cpu/sys.h"

static void frame_init(struct frame *frame, struct cpu *cpu, u32 base, u32 limit, u32 attr)
{
    frame->cpu = cpu;
    frame->base = base;
    frame->limit = limit;
    frame->attr = attr;
    frame->mask = stack_mask(attr);
    frame->count = 0;
}

void frame_current(struct frame *frame, struct cpu *cpu, u32 size)
{
    const struct seg *ss = &cpu->seg[SREG_SS];

    frame_init(frame, cpu, cpu->r[R_BASE + SREG_SS], ss->limit, ss->attr);
    frame->esp = cpu->r[R_ESP];
    frame->size = size;
    frame->error = 0;
    frame->user = cpu->cpl == 3;
}

void frame_other(struct frame *frame, struct cpu *cpu, const struct desc *ss, u32 esp, u32 size)
{
    frame_init(frame, cpu, desc_base(ss), desc_limit(ss), ss->hi & DESC_ATTR_MASK);
    frame->esp = esp;
    frame->size = size;
    frame->error = 0;
    frame->user = desc_dpl(ss) == 3;
}

static void frame_move(struct frame *frame, u32 delta)
{
    frame->esp = ea_move(frame->esp, delta, frame->mask);
}

void frame_push(struct frame *frame, u32 value)
{
    BUG_ON(frame->count == FRAME_MAX);
    frame->item[frame->count++] = value;
    frame_move(frame, -frame->size);
}

/* Each size with its constant, so that the TLB's fast path is a plain access. */
static u32 frame_load(const struct frame *frame, u32 la)
{
    if (frame->size == 4)
        return (u32)lin_load(frame->cpu, la, 4, frame->user);
    return (u32)lin_load(frame->cpu, la, 2, frame->user);
}

static void frame_store(const struct frame *frame, u32 la, u32 value)
{
    if (frame->size == 4)
        lin_store(frame->cpu, la, value, 4, frame->user);
    else
        lin_store(frame->cpu, la, value, 2, frame->user);
}

/* Of len bytes, in items of frame->size. */
static void frame_check(const struct frame *frame, u32 offset, u32 len)
{
    if (unlikely(!(frame->attr & SEG_P) || !seg_limit_ok(frame->attr, frame->limit, offset, len)))
        cpu_fault(frame->cpu, EXCP_SS, frame->error, "stack: limit %08x rights %06x offset %08x",
                  frame->limit, frame->attr >> 8, offset);
    if (frame->user)
        cpu_check_aligned(frame->cpu, la_add(frame->base, offset), frame->size);
}

/* Offset of item i, the first pushed being 0. */
static u32 frame_offset(const struct frame *frame, unsigned i)
{
    return ea_add(frame->esp, (frame->count - 1 - i) * frame->size, frame->mask);
}

void frame_probe(struct frame *frame)
{
    u32 len = frame->count * frame->size, low = frame->esp & frame->mask,
        la = la_add(frame->base, low);

    if (ea_add(low, len - 1, frame->mask) >= low &&
        (la & PAGE_MASK) + len <= PAGE_SIZE) { /* no wrap, one page */
        frame_check(frame, low, len);
        lin_probe(frame->cpu, la_add(la, len - frame->size), frame->size, true, frame->user);
    } else {
        for (unsigned i = 0; i < frame->count; i++) {
            frame_check(frame, frame_offset(frame, i), frame->size);
            lin_probe(frame->cpu, la_add(frame->base, frame_offset(frame, i)), frame->size, true,
                      frame->user);
        }
    }
}

void frame_store_item(const struct frame *frame, unsigned i)
{
    frame_store(frame, la_add(frame->base, frame_offset(frame, i)), frame->item[i]);
}

void frame_commit(struct frame *frame)
{
    frame_probe(frame);
    for (unsigned i = 0; i < frame->count; i++)
        frame_store_item(frame, i);
}

u32 frame_peek(const struct frame *frame, unsigned i)
{
    u32 offset = ea_add(frame->esp, i * frame->size, frame->mask);

    frame_check(frame, offset, frame->size);
    return frame_load(frame, la_add(frame->base, offset));
}

u32 frame_pop(struct frame *frame)
{
    u32 value = frame_peek(frame, 0);

    frame_move(frame, frame->size);
    return value;
}
