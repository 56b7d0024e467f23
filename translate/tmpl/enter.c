/* Into translated code and out of it, with the registers of host.h. */
#include "translate/tmpl/host.h"

#include "translate/tmpl/tmpl.h"

void tmpl_enter(struct cpu *c, const u8 *code)
{
    struct cpu *kept = host_cpu;
    unsigned long kept_la = host_la;

    host_cpu = c;
    ((void (*)(void))(uintptr_t)code)();
    host_cpu = kept;
    host_la = kept_la;
}

/* Jumped to: returns from the call above. */
void tmpl_leave(void)
{
}
