/* Task state segments for the guest snippets about task switches; to be included after pm.h. */
#ifndef TASK_H
#define TASK_H

        /* Fields of a 32-bit TSS. (SDM vol. 3A, figure 7-2) */
        .set    TSS_LINK, 0x00
        .set    TSS_CR3, 0x1c
        .set    TSS_EIP, 0x20
        .set    TSS_EFLAGS, 0x24
        .set    TSS_EAX, 0x28
        .set    TSS_ECX, 0x2c
        .set    TSS_EDX, 0x30
        .set    TSS_EBX, 0x34
        .set    TSS_ESP, 0x38
        .set    TSS_EBP, 0x3c
        .set    TSS_ESI, 0x40
        .set    TSS_EDI, 0x44
        .set    TSS_ES, 0x48
        .set    TSS_CS, 0x4c
        .set    TSS_SS, 0x50
        .set    TSS_DS, 0x54
        .set    TSS_FS, 0x58
        .set    TSS_GS, 0x5c
        .set    TSS_LDT, 0x60
        .set    TSS_TRAP, 0x64

        /* Fields of a 16-bit TSS. (figure 7-10) */
        .set    TSS16_IP, 0x0e
        .set    TSS16_FLAGS, 0x10
        .set    TSS16_AX, 0x12
        .set    TSS16_SP, 0x1a
        .set    TSS16_ES, 0x22
        .set    TSS16_CS, 0x24
        .set    TSS16_SS, 0x26
        .set    TSS16_DS, 0x28
        .set    TSS16_LDT, 0x2a

        .set    A_TSS16, 0x081
        .set    A_BUSY, 0x002           /* added */
        .set    GATE_TASK, 0x85

        /* A 32-bit TSS for flat CPL 0 code: its EIP and ESP. */
        .macro  make_tss tss:req, eip:req, esp:req
        movl    \eip, \tss + TSS_EIP
        movl    \esp, \tss + TSS_ESP
        movl    $2, \tss + TSS_EFLAGS
        movl    $KCODE, \tss + TSS_CS
        movl    $KDATA, \tss + TSS_SS
        movl    $KDATA, \tss + TSS_DS
        movl    $KDATA, \tss + TSS_ES
        movl    $KDATA, \tss + TSS_FS
        movl    $KDATA, \tss + TSS_GS
        .endm

        /* The access byte of a descriptor in the GDT. */
#define ACCESS(selector) gdt + (selector) + 5

#endif
