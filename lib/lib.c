/* The library's handles: opening, closing, errors. */
#include "lib/lib.h"

#include <errno.h>
#include <stdlib.h>

#include "cpu/seg.h"
#include "cpu/sys.h"
#include "cpu/x87/x87.h"

#define CODE_BUFFER (8 * MIB)

PUBLIC const char *pagewalk_strerror(int error)
{
    static const char *const text[PAGEWALK_ERRORS] = {
        [PAGEWALK_OK] = "No error",
        [PAGEWALK_ERR_MEMORY] = "The host has no memory left",
        [PAGEWALK_ERR_ARGUMENT] = "Impossible argument",
        [PAGEWALK_ERR_MODEL] = "No such processor model or feature",
        [PAGEWALK_ERR_ENGINE] = "No such engine",
        [PAGEWALK_ERR_MAP] = "Not whole pages, mapped already, or not mapped",
        [PAGEWALK_ERR_REGISTER] = "No such register, or not with that value",
        [PAGEWALK_ERR_BUSY] = "Not possible within a hook, or within this one",
        [PAGEWALK_ERR_STACK] = "The thread has too little stack",
        [PAGEWALK_ERR_STATE] = "No saved state for this handle",
        [PAGEWALK_ERR_SIZE] = "The buffer is too small",
        [PAGEWALK_ERR_READ_UNMAPPED] = "Read where nothing is mapped",
        [PAGEWALK_ERR_WRITE_UNMAPPED] = "Write where nothing is mapped",
        [PAGEWALK_ERR_FETCH_UNMAPPED] = "Code where nothing is mapped",
        [PAGEWALK_ERR_READ_PROTECTED] = "Read of memory without that right",
        [PAGEWALK_ERR_WRITE_PROTECTED] = "Write to memory without that right",
        [PAGEWALK_ERR_FETCH_PROTECTED] = "Code in memory without that right",
        [PAGEWALK_ERR_EXCEPTION] = "Exception or interrupt that nobody takes",
        [PAGEWALK_ERR_SHUTDOWN] = "Triple fault",
    };

    return error >= 0 && error < PAGEWALK_ERRORS ? text[error] : "Unknown error";
}

PUBLIC const char *pagewalk_version(void)
{
    return "1.0";
}

bool lib_grow(void **list, unsigned count, unsigned *capacity, size_t each)
{
    unsigned wanted = *capacity ? *capacity * 2 : 16;
    void *more;

    if (count < *capacity)
        return true;
    more = realloc(*list, wanted * each);
    if (!more)
        return false;
    *list = more;
    *capacity = wanted;
    return true;
}

static void no_ferr(void *opaque, bool on)
{
    (void)opaque;
    (void)on;
}

/* Time is instructions, so that runs are the same. */
static u64 read_tsc(void *opaque)
{
    const struct pagewalk *pw = opaque;

    return cpu_insns(pw->cpu);
}

static u8 take_irq(void *opaque)
{
    struct pagewalk *pw = opaque;

    cpu_set_intr(pw->cpu, false);
    return pw->irq_vector;
}

#define DATA_32  (SEG_P | SEG_S | SEG_W | SEG_ACCESSED | SEG_DB | SEG_G)
#define SEL_CODE 0x08
#define SEL_DATA 0x10

static void start_32(struct cpu *cpu)
{
    cpu->cr0 = CR0_PE | CR0_MP | CR0_ET | CR0_NE;
    if (cpu_has(cpu->model, FEAT_FXSR))
        cpu->cr4 = (CR4_OSFXSR | CR4_OSXMMEXCPT) & cpu->model->cr4_mask;
    mmu_set_paging(&cpu->mmu, cpu->cr0, 0, cpu->cr4, true);
    for (unsigned s = 0; s < SREG_COUNT; s++)
        seg_set(cpu, (enum sreg)s, SEL_DATA, 0, UINT32_MAX, DATA_32);
    seg_set(cpu, SREG_CS, SEL_CODE, 0, UINT32_MAX, DATA_32 | SEG_CODE);
    cpu->gdtr.limit = cpu->idtr.limit = 0;
    cpu->ldtr = cpu->tr = (struct sysseg){0};
    cpu->x87.cw = 0x37f; /* as FNINIT does */
    cpu->x87.tag = 0xffff;
    cpu->eip = 0;
    cpu_update_mode(cpu);
}

static void start_16(struct cpu *cpu)
{
    seg_set_real(cpu, SREG_CS, 0);
    cpu->idtr.limit = 0x3ff;
    cpu->eip = 0;
}

static const struct pagewalk_options defaults = {.size = sizeof(defaults)};

static int make_cpu(struct pagewalk *pw, const struct pagewalk_options *o)
{
    struct cpu_hooks hooks = {
        .opaque = pw, .irq_ack = take_irq, .read_tsc = read_tsc, .ferr = no_ferr};
    struct translate_options options = {.engine = o->engine,
                                        .native_after = NATIVE_AFTER,
                                        .code_buffer =
                                            o->code_buffer ? o->code_buffer : CODE_BUFFER};
    char text[200];
    int err;

    if (cpu_model_parse(o->model ? o->model : CPU_MODEL_DEFAULT, &pw->model, text, sizeof(text)))
        return PAGEWALK_ERR_MODEL;
    if (options.code_buffer < CODE_BUFFER_MIN || options.code_buffer > CODE_BUFFER_MAX)
        return PAGEWALK_ERR_ARGUMENT;
    if (phys_init_bare(&pw->phys, &pw->log, &pw->stats))
        return PAGEWALK_ERR_MEMORY;
    pw->phys.strict = true;
    pw->cpu = cpu_new(&pw->phys, &pw->model, &hooks, &pw->log, &pw->stats);
    if (!pw->cpu)
        return PAGEWALK_ERR_MEMORY;
    err = translator_new(pw->cpu, &options);
    if (err == -ENOMEM &&
        !o->engine) { /* native code must lie near ours, where there may be no room */
        options.engine = "interp";
        err = translator_new(pw->cpu, &options);
    }
    return err == 0 ? PAGEWALK_OK : err == -EINVAL ? PAGEWALK_ERR_ENGINE : PAGEWALK_ERR_MEMORY;
}

PUBLIC int pagewalk_open(enum pagewalk_mode mode, const struct pagewalk_options *options,
                         struct pagewalk **handle)
{
    const struct pagewalk_options *o = options ? options : &defaults;
    struct pagewalk *pw;
    int err;

    if (!handle)
        return PAGEWALK_ERR_ARGUMENT;
    *handle = NULL;
    if (o->size != sizeof(*o) || (unsigned)mode > PAGEWALK_MODE_RESET)
        return PAGEWALK_ERR_ARGUMENT;
    pw = calloc(1, sizeof(*pw));
    if (!pw)
        return PAGEWALK_ERR_MEMORY;
    pw->log.out = stderr;
    pw->until = PAGEWALK_NOWHERE;
    err = make_cpu(pw, o);
    if (err) {
        pagewalk_close(pw);
        return err;
    }
    hook_init(pw);
    if (mode == PAGEWALK_MODE_32)
        start_32(pw->cpu);
    else if (mode == PAGEWALK_MODE_16)
        start_16(pw->cpu);
    *handle = pw;
    return PAGEWALK_OK;
}

PUBLIC void pagewalk_close(struct pagewalk *pw)
{
    if (!pw || pw->running)
        return;
    if (pw->cpu) {
        translator_free(pw->cpu);
        cpu_free(pw->cpu);
    }
    if (pw->phys.page)
        phys_free(&pw->phys);
    map_free_all(pw);
    free(pw->hook);
    free(pw);
}
