/* ELF cores: the headers of a file with memory and one processor's registers. */
#include "devices/monitor/core.h"

#include <elf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define NOTE_NAME    "CORE"
#define PRSTATUS     144 /* bytes of i386's struct elf_prstatus; */
#define PRSTATUS_PID 24  /* its process, */
#define PRSTATUS_REG 72  /* and its registers */
#define NOTE         (12 + 8 + PRSTATUS)

int core_write(int fd, const void *data, size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t n = write(fd, (const u8 *)data + done, len - done);

        if (n < 0 && errno != EINTR)
            return -errno;
        done += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

static void fill_note(u8 note[NOTE], const u32 reg[CORE_REGISTERS])
{
    Elf32_Nhdr header = {sizeof(NOTE_NAME), PRSTATUS, NT_PRSTATUS};
    const u32 pid = 1; /* debuggers pass over a thread 0 */

    memset(note, 0, NOTE);
    memcpy(note, &header, sizeof(header));
    memcpy(note + 12, NOTE_NAME, sizeof(NOTE_NAME));
    memcpy(note + 20 + PRSTATUS_PID, &pid, sizeof(pid));
    memcpy(note + 20 + PRSTATUS_REG, reg, CORE_REGISTERS * sizeof(*reg));
}

/* Where in the file the page at pa is. */
static u64 file_offset(const struct core_segment *segment, unsigned ram, u64 pa)
{
    for (unsigned i = 0; i < ram; i++)
        if (pa - segment[i].pa < segment[i].size)
            return segment[i].offset + (pa - segment[i].pa);
    return 0;
}

int core_headers(int fd, struct core_segment *segment, unsigned segments, unsigned ram,
                 const u32 reg[CORE_REGISTERS])
{
    u8 note[NOTE];
    unsigned first = segments > ram ? ram : 0, count = segments - first + 1;
    u64 notes_at = sizeof(Elf32_Ehdr) + (u64)count * sizeof(Elf32_Phdr);
    u64 at = (notes_at + sizeof(note) + CORE_PAGE - 1) & ~(u64)(CORE_PAGE - 1);
    Elf32_Ehdr header = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_CORE,
        .e_machine = EM_386,
        .e_version = EV_CURRENT,
        .e_phoff = sizeof(Elf32_Ehdr),
        .e_ehsize = sizeof(Elf32_Ehdr),
        .e_phentsize = sizeof(Elf32_Phdr),
        .e_phnum = (u16)count,
    };
    Elf32_Phdr part = {.p_type = PT_NOTE,
                       .p_offset = (u32)notes_at,
                       .p_filesz = sizeof(note),
                       .p_memsz = sizeof(note)};
    int r = core_write(fd, &header, sizeof(header));

    for (unsigned i = 0; i < ram; i++) {
        segment[i].offset = at;
        at += segment[i].size;
    }
    if (r == 0)
        r = core_write(fd, &part, sizeof(part));
    for (unsigned i = first; i < segments && r == 0; i++) {
        const struct core_segment *s = &segment[i];

        part = (Elf32_Phdr){.p_type = PT_LOAD,
                            .p_flags = PF_R | PF_W | PF_X,
                            .p_offset = (u32)file_offset(segment, ram, s->pa),
                            .p_vaddr = (u32)s->la,
                            .p_paddr = (u32)s->pa,
                            .p_filesz = (u32)s->size,
                            .p_memsz = (u32)s->size};
        r = core_write(fd, &part, sizeof(part));
    }
    fill_note(note, reg);
    return r < 0 ? r : core_write(fd, note, sizeof(note));
}
