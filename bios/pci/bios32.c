/* The 32-bit PCI BIOS and the directory that leads to it ("_32_").
 *
 * Called far in protected mode, with CS and DS alike, at whatever linear address: nothing here but the header may be
 * at an absolute one. The stack is the caller's, of 1 KiB at least, and may have a base of its own. Implemented: what
 * calls.h has; not the routing options.
 * Sources: Standard BIOS 32-bit Service Directory 0.4 (Phoenix); PCI BIOS Specification 2.1, 3. */
#pragma GCC optimize("no-jump-tables")
#include "pci.h"

#include "calls.h"

struct bios32 {
    char signature[4];
    u32 entry;
    u8 revision, paragraphs, checksum, reserved[5];
} PACKED;

_Static_assert(sizeof(struct bios32) == 16, "BIOS32 header");

/* Where the header is made: a constant only for the linker. */
static const u8 header_place[sizeof(struct bios32)] __attribute__((aligned(16), used)) = {0};

void bios32_entry(void);

/* EAX: "$PCI"; EBX: 0. Out: AL 0 and EBX, ECX, EDX: base, length, offset of the entry; AL 80h: no such
 * service; 81h: EBX is not 0. */
__asm__(".text\n"
        ".globl bios32_entry\n"
        "bios32_entry:\n\t"
        "testb %bl, %bl\n\t"
        "jnz 1f\n\t"
        "cmpl $0x49435024, %eax\n\t"
        "jne 2f\n\t"
        "movl $0xe0000, %ebx\n\t"
        "movl $0x10000, %ecx\n\t"
        "movl $pci32_entry - 0xe0000, %edx\n\t"
        "xorb %al, %al\n\t"
        "lret\n"
        "1:\tmovb $0x81, %al\n\t"
        "lret\n"
        "2:\tmovb $0x80, %al\n\t"
        "lret\n"
        "pci32_entry:\n\t" /* as INT 1Ah: AL the function; AH and CF the answer */
        "pushfl\n\t"
        "cli\n\t" /* ports CF8h and CFCh belong together */
        "cld\n\t"
        "pushl %ds\n\t"
        "pushl %es\n\t"
        "pushal\n\t"
        "movl %ss, %eax\n\t"
        "movl %eax, %ds\n\t"
        "movl %eax, %es\n\t"
        "movl %esp, %eax\n\t"
        "call pci32_service\n\t"
        "popal\n\t"
        "popl %es\n\t"
        "popl %ds\n\t"
        "popfl\n\t"
        "cmpb $1, %ah\n\t" /* CF when AH is 0 */
        "cmc\n\t"
        "lret\n");

void pci32_service(struct regs *r);

/* Of *r only the general registers are there. */
void pci32_service(struct regs *r)
{
    r->ah = pci_call(r, r->al & 0x7f);
}

void pci_make_bios32(void)
{
    unsigned long place = (unsigned long)header_place;
    struct bios32 *header;
    u8 sum = 0;

    __asm__("" : "+r"(place)); /* the compiler is not to know that it is a constant */
    header = (struct bios32 *)place;
    header->signature[0] = header->signature[3] = '_';
    header->signature[1] = '3';
    header->signature[2] = '2';
    header->entry = (u32)(unsigned long)bios32_entry;
    header->revision = 0;
    header->paragraphs = 1;
    header->checksum = 0;
    for (unsigned i = 0; i < sizeof(*header); i++)
        sum += ((u8 *)header)[i];
    header->checksum = (u8)-sum;
}
