/* ATAPI CD-ROMs: packet commands by programmed I/O.
 *
 * Sources: ATA/ATAPI-6, section 9.9 (PACKET); MMC-2 (READ(10), READ CAPACITY, START STOP UNIT). */
#include "ata.h"

#define CMD_PACKET 0xa0

#define PACKET_TEST_READY 0x00
#define PACKET_SENSE      0x03
#define PACKET_START_STOP 0x1b
#define PACKET_CAPACITY   0x25
#define PACKET_READ10     0x28

#define SENSE_NOT_READY 2
#define SENSE_ATTENTION 6

#define REASON_CD 0x01 /* the device waits for the packet */
#define REASON_IO 0x02

#define READY_TRIES 8

/* Sends a packet of which byte 0 is op, 2-5 lba and 8 count; the rest is 0 but byte 4 for `extra`. */
static u8 send_packet(u8 index, u8 op, u32 lba, u8 count, u8 extra)
{
    u16 io = ebda->drive[index].io;
    u8 packet[12], result;

    memset(packet, 0, sizeof(packet));
    packet[0] = op;
    packet[2] = lba >> 24;
    packet[3] = (u8)(lba >> 16);
    packet[4] = (u8)(lba >> 8) | extra;
    packet[5] = (u8)lba;
    packet[8] = count;
    ata_select(index, 0xa0);
    if (ata_wait_idle(index))
        return INT13_TIMEOUT;
    outb(io + ATA_ERROR, 0); /* features: no DMA */
    outb(io + ATA_LBA1, (u8)CD_SECTOR);
    outb(io + ATA_LBA2, CD_SECTOR >> 8);
    outb(io + ATA_STATUS, CMD_PACKET);
    result = ata_wait_data(index);
    if (result)
        return result;
    for (unsigned i = 0; i < sizeof(packet); i += 2)
        outw(io, packet[i] | packet[i + 1] << 8);
    return ata_wait_idle(index);
}

/* Bytes that the drive has for us now; 0: the command is over, then *result. */
static u16 data_ready(u8 index, u8 *result)
{
    u16 io = ebda->drive[index].io;
    u8 status;

    *result = ata_wait_idle(index);
    if (*result)
        return 0;
    status = inb(io + ATA_STATUS);
    if (status & (ATA_ERR | ATA_DF)) {
        bda->hd_ata_error = inb(io + ATA_ERROR);
        *result = INT13_NOT_READY;
        return 0;
    }
    if (!(status & ATA_DRQ))
        return 0;
    return inb(io + ATA_LBA1) | inb(io + ATA_LBA2) << 8;
}

static void drain(u8 index, u16 words)
{
    while (words--)
        inw(ebda->drive[index].io);
}

/* A command with at most `len` (even) bytes of answer. */
static u8 short_command(u8 index, u8 op, u8 extra, u8 *answer, u8 len)
{
    u8 result = send_packet(index, op, 0, 0, extra), got = 0;
    u16 bytes;

    while (!result && (bytes = data_ready(index, &result)))
        for (u16 i = 0; i < bytes; i += 2) {
            u16 word = inw(ebda->drive[index].io);

            if (got < len) {
                answer[got++] = (u8)word;
                answer[got++] = word >> 8;
            }
        }
    ata_finish(index);
    return result;
}

u8 atapi_ready(u8 index)
{
    u8 sense[18];

    for (unsigned i = 0; i < READY_TRIES; i++) {
        u8 result = short_command(index, PACKET_TEST_READY, 0, NULL, 0);

        if (!result || result == INT13_TIMEOUT)
            return result;
        memset(sense, 0, sizeof(sense));
        if (short_command(index, PACKET_SENSE, sizeof(sense), sense, sizeof(sense)))
            return INT13_CONTROLLER;
        if ((sense[2] & 15) == SENSE_NOT_READY && sense[12] == 0x3a)
            return INT13_NOT_READY; /* no disc */
        if ((sense[2] & 15) == SENSE_NOT_READY)
            for (unsigned ms = 0; ms < 500; ms++) { /* it spins up */
                irq_window();
                delay_us(1000);
            }
        else if ((sense[2] & 15) != SENSE_ATTENTION)
            return INT13_CONTROLLER;
    }
    return INT13_NOT_READY;
}

u8 atapi_eject(u8 index, bool load)
{
    return short_command(index, PACKET_START_STOP, load ? 3 : 2, NULL, 0);
}

u8 atapi_capacity(u8 index, u32 *sectors)
{
    u8 answer[8], result = short_command(index, PACKET_CAPACITY, 0, answer, sizeof(answer));

    if (!result)
        *sectors =
            ((u32)answer[0] << 24 | (u32)answer[1] << 16 | (u32)answer[2] << 8 | answer[3]) + 1;
    return result;
}

/* Stores what of these bytes is wanted: [skip, end) of the whole run, in words. */
static void store(u8 index, struct transfer *t, u32 at, u16 words, u32 from, u32 to)
{
    while (words) {
        u32 next = at < from ? from : at < to ? to : at + words;
        u16 now = next - at > words ? words : (u16)(next - at);

        if (now > 1024)
            now = 1024;
        if (at >= from && at < to) {
            far_in_words(ebda->drive[index].io, t->seg, t->off, now);
            t->off += now * 2;
            t->seg += t->off >> 4;
            t->off &= 15;
        } else {
            drain(index, now);
        }
        at += now;
        words -= now;
    }
}

static u8 read_some(u8 index, struct transfer *t, u8 sectors, u32 from, u32 to)
{
    u8 result = send_packet(index, PACKET_READ10, t->lba, sectors, 0);
    u32 at = 0;
    u16 bytes;

    while (!result && (bytes = data_ready(index, &result))) {
        irq_window();
        store(index, t, at, (bytes + 1) / 2, from, to);
        at += (bytes + 1) / 2;
    }
    if (!result && at < (u32)sectors * (CD_SECTOR / 2))
        result = INT13_CONTROLLER;
    return result;
}

u8 atapi_read(u8 index, struct transfer *t)
{
    u16 left = t->count;
    u8 result = INT13_OK;
    bool again = true;

    t->seg += t->off >> 4;
    t->off &= 15;
    t->count = 0;
    while (left && !result) {
        u8 now = left > 16 ? 16 : (u8)left;
        u32 from = t->count ? 0 : t->skip * 256u;
        u32 to = now * (CD_SECTOR / 2) - (now == left ? t->drop * 256u : 0);
        u16 seg = t->seg, off = t->off;

        result = read_some(index, t, now, from, to);
        if (result && again && !atapi_ready(index)) { /* a new disc, perhaps */
            again = false;
            t->seg = seg;
            t->off = off;
            result = INT13_OK;
            continue;
        }
        if (!result) {
            t->count += now;
            t->lba += now;
            left -= now;
        }
    }
    ata_finish(index);
    return result;
}
