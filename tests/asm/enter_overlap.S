/* ENTER whose new frame lies over the old chain reads what it has stored before. (SDM vol. 2, ENTER: the pushes are in
 * turn with the reads)
 * expect: status 33
 */
#include "pm.h"

        .globl  test_main
test_main:
        movl    %esp, %edi
        subl    $256, %esp
        movl    %esp, %esi              /* the area, all zero */
        movl    %esi, %ebx
1:      movl    $0, (%ebx)
        addl    $4, %ebx
        cmpl    %edi, %ebx
        jb      1b

        /* EBP is pushed at +100; the chain's third pointer is read from there, and pushed at +88. */
        leal    104(%esi), %esp
        leal    112(%esi), %ebp
        movl    $0x11111111, 108(%esi)
        movl    $0x22222222, 104(%esi)
        enter   $8, $6
        leal    112(%esi), %eax
        check_eq(100(%esi), %eax)
        check_eq(96(%esi), $0x11111111)
        check_eq(92(%esi), $0x22222222)
        check_eq(88(%esi), %eax)        /* from +100 */
        check_eq(84(%esi), $0x11111111) /* from +96 */
        check_eq(80(%esi), $0x22222222) /* and from +92 */
        leal    100(%esi), %eax
        check_eq(76(%esi), %eax)
        check_eq(%ebp, %eax)
        leal    68(%esi), %eax
        movl    %esp, %edx
        check_eq(%edx, %eax)

        movl    %edi, %esp
        pass
