/* Option ROMs in POST: those that lie in C0000-DFFFF, and those of PCI cards, which are copied behind them.
 *
 * A ROM may become shorter in its initialisation; the next one begins where it ends then. What it can boot by itself
 * (a boot entry vector: network cards) is kept for INT 19h; disks that it brings are hooked at the end. Where the last
 * is DF80 and nothing is shadowed, cards' ROMs are left alone. Sources: PCI 2.1, 6.3; Plug and Play BIOS Specification
 * 1.0A, 3; BIOS Boot Specification 1.01, 3. */
#include "optrom.h"

#include "bda.h"
#include "flat/post32.h"
#include "pmm.h"
#include "services.h"

#define ROM_FIRST 0xc000
#define ROM_LAST  0xdf80
#define ROM_END   0xe000
#define ROM_STEP  0x80 /* 2 KiB */
#define ROM_MARK  0xaa55
#define NO_CSN    0xffff /* nor a port for ISA Plug and Play */

static u16 rom_next(u16 seg)
{
    return seg + ((far_read8(seg, 2) * 32u + ROM_STEP - 1) & ~(ROM_STEP - 1));
}

bool rom_valid(u16 seg)
{
    u32 size = (u32)far_read8(seg, 2) * 512;
    u8 sum = 0;

    if (far_read16(seg, 0) != ROM_MARK || !size || ((u32)seg << 4) + size > ROM_END * 16u)
        return false;
    for (u32 i = 0; i < size; i += 4) {
        u32 four = far_read32(seg + (u16)(i >> 4 & 0xf000), (u16)i);

        four = (four & 0x00ff00ff) + (four >> 8 & 0x00ff00ff);
        sum += (u8)four + (u8)(four >> 16);
    }
    return sum == 0;
}

static void rom_call(u16 seg, u16 off, u16 pci_function, bool irq)
{
    struct regs r;

    memset(&r, 0, sizeof(r));
    r.ax = pci_function;
    r.bx = r.dx = NO_CSN;
    r.es = BIOS_SEG;
    r.di = pnp_place();
    r.flags = irq ? FLAG_IF : 0;
    call_far(seg, off, &r);
    if (irq)
        irq_enable();
}

void rom_init(u16 seg, u16 pci_function, bool irq)
{
    rom_call(seg, 3, pci_function, irq);
}

/* The next expansion header of the ROM with the field, from `at` on; 0: there is none. */
static u16 find_header(u16 seg, u16 at, u8 field)
{
    for (unsigned i = 0; i < 8 && at; i++) {
        if (far_read32(seg, at) != PNP_MARK)
            break;
        if (far_read16(seg, at + field))
            return at;
        at = (u16)(far_read16(seg, at + PNP_NEXT) * 16u);
    }
    return 0;
}

/* In POST ROMs reach all memory, which the memory manager gives them anywhere. (PMM 1.01, 3.2.4) */
static void rom_start(u16 seg, u16 pci_function)
{
    pnp_make();
    big_real(true);
    rom_init(seg, pci_function, true);
    big_real(false);
}

static void keep_boot_entries(u16 seg)
{
    u16 at = find_header(seg, far_read16(seg, PNP_HEADER), PNP_BEV);

    while (at && ebda->rom_boots < ARRAY_SIZE(ebda->rom_boot)) {
        ebda->rom_boot[ebda->rom_boots].seg = seg;
        ebda->rom_boot[ebda->rom_boots++].header = at;
        at = find_header(seg, (u16)(far_read16(seg, at + PNP_NEXT) * 16u), PNP_BEV);
    }
}

static void hook_disks(u16 last)
{
    for (u16 seg = rom_next(ROM_FIRST); seg < last; seg = rom_next(seg)) {
        u16 at = far_read16(seg, 0) == ROM_MARK
                     ? find_header(seg, far_read16(seg, PNP_HEADER), PNP_BCV)
                     : 0;

        if (at)
            rom_call(seg, far_read16(seg, at + PNP_BCV), 0, true);
        if (far_read16(seg, 0) != ROM_MARK)
            break;
    }
}

/* Those that the board has placed; where the last one ends. */
static u16 init_placed(u16 seg)
{
    u16 end = seg;

    while (seg <= ROM_LAST) {
        if (!rom_valid(seg)) {
            seg += ROM_STEP;
            continue;
        }
        rom_start(seg, 0);
        keep_boot_entries(seg);
        end = seg = rom_next(seg);
    }
    return end;
}

/* Cards' ROMs one after the other, as long as there is room. */
static u16 init_cards(u16 seg)
{
    struct pci_rom rom;
    struct post32 p;

    memset(&rom, 0, sizeof(rom));
    memset(&p, 0, sizeof(p));
    p.rom = (u32)&rom;
    while (ebda->pci && seg <= ROM_LAST) {
        rom.to = seg * 16u;
        rom.room = (ROM_END - seg) * 16u;
        call32(POST32_ENTRY, (u32)&p);
        if (!rom.found)
            break;
        if (!rom_valid(seg))
            continue;
        rom_start(seg, rom.function);
        keep_boot_entries(seg);
        seg = rom_next(seg);
    }
    return seg;
}

void roms_init(void)
{
    u16 first = far_read16(ROM_FIRST, 0) == ROM_MARK ? rom_next(ROM_FIRST) : ROM_FIRST;

    hook_disks(init_cards(init_placed(first)));
    pmm_end();
}

static u16 entry_header(u8 number)
{
    return ebda->rom_boot[number].header;
}

void rom_boot(u8 number)
{
    u16 seg = ebda->rom_boot[number].seg;

    rom_call(seg, far_read16(seg, entry_header(number) + PNP_BEV), 0, true);
}

void rom_show_name(u8 number)
{
    u16 seg = ebda->rom_boot[number].seg;
    u16 name = far_read16(seg, entry_header(number) + PNP_PRODUCT);
    u8 c;

    for (unsigned i = 0; name && i < 60 && (c = far_read8(seg, (u16)(name + i))) != 0; i++)
        put_char(c);
}
