/* Performance counters that overflow: the interrupt comes behind the very instruction, as an NMI or with a vector, once
 * until its local vector is unmasked again; for one privilege level, and not at all. (SDM vol. 3B, 18.2.1; vol. 3A,
 * 10.5.1)
 * expect: status 33
 * args: -cpu coreduo
 */
#include "pm.h"

#define PERFCTR0 0xc1
#define PERFEVTSEL0 0x186
#define INSNS_BOTH 0x5300c0     /* on, INT, OS, USR */
#define INSNS_USER 0x5100c0
#define NO_INT 0x4300c0
#define CYCLES 0x53003c
#define REFERENCE 0x53013c      /* ten an instruction, with this clock */

        .set    LAPIC, 0xfee00000
        .set    EOI, LAPIC + 0xb0
        .set    SVR, LAPIC + 0xf0
        .set    LVT_PERF, LAPIC + 0x340
        .set    NMI_OPEN, 0x400
        .set    LVT_MASKED, 0x10000

        /* Counter n overflows behind so many events of `select`, of which this WRMSR is the first. */
        .macro  start n, select, count, lvt=NMI_OPEN
        movl    $\lvt, LVT_PERF
        xorl    %eax, %eax
        xorl    %edx, %edx
        movl    $PERFEVTSEL0 + \n, %ecx
        wrmsr
        movl    $-(\count), %eax
        movl    $PERFCTR0 + \n, %ecx
        wrmsr
        movl    $\select, %eax
        movl    $PERFEVTSEL0 + \n, %ecx
        wrmsr
        .endm

        .globl  test_main
test_main:
        set_gate 2, $on_perf
        set_gate 0x41, $on_vector
        movl    $0x1ff, SVR

        /* Straight on: 50 instructions. */
        start   0, INSNS_BOTH, 50
straight:
        .rept   100
        nop
        .endr
        check_eq(seen, $1)
        check_eq(seen_eip, $straight + 49)
        check_eq(LVT_PERF, $NMI_OPEN | LVT_MASKED)

        /* In a loop of two: WRMSR, MOV and 300 rounds, and one NOP. The same for cycles. */
        start   0, INSNS_BOTH, 603
        movl    $1000, %ecx
round:  nop
        loop    round
        check_eq(seen, $2)
        check_eq(seen_eip, $round + 1)
        check_eq(seen_ecx, $700)
        start   0, CYCLES, 603
        movl    $1000, %ecx
cycle:  nop
        loop    cycle
        check_eq(seen, $3)
        check_eq(seen_eip, $cycle + 1)
        check_eq(seen_ecx, $700)

        /* In the middle of a string instruction, whose iterations are not instructions here. */
        start   0, INSNS_BOTH, 5
        movl    $buffer, %edi
        movl    $64, %ecx
        cld
        rep stosb
after:  nop
        check_eq(seen, $4)
        check_eq(seen_eip, $after)
        check_eq(seen_ecx, $0)

        /* The other counter. Masked: lost. Unmasked again: the next. */
        start   1, INSNS_BOTH, 20
other:  .rept   40
        nop
        .endr
        check_eq(seen, $5)
        check_eq(seen_eip, $other + 19)
        start   1, INSNS_BOTH, 20, LVT_MASKED
        .rept   40
        nop
        .endr
        movl    $NMI_OPEN, LVT_PERF
        .rept   40
        nop
        .endr
        check_eq(seen, $5)

        /* Without INT nothing; and a stopped counter overflows no more. */
        start   1, NO_INT, 20
        .rept   40
        nop
        .endr
        check_eq(seen, $5)
        start   1, INSNS_BOTH, 20
        xorl    %eax, %eax
        wrmsr
        .rept   40
        nop
        .endr
        check_eq(seen, $5)

        /* At CPL 3 only: IRET, four to load DS and ES, 25 NOPs. */
        start   0, INSNS_USER, 30
        .rept   40
        nop
        .endr
        user_begin
user:   .rept   60
        nop
        .endr
        user_end
        check_eq(seen, $6)
        check_eq(seen_eip, $user + 25)

        /* With a vector of its own it waits for IF. */
        start   0, INSNS_BOTH, 10, 0x41
        .rept   20
        nop
        .endr
        check_eq(seen, $6)
        sti
        nop
waited: nop
        cli
        check_eq(seen, $7)
        check_eq(seen_eip, $waited)

        /* Ticks of the TSC: behind the 30th instruction, whichever is the first. */
        start   0, REFERENCE, 295
ticks:  .rept   60
        nop
        .endr
        check_eq(seen, $8)
        movl    seen_eip, %eax
        subl    $ticks + 28, %eax
        cmpl    $2, %eax
        ja      wrong
        pass
wrong:  fail

on_vector:
        movl    $0, EOI
on_perf:
        incl    seen
        movl    %ecx, seen_ecx
        pushl   %eax
        movl    4(%esp), %eax
        movl    %eax, seen_eip
        popl    %eax
        iret

        .data
seen:   .long   0
seen_eip: .long 0
seen_ecx: .long 0
buffer: .space  64
