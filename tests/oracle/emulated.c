/* Instructions on our CPU: a flat 32-bit user program under PAE paging with execute-disable, as Linux runs one;
 * what ends it is an exception whose handler halts. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/cpuid.h"
#include "cpu/flags.h"
#include "cpu/seg.h"
#include "cpu/simd/simd.h"
#include "cpu/x87/x87.h"
#include "tests/oracle/oracle.h"
#include "translate/translate.h"

#define KERNEL_CS 0x08
#define KERNEL_DS 0x10

struct emulated {
    struct phys phys;
    struct log log;
    struct stats stats;
    struct cpu *cpu;
};

static void poke32(struct emulated *e, u32 pa, u32 value)
{
    phys_poke(&e->phys, pa, &value, 4);
}

static void map(struct emulated *e, u32 la, u32 bytes, u32 rights, bool execute)
{
    for (u32 at = la; at < la + bytes; at += PAGE_SIZE) {
        u32 entry = SYSTEM_PT + (at >> 12 & 511) * 8;

        poke32(e, entry, at | rights | 0x61); /* present, accessed, dirty */
        poke32(e, entry + 4, execute ? 0 : 0x80000000u);
    }
}

static void put_code_segment(struct emulated *e, u32 sel, u32 dpl)
{
    poke32(e, SYSTEM_GDT + sel, 0x0000ffff);
    poke32(e, SYSTEM_GDT + sel + 4, 0x00cf9b00 | dpl << 13);
    poke32(e, SYSTEM_GDT + sel + 8, 0x0000ffff);
    poke32(e, SYSTEM_GDT + sel + 12, 0x00cf9300 | dpl << 13);
}

struct emulated *emulated_open(const char *engine)
{
    static const struct cpu_hooks none;
    struct translate_options options = {.engine = engine};
    struct emulated *e = calloc(1, sizeof(*e));
    u8 hlt = 0xf4;

    if (!e)
        abort();
    e->log.out = stderr;
    if (phys_init(&e->phys, 0x40000, &e->log, &e->stats) || phys_add_ram(&e->phys, CODE, 0x40000))
        abort();
    e->cpu = cpu_new(&e->phys, cpu_model_find("coreduo"), &none, &e->log, &e->stats);
    if (!e->cpu || translator_new(e->cpu, &options))
        abort();
    e->cpu->host_math = true;
    poke32(e, SYSTEM_PDPT, SYSTEM_PD | 1);
    poke32(e, SYSTEM_PD + (CODE >> 21 & 511) * 8, SYSTEM_PT | 0x67);
    map(e, CODE, 0x1000, 4, true);
    map(e, DATA, DATA_BYTES, 6, false);
    map(e, READ_ONLY, 0x1000, 4, false);
    for (u32 at = READ_ONLY; at < READ_ONLY + PAGE_SIZE; at += 4)
        poke32(e, at, 0x5a5a5a5a);
    map(e, SYSTEM, SYSTEM_BYTES, 2, true);
    put_code_segment(e, KERNEL_CS, 0);
    put_code_segment(e, USER_CS & ~7u, 3);
    for (u32 v = 0; v < 32; v++) {
        u32 at = SYSTEM_HLT + 16 * v;

        poke32(e, SYSTEM_IDT + 8 * v, KERNEL_CS << 16 | (at & 0xffff));
        poke32(e, SYSTEM_IDT + 8 * v + 4, (at & 0xffff0000) | (v == 3 || v == 4 ? 0xee00 : 0x8e00));
        phys_poke(&e->phys, at, &hlt, 1);
    }
    poke32(e, SYSTEM_TSS + 4, SYSTEM_STACK);
    poke32(e, SYSTEM_TSS + 8, KERNEL_DS);
    poke32(e, SYSTEM_TSS + 0x64, 0x00680000); /* no I/O bitmap */
    return e;
}

void emulated_close(struct emulated *e)
{
    translator_free(e->cpu);
    cpu_free(e->cpu);
    phys_free(&e->phys);
    free(e);
}

static void user_mode(struct cpu *cpu)
{
    u32 data = SEG_P | SEG_S | SEG_W | SEG_ACCESSED | SEG_DB | SEG_G | SEG_DPL;

    cpu->cr0 = 0x80000001u | CR0_NE | CR0_MP | CR0_ET | 0x10000u;
    cpu->cr3 = SYSTEM_PDPT;
    cpu->cr4 = 0x20 | CR4_OSFXSR | CR4_OSXMMEXCPT;
    cpu->efer = EFER_NXE;
    mmu_set_nx(&cpu->mmu, true);
    if (!mmu_set_paging(&cpu->mmu, cpu->cr0, cpu->cr3, cpu->cr4, true))
        abort();
    for (int i = 0; i < SREG_COUNT; i++)
        seg_set(cpu, (enum sreg)i, i == SREG_CS ? USER_CS : USER_DS, 0, 0xffffffff,
                data | (i == SREG_CS ? SEG_CODE : 0));
    seg_set(cpu, SREG_FS, 0, 0, 0, 0);
    seg_set(cpu, SREG_GS, 0, 0, 0, 0);
    cpu->gdtr = (struct dtable){SYSTEM_GDT, 0x37};
    cpu->idtr = (struct dtable){SYSTEM_IDT, 0xff};
    cpu->tr = (struct sysseg){0x30, SYSTEM_TSS, 0x67, SEG_P | 0xb00};
    cpu->halted = cpu->shadow = false;
    cpu_set_cpl(cpu, 3);
    cpu_update_mode(cpu);
}

static void put_regs(struct cpu *cpu, const struct oracle_regs *s)
{
    unsigned top = s->sw >> 11 & 7;

    memcpy(cpu->r, s->r, sizeof(s->r));
    cpu->eip = s->eip;
    cpu->eflags = s->eflags | FL_ONE;
    cpu->lazy.op = LAZY_NONE;
    x87_sync(cpu);
    mxcsr_sync(cpu);
    cpu->x87.cw = s->cw;
    cpu->x87.sw = s->sw;
    cpu->x87.tag = 0;
    cpu->mxcsr = s->mxcsr;
    for (unsigned i = 0; i < 8; i++) {
        cpu->x87.tag |= (u16)((s->tag >> i & 1 ? 0 : 3) << 2 * i);
        cpu->x87.r[(top + i) & 7].frac = s->st[i].frac;
        cpu->x87.r[(top + i) & 7].se = s->st[i].se;
        memcpy(&cpu->xmm[i], s->xmm[i], 16);
    }
}

static void get_regs(struct emulated *e, struct oracle_result *r)
{
    static const int signals[32] = {
        [0] = SIGFPE,   [1] = SIGTRAP, [3] = SIGTRAP, [4] = SIGSEGV, [5] = SIGSEGV,
        [6] = SIGILL,   [7] = SIGILL,  [11] = SIGBUS, [12] = SIGBUS, [13] = SIGSEGV,
        [14] = SIGSEGV, [16] = SIGFPE, [17] = SIGBUS, [19] = SIGFPE};
    struct cpu *cpu = e->cpu;
    unsigned vector = (cpu->eip - SYSTEM_HLT) / 16, top;
    struct oracle_regs *s = &r->regs;
    u32 frame[6], at = cpu->r[R_ESP];

    x87_sync(cpu);
    mxcsr_sync(cpu);
    if (cpu->eip < SYSTEM_HLT || vector >= 32) {
        r->end = (struct oracle_end){0, false, cpu->eip};
        return;
    }
    if ((0x27d00u >> vector & 1)) /* an error code */
        at += 4;
    phys_read(&e->phys, at, frame, 20);
    r->end.signal = signals[vector];
    r->end.has_address = vector == 14;
    r->end.address = vector == 14 ? cpu->cr2 : 0;
    memcpy(s->r, cpu->r, sizeof(s->r));
    s->eip = frame[0];
    s->eflags = frame[2];
    s->r[R_ESP] = frame[3];
    s->cw = cpu->x87.cw;
    s->sw = cpu->x87.sw;
    s->mxcsr = cpu->mxcsr;
    s->tag = 0;
    top = s->sw >> 11 & 7;
    for (unsigned i = 0; i < 8; i++) {
        s->tag |= (u8)(((cpu->x87.tag >> 2 * i & 3) != 3) << i);
        s->st[i].frac = cpu->x87.r[(top + i) & 7].frac;
        s->st[i].se = cpu->x87.r[(top + i) & 7].se;
        memcpy(s->xmm[i], &cpu->xmm[i], 16);
    }
}

void emulated_run(struct emulated *e, const struct oracle_case *c, struct oracle_result *r)
{
    u8 page[PAGE_SIZE];

    memset(page, 0xcc, sizeof(page));
    memcpy(page + (CODE_AT - CODE), c->code, c->len);
    phys_poke(&e->phys, CODE, page, sizeof(page));
    phys_poke(&e->phys, DATA, c->data, DATA_BYTES);
    memset(r, 0, sizeof(*r));
    put_regs(e->cpu, &c->regs);
    user_mode(e->cpu);
    cpu_run(e->cpu, 100000);
    get_regs(e, r);
    phys_read(&e->phys, DATA, r->data, DATA_BYTES);
}
