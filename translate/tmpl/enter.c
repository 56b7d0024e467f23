/* Into translated code and out of it, with the registers of host.h. */
#include "translate/tmpl/host.h"

#include "translate/tmpl/tmpl.h"

void tmpl_enter(struct cpu *c, const u8 *code)
{
#define X(name) __typeof__(name) kept_##name = name;
    HOST_REGISTERS(X)
#undef X
    host_cpu = c;
    ((void (*)(void))(uintptr_t)code)();
#define X(name) name = kept_##name;
    HOST_REGISTERS(X)
#undef X
}

/* Jumped to: returns from the call above. */
void tmpl_leave(void)
{
}
