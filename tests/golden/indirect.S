/* Indirect jumps and calls: through a table, through memory, through a register.
 * mode: flat
 */
        .code32
        jmp     *0x2000(,%eax,4)
        call    *(%ebx)
        call    *%ecx
        jmp     *%edx
        ret     $12
        int3
