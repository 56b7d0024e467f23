# A boot sector that loads a test program written in 16-bit C behind itself (floppy, 1.44 MB), and what C cannot say:
# int 10h with all registers. All segments are 0.
        .code16gcc
        .section .boot, "ax"
        .globl  _start
_start: ljmpw   $0, $start
start:  xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movl    $0x7c00, %esp
        sti
        movb    %dl, drive
        movw    $1, %si                 # sector number, from 0
        movw    $0x7e00, %bx
1:      movw    %si, %ax
        movb    $18, %cl
        divb    %cl                     # track, sector
        movb    %ah, %cl
        incb    %cl
        movb    %al, %dh
        andb    $1, %dh
        shrb    $1, %al
        movb    %al, %ch
        movb    drive, %dl
        movw    $0x0201, %ax
        int     $0x13
        jc      2f
        addw    $512, %bx
        incw    %si
        cmpw    $program_sectors, %si
        jbe     1b
        calll   test_main
2:      movb    $'F', %al               # a disk error
        outb    %al, $0xe9
3:      hlt
        jmp     3b
drive:  .byte   0
        .org    510
        .word   0xaa55

# void int10(struct regs *r): EAX, EBX, ECX, EDX, ESI, EDI, EBP, ES go in and out.
        .text
        .globl  int10
int10:  pushal
        pushw   %es
        movl    %eax, %esi
        pushl   %esi
        movw    28(%esi), %es
        movl    24(%esi), %ebp
        movl    20(%esi), %edi
        movl    12(%esi), %edx
        movl    8(%esi), %ecx
        movl    4(%esi), %ebx
        movl    (%esi), %eax
        movl    16(%esi), %esi
        int     $0x10
        pushl   %esi
        movw    %sp, %si
        movl    %ss:4(%si), %esi
        movl    %eax, (%esi)
        movl    %ebx, 4(%esi)
        movl    %ecx, 8(%esi)
        movl    %edx, 12(%esi)
        movl    %edi, 20(%esi)
        movl    %ebp, 24(%esi)
        movw    %es, 28(%esi)
        popl    %eax
        movl    %eax, 16(%esi)
        popl    %esi
        popw    %es
        popal
        retl

# void pm_call(struct regs *r, u32 target): calls 32-bit code at a linear address, in protected mode with flat segments.
# EAX, EBX, ECX, EDX, EDI go in and out.
        .globl  pm_call
pm_call:
        pushal
        movl    %eax, %esi
        movl    %edx, pm_target
        cli
        lgdtl   gdt_pointer
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        ljmpl   $8, $1f
        .code32
1:      movw    $16, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        pushl   %esi
        movl    20(%esi), %edi
        movl    12(%esi), %edx
        movl    8(%esi), %ecx
        movl    4(%esi), %ebx
        movl    (%esi), %eax
        call    *pm_target
        popl    %esi
        movl    %eax, (%esi)
        movl    %ebx, 4(%esi)
        movl    %ecx, 8(%esi)
        movl    %edx, 12(%esi)
        movl    %edi, 20(%esi)
        ljmpl   $24, $2f
        .code16gcc
2:      movw    $32, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movl    %cr0, %eax
        andb    $0xfe, %al
        movl    %eax, %cr0
        ljmpw   $0, $3f
3:      xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        sti
        popal
        retl

        .balign 8
gdt:    .quad   0
        .quad   0x00cf9a000000ffff      # 32-bit code, flat
        .quad   0x00cf92000000ffff      # data, flat
        .quad   0x00009a000000ffff      # 16-bit code and data as in real mode
        .quad   0x000092000000ffff
gdt_pointer:
        .word   . - gdt - 1
        .long   gdt
pm_target:
        .long   0
