/* Runs what tools/dyngen made of tests/dyngen/templates.c on this host: random programs with a loop, beside the same in C.
 *
 * The last line is "N passed, N failed"; exit status 0 when none failed. */
#include "tests/dyngen/host.h"
#include "translate/tmpl/stencil.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PROGRAMS 300
#define BODY     60
#define TURNS    20
#define REGS     8
#define COUNTER  (REGS - 1) /* no operation writes it but the last */
#define WORDS    64
#define BUFFER   (64 * KIB)

#if defined(__x86_64__) || defined(__i386__)
static const u8 return_code[] = {0xc3};
#elif defined(__aarch64__)
static const u8 return_code[] = {0xc0, 0x03, 0x5f, 0xd6};
#elif defined(__riscv)
static const u8 return_code[] = {0x67, 0x80, 0x00, 0x00};
#elif defined(__powerpc64__)
static const u8 return_code[] = {0x20, 0x00, 0x80, 0x4e};
#endif

enum op {
#define OPS(X)                                                                                     \
    X(add)                                                                                         \
    X(addi)                                                                                        \
    X(sub)                                                                                         \
    X(subi)                                                                                        \
    X(and)                                                                                         \
    X(andi)                                                                                        \
    X(or)                                                                                          \
    X(ori)                                                                                         \
    X(xor) X(xori) X(mul) X(muli) X(mov) X(movi) X(shl) X(shr) X(rol) X(load) X(store) X(mix)      \
        X(min) X(jnz) X(jmp) X(exit)
#define X(name) OP_##name,
    OPS(X)
#undef X
        OP_END,
};

struct insn {
    enum op op;
    u32 d, a, b, imm;
};

struct machine {
    u32 r[REGS];
    u32 memory[WORDS];
};

static u32 slow(u32 a, u32 b)
{
    return a * 7 + b;
}

static u32 random32(u64 *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (u32)(*seed >> 32);
}

/* What a program means. */
static void interpret(struct machine *m, const struct insn *program)
{
    const struct insn *i = program;
    u32 *d, a, b;

    for (;;) {
        d = &m->r[i->d], a = m->r[i->a], b = m->r[i->b];
        switch (i->op) {
        case OP_add: *d = a + b; break;
        case OP_addi: *d = a + i->imm; break;
        case OP_sub: *d = a - b; break;
        case OP_subi: *d = a - i->imm; break;
        case OP_and: *d = a & b; break;
        case OP_andi: *d = a & i->imm; break;
        case OP_or: *d = a | b; break;
        case OP_ori: *d = a | i->imm; break;
        case OP_xor: *d = a ^ b; break;
        case OP_xori: *d = a ^ i->imm; break;
        case OP_mul: *d = a * b; break;
        case OP_muli: *d = a * i->imm; break;
        case OP_mov: *d = a; break;
        case OP_movi: *d = i->imm; break;
        case OP_shl: *d = a << (b & 31); break;
        case OP_shr: *d = a >> (b & 31); break;
        case OP_rol: *d = a << (b & 31) | a >> (-b & 31); break;
        case OP_load: *d = m->memory[a % WORDS]; break;
        case OP_store: m->memory[a % WORDS] = *d; break;
        case OP_mix: *d = (a % 8 == 3 ? slow(a, b) : a) + 1; break;
        case OP_min: *d = a < b ? a : b; break;
        case OP_jnz:
            if (a) {
                i = program;
                continue;
            }
            break;
        case OP_jmp: i = program; continue;
        case OP_exit:
        case OP_END: return;
        }
        i++;
    }
}

static const struct stencil *stencil_named(const char *name)
{
    u32 i;

    for (i = 0; i < stencil_count; i++)
        if (strcmp(stencils[i].name, name) == 0)
            return &stencils[i];
    printf("FAIL dyngen: no template %s\n", name);
    exit(1);
}

/* The low and the high half of an address, where each is a number with a sign. */
static void set_pointer(u64 *value, const void *p)
{
    u64 address = (uintptr_t)p;

    value[HOLE_ptr] = address;
    if (stencil_find(stencil_named("load"), HOLE_ptr_high, 0)) {
        value[HOLE_ptr] = (u32)address;
        value[HOLE_ptr_high] = (u32)((address - (u64)(i32)address) >> 32);
    }
}

static bool emit(u8 *buffer, struct machine *m, const struct insn *program, bool by_thunk)
{
    static const char *const names[] = {
#define X(name) [OP_##name] = #name,
        OPS(X)
#undef X
    };
    u64 value[STENCIL_SYMBOLS] = {0}, exec = (uintptr_t)buffer;
    const struct insn *i = program;
    u32 at = 64, size;

    memcpy(buffer, return_code, sizeof(return_code));
    value[CONT_exit] = exec;
    value[CONT_taken] = exec + at;
    value[CALL_slow] = (uintptr_t)slow;
    if (by_thunk || !stencil_reaches(exec, BUFFER, (uintptr_t)slow)) {
        stencil_thunk(buffer + 16, (uintptr_t)slow);
        value[CALL_slow] = exec + 16;
    }
    set_pointer(value, m->memory);
    for (;; i++) {
        value[HOLE_d] = i->d * sizeof(u32);
        value[HOLE_a] = i->a * sizeof(u32);
        value[HOLE_b] = i->b * sizeof(u32);
        value[HOLE_imm] = i->imm;
        size = stencil_emit(buffer + at, exec + at, stencil_named(names[i->op]), value);
        if (!size) {
            printf("FAIL dyngen: %s does not fit\n", names[i->op]);
            return false;
        }
        at += size;
        if (i->op == OP_exit)
            break;
    }
    __builtin___clear_cache((char *)buffer, (char *)buffer + at);
    return true;
}

static void make_program(struct insn *program, u64 *seed)
{
    u32 i;

    for (i = 0; i < BODY; i++)
        program[i] =
            (struct insn){random32(seed) % OP_jnz, random32(seed) % COUNTER, random32(seed) % REGS,
                          random32(seed) % REGS, random32(seed) >> random32(seed) % 32};
    program[i++] = (struct insn){OP_subi, COUNTER, COUNTER, 0, 1};
    program[i++] = (struct insn){OP_jnz, 0, COUNTER, 0, 0};
    program[i] = (struct insn){OP_exit, 0, 0, 0, 0};
}

static bool run(u8 *buffer, u64 *seed, bool by_thunk)
{
    struct insn program[BODY + 3];
    struct machine m, expected;
    u32 i;

    make_program(program, seed);
    for (i = 0; i < sizeof(m) / sizeof(u32); i++)
        ((u32 *)&m)[i] = random32(seed);
    m.r[COUNTER] = TURNS;
    expected = m;
    interpret(&expected, program);
    if (!emit(buffer, &m, program, by_thunk))
        return false;
    state = (u8 *)m.r;
    asm volatile("" ::: "memory");
    ((void (*)(void))(uintptr_t)(buffer + 64))();
    asm volatile("" ::: "memory");
    return memcmp(&m, &expected, sizeof(m)) == 0;
}

int main(void)
{
    u8 *buffer =
        mmap(NULL, BUFFER, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    u64 seed = 1;
    u32 i, failed = 0;

    if (buffer == MAP_FAILED) {
        puts("FAIL dyngen: no memory for code\n0 passed, 1 failed");
        exit(1);
    }
    for (i = 0; i < PROGRAMS; i++)
        if (!run(buffer, &seed, i % 2)) {
            printf("FAIL dyngen: program %u\n", i);
            failed++;
        }
    printf("%u passed, %u failed\n", PROGRAMS - failed, failed);
    exit(failed != 0); /* main's caller may want the register of the state */
}
