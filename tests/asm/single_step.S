/* TF: a trap after every instruction; what turns it off, holds it back or delivers it late.
 * expect: status 33
 */
#include "pm.h"

        .globl  test_main
test_main:
        set_gate DB, $step
        set_gate 0x40, $plain, GATE_TRAP

        /* The first trap comes after the one behind POPF. */
        movl    $eips, list
        pushl   $(TF | 2)
        popfl
1:      nop
2:      incl    %eax
3:      jmp     4f
        nop
4:      pushfl
5:      andl    $~TF, (%esp)
6:      popfl
7:      nop                             /* TF is off; POPF itself was still stepped */
        check_eq(eips + 0, $2b)
        check_eq(eips + 4, $3b)
        check_eq(eips + 8, $4b)
        check_eq(eips + 12, $5b)
        check_eq(eips + 16, $6b)
        check_eq(eips + 20, $7b)
        check_eq(list, $(eips + 24))
        check_bits(dr6_seen, 0x4000, 0x4000)

        /* The image that PUSHF pushes has TF; the handler runs without it; INT clears it. */
        movl    $eips, list
        pushl   $(TF | 2)
        popfl
        int     $0x40
1:      pushfl
2:      popl    %eax
3:      pushl   $2
4:      popfl
        testl   $TF, %eax
        jz      wrong
        check_eq(eips + 0, $2b)         /* no step after the INT itself: IRET restores TF, then PUSHF */
        check_eq(eips + 4, $3b)
        check_eq(eips + 8, $4b)

        /* MOV SS: no trap between it and the next instruction. */
        movl    $eips, list
        movl    %ss, %eax
        pushl   $(TF | 2)
        popfl
        movl    %eax, %ss
1:      nop
2:      pushl   $2
3:      popfl
4:      check_eq(eips + 0, $2b)
        check_eq(eips + 4, $3b)
        check_eq(eips + 8, $4b)

        /* REP: one trap per iteration, EIP on the instruction until the last. */
        movl    $eips, list
        movl    $3, %ecx
        movl    $scratch, %edi
        cld
        pushl   $(TF | 2)
        popfl
1:      rep stosb
2:      pushl   $2
3:      popfl
        check_eq(eips + 0, $1b)
        check_eq(eips + 4, $1b)
        check_eq(eips + 8, $2b)
        check_eq(eips + 12, $3b)

        /* A fault comes instead of the step, with TF in its image. */
        movl    $eips, list
        pushl   $(TF | 2)
        popfl
        expect_fault(UD, 0, ud2)
        check_bits(fault_eflags, TF, TF)
        pass
wrong:  fail

step:   pushl   %eax
        pushl   %ebx
        movl    8(%esp), %eax
        movl    list, %ebx
        movl    %eax, (%ebx)
        addl    $4, list
        movl    %dr6, %eax
        movl    %eax, dr6_seen
        xorl    %eax, %eax
        movl    %eax, %dr6
        popl    %ebx
        popl    %eax
        iret
plain:  iret

        .data
list:   .long   eips
dr6_seen:
        .long   0
eips:   .fill   64, 4, 0
