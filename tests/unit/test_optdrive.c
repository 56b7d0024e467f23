/* The command line's drives and accelerators: -drive and its kin in QEMU's grammar, -accel and -machine accel=. */
#include <check.h>

#include "tests/unit/dev_bench.h"
#include "tests/unit/options_line.h"

#define DRIVE_KEYS                                                                                 \
    "; there are: file if index bus unit media format driver snapshot readonly read-only cache "   \
    "werror rerror id aio discard detect-zeroes copy-on-read serial cache.writeback cache.direct " \
    "cache.no-flush file.locking file.driver file.filename " QCOW2_NAMES                           \
    " bps* iops* throttling.*"
#define QCOW2_NAMES                                                                                \
    "cache-size l2-cache-* refcount-cache-size cache-clean-interval lazy-refcounts "               \
    "overlap-check* pass-discard-*"
#define NODE_KEYS                                                                                  \
    "; there are: driver node-name filename file file.driver file.filename read-only "             \
    "auto-read-only force-share discard detect-zeroes locking aio cache.direct cache.no-flush "    \
    "file.* " QCOW2_NAMES

static const struct {
    const char *args, *err;
} errors[] = {
    {"a.img;b.img", "-hda 'b.img': this drive is -hda 'a.img' already"},
    {"-hda;a;-hda;b", "-hda 'b': this drive is -hda 'a' already"},
    {"a.img;-hda;b", "-hda 'b': this drive is -hda 'a.img' already"},
    {"-hdc;a;-cdrom;b", "-cdrom 'b': this drive is -hdc 'a' already"},
    {"-cdrom;a;-hdc;b", "-hdc 'b': this drive is -cdrom 'a' already"},
    {"-fdb;a;-fdb;b", "-fdb 'b': this drive is -fdb 'a' already"},
    {"-drive;file=a;-hda;b", "-hda 'b': this drive is -drive 'a' already"},
    {"-hda;a;-drive;file=b,index=0", "-drive 'b': this drive is -hda 'a' already"},
    {"-cdrom;a;-drive;file=b,bus=1,unit=0", "-drive 'b': this drive is -cdrom 'a' already"},
    {"-hda;a;-hdb;b;-hdc;c;-hdd;d;-drive;file=e", "-drive 'e': this drive is -hdd 'd' already"},
    {"-fda;a;-fdb;b;-drive;if=floppy,file=c", "-drive 'c': this drive is -fdb 'b' already"},
    {"-drive;a.img", "-drive a.img: no such key here" DRIVE_KEYS},
    {"-drive;file", "-drive file: give file=VALUE"},
    {"-drive;file=a,speed=7", "-drive speed: no such key here" DRIVE_KEYS},
    {"-drive;file=a,if=virtio",
     "-drive if=virtio: give ide or floppy, which are the drives of this machine, or none"},
    {"-drive;file=a,if=none",
     "-drive if=none: give id=NAME, and -device ide-hd,drive=NAME (or ide-cd, floppy)"},
    {"-drive;file=a,index=4", "-drive index=4: not a number from 0 to 3"},
    {"-drive;file=a,bus=2", "-drive bus=2: not a number from 0 to 1"},
    {"-drive;file=a,unit=2", "-drive unit=2: not a number from 0 to 1"},
    {"-drive;file=a,index=1,bus=0", "-drive: give index=, or bus= and unit="},
    {"-drive;if=floppy,file=a,index=2", "-drive: there are 2 floppy drives"},
    {"-drive;if=floppy,file=a,bus=1", "-drive: there are 2 floppy drives"},
    {"-drive;file=a,media=tape", "-drive media=tape: give disk or cdrom"},
    {"-drive;file=a,format=vdi",
     "-drive format=vdi: this version reads raw, qcow2 and cow images; qemu-img convert -O qcow2 "
     "makes one"},
    {"-drive;file=a,snapshot=maybe", "-drive snapshot=maybe: give on or off"},
    {"-drive;file=a,readonly=1", "-drive readonly=1: give on or off"},
    {"-drive;file=a,cache=big",
     "-drive cache=big: give writeback, none, writethrough, directsync or unsafe"},
    {"-drive;file=a,werror=panic", "-drive werror=panic: give report, ignore, stop or enospc"},
    {"-drive;file=a,rerror=enospc", "-drive rerror=enospc: give report, ignore or stop"},
    {"-drive;file=a,detect-zeroes=unmap", "-drive detect-zeroes=unmap: give discard=unmap, too"},
    {"-drive;file=a,serial=123456789012345678901",
     "-drive serial=123456789012345678901: more than 20 characters"},
    {"-drive;if=none,id=d,file=a;-device;ide-hd,drive=d,cyls=10",
     "-device ide-hd: give cyls=, heads= and secs=, or none of them"},
    {"-drive;if=none,id=d,file=a;-device;ide-hd,drive=d,heads=17",
     "-device ide-hd: heads=17: not a number from 1 to 16"},
    {"a;-medium;b", "-medium b: give DRIVE=FILE, for instance fda=disk2.img"},
    {"a;-medium;fdc=b", "-medium fdc=b: give fda, fdb or cdrom, or floppy0, ide1-cd0 and so on"},
    {"a;-medium;cdrom=b", "-medium: there is no drive for 'b'; -cdrom or -fdb make one"},
    {"a;-medium;hda=b", "-medium: there is no drive for 'b'; -cdrom or -fdb make one"},
    {"a;-medium;fda=b;-lockstep;interp,interp",
     "-medium: not with -lockstep, whose media stay where they are"},
    {"-drive;if=floppy,file=a,werror=stop", "-drive if=floppy: werror= and rerror= are for if=ide"},
    {"-drive;if=floppy,file=a,media=cdrom", "-drive if=floppy: media=cdrom is for if=ide"},
    {"-drive;index=1", "-drive: a hard disk and drive B need file="},
    {"-drive;if=floppy,index=1", "-drive: a hard disk and drive B need file="},
    {"-drive;media=cdrom",
     "nothing to boot: give a disk image or -kernel FILE (-help lists the options)"},
    {"-drive;file=a;-lockstep;interp,interp;-drive;if=floppy,file=b",
     "-fda, -fdb: not with -lockstep, whose machines cannot share a disk"},
    {"-kernel;k;-accel;kvm", "-accel kvm: code is always translated here; add -accel tcg"},
    {"-kernel;k;-accel;kvm;-accel;hvf",
     "-accel kvm: code is always translated here; add -accel tcg"},
    {"-kernal;k;-m;0;-boot;x", "unknown option '-kernal'; did you mean '-kernel'?\n"
                               "-m 0: not a memory size; give MiB, or a number with M or G\n"
                               "-boot x: give an order of a, c, d and n, or menu=on|off"},
    {"-kernel;k;-M;pc,accel=kvm", "-accel kvm: code is always translated here; add -accel tcg"},
    {"-kernel;k;-M;accel=hvf:kvm", "-accel hvf: code is always translated here; add -accel tcg"},
    {"-drive;if=none,id=a,file=a;-drive;if=none,id=a,file=b",
     "-drive: there are two drives with the name 'a'"},
    {"-device;ide-hd,drive=a",
     "-device ide-hd: there is no drive 'a'; give -drive if=none,id=a,file=FILE"},
    {"-device;ide-hd", "-device ide-hd: give drive=NAME, and -drive if=none,id=NAME,file=FILE"},
    {"-hda;x;-drive;if=none,id=a,file=a;-device;ide-hd,drive=a,bus=ide.0,unit=0",
     "-drive 'a': this drive is -hda 'x' already"},
    {"-blockdev;raw,node-name=a,file=b;-blockdev;raw,node-name=b,file=a;-device;ide-hd,drive=a",
     "-device ide-hd: there is no drive 'b'; give -drive if=none,id=b,file=FILE"},
#ifdef PAGEWALK_JANSSON
    {"-blockdev;{\"driver\": \"raw\"",
     "-blockdev: JSON: '}' expected near end of file (character 16)"},
    {"-blockdev;{\"driver\": \"raw\", \"a b\": 1}", "-blockdev: JSON: a key is none"},
    {"-blockdev;{\"driver\": \"raw\", \"x\": {\"y\": [1.5]}}",
     "-blockdev x.y.0: no such key here" NODE_KEYS},
#endif
    {"-kernel;k;-accel;warp",
     "-accel warp: no such accelerator; code is always translated here, which is 'tcg'"},
    {"-kernel;k;-machine;accel=kvm:warp",
     "-machine accel=warp: no such accelerator; code is always translated here, which is 'tcg'"},
    {"-kernel;k;-machine;accel=",
     "-machine accel=: no such accelerator; code is always translated here, which is 'tcg'"},
    {"-kernel;k;-accel;tcg,speed=9",
     "-accel tcg: speed: no such key here; there are: thread tb-size split-wx one-insn-per-tb"},
};

START_TEST(error_line)
{
    struct line line;
    struct options o;
    char err[512];

    ck_assert_int_eq(parse(&line, &o, errors[_i].args, err, sizeof(err)), OPTIONS_ERROR);
    ck_assert_str_eq(err, errors[_i].err);
}
END_TEST

/* Where the drives are: the images' names for hda to hdd, fda and fdb. A CD's is in brackets. */
static const struct {
    const char *args, *places[PC_DRIVES + PC_FLOPPIES];
} places[] = {
    {"-drive;file=a", {"a"}},
    {"-drive;file=a;-drive;file=b;-drive;file=c", {"a", "b", "c"}},
    {"-hda;a;-drive;file=b", {"a", "b"}},
    {"a;-drive;file=b", {"a", "b"}},
    {"-drive;file=b,index=1;-drive;file=a", {"a", "b"}},
    {"-drive;file=c,bus=1;-drive;file=d,bus=1", {NULL, NULL, "c", "d"}},
    {"-drive;file=b,unit=1", {NULL, "b"}},
    {"-drive;file=d,bus=1,unit=1,if=ide", {NULL, NULL, NULL, "d"}},
    {"-drive;file=a,media=cdrom", {"[a]"}},
    {"-drive;file=x;-drive;file=c,media=cdrom,index=2", {"x", NULL, "[c]"}},
    {"-kernel;k;-drive;media=cdrom", {"[]"}},
    {"-kernel;k;-drive;media=cdrom,file=", {"[]"}},
    {"-drive;if=floppy,file=f", {[4] = "f"}},
    {"-drive;if=floppy,file=f;-drive;file=g,if=floppy", {[4] = "f", [5] = "g"}},
    {"-drive;if=floppy,file=g,index=1;-drive;file=f,if=floppy", {[4] = "f", [5] = "g"}},
    {"-device;ide-hd,drive=d;-drive;if=none,id=d,file=a", {"a"}},
    {"-hda;x;-drive;if=none,id=d,file=a;-device;ide-cd,drive=d,bus=ide.1", {"x", NULL, "[a]"}},
    {"-drive;if=none,id=f,file=a;-device;floppy,drive=f;x", {"x", [4] = "a"}},
    {"-blockdev;driver=file,node-name=f,filename=a;-blockdev;raw,node-name=r,file=f;-device;"
     "ide-hd,drive=r,unit=1",
     {NULL, "a"}},
#ifdef PAGEWALK_JANSSON
    {"-blockdev;{\"node-name\": \"r\", \"driver\": \"raw\", \"file\": {\"driver\": \"file\", "
     "\"filename\": \"a,b=c\"}};"
     "-device;{\"drive\": \"r\", \"driver\": \"ide-hd\", \"bus\": \"ide.1\", \"unit\": 1}",
     {NULL, NULL, NULL, "a,b=c"}},
#endif
    {"-drive;driver=raw,file.driver=file,file.filename=a", {"a"}},
    {"-drive;file=a,,b=c,index=0", {"a,b=c"}},
    {"-drive;file=a,,,,", {"a,,"}},
    {"-drive;id=disk0,file=a,format=raw,if=ide,media=disk,cache=writeback", {"a"}},
};

START_TEST(place)
{
    struct line line;
    struct options o;
    char err[512], image[256];

    if (parse(&line, &o, places[_i].args, err, sizeof(err)) != OPTIONS_RUN)
        ck_abort_msg("%s: %s", places[_i].args, err);
    for (unsigned i = 0; i < PC_DRIVES + PC_FLOPPIES; i++) {
        const struct drive_option *drive = i < PC_DRIVES ? &o.drive[i] : &o.floppy[i - PC_DRIVES];

        if (!places[_i].places[i]) {
            ck_assert_ptr_null(drive->name);
            continue;
        }
        snprintf(image, sizeof(image), drive->cdrom ? "[%s]" : "%s",
                 drive->path ? drive->path : "");
        ck_assert_str_eq(image, places[_i].places[i]);
    }
}
END_TEST

START_TEST(keys)
{
    struct line line;
    struct options o;
    char err[512];

    ck_assert_int_eq(parse(&line, &o,
                           "-drive;file=a;-drive;file=b,format=raw,readonly=on,snapshot=off;"
                           "-drive;file=c,werror=stop,rerror=ignore,snapshot=on;"
                           "-drive;file=d,werror=report,rerror=stop,read-only=off",
                           err, sizeof(err)),
                     OPTIONS_RUN);
    ck_assert(!o.drive[0].format && !o.drive[0].read_only && !o.drive[0].snapshot_given);
    ck_assert_int_eq(o.drive[0].on_write_error, BLOCK_ENOSPC);
    ck_assert_int_eq(o.drive[0].on_read_error, BLOCK_REPORT);
    ck_assert(o.drive[1].format && o.drive[1].read_only);
    ck_assert(o.drive[1].snapshot_given && !o.drive[1].snapshot);
    ck_assert_int_eq(o.drive[2].on_write_error, BLOCK_STOP);
    ck_assert_int_eq(o.drive[2].on_read_error, BLOCK_IGNORE);
    ck_assert(o.drive[2].snapshot_given && o.drive[2].snapshot);
    ck_assert_int_eq(o.drive[3].on_write_error, BLOCK_REPORT);
    ck_assert_int_eq(o.drive[3].on_read_error, BLOCK_STOP);
    ck_assert(!o.drive[3].read_only);
    ck_assert_uint_eq(o.notes, 0);
    ck_assert_int_eq(
        parse(&line, &o, "-drive;file=a,aio=native,copy-on-read=off", err, sizeof(err)),
        OPTIONS_RUN);
    ck_assert_uint_eq(o.notes, 2);
    ck_assert_str_eq(o.note[0].name, "drive");
    ck_assert_str_eq(o.note[0].value, "aio=native");
}
END_TEST

/* What becomes of writes, and what a disk says of itself. */
static const struct {
    const char *args;
    bool write_through, direct, no_flush, discard;
    enum detect_zeroes zeroes;
    const char *serial;
    unsigned cylinders;
} tuned[] = {
    {.args = "-drive;file=a"},
    {.args = "-drive;file=a,cache=writeback"},
    {.args = "-drive;file=a,cache=none", .direct = true},
    {.args = "-drive;file=a,cache=writethrough", .write_through = true},
    {.args = "-drive;file=a,cache=directsync", .write_through = true, .direct = true},
    {.args = "-drive;file=a,cache=unsafe", .no_flush = true},
    {.args = "-drive;file=a,cache.direct=on,cache.writeback=off,cache.no-flush=on",
     .write_through = true,
     .direct = true,
     .no_flush = true},
    {.args = "-drive;file=a,discard=unmap", .discard = true},
    {.args = "-drive;file=a,discard=on,detect-zeroes=unmap",
     .discard = true,
     .zeroes = ZEROES_UNMAP},
    {.args = "-drive;file=a,discard=ignore,detect-zeroes=on", .zeroes = ZEROES_ON},
    {.args = "-drive;file=a,serial=S 1", .serial = "S 1"},
    {.args = "-drive;if=none,id=d,file=a,serial=S1,cache=writethrough;"
             "-device;ide-hd,drive=d,write-cache=on,cyls=10,heads=4,secs=17",
     .serial = "S1",
     .cylinders = 10},
    {.args =
         "-drive;if=none,id=d,file=a,serial=S1;-device;ide-hd,drive=d,serial=S2,write-cache=off",
     .write_through = true,
     .serial = "S2"},
    {.args = "-blockdev;file,node-name=f,filename=a,cache.direct=on;"
             "-blockdev;raw,node-name=r,file=f,discard=unmap,detect-zeroes=unmap;-device;ide-hd,"
             "drive=r",
     .direct = true,
     .discard = true,
     .zeroes = ZEROES_UNMAP},
#ifdef PAGEWALK_JANSSON
    {.args = "-blockdev;{\"driver\": \"raw\", \"node-name\": \"r\", \"cache\": {\"direct\": true, "
             "\"no-flush\": false},"
             " \"discard\": \"unmap\", \"file\": {\"driver\": \"file\", \"filename\": \"a\"}};"
             "-device;{\"driver\": \"ide-hd\", \"drive\": \"r\", \"cyls\": 10, \"heads\": 4, "
             "\"secs\": 17}",
     .direct = true,
     .discard = true,
     .cylinders = 10},
#endif
};

START_TEST(tuning)
{
    struct line line;
    struct options o;
    char err[512];
    const struct drive_option *drive = &o.drive[0];

    ck_assert_int_eq(parse(&line, &o, tuned[_i].args, err, sizeof(err)), OPTIONS_RUN);
    ck_assert_int_eq(drive->cache.write_through, tuned[_i].write_through);
    ck_assert_int_eq(drive->cache.direct, tuned[_i].direct);
    ck_assert_int_eq(drive->cache.no_flush, tuned[_i].no_flush);
    ck_assert_int_eq(drive->discard, tuned[_i].discard);
    ck_assert_int_eq(drive->zeroes, tuned[_i].zeroes);
    ck_assert_str_eq(drive->identity.serial, tuned[_i].serial ? tuned[_i].serial : "");
    ck_assert_uint_eq(drive->identity.geometry.cylinders, tuned[_i].cylinders);
    ck_assert_uint_eq(o.notes, 0);
}
END_TEST

/* The first accelerator that works is tcg, wherever it stands. */
static const char *const accels[] = {
    "-accel;tcg",
    "-accel;accel=tcg",
    "-accel;tcg,thread=multi",
    "-accel;tcg,thread=single,tb-size=256",
    "-accel;kvm;-accel;hvf;-accel;tcg",
    "-accel;kvm,kernel-irqchip=off;-accel;tcg",
    "-machine;pc,accel=kvm:tcg",
    "-M;accel=kvm:hvf:tcg",
    "-machine;type=pc,accel=tcg",
    "-machine;accel=kvm;-accel;tcg",
    "-enable-kvm",
};

START_TEST(accel)
{
    struct line line;
    struct options o;
    char args[128], err[512];

    snprintf(args, sizeof(args), "-kernel;k;%s", accels[_i]);
    if (parse(&line, &o, args, err, sizeof(err)) != OPTIONS_RUN)
        ck_abort_msg("%s: %s", args, err);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("optdrive");

    tcase_add_loop_test(tc, error_line, 0, ARRAY_SIZE(errors));
    tcase_add_loop_test(tc, tuning, 0, ARRAY_SIZE(tuned));
    tcase_add_loop_test(tc, place, 0, ARRAY_SIZE(places));
    tcase_add_test(tc, keys);
    tcase_add_loop_test(tc, accel, 0, ARRAY_SIZE(accels));
    return bench_main(tc, "optdrive");
}
