/* Shadow RAM by the host bridge's PAM registers: each mode for loads, stores and code, in D0000-D3FFF.
 * expect: status 33
 */
#include "pm.h"

#define AREA  0xd0000
#define PAM3  0x8000005c
#define RET_1 0x00c301b0 /* movb $1, %al; ret */
#define RET_2 0x00c302b0
#define RET_3 0x00c303b0

        .macro  pam bits
        movl    $PAM3, %eax
        movw    $0xcf8, %dx
        outl    %eax, %dx
        movb    $\bits, %al
        movw    $0xcfc, %dx
        outb    %al, %dx
        .endm

        .macro  run
        xorl    %eax, %eax
        call    *%ebx
        .endm

        .globl  test_main
test_main:
        movl    $AREA, %ebx

        /* RAM: a routine is stored, runs, and is changed. */
        pam     3
        movl    $RET_1, (%ebx)
        run
        check_eq(%eax, $1)
        movl    $RET_2, (%ebx)
        run
        check_eq(%eax, $2)

        /* Write only: loads see nothing, and the store lands in the RAM. */
        pam     2
        check_eq(AREA, $0xffffffff)
        movl    $RET_3, (%ebx)
        check_eq(AREA, $0xffffffff)
        movl    $0x12345678, 0x3ffe(%ebx)       /* the last word here, the next beyond */
        pam     3
        run
        check_eq(%eax, $3)
        check_word(AREA + 0x3ffe, $0x5678)

        /* Read only: the routine runs, and stores vanish. */
        pam     1
        run
        check_eq(%eax, $3)
        movl    $RET_1, (%ebx)
        check_eq(AREA, $RET_3)
        run
        check_eq(%eax, $3)
        incb    1(%ebx)
        check_eq(AREA, $RET_3)

        /* Off, and on again: as it was. Many times: the run loop and chained code meet each switch. */
        movl    $200, %ecx
1:      pam     0
        cmpl    $0xffffffff, (%ebx)
        jne     wrong
        pam     3
        incb    1(%ebx)
        run
        subb    $4, %al
        cmpb    count, %al
        jne     wrong
        incb    count
        loop    1b

        /* Code that runs in the RAM takes its own writing away, and gives it back. */
        movl    $2f, %esi
        movl    $AREA + 0x1000, %edi
        movl    $(3f - 2f), %ecx
        cld
        rep movsb
        movl    $(AREA + 0x1000), %ecx
        call    *%ecx
        check_eq(%eax, $0x600d)
        pass

2:      movl    $PAM3, %eax
        movw    $0xcf8, %dx
        outl    %eax, %dx
        movb    $1, %al
        movw    $0xcfc, %dx
        outb    %al, %dx
        movl    $0xbad, AREA + 0x1000 + (4f - 2b) + 1   /* vanishes */
        movb    $3, %al
        outb    %al, %dx
        movl    $0x600d, AREA + 0x1000 + (5f - 2b) + 1  /* does not */
4:      movl    $0x1234, %edi
        cmpl    $0x1234, %edi
        movl    $0, %eax
        jne     6f
5:      movl    $0xbad, %eax
6:      ret
3:

wrong:  fail

count:
        .byte   0
