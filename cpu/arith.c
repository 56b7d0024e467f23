/* Multiplication and division.
 *
 * MUL and IMUL define CF and OF only: set when the upper half is significant. Of the others, which
 * the manual leaves undefined, SF and PF follow the lower half and ZF and AF are clear, on every
 * host. Divisions leave all flags alone and raise #DE before any register changes. (SDM vol. 2,
 * MUL, DIV) */
#include "cpu/excp.h"
#include "cpu/flags.h"
#include "cpu/helper.h"

static void mul_flags(struct cpu *cpu, bool high, u32 low, enum lazy_op op)
{
    cpu->lazy = (struct lazy_flags){.op = op, .res = low, .b = high};
}

static void put_lo16(struct cpu *cpu, unsigned reg, u32 value)
{
    cpu->r[reg] = (cpu->r[reg] & 0xffff0000) | (value & 0xffff);
}

HELP(mul8)
{
    u32 product = (cpu->r[R_EAX] & 0xff) * (a & 0xff);

    put_lo16(cpu, R_EAX, product);
    mul_flags(cpu, product >> 8, product & 0xff, LAZY_MUL8);
    return 0;
}

HELP(mul16)
{
    u32 product = (cpu->r[R_EAX] & 0xffff) * (a & 0xffff);

    put_lo16(cpu, R_EAX, product);
    put_lo16(cpu, R_EDX, product >> 16);
    mul_flags(cpu, product >> 16, product & 0xffff, LAZY_MUL16);
    return 0;
}

HELP(mul32)
{
    u64 product = (u64)cpu->r[R_EAX] * a;

    cpu->r[R_EAX] = (u32)product;
    cpu->r[R_EDX] = (u32)(product >> 32);
    mul_flags(cpu, product >> 32, (u32)product, LAZY_MUL32);
    return 0;
}

HELP(imul8)
{
    i32 product = (i8)cpu->r[R_EAX] * (i8)a;

    put_lo16(cpu, R_EAX, (u32)product);
    mul_flags(cpu, product != (i8)product, product & 0xff, LAZY_MUL8);
    return 0;
}

HELP(imul16)
{
    i32 product = (i16)cpu->r[R_EAX] * (i16)a;

    put_lo16(cpu, R_EAX, (u32)product);
    put_lo16(cpu, R_EDX, (u32)product >> 16);
    mul_flags(cpu, product != (i16)product, product & 0xffff, LAZY_MUL16);
    return 0;
}

HELP(imul32)
{
    i64 product = (i64)(i32)cpu->r[R_EAX] * (i32)a;

    cpu->r[R_EAX] = (u32)product;
    cpu->r[R_EDX] = (u32)((u64)product >> 32);
    mul_flags(cpu, product != (i32)product, (u32)product, LAZY_MUL32);
    return 0;
}

HELP(imul2_16)
{
    i32 product = (i16)a * (i16)b;

    mul_flags(cpu, product != (i16)product, product & 0xffff, LAZY_MUL16);
    return product & 0xffff;
}

HELP(imul2_32)
{
    i64 product = (i64)(i32)a * (i32)b;

    mul_flags(cpu, product != (i32)product, (u32)product, LAZY_MUL32);
    return (u32)product;
}

HELP(div8)
{
    u32 dividend = cpu->r[R_EAX] & 0xffff, divisor = a & 0xff;

    if (divisor == 0 || dividend / divisor > 0xff)
        cpu_raise(cpu, EXCP_DE);
    put_lo16(cpu, R_EAX, (dividend % divisor) << 8 | dividend / divisor);
    return 0;
}

HELP(div16)
{
    u32 dividend = cpu->r[R_EDX] << 16 | (cpu->r[R_EAX] & 0xffff), divisor = a & 0xffff;

    if (divisor == 0 || dividend / divisor > 0xffff)
        cpu_raise(cpu, EXCP_DE);
    put_lo16(cpu, R_EAX, dividend / divisor);
    put_lo16(cpu, R_EDX, dividend % divisor);
    return 0;
}

HELP(div32)
{
    u64 dividend = (u64)cpu->r[R_EDX] << 32 | cpu->r[R_EAX];

    if (a == 0 || cpu->r[R_EDX] >= a)
        cpu_raise(cpu, EXCP_DE);
    cpu->r[R_EAX] = (u32)(dividend / a);
    cpu->r[R_EDX] = (u32)(dividend % a);
    return 0;
}

HELP(idiv8)
{
    i32 dividend = (i16)cpu->r[R_EAX], divisor = (i8)a;

    if (divisor == 0 || dividend / divisor != (i8)(dividend / divisor))
        cpu_raise(cpu, EXCP_DE);
    put_lo16(cpu, R_EAX, (u32)(dividend % divisor & 0xff) << 8 | (u8)(dividend / divisor));
    return 0;
}

HELP(idiv16)
{
    /* 64 bits: the quotient of -2^31 and -1 must not overflow on the host. */
    i64 dividend = (i32)(cpu->r[R_EDX] << 16 | (cpu->r[R_EAX] & 0xffff));
    i64 divisor = (i16)a;

    if (divisor == 0 || dividend / divisor != (i16)(dividend / divisor))
        cpu_raise(cpu, EXCP_DE);
    put_lo16(cpu, R_EAX, (u32)(dividend / divisor));
    put_lo16(cpu, R_EDX, (u32)(dividend % divisor));
    return 0;
}

HELP(idiv32)
{
    i64 dividend = (i64)((u64)cpu->r[R_EDX] << 32 | cpu->r[R_EAX]);
    i64 divisor = (i32)a;

    if (divisor == 0 || (dividend == INT64_MIN && divisor == -1) ||
        dividend / divisor != (i32)(dividend / divisor))
        cpu_raise(cpu, EXCP_DE);
    cpu->r[R_EAX] = (u32)(dividend / divisor);
    cpu->r[R_EDX] = (u32)(dividend % divisor);
    return 0;
}
