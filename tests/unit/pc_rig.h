/* Hand-assembled guests on the whole machine: what they print and how they end. */
#ifndef PAGEWALK_TESTS_PC_RIG_H
#define PAGEWALK_TESTS_PC_RIG_H

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cpu/seg.h"
#include "devices/board/pc.h"

#define CODE        0x1000u /* where guests start, CS = 0 */
#define ISR         0x1100u
#define EXIT_IOBASE 0x501

/* A guest: real-mode code at CODE, and perhaps an interrupt handler at ISR. */
struct guest {
    const char *code, *isr;
    unsigned code_len, isr_len;
};
#define BYTES(s)     .code = s, .code_len = sizeof(s) - 1
#define BYTES_ISR(s) .isr = s, .isr_len = sizeof(s) - 1

/* mov al,N; mov dx,0x501; out dx,al; jmp $ */
#define G_EXIT(n) "\xb0" n "\xba\x01\x05\xee\xeb\xfe"

/* A machine with what it prints caught in temporary files. */
struct machine {
    struct pc *pc;
    FILE *debug, *digest;
    const struct guest *first, *later; /* later: after the first reset */
    unsigned resets;
    int status;
    u64 insns, ns;
    char said[256], digests[8192];
};

static inline void load(struct pc *pc, void *opaque)
{
    struct machine *m = opaque;
    const struct guest *g = m->resets++ ? m->later : m->first;

    phys_poke(pc_phys(pc), CODE, g->code, g->code_len);
    if (g->isr)
        phys_poke(pc_phys(pc), ISR, g->isr, g->isr_len);
    seg_set_real(pc_cpu(pc), SREG_CS, 0);
    pc_cpu(pc)->eip = CODE;
    cpu_update_mode(pc_cpu(pc));
}

static inline struct pc_config config_default(void)
{
    return (struct pc_config){
        .ram_size = 2 * MIB,
        .clock = CLOCK_INSN,
        .debugcon_iobase = 0xe9,
        .debug_exit = true,
        .debug_exit_iobase = EXIT_IOBASE,
        .debug_exit_iosize = 2,
        .no_reboot = true,
    };
}

static inline u64 now(struct pc *pc)
{
    return pc_cpu(pc)->hooks.read_tsc(pc_cpu(pc)->hooks.opaque);
}

static inline void caught(FILE *f, char *text, size_t len)
{
    rewind(f);
    text[fread(text, 1, len - 1, f)] = '\0';
    fclose(f);
}

static inline void machine_new(struct machine *m, struct pc_config config,
                               const struct guest *guest)
{
    char err[200] = "";

    memset(m, 0, sizeof(*m));
    m->debug = config.debugcon = tmpfile();
    m->digest = config.digest_out = tmpfile();
    m->first = m->later = guest;
    m->pc = pc_new(&config, err, sizeof(err));
    ck_assert_msg(m->pc != NULL, "%s", err);
    pc_on_reset(m->pc, load, m);
}

static inline void machine_end(struct machine *m)
{
    m->insns = cpu_insns(pc_cpu(m->pc));
    m->ns = now(m->pc);
    pc_free(m->pc);
    caught(m->debug, m->said, sizeof(m->said));
    caught(m->digest, m->digests, sizeof(m->digests));
}

static inline void run(struct machine *m, struct pc_config config, const struct guest *guest)
{
    machine_new(m, config, guest);
    m->status = pc_run(m->pc);
    machine_end(m);
}

#endif
