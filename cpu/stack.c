/* ENTER, PUSHA, POPA and BOUND. Each checks all of its memory before a register changes. */
#include "cpu/helper.h"
#include "cpu/sys.h"

/* The register's new value when its low osz bytes are replaced. */
static u32 merge(u32 old, u32 value, u32 osz)
{
    u32 mask = osz_mask(osz);

    return (old & ~mask) | (value & mask);
}

HELP(pusha)
{
    struct frame frame;

    frame_current(&frame, cpu, c);
    for (unsigned i = R_EAX; i <= R_EDI; i++)
        frame_push(&frame, cpu->r[i]); /* ESP as it was before */
    frame_commit(&frame);
    cpu->r[R_ESP] = frame.esp;
    return 0;
}

HELP(popa)
{
    struct frame frame;
    u32 value[8];

    frame_current(&frame, cpu, c);
    for (unsigned i = 8; i-- > 0;)
        value[i] = frame_pop(&frame);
    for (unsigned i = 0; i < 8; i++)
        if (i != R_ESP)
            cpu->r[i] = merge(cpu->r[i], value[i], c);
    cpu->r[R_ESP] = frame.esp;
    return 0;
}

/* The outer frames' pointers are read from EBP's old chain, one below the other. The new frame may lie over that: each is
 * read behind the store of the one before it, once all was found to be there. The word where the new ESP points is
 * probed for writing though nothing is stored there. (SDM vol. 2, ENTER) */
HELP(enter)
{
    u32 level = b & 31, ebp = cpu->r[R_EBP], pointer;
    struct frame frame, chain;

    frame_current(&frame, cpu, c);
    chain = frame;
    frame_push(&frame, ebp);
    frame_probe(&frame);
    pointer = frame.esp;
    if (level > 0) {
        for (u32 i = 1; i < level; i++) {
            chain.esp = ea_move(ebp, -c * i, chain.mask);
            frame_push(&frame, frame_peek(&chain, 0));
        }
        frame_push(&frame, pointer);
    }
    frame_probe(&frame);
    chain.esp = ea_move(frame.esp, -(a & 0xffff), frame.mask);
    lin_probe(cpu, seg_check(cpu, SREG_SS, chain.esp & chain.mask, c, true), c, true,
              cpu->cpl == 3);
    for (u32 i = 0; i < frame.count; i++) {
        if (i && i < level) {
            chain.esp = ea_move(ebp, -c * i, chain.mask);
            frame.item[i] = frame_peek(&chain, 0);
        }
        frame_store_item(&frame, i);
    }
    cpu->r[R_EBP] = merge(cpu->r[R_EBP], pointer, c);
    cpu->r[R_ESP] = ea_move(frame.esp, -(a & 0xffff), frame.mask);
    return 0;
}

HELP(bound)
{
    enum sreg sreg = (enum sreg)(c & 0xff);
    u32 osz = c >> 8;
    i32 index, low, high;

    if (osz == 2) {
        index = (i16)b;
        low = (i16)seg_load16(cpu, sreg, a);
        high = (i16)seg_load16(cpu, sreg, ea_add(a, 2, EA_32));
    } else {
        index = (i32)b;
        low = (i32)seg_load32(cpu, sreg, a);
        high = (i32)seg_load32(cpu, sreg, ea_add(a, 4, EA_32));
    }
    if (index < low || index > high)
        cpu_raise(cpu, EXCP_BR);
    return 0;
}
