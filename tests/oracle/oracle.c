/* Compares random user-mode instructions on our engines with the host CPU, which runs them in a 32-bit program.
 *
 * usage: oracle CHILD FIRST COUNT
 *
 * Case number N is the same in each run. What differs is reduced and printed. The last line is "N passed, N failed";
 * exit status 0 when none failed. Hosts without 32-bit programs: a word, and status 0. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/flags.h"
#include "cpu/simd/simd.h"
#include "cpu/x87/x87_priv.h"
#include "tests/oracle/generate.h"
#include "translate/translate.h"

#define ENGINES_MAX 4
#define FAILED_MAX  10

/* Operands over the end of 4 GiB: processors wrap, or call it the segment's end. (SDM vol. 3A, 5.3) */
static bool at_the_end(const struct oracle_result *host, const struct oracle_result *ours)
{
    return ours->end.has_address &&
           (ours->end.address < 0x200 || ours->end.address >= 0xfffffe00u) &&
           !host->end.has_address && (host->end.signal == SIGSEGV || host->end.signal == SIGBUS);
}

/* Which of several operands faults first, and whether those before it are stored, is the processor's choice. Intel's store
 * FBSTP's ten bytes apart. */
static bool many_operands(const struct insn *insn)
{
    return (insn->opcode == 0xdf && insn->has_mem && (insn->modrm >> 3 & 7) == 6) ||
           insn->op == I_CMPS || insn->op == I_ENTER || insn->op == I_PUSHA;
}

/* MASKMOVQ and MASKMOVDQU: which of their bytes faults first. */
static bool bytes_apart(const struct insn *insn)
{
    return insn_rows[insn->row].opcode >> 8 == 1 && insn->opcode == 0xf7;
}

/* MMX instructions that fault: some processors have made the x87's registers theirs before. */
static bool takes_over(const struct insn *insn)
{
    return insn->simd && (simd_rows[insn->simd].traits & SIMD_X87);
}

/* FCOMI and kin, whose C1 is one thing on AMD's and another on Intel's. */
static bool leaves_c1(const struct insn *insn)
{
    return (insn->opcode == 0xdb || insn->opcode == 0xdf) && insn->modrm >= 0xe8 &&
           insn->modrm <= 0xf7;
}

/* An x87 store that an unmasked exception stops: Intel's processors do not look at the operand, AMD's do. */
static bool is_stopped_store(const struct insn *insn, const struct oracle_result *host,
                             const struct oracle_result *ours)
{
    return (insn->opcode & 0xf8) == 0xd8 && insn->has_mem && host->end.signal == SIGSEGV &&
           ours->end.signal == SIGTRAP && (ours->regs.sw & X87_ES) && !(host->regs.sw & X87_ES);
}

/* The first thing that differs, NULL: nothing. */
static const char *difference(const struct insn *insn, const struct oracle_result *a,
                              const struct oracle_result *b)
{
    static const char *const names[] = {"EAX", "ECX", "EDX", "EBX", "ESP", "EBP", "ESI", "EDI"};
    u32 flags = (FL_ARITH | FL_DF | FL_TF | FL_IF | FL_IOPL | FL_NT | FL_AC | FL_ID) &
                ~insn_rows[insn->row].undefined;
    bool taken = takes_over(insn) && a->end.signal != SIGTRAP;

    if (at_the_end(a, b) || is_stopped_store(insn, a, b) ||
        (many_operands(insn) && a->end.signal != SIGTRAP && b->end.signal != SIGTRAP))
        return NULL;
    if (a->end.signal != b->end.signal)
        return "signal";
    if (a->end.has_address != b->end.has_address ||
        (a->end.address != b->end.address && !bytes_apart(insn)))
        return "fault address";
    if (a->regs.eip != b->regs.eip)
        return "EIP";
    for (unsigned i = 0; i < 8; i++)
        if (a->regs.r[i] != b->regs.r[i])
            return names[i];
    if (insn->op == I_SCAS && a->end.signal != SIGTRAP)
        flags &= ~FL_ARITH; /* those of the elements before the fault, on AMD's */
    if ((a->regs.eflags ^ b->regs.eflags) & flags)
        return "EFLAGS";
    if (a->regs.cw != b->regs.cw)
        return "x87 control word";
    if ((a->regs.sw ^ b->regs.sw) & (leaves_c1(insn) ? ~0x200u : ~0u) && !taken)
        return "x87 status word";
    if (a->regs.tag != b->regs.tag && !taken)
        return "x87 tags";
    for (unsigned i = 0; i < 8 && !taken; i++)
        if (a->regs.st[i].frac != b->regs.st[i].frac || a->regs.st[i].se != b->regs.st[i].se)
            return "x87 registers";
    if (a->regs.mxcsr != b->regs.mxcsr)
        return "MXCSR";
    if (memcmp(a->regs.xmm, b->regs.xmm, sizeof(a->regs.xmm)))
        return "XMM registers";
    return memcmp(a->data, b->data, DATA_BYTES) ? "memory" : NULL;
}

static void run_native(struct native *host, struct oracle_case *c, struct oracle_result *want)
{
    c->regs.eflags = (c->regs.eflags & ~FL_ID) | native_flags(host);
    native_run(host, c, want);
}

static const char *try_case(struct native *host, struct emulated *guest, const struct insn *insn,
                            struct oracle_case *c, struct oracle_result *want,
                            struct oracle_result *got)
{
    run_native(host, c, want);
    emulated_run(guest, c, got);
    return difference(insn, want, got);
}

/* Makes pieces of the state zero while the same thing differs. */
static void reduce(struct native *host, struct emulated *guest, const struct insn *insn,
                   struct oracle_case *c, const char *what)
{
    static struct oracle_case less;
    static struct oracle_result want, got;
    struct {
        void *at;
        size_t bytes;
    } pieces[8 + 8 + 8 + DATA_BYTES / 64];
    unsigned n = 0;

    for (unsigned i = 0; i < 8; i++) {
        pieces[n].at = &c->regs.r[i];
        pieces[n++].bytes = 4;
        pieces[n].at = &c->regs.st[i];
        pieces[n++].bytes = sizeof(c->regs.st[i]);
        pieces[n].at = &c->regs.xmm[i];
        pieces[n++].bytes = 16;
    }
    for (unsigned i = 0; i < DATA_BYTES; i += 64) {
        pieces[n].at = c->data + i;
        pieces[n++].bytes = 64;
    }
    for (unsigned i = 0; i < n; i++) {
        less = *c;
        memset(pieces[i].at, 0, pieces[i].bytes);
        if (try_case(host, guest, insn, c, &want, &got) != what)
            *c = less;
    }
}

static void print_regs(const char *name, const struct oracle_regs *s)
{
    printf("%-7s EAX %08x ECX %08x EDX %08x EBX %08x ESP %08x EBP %08x ESI %08x EDI %08x\n", name,
           s->r[0], s->r[1], s->r[2], s->r[3], s->r[4], s->r[5], s->r[6], s->r[7]);
    printf("        EIP %08x EFLAGS %08x CW %04x SW %04x tags %02x MXCSR %04x\n", s->eip, s->eflags,
           s->cw, s->sw, s->tag, s->mxcsr);
}

static void print_difference(const struct oracle_case *c, const struct oracle_result *want,
                             const struct oracle_result *got)
{
    print_regs("before", &c->regs);
    print_regs("host", &want->regs);
    print_regs("ours", &got->regs);
    printf("        host: signal %d address %08x; ours: %d %08x\n", want->end.signal,
           want->end.address, got->end.signal, got->end.address);
    for (unsigned i = 0; i < 8; i++) {
        if (want->regs.st[i].frac != got->regs.st[i].frac ||
            want->regs.st[i].se != got->regs.st[i].se)
            printf("        ST%u %04x:%016llx, host %04x:%016llx, ours %04x:%016llx\n", i,
                   c->regs.st[i].se, (unsigned long long)c->regs.st[i].frac, want->regs.st[i].se,
                   (unsigned long long)want->regs.st[i].frac, got->regs.st[i].se,
                   (unsigned long long)got->regs.st[i].frac);
        if (memcmp(want->regs.xmm[i], got->regs.xmm[i], 16))
            printf(
                "        XMM%u %016llx%016llx, host %016llx%016llx, ours %016llx%016llx\n", i,
                (unsigned long long)c->regs.xmm[i][1], (unsigned long long)c->regs.xmm[i][0],
                (unsigned long long)want->regs.xmm[i][1], (unsigned long long)want->regs.xmm[i][0],
                (unsigned long long)got->regs.xmm[i][1], (unsigned long long)got->regs.xmm[i][0]);
    }
    for (unsigned i = 0; i < DATA_BYTES; i++)
        if (want->data[i] != got->data[i])
            printf("        %08x: %02x, host %02x, ours %02x\n", DATA + i, c->data[i],
                   want->data[i], got->data[i]);
}

static void report(u64 number, const char *engine, struct native *host, struct emulated *guest,
                   const struct insn *insn, struct oracle_case *c, const char *what)
{
    static struct oracle_result want, got;
    char text[128];

    reduce(host, guest, insn, c, what);
    try_case(host, guest, insn, c, &want, &got);
    printf("FAIL oracle: case %llu on %s: %s\n       ", (unsigned long long)number, engine, what);
    for (unsigned i = 0; i < c->len; i++)
        printf(" %02x", c->code[i]);
    printf("  %s\n", insn_format(insn, CODE_AT, text, sizeof(text)));
    print_difference(c, &want, &got);
}

int main(int argc, char **argv)
{
    static struct oracle_case c;
    static struct oracle_result want, got;
    struct emulated *guest[ENGINES_MAX];
    const char *const *engines = translator_engines();
    unsigned engine_count = 0;
    u64 first, count, passed = 0, failed = 0;
    struct native *host;
    const char *why;

    if (argc != 4) {
        fprintf(stderr, "usage: oracle CHILD FIRST COUNT\n");
        return 2;
    }
    first = strtoull(argv[2], NULL, 0);
    count = strtoull(argv[3], NULL, 0);
    host = native_open(argv[1], &why);
    if (!host) {
        printf("skipped: %s\n0 passed, 0 failed\n", why);
        return 0;
    }
    while (engines[engine_count] && engine_count < ENGINES_MAX) {
        guest[engine_count] = emulated_open(engines[engine_count]);
        engine_count++;
    }
    for (u64 n = first; n < first + count && failed < FAILED_MAX; n++) {
        struct insn insn;
        bool good = true;

        oracle_make_case(n, &c, &insn);
        run_native(host, &c, &want);
        for (unsigned i = 0; i < engine_count && good; i++) {
            const char *what;

            emulated_run(guest[i], &c, &got);
            what = difference(&insn, &want, &got);
            good = what == NULL;
            if (what)
                report(n, engines[i], host, guest[i], &insn, &c, what);
        }
        passed += good;
        failed += !good;
    }
    for (unsigned i = 0; i < engine_count; i++)
        emulated_close(guest[i]);
    native_close(host);
    printf("%llu passed, %llu failed\n", (unsigned long long)passed, (unsigned long long)failed);
    return failed != 0;
}
