/* What the benchmark's workloads share: types, the random numbers, the system calls, the list.
 *
 * The same source is a static i386 program (the guest's process 1) and a static x86-64 one (the native limit);
 * neither uses a C library. A workload returns a checksum, which must be the same wherever it runs.
 */
#ifndef TESTS_BENCH_GUEST_BENCH_H
#define TESTS_BENCH_GUEST_BENCH_H

#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t i32;

/* SSE needs the processor's feature bit, SHELL needs /bin/busybox: skipped without. */
enum bench_class {
    CLASS_INTEGER,
    CLASS_MEMORY,
    CLASS_FLOAT,
    CLASS_SSE,
    CLASS_CODE,
    CLASS_SYSTEM,
    CLASS_SHELL,
};

/* FNV-1a over 32-bit words: every checksum starts with HASH_START. */
#define HASH_START 2166136261u
static inline u32 hash_word(u32 hash, u32 word)
{
    return (hash ^ word) * 16777619u;
}

/* Marsaglia's xorshift32. */
static inline u32 random_next(u32 *state)
{
    u32 x = *state;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return *state = x;
}

/* 36 MiB of zeroed memory, fresh for every workload. */
#define ARENA_SIZE (36u << 20)
extern u8 *arena;

#include "sys.h"

#endif
