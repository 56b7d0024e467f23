/* Integer workloads: SHA-1, sorting, a bytecode interpreter, indirect calls, recursion, 64-bit division. */
#include "bench.h"
#include "workloads.h"

static inline u32 rotate(u32 x, int count)
{
    return x << count | x >> (32 - count);
}

/* One 64-byte block (FIPS 180-4, section 6.1.2). */
static void sha1_block(u32 state[5], const u8 *block)
{
    u32 w[80], a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    for (int i = 0; i < 16; i++)
        w[i] = (u32)block[4 * i] << 24 | (u32)block[4 * i + 1] << 16 | (u32)block[4 * i + 2] << 8 |
               block[4 * i + 3];
    for (int i = 16; i < 80; i++)
        w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    for (int i = 0; i < 80; i++) {
        u32 f, k;
        if (i < 20)
            f = (b & c) | (~b & d), k = 0x5a827999;
        else if (i < 40)
            f = b ^ c ^ d, k = 0x6ed9eba1;
        else if (i < 60)
            f = (b & c) | (b & d) | (c & d), k = 0x8f1bbcdc;
        else
            f = b ^ c ^ d, k = 0xca62c1d6;
        u32 next = rotate(a, 5) + f + e + k + w[i];
        e = d;
        d = c;
        c = rotate(b, 30);
        b = a;
        a = next;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
}

u32 int_sha1(void)
{
    enum { PIECE = 64 << 10, ROUNDS = 1024 };
    u32 state[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0}, seed = 1;
    for (u32 i = 0; i < PIECE; i++)
        arena[i] = (u8)random_next(&seed);
    for (int round = 0; round < ROUNDS; round++)
        for (u32 i = 0; i < PIECE; i += 64)
            sha1_block(state, arena + i);
    return state[0] ^ state[4];
}

static __attribute__((noinline)) int compare_words(const void *a, const void *b)
{
    u32 x = *(const u32 *)a, y = *(const u32 *)b;
    return x < y ? -1 : x > y;
}

/* Quicksort with the C library's calling convention; the smaller part recursively, the larger by loop. */
static void sort_words(u32 *first, u32 count, int (*compare)(const void *, const void *))
{
    while (count > 8) {
        u32 pivot = first[count / 2], *low = first, *high = first + count - 1;
        while (low <= high) {
            while (compare(low, &pivot) < 0)
                low++;
            while (compare(high, &pivot) > 0)
                high--;
            if (low <= high) {
                u32 word = *low;
                *low++ = *high;
                *high-- = word;
            }
        }
        u32 left = (u32)(high + 1 - first), right = (u32)(first + count - low);
        if (left < right) {
            sort_words(first, left, compare);
            first = low;
            count = right;
        } else {
            sort_words(low, right, compare);
            count = left;
        }
    }
    for (u32 i = 1; i < count; i++)
        for (u32 j = i; j > 0 && compare(first + j - 1, first + j) > 0; j--) {
            u32 word = first[j];
            first[j] = first[j - 1];
            first[j - 1] = word;
        }
}

u32 int_sort(void)
{
    enum { COUNT = 400000 };
    int (*volatile compare)(const void *, const void *) = compare_words;
    u32 *word = (u32 *)arena, seed = 2, hash = HASH_START;
    for (u32 i = 0; i < COUNT; i++)
        word[i] = random_next(&seed);
    sort_words(word, COUNT, compare);
    for (u32 i = 0; i < COUNT; i++)
        hash = hash_word(hash, word[i]);
    return hash;
}

/* The bytecode machine: eight registers; operands are register numbers or a signed byte. */
enum bytecode {
    OP_ADD,
    OP_SUB,
    OP_XOR,
    OP_MUL,
    OP_SHR,
    OP_SETI,
    OP_ADDI,
    OP_LOAD,
    OP_STORE,
    OP_JNZ,
    OP_END
};
struct bytecode_insn {
    u8 op, a, b;
    signed char value;
};

static u32 bytecode_run(const struct bytecode_insn *code, u32 reg[8], u32 *memory)
{
    u32 steps = 0;
    for (u32 pc = 0;; steps++) {
        struct bytecode_insn insn = code[pc++];
        switch ((enum bytecode)insn.op) {
        case OP_ADD: reg[insn.a] += reg[insn.b]; break;
        case OP_SUB: reg[insn.a] -= reg[insn.b]; break;
        case OP_XOR: reg[insn.a] ^= reg[insn.b]; break;
        case OP_MUL: reg[insn.a] *= reg[insn.b]; break;
        case OP_SHR: reg[insn.a] >>= insn.value; break;
        case OP_SETI: reg[insn.a] = (u32)insn.value; break;
        case OP_ADDI: reg[insn.a] += (u32)insn.value; break;
        case OP_LOAD: reg[insn.a] = memory[reg[insn.b] & 0xff]; break;
        case OP_STORE: memory[reg[insn.b] & 0xff] = reg[insn.a]; break;
        case OP_JNZ:
            if (reg[insn.a])
                pc += (u32)insn.value;
            break;
        case OP_END: return steps;
        }
    }
}

u32 int_bytecode(void)
{
    static const struct bytecode_insn code[] = {
        {OP_SETI, 1, 0, 127}, {OP_MUL, 1, 1, 0},   {OP_MUL, 1, 1, 0}, /* r1: scrambled each round */
        {OP_LOAD, 2, 0, 0},   {OP_ADD, 2, 1, 0},   {OP_XOR, 2, 0, 0},   {OP_STORE, 2, 0, 0},
        {OP_MUL, 1, 3, 0},    {OP_ADDI, 1, 0, 77}, {OP_ADD, 4, 2, 0},   {OP_SHR, 2, 0, 3},
        {OP_SUB, 4, 2, 0},    {OP_ADDI, 0, 0, -1}, {OP_JNZ, 0, 0, -11}, {OP_END, 0, 0, 0},
    };
    u32 reg[8] = {2700000, 0, 0, 16777619, 0, 0, 0, 0}, *memory = (u32 *)arena, hash = HASH_START;
    for (u32 i = 0; i < 256; i++)
        memory[i] = i * i;
    hash = hash_word(hash, bytecode_run(code, reg, memory));
    for (u32 i = 0; i < 8; i++)
        hash = hash_word(hash, reg[i]);
    return hash;
}

#define TARGET(n, expression)                                                                      \
    static __attribute__((noinline)) u32 target_##n(u32 x)                                         \
    {                                                                                              \
        return expression;                                                                         \
    }
TARGET(0, x + 1)
TARGET(1, x ^ 0x55)
TARGET(2, x * 5)
TARGET(3, x - 77)
TARGET(4, x ^ x >> 3)
TARGET(5, x + (x << 2))
TARGET(6, rotate(x, 7))
TARGET(7, ~x)

u32 int_indirect(void)
{
    static u32 (*const volatile target[8])(u32) = {target_0, target_1, target_2, target_3,
                                                   target_4, target_5, target_6, target_7};
    enum { COUNT = 4096, ROUNDS = 6000 };
    u32 seed = 3, x = 1;
    for (u32 i = 0; i < COUNT; i++)
        arena[i] = random_next(&seed) >> 9 & 7;
    for (u32 round = 0; round < ROUNDS; round++)
        for (u32 i = 0; i < COUNT; i++)
            x = target[arena[i]](x);
    return x;
}

static __attribute__((noinline)) u32 fib(u32 n)
{
    if (n < 2)
        return n;
    u32 a = fib(n - 1), b = fib(n - 2);
    __asm__("" : "+r"(b)); /* two calls indeed: neither becomes a loop */
    return a + b;
}

u32 int_fib(void)
{
    return fib(36);
}

u32 int_div64(void)
{
    u32 seed = 4, hash = HASH_START;
    for (int i = 0; i < 6000000; i++) {
        u64 n = (u64)random_next(&seed) << 32 | random_next(&seed);
        u64 d = ((u64)random_next(&seed) << 32 | random_next(&seed)) >> (seed & 63) | 1;
        u64 q = n / d, r = n % d;
        hash = hash_word(hash_word(hash, (u32)q), (u32)(r >> 32 ^ r ^ q >> 32));
    }
    return hash;
}
