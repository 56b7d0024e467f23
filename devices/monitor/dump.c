/* dump-guest-memory: RAM as an ELF core, which gdb and crash read.
 *
 * Segments are RAM by physical
 * address, or with -p what is mapped by linear address, as the page tables are now. Pages of zeros become holes of the file. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cpu/sys.h"
#include "devices/monitor/command.h"
#include "devices/monitor/core.h"

#define SEGMENTS_MAX 60000u

struct dump {
    struct pc *pc;
    u64 begin, end; /* of the physical addresses that are wanted */
    struct core_segment *segment;
    unsigned segments, room;
    unsigned ram; /* the first of them are RAM by physical address */
    bool failed;
};

static void add(struct dump *d, u64 la, u64 pa, u64 size)
{
    struct core_segment *last = d->segments > d->ram ? &d->segment[d->segments - 1] : NULL;

    if (last && last->la + last->size == la && last->pa + last->size == pa) {
        last->size += size;
        return;
    }
    if (d->segments == d->room) {
        unsigned room = d->room ? 2 * d->room : 64;
        struct core_segment *more =
            room <= 2 * SEGMENTS_MAX ? realloc(d->segment, room * sizeof(*more)) : NULL;

        if (!more) {
            d->failed = true;
            return;
        }
        d->segment = more;
        d->room = room;
    }
    d->segment[d->segments++] = (struct core_segment){la, pa, size, 0};
}

static bool wanted(const struct dump *d, u64 pa)
{
    return pa >= d->begin && pa < d->end && phys_page(&d->pc->phys, pa) & PHYS_RAM;
}

static void add_ram(struct dump *d)
{
    for (u64 pa = 0; pa >> 32 == 0 && !d->failed; pa += PAGE_SIZE)
        if (wanted(d, pa))
            add(d, pa, pa, PAGE_SIZE);
    d->ram = d->segments;
}

static void add_linear(struct dump *d)
{
    struct mmu *mmu = &d->pc->cpu->mmu;
    u64 pa;

    for (u64 la = 0; la >> 32 == 0 && !d->failed; la += PAGE_SIZE) {
        if (!mmu_peek_pa(mmu, (u32)la, &pa)) {
            struct walk_entry entry[WALK_ENTRIES];

            /* Nothing is there to the end of what the first missing entry maps. */
            if (walk_trace(&mmu->paging, mmu->phys, (u32)la, entry) == 1)
                la |= (mmu->paging.cr4 & CR4_PAE ? 1024 : 4) * MIB - PAGE_SIZE;
        } else if (wanted(d, pa)) {
            add(d, la, pa, PAGE_SIZE);
        }
    }
}

/* In the order of Linux's struct user_regs_struct. */
static void get_registers(const struct cpu *cpu, u32 reg[CORE_REGISTERS])
{
    const u32 *r = cpu->r;
    const u32 value[CORE_REGISTERS] = {r[R_EBX],
                                       r[R_ECX],
                                       r[R_EDX],
                                       r[R_ESI],
                                       r[R_EDI],
                                       r[R_EBP],
                                       r[R_EAX],
                                       cpu->seg[SREG_DS].sel,
                                       cpu->seg[SREG_ES].sel,
                                       cpu->seg[SREG_FS].sel,
                                       cpu->seg[SREG_GS].sel,
                                       r[R_EAX],
                                       cpu->eip,
                                       cpu->seg[SREG_CS].sel,
                                       flags_get(cpu),
                                       r[R_ESP],
                                       cpu->seg[SREG_SS].sel};

    memcpy(reg, value, sizeof(value));
}

static int write_memory(const struct dump *d, int fd)
{
    static const u8 zeros[PAGE_SIZE];
    off_t end = 0;
    int r = 0;

    for (unsigned i = 0; i < d->ram && r == 0; i++) {
        const struct core_segment *s = &d->segment[i];

        for (u64 at = 0; at < s->size && r == 0; at += PAGE_SIZE) {
            const u8 *page = phys_host(&d->pc->phys, s->pa + at);

            end = (off_t)(s->offset + at + PAGE_SIZE);
            if (!page || memcmp(page, zeros, PAGE_SIZE) == 0)
                continue;
            if (lseek(fd, (off_t)(s->offset + at), SEEK_SET) < 0)
                return -errno;
            r = core_write(fd, page, PAGE_SIZE);
        }
    }
    return r < 0 || !end || ftruncate(fd, end) == 0 ? r : -errno;
}

MONITOR_COMMAND(dump)
{
    bool linear = a->arg[0].given;
    const char *name = a->arg[1].text;
    struct dump d = {.pc = m->pc, .end = 1ull << 32};
    int fd = -1, r;

    if (a->arg[2].given) {
        d.begin = a->arg[2].number & ~(u64)PAGE_MASK;
        d.end = a->arg[3].given ? a->arg[2].number + a->arg[3].number : d.end;
    }
    add_ram(&d);
    if (linear && m->pc->cpu->mmu.paging.cr0 & CR0_PG)
        add_linear(&d);
    if (d.failed || d.segments > SEGMENTS_MAX)
        monitor_fail(m, "the page tables have too many pieces for an ELF file; leave out -p");
    else if (!d.ram)
        monitor_fail(m, "there is no RAM in that range");
    else
        fd = monitor_create(m, name);
    if (fd >= 0) {
        u32 reg[CORE_REGISTERS];

        get_registers(m->pc->cpu, reg);
        r = core_headers(fd, d.segment, d.segments, d.ram, reg);
        if (r == 0)
            r = write_memory(&d, fd);
        if (close(fd) < 0 && r == 0)
            r = -errno;
        if (r < 0)
            monitor_fail(m, "writing to '%s' failed: %s", name, strerror(-r));
    }
    free(d.segment);
}
