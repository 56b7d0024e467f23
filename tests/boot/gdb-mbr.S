/* A boot sector for tests/boot/gdb: moves itself to 0x600, as loaders do, and runs there with another CS. */
        .code16
        .text
        .globl  _start
_start: cli
        xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %ss
        movw    $0x7c00, %sp
        movw    $0x60, %ax
        movw    %ax, %es
        movw    $0x7c00, %si
        xorw    %di, %di
        movw    $256, %cx
        cld
        rep movsw
        ljmp    $0x60, $(moved - _start)
moved:  movw    $0x1234, %bx
        movw    $0xf4, %dx
        xorw    %ax, %ax
        outb    %al, %dx
        .org    510
        .word   0xaa55
