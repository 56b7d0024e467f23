/* info network, info usernet, set_link, hostfwd_add, hostfwd_remove. */
#include <stdlib.h>
#include <string.h>

#include "devices/monitor/command.h"

static const char *kind_name(const struct netdev *dev)
{
    static const char *const names[NETDEV_KINDS] = {"none",  "user",   "tap",    "socket",
                                                    "dgram", "stream", "script", "hubport"};

    return names[dev->spec->kind];
}

/* The name that -netdev or -nic gave, or one of ours. */
static const char *dev_name(const struct pc *pc, unsigned i, char text[24])
{
    const struct netdev *dev = pc->config.net.dev[i];

    if (dev->spec->id)
        return dev->spec->id;
    snprintf(text, 24, "%s.%u", kind_name(dev), i);
    return text;
}

static void put_dev(struct monitor *m, unsigned i, const char *before)
{
    const struct netdev *dev = m->pc->config.net.dev[i];
    const char *net = dev->spec->user.net ? dev->spec->user.net : "10.0.2.0";
    char text[24];

    fprintf(m->out, "%s%s: index=0,type=%s", before, dev_name(m->pc, i, text), kind_name(dev));
    if (dev->spec->kind == NETDEV_USER)
        fprintf(m->out, ",net=%.*s,restrict=%s", (int)strcspn(net, "/"), net,
                dev->spec->user.restricted ? "on" : "off");
    fputc('\n', m->out);
}

MONITOR_COMMAND(info_network)
{
    const struct pc *pc = m->pc;
    bool shown[PC_NETDEVS] = {false};

    (void)a;
    for (unsigned i = 0; i < pc->net.nics; i++) {
        const struct net_card_config *card = &pc->config.net.nic[i];
        const char *model = pc_nic_model(&pc->net.nic[i]);

        fprintf(m->out,
                "%s.%u: index=0,type=nic,model=%s,macaddr=%02x:%02x:%02x:%02x:%02x:%02x%s\n", model,
                i, model, card->mac[0], card->mac[1], card->mac[2], card->mac[3], card->mac[4],
                card->mac[5], pc_nic_port(&pc->net.nic[i])->link_down ? ",link=off" : "");
        for (unsigned j = 0; j < pc->config.net.devs; j++)
            if (card->peer == &pc->config.net.dev[j]->port) {
                put_dev(m, j, " \\ ");
                shown[j] = true;
            }
    }
    for (unsigned j = 0; j < pc->config.net.devs; j++)
        if (!shown[j])
            put_dev(m, j, "");
}

MONITOR_COMMAND(info_usernet)
{
    (void)a;
    for (unsigned i = 0; i < m->pc->config.net.devs; i++) {
        struct netdev *dev = m->pc->config.net.dev[i];
        char *text = dev->ops->connections ? dev->ops->connections(dev) : NULL;
        char name[24];

        if (text)
            fprintf(m->out, "Hub -1 (%s):\n%s", dev_name(m->pc, i, name), text);
        free(text);
    }
}

MONITOR_COMMAND(set_link)
{
    bool up = strcmp(a->arg[1].text, "on") == 0;
    struct pc *pc = m->pc;
    char text[24];

    if (replay_plays(pc)) {
        monitor_fail(m, "a machine that is replayed has its networks to itself");
        return;
    }
    for (unsigned i = 0; i < pc->config.net.devs; i++)
        if (strcmp(dev_name(pc, i, text), a->arg[0].text) == 0) {
            net_set_link(&pc->config.net.dev[i]->port, up);
            return;
        }
    for (unsigned i = 0; i < pc->net.nics; i++) {
        snprintf(text, sizeof(text), "%s.%u", pc_nic_model(&pc->net.nic[i]), i);
        if (strcmp(text, a->arg[0].text) == 0) {
            replay_set_link(pc, i, up);
            return;
        }
    }
    monitor_fail(m, "Device '%s' not found", a->arg[0].text);
}

/* "[ID] RULE": the user network of that name, or the first. */
static void forward(struct monitor *m, const struct monitor_args *a, bool add)
{
    const char *id = a->arg[1].given ? a->arg[0].text : NULL;
    const char *rule = a->arg[1].given ? a->arg[1].text : a->arg[0].text;
    char err[200], name[24];

    for (unsigned i = 0; i < m->pc->config.net.devs; i++) {
        struct netdev *dev = m->pc->config.net.dev[i];

        if (!dev->ops->forward || (id && strcmp(dev_name(m->pc, i, name), id) != 0))
            continue;
        if (dev->ops->forward(dev, rule, add, err, sizeof(err)) < 0)
            fprintf(m->out, "%s\n", err);
        else if (!add)
            fprintf(m->out, "host forwarding rule for %s removed\n", rule);
        return;
    }
    fprintf(m->out, id ? "unrecognized netdev id '%s'\n" : "user mode network stack not in use\n",
            id);
}

MONITOR_COMMAND(hostfwd_add)
{
    forward(m, a, true);
}

MONITOR_COMMAND(hostfwd_remove)
{
    forward(m, a, false);
}
