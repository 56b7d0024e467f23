/* The end of a 16-bit code segment: execution does not go on at offset 0 but is #GP, in real mode and in vm86; offsets
 * that an instruction computes wrap. (SDM vol. 3B, 20.1.1)
 * expect: status 33
 */
#include "pm.h"
        .set    SEG, 0x2000             /* the segment that code runs off */
        .set    BASE, SEG * 16

        .macro  at_end offset, bytes:vararg /* puts code there, with HLT behind the end and at 0 */
        movl    $(BASE + \offset), %edi
        movl    $1f, %esi
        movl    $(2f - 1f), %ecx
        rep     movsb
        .data
1:      .byte   \bytes
2:      .text
        .endm

        /* Runs what was put there in real mode; the #GP's IP is `ip`. */
        .macro  _runs_off line, start, ip
        movw    $\start, start_ip
        movl    $-1, %edx
        xorl    %ecx, %ecx
        real_call run
        _check_eq \line, %edx, $\ip
        .endm
#define runs_off(start, ip) _runs_off __LINE__, start, ip

        .globl  test_main
test_main:
        cld
        movl    $(BASE - 16), %edi
        movl    $0x10020, %ecx
        movb    $0xf4, %al              /* HLT: nothing may get here */
        rep     stosb

        at_end  0xfffd, 0x90, 0x90, 0x90
        runs_off(0xfffd, 0)
        at_end  0xffff, 0x90
        runs_off(0xffff, 0)
        at_end  0xfffe, 0x90, 0xb8      /* MOV AX, imm16 lies across the end */
        runs_off(0xfffe, 0xffff)
        at_end  0xfffe, 0x74, 0xfe      /* JE that is not taken: the next fetch faults */
        runs_off(0xfffe, 0)
        at_end  0xfffd, 0x41, 0xe3, 0xfd /* INC CX and JCXZ, not taken */
        runs_off(0xfffd, 0)
        at_end  0xfffe, 0xe2, 0xfe      /* LOOP onto itself, 65536 times; the last falls off */
        runs_off(0xfffe, 0)

        /* A relative jump and a call wrap; the return address of a call that ends at ffff is 0. */
        at_end  0xfffe, 0xeb, 0x10
        at_end  0x0010, 0xcc
        runs_off(0xfffe, 0x11)
        at_end  0xfffd, 0xe8, 0x20, 0x00
        at_end  0x0020, 0xc3
        at_end  0x0000, 0xcc
        runs_off(0xfffd, 1)

        /* A loop that ends in the last bytes, warm before it falls off. */
        at_end  0xfff0, 0xb9, 0x00, 0x40, 0xeb, 0x06
        at_end  0xfffb, 0x40, 0x49, 0x75, 0xfc, 0x90
        runs_off(0xfff0, 0)

        /* In vm86 the monitor sees EIP 10000. */
        at_end  0xfffe, 0x90, 0x90
        set_gate GP, $monitor
        movl    %esp, user_kernel_esp
        pushl   $0
        pushl   $0
        pushl   $0
        pushl   $0
        pushl   $0
        pushl   $0x7b00
        pushl   $(VM | 2)
        pushl   $SEG
        pushl   $0xfffe
        iret
monitor:
        movl    $KDATA, %eax
        movw    %ax, %ds
        movw    %ax, %es
        movl    4(%esp), %eax
        check_eq(%eax, $0x10000)
        pass

        real_section
run:    movw    $caught, 13 * 4         /* #GP and INT3 */
        movw    $0, 13 * 4 + 2
        movw    $caught, 3 * 4
        movw    $0, 3 * 4 + 2
        movw    %sp, run_sp
        orb     $1, %al                 /* ZF clear */
        .byte   0xff, 0x2e              /* JMP far */
        .word   start_ip
caught: movw    %cs:run_sp, %bp
        popw    %dx
        movw    %bp, %sp
        movzwl  %dx, %edx
        retw
run_sp: .word   0
start_ip:
        .word   0
        .word   SEG
        end_real_section
