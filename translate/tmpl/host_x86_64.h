/* Templates on x86-64 hosts: registers, and how a hole becomes a value. (System V ABI, x86-64, 3.2.1) */
#define HOST_CPU    "rbx"
#define HOST_BUDGET "r8"
#define HOST_LA     "rsi"
#define HOST_Y      "rdi"
#define HOST_GPRS(X)                                                                               \
    X(0, "rbp") X(1, "r12") X(2, "r13") X(3, "r14") X(4, "r15") X(5, "r9") X(6, "r10") X(7, "r11")

/* Holes of 32 bits are immediates and displacements: to the compiler they are addresses below 2 GiB. Weak: a value may be
 * 0, an address would not. */
#define HOST_HOLE(name) extern char hole_##name[] __attribute__((__weak__));
#define AT_CPU(name)    ((unsigned char *)host_cpu + (unsigned long)hole_##name)
#define AT_TABLE(name)  AT_CPU(name)
#define PLUS_HOLE(x, name)                                                                         \
    ({                                                                                             \
        unsigned sum_;                                                                             \
        asm("leal hole_" #name "(%q1), %0" : "=r"(sum_) : "r"(x));                                 \
        sum_;                                                                                      \
    })
#define HOLE32(name) ((unsigned)(unsigned long)hole_##name)
#define HOLE64(name)                                                                               \
    ({                                                                                             \
        unsigned long hole_;                                                                       \
        asm("movabs $hole_" #name ", %0" : "=r"(hole_));                                           \
        hole_;                                                                                     \
    })
