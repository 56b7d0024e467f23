/* MMX: moves, arithmetic, EMMS.
 * mode: user
 */
        .code32
        movq    (%esi), %mm0
        paddb   %mm1, %mm0
        punpcklbw %mm2, %mm0
        movd    %mm0, %eax
        movq    %mm0, (%edi)
        emms
        ret
        int3
