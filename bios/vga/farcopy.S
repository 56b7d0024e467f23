# Fills and copies in other segments by string instructions (rom.h). -mregparm=3: the first three
# arguments come in EAX, EDX, ECX, the others on the stack; EBX, ESI, EDI, EBP, DS and ES are the
# caller's. CLD is in force.
        .code16gcc
        .text

        .macro  fill name, insn, reg
        .globl  \name
\name:
        pushl   %edi
        pushw   %es
        movw    %ax, %es
        movl    10(%esp), %eax
        movzwl  %dx, %edi
        movzwl  %cx, %ecx
        rep \insn
        popw    %es
        popl    %edi
        retl
        .endm

        fill    far_fill8, stosb
        fill    far_fill16, stosw

# far_copyN(to_segment EAX, to EDX, from_segment ECX, from, count): upwards, or downwards where the
# source is in the way of an upward copy (same segment, lower offset).
        .macro  copy name, insn, size
        .globl  \name
\name:
        pushl   %esi
        pushl   %edi
        pushw   %es
        pushw   %ds
        movw    %ax, %es
        movzwl  %dx, %edi
        movzwl  16(%esp), %esi
        movl    %ecx, %edx
        movzwl  20(%esp), %ecx
        movw    %dx, %ds
        cmpw    %ax, %dx
        jne     1f
        cmpl    %edi, %esi
        jae     1f
        leal    -\size(%esi,%ecx,\size), %esi
        leal    -\size(%edi,%ecx,\size), %edi
        std
1:      rep \insn
        cld
        popw    %ds
        popw    %es
        popl    %edi
        popl    %esi
        retl
        .endm

        copy    far_copy8, movsb, 1
        copy    far_copy16, movsw, 2
        copy    far_copy32, movsl, 4
