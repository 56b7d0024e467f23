/* Makes the SMBIOS tables and their entry point, which firmware gets by fw_cfg and places.
 *
 * Source: DMTF DSP0134 2.8, by structure: 5.2.1 (entry point), 7.1 to 7.5, 7.12, 7.17, 7.18, 7.20, 7.33, 7.45. */
#include "boot/smbios.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "boot/options.h"
#include "mmu/host/be.h"

#define UNKNOWN 2 /* in most lists of kinds */

enum {
    TYPE_BIOS = 0,
    TYPE_SYSTEM = 1,
    TYPE_BOARD = 2,
    TYPE_CHASSIS = 3,
    TYPE_CPU = 4,
    TYPE_OEM = 11,
    TYPE_MEMORY_ARRAY = 16,
    TYPE_MEMORY = 17,
    TYPE_MAPPED = 19,
    TYPE_BOOT = 32,
    TYPE_END = 127,
};

#define HANDLE(type) ((u16)((type) << 8))
#define NO_HANDLE    0xfffe
#define BOARD_HOSTS  0x01
#define BOARD_MOTHER 0x0a

static const char *const defaults[SMBIOS_FIELDS] = {
#define FIELD(type, key, name, value) value,
#include "boot/smbios.def"
#undef FIELD
};

struct builder {
    const struct smbios_values *values;
    u8 *out;
    size_t used, start; /* start: of the structure at hand */
    size_t longest;
    u16 count;
    u8 strings;
    bool full;
};

static void append(struct builder *b, const void *bytes, size_t len)
{
    if (len > SMBIOS_TABLES - b->used) {
        b->full = true;
        return;
    }
    memcpy(b->out + b->used, bytes, len);
    b->used += len;
}

/* The formatted part, zeroed but for its header. */
static u8 *begin(struct builder *b, u8 type, u8 len)
{
    static const u8 zeros[64];

    b->start = b->used;
    b->strings = 0;
    append(b, zeros, len);
    if (b->full) /* what is written to it is lost with the rest */
        b->start = 0;
    b->out[b->start] = type;
    b->out[b->start + 1] = len;
    put16(b->out + b->start + 2, HANDLE(type));
    return b->out + b->start;
}

static void add_text(struct builder *b, u8 *number, const char *text)
{
    if (!text || !*text)
        return;
    append(b, text, strlen(text) + 1);
    if (number)
        *number = ++b->strings;
}

static void add_field(struct builder *b, u8 *number, enum smbios_field field)
{
    add_text(b, number, b->values->text[field] ? b->values->text[field] : defaults[field]);
}

/* A structure without texts has two zeros behind it, too. */
static void end(struct builder *b)
{
    append(b, "\0", b->used == b->start + b->out[b->start + 1] ? 2 : 1);
    if (b->used - b->start > b->longest)
        b->longest = b->used - b->start;
    b->count++;
}

static void add_bios(struct builder *b)
{
    u8 *s = begin(b, TYPE_BIOS, 0x18);

    put16(s + 6, 0xe000);                              /* its first segment */
    s[9] = 1;                                          /* 128 KiB of ROM */
    put64(s + 10, 0x08);                               /* characteristics are not told */
    s[19] = (u8)(0x10 | (b->values->uefi ? 0x08 : 0)); /* a virtual machine */
    s[20] = b->values->release_major;
    s[21] = b->values->release_minor;
    s[22] = s[23] = 0xff; /* no embedded controller */
    add_field(b, s + 4, SMBIOS_bios_vendor);
    add_field(b, s + 5, SMBIOS_bios_version);
    add_field(b, s + 8, SMBIOS_bios_date);
    end(b);
}

/* The UUID's first three parts are little-endian. */
static void put_uuid(u8 *out, const u8 *uuid)
{
    memcpy(out, uuid, 16);
    put32(out, get_be32(uuid));
    put16(out + 4, get_be16(uuid + 4));
    put16(out + 6, get_be16(uuid + 6));
}

static void add_system(struct builder *b)
{
    u8 *s = begin(b, TYPE_SYSTEM, 0x1b);

    put_uuid(s + 8, b->values->uuid); /* zeros: there is none */
    s[24] = 6;                        /* woken by the power switch */
    add_field(b, s + 4, SMBIOS_system_manufacturer);
    add_field(b, s + 5, SMBIOS_system_product);
    add_field(b, s + 6, SMBIOS_system_version);
    add_field(b, s + 7, SMBIOS_system_serial);
    add_field(b, s + 25, SMBIOS_system_sku);
    add_field(b, s + 26, SMBIOS_system_family);
    end(b);
}

static void add_board(struct builder *b)
{
    u8 *s = begin(b, TYPE_BOARD, 0x0f);

    s[9] = BOARD_HOSTS;
    put16(s + 11, HANDLE(TYPE_CHASSIS));
    s[13] = BOARD_MOTHER;
    add_field(b, s + 4, SMBIOS_board_manufacturer);
    add_field(b, s + 5, SMBIOS_board_product);
    add_field(b, s + 6, SMBIOS_board_version);
    add_field(b, s + 7, SMBIOS_board_serial);
    add_field(b, s + 8, SMBIOS_board_asset);
    add_field(b, s + 10, SMBIOS_board_location);
    end(b);
}

static void add_chassis(struct builder *b)
{
    u8 *s = begin(b, TYPE_CHASSIS, 0x16);

    s[5] = 1;                 /* other */
    s[9] = s[10] = s[11] = 3; /* boot-up, power supply, temperature: safe */
    s[12] = UNKNOWN;          /* security */
    add_field(b, s + 4, SMBIOS_chassis_manufacturer);
    add_field(b, s + 6, SMBIOS_chassis_version);
    add_field(b, s + 7, SMBIOS_chassis_serial);
    add_field(b, s + 8, SMBIOS_chassis_asset);
    add_field(b, s + 21, SMBIOS_chassis_sku);
    end(b);
}

static void add_cpu(struct builder *b)
{
    u8 *s = begin(b, TYPE_CPU, 0x2a);

    s[5] = 3;     /* a central processor */
    s[6] = 1;     /* family: other */
    s[24] = 0x41; /* there is one, enabled */
    s[25] = 1;    /* other upgrade */
    put16(s + 26, 0xffff);
    put16(s + 28, 0xffff);
    put16(s + 30, 0xffff); /* no caches are told of */
    s[35] = s[36] = s[37] = 1;
    put16(s + 38, UNKNOWN);
    put16(s + 40, 1);
    add_field(b, s + 4, SMBIOS_cpu_socket);
    add_field(b, s + 7, SMBIOS_cpu_manufacturer);
    add_field(b, s + 16, SMBIOS_cpu_version);
    add_field(b, s + 32, SMBIOS_cpu_serial);
    add_field(b, s + 33, SMBIOS_cpu_asset);
    add_field(b, s + 34, SMBIOS_cpu_part);
    end(b);
}

static void add_oem(struct builder *b)
{
    u8 *s = begin(b, TYPE_OEM, 5);

    s[4] = (u8)b->values->oems;
    for (unsigned i = 0; i < b->values->oems; i++)
        add_text(b, NULL, b->values->oem[i]);
    end(b);
}

/* One module in one slot, and where it lies. */
static void add_memory(struct builder *b, u64 ram_size)
{
    u8 *s = begin(b, TYPE_MEMORY_ARRAY, 0x17);

    s[4] = 1; /* other place */
    s[5] = 3; /* system memory */
    s[6] = 6; /* multi-bit ECC */
    put32(s + 7, (u32)(ram_size / KIB));
    put16(s + 11, NO_HANDLE);
    put16(s + 13, 1);
    end(b);

    s = begin(b, TYPE_MEMORY, 0x28);
    put16(s + 4, HANDLE(TYPE_MEMORY_ARRAY));
    put16(s + 6, NO_HANDLE);
    put16(s + 8, 0xffff);
    put16(s + 10, 0xffff); /* widths */
    put16(s + 12, (u16)(ram_size / MIB));
    s[14] = 9; /* a DIMM */
    s[18] = 7; /* RAM */
    put16(s + 19, UNKNOWN);
    add_field(b, s + 16, SMBIOS_memory_location);
    add_field(b, s + 17, SMBIOS_memory_bank);
    add_field(b, s + 23, SMBIOS_memory_manufacturer);
    add_field(b, s + 24, SMBIOS_memory_serial);
    add_field(b, s + 25, SMBIOS_memory_asset);
    add_field(b, s + 26, SMBIOS_memory_part);
    end(b);

    s = begin(b, TYPE_MAPPED, 0x1f);
    put32(s + 8, (u32)(ram_size / KIB - 1));
    put16(s + 12, HANDLE(TYPE_MEMORY_ARRAY));
    s[14] = 1;
    end(b);
}

static u8 checksum(const u8 *bytes, size_t len)
{
    u8 sum = 0;

    for (size_t i = 0; i < len; i++)
        sum += bytes[i];
    return (u8)-sum;
}

static void make_anchor(u8 *a, const struct builder *b)
{
    memset(a, 0, SMBIOS_ANCHOR);
    memcpy(a, "_SM_", 4);
    a[5] = SMBIOS_ANCHOR;
    a[6] = 2;
    a[7] = 8;
    put16(a + 8, (u16)b->longest);
    memcpy(a + 16, "_DMI_", 5);
    put16(a + 22, (u16)b->used);
    put16(a + 28, b->count);
    a[30] = 0x28;
    a[21] = checksum(a + 16, 15);
    a[4] = checksum(a, SMBIOS_ANCHOR);
}

int smbios_make(struct smbios *smbios, const struct smbios_values *values, u64 ram_size)
{
    struct builder b = {.values = values, .out = smbios->tables};

    add_bios(&b);
    add_system(&b);
    add_board(&b);
    add_chassis(&b);
    add_cpu(&b);
    if (values->oems)
        add_oem(&b);
    add_memory(&b, ram_size);
    begin(&b, TYPE_BOOT, 0x0b); /* no errors */
    end(&b);
    begin(&b, TYPE_END, 4);
    end(&b);
    if (b.full)
        return -ENOSPC;
    smbios->size = (u32)b.used;
    make_anchor(smbios->anchor, &b);
    return 0;
}
