/* QMP's questions about the machine. */
#include <string.h>
#include <unistd.h>

#include "cpu/cpuid.h"
#include "devices/monitor/qmp_command.h"
#include "mmu/host/version.h"

/* Clients look at QEMU's number to know which commands there are. */
json_t *qmp_version(void)
{
    return json_pack("{s:{s:i,s:i,s:i},s:s}", "qemu", "micro", 0, "minor", 2, "major", 7, "package",
                     "Pagewalk " PAGEWALK_VERSION);
}

QMP_COMMAND(query_version)
{
    (void)call;
    return qmp_version();
}

QMP_COMMAND(query_commands)
{
    json_t *list = json_array();

    (void)call;
    for (unsigned i = 0; i < qmp_commands_count; i++)
        json_array_append_new(list, json_pack("{s:s}", "name", qmp_commands[i].name));
    return list;
}

QMP_COMMAND(query_status)
{
    const char *status = monitor_status(call->pc);

    return json_pack("{s:b,s:b,s:s}", "running", strcmp(status, "running") == 0, "singlestep",
                     call->pc->config.translate.block_len == 1, "status", status);
}

QMP_COMMAND(query_name)
{
    const struct monitor_host *host = call->pc->config.monitor_host;

    return host && host->name ? json_pack("{s:s}", "name", host->name) : json_object();
}

QMP_COMMAND(query_uuid)
{
    const struct monitor_host *host = call->pc->config.monitor_host;

    return json_pack("{s:s}", "UUID", host && host->uuid ? host->uuid : MONITOR_NO_UUID);
}

QMP_COMMAND(query_kvm)
{
    (void)call;
    return json_pack("{s:b,s:b}", "enabled", 0, "present", 0);
}

QMP_COMMAND(query_target)
{
    (void)call;
    return json_pack("{s:s}", "arch", "i386");
}

QMP_COMMAND(query_cpus_fast)
{
    (void)call;
    return json_pack("[{s:i,s:{s:i,s:i,s:i},s:s,s:i,s:s}]", "thread-id", (int)getpid(), "props",
                     "core-id", 0, "thread-id", 0, "socket-id", 0, "qom-path",
                     "/machine/unattached/device[0]", "cpu-index", 0, "target", "i386");
}

static json_t *machine(const char *name, const char *alias)
{
    json_t *m = json_pack("{s:b,s:s,s:b,s:i,s:b,s:s}", "hotpluggable-cpus", 0, "name", name,
                          "numa-mem-supported", 0, "cpu-max", 1, "deprecated", 0, "default-ram-id",
                          "pc.ram");

    if (alias) {
        json_object_set_new(m, "alias", json_string(alias));
        json_object_set_new(m, "is-default", json_true());
    }
    return m;
}

QMP_COMMAND(query_machines)
{
    (void)call;
    return json_pack("[o,o]", machine("pc-i440fx-7.2", "pc"), machine("isapc", NULL));
}

QMP_COMMAND(query_cpu_definitions)
{
    json_t *list = json_array();

    (void)call;
    for (const struct cpu_model *m = cpu_models(); m->name; m++)
        json_array_append_new(
            list, json_pack("{s:s,s:b,s:b}", "name", m->name, "static", 1, "deprecated", 0));
    return list;
}

/* What there is of QEMU's objects, by its names: programs look here for what they may ask for. */
static const struct {
    const char *name, *parent;
} types[] = {
    {"tcg-accel", "accel"},
    {"pc-i440fx-7.2-machine", "generic-pc-machine"},
    {"isapc-machine", "generic-pc-machine"},
    {"piix3-ide", "pci-ide"},
    {"PIIX4_PM", "pci-device"},
    {"VGA", "pci-vga"},
    {"ide-hd", "ide-device"},
    {"ide-cd", "ide-device"},
    {"floppy", "device"},
    {"isa-serial", "isa-device"},
    {"isa-parallel", "isa-device"},
    {"isa-debugcon", "isa-device"},
    {"isa-debug-exit", "isa-device"},
    {"e1000", "e1000-base"},
    {"pcnet", "pci-device"},
    {"rtl8139", "pci-device"},
    {"ne2k_pci", "pci-device"},
    {"ne2k_isa", "isa-device"},
};

QMP_COMMAND(qom_list_types)
{
    const char *implements = qmp_text(call, "implements", NULL);
    json_t *list = json_array();

    for (unsigned i = 0; i < ARRAY_SIZE(types); i++)
        if (!implements || strcmp(implements, types[i].parent) == 0 ||
            strcmp(implements, types[i].name) == 0)
            json_array_append_new(
                list, json_pack("{s:s,s:s}", "name", types[i].name, "parent", types[i].parent));
    return list;
}

QMP_COMMAND(query_memory)
{
    return json_pack("{s:I}", "base-memory", (json_int_t)call->pc->config.ram_size);
}

QMP_COMMAND(query_mice)
{
    (void)call;
    return json_pack("[{s:s,s:i,s:b,s:b}]", "name", "QEMU PS/2 Mouse", "index", 2, "current", 1,
                     "absolute", 0);
}

QMP_COMMAND(query_vnc)
{
    (void)call;
    return json_pack("{s:b}", "enabled", 0);
}

QMP_COMMAND(query_nothing)
{
    (void)call;
    return json_array();
}

QMP_COMMAND(query_empty)
{
    (void)call;
    return json_object();
}

QMP_COMMAND(query_chardev)
{
    const struct monitor_host *host = call->pc->config.monitor_host;
    json_t *list = json_array();
    const char *label, *where;

    for (unsigned i = 0; host && host->chardev && host->chardev(host->opaque, i, &label, &where);
         i++)
        json_array_append_new(list, json_pack("{s:s,s:s,s:b}", "label", label, "filename", where,
                                              "frontend-open", 1));
    return list;
}
