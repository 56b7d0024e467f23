/* Pagewalk's own demonstration guest: a multiboot kernel that `make boot` runs when there is no network.
 *
 * It switches paging on, takes timer (IRQ 0) and serial (IRQ 4) interrupts, echoes what is typed on COM1,
 * and powers off on q or C-d, by port 0x8900. t prints the number of timer ticks so far. After C-z it halts
 * for good (CLI, HLT), as it does on q where the port is not there.
 * Invariants: interrupts are on only inside the HLT of `idle`; memory is identity-mapped (0-4 MiB).
 */

        .set    COM1, 0x3f8
        .set    CODE, 0x08
        .set    DATA, 0x10
        .set    HZ, 100
        .set    QUIT_OFF, 1
        .set    QUIT_HALT, 2
        .set    DIVISOR, (1193182 + HZ / 2) / HZ

        .text
        .align  4
        .long   0x1badb002              # magic; flags: page-align modules
        .long   1
        .long   -(0x1badb002 + 1)

        .globl  _start
_start: cli
        cld
        movl    $stack_top, %esp
        lgdt    gdt_pointer
        ljmp    $CODE, $1f
1:      movl    $DATA, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %ss

        call    serial_init
        movl    $msg_hello, %esi
        call    puts
        call    paging_on
        movl    $msg_paging, %esi
        call    puts
        call    interrupts_init
        movl    $msg_ready, %esi
        call    puts

idle:   sti                             # the shadow of STI lets no interrupt in before the HLT
        hlt
        cli
        cmpb    $0, quit
        je      idle
        movl    $msg_bye, %esi
        call    puts
        movw    $COM1 + 5, %dx          # let the transmitter run empty
1:      inb     %dx, %al
        testb   $0x40, %al
        jz      1b
        cmpb    $QUIT_HALT, quit
        je      2f
        movl    $shutdown, %esi
        movl    $8, %ecx
        movw    $0x8900, %dx
        rep outsb
2:      cli
        hlt
        jmp     2b

/* 115200 8N1, FIFOs on, interrupt on received data, OUT2 gates the interrupt to the PIC. */
serial_init:
        movl    $serial_setup, %esi
1:      movzwl  (%esi), %edx
        testl   %edx, %edx
        jz      2f
        movb    2(%esi), %al
        outb    %al, %dx
        addl    $3, %esi
        jmp     1b
2:      ret

/* Identity-maps 0-4 MiB with 4 KiB pages. */
paging_on:
        movl    $page_table, %edi
        movl    $0x003, %eax            # present, writable
1:      stosl
        addl    $0x1000, %eax
        cmpl    $0x400003, %eax
        jb      1b
        movl    $page_table + 0x003, page_directory
        movl    $page_directory, %eax
        movl    %eax, %cr3
        movl    %cr0, %eax
        orl     $0x80010000, %eax       # PG, WP
        movl    %eax, %cr0
        ret

/* PICs at 0x20 and 0x28, IRQ 0 and 4 open; PIT channel 0 at HZ. */
interrupts_init:
        movl    $pic_setup, %esi
1:      movzwl  (%esi), %edx
        testl   %edx, %edx
        jz      2f
        movb    2(%esi), %al
        outb    %al, %dx
        addl    $3, %esi
        jmp     1b
2:      movl    $0x20, %ecx
        movl    $timer_interrupt, %eax
        call    set_gate
        movl    $0x24, %ecx
        movl    $serial_interrupt, %eax
        call    set_gate
        lidt    idt_pointer
        ret

/* An interrupt gate for vector ECX to EAX. */
set_gate:
        movw    %ax, idt(, %ecx, 8)
        movw    $CODE, idt + 2(, %ecx, 8)
        movw    $0x8e00, idt + 4(, %ecx, 8)
        shrl    $16, %eax
        movw    %ax, idt + 6(, %ecx, 8)
        ret

timer_interrupt:
        pushl   %eax
        incl    ticks
        movb    $0x20, %al
        outb    %al, $0x20
        popl    %eax
        iret

serial_interrupt:
        pushal
1:      movw    $COM1 + 5, %dx
        inb     %dx, %al
        testb   $1, %al                 # data ready
        jz      5f
        movw    $COM1, %dx
        inb     %dx, %al
        cmpb    $'q', %al
        je      2f
        cmpb    $4, %al                 # C-d
        je      2f
        cmpb    $26, %al                # C-z
        je      6f
        cmpb    $'t', %al
        je      3f
        cmpb    $'\r', %al
        jne     4f
        call    putc
        movb    $'\n', %al
4:      call    putc
        jmp     1b
2:      movb    $QUIT_OFF, quit
        jmp     1b
6:      movb    $QUIT_HALT, quit
        jmp     1b
3:      movl    $msg_ticks, %esi
        call    puts
        movl    ticks, %eax
        call    put_number
        movl    $msg_newline, %esi
        call    puts
        jmp     1b
5:      movb    $0x20, %al
        outb    %al, $0x20
        popal
        iret

/* Writes AL to COM1; all registers kept. */
putc:   pushl   %edx
        pushl   %eax
        movw    $COM1 + 5, %dx
1:      inb     %dx, %al
        testb   $0x20, %al              # transmitter holding register empty
        jz      1b
        popl    %eax
        movw    $COM1, %dx
        outb    %al, %dx
        popl    %edx
        ret

/* Writes the string at ESI. */
puts:   lodsb
        testb   %al, %al
        jz      1f
        call    putc
        jmp     puts
1:      ret

/* Writes EAX in decimal. */
put_number:
        movl    $10, %ebx
        xorl    %ecx, %ecx
1:      xorl    %edx, %edx
        divl    %ebx
        pushl   %edx
        incl    %ecx
        testl   %eax, %eax
        jnz     1b
2:      popl    %eax
        addb    $'0', %al
        call    putc
        loop    2b
        ret

        .section .rodata
msg_hello:
        .asciz  "\r\nPagewalk's demonstration guest\r\n"
msg_paging:
        .asciz  "paging is on\r\n"
msg_ready:
        .asciz  "type: it is echoed; t shows the timer ticks; q or C-d powers off\r\n"
shutdown:
        .ascii  "Shutdown"
msg_ticks:
        .asciz  "\r\nticks: "
msg_newline:
        .asciz  "\r\n"
msg_bye:
        .asciz  "\r\nbye\r\n"

        .macro  port number, value      # one OUT of a set-up list
        .word   \number
        .byte   \value
        .endm
serial_setup:
        port    COM1 + 1, 0x00
        port    COM1 + 3, 0x80          # divisor latch
        port    COM1 + 0, 0x01
        port    COM1 + 1, 0x00
        port    COM1 + 3, 0x03          # 8N1
        port    COM1 + 2, 0x07
        port    COM1 + 4, 0x0b          # DTR, RTS, OUT2
        port    COM1 + 1, 0x01
        .word   0
pic_setup:
        port    0x20, 0x11              # ICW1: cascade, ICW4 follows
        port    0xa0, 0x11
        port    0x21, 0x20
        port    0xa1, 0x28
        port    0x21, 0x04
        port    0xa1, 0x02
        port    0x21, 0x01
        port    0xa1, 0x01
        port    0x21, 0xee              # masks
        port    0xa1, 0xff
        port    0x43, 0x34              # channel 0, low and high byte, mode 2
        port    0x40, DIVISOR & 0xff
        port    0x40, DIVISOR >> 8
        .word   0
        .align  8
gdt:    .quad   0
        .quad   0x00cf9a000000ffff      # CODE
        .quad   0x00cf92000000ffff      # DATA
gdt_pointer:
        .word   gdt_pointer - gdt - 1
        .long   gdt
idt_pointer:
        .word   0x30 * 8 - 1
        .long   idt

        .bss
        .align  4096
page_directory:
        .skip   4096
page_table:
        .skip   4096
        .skip   4096
stack_top:
        .align  8
idt:    .skip   0x30 * 8
ticks:  .skip   4
quit:   .skip   1
        .section .note.GNU-stack, "", @progbits
