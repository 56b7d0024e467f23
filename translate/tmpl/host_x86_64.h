/* Templates on x86-64 hosts: registers, and how a hole becomes a value. (System V ABI, x86-64, 3.2.1) */
register struct cpu *host_cpu asm("rbx");
register unsigned long host_la asm("rbp");

/* Holes of 32 bits are immediates and displacements: to the compiler they are addresses below 2 GiB. Weak: a value may be
 * 0, an address would not. */
#define HOST_HOLE(name)    extern char hole_##name[] __attribute__((__weak__));
#define AT_CPU(name)       ((unsigned char *)host_cpu + (unsigned long)hole_##name)
#define AT_TABLE(name)     AT_CPU(name)
#define PLUS_HOLE(x, name) ((unsigned)((x) + (unsigned long)hole_##name))
#define HOLE32(name)       ((unsigned)(unsigned long)hole_##name)
#define HOLE64(name)                                                                               \
    ({                                                                                             \
        unsigned long hole_;                                                                       \
        asm("movabs $hole_" #name ", %0" : "=r"(hole_));                                           \
        hole_;                                                                                     \
    })
