/* What the files of the BIOS's test guest share. */
#ifndef TESTS_BIOS_SERVICES_H
#define TESTS_BIOS_SERVICES_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;

struct regs {
    u32 eax, ebx, ecx, edx, esi, edi, ebp;
    u16 es, flags;
};

#define CF             1
#define ZF             0x40
#define BUFFER         ((u8 *)0x1000) /* DMA-safe */
#define BUFFER2        ((u8 *)0x3000)
#define LOW8(address)  (*(volatile u8 *)(address))
#define LOW16(address) (*(volatile u16 *)(address))
#define LOW32(address) (*(volatile u32 *)(address))

static inline void outb(u16 port, u8 value)
{
    __asm__ volatile("outb %0, %1" ::"a"(value), "Nd"(port));
}

static inline u8 inb(u16 port)
{
    u8 value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

/* services.c */
extern struct regs r; /* of the last do_int(); ESI, EDI, EBP and ES go in as they are there */
void print(const char *s);
void check(const char *name, int good, u32 got);
u32 do_int(u8 vector, u32 ax, u32 bx, u32 cx, u32 dx); /* AX afterwards */
void read_check(const char *name, u8 drive, u16 cx, u8 head);
void edd(const char *name, u8 function, u8 drive, u32 lba, u16 count, int good);

/* cd.c: cd_booted() leaves the specification packet in BUFFER. */
int cd_booted(u8 drive);
void test_cd(u8 drive);

/* ports.c */
void test_com(void);
void test_printer(void);

/* apm.c */
void power_off(u8 drive, int cd);

#endif
