/* Rare stack instructions.
 * mode: flat
 */
        .code32
        enter   $16, $0
        enter   $8, $2
        pushal
        popal
        pushw   $3
        popw    %ax
        boundl  %eax, (%ebx)
        xlat
        into
        lret
        int3
