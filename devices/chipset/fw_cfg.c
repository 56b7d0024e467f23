/* fw_cfg: a selector at port 0x510, a byte of the selected item at 0x511, and whole items by DMA from 0x514 on.
 *
 * Numbers in items are little-endian; the directory, the DMA descriptor and its address are big-endian. Past an
 * item's end everything reads as 0. Nothing can be written. Source: QEMU's docs/specs/fw_cfg.txt, the device's
 * specification. */
#include "devices/chipset/fw_cfg.h"

#include <errno.h>
#include <string.h>

#include "mmu/host/be.h"

#define SELECTOR   0x510
#define DMA        0x514
#define DMA_LOW    4 /* the address's lower half, whose write starts the transfer */
#define ENTRY      (FW_CFG_NAME + 8)
#define ID_PORTS   0x1
#define ID_DMA     0x2
#define CHUNK      4096u
#define MEMORY_END (1ull << 32)

enum {
    DMA_ERROR = 0x01,
    DMA_READ = 0x02,
    DMA_SKIP = 0x04,
    DMA_SELECT = 0x08,
    DMA_WRITE = 0x10,
};

static const char dma_signature[8] = "QEMU CFG";

static const struct fw_cfg_item *selected(const struct fw_cfg *fw_cfg)
{
    static const struct fw_cfg_item none;
    unsigned key = fw_cfg->key, pc_key = key - FW_CFG_PC;

    if (key < ARRAY_SIZE(fw_cfg->item))
        return &fw_cfg->item[key];
    return pc_key < FW_CFG_PC_KEYS ? &fw_cfg->pc_item[pc_key] : &none;
}

static void select_key(struct fw_cfg *fw_cfg, u16 key)
{
    fw_cfg->key = key;
    fw_cfg->offset = 0;
}

/* How many of the next `want` bytes there are. */
static u32 bytes_left(const struct fw_cfg *fw_cfg, u64 want)
{
    const struct fw_cfg_item *item = selected(fw_cfg);
    u32 left = fw_cfg->offset < item->size ? item->size - fw_cfg->offset : 0;

    return want < left ? (u32)want : left;
}

static u8 next_byte(struct fw_cfg *fw_cfg)
{
    return bytes_left(fw_cfg, 1) ? selected(fw_cfg)->data[fw_cfg->offset++] : 0;
}

static u32 data_read(void *opaque, u16 offset, unsigned size)
{
    (void)offset;
    return size == 1 ? next_byte(opaque) : UINT32_MAX;
}

static void selector_write(void *opaque, u16 offset, u32 value, unsigned size)
{
    if (offset == 0 && size == 2)
        select_key(opaque, (u16)value);
}

static const struct ioport_ops data_ops = {data_read, selector_write, 2};

/* INSB. */
static u32 data_read_block(void *opaque, u16 offset, void *data, unsigned size, u32 count)
{
    u8 *out = data;

    (void)offset;
    if (size != 1)
        return 0;
    for (u32 i = 0; i < count; i++)
        out[i] = next_byte(opaque);
    return count;
}

static u32 no_write_block(void *opaque, u16 offset, const void *data, unsigned size, u32 count)
{
    (void)opaque, (void)offset, (void)data, (void)size, (void)count;
    return 0;
}

static const struct ioport_block_ops data_block_ops = {data_read_block, no_write_block};

/* The item's next bytes, then zeros, to memory; what lies beyond it is left out. */
static void dma_read(struct fw_cfg *fw_cfg, u64 address, u64 length)
{
    static const u8 zeros[CHUNK];
    u32 n = bytes_left(fw_cfg, length);

    if (address >= MEMORY_END)
        length = 0;
    else if (length > MEMORY_END - address)
        length = MEMORY_END - address;
    if (n && length)
        phys_write(fw_cfg->phys, address, selected(fw_cfg)->data + fw_cfg->offset,
                   n < length ? n : length);
    fw_cfg->offset += n;
    for (u64 at = n; at < length; at += CHUNK)
        phys_write(fw_cfg->phys, address + at, zeros, length - at < CHUNK ? length - at : CHUNK);
}

static void dma_start(struct fw_cfg *fw_cfg, u64 descriptor)
{
    u8 bytes[16], result[4];
    u32 control, length, error = 0;

    if (descriptor > MEMORY_END - sizeof(bytes))
        return;
    phys_read(fw_cfg->phys, descriptor, bytes, sizeof(bytes));
    control = get_be32(bytes);
    length = get_be32(bytes + 4);
    if (control & DMA_SELECT)
        select_key(fw_cfg, (u16)(control >> 16));
    if (control & DMA_READ)
        dma_read(fw_cfg, get_be64(bytes + 8), length);
    else if (control & DMA_WRITE)
        error = DMA_ERROR;
    else if (control & DMA_SKIP)
        fw_cfg->offset += bytes_left(fw_cfg, length);
    put_be32(result, error);
    phys_write(fw_cfg->phys, descriptor, result, sizeof(result));
}

static u32 dma_port_read(void *opaque, u16 offset, unsigned size)
{
    u32 value = 0;

    (void)opaque;
    for (unsigned i = 0; i < size; i++)
        value |= (u32)(u8)dma_signature[offset + i] << (i * 8);
    return value;
}

static void dma_port_write(void *opaque, u16 offset, u32 value, unsigned size)
{
    struct fw_cfg *fw_cfg = opaque;
    u64 high = (u64)fw_cfg->dma_high << 32;

    if (size != 4 || offset % 4)
        return;
    if (offset != DMA_LOW) {
        fw_cfg->dma_high = __builtin_bswap32(value);
        return;
    }
    fw_cfg->dma_high = 0;
    dma_start(fw_cfg, high | __builtin_bswap32(value));
}

static const struct ioport_ops dma_ops = {dma_port_read, dma_port_write, 4};

void fw_cfg_bytes(struct fw_cfg *fw_cfg, enum fw_cfg_key key, const void *data, u32 size)
{
    struct fw_cfg_item *item =
        key & FW_CFG_PC ? &fw_cfg->pc_item[key - FW_CFG_PC] : &fw_cfg->item[key];

    *item = (struct fw_cfg_item){data, size};
}

void fw_cfg_number(struct fw_cfg *fw_cfg, enum fw_cfg_key key, u64 value, unsigned size)
{
    u8 *bytes = key & FW_CFG_PC ? fw_cfg->pc_value[key - FW_CFG_PC] : fw_cfg->value[key];

    put64(bytes, value);
    fw_cfg_bytes(fw_cfg, key, bytes, size);
}

int fw_cfg_file(struct fw_cfg *fw_cfg, const char *name, const void *data, u32 size)
{
    unsigned n = fw_cfg->files;
    u8 *entry = fw_cfg->directory + 4;

    if (strlen(name) >= FW_CFG_NAME)
        return -ENAMETOOLONG;
    for (unsigned i = 0; i < n; i++, entry += ENTRY)
        if (strcmp((const char *)entry + 8, name) == 0)
            return -EEXIST;
    if (n == FW_CFG_FILES)
        return -ENOSPC;
    put_be32(entry, size);
    put_be16(entry + 4, (u16)(FW_CFG_FIRST_FILE + n));
    strcpy((char *)entry + 8, name);
    fw_cfg->item[FW_CFG_FIRST_FILE + n] = (struct fw_cfg_item){data, size};
    fw_cfg->files = n + 1;
    put_be32(fw_cfg->directory, fw_cfg->files);
    fw_cfg_bytes(fw_cfg, FW_CFG_DIRECTORY, fw_cfg->directory, 4 + fw_cfg->files * ENTRY);
    return 0;
}

void fw_cfg_reset(struct fw_cfg *fw_cfg)
{
    select_key(fw_cfg, FW_CFG_SIGNATURE);
    fw_cfg->dma_high = 0;
}

/* The items are the command line's, which the machine is made from anew. */
void fw_cfg_state(struct fw_cfg *fw_cfg, struct state *state)
{
    if (!state_begin(state, "fw_cfg"))
        return;
    state_u16(state, &fw_cfg->key);
    state_u32(state, &fw_cfg->offset);
    state_u32(state, &fw_cfg->dma_high);
    state_end(state);
}

void fw_cfg_init(struct fw_cfg *fw_cfg, struct ioport_bus *bus, struct phys *phys)
{
    memset(fw_cfg, 0, sizeof(*fw_cfg));
    fw_cfg->phys = phys;
    fw_cfg_bytes(fw_cfg, FW_CFG_SIGNATURE, "QEMU", 4);
    fw_cfg_number(fw_cfg, FW_CFG_ID, ID_PORTS | ID_DMA, 4);
    fw_cfg_bytes(fw_cfg, FW_CFG_DIRECTORY, fw_cfg->directory, 4);
    ioport_add(bus, SELECTOR, 2, &data_ops, fw_cfg, "fw_cfg");
    ioport_add_block(bus, SELECTOR + 1, &data_block_ops);
    ioport_add(bus, DMA, 8, &dma_ops, fw_cfg, "fw_cfg DMA");
}
