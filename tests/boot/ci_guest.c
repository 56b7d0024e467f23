/* A multiboot guest for tests/boot/ci: the last letter of its command line says what it does.
 *   f  prints fw_cfg's file opt/text by ports, and by DMA        o  switches off
 *   m  prints SMBIOS's product and serial number, when all is well with the tables
 *   r  asks on COM1 for a word and prints it
 *   p  writes to pvpanic, and switches off                    i  tries pc-testdev
 *   l  loops      t  triple fault      k  prints a Linux panic and loops
 *   c  prints one that is cut short */
#include "guest.h"

#define POWEROFF 0x8900

/* The header, and the entry with EBX at the multiboot information. */
__asm__(".section .text.first, \"ax\"\n"
        ".align 4\n"
        ".long 0x1badb002, 0, -0x1badb002\n"
        ".globl _start\n"
        "_start: movl $stack_top, %esp\n"
        "xorl %ebp, %ebp\n"
        "pushl %ebx\n"
        "call guest\n"
        ".bss\n"
        ".skip 8192\n"
        "stack_top:\n"
        ".text\n");

void guest(const u32 *info);

static void outl(u16 port, u32 value)
{
    __asm__ volatile("outl %0, %1" ::"a"(value), "Nd"(port) : "memory");
}

static void loop(void)
{
    for (;;)
        ;
}

static void power_off(void)
{
    for (const char *c = "Shutdown"; *c; c++)
        outb(POWEROFF, (u8)*c);
    loop();
}

static void triple_fault(void)
{
    static const struct {
        u16 limit;
        u32 base;
    } __attribute__((packed)) none = {0, 0};

    __asm__ volatile("lidt %0\n\tint3" ::"m"(none));
}

static u32 fw_u32(void)
{
    u32 value = 0;

    for (int i = 0; i < 4; i++)
        value = value << 8 | inb(0x511);
    return value;
}

/* Key and size of a file; 0: there is none. */
static u16 fw_find(const char *name, u32 *size)
{
    u32 count;

    outw(0x510, 0x19);
    count = fw_u32();
    while (count--) {
        u32 bytes = fw_u32(), key = fw_u32() >> 16;
        int same = 1;

        for (int i = 0, ended = 0; i < 56; i++) {
            u8 c = inb(0x511);

            same &= ended || c == (u8)name[i];
            ended |= !name[i];
        }
        if (same) {
            *size = bytes;
            return (u16)key;
        }
    }
    return 0;
}

static u32 swap(u32 value)
{
    return __builtin_bswap32(value);
}

static void print_fw_file(void)
{
    static volatile u32 dma[4];
    static char text[100];
    u32 size = 0;
    u16 key = fw_find("opt/text", &size);

    outw(0x510, key);
    for (u32 i = 0; key && i < size; i++)
        put(inb(0x511));
    dma[0] = swap((u32)key << 16 | 8 | 2);
    dma[1] = swap(size < 99 ? size : 99);
    dma[3] = swap((u32)text);
    outl(0x518, swap((u32)dma));
    print(dma[0] ? " error" : " / ");
    print(text);
    put('\n');
    power_off();
}

static int sums_to_0(const u8 *bytes, u32 len)
{
    u8 sum = 0;

    while (len--)
        sum += *bytes++;
    return sum == 0;
}

/* Text number n of a structure. */
static const char *smbios_text(const u8 *structure, u8 n)
{
    const char *text = (const char *)structure + structure[1];

    while (--n)
        while (*text++)
            ;
    return text;
}

static const u8 *smbios_next(const u8 *structure)
{
    const u8 *at = structure + structure[1];

    while (at[0] || at[1])
        at++;
    return at + 2;
}

static void print_smbios(void)
{
    const u8 *anchor = (const u8 *)0xf0000, *at;
    u32 count, n = 0;

    while (anchor < (const u8 *)0x100000 && *(const u32 *)anchor != 0x5f4d535f)
        anchor += 16;
    if (anchor == (const u8 *)0x100000 || !sums_to_0(anchor, anchor[5]) ||
        !sums_to_0(anchor + 16, 15)) {
        print("no SMBIOS\n");
        power_off();
    }
    at = *(const u8 *const *)(anchor + 24);
    count = *(const u16 *)(anchor + 28);
    for (const u8 *s = at; n < count; n++, s = smbios_next(s)) {
        if (s[0] == 1) {
            print(smbios_text(s, s[5]));
            print(s[7] ? ", " : "");
            print(s[7] ? smbios_text(s, s[7]) : "");
            put('\n');
        }
        if (s[0] == 127 && n == count - 1 && smbios_next(s) == at + *(const u16 *)(anchor + 22))
            print("whole\n");
    }
    power_off();
}

static void repeat(void)
{
    u8 c;

    print("word: ");
    do {
        while (!(inb(COM1 + 5) & 1))
            ;
        c = inb(COM1);
        put(c == '\r' ? '\n' : c);
    } while (c != '\r');
    print("done\n");
    loop();
}

static void panic(void)
{
    print(inb(0x505) == 3 ? "pvpanic\n" : "no pvpanic\n");
    outb(0x505, 1);
    power_off();
}

/* A masked line's request is in the 8259's IRR. */
static u8 requests(void)
{
    outb(0x20, 0x0a);
    return inb(0x20) & 0x20;
}

static void try_testdev(void)
{
    volatile u32 *memory = (volatile u32 *)0xff000000;
    u8 before = requests(), during;

    outb(0x2005, 1);
    during = requests();
    outb(0x2005, 0);
    outl(0xe0, 0x12345678);
    memory[4] = 0x12345678;
    if (!before && during && inb(0xe2) == 0x34 && *((volatile u8 *)memory + 17) == 0x56)
        print("testdev\n");
    outb(0xf4, 0x10);
    loop();
}

void guest(const u32 *info)
{
    const char *letter = (const char *)info[4];

    while (letter[1])
        letter++;
    switch (*letter) {
    case 'f': print_fw_file(); break;
    case 'i': try_testdev(); break;
    case 'm': print_smbios(); break;
    case 'r': repeat(); break;
    case 'p': panic(); break;
    case 'k': print("[    1.5] Kernel panic - not syncing: No working init found.\n"); break;
    case 'c': print("Kernel panic - not syncing: N"); break;
    case 'o': power_off(); break;
    case 't': triple_fault(); break;
    }
    loop();
}
