/* Virtual-8086 mode: entry by IRET, segments, sensitive instructions by IOPL, interrupts out and back.
 * expect: status 33
 */
#include "pm.h"

        .macro  enter_vm86 iopl, ds, code
        pushl   $0x4444                 /* GS FS DS ES */
        pushl   $0x3333
        pushl   $\ds
        pushl   $0x1111
        pushl   $0                      /* SS:SP */
        pushl   $0x7b00
        pushl   $(VM | \iopl << 12 | 2)
        pushl   $0
        pushl   $\code
        iret
        .endm

        .globl  test_main
test_main:
        set_gate GP, $monitor
        set_gate 0x40, $from_vm86, "GATE_INT | GATE_DPL3"
        set_gate BP, $from_vm86, "GATE_INT | GATE_DPL3"
        movl    %esp, user_kernel_esp

        /* IOPL 0: CLI, STI, PUSHF, POPF, IRET and INT n are #GP(0), INT 3 in two bytes too; the one-byte INT3 is
         * not. */
        movl    $1f, at_end
        enter_vm86 0, 0, sensitive
1:      check_eq(trail_bytes, $0x9c9dfbfa)
        check_eq(trail_bytes + 4, $0xf4cdcdcf)
        check_eq(ints, $1)

        /* IOPL 3: they run; INT n goes through the IDT to CPL 0 and comes back. */
        movl    $trail_bytes, trail
        movl    $0, trail_bytes
        movl    $0, ints
        movl    $1f, at_end
        enter_vm86 3, 0, allowed
1:      check_eq(trail_bytes, $0xf4)
        check_eq(ints, $1)
        check_eq(seen_flags, $(VM | 0x3000 | 2))
        movl    0x100000, %eax          /* ffff:0010 is 1 MiB */
        check_eq(seen_high, %eax)
        pass
wrong:  fail

/* #GP out of vm86: notes the opcode and steps over it. HLT ends the run. */
monitor:
        pushl   $KDATA
        popl    %ds
        movl    %esp, %ebp
        testl   $VM, 12(%ebp)
        jz      wrong
        cmpl    $0, (%ebp)
        jne     wrong
        movl    4(%ebp), %eax
        movzbl  (%eax), %eax
        movl    trail, %ebx
        movb    %al, (%ebx)
        incl    trail
        cmpb    $0xf4, %al
        je      2f
        cmpb    $0xcd, %al
        jne     1f
        incl    4(%ebp)
1:      incl    4(%ebp)
        addl    $4, %esp
        iret
2:      movl    user_kernel_esp, %esp
        pushl   $KDATA
        popl    %es
        jmp     *at_end

from_vm86:
        pushl   %eax
        pushl   $KDATA
        popl    %ds
        incl    ints
        movl    12(%esp), %eax
        movl    %eax, seen_flags
        cmpw    $0x1111, 24(%esp)       /* ES DS FS GS as the code had them */
        jne     wrong
        cmpw    $0, 28(%esp)
        jne     wrong
        cmpw    $0x3333, 32(%esp)
        jne     wrong
        cmpw    $0x4444, 36(%esp)
        jne     wrong
        movl    %fs, %eax               /* and null in here */
        testl   %eax, %eax
        jnz     wrong
        popl    %eax
        iret

        real_section
sensitive:
        cli
        sti
        popf
        pushf
        iret
        int     $0x40
        .byte   0xcd, BP
        int3
        hlt
allowed:
        cli
        pushfw
        popfw
        movw    %sp, %bx
        int     $0x40
        cmpw    %sp, %bx
        jne     1f
        movw    $0xffff, %ax
        movw    %ax, %ds
        movl    0x10, %eax
        movl    %eax, %cs:seen_high
1:      hlt
seen_high:
        .long   0
        end_real_section

        .data
trail:  .long   trail_bytes
at_end: .long   0
ints:   .long   0
seen_flags:
        .long   0
trail_bytes:
        .fill   16, 1, 0
