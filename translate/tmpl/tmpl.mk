# The template engine, on hosts whose registers a header gives. Templates become stencils by tools/dyngen/dyngen.mk.
LIB_OBJ += $(call objects,$(wildcard translate/tmpl/patch_*.c) translate/tmpl/stencil.c)
ifneq ($(wildcard translate/tmpl/host_$(HOST).h),)
LIB_OBJ += $(call objects,$(patsubst %,translate/tmpl/%.c,tmpl gen gen_uop forms seldom calls enter)) $(BUILD)/obj/translate/tmpl/stencils.o

$(BUILD)/obj/translate/tmpl/stencils.o: $(BUILD)/tmpl/translate/tmpl/templates.stencils.c
	@echo "  CC      $<"
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(OWN_CFLAGS) -MMD -MP -c -o $@ $<

# They have the registers of templates, too.
$(BUILD)/obj/translate/tmpl/enter.o $(BUILD)/obj/translate/tmpl/calls.o: $(BUILD)/obj/%.o: %.c translate/tmpl/tmpl.mk $(BUILD)/command
	@echo "  CC      $<"
	@mkdir -p $(@D)
	$(Q)$(TEMPLATE_CC) $(filter-out -fno-pic -fno-pie,$(TEMPLATE_CFLAGS)) $(LIB_CFLAGS) -MMD -MP -c -o $@ $<
endif
