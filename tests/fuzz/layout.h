/* Where things lie in a fuzz program's machine: shared by the generator and its runtime (runtime.S). */
#ifndef PAGEWALK_TESTS_FUZZ_LAYOUT_H
#define PAGEWALK_TESTS_FUZZ_LAYOUT_H

/* The ROM: a program's data from its start, the runtime in its last bytes. It ends at 1 MiB and at 4 GiB. */
#define FZ_ROM_SIZE     0x10000
#define FZ_RUNTIME_SIZE 0x400
#define FZ_ROM          0xffff0000

/* RAM, by physical address. */
#define FZ_GDT       0x1000 /* 32 entries */
#define FZ_LDT       0x1200 /* 16 entries */
#define FZ_TSS       0x1800 /* with an I/O bitmap that ends before */
#define FZ_IDT       0x2000 /* 256 entries */
#define FZ_PRD       0x6000 /* regions of the bus master */
#define FZ_STACK0    0x6f00 /* the runtime's stack, and of CPL 0 in the TSS */
#define FZ_FRAMES    0x7400 /* what begins a piece: segment and other registers, IRET's frame */
#define FZ_CODE      0x14000
#define FZ_CODE_SIZE 0x400 /* room for a piece */
#define FZ_FRAME_LEN 96
#define FZ_PAGES     0x180000 /* page tables: three pages */

/* The runtime's variables. */
#define FZ_SESSION 0x500 /* sessions begun */
#define FZ_PIECE   0x504 /* pieces begun, of this session */
#define FZ_PIECES  0x508 /* and how many there are */

/* Selectors of the GDT at FZ_GDT; those behind are random descriptors. */
#define FZ_CS32   0x08
#define FZ_DS32   0x10
#define FZ_CS_R3  0x1b
#define FZ_DS_R3  0x23
#define FZ_CS16   0x28
#define FZ_DS16   0x30
#define FZ_TR     0x38
#define FZ_LDTR   0x40
#define FZ_RANDOM 0x48

/* Ends the program: isa-debug-exit's port. */
#define FZ_EXIT 0xf4

/* Destinations of the records that fill memory (build.c) with a meaning of their own. */
#define FZ_RECORD_END 0xffffffff
#define FZ_RECORD_OUT 0xfffffffe

#endif
