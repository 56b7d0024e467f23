/* Lockstep: runs two machines in slices, compares them after each, and finds where they part.
 *
 * Where a run is cut matters to what is being debugged: a block that does not fit before a cut is
 * executed instruction by instruction. So a second run to a point uses the cuts of the first, and a
 * difference that goes away under finer cuts is reported as the shortest stretch that shows it. */
#include "boot/lockstep.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "boot/lockstep_pair.h"

#define PIECES         128u /* a stretch with a difference in it is searched in so many pieces */
#define LEGS_MAX       12u  /* 64 bits of instructions need 10 */
#define LISTED_INSNS   24u
#define PROGRESS_EVERY 100u

struct leg {
    u64 step, count;
};

struct lockstep {
    struct lockstep_config config;
    struct tape tape;
    struct pair pair;
    bool open;   /* pair is there */
    bool quit;   /* the user ended the run */
    bool differ; /* in the slice that starts at `good` */
    u64 good, slice_len;
    u64 checks;
    /* The way to the last point known good: pieces of these lengths after the whole slices. */
    struct leg leg[LEGS_MAX];
    unsigned legs;
};

struct lockstep *lockstep_new(const struct lockstep_config *config, char *err, size_t err_len)
{
    struct lockstep *ls = calloc(1, sizeof(*ls));

    if (!ls) {
        snprintf(err, err_len, "the host has no memory for two machines");
        return NULL;
    }
    ls->config = *config;
    if (!ls->config.slice)
        ls->config.slice = LOCKSTEP_SLICE;
    if (pair_open(&ls->pair, &ls->config, &ls->tape, true, err, err_len) < 0) {
        free(ls);
        return NULL;
    }
    ls->open = true;
    return ls;
}

void lockstep_free(struct lockstep *ls)
{
    if (!ls)
        return;
    if (ls->open)
        pair_close(&ls->pair);
    tape_free(&ls->tape);
    free(ls);
}

void lockstep_quit(struct lockstep *ls)
{
    ls->quit = true;
    pc_quit(ls->pair.side[0].pc, 0);
}

void lockstep_release(struct lockstep *ls)
{
    for (unsigned i = 0; i < 2; i++)
        side_release(&ls->pair.side[i]);
}

static void progress(const struct lockstep *ls)
{
    if (ls->config.pc.log && ls->checks % PROGRESS_EVERY == 0)
        log_printf(ls->config.pc.log, LOG_dev, "lockstep: %" PRIu64 " instructions, alike\n",
                   ls->pair.at);
}

/* One slice and its comparison. False: they differ. */
static bool run_slice(struct lockstep *ls, u64 insns)
{
    ls->good = ls->pair.at;
    ls->slice_len = insns;
    pair_run(&ls->pair, insns);
    if (ls->quit)
        return true;
    ls->checks++;
    ls->differ = !pair_checkpoint(&ls->pair);
    return !ls->differ;
}

bool lockstep_run(struct lockstep *ls)
{
    const struct side *side = ls->pair.side;

    if (!run_slice(ls, 0)) /* what the loader and the reset hook made */
        return false;
    while (!ls->quit && !side[0].ended && (!ls->config.limit || ls->pair.at < ls->config.limit)) {
        u64 insns = ls->config.slice;

        if (ls->config.limit && ls->config.limit - ls->pair.at < insns)
            insns = ls->config.limit - ls->pair.at;
        if (!run_slice(ls, insns))
            return false;
        progress(ls);
    }
    return true;
}

/* Two new machines, at the last point known good. */
static int rerun(struct lockstep *ls, char *err, size_t err_len)
{
    int rc;

    if (ls->open)
        pair_close(&ls->pair);
    ls->open = false;
    rc = pair_open(&ls->pair, &ls->config, &ls->tape, false, err, err_len);
    if (rc < 0)
        return rc;
    ls->open = true;
    pair_run(&ls->pair, 0);
    if (ls->good || ls->slice_len)
        pair_checkpoint(&ls->pair);
    while (ls->pair.at < ls->good) {
        pair_run(&ls->pair, ls->config.slice);
        pair_checkpoint(&ls->pair);
    }
    for (unsigned i = 0; i < ls->legs; i++)
        for (u64 n = 0; n < ls->leg[i].count; n++)
            pair_run(&ls->pair, ls->leg[i].step);
    return 0;
}

/* Searches the `*len` instructions from the last good point in pieces of `step`. Found (1): that point
 * is now the piece's start, *len its length, and the machines are behind it. 0: no piece shows a
 * difference. */
static int search_pieces(struct lockstep *ls, u64 *len, u64 step, struct lockstep_before *before,
                         char *err, size_t err_len)
{
    int rc = rerun(ls, err, err_len);

    for (u64 done = 0; rc == 0 && done < *len; done += step) {
        u64 n = *len - done < step ? *len - done : step;

        if (n == 1)
            report_before(before, &ls->pair);
        pair_run(&ls->pair, n);
        if (pair_alike(&ls->pair))
            continue;
        ls->leg[ls->legs++] = (struct leg){step, done / step};
        *len = n;
        return 1;
    }
    return rc;
}

/* The shortest run from the last good point, in one go, that ends in a difference. */
static int search_length(struct lockstep *ls, u64 *len, char *err, size_t err_len)
{
    u64 alike = 0;

    while (*len - alike > 1) {
        u64 middle = alike + (*len - alike) / 2;
        int rc = rerun(ls, err, err_len);

        if (rc < 0)
            return rc;
        pair_run(&ls->pair, middle);
        if (pair_alike(&ls->pair))
            alike = middle;
        else
            *len = middle;
    }
    return 0;
}

/* The instructions of the stretch, the last ones of a long one, by stepping the first machine. */
static void list_insns(struct lockstep *ls, u64 len, FILE *out)
{
    struct side *side = &ls->pair.side[0];
    char text[200];

    for (u64 i = 0; i < len && !side->ended; i++) {
        if (len - i <= LISTED_INSNS) {
            insn_at(pc_cpu(side->pc), text);
            fprintf(out, "  %" PRIu64 "  %s\n", ls->pair.at + i, text);
        }
        side->ended = pc_run_insns(side->pc, 1, &side->status);
    }
}

/* A difference that stepping hides: in how the engine runs several instructions at once. */
static int explain_stretch(struct lockstep *ls, u64 len, FILE *out, char *err, size_t err_len)
{
    u64 start;
    int rc = rerun(ls, err, err_len);

    if (rc < 0)
        return rc;
    start = ls->pair.at;
    fprintf(out,
            "The machines differ after instruction %" PRIu64 " when the %" PRIu64
            " before it are run in one go,\nand not when they are run in smaller pieces.\n"
            "State before these:\n",
            start + len, len);
    cpu_dump(pc_cpu(ls->pair.side[0].pc), out);
    fprintf(out, "Instructions%s:\n", len > LISTED_INSNS ? ", the last ones" : "");
    list_insns(ls, len, out);
    rc = rerun(ls, err, err_len);
    if (rc < 0)
        return rc;
    pair_run(&ls->pair, len);
    if (pair_alike(&ls->pair))
        fputs("This time they do not differ: a machine depends on something outside itself.\n",
              out);
    else
        report_difference(&ls->pair, out);
    return 0;
}

static void explain_insn(struct lockstep *ls, const struct lockstep_before *before, FILE *out)
{
    fprintf(out,
            "The machines are alike up to instruction %" PRIu64 " and differ after the next one:\n"
            "  %s\n",
            ls->pair.at - 1, before->insn);
    for (unsigned i = 0; i < 2; i++) {
        const struct stats *stats = pc_cpu(ls->pair.side[i].pc)->stats;

        if (stats->irq != before->irq[i])
            fprintf(out, "In %s an interrupt was delivered instead.\n", ls->config.engine[i]);
        if (stats->excp != before->excp[i])
            fprintf(out, "In %s it raised an exception.\n", ls->config.engine[i]);
    }
    fprintf(out, "State before:\n%s", before->state);
    report_difference(&ls->pair, out);
}

int lockstep_explain(struct lockstep *ls, FILE *out, char *err, size_t err_len)
{
    struct lockstep_before before = {0};
    u64 len = ls->slice_len, step = 0;
    int rc;

    if (!ls->differ)
        return 0;
    ls->legs = 0;
    fprintf(out, "pagewalk: %s and %s differ, in the %" PRIu64 " instructions after %" PRIu64 "\n",
            ls->config.engine[0], ls->config.engine[1], len, ls->good);
    fflush(out);
    if (!len) {
        rc = rerun(ls, err, err_len);
        if (rc == 0)
            report_difference(&ls->pair, out);
        return rc;
    }
    do {
        step = (len + PIECES - 1) / PIECES;
        rc = search_pieces(ls, &len, step, &before, err, err_len);
    } while (rc == 1 && len > 1);
    if (rc == 1) {
        explain_insn(ls, &before, out);
        rc = 0;
    } else if (rc == 0) {
        rc = search_length(ls, &len, err, err_len);
        if (rc == 0)
            rc = explain_stretch(ls, len, out, err, err_len);
    }
    report_before_free(&before);
    return rc;
}

void lockstep_summary(const struct lockstep *ls, FILE *out)
{
    const struct side *side = &ls->pair.side[0];

    fprintf(out,
            "pagewalk: %s and %s are alike after %" PRIu64 " instructions (%" PRIu64
            " comparisons)",
            ls->config.engine[0], ls->config.engine[1],
            ls->quit ? ls->good : cpu_insns(pc_cpu(side->pc)), ls->checks);
    if (side->ended && !ls->quit)
        fprintf(out, "; the machines ended with status %d", side->status);
    fputc('\n', out);
}

void lockstep_stats(const struct lockstep *ls, FILE *out)
{
    for (unsigned i = 0; i < 2 && ls->open; i++) {
        const struct cpu *cpu = pc_cpu(ls->pair.side[i].pc);

        fprintf(out, "pagewalk: %s: %" PRIu64 " guest instructions\n", ls->config.engine[i],
                cpu_insns(cpu));
        stats_print(cpu->stats, out);
    }
}
