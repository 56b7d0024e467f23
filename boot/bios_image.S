/* The bundled BIOS and VGA BIOS, as bios/bios.mk and bios/vga/vga.mk built them. */
    .section .rodata
    .globl bios_image, bios_image_end
    .balign 16
bios_image:
    .incbin "build/bios/bios.bin"
bios_image_end:
    .globl vga_bios_image, vga_bios_image_end
    .balign 16
vga_bios_image:
    .incbin "build/bios/vgabios.bin"
vga_bios_image_end:
    .section .note.GNU-stack, "", @progbits
