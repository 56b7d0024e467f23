# The BIOS's test guest: build/bios/tests.bin, a boot sector and what it loads.
BIOS_TESTS := $(BIOS_BUILD)/tests.bin
$(BIOS_TESTS): tests/bios/start.S tests/bios/services.c tests/bios/bios-tests.lds tests/bios/bios-tests.mk
	@echo "  GUEST   $@"
	@mkdir -p $(@D)
	$(Q)$(BIOS_CC) -m32 -c -o $(BIOS_BUILD)/tests-start.o tests/bios/start.S
	$(Q)$(BIOS_CC) $(filter-out -Ibios,$(BIOS_CFLAGS)) -m16 -c -o $(BIOS_BUILD)/tests-services.o tests/bios/services.c
	$(Q)ld -m elf_i386 -z noexecstack --no-warn-rwx-segments -T tests/bios/bios-tests.lds -o $(@:.bin=.elf) \
		$(BIOS_BUILD)/tests-start.o $(BIOS_BUILD)/tests-services.o
	$(Q)objcopy -O binary $(@:.bin=.elf) $@
