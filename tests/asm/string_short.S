/* REP MOVS of a few elements: every length, distances with and without overlap, within a page and across its end.
 * The reference moves element by element.
 * expect: status 33
 */
#include "pm.h"

        .set    SIZE, 8192
        .set    buffer, 0x500000        /* their second pages are elsewhere in memory */
        .set    copy, buffer + SIZE

        .globl  test_main
test_main:
        call    paging_on
        set_pte buffer + 0x1000, 0x700000 | P_P | P_W
        set_pte copy + 0x1000, 0x705000 | P_P | P_W
        cld
        movl    $(distances - 4), distance_at
next_distance:
        addl    $4, distance_at
        movl    distance_at, %eax
        cmpl    $distances_end, %eax
        je      done
        movl    (%eax), %eax
        movl    %eax, distance
        movl    $(places - 4), place_at
next_place:
        addl    $4, place_at
        movl    place_at, %eax
        cmpl    $places_end, %eax
        je      next_distance
        movl    (%eax), %eax
        movl    %eax, place
        movl    $0, count
next_count:
        .irp    width, 1, 2, 4
        movl    $\width, %ebx
        movl    $move_\width, %ebp
        call    one
        .endr
        incl    count
        cmpl    $40, count
        jbe     next_count
        jmp     next_place
done:   pass

        /* Elements of EBX bytes by the routine at EBP, and by hand in the copy. */
one:    movl    $buffer, %edi           /* the same pattern in both */
        movl    $copy, %esi
        movl    $(SIZE / 4), %ecx
        movl    $0x9e3779b9, %eax
1:      movl    %eax, (%edi)
        movl    %eax, (%esi)
        imull   $1664525, %eax
        addl    $1013904223, %eax
        addl    $4, %edi
        addl    $4, %esi
        decl    %ecx
        jnz     1b

        movl    count, %ecx
        movl    place, %esi
        addl    $copy, %esi
        movl    %esi, %edi
        addl    distance, %edi
2:      jecxz   4f
        movl    %ebx, %edx
        movl    (%esi), %eax            /* all of the element, then its bytes */
3:      movb    %al, (%edi)
        shrl    $8, %eax
        incl    %esi
        incl    %edi
        decl    %edx
        jnz     3b
        decl    %ecx
        jmp     2b
4:      subl    $copy, %esi
        subl    $copy, %edi
        pushl   %esi
        pushl   %edi

        movl    count, %ecx
        movl    place, %esi
        addl    $buffer, %esi
        movl    %esi, %edi
        addl    distance, %edi
        call    *%ebp
        subl    $buffer, %esi
        subl    $buffer, %edi
        check_eq(%ecx, $0)
        popl    %eax
        check_eq(%edi, %eax)
        popl    %eax
        check_eq(%esi, %eax)

        movl    $(SIZE / 4 - 1), %ecx
5:      movl    buffer(,%ecx,4), %eax
        cmpl    copy(,%ecx,4), %eax
        jne     wrong
        decl    %ecx
        jns     5b
        ret
wrong:  fail

move_1: rep movsb
        ret
move_2: rep movsw
        ret
move_4: rep movsl
        ret

        .data
distances:
        .long   -600, -40, -16, -15, -4, -3, -1, 0, 1, 2, 4, 7, 16, 33, 600
distances_end:
places: .long   1024, 1027, 4096 - 20
places_end:
distance_at: .long 0
place_at: .long 0
distance: .long 0
place:  .long   0
count:  .long   0
