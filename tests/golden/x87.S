/* x87 as compilers use it: a dot product's step, a comparison, a conversion to integer.
 * mode: user
 */
        .code32
1:      fldl    (%esi,%ecx,8)
        fmull   (%edi,%ecx,8)
        faddp
        incl    %ecx
        cmpl    %ecx, %edx
        jne     1b
        fldz
        fucomip %st(1), %st
        jp      2f
        fxch
        flds    4(%ebx)
        fsqrt
        fsubrp  %st, %st(1)
        fildl   (%ebx)
        fnstcw  2(%esp)
        fldcw   (%esp)
        fistpl  8(%esp)
        fstpt   (%eax)
2:      ret
        int3
