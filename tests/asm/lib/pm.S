/* Start-up, tables, fault recording and reports for the guest snippets; see pm.h. */
#include "pm.h"

        .set    STACK_SIZE, 0x2000

        .text
        .align  4
        .long   0x1badb002
        .long   0
        .long   -0x1badb002

        .globl  _start
_start: cli
        cld
        movl    $stack_top, %esp
        lgdt    gdt_pointer
        ljmp    $KCODE, $1f
1:      movl    $KDATA, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %fs
        movl    %eax, %gs
        movl    %eax, %ss

        set_desc TSS_SEL, $tss, $(tss_end - tss - 1), A_TSS
        movl    $kernel_stack_top, tss + 4
        movl    $KDATA, tss + 8
        movw    $(tss_iomap - tss), tss + 102
        movl    $tss_iomap, %edi        /* no port is open */
        movl    $-1, %eax
        movl    $(0x2000 / 4), %ecx
        rep     stosl
        movb    $0xff, (%edi)
        movl    $TSS_SEL, %eax
        ltr     %ax

        xorl    %ecx, %ecx              /* vectors 0-0x2f: stubs that record */
1:      movl    %ecx, %eax
        shll    $4, %eax
        addl    $stubs, %eax
        movw    %ax, idt(, %ecx, 8)
        movw    $KCODE, idt + 2(, %ecx, 8)
        movw    $(GATE_INT << 8), idt + 4(, %ecx, 8)
        shrl    $16, %eax
        movw    %ax, idt + 6(, %ecx, 8)
        incl    %ecx
        cmpl    $0x30, %ecx
        jb      1b
        set_gate USER_GATE, $user_return, GATE_INT | GATE_DPL3
        set_gate FAIL_GATE, $check_failed, GATE_INT | GATE_DPL3
        lidt    idt_pointer

        movb    $0x11, %al              /* PICs at 0x20 and 0x28, all masked */
        outb    %al, $0x20
        outb    %al, $0xa0
        movb    $0x20, %al
        outb    %al, $0x21
        movb    $0x28, %al
        outb    %al, $0xa1
        movb    $0x04, %al
        outb    %al, $0x21
        movb    $0x02, %al
        outb    %al, $0xa1
        movb    $0x01, %al
        outb    %al, $0x21
        outb    %al, $0xa1
        movb    $0xff, %al
        outb    %al, $0x21
        outb    %al, $0xa1

        movl    %cr0, %eax              /* a known CR0 whatever loaded us: PE, NE, ET */
        andl    $~0x8005002e, %eax
        orl     $0x31, %eax
        movl    %eax, %cr0
        fninit

        movl    $real_load_address, %esi /* real-mode code to its place */
        movl    $real_section_start, %edi
        movl    $real_section_size, %ecx
        rep     movsb
        xorl    %eax, %eax
        xorl    %ebx, %ebx
        xorl    %edx, %edx
        xorl    %ebp, %ebp
        xorl    %esi, %esi
        xorl    %edi, %edi
        call    test_main

        .globl  test_passed
test_passed:
        movl    $KDATA, %eax
        movl    %eax, %ds
        movl    $msg_pass, %esi
        call    debug_puts
        movl    $16, %eax
exit:   outl    %eax, $0xf4
        movl    $msg_shutdown, %esi     /* Bochs has no debug-exit device: its own port */
        movw    $0x8900, %dx
1:      lodsb
        outb    %al, %dx
        testb   %al, %al
        jnz     1b
2:      cli
        hlt
        jmp     2b

/* Exceptions and interrupts: every stub is 16 bytes. */
        .align  16
stubs:
        .set    vec, 0
        .rept   0x30
        .if     vec == 8 || (vec >= 10 && vec <= 14) || vec == 17
        nop
        nop
        .else
        pushl   $0
        .endif
        pushl   $vec
        jmp     record
        .align  16
        .set    vec, vec + 1
        .endr

/* Frame from here on. */
        .set    F_DS, 0
        .set    F_ES, 4
        .set    F_REGS, 8               /* as PUSHA has them: EDI ESI EBP ESP EBX EDX ECX EAX */
        .set    F_VECTOR, 40
        .set    F_ERROR, 44
        .set    F_EIP, 48
        .set    F_CS, 52
        .set    F_EFLAGS, 56
        .set    F_ESP, 60               /* when the CPL changed */
        .set    F_SS, 64

record: pushal
        pushl   %es
        pushl   %ds
        cld
        movl    %esp, %ebp
        movl    %ss, %ebx
        movl    $KDATA, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %ebx, fault_ss
        leal    F_ESP(%ebp), %eax
        movl    %eax, fault_esp
        movl    %cr2, %eax
        movl    %eax, fault_cr2
        movl    F_VECTOR(%ebp), %eax
        movl    %eax, fault_vector
        movl    F_ERROR(%ebp), %eax
        movl    %eax, fault_error
        movl    F_EIP(%ebp), %eax
        movl    %eax, fault_eip
        movl    F_CS(%ebp), %eax
        andl    $0xffff, %eax
        movl    %eax, fault_cs
        movl    F_EFLAGS(%ebp), %eax
        movl    %eax, fault_eflags
        testl   $3, fault_cs
        jz      1f
        movl    F_ESP(%ebp), %eax
        movl    %eax, fault_esp
        movl    F_SS(%ebp), %eax
        andl    $0xffff, %eax
        movl    %eax, fault_ss
1:      leal    F_REGS(%ebp), %esi
        movl    $fault_regs, %edi
        movl    $8, %ecx
1:      movl    %ss:(%esi), %eax
        movl    %eax, (%edi)
        addl    $4, %esi
        addl    $4, %edi
        decl    %ecx
        jnz     1b
        movl    fault_esp, %eax         /* PUSHA's ESP is the handler's: put the faulting one there */
        movl    %eax, fault_regs + 12
        incl    fault_count
        cmpl    $0, fault_resume
        je      unexpected

        /* Go on at fault_resume, at the CPL of the fault, with ESP from before. */
        movl    $KDATA, %eax
        movl    %eax, %ss
        movl    fault_resume_esp, %ebx
        movl    fault_eflags, %ecx
        andl    $~0x00034100, %ecx      /* RF, VM, NT and TF off */
        movl    fault_cs, %edx
        testl   $3, %edx
        jnz     2f
        movl    %ebx, %esp
        movl    $KCODE, %edx
        jmp     3f
2:      movl    $kernel_stack_top, %esp
        pushl   $UDATA
        pushl   %ebx
        movl    $UCODE, %edx
3:      pushl   %ecx
        pushl   %edx
        pushl   fault_resume
        movl    $0, fault_resume
        movl    fault_regs + 0, %edi
        movl    fault_regs + 4, %esi
        movl    fault_regs + 8, %ebp
        movl    fault_regs + 16, %ebx
        movl    fault_regs + 24, %ecx
        testl   $3, 4(%esp)
        jz      4f
        movl    $UDATA, %edx
        movl    %edx, %ds
        movl    %edx, %es
4:      movl    %ss:fault_regs + 20, %edx
        movl    %ss:fault_regs + 28, %eax
        iret

unexpected:
        movl    $msg_unexpected, %esi
        call    debug_puts
        movl    fault_vector, %eax
        call    debug_hex
        movl    $msg_error, %esi
        call    debug_puts
        movl    fault_error, %eax
        call    debug_hex
        movl    $msg_eip, %esi
        call    debug_puts
        movl    fault_cs, %eax
        call    debug_hex
        movb    $':', %al
        outb    %al, $0xe9
        movl    fault_eip, %eax
        call    debug_hex
        movl    $msg_cr2, %esi
        call    debug_puts
        movl    fault_cr2, %eax
        call    debug_hex
        movb    $'\n', %al
        outb    %al, $0xe9
        movl    $32, %eax
        jmp     exit

/* int $USER_GATE: the rest of the test goes on at CPL 0 behind it. */
user_return:
        pushl   $KDATA
        popl    %ds
        pushl   $KDATA
        popl    %es
        pushl   (%esp)                  /* EIP; then back on the stack of user_begin */
        popl    user_return_eip
        movl    user_kernel_esp, %esp
        jmp     *user_return_eip

/* int $FAIL_GATE: line, expected and actual are on the stack of whoever failed. */
check_failed:
        movl    $KDATA, %eax
        movl    %eax, %ds
        movl    %eax, %es
        leal    12(%esp), %ebp
        testl   $3, 4(%esp)
        jz      1f
        movl    12(%esp), %ebp
1:      cld
        movl    $msg_line, %esi
        call    debug_puts
        movl    %ds:0(%ebp), %eax
        call    debug_decimal
        movl    $msg_expected, %esi
        call    debug_puts
        movl    %ds:4(%ebp), %eax
        call    debug_hex
        movl    $msg_actual, %esi
        call    debug_puts
        movl    %ds:8(%ebp), %eax
        call    debug_hex
        movb    $'\n', %al
        outb    %al, $0xe9
        movl    $32, %eax
        jmp     exit

        .globl  debug_puts, debug_hex, debug_decimal
debug_puts:
        lodsb
        testb   %al, %al
        jz      1f
        outb    %al, $0xe9
        jmp     debug_puts
1:      ret

debug_hex:
        movl    %eax, %edx
        movl    $8, %ecx
1:      roll    $4, %edx
        movb    %dl, %al
        andb    $15, %al
        addb    $'0', %al
        cmpb    $'9', %al
        jbe     2f
        addb    $('a' - '9' - 1), %al
2:      outb    %al, $0xe9
        decl    %ecx
        jnz     1b
        ret

debug_decimal:
        movl    $10, %ebx
        xorl    %ecx, %ecx
1:      xorl    %edx, %edx
        divl    %ebx
        pushl   %edx
        incl    %ecx
        testl   %eax, %eax
        jnz     1b
2:      popl    %eax
        addb    $'0', %al
        outb    %al, $0xe9
        decl    %ecx
        jnz     2b
        ret

/* Table writers: arguments on the stack, popped here; every register and flag is kept. */
        .globl  do_set_desc
do_set_desc:                            /* selector, base, limit, attr */
        pushfl
        pushal
        leal    40(%esp), %ebp
        movl    0(%ebp), %edi
        andl    $0xfff8, %edi
        addl    $gdt, %edi
        movl    8(%ebp), %eax
        movw    %ax, %ss:0(%edi)
        movl    4(%ebp), %eax
        movw    %ax, %ss:2(%edi)
        shrl    $16, %eax
        movb    %al, %ss:4(%edi)
        movb    %ah, %ss:7(%edi)
        movl    12(%ebp), %eax
        movb    %al, %ss:5(%edi)
        shlb    $4, %ah
        movl    8(%ebp), %ebx
        shrl    $16, %ebx
        andb    $15, %bl
        orb     %bl, %ah
        movb    %ah, %ss:6(%edi)
        popal
        popfl
        ret     $16

        .globl  do_set_call_gate, do_set_gate
do_set_call_gate:                       /* selector, target selector, target, type << 8 | params */
        pushfl
        pushal
        leal    40(%esp), %ebp
        movl    0(%ebp), %edi
        andl    $0xfff8, %edi
        addl    $gdt, %edi
        jmp     1f
do_set_gate:                            /* vector, ... */
        pushfl
        pushal
        leal    40(%esp), %ebp
        movl    0(%ebp), %edi
        leal    idt(, %edi, 8), %edi
1:      movl    8(%ebp), %eax
        movw    %ax, %ss:0(%edi)
        shrl    $16, %eax
        movw    %ax, %ss:6(%edi)
        movl    4(%ebp), %eax
        movw    %ax, %ss:2(%edi)
        movl    12(%ebp), %eax
        movw    %ax, %ss:4(%edi)
        popal
        popfl
        ret     $16

/* Identity-maps 0-8 MiB with 4 KiB pages for everyone and switches paging on, CR0.WP off. */
        .globl  paging_on
paging_on:
        pushal
        movl    $page_table, %edi
        movl    $(P_P | P_W | P_U), %eax
        cld
1:      stosl
        addl    $0x1000, %eax
        cmpl    $(0x800000 | P_P | P_W | P_U), %eax
        jb      1b
        movl    $(page_table + 7), page_directory
        movl    $(page_table + 0x1000 + 7), page_directory + 4
        movl    $page_directory, %eax
        movl    %eax, %cr3
        movl    %cr0, %eax
        orl     $0x80000000, %eax
        movl    %eax, %cr0
        popal
        ret

/* Into real mode at real_target and back; see real_call. Section .real is linked for 0x8000. */
        .globl  do_real_call, real_target
do_real_call:
        movl    %esp, real_kernel_esp
        movl    %eax, real_eax
        lidt    real_idt
        ljmp    $CODE16, $real_16
        real_section
real_16:
        movw    $DATA16, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %fs
        movw    %ax, %gs
        movw    %ax, %ss
        movl    %cr0, %eax
        andb    $0xfe, %al
        movl    %eax, %cr0
        ljmpw   $0, $1f
1:      xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %fs
        movw    %ax, %gs
        movw    %ax, %ss
        movl    $0x7c00, %esp
        movl    real_eax, %eax
        callw   *real_target
        movl    %eax, %cs:real_eax
        lgdtl   %cs:real_gdt_pointer
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        ljmpl   $KCODE, $real_back
real_eax:
        .long   0
real_target:
        .word   0
real_gdt_pointer:
        .word   gdt_end - gdt - 1
        .long   gdt
        end_real_section
real_back:
        movl    $KDATA, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %fs
        movl    %eax, %gs
        movl    %eax, %ss
        lidt    idt_pointer
        movl    real_kernel_esp, %esp
        movl    real_eax, %eax
        ret

        .section .rodata
msg_pass:
        .asciz  "PASS\n"
msg_shutdown:
        .asciz  "Shutdown"
msg_unexpected:
        .asciz  "FAIL: unexpected vector "
msg_error:
        .asciz  " error "
msg_eip:
        .asciz  " at "
msg_cr2:
        .asciz  " cr2 "
msg_line:
        .asciz  "FAIL: line "
msg_expected:
        .asciz  ": expected "
msg_actual:
        .asciz  ", got "

        .data
        .align  8
        .globl  gdt, gdt_pointer, idt_pointer
gdt:    .quad   0
        .quad   0x00cf9a000000ffff      /* KCODE */
        .quad   0x00cf92000000ffff      /* KDATA */
        .quad   0x00cffa000000ffff      /* UCODE */
        .quad   0x00cff2000000ffff      /* UDATA */
        .quad   0                       /* TSS_SEL */
        .fill   8, 8, 0                 /* T0-T7 */
        .quad   0x00009a000000ffff      /* CODE16 */
        .quad   0x000092000000ffff      /* DATA16 */
gdt_end:
gdt_pointer:
        .word   gdt_end - gdt - 1
        .long   gdt
idt_pointer:
        .word   0x100 * 8 - 1
        .long   idt
real_idt:
        .word   0x3ff
        .long   0

        .globl  fault_vector, fault_error, fault_eip, fault_cs, fault_eflags, fault_esp, fault_ss
        .globl  fault_cr2, fault_regs, fault_count, fault_resume, fault_resume_esp
        .globl  fault_edi, fault_esi, fault_ebp, fault_ebx, fault_edx, fault_ecx, fault_eax
        .align  4
fault_vector:   .long -1
fault_error:    .long 0
fault_eip:      .long 0
fault_cs:       .long 0
fault_eflags:   .long 0
fault_esp:      .long 0
fault_ss:       .long 0
fault_cr2:      .long 0
fault_count:    .long 0
fault_resume:   .long 0
fault_resume_esp: .long 0
fault_regs:
fault_edi:      .long 0
fault_esi:      .long 0
fault_ebp:      .long 0
                .long 0
fault_ebx:      .long 0
fault_edx:      .long 0
fault_ecx:      .long 0
fault_eax:      .long 0

        .globl  user_kernel_esp
user_kernel_esp: .long 0
user_return_eip: .long 0
real_kernel_esp: .long 0

        .bss
        .globl  page_directory, page_table, idt, tss, tss_iomap, scratch
        .globl  stack_top, kernel_stack_top, user_stack_top, user_stack
        .align  4096
page_directory: .skip 4096
page_table:     .skip 8192
scratch:        .skip 16384             /* page-aligned memory for the snippet */
idt:            .skip 0x100 * 8
tss:            .skip 104
tss_iomap:      .skip 0x2001
tss_end:
        .align  16
                .skip STACK_SIZE
stack_top:
                .skip STACK_SIZE
kernel_stack_top:
user_stack:     .skip STACK_SIZE
user_stack_top:
