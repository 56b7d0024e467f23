/* pagewalk-img info: what an image is, and what it lies on. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tools/img/img.h"

static bool is_qcow2(const struct block *block)
{
    return strcmp(block->format, "qcow2") == 0;
}

static const char *on(bool flag)
{
    return flag ? "true" : "false";
}

static u64 disk_size(const struct block *block)
{
    char err[256];
    struct file *file = file_open(block->path, BLOCK_READ_ONLY | BLOCK_NO_LOCK, err, sizeof(err));
    u64 size = file ? file_disk_usage(file) : 0;

    file_close(file);
    return size;
}

static void base_path(const struct qcow2 *q, char *path, size_t len)
{
    if (!block_base_path(q->file->path, q->header.base, path, len))
        *path = '\0';
}

static void clock_text(u64 ns, char *text, size_t len)
{
    unsigned long long s = ns / 1000000000;

    snprintf(text, len, "%02llu:%02llu:%02llu.%03llu", s / 3600, s / 60 % 60, s % 60,
             (unsigned long long)(ns / 1000000 % 1000));
}

void img_list_snapshots(const struct qcow2 *q)
{
    printf("%-10s%-17s%8s%20s%13s%11s\n", "ID", "TAG", "VM SIZE", "DATE", "VM CLOCK", "ICOUNT");
    for (u32 i = 0; i < q->header.snapshots; i++) {
        const struct qcow2_snapshot *s = &q->snapshots[i];
        char size[32], date[32], clock[32], count[24] = "";
        time_t seconds = s->seconds;
        struct tm tm;

        strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S", localtime_r(&seconds, &tm));
        clock_text(s->clock, clock, sizeof(clock));
        if (s->icount != ~0ull)
            snprintf(count, sizeof(count), "%llu", (unsigned long long)s->icount);
        printf("%-9s %-16s %8s%20s%13s%11s\n", s->id, s->name,
               img_human(s->vm_state_size, size, sizeof(size)), date, clock, count);
    }
}

static void human_qcow2(const struct qcow2 *q)
{
    const struct qcow2_header *h = &q->header;
    char path[4096];

    printf("cluster_size: %u\n", q->cluster);
    if (*h->base) {
        base_path(q, path, sizeof(path));
        printf("backing file: %s", h->base);
        if (strcmp(path, h->base) != 0)
            printf(" (actual path: %s)", path);
        putchar('\n');
        if (*h->base_format)
            printf("backing file format: %s\n", h->base_format);
    }
    if (h->snapshots) {
        puts("Snapshot list:");
        img_list_snapshots(q);
    }
    printf("Format specific information:\n    compat: %s\n    compression type: %s\n",
           h->version < 3 ? "0.10" : "1.1", h->compression ? "zstd" : "zlib");
    if (h->version < 3) {
        puts("    refcount bits: 16");
        return;
    }
    printf("    lazy refcounts: %s\n    refcount bits: %u\n    corrupt: %s\n    extended l2: %s\n",
           h->compatible & QCOW2_LAZY ? "true" : "false", 1u << h->refcount_order,
           on(h->incompatible & QCOW2_CORRUPT), on(q->units > 1));
}

static void human(struct block *block)
{
    char size[32], disk[32];

    printf("image: %s\nfile format: %s\nvirtual size: %s (%llu bytes)\ndisk size: %s\n",
           block->path, block->format, img_human(block->sectors * BLOCK_SECTOR, size, sizeof(size)),
           (unsigned long long)block->sectors * BLOCK_SECTOR,
           img_human(disk_size(block), disk, sizeof(disk)));
    if (is_qcow2(block)) {
        if (qcow2_of(block)->header.incompatible & QCOW2_DIRTY)
            puts("cleanly shut down: no");
        human_qcow2(qcow2_of(block));
    }
}

static void json_snapshots(const struct qcow2 *q, const char *in)
{
    printf("%s\"snapshots\": [\n", in);
    for (u32 i = 0; i < q->header.snapshots; i++) {
        const struct qcow2_snapshot *s = &q->snapshots[i];

        printf("%s    {\n%s        \"vm-clock-nsec\": %llu,\n%s        \"name\": ", in, in,
               (unsigned long long)(s->clock % 1000000000), in);
        json_string(s->name);
        printf(",\n%s        \"date-sec\": %u,\n%s        \"date-nsec\": %u,\n"
               "%s        \"vm-clock-sec\": %llu,\n%s        \"id\": ",
               in, s->seconds, in, s->nanoseconds, in, (unsigned long long)(s->clock / 1000000000),
               in);
        json_string(s->id);
        if (s->icount != ~0ull)
            printf(",\n%s        \"icount\": %llu", in, (unsigned long long)s->icount);
        printf(",\n%s        \"vm-state-size\": %llu\n%s    }%s\n", in,
               (unsigned long long)s->vm_state_size, in, i + 1 < q->header.snapshots ? "," : "");
    }
    printf("%s],\n", in);
}

static void json_qcow2(const struct qcow2 *q, const char *in)
{
    const struct qcow2_header *h = &q->header;
    char path[4096];

    if (*h->base) {
        base_path(q, path, sizeof(path));
        printf("%s\"backing-filename\": ", in);
        json_string(h->base);
        printf(",\n%s\"full-backing-filename\": ", in);
        json_string(path);
        puts(",");
        if (*h->base_format)
            printf("%s\"backing-filename-format\": \"%s\",\n", in, h->base_format);
    }
    if (h->snapshots)
        json_snapshots(q, in);
    printf("%s\"cluster-size\": %u,\n", in, q->cluster);
    printf("%s\"format-specific\": {\n%s    \"type\": \"qcow2\",\n%s    \"data\": {\n"
           "%s        \"compat\": \"%s\",\n%s        \"compression-type\": \"%s\",\n",
           in, in, in, in, h->version < 3 ? "0.10" : "1.1", in, h->compression ? "zstd" : "zlib");
    if (h->version >= 3)
        printf("%s        \"lazy-refcounts\": %s,\n%s        \"corrupt\": %s,\n"
               "%s        \"extended-l2\": %s,\n",
               in, on(h->compatible & QCOW2_LAZY), in, on(h->incompatible & QCOW2_CORRUPT), in,
               on(q->units > 1));
    printf("%s        \"refcount-bits\": %u\n%s    }\n%s},\n", in, 1u << h->refcount_order, in, in);
}

static void json(struct block *block, const char *in)
{
    bool dirty = false;

    printf("%s\"virtual-size\": %llu,\n%s\"filename\": ", in,
           (unsigned long long)block->sectors * BLOCK_SECTOR, in);
    json_string(block->path);
    printf(",\n%s\"format\": \"%s\",\n%s\"actual-size\": %llu,\n", in, block->format, in,
           (unsigned long long)disk_size(block));
    if (is_qcow2(block)) {
        dirty = qcow2_of(block)->header.incompatible & QCOW2_DIRTY;
        json_qcow2(qcow2_of(block), in);
    }
    printf("%s\"dirty-flag\": %s\n", in, on(dirty));
}

int img_info(int argc, char **argv)
{
    static const struct option longs[] = {{"output", required_argument, NULL, 'O'},
                                          {"backing-chain", no_argument, NULL, 'C'},
                                          {NULL, 0, NULL, 0}};
    unsigned flags = BLOCK_READ_ONLY | BLOCK_AS_IT_IS | BLOCK_NO_BASE;
    const char *format = NULL;
    bool as_json = false, chain = false;
    struct block *block;
    int option;

    while ((option = getopt_long(argc, argv, "f:U", longs, NULL)) != -1)
        switch (option) {
        case 'f': format = optarg; break;
        case 'O':
            as_json = strcmp(optarg, "json") == 0;
            if (!as_json && strcmp(optarg, "human") != 0)
                return img_fail("--output=%s: give human or json", optarg);
            break;
        case 'C': chain = true; break;
        case 'U': flags |= BLOCK_NO_LOCK; break;
        default: return IMG_FAILED;
        }
    if (argc - optind != 1)
        return img_fail("info: give one file name");
    block = img_open(argv[optind], format, chain ? flags & ~BLOCK_NO_BASE : flags);
    if (!block)
        return IMG_FAILED;
    if (as_json)
        puts(chain ? "[\n    {" : "{");
    for (struct block *b = block; b; b = b->base) {
        if (as_json)
            json(b, chain ? "        " : "    ");
        else
            human(b);
        if (b->base)
            puts(as_json ? "    },\n    {" : "");
    }
    if (as_json)
        puts(chain ? "    }\n]" : "}");
    block_close(block);
    return 0;
}
