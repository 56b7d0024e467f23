/* The code buffer: one memfd mapped twice, writable here and executable there, near the program's text. */
#define _GNU_SOURCE /* memfd_create */
#include "translate/x64/x64.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

/* The executable mapping must reach, and be reached from, our functions by 32-bit displacements. */
static u8 *map_near_text(int fd, u64 size)
{
    u64 text = (u64)(uintptr_t)&codebuf_init & ~0xffffull;
    u64 distance;

    for (distance = 16 * MIB; distance < 1600ull * MIB; distance += 16 * MIB) {
        u64 try[2] = {text - distance - size, text + distance};
        unsigned i;

        for (i = 0; i < 2; i++) {
            void *p = mmap((void *)(uintptr_t)try[i], size, PROT_READ | PROT_EXEC,
                           MAP_SHARED | MAP_FIXED_NOREPLACE, fd, 0);

            if (p == (void *)(uintptr_t)try[i])
                return p;
            if (p != MAP_FAILED)
                munmap(p, size);
        }
    }
    return NULL;
}

int codebuf_init(struct codebuf *buf, u64 size)
{
    int fd = memfd_create("pagewalk-code", MFD_CLOEXEC);

    size = (size + PAGE_MASK) & ~(u64)PAGE_MASK;
    if (fd < 0)
        return -errno;
    if (ftruncate(fd, (off_t)size) < 0) {
        close(fd);
        return -ENOMEM;
    }
    buf->size = size;
    buf->rw = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    buf->rx = buf->rw == MAP_FAILED ? NULL : map_near_text(fd, size);
    close(fd);
    if (!buf->rx) {
        if (buf->rw != MAP_FAILED)
            munmap(buf->rw, size);
        return -ENOMEM;
    }
    return 0;
}

/* What is written seldom from now on need not be mapped twice: a later write faults its page in again. */
#define TRIM (1u * MIB)

void codebuf_trim(struct codebuf *buf, u64 used)
{
    if (used < buf->trimmed)
        buf->trimmed = 0;
    for (; buf->trimmed + 2 * TRIM <= used; buf->trimmed += TRIM)
        madvise(buf->rw + buf->trimmed, TRIM, MADV_DONTNEED);
}

void codebuf_free(struct codebuf *buf)
{
    munmap(buf->rw, buf->size);
    munmap(buf->rx, buf->size);
}
