/* Templates on aarch64 hosts: registers, and how a hole becomes a value. (AAPCS64, 6.1.1) */
#define HOST_CPU    "x19"
#define HOST_BUDGET "x28"
#define HOST_LA     "x9"
#define HOST_Y      "x10"
#define HOST_READ   "x12"
#define HOST_WRITE  "x13"
/* clang-format off */
#define HOST_GPRS(X)                                                                               \
    X(0, "x20") X(1, "x21") X(2, "x22") X(3, "x23")                                                \
    X(4, "x24") X(5, "x25") X(6, "x26") X(7, "x27")
/* clang-format on */

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
