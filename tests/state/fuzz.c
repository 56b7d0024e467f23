/* Damaged saved machines: whatever values a file has, it is refused, or the machine runs on; the emulator never crashes.
 *
 * usage: state-fuzz FIRST COUNT
 *
 * A machine with every device is run into its BIOS and saved. Case N changes some bytes of the sections, the checksum
 * included as an attacker would, loads that and runs it. Each case runs in a child with limits; one that dies is told by its
 * number (FUZZ_STDERR=1 shows what it says). The last line is "N passed, N failed". */
#define _GNU_SOURCE /* memfd_create */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "boot/bios_image.h"
#include "devices/board/pc.h"
#include "devices/board/pc_board.h"
#include "devices/board/pc_snapshot.h"
#include "devices/net/netdev.h"

#define SECONDS    60 /* of CPU time, for one case */
#define LOOK       5  /* seconds of the host's clock */
#define MOMENTS    6
#define RUN_INSNS  60000u
#define AT_RECORDS 24 /* doc/formats.md */
#define RECORD     24

static u64 seed;

static u64 next(void)
{
    u64 z = seed += 0x9e3779b97f4a7c15ull;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

static u64 below(u64 limit)
{
    return next() % limit;
}

static struct pc *new_machine(struct block *disk, struct block *floppy, FILE *out)
{
    struct pc_config config = {
        .ram_size = 2 * MIB,
        .clock = CLOCK_INSN,
        .serials = 4,
        .debugcon = out,
        .debugcon_iobase = 0xe9,
        .own_bios = true,
        .testdev = true,
        .pvpanic_iobase = 0x505,
        .boot = "acd",
        .silent = true,
        .drive = {{.block = disk}, {0}, {.cdrom = true}},
        .floppy = {floppy},
        .net = {.nic = {{.card = NET_CARD_E1000, .mac = {0x52, 0x54, 0, 1, 2, 3}},
                        {.card = NET_CARD_NE2K_PCI, .mac = {0x52, 0x54, 0, 1, 2, 4}},
                        {.card = NET_CARD_RTL8139, .mac = {0x52, 0x54, 0, 1, 2, 5}},
                        {.card = NET_CARD_PCNET, .mac = {0x52, 0x54, 0, 1, 2, 6}}},
                .nics = 4},
    };
    char err[300];
    struct pc *pc = pc_new(&config, err, sizeof(err));

    if (!pc || pc_add_bios(pc, bios_image, (size_t)(bios_image_end - bios_image)) < 0 ||
        pc_add_option_rom(pc, vga_bios_image, (size_t)(vga_bios_image_end - vga_bios_image)) < 0) {
        fprintf(stderr, "state-fuzz: %s\n", pc ? "the BIOS does not fit" : err);
        exit(1);
    }
    return pc;
}

static struct block *new_image(off_t size)
{
    char path[] = "/tmp/state-fuzz.XXXXXX", err[300];
    int fd = mkstemp(path);
    struct block *block;

    if (fd < 0 || ftruncate(fd, size) < 0)
        exit(1);
    block = block_open(path, BLOCK_SNAPSHOT | BLOCK_RAW, err, sizeof(err));
    unlink(path);
    close(fd);
    return block;
}

/* A few values of the sections are others, mostly in one section, where they may fit together. */
static void damage(int fd)
{
    struct stat st;
    u8 *file, *record, *sections;
    u64 len, spot;

    if (fstat(fd, &st) < 0)
        exit(1);
    file = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (file == MAP_FAILED)
        exit(1);
    record = file + get64(file + AT_RECORDS);
    len = get64(record + 16);
    sections = record + RECORD;
    spot = below(len);
    for (u64 n = 1 + below(8); n; n--) {
        u64 at = below(3) ? (spot + below(64)) % len : below(len);
        static const u8 values[] = {0, 1, 0x7f, 0x80, 0xff};

        if (below(2))
            sections[at] = (u8)next();
        else if (below(2))
            sections[at] = values[below(ARRAY_SIZE(values))];
        else
            sections[at] ^= (u8)(1 << below(8));
    }
    put64(record + 8, crc32_z(0, sections, len));
    munmap(file, (size_t)st.st_size);
}

static int copy_of(int fd)
{
    int copy = memfd_create("damaged", MFD_CLOEXEC);
    struct stat st;
    off_t from = 0;

    if (copy < 0 || fstat(fd, &st) < 0 || ftruncate(copy, st.st_size) < 0)
        exit(1);
    while (from < st.st_size && copy_file_range(fd, &from, copy, &(off_t){from}, 1 << 20, 0) > 0)
        continue;
    return copy;
}

static struct pc *looked_at;

/* A machine that uses no processor time is paused, and waits for a user. One that is halted and has run no instruction
 * between two looks has nothing that wakes it but timers that it does not hear. */
static void look(int sig)
{
    static clock_t before;
    static u64 insns_before = UINT64_MAX;
    clock_t now = clock();
    u64 insns = cpu_insns(looked_at->cpu);

    (void)sig;
    if (now - before < CLOCKS_PER_SEC / 10 || (looked_at->cpu->halted && insns == insns_before))
        _exit(0);
    before = now;
    insns_before = insns;
    alarm(LOOK);
}

static void one_case(struct pc *pc, int fd)
{
    char err[300];
    int copy = copy_of(fd), status;

    damage(copy);
    if (pc_snapshot_load(pc, copy, err, sizeof(err)) < 0 && (!*err || strchr(err, '\n')))
        _exit(3);
    close(copy);
    looked_at = pc;
    signal(SIGALRM, look);
    alarm(LOOK);
    pc_run_insns(pc, RUN_INSNS, &status);
    _exit(0);
}

/* Each case in a child, which may die of anything. */
static bool survives(struct pc *pc, int fd, u64 number)
{
    int status;
    pid_t child = fork();

    if (child == 0) {
        struct rlimit limit = {SECONDS, SECONDS};

        setrlimit(RLIMIT_CPU, &limit);
        if (!getenv("FUZZ_STDERR") && !freopen("/dev/null", "w", stderr))
            _exit(4);
        seed = number;
        one_case(pc, fd);
    }
    if (child < 0 || waitpid(child, &status, 0) < 0)
        return false;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    printf("FAIL state-fuzz: case %llu: %s %d\n", (unsigned long long)number,
           WIFSIGNALED(status) ? "signal" : "status",
           WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    return false;
}

int main(int argc, char **argv)
{
    static const u64 run[MOMENTS] = {50, 200000, 3000000, 9000000, 40000000, 90000000};
    u64 first = argc == 3 ? strtoull(argv[1], NULL, 0) : 0;
    u64 count = argc == 3 ? strtoull(argv[2], NULL, 0) : 0, passed = 0;
    struct block *disk = new_image(4 * MIB), *floppy = new_image(1440 * KIB);
    FILE *out = fopen("/dev/null", "w");
    struct pc *pc = new_machine(disk, floppy, out);
    int fd[MOMENTS], status;

    if (argc != 3 || !disk || !floppy || !out) {
        fputs("usage: state-fuzz FIRST COUNT\n", stderr);
        return 2;
    }
    for (unsigned i = 0; i < MOMENTS; i++) {
        char err[300] = "";

        pc_run_insns(pc, run[i], &status);
        fd[i] = memfd_create("state", MFD_CLOEXEC);
        if (pc_snapshot_save(pc, fd[i], false, err, sizeof(err)) < 0) {
            fprintf(stderr, "state-fuzz: %s\n", err);
            return 1;
        }
    }
    for (u64 n = first; n < first + count; n++)
        passed += survives(pc, fd[n % MOMENTS], n);
    for (unsigned i = 0; i < MOMENTS; i++)
        close(fd[i]);
    pc_free(pc);
    block_close(disk);
    block_close(floppy);
    fclose(out);
    printf("%llu passed, %llu failed\n", (unsigned long long)passed,
           (unsigned long long)(count - passed));
    return passed != count;
}
