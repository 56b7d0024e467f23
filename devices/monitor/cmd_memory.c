/* Commands that look at memory and ports: x, xp, gva2gpa, i, o, print. */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "cpu/peek.h"
#include "devices/monitor/command.h"
#include "mmu/host/symbols.h"

static u64 read_little(const u8 *at, unsigned size)
{
    u64 value = 0;

    memcpy(&value, at, size);
    return value;
}

static void put_char(FILE *out, u8 byte)
{
    static const char named[] = "\nn\rr\tt\aa\bb\ff\vv\\\\''";

    for (const char *n = named; *n; n += 2)
        if ((u8)*n == byte) {
            fprintf(out, "'\\%c'", n[1]);
            return;
        }
    fprintf(out, isprint(byte) && byte < 128 ? "'%c'" : "'\\x%02x'", byte);
}

/* Of QEMU's widths: as wide as the largest number. */
static void put_value(FILE *out, char format, u64 value, unsigned size)
{
    int bits = (int)size * 8;

    switch (format) {
    case 'o': fprintf(out, "%#*" PRIo64, (bits + 2) / 3, value); break;
    case 'u': fprintf(out, "%*" PRIu64, (bits * 10 + 32) / 33, value); break;
    case 'd':
        fprintf(out, "%*" PRId64, (bits * 10 + 32) / 33,
                (i64)(value << (64 - bits)) >> (64 - bits));
        break;
    case 'c': put_char(out, (u8)value); break;
    default: fprintf(out, "0x%0*" PRIx64, bits / 4, value); break;
    }
}

/* Texts that end with a zero byte, one a line. */
static void dump_texts(struct monitor *m, u64 addr, bool physical, u32 count)
{
    while (count--) {
        u8 byte = 1;
        u64 at = addr;

        fprintf(m->out, physical ? "%016" PRIx64 ": \"" : "%08" PRIx64 ": \"", addr);
        for (; at - addr < 4096 && cpu_peek(m->pc->cpu, at, physical, &byte, 1) && byte; at++)
            if (byte == '"' || byte == '\\')
                fprintf(m->out, "\\%c", byte);
            else
                fprintf(m->out, byte >= ' ' && byte < 127 ? "%c" : "\\x%02x", byte);
        fputs("\"\n", m->out);
        addr = at + 1;
    }
}

static void dump(struct monitor *m, const struct monitor_args *a, bool physical)
{
    struct cpu *cpu = m->pc->cpu;
    u64 addr = physical ? a->arg[0].number : (u32)a->arg[0].number;
    char format = a->format.format;
    unsigned size = format == 'c' ? 1 : a->format.size ? a->format.size : 4;
    u64 left = (u64)a->format.count * size;
    u8 data[16];

    if (format == 'i') {
        monitor_disassemble(m, addr, physical, a->format.count);
        return;
    }
    if (format == 's') {
        dump_texts(m, addr, physical, a->format.count);
        return;
    }
    while (left) {
        size_t want = size == 1 ? 8 : 16;

        if (want > left)
            want = left;
        fprintf(m->out, physical ? "%016" PRIx64 ":" : "%08" PRIx64 ":", addr);
        if (cpu_peek(cpu, addr, physical, data, want) < want) {
            fputs(" Cannot access memory\n", m->out);
            return;
        }
        for (size_t i = 0; i < want; i += size) {
            fputc(' ', m->out);
            put_value(m->out, format, read_little(data + i, size), size);
        }
        fputc('\n', m->out);
        addr = physical ? addr + want : (u32)(addr + want);
        left -= want;
    }
}

MONITOR_COMMAND(x)
{
    dump(m, a, false);
}

MONITOR_COMMAND(xp)
{
    dump(m, a, true);
}

MONITOR_COMMAND(gva2gpa)
{
    u64 pa;

    if (mmu_peek_pa(&m->pc->cpu->mmu, (u32)a->arg[0].number, &pa))
        fprintf(m->out, "gpa: %#" PRIx64 "\n", pa);
    else
        fputs("Unmapped\n", m->out);
}

/* b, w and l are sizes of a port, of which formats know b, h and w. */
static unsigned port_size(const struct monitor_args *a)
{
    return a->format.size == 8 ? 4 : a->format.size ? a->format.size : 1;
}

static char port_suffix(unsigned size)
{
    return size == 1 ? 'b' : size == 2 ? 'w' : 'l';
}

MONITOR_COMMAND(i)
{
    unsigned size = port_size(a);
    u16 port = (u16)a->arg[0].number;

    if (replay_port(m->pc, port, size, NULL))
        fprintf(m->out, "port%c[0x%04x] = 0x%0*x\n", port_suffix(size), port, (int)size * 2,
                ioport_read(&m->pc->bus, port, size));
    else
        monitor_fail(m, "a machine that is replayed has its ports to itself");
}

MONITOR_COMMAND(o)
{
    u32 value = (u32)a->arg[1].number;

    if (replay_port(m->pc, (u16)a->arg[0].number, port_size(a), &value))
        ioport_write(&m->pc->bus, (u16)a->arg[0].number, value, port_size(a));
    else
        monitor_fail(m, "a machine that is replayed has its ports to itself");
}

MONITOR_COMMAND(print)
{
    u64 value = a->arg[0].number;

    switch (a->format.format) {
    case 'o': fprintf(m->out, "%#" PRIo64 "\n", value); break;
    case 'u': fprintf(m->out, "%" PRIu64 "\n", value); break;
    case 'd':
    case 'i': fprintf(m->out, "%" PRId64 "\n", (i64)value); break;
    case 'c':
        put_char(m->out, (u8)value);
        fputc('\n', m->out);
        break;
    default: fprintf(m->out, "%#" PRIx64 "\n", value); break;
    }
}
