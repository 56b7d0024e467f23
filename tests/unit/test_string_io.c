/* INS and OUTS: against a port that counts, by elements and by blocks. */
#include "tests/unit/bench_main.h"
#include "tests/unit/string_rig.h"

START_TEST(ports)
{
    struct state s = {0, 600, 0x10002, 0x10ffe, 0};
    u8 got[4];

    cpu->r[R_EDX] = IO_PORT;
    put_state(&s);
    while (flat_call(cpu, help_ins, 0, 0, immediate(2, 0xffffffff, 1, SREG_DS)))
        continue;
    ck_assert_int_eq(cpu->fault.vector, -1);
    ck_assert_uint_eq(port_reads, 600);
    ck_assert_uint_eq(port_size, 2);
    ck_assert_uint_eq(cpu->r[R_EDI], 0x10ffe + 1200);
    ck_assert_uint_eq(cpu->r[R_ECX], 0);
    phys_read(&flat.phys, 0x10ffe, got, 4);
    ck_assert_uint_eq(get32(got), 0x00020001);
    cpu->r[R_ECX] = 3;
    cpu->r[R_ESI] = 0x10fff;
    while (flat_call(cpu, help_outs, 0, 0, immediate(4, 0xffffffff, 1, SREG_DS)))
        continue;
    ck_assert_uint_eq(port_writes, 3);
    ck_assert_uint_eq(cpu->r[R_ESI], 0x1100b);
    ck_assert_uint_eq(port_last, 0x07000600);
}
END_TEST

/* INS checks its destination before it takes anything from the device. */
START_TEST(ins_checks_first)
{
    struct state s = {0, 10, 0, 0x21ffc, 0};

    enable_paging();
    cpu->r[R_EDX] = IO_PORT;
    put_state(&s);
    while (flat_call(cpu, help_ins, 0, 0, immediate(1, 0xffffffff, 1, SREG_DS)))
        continue;
    ck_assert_int_eq(cpu->fault.vector, EXCP_PF);
    ck_assert_uint_eq(port_reads, 4);
    ck_assert_uint_eq(cpu->r[R_ECX], 6);
    cpu->r[R_EDI] = 0x21fff; /* an element across the edge */
    flat_call(cpu, help_ins, 0, 0, immediate(2, 0xffffffff, 1, SREG_DS));
    ck_assert_int_eq(cpu->fault.vector, EXCP_PF);
    ck_assert_uint_eq(port_reads, 4);
}
END_TEST

/* INS and OUTS of random operands, without and with block operations of the port: the same memory and
 * registers, and the same calls, whatever kicks. */
START_TEST(port_blocks)
{
    static u8 memory[2][4 * PAGE_SIZE];
    u32 by_blocks = 0;

    for (u32 i = 0; i < 3000; i++) {
        u32 size = 1u << below(3), rep = below(8) != 0;
        bool in = below(2), dos = below(3) == 0;
        u32 mask = dos ? 0xffff : 0xffffffff, kick = below(2) ? 0 : 1 + below(400);
        u32 place = (dos ? 0x8000 : 0x10000) + below(3 * PAGE_SIZE);
        struct state s = {0, below(600), place, place, below(6) ? 0 : FL_DF};
        u32 calls[2] = {0, 0}, ecx[2], edi[2], esi[2], last[2];

        for (unsigned blocky = 0; blocky < 2; blocky++) {
            u32 from = (place & ~PAGE_MASK) - PAGE_SIZE;

            cpu->hooks.port_in_block = blocky ? port_in_block : NULL;
            cpu->hooks.port_out_block = blocky ? port_out_block : NULL;
            phys_write(&flat.phys, from, model, sizeof(memory[0]));
            port_reads = port_writes = port_last = device_accesses = blocks = 0;
            cpu->r[R_EDX] = IO_PORT;
            put_state(&s);
            kick_at = kick;
            do {
                cpu->kicked = false;
                calls[blocky]++;
            } while (flat_call(cpu, in ? help_ins : help_outs, 0, 0,
                               immediate(size, mask, rep, SREG_DS)));
            ck_assert_int_eq(cpu->fault.vector, -1);
            phys_read(&flat.phys, from, memory[blocky], sizeof(memory[0]));
            ecx[blocky] = cpu->r[R_ECX];
            edi[blocky] = cpu->r[R_EDI];
            esi[blocky] = cpu->r[R_ESI];
            last[blocky] = port_last;
            by_blocks += blocks;
        }
        ck_assert_mem_eq(memory[0], memory[1], sizeof(memory[0]));
        ck_assert_uint_eq(calls[0], calls[1]);
        ck_assert_uint_eq(ecx[0], ecx[1]);
        ck_assert_uint_eq(edi[0], edi[1]);
        ck_assert_uint_eq(esi[0], esi[1]);
        ck_assert_uint_eq(last[0], last[1]);
    }
    ck_assert_uint_gt(by_blocks, 3000);
}
END_TEST

/* A device's kick ends the call after its element. */
START_TEST(kick_ends_call)
{
    struct state s = {0, 100, 0, 0x10000, 0};

    cpu->r[R_EDX] = IO_PORT;
    put_state(&s);
    kick_at = 5;
    ck_assert_uint_eq(flat_call(cpu, help_ins, 0, 0, immediate(1, 0xffffffff, 1, SREG_DS)), 1);
    ck_assert_uint_eq(cpu->r[R_ECX], 95);
    cpu->kicked = false;
    device_accesses = 0;
    cpu->r[R_EDI] = MMIO;
    ck_assert_uint_eq(flat_call(cpu, help_stos, 0, 0, immediate(1, 0xffffffff, 1, SREG_DS)), 1);
    ck_assert_uint_eq(cpu->r[R_ECX], 90);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("string I/O");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, ports);
    tcase_add_test(tcase, ins_checks_first);
    tcase_add_test(tcase, port_blocks);
    tcase_add_test(tcase, kick_ends_call);
    return bench_main(tcase, "string I/O");
}
