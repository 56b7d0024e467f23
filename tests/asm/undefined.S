/* Results that the manual leaves undefined, as Pagewalk defines them for every engine and host: BSWAP of 16 bits clears
 * them; SHLD and SHRD of 16 bits by more than 16 rotate the source by what is left, and clear CF.
 * expect: status 33
 */
#include "pm.h"

        .macro  _shift line, insn, count, expected
        movl    $0x12345678, %eax
        movl    $0x9abcdef1, %ebx
        \insn   $\count, %bx, %ax
        _check_flags \line, CF, 0
        _check_eq \line, %eax, $\expected
        movl    $0x12345678, %eax
        movl    $(\count | 0x60), %ecx
        \insn   %cl, %bx, %ax
        _check_flags \line, CF, 0
        _check_eq \line, %eax, $\expected
        movl    $0x12345678, word
        \insn   %cl, %bx, word
        _check_eq \line, word, $\expected
        .endm
#define shift(insn, count, expected) _shift __LINE__, insn, count, expected

        .globl  test_main
test_main:
        movl    $0x11223344, %ebp
        .byte   0x66, 0x0f, 0xcd
        check_eq(%ebp, $0x11220000)

        shift(shldw, 17, 0x1234bde3)
        shift(shldw, 24, 0x1234f1de)
        shift(shldw, 31, 0x1234ef78)
        shift(shrdw, 17, 0x1234ef78)
        shift(shrdw, 24, 0x1234f1de)
        shift(shrdw, 31, 0x1234bde3)
        pass

        .data
word:   .long   0
