/* Debug registers for the guest snippets; to be included after pm.h. */
#ifndef DEBUG_H
#define DEBUG_H

        .set    DR6_BD, 0x2000
        .set    DR6_BS, 0x4000
        .set    DR6_BT, 0x8000

        /* DR7 for breakpoint n: R/W, LEN as encoded. */
#define BREAK(n, rw, len) ((2 << ((n) * 2)) | (((rw) | ((len) << 2)) << (16 + ((n) * 4))))
        .set    ON_CODE, 0
        .set    ON_WRITE, 1
        .set    ON_PORT, 2
        .set    ON_ACCESS, 3
        .set    LEN1, 0
        .set    LEN2, 1
        .set    LEN4, 3

        .macro  set_dr n:req, value:req
        pushl   %eax
        movl    \value, %eax
        movl    %eax, %dr\n
        popl    %eax
        .endm

        .macro  _check_dr6 line, bits:req
        pushl   %eax
        movl    %dr6, %eax
        andl    $0xe00f, %eax
        _check_eq \line, %eax, "$(\bits)"
        xorl    %eax, %eax
        movl    %eax, %dr6
        popl    %eax
        .endm
        /* The bits of DR6 that are set; clears them. */
#define check_dr6(bits) _check_dr6 __LINE__, PM_STRING(bits)

#endif
