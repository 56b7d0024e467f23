# The system BIOS: build/bios/bios.bin, 128 KiB that end at 1 MiB. Guest code: independent of MODE and CC.
#   16-bit: bios/*.c and bios/*.S, segment F000      32-bit: bios/flat/ bios/pci/ bios/acpi/, segment E000
BIOS_BUILD := build/bios
BIOS_CC    := gcc
BIOS_CFLAGS := -std=gnu11 -march=i386 -Os -g -ffreestanding -fno-pic -fno-pie -fno-stack-protector -fno-builtin \
               -fomit-frame-pointer -fno-asynchronous-unwind-tables -fcf-protection=none -fno-strict-aliasing \
               -mregparm=3 -mpreferred-stack-boundary=2 -mgeneral-regs-only -Wall -Wextra -Werror \
               -Wstrict-prototypes -Wmissing-prototypes -Wno-array-bounds -Ibios -I.
BIOS_CFLAGS16 := -m16 $(BIOS_CFLAGS) -fno-jump-tables -fno-tree-switch-conversion -Wstack-usage=120
BIOS_CFLAGS32 := -m32 $(BIOS_CFLAGS)

BIOS_SRC16 := $(sort $(wildcard bios/*.c bios/*.S))
BIOS_SRC32 := $(sort $(wildcard bios/flat/*.c bios/pci/*.c bios/acpi/*.c))
bios_objects = $(patsubst bios/%,$(BIOS_BUILD)/obj/%.o,$(1))
BIOS_OBJ16 := $(call bios_objects,$(BIOS_SRC16))
BIOS_OBJ32 := $(call bios_objects,$(BIOS_SRC32))


# POST, int 19h and what they alone call run on our own stack.
$(call bios_objects,bios/post.c bios/drives.c bios/eltorito.c bios/boot.c bios/menu.c bios/optrom.c bios/pmm.c): BIOS_CFLAGS16 += -Wno-stack-usage

$(BIOS_OBJ16): $(BIOS_BUILD)/obj/%.o: bios/% bios/bios.mk
	@echo "  BIOS    $<"
	@mkdir -p $(@D)
	$(Q)$(BIOS_CC) $(BIOS_CFLAGS16) -MMD -MP -c -o $@ $<

# The 8x8 font is the VGA BIOS's (bios/vga/vga.mk).
$(call bios_objects,bios/entry.S): $(BIOS_BUILD)/gen/font8x8-low.inc
$(call bios_objects,bios/entry.S): BIOS_CFLAGS16 += -Wa,-I,$(BIOS_BUILD)/gen

$(BIOS_OBJ32): $(BIOS_BUILD)/obj/%.o: bios/% bios/bios.mk
	@echo "  BIOS32  $<"
	@mkdir -p $(@D)
	$(Q)$(BIOS_CC) $(BIOS_CFLAGS32) -MMD -MP -c -o $@ $<

$(BIOS_BUILD)/bios16.elf: $(BIOS_OBJ16) bios/bios16.lds
	$(Q)ld -m elf_i386 -z noexecstack -T bios/bios16.lds -Map=$(@:.elf=.map) -o $@ $(BIOS_OBJ16)
$(BIOS_BUILD)/bios32.elf: $(BIOS_OBJ32) bios/bios32.lds
	$(Q)ld -m elf_i386 -z noexecstack -T bios/bios32.lds -Map=$(@:.elf=.map) -o $@ $(BIOS_OBJ32)

.PHONY: bios
bios: $(BIOS_BUILD)/bios.bin
$(BIOS_BUILD)/bios.bin: $(BIOS_BUILD)/bios16.elf $(BIOS_BUILD)/bios32.elf
	@echo "  BIOS    $@"
	$(Q)objcopy -O binary -j .code --pad-to 0xf0000 $(BIOS_BUILD)/bios32.elf $(BIOS_BUILD)/bios32.bin
	$(Q)objcopy -O binary -j .code -j .fixed --gap-fill 0xff $(BIOS_BUILD)/bios16.elf $(BIOS_BUILD)/bios16.bin
	$(Q)cat $(BIOS_BUILD)/bios32.bin $(BIOS_BUILD)/bios16.bin >$@.new
	$(Q)[ "$$(stat -c %s $@.new)" = 131072 ] && mv $@.new $@

include bios/acpi/acpi.mk

-include $(shell find $(BIOS_BUILD) -name '*.d' 2>/dev/null)
