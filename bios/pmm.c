/* The Plug and Play installation check ("$PnP") and the POST Memory Manager ("$PMM"), for option ROMs.
 *
 * Of Plug and Play there is only the version of the BIOS Boot Specification, by which ROMs know that their boot
 * entry is used and leave INT 19h alone. Both structures and the manager's table are in shadow RAM of segment F000;
 * a board without shows neither. Memory is what POST does not use itself: 128 KiB to 512 KiB, and from 2 MiB to what
 * the ACPI tables take. It is not cleared: a boot entry may still want it. Sources: Plug and Play BIOS
 * Specification 1.0A, 4.4; BIOS Boot Specification 1.01, 2.1; POST Memory Manager Specification 1.01, 3. */
#include "pmm.h"

#include "bda.h"
#include "services.h"

#define PNP_SIZE        0x21
#define PNP_VERSION     0x10
#define PNP_BBS_VERSION 0x60
#define BBS_1_01        0x0101
#define PNP_NO_SUCH     0x82
#define PMM_MARK        0x4d4d5024 /* "$PMM" */
#define PNP_MARK        0x506e5024
#define PMM_REVISION    0x01
#define PMM_SIZE        0x10

#define LOW_FIRST  0x20000u
#define LOW_END    0x80000u
#define HIGH_FIRST 0x200000u

enum { PMM_ALLOCATE, PMM_FIND, PMM_DEALLOCATE };
#define PMM_LOW     0x1
#define PMM_HIGH    0x2
#define PMM_ALIGNED 0x4
#define NO_HANDLE   0xffffffffu

/* entry.S's frame of a far call with arguments. */
struct far_call {
    REG_INDEX(di);
    REG_INDEX(si);
    REG_INDEX(bp);
    u32 esp;
    REG(b);
    REG(d);
    REG(c);
    REG(a);
    u16 gs, fs, es, ds, ip, cs, function;
    union {
        struct {
            u32 paragraphs, handle;
            u16 flags;
        } PACKED;
        u32 address;
        struct {
            u16 off, seg;
        } PACKED;
    };
} PACKED;

void pmm_service(struct far_call *call);
void pnp_service(struct far_call *call);

struct block {
    u32 base, size, handle; /* size 0: a free place of the table */
};
#define BLOCKS 8

static const u8 pnp[PNP_SIZE] __attribute__((section(".romdata"), aligned(16))) = {0};
static const u8 pmm[PMM_SIZE] __attribute__((section(".romdata"), aligned(16))) = {0};
static const struct block blocks[BLOCKS] ROMDATA __attribute__((aligned(16))) = {0};

extern const u8 pmm_entry[], pnp_entry[], pnp_entry_protected[];

u16 pnp_place(void)
{
    return (u16)(u32)pnp;
}

/* The sum of all bytes becomes 0. */
static void set_checksum(const u8 *table, unsigned size, unsigned at)
{
    u8 sum = 0;

    for (unsigned i = 0; i < size; i++)
        sum += rom8(table + i);
    far_write8(BIOS_SEG, (u16)(u32)table + at, (u8)-sum);
}

void pnp_make(void)
{
    u16 at = pnp_place();

    if (ebda->stack.seg == EBDA_SEG || rom8(pnp))
        return;
    far_write32(BIOS_SEG, at, PNP_MARK);
    far_write16(BIOS_SEG, at + 0x04, PNP_SIZE << 8 | PNP_VERSION);
    far_write16(BIOS_SEG, at + 0x0d, (u16)(u32)pnp_entry);
    far_write16(BIOS_SEG, at + 0x0f, BIOS_SEG);
    far_write16(BIOS_SEG, at + 0x11, (u16)(u32)pnp_entry_protected);
    far_write32(BIOS_SEG, at + 0x13, BIOS_SEG * 16u);
    far_write16(BIOS_SEG, at + 0x1b, BIOS_SEG);
    far_write32(BIOS_SEG, at + 0x1d, BIOS_SEG * 16u);
    set_checksum(pnp, PNP_SIZE, 0x08);
    at = (u16)(u32)pmm;
    far_write32(BIOS_SEG, at, PMM_MARK);
    far_write16(BIOS_SEG, at + 0x04, PMM_SIZE << 8 | PMM_REVISION);
    far_write16(BIOS_SEG, at + 0x07, (u16)(u32)pmm_entry);
    far_write16(BIOS_SEG, at + 0x09, BIOS_SEG);
    set_checksum(pmm, PMM_SIZE, 0x06);
}

void pmm_end(void)
{
    if (rom8(pmm))
        far_write32(BIOS_SEG, (u16)(u32)pmm, 0);
}

/* Function and arguments lie behind the return address. */
void pnp_service(struct far_call *call)
{
    if (call->function != PNP_BBS_VERSION) {
        call->ax = PNP_NO_SUCH;
        return;
    }
    far_write16(call->seg, call->off, BBS_1_01);
    call->ax = 0;
}

static u32 block_base(unsigned i)
{
    return rom32(&blocks[i].base);
}

static u32 block_size(unsigned i)
{
    return rom32(&blocks[i].size);
}

static void set_block(unsigned i, u32 base, u32 size, u32 handle)
{
    u16 at = (u16)(u32)&blocks[i];

    far_write32(BIOS_SEG, at, base);
    far_write32(BIOS_SEG, at + 4, size);
    far_write32(BIOS_SEG, at + 8, handle);
}

static u32 high_end(void)
{
    u32 end = 0x100000 + memory_extended_kib() * 1024;

    if (ebda->acpi_nvs_base && ebda->acpi_nvs_base < end)
        end = ebda->acpi_nvs_base;
    if (ebda->acpi_base && ebda->acpi_base < end)
        end = ebda->acpi_base;
    return end & ~0xfffu;
}

/* The highest place of size bytes in [first, end) that no block is in; 0: there is none. */
static u32 find_place(u32 first, u32 end, u32 size, u32 align)
{
    unsigned i;

    if (!size)
        return 0;
    do {
        if (end <= first || end - first < size)
            return 0;
        end = (end - size) & ~(align - 1); /* the place, if no block is in it */
        if (end < first)
            return 0;
        for (i = 0; i < BLOCKS; i++)
            if (block_size(i) && end < block_base(i) + block_size(i) && block_base(i) < end + size)
                break;
        if (i < BLOCKS)
            end = block_base(i);
    } while (i < BLOCKS);
    return end;
}

/* The largest size, in paragraphs: by halves, which is close enough to choose by. */
static u32 largest(u32 first, u32 end)
{
    u32 size = end > first ? end - first : 0;

    while (size && !find_place(first, end, size & ~15u, 16))
        size /= 2;
    return size / 16;
}

static u32 allocate(const struct far_call *call)
{
    u32 size = call->paragraphs * 16, align = 16, base = 0;

    if (!call->paragraphs)
        return call->flags & PMM_HIGH ? largest(HIGH_FIRST, high_end())
                                      : largest(LOW_FIRST, LOW_END);
    if (call->paragraphs >= 0x10000000)
        return 0;
    if (call->flags & PMM_ALIGNED)
        align = size & -size;
    if (call->flags & PMM_LOW)
        base = find_place(LOW_FIRST, LOW_END, size, align);
    if (!base && call->flags & PMM_HIGH)
        base = find_place(HIGH_FIRST, high_end(), size, align);
    for (unsigned i = 0; base && i < BLOCKS; i++)
        if (!block_size(i)) {
            set_block(i, base, size, call->handle);
            return base;
        }
    return 0;
}

static u32 find_handle(u32 handle)
{
    for (unsigned i = 0; i < BLOCKS && handle != NO_HANDLE; i++)
        if (block_size(i) && rom32(&blocks[i].handle) == handle)
            return block_base(i);
    return 0;
}

static u32 deallocate(u32 address)
{
    for (unsigned i = 0; i < BLOCKS; i++)
        if (block_size(i) && block_base(i) == address) {
            set_block(i, 0, 0, 0);
            return 0;
        }
    return 1;
}

/* The answer in DX:AX. */
void pmm_service(struct far_call *call)
{
    u32 answer = 0xffffffff;

    switch (call->function) {
    case PMM_ALLOCATE: answer = allocate(call); break;
    case PMM_FIND: answer = find_handle(call->address); break;
    case PMM_DEALLOCATE: answer = deallocate(call->address); break;
    }
    call->ax = (u16)answer;
    call->dx = (u16)(answer >> 16);
}
