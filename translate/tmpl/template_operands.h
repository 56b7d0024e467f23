/* Templates that move operands: guest registers to X and Y and back, addresses. Part of templates.c.
 *
 * _N is a guest register, _mem one of the register file's that has none of the host: at hole a, or at d. */
/* clang-format off */
#define EACH_GPR(M) M(0) M(1) M(2) M(3) M(4) M(5) M(6) M(7)
#define EACH_HIGH(M) M(0) M(1) M(2) M(3)

/* Sources; what is above their size does not matter. xh: AH CH DH BH. */
#define GET(n)                                                                                     \
    TEMPLATE(x_##n) { host_x = GPR(n); NEXT; }                                                     \
    TEMPLATE(y_##n) { host_y = GPR(n); NEXT; }                                                     \
    TEMPLATE(yi_##n) { host_y = PLUS_HOLE(GPR(n), imm); NEXT; }
#define GET_HIGH(n)                                                                                \
    TEMPLATE(xh_##n) { host_x = GPR(n) >> 8; NEXT; }                                               \
    TEMPLATE(yh_##n) { host_y = GPR(n) >> 8; NEXT; }
EACH_GPR(GET)
EACH_HIGH(GET_HIGH)
TEMPLATE(x_mem) { host_x = IN_MEMORY(32, a); NEXT; }
TEMPLATE(y_mem) { host_y = IN_MEMORY(32, a); NEXT; }
TEMPLATE(y_imm) { host_y = IMM; NEXT; }
TEMPLATE(y_plus) { host_y = PLUS_HOLE(host_y, imm); NEXT; }

/* Destinations. */
#define PUT(n)                                                                                     \
    TEMPLATE(put32_##n) { GPR(n) = (u32)host_x; NEXT; }                                            \
    TEMPLATE(put16_##n) { GPR(n) = (GPR(n) & ~0xffffu) | (u16)host_x; NEXT; }                      \
    TEMPLATE(put8_##n) { GPR(n) = (GPR(n) & ~0xffu) | (u8)host_x; NEXT; }
#define PUT_HIGH(n)                                                                                \
    TEMPLATE(put8h_##n) { GPR(n) = (GPR(n) & ~0xff00u) | ((u32)host_x & 0xff) << 8; NEXT; }
EACH_GPR(PUT)
EACH_HIGH(PUT_HIGH)
TEMPLATE(put32_mem) { IN_MEMORY(32, d) = (u32)host_x; NEXT; }
TEMPLATE(put16_mem) { IN_MEMORY(16, d) = (u16)host_x; NEXT; }
TEMPLATE(put8_mem) { IN_MEMORY(8, d) = (u8)host_x; NEXT; }

/* Addresses: a register, with a number, with Y shifted. */
#define ADDRESS(suffix, reg)                                                                       \
    TEMPLATE(la_##suffix) { host_la = reg; NEXT; }                                                 \
    TEMPLATE(lai_##suffix) { host_la = PLUS_HOLE(reg, imm); NEXT; }                                \
    TEMPLATE(lay0_##suffix) { host_la = PLUS_HOLE(reg + host_y, imm); NEXT; }                      \
    TEMPLATE(lay1_##suffix) { host_la = PLUS_HOLE(reg + (host_y << 1), imm); NEXT; }               \
    TEMPLATE(lay2_##suffix) { host_la = PLUS_HOLE(reg + (host_y << 2), imm); NEXT; }               \
    TEMPLATE(lay3_##suffix) { host_la = PLUS_HOLE(reg + (host_y << 3), imm); NEXT; }
#define ADDRESS_OF(n) ADDRESS(n, GPR(n))
EACH_GPR(ADDRESS_OF)
ADDRESS(mem, IN_MEMORY(32, a))
TEMPLATE(la_imm) { host_la = IMM; NEXT; }

/* Where la is in the TLB; a miss leaves. */
#ifdef HOST_READ
#define TABLE_read  host_read
#define TABLE_write host_write
#else
#define TABLE_read  ((const u64 *)AT_TABLE(read))
#define TABLE_write ((const u64 *)AT_TABLE(write))
#endif
#define FIND_IN(table, bytes)                                                                      \
    ({                                                                                             \
        u64 entry_ = TABLE_##table[tlb_slot((u32)host_la, bytes)];                                 \
        if (unlikely(entry_ == TLB_INVALID))                                                       \
            GO(exit);                                                                              \
        void *at_ = (void *)(entry_ + host_la);                                                    \
        if (!at_)                                                                                  \
            __builtin_unreachable();                                                               \
        at_;                                                                                       \
    })
#define FIND_READ(la, bytes)         ((void)(la), FIND_IN(read, bytes))
#define FIND_WRITE(la, bytes)        ((void)(la), FIND_IN(write, bytes))
#define LOAD_SLOW(la, bytes)         0
#define LOAD_WRITE_SLOW(la, bytes)   0
#define STORE_SLOW(la, value, bytes) (void)0
