/* A 64 KiB ROM that starts Linux in Bochs without a BIOS: loads it from the first ATA disk, then jumps to it.
 *
 * tests/bench/run-bochs makes the disk: sector 0 holds pairs (address, number of sectors), ended by 0; what they
 * load follows from sector 1 on. The kernel's 32-bit entry is at 1 MiB and wants CS 0x10, DS 0x18 and ESI at
 * boot_params (Linux, Documentation/arch/x86/boot.rst, "32-bit Boot Protocol").
 */
        .set    LIST, 0x80000
        .set    STACK, 0x80000
        .set    BOOT_PARAMS, 0x90000
        .set    ENTRY, 0x100000

        .code16
rom:    cli
        cld
        movb    $2, %al                 /* A20 on */
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
        movl    $STACK, %esp

        xorl    %ebx, %ebx              /* EBX: the next sector; EDI: where it goes */
        movl    $LIST, %edi
        call    read_sector
        movl    $LIST, %esi
1:      movl    (%esi), %edi
        movl    4(%esi), %ebp
        addl    $8, %esi
        testl   %ebp, %ebp
        jz      3f
2:      call    read_sector
        decl    %ebp
        jnz     2b
        jmp     1b

3:      movl    $BOOT_PARAMS, %esi
        xorl    %edi, %edi
        xorl    %ebx, %ebx
        movl    $ENTRY, %eax
        jmp     *%eax

/* READ SECTORS with one sector at a time (ATA-4, 8.27), by polling. */
read_sector:
        movl    $0x1f2, %edx
        movb    $1, %al
        outb    %al, %dx
        movl    %ebx, %eax
        incl    %edx
        outb    %al, %dx
        shrl    $8, %eax
        incl    %edx
        outb    %al, %dx
        shrl    $8, %eax
        incl    %edx
        outb    %al, %dx
        incl    %edx
        movb    $0xe0, %al              /* LBA, device 0 */
        outb    %al, %dx
        incl    %edx
        movb    $0x20, %al
        outb    %al, %dx
1:      inb     %dx, %al
        testb   $0x80, %al              /* BSY */
        jnz     1b
        testb   $0x08, %al              /* DRQ */
        jz      1b
        movl    $0x1f0, %edx
        movl    $128, %ecx
        rep     insl
        incl    %ebx
        ret

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
