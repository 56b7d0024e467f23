/* The public library, by its header alone: each function, each kind of hook, each error. */
#define _GNU_SOURCE
#include <pagewalk.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

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

static struct pagewalk *open_mode(enum pagewalk_mode mode)
{
    struct pagewalk_options options = {.size = sizeof(options), .engine = engine};
    struct pagewalk *pw = NULL;

    CHECK(pagewalk_open(mode, &options, &pw) == PAGEWALK_OK);
    return pw;
}

/* A handle with code, a page of data and a stack. */
static struct pagewalk *start(const void *code, size_t size)
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

static uint32_t get(struct pagewalk *pw, enum pagewalk_reg reg)
{
    uint64_t value = 0;

    if (pagewalk_reg_read(pw, reg, &value))
        failed++;
    return (uint32_t)value;
}

static int run_to(struct pagewalk *pw, uint32_t end)
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

static bool note(struct pagewalk *pw, struct pagewalk_event *event, void *user)
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

static unsigned hook(struct pagewalk *pw, unsigned kinds, struct seen *seen)
{
    unsigned id = 0;

    CHECK(!pagewalk_hook_add(pw, kinds, 1, 0, note, seen, &id));
    return id;
}

/* mov eax, 6; imul eax, eax, 7 */
#define SIX_BY_SEVEN "\xb8\x06\x00\x00\x00\x6b\xc0\x07"

static void test_run(void)
{
    struct pagewalk *pw = START(SIX_BY_SEVEN "\xeb\xfe"); /* jmp . */
    struct pagewalk_fault_info fault;

    CHECK(run_to(pw, CODE + 8) == PAGEWALK_OK && pagewalk_end(pw) == PAGEWALK_END_UNTIL);
    CHECK(get(pw, PAGEWALK_REG_EAX) == 42 && get(pw, PAGEWALK_REG_EIP) == CODE + 8);
    CHECK(get(pw, PAGEWALK_REG_AL) == 42 && get(pw, PAGEWALK_REG_AX) == 42);
    CHECK(pagewalk_instructions(pw) == 2);
    CHECK(!pagewalk_run(pw, PAGEWALK_HERE, PAGEWALK_NOWHERE, 0, 1000001));
    CHECK(pagewalk_end(pw) == PAGEWALK_END_COUNT && pagewalk_instructions(pw) == 1000003);
    CHECK(!pagewalk_run(pw, CODE, PAGEWALK_NOWHERE, 2000, 0));
    CHECK(pagewalk_end(pw) == PAGEWALK_END_TIME);
    for (unsigned i = 0; i < 2; i++) { /* so far off that it is no end */
        CHECK(!pagewalk_run(pw, CODE, PAGEWALK_NOWHERE, UINT64_MAX / (i ? 1000 : 1), 1000000));
        CHECK(pagewalk_end(pw) == PAGEWALK_END_COUNT);
    }
    CHECK(pagewalk_run(pw, 1ull << 32, PAGEWALK_NOWHERE, 0, 0) == PAGEWALK_ERR_ARGUMENT);
    CHECK(pagewalk_run(pw, CODE, 1ull << 32, 0, 0) == PAGEWALK_ERR_ARGUMENT);
    CHECK(pagewalk_run(pw, 0x5000, PAGEWALK_NOWHERE, 0, 0) == PAGEWALK_ERR_FETCH_UNMAPPED);
    pagewalk_fault(pw, &fault);
    CHECK(fault.address == 0x5000 && get(pw, PAGEWALK_REG_EIP) == 0x5000);
    CHECK(pagewalk_end(pw) == PAGEWALK_END_ERROR);
    CHECK(pagewalk_run(pw, DATA, PAGEWALK_NOWHERE, 0, 0) == PAGEWALK_ERR_FETCH_PROTECTED);
    CHECK(pagewalk_run(pw, 0x5000, 0x5000, 0, 0) == PAGEWALK_OK); /* nothing need be there */
    CHECK(pagewalk_end(pw) == PAGEWALK_END_UNTIL);
    pagewalk_close(pw);
}

static void test_halt(void)
{
    struct pagewalk *pw = START("\x40\xf4\x40\xf4"); /* inc eax; hlt; twice */

    CHECK(!pagewalk_run(pw, CODE, PAGEWALK_NOWHERE, 0, 0));
    CHECK(pagewalk_end(pw) == PAGEWALK_END_HALT && get(pw, PAGEWALK_REG_EIP) == CODE + 2);
    CHECK(!pagewalk_run(pw, PAGEWALK_HERE, PAGEWALK_NOWHERE, 0, 0)); /* nothing wakes it */
    CHECK(get(pw, PAGEWALK_REG_EAX) == 1);
    CHECK(!pagewalk_run(pw, CODE + 2, PAGEWALK_NOWHERE, 0, 0));
    CHECK(get(pw, PAGEWALK_REG_EAX) == 2);
    pagewalk_close(pw);
}

static void test_registers(void)
{
    struct pagewalk *pw = START("\xf4");
    uint8_t xmm[16] = "fifteen letters", back[16] = {0}, st[10];
    uint64_t value;

    for (unsigned reg = 0; reg < PAGEWALK_REGS; reg++) {
        CHECK(pagewalk_reg_size(reg) && pagewalk_reg_name(reg));
        CHECK(pagewalk_reg_find(pagewalk_reg_name(reg)) == reg);
    }
    CHECK(pagewalk_reg_find(NULL) == PAGEWALK_REGS);
    CHECK(pagewalk_reg_find("es_limit") == PAGEWALK_REG_ES_LIMIT);
    CHECK(pagewalk_reg_find("nothing") == PAGEWALK_REGS && !pagewalk_reg_name(PAGEWALK_REGS));
    CHECK(pagewalk_reg_read(pw, PAGEWALK_REGS, &value) == PAGEWALK_ERR_REGISTER);
    CHECK(!pagewalk_reg_write(pw, PAGEWALK_REG_EBX, 0x11223344));
    CHECK(!pagewalk_reg_write(pw, PAGEWALK_REG_BH, 0x55));
    CHECK(get(pw, PAGEWALK_REG_EBX) == 0x11225544 && get(pw, PAGEWALK_REG_BL) == 0x44);
    CHECK(!pagewalk_reg_write(pw, PAGEWALK_REG_ECX, (uint64_t)-1));
    CHECK(get(pw, PAGEWALK_REG_ECX) == UINT32_MAX);
    CHECK(pagewalk_reg_write(pw, PAGEWALK_REG_ECX, 1ull << 32) == PAGEWALK_ERR_REGISTER);
    CHECK(!pagewalk_reg_write_bytes(pw, PAGEWALK_REG_XMM5, xmm, 16));
    CHECK(!pagewalk_reg_read_bytes(pw, PAGEWALK_REG_XMM5, back, 16) && !memcmp(xmm, back, 16));
    CHECK(pagewalk_reg_read(pw, PAGEWALK_REG_XMM5, &value) == PAGEWALK_ERR_SIZE);
    CHECK(pagewalk_reg_read_bytes(pw, PAGEWALK_REG_XMM5, back, 8) == PAGEWALK_ERR_SIZE);
    CHECK(!pagewalk_reg_write(pw, PAGEWALK_REG_EFLAGS, 0x401)); /* DF and CF */
    CHECK(get(pw, PAGEWALK_REG_EFLAGS) == 0x403);
    CHECK(pagewalk_reg_write(pw, PAGEWALK_REG_EFLAGS, 0x80000000) == PAGEWALK_ERR_REGISTER);
    CHECK(pagewalk_reg_write(pw, PAGEWALK_REG_CR0, 0x80000000) == PAGEWALK_ERR_REGISTER);
    CHECK(pagewalk_reg_write(pw, PAGEWALK_REG_DS, 0x18) == PAGEWALK_ERR_REGISTER); /* no GDT */
    CHECK(!pagewalk_reg_write(pw, PAGEWALK_REG_FS_BASE, DATA));
    pagewalk_close(pw);

    /* fld1; fldpi; mov eax, fs:[4] */
    pw = START("\xd9\xe8\xd9\xeb\x64\xa1\x04\x00\x00\x00");
    CHECK(!pagewalk_reg_write(pw, PAGEWALK_REG_FS_BASE, DATA));
    CHECK(!pagewalk_write(pw, DATA + 4, "\x78\x56\x34\x12", 4));
    CHECK(run_to(pw, CODE + 10) == PAGEWALK_OK && get(pw, PAGEWALK_REG_EAX) == 0x12345678);
    CHECK(!pagewalk_reg_read_bytes(pw, PAGEWALK_REG_ST1, st, 10) && st[9] == 0x3f && st[8] == 0xff);
    CHECK(!pagewalk_reg_read_bytes(pw, PAGEWALK_REG_ST0, st, 10) && st[9] == 0x40 && st[7] == 0xc9);
    pagewalk_close(pw);
}

static void test_segments(void)
{
    static const uint8_t gdt[] = {0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 2, 0xf2, 0x40, 0};
    struct pagewalk *pw = START("\xf4");

    CHECK(!pagewalk_write(pw, DATA, gdt, sizeof(gdt)));
    CHECK(!pagewalk_reg_write(pw, PAGEWALK_REG_GDT, DATA));
    CHECK(!pagewalk_reg_write(pw, PAGEWALK_REG_GDT_LIMIT, 15));
    CHECK(!pagewalk_reg_write(pw, PAGEWALK_REG_ES, 8));
    CHECK(get(pw, PAGEWALK_REG_ES_BASE) == 0x20000 && get(pw, PAGEWALK_REG_ES_LIMIT) == 0xffff);
    CHECK(pagewalk_reg_write(pw, PAGEWALK_REG_ES, 16) == PAGEWALK_ERR_REGISTER);
    pagewalk_close(pw);
    pw = open_mode(PAGEWALK_MODE_16);
    CHECK(!pagewalk_map(pw, 0, 1 << 20, PAGEWALK_ALL));
    CHECK(!pagewalk_reg_write(pw, PAGEWALK_REG_DS, 0x1234));
    CHECK(get(pw, PAGEWALK_REG_DS_BASE) == 0x12340);
    CHECK(!pagewalk_write(pw, 0x1000, "\xc6\x06\x10\x00\x07\xf4", 6)); /* mov byte [16], 7; hlt */
    CHECK(!pagewalk_run(pw, 0x1000, PAGEWALK_NOWHERE, 0, 0));
    {
        uint8_t byte = 0;

        CHECK(!pagewalk_read(pw, 0x12350, &byte, 1) && byte == 7);
    }
    pagewalk_close(pw);
    pw = open_mode(PAGEWALK_MODE_RESET);
    CHECK(get(pw, PAGEWALK_REG_CS_BASE) == 0xffff0000 && get(pw, PAGEWALK_REG_EIP) == 0xfff0);
    pagewalk_close(pw);
}

static void test_map(void)
{
    struct pagewalk *pw = START("\xf4");
    struct pagewalk_map_info info;
    char text[8] = "";
    uint8_t *host =
        mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    CHECK(pagewalk_map(pw, DATA, PAGE, PAGEWALK_ALL) == PAGEWALK_ERR_MAP);
    CHECK(pagewalk_map(pw, DATA - PAGE, 2 * PAGE, PAGEWALK_ALL) == PAGEWALK_ERR_MAP);
    CHECK(pagewalk_map(pw, 0x40001, PAGE, PAGEWALK_ALL) == PAGEWALK_ERR_MAP);
    CHECK(pagewalk_map(pw, 0x40000, 100, PAGEWALK_ALL) == PAGEWALK_ERR_MAP);
    CHECK(pagewalk_map(pw, 0x40000, 0, PAGEWALK_ALL) == PAGEWALK_ERR_MAP);
    CHECK(pagewalk_map(pw, 0xfffff000, 2 * PAGE, PAGEWALK_ALL) == PAGEWALK_ERR_MAP);
    CHECK(pagewalk_map(pw, 0x40000, PAGE, 8) == PAGEWALK_ERR_ARGUMENT);
    CHECK(pagewalk_map_host(pw, 0x40000, PAGE, PAGEWALK_ALL, host + 1) == PAGEWALK_ERR_ARGUMENT);
    CHECK(!pagewalk_map_host(pw, 0x40000, 2 * PAGE, PAGEWALK_ALL, host));
    CHECK(!pagewalk_write(pw, 0x40ffe, "abcd", 4) && !memcmp(host + 0xffe, "abcd", 4));
    CHECK(!pagewalk_read(pw, 0x40ffe, text, 4) && !strcmp(text, "abcd"));
    CHECK(pagewalk_read(pw, 0x41fff, text, 2) == PAGEWALK_ERR_READ_UNMAPPED);
    CHECK(pagewalk_write(pw, 0x41fff, text, 2) == PAGEWALK_ERR_WRITE_UNMAPPED && !host[0x1fff]);
    CHECK(pagewalk_read(pw, 0xffffffff, text, 2) == PAGEWALK_ERR_READ_UNMAPPED);
    CHECK(!pagewalk_protect(pw, 0x41000, PAGE, PAGEWALK_READ));
    CHECK(!pagewalk_map_at(pw, 3, &info) && info.address == 0x40000 && info.size == PAGE);
    CHECK(!pagewalk_map_at(pw, 4, &info) && info.rights == PAGEWALK_READ && !info.io);
    CHECK(pagewalk_map_at(pw, 5, &info) == PAGEWALK_ERR_ARGUMENT);
    CHECK(pagewalk_unmap(pw, 0x40000, 3 * PAGE) == PAGEWALK_ERR_MAP);
    CHECK(!pagewalk_unmap(pw, 0x40000, PAGE));
    CHECK(pagewalk_read(pw, 0x40000, text, 1) == PAGEWALK_ERR_READ_UNMAPPED);
    CHECK(!pagewalk_read(pw, 0x41000, text, 1) && text[0] == 'c');
    CHECK(!pagewalk_map(pw, 0x40000, PAGE, PAGEWALK_ALL));
    CHECK(!pagewalk_unmap(pw, 0x40000, 2 * PAGE));
    pagewalk_close(pw);
    munmap(host, 2 * PAGE);
}

static void test_rights(void)
{
    /* mov eax, [DATA]; mov [DATA], eax */
    struct pagewalk *pw = START("\xa1\x00\x00\x02\x00\xa3\x00\x00\x02\x00");
    struct pagewalk_fault_info fault;

    CHECK(run_to(pw, CODE + 10) == PAGEWALK_OK);
    CHECK(!pagewalk_protect(pw, DATA, PAGE, PAGEWALK_READ));
    CHECK(run_to(pw, CODE + 10) == PAGEWALK_ERR_WRITE_PROTECTED);
    CHECK(get(pw, PAGEWALK_REG_EIP) == CODE + 5);
    pagewalk_fault(pw, &fault);
    CHECK(fault.address == DATA);
    CHECK(!pagewalk_protect(pw, DATA, PAGE, PAGEWALK_WRITE));
    CHECK(run_to(pw, CODE + 10) == PAGEWALK_ERR_READ_PROTECTED);
    CHECK(!pagewalk_protect(pw, DATA, PAGE, PAGEWALK_READ | PAGEWALK_WRITE));
    CHECK(pagewalk_run(pw, PAGEWALK_HERE, CODE + 10, 0, 0) == PAGEWALK_OK);
    CHECK(!pagewalk_unmap(pw, DATA, PAGE));
    CHECK(run_to(pw, CODE + 10) == PAGEWALK_ERR_READ_UNMAPPED);
    CHECK(pagewalk_run(pw, CODE + 5, CODE + 10, 0, 0) == PAGEWALK_ERR_WRITE_UNMAPPED);
    CHECK(!pagewalk_protect(pw, CODE, PAGE, PAGEWALK_READ));
    CHECK(run_to(pw, CODE + 10) == PAGEWALK_ERR_FETCH_PROTECTED);
    pagewalk_close(pw);
}

/* Code that the host changes, by the library and by itself; and memory that goes while its code is known. */
static void test_code_changes(void)
{
    struct pagewalk *pw = open_mode(PAGEWALK_MODE_32);
    uint8_t *host = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    memcpy(host, "\xb8\x01\x00\x00\x00", 5); /* mov eax, 1 */
    CHECK(!pagewalk_map_host(pw, CODE, PAGE, PAGEWALK_ALL, host));
    for (unsigned i = 0; i < 100; i++)
        run_to(pw, CODE + 5);
    CHECK(get(pw, PAGEWALK_REG_EAX) == 1);
    CHECK(!pagewalk_write(pw, CODE + 1, "\x02", 1));
    CHECK(!run_to(pw, CODE + 5) && get(pw, PAGEWALK_REG_EAX) == 2);
    host[1] = 3;
    CHECK(!pagewalk_changed(pw, CODE + 1, 1));
    CHECK(!run_to(pw, CODE + 5) && get(pw, PAGEWALK_REG_EAX) == 3);
    CHECK(!pagewalk_unmap(pw, CODE, PAGE));
    host[1] = 4;
    CHECK(!pagewalk_map_host(pw, CODE, PAGE, PAGEWALK_ALL, host));
    CHECK(!run_to(pw, CODE + 5) && get(pw, PAGEWALK_REG_EAX) == 4);
    pagewalk_close(pw);
    munmap(host, PAGE);
}

#define LOOP     "\xb9\x64\x00\x00\x00\x40\x49\x75\xfc" /* mov ecx, 100; inc eax; dec ecx; jnz -4 */
#define LOOP_END (CODE + 9)

static void test_insn_hooks(void)
{
    struct pagewalk *pw = START(LOOP);
    struct seen all = {0}, one = {0}, block = {0}, fetch = {0};
    unsigned id;

    hook(pw, PAGEWALK_HOOK_INSN, &all);
    CHECK(!pagewalk_hook_add(pw, PAGEWALK_HOOK_INSN, CODE + 6, CODE + 6, note, &one, &id));
    hook(pw, PAGEWALK_HOOK_BLOCK, &block);
    hook(pw, PAGEWALK_HOOK_FETCH, &fetch);
    CHECK(!run_to(pw, LOOP_END));
    CHECK(all.count == 301 && one.count == 100 && fetch.count == 301);
    CHECK(block.count >= 100 && block.count <= 102);
    CHECK(all.event[0].address == CODE && all.event[0].size == 5);
    CHECK(all.event[2].address == CODE + 6 && all.event[2].size == 1);
    CHECK(all.event[3].kind == PAGEWALK_HOOK_INSN && all.event[3].size == 2);
    CHECK(all.eip == CODE + 7 && all.eax == 100 && one.eip == CODE + 6);
    CHECK(block.event[0].address == CODE && block.event[0].size == 9);
    CHECK(!pagewalk_hook_remove(pw, id) && pagewalk_hook_remove(pw, id) == PAGEWALK_ERR_ARGUMENT);
    CHECK(!run_to(pw, LOOP_END) && one.count == 100 && all.count == 602);
    CHECK(pagewalk_hook_add(pw, 0, 1, 0, note, &one, &id) == PAGEWALK_ERR_ARGUMENT);
    CHECK(pagewalk_hook_add(pw, 1u << 20, 1, 0, note, &one, &id) == PAGEWALK_ERR_ARGUMENT);
    CHECK(pagewalk_hook_add(pw, 1, 1, 0, NULL, &one, &id) == PAGEWALK_ERR_ARGUMENT);
    pagewalk_close(pw);
}

static void test_hook_stops(void)
{
    struct pagewalk *pw = START(LOOP);
    struct seen seen = {.stop = true, .stop_at = 4};

    hook(pw, PAGEWALK_HOOK_INSN, &seen);
    CHECK(!run_to(pw, LOOP_END) && pagewalk_end(pw) == PAGEWALK_END_STOP);
    CHECK(seen.count == 5 && get(pw, PAGEWALK_REG_EIP) == CODE + 5); /* the loop's second round */
    CHECK(get(pw, PAGEWALK_REG_EAX) == 1 && get(pw, PAGEWALK_REG_ECX) == 99);
    seen.stop = false;
    CHECK(!pagewalk_run(pw, PAGEWALK_HERE, LOOP_END, 0, 0) && get(pw, PAGEWALK_REG_EAX) == 100);
    CHECK(seen.count == 302); /* the instruction where it stopped was told twice */
    pagewalk_close(pw);
}

/* Hooks that change registers: the counter of the loop, its flags, EIP, and more. */
static void test_hook_writes(void)
{
    static const struct {
        uint32_t at;
        enum pagewalk_reg reg;
        uint64_t value;
        uint32_t eax;
    } cases[] = {
        {CODE + 6, PAGEWALK_REG_ECX, 5, 5},          {CODE + 7, PAGEWALK_REG_EFLAGS, 0x46, 1},
        {CODE + 5, PAGEWALK_REG_EIP, LOOP_END, 0},   {CODE + 5, PAGEWALK_REG_EAX, 1000, 1100},
        {CODE + 5, PAGEWALK_REG_EFLAGS, 0x402, 100}, {CODE + 5, PAGEWALK_REG_GS_BASE, 7, 100},
        {CODE, PAGEWALK_REG_EIP, CODE + 5, 4},
    };

    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pagewalk *pw = START(LOOP);
        struct seen seen = {.write = true, .reg = cases[i].reg, .value = cases[i].value};

        CHECK(!pagewalk_reg_write(pw, PAGEWALK_REG_ECX, 4));
        CHECK(!pagewalk_hook_add(pw, PAGEWALK_HOOK_INSN, cases[i].at, cases[i].at, note, &seen,
                                 NULL));
        CHECK(!run_to(pw, LOOP_END) && pagewalk_end(pw) == PAGEWALK_END_UNTIL);
        CHECK(get(pw, PAGEWALK_REG_EAX) == cases[i].eax);
        pagewalk_close(pw);
    }
}

static void test_access_hooks(void)
{
    /* mov eax, [DATA]; inc eax; mov [DATA + 8], ax; push eax; rep movsb of 3 bytes; movdqu xmm0, [DATA] */
    struct pagewalk *pw =
        START("\xa1\x00\x00\x02\x00\x40\x66\xa3\x08\x00\x02\x00\x50\xb9\x03\x00\x00\x00"
              "\xf3\xa4\xf3\x0f\x6f\x05\x00\x00\x02\x00");
    struct seen all = {0}, range = {0}, done = {0};
    unsigned at[] = {DATA, DATA + 8, STACK + PAGE - 4};

    CHECK(!pagewalk_write(pw, DATA, "\x11\x22\x33\x44", 4));
    CHECK(!pagewalk_reg_write(pw, PAGEWALK_REG_ESI, DATA));
    CHECK(!pagewalk_reg_write(pw, PAGEWALK_REG_EDI, DATA + 100));
    hook(pw, PAGEWALK_HOOK_READ | PAGEWALK_HOOK_WRITE, &all);
    hook(pw, PAGEWALK_HOOK_READ_DONE, &done);
    CHECK(!pagewalk_hook_add(pw, PAGEWALK_HOOK_WRITE, DATA + 9, DATA + 20, note, &range, NULL));
    CHECK(!run_to(pw, CODE + 28) && pagewalk_end(pw) == PAGEWALK_END_UNTIL);
    for (unsigned i = 0; i < 3; i++)
        CHECK(all.event[i].address == at[i]);
    CHECK(all.event[0].access == PAGEWALK_READ && all.event[0].size == 4);
    CHECK(all.event[1].access == PAGEWALK_WRITE && all.event[1].size == 2);
    CHECK(all.event[1].value == 0x2212 && all.event[2].value == 0x44332212);
    CHECK(all.count == 11); /* 3, 3 of each kind, and two halves */
    CHECK(range.count == 1 && range.event[0].address == DATA + 8);
    CHECK(done.count == 6 && done.event[0].value == 0x44332211 && done.event[1].value == 0x11);
    pagewalk_close(pw);
}

/* An access hook that stops, writes memory, and writes registers. */
static bool change_memory(struct pagewalk *pw, struct pagewalk_event *event, void *user)
{
    (void)user;
    CHECK(!pagewalk_write(pw, event->address, "\x63\x00\x00\x00", 4));
    return false;
}

static void test_access_effects(void)
{
    static const char code[] = "\xa1\x00\x00\x02\x00\x40\x40"; /* mov eax, [DATA]; inc eax, twice */
    struct seen stops = {.stop = true}, writes = {.write = true, .value = 7};
    struct pagewalk *pw = START(code);
    unsigned id = hook(pw, PAGEWALK_HOOK_READ, &stops);

    CHECK(!run_to(pw, CODE + 7) && pagewalk_end(pw) == PAGEWALK_END_STOP);
    CHECK(get(pw, PAGEWALK_REG_EIP) == CODE + 5 && stops.eip == CODE);
    CHECK(!pagewalk_hook_remove(pw, id));
    writes.reg = PAGEWALK_REG_EAX;
    id = hook(pw, PAGEWALK_HOOK_READ, &writes);
    CHECK(!run_to(pw, CODE + 7) && get(pw, PAGEWALK_REG_EAX) == 9);
    CHECK(!pagewalk_hook_remove(pw, id));
    writes = (struct seen){.write = true, .reg = PAGEWALK_REG_EIP, .value = CODE + 6};
    id = hook(pw, PAGEWALK_HOOK_READ, &writes);
    CHECK(!run_to(pw, CODE + 7) && get(pw, PAGEWALK_REG_EAX) == 1);
    CHECK(!pagewalk_hook_remove(pw, id));
    CHECK(!pagewalk_hook_add(pw, PAGEWALK_HOOK_READ, 1, 0, change_memory, NULL, &id));
    CHECK(!run_to(pw, CODE + 7) && get(pw, PAGEWALK_REG_EAX) == 101);
    pagewalk_close(pw);
}

static bool map_it(struct pagewalk *pw, struct pagewalk_event *event, void *user)
{
    unsigned *count = user;

    ++*count;
    return event->kind == PAGEWALK_HOOK_UNMAPPED
               ? !pagewalk_map(pw, event->address & ~(PAGE - 1), PAGE, PAGEWALK_READ)
               : !pagewalk_protect(pw, event->address & ~(PAGE - 1), PAGE, PAGEWALK_ALL);
}

/* Memory that hooks make when it is wanted: data, the stack, code, both pages of an access. */
static void test_outside_hooks(void)
{
    struct pagewalk *pw = open_mode(PAGEWALK_MODE_32);
    struct seen refuse = {0};
    unsigned count = 0, id;

    CHECK(!pagewalk_hook_add(pw, PAGEWALK_HOOK_UNMAPPED | PAGEWALK_HOOK_PROTECTED, 1, 0, map_it,
                             &count, &id));
    CHECK(!pagewalk_map(pw, CODE, PAGE, PAGEWALK_READ));
    CHECK(!pagewalk_write(pw, CODE, "\x89\x03\x50\xe8\xf8\x0f\x00\x00",
                          8)); /* mov [ebx], eax; push; call */
    CHECK(!pagewalk_reg_write(pw, PAGEWALK_REG_ESP, STACK + 4));
    CHECK(!pagewalk_reg_write(pw, PAGEWALK_REG_EBX, 0x50ffe));
    CHECK(!pagewalk_reg_write(pw, PAGEWALK_REG_EAX, 0x12345678));
    CHECK(!pagewalk_run(pw, CODE, CODE + PAGE + 2, 0, 0));
    CHECK(pagewalk_end(pw) == PAGEWALK_END_UNTIL && get(pw, PAGEWALK_REG_EIP) == CODE + PAGE + 2);
    CHECK(count ==
          13); /* code 1; mapped, then writable: two pages, two of stack; code; where that writes */
    CHECK(!pagewalk_hook_remove(pw, id));
    hook(pw, PAGEWALK_HOOK_UNMAPPED, &refuse);
    CHECK(!pagewalk_reg_write(pw, PAGEWALK_REG_EBX, 0x70000));
    CHECK(run_to(pw, CODE + 2) == PAGEWALK_ERR_WRITE_UNMAPPED);
    CHECK(refuse.count == 1 && refuse.eip == CODE && refuse.event[0].access == PAGEWALK_WRITE);
    refuse =
        (struct seen){.write = true, .reg = PAGEWALK_REG_EIP, .value = CODE + 2, .answer = true};
    CHECK(!run_to(pw, CODE + 2) && pagewalk_end(pw) == PAGEWALK_END_UNTIL);
    pagewalk_close(pw);
}

static void test_ports(void)
{
    /* in al, 0x60; out dx, eax; in ax, dx */
    struct pagewalk *pw = START("\xe4\x60\xef\x66\xed");
    struct seen in = {0}, out = {0};

    CHECK(!pagewalk_reg_write(pw, PAGEWALK_REG_EDX, 0x3f8));
    CHECK(!pagewalk_hook_add(pw, PAGEWALK_HOOK_IN, 0x60, 0x6f, note, &in, NULL));
    hook(pw, PAGEWALK_HOOK_OUT, &out);
    CHECK(!run_to(pw, CODE + 5));
    CHECK(in.count == 1 && in.event[0].address == 0x60 && in.event[0].size == 1);
    CHECK(out.count == 1 && out.event[0].address == 0x3f8 && out.event[0].value == 0x5a);
    CHECK(get(pw, PAGEWALK_REG_EAX) == 0xffff); /* nobody answers at 3F8h */
    pagewalk_close(pw);
}

static void test_events(void)
{
    struct pagewalk *pw =
        START("\xcd\x80\xcd\x21\xf7\xf1\x0f\x34"); /* int 80h; int 21h; div ecx; sysenter */
    struct seen call = {.answer = true}, intr = {.answer = true};
    struct pagewalk_fault_info fault;
    unsigned id;

    CHECK(run_to(pw, CODE + 2) == PAGEWALK_ERR_EXCEPTION && get(pw, PAGEWALK_REG_EIP) == CODE);
    pagewalk_fault(pw, &fault);
    CHECK(fault.vector == 0x80);
    hook(pw, PAGEWALK_HOOK_SYSCALL, &call);
    CHECK(!run_to(pw, CODE + 2) && call.count == 1 && call.eip == CODE + 2);
    CHECK(!pagewalk_run(pw, CODE + 6, CODE + 8, 0, 0) && call.count == 2);
    CHECK(call.event[1].vector == 0 && call.eip == CODE + 8);
    id = hook(pw, PAGEWALK_HOOK_INTERRUPT, &intr);
    CHECK(!pagewalk_run(pw, CODE + 2, CODE + 4, 0, 0) && intr.event[0].vector == 0x21);
    CHECK(intr.event[0].software && intr.eip == CODE + 4);
    intr = (struct seen){.answer = true, .write = true, .reg = PAGEWALK_REG_EIP, .value = CODE + 6};
    CHECK(!pagewalk_run(pw, CODE + 4, CODE + 6, 0, 0) && intr.event[0].vector == 0);
    CHECK(!intr.event[0].software && intr.eip == CODE + 4 && intr.count == 1);
    CHECK(!pagewalk_hook_remove(pw, id));
    CHECK(pagewalk_run(pw, CODE + 4, CODE + 6, 0, 0) == PAGEWALK_ERR_EXCEPTION);
    pagewalk_fault(pw, &fault);
    CHECK(fault.vector == 0 && get(pw, PAGEWALK_REG_EIP) == CODE + 4);
    pagewalk_close(pw);
}

static void test_interrupts(void)
{
    struct pagewalk *pw = open_mode(PAGEWALK_MODE_16);
    static uint8_t saved[16384];
    size_t size = sizeof(saved);

    CHECK(!pagewalk_map(pw, 0, 0x10000, PAGEWALK_ALL));
    CHECK(!pagewalk_write(pw, 0x21 * 4, "\x00\x20\x00\x00", 4));
    CHECK(!pagewalk_write(pw, 0x2000, "\x40\xcf", 2));             /* inc ax; iret */
    CHECK(!pagewalk_write(pw, 0x1000, "\xfb\x90\xf4\xeb\xfd", 5)); /* sti; nop; hlt; jmp to hlt */
    CHECK(!pagewalk_reg_write(pw, PAGEWALK_REG_ESP, 0x8000));
    CHECK(!pagewalk_interrupt(pw, 0x21) && pagewalk_interrupt(pw, 0x22) == PAGEWALK_ERR_BUSY);
    CHECK(!pagewalk_save(pw, false, saved, &size));
    CHECK(!pagewalk_run(pw, 0x1000, PAGEWALK_NOWHERE, 0, 0));
    CHECK(get(pw, PAGEWALK_REG_AX) == 1 && pagewalk_end(pw) == PAGEWALK_END_HALT);
    CHECK(!pagewalk_interrupt(pw, 0x44)); /* the one that waited then takes its place */
    CHECK(!pagewalk_load(pw, saved, size) && pagewalk_interrupt(pw, 0x22) == PAGEWALK_ERR_BUSY);
    CHECK(!pagewalk_run(pw, 0x1000, PAGEWALK_NOWHERE, 0, 0));
    CHECK(get(pw, PAGEWALK_REG_AX) == 1 && pagewalk_end(pw) == PAGEWALK_END_HALT);
    CHECK(!pagewalk_interrupt(pw, 0x21));
    CHECK(!pagewalk_run(pw, PAGEWALK_HERE, PAGEWALK_NOWHERE, 0, 0) &&
          get(pw, PAGEWALK_REG_AX) == 2);
    CHECK(!pagewalk_write(pw, 2 * 4, "\x00\x20\x00\x00", 4));
    CHECK(!pagewalk_nmi(pw));
    CHECK(!pagewalk_run(pw, PAGEWALK_HERE, PAGEWALK_NOWHERE, 0, 0) &&
          get(pw, PAGEWALK_REG_AX) == 3);
    /* No IDT that works: a triple fault. */
    CHECK(!pagewalk_reg_write(pw, PAGEWALK_REG_IDT, 0x9000));
    CHECK(!pagewalk_reg_write(pw, PAGEWALK_REG_IDT_LIMIT, 0x3ff));
    pagewalk_close(pw);
}

static uint32_t device_read(struct pagewalk *pw, uint32_t offset, unsigned size, void *user)
{
    (void)pw;
    *(uint32_t *)user += size;
    return offset;
}

static void device_write(struct pagewalk *pw, uint32_t offset, uint32_t value, unsigned size,
                         void *user)
{
    (void)size;
    *(uint32_t *)user = value;
    if (offset == 0x14)
        pagewalk_stop(pw);
}

static void test_devices(void)
{
    /* mov eax, [e0000010h]; mov [e0000014h], eax */
    struct pagewalk *pw = START("\xa1\x10\x00\x00\xe0\xa3\x14\x00\x00\xe0\x40");
    struct pagewalk_map_info info;
    uint32_t state = 0;

    CHECK(!pagewalk_map_io(pw, 0xe0000000, 2 * PAGE, device_read, device_write, &state));
    CHECK(!pagewalk_map_at(pw, 3, &info) && info.io);
    CHECK(!run_to(pw, CODE + 11) && pagewalk_end(pw) == PAGEWALK_END_STOP);
    CHECK(get(pw, PAGEWALK_REG_EAX) == 0x10 && state == 0x10 &&
          get(pw, PAGEWALK_REG_EIP) == CODE + 10);
    CHECK(pagewalk_read(pw, 0xe0000000, &state, 4) == PAGEWALK_ERR_READ_UNMAPPED);
    CHECK(!pagewalk_unmap(pw, 0xe0000000, PAGE));
    CHECK(run_to(pw, CODE + 10) == PAGEWALK_ERR_READ_UNMAPPED);
    pagewalk_close(pw);
}

static bool unmap_all(struct pagewalk *pw, struct pagewalk_event *event, void *user)
{
    struct pagewalk_map_info info;

    (void)event;
    (void)user;
    while (!pagewalk_map_at(pw, 0, &info))
        CHECK(!pagewalk_unmap(pw, info.address, info.size));
    return false;
}

/* Whatever a hook does to the map, under the code that runs. */
static void test_unmap_in_hooks(void)
{
    unsigned kinds[] = {PAGEWALK_HOOK_INSN,  PAGEWALK_HOOK_BLOCK, PAGEWALK_HOOK_READ,
                        PAGEWALK_HOOK_WRITE, PAGEWALK_HOOK_IN,    PAGEWALK_HOOK_SYSCALL};

    for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        /* mov eax, [DATA]; mov [DATA], eax; in al, dx; int 80h; hlt */
        struct pagewalk *pw = START("\xa1\x00\x00\x02\x00\xa3\x00\x00\x02\x00\xec\xcd\x80\xf4");
        int error;

        CHECK(!pagewalk_hook_add(pw, kinds[i], 1, 0, unmap_all, NULL, NULL));
        error = run_to(pw, CODE + 100);
        CHECK(error == PAGEWALK_ERR_FETCH_UNMAPPED || error == PAGEWALK_ERR_EXCEPTION);
        pagewalk_close(pw);
    }
}

static bool refused(struct pagewalk *pw, struct pagewalk_event *event, void *user)
{
    unsigned *count = user;
    size_t size;

    CHECK(event->instructions > 0 && event->size > 0);
    CHECK(pagewalk_map(pw, 0x80000, PAGE, PAGEWALK_ALL) == PAGEWALK_ERR_BUSY);
    CHECK(pagewalk_unmap(pw, DATA, PAGE) == PAGEWALK_ERR_BUSY);
    CHECK(pagewalk_write(pw, DATA, "", 1) == PAGEWALK_ERR_BUSY);
    CHECK(pagewalk_reg_write(pw, PAGEWALK_REG_EAX, 0) == PAGEWALK_ERR_BUSY);
    CHECK(pagewalk_hook_add(pw, 1, 1, 0, note, NULL, NULL) == PAGEWALK_ERR_BUSY);
    CHECK(pagewalk_run(pw, CODE, CODE, 0, 0) == PAGEWALK_ERR_BUSY);
    CHECK(pagewalk_save(pw, false, NULL, &size) == PAGEWALK_ERR_BUSY);
    ++*count;
    return false;
}

static void test_translate_hook(void)
{
    struct pagewalk *pw = START(LOOP);
    unsigned count = 0;

    CHECK(!pagewalk_hook_add(pw, PAGEWALK_HOOK_TRANSLATE, 1, 0, refused, &count, NULL));
    CHECK(!run_to(pw, LOOP_END) && count >= 2);
    pagewalk_close(pw);
}

/* Page tables that are written over: all of the bytes go where they said before. */
static void test_write_tables(void)
{
    struct pagewalk *pw = open_mode(PAGEWALK_MODE_32);
    uint32_t tables[2][1024] = {{0x2007}}, zeros[2048] = {0}, last = 1;

    for (unsigned i = 0; i < 8; i++)
        tables[1][i] = i << 12 | 7;
    CHECK(!pagewalk_map(pw, 0, 0x8000, PAGEWALK_ALL));
    CHECK(!pagewalk_write(pw, 0x1000, tables, sizeof(tables)));
    CHECK(!pagewalk_write(pw, 0x3ffc, &last, 4));
    CHECK(!pagewalk_reg_write(pw, PAGEWALK_REG_CR3, 0x1000));
    CHECK(!pagewalk_reg_write(pw, PAGEWALK_REG_CR0, get(pw, PAGEWALK_REG_CR0) | 0x80000000));
    CHECK(!pagewalk_write(pw, 0x2000, zeros, sizeof(zeros)));
    CHECK(!pagewalk_read_physical(pw, 0x3ffc, &last, 4) && last == 0);
    CHECK(pagewalk_write(pw, 0x2000, zeros, 4) == PAGEWALK_ERR_WRITE_UNMAPPED);
    pagewalk_close(pw);
}

static void test_save(void)
{
    struct pagewalk *pw = START(LOOP);
    size_t size = 0, used, small;
    uint8_t *data, byte = 0;

    CHECK(!pagewalk_run(pw, CODE, LOOP_END, 0, 10));
    CHECK(!pagewalk_write(pw, DATA + 5, "\x77", 1));
    CHECK(!pagewalk_save(pw, true, NULL, &size) && size > 3 * PAGE);
    data = malloc(size);
    small = size - 1;
    CHECK(pagewalk_save(pw, true, data, &small) == PAGEWALK_ERR_SIZE && small == size);
    used = size;
    CHECK(!pagewalk_save(pw, true, data, &used) && used == size);
    CHECK(!pagewalk_run(pw, PAGEWALK_HERE, LOOP_END, 0, 0) && get(pw, PAGEWALK_REG_EAX) == 100);
    CHECK(!pagewalk_write(pw, DATA + 5, "\x00", 1));
    CHECK(!pagewalk_load(pw, data, size) && get(pw, PAGEWALK_REG_EAX) == 3);
    CHECK(!pagewalk_read(pw, DATA + 5, &byte, 1) && byte == 0x77);
    CHECK(!pagewalk_run(pw, PAGEWALK_HERE, LOOP_END, 0, 0) && get(pw, PAGEWALK_REG_EAX) == 100);
    for (size_t cut = 0; cut < size; cut += 1 + size / 50)
        CHECK(pagewalk_load(pw, data, cut) == PAGEWALK_ERR_STATE);
    CHECK(!pagewalk_unmap(pw, DATA, PAGE));
    CHECK(pagewalk_load(pw, data, size) == PAGEWALK_ERR_STATE && get(pw, PAGEWALK_REG_EAX) == 100);
    used = size;
    CHECK(!pagewalk_save(pw, false, data, &used) && used < PAGE);
    CHECK(!pagewalk_reg_write(pw, PAGEWALK_REG_EAX, 1));
    CHECK(!pagewalk_load(pw, data, used) && get(pw, PAGEWALK_REG_EAX) == 100);
    free(data);
    pagewalk_close(pw);
}

static void test_disassemble(void)
{
    struct pagewalk *pw = START(SIX_BY_SEVEN);
    char text[64];
    unsigned size = 0;

    CHECK(!pagewalk_disassemble(pw, CODE, text, sizeof(text), &size) && size == 5);
    CHECK(!strncmp(text, "mov", 3));
    CHECK(pagewalk_disassemble(pw, 0x999000, text, sizeof(text), &size) ==
          PAGEWALK_ERR_READ_UNMAPPED);
    pagewalk_close(pw);
}

static void test_open(void)
{
    struct pagewalk_options options = {.size = sizeof(options), .model = "nothing"};
    struct pagewalk *pw;

    CHECK(pagewalk_open(PAGEWALK_MODE_32, &options, &pw) == PAGEWALK_ERR_MODEL && !pw);
    options = (struct pagewalk_options){.size = sizeof(options), .engine = "nothing"};
    CHECK(pagewalk_open(PAGEWALK_MODE_32, &options, &pw) == PAGEWALK_ERR_ENGINE);
    options = (struct pagewalk_options){.size = sizeof(options), .code_buffer = 1};
    CHECK(pagewalk_open(PAGEWALK_MODE_32, &options, &pw) == PAGEWALK_ERR_ARGUMENT);
    options = (struct pagewalk_options){.size = 1};
    CHECK(pagewalk_open(PAGEWALK_MODE_32, &options, &pw) == PAGEWALK_ERR_ARGUMENT);
    CHECK(pagewalk_open((enum pagewalk_mode)9, NULL, &pw) == PAGEWALK_ERR_ARGUMENT);
    CHECK(pagewalk_open(PAGEWALK_MODE_32, NULL, NULL) == PAGEWALK_ERR_ARGUMENT);
    options = (struct pagewalk_options){.size = sizeof(options), .model = "486"};
    CHECK(!pagewalk_open(PAGEWALK_MODE_32, &options, &pw));
    pagewalk_close(pw);
    for (int error = -1; error <= PAGEWALK_ERRORS; error++)
        CHECK(pagewalk_strerror(error)[0] != '\0');
    CHECK(!strcmp(pagewalk_version(), "1.0"));
}

/* Handles in threads of their own, and one that another thread stops. */
static void *count_in_thread(void *arg)
{
    struct pagewalk *pw = arg;
    struct seen seen = {0};

    hook(pw, PAGEWALK_HOOK_INSN, &seen);
    for (unsigned i = 0; i < 200; i++)
        CHECK(!run_to(pw, LOOP_END));
    CHECK(seen.count == 200 * 301);
    return NULL;
}

static void *run_for_ever(void *arg)
{
    CHECK(!pagewalk_run(arg, CODE, PAGEWALK_NOWHERE, 0, 0));
    CHECK(pagewalk_end(arg) == PAGEWALK_END_STOP);
    return NULL;
}

static void *run_small(void *arg)
{
    CHECK(pagewalk_run(arg, CODE, CODE, 0, 0) == PAGEWALK_ERR_STACK);
    return NULL;
}

static void test_threads(void)
{
    struct pagewalk *pw[4];
    pthread_t thread[4];
    pthread_attr_t attr;

    for (unsigned i = 0; i < 4; i++) {
        pw[i] = START(LOOP);
        pthread_create(&thread[i], NULL, count_in_thread, pw[i]);
    }
    for (unsigned i = 0; i < 4; i++) {
        pthread_join(thread[i], NULL);
        pagewalk_close(pw[i]);
    }
    pw[0] = START("\xeb\xfe");
    pthread_create(&thread[0], NULL, run_for_ever, pw[0]);
    while (pthread_tryjoin_np(thread[0], NULL)) {
        pagewalk_stop(pw[0]);
        usleep(1000);
    }
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, 256 * 1024);
    pthread_create(&thread[0], &attr, run_small, pw[0]);
    pthread_join(thread[0], NULL);
    pthread_attr_destroy(&attr);
    pagewalk_close(pw[0]);
}

static void test_all(void)
{
    test_open();
    test_run();
    test_halt();
    test_registers();
    test_segments();
    test_map();
    test_rights();
    test_code_changes();
    test_insn_hooks();
    test_hook_stops();
    test_hook_writes();
    test_access_hooks();
    test_access_effects();
    test_outside_hooks();
    test_ports();
    test_events();
    test_interrupts();
    test_devices();
    test_unmap_in_hooks();
    test_translate_hook();
    test_write_tables();
    test_save();
    test_disassemble();
    test_threads();
}

int main(void)
{
    static const char *const engines[] = {NULL, "x64", "interp"};

    for (unsigned i = 0; i < 3; i++) {
        engine = engines[i];
        test_all();
    }
    printf("%u passed, %u failed\n", passed, failed);
    return failed != 0;
}
