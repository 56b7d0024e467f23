/* Where the child and our guest have their pages: user code, data and a read-only page; the guest's own. */
#ifndef PAGEWALK_TESTS_ORACLE_LAYOUT_H
#define PAGEWALK_TESTS_ORACLE_LAYOUT_H

#define CODE       0x10000000 /* one page that can be executed, not written */
#define CODE_AT    0x10000800 /* the instruction; INT3 all around it */
#define DATA       0x10010000 /* two pages that can be written; the stack is here too */
#define DATA_BYTES 0x2000
#define READ_ONLY  0x10012000 /* a page behind them */
#define HOLE_END   0xffffe000 /* nothing else up to here */

/* The guest's alone, for its CPL 0. */
#define SYSTEM       0x10020000
#define SYSTEM_PDPT  (SYSTEM + 0x0000)
#define SYSTEM_PD    (SYSTEM + 0x1000)
#define SYSTEM_PT    (SYSTEM + 0x2000)
#define SYSTEM_GDT   (SYSTEM + 0x3000)
#define SYSTEM_IDT   (SYSTEM + 0x3100)
#define SYSTEM_TSS   (SYSTEM + 0x3400)
#define SYSTEM_HLT   (SYSTEM + 0x4000) /* 16 bytes a vector */
#define SYSTEM_STACK (SYSTEM + 0x6000) /* its end */
#define SYSTEM_BYTES 0x6000

/* As Linux has them. */
#define USER_CS 0x23
#define USER_DS 0x2b

#endif
