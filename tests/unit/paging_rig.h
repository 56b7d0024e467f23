/* Two machines for tests of demand paging: one has every page, the other gets each when it faults.
 *
 * Tables of the MMU, handlers and the stack of level 0 are always there. What a row of code touches lies in areas of
 * two pages around a border, physically in reverse order, so that what crosses the border is two pieces. Descriptor
 * tables and the TSS cross borders, too: their lower page, which deliveries need, is always there. */
#ifndef PAGEWALK_TEST_PAGING_RIG_H
#define PAGEWALK_TEST_PAGING_RIG_H

#include "tests/unit/cpurig.h" /* for attributes of descriptors */
#include "tests/unit/flat_cpu.h"
#include "translate/translate.h"

#define RAM         0x140000u
#define LOW         0x10000u /* what is used below the areas */
#define PAGE_DIR    0x1000u  /* with PAE the PDPTEs, */
#define PAE_DIR     0x6000u  /* and the page directory */
#define PAGE_TABLE  0x2000u
#define HANDLERS    0x3000u /* 16 bytes a vector: HLT */
#define STACK0      0x5000u /* its end; one page */
#define END_VECTOR  0x20u
#define TEST_VECTOR 0x30u

/* Page table entries. */
#define PTE_P  0x01u
#define PTE_W  0x02u
#define PTE_U  0x04u
#define PTE_A  0x20u
#define PTE_D  0x40u
#define PTE_NX 0x80000000u /* of the high half, with PAE */

enum area { CODE, DATA, SOURCE, STACK, INNER, KSTACK, GDT, IDT, TSS, LDT, TASK, AREAS };

static const struct {
    u32 border;
    bool user;       /* else pages are for supervisors only */
    bool lower_kept; /* the lower page is always there */
    bool read_first; /* what is written there is read before */
} areas[AREAS] = {
    [CODE] = {0x102000, true, false, false},   [DATA] = {0x104000, true, false, false},
    [SOURCE] = {0x106000, true, false, false}, [STACK] = {0x108000, true, false, false},
    [INNER] = {0x10a000, false, false, false}, [KSTACK] = {0x120000, false, true, false},
    [GDT] = {0x122000, false, true, true},     [IDT] = {0x124000, false, true, false},
    [TSS] = {0x126000, false, true, false},    [LDT] = {0x128000, false, false, true},
    [TASK] = {0x12a000, false, false, true},
};

#define AREA_PAGES (2 * AREAS)

/* Selectors. TEST_SEL is the descriptor at the border of the GDT's pages, LDT_SEL that of the LDT's. */
enum {
    CODE0 = 0x08,
    DATA0 = 0x10,
    CODE1 = 0x18 | 1,
    DATA1 = 0x20 | 1,
    CODE3 = 0x28 | 3,
    DATA3 = 0x30 | 3,
    TSS_SEL = 0x38,
    CODE16 = 0x40 | 3, /* base AREA16 */
    DATA16 = 0x48 | 3,
    TEST_SEL = 0x80,
    LDT_SEL = 0x0f,
    GDT_LIMIT = TEST_SEL + 7,
};
#define AREA16     0x100000u
#define VM86_SEG   0xffffu
#define TSS_LIMIT  0x167u /* with a bitmap of 2048 ports */
#define TSS_BITMAP 0x68u

struct machine {
    struct phys phys;
    struct log log;
    struct stats stats;
    struct cpu *cpu;
    bool pae;            /* and execute-disable */
    u32 inputs, outputs; /* of ports, */
    u64 written;         /* and all that was written */
};

static inline u32 area_page(unsigned i)
{
    return areas[i / 2].border - (i % 2 ? 0 : PAGE_SIZE);
}

/* Physical address of a page of an area. */
static inline u32 area_pa(unsigned i)
{
    return area_page(i ^ 1);
}

/* The number of the page that holds la: AREA_PAGES for none. */
static inline unsigned area_of(u32 la)
{
    unsigned i = 0;

    while (i < AREA_PAGES && area_page(i) != (la & ~PAGE_MASK))
        i++;
    return i;
}

static inline u8 *machine_page(struct machine *m, unsigned i)
{
    return phys_host(&m->phys, area_pa(i));
}

static inline u8 *machine_pte(struct machine *m, u32 la)
{
    return phys_host(&m->phys, PAGE_TABLE + (la >> PAGE_SHIFT) * (m->pae ? 8 : 4));
}

static inline u32 port_in(void *opaque, u16 port, unsigned size)
{
    struct machine *m = opaque;

    (void)port, (void)size;
    return 0x01010101u * ++m->inputs;
}

static inline void port_out(void *opaque, u16 port, u32 value, unsigned size)
{
    struct machine *m = opaque;

    m->outputs++;
    m->written = m->written * 31 + value + size + port;
}

static inline void machine_open(struct machine *m, const struct translate_options *options)
{
    struct cpu_hooks hooks = {.opaque = m, .port_in = port_in, .port_out = port_out};

    *m = (struct machine){.log = {.out = stderr}};
    ck_assert_int_eq(phys_init(&m->phys, RAM, &m->log, &m->stats), 0);
    ck_assert_int_eq(phys_add_ram(&m->phys, 0, RAM), 0);
    m->cpu = cpu_new(&m->phys, cpu_model_find("coreduo"), &hooks, &m->log, &m->stats);
    ck_assert_ptr_nonnull(m->cpu);
    ck_assert_int_eq(translator_new(m->cpu, options), 0);
    for (u32 v = 0; v <= TEST_VECTOR; v++) /* HLT; ADD $4, %esp; IRET */
        phys_poke(&m->phys, HANDLERS + 16 * v, (const u8[]){0xf4, 0x83, 0xc4, 0x04, 0xcf}, 5);
}

static inline void machine_close(struct machine *m)
{
    translator_free(m->cpu);
    cpu_free(m->cpu);
    phys_free(&m->phys);
}

/* All pages there, those of areas with these bits; no A and D bits. */
static inline void machine_map(struct machine *m, u32 bits)
{
    put32(phys_host(&m->phys, m->pae ? PAE_DIR : PAGE_DIR), PAGE_TABLE | PTE_P | PTE_W | PTE_U);
    if (m->pae)
        put32(phys_host(&m->phys, PAGE_DIR), PAE_DIR | PTE_P);
    for (u32 la = 0; la < LOW; la += PAGE_SIZE)
        put32(machine_pte(m, la), la | PTE_P | PTE_W);
    for (unsigned i = 0; i < AREA_PAGES; i++) {
        bool kept = i % 2 == 0 && areas[i / 2].lower_kept;
        u32 rights = kept ? PTE_P | PTE_W : areas[i / 2].user ? bits : bits & ~PTE_U;

        put32(machine_pte(m, area_page(i)), area_pa(i) | rights);
        if (m->pae)
            put32(machine_pte(m, area_page(i)) + 4, 0);
    }
}

/* Memory as the image has it. Code is stored as code only where it changes. */
static inline void machine_fill(struct machine *m, u8 (*image)[PAGE_SIZE])
{
    for (unsigned i = 0; i < AREA_PAGES; i++)
        if (i / 2 != CODE)
            memcpy(machine_page(m, i), image[i], PAGE_SIZE);
        else if (memcmp(machine_page(m, i), image[i], PAGE_SIZE) != 0)
            phys_poke(&m->phys, area_pa(i), image[i], PAGE_SIZE);
    memset(phys_host(&m->phys, STACK0 - PAGE_SIZE), 0, PAGE_SIZE);
    m->inputs = m->outputs = 0;
    m->written = 0;
}

static inline void image_put(u8 (*image)[PAGE_SIZE], u32 la, const void *bytes, u32 len)
{
    for (u32 i = 0; i < len; i++) {
        unsigned page = area_of(la + i);

        expect(page < AREA_PAGES, "no area at %x", la + i);
        image[page][(la + i) & PAGE_MASK] = ((const u8 *)bytes)[i];
    }
}

static inline void image_put32(u8 (*image)[PAGE_SIZE], u32 la, u32 value)
{
    image_put(image, la, &value, 4);
}

/* A segment or system descriptor; attr as in the high dword, limit in units of attr's G. */
static inline void image_desc(u8 (*image)[PAGE_SIZE], u32 la, u32 base, u32 limit, u32 attr)
{
    image_put32(image, la, base << 16 | (limit & 0xffff));
    image_put32(image, la + 4,
                (base & 0xff000000u) | (base >> 16 & 0xff) | (limit & 0xf0000) | attr);
}

static inline void image_gate(u8 (*image)[PAGE_SIZE], u32 la, u16 sel, u32 offset, u32 attr)
{
    image_put32(image, la, (u32)sel << 16 | (offset & 0xffff));
    image_put32(image, la + 4, (offset & 0xffff0000u) | attr);
}

#endif
