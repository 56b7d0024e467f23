/* What lies in front of or under other things in the guest-physical map: a processor's own pages, shadow RAM. */
#include "mmu/phys_part.h"

#include <errno.h>

/* The shadow RAM's page at pa, or PHYS_SHADOW_MAX where there is none. */
static u64 shadow_page(const struct phys *phys, u64 pa)
{
    u64 offset = pa - phys->shadow.base;

    return offset < phys->shadow.size ? offset >> PAGE_SHIFT : PHYS_SHADOW_MAX;
}

static u64 shadow_desc(const struct phys_shadow *shadow, u64 n)
{
    u64 ram = (u64)(uintptr_t)(shadow->ram + n * PAGE_SIZE);

    switch (shadow->mode[n]) {
    case 0: return shadow->below[n];
    case PHYS_SHADOW_WRITE: return shadow->below[n] | PHYS_SPLIT;
    case PHYS_SHADOW_READ: return ram | PHYS_ROM;
    case PHYS_SHADOW_READ | PHYS_SHADOW_WRITE: return ram | PHYS_RAM | PHYS_STORED;
    }
    BUG("shadow mode %u", shadow->mode[n]);
}

/* The descriptor of what lies at pa behind the fronts from `number` on. */
static u64 *behind_front(struct phys *phys, u64 pa, unsigned number)
{
    for (unsigned i = number; i < PHYS_FRONTS; i++)
        if (phys->front[i].on && phys->front[i].pa == (pa & ~(u64)PAGE_MASK))
            return &phys->front[i].below;
    return &phys->page[pa >> PAGE_SHIFT];
}

void phys_set_page(struct phys *phys, u64 pa, u64 desc)
{
    u64 *page = behind_front(phys, pa, 0);
    u64 n = shadow_page(phys, pa);

    if (n != PHYS_SHADOW_MAX) {
        BUG_ON(desc & (PHYS_RAM | PHYS_MMIO));
        phys->shadow.below[n] = desc;
        desc = shadow_desc(&phys->shadow, n);
    }
    if (*page & PHYS_CODE)
        phys_tell_store(phys, *page, pa, PAGE_SIZE);
    if (*page & PHYS_MMIO)
        phys->mmio[phys_mmio_number(*page)].pages--;
    if (desc & PHYS_MMIO)
        phys->mmio[phys_mmio_number(desc)].pages++;
    *page = desc;
}

static void remove_front(struct phys *phys, unsigned number)
{
    struct phys_front *front = &phys->front[number];
    u64 *page;

    front->on = false;
    page = behind_front(phys, front->pa, number + 1);
    phys->mmio[phys_mmio_number(*page)].pages--;
    *page = front->below;
}

bool phys_set_front(struct phys *phys, unsigned number, u64 pa, const struct phys_mmio_ops *ops,
                    void *opaque)
{
    struct phys_front *front = &phys->front[number];
    u64 *page;
    int n;

    BUG_ON(number >= PHYS_FRONTS || (ops && !phys_range_ok(pa, PAGE_SIZE)));
    if (front->on == (ops != NULL) && (!ops || front->pa == pa))
        return false;
    if (front->on)
        remove_front(phys, number);
    if (!ops)
        return true;
    n = phys_number_mmio(phys, pa, PAGE_SIZE, ops, opaque);
    BUG_ON(n < 0);
    page = behind_front(phys, pa, number + 1);
    if (*page & PHYS_CODE)
        phys_tell_store(phys, *page, pa, PAGE_SIZE);
    *front = (struct phys_front){true, pa, *page & ~(u64)PHYS_CODE};
    *page = PHYS_MMIO | (u64)n << PHYS_MMIO_SHIFT;
    phys->mmio[n].pages++;
    return true;
}

int phys_add_shadow(struct phys *phys, u64 pa, u64 size)
{
    if (!phys_range_ok(pa, size) || size > PHYS_SHADOW_MAX * PAGE_SIZE || phys->shadow.size)
        return -EINVAL;
    for (u64 i = 0; i < size; i += PAGE_SIZE)
        if (phys_page(phys, pa + i) & (PHYS_RAM | PHYS_MMIO))
            return -EINVAL;
    phys->shadow.ram = phys_take(phys, size);
    if (!phys->shadow.ram)
        return -ENOMEM;
    phys->piece[phys->pieces - 1].pa = pa;
    for (u64 i = 0; i < size; i += PAGE_SIZE)
        phys->shadow.below[i >> PAGE_SHIFT] =
            phys_page(phys, pa + i) & ~(u64)(PHYS_STORED | PHYS_CODE);
    phys->shadow.base = pa;
    phys->shadow.size = size;
    return 0;
}

bool phys_set_shadow(struct phys *phys, u64 pa, u64 size, bool read, bool write)
{
    u8 mode = (u8)((read ? PHYS_SHADOW_READ : 0) | (write ? PHYS_SHADOW_WRITE : 0));
    bool changed = false;

    BUG_ON(!phys_range_ok(pa, size));
    for (u64 i = 0; i < size; i += PAGE_SIZE) {
        u64 n = shadow_page(phys, pa + i);

        BUG_ON(n == PHYS_SHADOW_MAX);
        if (phys->shadow.mode[n] == mode)
            continue;
        changed = true;
        phys->shadow.mode[n] = mode;
        phys_set_page(phys, pa + i, phys->shadow.below[n]);
    }
    return changed;
}
