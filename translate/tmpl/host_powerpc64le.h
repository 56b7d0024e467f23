/* Templates on ppc64le hosts: registers, and how a hole becomes a value. (Power ABI ELFv2, 2.2.2) */
#define HOST_CPU    "r14"
#define HOST_BUDGET "r23"
#define HOST_LA     "r24"
#define HOST_X      "r25"
#define HOST_Y      "r26"
#define HOST_READ   "r27"
#define HOST_WRITE  "r28"
/* clang-format off */
#define HOST_GPRS(X)                                                                               \
    X(0, "r15") X(1, "r16") X(2, "r17") X(3, "r18")                                                \
    X(4, "r19") X(5, "r20") X(6, "r21") X(7, "r22")
/* clang-format on */

/* Fields near the start of struct cpu take 16 bits, tables 32. */
#define HOST_HOLE(name)
/* The compiler makes calls of jumps by a pointer. */
#define HOST_JUMP(code)                                                                            \
    do {                                                                                           \
        asm volatile("mtctr %0\n\tbctr" : : "r"(code) : "ctr");                                    \
        __builtin_unreachable();                                                                   \
    } while (0)
/* What may be elsewhere is called, not jumped to; so these are in the same file. */
#define HOST_CONT(name)                                                                            \
    void cont_##name(void) __attribute__((__noipa__, __visibility__("hidden")));                   \
    void cont_##name(void)                                                                         \
    {                                                                                              \
        asm volatile("");                                                                          \
    }
#define HOLE_MOVE_(text)                                                                           \
    ({                                                                                             \
        unsigned long hole_;                                                                       \
        asm(text : "=b"(hole_));                                                                   \
        hole_;                                                                                     \
    })
#define AT_CPU(name)                                                                               \
    ({                                                                                             \
        unsigned char *hole_;                                                                      \
        asm("addi %0, %1, hole_" #name "@l" : "=b"(hole_) : "b"(host_cpu));                        \
        hole_;                                                                                     \
    })
#define AT_TABLE(name)     ((unsigned char *)host_cpu + (int)HOLE32(name))
#define PLUS_HOLE(x, name) ((x) + HOLE32(name))
#define HOLE32(name)                                                                               \
    ((unsigned)HOLE_MOVE_("lis %0, hole_" #name "@ha\n\taddi %0, %0, hole_" #name "@l"))
#define HOLE64(name)                                                                               \
    HOLE_MOVE_("lis %0, hole_" #name "@highest\n\tori %0, %0, hole_" #name                         \
               "@higher\n\tsldi %0, %0, 32\n\t"                                                    \
               "oris %0, %0, hole_" #name "@high\n\tori %0, %0, hole_" #name "@l")
