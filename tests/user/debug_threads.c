/* Threads for gdb to look at (tests/user/debug): each has a number of its own, calls, and waits in the kernel. */
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#define THREADS 3

volatile int calls[THREADS], at_once, release;
static pthread_barrier_t all;

__attribute__((noinline)) void meet(int number)
{
    calls[number]++;
}

__attribute__((noinline)) void together(void)
{
    at_once++;
}

static void *work(void *number)
{
    int n = (int)number;

    for (int i = 0; i < 3; i++)
        meet(n);
    pthread_barrier_wait(&all);
    while (!release)
        calls[n]++;
    return number;
}

int main(void)
{
    pthread_t thread[THREADS];

    pthread_barrier_init(&all, NULL, THREADS + 1);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&thread[i], NULL, work, (void *)i);
    pthread_barrier_wait(&all);
    together();
    release = 1;
    for (int i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    return calls[0] >= 3 && calls[1] >= 3 && calls[2] >= 3 ? 12 : 1;
}
