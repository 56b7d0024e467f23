/* The board's network cards, and the back ends that their cables lead to. */
#ifndef PAGEWALK_PC_NET_H
#define PAGEWALK_PC_NET_H

#include "devices/net/card.h"
#include "devices/base/state.h"
#include "devices/net/door.h"
#include "devices/net/netdev.h"
#include "devices/pci/pci_rom.h"

#define PC_NICS    8
#define PC_NETDEVS 16
#define PC_CABLES  16

struct pc;

struct pc_net_config {
    struct net_card_config nic[PC_NICS];
    unsigned nics;
    struct netdev *dev[PC_NETDEVS]; /* polled while the machine runs. The PC does not close them. */
    unsigned devs;
    struct {
        struct net_port *a, *b;
    } cable[PC_CABLES]; /* between back ends and hubs */
    unsigned cables;
};

struct pc_nic {
    const struct pc_nic_type *type;
    void *card;
    struct pci_rom rom; /* a PCI card's; image NULL: it has none */
};

struct pc_net {
    struct pc_nic nic[PC_NICS];
    unsigned nics;
    struct net_door
        door[PC_NETDEVS]; /* in front of each back end while the machine is recorded or replayed */
    unsigned doors;
};

/* A card's model, "e1000", and where its cable is plugged in. */
const char *pc_nic_model(const struct pc_nic *nic);
struct net_port *pc_nic_port(const struct pc_nic *nic);

/* Puts the cards of pc->config.net in, behind all other devices. 0, or -errno with a one-line reason. */
int pc_net_init(struct pc *pc, char *err, size_t err_len);
void pc_net_reset(struct pc *pc);
void pc_net_state(struct pc *pc, struct state *state);
/* Of a state that is not of this machine's past: frames on their way are no other machine's. */
void pc_net_drop(struct pc *pc);
/* The cables inside of the machine, with what is on its way: for its past (history.h). */
void pc_net_cables_state(struct pc *pc, struct state *state);
/* The machine goes into its past, or is there no longer. */
void pc_net_behind(struct pc *pc, bool behind);
void pc_net_poll(struct pc *pc);
void pc_net_wait(struct pc *pc, struct pollset *set);
/* Lets in what waits in the doors. */
void pc_net_turn(struct pc *pc);
/* Whether the guest has spoken to somebody who lives by the host's time. */
bool pc_net_is_live(const struct pc *pc);
/* Whether frames can come from outside. */
bool pc_net_comes(const struct pc *pc);
void pc_net_free(struct pc *pc);

#endif
