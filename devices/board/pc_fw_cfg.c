/* What fw_cfg says of the board itself: memory and CPUs. */
#include "devices/board/pc_board.h"

#define E820_RAM 1

/* RAM as it is wired: what lies over it, firmware knows. */
static void add_e820(struct pc *pc)
{
    put64(pc->e820, 0);
    put64(pc->e820 + 8, pc->config.ram_size);
    put32(pc->e820 + 16, E820_RAM);
    if (fw_cfg_file(&pc->fw_cfg, "etc/e820", pc->e820, sizeof(pc->e820)) < 0)
        BUG("the first file is there already");
}

void pc_fw_cfg_init(struct pc *pc)
{
    struct fw_cfg *fw_cfg = &pc->fw_cfg;

    fw_cfg_init(fw_cfg, &pc->bus, &pc->phys);
    fw_cfg_number(fw_cfg, FW_CFG_RAM_SIZE, pc->config.ram_size, 8);
    fw_cfg_number(fw_cfg, FW_CFG_NOGRAPHIC, pc->config.vga == PC_VGA_NONE, 2);
    fw_cfg_number(fw_cfg, FW_CFG_CPUS, 1, 2);
    fw_cfg_number(fw_cfg, FW_CFG_MAX_CPUS, 1, 2);
    fw_cfg_number(fw_cfg, FW_CFG_BOOT_MENU, pc->config.boot_menu, 2);
    /* The timer's wire leads to pin 2 of the I/O APIC, which firmware's ACPI and MP tables must say. */
    fw_cfg_number(fw_cfg, FW_CFG_IRQ0_OVERRIDE, 1, 4);
    add_e820(pc);
}

struct fw_cfg *pc_fw_cfg(struct pc *pc)
{
    return &pc->fw_cfg;
}
