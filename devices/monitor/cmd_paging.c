/* info mem, info tlb: what the guest's page tables map, page by page or in ranges of the same rights. */
#include <inttypes.h>

#include "devices/monitor/command.h"

#define PTE_P  0x001u
#define PTE_W  0x002u
#define PTE_U  0x004u
#define PTE_PS 0x080u
#define PTE_NX (1ull << 63)

struct page {
    u64 la, size;
    u64 entry;  /* the last one that was read */
    u64 rights; /* PTE_U, PTE_W: those of all entries; 0: nothing is there */
};

/* What is at la: a page, or how much has none. */
static struct page look(const struct mmu *mmu, u64 la)
{
    bool pae = mmu->paging.cr4 & CR4_PAE;
    struct walk_entry entry[WALK_ENTRIES];
    unsigned n = walk_trace(&mmu->paging, mmu->phys, (u32)la, entry), first = pae ? 1 : 0;
    unsigned levels = pae ? 3 : 2;
    u64 size = PAGE_SIZE, rights = PTE_P | PTE_U | PTE_W;

    for (unsigned i = first; i < n; i++)
        rights &= entry[i].value;
    if (n < levels)
        size = n == first + 1 ? (pae ? 2 * MIB : 4 * MIB) : 1024 * MIB;
    if (!n || !(entry[n - 1].value & PTE_P) || n <= first)
        rights = 0;
    return (struct page){la & ~(size - 1), size, n ? entry[n - 1].value : 0, rights};
}

static bool paging_is_on(struct monitor *m)
{
    if (m->pc->cpu->mmu.paging.cr0 & CR0_PG)
        return true;
    fputs("PG disabled\n", m->out);
    return false;
}

static void put_range(FILE *out, u64 from, u64 to, u64 rights)
{
    if (rights)
        fprintf(out, "%016" PRIx64 "-%016" PRIx64 " %016" PRIx64 " %cr%c\n", from, to, to - from,
                rights & PTE_U ? 'u' : '-', rights & PTE_W ? 'w' : '-');
}

MONITOR_COMMAND(info_mem)
{
    u64 from = 0, rights = 0;

    (void)a;
    if (!paging_is_on(m))
        return;
    for (u64 la = 0; la >> 32 == 0;) {
        struct page page = look(&m->pc->cpu->mmu, la);

        if (page.rights != rights) {
            put_range(m->out, from, la, rights);
            from = la;
            rights = page.rights;
        }
        la = page.la + page.size;
    }
    put_range(m->out, from, 1ull << 32, rights);
}

MONITOR_COMMAND(info_tlb)
{
    static const struct {
        u64 bit;
        char letter;
    } bits[] = {{PTE_NX, 'X'}, {0x100, 'G'}, {PTE_PS, 'P'}, {0x40, 'D'}, {0x20, 'A'},
                {0x10, 'C'},   {0x08, 'T'},  {PTE_U, 'U'},  {PTE_W, 'W'}};

    (void)a;
    if (!paging_is_on(m))
        return;
    for (u64 la = 0; la >> 32 == 0;) {
        struct page page = look(&m->pc->cpu->mmu, la);
        bool pae = m->pc->cpu->mmu.paging.cr4 & CR4_PAE;
        u64 address = pae ? 0x000ffffffffff000ull : 0xfffff000u;

        if (page.rights) {
            fprintf(m->out, "%016" PRIx64 ": %016" PRIx64 " ", page.la,
                    page.entry & address & ~(page.size - 1));
            for (unsigned i = 0; i < ARRAY_SIZE(bits); i++)
                fputc(page.entry & bits[i].bit && (bits[i].bit != PTE_PS || page.size > PAGE_SIZE)
                          ? bits[i].letter
                          : '-',
                      m->out);
            fputc('\n', m->out);
        }
        la = page.la + page.size;
    }
}
