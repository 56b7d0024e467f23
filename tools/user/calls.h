/* What the files of system calls share: calling the host, and structures that have the same layout in several calls. */
#ifndef PAGEWALK_USER_CALLS_H
#define PAGEWALK_USER_CALLS_H

#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>

#include "tools/user/foreign.h"
#include "tools/user/user.h"

/* A call of the list, with its six arguments: the result, or -errno. */
#define CALL_OF(name) i64 call_##name(struct thread *t, const u32 *a)
#define UNUSED_CALL   (void)t, (void)a
#define PASS(number, name, host, kinds)
#define NONE(number, name, error, kinds)
#define CALL(number, name, kinds)         CALL_OF(name);
#define CALL_ALIKE(number, name, kinds)   CALL_OF(name);
#define CALL_OUTSIDE(number, name, kinds) CALL_OF(name);
#include "tools/user/syscalls.def"
#undef CALL_OUTSIDE
#undef CALL_ALIKE
#undef CALL
#undef NONE
#undef PASS

/* The host's call, for which signals of the guest's are looked for before it begins. */
i64 host_call(i64 number, const i64 *a);
#define HOST(name, ...) host_call(SYS_##name, (const i64[6]){__VA_ARGS__})
#define PTR(p)          ((i64)(uintptr_t)(p))
#define INT(v)          ((i64)(i32)(v))
#define LOFF(lo, hi)    ((i64)((u64)(hi) << 32 | (lo)))
/* An offset that takes two arguments on every host. */
#define LOFF2(lo, hi) HOST_IS_I386 ? (i64)(lo) : LOFF(lo, hi), HOST_IS_I386 ? (hi) : 0

/* Memory for a call, which is the thread's: the call may end where a guest's pointer leads nowhere. What was there is gone. NULL:
 * there is none. */
void *room_of(struct thread *t, size_t size);

/* Times of 32 bits, or of 64 (wide). NULL where the guest has NULL. */
struct timespec *time_get(u32 address, bool wide, struct timespec *buf);
void time_put(u32 address, bool wide, const struct timespec *ts);
struct timeval *timeval_get(u32 address, struct timeval *buf);
void timeval_put(u32 address, const struct timeval *tv);
struct rusage;
void rusage_put(u32 address, const struct rusage *usage);

/* An array of struct iovec: its buffers as the host has them; write: the kernel will fill them. NULL: too many. */
#define IOV_MOST 1024
struct iovec *iov_get(u32 address, u32 count, struct iovec *buf, bool write);

/* A signal set that the call takes, of that size: into buf, and its address to *mask, which is NULL where the guest has NULL.
 * 0 or -EINVAL. */
i64 mask_get(u32 address, u32 size, u64 *buf, u64 **mask);

/* struct sigevent; NULL where the guest has NULL. */
struct sigevent *sigevent_get(u32 address, struct sigevent *buf);

#endif
