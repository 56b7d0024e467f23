# The CPU library for other programs: lib/pagewalk.h.in is its interface. With the software TLB only, and not cross-built:
# its header is made by a program of the build.
ifeq ($(MMU)$(ARCH),soft)
LIBRARY_VERSION := 1.0
LIBRARY_DIR     := $(BUILD)/lib
LIBRARY_SO      := $(LIBRARY_DIR)/libpagewalk.so.1
LIBRARY_A       := $(LIBRARY_DIR)/libpagewalk.a
LIBRARY_HEADER  := $(BUILD)/gen/pagewalk.h
LIBRARY_OBJ     := $(call objects,$(filter-out lib/regs_gen.c,$(call sources,lib)))
LIBRARY         := $(LIBRARY_SO) $(LIBRARY_A) $(LIBRARY_DIR)/libpagewalk.so
$(LIBRARY_OBJ): OWN_CFLAGS := $(LIB_CFLAGS)
$(LIBRARY_OBJ): $(LIBRARY_HEADER)

# The registers are those of cpu/state.def.
$(BUILD)/regs_gen: $(call objects,lib/regs_gen.c cpu/cpu_state.c)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^
$(LIBRARY_HEADER): lib/pagewalk.h.in $(BUILD)/regs_gen
	@echo "  GEN     $@"
	@mkdir -p $(@D)
	$(Q)$(BUILD)/regs_gen table >$(@D)/pagewalk_regs.inc
	$(Q)$(BUILD)/regs_gen enum | sed -e '/^@REGISTERS@$$/{r /dev/stdin' -e 'd}' $< >$@.tmp
	$(Q)mv $@.tmp $@

$(LIBRARY_SO): $(LIBRARY_OBJ) $(BUILD)/libpagewalk.a lib/libpagewalk.map
	@echo "  LINK    $@"
	@mkdir -p $(@D)
	$(Q)$(CC) $(filter-out -pie,$(ALL_LDFLAGS)) -shared -Wl,-soname,$(@F),--version-script=lib/libpagewalk.map,-z,defs \
		-o $@ $(LIBRARY_OBJ) $(BUILD)/libpagewalk.a $(if $(filter asan,$(MODE)),-lasan -lubsan) -lm -lpthread
$(LIBRARY_DIR)/libpagewalk.so: $(LIBRARY_SO)
	$(Q)ln -sf $(<F) $@

# One object, in which only the interface has names, so that others' functions may be called what they want.
$(LIBRARY_A): $(LIBRARY_OBJ) $(BUILD)/libpagewalk.a
	@echo "  AR      $@"
	@mkdir -p $(@D)
	$(Q)ld -r -o $(LIBRARY_DIR)/pagewalk.o $(LIBRARY_OBJ) --whole-archive $(BUILD)/libpagewalk.a
	$(Q)objcopy --localize-hidden $(LIBRARY_DIR)/pagewalk.o
	$(Q)rm -f $@ && $(AR) rcs $@ $(LIBRARY_DIR)/pagewalk.o

# Examples, and the tests' programs.
EXAMPLES := $(patsubst examples/%.c,$(BUILD)/examples/%,$(wildcard examples/*.c))
LIBRARY_TESTS := $(patsubst tests/lib/%.c,$(BUILD)/tests-lib/%,$(wildcard tests/lib/*.c))
$(BUILD)/examples/%: examples/%.c $(LIBRARY_A)
	@echo "  EXAMPLE $@"
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP $(ALL_LDFLAGS) -o $@ $< $(LIBRARY_A) -lm -lpthread
$(BUILD)/tests-lib/%: tests/lib/%.c $(LIBRARY_A)
	@echo "  TEST    $@"
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP $(ALL_LDFLAGS) -o $@ $< $(LIBRARY_A) -lm -lpthread
unit: $(EXAMPLES) $(LIBRARY_TESTS)

PYTHON_DIR ?= $(PREFIX)/lib/python3/dist-packages
LIBRARY_SHARE := $(PREFIX)/share/doc/pagewalk/examples
.PHONY: install-library
install-library: $(LIBRARY)
	install -D -m 644 $(LIBRARY_HEADER) $(DESTDIR)$(PREFIX)/include/pagewalk.h
	install -D $(STRIP) -m 644 $(LIBRARY_SO) $(DESTDIR)$(PREFIX)/lib/$(notdir $(LIBRARY_SO))
	ln -sf $(notdir $(LIBRARY_SO)) $(DESTDIR)$(PREFIX)/lib/libpagewalk.so
	install -m 644 $(LIBRARY_A) $(DESTDIR)$(PREFIX)/lib/libpagewalk.a
	$(if $(STRIP),strip --strip-debug $(DESTDIR)$(PREFIX)/lib/libpagewalk.a)
	install -d $(DESTDIR)$(PREFIX)/lib/pkgconfig $(DESTDIR)$(PYTHON_DIR)/pagewalk $(DESTDIR)$(LIBRARY_SHARE)
	sed 's,@PREFIX@,$(PREFIX),; s,@VERSION@,$(LIBRARY_VERSION),' lib/pagewalk.pc.in >$(DESTDIR)$(PREFIX)/lib/pkgconfig/pagewalk.pc
	install -m 644 $(wildcard tools/python/pagewalk/*.py) $(DESTDIR)$(PYTHON_DIR)/pagewalk
	install -m 644 $(wildcard examples/*.c) $(DESTDIR)$(LIBRARY_SHARE)
	install -D -m 644 doc/pagewalk.3 $(DESTDIR)$(PREFIX)/share/man/man3/pagewalk.3
endif
