/* A multiboot guest for tests/boot/gdb: known numbers of calls, reads and writes; code that is written over itself; a
 * change of CR3; a debug register of the guest's own; and a timer whose interrupts come all the time. */
#include "debugged_start.S"

        .set    TIMES, 10

        begin
        gate    1, on_debug
        call    main
finished:
        movw    $0xf4, %dx
        xorl    %eax, %eax
        outb    %al, %dx
        cli
2:      hlt
        jmp     2b

        .globl  main
        .type   main, @function
main:   pushl   %ebp
        movl    %esp, %ebp
        movl    $TIMES, %esi
1:      call    bump                    /* TIMES calls, each of which reads and writes counter once */
        decl    %esi
        jnz     1b
        movl    $TIMES, %esi
2:      movl    counter, %eax           /* TIMES reads */
        decl    %esi
        jnz     2b
        call    copies
        call    spaces
        call    own_breakpoint
        call    interrupted
        popl    %ebp
        ret
        .size   main, . - main

        .globl  bump
        .type   bump, @function
bump:   pushl   %ebp
        movl    %esp, %ebp
        addl    $3, counter
        popl    %ebp
        ret
        .size   bump, . - bump

/* Code that a loader writes, runs, and writes again. */
        .globl  copies
copies: movl    $3, %ebx
1:      movl    $copied, %esi
        movl    $target, %edi
        movl    $(copied_end - copied), %ecx
        rep movsb
        movl    $target, %eax
        call    *%eax
        decl    %ebx
        jnz     1b
        ret
copied: incl    runs
        ret
copied_end:

/* The same addresses, by two sets of page tables; the first 4 MiB each. */
        .globl  spaces
spaces: movl    $page_table, %edi
        movl    $3, %eax
1:      stosl
        addl    $0x1000, %eax
        cmpl    $0x400003, %eax
        jb      1b
        movl    $page_table + 3, directory_a
        movl    $page_table + 3, directory_b
        movl    $directory_a, %eax
        movl    %eax, %cr3
        movl    %cr0, %eax
        orl     $0x80000000, %eax
        movl    %eax, %cr0
        movl    $TIMES, %ebx
2:      call    in_space
        movl    %cr3, %eax
        xorl    $0x1000, %eax           /* the other: see .bss */
        movl    %eax, %cr3
        decl    %ebx
        jnz     2b
        ret
        .globl  in_space
in_space:
        movl    %ebx, spaced
        ret

/* The guest breaks on its own write of `own`: once. */
        .globl  own_breakpoint
own_breakpoint:
        movl    $own, %eax
        movl    %eax, %dr0
        movl    $0x000d0001, %eax       /* DR0, local, 4 bytes, writes */
        movl    %eax, %dr7
        movl    $7, own
after_own:
        xorl    %eax, %eax
        movl    %eax, %dr7
        ret
on_debug:
        incl    debug_traps
        iret

/* Timer interrupts as fast as the PIT goes. */
        .globl  interrupted
interrupted:
        start_timer 60                  /* 50 us */
waits:  cmpl    $0, go_on
        je      waits
        .globl  steps
steps:  nop
        nop
        nop
        nop
        nop
        nop
        nop
        nop
        .globl  halts
halts:  hlt
        cmpl    $2, go_on
        jne     halts
        cli
        ret
        .data
        .align  4
        .globl  counter, runs, spaced, own, debug_traps, go_on
counter:        .long 0
runs:           .long 0
spaced:         .long 0
own:            .long 0
debug_traps:    .long 0
go_on:          .long 0

        .bss
        .align  8192
directory_a:    .space 4096
directory_b:    .space 4096
page_table:     .space 4096
        .globl  target
target: .space  64
        end
