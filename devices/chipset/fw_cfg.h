/* fw_cfg: what the emulator tells firmware and guests, by key and by file name. */
#ifndef PAGEWALK_FW_CFG_H
#define PAGEWALK_FW_CFG_H

#include "devices/base/ioport.h"
#include "devices/base/state.h"
#include "mmu/phys.h"

#define FW_CFG_FILES      48
#define FW_CFG_FIRST_FILE 0x20
#define FW_CFG_NAME       56 /* with its terminating 0 */

/* Keys of single values, little-endian, and of what is started directly. Bit 15 is set in those of a PC alone. */
enum fw_cfg_key {
    FW_CFG_SIGNATURE = 0x00,
    FW_CFG_ID = 0x01,
    FW_CFG_UUID = 0x02,
    FW_CFG_RAM_SIZE = 0x03,
    FW_CFG_NOGRAPHIC = 0x04,
    FW_CFG_CPUS = 0x05,
    FW_CFG_KERNEL_ADDRESS = 0x07,
    FW_CFG_KERNEL_SIZE = 0x08,
    FW_CFG_INITRD_ADDRESS = 0x0a,
    FW_CFG_INITRD_SIZE = 0x0b,
    FW_CFG_BOOT_MENU = 0x0e,
    FW_CFG_MAX_CPUS = 0x0f,
    FW_CFG_KERNEL_ENTRY = 0x10,
    FW_CFG_KERNEL_DATA = 0x11,
    FW_CFG_INITRD_DATA = 0x12,
    FW_CFG_CMDLINE_ADDRESS = 0x13,
    FW_CFG_CMDLINE_SIZE = 0x14,
    FW_CFG_CMDLINE_DATA = 0x15,
    FW_CFG_SETUP_ADDRESS = 0x16,
    FW_CFG_SETUP_SIZE = 0x17,
    FW_CFG_SETUP_DATA = 0x18,
    FW_CFG_DIRECTORY = 0x19,
    FW_CFG_IRQ0_OVERRIDE = 0x8002,
};
#define FW_CFG_PC      0x8000
#define FW_CFG_PC_KEYS 3

struct fw_cfg_item {
    const u8 *data; /* NULL: nothing is there */
    u32 size;
};

struct fw_cfg {
    struct phys *phys;
    struct fw_cfg_item item[FW_CFG_FIRST_FILE + FW_CFG_FILES];
    struct fw_cfg_item pc_item[FW_CFG_PC_KEYS];
    unsigned files;
    u8 value[FW_CFG_FIRST_FILE][8]; /* of keys that are numbers */
    u8 pc_value[FW_CFG_PC_KEYS][8];
    u8 directory[4 + FW_CFG_FILES * (FW_CFG_NAME + 8)];
    u16 key;
    u32 offset;
    u32 dma_high; /* upper half of the next DMA descriptor's address */
};

/* Ports 0x510-0x511 and 0x514-0x51b; no item but the signature, the features and an empty directory. */
void fw_cfg_init(struct fw_cfg *fw_cfg, struct ioport_bus *bus, struct phys *phys);
void fw_cfg_reset(struct fw_cfg *fw_cfg);
void fw_cfg_state(struct fw_cfg *fw_cfg, struct state *state);

/* A number of `size` bytes, at most 8. */
void fw_cfg_number(struct fw_cfg *fw_cfg, enum fw_cfg_key key, u64 value, unsigned size);
/* The bytes stay the caller's, as long as the machine. What the key had is replaced. */
void fw_cfg_bytes(struct fw_cfg *fw_cfg, enum fw_cfg_key key, const void *data, u32 size);
/* Likewise; the name is copied. 0; -EEXIST: there is such a file, -ENAMETOOLONG or -ENOSPC. */
int fw_cfg_file(struct fw_cfg *fw_cfg, const char *name, const void *data, u32 size);

#endif
