/* With alignment checks on.
 * mode: align
 */
        .code32
        movl    (%eax), %ebx
        movw    %bx, 2(%ecx)
        movb    (%edx), %al
        incl    (%esi)
        pushl   %eax
        ret
        int3
