/* Hooks of the public library: each kind, what it sees and what it may do. */
#include <string.h>

#include "lib_bench.h"

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

int main(void)
{
    static void (*const tests[])(void) = {test_insn_hooks,
                                          test_hook_stops,
                                          test_hook_writes,
                                          test_access_hooks,
                                          test_access_effects,
                                          test_outside_hooks,
                                          test_ports,
                                          test_events,
                                          test_interrupts,
                                          test_devices,
                                          test_unmap_in_hooks,
                                          test_translate_hook,
                                          NULL};

    return lib_bench_main(tests);
}
