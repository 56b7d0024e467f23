# make bench: Pagewalk beside QEMU, Bochs and the host itself. tests/bench/run does the work; see doc/benchmarks.md.
#   ENGINE=x64|interp   which engine (default x64); with interp, Bochs takes part
#   BENCH='...'         options for tests/bench/run, for instance BENCH='--runs 5 --only sha1,fib'
BENCH_DIR := build/bench
BENCH_CC := gcc
BENCH_SRC := $(wildcard tests/bench/guest/*.c)
BENCH_DEP := $(wildcard tests/bench/guest/*.h tests/bench/guest/*.def) tests/bench/bench.mk

# The measuring stick is always the same: gcc, no C library, no vectors, no loops turned into library calls.
BENCH_CFLAGS := -std=gnu11 -O2 $(WARN) -ffreestanding -fno-strict-aliasing -fno-stack-protector -fno-pic \
	-fno-tree-vectorize -fno-tree-slp-vectorize -fno-tree-loop-distribute-patterns -fcf-protection=none \
	-fno-asynchronous-unwind-tables -fno-math-errno -ffp-contract=off -fomit-frame-pointer
BENCH_M32 := -m32 -march=pentium3 -mno-sse -mfpmath=387
BENCH_M64 := -m64
BENCH_M32_sse := -m32 -march=pentium3 -msse -mfpmath=sse
BENCH_M64_x87 := -m64 -mfpmath=387

$(BENCH_DIR)/m32/%.o: tests/bench/guest/%.c $(BENCH_DEP)
	@mkdir -p $(@D)
	$(Q)$(BENCH_CC) $(BENCH_CFLAGS) $(or $(BENCH_M32_$*),$(BENCH_M32)) -c -o $@ $<

$(BENCH_DIR)/m64/%.o: tests/bench/guest/%.c $(BENCH_DEP)
	@mkdir -p $(@D)
	$(Q)$(BENCH_CC) $(BENCH_CFLAGS) $(or $(BENCH_M64_$*),$(BENCH_M64)) -c -o $@ $<

$(BENCH_DIR)/bench32: $(patsubst tests/bench/guest/%.c,$(BENCH_DIR)/m32/%.o,$(BENCH_SRC))
	@echo "  BENCH   $@"
	$(Q)$(LD) -m elf_i386 -z noexecstack -static -o $@ $^

$(BENCH_DIR)/bench64: $(patsubst tests/bench/guest/%.c,$(BENCH_DIR)/m64/%.o,$(BENCH_SRC))
	@echo "  BENCH   $@"
	$(Q)$(LD) -m elf_x86_64 -z noexecstack -static -o $@ $^

$(BENCH_DIR)/initrd.gz: $(BENCH_DIR)/bench32 $(GUESTS)/busybox
	@echo "  INITRD  $@"
	$(Q)rm -rf $(BENCH_DIR)/tree && mkdir -p $(addprefix $(BENCH_DIR)/tree/,bin dev proc tmp)
	$(Q)cp $(BENCH_DIR)/bench32 $(BENCH_DIR)/tree/init
	$(Q)cp $(GUESTS)/busybox $(BENCH_DIR)/tree/bin/busybox
	$(Q)(cd $(BENCH_DIR)/tree && find . -mindepth 1 | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0) | gzip -9n >$@

$(BENCH_DIR)/bochs_rom.bin: tests/bench/bochs_rom.S
	@mkdir -p $(@D)
	$(Q)$(BENCH_CC) -m32 -c -o $(@:.bin=.o) $<
	$(Q)objcopy -O binary -j .text $(@:.bin=.o) $@

.PHONY: bench bench-programs
bench-programs: $(BENCH_DIR)/initrd.gz $(BENCH_DIR)/bench64 $(BENCH_DIR)/bochs_rom.bin
bench:
	$(Q)tools/setup boot
	$(Q)tools/setup bench
	$(Q)$(MAKE) -s all guests
	$(Q)$(MAKE) -s bench-programs
	$(Q)tests/bench/run --build $(BUILD) --engine $(or $(ENGINE),x64) $(if $(filter interp,$(ENGINE)),--bochs) $(BENCH)
