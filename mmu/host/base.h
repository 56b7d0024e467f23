/* Ground types and macros that every layer stands on. */
#ifndef PAGEWALK_BASE_H
#define PAGEWALK_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t i8;
typedef int16_t i16;
typedef int32_t i32;
typedef int64_t i64;

#define likely(x)                     __builtin_expect(!!(x), 1)
#define unlikely(x)                   __builtin_expect(!!(x), 0)
#define ARRAY_SIZE(a)                 (sizeof(a) / sizeof((a)[0]))
#define always_inline                 inline __attribute__((always_inline))
#define noinline                      __attribute__((noinline))
#define printf_like(f, a)             __attribute__((format(printf, f, a)))
#define container_of(p, type, member) ((type *)((char *)(p)-offsetof(type, member)))

#define KIB (1024u)
#define MIB (1024u * 1024u)

/* A broken invariant of Pagewalk itself: says where and aborts. Never for guest or user mistakes. */
#define BUG(...) bug_at(__FILE__, __LINE__, __VA_ARGS__)
#define BUG_ON(cond)                                                                               \
    do {                                                                                           \
        if (unlikely(cond))                                                                        \
            BUG("%s", #cond);                                                                      \
    } while (0)
_Noreturn void bug_at(const char *file, int line, const char *fmt, ...) printf_like(3, 4);

/* Unaligned little-endian access to guest memory and file images. Hosts are little-endian. */
static inline u16 get16(const void *p)
{
    u16 v;
    __builtin_memcpy(&v, p, sizeof(v));
    return v;
}

static inline u32 get32(const void *p)
{
    u32 v;
    __builtin_memcpy(&v, p, sizeof(v));
    return v;
}

static inline u64 get64(const void *p)
{
    u64 v;
    __builtin_memcpy(&v, p, sizeof(v));
    return v;
}

static inline void put16(void *p, u16 v)
{
    __builtin_memcpy(p, &v, sizeof(v));
}

static inline void put32(void *p, u32 v)
{
    __builtin_memcpy(p, &v, sizeof(v));
}

static inline void put64(void *p, u64 v)
{
    __builtin_memcpy(p, &v, sizeof(v));
}

#endif
