/* Finds inner loops: a block that jumps to itself, whose loads and stores move by the same distance in every
 * iteration.
 *
 * A register is fixed when the body does not write it, and moves when each write adds a constant to it. Both
 * make addresses that are known for as many iterations as one likes; an access by any other register ends the
 * matter. Nothing in such a body can leave it but its jumps: no call, no check, no trap; so flags matter only
 * there. */
#include "translate/loop.h"

#include <string.h>

#define MOVE_MAX 4096 /* how far an iteration may move a register, to and fro added up */

struct moves {
    bool irregular[R_SLOTS]; /* written in another way than by adding */
    bool written[R_SLOTS];
    bool decreases[R_SLOTS];
    i32 total[R_SLOTS], far[R_SLOTS];
};

/* What a native engine computes in line, without looking at stored flags. */
static bool op_fits(const struct uop *u)
{
    switch (uop_family(u->op)) {
    case UFAM_MOVE:
    case UFAM_SELECT:
    case UFAM_LOAD:
    case UFAM_LOAD_RMW:
    case UFAM_STORE:
    case UFAM_BINARY:
    case UFAM_CARRY:
    case UFAM_COMPARE:
    case UFAM_STEP:
    case UFAM_UNARY:
    case UFAM_IMUL:
    case UFAM_MUL:
    case UFAM_SCAN:
    case UFAM_DOUBLE:
    case UFAM_DOUBLE_CL:
    case UFAM_SHIFT:
    case UFAM_CONDITION:
    case UFAM_SELECTOR:
    case UFAM_SIDE: return true;
    case UFAM_SHIFT_CL:
    case UFAM_ROTATE:
    case UFAM_ROTATE_CL:
    case UFAM_BIT_TEST:
    case UFAM_BIT_CHANGE: return !(uop_info[u->op].traits & UT_STORES_FLAGS);
    case UFAM_CHECK:
    case UFAM_CHECK_CS:
    case UFAM_FLAGS:
    case UFAM_CALL:
    case UFAM_EXIT:
    case UFAM_EXIT_OPEN:
    case UFAM_STOP: return false;
    }
    return false;
}

/* Whether u adds a constant to the register that it writes. */
static bool adds(const struct uop *u, i32 *by)
{
    switch (u->op) {
    case U_add32:
    case U_add32_f: *by = (i32)u->imm; return u->d == u->a && u->b == ZERO_REG;
    case U_sub32:
    case U_sub32_f: *by = (i32)-u->imm; return u->d == u->a && u->b == ZERO_REG;
    case U_inc32:
    case U_inc32_f: *by = 1; return u->d == u->a;
    case U_dec32:
    case U_dec32_f: *by = -1; return u->d == u->a;
    case U_lea32:
        *by = (i32)u->imm;
        return (u->d == u->a && u->b == ZERO_REG) ||
               (u->a == ZERO_REG && u->d == u->b && u->scale == 0);
    default: return false;
    }
}

static bool in_reach(i32 by, i32 limit)
{
    return by >= -limit && by <= limit;
}

static void note_writes(struct moves *m, const struct uop *u)
{
    u32 written = uop_slots_written(u);
    i32 by;

    for (unsigned slot = 0; slot < R_SLOTS; slot++) {
        if (!(written >> slot & 1))
            continue;
        m->written[slot] = true;
        if (!adds(u, &by) || !in_reach(by, MOVE_MAX)) {
            m->irregular[slot] = true;
            continue;
        }
        m->total[slot] += by;
        m->far[slot] += by < 0 ? -by : by;
        m->decreases[slot] |= by < 0;
        if (m->far[slot] > MOVE_MAX)
            m->irregular[slot] = true;
    }
}

/* Into its stream, or a new one: an access of size bytes at `at`, from the registers at the iteration's
 * start. */
static bool add_access(struct loop *loop, const struct loop_stream *like, i64 at, unsigned size)
{
    struct loop_stream *s = loop->stream;
    i64 low = at, high = at + size;
    unsigned i;

    for (i = 0; i < loop->streams; i++, s++) {
        if (s->a != like->a || s->b != like->b || s->scale != like->scale)
            continue;
        low = at < s->low ? at : s->low;
        high = at + size > (i64)s->low + s->span ? at + size : (i64)s->low + s->span;
        if (high - low <= LOOP_SPAN)
            break;
        low = at;
        high = at + size;
    }
    if (loop->accesses == LOOP_ACCESSES || low < INT32_MIN || high > INT32_MAX)
        return false;
    if (i == loop->streams) {
        if (i == ENGINE_STREAMS)
            return false;
        *s = *like;
        loop->streams++;
    }
    s->low = (i32)low;
    s->span = (u32)(high - low);
    s->write |= like->write;
    s->accesses++;
    loop->stream_of[loop->accesses++] = (u8)i;
    return true;
}

/* inc: how far each register has moved when u is reached. */
static bool find_stream(struct loop *loop, const struct moves *m, const i32 *inc,
                        const struct uop *u)
{
    struct loop_stream s = {.a = u->a, .b = u->b, .scale = u->scale, .moving = ZERO_REG};
    unsigned a = u->a >> 2, b = u->b >> 2;
    i64 at = (i64)(i32)u->imm + inc[a] + (i64)inc[b] * (1 << u->scale);
    i64 stride = (i64)m->total[a] + (i64)m->total[b] * (1 << u->scale);

    if (m->irregular[a] || m->irregular[b] || stride < -LOOP_STRIDE || stride > LOOP_STRIDE)
        return false;
    s.write = uop_is_write(u->op);
    s.stride = (i32)stride;
    s.decreases = m->decreases[a] || m->decreases[b];
    s.both = m->written[a] && m->written[b];
    if (m->written[a]) {
        s.moving = u->a;
    } else if (m->written[b]) {
        s.moving = u->b;
        s.shift = u->scale;
    }
    return add_access(loop, &s, at, uop_info[u->op].size);
}

/* The link by which the block's last micro-op leads back to its start; -1: it does not. */
static int link_back(const struct block *b)
{
    const struct uop *last = &b->uop[b->uops - 1];

    if (last->op == U_exit_jmp)
        return b->link[0].eip == b->eip ? 0 : -1;
    if (last->op == U_jcc || last->op == U_brz || last->op == U_brnz)
        return b->link[1].eip == b->eip && b->link[0].eip != b->eip ? 1 : -1;
    return -1;
}

/* Whether the flags at each exit, and those that the body reads, come from the same iteration or from before the
 * loop, never from the iteration before: then only exits need store any. */
static bool flags_fit(const struct block *b)
{
    u8 written = 0, defined = 0;

    for (unsigned i = 0; i < b->uops; i++)
        written |= uop_flags_written(&b->uop[i]);
    for (unsigned i = 0; i < b->uops; i++) {
        const struct uop *u = &b->uop[i];
        u16 traits = uop_info[u->op].traits;
        u8 read = traits & (UT_END | UT_SIDE) ? UF_ALL : uop_flags_read(u);

        if (read & written & ~defined)
            return false;
        if (!(traits & UT_MAYBE_FLAGS))
            defined |= uop_info[u->op].flags_written;
    }
    return true;
}

bool loop_find(const struct block *b, struct loop *loop, bool any_address)
{
    int self = link_back(b);
    struct moves m;
    i32 inc[R_SLOTS] = {0};
    unsigned i;

    if (self < 0 || b->mode & (MODE_ONE_INSN | MODE_AC) || !b->host || block_crosses(b))
        return false;
    memset(&m, 0, sizeof(m));
    memset(loop, 0, sizeof(*loop));
    loop->self = (unsigned)self;
    for (i = 0; i + 1u < b->uops; i++) {
        const struct uop *u = &b->uop[i];

        if (!op_fits(u))
            return false;
        note_writes(&m, u);
        loop->used |= 1u << (u->d >> 2) | 1u << (u->a >> 2) | 1u << (u->b >> 2);
    }
    loop->used |= 1u << (b->uop[i].a >> 2);
    for (i = 0; i + 1u < b->uops; i++) {
        const struct uop *u = &b->uop[i];
        i32 by;

        if (uop_is_access(u->op) && any_address)
            loop->accesses = 1;
        else if (uop_is_access(u->op) && !find_stream(loop, &m, inc, u))
            return false;
        if (adds(u, &by) && !m.irregular[u->d >> 2])
            inc[u->d >> 2] += by;
    }
    return loop->accesses > 0 && flags_fit(b);
}
