/* Performance counters: instructions at both levels or at one, cycles, writes, RDPMC's rules. (SDM vol. 3B, 18.2.1)
 * expect: status 33
 * args: -cpu coreduo
 */
#include "pm.h"

#define PERFCTR0 0xc1
#define PERFEVTSEL0 0x186
#define INSNS_BOTH 0x4300c0     /* on, OS, USR */
#define INSNS_OS   0x4200c0
#define INSNS_USER 0x4100c0

        /* Stops counter 0, sets it to 0, then it counts `select`: this WRMSR first. */
        .macro  start select
        xorl    %eax, %eax
        xorl    %edx, %edx
        movl    $PERFEVTSEL0, %ecx
        wrmsr
        movl    $PERFCTR0, %ecx
        wrmsr
        movl    $\select, %eax
        movl    $PERFEVTSEL0, %ecx
        wrmsr
        .endm

        /* EDX:EAX = counter 0; MOV and what follows are two instructions, of which the second is not yet counted. */
        .macro  read
        movl    $PERFCTR0, %ecx
        rdmsr
        .endm

        .globl  test_main
test_main:
        movl    $10, %eax
        cpuid
        check_eq(%eax, $0x07280201)     /* version 1: two counters of 40 bits, seven events, */
        check_eq(%ebx, $0x78)           /* of which three are there */

        /* WRMSR, 100 loops of two, MOV ECX twice. */
        start   INSNS_BOTH
        movl    $100, %ecx
1:      nop
        loop    1b
        read
        check_eq(%eax, $203)
        check_eq(%edx, $0)

        /* The same for cycles: one each. An event that does not happen. */
        start   0x43003c
        movl    $100, %ecx
1:      nop
        loop    1b
        read
        check_eq(%eax, $203)
        start   0x4300c4
        nop
        read
        check_eq(%eax, $0)

        /* Off: it keeps its value. */
        start   INSNS_BOTH
        nop
        movl    $PERFEVTSEL0, %ecx
        xorl    %eax, %eax
        wrmsr
        nop
        nop
        read
        check_eq(%eax, $4)              /* WRMSR, NOP, MOV, XOR */

        /* A write is signed, and 40 bits wide; it overflows without a word. */
        movl    $-2, %eax
        xorl    %edx, %edx
        movl    $PERFCTR0, %ecx
        wrmsr
        rdmsr
        check_eq(%eax, $-2)
        check_eq(%edx, $0xff)
        movl    $INSNS_BOTH, %eax
        movl    $PERFEVTSEL0, %ecx
        wrmsr
        nop
        nop
        read
        check_eq(%eax, $2)              /* WRMSR, two NOPs, MOV: less 2 */
        check_eq(%edx, $0)

        /* One level only: what runs at the other is not counted. RDPMC at CPL 3 needs CR4.PCE. */
        start   INSNS_USER
        movl    $50, %ecx
1:      loop    1b
        read
        check_eq(%eax, $0)
        user_begin
        xorl    %ecx, %ecx
        expect_fault(GP, 0, rdpmc)
        user_end
        movl    %cr4, %eax
        orl     $0x100, %eax
        movl    %eax, %cr4
        start   INSNS_USER
        user_begin
        xorl    %ecx, %ecx
        rdpmc
        movl    %eax, %ebx
        movl    $50, %ecx
1:      loop    1b
        xorl    %ecx, %ecx
        rdpmc
        subl    %ebx, %eax
        movl    %eax, %ebx              
        user_end
        check_eq(%ebx, $54)             /* RDPMC, two MOVs, 50 LOOPs, XOR */
        start   INSNS_OS
        read
        movl    %eax, %esi
        user_begin
        movl    $1000, %ecx
1:      loop    1b
        user_end
        read
        subl    %esi, %eax
        cmpl    $200, %eax              /* the way there and back */
        ja      wrong
        movl    $2, %ecx
        expect_fault(GP, 0, rdpmc)
        pass
wrong:  fail
