/* ioctl(): what its argument is, by the table, by the number's own bits, or converted here. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/hdreg.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <linux/sockios.h>

#include "tools/user/calls.h"

enum kind { UNKNOWN, VALUE, MEMORY, OTHER };

static enum kind kind_of(u32 number)
{
    switch (number) {
#define IOCTL(number, kind)                                                                        \
    case number:                                                                                   \
        return kind;
#include "tools/user/ioctls.def"
#undef IOCTL
    default: return _IOC_DIR(number) != _IOC_NONE ? MEMORY : UNKNOWN;
    }
}

/* Numbers that have sizeof(long) in them: the host's. */
static u32 host_number(u32 number)
{
    switch (number) {
    case 0x80041272: return BLKGETSIZE64;
    case 0x80046601: return FS_IOC_GETFLAGS;
    case 0x40046602: return FS_IOC_SETFLAGS;
    case 0x80047601: return FS_IOC_GETVERSION;
    case 0x40047602: return FS_IOC_SETVERSION;
    default: return number;
    }
}

static bool is_interface(u32 number)
{
    return number >= SIOCGIFNAME && number <= SIOCDELDLCI + 0x70 && number != SIOCGIFCONF &&
           number >= 0x8910 && number < 0x8950;
}

#define IFREQ_32 32u /* bytes of struct ifreq */

static i64 interface(const u32 *a)
{
    struct ifreq req = {0};
    i64 result;

    memcpy(&req, g2h(a[2]), IFREQ_32);
    result = HOST(ioctl, INT(a[0]), a[1], PTR(&req));
    if (result >= 0)
        memcpy(g2h(a[2]), &req, IFREQ_32);
    return result;
}

#define INTERFACES_MOST 256

static i64 interfaces(struct thread *t, const u32 *a)
{
    struct ifreq *req = room_of(t, INTERFACES_MOST * sizeof(*req));
    u32 *conf = g2h(a[2]), room = conf[0] / IFREQ_32, count;
    struct ifconf host = {.ifc_len = (int)(INTERFACES_MOST * sizeof(*req)), .ifc_req = req};
    i64 result = req ? HOST(ioctl, INT(a[0]), SIOCGIFCONF, PTR(&host)) : -ENOMEM;

    if (result < 0)
        return result;
    count = (u32)host.ifc_len / (u32)sizeof(*req);
    if (conf[1] && count > room)
        count = room;
    for (u32 i = 0; conf[1] && i < count; i++)
        memcpy((u8 *)g2h(conf[1]) + i * IFREQ_32, &req[i], IFREQ_32);
    conf[0] = count * IFREQ_32;
    return result;
}

static i64 other(struct thread *t, const u32 *a)
{
    u32 *to = g2h(a[2]);
    struct hd_geometry geo;
    unsigned long size;
    i64 result;

    switch (a[1]) {
    case SIOCGIFCONF: return interfaces(t, a);
    case HDIO_GETGEO:
        result = HOST(ioctl, INT(a[0]), a[1], PTR(&geo));
        if (result >= 0) {
            memcpy(to, &geo, 4);
            to[1] = (u32)geo.start;
        }
        return result;
    default: /* BLKGETSIZE */
        result = HOST(ioctl, INT(a[0]), a[1], PTR(&size));
        if (result >= 0)
            *to = size > UINT32_MAX ? UINT32_MAX : (u32)size;
        return size > UINT32_MAX && result >= 0 ? -EFBIG : result;
    }
}

CALL_OF(ioctl)
{
    if (is_interface(a[1]))
        return interface(a);
    switch (kind_of(a[1])) {
    case VALUE: return HOST(ioctl, INT(a[0]), a[1], INT(a[2]));
    case OTHER: return other(t, a);
    case MEMORY:
        if (a[2] && _IOC_DIR(a[1]) & _IOC_READ)
            code_will_write(a[2], _IOC_SIZE(a[1]));
        return HOST(ioctl, INT(a[0]), host_number(a[1]), PTR(g2h0(a[2])));
    case UNKNOWN: break;
    }
    return HOST(fcntl, INT(a[0]), F_GETFD) < 0 ? -EBADF : -ENOTTY;
}
