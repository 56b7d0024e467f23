/* How much of the caller's stack the BIOS takes: every service, with several SP, on a stack that is filled with a
 * pattern. 16 bytes with the 6 of the INT itself; 64 where it waits, and other interrupts come. What a
 * service does not return in, it must keep: also the upper halves, of ESP too. */
#include "sector.inc"
#define STACK    0x2000
#define BUFFER   0xb000
#define FILL     0xa5
#define DEPTH    512
#define LEAST    16
#define WITH_IRQ 64

program:
        movw    $stacks, %bp
1:      movw    $calls, %si
        movb    $0xff, %al              /* no interrupts meanwhile */
        outb    %al, $PIC1 + 1
        outb    %al, $PIC2 + 1
        movw    $LEAST, bound
        call    run
        xorb    %al, %al
        outb    %al, $PIC1 + 1
        movb    $0x00, %al
        outb    %al, $PIC2 + 1
        movw    $WITH_IRQ, bound
        call    run
        addw    $2, %bp
        cmpw    $stacks_end, %bp
        jb      1b
        jmp     good

/* Runs the list at SI, which ends with vector 0, on the stack at BP's entry. */
run:    lodsb
        testb   %al, %al
        jz      9f
        movb    %al, 6f + 1
        movb    %al, vector
        lodsw
        movw    %ax, function
        movw    $STACK, %ax
        movw    %ax, %es
        movw    %ds:(%bp), %di
        movw    $DEPTH, %cx
1:      decw    %di
        movb    $FILL, %es:(%di)
        loop    1b
        pushw   %si
        pushw   %bp
        movl    %esp, stack
        movw    %ds:(%bp), %ax
        movzwl  %ax, %eax
        orl     $0x5eed0000, %eax
        movl    %eax, esp_now
        cli
        movw    $STACK, %bx
        movw    %bx, %ss
        movl    %eax, %esp
        xorw    %bx, %bx
        movw    %bx, %es
        movw    $0x3000, %bx
        movw    %bx, %fs
        movw    $0x4000, %bx
        movw    %bx, %gs
        movl    $0xabcd0000, %eax
        movw    function, %ax
        movl    $0xbbbb0000, %ebx
        movl    $0xcccc0002, %ecx
        movl    $0xdddd0000, %edx
        movl    $0x51510000 + BUFFER, %esi
        movl    $0xd1d10000 + BUFFER, %edi
        movl    $0xb9b90000 + BUFFER, %ebp
        cmpb    $0x13, vector
        jne     2f
        movb    drive, %dl
        movw    $0xa000, %bx
2:      cmpw    $0x8600, function       /* 5 ms */
        jne     3f
        xorw    %cx, %cx
        movw    $5000, %dx
3:      sti
6:      int     $0
        cli
        movl    %esp, %eax
        cmpl    %cs:esp_now, %eax
        movw    $0, %ax                 /* MOV leaves the flags */
        movw    %ax, %ds
        movw    %ax, %ss
        movl    stack, %esp
        movw    $text_esp, %si
        jne     wrong
        shrl    $16, %ebx
        cmpw    $0xbbbb, %bx
        movw    $text_regs, %si
        jne     wrong
        shrl    $16, %ecx
        cmpw    $0xcccc, %cx
        jne     wrong
        shrl    $16, %edx
        cmpw    $0xdddd, %dx
        jne     wrong
        shrl    $16, %ebp
        cmpw    $0xb9b9, %bp
        jne     wrong
        movw    %fs, %ax
        cmpw    $0x3000, %ax
        jne     wrong
        movw    %gs, %ax
        cmpw    $0x4000, %ax
        jne     wrong
        popw    %bp
        popw    %si
        sti
        movw    $STACK, %ax             /* the deepest byte that is not as it was */
        movw    %ax, %es
        movw    %ds:(%bp), %di
        subw    $DEPTH, %di
        movw    $DEPTH, %cx
7:      cmpb    $FILL, %es:(%di)
        jne     8f
        incw    %di
        loop    7b
8:      movw    %cx, %ax
        cmpw    bound, %cx
        jbe     run
        movw    $text_deep, %si
        jmp     wrong
9:      ret

/* SI says what; for which call, and AX. */
wrong:  pushw   %ax
        pushw   %si
        movw    $text_int, %si
        call    say
        movzbw  vector, %ax
        call    say_hex
        movw    $text_ax, %si
        call    say
        movw    function, %ax
        call    say_hex
        popw    %si
        call    say
        popw    %ax
        call    say_hex
        movw    $text_end, %si
        jmp     bad
text_int: .asciz "INT "
text_ax: .asciz " AX="
text_esp: .asciz ": ESP has changed "
text_regs: .asciz ": registers have changed "
text_deep: .asciz ": bytes of the caller's stack "
text_end: .asciz ""

        .macro  list vector, functions:vararg
        .irp    f, \functions
        .byte   \vector
        .word   \f
        .endr
        .endm
/* Those that need no interrupt. */
calls:  list    0x10, 0x0003, 0x0100, 0x0200, 0x0300, 0x0500, 0x0600, 0x0601, 0x0701, 0x0800, 0x0920, 0x0a20
        list    0x10, 0x0b00, 0x0c00, 0x0d00, 0x0e41, 0x0e0a, 0x0f00, 0x1003, 0x1010, 0x1104, 0x1130, 0x1210
        list    0x10, 0x1301, 0x1a00, 0x1b00, 0x1c00, 0x4f00, 0x4f03, 0x0013, 0x0c01, 0x0e41, 0x0601
        list    0x10, 0x0012, 0x0c01, 0x0e41, 0x0601, 0x0941, 0x0003
        list    0x11, 0
        list    0x12, 0
        list    0x13, 0x0100, 0x0800, 0x1500, 0x4100, 0x7f00
        list    0x14, 0x0300
        list    0x15, 0x2400, 0x2401, 0x2402, 0x2403, 0x4f1e, 0x5300, 0x8800, 0x9000, 0x9100, 0xc000, 0xc100
        list    0x15, 0xe801, 0xe820, 0x7700
        list    0x16, 0x0100, 0x0200, 0x0500, 0x0000, 0x0900, 0x1100, 0x1200
        list    0x17, 0x0200
        list    0x1a, 0x0000, 0x0200, 0x0400, 0x0700
        list    0x1c, 0
        list    0x40, 0x0100
/* As if they had come: nothing is in service. */
        list    0x0a, 0
        list    0x0b, 0
        list    0x0c, 0
        list    0x0d, 0
        list    0x0e, 0
        list    0x0f, 0
        list    0x71, 0
        list    0x72, 0
        list    0x73, 0
        list    0x74, 0
        list    0x76, 0
        list    0x77, 0
        .byte   0
/* Those that wait, or call another. */
        list    0x13, 0x0201, 0x0000, 0x0401
        list    0x15, 0x8600
        list    0x08, 0
        list    0x09, 0
        list    0x70, 0
        list    0x75, 0
        list    0x05, 0
        list    0x15, 0x5301, 0x5305, 0x530a, 0x530b, 0x5304
        .byte   0
stacks: .word   0x0100, 0x0080, 0x0000, 0xffff, 0x7c00
stacks_end:
        .balign 4
stack:  .long   0
esp_now: .long  0
bound:  .word   0
function: .word 0
vector: .byte   0

