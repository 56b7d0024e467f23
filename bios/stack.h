/* Where the stack of the BIOS's own is described, and what lies on it: for C and for stack.inc. */
#ifndef BIOS_STACK_H
#define BIOS_STACK_H

#define BDA_SEG  0x0040
#define BDA_EBDA 0x0e

/* POST's and INT 19h's, in segment 0. A boot sector starts on it: pushes into the page of its own code would
 * be slow. */
#define POST_STACK 0x7000

/* struct own_stack, in the EBDA */
#define OWN_MARK      0x60
#define OWN_SEG       0x64
#define OWN_POS       0x66
#define OWN_LOW       0x68
#define OWN_BACK_SEG  0x6a
#define OWN_BACK_POS  0x6c
#define OWN_TMP_BX    0x6e
#define OWN_TMP_DS    0x70
#define OWN_TMP_FLAGS 0x72
#define OWN_TMP_ESP   0x74
#define OWN_MAGIC     0x6b74734f /* "Ostk" */

/* struct regs, and the caller's stack behind it */
#define REGS_EBX   16
#define REGS_EDX   20
#define REGS_ECX   24
#define REGS_EAX   28
#define REGS_ES    36
#define REGS_DS    38
#define REGS_NEXT  40
#define REGS_FLAGS 48
#define REGS_ESP   50
#define REGS_SS    54

#define FRAME_FUNCTION 6
#define FRAME_IP       8
#define FRAME_CS       10
#define FRAME_FLAGS    12

#endif
