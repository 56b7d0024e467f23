/* Segment overrides with flat segments: only GS is ever checked.
 * mode: flat
 */
        .code32
        movl    %gs:0, %eax
        movl    %gs:(%eax), %edx
        movl    %fs:4(%ebx), %ecx
        movl    %eax, %es:(%edi)
        movl    %ss:(%eax), %edx
        movl    %cs:(%eax), %edx
        incl    %gs:8
        ret
        int3
