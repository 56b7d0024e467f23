/* A 64 KiB ROM that lets Bochs start a guest snippet: A20 on, protected mode, jump to the image at 1 MiB.
 * For tests/run-asm --bochs, which checks the snippets' expectations themselves. */
        .code16
        .globl  rom
rom:    cli
        movb    $2, %al
        outb    %al, $0x92
        lgdtl   %cs:gdt_pointer - rom
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        ljmpl   $0x08, $(0xf0000 + protected - rom)
        .code32
protected:
        movl    $0x10, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %ss
        movl    $0x2badb002, %eax
        movl    $0x10000c, %edx         /* behind the multiboot header */
        jmp     *%edx
        .align  8
gdt:    .quad   0
        .quad   0x00cf9a000000ffff
        .quad   0x00cf92000000ffff
gdt_pointer:
        .word   23
        .long   0xf0000 + gdt - rom
        .org    0xfff0
        .code16
        ljmpw   $0xf000, $0
        .org    0x10000
