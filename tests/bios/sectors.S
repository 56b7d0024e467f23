/* A floppy disk that reads, verifies and writes itself by int 13h, over tracks and cylinders.
 *
 * Assembled with the symbols SPT, HEADS and CYLINDERS of the disk, SECTORS of the image, and OURS: 1 for the bundled
 * BIOS, which says more of errors than others. Each sector behind the program begins with its number. Port e9 gets
 * "ok NAME" or "FAIL NAME AX" for each check, then "end"; the machine ends by isa-debug-exit. */
        .set    PROGRAM, 5              /* sectors */
        .set    TOTAL, SPT * HEADS * CYLINDERS
        .set    BUFFER, 0x1000          /* segment; 64 KiB to where DMA may go */
        .set    WRITTEN, 100            /* sectors from there on are written */

        .code16
        .globl  _start
_start: ljmp    $0, $1f
1:      xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movw    $0x7c00, %sp
        sti
        cld
        movw    $0x7e00, %bx
        movw    $2, %cx
2:      movw    $0x0201, %ax
        xorw    %dx, %dx
        int     $0x13
        jc      3f
        addw    $512, %bx
        incw    %cx
        cmpw    $PROGRAM, %cx
        jbe     2b
        jmp     program
3:      movw    $no_program, %si
        call    say
        jmp     finish
no_program:
        .asciz  "FAIL to load\n"

say:    lodsb
        testb   %al, %al
        jz      1f
        outb    %al, $0xe9
        jmp     say
1:      ret

finish: movw    $0x501, %dx
        outb    %al, %dx
        hlt
        jmp     finish

hex:    movw    $4, %cx                 /* AX */
1:      rolw    $4, %ax
        pushw   %ax
        andb    $15, %al
        cmpb    $10, %al
        sbbb    $0x69, %al
        das
        outb    %al, $0xe9
        popw    %ax
        loop    1b
        movb    $'\n', %al
        outb    %al, $0xe9
        ret

/* Function AX from sector SI on, to or from ES:0. */
chs:    pushw   %ax
        movw    %si, %ax
        xorw    %dx, %dx
        movw    $SPT, %cx
        divw    %cx
        incw    %dx
        movw    %dx, %cx
        movb    $HEADS, %dl
        divb    %dl
        movb    %al, %ch
        movb    %ah, %dh
        xorb    %dl, %dl
        xorw    %bx, %bx
        popw    %ax
        int     $0x13
        ret

/* Carry unless the AL sectors in the buffer are those from SI on. */
are_there:
        xorb    %ah, %ah
        movw    %ax, %cx
        xorw    %bx, %bx
1:      movw    %si, %ax
        cmpw    $SECTORS, %ax
        jb      2f
        xorw    %ax, %ax
2:      cmpw    %es:(%bx), %ax
        jne     3f
        incw    %si
        addw    $512, %bx
        loop    1b
        clc
        ret
3:      movw    %si, %ax
        stc
        ret

/* Numbers that no sector has. */
clear:  xorw    %bx, %bx
        movw    $127, %cx
1:      movw    $-1, %es:(%bx)
        addw    $512, %bx
        loop    1b
        ret

        .org    510
        .word   0xaa55

/* DI: name. The check is good when ZF is set. */
verdict:
        pushw   %si
        pushw   %ax
        movw    $ok, %si
        jz      1f
        movw    $fail, %si
1:      call    say
        movw    %di, %si
        call    say
        popw    %ax
        call    hex
        popw    %si
        ret
ok:     .asciz  "ok "
fail:   .asciz  "FAIL "

/* name, function, count, first sector: without an error, and AL the count. */
        .macro  CHECK name, function, count, first
        movw    $\first, %si
        movw    $(\function << 8 | \count), %ax
        call    chs
        movw    $name\@, %di
        call    succeeded
        jmp     next\@
name\@: .asciz  "\name "
next\@:
        .endm

succeeded:
        jc      1f
        testb   %ah, %ah
        jmp     verdict
1:      orb     $1, %ah                 /* clears ZF */
        jmp     verdict

/* Reads, and looks at what came. */
        .macro  READS count, first
        .if     \first + \count <= TOTAL
        call    clear
        CHECK   "\count sectors from \first", 2, \count, \first
        movb    $\count, %al
        call    are_there
        setc    %dl
        testb   %dl, %dl
        movw    $contents, %di
        call    verdict
        .endif
        .endm
contents:
        .asciz  "their contents "

/* An error with this AX. */
        .macro  ERROR name, function, count, first, result
        movw    $\first, %si
        movw    $(\function << 8 | \count), %ax
        call    chs
        movw    $name\@, %di
        jnc     wrong\@
        .if     OURS
        cmpw    $\result, %ax
        .else
        cmpb    %al, %al
        .endif
        jmp     said\@
wrong\@:
        orb     $1, %ah
said\@: call    verdict
        jmp     next\@
name\@: .asciz  "\name "
next\@:
        .endm

program:
        movw    $BUFFER, %ax
        movw    %ax, %es
        READS   1, PROGRAM
        READS   17, PROGRAM
        READS   18, PROGRAM
        READS   32, PROGRAM
        READS   35, PROGRAM
        READS   50, PROGRAM
        READS   127, PROGRAM
        READS   2, (SPT - 1)
        READS   2, (SPT * HEADS - 1)
        READS   60, (SPT * HEADS * 3 + SPT * (HEADS - 1) + 2)
        READS   1, (TOTAL - 1)
        ERROR   "behind the disk's end", 2, 2, (TOTAL - 1), 0x0201
        CHECK   "verify", 4, 50, PROGRAM

        /* Behind the image's end nothing can be written; what is before it is. */
        .if     SECTORS < TOTAL
        movw    $(SECTORS - 1), %es:0
        ERROR   "write behind the image's end", 3, 2, (SECTORS - 1), 0x1001
        READS   2, (SECTORS - 1)
        .endif
        .if     SECTORS > WRITTEN + 50
        movw    $WRITTEN, %ax
        xorw    %bx, %bx
        movw    $50, %cx
1:      movw    %ax, %es:(%bx)
        movw    %ax, %es:510(%bx)       /* what the image has not had there */
        incw    %ax
        addw    $512, %bx
        loop    1b
        CHECK   "write", 3, 50, WRITTEN
        movw    $0, %es:510
        READS   50, WRITTEN
        movw    $written, %di
        cmpw    $WRITTEN, %es:510
        call    verdict
        .endif

        movw    $BUFFER + 0x0ff0, %ax   /* the second sector would lie behind 64 KiB */
        movw    %ax, %es
        ERROR   "DMA over 64 KiB", 2, 2, PROGRAM, 0x0900
        movw    $BUFFER, %ax
        movw    %ax, %es

        /* A hook that asks the controller itself, and goes on to the BIOS. */
        .if     OURS
        cli
        movl    0x0e * 4, %eax
        movl    %eax, old_0e
        movw    $hook_0e, 0x0e * 4
        movw    $0, 0x0e * 4 + 2
        sti
        READS   1, (SPT * HEADS * 5)
        READS   1, (SPT * HEADS * 9)
        movw    $hooked, %di
        movw    sensed, %ax
        cmpw    $2, %ax
        setb    %dl
        testb   %dl, %dl
        call    verdict
        .endif

        movw    $end, %si
        call    say
        jmp     finish
written:
        .asciz  "it was written "
hooked: .asciz  "the hook had the seeks' results "
end:    .asciz  "end\n"

hook_0e:
        pushw   %ax
        pushw   %dx
        movw    $0x3f4, %dx
        inb     %dx, %al
        testb   $0x10, %al              /* a result phase is another matter */
        jnz     2f
        incw    %cs:sensed
        incw    %dx
        movb    $0x08, %al
        outb    %al, %dx
1:      decw    %dx
        inb     %dx, %al
        incw    %dx
        andb    $0xc0, %al
        cmpb    $0xc0, %al
        jne     2f
        inb     %dx, %al
        jmp     1b
2:      popw    %dx
        popw    %ax
        ljmp    *%cs:old_0e
old_0e: .long   0
sensed: .word   0

        .org    PROGRAM * 512
        .set    number, PROGRAM
        .rept   SECTORS - PROGRAM
        .word   number
        .fill   510, 1, 0
        .set    number, number + 1
        .endr
