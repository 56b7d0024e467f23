/* A block that ends at the page's end, and an instruction across the edge.
 * mode: flat
 */
        .code32
        jmp     1f
        int3
        .org    0xff6, 0xcc
1:      addl    %eax, %ebx
        movl    %ebx, %ecx
        incl    %eax
        addl    $0x12345678, %edx
        ret
        int3
