/* The ground that guest snippets stand on: macros for a multiboot guest with GDT, IDT, TSS and checks.
 *
 * A snippet defines test_main and includes this file first; lib/pm.S is linked in. test_main starts in
 * 32-bit protected mode at CPL 0 with flat segments, paging off, interrupts off and the PICs masked. It
 * ends with `pass`, or by returning. Every check names its source line when it fails.
 *
 * expect_fault(vector, error, instruction) runs the instruction, demands that it faults with that vector
 * and error code and with EIP on itself, and goes on behind it with all registers but ESP as the fault
 * left them; ESP, DS and ES are those from before (DS and ES flat). expect_trap() demands EIP behind it.
 * What was seen is in fault_* (see pm.S), registers in fault_regs.
 */
#ifndef PM_H
#define PM_H

        /* Selectors. T0-T7 are free for a snippet to define with set_desc. */
        .set    KCODE, 0x08
        .set    KDATA, 0x10
        .set    UCODE, 0x1b
        .set    UDATA, 0x23
        .set    TSS_SEL, 0x28
        .set    T0, 0x30
        .set    T1, 0x38
        .set    T2, 0x40
        .set    T3, 0x48
        .set    T4, 0x50
        .set    T5, 0x58
        .set    T6, 0x60
        .set    T7, 0x68
        .set    CODE16, 0x70
        .set    DATA16, 0x78

        /* Descriptor attributes for set_desc: access byte | flags nibble << 8 (SDM vol. 3A, 3.4.5). */
        .set    A_DATA, 0x493           /* present, DPL 0, writable, accessed; B = 1, bytes */
        .set    A_DATA_RO, 0x491
        .set    A_DATA_DOWN, 0x497
        .set    A_CODE, 0x49b           /* readable */
        .set    A_CODE_XO, 0x499        /* execute only */
        .set    A_CODE_CONF, 0x49f
        .set    A_LDT, 0x082
        .set    A_TSS, 0x089
        .set    A_DPL3, 0x060
        .set    A_16BIT, -0x400         /* added: D/B = 0 */
        .set    A_PAGES, 0x800          /* added: limit in pages */
        .set    A_ABSENT, -0x80         /* added: not present */

        .set    GATE_CALL, 0x8c
        .set    GATE_INT, 0x8e
        .set    GATE_TRAP, 0x8f
        .set    GATE_INT16, 0x86
        .set    GATE_DPL3, 0x60

        .set    CF, 0x001
        .set    PF, 0x004
        .set    AF, 0x010
        .set    ZF, 0x040
        .set    SF, 0x080
        .set    TF, 0x100
        .set    IF, 0x200
        .set    DF, 0x400
        .set    OF, 0x800
        .set    NT, 0x4000
        .set    RF, 0x10000
        .set    VM, 0x20000
        .set    AC, 0x40000
        .set    ARITH, 0x8d5

        .set    DE, 0
        .set    DB, 1
        .set    BP, 3
        .set    OFV, 4
        .set    BR, 5
        .set    UD, 6
        .set    NM, 7
        .set    DOUBLE, 8
        .set    TS, 10
        .set    NP, 11
        .set    SSV, 12
        .set    GP, 13
        .set    PFV, 14
        .set    MF, 16
        .set    ACV, 17

        /* Page-table bits and page-fault error bits. */
        .set    P_P, 0x001
        .set    P_W, 0x002
        .set    P_U, 0x004
        .set    P_A, 0x020
        .set    P_D, 0x040
        .set    P_PS, 0x080
        .set    P_G, 0x100
        .set    E_P, 1
        .set    E_W, 2
        .set    E_U, 4

        .set    USER_GATE, 0x80         /* back to CPL 0 */
        .set    FAIL_GATE, 0x81         /* report a failed check, from any CPL */

#define PM_STRING_(x) #x
#define PM_STRING(x) PM_STRING_(x)

        /* ends the test with the runner's status 33 */
        .macro  pass
        jmp     test_passed
        .endm

        .macro  _fail line
        pushl   $0
        pushl   $0
        pushl   $\line
        int     $FAIL_GATE
        .endm
#define fail _fail __LINE__

        /* actual: register or memory (not relative to ESP); expected: immediate with $, or register. */
        .macro  _check_eq line, actual:req, expected:req
        pushfl
        cmpl    \expected, \actual
        je      .Lok\@
        pushl   \actual
        pushl   \expected
        pushl   $\line
        int     $FAIL_GATE
.Lok\@: popfl
        .endm
#define check_eq(actual, expected) _check_eq __LINE__, PM_STRING(actual), PM_STRING(expected)

        /* Compares a byte or a word in memory with a constant. */
        .macro  _check_small line, op, ext, actual:req, expected:req
        pushfl
        \op     \expected, \actual
        je      .Lok\@
        pushl   %eax
        \ext    \actual, %eax
        xchgl   %eax, (%esp)
        pushl   \expected
        pushl   $\line
        int     $FAIL_GATE
.Lok\@: popfl
        .endm
#define check_byte(actual, expected) _check_small __LINE__, cmpb, movzbl, PM_STRING(actual), PM_STRING(expected)
#define check_word(actual, expected) _check_small __LINE__, cmpw, movzwl, PM_STRING(actual), PM_STRING(expected)

        /* Demands (memory & mask) == value. */
        .macro  _check_bits line, actual:req, mask:req, value:req
        pushfl
        pushl   %eax
        movl    \actual, %eax
        andl    $\mask, %eax
        cmpl    $\value, %eax
        je      .Lok\@
        pushl   %eax
        pushl   $\value
        pushl   $\line
        int     $FAIL_GATE
.Lok\@: popl    %eax
        popfl
        .endm
#define check_bits(actual, mask, value) _check_bits __LINE__, PM_STRING(actual), mask, value

        /* Demands (EFLAGS & mask) == value now. */
        .macro  _check_flags line, mask:req, value:req
        pushfl
        pushl   %eax
        movl    4(%esp), %eax
        andl    $(\mask), %eax
        cmpl    $(\value), %eax
        je      .Lok\@
        pushl   %eax
        pushl   $(\value)
        pushl   $\line
        int     $FAIL_GATE
.Lok\@: popl    %eax
        popfl
        .endm
#define check_flags(mask, value) _check_flags __LINE__, PM_STRING(mask), PM_STRING(value)

        .macro  _expect line, vector:req, error:req, at_end, insn:vararg
        movl    $.Lresume\@, %ss:fault_resume
        movl    %esp, %ss:fault_resume_esp
        movl    $-1, %ss:fault_vector
.Linsn\@:
        \insn
.Lend\@:
        movl    $0, %ss:fault_resume
        _fail   \line
.Lresume\@:
        _check_eq \line, %ss:fault_vector, $\vector
        _check_eq \line, %ss:fault_error, "$\error"
        .if     \at_end
        _check_eq \line, %ss:fault_eip, $.Lend\@
        .else
        _check_eq \line, %ss:fault_eip, $.Linsn\@
        .endif
        .endm
#define expect_fault(vector, error, ...) _expect __LINE__, vector, PM_STRING(error), 0, __VA_ARGS__
#define expect_trap(vector, error, ...) _expect __LINE__, vector, PM_STRING(error), 1, __VA_ARGS__
        /* For an instruction that is not at the fault's EIP (a jump, say): only vector and error. */
        .macro  _expect_far line, vector:req, error:req, insn:vararg
        movl    $.Lresume\@, %ss:fault_resume
        movl    %esp, %ss:fault_resume_esp
        movl    $-1, %ss:fault_vector
        \insn
        movl    $0, %ss:fault_resume
        _fail   \line
.Lresume\@:
        _check_eq \line, %ss:fault_vector, $\vector
        _check_eq \line, %ss:fault_error, "$\error"
        .endm
#define expect_fault_far(vector, error, ...) _expect_far __LINE__, vector, PM_STRING(error), __VA_ARGS__

        /* Descriptor at selector: base and limit are any operands that push takes. */
        .macro  set_desc selector, base:req, limit:req, attr:req
        pushl   $(\attr)
        pushl   \limit
        pushl   \base
        pushl   $(\selector)
        call    do_set_desc
        .endm

        /* Call gate in the GDT. */
        .macro  set_call_gate selector, target_sel:req, target:req, type:req, params=0
        pushl   $((\type) << 8 | \params)
        pushl   \target
        pushl   $(\target_sel)
        pushl   $(\selector)
        call    do_set_call_gate
        .endm

        /* IDT entry. */
        .macro  set_gate vector, target:req, type=GATE_INT, sel=KCODE
        pushl   $((\type) << 8)
        pushl   \target
        pushl   $(\sel)
        pushl   $(\vector)
        call    do_set_gate
        .endm

        .macro  load_seg reg, selector
        pushl   $(\selector)
        popl    \reg
        .endm

        /* The page-table entry of linear address la (a constant in 0-8 MiB), after paging_on; set_pte
         * writes a constant to it and flushes the page. */
#define PTE(la) %ss:page_table + ((la) >> 12) * 4
        .macro  set_pte la, value:req
        movl    $(\value), PTE(\la)
        invlpg  %ss:\la
        .endm

        /* What is between user_begin and user_end runs at CPL 3 with flat DPL 3 segments, IOPL 0. */
        .macro  user_begin
        movl    %esp, %ss:user_kernel_esp
        pushl   $UDATA
        pushl   $user_stack_top
        pushfl
        pushl   $UCODE
        pushl   $.Luser\@
        iret
.Luser\@:
        pushl   $UDATA
        popl    %ds
        pushl   $UDATA
        popl    %es
        .endm
        .macro  user_end
        int     $USER_GATE
        .endm

        /* Runs the 16-bit routine `label` of section .real in real mode; it ends with `retw`. All segment
         * registers are 0 there, SP is 0x7c00, and the section's labels are below 64 KiB. Registers but
         * segments and ESP pass both ways. */
        .macro  real_call label
        movw    $\label, real_target
        call    do_real_call
        .endm
        .macro  real_section
        .section .real, "awx", @progbits
        .code16
        .endm
        .macro  end_real_section
        .code32
        .text
        .endm

#endif
