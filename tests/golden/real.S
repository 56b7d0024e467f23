/* Real mode: segments of 64 KiB, all checked; far pointers.
 * mode: real
 */
        .code16
1:      movw    (%bx,%si), %ax
        movb    %al, %es:(%di)
        pushw   %ax
        popw    %ds
        lesw    4(%bp), %di
        stosb
        rep
        movsw
        int     $0x10
        cli
        ljmp    $0x100, $0x200
        retw
        int3
