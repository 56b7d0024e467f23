/* Which blocks are inner loops, and how the addresses of their accesses move. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "translate/loop.h"

#define EAX REG32(R_EAX)
#define ECX REG32(R_ECX)
#define EDX REG32(R_EDX)
#define EBX REG32(R_EBX)
#define ESP REG32(R_ESP)
#define ESI REG32(R_ESI)
#define T0  REG32(R_T0)
#define DS  REG32(R_BASE + SREG_DS)
#define Z   ZERO_REG

#define EIP  0x1000u
#define UOPS 8

/* d, a, b, imm */
#define OP(name, dd, aa, bb, i)                                                                    \
    {                                                                                              \
        .op = U_##name, .live = UF_ALL, .d = (dd), .a = (aa), .b = (bb), .imm = (u32)(i)           \
    }
#define MEM(name, dd, aa, bb, s, i)                                                                \
    {                                                                                              \
        .op = U_##name, .d = (dd), .a = (aa), .b = (bb), .scale = (s), .imm = (u32)(i)             \
    }
#define SIDE(c)                                                                                    \
    {                                                                                              \
        .op = U_side, .aux = (c), .scale = 2                                                       \
    }
#define DEC_JNZ OP(dec32, ECX, ECX, Z, 0), OP(jcc, 0, Z, Z, 0)
#define CMP_JNZ OP(cmp32, 0, EDX, ECX, 0), OP(jcc, 0, Z, Z, 0)

static const struct {
    const char *name;
    struct uop uop[UOPS];
    unsigned streams;
    struct loop_stream stream[2]; /* accesses 0: not looked at */
} loops[] = {
    {"a fixed and a moving address",
     {MEM(ld32, EAX, EDX, Z, 0, 4), OP(add32, EDX, EDX, Z, 4), MEM(st32, EAX, EBX, Z, 0, 0),
      CMP_JNZ},
     2,
     {{.a = EDX, .b = Z, .moving = EDX, .low = 4, .span = 4, .stride = 4, .accesses = 1},
      {.a = EBX, .b = Z, .moving = Z, .write = true, .span = 4, .accesses = 1}}},
    {"one stream: the offset behind an addition counts from the start; a write makes it one of "
     "writes",
     {MEM(ldzx8, EAX, EDX, Z, 0, 0x10), OP(add32, EDX, EDX, Z, 4), MEM(st16, EAX, EDX, Z, 0, -4),
      CMP_JNZ},
     1,
     {{.a = EDX,
       .b = Z,
       .moving = EDX,
       .write = true,
       .low = 0,
       .span = 17,
       .stride = 4,
       .accesses = 2}}},
    {"an index with a scale, downwards",
     {MEM(ldw32, T0, EBX, ECX, 2, -4), OP(inc32, T0, T0, Z, 0), MEM(st32, T0, EBX, ECX, 2, -4),
      DEC_JNZ},
     1,
     {{.a = EBX,
       .b = ECX,
       .scale = 2,
       .moving = ECX,
       .shift = 2,
       .decreases = true,
       .write = true,
       .low = -4,
       .span = 4,
       .stride = -4,
       .accesses = 2}}},
    {"both move",
     {MEM(ld8, EAX, EDX, ECX, 1, 0), OP(sub32, EDX, EDX, Z, 8), DEC_JNZ},
     1,
     {{.a = EDX,
       .b = ECX,
       .scale = 1,
       .moving = EDX,
       .both = true,
       .decreases = true,
       .span = 1,
       .stride = -10,
       .accesses = 1}}},
    {"PUSH and POP: to and fro",
     {MEM(st32, EAX, ESP, Z, 0, -4), OP(lea32, ESP, ESP, Z, -4), MEM(ld32, EBX, ESP, Z, 0, 0),
      OP(lea32, ESP, ESP, Z, 4), CMP_JNZ},
     1,
     {{.a = ESP,
       .b = Z,
       .moving = ESP,
       .decreases = true,
       .write = true,
       .low = -4,
       .span = 4,
       .stride = 0,
       .accesses = 2}}},
    {"too far from one another for one stream",
     {MEM(ld32, EAX, EDX, Z, 0, 0), MEM(ld32, EAX, EDX, Z, 0, LOOP_SPAN), CMP_JNZ},
     2,
     {{.a = EDX, .b = Z, .moving = Z, .span = 4, .accesses = 1},
      {.a = EDX, .b = Z, .moving = Z, .low = LOOP_SPAN, .span = 4, .accesses = 1}}},
    {"a segment's base",
     {MEM(ld32, EAX, ECX, DS, 0, 0), DEC_JNZ},
     1,
     {{.a = ECX,
       .b = DS,
       .moving = ECX,
       .decreases = true,
       .span = 4,
       .stride = -1,
       .accesses = 1}}},
    {"a side exit that sees all flags of this turn",
     {MEM(ld32, EAX, EDX, Z, 0, 0), OP(test32, 0, EAX, EAX, 0), SIDE(4), CMP_JNZ},
     1,
     {{.a = EDX, .b = Z, .moving = Z, .span = 4, .accesses = 1}}},
    {"flags that no turn touches",
     {MEM(ld32, EAX, EDX, Z, 0, 0), OP(lea32, ECX, ECX, Z, -1), OP(brnz, 0, ECX, Z, 0)},
     1,
     {{.a = EDX, .b = Z, .moving = Z, .span = 4, .accesses = 1}}},

    {"no access", {OP(add32, EAX, EAX, Z, 1), DEC_JNZ}, 0, {{0}}},
    {"an address that was loaded", {MEM(ld32, EDX, EDX, Z, 0, 0), DEC_JNZ}, 0, {{0}}},
    {"an address that moves by a register",
     {MEM(ld32, EAX, EDX, Z, 0, 0), OP(add32, EDX, EDX, EBX, 0), DEC_JNZ},
     0,
     {{0}}},
    {"an address of which a part is written",
     {MEM(ld32, EAX, EDX, Z, 0, 0), OP(add8, EDX, EDX, Z, 1), DEC_JNZ},
     0,
     {{0}}},
    {"a stride that is too long",
     {MEM(ld32, EAX, EDX, Z, 0, 0), OP(add32, EDX, EDX, Z, LOOP_STRIDE + 1), CMP_JNZ},
     0,
     {{0}}},
    {"a move beyond the range of a sum",
     {MEM(ld32, EAX, EDX, Z, 0, 0), OP(add32, EDX, EDX, Z, 0x7fffffff),
      OP(add32, EDX, EDX, Z, 0x7fffffff), CMP_JNZ},
     0,
     {{0}}},
    {"a call", {MEM(ld32, EAX, EDX, Z, 0, 0), OP(call, EAX, Z, Z, 0), DEC_JNZ}, 0, {{0}}},
    {"a check of a segment",
     {OP(chk, 0, EDX, Z, 0), MEM(ld32, EAX, EDX, Z, 0, 0), DEC_JNZ},
     0,
     {{0}}},
    {"a carry from the turn before",
     {MEM(ld32, EAX, EDX, Z, 0, 0), OP(adc32, EBX, EBX, EAX, 0), DEC_JNZ},
     0,
     {{0}}},
    {"a side exit between INC and CMP",
     {MEM(ld32, EAX, EDX, Z, 0, 0), OP(inc32, ESI, ESI, Z, 0), SIDE(4), CMP_JNZ},
     0,
     {{0}}},
};

static struct block *make_block(const struct uop *uop)
{
    unsigned n = 0;
    struct block *b;

    while (n < UOPS && !(uop_info[uop[n].op].traits & UT_END))
        n++;
    b = calloc(1, sizeof(*b) + (n + 1) * sizeof(*uop) + 3 * sizeof(struct block_link));
    ck_assert_ptr_nonnull(b);
    ck_assert_uint_lt(n, UOPS);
    memcpy(b->uop, uop, (n + 1) * sizeof(*uop));
    b->uops = (u16)(n + 1);
    b->link = (struct block_link *)(b->uop + n + 1);
    b->links = 3;
    b->host = 0x1000;
    b->pa = b->eip = EIP;
    b->length = 20;
    b->runs = 1;
    b->run[0] = (struct block_run){0, 20};
    b->link[0].eip = EIP + 20;
    b->link[1].eip = EIP;
    b->link[2].eip = EIP + 99;
    return b;
}

START_TEST(table)
{
    struct block *b = make_block(loops[_i].uop);
    struct loop loop;

    ck_assert_msg(loop_find(b, &loop, false) == (loops[_i].streams > 0), "%s", loops[_i].name);
    if (loops[_i].streams > 0) {
        ck_assert_msg(loop.streams == loops[_i].streams, "%s", loops[_i].name);
        for (unsigned k = 0; k < loop.streams; k++)
            ck_assert_msg(!memcmp(&loop.stream[k], &loops[_i].stream[k], sizeof(loop.stream[k])),
                          "%s, stream %u: low %d span %u stride %d", loops[_i].name, k,
                          loop.stream[k].low, loop.stream[k].span, loop.stream[k].stride);
    }
    free(b);
}
END_TEST

/* The first of the table, but for where it leads and what kind of block it is. */
START_TEST(blocks)
{
    struct block *b = make_block(loops[0].uop);
    struct loop loop;

    ck_assert(loop_find(b, &loop, false));
    ck_assert_uint_eq(loop.self, 1);
    ck_assert_uint_eq(loop.accesses, 2);
    ck_assert_uint_eq(loop.stream_of[0], 0);
    ck_assert_uint_eq(loop.stream_of[1], 1);
    ck_assert_uint_eq(loop.used >> R_T0 & 1, 0);
    b->link[1].eip++;
    ck_assert(!loop_find(b, &loop, false));
    b->link[1].eip--;
    b->mode = MODE_AC;
    ck_assert(!loop_find(b, &loop, false));
    b->mode = MODE_ONE_INSN;
    ck_assert(!loop_find(b, &loop, false));
    b->mode = 0;
    b->host = 0;
    ck_assert(!loop_find(b, &loop, false));
    b->host = 0x1000;
    b->run[0].end = PAGE_SIZE + 1;
    ck_assert(!loop_find(b, &loop, false));
    free(b);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("loop");
    TCase *t = tcase_create("loop");
    SRunner *r = srunner_create(s);
    int failed;

    tcase_add_loop_test(t, table, 0, ARRAY_SIZE(loops));
    tcase_add_test(t, blocks);
    suite_add_tcase(s, t);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
