/* The DMA controllers: two 8237A (channels 0-3 and 4-7) and the page registers. */
#ifndef PAGEWALK_DMA_H
#define PAGEWALK_DMA_H

#include "devices/base/ioport.h"
#include "devices/base/state.h"
#include "mmu/phys.h"

struct dma_channel {
    u16 base_address, base_count;
    u16 address, count; /* current */
    u8 mode;
};

struct dma_chip {
    struct dma_channel channel[4];
    u8 command, status, mask;
    u8 request; /* by software */
    u8 dreq;    /* by the devices' lines */
    bool high;  /* the flip-flop: the next byte is the high one */
};

struct dma {
    struct dma_chip chip[2];
    u8 page[16]; /* ports 0x80-0x8f */
    struct phys *phys;
};

enum dma_direction { DMA_TO_MEMORY, DMA_FROM_MEMORY };

/* Ports 0x00-0x0f, 0x80-0x8f, 0xc0-0xdf. */
void dma_init(struct dma *dma, struct ioport_bus *bus, struct phys *phys);
void dma_reset(struct dma *dma);
void dma_state(struct dma *dma, struct state *state);

/* A device's DREQ line, which the status register shows. Nothing moves by itself: see
 * dma_transfer(). */
void dma_set_dreq(struct dma *dma, unsigned channel, bool level);

/* A device with its DREQ up gives, or wants, at most `len` bytes. Returns how many the controller
 * moved: 0 when the channel is masked, and fewer than `len` when the terminal count came, which
 * *done then says. Channels 5 to 7 move words: an odd last byte is left. A channel that is
 * programmed for the other direction, or to verify, counts all the same: memory stays as it is,
 * and the device gets zeros. BUG on channel 4, which is the cascade. */
u32 dma_transfer(struct dma *dma, unsigned channel, enum dma_direction direction, void *buf,
                 u32 len, bool *done);

#endif
