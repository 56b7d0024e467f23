/* Offsets in a Linux kernel's setup header and in struct boot_params, which holds a copy of it.
 * (Linux Documentation/arch/x86/boot.rst and zero-page.rst) */
#ifndef PAGEWALK_SETUP_HEADER_H
#define PAGEWALK_SETUP_HEADER_H

/* The setup header: the same offsets in the file and in boot_params; with its first protocol. */
#define HDR_START          0x1f1u
#define HDR_SETUP_SECTS    0x1f1u
#define HDR_SYSSIZE        0x1f4u /* 16-byte units; upper half 2.04 */
#define HDR_VID_MODE       0x1fau
#define HDR_BOOT_FLAG      0x1feu
#define HDR_JUMP           0x200u
#define HDR_MAGIC          0x202u
#define HDR_VERSION        0x206u
#define HDR_TYPE_OF_LOADER 0x210u
#define HDR_LOADFLAGS      0x211u
#define HDR_MOVE_SIZE      0x212u /* two bytes; before 2.02 */
#define HDR_CODE32_START   0x214u
#define HDR_RAMDISK_IMAGE  0x218u
#define HDR_RAMDISK_SIZE   0x21cu
#define HDR_HEAP_END_PTR   0x224u /* 2.01 */
#define HDR_EXT_LOADER     0x226u /* 2.02; two bytes */
#define HDR_CMD_LINE_PTR   0x228u /* 2.02 */
#define HDR_INITRD_MAX     0x22cu /* 2.03 */
#define HDR_ALIGNMENT      0x230u /* 2.05 */
#define HDR_RELOCATABLE    0x234u /* 2.05 */
#define HDR_XLOADFLAGS     0x236u /* 2.12; two bytes */
#define HDR_CMDLINE_SIZE   0x238u /* 2.06 */
#define HDR_SUBARCH        0x23cu /* 2.07; four bytes, then eight of data */
#define HDR_SETUP_DATA     0x250u /* 2.09 */
#define HDR_PREF_ADDRESS   0x258u /* 2.10 */
#define HDR_INIT_SIZE      0x260u /* 2.10 */
#define HDR_LIMIT          0x290u /* boot_params has other fields from here on */

#define HDR_MAGIC_VALUE 0x53726448u /* "HdrS" */
#define BOOT_FLAG_VALUE 0xaa55u
#define JMP_SHORT       0xebu

/* loadflags */
#define LOADED_HIGH   0x01u
#define QUIET_FLAG    0x20u
#define KEEP_SEGMENTS 0x40u
#define CAN_USE_HEAP  0x80u

/* xloadflags */
#define XLF_KERNEL_64 0x0001u

/* The rest of boot_params. */
#define BP_ORIG_X       0x000u
#define BP_ORIG_Y       0x001u
#define BP_EXT_MEM_K    0x002u
#define BP_VIDEO_PAGE   0x004u
#define BP_VIDEO_MODE   0x006u
#define BP_VIDEO_COLS   0x007u
#define BP_VIDEO_EGA_BX 0x00au
#define BP_VIDEO_LINES  0x00eu
#define BP_VIDEO_IS_VGA 0x00fu
#define BP_VIDEO_POINTS 0x010u
#define BP_CL_MAGIC     0x020u /* before 2.02: 0xa33f, and then the command line's offset */
#define BP_CL_OFFSET    0x022u
#define BP_ALT_MEM_K    0x1e0u
#define BP_E820_ENTRIES 0x1e8u
#define BP_E820_TABLE   0x2d0u
#define BP_E820_ENTRY   20u
#define CL_MAGIC_VALUE  0xa33fu

#endif
