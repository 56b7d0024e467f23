/* Loads ELF programs for i386, and their interpreters.
 *
 * A file is hostile: what its headers say is checked before anything is mapped, and never leaves the guest's space. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/user/elf32.h"

#define SEGMENTS_MOST 128
#define PIE_BASE                                                                                   \
    0x56555000u /* where an i386 program without a place of its own goes, as on an x86-64 kernel */

struct image {
    int fd;
    Elf32_Ehdr head;
    Elf32_Phdr segment[SEGMENTS_MOST];
    u64 file_size;
    char interpreter[4096];
};

static bool read_at(int fd, void *buf, size_t len, u64 offset)
{
    return pread(fd, buf, len, (off_t)offset) == (ssize_t)len;
}

bool elf_is_ours(const u8 *head, size_t len)
{
    Elf32_Ehdr h;

    if (len < sizeof(h))
        return false;
    memcpy(&h, head, sizeof(h));
    return !memcmp(h.e_ident, ELFMAG, SELFMAG) && h.e_ident[EI_CLASS] == ELFCLASS32 &&
           h.e_ident[EI_DATA] == ELFDATA2LSB && h.e_machine == EM_386 &&
           (h.e_type == ET_EXEC || h.e_type == ET_DYN);
}

/* What is wrong, or NULL. */
static const char *read_headers(struct image *image)
{
    struct stat st;

    if (fstat(image->fd, &st) < 0 || !S_ISREG(st.st_mode))
        return "is no regular file";
    image->file_size = (u64)st.st_size;
    if (read_at(image->fd, &image->head, 2, 0) && !memcmp(&image->head, "#!", 2))
        return "is a script: the program to run is its interpreter";
    if (!read_at(image->fd, &image->head, sizeof(image->head), 0) ||
        !elf_is_ours((const u8 *)&image->head, sizeof(image->head)))
        return "is no ELF program for i386";
    if (image->head.e_phentsize != sizeof(Elf32_Phdr) || image->head.e_phnum == 0 ||
        image->head.e_phnum > SEGMENTS_MOST)
        return "has bad program headers";
    if (!read_at(image->fd, image->segment, image->head.e_phnum * sizeof(Elf32_Phdr),
                 image->head.e_phoff))
        return "ends within its program headers";
    return NULL;
}

static const char *check_segments(struct image *image, u32 *low, u32 *high)
{
    *low = UINT32_MAX;
    *high = 0;
    for (unsigned i = 0; i < image->head.e_phnum; i++) {
        const Elf32_Phdr *p = &image->segment[i];

        if (p->p_type == PT_INTERP) {
            if (p->p_filesz < 2 || p->p_filesz > sizeof(image->interpreter) ||
                !read_at(image->fd, image->interpreter, p->p_filesz, p->p_offset) ||
                image->interpreter[p->p_filesz - 1])
                return "names no interpreter";
        }
        if (p->p_type != PT_LOAD || p->p_memsz == 0)
            continue;
        if (p->p_filesz > p->p_memsz || p->p_memsz > TASK_TOP ||
            p->p_vaddr > TASK_TOP - p->p_memsz || (p->p_vaddr - p->p_offset) & PAGE_MASK ||
            (u64)p->p_offset + p->p_filesz > UINT32_MAX)
            return "has a segment that cannot be";
        if ((p->p_vaddr & ~PAGE_MASK) < *low)
            *low = p->p_vaddr & ~PAGE_MASK;
        if (p->p_vaddr + p->p_memsz > *high)
            *high = p->p_vaddr + p->p_memsz;
    }
    return *high ? NULL : "has nothing to load";
}

static u32 prot_of(const Elf32_Phdr *p)
{
    return (p->p_flags & PF_R ? PROT_READ : 0) | (p->p_flags & PF_W ? PROT_WRITE : 0) |
           (p->p_flags & PF_X ? PROT_EXEC : 0);
}

static const char *map_segment(const struct image *image, const Elf32_Phdr *p, u32 bias)
{
    u32 start = p->p_vaddr + bias, in_page = start & PAGE_MASK, prot = prot_of(p);
    u32 file_end = start + p->p_filesz, end = start + p->p_memsz;
    u32 anonymous = (file_end + PAGE_MASK) & ~PAGE_MASK;

    if (p->p_filesz) {
        if (space_map(start - in_page, (u64)p->p_filesz + in_page, prot, MAP_PRIVATE | MAP_FIXED,
                      image->fd, p->p_offset - in_page) < 0)
            return "cannot be mapped";
    } else {
        anonymous = start - in_page;
    }
    if (end > file_end && p->p_filesz && (file_end & PAGE_MASK) && (prot & PROT_WRITE)) {
        u32 rest = PAGE_SIZE - (file_end & PAGE_MASK);

        if ((u64)p->p_offset + p->p_filesz > image->file_size)
            return "ends within a segment";
        memset(g2h(file_end), 0, rest); /* to the page's end: programs rely on it */
    }
    if (end > anonymous && space_map(anonymous, end - anonymous, prot,
                                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) < 0)
        return "has a segment that is too large";
    return NULL;
}

/* Maps all of it; *bias is what is added to its addresses. */
static const char *map_image(struct image *image, u32 at, u32 *bias, u32 *high)
{
    u32 low;
    const char *wrong = check_segments(image, &low, high);

    if (wrong)
        return wrong;
    *bias = 0;
    if (image->head.e_type == ET_DYN) {
        i64 place = space_map(at, *high - low, PROT_NONE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

        if (place < 0)
            return "does not fit into the address space";
        *bias = (u32)place - low;
    }
    for (unsigned i = 0; i < image->head.e_phnum && !wrong; i++)
        if (image->segment[i].p_type == PT_LOAD && image->segment[i].p_memsz)
            wrong = map_segment(image, &image->segment[i], *bias);
    *high += *bias;
    return wrong;
}

/* Where the program headers are in memory; 0: nowhere. */
static u32 find_headers(const struct image *image, u32 bias)
{
    for (unsigned i = 0; i < image->head.e_phnum; i++) {
        const Elf32_Phdr *p = &image->segment[i];

        if (p->p_type == PT_LOAD && image->head.e_phoff >= p->p_offset &&
            image->head.e_phoff < p->p_offset + p->p_filesz)
            return bias + p->p_vaddr + (image->head.e_phoff - p->p_offset);
    }
    return 0;
}

static int load_interpreter(const char *path, struct program *program, char *err, size_t err_len)
{
    char name[4096];
    struct image image = {0};
    const char *wrong;
    u32 bias, high;

    path_resolve(name, sizeof(name), path, true);
    image.fd = open(name, O_RDONLY | O_CLOEXEC);
    if (image.fd < 0) {
        snprintf(err, err_len, "its interpreter %s: %s%s", name, strerror(errno),
                 errno == ENOENT ? ": -L names where i386 libraries are" : "");
        return -ENOENT;
    }
    wrong = read_headers(&image);
    if (!wrong)
        wrong = map_image(&image, 0, &bias, &high);
    close(image.fd);
    if (wrong) {
        snprintf(err, err_len, "its interpreter %s %s", name, wrong);
        return -ELIBBAD;
    }
    program->interp_base = bias;
    program->start = bias + image.head.e_entry;
    return 0;
}

int elf_load(const char *path, int fd, struct program *program, char *err, size_t err_len)
{
    struct image image = {.fd = fd};
    const char *wrong = read_headers(&image);
    u32 bias = 0, high = 0;

    *program = (struct program){0};
    for (unsigned i = 0; !wrong && i < image.head.e_phnum; i++)
        if (image.segment[i].p_type == PT_GNU_STACK) {
            program->stack_named = true;
            program->exec_stack = image.segment[i].p_flags & PF_X;
        }
    if (!wrong && !program->stack_named) {
        program->exec_stack = true;
        process.personality |= 0x0400000; /* READ_IMPLIES_EXEC */
    }
    if (!wrong)
        wrong = map_image(&image, PIE_BASE, &bias, &high);
    if (wrong) {
        snprintf(err, err_len, "%s %s", path, wrong);
        return -ENOEXEC;
    }
    program->load_base = bias;
    program->entry = program->start = bias + image.head.e_entry;
    program->phdr = find_headers(&image, bias);
    program->phnum = image.head.e_phnum;
    program->brk = (high + PAGE_MASK) & ~PAGE_MASK;
    return image.interpreter[0] ? load_interpreter(image.interpreter, program, err, err_len) : 0;
}
