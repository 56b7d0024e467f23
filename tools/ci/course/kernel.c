/* A kernel that tests itself when its command line ends in "test", and fails when it ends in "fail". */
typedef unsigned char u8;
typedef unsigned u32;

#define COM1 0x3f8

/* The multiboot header; the loader gives the address of its information in EBX. */
__asm__(".align 4\n"
        ".long 0x1badb002, 0, -0x1badb002\n"
        ".globl _start\n"
        "_start: movl $stack_top, %esp\n"
        "pushl %ebx\n"
        "call kernel\n"
        ".bss\n"
        ".skip 4096\n"
        "stack_top:\n"
        ".text\n");

void kernel(const u32 *info);

static void print(const char *text)
{
    for (; *text; text++)
        __asm__ volatile("outb %0, %1" : : "a"(*text), "Nd"((unsigned short)COM1));
}

static int ends_in(const char *text, const char *with)
{
    const char *end = text, *tail = with;

    while (*end)
        end++;
    while (*tail)
        tail++;
    while (tail > with && end > text && tail[-1] == end[-1]) {
        tail--;
        end--;
    }
    return tail == with;
}

static int test_addition(void)
{
    volatile u32 a = 40, b = 2;

    return a + b == 42;
}

void kernel(const u32 *info)
{
    const char *cmdline = (const char *)info[4];

    print("hello\n");
    if (ends_in(cmdline, "test"))
        print(test_addition() ? "addition: ok\nALL TESTS PASSED\n" : "addition: TEST FAILED\n");
    if (ends_in(cmdline, "fail"))
        print("multiplication: TEST FAILED\n");
    for (;;)
        __asm__ volatile("hlt");
}
