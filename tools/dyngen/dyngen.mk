# dyngen, a program of the machine that builds, and what becomes of templates: assembler text, an object, tables of stencils.
DYNGEN_CC  ?= gcc
DYNGEN     := build/dyngen/dyngen
DYNGEN_SRC := $(wildcard tools/dyngen/*.c translate/tmpl/patch_*.c)
DYNGEN_HDR := $(wildcard tools/dyngen/*.h translate/tmpl/patch.* translate/tmpl/stencil.h translate/tmpl/symbols.def)
dyngen_build = $(DYNGEN_CC) -std=gnu11 -O2 $(WARN) $(1) -I. -o $@ $(DYNGEN_SRC)

$(DYNGEN): $(DYNGEN_SRC) $(DYNGEN_HDR) tools/dyngen/dyngen.mk
	@echo "  TOOL    $@"
	@mkdir -p $(@D)
	$(Q)$(call dyngen_build)

# Templates keep the machine's state in global register variables, which clang does not have.
TEMPLATE_CC ?= $(if $(findstring clang,$(shell $(CC) --version 2>/dev/null)),gcc,$(CC))
# The same in every MODE. A template's code stays in one piece, without data, and frames are for calls only.
TEMPLATE_CFLAGS_x86_64      := -fcf-protection=none
TEMPLATE_CFLAGS_i686        := -fcf-protection=none
TEMPLATE_CFLAGS_aarch64     := -mbranch-protection=none -mno-outline-atomics
TEMPLATE_CFLAGS_riscv64     := -mno-relax -mcmodel=medlow
TEMPLATE_CFLAGS_powerpc64le := -mtraceback=no
TEMPLATE_CFLAGS := -std=gnu11 -fno-strict-aliasing $(WARN) -O2 $(filter -D% -I%,$(filter-out -D_FORTIFY_SOURCE%,$(ALL_CFLAGS))) \
	-fno-pic -fno-pie -fomit-frame-pointer -ffunction-sections -fno-stack-protector -fno-asynchronous-unwind-tables \
	-fno-unwind-tables -fno-jump-tables -fno-tree-switch-conversion -fno-tree-vectorize -fno-tree-slp-vectorize \
	-fno-ipa-icf -fno-reorder-blocks-and-partition -fno-align-functions -fno-align-jumps -fno-align-loops -fno-align-labels \
	"-Dinline=inline __attribute__((__always_inline__))" $(TEMPLATE_CFLAGS_$(HOST))

# BUILD/tmpl/DIR/X.stencils.c comes from DIR/X.c.
$(BUILD)/tmpl/%.s: %.c tools/dyngen/dyngen.mk tools/dyngen/peephole.awk $(BUILD)/command
	@echo "  TMPL    $<"
	@mkdir -p $(@D)
	$(Q)$(TEMPLATE_CC) $(TEMPLATE_CFLAGS) -MMD -MP -MT $@ -MF $(@:.s=.d) -S -o $(@:.s=.gcc.s) $<
	$(Q)awk -f tools/dyngen/peephole.awk $(@:.s=.gcc.s) $(@:.s=.gcc.s) >$@.tmp && mv $@.tmp $@
$(BUILD)/tmpl/%.o: $(BUILD)/tmpl/%.s
	$(Q)$(TEMPLATE_CC) -c -o $@ $<
$(BUILD)/tmpl/%.stencils.c: $(BUILD)/tmpl/%.o $(DYNGEN)
	@echo "  DYNGEN  $@"
	$(Q)$(DYNGEN) -s $(<:.o=.s) $< >$@.tmp && mv $@.tmp $@
.PRECIOUS: $(BUILD)/tmpl/%.s $(BUILD)/tmpl/%.o $(BUILD)/tmpl/%.stencils.c

# A small machine whose templates are run: tests/dyngen. Its symbols are its own.
DYNGEN_TEST := build/dyngen/dyngen-test
$(DYNGEN_TEST): $(DYNGEN_SRC) $(DYNGEN_HDR) tests/dyngen/translate/tmpl/symbols.def tools/dyngen/dyngen.mk
	@mkdir -p $(@D)
	$(Q)$(call dyngen_build,-Itests/dyngen)
$(BUILD)/tmpl/tests/dyngen/templates.stencils.c: DYNGEN := $(DYNGEN_TEST)
$(BUILD)/tmpl/tests/dyngen/templates.stencils.c: $(DYNGEN_TEST)
$(BUILD)/stencil-run: tests/dyngen/run.c $(BUILD)/tmpl/tests/dyngen/templates.stencils.c translate/tmpl/stencil.c \
		$(DYNGEN_SRC) $(DYNGEN_HDR) tests/dyngen/host.h
	@echo "  TEST    $@"
	$(Q)$(TEMPLATE_CC) -Itests/dyngen $(filter-out -I%,$(TEMPLATE_CFLAGS)) -I. $(LDFLAGS) -no-pie -o $@ \
		$(filter-out tools/%,$(filter %.c,$^))
unit: $(BUILD)/stencil-run
DYNGEN_OBJ := $(call objects,$(filter-out %/main.c,$(wildcard tools/dyngen/*.c)))
$(DYNGEN_OBJ): OWN_CFLAGS := -iquote tests/dyngen
$(BUILD)/unit/test_dyngen: $(DYNGEN_OBJ)
