/* A multiboot guest for tests/boot/reverse: rounds that are counted, each with a timer's interrupts meanwhile, a sector of a disk
 * that is read, compared with the last round's and written, and a letter on the serial port. In one of them a store goes
 * astray, which shows only at the end. */
        .set    MAGIC, 0x1badb002
        .set    ROUNDS, 24
        .set    ASTRAY, 13
        .set    SPIN, 600000

        .section .text
        .globl  _start
        .align  4
        .long   MAGIC, 0, -MAGIC
_start: movl    $stack_top, %esp
        lgdt    gdt_pointer
        ljmp    $8, $1f
1:      movl    $16, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %ss
        movl    $on_timer, %eax
        movw    %ax, idt + 0x20 * 8
        movw    $8, idt + 0x20 * 8 + 2
        movw    $0x8e00, idt + 0x20 * 8 + 4
        shrl    $16, %eax
        movw    %ax, idt + 0x20 * 8 + 6
        lidt    idt_pointer
        movb    $0x11, %al              /* the PIC: from vector 20h on, the timer only */
        outb    %al, $0x20
        movb    $0x20, %al
        outb    %al, $0x21
        movb    $4, %al
        outb    %al, $0x21
        movb    $1, %al
        outb    %al, $0x21
        movb    $0xfe, %al
        outb    %al, $0x21
        movb    $0x34, %al              /* the PIT: about each millisecond */
        outb    %al, $0x43
        movb    $0xa9, %al
        outb    %al, $0x40
        movb    $4, %al
        outb    %al, $0x40
        sti
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

        .globl  on_timer
on_timer:
        pushl   %eax
        incl    ticks
        movb    $0x20, %al
        outb    %al, $0x20
        popl    %eax
        iret

        .data
        .align  8
gdt:    .quad   0, 0x00cf9a000000ffff, 0x00cf92000000ffff
gdt_pointer:
        .word   23
        .long   gdt
idt_pointer:
        .word   0x21 * 8 - 1
        .long   idt
        .globl  rounds, ticks, victim, wrong, heard
rounds: .long   0
ticks:  .long   0
wrong:  .long   0
heard:  .long   0

        .bss
        .align  4096
victim: .space  4096
sector: .space  512
idt:    .space  0x21 * 8
        .space  4096
stack_top:
