/* The end of a 64 KiB segment: offsets and SP that are computed wrap, an access across FFFF does not. It is beyond a
 * limit of FFFF: #SS for SS, else #GP, with nothing changed; with a larger limit it goes on at 10000. (SDM vol. 3A, 5.3;
 * vol. 3B, 20.1.1) Code there: code_end.S.
 * expect: status 33
 */
#include "pm.h"
        .set    BASE, 0x500000          /* of T0 to T3 */
        .set    END, BASE + 0x10000

        .globl  test_main
test_main:
        cld
        movl    %cr4, %eax
        orl     $0x200, %eax            /* OSFXSR */
        movl    %eax, %cr4
        set_desc T0, $BASE, $0xffff, "A_DATA + A_16BIT"
        set_desc T1, $BASE, $0xfffff, A_DATA + A_PAGES
        set_desc T2, $BASE, $0xffff, "A_DATA + A_16BIT + A_DPL3"
        set_desc T3, $BASE, $0xfffff, "A_DATA + A_16BIT + A_PAGES + A_DPL3"
        call    limit_64k
        call    limit_4g
        call    strings
        user_begin                      /* so that faults have a stack of their own */
        call    stack_wraps
        call    stack_faults
        call    stack_large
        user_end
        pass

        .macro  fill
        movl    $0x44332211, END - 4
        movl    $0x88776655, END
        movl    $0xa5a5a5a5, BASE
        .endm

/* Each size, the last byte in and the first beyond, in both address sizes. */
limit_64k:
        load_seg %fs, T0
        fill
        xorl    %ebx, %ebx
        addr16 movb %fs:-1(%bx), %al
        check_byte(END - 1, $0x44)
        addr16 movl %fs:-4(%bx), %eax
        check_eq(%eax, $0x44332211)
        movl    $0x12345678, %eax
        expect_fault(GP, 0, addr16 movw %fs:-1(%bx), %ax)
        expect_fault(GP, 0, addr16 movw %ax, %fs:-1(%bx))
        expect_fault(GP, 0, movw %ax, %fs:0xffff)
        expect_fault(GP, 0, addr16 movl %fs:-3(%bx), %eax)
        expect_fault(GP, 0, addr16 movl %eax, %fs:-1(%bx))
        expect_fault(GP, 0, movl %eax, %fs:0xfffd)
        expect_fault(GP, 0, addr16 addl %eax, %fs:-2(%bx))
        expect_fault(GP, 0, addr16 incw %fs:-1(%bx))
        expect_fault(GP, 0, addr16 xchgl %eax, %fs:-3(%bx))
        expect_fault(GP, 0, addr16 cmpxchg8b %fs:-7(%bx))
        expect_fault(GP, 0, addr16 fldl %fs:-7(%bx))
        expect_fault(GP, 0, addr16 fldt %fs:-9(%bx))
        fldpi
        expect_fault(GP, 0, addr16 fstpl %fs:-1(%bx))
        expect_fault(GP, 0, addr16 fstpt %fs:-2(%bx))
        expect_fault(GP, 0, addr16 movq %fs:-1(%bx), %mm0)
        expect_fault(GP, 0, addr16 movups %fs:-15(%bx), %xmm0)
        expect_fault(GP, 0, addr16 movups %xmm0, %fs:-1(%bx))
        expect_fault(GP, 0, addr16 lgdtl %fs:-1(%bx))
        expect_fault(GP, 0, addr16 lgsl %fs:-5(%bx), %eax)
        expect_fault(GP, 0, addr16 boundl %eax, %fs:-2(%bx))
        emms
        check_eq(%eax, $0x12345678)
        check_eq(END - 4, $0x44332211)
        check_eq(END, $0x88776655)
        check_eq(BASE, $0xa5a5a5a5)
        expect_fault(GP, 0, fxsave %fs:0xff00) /* these may store a part */
        expect_fault(GP, 0, fnstenv %fs:0xffe5)
        expect_fault(GP, 0, fnsave %fs:0xff95)
        expect_fault(GP, 0, sgdtl %fs:0xfffb)
        fill

        /* The sum wraps before it is an offset. */
        movl    $0x8765fff0, %ebx
        movl    $0x43210014, %esi
        addr16 movl %fs:-4(%bx,%si), %eax
        check_eq(%eax, $0xa5a5a5a5)
        movl    $0x12345678, %eax
        expect_fault(GP, 0, movl %fs:-4(%ebx,%esi), %eax)
        expect_fault(GP, 0, movl %fs:0x10000, %eax)
        load_seg %fs, KDATA
        ret

/* Beyond FFFF with a limit of 4 GiB. */
limit_4g:
        load_seg %fs, T1
        fill
        xorl    %ebx, %ebx
        addr16 movw %fs:-1(%bx), %ax
        check_bits(END - 1, 0xffff, 0x5544)
        cmpw    $0x5544, %ax
        jne     wrong
        addr16 movl %fs:-2(%bx), %eax
        check_eq(%eax, $0x66554433)
        addr16 addl $0x01010101, %fs:-3(%bx)
        check_eq(END - 4, $0x45342311)
        check_eq(END, $0x88776656)
        addr16 fildll %fs:-4(%bx)
        fistpll scratch
        check_eq(scratch, $0x45342311)
        check_eq(scratch + 4, $0x88776656)
        addr16 movups %fs:-8(%bx), %xmm0
        movups  %xmm0, scratch
        check_eq(scratch + 8, $0x88776656)
        addr16 movups %xmm0, %fs:-4(%bx)
        check_eq(END + 4, $0x88776656)
        check_eq(BASE, $0xa5a5a5a5)
        load_seg %fs, KDATA
        ret
wrong:  fail

        /* Strings: 16-bit addresses in ES and FS, ESI and EDI with upper halves that stay. */
        .macro  string esi, edi, ecx, insn:vararg
        load_seg %es, T0
        load_seg %fs, T0
        movl    $\esi, %esi
        movl    $\edi, %edi
        movl    $\ecx, %ecx
        \insn
        load_seg %es, KDATA
        load_seg %fs, KDATA
        .endm
        .macro  _registers line, esi, edi, ecx
        _check_eq \line, %esi, $\esi
        _check_eq \line, %edi, $\edi
        _check_eq \line, %ecx, $\ecx
        .endm
#define registers(...) _registers __LINE__, __VA_ARGS__
strings:
        fill
        string 0x1234fffe, 0x56781000, 0x9abc0004, addr16 rep movsb %fs:(%si), %es:(%di)
        registers(0x12340002, 0x56781004, 0x9abc0000)
        check_eq(BASE + 0x1000, $0xa5a54433)
        string 0x1234fffc, 0x5678fffe, 0x9abc0002, addr16 rep movsw %fs:(%si), %es:(%di)
        registers(0x12340000, 0x56780002, 0x9abc0000)
        check_bits(END - 2, 0xffff, 0x2211)
        check_bits(BASE, 0xffff, 0x2211) /* what the first element left at FFFE */
        fill
        string 0x12340000, 0x5678fffc, 0x9abc0001, addr16 rep movsl %fs:(%si), %es:(%di)
        registers(0x12340004, 0x56780000, 0x9abc0000)
        check_eq(END - 4, $0xa5a5a5a5)
        movl    $0x0b0a0908, %eax
        string 1, 0x5678fffc, 0x9abc0003, addr16 rep stosl
        registers(1, 0x56780008, 0x9abc0000)
        check_eq(END - 4, $0x0b0a0908)
        check_eq(BASE + 4, $0x0b0a0908)
        check_eq(END, $0x88776655)
        string 0x1234fffe, 0, 0x9abc0002, addr16 rep lodsw %fs:(%si), %ax
        registers(0x12340002, 0, 0x9abc0000)
        check_eq(%eax, $0x0b0a0908)
        string 1, 0x5678fffd, 0x9abc0010, addr16 repe scasb
        registers(1, 0x5678fffe, 0x9abc000f)
        string 1, 0x5678fffd, 0x9abc0010, addr16 repne scasb
        registers(1, 0x56780001, 0x9abc000c)
        string 0x1234fffc, 0x56780000, 0x9abc0003, addr16 repe cmpsl %es:(%di), %fs:(%si)
        registers(0x12340008, 0x5678000c, 0x9abc0000)

        /* Downwards. */
        std
        string 0x12340001, 0x56781003, 0x9abc0004, addr16 rep movsb %fs:(%si), %es:(%di)
        registers(0x1234fffd, 0x56780fff, 0x9abc0000)
        check_eq(BASE + 0x1000, $0x09080b0a)
        string 1, 0x56780002, 0x9abc0003, addr16 rep stosw
        registers(1, 0x5678fffc, 0x9abc0000)
        cld

        /* An element across FFFF: those before it are done. */
        fill
        .macro  _faults line, esi, edi, ecx, insn:vararg
        load_seg %es, T0
        load_seg %fs, T0
        movl    $\esi, %esi
        movl    $\edi, %edi
        movl    $\ecx, %ecx
        _expect \line, GP, 0, 0, \insn
        load_seg %fs, KDATA
        .endm
#define faults(...) _faults __LINE__, __VA_ARGS__
        faults(0x1234fffd, 0x56781000, 3, addr16 rep movsw %fs:(%si), %es:(%di))
        registers(0x1234ffff, 0x56781002, 2)
        faults(0x12341000, 0x5678fffa, 3, addr16 rep movsl %fs:(%si), %es:(%di))
        registers(0x12341004, 0x5678fffe, 2)
        faults(1, 0x5678fffd, 3, addr16 rep stosw)
        registers(1, 0x5678ffff, 2)
        faults(0x1234ffff, 2, 3, addr16 lodsw %fs:(%si), %ax)
        registers(0x1234ffff, 2, 3)
        faults(1, 0x5678fffd, 3, addr16 scasl)
        faults(0x1234fffe, 0x100, 3, addr16 cmpsl %es:(%di), %fs:(%si))
        registers(0x1234fffe, 0x100, 3)
        check_eq(END, $0x88776655)
        ret

        /* The instruction runs with SS = selector and ESP as given; ESP behind it is in EBP. */
        .macro  on_stack selector, sp, insn:vararg
        movl    %esp, kept_esp
        movl    $(\selector | 3), %ebp
        movl    %ebp, %ss
        movl    $\sp, %esp
        \insn
        movl    %esp, %ebp
        movl    $UDATA, %edi
        movl    %edi, %ss
        movl    kept_esp, %esp
        .endm
stack_wraps:
        fill
        movl    $0x01020304, %eax
        on_stack T2, 0xabcd0000, pushl %eax
        check_eq(%ebp, $0xabcdfffc)
        check_eq(END - 4, $0x01020304)
        on_stack T2, 0xabcdfffc, popl %ecx
        check_eq(%ecx, $0x01020304)
        check_eq(%ebp, $0xabcd0000)
        on_stack T2, 0x12340000, pushw %ax
        check_eq(%ebp, $0x1234fffe)
        on_stack T2, 0x1234fffe, popw %cx
        check_eq(%ebp, $0x12340000)
        on_stack T2, 0x12340000, pushfl
        check_eq(%ebp, $0x1234fffc)
        on_stack T2, 0x12340000, call near_return
        check_eq(%ebp, $0x12340000)
        on_stack T2, 0x12340004, lcall $UCODE, $far_return
        check_eq(%ebp, $0x12340004)
        on_stack T2, 0x12340008, pushaw /* half of it at each end */
        check_eq(%ebp, $0x1234fff8)
        check_bits(BASE + 6, 0xffff, 0x0304)
        on_stack T2, 0x1234fff8, popaw
        movl    $0x12340008, %ecx
        check_eq(%eax, $0x01020304)
        on_stack T2, 0x12340010, pushal
        check_eq(%ebp, $0x1234fff0)
        check_eq(BASE + 12, $0x01020304)
        check_eq(END - 16, %edi)
        on_stack T2, 0x12340002, enterw $8, $0
        check_eq(%ebp, $0x1234fff8)
        .macro  leave_at_end
        movw    $0xfffe, %bp
        leavew
        .endm
        on_stack T2, 0x12340100, leave_at_end
        check_eq(%ebp, $0x12340000)
        ret
near_return:
        ret
far_return:
        lret

        /* An item across FFFF: #SS(0), the registers stay. */
        .macro  _refused line, sp, insn:vararg
        movl    %esp, kept_esp
        movl    $.Lback\@, fault_resume
        movl    %esp, fault_resume_esp
        movl    $(T2 | 3), %ebp
        movl    %ebp, %ss
        movl    $0xfffe, %ebp
        movl    $\sp, %esp
.Lat\@:
        \insn
        movl    $UDATA, %edi
        movl    %edi, %ss
        movl    kept_esp, %esp
        _fail   \line
.Lback\@:
        movl    $UDATA, %edi
        movl    %edi, %ss
        movl    kept_esp, %esp
        _check_eq \line, fault_vector, $SSV
        _check_eq \line, fault_error, $0
        _check_eq \line, fault_eip, $.Lat\@
        _check_eq \line, fault_esp, $\sp
        _check_eq \line, %ebp, $0xfffe
        .endm
#define refused(...) _refused __LINE__, __VA_ARGS__
stack_faults:
        fill
        refused(0xabcd0002, pushl %eax)
        refused(0xabcd0001, pushw %ax)
        refused(0xabcd0003, pushl $5)
        refused(0xabcd0002, pushl BASE)
        refused(0xabcd0001, pushfl)
        refused(0xabcdfffe, popl %eax)
        refused(0xabcdffff, popw %ax)
        refused(0xabcdfffd, popl BASE)
        refused(0xabcdfffe, popfl)
        refused(0xabcd0002, call near_return)
        refused(0xabcd0006, lcall $UCODE, $far_return)
        refused(0xabcdfffe, ret)
        refused(0xabcdfffa, lret)
        refused(0xabcd0007, pushaw)
        refused(0xabcd0012, pushal)
        refused(0xabcdfff7, popaw)
        refused(0xabcdfff6, popal)
        refused(0xabcd0002, enter $4, $0)
        refused(0xabcd0100, leave)
        check_eq(END, $0x88776655)
        check_eq(BASE, $0xa5a5a5a5)
        ret

/* With a limit of 4 GiB the item goes on at 10000, SP does not. */
stack_large:
        fill
        on_stack T3, 0xabcd0002, pushl $0x0c0b0a09
        check_eq(%ebp, $0xabcdfffe)
        check_eq(END - 4, $0x0a092211)
        check_eq(END, $0x88770c0b)
        on_stack T3, 0xabcdfffe, popl %ecx
        check_eq(%ebp, $0xabcd0002)
        check_eq(%ecx, $0x0c0b0a09)
        check_eq(BASE, $0xa5a5a5a5)
        ret

        .data
kept_esp:
        .long   0
