/* Workloads that busybox does, guest only: shell loops, sha1sum, gzip. The checksum is that of the output. */
#include "bench.h"
#include "workloads.h"

enum { O_WRONLY_CREATE = 01 | 0100 | 01000 };
#define OUTPUT "/tmp/output"
#define DATA   "/tmp/data"

/* Runs `command` in busybox's shell: the hash of what it prints, 0 when it fails. */
static u32 shell(const char *command)
{
    const char *const argv[] = {"/bin/busybox", "sh", "-c", command, NULL};
    u32 hash = HASH_START;
    u8 buffer[256];
    long size;
    int out = (int)sys3(SYS_open, (long)OUTPUT, O_WRONLY_CREATE, 0600);
    int status = sys_run(argv, out);
    sys1(SYS_close, out);
    int in = (int)sys3(SYS_open, (long)OUTPUT, 0, 0);
    while ((size = sys3(SYS_read, in, (long)buffer, sizeof(buffer))) > 0)
        for (long i = 0; i < size; i++)
            hash = hash_word(hash, buffer[i]);
    sys1(SYS_close, in);
    sys1(SYS_unlink, (long)OUTPUT);
    return status == 0 ? hash : 0;
}

/* Writes the first `piece` bytes of the arena `count` times to DATA. */
static int write_data(u32 piece, u32 count)
{
    int file = (int)sys3(SYS_open, (long)DATA, O_WRONLY_CREATE, 0600), result = file < 0 ? -1 : 0;
    for (u32 i = 0; i < count && result == 0; i++)
        if (sys3(SYS_write, file, (long)arena, (long)piece) != (long)piece)
            result = -1;
    sys1(SYS_close, file);
    return result;
}

u32 sh_loop(void)
{
    return shell("i=0; s=1; while [ $i -lt 30000 ]; do s=$(((s * 31 + i) % 65521)); "
                 "case $s in *7*) s=$((s + 1));; esac; i=$((i + 1)); done; echo $s");
}

u32 sh_fork(void)
{
    return shell("i=0; s=1; while [ $i -lt 200 ]; do s=$(echo $((s * 7 % 65521 + i)) | "
                 "busybox tr 3 4); i=$((i + 1)); done; echo $s");
}

int sh_sha1sum_prepare(void)
{
    u32 seed = 9;
    for (u32 i = 0; i < 1u << 20; i += 4)
        *(u32 *)(arena + i) = random_next(&seed);
    return write_data(1 << 20, 64);
}

u32 sh_sha1sum(void)
{
    return shell("busybox sha1sum " DATA);
}

/* Words of a small vocabulary, each random in its letters: compresses about as English does. */
int sh_gzip_prepare(void)
{
    u32 seed = 10, at = 0;
    while (at < 8u << 20) {
        u32 r = random_next(&seed), word = (r >> 8) % ((r & 7) + 1) * 977 % 4096;
        u32 letters = word * 2654435761u ^ (r >> 28 ? 0 : r);
        for (u32 length = 2 + (word & 7); length && at < 8u << 20; length--) {
            arena[at++] = (u8)('a' + (letters & 15));
            letters = letters >> 4 | letters << 28;
        }
        if (at < 8u << 20)
            arena[at++] = r >> 27 ? ' ' : '\n';
    }
    return write_data(8 << 20, 1);
}

u32 sh_gzip(void)
{
    return shell("busybox gzip <" DATA " | busybox md5sum");
}
