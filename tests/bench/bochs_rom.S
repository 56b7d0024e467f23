/* A 64 KiB ROM that starts Linux in Bochs without a BIOS: A20 on, protected mode, jump to the kernel's 32-bit entry.
 *
 * tests/bench/run-bochs has Bochs load the kernel's protected-mode part at 1 MiB and boot_params at 0x90000
 * (Linux, Documentation/arch/x86/boot.rst, "32-bit Boot Protocol": CS 0x10, DS 0x18, ESI boot_params).
 * Bochs gives its blocks of guest memory out in the order of their first use, but loads an image as if they
 * were in the order of their addresses; so all memory is touched here, upwards, before anything else is.
 */
        .set    BOOT_PARAMS, 0x90000
        .set    ENTRY, 0x100000
        .set    MEMORY_END, 128 << 20

        .code16
rom:    cli
        movb    $2, %al
        outb    %al, $0x92
        lgdtl   %cs:gdt_pointer - rom
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        ljmpl   $0x10, $(0xf0000 + protected - rom)
        .code32
protected:
        movl    $0x18, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %fs
        movl    %eax, %gs
        movl    %eax, %ss
        xorl    %eax, %eax
1:      movb    (%eax), %dl
        addl    $0x10000, %eax
        cmpl    $MEMORY_END, %eax
        jb      1b
        movl    $BOOT_PARAMS, %esi
        xorl    %ebp, %ebp
        xorl    %edi, %edi
        xorl    %ebx, %ebx
        movl    $ENTRY, %eax
        jmp     *%eax
        .align  8
gdt:    .quad   0
        .quad   0
        .quad   0x00cf9a000000ffff
        .quad   0x00cf92000000ffff
gdt_pointer:
        .word   31
        .long   0xf0000 + gdt - rom
        .org    0xfff0
        .code16
        ljmpw   $0xf000, $0
        .org    0x10000
