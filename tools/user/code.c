/* Pages with translated code, and what happens before they change.
 *
 * Each thread has blocks of its own. A page that some thread has code of, and that the guest may write, is guarded: the host
 * may not write there. Whoever wants to has every thread drop its code of the page first, and a thread that runs does that
 * before its next block; one that waits in a system call, before it runs again. */
#include "tools/user/user.h"

#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "translate/block.h"

static void guard(u32 page, bool on)
{
    u8 *rights = &process.flat.rights[page];

    if (!!(*rights & SPACE_GUARDED) == on)
        return;
    mprotect(g2h(page << PAGE_SHIFT), PAGE_SIZE, on ? PROT_READ : PROT_READ | PROT_WRITE);
    *rights ^= SPACE_GUARDED;
    process.guarded += on ? 1 : -1u;
}

void code_set(void *thread, u64 pa, bool on)
{
    u32 page = (u32)(pa >> PAGE_SHIFT);

    (void)thread;
    pthread_mutex_lock(&process.code_lock);
    process.code_users[page] = (u16)(process.code_users[page] + (on ? 1 : -1));
    if (on && (process.flat.rights[page] & FLAT_WRITE))
        guard(page, true);
    else if (!on && process.code_users[page] == 0)
        guard(page, false);
    pthread_mutex_unlock(&process.code_lock);
}

static void drop_own(struct thread *t, u32 page)
{
    if (t->cpu->translator)
        smc_store(t->cpu->translator, page << PAGE_SHIFT, PAGE_SIZE);
}

/* Drops what others have asked for. */
static void empty_inbox(struct thread *t)
{
    while (__atomic_load_n(&t->inbox_count, __ATOMIC_ACQUIRE)) {
        u32 page;

        pthread_mutex_lock(&process.thread_lock);
        page = t->inbox[t->inbox_count - 1];
        pthread_mutex_unlock(&process.thread_lock);
        drop_own(t, page);
        pthread_mutex_lock(&process.thread_lock);
        for (u32 i = 0; i < t->inbox_count; i++)
            if (t->inbox[i] == page) {
                t->inbox[i] = t->inbox[t->inbox_count - 1];
                __atomic_store_n(&t->inbox_count, t->inbox_count - 1, __ATOMIC_RELEASE);
                break;
            }
        pthread_mutex_unlock(&process.thread_lock);
    }
}

bool code_try_enter(struct thread *t)
{
    __atomic_store_n(&t->in_guest, true, __ATOMIC_SEQ_CST);
    if (likely(!__atomic_load_n(&t->inbox_count, __ATOMIC_SEQ_CST) && !t->must_flush))
        return true;
    __atomic_store_n(&t->in_guest, false, __ATOMIC_SEQ_CST);
    return false;
}

void code_enter(struct thread *t)
{
    while (!code_try_enter(t)) {
        empty_inbox(t);
        if (__atomic_exchange_n(&t->must_flush, false, __ATOMIC_SEQ_CST))
            mmu_flush(&t->cpu->mmu, true);
    }
}

static void send(struct thread *to, u32 page)
{
    if (to->inbox_count == to->inbox_size) {
        u32 size = to->inbox_size ? to->inbox_size * 2 : 64;
        u32 *inbox = realloc(to->inbox, size * sizeof(*inbox));

        if (!inbox)
            BUG("out of memory");
        to->inbox = inbox;
        to->inbox_size = size;
    }
    to->inbox[to->inbox_count] = page;
    __atomic_store_n(&to->inbox_count, to->inbox_count + 1, __ATOMIC_SEQ_CST);
    to->cpu->kicked = true;
}

/* Whether some thread that runs has not done yet what it was sent. */
static bool others_busy(const struct thread *t)
{
    bool busy = false;

    pthread_mutex_lock(&process.thread_lock);
    for (struct thread *o = process.threads; o && !busy; o = o->next) {
        busy = o != t && __atomic_load_n(&o->inbox_count, __ATOMIC_SEQ_CST) &&
               __atomic_load_n(&o->in_guest, __ATOMIC_SEQ_CST);
        if (busy)
            o->cpu->kicked = true;
    }
    pthread_mutex_unlock(&process.thread_lock);
    return busy;
}

static void drop_others(struct thread *t, u32 page)
{
    pthread_mutex_lock(&process.thread_lock);
    for (struct thread *o = process.threads; o; o = o->next)
        if (o != t)
            send(o, page);
    pthread_mutex_unlock(&process.thread_lock);
}

void code_drop(u32 address, u64 len)
{
    u32 page = address >> PAGE_SHIFT, end = (u32)((address + len + PAGE_MASK) >> PAGE_SHIFT);
    bool sent = false;

    for (; page < end; page++) {
        if (likely(!process.code_users[page]))
            continue;
        if (self)
            drop_own(self, page);
        if (process.code_users[page] && process.thread_count > 1) {
            drop_others(self, page);
            sent = true;
        }
    }
    while (sent && others_busy(self)) {
        empty_inbox(self);
        sched_yield();
    }
    if (!process.guarded)
        return;
    pthread_mutex_lock(&process.code_lock);
    for (page = address >> PAGE_SHIFT; page < end; page++)
        if (process.flat.rights[page] & SPACE_GUARDED)
            guard(page, false);
    pthread_mutex_unlock(&process.code_lock);
}

void code_drop_all(void)
{
    for (u32 page = 0; process.guarded && page < TLB_PAGES; page++)
        if (process.flat.rights[page] & SPACE_GUARDED)
            code_drop(page << PAGE_SHIFT, PAGE_SIZE);
}

void code_flush_others(struct thread *t)
{
    if (process.thread_count < 2)
        return;
    pthread_mutex_lock(&process.thread_lock);
    for (struct thread *o = process.threads; o; o = o->next)
        if (o != t) {
            o->must_flush = true;
            o->cpu->kicked = true;
        }
    pthread_mutex_unlock(&process.thread_lock);
}
