/* A multiboot guest that writes a storm (wave.h) to the first hard disk by PIO, and says on port e9, as eight bytes, the
 * number of each write up to which it was told that all is on the disk.
 *
 * Its command line is the storm's seed and the disk's sectors. It ends by isa-debug-exit when the disk has an error. */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned u32;
typedef unsigned long long u64;
#define bool _Bool

#include "tests/block/wave.h"

__asm__(".section .text.first, \"ax\"\n"
        ".align 4\n"
        ".long 0x1badb002, 0, -0x1badb002\n"
        ".globl _start\n"
        "_start: movl $stack_top, %esp\n"
        "pushl %ebx\n"
        "call guest\n"
        ".bss\n"
        ".skip 8192\n"
        "stack_top:\n"
        ".text\n");

#define DATA   0x1f0
#define STATUS 0x1f7
#define WRITE  0x30
#define FLUSH  0xe7
#define COUNT  256u /* sectors of a command, at most */

void guest(const u32 *info);

static u64 data[WAVE_MAX * WAVE_SECTOR / 8];

static void outb(u16 port, u8 value)
{
    __asm__ volatile("outb %0, %1" ::"a"(value), "Nd"(port));
}

static u8 inb(u16 port)
{
    u8 value;

    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static void end(u8 value)
{
    outb(0x501, value);
    for (;;)
        ;
}

/* Until the drive is not busy; an error ends all. */
static u8 wait(void)
{
    u8 status;

    do
        status = inb(STATUS);
    while (status & 0x80);
    if (status & 0x01)
        end(1);
    return status;
}

static void command(u32 sector, u32 count, u8 code)
{
    wait();
    outb(DATA + 2, (u8)count);
    outb(DATA + 3, (u8)sector);
    outb(DATA + 4, (u8)(sector >> 8));
    outb(DATA + 5, (u8)(sector >> 16));
    outb(DATA + 6, (u8)(0xe0 | sector >> 24));
    outb(STATUS, code);
}

static void write(u32 sector, const u64 *from, u32 count)
{
    const u8 *p = (const u8 *)from;

    command(sector, count, WRITE);
    for (; count; count--) {
        u32 words = WAVE_SECTOR / 2;

        wait();
        __asm__ volatile("rep outsw" : "+S"(p), "+c"(words) : "d"(DATA) : "memory");
    }
    wait();
}

static u32 number_of(const char **text)
{
    u32 value = 0;

    while (**text == ' ')
        ++*text;
    while (**text >= '0' && **text <= '9')
        value = value * 10 + (u32)(*(*text)++ - '0');
    return value;
}

static void say(u64 number)
{
    for (u32 i = 0; i < 8; i++)
        outb(0xe9, (u8)(number >> 8 * i));
}

/* The command line's first word is the kernel's name, where there is one. */
static const char *arguments(const char *text)
{
    while (*text && !(*text >= '0' && *text <= '9' && text[-1] == ' '))
        text++;
    return text;
}

void guest(const u32 *info)
{
    const char *text = arguments((const char *)info[4] + 1);
    u32 seed = number_of(&text), sectors = number_of(&text);

    outb(0x3f6, 2); /* no interrupts */
    for (u64 number = 1;; number++) {
        struct wave wave = wave_of(seed, number, sectors);
        u32 at = (u32)wave.sector, done = wave.count < COUNT ? wave.count : COUNT;

        wave_mark(data, wave.count, wave.sector, number);
        for (u32 i = 0; wave.zero && i < wave.count * WAVE_SECTOR / 8; i++)
            data[i] = 0;
        write(at, data, done);
        if (wave.count > done)
            write(at + done, data + done * WAVE_SECTOR / 8, wave.count - done);
        if (!wave.flush)
            continue;
        command(0, 0, FLUSH);
        wait();
        say(number);
    }
}
