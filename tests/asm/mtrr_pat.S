/* MTRRs, the PAT and machine-check banks: read back, refuse what is reserved; the PAT's bits of page-table entries.
 * expect: status 33
 * args: -cpu pentium3
 */
#include "pm.h"
        .set    A, 0x500000

        /* MSR takes high:low and reads the same. */
        .macro  keeps msr, high, low
        movl    $\msr, %ecx
        movl    $\high, %edx
        movl    $\low, %eax
        wrmsr
        xorl    %eax, %eax
        xorl    %edx, %edx
        rdmsr
        check_eq(%eax, $\low)
        check_eq(%edx, $\high)
        .endm
        .macro  refuses msr, high, low
        movl    $\msr, %ecx
        movl    $\high, %edx
        movl    $\low, %eax
        expect_fault(GP, 0, wrmsr)
        .endm

        .globl  test_main
test_main:
        movl    $1, %eax
        cpuid
        andl    $0x15080, %edx          /* PAT, MCA, MTRR, MCE */
        check_eq(%edx, $0x15080)

        movl    $0xfe, %ecx
        rdmsr
        check_eq(%eax, $0x508)          /* 8 ranges, the fixed ones, WC */
        refuses 0xfe, 0, 0x508
        keeps   0x200, 0, 0xc0000000
        keeps   0x201, 0xf, 0xc0000800
        keeps   0x20f, 0xf, 0x00000800
        refuses 0x200, 0, 0xc0000100
        refuses 0x200, 0, 0xc0000003    /* no memory type */
        refuses 0x201, 0, 0x400
        keeps   0x250, 0x06060606, 0x06050400
        refuses 0x250, 0x06060606, 0x06060602
        keeps   0x26f, 0x05050505, 0x05050505
        keeps   0x2ff, 0, 0xc06
        refuses 0x2ff, 0, 0x1c06
        refuses 0x2ff, 0, 0xc02
        keeps   0x2ff, 0, 0

        movl    $0x277, %ecx
        rdmsr
        check_eq(%eax, $0x00070406)     /* as after RESET */
        check_eq(%edx, $0x00070406)
        keeps   0x277, 0x00010406, 0x00070406
        refuses 0x277, 0x00020406, 0x00070406
        keeps   0x277, 0x00070406, 0x00070406

        /* Machine check: CR4.MCE, and banks that report nothing. */
        movl    %cr4, %eax
        orl     $0x50, %eax             /* MCE, PSE */
        movl    %eax, %cr4
        movl    $0x179, %ecx
        rdmsr
        andl    $0xff, %eax
        check_eq(%eax, $5)
        movl    $0x401, %ecx
        rdmsr
        check_eq(%eax, $0)
        xorl    %eax, %eax
        xorl    %edx, %edx
        wrmsr
        refuses 0x401, 0, 1

        /* The PAT's bit of an entry is no reserved one; a model without has it so. */
        call    paging_on
        movl    $0x1234, A
        set_pte A, A | P_P | P_W | 0x80
        check_eq(A, $0x1234)
        pass
