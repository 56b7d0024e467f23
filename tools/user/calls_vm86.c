/* vm86() and vm86old(). */
#include <errno.h>

#include "tools/user/calls.h"
#include "tools/user/vm86.h"

/* Of vm86(). (asm/vm86.h) */
enum {
    PLUS_INSTALL_CHECK,
    ENTER,
    ENTER_NO_BYPASS,
    REQUEST_IRQ,
    FREE_IRQ,
    GET_IRQ_BITS,
    GET_AND_RESET_IRQ,
};

#define IRQ_FIRST 3u
#define IRQ_LAST  15u

CALL_OF(vm86old)
{
    return vm86_enter(t, a[0], false);
}

CALL_OF(vm86)
{
    switch (a[0]) {
    case PLUS_INSTALL_CHECK: return 0;
    case REQUEST_IRQ: return -EPERM; /* the host's interrupts are not for programs */
    case FREE_IRQ: return a[1] >= IRQ_FIRST && a[1] <= IRQ_LAST ? 0 : -EPERM;
    case GET_IRQ_BITS:
    case GET_AND_RESET_IRQ: return 0;
    default: return vm86_enter(t, a[1], true);
    }
}
