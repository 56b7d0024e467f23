/* Emits the instructions of a step, in 16- or 32-bit code. */
#ifndef PAGEWALK_TESTS_FUZZ_EMIT_H
#define PAGEWALK_TESTS_FUZZ_EMIT_H

#include "cpu/cpu.h"
#include "tests/fuzz/program.h"

struct emit {
    struct fuzz_step *step;
    const struct fuzz_program *program;
    const struct fuzz_session *session;
    const struct fuzz_piece *piece;
    bool code32;
    u64 *s;
};

static inline void emit_bytes(struct emit *e, u32 value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes && e->step->len < FZ_STEP_LEN; i++)
        e->step->byte[e->step->len++] = (u8)(value >> 8 * i);
}

static inline void emit_code(struct emit *e, const char *code, unsigned len)
{
    for (unsigned i = 0; i < len; i++)
        emit_bytes(e, (u8)code[i], 1);
}

#define EMIT(e, code) emit_code((e), "" code, sizeof(code) - 1)

/* The next instruction has operands of 32 bits (of 16). */
static inline void emit_osz(struct emit *e, unsigned size)
{
    if ((size == 4) != e->code32)
        emit_bytes(e, 0x66, 1);
}

static inline void emit_mov(struct emit *e, unsigned reg, u32 value)
{
    emit_osz(e, 4);
    emit_bytes(e, 0xb8 + reg, 1);
    emit_bytes(e, value, 4);
}

/* A selector register gets its value by way of AX. */
static inline void emit_mov_seg(struct emit *e, unsigned sreg, u32 value)
{
    emit_osz(e, 2);
    emit_bytes(e, 0xb8, 1);
    emit_bytes(e, value, 2);
    emit_bytes(e, 0xc08e | sreg << 11, 2);
}

/* Makes `addr` ES:EDI, or as near as the mode lets it. */
static inline void emit_es_edi(struct emit *e, u32 addr)
{
    if (fuzz_real(e->session->mode) && addr < 0x10fff0) {
        u32 seg = addr >> 4 > 0xffff ? 0xffff : addr >> 4;

        emit_mov_seg(e, 0, seg);
        addr -= seg << 4;
    }
    emit_mov(e, R_EDI, addr);
}

static inline void emit_store(struct emit *e, u32 addr, u32 value)
{
    emit_es_edi(e, addr);
    emit_bytes(e, 0x26, 1);
    if (!e->code32)
        emit_bytes(e, 0x67, 1);
    emit_osz(e, 4);
    emit_bytes(e, 0x07c7, 2); /* mov [edi], value */
    emit_bytes(e, value, 4);
}

static inline void emit_dx(struct emit *e, u16 port)
{
    emit_osz(e, 2);
    emit_bytes(e, 0xba, 1);
    emit_bytes(e, port, 2);
}

/* size 1, 2 or 4 */
static inline void emit_out(struct emit *e, u16 port, u32 value, unsigned size)
{
    emit_dx(e, port);
    if (size == 1) {
        emit_bytes(e, 0xb0 | value << 8, 2);
        emit_bytes(e, 0xee, 1);
        return;
    }
    emit_mov(e, R_EAX, value);
    emit_osz(e, size);
    emit_bytes(e, 0xef, 1);
}

static inline void emit_in(struct emit *e, u16 port, unsigned size)
{
    emit_dx(e, port);
    if (size == 1) {
        emit_bytes(e, 0xec, 1);
        return;
    }
    emit_osz(e, size);
    emit_bytes(e, 0xed, 1);
}

/* Adds a random step of either kind. */
void fuzz_step_cpu(struct emit *e);
void fuzz_step_device(struct emit *e);

#endif
