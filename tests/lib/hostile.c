/* Random code with random hooks, in the public library: nothing may crash, and engines must agree on what hooks see and on what is
 * left.
 *
 * usage: hostile FIRST COUNT */
#include <pagewalk.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE   4096u
#define PAGES  4u
#define BASE   0x10000u
#define BUDGET 3000u

struct random {
    uint64_t state;
};

static uint32_t next(struct random *r)
{
    r->state = r->state * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(r->state >> 33);
}

/* One run: what hooks saw and what is left, as one number. Only what all engines must agree on. */
struct run {
    struct random random; /* of what hooks do */
    uint64_t sum;
    unsigned events;
    bool stubborn; /* memory that is missing is mapped */
};

static void add(struct run *run, uint64_t value)
{
    run->sum = (run->sum ^ value) * 0x100000001b3ull;
    run->sum ^= run->sum >> 29;
}

static bool see(struct pagewalk *pw, struct pagewalk_event *event, void *user)
{
    struct run *run = user;
    uint64_t value = 0;

    run->events++;
    add(run, event->kind);
    add(run, event->address);
    add(run, event->value);
    add(run, event->vector);
    pagewalk_reg_read(pw, PAGEWALK_REG_EIP, &value);
    add(run, value);
    if (event->kind == PAGEWALK_HOOK_INSN) {
        pagewalk_reg_read(pw, PAGEWALK_REG_EAX, &value);
        add(run, value);
        switch (next(&run->random) % 64) {
        case 0: pagewalk_reg_write(pw, PAGEWALK_REG_ECX, next(&run->random) % 9); break;
        case 1: pagewalk_reg_write(pw, PAGEWALK_REG_EIP, BASE + next(&run->random) % PAGE); break;
        case 2: pagewalk_write(pw, BASE + next(&run->random) % PAGE, &run->sum, 4); break;
        case 3: pagewalk_reg_write(pw, PAGEWALK_REG_FS_BASE, next(&run->random)); break;
        case 4:
            pagewalk_protect(pw, BASE + next(&run->random) % PAGES * PAGE, PAGE,
                             next(&run->random) % 8);
            break;
        case 5: pagewalk_interrupt(pw, (uint8_t)next(&run->random)); break;
        }
    }
    if (event->kind == PAGEWALK_HOOK_IN)
        event->value = next(&run->random);
    if (event->kind == PAGEWALK_HOOK_UNMAPPED)
        return run->stubborn && !pagewalk_map(pw, event->physical & -PAGE, PAGE, PAGEWALK_ALL);
    if (event->kind == PAGEWALK_HOOK_PROTECTED)
        return run->stubborn && !pagewalk_protect(pw, event->physical & -PAGE, PAGE, PAGEWALK_ALL);
    return next(&run->random) % 2;
}

/* Code that has some chance of going on: whole instructions of a few kinds among random bytes. */
static void make_code(struct random *r, uint8_t *code, unsigned size)
{
    static const uint8_t kind[][3] = {{0x8b, 0x03}, {0x89, 0x07}, {0x50},       {0x58},
                                      {0x40},       {0xa4},       {0xf3, 0xab}, {0xcd, 0x80},
                                      {0xe4, 0x60}, {0x75, 0xf0}, {0xeb, 0x05}, {0x0f, 0x6f, 0x03},
                                      {0xd9, 0x03}, {0xff, 0x33}};

    for (unsigned i = 0; i < size;) {
        if (next(r) % 3 == 0 || i + 3 > size) {
            code[i++] = (uint8_t)next(r);
        } else {
            memcpy(code + i, kind[next(r) % (sizeof(kind) / sizeof(kind[0]))], 3);
            i += 1 + next(r) % 3;
        }
    }
}

static bool run(uint64_t seed, const char *engine, struct run *run)
{
    struct pagewalk_options options = {.size = sizeof(options), .engine = engine};
    struct random r = {seed * 2654435761u + 1};
    static const enum pagewalk_mode modes[] = {PAGEWALK_MODE_32, PAGEWALK_MODE_32,
                                               PAGEWALK_MODE_16};
    static uint8_t page[PAGES * PAGE];
    struct pagewalk *pw;
    unsigned kinds;

    *run = (struct run){.random = {seed}, .stubborn = next(&r) % 2};
    if (pagewalk_open(modes[next(&r) % 3], &options, &pw))
        return false;
    pagewalk_map(pw, BASE, sizeof(page), PAGEWALK_ALL);
    make_code(&r, page, sizeof(page));
    pagewalk_write(pw, BASE, page, sizeof(page));
    for (unsigned reg = PAGEWALK_REG_EAX; reg <= PAGEWALK_REG_EDI; reg++)
        pagewalk_reg_write(pw, (enum pagewalk_reg)reg, BASE + next(&r) % sizeof(page));
    pagewalk_reg_write(pw, PAGEWALK_REG_CS_BASE, BASE);
    if (next(&r) % 4 == 0) /* whatever the processor's state can be */
        for (unsigned i = 0; i < 8; i++)
            pagewalk_reg_write(pw, (enum pagewalk_reg)(next(&r) % PAGEWALK_REGS),
                               next(&r) >> next(&r) % 32);
    kinds = next(&r) % (2 * PAGEWALK_HOOK_SYSCALL) & ~(unsigned)PAGEWALK_HOOK_BLOCK;
    if (kinds)
        pagewalk_hook_add(pw, kinds, 1, 0, see, run, NULL);
    for (unsigned i = 0; i < 3; i++) {
        uint64_t value;
        int error =
            pagewalk_run(pw, next(&r) % PAGE,
                         next(&r) % 2 ? BASE + next(&r) % PAGE : PAGEWALK_NOWHERE, 0, BUDGET);

        add(run, (uint64_t)error);
        add(run, pagewalk_end(pw));
        add(run, pagewalk_instructions(pw));
        for (unsigned reg = 0; reg < PAGEWALK_REG_MXCSR; reg++)
            if (!pagewalk_reg_read(pw, (enum pagewalk_reg)reg, &value))
                add(run, value);
    }
    for (unsigned i = 0; i < PAGES; i++)
        if (!pagewalk_read(pw, BASE + i * PAGE, page, PAGE))
            for (unsigned j = 0; j < PAGE; j++)
                add(run, page[j]);
    pagewalk_close(pw);
    return true;
}

int main(int argc, char **argv)
{
    uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 0) : 0;
    uint64_t count = argc > 2 ? strtoull(argv[2], NULL, 0) : 100;
    unsigned passed = 0, failed = 0;
    unsigned long long events = 0;

    for (uint64_t seed = first; seed < first + count; seed++) {
        struct run interp, native;

        if (!run(seed, "interp", &interp) || !run(seed, "x64", &native)) {
            printf("FAIL hostile: %llu: no handle\n", (unsigned long long)seed);
            failed++;
        } else if (interp.sum != native.sum || interp.events != native.events) {
            printf("FAIL hostile: %llu: engines differ, after %u and %u events\n",
                   (unsigned long long)seed, interp.events, native.events);
            failed++;
        } else {
            passed++;
        }
        events += interp.events;
    }
    printf("%llu events\n%u passed, %u failed\n", events, passed, failed);
    return failed != 0;
}
