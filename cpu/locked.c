/* LOCKed instructions and XCHG with flat memory that threads share: the host's locked instructions.
 *
 * Each returns what memory held. Flags are made behind it, from that and the operand, by the micro-ops of the plain
 * instruction. A destination that is not aligned is an x86 host's matter, too. */
#include "cpu/flags.h"
#include "cpu/helper.h"
#include "cpu/helper_arg.h"
#include "cpu/seg.h"
#include "mmu/flat.h"

static u32 change(enum locked_op op, u32 old, u32 operand, u32 carry, unsigned bits)
{
    u32 bit = 1u << (operand & (bits - 1));

    switch (op) {
    case LOCKED_ADD: return old + operand;
    case LOCKED_OR: return old | operand;
    case LOCKED_ADC: return old + operand + carry;
    case LOCKED_SBB: return old - operand - carry;
    case LOCKED_AND: return old & operand;
    case LOCKED_SUB: return old - operand;
    case LOCKED_XOR: return old ^ operand;
    case LOCKED_NEG: return -old;
    case LOCKED_NOT: return ~old;
    case LOCKED_BTS: return old | bit;
    case LOCKED_BTR: return old & ~bit;
    case LOCKED_BTC: return old ^ bit;
    case LOCKED_XCHG:
    case LOCKED_CMPXCHG: return operand;
    }
    BUG("locked operation %u", op);
}

/* The same instruction for each size. */
#define ACCESS(type)                                                                               \
    static u32 access_##type(type *p, enum locked_op op, u32 operand, u32 carry, u32 accumulator)  \
    {                                                                                              \
        type old, new;                                                                             \
                                                                                                   \
        switch (op) {                                                                              \
        case LOCKED_ADD: return __atomic_fetch_add(p, (type)operand, __ATOMIC_SEQ_CST);            \
        case LOCKED_SUB: return __atomic_fetch_sub(p, (type)operand, __ATOMIC_SEQ_CST);            \
        case LOCKED_XCHG: return __atomic_exchange_n(p, (type)operand, __ATOMIC_SEQ_CST);          \
        case LOCKED_CMPXCHG:                                                                       \
            old = (type)accumulator;                                                               \
            __atomic_compare_exchange_n(p, &old, (type)operand, false, __ATOMIC_SEQ_CST,           \
                                        __ATOMIC_SEQ_CST);                                         \
            return old;                                                                            \
        default:                                                                                   \
            old = __atomic_load_n(p, __ATOMIC_RELAXED);                                            \
            do {                                                                                   \
                new = (type)change(op, old, operand, carry, 8 * sizeof(type));                     \
            } while (!__atomic_compare_exchange_n(p, &old, new, false, __ATOMIC_SEQ_CST,           \
                                                  __ATOMIC_RELAXED));                              \
            return old;                                                                            \
        }                                                                                          \
    }
ACCESS(u8)
ACCESS(u16)
ACCESS(u32)

#if defined(__x86_64__) || defined(__i386__)
#define HOST_LOCKS_UNALIGNED true
#else
#define HOST_LOCKS_UNALIGNED false
#endif

/* The new value, or false: CMPXCHG changes nothing. */
static bool changed(enum locked_op op, u64 old, u64 operand, u32 carry, u64 accumulator, u32 size,
                    u64 *new)
{
    if (op == LOCKED_CMPXCHG) {
        *new = operand;
        return old == accumulator;
    }
    *new = change(op, (u32)old, (u32)operand, carry, 8 * size);
    return true;
}

/* Where the host's locked instructions want aligned operands. Within eight bytes, those are changed; across them, one thread
 * at a time does so, which aligned operations on the same bytes do not see. */
static u64 access_unaligned(struct cpu *cpu, u8 *p, u32 size, enum locked_op op, u64 operand,
                            u32 carry, u64 accumulator)
{
    bool *split = &((struct flat *)(uintptr_t)cpu->mmu.paging.flat)->split;
    u64 *eight = (u64 *)((uintptr_t)p & ~(uintptr_t)7);
    u32 shift = 8 * ((uintptr_t)p & 7);
    u64 mask = ~0ull >> (64 - 8 * size), all, old, new;

    accumulator &= mask;
    if (shift + 8 * size <= 64) {
        all = __atomic_load_n(eight, __ATOMIC_RELAXED);
        do {
            old = all >> shift & mask;
            if (!changed(op, old, operand, carry, accumulator, size, &new))
                break;
            new = (all & ~(mask << shift)) | (new &mask) << shift;
        } while (!__atomic_compare_exchange_n(eight, &all, new, false, __ATOMIC_SEQ_CST,
                                              __ATOMIC_RELAXED));
        return old;
    }
    while (__atomic_test_and_set(split, __ATOMIC_ACQUIRE)) {
    }
    old = 0;
    __builtin_memcpy(&old, p, size);
    if (changed(op, old, operand, carry, accumulator, size, &new))
        __builtin_memcpy(p, &new, size);
    __atomic_clear(split, __ATOMIC_RELEASE);
    return old;
}

static bool is_unaligned(const void *p, u32 size)
{
    return !HOST_LOCKS_UNALIGNED && (uintptr_t)p % size;
}

/* The operand's host address; raises where it may not be written. */
static void *host_of(struct cpu *cpu, enum sreg seg, u32 ea, u32 size)
{
    u32 la = seg_check(cpu, seg, ea, size, true);

    lin_probe(cpu, la, size, true, true);
    return flat_host(cpu->mmu.paging.flat, la);
}

static u32 locked(struct cpu *cpu, u32 ea, u32 operand, u32 carry, u32 c)
{
    struct locked_arg arg = locked_arg_unpack(c);
    void *p = host_of(cpu, arg.seg, ea, arg.size);
    u32 accumulator = cpu->r[R_EAX];

    if (is_unaligned(p, arg.size))
        return (u32)access_unaligned(cpu, p, arg.size, arg.op, operand, carry, accumulator);
    switch (arg.size) {
    case 1: return access_u8(p, arg.op, operand, carry, accumulator);
    case 2: return access_u16(p, arg.op, operand, carry, accumulator);
    default: return access_u32(p, arg.op, operand, carry, accumulator);
    }
}

HELP(locked)
{
    return locked(cpu, a, b, 0, c);
}

HELP(locked_carry)
{
    return locked(cpu, a, b, flags_get(cpu) & FL_CF, c);
}

HELP(locked_cmpxchg8b)
{
    u64 *p = host_of(cpu, (enum sreg)c, a, 8);
    u64 accumulator = (u64)cpu->r[R_EDX] << 32 | cpu->r[R_EAX], value = accumulator;
    u64 operand = (u64)cpu->r[R_ECX] << 32 | cpu->r[R_EBX];
    bool equal;

    if (is_unaligned(p, 8)) {
        value = access_unaligned(cpu, (u8 *)p, 8, LOCKED_CMPXCHG, operand, 0, accumulator);
        equal = value == accumulator;
    } else {
        equal = __atomic_compare_exchange_n(p, &value, operand, false, __ATOMIC_SEQ_CST,
                                            __ATOMIC_SEQ_CST);
    }

    if (!equal) {
        cpu->r[R_EAX] = (u32)value;
        cpu->r[R_EDX] = (u32)(value >> 32);
    }
    flags_put(cpu, FL_ZF, equal ? FL_ZF : 0);
    return 0;
}
