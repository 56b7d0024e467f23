/* Instructions that end a block and look whether the mode changed.
 * mode: flat
 */
        .code32
        cli
        movl    %cr0, %eax
        movl    %eax, %cr3
        movw    %ax, %ds
        movw    %ds, %bx
        sti
        inb     $0x60, %al
        outb    %al, %dx
        int     $0x80
        cpuid
        rdtsc
        pushl   %fs
        popl    %gs
        clts
        invlpg  (%eax)
        hlt
        iret
        int3
