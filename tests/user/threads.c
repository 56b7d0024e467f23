/* Threads, with sums that come out only when every LOCK holds, no wake-up is lost, and code that one thread writes is what
 * another runs. usage: threads [ROUNDS] */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 4

static int rounds = 20000;
static atomic_int counter;
static _Atomic int64_t wide;
static _Atomic uint8_t byte;
static _Atomic uint16_t word;
static volatile uint32_t bits;
static uint8_t across[128] __attribute__((aligned(64))); /* an operand over a line of the cache */
static int plain, turn, exchanged = 1, lost;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;

static void *sums(void *arg)
{
    int id = (int)(intptr_t)arg;

    for (int i = 0; i < rounds; i++) {
        counter++;
        wide += 0x100000001;
        byte ^= 1;
        word -= 3;
        __asm__ volatile("lock btcl %1, %0" : "+m"(bits) : "r"(id));
        __asm__ volatile("lock addl $1, %0" : "+m"(*(uint32_t *)(across + 62)));
        if (i % 16 == 0) {
            pthread_mutex_lock(&mutex);
            plain++;
            pthread_mutex_unlock(&mutex);
        }
        if (i % 64 == 0) { /* a lock by XCHG */
            int held = 0;

            do {
                __asm__ volatile("xchgl %0, %1" : "+r"(held), "+m"(exchanged));
                if (!held)
                    sched_yield();
            } while (!held);
            lost++;
            __asm__ volatile("xchgl %0, %1" : "+r"(held), "+m"(exchanged));
        }
    }
    for (int i = 0; i < 200; i++) {
        pthread_mutex_lock(&mutex);
        while (turn % THREADS != id)
            pthread_cond_wait(&cond, &mutex);
        turn++;
        pthread_cond_broadcast(&cond);
        pthread_mutex_unlock(&mutex);
    }
    return arg;
}

static void *nothing(void *arg)
{
    return arg;
}

static pthread_mutex_t robust;

static void *dies_with_lock(void *arg)
{
    pthread_mutex_lock(&robust);
    return arg;
}

static void robust_mutex(void)
{
    pthread_mutexattr_t attr;
    pthread_t thread;
    int result;

    pthread_mutexattr_init(&attr);
    pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&robust, &attr);
    pthread_create(&thread, NULL, dies_with_lock, NULL);
    pthread_join(thread, NULL);
    result = pthread_mutex_lock(&robust);
    printf("robust %d\n", result == EOWNERDEAD);
}

static void pi_mutex(void)
{
    pthread_mutexattr_t attr;
    pthread_mutex_t m;

    pthread_mutexattr_init(&attr);
    pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT);
    pthread_mutex_init(&m, &attr);
    printf("pi %d", pthread_mutex_lock(&m));
    printf(" %d\n", pthread_mutex_unlock(&m));
}

/* One thread writes functions, another calls them, in turn. */
static uint8_t *code;
static _Atomic int version;
static int wrong;

static void *caller(void *arg)
{
    int (*fn)(void) = (int (*)(void))(uintptr_t)code;

    for (int i = 1; i <= 300; i++) {
        while (version != 2 * i - 1)
            sched_yield();
        wrong += fn() != i;
        version = 2 * i;
    }
    return arg;
}

static void shared_code(void)
{
    pthread_t thread;

    code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memcpy(code, "\xb8\0\0\0\0\xc3", 6);
    pthread_create(&thread, NULL, caller, NULL);
    for (int i = 1; i <= 300; i++) {
        memcpy(code + 1, &i, 4);
        version = 2 * i - 1;
        while (version != 2 * i)
            sched_yield();
    }
    pthread_join(thread, NULL);
    printf("code %d\n", wrong);
}

static _Atomic int handled;

static void on_signal(int sig)
{
    (void)sig;
    handled++;
}

static _Atomic int finish;

static void *spin(void *arg)
{
    while (!finish)
        ;
    return arg;
}

static void signals_among_threads(void)
{
    pthread_t thread[THREADS];

    signal(SIGUSR1, on_signal);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&thread[i], NULL, spin, NULL);
    for (int i = 0; i < THREADS; i++) {
        int before = handled;

        pthread_kill(thread[i], SIGUSR1);
        while (handled == before)
            sched_yield();
    }
    finish = 1;
    for (int i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    printf("signals %d\n", handled);
}

static void *forks(void *arg)
{
    int status = 0;
    pid_t child = fork();

    if (child == 0)
        _exit(5);
    return waitpid(child, &status, 0) == child && status == 0x500 ? arg : NULL;
}

int main(int argc, char **argv)
{
    pthread_t thread[200];
    int good = 0;
    void *result;

    if (argc > 1)
        rounds = atoi(argv[1]);
    for (intptr_t i = 0; i < THREADS; i++)
        pthread_create(&thread[i], NULL, sums, (void *)i);
    for (int i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    printf("%d %d %d %d %u %u\n", counter == THREADS * rounds,
           wide == 0x100000001ll * THREADS * rounds, byte,
           word == (uint16_t)(-3 * THREADS * rounds), bits,
           *(uint32_t *)(across + 62) == (uint32_t)(THREADS * rounds));
    printf("%d %d %d\n", plain == THREADS * ((rounds + 15) / 16), turn,
           lost == THREADS * ((rounds + 63) / 64));
    for (int k = 0; k < 5; k++) {
        for (int i = 0; i < 200; i++)
            good += pthread_create(&thread[i], NULL, nothing, &good) == 0;
        for (int i = 0; i < 200; i++)
            pthread_join(thread[i], NULL);
    }
    printf("made %d\n", good);
    robust_mutex();
    pi_mutex();
    shared_code();
    signals_among_threads();
    good = 0;
    for (int i = 0; i < THREADS; i++)
        pthread_create(&thread[i], NULL, forks, &good);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(thread[i], &result);
        good += result == &good;
    }
    printf("forks %d\n", good);
    return 0;
}
