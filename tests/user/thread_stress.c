/* Threads for as long as wanted, whose sums come out only when nothing is lost. usage: thread_stress SECONDS (0: a round)
 *
 * Each kind of test runs in groups of threads at the same time as the others, and says what is different from what it
 * must be; the last line has the number of differences. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define WORKERS 4
#define STORM   24

static atomic_int differences;

static void same(const char *what, long long got, long long wanted)
{
    if (got != wanted) {
        printf("%s: %lld instead of %lld\n", what, got, wanted);
        fflush(stdout);
        differences++;
    }
}

/* count threads of one function, all joined. */
static void together(unsigned count, void *(*fn)(void *), void *arg)
{
    pthread_t thread[STORM];

    for (unsigned i = 0; i < count; i++) {
        int err;

        while ((err = pthread_create(&thread[i], NULL, fn, arg)) == EAGAIN)
            usleep(1000);
        same("pthread_create", err, 0);
    }
    for (unsigned i = 0; i < count; i++)
        same("pthread_join", pthread_join(thread[i], NULL), 0);
}

/* Atomics: of 8, 16, 32 and 64 bits, and a lock made of them. */
struct atomics {
    atomic_int add;
    _Atomic uint16_t word;
    _Atomic uint8_t byte;
    _Atomic int64_t wide;
    atomic_flag flag;
    int locked;
    atomic_uint bits;
};

#define ATOMIC_TURNS 3000

static void *atomics_worker(void *arg)
{
    struct atomics *a = arg;

    for (int i = 0; i < ATOMIC_TURNS; i++) {
        int64_t old = a->wide;

        a->add++;
        a->word += 3;
        a->byte -= 1;
        while (!atomic_compare_exchange_weak(&a->wide, &old, old + 0x100000001))
            ;
        atomic_fetch_xor(&a->bits, 1u << (i & 31));
        if (i % 32 == 0) {
            while (atomic_flag_test_and_set(&a->flag))
                sched_yield();
            a->locked++;
            atomic_flag_clear(&a->flag);
        }
    }
    return NULL;
}

static void atomics(void)
{
    struct atomics a = {.flag = ATOMIC_FLAG_INIT};
    int total = WORKERS * ATOMIC_TURNS;

    together(WORKERS, atomics_worker, &a);
    same("add", a.add, total);
    same("add of 16 bits", a.word, (uint16_t)(3 * total));
    same("subtract of 8 bits", a.byte, (uint8_t)-total);
    same("compare and exchange of 64 bits", a.wide, total * 0x100000001ll);
    same("exclusive or", a.bits, 0);
    same("lock by an exchange", a.locked, WORKERS * ((ATOMIC_TURNS + 31) / 32));
}

/* Mutexes and condition variables: a queue of few places, with as many that put as that take. */
struct queue {
    pthread_mutex_t mutex;
    pthread_cond_t room, filled;
    int place[5], count, next;
    long long sum;
    atomic_int role;
};

#define QUEUE_TURNS 400

static void *queue_worker(void *arg)
{
    struct queue *q = arg;
    int role = q->role++;

    for (int i = 1; i <= QUEUE_TURNS; i++) {
        pthread_mutex_lock(&q->mutex);
        if (role % 2) {
            while (q->count == 5)
                pthread_cond_wait(&q->room, &q->mutex);
            q->place[(q->next + q->count++) % 5] = i;
            pthread_cond_signal(&q->filled);
        } else {
            while (q->count == 0)
                pthread_cond_wait(&q->filled, &q->mutex);
            q->sum += q->place[q->next];
            q->next = (q->next + 1) % 5;
            q->count--;
            pthread_cond_signal(&q->room);
        }
        pthread_mutex_unlock(&q->mutex);
    }
    return NULL;
}

static void queues(void)
{
    struct queue q = {.mutex = PTHREAD_MUTEX_INITIALIZER,
                      .room = PTHREAD_COND_INITIALIZER,
                      .filled = PTHREAD_COND_INITIALIZER};

    together(WORKERS, queue_worker, &q);
    same("the queue's sum", q.sum, WORKERS / 2 * (QUEUE_TURNS * (QUEUE_TURNS + 1ll) / 2));
}

/* Robust mutexes: each thread ends with it; who comes next is told so. */
struct robust {
    pthread_mutex_t mutex;
    int owners, told;
};

static void *robust_worker(void *arg)
{
    struct robust *r = arg;
    int err = pthread_mutex_lock(&r->mutex);

    if (err == EOWNERDEAD) {
        r->told++;
        pthread_mutex_consistent(&r->mutex);
        err = 0;
    }
    same("a robust lock", err, 0);
    r->owners++;
    return NULL; /* locked */
}

static void robust(void)
{
    struct robust r = {.owners = 0};
    pthread_mutexattr_t attr;

    pthread_mutexattr_init(&attr);
    pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&r.mutex, &attr);
    together(STORM, robust_worker, &r);
    same("owners", r.owners, STORM);
    same("owners that were told of another's end", r.told, STORM - 1);
}

/* Exits of all kinds, many at once. */
static void exit_cleanup(void *arg)
{
    ++*(atomic_int *)arg;
}

static void *exit_worker(void *arg)
{
    atomic_int *count = arg;
    volatile int way = ++*count % 3;

    pthread_cleanup_push(exit_cleanup, count);
    if (way == 1)
        pthread_exit(NULL);
    if (way == 2)
        pthread_cancel(pthread_self());
    pthread_testcancel();
    pthread_cleanup_pop(1);
    return NULL;
}

static void exits(void)
{
    atomic_int count = 0;

    together(STORM, exit_worker, &count);
    same("exits", count, 2 * STORM);
}

/* Queued signals between threads: each that is sent arrives once. */
static __thread int got;
static __thread long long got_sum;

static void on_signal(int sig, siginfo_t *info, void *context)
{
    (void)sig;
    (void)context;
    got++;
    got_sum += info->si_value.sival_int;
}

struct signals {
    pthread_barrier_t both;
    pthread_t thread[2];
    atomic_int role;
};

#define SIGNAL_TURNS 300

static void *signals_worker(void *arg)
{
    struct signals *s = arg;
    int role = s->role++;
    volatile unsigned work = 1;

    s->thread[role] = pthread_self();
    pthread_barrier_wait(&s->both);
    for (int i = 1; i <= SIGNAL_TURNS; i++) {
        int err;

        while ((err = pthread_sigqueue(s->thread[!role], SIGRTMIN + 1,
                                       (union sigval){.sival_int = i})) == EAGAIN)
            sched_yield();
        same("pthread_sigqueue", err, 0);
        for (int j = 0; j < 50; j++)
            work = work * 1664525 + 1013904223;
    }
    for (int waited = 0; got < SIGNAL_TURNS && waited < 600000; waited++)
        usleep(100);
    same("signals", got, SIGNAL_TURNS);
    same("the signals' values", got_sum, SIGNAL_TURNS * (SIGNAL_TURNS + 1) / 2);
    pthread_barrier_wait(&s->both);
    return NULL;
}

static void signals(void)
{
    struct signals s = {.role = 0};

    pthread_barrier_init(&s.both, NULL, 2);
    together(2, signals_worker, &s);
}

/* Semaphores and read-write locks. */
struct readers {
    pthread_rwlock_t lock;
    sem_t sem;
    int a, b, torn;
    atomic_int role, inside;
};

static void *readers_worker(void *arg)
{
    struct readers *r = arg;
    int role = r->role++;

    for (int i = 0; i < QUEUE_TURNS; i++) {
        if (role == 0) {
            pthread_rwlock_wrlock(&r->lock);
            r->a++;
            r->b--;
        } else {
            pthread_rwlock_rdlock(&r->lock);
            if (r->a + r->b)
                r->torn = 1;
        }
        pthread_rwlock_unlock(&r->lock);
        while (sem_wait(&r->sem) < 0)
            same("sem_wait's error", errno, EINTR);
        if (++r->inside > 2)
            r->torn = 2;
        r->inside--;
        sem_post(&r->sem);
    }
    return NULL;
}

static void readers(void)
{
    struct readers r = {.lock = PTHREAD_RWLOCK_INITIALIZER};

    sem_init(&r.sem, 0, 2);
    together(WORKERS, readers_worker, &r);
    same("writes", r.a, QUEUE_TURNS);
    same("what readers saw", r.torn, 0);
}

static void (*const kinds[])(void) = {atomics, queues, robust, exits, signals, readers};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static time_t end;
static long long rounds[KINDS];

static void *run_kind(void *arg)
{
    unsigned kind = (unsigned)(uintptr_t)arg;

    do {
        kinds[kind]();
        rounds[kind]++;
    } while (time(NULL) < end);
    return NULL;
}

int main(int argc, char **argv)
{
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_RESTART};
    pthread_t thread[KINDS];

    sigaction(SIGRTMIN + 1, &action, NULL);
    end = time(NULL) + (argc > 1 ? atoi(argv[1]) : 0);
    for (unsigned i = 0; i < KINDS; i++)
        pthread_create(&thread[i], NULL, run_kind, (void *)(uintptr_t)i);
    for (unsigned i = 0; i < KINDS; i++)
        pthread_join(thread[i], NULL);
    for (unsigned i = 0; i < KINDS; i++)
        fprintf(stderr, "%lld ", rounds[i]);
    fprintf(stderr, "rounds\n");
    printf("%d differences\n", differences);
    return differences != 0;
}
