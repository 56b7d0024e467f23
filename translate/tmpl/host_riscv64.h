/* Templates on riscv64 hosts: registers, and how a hole becomes a value. (RISC-V ABIs, register convention) */
#define HOST_CPU    "s1"
#define HOST_BUDGET "s10"
#define HOST_LA     "s11"
#define HOST_X      "t3"
#define HOST_Y      "t4"
#define HOST_READ   "t5"
#define HOST_WRITE  "t6"
#define HOST_GPRS(X)                                                                               \
    X(0, "s2") X(1, "s3") X(2, "s4") X(3, "s5") X(4, "s6") X(5, "s7") X(6, "s8") X(7, "s9")

/* Fields near the start of struct cpu take 12 bits, tables 32. A hole of 64 bits is two, the lower one signed. */
#define HOST_HOLE(name)
#define HOLE_WIDE_(name)                                                                           \
    ({                                                                                             \
        long hole_;                                                                                \
        asm("lui %0, %%hi(hole_" #name ")\n\taddi %0, %0, %%lo(hole_" #name ")" : "=r"(hole_));    \
        hole_;                                                                                     \
    })
#define AT_CPU(name)                                                                               \
    ({                                                                                             \
        unsigned char *hole_;                                                                      \
        asm("addi %0, %1, %%lo(hole_" #name ")" : "=r"(hole_) : "r"(host_cpu));                    \
        hole_;                                                                                     \
    })
#define AT_TABLE(name)     ((unsigned char *)host_cpu + HOLE_WIDE_(name))
#define PLUS_HOLE(x, name) ((x) + HOLE32(name))
#define HOLE32(name)       ((unsigned)HOLE_WIDE_(name))
#define HOLE64(name)                                                                               \
    (((unsigned long)HOLE_WIDE_(name##_high) << 32) + (unsigned long)HOLE_WIDE_(name##_low))
#define HOST_LACKS_BITS
