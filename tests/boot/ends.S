/* A multiboot guest for tests/boot/ends: the last letter of its command line says what it does.
 *   l  loops            h  halts, waiting for a timer    x  halts for good      d  halts for good, IF set
 *   s  writes lines to COM1 for ever, as the UART asks   n  the same, 30000 lines, and switches off
 *   c  30000 lines to port 0xe9, and switches off        o  switches off        t  triple fault
 */
        .set    MAGIC, 0x1badb002
        .set    COM1, 0x3f8
        .set    LINES, 30000

        .section .text
        .globl  _start
        .align  4
        .long   MAGIC, 0, -MAGIC
_start: movl    $stack_top, %esp
        movl    16(%ebx), %esi
1:      lodsb
        testb   %al, %al
        jz      2f
        movb    %al, %bl
        jmp     1b
2:      xorl    %edi, %edi              /* lines written */
        cmpb    $'l', %bl
        je      loop
        cmpb    $'h', %bl
        je      wait
        cmpb    $'d', %bl
        je      dead
        cmpb    $'o', %bl
        je      off
        cmpb    $'t', %bl
        je      triple
        cmpb    $'s', %bl
        je      lines
        cmpb    $'n', %bl
        je      lines
        cmpb    $'c', %bl
        je      lines
        cli
stop:   hlt
        jmp     stop

loop:   jmp     loop

/* The PIT runs, its interrupt is masked: time passes, and nothing wakes the CPU. */
wait:   movb    $0xff, %al
        outb    %al, $0x21
        outb    %al, $0xa1
        movb    $0x34, %al
        outb    %al, $0x43
        xorb    %al, %al
        outb    %al, $0x40
        outb    %al, $0x40
3:      sti
        hlt
        jmp     3b

/* One-shot counters that have run out: no timer is armed. */
dead:   movb    $0xff, %al
        outb    %al, $0x21
        outb    %al, $0xa1
        movb    $0x30, %al
        outb    %al, $0x43
        sti
        hlt
        jmp     dead

triple: lidt    no_idt
        int3

off:    movl    $word, %esi
        movl    $8, %ecx
        movl    $0x8900, %edx
        rep outsb
        jmp     loop

lines:  incl    %edi
        movl    %edi, %eax
        movl    $number + 5, %esi
        movl    $5, %ecx
4:      xorl    %edx, %edx              /* five decimal digits */
        movl    $10, %ebp
        divl    %ebp
        addb    $'0', %dl
        decl    %esi
        movb    %dl, (%esi)
        loop    4b
        movl    $6, %ecx
5:      lodsb
        movb    %al, %ah
        cmpb    $'c', %bl
        je      7f
        movl    $COM1 + 5, %edx
6:      inb     %dx, %al
        testb   $0x20, %al              /* THRE */
        jz      6b
        movl    $COM1, %edx
        movb    %ah, %al
        outb    %al, %dx
        jmp     8f
7:      outb    %al, $0xe9
8:      loop    5b
        cmpb    $'s', %bl
        je      lines
        cmpl    $LINES, %edi
        jb      lines
        jmp     off

        .section .data
number: .ascii  "00000\n"
word:   .ascii  "Shutdown"
        .align  4
no_idt: .word   0
        .long   0

        .section .bss
        .skip   4096
stack_top:
