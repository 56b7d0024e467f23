/* Templates on x86-64 hosts: registers, and how a hole becomes a value. (System V ABI, x86-64, 3.2.1) */
struct cpu;

/* Kept by C functions. */
register struct cpu *host_cpu asm("rbx");
#define HOST_REGISTERS(X) X(host_cpu)

/* Holes of 32 bits are immediates and displacements: to the compiler they are addresses below 2 GiB. */
#define HOLE_OFFSET(name) ((unsigned long)hole_##name)
#define HOLE32(name)      ((unsigned)HOLE_OFFSET(name))
#define HOLE64(name)                                                                               \
    ({                                                                                             \
        unsigned long hole;                                                                        \
        asm("movabs $hole_" #name ", %0" : "=r"(hole));                                            \
        hole;                                                                                      \
    })
