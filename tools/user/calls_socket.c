/* Sockets: socketcall(), messages, and options that have times in them. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "tools/user/calls.h"

#define CONTROL_MOST 65536u

struct msghdr_32 {
    u32 name, name_len, iov, iov_count, control, control_len, flags;
};
struct cmsghdr_32 {
    u32 len;
    i32 level, type;
};
#define ALIGN4(n) (((n) + 3) & ~3u)

/* The host's form of what is sent along; false: it is no good. */
static bool control_get(const struct msghdr_32 *from, struct msghdr *to, u8 *buf)
{
    const u8 *p = g2h(from->control);
    u32 left = from->control_len;
    size_t used = 0;

    if (!from->control || !left)
        return true;
    if (left > CONTROL_MOST / 2)
        return false;
    while (left >= sizeof(struct cmsghdr_32)) {
        struct cmsghdr_32 c;
        struct cmsghdr *h = (struct cmsghdr *)(buf + used);
        size_t data;

        memcpy(&c, p, sizeof(c));
        if (c.len < sizeof(c) || c.len > left)
            return false;
        data = c.len - sizeof(c);
        *h = (struct cmsghdr){CMSG_LEN(data), c.level, c.type};
        memcpy(CMSG_DATA(h), p + sizeof(c), data);
        used += CMSG_SPACE(data);
        if (ALIGN4(c.len) >= left)
            break;
        p += ALIGN4(c.len);
        left -= ALIGN4(c.len);
    }
    to->msg_control = buf;
    to->msg_controllen = used;
    return true;
}

/* Data of the host's, as the guest has it: its length. */
static u32 convert_data(const struct cmsghdr *h, u8 *to)
{
    size_t len = h->cmsg_len - CMSG_LEN(0);
    const u8 *data = CMSG_DATA(h);

    if (h->cmsg_level == SOL_SOCKET &&
        (h->cmsg_type == SO_TIMESTAMP || h->cmsg_type == SO_TIMESTAMPNS) && len == 16) {
        i64 v[2];

        memcpy(v, data, sizeof(v));
        put32(to, (u32)v[0]);
        put32(to + 4, (u32)v[1]);
        return 8;
    }
    memcpy(to, data, len);
    return (u32)len;
}

static void control_put(struct msghdr *from, struct msghdr_32 *to)
{
    u8 *p = g2h(to->control), buf[CONTROL_MOST];
    u32 room = to->control ? to->control_len : 0, used = 0;

    for (struct cmsghdr *h = CMSG_FIRSTHDR(from); h; h = CMSG_NXTHDR(from, h)) {
        u32 data = convert_data(h, buf);
        struct cmsghdr_32 c = {(u32)sizeof(c) + data, h->cmsg_level, h->cmsg_type};

        if (room - used < c.len) {
            to->flags |= MSG_CTRUNC;
            break;
        }
        memcpy(p + used, &c, sizeof(c));
        memcpy(p + used + sizeof(c), buf, data);
        used += ALIGN4(c.len) < room - used ? ALIGN4(c.len) : room - used;
    }
    to->control_len = used;
}

/* A flag that only the kernel uses, for 32-bit programs, from which it is not looked at. */
#define CMSG_COMPAT 0x80000000u

static i64 send_message(i64 fd, u32 address, u32 flags)
{
    u8 control[CONTROL_MOST] __attribute__((aligned(8)));
    struct iovec iov[IOV_MOST];
    const struct msghdr_32 *from = g2h(address);
    struct msghdr msg = {.msg_name = g2h0(from->name), .msg_namelen = from->name_len};

    msg.msg_iov = iov_get(from->iov, from->iov_count, iov, false);
    msg.msg_iovlen = from->iov_count;
    if (!msg.msg_iov)
        return -EMSGSIZE;
    if (!control_get(from, &msg, control))
        return -EINVAL;
    return HOST(sendmsg, fd, PTR(&msg), INT(flags & ~CMSG_COMPAT));
}

static i64 receive_message(i64 fd, u32 address, u32 flags)
{
    u8 control[CONTROL_MOST] __attribute__((aligned(8)));
    struct iovec iov[IOV_MOST];
    struct msghdr_32 *to = g2h(address);
    struct msghdr msg = {.msg_name = g2h0(to->name), .msg_namelen = to->name_len};
    i64 result;

    msg.msg_iov = iov_get(to->iov, to->iov_count, iov, true);
    msg.msg_iovlen = to->iov_count;
    if (!msg.msg_iov)
        return -EMSGSIZE;
    if (to->control && to->control_len) {
        msg.msg_control = control;
        msg.msg_controllen =
            to->control_len * 2ull < CONTROL_MOST ? to->control_len * 2 : CONTROL_MOST;
    }
    result = HOST(recvmsg, fd, PTR(&msg), INT(flags & ~CMSG_COMPAT));
    if (result < 0)
        return result;
    to->name_len = msg.msg_namelen;
    to->flags = (u32)msg.msg_flags;
    control_put(&msg, to);
    return result;
}

CALL_OF(sendmsg)
{
    (void)t;
    return send_message(INT(a[0]), a[1], a[2]);
}

CALL_OF(recvmsg)
{
    (void)t;
    return receive_message(INT(a[0]), a[1], a[2]);
}

#define MMSG_SIZE ((u32)sizeof(struct msghdr_32) + 4)

CALL_OF(sendmmsg)
{
    u32 i;

    (void)t;
    if (!a[2])
        return HOST(sendmmsg, INT(a[0]), PTR(NULL), 0, a[3] & ~CMSG_COMPAT);
    for (i = 0; i < a[2] && i < IOV_MOST; i++) {
        i64 result = send_message(INT(a[0]), a[1] + i * MMSG_SIZE, a[3]);

        if (result < 0)
            return i ? (i64)i : result;
        *(u32 *)g2h(a[1] + i * MMSG_SIZE + MMSG_SIZE - 4) = (u32)result;
    }
    return i;
}

static i64 receive_messages(const u32 *a, bool wide)
{
    struct timespec limit, *p = time_get(a[4], wide, &limit), start, now;
    u32 i, flags = a[3];

    if (!a[2])
        return HOST(recvmmsg, INT(a[0]), PTR(NULL), 0, a[3] & ~CMSG_COMPAT, PTR(p));
    if (p)
        clock_gettime(CLOCK_MONOTONIC, &start);
    for (i = 0; i < a[2] && i < IOV_MOST; i++) {
        i64 result = receive_message(INT(a[0]), a[1] + i * MMSG_SIZE, flags & ~(u32)MSG_WAITFORONE);

        if (result < 0)
            return i ? (i64)i : result;
        *(u32 *)g2h(a[1] + i * MMSG_SIZE + MMSG_SIZE - 4) = (u32)result;
        if (flags & MSG_WAITFORONE)
            flags |= MSG_DONTWAIT;
        if (!p)
            continue;
        clock_gettime(CLOCK_MONOTONIC,
                      &now); /* looked at behind each message, as the kernel does */
        if ((now.tv_sec - start.tv_sec) * 1000000000 + now.tv_nsec - start.tv_nsec >=
            p->tv_sec * 1000000000 + p->tv_nsec) {
            i++;
            break;
        }
    }
    return i;
}

CALL_OF(recvmmsg)
{
    (void)t;
    return receive_messages(a, false);
}

CALL_OF(recvmmsg_time64)
{
    (void)t;
    return receive_messages(a, true);
}

/* Options with a struct timeval of 32 bits; those of 64 bits are others, and a kernel of 32 bits has both. */
static bool has_timeval(u32 level, u32 option)
{
    return !HOST_IS_I386 && level == SOL_SOCKET && (option == SO_RCVTIMEO || option == SO_SNDTIMEO);
}

CALL_OF(setsockopt)
{
    struct timeval tv;

    (void)t;
    if (has_timeval(a[1], a[2])) {
        if (a[4] < 8)
            return -EINVAL;
        if (!timeval_get(a[3], &tv))
            return -EFAULT;
        return HOST(setsockopt, INT(a[0]), INT(a[1]), INT(a[2]), PTR(&tv), sizeof(tv));
    }
    if (a[1] == SOL_SOCKET && a[2] == SO_ATTACH_FILTER) {
        struct {
            size_t len;
            void *filter;
        } program = {*(const u16 *)g2h(a[3]), g2h(((const u32 *)g2h(a[3]))[1])};

        return HOST(setsockopt, INT(a[0]), INT(a[1]), INT(a[2]), PTR(&program), sizeof(program));
    }
    return HOST(setsockopt, INT(a[0]), INT(a[1]), INT(a[2]), PTR(g2h0(a[3])), a[4]);
}

CALL_OF(getsockopt)
{
    struct timeval tv;
    u32 *len = g2h(a[4]), tv_len = sizeof(tv);
    i64 result;

    (void)t;
    if (!has_timeval(a[1], a[2]))
        return HOST(getsockopt, INT(a[0]), INT(a[1]), INT(a[2]), PTR(g2h0(a[3])), PTR(len));
    if (*len < 8)
        return -EINVAL;
    result = HOST(getsockopt, INT(a[0]), INT(a[1]), INT(a[2]), PTR(&tv), PTR(&tv_len));
    if (result == 0) {
        timeval_put(a[3], &tv);
        *len = 8;
    }
    return result;
}

/* socketcall(): which call, and its arguments in memory. */
CALL_OF(socketcall)
{
    static const u8 counts[] = {0, 3, 3, 3, 2, 3, 3, 3, 4, 4, 4, 6, 6, 2, 5, 5, 3, 3, 4, 5, 4};
    u32 b[6] = {0};

    if (a[0] == 0 || a[0] >= ARRAY_SIZE(counts))
        return -EINVAL;
    memcpy(b, g2h(a[1]), counts[a[0]] * sizeof(b[0]));
    switch (a[0]) {
    case 1: return HOST(socket, INT(b[0]), INT(b[1]), INT(b[2]));
    case 2: return HOST(bind, INT(b[0]), PTR(g2h0(b[1])), b[2]);
    case 3: return HOST(connect, INT(b[0]), PTR(g2h0(b[1])), b[2]);
    case 4: return HOST(listen, INT(b[0]), INT(b[1]));
    case 5: return HOST(accept, INT(b[0]), PTR(g2h0(b[1])), PTR(g2h0(b[2])));
    case 6: return HOST(getsockname, INT(b[0]), PTR(g2h0(b[1])), PTR(g2h0(b[2])));
    case 7: return HOST(getpeername, INT(b[0]), PTR(g2h0(b[1])), PTR(g2h0(b[2])));
    case 8: return HOST(socketpair, INT(b[0]), INT(b[1]), INT(b[2]), PTR(g2h0(b[3])));
    case 9: return HOST(sendto, INT(b[0]), PTR(g2h0(b[1])), b[2], INT(b[3]), 0, 0);
    case 10:
        code_will_write(b[1], b[2]);
        return HOST(recvfrom, INT(b[0]), PTR(g2h0(b[1])), b[2], INT(b[3]), 0, 0);
    case 11:
        return HOST(sendto, INT(b[0]), PTR(g2h0(b[1])), b[2], INT(b[3]), PTR(g2h0(b[4])), b[5]);
    case 12:
        code_will_write(b[1], b[2]);
        return HOST(recvfrom, INT(b[0]), PTR(g2h0(b[1])), b[2], INT(b[3]), PTR(g2h0(b[4])),
                    PTR(g2h0(b[5])));
    case 13: return HOST(shutdown, INT(b[0]), INT(b[1]));
    case 14: return call_setsockopt(t, b);
    case 15: return call_getsockopt(t, b);
    case 16: return call_sendmsg(t, b);
    case 17: return call_recvmsg(t, b);
    case 18: return HOST(accept4, INT(b[0]), PTR(g2h0(b[1])), PTR(g2h0(b[2])), INT(b[3]));
    case 19: return call_recvmmsg(t, b);
    default: return call_sendmmsg(t, b);
    }
}
