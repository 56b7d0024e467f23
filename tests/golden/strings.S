/* String instructions, repeated and single.
 * mode: flat
 */
        .code32
        cld
        lodsb
        stosl
        movsl
        scasb
        cmpsb
        rep
        movsl
        repne
        scasb
        std
        rep
        stosw
        ret
        int3
