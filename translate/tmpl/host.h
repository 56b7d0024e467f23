/* The host's registers for templates: included before all else by what runs with them (templates.c, enter.c).
 *
 * A host's header declares, in registers that C functions keep,
 *   host_cpu              the CPU
 *   host_la               the linear address of an access, for where it misses
 * and defines
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
