# The option ROM's header, its entry from the system BIOS, and int 10h's. PCI 2.1, section 6.3; the
# fonts are here too.
        .code16gcc
        .section .header, "ax"

        .globl  rom_header
rom_header:
        .word   0xaa55
        .byte   0               # length in units of 512 bytes: tools of the build fill it in
        .code16
        jmp     rom_init        # offset 3: called far by the system BIOS
        .code16gcc
        .org    0x18
        .word   pcir
        .word   0
        .ascii  "Pagewalk VGA BIOS"
        .byte   0

        .balign 4
        .globl  pcir
pcir:   .ascii  "PCIR"
        .word   0x1234, 0x1111  # vendor, device: the standard VGA of several emulators
        .word   0               # no vital product data
        .word   0x18            # this structure's length
        .byte   0               # revision
        .byte   0x00, 0x00, 0x03 # VGA-compatible display
        .word   0               # image length in 512 bytes, as above
        .word   1               # revision of the code
        .byte   0               # code for PC-AT
        .byte   0x80            # the last image
        .word   0

        .text
# Registers as C wants them and rom.h describes: DS = ES = SS, GS = CS, ESP below 64 KiB. The
# caller's are pushed as a struct regs. The stack is the caller's.
        .macro  enter_c
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
        movzwl  %sp, %esp
        movl    %esp, %eax
        .endm
# The upper half of ESP goes back to what it was, too.
        .macro  leave_c
        movl    20(%esp), %eax
        movw    %sp, %ax
        movl    %eax, %esp
        popw    %gs
        popw    %fs
        popw    %es
        popw    %ds
        popal
        .endm

        .globl  rom_init
rom_init:
        enter_c
        calll   init_main
        leave_c
        lretw

# Interrupts are open meanwhile if they were before: a scrolling screen takes long.
        .globl  int10_entry
int10_entry:
        enter_c
        testb   $2, 45(%esp)
        jz      1f
        sti
1:      calll   int10_main
        cli
        leave_c
        iretw

# WinFuncPtr of VBE: function 05h by a far call, without the dispatch.
        .globl  vbe_window_far
vbe_window_far:
        enter_c
        calll   vbe_window
        leave_c
        lretw

        .section .romdata, "a"
        .globl  font_8x8, font_8x14, font_8x16
font_8x8:
        .include "font8x8.inc"
font_8x14:
        .include "font8x14.inc"
font_8x16:
        .include "font8x16.inc"

# What 40:a8 leads to: the parameter table, and places for a program's own tables, of which only the
# last, the secondary one with the display combinations, is there. The pointers are far: this ROM is
# at c0000.
        .balign 4
        .globl  save_pointers
save_pointers:
        .word   video_params, 0xc000
        .long   0, 0, 0         # dynamic parameters, text font, graphics font
        .word   secondary_pointers, 0xc000
        .long   0, 0
secondary_pointers:
        .word   26              # bytes
        .word   dcc_table, 0xc000
        .long   0, 0, 0, 0, 0
