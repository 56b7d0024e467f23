/* Flags as data, and instructions that change one of them.
 * mode: flat
 */
        .code32
        stc
        rcrl    $1, %eax
        clc
        cmc
        lahf
        sahf
        .byte   0xd6
        pushfl
        popfl
        cld
        incl    %eax
        jc      1f
1:      setp    %al
        ret
        int3
