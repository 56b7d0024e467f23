/* The way into a guest of rings.c and back out of it.
 *
 * Everything lies at the same address with and without paging; guests reach it at level 0 only. */
#include "rings.h"

        .text
        .align  4
        .long   0x1badb002              /* multiboot, for Pagewalk and QEMU */
        .long   0
        .long   -0x1badb002
_start: jmp     start                   /* Bochs' ROM enters here */
        .globl  _start

        .align  4
        .globl  run_first, run_count, run_round_only
run_first:                              /* given to the linker */
        .long   RUN_FIRST
run_count:
        .long   RUN_COUNT
run_round_only:
        .long   RUN_ROUND

start:  cli
        cld
        movl    $run_stack_top, %esp
        lgdt    run_gdt_pointer
        ljmp    $RUN_CODE, $1f
1:      call    load_data
        lidt    run_idt_pointer
        movl    %cr0, %eax
        andl    $~0x8005002e, %eax
        orl     $0x31, %eax
        movl    %eax, %cr0
        call    run_main
power_off:
        movl    $16, %eax
        outl    %eax, $0xf4
        movl    $shutdown, %esi         /* Bochs' own port */
        movw    $0x8900, %dx
1:      lodsb
        outb    %al, %dx
        testb   %al, %al
        jnz     1b
2:      hlt
        jmp     2b

load_data:
        movl    $RUN_DATA, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %fs
        movl    %eax, %gs
        movl    %eax, %ss
        ret

/* void run_round(void): into the state of run_entry, and back when the guest has come to an end. */
        .globl  run_round
run_round:
        pushal
        movl    %esp, run_esp
        wbinvd                          /* Bochs forgets what it has decoded */
        movl    entry_cr4, %eax
        movl    %eax, %cr4
        movl    entry_cr3, %eax
        movl    %eax, %cr3
        movl    entry_ldt, %eax
        lldt    %ax
        movl    entry_tr, %eax
        ltr     %ax
        movl    entry_dr + 0, %eax
        movl    %eax, %dr0
        movl    entry_dr + 4, %eax
        movl    %eax, %dr1
        movl    entry_dr + 8, %eax
        movl    %eax, %dr2
        movl    entry_dr + 12, %eax
        movl    %eax, %dr3
        movl    $0xffff0ff0, %eax
        movl    %eax, %dr6
        xorl    %eax, %eax
        movl    %eax, %cr2
        movl    entry_cr0, %eax
        movl    %eax, %cr0
        jmp     1f
1:      movl    entry_data, %edx
        movl    %edx, %es
        movl    %edx, %fs
        movl    %edx, %gs
        lidt    entry_idt + 2
        lgdt    entry_gdt + 2
        movl    entry_frame_size, %ecx  /* IRET's frame: with or without a stack pointer */
        testl   %ecx, %ecx
        jnz     2f
        movl    entry_esp, %esp         /* level 0 has its stack already */
        jmp     3f
2:      pushl   entry_ss
        pushl   entry_esp
3:      pushl   entry_eflags
        pushl   entry_cs
        pushl   entry_eip
        movl    %edx, %ds
        movl    %cs:entry_dr7, %eax     /* from here on no store */
        movl    %eax, %dr7
        movl    %cs:entry_regs + 28, %eax
        movl    %cs:entry_regs + 24, %ecx
        movl    %cs:entry_regs + 20, %edx
        movl    %cs:entry_regs + 16, %ebx
        movl    %cs:entry_regs + 8, %ebp
        movl    %cs:entry_regs + 4, %esi
        movl    %cs:entry_regs + 0, %edi
        iret

/* A handler called this at level 0: nothing is known but that CS is flat. */
        .globl  run_ended
run_ended:
        movl    %eax, %dr0
        movl    %ds, %eax
        movl    %eax, %dr1
        lgdt    %cs:run_gdt_pointer
        movl    $RUN_DATA, %eax
        movl    %eax, %ds
        movl    %dr0, %eax
        movl    %eax, ended_regs + 28
        movl    $ENDED_HANDLER, ended_how
save:   movl    %ecx, ended_regs + 24
        movl    %edx, ended_regs + 20
        movl    %ebx, ended_regs + 16
        movl    %esp, ended_regs + 12
        movl    %ebp, ended_regs + 8
        movl    %esi, ended_regs + 4
        movl    %edi, ended_regs + 0
        movl    %dr1, %eax
        movl    %eax, ended_sregs + 12
        movl    %es, %eax
        movl    %eax, ended_sregs + 0
        movl    %ss, %eax
        movl    %eax, ended_sregs + 8
        movl    %fs, %eax
        movl    %eax, ended_sregs + 16
        movl    %gs, %eax
        movl    %eax, ended_sregs + 20
        movl    $RUN_DATA, %eax
        movl    %eax, %ss
        movl    run_esp, %esp
        pushfl
        popl    ended_eflags
        pushl   $2
        popfl
        cld
        xorl    %eax, %eax
        movl    %eax, %dr7
        sldt    %eax
        movl    %eax, ended_ldt
        str     %eax
        movl    %eax, ended_tr
        movl    %cr2, %eax
        movl    %eax, ended_cr2
        movl    %dr6, %eax
        movl    %eax, ended_dr6
        movl    %cr0, %eax
        movl    %eax, ended_cr0
        andl    $0x7fffffff, %eax
        movl    %eax, %cr0
        jmp     1f
1:      lidt    run_idt_pointer
        movl    $0x11, %eax             /* PE, ET */
        movl    %eax, %cr0
        call    load_data
        popal
        ret

/* The tasks of #DF and of the NMI by which time runs out. Their registers are their own. */
        .globl  run_double, run_time
run_double:
        movl    $ENDED_DOUBLE, ended_how
        jmp     task_ended
run_time:
        movl    $ENDED_TIME, ended_how
task_ended:
        lgdt    run_gdt_pointer
        xorl    %eax, %eax
        movl    %eax, %dr1
        movl    %eax, ended_regs + 28
        jmp     save

/* The runner's own vectors: the IRQ that a guest left, and an NMI too late. */
        .globl  run_irq, run_nothing, run_broken
run_irq:
        movl    $0, 0xfee000b0
run_nothing:
        iret

/* An exception of the runner's: its frame goes to the port as it is. */
run_broken:
        movl    $0xe9, %edx
        movb    $'!', %al
        outb    %al, %dx
        movl    %esp, %esi
        movl    $16, %ecx
        rep outsb
        jmp     power_off

        .section .rodata
shutdown:
        .asciz  "Shutdown"

        .data
        .align  8
        .globl  run_gdt, run_idt
run_gdt:
        .fill   RUN_CODE / 8, 8, 0
        .quad   0x00cf9b000000ffff      /* RUN_CODE */
        .quad   0x00cf93000000ffff      /* RUN_DATA */
        .quad   0, 0                    /* tasks */
run_idt:
        .fill   256, 8, 0
        .globl  run_gdt_pointer, run_idt_pointer
        .align  4
        .word   0
run_gdt_pointer:
        .word   RUN_ENTRIES * 8 - 1
        .long   run_gdt
        .word   0
run_idt_pointer:
        .word   256 * 8 - 1
        .long   run_idt
run_esp:
        .long   0

        .macro  words name, count=1
        .globl  \name
\name:  .fill   \count, 4, 0
        .endm
        words   entry_regs, 8           /* EDI ESI EBP ESP EBX EDX ECX EAX */
        words   entry_eip
        words   entry_cs
        words   entry_eflags
        words   entry_esp
        words   entry_ss
        words   entry_data
        words   entry_frame_size
        words   entry_cr0
        words   entry_cr3
        words   entry_cr4
        words   entry_ldt
        words   entry_tr
        words   entry_dr, 4
        words   entry_dr7
        words   entry_gdt, 2
        words   entry_idt, 2
        .globl  run_result, run_result_end
run_result:
        words   ended_how
        words   ended_regs, 8
        words   ended_sregs, 6          /* as enum sreg has them; CS is known */
        words   ended_eflags
        words   ended_ldt
        words   ended_tr
        words   ended_cr0
        words   ended_cr2
        words   ended_dr6
run_result_end:

        .bss
        .align  16
        .skip   8192
run_stack_top:
