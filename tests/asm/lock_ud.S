/* LOCK: legal with a memory destination of the listed instructions, #UD everywhere else.
 * expect: status 33
 */
#include "pm.h"
#define ILLEGAL(...) expect_fault(UD, 0, .byte 0xf0, __VA_ARGS__)

        .globl  test_main
test_main:
        movl    $scratch, %ebx
        movl    $5, scratch
        movl    $5, %eax
        movl    $2, %ecx
        lock addl %ecx, (%ebx)
        lock subl %ecx, (%ebx)
        lock incl (%ebx)
        lock decl (%ebx)
        lock notl (%ebx)
        lock negl (%ebx)
        lock negl (%ebx)
        lock notl (%ebx)
        check_eq(scratch, $5)
        lock xaddl %ecx, (%ebx)
        check_eq(%ecx, $5)
        check_eq(scratch, $7)
        lock cmpxchgl %ecx, (%ebx)
        check_eq(%eax, $7)
        lock xchgl %ecx, (%ebx)
        lock btsl $0, (%ebx)
        lock btrl $0, (%ebx)
        lock btcl $0, (%ebx)
        lock orl $1, (%ebx)
        lock andl $1, (%ebx)
        lock xorl $1, (%ebx)
        lock adcl $0, (%ebx)
        lock sbbl $0, (%ebx)
        lock cmpxchg8b (%ebx)

        ILLEGAL(0x90)                   /* NOP */
        ILLEGAL(0x01, 0xc8)             /* ADD register, register */
        ILLEGAL(0x03, 0x03)             /* ADD register, memory */
        ILLEGAL(0x39, 0x03)             /* CMP memory, register */
        ILLEGAL(0x83, 0x3b, 0x00)       /* CMP memory, imm8 */
        ILLEGAL(0x85, 0x03)             /* TEST */
        ILLEGAL(0xf7, 0x03, 1, 0, 0, 0) /* TEST memory, imm32 */
        ILLEGAL(0x89, 0x03)             /* MOV */
        ILLEGAL(0x8b, 0x03)
        ILLEGAL(0x0f, 0xa3, 0x03)       /* BT */
        ILLEGAL(0x0f, 0xba, 0x23, 0x01)
        ILLEGAL(0xff, 0xc0)             /* INC register */
        ILLEGAL(0x40)
        ILLEGAL(0x87, 0xc8)             /* XCHG register, register */
        ILLEGAL(0x0f, 0xc1, 0xc8)       /* XADD register, register */
        ILLEGAL(0xd1, 0x23)             /* SHL memory */
        ILLEGAL(0xff, 0x33)             /* PUSH memory */
        ILLEGAL(0xff, 0x23)             /* JMP memory */
        ILLEGAL(0xa4)                   /* MOVSB */
        ILLEGAL(0xab)                   /* STOSD */
        ILLEGAL(0xf7, 0x23)             /* MUL memory */
        ILLEGAL(0xe9, 0, 0, 0, 0)       /* JMP */
        ILLEGAL(0xcc)                   /* INT3 */
        ILLEGAL(0xd9, 0x03)             /* FLD */
        ILLEGAL(0x0f, 0x95, 0x03)       /* SETNE */
        ILLEGAL(0xf4)                   /* HLT */
        pass
