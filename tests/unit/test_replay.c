/* Record and replay: a machine with keys, mouse, bytes on its serial port and buttons is the same again from the file, by
 * another engine, and says so when it is not. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memfd_create */
#endif
#include <sys/mman.h>

#include "devices/board/replay.h"
#include "tests/unit/pc_rig.h"

/* Counts turns at 510h; sums what comes from the 8042 at 500h and counts it at 502h, and COM1's bytes at 504h and 506h. */
static const struct guest reader = {
    BYTES("\x31\xc0\x8e\xd8\xb0\xae\xe6\x64\xb0\xa8\xe6\x64\xb0\xf4\xe6\x60\xe4\x64\xa8"
          "\x02\x75\xfa\xb0\xd4\xe6\x64\xe4\x64\xa8\x02\x75\xfa\xb0\xf4\xe6\x60\x66\xff"
          "\x06\x10\x05\xe4\x64\xa8\x01\x74\x11\x88\xc4\xe4\x60\xc1\x06\x00\x05\x03\x01"
          "\x06\x00\x05\xff\x06\x02\x05\xba\xfd\x03\xec\xa8\x01\x74\xdc\x80\xea\x05\xec"
          "\xc1\x06\x04\x05\x03\x00\x06\x04\x05\xff\x06\x06\x05\xeb\xc9")};
#define EVERY 500000u

static size_t room;

static void drop(struct chr *chr, const u8 *data, size_t len)
{
    (void)chr, (void)data, (void)len;
}

static int no_fd(struct chr *chr)
{
    (void)chr;
    return -1;
}

static void no_poll(struct chr *chr)
{
    (void)chr;
}

static const struct chr_ops quiet_ops = {.write = drop, .poll_fd = no_fd, .poll = no_poll};

static struct pc_config config_for(const char *engine, struct replay *replay, struct chr *chr)
{
    struct pc_config config = config_default();

    *chr = (struct chr){.ops = &quiet_ops};
    config.translate.engine = engine;
    config.replay = replay;
    config.rtc_base = replay_rtc_base(replay);
    config.checkpoints.every = replay_digest_every(replay);
    config.digest_silent = true;
    config.serial[0] = chr;
    config.no_reboot = false;
    return config;
}

static u32 word(struct machine *m, u64 pa)
{
    return (u32)phys_load(pc_phys(m->pc), pa, 2);
}

/* What a user does, at moments that nothing decides; the descriptor of the file. */
static int make_recording(u32 seen[4])
{
    int fd = memfd_create("recording", MFD_CLOEXEC), status;
    char err[200];
    struct replay *replay = replay_record(dup(fd), 1000000, EVERY, err, sizeof(err));
    struct machine m;
    struct chr chr;
    struct input *input;

    machine_new(&m, config_for("interp", replay, &chr), &reader);
    input = pc_input(m.pc);
    for (unsigned i = 0; i < 40; i++) {
        ck_assert(!pc_run_insns(m.pc, 90000 + i * 3701, &status));
        switch (i % 5) {
        case 0: input->key(input->opaque, (u8)(4 + i / 5), i % 2); break;
        case 1: input->mouse(input->opaque, (int)i - 20, 3, 0, i & 7); break;
        case 2:
            room = chr.can_receive(chr.opaque);
            if (room)
                chr.receive(chr.opaque, (const u8 *)"abc", room < 3 ? room : 3);
            break;
        case 3:
            if (i == 18)
                pc_reset_button(m.pc);
            if (i == 23)
                pc_nmi(m.pc);
            break;
        case 4: chr.send_break(chr.opaque); break;
        }
        if (i == 17)
            for (unsigned j = 0; j < 4; j++)
                seen[j] = word(&m, 0x500 + 2 * j);
    }
    pc_quit(m.pc, 77);
    ck_assert(pc_run_insns(m.pc, 1, &status));
    ck_assert_int_eq(status, 77);
    machine_end(&m);
    ck_assert_int_eq(replay_close(replay), 0);
    return fd;
}

/* How a replay ends, whatever the user does meanwhile. */
static int play(int fd, const char *engine, struct machine *m, const struct guest *guest)
{
    char err[200] = "";
    struct replay *replay = replay_play(dup(fd), err, sizeof(err));
    struct input *input;
    struct chr chr;
    int status = -1;

    ck_assert_msg(replay != NULL, "%s", err);
    ck_assert_int_eq(replay_rtc_base(replay), 1000000);
    machine_new(m, config_for(engine, replay, &chr), guest);
    input = pc_input(m->pc);
    for (unsigned i = 0; i < 10000; i++) {
        if (pc_run_insns(m->pc, 77777, &status))
            break;
        input->key(input->opaque, 9, true);
        input->mouse(input->opaque, 1, 1, 1, 1);
        ck_assert_uint_eq(chr.can_receive(chr.opaque), 0);
        chr.send_break(chr.opaque);
        pc_nmi(m->pc);
        pc_reset_button(m->pc);
    }
    m->status = status;
    machine_end(m);
    replay_close(replay);
    return status;
}

START_TEST(same_again)
{
    static const char *const engines[] = {"interp", "x64"};
    u32 seen[4];
    int fd = make_recording(seen);
    struct machine m;

    ck_assert_uint_gt(seen[1], 4); /* bytes of the 8042 were read, */
    ck_assert_uint_gt(seen[3], 4); /* and of the serial port */
    for (unsigned i = 0; i < 2; i++) {
        ck_assert_int_eq(play(fd, engines[i], &m, &reader), 77);
        ck_assert_uint_eq(m.resets, 2); /* at power-on, and by the button */
    }
    close(fd);
}
END_TEST

/* Another guest: found by the first digest. */
START_TEST(another)
{
    static char code[300];
    struct guest other = {code, NULL, reader.code_len, 0};
    u32 seen[4];
    int fd = make_recording(seen);
    struct machine m;

    memcpy(code, reader.code, reader.code_len);
    code[reader.code_len] = 0; /* behind its end: only memory is other */
    other.code_len++;
    code[reader.code_len] = 1;
    ck_assert_int_eq(play(fd, "x64", &m, &other), REPLAY_STATUS_OTHER);
    ck_assert_uint_eq(m.insns, 0);
    close(fd);
}
END_TEST

/* Cut off anywhere it plays as far as it goes, or is refused; with a byte changed it is refused, or differs, or ends. */
START_TEST(damaged)
{
    u32 seen[4];
    int fd = make_recording(seen);
    off_t size = lseek(fd, 0, SEEK_END);
    u8 *file = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    char err[200];

    ck_assert(file != MAP_FAILED && size > 200);
    for (off_t at = 0; at < size; at += 13) {
        int cut = memfd_create("cut", MFD_CLOEXEC);
        struct replay *replay;
        struct machine m;
        int status;

        ck_assert_int_eq(write(cut, file, (size_t)at), at);
        replay = replay_play(dup(cut), err, sizeof(err));
        if (replay) {
            replay_close(replay);
            status = play(cut, "x64", &m, &reader);
            ck_assert(status == 0 || (status == 77 && size - at < 40)); /* all but the end mark */
        } else {
            ck_assert_ptr_null(strchr(err, '\n'));
        }
        close(cut);
        file[at] ^= 0x20;
        replay = replay_play(dup(fd), err, sizeof(err));
        if (replay) {
            replay_close(replay);
            if (at > 60) /* else the RTC may start at another time */
                ck_assert_int_ge(play(fd, "x64", &m, &reader), 0);
        }
        file[at] ^= 0x20;
    }
    munmap(file, (size_t)size);
    close(fd);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("replay");
    TCase *tcase = tcase_create("replay");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tcase, 0);
    tcase_add_test(tcase, same_again);
    tcase_add_test(tcase, another);
    tcase_add_test(tcase, damaged);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
