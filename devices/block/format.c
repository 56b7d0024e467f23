/* Formats of disk images: the table of them, told by their signatures.
 *
 * Taken for raw, such an image would lose its header by the guest's first write. LUKS is not among them: an
 * encrypted disk is a raw image whose guest knows the key. A fixed VHD is raw but for its footer, which a guest may
 * overwrite as it writes a GPT. Sources: qcow2, qed and parallels: QEMU's docs/interop; VMDK: "Virtual Disk Format
 * 5.0"; VHD: "Virtual Hard Disk Image Format Specification" 1.0; VHDX: [MS-VHDX] 2.2.1; gzip: RFC 1952; Zstandard:
 * RFC 8878; xz: "The .xz File Format" 1.1. */
#define _GNU_SOURCE /* stpcpy */
#include "devices/block/format.h"

#include <stdio.h>
#include <string.h>

#include "mmu/host/be.h"
#include "devices/block/cd.h"
#include "devices/block/cow.h"
#include "devices/block/qcow2/tool.h"
#include "devices/block/raw.h"

#define HEAD(name)                                                                                 \
    static bool is_##name(const u8 *head __attribute__((unused)),                                  \
                          const u8 *tail __attribute__((unused)))
/* A format that is told by its first bytes. */
#define STARTS(name, bytes)                                                                        \
    HEAD(name)                                                                                     \
    {                                                                                              \
        return memcmp(head, bytes, sizeof(bytes) - 1) == 0;                                        \
    }

STARTS(qfi, "QFI\xfb") /* all of qcow's versions */
STARTS(ooom, "OOOM")
STARTS(vmdk_sparse, "KDMV")
STARTS(vmdk_cow, "COWD")
STARTS(vmdk_text, "# Disk DescriptorFile")
STARTS(vhdx, "vhdxfile")
STARTS(qed, "QED\0")
STARTS(parallels, "WithoutFreeSpace")
STARTS(parallels_ext, "WithouFreSpacExt")
STARTS(bochs, "Bochs Virtual HD Image")
STARTS(cloop, "#!/bin/sh\n#V2.0 Format\nmodprobe cloop")
STARTS(gzip, "\x1f\x8b\x08")
STARTS(xz, "\xfd"
           "7zXZ")
STARTS(bzip2, "BZh")
STARTS(zstd, "\x28\xb5\x2f\xfd")

HEAD(qcow)
{
    return is_qfi(head, tail) && get_be32(head + 4) == 1;
}

HEAD(qcow2)
{
    return is_qfi(head, tail) && get_be32(head + 4) != 1;
}

HEAD(cow)
{
    return is_ooom(head, tail) && get_be32(head + 4) == 2;
}

HEAD(vmdk)
{
    return is_vmdk_sparse(head, tail) || is_vmdk_cow(head, tail) || is_vmdk_text(head, tail);
}

HEAD(vdi)
{
    return get32(head + 0x40) == 0xbeda107f;
}

HEAD(any_parallels)
{
    return is_parallels(head, tail) || is_parallels_ext(head, tail);
}

/* A footer: the sum of its bytes, but for the sum itself, is in it, inverted. */
static bool is_vhd_footer(const u8 *p)
{
    u32 sum = 0;

    for (unsigned i = 0; i < BLOCK_SECTOR; i++)
        if (i < 64 || i >= 68)
            sum += p[i];
    return memcmp(p, "conectix", 8) == 0 && get_be32(p + 64) == ~sum;
}

HEAD(vpc)
{
    return memcmp(head, "conectix", 8) == 0 || (tail && is_vhd_footer(tail));
}

HEAD(dmg)
{
    return tail && memcmp(tail, "koly\0\0\0\4\0\0\2\0", 12) == 0;
}

static const struct block_format formats[] = {
    {.name = "raw", .open = raw_open, .create = raw_create, .preallocate = raw_preallocate},
    {.name = "qcow", .probe = is_qcow},
    {.name = "qcow2",
     .probe = is_qcow2,
     .open = qcow2_open,
     .create = qcow2_create,
     .preallocate = qcow2_preallocate},
    {.name = "cue", .open = cue_open},
    {.name = "cow", .probe = is_cow, .open = cow_open, .create = cow_create},
    {.name = "vmdk", .probe = is_vmdk},
    {.name = "vdi", .probe = is_vdi},
    {.name = "vpc", .probe = is_vpc},
    {.name = "vhdx", .probe = is_vhdx},
    {.name = "qed", .probe = is_qed},
    {.name = "parallels", .probe = is_any_parallels},
    {.name = "bochs", .probe = is_bochs},
    {.name = "dmg", .probe = is_dmg},
    {.name = "cloop", .probe = is_cloop},
    {.name = "gzip", .probe = is_gzip, .packed = true},
    {.name = "xz", .probe = is_xz, .packed = true},
    {.name = "bzip2", .probe = is_bzip2, .packed = true},
    {.name = "zstd", .probe = is_zstd, .packed = true},
};

const struct block_format *block_format_find(const u8 *head, const u8 *tail)
{
    for (unsigned i = 0; i < ARRAY_SIZE(formats); i++)
        if (formats[i].probe && formats[i].probe(head, tail))
            return &formats[i];
    return NULL;
}

const struct block_format *block_format_named(const char *name)
{
    for (unsigned i = 0; i < ARRAY_SIZE(formats); i++)
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    return NULL;
}

/* As one word of a shell's command line, cut where it does not fit. */
static void quote(char *out, size_t len, const char *path, const char *ending)
{
    char *end = out + len - strlen(ending) - 2;

    *out++ = '\'';
    for (; *path && out + 4 < end; path++) {
        if (*path == '\'')
            out = stpcpy(out, "'\\'");
        *out++ = *path;
    }
    stpcpy(stpcpy(out, ending), "'");
}

void block_format_explain(const struct block_format *format, const char *path, char *err,
                          size_t err_len)
{
    char from[512], to[512];

    quote(from, sizeof(from), path, "");
    quote(to, sizeof(to), path, ".raw");
    snprintf(
        err, err_len,
        "'%s' is a %s image, and this version reads raw, qcow2 and cow ones: qemu-img convert -f "
        "%s -O raw %s %s",
        path, format->name, format->name, from, to);
}
