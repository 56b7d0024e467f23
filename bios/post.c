/* POST: from the reset vector to INT 19h. Runs on POST_STACK.
 *
 * Order: data areas, vectors, chips, keyboard; 32-bit set-up (shadow RAM, PCI, ACPI); the display
 * adapter's ROM, which makes text possible; drives; other ROMs; a kernel that waits, or INT 19h.
 * Port 80h has the step, for a machine that stops in one. */
#include "services.h"

#include "a20.h"
#include "bda.h"
#include "config.h"
#include "drives.h"
#include "flat/mp.h"
#include "flat/post32.h"
#include "flat/smbios.h"
#include "kbc.h"
#include "optrom.h"

#define POST_PORT 0x80

#define SHADOW_STACK_SEG  0xef00
#define SHADOW_STACK_SIZE 0x1000

#define CMOS_FLOPPY  0x10
#define CMOS_EQUIP   0x14
#define CMOS_BOOT3   0x38
#define CMOS_BOOT12  0x3d
#define EQUIP_NO_VGA 0x30 /* monochrome; 0: an adapter with its own ROM */

#define VGA_ROM_SEG 0xc000

extern const u8 entry_00[], entry_06[], entry_07[], entry_0c[], entry_0d[], entry_02[], entry_08[],
    entry_09[], entry_0e[], entry_10[], entry_11[], entry_12[], entry_13[], entry_14[], entry_15[],
    entry_16[], entry_17[], entry_18[], entry_19[], entry_1a[], entry_40[], entry_70[], entry_74[],
    entry_75[], entry_76[], entry_irq[], entry_irq2[], entry_iret[], video_table[],
    diskette_table[], entry_10_serial[];

/* The classical entry points, which programs of old compare with. */
static const struct {
    u8 vector;
    u16 offset;
} fixed_vectors[] ROMDATA = {
    {0x02, 0xe2c3}, {0x05, 0xff54}, {0x08, 0xfea5}, {0x09, 0xe987}, {0x0e, 0xef57},
    {0x10, 0xf065}, {0x11, 0xf84d}, {0x12, 0xf841}, {0x13, 0xe3fe}, {0x14, 0xe739},
    {0x15, 0xf859}, {0x16, 0xe82e}, {0x17, 0xefd2}, {0x19, 0xe6f2}, {0x1a, 0xfe6e},
    {0x1d, 0xf0a4}, {0x1e, 0xefc7}, {0x40, 0xec59}, {0x42, 0xf065}, {0x6d, 0xf065},
};

static void init_vectors(void)
{
    for (unsigned i = 0; i < 0x100; i++)
        set_vector(i, entry_iret);
    for (unsigned i = 0x60; i < 0x68; i++) /* left to programs: 0 */
        set_vector_far(i, 0, 0);
    for (unsigned i = 0x08; i < 0x10; i++)
        set_vector(i, entry_irq);
    for (unsigned i = 0x70; i < 0x78; i++)
        set_vector(i, entry_irq2);
    for (unsigned i = 0; i < ARRAY_SIZE(fixed_vectors); i++)
        set_vector_far(rom8(&fixed_vectors[i].vector), BIOS_SEG, rom16(&fixed_vectors[i].offset));
    set_vector(0x00, entry_00);
    set_vector(0x06, entry_06);
    set_vector(0x07, entry_07);
    set_vector(0x0c, entry_0c);
    set_vector(0x0d, entry_0d);
    set_vector(0x18, entry_18);
    set_vector(0x70, entry_70);
    set_vector(0x74, entry_74);
    set_vector(0x75, entry_75);
    set_vector(0x76, entry_76);
    set_vector_far(0x1f, 0, 0); /* upper half of the 8x8 font: the display adapter's */
    set_vector_far(0x41, 0, 0);
    set_vector_far(0x46, 0, 0);
}

/* The services' stack is where no program has anything: in shadow RAM above the BIOS's 32-bit code. A
 * board without has a small one in the EBDA. */
void stack_init(void)
{
    bool shadow;

    far_write16(SHADOW_STACK_SEG, 0, 0x55aa);
    shadow = far_read16(SHADOW_STACK_SEG, 0) == 0x55aa;
    far_write16(SHADOW_STACK_SEG, 0, 0);
    shadow = shadow && far_read16(SHADOW_STACK_SEG, 0) == 0;
    ebda->stack.seg = shadow ? SHADOW_STACK_SEG : EBDA_SEG;
    ebda->stack.low = shadow ? 0 : EBDA_STACK_LOW;
    ebda->stack.pos = shadow ? SHADOW_STACK_SIZE : EBDA_STACK_POS;
    ebda->stack.mark = OWN_MAGIC;
}

static void init_data(void)
{
    u16 warm = bda->reset_flag;

    for (unsigned i = 0; i < 0x200; i += 4)
        far_write32(BDA_SEG, i, 0);
    bda->ebda_seg = EBDA_SEG;
    for (unsigned i = 0; i < 0x400; i += 4)
        far_write32(EBDA_SEG, i, 0);
    if (warm == 0x1234)
        bda->reset_flag = warm;
    ebda->size_kib = 1;
    bda->memory_kib = EBDA_SEG >> 6;
    bda->kbd_head = bda->kbd_tail = bda->kbd_start = offsetof(struct bios_data, kbd_buf);
    bda->kbd_end = bda->kbd_start + sizeof(bda->kbd_buf);
    for (unsigned i = 0; i < 4; i++) {
        bda->lpt_timeout[i] = 20;
        bda->com_timeout[i] = 1;
    }
}

/* 8259A pair: edge-triggered, vectors 08h and 70h, all masked but the cascade, timer and keyboard. */
static void init_pic(void)
{
    outb(0x20, 0x11);
    outb(0xa0, 0x11);
    outb(0x21, 0x08);
    outb(0xa1, 0x70);
    outb(0x21, 0x04);
    outb(0xa1, 0x02);
    outb(0x21, 0x01);
    outb(0xa1, 0x01);
    outb(0x21, 0xb8); /* 0, 1, 2 and 6 open */
    outb(0xa1, 0x9f); /* 13 and 14 */
}

static void init_timer(void)
{
    outb(0x43, 0x34); /* counter 0: 65536, 18.2 Hz */
    outb(0x40, 0);
    outb(0x40, 0);
    outb(0x43, 0x54); /* counter 1: memory refresh */
    outb(0x41, 18);
    outb(0x43, 0xb6); /* counter 2: the speaker, silent */
    outb(0x42, 0x33);
    outb(0x42, 0x05);
    outb(0x61, inb(0x61) & 0xfc);
}

/* DMA controllers: reset, channel 4 cascades. */
static void init_dma(void)
{
    outb(0x0d, 0);
    outb(0xda, 0);
    outb(0xd6, 0xc0);
    outb(0xd4, 0x00);
}

/* A port is there when its scratch register, or without one the interrupt enable's upper half, says. */
static bool have_com(u16 port)
{
    u8 ier = inb(port + 1), iir = inb(port + 2);

    return !(ier & 0xf0) && !(iir & 0x30) && !(inb(port + 4) & 0xe0);
}

static bool have_lpt(u16 port)
{
    outb(port + 2, 0x0c);
    outb(port, 0xaa);
    if (inb(port) != 0xaa)
        return false;
    outb(port, 0x55);
    return inb(port) == 0x55;
}

static const u16 com_ports[] ROMDATA = {0x3f8, 0x2f8, 0x3e8, 0x2e8};
static const u16 lpt_ports[] ROMDATA = {0x3bc, 0x378, 0x278};

static void init_ports(void)
{
    unsigned coms = 0, lpts = 0;

    for (unsigned i = 0; i < ARRAY_SIZE(com_ports); i++)
        if (have_com(rom16(&com_ports[i])))
            bda->com[coms++] = rom16(&com_ports[i]);
    for (unsigned i = 0; i < ARRAY_SIZE(lpt_ports); i++)
        if (have_lpt(rom16(&lpt_ports[i])))
            bda->lpt[lpts++] = rom16(&lpt_ports[i]);
    bda->equipment |= (u16)(coms << 9 | lpts << 14);
}

static void init_equipment(void)
{
    u8 cmos = cmos_read(CMOS_EQUIP), floppy = cmos_read(CMOS_FLOPPY);
    u16 floppies = (floppy >> 4 != 0) + ((floppy & 15) != 0);

    bda->equipment = (cmos & (EQUIP_FPU | EQUIP_NO_VGA)) | EQUIP_VIDEO80;
    if (floppies)
        bda->equipment |= EQUIP_FLOPPY | (u16)((floppies - 1) << 6);
    /* MP set, EM and TS clear; IRQ 13 is unmasked by the mask of init_pic */
    if (cmos & EQUIP_FPU)
        __asm__ volatile("movl %%cr0, %%eax\n\tandb $0xf3, %%al\n\torb $2, %%al\n\t"
                         "movl %%eax, %%cr0\n\tfninit" ::
                             : "eax");
}

static void set_text_mode(void)
{
    struct regs r;

    memset(&r, 0, sizeof(r));
    r.ax = 0x0003;
    call_int(0x10, &r);
}

static u8 drive_letter(u8 code)
{
    switch (code & 15) {
    case 1: return 'a';
    case 2: return 'c';
    case 3: return 'd';
    case 4: return 'n';
    }
    return 0;
}

static void read_config(void)
{
    u8 order[CONFIG_BOOTS] = {0};
    unsigned n = 0;

    if (config_present()) {
        u8 flags = config_read(CONFIG_FLAGS);

        for (unsigned i = 0; i < CONFIG_BOOTS; i++)
            order[i] = config_read(CONFIG_BOOT + i);
        ebda->serial_console = (flags & CONFIG_FLAG_SERIAL) != 0;
        ebda->boot_menu = (flags & CONFIG_FLAG_BOOTMENU) != 0;
    } else {
        order[0] = drive_letter(cmos_read(CMOS_BOOT12));
        order[1] = drive_letter(cmos_read(CMOS_BOOT12) >> 4);
        order[2] = drive_letter(cmos_read(CMOS_BOOT3) >> 4);
    }
    for (unsigned i = 0; i < CONFIG_BOOTS; i++)
        if (order[i])
            ebda->boot_order[n++] = order[i];
    if (!n) {
        ebda->boot_order[0] = 'c';
        ebda->boot_order[1] = 'a';
        ebda->boot_order[2] = 'd';
    }
}

static void config_write32(u8 index, u32 value)
{
    for (unsigned i = 0; i < 4; i++) {
        outb(CONFIG_INDEX, index + i);
        outb(CONFIG_DATA, (u8)(value >> (i * 8)));
    }
}

static void start_kernel(void)
{
    if (!config_present() || !(config_read(CONFIG_FLAGS) & CONFIG_FLAG_KERNEL))
        return;
    config_write32(CONFIG_RANGE, ebda->acpi_base);
    config_write32(CONFIG_RANGE + 4, ebda->acpi_size);
    config_write32(CONFIG_RANGE + 8, ebda->acpi_nvs_base);
    config_write32(CONFIG_RANGE + 12, ebda->acpi_nvs_size);
    irq_disable();
    outb(CONFIG_INDEX, CONFIG_START_KERNEL);
    outb(CONFIG_DATA, 1);
    for (;;) /* the board takes the CPU away here */
        ;
}

/* The MultiProcessor tables' place, in shadow RAM by the time that they are made. */
static const u8 mp_place[MP_ROOM] __attribute__((section(".romdata"), aligned(16))) = {0};

/* And that of the SMBIOS entry point. */
static const u8 smbios_place[SMBIOS_ROOM] __attribute__((section(".romdata"), aligned(16))) = {0};

static void setup32(void)
{
    struct post32 p;

    memset(&p, 0, sizeof(p));
    p.extended_kib = memory_extended_kib();
    p.mp_place = BIOS_SEG * 16u + (u16)(u32)mp_place;
    p.smbios_place = BIOS_SEG * 16u + (u16)(u32)smbios_place;
    call32(POST32_ENTRY, (u32)&p);
    ebda->pci = p.pci;
    ebda->pci_last_bus = p.pci_last_bus;
    ebda->pm_base = p.pm_base;
    ebda->acpi_base = p.acpi_base;
    ebda->acpi_size = p.acpi_size;
    ebda->acpi_nvs_base = p.acpi_nvs_base;
    ebda->acpi_nvs_size = p.acpi_nvs_size;
}

void post(void)
{
    outb(POST_PORT, 0x01);
    init_data();
    a20_init();
    init_vectors();
    outb(POST_PORT, 0x02);
    init_pic();
    init_timer();
    init_dma();
    init_equipment();
    init_ports();
    read_config();
    outb(POST_PORT, 0x03);
    kbc_init();
    time_init();
    outb(POST_PORT, 0x04);
    setup32();
    stack_init();
    outb(POST_PORT, 0x05);
    if (rom_valid(VGA_ROM_SEG))
        rom_init(VGA_ROM_SEG, 0, false);
    set_text_mode();
    sercon_init();
    irq_enable();
    put_string(S("Pagewalk BIOS\n"));
    outb(POST_PORT, 0x06);
    drives_init();
    floppy_init();
    irq_enable(); /* off after a wait */
    outb(POST_PORT, 0x07);
    roms_init();
    bda->reset_flag = 0;
    outb(POST_PORT, 0x08);
    start_kernel();
}
