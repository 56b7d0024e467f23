# The BIOS's test guest: build/bios/tests.bin, a boot sector and what it loads.
BIOS_TESTS := $(BIOS_BUILD)/tests.bin
BIOS_TESTS_C := services ports cd apm
$(BIOS_TESTS): tests/bios/start.S $(BIOS_TESTS_C:%=tests/bios/%.c) tests/bios/services.h tests/bios/bios-tests.lds \
		tests/bios/bios-tests.mk
	@echo "  GUEST   $@"
	@mkdir -p $(@D)
	$(Q)$(BIOS_CC) -m32 -c -o $(BIOS_BUILD)/tests-start.o tests/bios/start.S
	$(Q)for name in $(BIOS_TESTS_C); do $(BIOS_CC) $(filter-out -Ibios -I.,$(BIOS_CFLAGS)) -m16 -c \
		-o $(BIOS_BUILD)/tests-$$name.o tests/bios/$$name.c || exit; done
	$(Q)ld -m elf_i386 -z noexecstack --no-warn-rwx-segments -T tests/bios/bios-tests.lds -o $(@:.bin=.elf) \
		$(BIOS_BUILD)/tests-start.o $(BIOS_TESTS_C:%=$(BIOS_BUILD)/tests-%.o)
	$(Q)objcopy -O binary $(@:.bin=.elf) $@
