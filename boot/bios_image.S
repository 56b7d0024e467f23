/* The bundled BIOS, as bios/bios.mk built it. */
    .section .rodata
    .globl bios_image, bios_image_end
    .balign 16
bios_image:
    .incbin "build/bios/bios.bin"
bios_image_end:
    .section .note.GNU-stack, "", @progbits
