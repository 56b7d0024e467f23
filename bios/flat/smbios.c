/* The SMBIOS tables come ready-made by fw_cfg; where they lie is filled in here.
 *
 * Source: QEMU's docs/specs/fw_cfg.txt; DMTF DSP0134 2.8, 5.2.1 (entry point). */
#include "smbios.h"

#include "table.h"

#define FW_SELECT    0x510
#define FW_DATA      0x511
#define KEY_DIR      0x19
#define KEY_SIGNED   0x00
#define TABLES       0xe8000 /* behind this code, in front of the services' stack */
#define TABLES_ROOM  0x6000
#define ANCHOR_SIZE  31
#define NAME_SIZE    56
#define AT_CHECKSUM  4
#define AT_MIDDLE    16 /* the part with a checksum of its own */
#define AT_MIDDLE_CS 21
#define AT_ADDRESS   24

static void fw_select(u16 key)
{
    __asm__ volatile("outw %0, %1" : : "a"(key), "Nd"((u16)FW_SELECT));
}

static u32 fw_big_endian(void)
{
    u32 value = 0;

    for (unsigned i = 0; i < 4; i++)
        value = value << 8 | inb(FW_DATA);
    return value;
}

static bool fw_present(void)
{
    fw_select(KEY_SIGNED);
    return fw_big_endian() == 0x51454d55; /* "QEMU" */
}

/* A file's key, 0 when there is none. */
static u16 fw_find(const char *name, u32 *size)
{
    u32 files;

    fw_select(KEY_DIR);
    files = fw_big_endian();
    for (u32 i = 0; i < files; i++) {
        bool same = true, ended = false;
        u32 bytes = fw_big_endian(), key = fw_big_endian() >> 16;

        for (unsigned n = 0; n < NAME_SIZE; n++) {
            char c = (char)inb(FW_DATA);

            same = same && (ended || c == name[n]);
            ended = ended || !name[n];
        }
        if (same) {
            *size = bytes;
            return (u16)key;
        }
    }
    return 0;
}

static void fw_read(u16 key, void *to, u32 size)
{
    fw_select(key);
    __asm__ volatile("cld\n\trep insb" : "+D"(to), "+c"(size) : "d"(FW_DATA) : "memory");
}

void smbios_copy(u32 place)
{
    u8 *anchor = (u8 *)place;
    u32 anchor_size = 0, size = 0;
    u16 anchor_key, key;

    if (!fw_present())
        return;
    anchor_key = fw_find("etc/smbios/smbios-anchor", &anchor_size);
    key = fw_find("etc/smbios/smbios-tables", &size);
    if (!anchor_key || !key || anchor_size != ANCHOR_SIZE || size > TABLES_ROOM)
        return;
    fw_read(key, (void *)TABLES, size);
    fw_read(anchor_key, anchor, ANCHOR_SIZE);
    *(u32 *)(anchor + AT_ADDRESS) = TABLES;
    anchor[AT_MIDDLE_CS] = 0;
    anchor[AT_MIDDLE_CS] = table_checksum(anchor + AT_MIDDLE, ANCHOR_SIZE - AT_MIDDLE);
    anchor[AT_CHECKSUM] = 0;
    anchor[AT_CHECKSUM] = table_checksum(anchor, ANCHOR_SIZE);
}
