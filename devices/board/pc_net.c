/* The board's network cards, and the back ends that their cables lead to. */
#include "devices/board/pc_net.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "devices/board/pc_board.h"
#include "devices/net/cable_state.h"
#include "devices/net/e1000.h"
#include "devices/net/ne2000.h"
#include "devices/net/pcnet.h"
#include "devices/net/rtl8139.h"

#define FIRST_SLOT 3 /* behind bridges and display adapter */
#define SLOTS      32

static bool slot_taken(const struct pc *pc, unsigned slot)
{
    for (unsigned i = 0; i < pc->pci.devices; i++)
        if (pc->pci.device[i]->devfn >> 3 == slot)
            return true;
    return false;
}

/* The slot that was asked for, or the next free one; 0 with the reason when there is none. */
static unsigned find_slot(const struct pc *pc, const char *name, unsigned wanted, char *err,
                          size_t err_len)
{
    if (pc->config.isa_only) {
        snprintf(err, err_len, "%s is a PCI card, and this machine has no PCI bus; take ne2k_isa",
                 name);
        return 0;
    }
    for (unsigned slot = wanted ? wanted : FIRST_SLOT; slot < SLOTS; slot++) {
        if (!slot_taken(pc, slot))
            return slot;
        if (wanted)
            break;
    }
    snprintf(err, err_len, "%s: PCI slot %u is taken", name, wanted ? wanted : SLOTS - 1);
    return 0;
}

/* What the board asks of every card. */
struct pc_nic_type {
    const char *name;
    bool pci;
    size_t size;
    /* devfn is a PCI card's. 0, or -errno with the reason. */
    int (*init)(struct pc *pc, void *card, const struct net_card_config *config, u8 devfn,
                char *err, size_t err_len);
    void (*reset)(void *card);
    void (*state)(void *card, struct state *state);
    struct net_port *(*port)(void *card);
    struct pci_device *(*pci_device)(void *card); /* a PCI card's */
};

static int ne2k_isa_init(struct pc *pc, void *card, const struct net_card_config *config, u8 devfn,
                         char *err, size_t err_len)
{
    const char *owner = ioport_owner(&pc->bus, config->iobase, NE2000_PORTS);

    (void)devfn;
    if (owner) {
        snprintf(err, err_len, "ne2k_isa at port %#x takes ports of the board's %s", config->iobase,
                 owner);
        return -EBUSY;
    }
    ne2000_init_isa(card, &pc->bus, config->iobase, (struct irq){pc_set_irq, pc, config->irq},
                    &pc->clock, config->mac);
    return 0;
}

static int ne2k_pci_init(struct pc *pc, void *card, const struct net_card_config *config, u8 devfn,
                         char *err, size_t err_len)
{
    (void)err, (void)err_len;
    ne2000_init_pci(card, &pc->pci, devfn, &pc->bus, &pc->clock, config->mac);
    return 0;
}

static void ne2k_reset(void *card)
{
    ne2000_reset(card);
}

static void ne2k_state(void *card, struct state *state)
{
    ne2000_state(card, state);
}

static struct net_port *ne2k_port(void *card)
{
    return &((struct ne2000 *)card)->port;
}

static struct pci_device *ne2k_pci_device(void *card)
{
    return &((struct ne2000 *)card)->pci;
}

static int add_e1000(struct pc *pc, void *card, const struct net_card_config *config, u8 devfn,
                     char *err, size_t err_len)
{
    (void)err, (void)err_len;
    e1000_init(card, &pc->pci, devfn, &pc->bus, &pc->phys, &pc->clock, pc_map_changed, pc,
               config->mac);
    return 0;
}

static void reset_e1000(void *card)
{
    e1000_reset(card);
}

static void e1000_card_state(void *card, struct state *state)
{
    e1000_state(card, state);
}

static struct net_port *e1000_port(void *card)
{
    return &((struct e1000 *)card)->port;
}

static struct pci_device *e1000_pci_device(void *card)
{
    return &((struct e1000 *)card)->pci;
}

static int add_pcnet(struct pc *pc, void *card, const struct net_card_config *config, u8 devfn,
                     char *err, size_t err_len)
{
    (void)err, (void)err_len;
    pcnet_init(card, &pc->pci, devfn, &pc->bus, &pc->phys, &pc->clock, pc_map_changed, pc,
               config->mac);
    return 0;
}

static void reset_pcnet(void *card)
{
    pcnet_reset(card);
}

static void pcnet_card_state(void *card, struct state *state)
{
    pcnet_state(card, state);
}

static struct net_port *pcnet_port(void *card)
{
    return &((struct pcnet *)card)->port;
}

static struct pci_device *pcnet_pci_device(void *card)
{
    return &((struct pcnet *)card)->pci;
}

static int add_rtl8139(struct pc *pc, void *card, const struct net_card_config *config, u8 devfn,
                       char *err, size_t err_len)
{
    (void)err, (void)err_len;
    rtl8139_init(card, &pc->pci, devfn, &pc->bus, &pc->phys, &pc->clock, pc_map_changed, pc,
                 config->mac, !config->no_cplus);
    return 0;
}

static void reset_rtl8139(void *card)
{
    rtl8139_reset(card);
}

static void rtl8139_card_state(void *card, struct state *state)
{
    rtl8139_state(card, state);
}

static struct net_port *rtl8139_port(void *card)
{
    return &((struct rtl8139 *)card)->port;
}

static struct pci_device *rtl8139_pci_device(void *card)
{
    return &((struct rtl8139 *)card)->pci;
}

static const struct pc_nic_type types[] = {
    [NET_CARD_E1000] = {"e1000", true, sizeof(struct e1000), add_e1000, reset_e1000,
                        e1000_card_state, e1000_port, e1000_pci_device},
    [NET_CARD_PCNET] = {"pcnet", true, sizeof(struct pcnet), add_pcnet, reset_pcnet,
                        pcnet_card_state, pcnet_port, pcnet_pci_device},
    [NET_CARD_RTL8139] = {"rtl8139", true, sizeof(struct rtl8139), add_rtl8139, reset_rtl8139,
                          rtl8139_card_state, rtl8139_port, rtl8139_pci_device},
    [NET_CARD_NE2K_ISA] = {"ne2k_isa", false, sizeof(struct ne2000), ne2k_isa_init, ne2k_reset,
                           ne2k_state, ne2k_port, NULL},
    [NET_CARD_NE2K_PCI] = {"ne2k_pci", true, sizeof(struct ne2000), ne2k_pci_init, ne2k_reset,
                           ne2k_state, ne2k_port, ne2k_pci_device},
};
_Static_assert(ARRAY_SIZE(types) == NET_CARDS, "one for each of card.def");

const char *pc_nic_model(const struct pc_nic *nic)
{
    return nic->type->name;
}

struct net_port *pc_nic_port(const struct pc_nic *nic)
{
    return nic->type->port(nic->card);
}

/* Where a cable to `port` leads: to the door in front of it, if there is one. */
static struct net_port *cable_end(struct pc *pc, struct net_port *port)
{
    for (unsigned i = 0; i < pc->net.doors; i++)
        if (port == &pc->config.net.dev[i]->port)
            return &pc->net.door[i].inner;
    return port;
}

static int add_card(struct pc *pc, const struct net_card_config *config, char *err, size_t err_len)
{
    const struct pc_nic_type *type = &types[config->card];
    struct pc_nic *nic = &pc->net.nic[pc->net.nics];
    unsigned slot = type->pci ? find_slot(pc, type->name, config->slot, err, err_len) : 0;
    int r;

    if (type->pci && !slot)
        return -EBUSY;
    *nic = (struct pc_nic){.type = type, .card = calloc(1, type->size)};
    r = nic->card ? type->init(pc, nic->card, config, PCI_DEVFN(slot, 0), err, err_len) : -ENOMEM;
    if (r < 0) {
        free(nic->card);
    } else {
        pc->net.nics++;
        if (type->pci && config->rom)
            pci_rom_init(&nic->rom, type->pci_device(nic->card), config->rom, config->rom_len,
                         &pc->phys, pc_map_changed, pc);
        if (config->peer)
            r = net_connect(type->port(nic->card), cable_end(pc, config->peer), &pc->clock);
    }
    if (r == -ENOMEM)
        snprintf(err, err_len, "the host has no memory for a network card");
    return r;
}

int pc_net_init(struct pc *pc, char *err, size_t err_len)
{
    const struct pc_net_config *config = &pc->config.net;
    int r = 0;

    for (unsigned i = 0; pc->config.replay && i < config->devs && r == 0; i++) {
        r = net_door_init(&pc->net.door[i], &config->dev[i]->port, &pc->clock);
        replay_net_door(pc, &pc->net.door[i]);
        pc->net.doors++;
    }
    for (unsigned i = 0; i < config->cables && r == 0; i++)
        r = net_connect(cable_end(pc, config->cable[i].a), cable_end(pc, config->cable[i].b),
                        &pc->clock);
    if (r < 0)
        snprintf(err, err_len, "the host has no memory for a network");
    for (unsigned i = 0; i < config->nics && r == 0; i++)
        r = add_card(pc, &config->nic[i], err, err_len);
    return r;
}

void pc_net_reset(struct pc *pc)
{
    for (unsigned i = 0; i < pc->net.nics; i++)
        pc->net.nic[i].type->reset(pc->net.nic[i].card);
}

/* Frames on their way are not saved. */
void pc_net_state(struct pc *pc, struct state *state)
{
    for (unsigned i = 0; i < pc->net.nics; i++)
        pc->net.nic[i].type->state(pc->net.nic[i].card, state);
}

void pc_net_drop(struct pc *pc)
{
    for (unsigned i = 0; i < pc->net.nics; i++) {
        struct net_port *port = pc_nic_port(&pc->net.nic[i]);

        net_drop(port);
        if (port->peer)
            net_drop(port->peer);
    }
    for (unsigned i = 0; i < pc->net.doors; i++)
        net_door_drop(&pc->net.door[i]);
}

/* One end of cable n, or NULL: cards' cables come behind those between back ends and hubs. */
static struct net_port *inner_cable(struct pc *pc, unsigned n)
{
    unsigned cables = pc->config.net.cables;

    if (n < cables)
        return cable_end(pc, pc->config.net.cable[n].a);
    return n - cables < pc->net.nics ? pc_nic_port(&pc->net.nic[n - cables]) : NULL;
}

void pc_net_cables_state(struct pc *pc, struct state *state)
{
    struct net_port *port;
    char tag[STATE_TAG_MAX + 1];

    for (unsigned n = 0; (port = inner_cable(pc, n)) != NULL; n++) {
        snprintf(tag, sizeof(tag), "cable%u", n);
        net_cable_state(port, tag, state);
    }
}

void pc_net_behind(struct pc *pc, bool behind)
{
    struct net_port *port;

    for (unsigned n = 0; (port = inner_cable(pc, n)) != NULL; n++) {
        port->again = behind;
        if (port->peer)
            port->peer->again = behind;
    }
    for (unsigned i = 0; i < pc->net.doors; i++)
        net_door_behind(&pc->net.door[i], behind);
}

void pc_net_turn(struct pc *pc)
{
    for (unsigned i = 0; i < pc->net.doors; i++)
        net_door_turn(&pc->net.door[i]);
}

bool pc_net_is_live(const struct pc *pc)
{
    for (unsigned i = 0; i < pc->config.net.devs; i++) {
        const struct netdev *dev = pc->config.net.dev[i];

        if (dev->spec->kind != NETDEV_SCRIPT && dev->port.heard)
            return true;
    }
    return false;
}

/* Back ends live in the present. */
void pc_net_poll(struct pc *pc)
{
    for (unsigned i = 0; i < pc->config.net.devs && !history_is_behind(pc); i++)
        netdev_poll(pc->config.net.dev[i]);
}

void pc_net_wait(struct pc *pc, struct pollset *set)
{
    for (unsigned i = 0; i < pc->config.net.devs && !history_is_behind(pc); i++)
        netdev_wait(pc->config.net.dev[i], set);
}

bool pc_net_comes(const struct pc *pc)
{
    for (unsigned i = 0; i < pc->config.net.devs; i++)
        if (netdev_lives(pc->config.net.dev[i]))
            return true;
    return false;
}

void pc_net_free(struct pc *pc)
{
    for (unsigned i = 0; i < pc->net.doors; i++)
        net_door_free(&pc->net.door[i]);
    for (unsigned i = 0; i < pc->config.net.cables; i++)
        net_disconnect(pc->config.net.cable[i].a);
    for (unsigned i = 0; i < pc->net.nics; i++) {
        struct pc_nic *nic = &pc->net.nic[i];

        net_disconnect(nic->type->port(nic->card));
        free(nic->card);
    }
    pollset_free(&pc->pollset);
}
