/* Prints a machine's state in lines that can be compared. */
#include "boot/checkpoint.h"

#include <inttypes.h>
#include <string.h>

#include "boot/insn_at.h"

static void print_number(FILE *out, const char *name, const char *half, const u8 *bytes,
                         size_t size)
{
    u64 value = 0;

    memcpy(&value, bytes, size);
    fprintf(out, "state %s%s = %0*" PRIx64 "\n", name, half, (int)(2 * size), value);
}

static void print_state(const struct cpu *cpu, FILE *out)
{
    struct state_number number = {0};
    struct cpu_state state;

    cpu_state_get(cpu, &state);
    while (cpu_state_next(&number)) {
        const u8 *bytes = (const u8 *)&state + number.offset;
        char name[STATE_NAME_MAX];

        if (!(number.uses & STATE_DIGEST))
            continue;
        cpu_state_name(&number, name);
        if (number.size <= sizeof(u64)) {
            print_number(out, name, "", bytes, number.size);
            continue;
        }
        print_number(out, name, " low", bytes, sizeof(u64));
        print_number(out, name, " high", bytes + sizeof(u64), number.size - sizeof(u64));
    }
}

static void print_page(void *opaque, u64 pa, u64 hash)
{
    fprintf(opaque, "page %08" PRIx64 " %016" PRIx64 "\n", pa, hash);
}

static void print_words(const struct phys *phys, u64 pa, FILE *out)
{
    const u8 *host = pa & PAGE_MASK ? NULL : phys_host(phys, pa);

    for (u32 at = 0; host && at < PAGE_SIZE; at += 4)
        fprintf(out, "word %08" PRIx64 " %08" PRIx32 "\n", pa + at, get32(host + at));
}

void checkpoint_print(struct pc *pc, u64 pa, FILE *out)
{
    struct cpu *cpu = pc_cpu(pc);
    char insn[INSN_AT_MAX];

    insn_at(cpu, insn);
    fprintf(out, "insn %s\n", insn);
    cpu_dump(cpu, out);
    print_state(cpu, out);
    fprintf(out, "state time = %016" PRIx64 "\nstate INTR line = %x\n",
            cpu->hooks.read_tsc(cpu->hooks.opaque), cpu->intr);
    pc_digest_pages(pc, print_page, out);
    print_words(pc_phys(pc), pa, out);
}
