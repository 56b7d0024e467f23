# The VGA BIOS: an option ROM of guest code, for c0000. Its fonts are generated from text; the
# system BIOS takes the first 128 characters of the 8x8 one from font8x8-low.inc.
VGABIOS     := build/bios/vgabios.bin
VGABIOS_GEN := build/bios/gen
VGABIOS_OBJ := $(patsubst bios/vga/%,build/bios/vga/%.o,$(sort $(wildcard bios/vga/*.c bios/vga/*.S)))
GUEST_CC    ?= gcc
GUEST_LD    ?= ld
GUEST_CFLAGS := -m16 -march=i386 -ffreestanding -std=gnu11 -Os -Wall -Wextra -Werror -Wmissing-prototypes \
                -mregparm=3 -mpreferred-stack-boundary=2 -fomit-frame-pointer -fno-pic -fno-stack-protector \
                -fno-asynchronous-unwind-tables -fno-jump-tables -fno-tree-switch-conversion \
                -fno-strict-aliasing -fcf-protection=none -fno-tree-loop-distribute-patterns -I.

.PHONY: vgabios
vgabios: $(VGABIOS) $(VGABIOS_GEN)/font8x8-low.inc

FONT_AWK := bios/vga/font/mkfont.awk
$(VGABIOS_GEN)/font8x8.inc: bios/vga/font/8x8.txt
$(VGABIOS_GEN)/font8x16.inc: bios/vga/font/8x16.txt
$(VGABIOS_GEN)/font8x14.inc: bios/vga/font/8x16.txt bios/vga/font/8x14.txt
$(VGABIOS_GEN)/font8x8-low.inc: bios/vga/font/8x8.txt
$(VGABIOS_GEN)/%.inc: $(FONT_AWK)
	@echo "  FONT    $@"
	@mkdir -p $(@D)
	$(Q)awk -v out=gas -v chars=$(if $(findstring -low,$@),128,256) -f $(FONT_AWK) $(filter %.txt,$^) > $@.tmp
	$(Q)mv $@.tmp $@

build/bios/vga/entry.S.o: bios/stack.h bios/stack.inc $(VGABIOS_GEN)/font8x8.inc $(VGABIOS_GEN)/font8x14.inc $(VGABIOS_GEN)/font8x16.inc
build/bios/vga/%.S.o: bios/vga/%.S
	@echo "  GUESTAS $<"
	@mkdir -p $(@D)
	$(Q)$(GUEST_CC) -m32 -c -I. -Wa,-I,$(VGABIOS_GEN) -o $@ $<
build/bios/vga/%.c.o: bios/vga/%.c bios/vga/vga.mk
	@echo "  GUESTCC $<"
	@mkdir -p $(@D)
	$(Q)$(GUEST_CC) $(GUEST_CFLAGS) -MMD -MP -c -o $@ $<
build/bios/vgabios.elf: $(VGABIOS_OBJ) bios/vga/vgabios.lds
	$(Q)$(GUEST_LD) -m elf_i386 -z noexecstack --no-warn-rwx-segments -T bios/vga/vgabios.lds -o $@ $(VGABIOS_OBJ)
$(VGABIOS): build/bios/vgabios.elf bios/vga/finish-rom
	@echo "  ROM     $@"
	$(Q)objcopy -O binary -j .rom $< $@.raw
	$(Q)bios/vga/finish-rom $@.raw $@
-include $(wildcard build/bios/vga/*.d)
