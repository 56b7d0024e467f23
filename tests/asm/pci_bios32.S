/* The 32-bit PCI BIOS, found by its service directory: at other bases than 0, on a stack of 1 KiB at a base of its own,
 * which is what it may count on. (BIOS32 Service Directory 0.4; PCI BIOS Specification 2.1, 3)
 * expect: status 33
 */
#include "pm.h"

        .set    SERVICE, 0x49435024     /* "$PCI" */
        .set    BASE, 0xe0000
        .set    STACK, 1024
        .set    FILL, 0x5a5a5a5a
        .set    HOST_BRIDGE, 0x12378086

        /* ah: the answer that is expected, CF with it; the rest is in registers */
        .macro  pci function:req, answer:req
        movb    $0xb1, %ah
        movb    $\function, %al
        call    pci_call
        movl    %eax, seen_eax
        setc    seen_carry
        check_byte(seen_eax + 1, $\answer)
        .if     \answer
        check_byte(seen_carry, $1)
        .else
        check_byte(seen_carry, $0)
        .endif
        .endm

        .globl  test_main
test_main:
        movl    $BASE, %esi             /* the directory */
1:      cmpl    $0x5f32335f, (%esi)
        je      2f
        addl    $16, %esi
        cmpl    $0x100000, %esi
        jb      1b
        fail
2:      check_byte(9(%esi), $1)
        xorl    %eax, %eax
        movl    $16, %ecx
3:      addb    -1(%esi,%ecx), %al
        loop    3b
        check_eq(%eax, $0)

        movl    4(%esi), %eax
        movl    %eax, directory
        movl    $SERVICE, %eax
        movl    $0x100, %ebx            /* only BL chooses the function */
        lcall   *directory
        check_bits(%eax, 0xff, 0)
        movl    %ebx, service_base
        movl    %ecx, service_len
        movl    %edx, service
        movl    $SERVICE, %eax
        movl    $1, %ebx
        lcall   *directory
        check_bits(%eax, 0xff, 0x81)
        movl    $0x54534f4e, %eax
        xorl    %ebx, %ebx
        lcall   *directory
        check_bits(%eax, 0xff, 0x80)

        set_desc T0, service_base, $0xffff, A_CODE
        set_desc T1, service_base, $0xffff, A_DATA
        set_desc T2, $(stack - 0x2000), $(0x2000 + STACK - 1), A_DATA

        pci     0x01, 0                 /* is there one: "PCI ", version 2.1 */
        check_eq(%edx, $0x20494350)
        check_bits(%ebx, 0xffff, 0x210)
        movl    $HOST_BRIDGE >> 16, %ecx
        movl    $HOST_BRIDGE & 0xffff, %edx
        xorl    %esi, %esi
        pci     0x02, 0                 /* a device */
        check_bits(%ebx, 0xffff, 0)
        movl    $0x060000, %ecx
        pci     0x03, 0                 /* a class */
        check_bits(%ebx, 0xffff, 0)
        incl    %esi
        pci     0x03, 0x86              /* no second one: all of the bus is looked through */
        xorl    %ebx, %ebx
        xorl    %edi, %edi
        pci     0x0a, 0                 /* a dword */
        check_eq(%ecx, $HOST_BRIDGE)
        movl    $2, %edi
        pci     0x09, 0
        check_bits(%ecx, 0xffff, HOST_BRIDGE >> 16)
        movl    $1, %edi
        pci     0x08, 0
        check_bits(%ecx, 0xff, HOST_BRIDGE >> 8 & 0xff)
        pci     0x0a, 0x87              /* no register for a dword */
        pci     0x7f, 0x81              /* no function */

        xorl    %eax, %eax              /* how much of the stack was never used */
        movl    $stack, %edi
        movl    $FILL, %ecx
4:      cmpl    %ecx, (%edi)
        jne     5f
        addl    $4, %edi
        jmp     4b
5:      subl    $stack, %edi
        cmpl    $STACK / 4, %edi
        ja      6f
        fail
6:      pass

/* By T0 and T1, on a stack of STACK bytes with another base; interrupts on before are on behind. */
pci_call:
        movl    %esp, old_esp
        pushl   $T1
        popl    %ds
        pushl   $T1
        popl    %es
        pushl   $T2
        popl    %ss
        movl    $0x2000 + STACK, %esp
        pushl   $KCODE
        pushl   $1f
        pushl   $T0
        pushl   %cs:service
        lret
1:      pushl   %eax
        pushfl
        movl    $KDATA, %eax
        movl    %eax, %ds
        movl    %eax, %es
        popfl
        popl    %eax
        pushl   %cs:kdata
        popl    %ss
        movl    %cs:old_esp, %esp
        ret

kdata:  .long   KDATA

        .data
directory:
        .long   0
        .word   KCODE
        .align  4
service_base:   .long 0
service_len:    .long 0
service:        .long 0
seen_eax:       .long 0
seen_carry:     .long 0
old_esp:        .long 0
        .align  16
        .fill   0x40
stack:  .fill   STACK / 4, 4, FILL
