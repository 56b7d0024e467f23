/* The code buffer: one memfd mapped twice, writable here and executable there, near the program's text.
 * Nothing lies beside either. */
#define _GNU_SOURCE /* memfd_create */
#include "translate/native/codebuf.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

/* Address space within reach, by 32-bit displacements, of our functions; NULL. */
static u8 *reserve_near_text(u64 size)
{
    u64 text = (u64)(uintptr_t)&codebuf_init & ~0xffffull;
    u64 step = size < 16 * MIB ? (size + 0x1ffff) & ~0xffffull : 16 * MIB;
    u64 distance;

    for (distance = 16 * MIB; distance < 1600ull * MIB; distance += step) {
        void *p = hostmem_reserve((void *)(uintptr_t)(text - distance - size), size);

        if (!p)
            p = hostmem_reserve((void *)(uintptr_t)(text + distance), size);
        if (p)
            return p;
    }
    return NULL;
}

static bool map(u8 *p, int fd, u64 size, int rights)
{
    return p && mmap(p, size, rights, MAP_SHARED | MAP_FIXED, fd, 0) == p;
}

#define SMALL (4u * MIB)

/* One mapping for both: a child by fork() gets a copy. Behind what small programs need, which would pay for clearing them,
 * the host may use huge pages: much code that is used here and there wants few entries of its TLB. */
static int init_private(struct codebuf *buf, u64 size)
{
    *buf = (struct codebuf){.size = size, .rx = reserve_near_text(size)};
    buf->rw = buf->rx;
    if (buf->rx && mprotect(buf->rx, size, PROT_READ | PROT_WRITE | PROT_EXEC) == 0) {
        if (size > SMALL)
            hostmem_wish_huge(buf->rx + SMALL, size - SMALL);
        return 0;
    }
    codebuf_free(buf);
    return -ENOMEM;
}

int codebuf_init(struct codebuf *buf, u64 size, bool private)
{
    int fd, err = 0;

    size = (size + PAGE_MASK) & ~(u64)PAGE_MASK;
    if (private)
        return init_private(buf, size);
    fd = memfd_create("pagewalk-code", MFD_CLOEXEC);
    if (fd < 0)
        return -errno;
    *buf = (struct codebuf){.size = size};
    if (ftruncate(fd, (off_t)size) < 0) {
        close(fd);
        return -ENOMEM;
    }
    buf->rw = hostmem_reserve(NULL, size);
    buf->rx = reserve_near_text(size);
    if (!map(buf->rw, fd, size, PROT_READ | PROT_WRITE) ||
        !map(buf->rx, fd, size, PROT_READ | PROT_EXEC)) {
        codebuf_free(buf);
        err = -ENOMEM;
    }
    close(fd);
    return err;
}

#define TRIM  (1u * MIB)
#define AHEAD (256u * KIB)

void codebuf_advance(struct codebuf *buf, u64 used)
{
    if (used < buf->trimmed)
        buf->trimmed = buf->present = 0;
    for (; buf->rw != buf->rx && buf->trimmed + 2 * TRIM <= used; buf->trimmed += TRIM)
        madvise(buf->rw + buf->trimmed, TRIM, MADV_DONTNEED);
    while (buf->present < used + CODEBUF_BLOCK_MAX && buf->present + AHEAD <= buf->size) {
        madvise(buf->rw + buf->present, AHEAD, MADV_POPULATE_WRITE);
        madvise(buf->rx + buf->present, AHEAD, MADV_POPULATE_READ);
        buf->present += AHEAD;
    }
}

void codebuf_free(struct codebuf *buf)
{
    if (buf->rw)
        hostmem_unreserve(buf->rw, buf->size);
    if (buf->rx && buf->rx != buf->rw)
        hostmem_unreserve(buf->rx, buf->size);
}
