/* Shifts and rotates: by one, by a constant, by CL; double shifts; bit tests and scans.
 * mode: flat
 */
        .code32
        shll    $3, %eax
        sarl    $31, %edx
        shrb    $1, %ah
        roll    $13, %ebx
        rorw    $8, %ax
        rcll    $1, %edx
        shll    %cl, %eax
        sarw    %cl, %bx
        roll    %cl, %edi
        shrdl   $5, %eax, %edx
        shldl   %cl, %eax, %edx
        btl     $3, %eax
        setc    %bl
        btrl    %ecx, %edx
        bsfl    %eax, %ecx
        bsrl    (%esi), %edx
        bswapl  %ecx
        ret
        int3
