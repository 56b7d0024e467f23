/* What the files that read options share: the option at hand, and the setters of options.def. */
#ifndef PAGEWALK_OPTPARSE_H
#define PAGEWALK_OPTPARSE_H

#include "boot/options.h"

struct parse {
    struct options *o;
    const char *name; /* of the option at hand, without dashes */
    char line[512];   /* what is wrong with it */
};

/* Writes p->line, and gives OPTIONS_ERROR. */
enum options_result printf_like(2, 3) opt_fail(struct parse *p, const char *fmt, ...);

/* Reads one value; OPTIONS_RUN to go on. A flag's value is NULL. */
#define SETTER(name)                                                                               \
    enum options_result set_##name(struct parse *p __attribute__((unused)),                        \
                                   const char *value __attribute__((unused)))
#define GROUP(title)
#define OPT(name, arg, setter, help) SETTER(setter);
#define SAME(name, arg, accepted, why)
#define REFUSED(name, arg, why)
#include "boot/options.def"
#undef GROUP
#undef OPT
#undef SAME
#undef REFUSED

/* What no single option can know: OPTIONS_RUN, or OPTIONS_ERROR with the line. */
enum options_result options_check(struct parse *p);

#endif
