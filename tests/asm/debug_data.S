/* Breakpoints on data: a trap behind the access, by every kind of instruction, for bytes that overlap; none for bytes
 * beside them, or for a kind of access that is not asked for. (SDM vol. 3B, 17.2.5 and 17.3.1.2)
 * expect: status 33
 */
#include "pm.h"
#include "debug.h"

        /* Stores unwatched. */
        .macro  put value:req, where:req
        pushl   %ebx
        movl    %dr7, %ebx
        set_dr  7, $0
        movl    $\value, \where
        movl    %ebx, %dr7
        popl    %ebx
        .endm

        .globl  test_main
test_main:
        set_dr  0, $cell + 4
        set_dr  7, $BREAK(0, ON_WRITE, LEN4)
        call    writes
        check_dr6(0)

        /* Reads, too. */
        set_dr  7, $BREAK(0, ON_ACCESS, LEN4)
        call    writes
        put     0x600df00d, "cell + 4"
        expect_trap(DB, 0, movl cell + 4, %ebx)
        check_eq(%ebx, $0x600df00d)
        expect_trap(DB, 0, movzbl cell + 7, %ebx)
        expect_trap(DB, 0, cmpl $0, cell + 4)
        expect_trap(DB, 0, testb $1, cell + 5)
        expect_trap(DB, 0, pushl cell + 4)
        expect_trap(DB, 0, fldl cell)
        fstp    %st(0)
        movl    cell, %eax
        movl    cell + 8, %eax
        check_dr6(1)

        /* Flags are those of the instruction, though they are not stored when nobody asks. */
        put     -1, "cell + 4"
        xorl    %eax, %eax
        expect_trap(DB, 0, addl cell + 4, %eax)
        check_bits(fault_eflags, ARITH, SF + PF)
        movl    $1, %eax
        expect_trap(DB, 0, addl %eax, cell + 4)
        check_bits(fault_eflags, ARITH, CF + PF + AF + ZF)
        check_dr6(1)

        /* Two breakpoints in one access; a word and a byte. */
        set_dr  1, $cell + 2
        set_dr  7, $BREAK(0, ON_WRITE, LEN4) + BREAK(1, ON_WRITE, LEN2)
        expect_trap(DB, 0, movl $0, cell + 1)
        check_dr6(3)
        set_dr  2, $cell + 9
        set_dr  7, $BREAK(2, ON_WRITE, LEN1)
        movw    $0, cell + 10
        movl    $0, cell + 4
        movb    $0, cell + 8
        check_dr6(0)
        expect_trap(DB, 0, movb $0, cell + 9)
        check_dr6(4)

        /* The address loses the bits below its length. */
        set_dr  0, $cell + 7
        set_dr  7, $BREAK(0, ON_WRITE, LEN4)
        expect_trap(DB, 0, movb $0, cell + 4)
        check_dr6(1)

        /* A repeated instruction traps behind the iteration that hits. */
        set_dr  0, $block + 40
        set_dr  7, $BREAK(0, ON_WRITE, LEN4)
        cld
        movl    $block, %edi
        movl    $64, %ecx
        xorl    %eax, %eax
        movl    $3f, fault_resume
        movl    %esp, fault_resume_esp
2:      rep stosl
        fail
3:      check_eq(fault_vector, $DB)
        check_eq(fault_eip, $2b)
        check_eq(%ecx, $(64 - 11))
        check_eq(%edi, $block + 44)
        check_bits(fault_eflags, RF, RF)
        check_dr6(1)
        movl    $block, %esi
        movl    $block + 0x400, %edi
        movl    $64, %ecx
        set_dr  7, $BREAK(0, ON_ACCESS, LEN4)
        movl    $5f, fault_resume
        movl    %esp, fault_resume_esp
4:      rep movsl
        fail
5:      check_eq(%ecx, $(64 - 11))
        check_dr6(1)

        /* Behind a load of SS the trap waits for one more instruction. */
        set_dr  0, $selector
        set_dr  7, $BREAK(0, ON_ACCESS, LEN2)
        movl    $7f, fault_resume
        movl    %esp, fault_resume_esp
        movw    selector, %ss
        incl    %ebx
6:      fail
7:      check_eq(fault_eip, $6b)
        check_dr6(1)

        /* A faulting instruction has not accessed anything. */
        set_dr  0, $cell + 4
        set_dr  7, $BREAK(0, ON_ACCESS, LEN4)
        set_desc T0, $cell, $3, A_DATA
        load_seg %fs, T0
        expect_fault(GP, 0, movl %fs:4, %eax)
        check_dr6(0)
        set_dr  7, $0
        movl    $0, cell + 4
        check_dr6(0)

        /* The processor's own pushes count: the trap comes before the handler's first instruction. */
        set_gate 0x40, $handler
        set_gate DB, $on_db
        movl    %esp, kept_esp
        leal    -12(%esp), %eax
        movl    %eax, %dr0
        set_dr  7, $BREAK(0, ON_WRITE, LEN4)
        int     $0x40
        fail
on_db:  set_dr  7, $0
        popl    %eax
        movl    kept_esp, %esp
        check_eq(%eax, $handler)
        check_dr6(1)
        pass

/* Every kind of store to cell + 4. */
writes: expect_trap(DB, 0, movl $1, cell + 4)
        set_dr  6, $0
        expect_trap(DB, 0, movb $1, cell + 7)
        expect_trap(DB, 0, movw $1, cell + 3)
        expect_trap(DB, 0, addl $1, cell + 4)
        expect_trap(DB, 0, xchgl %eax, cell + 4)
        expect_trap(DB, 0, btsl $3, cell + 4)
        expect_trap(DB, 0, incb cell + 5)
        pushl   $0
        expect_trap(DB, 0, popl cell + 4)
        addl    $4, %esp
        expect_trap(DB, 0, sete cell + 6)
        expect_trap(DB, 0, fstl cell)
        expect_trap(DB, 0, fnsave cell - 100)
        fninit
        expect_trap(DB, 0, sgdt cell)
        expect_trap(DB, 0, cmpxchg8b cell + 2)
        movl    $cell + 4, %edi
        expect_trap(DB, 0, stosb)
        expect_trap(DB, 0, movl %esp, cell + 4)
        movl    $0, cell
        movl    $0, cell + 8
        pushl   %eax
        movl    %dr6, %eax
        andl    $0xf, %eax
        check_eq(%eax, $1)
        popl    %eax
        set_dr  6, $0
        ret

handler: fail

        .data
        .align  16
        .skip   128
cell:   .skip   32
selector: .word KDATA
        .align  4
kept_esp: .long 0
        .align  4096
block:  .skip   4096
