/* What the files of the debugger share (-g). */
#ifndef PAGEWALK_USER_DEBUG_H
#define PAGEWALK_USER_DEBUG_H

#include "cpu/gdb/gdb.h"
#include "tools/user/user.h"

struct debug {
    struct gdb gdb;
    int fd;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* threads have come to rest, or may go on */
    bool stopped;           /* all are to rest, */
    bool served;            /* and the one that has stopped them is to listen to gdb */
};

void debug_init(struct debug *d, struct thread *t);
/* debug_signal.c: by gdb's numbers, and back; 0: no such signal. */
u8 debug_to_gdb(int sig);
int debug_from_gdb(u8 number);
/* debug_memory.c: struct gdb_ops' peek and poke. */
size_t debug_peek(void *opaque, u64 addr, u8 *data, size_t len);
bool debug_poke(void *opaque, u64 addr, const u8 *data, size_t len);

#endif
