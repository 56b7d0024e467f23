/* Boot sector of the BIOS's tests: loads what follows, by the service under test, and calls main(drive).
 * Everything is in the first 64 KiB, all segments 0. Also the test's way into interrupts and into
 * protected mode. */
#define MARK 0x4b57a55e

    .code16
    .section .start, "ax"
    .globl start
start:
    cli
    xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movl $0x7c00, %esp
    sti
    cld
    movb %dl, drive
    cmpl $MARK, mark /* a CD without emulation: all of it is there */
    je 4f
    movb $0x08, %ah
    int $0x13
    jc 3f
    andb $0x3f, %cl
    movb %cl, spt
    xorw %ax, %ax
    movw %ax, %es
    movw $1, %cx /* sectors one by one */
    xorw %dx, %dx
    movw $0x7e00, %bx
    movw $SECTORS, %si
1:  incb %cl
    cmpb spt, %cl
    jbe 2f
    movb $1, %cl
    incb %dh
    cmpb $2, %dh /* more than two heads of a hard disk are never needed */
    jb 2f
    movb $0, %dh
    incb %ch
2:  movw $0x0201, %ax
    movb drive, %dl
    pushw %cx
    pushw %dx
    int $0x13
    popw %dx
    popw %cx
    jc 3f
    addw $512, %bx
    decw %si
    jnz 1b
4:  movzbl drive, %eax
    calll main
3:  movb $'!', %al
    outb %al, $0xe9
    cli
    hlt
    jmp 3b
drive:
    .byte 0
spt:
    .byte 0
    .org 510
    .word 0xaa55

/* void call(u8 vector, struct regs *r): eax, edx. ES is r's; the IVT is read directly. */
    .text
    .globl call
call:
    pushal
    movl %edx, pointer
    movzbl %al, %eax
    pushfw
    pushw %cs
    pushw $1f
    pushl (, %eax, 4)
    movl 0(%edx), %eax
    movl 4(%edx), %ebx
    movl 8(%edx), %ecx
    movl 16(%edx), %esi
    movl 20(%edx), %edi
    movl 24(%edx), %ebp
    movw 28(%edx), %es
    movl 12(%edx), %edx
    clc
    cli
    lretw
1:  pushfw
    pushl %edx
    movl pointer, %edx
    movl %eax, 0(%edx)
    movl %ebx, 4(%edx)
    movl %ecx, 8(%edx)
    popl 12(%edx)
    movl %esi, 16(%edx)
    movl %edi, 20(%edx)
    movl %ebp, 24(%edx)
    movw %es, 28(%edx)
    popw 30(%edx)
    xorw %ax, %ax
    movw %ax, %es
    sti
    popal
    retl
pointer:
    .long 0

/* Hooks: count calls; the mouse driver keeps what it gets. */
    .globl tick_hook, mouse_hook, alarm_hook, key_hook, ticks, alarms, mouse_packets, mouse_words
tick_hook:
    incl %cs:ticks
    iretw
alarm_hook:
    incl %cs:alarms
    iretw
key_hook: /* int 15h 4Fh: F5's code becomes F6's; anything else goes on */
    cmpw $0x4f3f, %ax
    jne 1f
    movb $0x40, %al
    stc
    lretw $2
1:  ljmpw *%cs:old15
    .globl old15
old15:
    .long 0
mouse_hook:
    pushw %bp
    movw %sp, %bp
    pushw %ax
    incl %cs:mouse_packets
    movw 12(%bp), %ax
    movw %ax, %cs:mouse_words
    movw 10(%bp), %ax
    movw %ax, %cs:mouse_words + 2
    movw 8(%bp), %ax
    movw %ax, %cs:mouse_words + 4
    movw 6(%bp), %ax
    movw %ax, %cs:mouse_words + 6
    popw %ax
    popw %bp
    lretw
ticks:
    .long 0
alarms:
    .long 0
mouse_packets:
    .long 0
mouse_words:
    .quad 0

/* void apm_call(u32 bits, struct regs *r): APM's entry point at apm_offset, from protected mode with 16- or 32-bit
 * code. EAX, EBX, ECX and EDX go in and out, the flags out. */
    .globl apm_call, apm_offset, gdt_apm16, gdt_apm32
    .macro APM_LOAD
    movl pointer, %esi
    movl 0(%esi), %eax
    movl 4(%esi), %ebx
    movl 8(%esi), %ecx
    movl 12(%esi), %edx
    .endm
    .macro APM_STORE
    popl apm_flags
    pushl %esi
    movl pointer, %esi
    movl %eax, 0(%esi)
    movl %ebx, 4(%esi)
    movl %ecx, 8(%esi)
    movl %edx, 12(%esi)
    popl %esi
    .endm
apm_call:
    pushal
    movl %edx, pointer
    movl %eax, %ecx
    cli
    lgdtl gdt_pointer
    movl %cr0, %eax
    orb $1, %al
    movl %eax, %cr0
    ljmpw $(gdt_code16 - gdt), $1f
1:  movw $(gdt_data - gdt), %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    cmpl $32, %ecx
    je 2f
    movw apm_offset, %ax
    movw %ax, apm_far16
    APM_LOAD
    lcallw *apm_far16
    pushfl
    APM_STORE
    jmp 5f
2:  ljmpl $(gdt_code32 - gdt), $3f
    .code32
3:  APM_LOAD
    lcall *apm_offset
    pushfl
    APM_STORE
    ljmpl $(gdt_code16 - gdt), $5f
    .code16
5:  movl %cr0, %eax
    andb $0xfe, %al
    movl %eax, %cr0
    ljmpw $0, $6f
6:  xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movl pointer, %edx
    movw apm_flags, %ax
    movw %ax, 30(%edx)
    sti
    popal
    retl
    .balign 8
gdt:
    .quad 0
gdt_code16:
    .quad 0x00009a000000ffff
gdt_data: /* of 64 KiB, as in real mode */
    .quad 0x000092000000ffff
gdt_code32:
    .quad 0x00cf9a000000ffff
gdt_apm16: /* the base is filled in */
    .quad 0x00009a000000ffff
gdt_apm32:
    .quad 0x00409a000000ffff
gdt_pointer:
    .word . - gdt - 1
    .long gdt
apm_offset:
    .long 0
    .word gdt_apm32 - gdt
apm_far16:
    .word 0, gdt_apm16 - gdt
apm_flags:
    .long 0

    .section .mark, "a"
mark:
    .long MARK
    .section .note.GNU-stack, "", @progbits
