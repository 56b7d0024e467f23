/* One user-mode instruction on the host CPU and on ours: what both start from, and what each makes of it. */
#ifndef PAGEWALK_TESTS_ORACLE_H
#define PAGEWALK_TESTS_ORACLE_H

#include "mmu/host/base.h"
#include "tests/oracle/layout.h"

/* How execution ended: by the signal that Linux makes of an exception, since it does not tell the vector. */
struct oracle_end {
    int signal;
    bool has_address; /* a page fault's */
    u32 address;
};

struct oracle_regs {
    u32 r[8]; /* EAX ECX EDX EBX ESP EBP ESI EDI */
    u32 eip, eflags;
    u16 cw, sw;
    u8 tag; /* a bit for each physical register that is not empty */
    u32 mxcsr;
    struct {
        u64 frac;
        u16 se;
    } st[8]; /* by distance from the top */
    u64 xmm[8][2];
};

struct oracle_case {
    u8 code[16];
    unsigned len;
    struct oracle_regs regs;
    u8 data[DATA_BYTES];
};

struct oracle_result {
    struct oracle_end end;
    struct oracle_regs regs;
    u8 data[DATA_BYTES];
};

/* The host's. Returns NULL when the host runs no 32-bit programs or lets none be traced; *why says so. */
struct native;
struct native *native_open(const char *program, const char **why);
/* Bits of EFLAGS that are what they are: ptrace does not set ID. */
u32 native_flags(struct native *n);
void native_run(struct native *n, const struct oracle_case *c, struct oracle_result *r);
void native_close(struct native *n);

/* Ours, on one engine. */
struct emulated;
struct emulated *emulated_open(const char *engine);
void emulated_run(struct emulated *e, const struct oracle_case *c, struct oracle_result *r);
void emulated_close(struct emulated *e);

#endif
