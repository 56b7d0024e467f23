/* Character back ends under test: a receiver, and standard input and output that are ours. */
#ifndef PAGEWALK_CHR_RIG_H
#define PAGEWALK_CHR_RIG_H

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "devices/chr/spec.h"
#include "tests/unit/bench_main.h"

/* A receiver that takes `room` bytes and notes what it got; a break is noted as '!'. */
struct receiver {
    char got[8192];
    size_t len, room;
    char keys[16];
    size_t nkeys;
};

static inline size_t take_room(void *opaque)
{
    struct receiver *r = opaque;

    return r->room;
}

static inline void take(void *opaque, const u8 *data, size_t len)
{
    struct receiver *r = opaque;

    ck_assert_uint_le(len, r->room);
    ck_assert_uint_lt(r->len + len, sizeof(r->got));
    memcpy(r->got + r->len, data, len);
    r->len += len;
    r->room -= len;
}

static inline void take_break(void *opaque)
{
    struct receiver *r = opaque;

    r->got[r->len++] = '!';
}

static inline void take_key(void *opaque, enum chr_key key)
{
    struct receiver *r = opaque;

    r->keys[r->nkeys++] = "xrs"[key];
}

static inline void attach(struct chr *chr, struct receiver *r, size_t room)
{
    memset(r, 0, sizeof(*r));
    r->room = room;
    chr->can_receive = take_room;
    chr->receive = take;
    chr->send_break = take_break;
    chr->opaque = r;
}

static inline void put(struct chr *chr, const char *text)
{
    chr->ops->write(chr, (const u8 *)text, strlen(text));
}

/* Puts pipes at stdin and stdout; returns our ends. */
static inline void pipes(int *in, int *out)
{
    int a[2], b[2];

    ck_assert_int_eq(pipe2(a, O_CLOEXEC), 0);
    ck_assert_int_eq(pipe2(b, O_CLOEXEC), 0);
    fflush(stdout);
    dup2(a[0], 0);
    dup2(b[1], 1);
    close(a[0]);
    close(b[1]);
    *in = a[1];
    *out = b[0];
}

/* Standard input and output as a serial port has them. */
static inline struct chr *open_stdio(bool escapes, void (*key)(void *opaque, enum chr_key key),
                                     void *opaque, char *err, size_t err_len)
{
    struct chr *chr = chr_open_stdio(!escapes, err, err_len);

    return escapes ? chr_open_mux(chr, 1, key, opaque, err, err_len) : chr;
}

#endif
