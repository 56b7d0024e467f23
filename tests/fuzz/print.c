/* A fuzz program as text: its machine, and its steps with bytes and instructions. */
#include <stdio.h>

#include "cpu/cpuid.h"
#include "tests/fuzz/program.h"
#include "translate/decode/decode.h"

struct bytes {
    const u8 *byte;
    unsigned len;
};

static bool fetch(void *opaque, unsigned offset, u8 *byte)
{
    const struct bytes *b = opaque;

    if (offset >= b->len)
        return false;
    *byte = b->byte[offset];
    return true;
}

static void print_step(const struct fuzz_step *step, const struct decode_input *input)
{
    struct bytes left = {step->byte, step->len};
    struct decode_input in = *input;

    printf("      %s\n", step->name);
    in.fetch = fetch;
    in.opaque = &left;
    while (left.len) {
        struct insn insn = {0};
        char text[128] = "(cut)";
        unsigned len = left.len;

        if (decode(&in, &insn) == DECODE_OK) {
            insn_format(&insn, 0, text, sizeof(text));
            len = insn.length;
        }
        printf("        %-32s ", text);
        for (unsigned i = 0; i < len; i++)
            printf(" %02x", left.byte[i]);
        putchar('\n');
        left.byte += len;
        left.len -= len;
    }
}

static void print_piece(const struct fuzz_session *x, const struct fuzz_piece *q,
                        const struct cpu_model *model)
{
    struct decode_input input = {
        .code32 = fuzz_code32(x->mode), .model = model, .protected_mode = !fuzz_real(x->mode)};

    printf("    at %08x, EFLAGS %08x, GS FS ES DS %04x %04x %04x %04x\n     ", q->at, q->eflags,
           q->seg[0], q->seg[1], q->seg[2], q->seg[3]);
    for (unsigned i = 0; i < 8; i++)
        printf(" %08x", q->r[i]);
    putchar('\n');
    for (unsigned i = 0; i < q->steps; i++)
        print_step(&q->step[i], &input);
}

void fuzz_print(const struct fuzz_program *p)
{
    static const char *const modes[FZ_MODES] = {"real",          "unreal", "32-bit, CPL 0",
                                                "32-bit, CPL 3", "16-bit", "vm86"};
    static const char *const paging[FZ_PAGINGS] = {"no paging", "paging", "PSE", "PAE"};

    printf("program %llu: %s, %u MiB%s%s%s%s%s, -tlb-limit %u; native: -block-len %u%s, "
           "-native-after %u, -cache-blocks %u, -code-buffer %u%s%s\n",
           (unsigned long long)p->number, p->model, p->ram_mib, p->stale ? ", stale pages" : "",
           p->isa_only ? ", ISA" : "", p->no_acpi ? ", no ACPI" : "", p->no_vga ? ", no VGA" : "",
           p->own_bios ? ", BIOS's ports" : "", p->tlb_limit, p->block_len,
           p->random_len ? " random" : "", p->native_after, p->cache_blocks, p->code_buffer,
           p->no_chain ? ", -no-chain" : "", p->slow_mem ? ", -slow-mem" : "");
    for (unsigned i = 0; i < p->sessions; i++) {
        const struct fuzz_session *x = &p->session[i];

        if (x->off)
            continue;
        printf("  %s, %s, CR0 %08x, CR4 %08x, code16 base %x, junk %x\n", modes[x->mode],
               paging[x->paging], x->cr0, x->cr4, x->base16, x->junk);
        for (unsigned n = 0; n < x->outs; n++)
            printf("    out %04x, %08x\n", x->out[n].port, x->out[n].value);
        for (unsigned n = 0; n < x->pieces; n++)
            if (!x->piece[n].off)
                print_piece(x, &x->piece[n], cpu_model_find(p->model));
    }
}
