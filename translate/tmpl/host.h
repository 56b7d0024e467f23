/* The host's registers for templates: included before all else by what runs with them (templates.c, calls.c, enter.c).
 *
 * A host's header names registers,
 *   HOST_CPU              for the CPU
 *   HOST_GPRS(X)          X(number, register) for the guest's general registers
 *   HOST_BUDGET           for cpu->budget
 *   HOST_LA               for the linear address of an access
 *   HOST_X HOST_Y         for operands of a micro-op: see templates.c. X may be left out where numbers of 32 bits are
 *                         zero-extended at no cost: it is HOST_LA's then
 *   HOST_READ HOST_WRITE  for the TLB's tables for loads and stores, where the host has registers left
 * of which C functions need not keep any, and defines
 *   HOST_HOLE(name)       the declaration of a hole, if it needs one
 *   AT_CPU(name)          the byte at a hole from struct cpu, near its start; AT_TABLE(name): anywhere in it
 *   PLUS_HOLE(x, name)    x plus a hole, mod 2^32
 *   HOLE32(name)          a hole; HOLE64(name): one of 64 bits, which may be two, name_low and name_high
 * and where those below do not do
 *   HOST_CONT(name)       the declaration of cont_name
 *   HOST_JUMP(code)       a jump to the address, in a function that calls nothing
 *   HOST_LACKS_BITS       the host has no instructions for BSWAP, BSF and BSR */
#ifndef PAGEWALK_TMPL_HOST_H
#define PAGEWALK_TMPL_HOST_H

struct cpu;

#if defined(__x86_64__)
#include "translate/tmpl/host_x86_64.h"
#elif defined(__aarch64__)
#include "translate/tmpl/host_aarch64.h"
#elif defined(__riscv)
#include "translate/tmpl/host_riscv64.h"
#elif defined(__powerpc64__)
#include "translate/tmpl/host_powerpc64le.h"
#endif

#ifndef HOST_NAMES_ONLY
#pragma GCC system_header /* no warning of those that C functions do not keep: calls.c does */
register struct cpu *host_cpu asm(HOST_CPU);
register int host_budget asm(HOST_BUDGET);
register unsigned long host_la asm(HOST_LA);
register unsigned host_y asm(HOST_Y);
#ifdef HOST_X
register unsigned host_x asm(HOST_X);
#else
#define host_x host_la
#endif
#define HOST_GPR_(n, name) register unsigned host_r##n asm(name);
HOST_GPRS(HOST_GPR_)
#undef HOST_GPR_
#ifdef HOST_READ
register const unsigned long *host_read asm(HOST_READ);
register const unsigned long *host_write asm(HOST_WRITE);
#endif
#endif

/* Hidden: the compiler jumps there directly. */
#ifndef HOST_CONT
#define HOST_CONT(name) extern void cont_##name(void) __attribute__((__visibility__("hidden")));
#endif

#ifndef HOST_JUMP
#define HOST_JUMP(code)                                                                            \
    do {                                                                                           \
        ((void (*)(void))(unsigned long)(code))();                                                 \
        return;                                                                                    \
    } while (0)
#endif

#endif
