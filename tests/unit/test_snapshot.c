/* Saved machines: what is loaded goes on as what was saved, from every instruction of a guest that has interrupts, their
 * shadows, REP and x87 errors under way; and files that do not fit, or are damaged, change nothing. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memfd_create */
#endif
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <zlib.h>

#include "devices/board/pc_snapshot.h"
#include "devices/board/snapshots.h"
#include "devices/monitor/monitor.h"
#include "cpu/cpuid.h"
#include "tests/unit/pc_rig.h"

/* PIT and 8259s on, then for ever: MOV SS, STI, REP MOVSB over a page's end, an x87 division by zero and the instruction
 * that reports it by IRQ 13, port 40h, PUSHF, a loop of word copies, HLT. At ISR IRQ 0's handler, at ISR + 40h IRQ 13's. */
static const struct guest busy = {
    BYTES("\xfa\x31\xc0\x8e\xd8\x8e\xc0\x8e\xd0\xbc\x00\x09\xc7\x06\x20\x00\x00\x11\xc7"
          "\x06\x22\x00\x00\x00\xc7\x06\xd4\x01\x40\x11\xc7\x06\xd6\x01\x00\x00\xb0\x11"
          "\xe6\x20\xe6\xa0\xb0\x08\xe6\x21\xb0\x70\xe6\xa1\xb0\x04\xe6\x21\xb0\x02\xe6"
          "\xa1\xb0\x01\xe6\x21\xe6\xa1\xb0\xfa\xe6\x21\xb0\xdf\xe6\xa1\xb0\x34\xe6\x43"
          "\xb0\x32\xe6\x40\x30\xc0\xe6\x40\xc7\x06\x00\x05\x7b\x03\x8c\xd0\x8e\xd0\xff"
          "\x06\x02\x05\xfb\xfc\xb9\x46\x00\xbe\x00\x20\xbf\xc0\x2f\xf3\xa4\x9b\xdb\xe3"
          "\xd9\x2e\x00\x05\xd9\xe8\xd9\xee\xde\xf9\x01\x26\x04\x05\xd9\xe8\xd9\x1e\x08"
          "\x05\xe4\x40\x30\x06\x00\x20\xe4\x40\x9c\x5a\x01\x16\x01\x20\xb9\x09\x00\x89"
          "\xcb\x8b\x87\x00\x20\x01\x87\x00\x2f\xe2\xf4\xf4\xeb\xb4"),
    BYTES_ISR("\x50\xff\x06\x0c\x05\xb0\x20\xe6\x20\x58\xcf\x00\x00\x00\x00\x00\x00\x00\x00"
              "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
              "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
              "\x00\x00\x00\x00\x00\x00\x00\x50\xff\x06\x0e\x05\x30\xc0\xe6\xf0\xdb\xe2\xb0"
              "\x20\xe6\xa0\xe6\x20\x58\xcf"),
};
#define FIRST   1000u /* instruction */
#define MOMENTS 200u  /* from there on: more than one turn takes */
#define SOON    1250u
#define LATE    4000u

static struct pc_config config_for(const char *engine)
{
    struct pc_config config = config_default();

    config.translate.engine = engine;
    config.model = cpu_model_find(CPU_MODEL_DEFAULT);
    return config;
}

/* All that the guest can tell by, in one number. */
static u64 look(struct machine *m)
{
    u64 hash = cpu_digest(pc_cpu(m->pc)) ^ cpu_insns(pc_cpu(m->pc)) * 31 ^ now(m->pc) * 37;

    for (u64 pa = 0; pa < MIB / 8; pa += 8)
        hash = (hash ^ phys_load(pc_phys(m->pc), pa, 8)) * 0x100000001b3ull;
    return hash;
}

static void go(struct machine *m, u64 insns)
{
    int status;

    ck_assert(!pc_run_insns(m->pc, insns, &status));
}

static int new_file(void)
{
    return memfd_create("state", MFD_CLOEXEC);
}

static int save(struct machine *m, bool packed)
{
    char err[300] = "";
    int fd = new_file();

    ck_assert_msg(pc_snapshot_save(m->pc, fd, packed, err, sizeof(err)) == 0, "%s", err);
    return fd;
}

static void load_from(struct machine *m, int fd)
{
    char err[300] = "";

    ck_assert_msg(pc_snapshot_load(m->pc, fd, err, sizeof(err)) == 0, "%s", err);
}

/* Not loaded, for a reason with this text in it, and the machine is what it was. */
static void refuses(struct machine *m, int fd, const char *reason)
{
    u64 before = look(m);
    char err[300] = "";

    ck_assert_int_lt(pc_snapshot_load(m->pc, fd, err, sizeof(err)), 0);
    ck_assert_msg(strstr(err, reason) != NULL, "'%s' for '%s'", err, reason);
    ck_assert_ptr_null(strchr(err, '\n'));
    ck_assert_uint_eq(look(m), before);
}

static void every_moment(const char *from, const char *to, bool packed)
{
    struct machine a, b, alone;
    u64 soon, late;

    machine_new(&alone, config_for(from), &busy);
    go(&alone, SOON);
    soon = look(&alone);
    go(&alone, LATE - SOON);
    late = look(&alone);
    machine_end(&alone);

    machine_new(&a, config_for(from), &busy);
    machine_new(&b, config_for(to), &busy);
    go(&a, FIRST);
    for (unsigned i = FIRST; i < FIRST + MOMENTS; i++) {
        int fd = save(&a, packed);

        load_from(&b, fd);
        close(fd);
        ck_assert_uint_eq(look(&a), look(&b));
        go(&b, SOON - i);
        ck_assert_msg(look(&b) == soon, "saved at %u, other at %u", i, SOON);
        go(&b, LATE - SOON);
        ck_assert_msg(look(&b) == late, "saved at %u, other at %u", i, LATE);
        go(&a, 1);
    }
    go(&a, LATE - FIRST - MOMENTS);
    ck_assert_uint_eq(look(&a), late); /* saving has changed nothing */
    machine_end(&a);
    machine_end(&b);
}

START_TEST(every_moment_native)
{
    every_moment("interp", "x64", false);
}
END_TEST

START_TEST(every_moment_interp)
{
    every_moment("x64", "interp", true);
}
END_TEST

/* Back in time in one machine, twice. */
START_TEST(back)
{
    struct machine m;
    u64 then, later;
    int fd;

    machine_new(&m, config_for(NULL), &busy);
    go(&m, 5000);
    then = look(&m);
    fd = save(&m, false);
    go(&m, 3000);
    later = look(&m);
    for (unsigned i = 0; i < 2; i++) {
        load_from(&m, fd);
        ck_assert_uint_eq(look(&m), then);
        go(&m, 3000);
        ck_assert_uint_eq(look(&m), later);
    }
    close(fd);
    machine_end(&m);
}
END_TEST

START_TEST(other_machines)
{
    struct pc_config config = config_for(NULL);
    struct machine m, other;
    int fd;

    machine_new(&m, config, &busy);
    go(&m, 1000);
    fd = save(&m, false);
    config.ram_size = 4 * MIB;
    machine_new(&other, config, &busy);
    go(&other, 10);
    refuses(&other, fd, "give -m 2");
    machine_end(&other);
    config = config_for(NULL);
    config.model = cpu_model_find("486");
    machine_new(&other, config, &busy);
    refuses(&other, fd, "-cpu coreduo");
    machine_end(&other);
    config = config_for(NULL);
    config.isa_only = true;
    machine_new(&other, config, &busy);
    refuses(&other, fd, "-machine");
    machine_end(&other);
    config = config_for(NULL);
    config.vga = PC_VGA_NONE;
    machine_new(&other, config, &busy);
    refuses(&other, fd, "-vga std");
    machine_end(&other);
    config = config_for(NULL);
    config.serials = 2;
    machine_new(&other, config, &busy);
    refuses(&other, fd, "1 serial ports");
    machine_end(&other);
    close(fd);
    machine_end(&m);
}
END_TEST

/* Cut off anywhere, or with a byte of what is not memory changed. */
static void damage(bool packed)
{
    struct machine m;
    struct stat st;
    u64 records;
    int fd;
    u8 byte;

    machine_new(&m, config_for(NULL), &busy);
    go(&m, 3000);
    fd = save(&m, packed);
    ck_assert_int_eq(fstat(fd, &st), 0);
    for (off_t at = 8; at < st.st_size; at += st.st_size / 97) {
        int cut = new_file();
        off_t from = 0;

        ck_assert_int_ge(ftruncate(cut, at), 0);
        while (from < at) {
            char piece[65536];
            ssize_t n = pread(fd, piece, sizeof(piece), from);

            if (n > at - from)
                n = at - from;
            ck_assert_int_eq(pwrite(cut, piece, (size_t)n, from), n);
            from += n;
        }
        refuses(&m, cut, "damaged");
        close(cut);
    }
    ck_assert_int_eq(pread(fd, &records, sizeof(records), 24), sizeof(records));
    for (off_t at = (off_t)records; at < st.st_size - 24; at += packed ? 997 : 97) {
        ck_assert_int_eq(pread(fd, &byte, 1, at), 1);
        byte ^= 0x10;
        ck_assert_int_eq(pwrite(fd, &byte, 1, at), 1);
        refuses(&m, fd, "damaged");
        byte ^= 0x10;
        ck_assert_int_eq(pwrite(fd, &byte, 1, at), 1);
    }
    load_from(&m, fd);
    close(fd);
    machine_end(&m);
}

START_TEST(damaged)
{
    damage(false);
}
END_TEST

START_TEST(damaged_packed)
{
    damage(true);
}
END_TEST

/* Disks: what -snapshot keeps goes with the state; an image that has changed since is refused. */
START_TEST(disks)
{
    char path[] = "/tmp/test_snapshot.XXXXXX", err[300];
    struct pc_config config = config_for(NULL);
    struct machine a, b;
    u8 sector[BLOCK_SECTOR], read[BLOCK_SECTOR];
    int image = mkstemp(path), fd;

    ck_assert_int_eq(ftruncate(image, 100 * KIB), 0);
    memset(sector, 0x5a, sizeof(sector));
    config.drive[0].block = block_open(path, BLOCK_SNAPSHOT, err, sizeof(err));
    machine_new(&a, config, &busy);
    go(&a, 100);
    ck_assert_int_eq(block_write(config.drive[0].block, 7, sector, 1), 0);
    ck_assert_int_eq(block_write(config.drive[0].block, 150, sector, 1), 0);
    fd = save(&a, false);
    machine_end(&a);
    block_close(config.drive[0].block);

    config.drive[0].block = block_open(path, BLOCK_SNAPSHOT, err, sizeof(err));
    ck_assert_int_eq(block_write(config.drive[0].block, 9, sector, 1), 0); /* gone with the load */
    machine_new(&b, config, &busy);
    load_from(&b, fd);
    ck_assert_int_eq(block_read(config.drive[0].block, 7, read, 1), 0);
    ck_assert_mem_eq(read, sector, sizeof(read));
    ck_assert_int_eq(block_read(config.drive[0].block, 150, read, 1), 0);
    ck_assert_mem_eq(read, sector, sizeof(read));
    ck_assert_int_eq(block_read(config.drive[0].block, 9, read, 1), 0);
    ck_assert_uint_eq(read[0], 0);
    machine_end(&b);
    block_close(config.drive[0].block);

    config.drive[0].block = block_open(path, 0, err, sizeof(err));
    machine_new(&b, config, &busy);
    refuses(&b, fd, "-snapshot");
    ck_assert_int_eq(block_write(config.drive[0].block, 1, sector, 1), 0);
    refuses(&b, fd, "has changed since");
    machine_end(&b);
    block_close(config.drive[0].block);

    config.drive[0].block = NULL;
    machine_new(&b, config, &busy);
    refuses(&b, fd, "other drives");
    machine_end(&b);
    close(fd);
    close(image);
    unlink(path);
}
END_TEST

/* What a disk is made of when it is opened: a folder, or a compressed image. A state goes with what was made of the same,
 * and is refused once that was changed. */
static void made_of(const char *path, void (*change)(void))
{
    struct pc_config config = config_for(NULL);
    struct machine a, b;
    char err[300];
    int fd;

    config.drive[0].block = block_open(path, BLOCK_READ_ONLY, err, sizeof(err));
    ck_assert_msg(config.drive[0].block != NULL, "%s", err);
    machine_new(&a, config, &busy);
    go(&a, 100);
    fd = save(&a, false);
    machine_end(&a);
    block_close(config.drive[0].block);
    for (unsigned changed = 0; changed < 2; changed++) {
        if (changed)
            change();
        config.drive[0].block = block_open(path, BLOCK_READ_ONLY, err, sizeof(err));
        machine_new(&b, config, &busy);
        if (changed)
            refuses(&b, fd, "has changed since");
        else
            load_from(&b, fd);
        machine_end(&b);
        block_close(config.drive[0].block);
    }
    close(fd);
}

static char folder[] = "/tmp/test_snapshot.XXXXXX", in_folder[64], packed[64];

/* Longer each time: the host's clock may stand. */
static void change_folder(void)
{
    FILE *file = fopen(in_folder, "a");

    fputs("more", file);
    fclose(file);
}

static void change_packed(void)
{
    gzFile file = gzopen(packed, "ab");

    ck_assert_int_eq(gzwrite(file, "12345678", 8), 8);
    gzclose(file);
}

START_TEST(sources)
{
    char path[80];

    ck_assert(mkdtemp(folder) != NULL);
    snprintf(in_folder, sizeof(in_folder), "%s/file", folder);
    snprintf(packed, sizeof(packed), "%s.gz", folder);
    snprintf(path, sizeof(path), "fat:%s", folder);
    change_folder();
    made_of(path, change_folder);
    unlink(in_folder);
    rmdir(folder);
    change_packed();
    made_of(packed, change_packed);
    unlink(packed);
}
END_TEST

START_TEST(names)
{
    char path[SNAPSHOT_NAME], *too_long = malloc(2 * SNAPSHOT_NAME);

    ck_assert_int_eq(snapshot_path("boot", path), 0);
    ck_assert_str_eq(path, "boot.state");
    ck_assert_int_eq(snapshot_path("a/boot", path), 0);
    ck_assert_str_eq(path, "a/boot");
    ck_assert_int_eq(snapshot_path("boot.zst", path), 0);
    ck_assert_str_eq(path, "boot.zst");
    memset(too_long, 'x', 2 * SNAPSHOT_NAME);
    too_long[2 * SNAPSHOT_NAME - 1] = '\0';
    ck_assert_int_eq(snapshot_path(too_long, path), -ENAMETOOLONG);
    free(too_long);
    ck_assert(snapshot_name_fits("boot.state") && snapshot_name_fits("boot.state.zst"));
    ck_assert(!snapshot_name_fits("../boot.state") && !snapshot_name_fits("disk.img") &&
              !snapshot_name_fits(".state"));
}
END_TEST

/* One line of the monitor; what it answers. */
static const char *command(struct machine *m, const char *line)
{
    static char answer[1000];
    FILE *out = tmpfile();

    monitor_command(m->pc, line, out);
    caught(out, answer, sizeof(answer));
    return answer;
}

static void put_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

START_TEST(commands)
{
    char dir[] = "/tmp/test_snapshot.XXXXXX";
    struct machine m;
    u64 then;

    ck_assert_ptr_nonnull(mkdtemp(dir));
    ck_assert_int_eq(chdir(dir), 0);
    machine_new(&m, config_for(NULL), &busy);
    go(&m, 700);
    then = look(&m);
    ck_assert_ptr_nonnull(strstr(command(&m, "info snapshots"), "no saved machine"));
    ck_assert_str_eq(command(&m, "savevm one"), "");
    go(&m, 700);
    ck_assert_str_eq(command(&m, "  savevm   two.state.zst "), "");
    ck_assert_str_eq(command(&m, "loadvm one"), "");
    ck_assert_uint_eq(look(&m), then);
    ck_assert_ptr_nonnull(strstr(command(&m, "info snapshots"), "one.state "));
    ck_assert_ptr_nonnull(strstr(command(&m, "info snapshots"), "two.state.zst "));
    ck_assert_str_eq(command(&m, "savevm one"), ""); /* what the machine is lent stays */
    go(&m, 700);
    ck_assert_str_eq(command(&m, "loadvm one"), "");
    ck_assert_uint_eq(look(&m), then);
    ck_assert_str_eq(command(&m, "delvm one"), "");
    ck_assert_ptr_null(strstr(command(&m, "info snapshots"), "one.state"));
    ck_assert_ptr_nonnull(strstr(command(&m, "loadvm one"), "Error: 'one.state': No such file"));
    ck_assert_ptr_nonnull(strstr(command(&m, "loadvm"), "missing: name"));
    ck_assert_ptr_nonnull(strstr(command(&m, "savevm no/such/folder"), "Error: 'no/such/folder'"));
    ck_assert_str_eq(command(&m, "delvm two.state.zst"), "");
    /* What is no saved machine is neither written over nor deleted, and a pipe does not hold it up. */
    put_text("disk.img", "a disk");
    ck_assert_ptr_nonnull(
        strstr(command(&m, "savevm disk.img"), "'disk.img': is no saved machine"));
    ck_assert_ptr_nonnull(strstr(command(&m, "delvm disk.img"), "'disk.img': is no saved machine"));
    ck_assert_int_eq(mkfifo("pipe.state", 0600), 0);
    ck_assert_ptr_nonnull(strstr(command(&m, "loadvm pipe"), "'pipe.state': is no file"));
    ck_assert_ptr_nonnull(strstr(command(&m, "savevm pipe"), "'pipe.state': is no file"));
    ck_assert_ptr_nonnull(strstr(command(&m, "info snapshots"), "pipe.state"));
    ck_assert_ptr_nonnull(strstr(command(&m, "savevm ."), "'.': Is a directory"));
    ck_assert_int_eq(unlink("pipe.state"), 0);
    ck_assert_int_eq(unlink("disk.img"), 0);
    machine_end(&m);
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_int_eq(rmdir(dir), 0); /* nothing else is left */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("snapshot");
    TCase *tcase = tcase_create("snapshot");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tcase, 0);
    tcase_add_test(tcase, every_moment_native);
    tcase_add_test(tcase, every_moment_interp);
    tcase_add_test(tcase, back);
    tcase_add_test(tcase, other_machines);
    tcase_add_test(tcase, damaged);
    tcase_add_test(tcase, damaged_packed);
    tcase_add_test(tcase, disks);
    tcase_add_test(tcase, sources);
    tcase_add_test(tcase, names);
    tcase_add_test(tcase, commands);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
