/* A CD's sector of data: sync, header, the CRC that finds errors (EDC), and two Reed-Solomon codes that mend them.
 *
 * Source: ECMA-130, sections 14 (sectors), 14.3 (EDC) and annex A (P and Q parity); for mode 2 "System Description CD-ROM XA",
 * II.4. */
#include "devices/disk/cd_sector.h"

#include <string.h>

#define EDC_POLYNOMIAL                                                                             \
    0xd8018001u      /* (x^16 + x^15 + x^2 + 1)(x^16 + x^2 + x + 1), the lowest power on the left */
#define FIELD 0x11du /* GF(2^8), whose primitive element is 2 */
#define THIRD 0xf4   /* 1 / (2 + 1) there */

#define CD_EDC_AT       2064u /* behind it eight zeros, then parity */
#define XA_SUBHEADER_AT 16u   /* four bytes, twice */
#define XA_SUBMODE_DATA 0x08
#define XA_EDC_AT       2072u /* behind it parity */

/* Annex A counts 16-bit words from behind the sync on, and takes each of their two bytes by itself. */
#define WORDS   1118u /* header to P's parity, over which Q goes */
#define P_COUNT 43u
#define P_LEN   24u
#define Q_COUNT 26u
#define Q_LEN   43u
#define Q_STEP  44u

static u32 edc_of(const u8 *data, u32 len)
{
    u32 edc = 0;

    for (u32 i = 0; i < len; i++) {
        edc ^= data[i];
        for (unsigned bit = 0; bit < 8; bit++)
            edc = edc >> 1 ^ (edc & 1 ? EDC_POLYNOMIAL : 0);
    }
    return edc;
}

static u8 twice(u8 a)
{
    return (u8)(a << 1 ^ (a & 0x80 ? FIELD : 0));
}

static u8 product(u8 a, u8 b)
{
    u8 sum = 0;

    for (; b; b >>= 1, a = twice(a))
        sum ^= b & 1 ? a : 0;
    return sum;
}

/* The two parity bytes of a code word, so that the sum of all its bytes is 0, and so is that of each times a power of 2
 * that falls to 2^1 for the first and 2^0 for the second one. The words step on from `first`, round at `end`. */
static void put_parity(u8 *bytes, u32 first, u32 step, u32 len, u32 end, u32 parity, u32 next)
{
    for (u32 half = 0; half < 2; half++) {
        u8 sum = 0, weighted = 0, p;
        u32 word = first;

        for (u32 i = 0; i < len; i++, word = (word + step) % end) {
            u8 value = bytes[2 * word + half];

            sum ^= value;
            weighted = twice(weighted) ^ value;
        }
        p = product(sum ^ twice(twice(weighted)), THIRD);
        bytes[2 * parity + half] = p;
        bytes[2 * next + half] = sum ^ p;
    }
}

static u8 bcd(u32 value)
{
    return (u8)(value / 10 << 4 | value % 10);
}

static void put_ecc(u8 *bytes)
{
    for (u32 n = 0; n < P_COUNT; n++)
        put_parity(bytes, n, P_COUNT, P_LEN, WORDS, P_COUNT * P_LEN + n, P_COUNT * (P_LEN + 1) + n);
    for (u32 n = 0; n < Q_COUNT; n++)
        put_parity(bytes, Q_LEN * n, Q_STEP, Q_LEN, WORDS, WORDS + n, WORDS + Q_COUNT + n);
}

static void put_head(u8 *raw, u32 frames, bool mode2)
{
    u8 *header = raw + CD_SYNC_LEN;

    memset(raw, 0xff, CD_SYNC_LEN);
    raw[0] = raw[CD_SYNC_LEN - 1] = 0;
    header[0] = bcd(frames / (75 * 60));
    header[1] = bcd(frames / 75 % 60);
    header[2] = bcd(frames % 75);
    header[3] = mode2 ? 2 : 1;
}

void cd_sector_finish(u8 *raw, u32 frames, bool mode2, bool all)
{
    u8 *bytes = raw + CD_SYNC_LEN;

    if (all && mode2) { /* the parities take the header for zeros */
        memset(bytes, 0, CD_HEADER_LEN);
        memset(raw + XA_SUBHEADER_AT, 0, 8);
        raw[XA_SUBHEADER_AT + 2] = raw[XA_SUBHEADER_AT + 6] = XA_SUBMODE_DATA;
        put32(raw + XA_EDC_AT, edc_of(raw + XA_SUBHEADER_AT, XA_EDC_AT - XA_SUBHEADER_AT));
        put_ecc(bytes);
    }
    put_head(raw, frames, mode2);
    if (all && !mode2) {
        put32(raw + CD_EDC_AT, edc_of(raw, CD_EDC_AT));
        memset(raw + CD_EDC_AT + 4, 0, 8);
        put_ecc(bytes);
    }
}
