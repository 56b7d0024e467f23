/* The two machines of a lockstep run: made alike, run alike, compared.
 *
 * The machines share nothing that can change: the image of the kernel, the CPU model and the tape, which
 * only the first one writes and only a replay reads. */
#include "boot/lockstep_pair.h"

#include <errno.h>
#include <string.h>

#define PAGE_OF(pa) ((pa) >> PAGE_SHIFT)

void side_release(struct side *side)
{
    if (side->console.stream)
        fflush(side->console.stream);
    side->console.inner = NULL;
    lockstep_port_detach(&side->port);
    pc_release_ports(side->pc);
}

static void side_close(struct side *side)
{
    pc_free(side->pc);
    for (unsigned i = 0; i < PC_DRIVES; i++)
        block_close(side->drive[i]);
    for (unsigned i = 0; i < PC_FLOPPIES; i++)
        block_close(side->floppy[i]);
    lockstep_console_close(&side->console);
    lockstep_port_detach(&side->port);
    pc_digest_free(&side->digest);
    memset(side, 0, sizeof(*side));
}

/* Puts a disk of the machine's own over an image, unless there is none: 0 or -ENOMEM. */
static int side_overlay(struct block **image, struct block **own, char *err, size_t err_len)
{
    if (!*image)
        return 0;
    *own = block_overlay(*image, err, err_len);
    *image = *own;
    return *own ? 0 : -ENOMEM;
}

static int side_drives(struct side *side, struct pc_config *pc, char *err, size_t err_len)
{
    int rc = 0;

    for (unsigned i = 0; i < PC_DRIVES && rc == 0; i++)
        if (!pc->drive[i].cdrom)
            rc = side_overlay(&pc->drive[i].block, &side->drive[i], err, err_len);
    for (unsigned i = 0; i < PC_FLOPPIES && rc == 0; i++)
        rc = side_overlay(&pc->floppy[i], &side->floppy[i], err, err_len);
    return rc;
}

/* which: 0 the first, 1 the second. */
static int side_open(struct side *side, const struct lockstep_config *config, unsigned which,
                     struct tape *tape, bool live, char *err, size_t err_len)
{
    struct pc_config pc = config->pc;
    bool shown = live && which == 0;
    int rc;

    memset(side, 0, sizeof(*side));
    pc.translate.engine = config->engine[which];
    pc.clock = CLOCK_INSN;
    pc.checkpoints = (struct pc_checkpoints){0};
    pc.log = shown ? config->pc.log : NULL;
    pc.silent = !shown;
    pc.no_shutdown = false; /* a machine that stands would hold the other up */
    if (!shown) {
        pc.console = NULL;
        pc.attend = NULL;
    }
    if (pc.serial[0]) {
        lockstep_port_init(&side->port, tape, shown ? config->pc.serial[0] : NULL);
        pc.serial[0] = &side->port.chr;
    }
    if (pc.debugcon) {
        rc = lockstep_console_open(&side->console, shown ? config->pc.debugcon : NULL);
        if (rc < 0)
            goto no_memory;
        pc.debugcon = side->console.stream;
    }
    rc = pc_digest_init(&side->digest, pc.ram_size);
    if (rc < 0)
        goto no_memory;
    rc = side_drives(side, &pc, err, err_len);
    if (rc < 0) {
        side_close(side);
        return rc;
    }
    side->pc = pc_new(&pc, err, err_len);
    rc = side->pc ? 0 : -EINVAL;
    if (rc == 0 && config->setup)
        rc = config->setup(side->pc, config->opaque, err, err_len);
    if (rc < 0)
        side_close(side);
    return rc;

no_memory:
    snprintf(err, err_len, "the host has no memory for two machines");
    side_close(side);
    return rc;
}

int pair_open(struct pair *pair, const struct lockstep_config *config, struct tape *tape, bool live,
              char *err, size_t err_len)
{
    int rc;

    *pair = (struct pair){.config = config};
    rc = side_open(&pair->side[0], config, 0, tape, live, err, err_len);
    if (rc < 0)
        return rc;
    rc = side_open(&pair->side[1], config, 1, tape, live, err, err_len);
    if (rc < 0)
        side_close(&pair->side[0]);
    return rc;
}

void pair_close(struct pair *pair)
{
    for (unsigned i = 0; i < 2; i++)
        side_close(&pair->side[i]);
}

void pair_run(struct pair *pair, u64 insns)
{
    for (unsigned i = 0; i < 2; i++) {
        struct side *side = &pair->side[i];

        if (!side->ended)
            side->ended = pc_run_insns(side->pc, insns, &side->status);
    }
    if (pair->config->disturb && insns)
        pair->config->disturb(pair->side[1].pc, pair->at, pair->at + insns, pair->config->opaque);
    pair->at += insns;
}

void side_marks(struct side *side, u64 mark[MARKS])
{
    struct cpu *cpu = pc_cpu(side->pc);

    if (side->console.stream)
        fflush(side->console.stream);
    mark[MARK_INSNS] = cpu_insns(cpu);
    mark[MARK_TIME] = cpu->hooks.read_tsc(cpu->hooks.opaque);
    mark[MARK_INTR] = cpu->intr;
    mark[MARK_SERIAL_BYTES] = side->port.output.bytes;
    mark[MARK_SERIAL] = side->port.output.hash;
    mark[MARK_CONSOLE_BYTES] = side->console.output.bytes;
    mark[MARK_CONSOLE] = side->console.output.hash;
    mark[MARK_ENDED] = side->ended;
    mark[MARK_STATUS] = side->ended ? (u64)side->status : 0;
}

/* All but RAM. */
static bool states_alike(struct pair *pair)
{
    u64 a[MARKS], b[MARKS];

    side_marks(&pair->side[0], a);
    side_marks(&pair->side[1], b);
    return memcmp(a, b, sizeof(a)) == 0 &&
           cpu_digest(pc_cpu(pair->side[0].pc)) == cpu_digest(pc_cpu(pair->side[1].pc));
}

bool pair_checkpoint(struct pair *pair)
{
    for (unsigned i = 0; i < 2; i++) {
        struct side *side = &pair->side[i];

        side->ram = pc_digest_ram(&side->digest, &pc_cpu(side->pc)->mmu);
    }
    return states_alike(pair) && pair->side[0].ram == pair->side[1].ram;
}

bool pair_ram_difference(const struct pair *pair, u64 pa, u64 *where)
{
    const struct phys *a = pc_phys(pair->side[0].pc), *b = pc_phys(pair->side[1].pc);
    u64 pages = PAGE_OF(pair->config->pc.ram_size);

    for (u64 page = PAGE_OF(pa); page < pages; page++) {
        u64 base = page << PAGE_SHIFT, offset = PAGE_OF(pa) == page ? pa & PAGE_MASK & ~3ull : 0;
        u64 both = phys_page(a, base) & phys_page(b, base);
        u64 any = phys_page(a, base) | phys_page(b, base);

        if (!(both & PHYS_RAM) || !(any & PHYS_DIRTY) ||
            memcmp(phys_host(a, base), phys_host(b, base), PAGE_SIZE) == 0)
            continue;
        for (; offset < PAGE_SIZE; offset += 4) {
            if (get32(phys_host(a, base + offset)) != get32(phys_host(b, base + offset))) {
                *where = base + offset;
                return true;
            }
        }
    }
    return false;
}

bool pair_alike(struct pair *pair)
{
    u64 where;

    return states_alike(pair) && !pair_ram_difference(pair, 0, &where);
}
