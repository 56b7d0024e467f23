/* What fw_cfg gets from the command line: -fw_cfg's files, and the kernel that is started directly.
 *
 * Our own loader needs none of the kernel's keys. They are for firmware of the user's (-bios) that loads the kernel
 * itself, which expects the places that QEMU names: setup code at 0x10000, its command line at 0x20000. */
#include "boot/fw_items.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boot/setup_header.h"

#define FILE_MAX   (64u * MIB)
#define HEAP_END   (BZIMAGE_SETUP_CMDLINE - BZIMAGE_SETUP - 0x200)
#define CODE_PLACE MIB

/* Older kernels have their command line elsewhere; no firmware that reads fw_cfg starts them. */
static bool has_linux(const struct loader *loader)
{
    return loader->kind == LOADER_LINUX && loader->linux_plan.high &&
           loader->linux_plan.protocol >= 0x202;
}

static int make_setup(struct fw_items *items, const struct bzimage_plan *plan)
{
    u8 *p = malloc(plan->setup_len > plan->header_end ? plan->setup_len : plan->header_end);

    items->setup = p;
    if (!p)
        return -ENOMEM;
    memcpy(p, plan->setup, plan->setup_len);
    memcpy(p + HDR_START, plan->params + HDR_START, plan->header_end - HDR_START);
    put32(p + HDR_CODE32_START, CODE_PLACE);
    put16(p + HDR_HEAP_END_PTR, HEAP_END);
    put32(p + HDR_CMD_LINE_PTR, BZIMAGE_SETUP_CMDLINE);
    return 0;
}

int fw_items_read(struct fw_items *items, const struct options *o, const struct loader *loader,
                  char *err, size_t err_len)
{
    for (unsigned i = 0; i < o->fw_files; i++) {
        int r = o->fw_file[i].path
                    ? image_read(&items->file[i], o->fw_file[i].path, FILE_MAX, err, err_len)
                    : 0;

        if (r < 0 && r != -ENODATA) /* an empty file is one, too */
            return r;
    }
    if (smbios_make(&items->smbios, &o->smbios, o->ram_size) < 0) {
        snprintf(err, err_len, "-smbios: more than %d bytes of tables", SMBIOS_TABLES);
        return -ENOSPC;
    }
    if (has_linux(loader) && make_setup(items, &loader->linux_plan) < 0) {
        snprintf(err, err_len, "%s", strerror(ENOMEM));
        return -ENOMEM;
    }
    return 0;
}

static void add_linux(const struct fw_items *items, const struct bzimage_plan *plan,
                      struct fw_cfg *fw_cfg)
{
    fw_cfg_number(fw_cfg, FW_CFG_SETUP_ADDRESS, BZIMAGE_SETUP, 4);
    fw_cfg_number(fw_cfg, FW_CFG_SETUP_SIZE, plan->setup_len, 4);
    fw_cfg_bytes(fw_cfg, FW_CFG_SETUP_DATA, items->setup, plan->setup_len);
    fw_cfg_number(fw_cfg, FW_CFG_KERNEL_ADDRESS, CODE_PLACE, 4);
    fw_cfg_number(fw_cfg, FW_CFG_KERNEL_SIZE, plan->code_len, 4);
    fw_cfg_bytes(fw_cfg, FW_CFG_KERNEL_DATA, plan->code, (u32)plan->code_len);
    fw_cfg_number(fw_cfg, FW_CFG_CMDLINE_ADDRESS, BZIMAGE_SETUP_CMDLINE, 4);
    fw_cfg_number(fw_cfg, FW_CFG_CMDLINE_SIZE, strlen(plan->cmdline) + 1, 4);
    fw_cfg_bytes(fw_cfg, FW_CFG_CMDLINE_DATA, plan->cmdline, (u32)strlen(plan->cmdline) + 1);
    if (!plan->initrd)
        return;
    fw_cfg_number(fw_cfg, FW_CFG_INITRD_ADDRESS, plan->initrd_address, 4);
    fw_cfg_number(fw_cfg, FW_CFG_INITRD_SIZE, plan->initrd_len, 4);
    fw_cfg_bytes(fw_cfg, FW_CFG_INITRD_DATA, plan->initrd, plan->initrd_len);
}

/* A new machine has room for these two. */
static void add_smbios(const struct fw_items *items, const struct options *o, struct fw_cfg *fw_cfg)
{
    const struct smbios *smbios = &items->smbios;

    if (fw_cfg_file(fw_cfg, "etc/smbios/smbios-anchor", smbios->anchor, SMBIOS_ANCHOR) < 0 ||
        fw_cfg_file(fw_cfg, "etc/smbios/smbios-tables", smbios->tables, smbios->size) < 0)
        BUG("fw_cfg has no room for the tables");
    if (o->smbios.has_uuid)
        fw_cfg_bytes(fw_cfg, FW_CFG_UUID, o->smbios.uuid, sizeof(o->smbios.uuid));
}

int fw_items_add(const struct fw_items *items, const struct options *o, const struct loader *loader,
                 struct fw_cfg *fw_cfg, char *err, size_t err_len)
{
    add_smbios(items, o, fw_cfg);
    for (unsigned i = 0; i < o->fw_files; i++) {
        const char *text = o->fw_file[i].text;
        const void *data = text ? (const void *)text : items->file[i].data;
        size_t size = text ? strlen(text) : items->file[i].size;
        int r = fw_cfg_file(fw_cfg, o->fw_file[i].name, data, (u32)size);

        if (r < 0) {
            snprintf(err, err_len, "-fw_cfg %s: %s", o->fw_file[i].name,
                     r == -EEXIST ? "there is such a file already" : strerror(-r));
            return r;
        }
    }
    if (has_linux(loader))
        add_linux(items, &loader->linux_plan, fw_cfg);
    return 0;
}

void fw_items_free(struct fw_items *items)
{
    for (unsigned i = 0; i < FW_FILES; i++)
        image_free(&items->file[i]);
    free(items->setup);
}
