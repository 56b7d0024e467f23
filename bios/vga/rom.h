/* What 16-bit C in the VGA BIOS stands on: types, memory in other segments, ports, the caller's
 * registers.
 *
 * gcc -m16 takes DS = SS, with offsets below 64 KiB: the stack is the system BIOS's own, where it has
 * one, or the caller's (bios/stack.inc); DS and ES are set to it, so that a local variable's address is good for any access. Nothing else lives in the data
 * segment: this code has no variables. Constants are in the ROM, which GS points at: they are
 * declared ROM. FS is for everything else (far_*). */
#ifndef VGABIOS_ROM_H
#define VGABIOS_ROM_H

#include <stdbool.h>

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;

#define ARRAY_LENGTH(a) (sizeof(a) / sizeof((a)[0]))
#define PACKED          __attribute__((packed))
#define LOW(x)          ((u8)(x))
#define HIGH(x)         ((u8)((x) >> 8))

/* A constant in the ROM, and one defined here: `static ROM_DATA u8 table[] = {...}`. */
#define ROM      const __seg_gs
#define ROM_DATA __attribute__((section(".romdata"))) const __seg_gs

/* The caller's registers as bios/stack.inc has them; what is changed here, the caller gets. */
#define REG(r)                                                                                     \
    union {                                                                                        \
        u32 e##r##x;                                                                               \
        u16 r##x;                                                                                  \
        struct {                                                                                   \
            u8 r##l, r##h;                                                                         \
        };                                                                                         \
    }
struct regs {
    union {
        u32 edi;
        u16 di;
    };
    union {
        u32 esi;
        u16 si;
    };
    union {
        u32 ebp;
        u16 bp;
    };
    u32 esp;
    REG(b);
    REG(d);
    REG(c);
    REG(a);
    u16 gs, fs, es, ds;
    u16 next_ip, next_cs; /* where int 10h ends: an IRET */
    u16 ip, cs, flags;
};

struct far {
    u16 offset, segment;
};

static inline u16 rom_segment(void)
{
    u16 segment;
    __asm__("movw %%cs, %0" : "=r"(segment));
    return segment;
}

/* The far pointer to something in the ROM. */
static inline struct far rom_far(const volatile void __seg_gs *p)
{
    return (struct far){(u16)(u32)p, rom_segment()};
}

static inline void far_segment(u16 segment)
{
    __asm__ volatile("movw %0, %%fs" : : "r"(segment) : "memory");
}

#define FAR_ACCESS(type, name)                                                                     \
    static inline type far_get##name(u16 segment, u16 offset)                                      \
    {                                                                                              \
        far_segment(segment);                                                                      \
        return *(volatile type __seg_fs *)(u32)offset;                                             \
    }                                                                                              \
    static inline void far_set##name(u16 segment, u16 offset, type value)                          \
    {                                                                                              \
        far_segment(segment);                                                                      \
        *(volatile type __seg_fs *)(u32)offset = value;                                            \
    }
FAR_ACCESS(u8, 8)
FAR_ACCESS(u16, 16)
FAR_ACCESS(u32, 32)

/* entry.S: lets in what interrupts, if the caller had interrupts on. */
void irq_window(void);

/* farcopy.S: bytes, words; 64 KiB wrap as the instructions have it. */
void far_fill8(u16 segment, u16 offset, u16 bytes, u8 value);
void far_fill16(u16 segment, u16 offset, u16 words, u16 value);
void far_copy8(u16 to_segment, u16 to, u16 from_segment, u16 from, u16 bytes);
void far_copy16(u16 to_segment, u16 to, u16 from_segment, u16 from, u16 words);
void far_copy32(u16 to_segment, u16 to, u16 from_segment, u16 from, u16 doublewords);

/* The stack's segment, in which the address of a local variable is an offset. */
static inline u16 stack_segment(void)
{
    u16 segment;
    __asm__("movw %%ss, %0" : "=r"(segment));
    return segment;
}

/* Interrupt vectors. */
static inline struct far vector_get(u8 number)
{
    return (struct far){far_get16(0, number * 4u), far_get16(0, number * 4u + 2)};
}
static inline void vector_set(u8 number, struct far to)
{
    far_set16(0, number * 4u, to.offset);
    far_set16(0, number * 4u + 2, to.segment);
}

static inline u8 in8(u16 port)
{
    u8 value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}
static inline void out8(u16 port, u8 value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}
static inline u16 in16(u16 port)
{
    u16 value;
    __asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}
static inline void out16(u16 port, u16 value)
{
    __asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}
static inline u32 in32(u16 port)
{
    u32 value;
    __asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}
static inline void out32(u16 port, u32 value)
{
    __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

#endif
