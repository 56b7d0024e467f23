/* Puts the vDSO into the guest. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>

#include "tools/user/elf32.h"

extern const u8 vdso_image[], vdso_image_end[]; /* vdso_image.S */

#define APART 16 /* ORDER vdso_guest.S */

void vdso_load(void)
{
    u32 size = (u32)(vdso_image_end - vdso_image);
    const Elf32_Ehdr *head = (const Elf32_Ehdr *)vdso_image;
    i64 at = space_map(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (at < 0)
        user_error("no memory for the vDSO");
    memcpy(g2h((u32)at), vdso_image, size);
    space_protect((u32)at, size, PROT_READ | PROT_EXEC);
    process.vdso = (u32)at;
    process.vsyscall = (u32)at + head->e_entry;
    process.sigreturn = process.vsyscall + APART;
    process.rt_sigreturn = process.vsyscall + 2 * APART;
}
