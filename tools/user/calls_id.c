/* Users and groups by numbers of 16 bits. */
#define _GNU_SOURCE
#include <errno.h>

#include "tools/user/calls.h"

/* User numbers of 16 bits, where -1 is 0xffff. */
#define ID16(v) (((v)&0xffff) == 0xffff ? (i64)-1 : (i64)((v)&0xffff))

CALL_OF(chown)
{
    return HOST(chown, PTR(path_of(t, a[0], 0, true)), ID16(a[1]), ID16(a[2]));
}

CALL_OF(lchown)
{
    return HOST(lchown, PTR(path_of(t, a[0], 0, false)), ID16(a[1]), ID16(a[2]));
}

CALL_OF(fchown)
{
    (void)t;
    return HOST(fchown, INT(a[0]), ID16(a[1]), ID16(a[2]));
}

CALL_OF(setgid)
{
    (void)t;
    return HOST(setgid, ID16(a[0]));
}

CALL_OF(setreuid)
{
    (void)t;
    return HOST(setreuid, ID16(a[0]), ID16(a[1]));
}

CALL_OF(setregid)
{
    (void)t;
    return HOST(setregid, ID16(a[0]), ID16(a[1]));
}

CALL_OF(setresuid)
{
    (void)t;
    return HOST(setresuid, ID16(a[0]), ID16(a[1]), ID16(a[2]));
}

CALL_OF(setresgid)
{
    (void)t;
    return HOST(setresgid, ID16(a[0]), ID16(a[1]), ID16(a[2]));
}

CALL_OF(setfsuid)
{
    (void)t;
    return HOST(setfsuid, ID16(a[0]));
}

CALL_OF(setfsgid)
{
    (void)t;
    return HOST(setfsgid, ID16(a[0]));
}

static i64 put_ids(const u32 *a, i64 result, const u32 ids[3])
{
    for (unsigned i = 0; i < 3 && result == 0; i++)
        *(u16 *)g2h(a[i]) = (u16)ids[i];
    return result;
}

CALL_OF(getresuid)
{
    u32 ids[3];

    (void)t;
    return put_ids(a, HOST(getresuid, PTR(&ids[0]), PTR(&ids[1]), PTR(&ids[2])), ids);
}

CALL_OF(getresgid)
{
    u32 ids[3];

    (void)t;
    return put_ids(a, HOST(getresgid, PTR(&ids[0]), PTR(&ids[1]), PTR(&ids[2])), ids);
}

#define GROUPS_MOST 65536

CALL_OF(getgroups)
{
    u32 most = a[0] > GROUPS_MOST ? GROUPS_MOST : a[0], *ids;
    u16 *to = g2h(a[1]);
    i64 result;

    if ((i32)a[0] < 0)
        return -EINVAL;
    ids = room_of(t, most * sizeof(*ids));
    if (most && !ids)
        return -ENOMEM;
    result = HOST(getgroups, INT(most), PTR(ids));
    for (i64 i = 0; a[0] && i < result; i++)
        to[i] = (u16)ids[i];
    return result;
}

CALL_OF(setgroups)
{
    const u16 *from = g2h(a[1]);
    u32 *ids;

    if (a[0] > GROUPS_MOST) /* what is wrong with it depends on rights */
        return HOST(setgroups, a[0], PTR(NULL));
    ids = room_of(t, a[0] * sizeof(*ids));
    if (a[0] && !ids)
        return -ENOMEM;
    for (u32 i = 0; i < a[0]; i++)
        ids[i] = from[i];
    return HOST(setgroups, a[0], PTR(ids));
}
