/* The boot ROMs of network cards: which card has one, and where its file is.
 *
 * As in QEMU a card's default is iPXE's ROM for it, but only where something asks to boot by network: other starts are not to
 * spend their time on it. */
#include <string.h>
#include <unistd.h>

#include "boot/optnet.h"
#include "boot/optnet_keys.h"

/* A file by its name alone is also looked for where QEMU and Debian's ipxe-qemu have theirs. NULL: there is none. */
static const char *find_file(struct options *o, const char *name)
{
    static const char *const folders[] = {"/usr/lib/ipxe/qemu", "/usr/share/qemu", "/usr/lib/ipxe"};

    if (access(name, R_OK) == 0)
        return name;
    for (size_t i = 0; i < ARRAY_SIZE(folders) && !strchr(name, '/'); i++) {
        const char *path = options_keepf(o, "%s/%s", folders[i], name);

        if (access(path, R_OK) == 0)
            return path;
    }
    return NULL;
}

/* What user's bootfile= is for. */
static bool has_bootfile(const struct options *o)
{
    for (unsigned i = 0; i < o->net.devs; i++)
        if (o->net.dev[i].user.bootfile)
            return true;
    return false;
}

static bool any_bootindex(const struct options *o)
{
    for (unsigned i = 0; i < o->net.nics; i++)
        if (o->net.nic[i].bootindex >= 0)
            return true;
    return false;
}

static void boot_network_last(struct options *o)
{
    size_t n = strlen(o->boot);

    if (n < PC_BOOT_MAX && !strchr(o->boot, 'n'))
        strcpy(o->boot + n, "n");
}

void optnet_find_roms(struct options *o)
{
    bool wanted = strchr(o->boot, 'n') || o->boot_menu, chosen = any_bootindex(o);

    if (!wanted && !o->boot_given && has_bootfile(o)) {
        boot_network_last(o);
        wanted = true;
    }
    for (unsigned i = 0; i < o->net.nics; i++) {
        struct nic_option *nic = &o->net.nic[i];
        const char *standard = NULL;

        if (wanted && (!chosen || nic->bootindex >= 0))
            standard = optnet_card_rom(nic->card.card);
        if (nic->romfile) {
            const char *path = *nic->romfile ? find_file(o, nic->romfile) : NULL;

            nic->romfile = path || !*nic->romfile ? path : nic->romfile;
        } else if (standard) {
            nic->romfile = find_file(o, standard);
            if (!nic->romfile && !o->boot_menu)
                options_note(
                    o, "boot", "n",
                    options_keepf(o, "there is no %s for the card (Debian: ipxe-qemu)", standard));
        }
    }
    if (strchr(o->boot, 'n') && !o->net.nics && !o->option_roms)
        options_note(o, "boot", "n", "there is no network card");
}
