/* Decodes the instruction that a CPU would execute next. */
#include "boot/insn_at.h"

#include <stdio.h>

#include "translate/decode/decode.h"

static bool fetch(void *opaque, unsigned offset, u8 *byte)
{
    struct cpu *cpu = opaque;
    const u8 *host = NULL;
    u64 pa;

    if (mmu_peek_pa(&cpu->mmu, la_add(cpu->r[R_BASE + SREG_CS], eip_add(cpu->eip, offset)), &pa))
        host = phys_host(cpu->mmu.phys, pa);
    if (host)
        *byte = *host;
    return host != NULL;
}

void insn_at(struct cpu *cpu, char text[INSN_AT_MAX])
{
    const struct decode_input input = {
        .code32 = cpu->mode & MODE_CS32,
        .model = cpu->model,
        .protected_mode = (cpu->mode & (MODE_PE | MODE_VM)) == MODE_PE,
        .fetch = fetch,
        .opaque = cpu,
    };
    struct insn insn = {0};
    enum decode_status status = decode(&input, &insn);
    char name[128], bytes[15 * 3 + 1] = "";

    for (unsigned i = 0; i < insn.length && i < 15; i++) {
        u8 byte = 0;

        fetch(cpu, i, &byte);
        snprintf(bytes + 3 * i, sizeof(bytes) - 3 * i, " %02x", byte);
    }
    switch (status) {
    case DECODE_OK: insn_format(&insn, cpu->eip, name, sizeof(name)); break;
    case DECODE_FETCH: snprintf(name, sizeof(name), "(cannot be fetched)"); break;
    case DECODE_LONG: snprintf(name, sizeof(name), "(longer than 15 bytes)"); break;
    }
    snprintf(text, INSN_AT_MAX, "%04x:%08x %s  %s%s", cpu->seg[SREG_CS].sel, cpu->eip, bytes, name,
             cpu->halted ? "  (halted)" : "");
}
