/* The writes of a storm: each is known by its number, and its sectors by their marks. Without 64-bit division, so that a
 * guest without a library can make them. */
#ifndef PAGEWALK_TEST_WAVE_H
#define PAGEWALK_TEST_WAVE_H

#define WAVE_SECTOR 512u
#define WAVE_MAX    300u /* sectors of one */

/* Where it is, and what it is. */
struct wave {
    u64 sector;
    u32 count;
    bool zero, flush;
};

static inline u64 wave_next(u64 *seed)
{
    u64 z = *seed += 0x9e3779b97f4a7c15ull;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

static inline struct wave wave_of(u64 seed, u64 number, u64 sectors)
{
    u64 state = seed * 1000003 + number;
    u64 a = wave_next(&state), b = wave_next(&state);
    struct wave wave = {.count = 1 + (u32)a % (b % 4 == 0 ? WAVE_MAX - 1 : 9), .zero = a >> 40 & 1};

    wave.zero = wave.zero && b % 8 == 1;
    wave.sector = (u32)(b >> 8) % (u32)(sectors - wave.count);
    wave.flush = (a >> 32 & 7) == 0;
    return wave;
}

/* What it writes: each sector with its address and the wave's number all over. */
static inline void wave_mark(u64 *to, u32 count, u64 sector, u64 number)
{
    for (u32 i = 0; i < count; i++)
        for (u32 k = 0; k < WAVE_SECTOR / 16; k++) {
            *to++ = sector + i;
            *to++ = number;
        }
}

#endif
