/* Templates on aarch64 hosts: registers, and how a hole becomes a value. (AAPCS64, 6.1.1) */
register struct cpu *host_cpu asm("x19");
register unsigned long host_la asm("x20");

/* Fields near the start of struct cpu take 16 bits, tables 32. */
#define HOST_HOLE(name)
#define HOLE_MOVE_(name, text)                                                                     \
    ({                                                                                             \
        unsigned long hole_;                                                                       \
        asm(text : "=r"(hole_));                                                                   \
        hole_;                                                                                     \
    })
#define AT_CPU(name)       ((unsigned char *)host_cpu + HOLE_MOVE_(name, "movz %0, #:abs_g0:hole_" #name))
#define AT_TABLE(name)     ((unsigned char *)host_cpu + HOLE32(name))
#define PLUS_HOLE(x, name) ((x) + HOLE32(name))
#define HOLE32(name)                                                                               \
    ((unsigned)HOLE_MOVE_(name, "movz %w0, #:abs_g1:hole_" #name                                   \
                                "\n\tmovk %w0, #:abs_g0_nc:hole_" #name))
#define HOLE64(name)                                                                               \
    HOLE_MOVE_(name,                                                                               \
               "movz %0, #:abs_g3:hole_" #name "\n\tmovk %0, #:abs_g2_nc:hole_" #name              \
               "\n\tmovk %0, #:abs_g1_nc:hole_" #name "\n\tmovk %0, #:abs_g0_nc:hole_" #name)
