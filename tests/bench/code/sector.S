/* A boot sector whose stack lies right below it, in its page, as most have theirs; see tests/bench/code/run. */
        .code16
        .text
        .globl  _start
_start:
        cli
        xorw    %ax, %ax
        movw    %ax, %ss
        movw    $0x7c00, %sp
        movl    $ROUNDS, %ecx
1:      call    routine
        decl    %ecx
        jnz     1b
        movb    $0x10, %al              /* status 33 */
        outb    %al, $0xf4
        hlt
routine:
        pushw   %bp
        movw    %sp, %bp
        pushw   %ax
        pushw   %bx
        call    leaf
        popw    %bx
        popw    %ax
        popw    %bp
        ret
leaf:   pushw   %dx
        addw    %cx, %dx
        popw    %dx
        ret
        .org    510
        .word   0xaa55
