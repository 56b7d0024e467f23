/* x/i: instructions, in the syntax and the columns of QEMU's. */
#include <inttypes.h>
#include <stdio.h>

#ifdef PAGEWALK_ZYDIS
#include <Zydis/Zydis.h>
#endif

#include "cpu/peek.h"
#include "cpu/sys.h"
#include "devices/monitor/command.h"
#include "mmu/host/symbols.h"
#include "translate/decode/decode.h"

#define LONGEST 15

#ifdef PAGEWALK_ZYDIS
/* The instruction's text and length; 0: it is none. */
static unsigned text_of(const struct cpu *cpu, const u8 *data, size_t len, u32 la, char *text,
                        size_t size)
{
    ZydisMachineMode mode =
        cpu->mode & MODE_CS32 ? ZYDIS_MACHINE_MODE_LEGACY_32 : ZYDIS_MACHINE_MODE_LEGACY_16;
    ZydisDisassembledInstruction insn;
    char name[SYMBOLS_TEXT];
    ZyanU64 target;

    if (!ZYAN_SUCCESS(ZydisDisassembleATT(mode, la, data, len, &insn)))
        return 0;
    name[0] = '\0';
    if (insn.info.operand_count_visible && insn.operands[0].type == ZYDIS_OPERAND_TYPE_IMMEDIATE &&
        insn.operands[0].imm.is_relative &&
        ZYAN_SUCCESS(ZydisCalcAbsoluteAddress(&insn.info, &insn.operands[0], la, &target)))
        symbols_text(cpu->log->symbols, (u32)target, " <", name);
    snprintf(text, size, "%s%s%s", insn.text, name, name[0] ? ">" : "");
    return insn.info.length;
}

#else

struct bytes {
    const u8 *data;
    size_t len;
};

static bool fetch(void *opaque, unsigned offset, u8 *byte)
{
    const struct bytes *bytes = opaque;

    if (offset >= bytes->len)
        return false;
    *byte = bytes->data[offset];
    return true;
}

/* The same by our own decoder, which knows what the guest's processor has. */
static unsigned text_of(const struct cpu *cpu, const u8 *data, size_t len, u32 la, char *text,
                        size_t size)
{
    struct bytes bytes = {data, len};
    struct decode_input input = {.code32 = cpu->mode & MODE_CS32,
                                 .model = cpu->model,
                                 .protected_mode = cpu_protected(cpu),
                                 .fetch = fetch,
                                 .opaque = &bytes};
    struct insn insn;

    if (decode(&input, &insn) != DECODE_OK || insn.op == I_UD)
        return 0;
    insn_format(&insn, la, text, size);
    return insn.length;
}

#endif

bool monitor_has_zydis(void)
{
#ifdef PAGEWALK_ZYDIS
    return true;
#else
    return false;
#endif
}

void monitor_disassemble(struct monitor *m, u64 addr, bool physical, u32 count)
{
    struct cpu *cpu = m->pc->cpu;
    while (count--) {
        u8 data[LONGEST] = {0};
        size_t len = cpu_peek(cpu, addr, physical, data, sizeof(data));
        char text[256], hex[3 * LONGEST + 1] = "";
        unsigned insn_len;
        u32 distance;
        const char *symbol =
            physical ? NULL : symbols_find(m->pc->config.log->symbols, (u32)addr, &distance);

        if (!len) {
            fprintf(m->out, "0x%08" PRIx64 ": unable to read memory\n", addr);
            return;
        }
        insn_len = text_of(cpu, data, len, (u32)addr, text, sizeof(text));
        if (!insn_len) {
            insn_len = 1;
            snprintf(text, sizeof(text), ".byte    0x%02x", data[0]);
        }
        for (unsigned i = 0; i < insn_len; i++)
            snprintf(hex + 3 * i, 4, "%02x ", data[i]);
        if (symbol && !distance)
            fprintf(m->out, "%s:\n", symbol);
        fprintf(m->out, "0x%08" PRIx64 ":  %-24s %s\n", addr, hex, text);
        addr = physical ? addr + insn_len : (u32)(addr + insn_len);
    }
}
