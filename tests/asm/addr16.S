/* 16-bit addressing: offsets wrap at 64 KiB, BP means SS, LEA and the 67 and 66 prefixes in both code sizes.
 * expect: status 33
 */
#include "pm.h"

        .globl  test_main
test_main:
        /* 32-bit code with the address-size prefix. */
        movl    $0xabcdfff0, %ebx
        movl    $0x12340020, %esi
        addr16 leal (%bx, %si), %eax
        check_eq(%eax, $0x0010)
        addr16 leal -1(%bx), %eax
        check_eq(%eax, $0xffef)
        leaw    0x11111111(%ebx), %ax
        check_eq(%eax, $0x1101)
        movl    $0x11223344, 0x0610
        addr16 movl 0x600(%bx, %si), %eax
        check_eq(%eax, $0x11223344)
        addr16 movl 0x610, %eax
        check_eq(%eax, $0x11223344)
        movl    $0x10002, %ecx          /* the count is CX */
        xorl    %eax, %eax
1:      incl    %eax
        addr16 loop 1b
        check_eq(%eax, $2)
        check_eq(%ecx, $0x10000)
        jcxz    2f
        fail
2:      jecxz   wrong

        /* SIB forms: no index, no base, scales. */
        movl    $0x100, %ebx
        movl    $3, %esi
        leal    (%ebx, %esi, 8), %eax
        check_eq(%eax, $0x118)
        leal    5(, %esi, 4), %eax
        check_eq(%eax, $17)
        leal    (%esp), %eax
        cmpl    %esp, %eax
        jne     wrong

        real_call low
        check_eq(%eax, $0)
        pass
wrong:  fail

        real_section
low:    movl    $1, %eax
        movw    $0xfff0, %bx
        movw    $0x0700, 0x0620
        movw    $0x630, %si
        movw    $0x0bad, 0x0630
        movw    $0x600d, 0x0620
        cmpw    $0x600d, (%bx, %si)     /* 0xfff0 + 0x630 wraps to 0x620 */
        jne     9f
        incw    %ax
        movw    %sp, %bp
        pushw   $0x1234
        movw    $0x1000, %cx
        movw    %cx, %ds
        cmpw    $0x1234, -2(%bp)        /* SS, whatever DS is */
        jne     9f
        incw    %ax
        xorw    %cx, %cx
        movw    %cx, %ds
        movl    $0x620, %ecx
        cmpw    $0x600d, (%ecx)         /* 67 prefix */
        jne     9f
        incw    %ax
        movw    $0x10, %di
        movw    $3, %cx
        leaw    (%bp, %di), %dx
        subw    %bp, %dx
        cmpw    %di, %dx
        jne     9f
        xorw    %ax, %ax
9:      addw    $2, %sp
        movzwl  %ax, %eax
        retw
        end_real_section
