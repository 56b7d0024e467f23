/* The 32-bit program that instructions run in: it unmaps everything but its own pages and waits for its tracer. */
#include "tests/oracle/layout.h"

        .globl  _start
_start:
        movl    $91, %eax               /* munmap */
        movl    $(READ_ONLY + 0x1000), %ebx
        movl    $(HOLE_END - READ_ONLY - 0x1000), %ecx
        int     $0x80
        int3
        .org    0x1000

        .data
        .fill   DATA_BYTES
        .section .rodata
        .fill   0x1000, 1, 0x5a
        .section .note.GNU-stack, "", @progbits
