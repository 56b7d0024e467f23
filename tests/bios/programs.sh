# Makes the floppy images of the programs that test a VGA BIOS; sourced by tests/bios/run-vga and tests/boot/screens.
program_flags="-m16 -march=i386 -ffreestanding -std=gnu11 -Os -Wall -Wextra -Werror -mregparm=3
    -mpreferred-stack-boundary=2 -fno-pic -fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none"

# program FOLDER NAME: FOLDER/NAME.img of tests/bios/vga_NAME.c.
program() {
    gcc $program_flags -I. -c -o "$1/$2.o" "tests/bios/vga_$2.c" && gcc -m32 -c -o "$1/boot.o" tests/bios/boot.S &&
        ld -m elf_i386 -z noexecstack --no-warn-rwx-segments -T tests/bios/boot.lds -o "$1/$2.elf" \
            "$1/boot.o" "$1/$2.o" &&
        objcopy -O binary -j .image "$1/$2.elf" "$1/$2.img" && truncate -s 1474560 "$1/$2.img"
}

# mode FOLDER NUMBER: FOLDER/NUMBER.img of tests/bios/vga_mode.S for that video mode.
mode() {
    gcc -m32 -c -Wa,--defsym,MODE="$2" -o "$1/mode.o" tests/bios/vga_mode.S &&
        ld -m elf_i386 -Ttext 0x7c00 --oformat binary -o "$1/$2.img" "$1/mode.o" && truncate -s 1474560 "$1/$2.img"
}
