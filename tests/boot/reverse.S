/* A multiboot guest for tests/boot/reverse: rounds that are counted, each with a timer's interrupts meanwhile, a sector of a disk
 * that is read, compared with the last round's and written, and a letter on the serial port. In one of them a store goes
 * astray, which shows only at the end. */
#include "debugged_start.S"

        .set    ROUNDS, 24
        .set    ASTRAY, 13
        .set    SPIN, 600000

        begin
        start_timer 0x4a9               /* about each millisecond */
        .globl  round
round:  incl    rounds
        movl    $SPIN, %ecx
1:      addl    ticks, %eax
        roll    $3, %eax
        decl    %ecx
        jnz     1b
        call    disk
        call    letter
        cmpl    $ASTRAY, rounds
        jne     2f
        movl    $victim - 4, %edi
        .globl  culprit
culprit:
        movl    $0xbad, 4(%edi)
2:      cmpl    $ROUNDS, rounds
        jne     round
        cmpl    $0, victim
        jne     panic
panic:
        .globl  panic
        cli
3:      hlt
        jmp     3b

letter: movw    $0x3fd, %dx
1:      inb     %dx, %al
        testb   $0x20, %al
        jz      1b
        testb   $1, %al                 /* what comes in goes out */
        movw    $0x3f8, %dx
        jz      2f
        inb     %dx, %al
        movb    %al, heard
        outb    %al, %dx
        ret
2:      movl    rounds, %eax
        addb    $64, %al
        outb    %al, %dx
        ret

/* Sector 3 has the last round's number. */
disk:   movb    $0x20, %al
        call    command
        movl    $sector, %edi
        movl    $256, %ecx
        movw    $0x1f0, %dx
        rep insw
        movl    rounds, %eax
        decl    %eax
        cmpl    %eax, sector
        je      1f
        .globl  disk_differs
disk_differs:
        incl    wrong
1:      incl    %eax
        movl    %eax, sector
        movb    $0x30, %al
        call    command
        movl    $sector, %esi
        movl    $256, %ecx
        movw    $0x1f0, %dx
        rep outsw
        jmp     idle

command:
        pushl   %eax
        movw    $0x1f2, %dx
        movb    $1, %al
        outb    %al, %dx
        incl    %edx
        movb    $3, %al
        outb    %al, %dx
        incl    %edx
        xorl    %eax, %eax
        outb    %al, %dx
        incl    %edx
        outb    %al, %dx
        incl    %edx
        movb    $0xe0, %al
        outb    %al, %dx
        incl    %edx
        popl    %eax
        outb    %al, %dx
1:      inb     %dx, %al
        testb   $0x80, %al
        jnz     1b
        testb   $8, %al
        jz      1b
        ret
idle:   movw    $0x1f7, %dx
1:      inb     %dx, %al
        testb   $0x80, %al
        jnz     1b
        ret

        .data
        .globl  rounds, victim, wrong, heard
rounds: .long   0
wrong:  .long   0
heard:  .long   0

        .bss
        .align  4096
victim: .space  4096
sector: .space  512
        end
