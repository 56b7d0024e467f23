/* Threads that run code which another thread changes: what a compiler at run time does. Code is added beside code that runs, an
 * instruction is changed in place, and memory with code goes and comes. A thread that has seen the word of a change must run the
 * new code. Prints how often one did not. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define RUNNERS   3
#define PAGE      4096
#define FUNCTIONS 24 /* of 32 bytes in the page, behind the one that is changed */

typedef unsigned function(void);

static unsigned char *page;
static volatile unsigned version, added, done;
static unsigned stale;

static void serialize(void)
{
    unsigned a = 0, b, c, d;

    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d)::"memory");
}

/* MOV EAX, value; RET: the value is at a multiple of 4. */
static void put_function(unsigned char *at, unsigned value)
{
    memcpy(at + 4, &value, 4);
    at[8] = 0xc3;
    at[3] = 0xb8;
}

static void *run(void *unused)
{
    (void)unused;
    while (!done) {
        unsigned seen = version, n = added, got;

        serialize();
        got = ((function *)(page + 3))();
        if (got < seen)
            __atomic_fetch_add(&stale, 1, __ATOMIC_SEQ_CST);
        if (n && ((function *)(page + 32 * n + 3))() + FUNCTIONS < seen)
            __atomic_fetch_add(&stale, 1, __ATOMIC_SEQ_CST);
    }
    return NULL;
}

/* Memory with code that is there once only. */
static unsigned call_new(unsigned value)
{
    unsigned char *p =
        mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    unsigned got;

    put_function(p, value);
    got = ((function *)(p + 3))();
    if (value & 1)
        mprotect(p, PAGE, PROT_READ | PROT_EXEC);
    munmap(p, PAGE);
    return got;
}

int main(int argc, char **argv)
{
    unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 1000;
    pthread_t t[RUNNERS];

    page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    put_function(page, 0);
    for (unsigned i = 0; i < RUNNERS; i++)
        pthread_create(&t[i], NULL, run, NULL);
    for (unsigned v = 1; v <= rounds; v++) {
        unsigned n = v % FUNCTIONS;

        /* One that may be running already. */
        if (n) {
            __atomic_store_n((unsigned *)(page + 32 * n + 4), v, __ATOMIC_SEQ_CST);
            page[32 * n + 8] = 0xc3;
            page[32 * n + 3] = 0xb8;
            added = n;
        }
        __atomic_store_n((unsigned *)(page + 4), v, __ATOMIC_SEQ_CST);
        version = v;
        if (call_new(v) != v)
            __atomic_fetch_add(&stale, 1, __ATOMIC_SEQ_CST);
    }
    done = 1;
    for (unsigned i = 0; i < RUNNERS; i++)
        pthread_join(t[i], NULL);
    printf("%u versions, %u stale\n", rounds, stale);
    return stale != 0;
}
