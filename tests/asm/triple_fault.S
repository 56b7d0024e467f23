/* A triple fault shuts the processor down; with -no-reboot Pagewalk's exit status is 4.
 * expect: status 4
 */
#include "pm.h"

        .globl  test_main
test_main:
        lidt    empty
        ud2
        fail

        .data
empty:  .word   0
        .long   0
