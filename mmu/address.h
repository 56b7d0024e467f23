/* Guest addresses, and where they wrap: every sum that may pass an end is one of these.
 *
 *     ea     effective: an offset in a segment. Its mask is the address size, or SS.B for the stack
 *     eip    an offset in the code segment
 *     la     linear: a segment's base and an offset
 *     pa     physical, in 64 bits: an address above what there is is no other address. A20 is phys.h's
 *
 * An access that goes on behind the end of linear addresses goes on at 0, piece by piece. One that goes on behind the
 * end of a 64 KiB segment does not: its limit forbids that, and where the limit is larger, the access goes on there.
 * (SDM vol. 3A, 3.3 and 5.3) */
#ifndef PAGEWALK_ADDRESS_H
#define PAGEWALK_ADDRESS_H

#include "mmu/host/base.h"

/* bytes may be negative in all of these. */
static always_inline u32 la_add(u32 la, u32 bytes)
{
    return (u32)((u64)la + bytes);
}

#define EA_16 0x0000ffffu /* masks of effective addresses, in 64 KiB */
#define EA_32 0xffffffffu /* and in 4 GiB */

static always_inline u32 ea_add(u32 ea, u32 bytes, u32 mask)
{
    return (u32)((u64)ea + bytes) & mask;
}

/* A register of which the mask's bits are an address: with another one, and moved on. */
static always_inline u32 ea_put(u32 reg, u32 ea, u32 mask)
{
    return (reg & ~mask) | (ea & mask);
}

static always_inline u32 ea_move(u32 reg, u32 bytes, u32 mask)
{
    return ea_put(reg, ea_add(reg, bytes, mask), mask);
}

/* Behind an instruction, in code of any size: what ends at FFFF in 16-bit code goes on at 10000, which is beyond the
 * limit, and not at 0. */
static always_inline u32 eip_add(u32 eip, u32 bytes)
{
    return (u32)((u64)eip + bytes);
}

/* Where a near transfer with operands of 2 or 4 bytes goes: those of 2 bytes clear the upper half of EIP. (SDM vol. 2,
 * JMP) */
static always_inline u32 eip_target(u32 eip, u32 osz)
{
    return osz == 2 ? eip & EA_16 : eip;
}

#endif
