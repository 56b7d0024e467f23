/* A folder of the host, and what FAT's folders say of it: short names, and long ones in front of them where those do not
 * tell all. Source: Microsoft's FAT specification 1.03, "FAT Directory Structure" and "FAT Long Directory Entries". */
#define _GNU_SOURCE /* openat, fdopendir */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "devices/block/fat.h"

#define ENTRY        32u
#define ENTRIES_MAX  65536u /* of a folder */
#define DEPTH_MAX    32u
#define NODES_MAX    60000u
#define ATTR_FOLDER  0x10
#define ATTR_ARCHIVE 0x20
#define ATTR_LONG    0x0f
#define LONG_PART    13u /* characters in an entry */
#define LONG_LAST    0x40
#define NAME_MAX_FAT 255u

struct walk {
    unsigned nodes, left_out;
    int error;
    char *failed; /* the path that has it */
};

static void give_up(struct walk *w, const char *path, int error)
{
    if (w->error)
        return;
    w->error = error;
    w->failed = strdup(path);
}

/* What FAT can have in a long name; beyond ASCII nothing, as the code pages differ. */
static bool is_nameable(const char *name)
{
    size_t len = strlen(name);

    for (const char *c = name; *c; c++)
        if (*c < ' ' || *c > '~' || strchr("\"*/:<>?\\|", *c))
            return false;
    return len && len <= NAME_MAX_FAT && name[len - 1] != ' ' && name[len - 1] != '.';
}

/* Fills in what is before and behind the last dot, as far as it goes. True: that is the whole name. */
static bool fill_short(const char *name, u8 *to)
{
    const char *dot = strrchr(name, '.');
    size_t base = dot && dot != name ? (size_t)(dot - name) : strlen(name), n = 0;
    bool whole = true;

    memset(to, ' ', 11);
    for (size_t i = 0; name[i]; i++) {
        char c = (char)toupper((unsigned char)name[i]);
        bool extension = i > base;

        if (i == base)
            n = 8;
        if (i == base && name[i] == '.')
            continue;
        if (c == ' ' || c == '.' || n >= (extension ? 11u : 8u)) {
            whole = false;
            continue;
        }
        if (strchr("+,;=[]", c)) {
            c = '_';
            whole = false;
        }
        to[n++] = (u8)c;
    }
    return whole;
}

static bool is_taken(const struct fat_node *node, unsigned count, const u8 *name)
{
    for (unsigned i = 0; i < count; i++)
        if (memcmp(node->short_names[i], name, 11) == 0)
            return true;
    return false;
}

/* The short name of child i, which none before it has: NAME~1 and so on. */
static void make_short(struct fat_node *node, unsigned i)
{
    u8 *to = node->short_names[i], base[11];
    bool whole = fill_short(node->children[i]->name, to);

    memcpy(base, to, 11);
    for (unsigned n = 1; (!whole || is_taken(node, i, to)) && n < 1000000; n++) {
        char tail[9];
        int len = snprintf(tail, sizeof(tail), "~%u", n), at = 8 - len;

        whole = true;
        memcpy(to, base, 11);
        while (at > 0 && base[at - 1] == ' ')
            at--;
        memcpy(to + at, tail, (size_t)len);
    }
}

/* Whether the short name, as it is shown, is the name. */
static bool is_short(const struct fat_node *node, unsigned i)
{
    const u8 *s = node->short_names[i];
    char shown[13];
    size_t n = 0;

    for (unsigned k = 0; k < 8 && s[k] != ' '; k++)
        shown[n++] = (char)s[k];
    if (s[8] != ' ')
        shown[n++] = '.';
    for (unsigned k = 8; k < 11 && s[k] != ' '; k++)
        shown[n++] = (char)s[k];
    shown[n] = '\0';
    return strcmp(shown, node->children[i]->name) == 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(struct fat_node *const *)a)->name, (*(struct fat_node *const *)b)->name);
}

static struct fat_node *read_node(struct walk *w, const char *path, const char *name,
                                  unsigned depth);

/* The names of a folder, each as a child. */
static void read_children(struct walk *w, struct fat_node *node, unsigned depth)
{
    DIR *dir = opendir(node->path);
    struct dirent *entry;

    if (!dir) {
        give_up(w, node->path, errno);
        return;
    }
    while (!w->error && (entry = readdir(dir)) != NULL) {
        struct fat_node *child, **room;
        char *path;

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (!is_nameable(entry->d_name)) {
            w->left_out++;
            continue;
        }
        if (asprintf(&path, "%s/%s", node->path, entry->d_name) < 0) {
            give_up(w, node->path, ENOMEM);
            break;
        }
        child = read_node(w, path, entry->d_name, depth + 1);
        free(path);
        room = child ? realloc(node->children, (node->count + 1) * sizeof(*room)) : NULL;
        if (!room) {
            if (child)
                give_up(w, node->path, ENOMEM);
            fat_tree_free(child);
            continue;
        }
        node->children = room;
        node->children[node->count++] = child;
    }
    closedir(dir);
}

/* Of name, size and time, and of what is in a folder. */
static u64 stamp_of(const struct fat_node *node, const struct stat *st)
{
    u64 stamp = node->size;

    for (const char *c = node->name; *c; c++)
        stamp = file_stamp_add(stamp, (u8)*c);
    stamp = file_stamp_add(stamp, (u64)st->st_mtim.tv_sec);
    stamp = file_stamp_add(stamp, (u64)st->st_mtim.tv_nsec);
    for (unsigned i = 0; i < node->count; i++)
        stamp = file_stamp_add(stamp, node->children[i]->stamp);
    return stamp;
}

/* NULL: it is left out, or w->error says why not. */
static struct fat_node *read_node(struct walk *w, const char *path, const char *name,
                                  unsigned depth)
{
    struct fat_node *node;
    struct stat st;

    if ((depth ? lstat(path, &st) : stat(path, &st)) < 0) {
        give_up(w, path, errno);
        return NULL;
    }
    if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)) {
        w->left_out++;
        return NULL;
    }
    node = calloc(1, sizeof(*node));
    if (node)
        node->path = strdup(path);
    if (!node || !node->path || ++w->nodes > NODES_MAX || depth > DEPTH_MAX ||
        (S_ISREG(st.st_mode) && st.st_size > INT32_MAX)) {
        give_up(w, path, !node || !node->path ? ENOMEM : EFBIG);
        fat_tree_free(node);
        return NULL;
    }
    snprintf(node->name, sizeof(node->name), "%s", name);
    node->folder = S_ISDIR(st.st_mode);
    node->size = node->folder ? 0 : (u32)st.st_size;
    node->mtime = st.st_mtime;
    if (node->folder)
        read_children(w, node, depth);
    if (node->count)
        qsort(node->children, node->count, sizeof(struct fat_node *), by_name);
    node->stamp = stamp_of(node, &st);
    if (!node->folder)
        return node;
    node->short_names = calloc(node->count + 1, sizeof(*node->short_names));
    if (!node->short_names)
        give_up(w, path, ENOMEM);
    for (unsigned i = 0; node->short_names && i < node->count; i++)
        make_short(node, i);
    if (node->short_names && fat_folder_size(node, depth > 0) > ENTRIES_MAX * ENTRY)
        give_up(w, path, EFBIG);
    return node;
}

struct fat_node *fat_tree_read(const char *folder, unsigned *left_out, char *err, size_t err_len)
{
    struct walk w = {0};
    struct fat_node *root = read_node(&w, folder, "", 0);

    if (!w.error && !root->folder)
        give_up(&w, folder, ENOTDIR);
    *left_out = w.left_out;
    if (w.error) {
        snprintf(err, err_len, "fat: '%s': %s", w.failed ? w.failed : folder,
                 w.error == EFBIG ? "too large, too deep or too many for a FAT disk"
                                  : strerror(w.error));
        fat_tree_free(root);
        root = NULL;
    }
    free(w.failed);
    return root;
}

void fat_tree_free(struct fat_node *node)
{
    if (!node)
        return;
    for (unsigned i = 0; i < node->count; i++)
        fat_tree_free(node->children[i]);
    free(node->children);
    free(node->short_names);
    free(node->path);
    free(node);
}

static unsigned long_entries(const struct fat_node *node, unsigned i)
{
    return is_short(node, i)
               ? 0
               : (unsigned)((strlen(node->children[i]->name) + LONG_PART - 1) / LONG_PART);
}

u32 fat_folder_size(const struct fat_node *node, bool dots)
{
    u32 entries = dots ? 2 : 1; /* or the disk's name */

    for (unsigned i = 0; i < node->count; i++)
        entries += 1 + long_entries(node, i);
    return entries * ENTRY;
}

/* FAT's local time, in steps of two seconds from 1980 on. */
static void put_time(u8 *p, i64 seconds)
{
    time_t time = (time_t)seconds;
    struct tm tm = {.tm_year = 80, .tm_mday = 1};

    if (localtime_r(&time, &tm) && (tm.tm_year < 80 || tm.tm_year > 207))
        tm = (struct tm){.tm_year = 80, .tm_mday = 1};
    put16(p, (u16)(tm.tm_hour << 11 | tm.tm_min << 5 | (tm.tm_sec > 58 ? 29 : tm.tm_sec / 2)));
    put16(p + 2, (u16)((tm.tm_year - 80) << 9 | (tm.tm_mon + 1) << 5 | tm.tm_mday));
}

static u8 *put_entry(u8 *p, const void *name, const struct fat_node *node, u32 cluster)
{
    memcpy(p, name, 11);
    p[11] = node->folder ? ATTR_FOLDER : ATTR_ARCHIVE;
    put_time(p + 22, node->mtime);
    put16(p + 26, (u16)cluster);
    put32(p + 28, node->folder ? 0 : node->size);
    return p + ENTRY;
}

static u8 sum_of(const u8 *name)
{
    u8 sum = 0;

    for (unsigned i = 0; i < 11; i++)
        sum = (u8)((sum >> 1 | sum << 7) + name[i]);
    return sum;
}

/* The last part comes first; behind the name is one zero, then ones. */
static u8 *put_long(u8 *p, const char *name, unsigned parts, u8 sum)
{
    static const u8 places[LONG_PART] = {1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30};
    size_t len = strlen(name);

    for (unsigned part = parts; part; part--, p += ENTRY) {
        p[0] = (u8)(part | (part == parts ? LONG_LAST : 0));
        p[11] = ATTR_LONG;
        p[13] = sum;
        for (unsigned i = 0; i < LONG_PART; i++) {
            size_t at = (part - 1) * LONG_PART + i;

            put16(p + places[i], at < len ? (u8)name[at] : at == len ? 0 : 0xffff);
        }
    }
    return p;
}

void fat_folder_fill(const struct fat_node *node, bool dots, u32 parent, u8 *data)
{
    u8 *p = data;

    memset(data, 0, fat_folder_size(node, dots));
    if (dots) {
        p = put_entry(p, ".          ", node, node->cluster);
        p = put_entry(p, "..         ", node, parent);
    } else {
        p = put_entry(p, "PAGEWALK   ", node, 0);
        p[-(int)ENTRY + 11] = 0x08; /* the disk's name */
    }
    for (unsigned i = 0; i < node->count; i++) {
        const struct fat_node *child = node->children[i];
        unsigned parts = long_entries(node, i);

        if (parts)
            p = put_long(p, child->name, parts, sum_of(node->short_names[i]));
        p = put_entry(p, node->short_names[i], child, child->clusters ? child->cluster : 0);
    }
}
