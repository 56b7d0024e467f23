/* What every file of the BIOS needs: types, ports, memory, and a caller's registers.
 *
 * The services are 16-bit code (gcc -m16) in segment F000 that runs on a stack of its own (stack.inc), with
 * interrupts off:
 *
 *     CS  F000        SS = DS = ES  the stack: a pointer to a local variable works
 *     FS  0040        the BIOS data area: bda->field
 *     GS  EBDA        the extended BIOS data area: ebda->field
 *
 * So constants are not where DS points: they are ROMDATA, read by rom8() and its kin (the linker
 * script refuses .rodata), and the image has no variables. The caller's memory is reached by
 * far_read8() and its kin. A service takes as little stack as it can: no buffers in local variables
 * but in POST and int 19h, which have conventional memory. */
#ifndef BIOS_BIOS_H
#define BIOS_BIOS_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char i8;
typedef signed short i16;
typedef int i32;
#define bool _Bool
#define true 1
#define false 0
#define NULL ((void *)0)

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define offsetof          __builtin_offsetof
#define ROMDATA           __attribute__((section(".romdata")))
#define PACKED            __attribute__((packed))

/* A string in the ROM. */
#define S(text)                                                                                    \
    ({                                                                                             \
        static const char rom_text[] ROMDATA = text;                                               \
        rom_text;                                                                                  \
    })

#include "stack.h"

#define BIOS_SEG 0xf000
#define EBDA_SEG 0x9fc0
#define MODEL    0xfc
#define SUBMODEL 0x00

/* Ports. */
static inline u8 inb(u16 port)
{
    u8 value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline u16 inw(u16 port)
{
    u16 value;
    __asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline u32 inl(u16 port)
{
    u32 value;
    __asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline void outb(u16 port, u8 value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void outw(u16 port, u16 value)
{
    __asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static inline void outl(u16 port, u32 value)
{
    __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

/* Constants in the ROM. */
static inline u8 rom8(const void *p)
{
    u8 value;
    __asm__("movb %%cs:(%1), %0" : "=q"(value) : "r"(p));
    return value;
}

static inline u16 rom16(const void *p)
{
    u16 value;
    __asm__("movw %%cs:(%1), %0" : "=r"(value) : "r"(p));
    return value;
}

static inline u32 rom32(const void *p)
{
    u32 value;
    __asm__("movl %%cs:(%1), %0" : "=r"(value) : "r"(p));
    return value;
}

/* The caller's memory. ES is what DS is outside of these. */
#define FAR_READ(bits, constraint, insn)                                                           \
    static inline u##bits far_read##bits(u16 seg, u16 off)                                         \
    {                                                                                              \
        u##bits value;                                                                             \
        __asm__ volatile("movw %w1, %%es\n\t" insn " %%es:(%2), %0\n\tpushw %%ds\n\tpopw %%es"     \
                         : constraint(value)                                                       \
                         : "r"(seg), "r"((u32)off)                                                 \
                         : "memory");                                                              \
        return value;                                                                              \
    }
#define FAR_WRITE(bits, constraint, insn)                                                          \
    static inline void far_write##bits(u16 seg, u16 off, u##bits value)                            \
    {                                                                                              \
        __asm__ volatile("movw %w1, %%es\n\t" insn " %0, %%es:(%2)\n\tpushw %%ds\n\tpopw %%es"     \
                         :                                                                         \
                         : constraint(value), "r"(seg), "r"((u32)off)                              \
                         : "memory");                                                              \
    }
FAR_READ(8, "=&q", "movb")
FAR_READ(16, "=&r", "movw")
FAR_READ(32, "=&r", "movl")
FAR_WRITE(8, "q", "movb")
FAR_WRITE(16, "r", "movw")
FAR_WRITE(32, "r", "movl")

/* For POST and INT 19h. A service has irq_window(). */
static inline void irq_enable(void)
{
    __asm__ volatile("sti" : : : "memory");
}

static inline void irq_disable(void)
{
    __asm__ volatile("cli" : : : "memory");
}

/* call16.S: lets in what interrupts; waits for an interrupt, and leaves them off. Handlers run on the
 * caller's stack. */
void irq_window(void);
void irq_wait(void);

static inline u16 irq_save(void)
{
    u16 flags;
    __asm__ volatile("pushfw\n\tpopw %0\n\tcli" : "=r"(flags) : : "memory");
    return flags;
}

static inline void irq_restore(u16 flags)
{
    __asm__ volatile("pushw %0\n\tpopfw" : : "r"(flags) : "memory", "cc");
}

/* A caller's registers, as entry.S has pushed them; what is changed here the caller sees. */
#define REG(letter)                                                                                \
    union {                                                                                        \
        u32 e##letter##x;                                                                          \
        u16 letter##x;                                                                             \
        struct {                                                                                   \
            u8 letter##l, letter##h;                                                               \
        };                                                                                         \
    }
#define REG_INDEX(name)                                                                            \
    union {                                                                                        \
        u32 e##name;                                                                               \
        u16 name;                                                                                  \
    }
struct regs {
    REG_INDEX(di);
    REG_INDEX(si);
    REG_INDEX(bp);
    u32 esp;
    REG(b);
    REG(d);
    REG(c);
    REG(a);
    u16 gs, fs, es, ds;
    u32 next; /* the far address to go on at, with the caller's registers: an IRET */
    u16 ip, cs, flags;
} PACKED;

/* A service's registers, and the caller's stack, where stack.inc's words and the interrupt's frame are. */
struct entry_frame {
    struct regs regs;
    u32 esp;
    u16 ss;
} PACKED;

_Static_assert(offsetof(struct regs, es) == REGS_ES && offsetof(struct regs, next) == REGS_NEXT &&
                   offsetof(struct regs, flags) == REGS_FLAGS &&
                   offsetof(struct entry_frame, esp) == REGS_ESP &&
                   offsetof(struct entry_frame, ss) == REGS_SS,
               "stack.inc");

#define FLAG_CF 0x0001
#define FLAG_ZF 0x0040
#define FLAG_IF 0x0200

static inline void set_flag(struct regs *r, u16 flag, bool on)
{
    r->flags = on ? r->flags | flag : r->flags & (u16)~flag;
}

static inline void set_cf(struct regs *r, bool on)
{
    set_flag(r, FLAG_CF, on);
}

/* entry.S: calls interrupt `vector` with and to these registers (general ones, ES, DS, FLAGS). */
void call_int(u8 vector, struct regs *r);
/* The same for a far procedure, such as an option ROM's entry. */
void call_far(u16 seg, u16 off, struct regs *r);
/* call32.S: copies physical memory, whole words; A20 must be open. */
void copy_physical(u32 to, u32 from, u32 words);
/* call32.S: runs flat 32-bit code; SS must be 0. */
u32 call32(u32 address, u32 argument);

/* call32.S: limits of 4 GiB in the data segments, for option ROMs in POST; or of 64 KiB. */
void big_real(bool on);

/* util.c */
void *memset(void *to, int value, u32 len);
void *memcpy(void *to, const void *from, u32 len);
void set_vector(u8 vector, const void *handler);
void set_vector_far(u8 vector, u16 seg, u16 off);
u8 cmos_read(u8 index);
void cmos_write(u8 index, u8 value);
u8 from_bcd(u8 value);
void delay_us(u32 us);
void irq_eoi(u8 irq);
void irq_unmask(u8 irq);

#endif
