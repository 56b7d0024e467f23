/* What the programs that test the public library share: a handle with code, data and a stack, hooks that note. */
#ifndef TEST_LIB_BENCH_H
#define TEST_LIB_BENCH_H

#include <pagewalk.h>
#include <stdio.h>

static _Atomic unsigned passed, failed;

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (condition) {                                                                           \
            passed++;                                                                              \
        } else {                                                                                   \
            failed++;                                                                              \
            printf("FAIL %s:%d (%s): %s\n", __FILE__, __LINE__, engine ? engine : "default",       \
                   #condition);                                                                    \
        }                                                                                          \
    } while (0)

#define CODE  0x10000u
#define DATA  0x20000u
#define STACK 0x30000u
#define PAGE  4096u

static const char *engine; /* of the handles that start() makes */

static inline struct pagewalk *open_mode(enum pagewalk_mode mode)
{
    struct pagewalk_options options = {.size = sizeof(options), .engine = engine};
    struct pagewalk *pw = NULL;

    CHECK(pagewalk_open(mode, &options, &pw) == PAGEWALK_OK);
    return pw;
}

/* A handle with code, a page of data and a stack. */
static inline struct pagewalk *start(const void *code, size_t size)
{
    struct pagewalk *pw = open_mode(PAGEWALK_MODE_32);

    CHECK(!pagewalk_map(pw, CODE, PAGE, PAGEWALK_READ | PAGEWALK_EXEC));
    CHECK(!pagewalk_map(pw, DATA, PAGE, PAGEWALK_READ | PAGEWALK_WRITE));
    CHECK(!pagewalk_map(pw, STACK, PAGE, PAGEWALK_READ | PAGEWALK_WRITE));
    CHECK(!pagewalk_write(pw, CODE, code, size));
    CHECK(!pagewalk_reg_write(pw, PAGEWALK_REG_ESP, STACK + PAGE));
    return pw;
}
#define START(code) start(code, sizeof(code) - 1)

static inline uint32_t get(struct pagewalk *pw, enum pagewalk_reg reg)
{
    uint64_t value = 0;

    if (pagewalk_reg_read(pw, reg, &value))
        failed++;
    return (uint32_t)value;
}

static inline int run_to(struct pagewalk *pw, uint32_t end)
{
    return pagewalk_run(pw, CODE, end, 0, 0);
}

/* What hooks saw. */
struct seen {
    unsigned count;
    struct pagewalk_event event[64];
    uint32_t eip, eax;
    bool answer;
    enum pagewalk_reg reg; /* written in the hook, if write is set */
    uint64_t value;
    bool write, stop;
    unsigned stop_at;
};

static inline bool note(struct pagewalk *pw, struct pagewalk_event *event, void *user)
{
    struct seen *seen = user;

    if (seen->count < 64)
        seen->event[seen->count] = *event;
    seen->count++;
    seen->eip = get(pw, PAGEWALK_REG_EIP);
    seen->eax = get(pw, PAGEWALK_REG_EAX);
    if (seen->write && seen->count == 1)
        CHECK(!pagewalk_reg_write(pw, seen->reg, seen->value));
    if (seen->stop && seen->count > seen->stop_at)
        pagewalk_stop(pw);
    if (event->kind == PAGEWALK_HOOK_IN)
        event->value = 0x5a;
    return seen->answer;
}

static inline unsigned hook(struct pagewalk *pw, unsigned kinds, struct seen *seen)
{
    unsigned id = 0;

    CHECK(!pagewalk_hook_add(pw, kinds, 1, 0, note, seen, &id));
    return id;
}

/* mov eax, 6; imul eax, eax, 7 */
#define SIX_BY_SEVEN "\xb8\x06\x00\x00\x00\x6b\xc0\x07"
#define LOOP         "\xb9\x64\x00\x00\x00\x40\x49\x75\xfc" /* mov ecx, 100; inc eax; dec ecx; jnz -4 */
#define LOOP_END     (CODE + 9)

/* The tests by every engine; the last line counts. A program's exit status. */
static inline int lib_bench_main(void (*const tests[])(void))
{
    static const char *const engines[] = {NULL, "x64", "interp"};

    for (unsigned i = 0; i < 3; i++) {
        engine = engines[i];
        for (unsigned n = 0; tests[n]; n++)
            tests[n]();
    }
    printf("%u passed, %u failed\n", passed, failed);
    return failed != 0;
}

#endif
