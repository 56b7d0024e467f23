/* 16-bit TSSs, and switches between them and 32-bit ones: 16 bits of each register are saved, the upper halves of the
 * new task's are ones, FS and GS are null, and CR3 stays. A 16-bit call frame and error code. (SDM vol. 3A, 7.6)
 * expect: status 33
 */
#include "pm.h"
#include "task.h"

        .globl  test_main
test_main:
        set_desc T0, $tss_b, $0x2b, A_TSS16
        set_desc T1, $tss_c, $0x2b, A_TSS16
        set_desc T2, $code16, $0xffff, A_CODE + A_16BIT
        set_desc T3, $0, $0xffff, A_DATA + A_16BIT
        movw    $0, tss_b + TSS16_IP
        movw    $(2 + CF), tss_b + TSS16_FLAGS
        movw    $0x1111, tss_b + TSS16_AX
        movw    $0x2222, tss_b + TSS16_AX + 2
        movw    $0x7c00, tss_b + TSS16_SP
        movw    $T2, tss_b + TSS16_CS
        movw    $T3, tss_b + TSS16_SS
        movw    $KDATA, tss_b + TSS16_DS
        movw    $KDATA, tss_b + TSS16_ES
        movw    $0, tss_b + TSS16_LDT
        movl    $0xaaaa5555, %eax
        lcall   $T0, $0
        clts
        check_eq(%eax, $0xaaaa5555)
        check_eq(seen_eax, $0xffff1111)
        check_eq(seen_ecx, $0xffff2222)
        check_word(seen_fs, $0)
        check_word(seen_gs, $0)
        check_bits(seen_flags, CF + NT, CF + NT)
        check_byte(ACCESS(T0), $0x81)
        check_word(tss_b + TSS16_IP, $(resumed16 - code16))
        check_word(tss_b + TSS16_AX, $0x4321)
        check_word(tss_b + TSS16_CS, $T2)
        check_eq(tss_b + 0x2c, $0x5aa5a55a) /* nothing is written behind it */
        check_word(tss_b + 0, $TSS_SEL)

        /* The fault of a 16-bit task, by a task gate to another: the error code is a word. */
        movl    $11, %ecx
        movl    $tss_b, %esi
        movl    $tss_c, %edi
        rep movsl
        movw    $(on_gp - code16), tss_c + TSS16_IP
        movw    $0x7800, tss_c + TSS16_SP
        set_gate GP, $0, GATE_TASK, T1
        movw    $(fault16 - code16), tss_b + TSS16_IP
        lcall   $T0, $0
        check_word(error, $0x7f8)
        check_word(seen_sp, $0x77fe)
        check_byte(ACCESS(T1), $0x81)
        pass

        .balign 16
        .code16
code16: addr32 movl    %eax, seen_eax
        addr32 movl    %ecx, seen_ecx
        addr32 movw    %fs, seen_fs
        addr32 movw    %gs, seen_gs
        pushfw
        addr32 popw    seen_flags
        movl    $0x87654321, %eax
        iretw
resumed16:
        jmp     resumed16
fault16:
        movw    $0x7f8, %ax
        movw    %ax, %fs
        iretw
on_gp:  addr32 movw    %sp, seen_sp
        addr32 popw    error
        addr32 addw    $2, tss_b + TSS16_IP
        iretw
        .code32

        .data
        .align  16
tss_b:  .skip   0x2c
        .long   0x5aa5a55a
tss_c:  .skip   0x2c
        .bss
seen_eax: .skip 4
seen_ecx: .skip 4
seen_fs: .skip  2
seen_gs: .skip  2
seen_flags: .skip 4
seen_sp: .skip  2
error:  .skip   2
