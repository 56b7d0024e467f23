/* A multiboot guest that keeps a translation cache busy. KIND says how, ROUNDS how often; see tests/bench/code/run. */
        .set    BLOCKS_KIND, 0
        .set    STACK_KIND, 1
        .set    PATCH_KIND, 2
        .set    FIELD, 0x1000000
        .set    SLOT, 64                /* bytes from one block to the next in its page */
        .set    DEBUG_EXIT, 0xf4

        .text
        .globl  _start
        .long   0x1badb002, 0, -0x1badb002
_start:
        movl    $stack_top, %esp
        movl    $ROUNDS, %ecx
        .if     KIND == BLOCKS_KIND
        /* BLOCKS times `addl $1, %eax; jmp next`, each in another page than the one before. */
        .set    PAGES, (BLOCKS + 4096 / SLOT - 1) / (4096 / SLOT)
        movl    $FIELD, %edi
        movl    $BLOCKS, %ebp
        movl    $PAGES, %edx
1:      leal    4096(%edi), %esi
        decl    %edx
        jnz     2f
        movl    $PAGES, %edx
        addl    $(SLOT - PAGES * 4096), %esi
2:      decl    %ebp
        jnz     3f
        movl    $again, %esi
3:      movl    $0xe901c083, (%edi)
        movl    %esi, %eax
        subl    %edi, %eax
        subl    $8, %eax
        movl    %eax, 4(%edi)
        movl    %esi, %edi
        testl   %ebp, %ebp
        jnz     1b
        movl    $FIELD, %ebx
        jmp     *%ebx
again:  decl    %ecx
        jz      done
        jmp     *%ebx
        .endif

        .if     KIND == STACK_KIND
        movl    $stack_in_page, %esp
        xorl    %eax, %eax
        jmp     4f
        .p2align 12
4:      call    routine
        decl    %ecx
        jnz     4b
        jmp     done
routine:
        pushl   %ebp
        movl    %esp, %ebp
        pushl   %eax
        pushl   %ecx
        call    leaf
        popl    %ecx
        popl    %edx
        popl    %ebp
        ret
leaf:   pushl   %ebx
        addl    %ecx, %eax
        popl    %ebx
        ret
        .fill   256
stack_in_page:
        .endif

        .if     KIND == PATCH_KIND
        /* A page of 255 routines `movl $n, %eax; ret`, of which each round changes one and calls it. */
        movl    $FIELD, %edi
5:      movl    $0x000000b8, (%edi)
        movl    $0x0000c300, 4(%edi)
        call    *%edi
        addl    $16, %edi
        cmpl    $(FIELD + 4080), %edi
        jb      5b
        movl    $FIELD, %edi
6:      movb    %cl, 1(%edi)
        call    *%edi
        addl    $16, %edi
        cmpl    $(FIELD + 4080), %edi
        jb      7f
        movl    $FIELD, %edi
7:      decl    %ecx
        jnz     6b
        .endif

done:   movb    $0x10, %al              /* status 33 */
        outb    %al, $DEBUG_EXIT
        hlt

        .bss
        .fill   4096
stack_top:
