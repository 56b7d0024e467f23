/* An NE2000 as drivers probe and use it: reset, station PROM, remote DMA by bytes and words, loopback by which packet drivers
 * test the card, and between two cards a frame that wraps round the ring. (DP8390D, 8, 10 and 11)
 * expect: status 33
 * args: -netdev hubport,id=a,hubid=1 -netdev hubport,id=b,hubid=1 -device ne2k_isa,netdev=a,mac=52:54:00:aa:bb:01 -device ne2k_isa,netdev=b,iobase=0x320,irq=10,mac=52:54:00:aa:bb:02
 * qemu: -netdev hubport,id=a,hubid=1 -netdev hubport,id=b,hubid=1 -device ne2k_isa,netdev=a,mac=52:54:00:aa:bb:01 -device ne2k_isa,netdev=b,iobase=0x320,irq=10,mac=52:54:00:aa:bb:02
 */
#include "pm.h"

        .set    NE, 0x300
        .set    OTHER, 0x320
        .set    ISR, 7
        .set    READ, 0x0a              /* commands */
        .set    WRITE, 0x12
        .set    SEND, 0x26
        .set    PRX, 0x01               /* in ISR */
        .set    PTX, 0x02
        .set    RDC, 0x40
        .set    RST, 0x80
        .set    LENGTH, 300
        .set    HEADER, ((LENGTH + 4) << 16) | 0x4701   /* received, the next page, the length with this header */

        .macro  out8 register:req, value:req
        leal    \register(%ebx), %edx
        movb    $\value, %al
        outb    %al, %dx
        .endm

        .macro  in8 register:req
        leal    \register(%ebx), %edx
        xorl    %eax, %eax
        inb     %dx, %al
        .endm

        /* edx: the data port, for what comes behind it */
        .macro  dma command:req, address:req, count:req
        out8    8, \address & 0xff
        out8    9, \address >> 8
        out8    10, \count & 0xff
        out8    11, \count >> 8
        out8    0, \command
        leal    16(%ebx), %edx
        .endm

        .macro  dma_done
        movl    $RDC, %ecx
        call    wait_isr
        .endm

        .globl  test_main
test_main:
        cld
        movl    $NE, %ebx
        in8     31                      /* the reset port: what was read is written back */
        outb    %al, %dx
        movl    $RST, %ecx
        call    wait_isr
        out8    0, 0x21
        in8     0
        andl    $0x3f, %eax
        check_eq(%eax, $0x21)

        /* The PROM by bytes: each twice, 'W' at its end. */
        out8    14, 0x48
        out8    ISR, 0x7f
        dma     READ, 0, 32
        movl    $got, %edi
        movl    $32, %ecx
        rep insb
        dma_done
        movl    $address, %esi
        movl    $got, %edi
        xorl    %ecx, %ecx
1:      movb    (%esi,%ecx), %al
        cmpb    %al, (%edi,%ecx,2)
        jne     bad_prom
        cmpb    %al, 1(%edi,%ecx,2)
        jne     bad_prom
        incl    %ecx
        cmpl    $6, %ecx
        jb      1b
        cmpl    $0x57575757, got + 28
        jne     bad_prom

        /* To the card by bytes, from it by words. */
        dma     WRITE, 0x40fc, 64
        movl    $frame, %esi
        movl    $64, %ecx
        rep outsb
        dma_done
        out8    14, 0x49
        dma     READ, 0x40fc, 64
        movl    $got, %edi
        movl    $32, %ecx
        rep insw
        dma_done
        movl    $64, %ecx
        call    compare

        /* The other way round, at the RAM's end. */
        dma     WRITE, 0x7fc0, 64
        movl    $frame, %esi
        movl    $32, %ecx
        rep outsw
        dma_done
        out8    14, 0x48
        dma     READ, 0x7fc0, 64
        movl    $got, %edi
        movl    $64, %ecx
        rep insb
        dma_done
        movl    $64, %ecx
        call    compare

        /* Loopback: the frame does not leave the chip, and its end and FCS are in the FIFO. */
        movl    $sender, %esi
        call    program
        out8    14, 0x41                /* loopback is selected, */
        out8    13, 0x02                /* within the chip */
        dma     WRITE, 0x4000, LENGTH
        movl    $frame, %esi
        movl    $LENGTH / 2, %ecx
        rep outsw
        dma_done
        out8    4, 0x40
        out8    5, 64
        out8    6, 0
        out8    0, SEND
        movl    $PTX, %ecx
        call    wait_isr
        movl    $got, %edi
        movl    $8, %ecx
        leal    6(%ebx), %edx
1:      inb     %dx, %al
        stosb
        loop    1b
        /* For a frame of 64 bytes: its last byte, the FCS, and the length with that. */
        movb    frame + 63, %al
        cmpb    %al, got + 6
        jne     bad_fifo
        check_byte(got + 7, $0x7c)
        check_byte(got + 0, $0x3c)
        check_word(got + 1, $0x9f15)
        check_byte(got + 3, $68)
        check_word(got + 4, $0)

        /* Between two cards. The receiver's ring has eight pages, and begins with the last one. */
        movl    $OTHER, %ebx
        movl    $receiver, %esi
        call    program
        movl    $NE, %ebx
        out8    13, 0x00
        out8    14, 0x49
        out8    5, LENGTH & 0xff
        out8    6, LENGTH >> 8
        out8    0, SEND
        movl    $PTX, %ecx
        call    wait_isr
        movl    $OTHER, %ebx
        movl    $PRX, %ecx
        call    wait_isr
        out8    0, 0x62                 /* CURR is on page 1 */
        in8     7
        check_eq(%eax, $0x47)
        out8    0, 0x22
        dma     READ, 0x4d00, 4
        movl    $got, %edi
        movl    $2, %ecx
        rep insw
        dma_done
        check_bits(got, 0xffffff01, HEADER)
        dma     READ, 0x4d04, LENGTH
        movl    $got, %edi
        movl    $LENGTH / 2, %ecx
        rep insw
        dma_done
        movl    $LENGTH, %ecx
        call    compare
        pass

bad_prom:
        fail
bad_fifo:
        fail

/* ecx: a bit of ISR, which is acknowledged when it is there */
wait_isr:
        leal    ISR(%ebx), %edx
        movl    $10000000, %ebp
1:      inb     %dx, %al
        testb   %cl, %al
        jnz     2f
        decl    %ebp
        jnz     1b
        fail
2:      movb    %cl, %al
        outb    %al, %dx
        ret

/* ecx bytes */
compare:
        movl    $frame, %esi
        movl    $got, %edi
        repe cmpsb
        je      1f
        fail
1:      ret

/* esi: pairs of register and value */
program:
1:      lodsb
        cmpb    $0xff, %al
        je      2f
        movzbl  %al, %edx
        addl    %ebx, %edx
        lodsb
        outb    %al, %dx
        jmp     1b
2:      ret

        .data
sender: .byte   0, 0x21, 14, 0x49, 12, 0x00, 13, 0x02, 1, 0x46, 2, 0x80, 3, 0x46, 15, 0, 7, 0x7f
        .byte   0, 0x61, 7, 0x47, 0, 0x22, 0xff
receiver: .byte 0, 0x21, 14, 0x49, 12, 0x04, 13, 0x00, 1, 0x46, 2, 0x4e, 3, 0x4c, 15, 0, 7, 0x7f
        .byte   0, 0x61, 1, 0x52, 2, 0x54, 3, 0x00, 4, 0xaa, 5, 0xbb, 6, 0x02, 7, 0x4d, 0, 0x22, 0xff
frame:  .byte   0x52, 0x54, 0x00, 0xaa, 0xbb, 0x02      /* to the second card, from the first */
address: .byte  0x52, 0x54, 0x00, 0xaa, 0xbb, 0x01
        .word   0xb588                  /* 88B5h: for experiments */
        .set    n, 14
        .rept   LENGTH - 14
        .byte   n * 5 & 0xff
        .set    n, n + 1
        .endr
        .bss
got:    .space  512
