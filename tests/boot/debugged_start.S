/* What the multiboot guests that a debugger visits share: flat segments, interrupt gates, and a timer at vector 20h that is
 * counted in `ticks`. */
        .set    MAGIC, 0x1badb002
        .set    VECTORS, 0x21

/* The header, and what runs first. */
        .macro  begin
        .section .text
        .globl  _start
        .align  4
        .long   MAGIC, 0, -MAGIC
_start: movl    $stack_top, %esp
        xorl    %ebp, %ebp
        lgdt    gdt_pointer
        ljmp    $8, $1f
1:      movl    $16, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %ss
        gate    0x20, on_timer
        lidt    idt_pointer
        .endm

/* Clobbers EAX. */
        .macro  gate vector, handler
        movl    $\handler, %eax
        movw    %ax, idt + \vector * 8
        movw    $8, idt + \vector * 8 + 2
        movw    $0x8e00, idt + \vector * 8 + 4
        shrl    $16, %eax
        movw    %ax, idt + \vector * 8 + 6
        .endm

        .macro  put value, port
        movb    $\value, %al
        outb    %al, $\port
        .endm

/* The PIC from vector 20h on, the timer only, which comes each `count` periods of the PIT. Clobbers AL. */
        .macro  start_timer count
        put     0x11, 0x20
        put     0x20, 0x21
        put     4, 0x21
        put     1, 0x21
        put     0xfe, 0x21
        put     0x34, 0x43
        put     \count & 0xff, 0x40
        put     \count >> 8, 0x40
        sti
        .endm

/* The handler, the tables, and a stack; behind everything else, since it ends in .bss. */
        .macro  end
        .text
        .globl  on_timer
on_timer:
        pushl   %eax
        incl    ticks
        put     0x20, 0x20
        popl    %eax
        iret

        .data
        .align  8
gdt:    .quad   0, 0x00cf9a000000ffff, 0x00cf92000000ffff
gdt_pointer:
        .word   23
        .long   gdt
idt_pointer:
        .word   VECTORS * 8 - 1
        .long   idt
        .globl  ticks
ticks:  .long   0

        .bss
        .align  8
idt:    .space  VECTORS * 8
        .space  4096
stack_top:
        .endm
