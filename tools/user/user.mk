# pagewalk-i386: single Linux/i386 processes, on the CPU library alone. x86-64, aarch64 and i386 hosts.
USER_OBJ := $(call objects,$(call sources,tools/user)) $(BUILD)/obj/tools/user/safe_call$(if $(filter x86_64,$(HOST)),,_$(HOST)).o \
    $(BUILD)/obj/tools/user/vdso_image.o
ifneq ($(filter x86_64 aarch64 i686,$(HOST)),)
USER_PROGRAM := $(BUILD)/pagewalk-i386
endif
# STATIC=1: one that needs no libraries, for chroots.
# A guest's pointers need not be aligned.
$(USER_OBJ): OWN_CFLAGS := $(if $(filter asan,$(MODE)),-fno-sanitize=alignment)
$(call objects,cpu/locked.c): OWN_CFLAGS := $(LIB_CFLAGS) \
	$(if $(filter asan,$(MODE)),-fno-sanitize=alignment,$(WARM_GUARD))

$(BUILD)/pagewalk-i386: $(USER_OBJ) $(BUILD)/libpagewalk.a
	@echo "  LINK    $@"
	$(Q)$(CC) $(ALL_LDFLAGS) $(if $(STATIC),-static-pie) -o $@ $^ -lm -lpthread

# The same for a test, beside the other.
$(BUILD)/static/pagewalk-i386: $(USER_OBJ) $(BUILD)/libpagewalk.a
	@echo "  LINK    $@"
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -static-pie -o $@ $^ -lm -lpthread

$(BUILD)/obj/tools/user/safe_call%o: tools/user/safe_call%S
	@mkdir -p $(@D)
	$(Q)$(CC) -c -o $@ $<

# Guest code.
$(BUILD)/obj/tools/user/vdso.so: tools/user/vdso_guest.S tools/user/vdso.lds
	@echo "  VDSO    $@"
	@mkdir -p $(@D)
	$(Q)$(BIOS_CC) -m32 -c -o $(@:.so=_guest.o) $<
	$(Q)ld -m elf_i386 -shared -T tools/user/vdso.lds --hash-style=both -soname linux-gate.so.1 --build-id=none \
		-z noexecstack -o $@ $(@:.so=_guest.o)
$(BUILD)/obj/tools/user/vdso_image.o: tools/user/vdso_image.S $(BUILD)/obj/tools/user/vdso.so
	$(Q)$(CC) -DVDSO_FILE='"$(BUILD)/obj/tools/user/vdso.so"' -c -o $@ $<
