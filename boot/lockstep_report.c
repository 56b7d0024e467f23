/* What lockstep prints about a difference: the instruction, both states, and each value that differs. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "boot/insn_at.h"
#include "boot/lockstep_pair.h"

#define WORDS_LISTED 16u

void report_before_free(struct lockstep_before *before)
{
    free(before->state);
    before->state = NULL;
}

void report_before(struct lockstep_before *before, const struct pair *pair)
{
    size_t len;
    FILE *out;

    report_before_free(before);
    out = open_memstream(&before->state, &len);
    if (!out)
        BUG("out of memory");
    cpu_dump(pc_cpu(pair->side[0].pc), out);
    fclose(out);
    insn_at(pc_cpu(pair->side[0].pc), before->insn);
    for (unsigned i = 0; i < 2; i++) {
        before->irq[i] = pc_cpu(pair->side[i].pc)->stats->irq;
        before->excp[i] = pc_cpu(pair->side[i].pc)->stats->excp;
    }
}

static const char *const mark_names[MARKS] = {
    [MARK_INSNS] = "instructions",
    [MARK_TIME] = "virtual time (ns)",
    [MARK_INTR] = "INTR line",
    [MARK_SERIAL_BYTES] = "bytes of serial output",
    [MARK_SERIAL] = "hash of serial output",
    [MARK_CONSOLE_BYTES] = "bytes of debug console output",
    [MARK_CONSOLE] = "hash of debug console output",
    [MARK_ENDED] = "ended",
    [MARK_STATUS] = "exit status",
};

static void print_value(FILE *out, const char *name, const struct pair *pair, u64 a, u64 b,
                        const char *format)
{
    fprintf(out, "  %-20s %s ", name, pair->config->engine[0]);
    fprintf(out, format, a);
    fprintf(out, "  %s ", pair->config->engine[1]);
    fprintf(out, format, b);
    fputc('\n', out);
}

/* Everything that cpu_digest() covers. */
static void report_registers(const struct pair *pair, FILE *out)
{
    struct state_number number = {0};
    struct cpu_state a, b;

    cpu_state_get(pc_cpu(pair->side[0].pc), &a);
    cpu_state_get(pc_cpu(pair->side[1].pc), &b);
    while (cpu_state_next(&number)) {
        const u8 *in_a = (const u8 *)&a + number.offset, *in_b = (const u8 *)&b + number.offset;
        char name[STATE_NAME_MAX];

        if (!(number.uses & STATE_DIGEST) || memcmp(in_a, in_b, number.size) == 0)
            continue;
        cpu_state_name(&number, name);
        for (unsigned at = 0; at < number.size; at += sizeof(u64)) {
            size_t size = number.size - at < sizeof(u64) ? number.size - at : sizeof(u64);
            u64 value_a = 0, value_b = 0;

            memcpy(&value_a, in_a + at, size);
            memcpy(&value_b, in_b + at, size);
            if (value_a != value_b)
                print_value(out, at ? strcat(name, " high") : name, pair, value_a, value_b,
                            "%08" PRIx64);
        }
    }
}

static void report_memory(const struct pair *pair, FILE *out)
{
    u64 pa = 0, more = 0;

    for (unsigned n = 0; pair_ram_difference(pair, pa, &pa); n++, pa += 4) {
        char name[32];

        if (n >= WORDS_LISTED) {
            more++;
            continue;
        }
        snprintf(name, sizeof(name), "memory at %08" PRIx64, pa);
        print_value(out, name, pair, get32(phys_host(pc_phys(pair->side[0].pc), pa)),
                    get32(phys_host(pc_phys(pair->side[1].pc), pa)), "%08" PRIx64);
    }
    if (more)
        fprintf(out, "  ... and %" PRIu64 " more words of memory\n", more);
}

void report_difference(struct pair *pair, FILE *out)
{
    u64 a[MARKS], b[MARKS];

    for (unsigned i = 0; i < 2; i++) {
        fprintf(out, "State after, %s:\n", pair->config->engine[i]);
        cpu_dump(pc_cpu(pair->side[i].pc), out);
    }
    fputs("What differs:\n", out);
    report_registers(pair, out);
    side_marks(&pair->side[0], a);
    side_marks(&pair->side[1], b);
    for (unsigned i = 0; i < MARKS; i++)
        if (a[i] != b[i])
            print_value(out, mark_names[i], pair, a[i], b[i], "%" PRIu64);
    report_memory(pair, out);
}
