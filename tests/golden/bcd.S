/* Decimal adjustment and other old instructions.
 * mode: flat
 */
        .code32
        daa
        das
        aaa
        aas
        aam
        aad
        lsll    %eax, %ebx
        verr    %ax
        arpl    %ax, %bx
        ud2
        int3
