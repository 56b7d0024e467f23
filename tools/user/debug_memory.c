/* The guest's memory as gdb reads and writes it. */
#include <string.h>
#include <sys/mman.h>

#include "cpu/peek.h"
#include "tools/user/debug.h"

struct copy {
    u32 la;
    u8 *to;
    const u8 *from;
    size_t len, done;
};

/* A file may end before its mapping does. */
static void copy_out(struct thread *t, void *opaque)
{
    struct copy *c = opaque;

    while (c->done < c->len) {
        size_t part = PAGE_SIZE - ((c->la + c->done) & PAGE_MASK);

        part = part < c->len - c->done ? part : c->len - c->done;
        part = cpu_peek(t->cpu, c->la + c->done, false, c->to + c->done, part);
        if (!part)
            return;
        c->done += part;
    }
}

size_t debug_peek(void *opaque, u64 addr, u8 *data, size_t len)
{
    struct copy c = {.la = (u32)addr, .to = data, .len = len};

    (void)opaque;
    if (addr >= SPACE_SIZE || len > SPACE_SIZE - addr)
        return 0;
    fault_guarded(self, copy_out, &c);
    return c.done;
}

static void copy_in(struct thread *t, void *opaque)
{
    struct copy *c = opaque;

    (void)t;
    memcpy(g2h(c->la), c->from, c->len);
    c->done = c->len;
}

/* Within one page, whatever the guest may do there: the host may write for a moment. */
static bool poke_page(u32 la, const u8 *data, size_t len)
{
    struct copy c = {.la = la, .from = data, .len = len};
    void *page = g2h(la & ~PAGE_MASK);
    u8 rights = space_rights(la);
    int host = (rights & FLAT_READ || rights & FLAT_EXEC ? PROT_READ : 0) |
               (rights & FLAT_WRITE ? PROT_WRITE : 0);

    if (!(rights & FLAT_ANY))
        return false;
    code_drop(la, len); /* and the page is not guarded any more */
    if (!(rights & FLAT_WRITE) && mprotect(page, PAGE_SIZE, PROT_READ | PROT_WRITE) < 0)
        return false;
    fault_guarded(self, copy_in, &c);
    if (!(rights & FLAT_WRITE))
        mprotect(page, PAGE_SIZE, host);
    return c.done == len;
}

bool debug_poke(void *opaque, u64 addr, const u8 *data, size_t len)
{
    (void)opaque;
    if (addr >= SPACE_SIZE || len > SPACE_SIZE - addr)
        return false;
    while (len) {
        size_t part = PAGE_SIZE - (addr & PAGE_MASK);

        part = part < len ? part : len;
        if (!poke_page((u32)addr, data, part))
            return false;
        addr += part;
        data += part;
        len -= part;
    }
    return true;
}
