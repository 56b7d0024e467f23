/* Pages with translated code, and what happens before they change.
 *
 * Each thread has blocks of its own. A page that some thread has code of, and that the guest may write, is guarded: the host
 * may not write there. Whoever wants to opens it: every thread drops its code of the page first, a thread that runs before its
 * next block, one that waits in a system call before it runs again; and none reads bytes there for new blocks until it is
 * open. One opens pages at a time (open_lock). */
#include "tools/user/pages.h"

#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "cpu/excp.h"
#include "translate/block.h"

/* The page's host page: it is open when no guest page in it is guarded any more. */
static void guard_host_page(u32 page, bool on)
{
    u64 start = pages_down((u64)page << PAGE_SHIFT), end = start + process.host_page;
    bool guarded = on;

    for (u64 la = start; la < end; la += PAGE_SIZE)
        if (la >> PAGE_SHIFT != page)
            guarded |= space_rights((u32)la) & SPACE_GUARDED;
    mprotect(g2h((u32)start), process.host_page, guarded ? PROT_READ : PROT_READ | PROT_WRITE);
}

/* The host's rights are never less than the word of it says: see fault.c. */
static void guard(u32 page, bool on)
{
    u8 *rights = &process.flat.rights[page];

    if (!!(*rights & SPACE_GUARDED) == on)
        return;
    if (on)
        __atomic_fetch_or(rights, SPACE_GUARDED, __ATOMIC_SEQ_CST);
    if (pages_coarse())
        guard_host_page(page, on);
    else
        mprotect(g2h(page << PAGE_SHIFT), PAGE_SIZE, on ? PROT_READ : PROT_READ | PROT_WRITE);
    if (!on)
        __atomic_fetch_and(rights, (u8)~SPACE_GUARDED, __ATOMIC_SEQ_CST);
    process.guarded += on ? 1 : -1u;
}

/* A page is open, or not for long, while another thread holds open_lock: until then this one does not run. */
static void open_lock_at_rest(struct thread *t)
{
    bool was_in_guest = t && t->in_guest;

    if (pthread_mutex_trylock(&process.open_lock) == 0)
        return;
    if (was_in_guest)
        code_leave(t);
    pthread_mutex_lock(&process.open_lock);
    if (was_in_guest)
        __atomic_store_n(&t->in_guest, true, __ATOMIC_SEQ_CST);
}

/* In front of reading bytes for a block, and of its first one in the page. */
static void code_set_on(struct thread *t, u32 page)
{
    bool may_run;

    open_lock_at_rest(self);
    pthread_mutex_lock(&process.code_lock);
    process.code_users[page]++;
    if (process.flat.rights[page] & FLAT_WRITE)
        guard(page, true);
    may_run = process.flat.rights[page] & FLAT_EXEC;
    pthread_mutex_unlock(&process.code_lock);
    pthread_mutex_unlock(&process.open_lock);
    /* What others have sent meanwhile comes first, and the page may be gone. */
    if (t->in_guest &&
        (!may_run || __atomic_load_n(&t->inbox_count, __ATOMIC_SEQ_CST) || t->must_flush)) {
        cpu_kick(t->cpu);
        cpu_restart(t->cpu);
    }
}

void code_set(void *thread, u64 pa, bool on)
{
    u32 page = (u32)(pa >> PAGE_SHIFT);

    if (on) {
        code_set_on(thread, page);
        return;
    }
    pthread_mutex_lock(&process.code_lock);
    if (--process.code_users[page] == 0)
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

void code_begin_change(u32 address, u64 len)
{
    u32 page = (u32)(pages_down(address) >> PAGE_SHIFT),
        end = (u32)(pages_up(address + len) >> PAGE_SHIFT);
    bool sent = false;

    while (pthread_mutex_trylock(&process.open_lock)) { /* who has it may wait for this thread */
        if (self)
            empty_inbox(self);
        sched_yield();
    }
    for (u32 p = page; p < end; p++) {
        if (likely(!process.code_users[p]))
            continue;
        if (self)
            drop_own(self, p);
        if (process.code_users[p] && process.thread_count > 1) {
            drop_others(self, p);
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
    for (; page < end; page++)
        if (process.flat.rights[page] & SPACE_GUARDED)
            guard(page, false);
    pthread_mutex_unlock(&process.code_lock);
}

void code_end_change(void)
{
    pthread_mutex_unlock(&process.open_lock);
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
