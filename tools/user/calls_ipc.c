/* System V's and POSIX' message queues, semaphores and shared memory. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

#include "tools/user/calls.h"

#define IPC_64_ 0x100u

/* struct ipc64_perm */
struct perm_32 {
    u32 key, uid, gid, cuid, cgid;
    u16 mode, pad1, seq, pad2;
    u32 unused[2];
};

static void put_perm(struct perm_32 *to, const struct ipc_perm *from)
{
    *to = (struct perm_32){.key = (u32)from->__key,
                           .uid = from->uid,
                           .gid = from->gid,
                           .cuid = from->cuid,
                           .cgid = from->cgid,
                           .mode = (u16)from->mode,
                           .seq = from->__seq};
}

static void get_perm(struct ipc_perm *to, const struct perm_32 *from)
{
    to->uid = from->uid;
    to->gid = from->gid;
    to->mode = from->mode;
}

/* What a command of shmctl() and msgctl() does with its structure. stat, any: those that look by index. */
enum use { USE_NOT, USE_READ, USE_WRITE, USE_UNKNOWN };

static enum use use_of(u32 cmd, u32 stat, u32 any)
{
    if (cmd == IPC_SET)
        return USE_READ;
    if (cmd == IPC_STAT || cmd == stat || cmd == any)
        return USE_WRITE;
    return cmd == IPC_RMID ? USE_NOT : USE_UNKNOWN;
}

struct shmid_32 {
    struct perm_32 perm;
    u32 size, atime, atime_high, dtime, dtime_high, ctime, ctime_high;
    i32 cpid, lpid;
    u32 attached, unused[2];
};

/* struct shminfo64 */
struct shm_limits_32 {
    u32 most, least, count, segments, pages, unused[4];
};
/* struct shm_info */
struct shm_used_32 {
    i32 ids;
    u32 pages, resident, swapped, swap_attempts, swap_successes;
};

/* As the kernel tells 32-bit programs: no segment is larger than an int can say. */
static i64 shm_limits(const u32 *a)
{
    struct shminfo info;
    i64 result = HOST(shmctl, INT(a[0]), IPC_INFO, PTR(&info));

    if (result >= 0)
        *(struct shm_limits_32 *)g2h(a[2]) =
            (struct shm_limits_32){.most = info.shmmax > INT32_MAX ? INT32_MAX : (u32)info.shmmax,
                                   .least = (u32)info.shmmin,
                                   .count = (u32)info.shmmni,
                                   .segments = (u32)info.shmseg,
                                   .pages = (u32)info.shmall};
    return result;
}

static i64 shm_used(const u32 *a)
{
    struct shm_info info;
    i64 result = HOST(shmctl, INT(a[0]), SHM_INFO, PTR(&info));

    if (result >= 0)
        *(struct shm_used_32 *)g2h(a[2]) =
            (struct shm_used_32){.ids = info.used_ids,
                                 .pages = (u32)info.shm_tot,
                                 .resident = (u32)info.shm_rss,
                                 .swapped = (u32)info.shm_swp,
                                 .swap_attempts = (u32)info.swap_attempts,
                                 .swap_successes = (u32)info.swap_successes};
    return result;
}

CALL_OF(shmctl)
{
    struct shmid_ds ds = {0};
    struct shmid_32 *g = g2h(a[2]);
    u32 cmd = a[1] & ~IPC_64_;
    enum use use =
        cmd == SHM_LOCK || cmd == SHM_UNLOCK ? USE_NOT : use_of(cmd, SHM_STAT, SHM_STAT_ANY);
    i64 result;

    (void)t;
    if (INT(a[0]) < 0)
        return -EINVAL;
    if (cmd != IPC_INFO && cmd != SHM_INFO && use == USE_UNKNOWN)
        return -EINVAL;
    if (HOST_IS_I386)
        return HOST(shmctl, INT(a[0]), cmd, PTR(g2h0(a[2])));
    if (use == USE_UNKNOWN)
        return cmd == IPC_INFO ? shm_limits(a) : shm_used(a);
    if (use == USE_READ)
        get_perm(&ds.shm_perm, &g->perm);
    result = HOST(shmctl, INT(a[0]), cmd, PTR(&ds));
    if (result < 0 || use != USE_WRITE)
        return result;
    memset(g, 0, sizeof(*g));
    put_perm(&g->perm, &ds.shm_perm);
    g->size = (u32)ds.shm_segsz;
    g->atime = (u32)ds.shm_atime;
    g->dtime = (u32)ds.shm_dtime;
    g->ctime = (u32)ds.shm_ctime;
    g->cpid = ds.shm_cpid;
    g->lpid = ds.shm_lpid;
    g->attached = (u32)ds.shm_nattch;
    return result;
}

struct semid_32 {
    struct perm_32 perm;
    u32 otime, otime_high, ctime, ctime_high, count, unused[2];
};

CALL_OF(semctl)
{
    u32 cmd = a[2] & ~IPC_64_;
    struct semid_ds ds = {0};
    struct semid_32 *g = g2h(a[3]);
    i64 result;

    (void)t;
    if (INT(a[0]) < 0)
        return -EINVAL;
    switch (cmd) {
    case IPC_SET:
    case IPC_STAT:
    case SEM_STAT:
    case SEM_STAT_ANY:
        if (HOST_IS_I386)
            return HOST(semctl, INT(a[0]), INT(a[1]), cmd, PTR(g2h0(a[3])));
        if (cmd == IPC_SET)
            get_perm(&ds.sem_perm, &g->perm);
        break;
    case SETVAL: return HOST(semctl, INT(a[0]), INT(a[1]), cmd, INT(a[3]));
    case GETALL:
    case SETALL:
    case IPC_INFO:
    case SEM_INFO: return HOST(semctl, INT(a[0]), INT(a[1]), cmd, PTR(g2h0(a[3])));
    default: return HOST(semctl, INT(a[0]), INT(a[1]), cmd, 0);
    }
    result = HOST(semctl, INT(a[0]), INT(a[1]), cmd, PTR(&ds));
    if (result < 0 || cmd == IPC_SET)
        return result;
    memset(g, 0, sizeof(*g));
    put_perm(&g->perm, &ds.sem_perm);
    g->otime = (u32)ds.sem_otime;
    g->ctime = (u32)ds.sem_ctime;
    g->count = (u32)ds.sem_nsems;
    return result;
}

static i64 sem_operate(const u32 *a, bool has_time, bool wide)
{
    struct timespec ts, *p = has_time ? time_get(a[3], wide, &ts) : NULL;

    return HOST(semtimedop, INT(a[0]), PTR(g2h0(a[1])), a[2], PTR(p));
}

CALL_OF(semtimedop_time64)
{
    (void)t;
    return sem_operate(a, true, true);
}

struct msqid_32 {
    struct perm_32 perm;
    u32 stime, stime_high, rtime, rtime_high, ctime, ctime_high;
    u32 bytes, count, most;
    i32 lspid, lrpid;
    u32 unused[2];
};

CALL_OF(msgctl)
{
    struct msqid_ds ds = {0};
    struct msqid_32 *g = g2h(a[2]);
    u32 cmd = a[1] & ~IPC_64_;
    enum use use = use_of(cmd, MSG_STAT, MSG_STAT_ANY);
    i64 result;

    (void)t;
    if (INT(a[0]) < 0)
        return -EINVAL;
    if (cmd == IPC_INFO || cmd == MSG_INFO) /* struct msginfo is the same */
        return HOST(msgctl, INT(a[0]), cmd, PTR(g2h0(a[2])));
    if (use == USE_UNKNOWN)
        return -EINVAL;
    if (HOST_IS_I386)
        return HOST(msgctl, INT(a[0]), cmd, PTR(g2h0(a[2])));
    if (use == USE_READ) {
        get_perm(&ds.msg_perm, &g->perm);
        ds.msg_qbytes = g->most;
    }
    result = HOST(msgctl, INT(a[0]), cmd, PTR(&ds));
    if (result < 0 || use != USE_WRITE)
        return result;
    memset(g, 0, sizeof(*g));
    put_perm(&g->perm, &ds.msg_perm);
    g->stime = (u32)ds.msg_stime;
    g->rtime = (u32)ds.msg_rtime;
    g->ctime = (u32)ds.msg_ctime;
    g->bytes = (u32)ds.__msg_cbytes;
    g->count = (u32)ds.msg_qnum;
    g->most = (u32)ds.msg_qbytes;
    g->lspid = ds.msg_lspid;
    g->lrpid = ds.msg_lrpid;
    return result;
}

/* A message begins with its type, a long. */
#define MESSAGE_MOST (1u * MIB)

CALL_OF(msgsnd)
{
    i32 type = *(const i32 *)g2h(a[1]);
    i64 *message;

    if (a[2] > MESSAGE_MOST || INT(a[0]) < 0 || type < 1)
        return -EINVAL;
    if (HOST_IS_I386)
        return HOST(msgsnd, INT(a[0]), PTR(g2h(a[1])), a[2], INT(a[3]));
    message = room_of(t, a[2] + sizeof(i64));
    if (!message)
        return -ENOMEM;
    message[0] = type;
    memcpy(message + 1, g2h(a[1] + 4), a[2]);
    return HOST(msgsnd, INT(a[0]), PTR(message), a[2], INT(a[3]));
}

CALL_OF(msgrcv)
{
    i64 *message, result;

    if (a[2] > MESSAGE_MOST || INT(a[0]) < 0)
        return -EINVAL;
    if (HOST_IS_I386)
        return HOST(msgrcv, INT(a[0]), PTR(g2h(a[1])), a[2], INT(a[3]), INT(a[4]));
    message = room_of(t, a[2] + sizeof(i64));
    if (!message)
        return -ENOMEM;
    result = HOST(msgrcv, INT(a[0]), PTR(message), a[2], INT(a[3]), INT(a[4]));
    if (result >= 0) {
        *(i32 *)g2h(a[1]) = (i32)message[0];
        memcpy(g2h(a[1] + 4), message + 1, (size_t)result);
    }
    return result;
}

/* ipc(): all of them, by number. (Linux, ipc/syscall.c) */
CALL_OF(ipc)
{
    u32 version = a[0] >> 16;
    u32 b[6] = {a[1], a[4], a[2], a[3]};

    switch (a[0] & 0xffff) {
    case 1: return sem_operate(b, false, false);
    case 2: return HOST(semget, INT(a[1]), INT(a[2]), INT(a[3]));
    case 3: return call_semctl(t, (const u32[6]){a[1], a[2], a[3], *(const u32 *)g2h(a[4])});
    case 4: return sem_operate((const u32[6]){a[1], a[4], a[2], a[5]}, true, false);
    case 11: return call_msgsnd(t, (const u32[6]){a[1], a[4], a[2], a[3]});
    case 12:
        if (version == 0) {
            const u32 *pair = g2h(a[4]); /* the buffer and the type */

            return call_msgrcv(t, (const u32[6]){a[1], pair[0], a[2], pair[1], a[3]});
        }
        return call_msgrcv(t, (const u32[6]){a[1], a[4], a[2], a[5], a[3]});
    case 13: return HOST(msgget, INT(a[1]), INT(a[2]));
    case 14: return call_msgctl(t, (const u32[6]){a[1], a[2], a[4]});
    case 21: {
        i64 result = call_shmat(t, (const u32[6]){a[1], a[4], a[2]});

        if (result >= 0 || result < -4095) {
            *(u32 *)g2h(a[3]) = (u32)result;
            return 0;
        }
        return result;
    }
    case 22: return call_shmdt(t, (const u32[6]){a[4]});
    case 23: return HOST(shmget, INT(a[1]), a[2], INT(a[3]));
    case 24: return call_shmctl(t, (const u32[6]){a[1], a[2], a[4]});
    default: return -ENOSYS;
    }
}

/* POSIX: struct mq_attr is of longs. */
static struct mq_attr *attr_get(u32 address, struct mq_attr *buf)
{
    const i32 *g = g2h0(address);

    if (!g)
        return NULL;
    *buf = (struct mq_attr){
        .mq_flags = g[0], .mq_maxmsg = g[1], .mq_msgsize = g[2], .mq_curmsgs = g[3]};
    return buf;
}

CALL_OF(mq_open)
{
    struct mq_attr attr, *p = a[1] & O_CREAT ? attr_get(a[3], &attr) : NULL;

    (void)t;
    return HOST(mq_open, PTR(g2h0(a[0])), INT(a[1]), a[2], PTR(p));
}

CALL_OF(mq_getsetattr)
{
    struct mq_attr new, old, *p = attr_get(a[1], &new);
    i64 result = HOST(mq_getsetattr, INT(a[0]), PTR(p), PTR(&old));
    i32 *g = g2h0(a[2]);

    (void)t;
    if (result == 0 && g) {
        g[0] = (i32)old.mq_flags;
        g[1] = (i32)old.mq_maxmsg;
        g[2] = (i32)old.mq_msgsize;
        g[3] = (i32)old.mq_curmsgs;
        memset(g + 4, 0, 16); /* reserved */
    }
    return result;
}

CALL_OF(mq_notify)
{
    struct sigevent event, *p = sigevent_get(a[1], &event);

    (void)t;
    return HOST(mq_notify, INT(a[0]), PTR(p));
}

#define MQ_CALLS(send, receive, wide)                                                              \
    CALL_OF(send)                                                                                  \
    {                                                                                              \
        struct timespec ts, *p = time_get(a[4], wide, &ts);                                        \
                                                                                                   \
        (void)t;                                                                                   \
        return HOST(mq_timedsend, INT(a[0]), PTR(g2h0(a[1])), a[2], a[3], PTR(p));                 \
    }                                                                                              \
    CALL_OF(receive)                                                                               \
    {                                                                                              \
        struct timespec ts, *p = time_get(a[4], wide, &ts);                                        \
                                                                                                   \
        (void)t;                                                                                   \
        code_will_write(a[1], a[2]);                                                               \
        return HOST(mq_timedreceive, INT(a[0]), PTR(g2h0(a[1])), a[2], PTR(g2h0(a[3])), PTR(p));   \
    }
MQ_CALLS(mq_timedsend, mq_timedreceive, false)
MQ_CALLS(mq_timedsend_time64, mq_timedreceive_time64, true)
