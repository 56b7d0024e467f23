/* A Linux kernel that is only setup code and a few bytes behind it: says on port E9 how it was entered, resets the
 * machine once, and says it again.
 *
 * -DPROTOCOL=0x20f: the boot protocol's version, 0 for none; -DHIGH=1: loaded at 1 MiB, not at 0x10000. */
        .code16

        .set    SETUP_SECTS, 4          /* 0 in the header means so */
        .set    LOADER, 0x210
        .set    HEAP_END, 0x224
        .set    CMD_LINE_PTR, 0x228
        .set    CL_MAGIC, 0x20
        .set    CL_OFFSET, 0x22
        .set    VID_MODE, 0x1fa
        .set    BUFFER, 0x8000          /* linear, for INT 15h's block move */
        .set    CMOS_COUNT, 0x70        /* a byte that nobody uses */

        .globl  _start
_start: .org    0x1f1
        .byte   0                       /* setup_sects */
        .word   0                       /* root_flags */
        .long   (code_end - code) / 16  /* syssize */
        .word   0                       /* ram_size */
        .word   0x1234                  /* vid_mode: the loader's */
        .word   0                       /* root_dev */
        .word   0xaa55
.if PROTOCOL
        .byte   0xeb, setup - 1f
1:      .ascii  "HdrS"
        .word   PROTOCOL
        .long   0, 0x1000               /* switch, start_sys, kernel_version */
        .byte   0, HIGH                 /* type_of_loader, loadflags */
        .word   0x8000                  /* setup_move_size */
        .long   HIGH * 0xff000 + 0x1000 /* code32_start */
        .long   0, 0, 0                 /* ramdisk, bootsect_kludge */
        .word   0, 0                    /* heap_end_ptr, ext_loader */
        .long   0                       /* cmd_line_ptr */
        .long   0x37ffffff              /* initrd_addr_max */
        .long   0x1000                  /* kernel_alignment */
        .byte   0, 0                    /* relocatable_kernel, min_alignment */
        .word   0                       /* xloadflags */
        .long   2047                    /* cmdline_size */
        .fill   20, 1, 0
        .quad   0                       /* setup_data */
        .quad   0x100000                /* pref_address */
        .long   0x10000, 0              /* init_size, handover_offset */
.endif
setup:
        movw    %sp, %bp                /* nothing is pushed yet, and no flag changed */
        pushfw
        popw    %di
        movw    %cs, %ax
        call    hex
        movw    %ds, %ax
        call    hex
        movw    %es, %ax
        call    hex
        movw    %ss, %ax
        call    hex
        movw    %bp, %ax
        call    hex
        movw    %di, %ax
        call    hex
        movw    VID_MODE, %ax
        call    hex
.if PROTOCOL >= 0x201
        movw    HEAP_END, %ax
        call    hex
.endif
.if PROTOCOL
        movb    LOADER, %al
        movb    $0, %ah
        call    hex
.endif
/* The BIOS answers: KiB of low memory. */
        int     $0x12
        call    hex
/* The command line. */
.if PROTOCOL >= 0x202
        movl    CMD_LINE_PTR, %esi
        movl    %esi, %eax
        shrl    $4, %eax
        movw    %ax, %fs
        andw    $15, %si
.else
        movw    CL_MAGIC, %ax
        call    hex
        movw    CL_OFFSET, %si
        movw    %ds, %ax
        movw    %ax, %fs
.endif
2:      lodsb   %fs:(%si)
        testb   %al, %al
        jz      3f
        outb    %al, $0xe9
        jmp     2b
3:      movb    $' ', %al
        outb    %al, $0xe9
/* The code: at 1 MiB, whence the BIOS fetches it, or at 0x10000. */
.if HIGH
        movw    %cs, %ax
        movw    %ax, %es
        movw    $gdt - setup_base, %si
        movw    $8, %cx
        movb    $0x87, %ah
        int     $0x15
        movw    $BUFFER >> 4, %ax
.else
        movw    $0x1000, %ax
.endif
        movw    %ax, %fs
        xorw    %si, %si
        movw    $16, %cx
4:      lodsb   %fs:(%si)
        outb    %al, $0xe9
        loop    4b
/* Once more, after a reset. */
        movb    $CMOS_COUNT, %al
        outb    %al, $0x70
        inb     $0x71, %al
        cmpb    $0x5a, %al
        je      5f
        movb    $CMOS_COUNT, %al
        outb    %al, $0x70
        movb    $0x5a, %al
        outb    %al, $0x71
        movb    $1, %al
        outb    %al, $0x92
        hlt
5:      movw    $0x501, %dx             /* isa-debug-exit */
        movb    $16, %al
        outb    %al, %dx
6:      hlt
        jmp     6b

/* AX and a blank. */
hex:    movw    %ax, %dx
        movw    $4, %cx
7:      rolw    $4, %dx
        movb    %dl, %al
        andb    $15, %al
        addb    $'0', %al
        cmpb    $'9', %al
        jbe     8f
        addb    $'a' - '9' - 1, %al
8:      outb    %al, $0xe9
        loop    7b
        movb    $' ', %al
        outb    %al, $0xe9
        ret

        .set    setup_base, _start + 0x200
        .balign 8
gdt:    .quad   0, 0
        .word   0xffff, 0, 0x9310, 0    /* from 0x100000 */
        .word   0xffff, BUFFER, 0x9300, 0
        .quad   0, 0

        .org    (SETUP_SECTS + 1) * 512
code:   .ascii  "the code is here"
        .fill   1024, 1, 0
code_end:
