/* What to say of an instruction that a later CPU model has: it is #UD here, perhaps for ever. */
#include <stdio.h>
#include <string.h>

#include "cpu/cpuid.h"
#include "translate/decode/decode.h"
#include "translate/translate.h"

static const struct cpu_model *first_with(enum cpu_feature feature)
{
    const struct cpu_model *model = cpu_models();

    while (model->name && !cpu_has(model, feature))
        model++;
    return model;
}

struct bytes {
    struct cpu *cpu;
    u32 la;
};

static bool fetch(void *opaque, unsigned offset, u8 *byte)
{
    struct bytes *b = opaque;
    u64 pa;

    if (!mmu_fetch_pa(&b->cpu->mmu, la_add(b->la, offset), b->cpu->cpl == 3, &pa))
        return false;
    *byte = (u8)phys_load(b->cpu->mmu.phys, pa, 1);
    return true;
}

void lacking_insn(struct cpu *cpu, u32 feature)
{
    const struct cpu_model *model = first_with((enum cpu_feature)feature);
    u32 eip = cpu_current_eip(cpu);
    struct bytes bytes = {cpu, la_add(cpu->r[R_BASE + SREG_CS], eip)};
    struct decode_input in = {.code32 = cpu->mode & MODE_CS32,
                              .model = model,
                              .protected_mode = (cpu->mode & (MODE_PE | MODE_VM)) == MODE_PE,
                              .fetch = fetch,
                              .opaque = &bytes};
    char text[128], hex[48] = "", line[320];
    struct insn insn;

    if (!model->name || decode(&in, &insn) != DECODE_OK)
        return;
    for (unsigned i = 0; i < insn.length; i++) {
        u8 byte = 0;

        fetch(&bytes, i, &byte);
        snprintf(hex + 3 * i, sizeof(hex) - 3 * i, " %02x", byte);
    }
    insn_format(&insn, eip, text, sizeof(text));
    if (strcmp(hex, " f3 0f 1e fb") == 0) /* one of many NOPs to the decoder */
        snprintf(text, sizeof(text), "endbr32");
    snprintf(line, sizeof(line),
             "%s (%s) at %04x:%08x is #UD: this CPU lacks it, it came with -cpu %s", text, hex + 1,
             cpu->seg[SREG_CS].sel, eip, model->name);
    cpu->hooks.notice(cpu->hooks.opaque, line);
}
