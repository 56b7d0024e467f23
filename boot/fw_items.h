/* What fw_cfg gets from the command line: -fw_cfg's files, and the kernel that is started directly. */
#ifndef PAGEWALK_FW_ITEMS_H
#define PAGEWALK_FW_ITEMS_H

#include "boot/loader.h"
#include "boot/options.h"
#include "boot/smbios.h"
#include "devices/chipset/fw_cfg.h"

struct fw_items {
    struct image file[FW_FILES]; /* data NULL: a text, or an empty file */
    struct smbios smbios;
    u8 *setup; /* the kernel's setup code with its header filled in; NULL: none */
};

/* Reads the files; after the loader's plan. 0, or -errno with one line in err. */
int fw_items_read(struct fw_items *items, const struct options *o, const struct loader *loader,
                  char *err, size_t err_len);
/* Adds all to a new machine's; items, options and loader must stay as long as it. 0, or -errno with one line in err. */
int fw_items_add(const struct fw_items *items, const struct options *o, const struct loader *loader,
                 struct fw_cfg *fw_cfg, char *err, size_t err_len);
void fw_items_free(struct fw_items *items);

#endif
