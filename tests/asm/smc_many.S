/* Thousands of blocks modify themselves, none of which has to be made meanwhile: what an engine does about each needs
 * no room in its buffer.
 * expect: status 33
 * args: -code-buffer 5900K
 */
#include "pm.h"
        .set    ROUTINES, 0x400000
        .set    COUNT, 20000
        .set    STEP, 16
        .set    END, ROUTINES + COUNT * STEP
        .set    AWAY, 0x400000          /* from a routine to memory without code */

        .macro  run_all entry, end
        movl    $(\entry), %ecx
        movl    $1f, %edx
        jmp     *%ecx
1:      check_eq(%ecx, $(\end))
        .endm

        .globl  test_main
test_main:
        /* movb %al, (%ecx,%esi); addl $STEP, %ecx; jmp *%ecx */
        movl    $ROUTINES, %edi
        movl    $COUNT, %ecx
1:      movl    $0x83310488, (%edi)
        movl    $(0xe1ff00c1 | STEP << 8), 4(%edi)
        addl    $STEP, %edi
        loop    1b
        movl    $0xff90e2ff, END        /* behind the last, for both ways in: jmp *%edx */
        movb    $0xe2, END + 4

        movb    $0x88, %al              /* what is there */
        movl    $AWAY, %esi
        run_all ROUTINES, END
        run_all "ROUTINES + 3", "END + 3"
        xorl    %esi, %esi
        run_all ROUTINES, END           /* each goes on by its second block */
        run_all ROUTINES, END
        pass
