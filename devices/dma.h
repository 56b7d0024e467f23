/* The DMA controllers: two 8237A (channels 0-3 and 4-7) and the page registers. */
#ifndef PAGEWALK_DMA_H
#define PAGEWALK_DMA_H

#include "devices/ioport.h"

struct dma_channel {
    u16 base_address, base_count;
    u16 address, count; /* current */
    u8 mode;
};

struct dma_chip {
    struct dma_channel channel[4];
    u8 command, status, request, mask;
    bool high; /* the flip-flop: the next byte is the high one */
};

struct dma {
    struct dma_chip chip[2];
    u8 page[16]; /* ports 0x80-0x8f */
};

/* Ports 0x00-0x0f, 0x80-0x8f, 0xc0-0xdf. */
void dma_init(struct dma *dma, struct ioport_bus *bus);
void dma_reset(struct dma *dma);

#endif
