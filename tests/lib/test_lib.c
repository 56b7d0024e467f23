/* The public library, by its header alone: each function but hooks, each error. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib_bench.h"

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

int main(void)
{
    static void (*const tests[])(void) = {
        test_run,  test_halt,        test_registers,    test_segments,
        test_map,  test_rights,      test_code_changes, test_write_tables,
        test_save, test_disassemble, test_open,         test_threads,
        NULL};

    return lib_bench_main(tests);
}
