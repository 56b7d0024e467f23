/* -fw_cfg: a file that the guest finds in fw_cfg. */
#include <string.h>

#include "boot/keylist.h"
#include "devices/chipset/fw_cfg.h"

#define ENTRY (list->p->o->fw_file[list->p->o->fw_files])

KEY(name)
{
    if (!*value || strlen(value) >= FW_CFG_NAME)
        return keylist_fail(list, value, "a name has 1 to %d letters", FW_CFG_NAME - 1);
    ENTRY.name = value;
    return OPTIONS_RUN;
}

KEY(file)
{
    ENTRY.path = value;
    return OPTIONS_RUN;
}

KEY(string)
{
    ENTRY.text = value;
    return OPTIONS_RUN;
}

SETTER(fw_cfg)
{
    static const struct key keys[] = {
        {"name", NULL, key_name, NULL},
        {"file", NULL, key_file, NULL},
        {"string", NULL, key_string, NULL},
        {"gen_id", NULL, NULL, "no object here makes contents; give file= or string="},
    };
    struct keylist list = KEYLIST("-fw_cfg", "name", keys, p, NULL);
    struct options *o = p->o;
    enum options_result r;

    if (o->fw_files == FW_FILES)
        return opt_fail(p, "-fw_cfg %s: more than %d files", value, FW_FILES);
    r = keylist_parse(&list, value);
    if (r != OPTIONS_RUN)
        return r;
    if (!o->fw_file[o->fw_files].name)
        return opt_fail(p, "-fw_cfg %s: give name=NAME", value);
    if (!o->fw_file[o->fw_files].path == !o->fw_file[o->fw_files].text)
        return opt_fail(p, "-fw_cfg %s: give either file=FILE or string=TEXT", value);
    if (strncmp(o->fw_file[o->fw_files].name, "opt/", 4) != 0)
        options_note(o, "fw_cfg", o->fw_file[o->fw_files].name,
                     "names of users' files begin with opt/");
    o->fw_files++;
    return OPTIONS_RUN;
}
