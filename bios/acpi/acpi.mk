# The DSDT as bytes that acpi.c includes: build/bios/gen/dsdt.inc. Included by bios/bios.mk, behind its rules.
BIOS_DSDT := $(BIOS_BUILD)/gen/dsdt.inc

$(BIOS_DSDT): bios/acpi/dsdt.asl bios/acpi/acpi.mk
	@echo "  IASL    $<"
	@mkdir -p $(@D)
	$(Q)iasl -we -vs -p $(@:.inc=) $< >$(@:.inc=.log) 2>&1 || { cat $(@:.inc=.log); exit 1; }
	$(Q)od -An -v -tu1 -w16 $(@:.inc=.aml) | sed 's/ *\([0-9]\{1,\}\)/\1,/g' >$@.new && mv $@.new $@

$(call bios_objects,bios/acpi/acpi.c): $(BIOS_DSDT)
$(call bios_objects,bios/acpi/acpi.c): BIOS_CFLAGS32 += -I$(BIOS_BUILD)/gen
