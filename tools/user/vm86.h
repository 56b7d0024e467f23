/* V8086 mode as Linux/i386 gives it to programs: vm86() and vm86old(). (Linux, arch/x86/kernel/vm86_32.c) */
#ifndef PAGEWALK_USER_VM86_H
#define PAGEWALK_USER_VM86_H

#include "tools/user/user.h"

/* What vm86() returns: one of these in bits 0 to 7, the interrupt's number above. (asm/vm86.h) */
enum {
    VM86_SIGNAL = 0,
    VM86_UNKNOWN = 1,
    VM86_INTx = 2,
    VM86_STI = 3,
    VM86_PICRETURN = 4,
    VM86_TRAP = 6,
};

/* Enters V8086 mode by the structure at the guest's address; plus: a struct vm86plus_struct. Returns what is then in EAX, or
 * -errno. */
i64 vm86_enter(struct thread *t, u32 address, bool plus);
/* Whether the thread is in that mode. */
bool vm86_on(const struct thread *t);
/* An exception in that mode, t->event; false: it is a signal, which leaves it. */
bool vm86_event(struct thread *t);
/* The call returns with that result. A structure that is not there any more ends the process. */
void vm86_leave(struct thread *t, u32 result);

#endif
