/* What the multiboot guests of these tests share: types, ports, and text on COM1. */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned u32;

#define COM1 0x3f8

static void outb(u16 port, u8 value)
{
    __asm__ volatile("outb %0, %1" ::"a"(value), "Nd"(port));
}

static void outw(u16 port, u16 value)
{
    __asm__ volatile("outw %0, %1" ::"a"(value), "Nd"(port));
}

static u8 inb(u16 port)
{
    u8 value;

    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static void put(u8 c)
{
    while (!(inb(COM1 + 5) & 0x20))
        ;
    outb(COM1, c);
}

static void print(const char *text)
{
    while (*text)
        put((u8)*text++);
}
