/* Reads ELF32 program headers. (System V ABI, chapter 5, and its i386 supplement)
 *
 * Nothing in the file is trusted: every segment that is accepted lies inside the file and inside
 * the 32-bit physical address space. Whether RAM is there is for the caller to check. */
#include "boot/elf.h"

#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static int bad(char *err, size_t err_len, const struct image *image, const char *what)
{
    snprintf(err, err_len, "'%s': %s", image->path, what);
    return -EINVAL;
}

bool elf_detect(const struct image *image)
{
    return image->size >= EI_NIDENT && memcmp(image->data, ELFMAG, SELFMAG) == 0;
}

static int read_header(Elf32_Ehdr *header, const struct image *image, char *err, size_t err_len)
{
    if (!elf_detect(image))
        return bad(err, err_len, image, "not an ELF file");
    if (image->data[EI_CLASS] == ELFCLASS64)
        return bad(err, err_len, image, "a 64-bit ELF file: this machine is a 32-bit PC");
    if (image->data[EI_CLASS] != ELFCLASS32 || image->data[EI_DATA] != ELFDATA2LSB)
        return bad(err, err_len, image, "the ELF file is not 32-bit little-endian");
    if (image->size < sizeof(*header))
        return bad(err, err_len, image, "the ELF file is cut short");
    memcpy(header, image->data, sizeof(*header));
    if (header->e_machine != EM_386)
        return bad(err, err_len, image, "the ELF file is not for the i386");
    if (header->e_type != ET_EXEC)
        return bad(err, err_len, image, "the ELF file is not an executable with fixed addresses");
    if (header->e_phnum == 0 || header->e_phentsize != sizeof(Elf32_Phdr))
        return bad(err, err_len, image, "the ELF file has no usable program headers");
    if (header->e_phoff > image->size ||
        (u64)header->e_phnum * sizeof(Elf32_Phdr) > image->size - header->e_phoff)
        return bad(err, err_len, image, "the ELF file is cut short");
    return 0;
}

static int add_segment(struct elf_plan *plan, const struct image *image, const Elf32_Phdr *ph,
                       char *err, size_t err_len)
{
    if (plan->count == ELF_SEGMENTS)
        return bad(err, err_len, image, "the ELF file has more than 32 segments to load");
    if (ph->p_filesz > ph->p_memsz)
        return bad(err, err_len, image, "an ELF segment is larger in the file than in memory");
    if (ph->p_filesz && (ph->p_offset > image->size || ph->p_filesz > image->size - ph->p_offset))
        return bad(err, err_len, image, "the ELF file is cut short");
    if ((u64)ph->p_paddr + ph->p_memsz > 1ull << 32)
        return bad(err, err_len, image, "an ELF segment reaches beyond 4 GiB");
    plan->segment[plan->count++] = (struct elf_segment){
        .address = ph->p_paddr,
        .size = ph->p_memsz,
        .file_size = ph->p_filesz,
        .file_start = ph->p_filesz ? ph->p_offset : 0,
    };
    return 0;
}

int elf_plan(struct elf_plan *plan, const struct image *image, char *err, size_t err_len)
{
    Elf32_Ehdr header;
    bool entry_found = false;
    int r;

    memset(plan, 0, sizeof(*plan));
    r = read_header(&header, image, err, err_len);
    if (r < 0)
        return r;
    for (unsigned i = 0; i < header.e_phnum; i++) {
        Elf32_Phdr ph;

        memcpy(&ph, image->data + header.e_phoff + i * sizeof(ph), sizeof(ph));
        if (ph.p_type != PT_LOAD || ph.p_memsz == 0)
            continue;
        r = add_segment(plan, image, &ph, err, err_len);
        if (r < 0)
            return r;
        /* e_entry is virtual; kernels that run high without paging have yet to learn that. */
        if (!entry_found && header.e_entry - ph.p_vaddr < ph.p_memsz) {
            plan->entry = header.e_entry - ph.p_vaddr + ph.p_paddr;
            entry_found = true;
        }
    }
    if (plan->count == 0)
        return bad(err, err_len, image, "the ELF file has nothing to load");
    for (unsigned i = 0; i < plan->count && !entry_found; i++) {
        if (header.e_entry - plan->segment[i].address < plan->segment[i].size) {
            plan->entry = header.e_entry;
            entry_found = true;
        }
    }
    if (!entry_found)
        return bad(err, err_len, image, "the ELF file's entry point is in none of its segments");
    return 0;
}
