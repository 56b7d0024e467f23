/* Into translated code and out of it, which uses the registers of host.h: whoever called finds its own again. */
#define HOST_NAMES_ONLY
#include "translate/tmpl/host.h"

#include "translate/tmpl/tmpl.h"

#define NAME_(n, name) name,
#ifdef HOST_READ
#define TABLES HOST_READ, HOST_WRITE,
#else
#define TABLES
#endif
#ifdef HOST_X
#define X HOST_X,
#else
#define X
#endif

void tmpl_enter(struct cpu *c, const u8 *code)
{
    asm volatile(""
                 :
                 :
                 : HOST_GPRS(NAME_) TABLES X HOST_CPU, HOST_BUDGET, HOST_LA, HOST_Y, "memory");
    tmpl_run(c, code);
    asm volatile("" : : : "memory"); /* it returns here */
}
