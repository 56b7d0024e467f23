/* The whole machine in saved states: what kind it is, the board, the CPU, the devices of devices.def, the TLB. */
#include "devices/board/pc_state.h"

#include <stdio.h>
#include <string.h>

#include "devices/board/pc_board.h"

/* What must be the same for a state to make sense. */
struct kind {
    u64 ram;
    u32 features, signature;
    u8 isa_only, no_acpi, vga, serials, parallel, own_bios, drives, nics;
    char model[16];
};

/* Two bits a drive: 0 none, 1 hard disk, 2 CD-ROM. */
static u8 drive_kinds(const struct pc *pc)
{
    u8 kinds = 0;

    for (unsigned i = 0; i < PC_DRIVES; i++)
        kinds |= (u8)((pc->config.drive[i].cdrom ? 2 : pc->config.drive[i].block != NULL) << 2 * i);
    return kinds;
}

static struct kind kind_of(const struct pc *pc)
{
    const struct pc_config *config = &pc->config;
    const struct cpu_model *model = pc->cpu->model;
    struct kind kind = {
        .ram = config->ram_size,
        .features = model->features,
        .signature = model->family_model_stepping,
        .isa_only = config->isa_only,
        .no_acpi = config->no_acpi,
        .vga = (u8)config->vga,
        .serials = (u8)(config->serials ? config->serials : 1),
        .parallel = config->parallel != NULL,
        .own_bios = config->own_bios,
        .drives = drive_kinds(pc),
        .nics = (u8)pc->net.nics,
    };

    snprintf(kind.model, sizeof(kind.model), "%s", model->name);
    return kind;
}

static void kind_state(struct kind *kind, struct state *state)
{
    u8 *bytes[] = {&kind->isa_only, &kind->no_acpi,  &kind->vga,    &kind->serials,
                   &kind->parallel, &kind->own_bios, &kind->drives, &kind->nics};

    if (!state_begin(state, "machine"))
        return;
    state_u64(state, &kind->ram);
    state_u32(state, &kind->features);
    state_u32(state, &kind->signature);
    for (unsigned i = 0; i < ARRAY_SIZE(bytes); i++)
        state_u8(state, bytes[i]);
    state_bytes(state, kind->model, sizeof(kind->model));
    state_end(state);
    kind->model[sizeof(kind->model) - 1] = '\0';
}

/* The first difference in one line; "": there is none. */
static void compare(const struct kind *was, const struct kind *is, char *why, size_t len)
{
    if (was->ram != is->ram)
        snprintf(why, len, "it has %llu MiB of memory: give -m %llu",
                 (unsigned long long)(was->ram / MIB), (unsigned long long)(was->ram / MIB));
    else if (strcmp(was->model, is->model) != 0)
        snprintf(why, len, "it has another CPU: give -cpu %s", was->model);
    else if (was->features != is->features || was->signature != is->signature)
        snprintf(why, len, "its CPU has other features: give -cpu as it was");
    else if (was->isa_only != is->isa_only || was->no_acpi != is->no_acpi)
        snprintf(why, len, "it has another board: give -machine as it was");
    else if (was->vga != is->vga)
        snprintf(why, len, "it has %s display adapter: give -vga %s",
                 was->vga == PC_VGA_STD ? "a" : "no", was->vga == PC_VGA_STD ? "std" : "none");
    else if (was->serials != is->serials || was->parallel != is->parallel)
        snprintf(why, len,
                 "it has %u serial ports and %s parallel port: give -serial and -parallel "
                 "as they were",
                 was->serials, was->parallel ? "a" : "no");
    else if (was->own_bios != is->own_bios)
        snprintf(why, len, "it has another BIOS: give -bios as it was");
    else if (was->drives != is->drives)
        snprintf(why, len, "it has other drives: give the disks and CD-ROMs that it had");
    else if (was->nics != is->nics)
        snprintf(why, len, "it has %u network cards, and this machine %u: give -nic %s", was->nics,
                 is->nics, was->nics ? "as it was" : "none");
}

bool pc_state_fits(struct pc *pc, const void *data, size_t len, char *why, size_t why_len)
{
    struct kind is = kind_of(pc), was = is;
    struct state state;

    why[0] = '\0';
    state_init_load(&state, data, len);
    kind_state(&was, &state);
    if (!state.failed && !state.missing[0]) {
        compare(&was, &is, why, why_len);
        if (!why[0])
            pc_media_state(pc, &state, why, why_len);
    }
    if (state.failed || state.missing[0])
        snprintf(why, why_len, "it is damaged (part '%s')", state.tag);
    state_free(&state);
    return !why[0];
}

/* Time comes first: devices look at it as they are loaded. */
static void board_state(struct pc *pc, struct state *state)
{
    u64 insns = cpu_insns(pc->cpu), now = clock_now(&pc->clock);

    if (!state_begin(state, "board"))
        return;
    state_u64(state, &insns);
    state_u64(state, &now);
    state_u64(state, &pc->clock.arms);
    state_u64(state, &pc->run.poll_at);
    state_u32(state, &pc->run.halts);
    state_u64(state, &pc->run.triple_faults);
    state_u32(state, &pc->run.resets);
    state_u8(state, &pc->com_irqs);
    state_bool(state, &pc->acked_pic);
    state_bool(state, &pc->stands);
    state_bool(state, &pc->reset_wanted);
    state_bool(state, &pc->reset_by_user);
    state_bool(state, &pc->start_wanted);
    state_u8(state, &pc->panic_events);
    state_end(state);
    if (!state->loading)
        return;
    if (insns >> 62 || now >> 62)
        state_reject(state);
    if (state->failed)
        return;
    pc->cpu->insns = insns;
    clock_set(&pc->clock, now);
    /* Under CLOCK_INSN input comes where it would have come in the run that goes on. */
    if (pc->config.clock == CLOCK_HOST || pc->run.poll_at - insns > UINT32_MAX)
        pc->run.poll_at = 0;
    pc->run.digest_at =
        pc->config.checkpoints.every ? pc_checkpoint_next(&pc->config.checkpoints, insns + 1) : 0;
    pc->digest.unknown = true;
    pc->spin.since = 0; /* time may have gone back */
    pc->run.loads++;
    pc->powered = true;
}

static void devices_state(struct pc *pc, struct state *state)
{
#define KEEPS(name, object, condition)                                                             \
    if (condition)                                                                                 \
        name##_state(object, state);
#include "devices/board/devices.def"
}

void pc_state_kind(struct pc *pc, struct state *state)
{
    struct kind kind = kind_of(pc);
    char why[200] = "";

    kind_state(&kind, state);
    pc_media_state(pc, state, why, sizeof(why));
}

void pc_state_parts(struct pc *pc, struct state *state)
{
    board_state(pc, state);
    cpu_state(pc->cpu, state);
    devices_state(pc, state);
    if (state->loading) {
        /* Devices have moved their lines meanwhile: what has seen that becomes again what it was. */
        pic_state(&pc->pic, state);
        pc_apic_state(pc, state);
        cpu_state(pc->cpu, state);
    }
    phys_state(&pc->phys, state);
    mmu_state(&pc->cpu->mmu, state);
}

void pc_state(struct pc *pc, struct state *state)
{
    pc_state_kind(pc, state);
    pc_state_parts(pc, state);
    if (state->loading)
        pc_net_drop(pc);
}
