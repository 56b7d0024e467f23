/* The part of a fuzz program that is always the same: it begins sessions, and pieces of code in them.
 *
 * Each reset begins the next session: fills memory, enters the session's mode. Each exception and interrupt
 * begins the next piece, when the session's IDT says so; all that goes wrong on the way ends in a triple
 * fault, and so in a reset. */
#include "tests/fuzz/layout.h"

#define AT(label)  (FZ_ROM + FZ_ROM_SIZE - FZ_RUNTIME_SIZE + label - fuzz_runtime)
#define LOW(label) (FZ_ROM_SIZE - FZ_RUNTIME_SIZE + label - fuzz_runtime)

        .section .rodata
        .globl  fuzz_runtime, fuzz_next32, fuzz_next16, fuzz_to_real, fuzz_to_unreal
        .balign 16
fuzz_runtime:
gdt:    .quad   0, 0x00cf9b000000ffff, 0x00cf93000000ffff, 0xff009bff0000ffff, 0x000093000000ffff
gdt_pointer:
        .word   gdt_pointer - gdt - 1
        .long   AT(gdt)
no_idt: .word   0
        .long   0

        .code16
start16:
        cli
        cld
        lgdtl   %cs:LOW(gdt_pointer)
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        ljmpl   $0x08, $AT(start32)

        .code32
start32:
        movw    $0x10, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movl    $FZ_STACK0, %esp
        movl    FZ_SESSION, %ebx
        cmpl    FZ_ROM, %ebx
        jae     finish
        incl    FZ_SESSION
        movl    $0, FZ_PIECE
        movl    FZ_ROM + 4(,%ebx,4), %ebx
        leal    4(%ebx), %ebp
record: movl    (%ebp), %edi
        movl    4(%ebp), %ecx
        movl    8(%ebp), %esi
        addl    $12, %ebp
        cmpl    $FZ_RECORD_END, %edi
        je      enter
        cmpl    $FZ_RECORD_OUT, %edi
        je      port
        rep movsb
        jmp     record
port:   movl    %ecx, %edx
        movl    %esi, %eax
        cmpw    $0xcf8, %dx
        jae     long_port
        outb    %al, %dx
        jmp     record
long_port:
        outl    %eax, %dx
        jmp     record
enter:  jmp     *(%ebx)
finish: movb    $0x10, %al
        outb    %al, $FZ_EXIT
        jmp     die

fuzz_next32:
        cli
        cld
        movw    $FZ_DS32, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movb    $0x20, %al
        outb    %al, $0xa0
        outb    %al, $0x20
        movl    FZ_PIECE, %ecx
        cmpl    FZ_PIECES, %ecx
        jae     die
        incl    FZ_PIECE
        imull   $FZ_FRAME_LEN, %ecx
        leal    FZ_FRAMES(%ecx), %esp
        popl    %gs
        popl    %fs
        popl    %es
        popl    %ds
        popal
        iretl
die:    lidtl   AT(no_idt)
        int3

fuzz_to_real:
        ljmp    $0x18, $LOW(real_limits)
fuzz_to_unreal:
        ljmp    $0x18, $LOW(leave)
        .code16
real_limits:
        movw    $0x20, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %fs
        movw    %ax, %gs
        movw    %ax, %ss
leave:  movl    %cr0, %eax
        andb    $0xfe, %al
        movl    %eax, %cr0
        ljmp    $0xf000, $LOW(fuzz_next16)
fuzz_next16:
        cli
        cld
        xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %ss
        movb    $0x20, %al
        outb    %al, $0xa0
        outb    %al, $0x20
        movw    FZ_PIECE, %cx
        cmpw    FZ_PIECES, %cx
        jae     die16
        incw    FZ_PIECE
        imulw   $FZ_FRAME_LEN, %cx
        addw    $FZ_FRAMES, %cx
        movw    %cx, %sp
        popw    %gs
        popw    %fs
        popw    %es
        popw    %ds
        popal
        iretw
die16:  lidtl   %cs:LOW(no_idt)
        int3

        .org    fuzz_runtime + FZ_RUNTIME_SIZE - 16
        .code16
        ljmp    $0xf000, $LOW(start16)
        .org    fuzz_runtime + FZ_RUNTIME_SIZE
        .section .note.GNU-stack, "", @progbits
