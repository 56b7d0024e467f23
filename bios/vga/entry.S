/* The option ROM's header, its entry from the system BIOS, and int 10h's. PCI 2.1, section 6.3; the
 * fonts are here too. */
#include "bios/stack.inc"

        .code16gcc
        .section .header, "ax"

        .globl  rom_header
rom_header:
        .word   0xaa55
        .byte   0 /* length in units of 512 bytes: tools of the build fill it in */
        .code16
        jmp     rom_init /* offset 3: called far by the system BIOS */
        .code16gcc
        .org    0x18
        .word   pcir
        .word   0
        .ascii  "Pagewalk VGA BIOS"
        .byte   0

        .balign 4
        .globl  pcir
pcir:   .ascii  "PCIR"
        .word   0x1234, 0x1111 /* vendor, device: the standard VGA of several emulators */
        .word   0 /* no vital product data */
        .word   0x18 /* this structure's length */
        .byte   0 /* revision */
        .byte   0x00, 0x00, 0x03 /* VGA-compatible display */
        .word   0 /* image length in 512 bytes, as above */
        .word   1 /* revision of the code */
        .byte   0 /* code for PC-AT */
        .byte   0x80 /* the last image */
        .word   0

        .set    OWN_NEED, 192           /* what a service takes of the stack, and some */

        .text
        .code16
/* Segments as C wants them and rom.h describes: GS = CS; ENTER_SERVICE did the rest. */
int10_entry:
        pushw   $int10_main
        ENTER_SERVICE int10_return, OWN_NEED
        movw    %cs, %ax
        movw    %ax, %gs
        movl    %esp, %eax
        calll   *%edx
        LEAVE_SERVICE
int10_return:
        iretw
        .globl  int10_entry

/* Called far by the system BIOS, and on its stack. */
        .globl  rom_init
rom_init:
        cld
        pushal
        pushw   %ds
        pushw   %es
        pushw   %fs
        pushw   %gs
        movw    %cs, %ax
        movw    %ax, %gs
        movw    %ss, %ax
        movw    %ax, %ds
        movw    %ax, %es
        pushl   %esp
        movzwl  %sp, %esp
        calll   init_main
        popl    %eax
        movw    %sp, %ax
        movl    %eax, %esp
        popw    %gs
        popw    %fs
        popw    %es
        popw    %ds
        popal
        lretw

/* WinFuncPtr of VBE: function 05h by a far call. */
        .globl  vbe_window_far
vbe_window_far:
        movw    $0x4f05, %ax
        pushfw
        pushw   %cs
        callw   int10_entry
        lretw

/* void irq_window(void): interrupts are let in where the caller had them on, on the caller's stack. */
        .globl  irq_window
irq_window:
        movw    $BDA_SEG, %ax
        movw    %ax, %fs
        movw    %fs:BDA_EBDA, %fs
        cmpl    $OWN_MAGIC, %fs:OWN_MARK
        jne     1f
        movw    %ss, %ax
        cmpw    %fs:OWN_SEG, %ax
        jne     1f
        pushl   %ebx
        HOP_OUT fs
        movw    %sp, %bx
        testb   $2, %ss:FRAME_FLAGS + 1(%bx)
        jz      2f
        sti
        nop
        cli
2:      HOP_BACK fs
        popl    %ebx
1:      retl
        .code16gcc

        .section .romdata, "a"
        .globl  font_8x8, font_8x14, font_8x16
font_8x8:
        .include "font8x8.inc"
font_8x14:
        .include "font8x14.inc"
font_8x16:
        .include "font8x16.inc"

/* What 40:a8 leads to: the parameter table, and places for a program's own tables, of which only the
 * last, the secondary one with the display combinations, is there. The pointers are far: this ROM is
 * at c0000. */
        .balign 4
        .globl  save_pointers
save_pointers:
        .word   video_params, 0xc000
        .long   0, 0, 0 /* dynamic parameters, text font, graphics font */
        .word   secondary_pointers, 0xc000
        .long   0, 0
secondary_pointers:
        .word   26 /* bytes */
        .word   dcc_table, 0xc000
        .long   0, 0, 0, 0, 0
