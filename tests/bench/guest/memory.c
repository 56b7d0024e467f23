/* Memory workloads: dependent loads over growing sets, copies in C, REP string instructions. */
#include "bench.h"
#include "workloads.h"

enum { NODE_WORDS = 16 }; /* one cache line a node */

/* Links `size` bytes of 64-byte nodes into one random cycle (Sattolo's shuffle); word 0 is the next node's index. */
static int chase_prepare(u32 size)
{
    u32 *word = (u32 *)arena, count = size / (NODE_WORDS * 4), seed = 5;
    for (u32 i = 0; i < count; i++)
        word[i * NODE_WORDS] = i * NODE_WORDS;
    for (u32 i = count - 1; i > 0; i--) {
        u32 j = random_next(&seed) % i, next = word[i * NODE_WORDS];
        word[i * NODE_WORDS] = word[j * NODE_WORDS];
        word[j * NODE_WORDS] = next;
    }
    return 0;
}

static u32 chase(u32 steps)
{
    const volatile u32 *word = (const volatile u32 *)arena;
    u32 at = 0;
    while (steps--)
        at = word[at];
    return hash_word(HASH_START, at);
}

#define CHASE(name, size, steps)                                                                   \
    int mem_chase_##name##_prepare(void)                                                           \
    {                                                                                              \
        return chase_prepare(size);                                                                \
    }                                                                                              \
    u32 mem_chase_##name(void)                                                                     \
    {                                                                                              \
        return chase(steps);                                                                       \
    }
CHASE(16k, 16u << 10, 120000000)
CHASE(256k, 256u << 10, 60000000)
CHASE(4m, 4u << 20, 8000000)
CHASE(32m, 32u << 20, 3000000)

/* A plain C memcpy: words, then bytes. */
static __attribute__((noinline)) void copy(u8 *to, const u8 *from, u32 size)
{
    for (; size >= 4; size -= 4, to += 4, from += 4)
        *(u32 *)to = *(const u32 *)from;
    while (size--)
        *to++ = *from++;
}

static u32 hash_bytes(const u8 *byte, u32 size)
{
    u32 hash = HASH_START;
    for (u32 i = 0; i < size; i += 4)
        hash = hash_word(hash, *(const u32 *)(byte + i));
    return hash;
}

static void fill_random(u8 *byte, u32 size)
{
    u32 seed = 6;
    for (u32 i = 0; i < size; i++)
        byte[i] = (u8)random_next(&seed);
}

u32 mem_copy_small(void)
{
    u8 *from = arena, *to = arena + 8192;
    u32 seed = 7;
    fill_random(from, 8192);
    for (u32 i = 0; i < 16000000; i++) {
        u32 r = random_next(&seed);
        copy(to + (r & 4095), from + (r >> 12 & 4095), (r >> 24 & 31) + 1);
    }
    return hash_bytes(to, 4096);
}

u32 mem_copy_large(void)
{
    enum { PIECE = 256 << 10, ROUNDS = 3072 };
    /* 17 pages further than the piece: small direct-mapped TLBs (QEMU's) hold both streams. */
    u8 *a = arena, *b = arena + PIECE + 17 * 4096 + 64;
    fill_random(a, PIECE);
    for (u32 i = 0; i < ROUNDS; i += 2) {
        copy(b, a, PIECE);
        copy(a + 4, b, PIECE - 4);
    }
    return hash_bytes(a, PIECE);
}

static inline void rep_movsl(void *to, const void *from, size_t count)
{
    __asm__ volatile("rep movsl" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
}

static inline void rep_stosl(void *to, u32 value, size_t count)
{
    __asm__ volatile("rep stosl" : "+D"(to), "+c"(count) : "a"(value) : "memory");
}

u32 mem_movs_small(void)
{
    u8 *from = arena, *to = arena + 8192;
    u32 seed = 8;
    fill_random(from, 8192);
    for (u32 i = 0; i < 4000000; i++) {
        u32 r = random_next(&seed);
        rep_movsl(to + (r & 4095), from + (r >> 12 & 4095), 16);
    }
    return hash_bytes(to, 4096);
}

u32 mem_movs_large(void)
{
    enum { PIECE = 64 << 10, ROUNDS = 16384 };
    u8 *from = arena, *to = arena + PIECE;
    u32 hash = HASH_START;
    fill_random(from, PIECE);
    for (u32 i = 0; i < ROUNDS; i++) {
        rep_movsl(to, from + (i & 31), PIECE / 4 - 8);
        hash = hash_word(hash, *(u32 *)(to + (i & 0xfffc)));
        rep_stosl(to, i, PIECE / 4);
    }
    return hash;
}
