/* Every form of access across the end of linear addresses goes on at 0: the page at the top and the one at 0 are
 * neighbours. Each form runs twice, across that edge and across one within memory, and has to do the same.
 * expect: status 33
 */
#include "pm.h"
        .set    EDGE, 0x601000          /* where both pages are, one behind the other, by their physical addresses */
        .set    SPAN, 1024              /* bytes on each side that are compared */
        .set    TOP_DIR, page_directory + 1023 * 4

        /* The code runs with EBX 0 and with EBX at the edge within memory. */
        .macro  _form line, code:req
        jmp     .Lrun\@
.Lcode\@:
        \code
        ret
.Lrun\@:
        movl    $.Lcode\@, routine
        call    run_both
        _check_eq \line, different, $0
        .endm
#define form(...) _form __LINE__, __VA_ARGS__

        /* insn with its memory operand at each of the offsets. */
        .macro  _at line, before, after, offsets:vararg
        .irp    off, \offsets
        _form   \line, "\before \off(%ebx)\after"
        .endr
        .endm
#define at(before, after, ...) _at __LINE__, before, after, __VA_ARGS__

        /* The code runs on a stack that begins at offset esp. */
        .macro  _on_stack line, esp, code:req
        jmp     .Lrun\@
.Lcode\@:
        movl    %esp, kernel_esp
        leal    \esp(%ebx), %esp
        \code
        movl    %esp, %ebp
        movl    kernel_esp, %esp
        call    relative_ebp
        ret
.Lrun\@:
        movl    $.Lcode\@, routine
        call    run_both
        _check_eq \line, different, $0
        .endm
#define on_stack(esp, ...) _on_stack __LINE__, esp, __VA_ARGS__

        .globl  test_main
test_main:
        call    paging_on
        movl    $(top_table + 7), TOP_DIR
        movl    $(EDGE - 0x1000 + 7), top_table + 1023 * 4
        set_pte 0, EDGE | P_P | P_W | P_U
        movl    %cr3, %eax
        movl    %eax, %cr3
        movl    %cr4, %eax
        orl     $0x200, %eax            /* OSFXSR */
        movl    %eax, %cr4
        call    data_forms
        call    x87_forms
        call    sse_forms
        call    address_forms
        call    stack_forms
        call    string_forms
        call    system_forms
        call    code_forms
        call    faults
        pass

data_forms:
        at("movb", ", %al", -1, 0)
        at("movzwl", ", %eax", -2, -1, 0)
        at("movw", ", %ax", -1)
        at("movl", ", %eax", -4, -3, -2, -1, 0)
        at("movb %al,", "", -1, 0)
        at("movw %ax,", "", -2, -1, 0)
        at("movl %eax,", "", -4, -3, -2, -1, 0)
        at("movw $0x1234,", "", -1)
        at("movl $0x12345678,", "", -3, -2, -1)
        at("addw %ax,", "", -1)
        at("addl %eax,", "", -3, -2, -1)
        at("adcl $0x7fffffff,", "", -2)
        at("cmpl", ", %eax", -2)
        at("incw", "", -1)
        at("decl", "", -2)
        at("negl", "", -1)
        at("notl", "", -3)
        at("shll $3,", "", -2)
        at("rcrl %cl,", "", -1)
        at("shldl %cl, %eax,", "", -2)
        at("xchgw %ax,", "", -1)
        at("xchgl %eax,", "", -2)
        at("xaddl %eax,", "", -3)
        at("lock addl %eax,", "", -1)
        at("cmpxchgl %edx,", "", -2)
        at("cmpxchg8b", "", -7, -4, -1)
        at("mull", "", -2)
        at("imull", ", %eax", -1)
        at("btl $31,", "", -2)
        at("btsl $31,", "", -1)
        at("setc", "", -1)
        at("bsfl", ", %eax", -3)
        at("movsbl", ", %eax", -1)
        at("cmovcl", ", %eax", -2)
        form("movw $0, 1(%ebx); lfsl -3(%ebx), %eax")
        form("movw $0, -1(%ebx); lfsl -5(%ebx), %eax")
        at("sgdtl", "", -5, -2)
        at("sidtl", "", -3)
        .irp    off, -6, -4, -1
        form("movl $-5, \off(%ebx); movl $5, \off + 4(%ebx); boundl %edi, \off(%ebx)")
        .endr
        ret

x87_forms:
        at("flds", "", -3, -1)
        at("fldl", "", -7, -4, -1)
        at("fldt", "", -9, -8, -2, -1)
        at("filds", "", -1)
        at("fildl", "", -2)
        at("fildll", "", -5)
        at("fbld", "", -9, -1)
        at("fld1; faddl", "", -3)
        at("fildl 40(%ebx); fsts", "", -2)
        at("fildl 40(%ebx); fstpl", "", -7, -1)
        at("fildl 40(%ebx); fstpt", "", -9, -8, -2, -1)
        at("fildl 40(%ebx); fistps", "", -1)
        at("fildl 40(%ebx); fistpl", "", -3)
        at("fildl 40(%ebx); fistpll", "", -6)
        at("fildl 40(%ebx); fbstp", "", -5)
        at("fstcw", "", -1)
        at("fstsw", "", -1)
        form("movw $0x77f, -1(%ebx); fldcw -1(%ebx)")
        form("fildl 40(%ebx); fnsave -50(%ebx); frstor -50(%ebx); call clear_pointers")
        form("fnstenv -14(%ebx); fldenv -14(%ebx); call clear_pointers")
        ret

sse_forms:
        at("movd", ", %mm0", -2)
        at("movq", ", %mm0", -7, -4, -1)
        at("movq pattern, %mm0; movd %mm0,", "", -3)
        at("movq pattern, %mm0; movq %mm0,", "", -7, -4, -1)
        at("movss", ", %xmm0", -1)
        at("movlps", ", %xmm0", -3)
        at("movups", ", %xmm0", -15, -8, -1)
        at("movss %xmm0,", "", -2)
        at("movhps %xmm0,", "", -1)
        at("movups %xmm0,", "", -15, -8, -1)
        at("stmxcsr", "", -3)
        form("movl $0x1f80, -2(%ebx); ldmxcsr -2(%ebx)")
        form("movq pattern, %mm0; leal -3(%ebx), %edi; maskmovq %mm0, %mm0; call relative_edi")
        form("fxsave -256(%ebx); fxrstor -256(%ebx); movl $0, -256+8(%ebx); movl $0, -256+16(%ebx)")
        form("fxsave -16(%ebx); fxrstor -16(%ebx); movl $0, -16+8(%ebx); movl $0, (%ebx)")
        movl    $1, %eax
        cpuid
        testl   $1, %ecx                /* SSE3, and SSE2 before it */
        jz      1f
        at("movsd", ", %xmm0", -7, -1)
        at("movsd %xmm0,", "", -5)
        at("movdqu", ", %xmm0", -9)
        at("movdqu %xmm0,", "", -7)
        at("lddqu", ", %xmm0", -2)
        form("leal -9(%ebx), %edi; maskmovdqu %xmm0, %xmm0; call relative_edi")
1:      ret

/* The address itself passes the end: base, index and displacement, and a segment's base. */
address_forms:
        form("leal 16(%ebx), %esi; movl -18(%esi), %eax; call relative_esi")
        form("movl $-1, %esi; movl (%ebx,%esi,2), %eax")
        form("movl $0x40000000, %esi; movl -2(%ebx,%esi,4), %eax")
        form("movl $0x80000001, %esi; leal 0x7fffffff(%ebx), %edi; addl %edx, -3(%edi,%esi); call relative_edi")
        form("leal -3(%ebx), %edi; movb $5, %al; xchgl %ebx, %edi; xlatb; xchgl %ebx, %edi; call relative_edi")
        form("movl $40, %esi; btsl %esi, -5(%ebx); movl $-30, %esi; btcl %esi, 3(%ebx)")
        set_desc T0, $0xfffff000, $0xfffff, A_DATA + A_PAGES
        set_desc T1, $(WITHIN - 0x1000), $0xfffff, A_DATA + A_PAGES
        form("call based; movl %fs:0xffe, %eax; movl %edx, %fs:0xffd; addl %edx, %fs:0xfff; call flat")
        form("call based; movl %fs:0x1000, %eax; movups %fs:0xff8, %xmm0; fldt %fs:0xff7; call flat")
        form("call based; movl $0xffb, %esi; leal -60(%ebx), %edi; movl $9, %ecx; rep; movsb %fs:(%esi), %es:(%edi); call relative_edi; call flat")
        ret

/* FS with a base one page before the edge. */
based:  pushfl
        testl   %ebx, %ebx
        jne     1f
        load_seg %fs, T0
        popfl
        ret
1:      load_seg %fs, T1
        popfl
        ret
flat:   load_seg %fs, KDATA
        ret

stack_forms:
        .irp    off, 1, 2, 3, 4
        on_stack(\off, "pushl %eax")
        on_stack(\off, "pushl $0x12345678; popl %ecx")
        on_stack("\off - 4", "popl %ecx")
        on_stack(\off, "pushfl; popfl")
        on_stack(\off, "call pushed_return")
        on_stack(\off, "lcall $KCODE, $pushed_far")
        .endr
        on_stack(1, "pushw %ax")
        on_stack(-1, "popw %ax")
        on_stack(2, "pushl -20(%ebx)")
        on_stack(-2, "popl -20(%ebx)")
        on_stack(-60, "popl 54(%esp)")  /* ESP is what it is behind the pop */
        on_stack(1, "pushl %fs; popl %fs")
        on_stack(14, "pushal; subl %ebx, 12(%esp); subl %ebx, 16(%esp); testl %eax, %eax")
        on_stack(-18, "popal; movl kernel_ebx, %ebx")
        on_stack(7, "pushaw; subw %bx, 6(%esp); subw %bx, 8(%esp); testl %eax, %eax")
        on_stack(6, "pushfl; pushl %cs; pushl $.Ldone; iret; .Ldone:")
        on_stack(5, "int $0x90")
        on_stack(3, "movl $0x11111111, %ebp; enter $12, $0; leave")
        on_stack(10, "leal 6(%ebx), %ebp; enter $4, $3; call relative_frame")
        on_stack(-70, "leal -2(%ebx), %ebp; leave")
        ret

pushed_return:
        ret
pushed_far:
        lret

/* Pointers of the frame that ENTER made become offsets. */
relative_frame:
        popl    %ecx
        subl    %ebx, 16(%esp)
        subl    %ebx, 4(%esp)
        testl   %eax, %eax
        jmp     *%ecx

string_forms:
        .irp    off, -9, -4, -3, -2, -1
        form("leal \off(%ebx), %esi; lodsl; call relative_esi")
        form("leal \off(%ebx), %edi; stosl; call relative_edi")
        form("leal \off(%ebx), %edi; scasl; call relative_edi")
        form("leal \off(%ebx), %esi; leal 90(%ebx), %edi; movsl; cmpsl; call relative_index")
        form("leal \off(%ebx), %edi; leal 90(%ebx), %esi; movsl; cmpsl; call relative_index")
        form("leal \off(%ebx), %edi; leal 90(%ebx), %esi; movl $7, %ecx; rep; movsl; call relative_index")
        form("leal \off(%ebx), %esi; leal 90(%ebx), %edi; movl $11, %ecx; rep; movsw; call relative_index")
        form("leal \off(%ebx), %esi; leal -100(%ebx), %edi; movl $17, %ecx; rep; movsb; call relative_index")
        form("leal \off(%ebx), %edi; movl $6, %ecx; rep; stosl; call relative_edi")
        form("leal \off(%ebx), %edi; movl $20, %ecx; rep; stosb; call relative_edi")
        form("leal \off(%ebx), %esi; movl $5, %ecx; rep; lodsl; call relative_esi")
        form("leal \off(%ebx), %edi; movb 8(%ebx), %al; movl $40, %ecx; repne; scasb; call relative_edi")
        form("leal \off(%ebx), %edi; movl %edi, %esi; movl $9, %ecx; repe; cmpsl; call relative_index")
        form("std; leal -\off(%ebx), %edi; movl $8, %ecx; rep; stosl; cld; call relative_edi")
        form("std; leal -\off(%ebx), %esi; leal 100(%ebx), %edi; movl $9, %ecx; rep; movsl; cld; call relative_index")
        form("std; leal -\off(%ebx), %edi; leal 100(%ebx), %esi; movl $9, %ecx; rep; movsw; cld; call relative_index")
        form("leal \off(%ebx), %edi; movl $0x87, %edx; movl $6, %ecx; rep; insw; call relative_edi")
        form("leal \off(%ebx), %esi; movl $0x80, %edx; movl $6, %ecx; rep; outsb; call relative_esi")
        .endr
        /* Bytes downwards, from the very last one. */
        form("std; leal -1(%ebx), %edi; movl $20, %ecx; rep; stosb; cld; call relative_edi")
        form("std; leal -1(%ebx), %esi; movl $20, %ecx; rep; lodsb; cld; call relative_esi")
        form("std; leal -1(%ebx), %esi; leal 100(%ebx), %edi; movl $20, %ecx; rep; movsb; cld; call relative_index")
        form("std; leal -1(%ebx), %edi; leal 100(%ebx), %esi; movl $20, %ecx; rep; movsb; cld; call relative_index")
        form("std; leal -1(%ebx), %edi; movb -9(%ebx), %al; movl $40, %ecx; repne; scasb; cld; call relative_edi")
        form("std; leal -1(%ebx), %esi; movl %esi, %edi; movl $20, %ecx; repe; cmpsb; cld; call relative_index")
        form("std; leal -1(%ebx), %edi; movl $0x87, %edx; movl $6, %ecx; rep; insb; cld; call relative_edi")
        ret

        /* Addresses in registers become offsets; flags stay. */
        .irp    reg, esi, edi, ebp
relative_\reg:
        pushfl
        subl    %ebx, %\reg
        popfl
        ret
        .endr
relative_index:
        call    relative_esi
        jmp     relative_edi

/* Tables and the TSS across the edge. The GDT is copied so that T2's descriptor lies there. */
system_forms:
        set_desc T2, $0x500000, $0x1234, "A_DATA - 1" /* not accessed yet */
        sgdtl   gdt_kept
        sidtl   idt_kept
        movl    gdt_kept + 2, %esi
        movl    $-(T2 + 4), %edi
        movl    $0x80, %ecx
        rep     movsb
        movl    $-(T2 + 4), gdt_moved + 2
        movw    gdt_kept, %ax
        movw    %ax, gdt_moved
        movl    gdt_moved, %eax
        movl    %eax, EDGE - 403
        movw    gdt_moved + 4, %ax
        movw    %ax, EDGE - 403 + 4
        lgdtl   -403
        load_seg %fs, T2
        movl    $T2, %eax
        lsll    %eax, %ecx
        check_eq(%ecx, $0x1234)
        larl    %eax, %ecx
        check_eq(%ecx, $0x00409300)
        check_bits(EDGE, 0xff00, 0x9300) /* the accessed bit was set behind the edge */
        verw    %ax
        jz      1f
        fail
1:      movl    %fs:0, %eax
        load_seg %fs, KDATA
        /* LGDT's operand across the edge, and back to where it was. */
        movl    gdt_kept, %eax
        movl    %eax, -3
        movw    gdt_kept + 4, %ax
        movw    %ax, 1
        lgdtl   -3
        load_seg %fs, KDATA
        sgdtl   gdt_moved
        movl    gdt_kept + 2, %eax
        check_eq(%eax, gdt_moved + 2)

        /* The IDT, with vector 91's gate across. */
        set_gate 0x91, $gate_across
        movl    idt_kept + 2, %esi
        movl    $-(0x91 * 8 + 4), %edi
        movzwl  idt_kept, %ecx
        incl    %ecx
        rep     movsb
        movl    $-(0x91 * 8 + 4), idt_moved + 2
        movw    idt_kept, %ax
        movw    %ax, idt_moved
        lidtl   idt_moved
        xorl    %eax, %eax
        int     $0x91
        check_eq(%eax, $0x91)
        lidtl   idt_kept

        /* The TSS, with ESP0 across: from CPL 3 onto it. */
        movl    %esp, kernel_esp
        str     %ax
        movw    %ax, %cx
        movl    gdt_kept + 2, %esi
        andl    $0xfff8, %eax
        addl    %eax, %esi              /* TR's descriptor */
        movl    (%esi), %eax
        movl    %eax, tss_kept
        movl    4(%esi), %eax
        movl    %eax, tss_kept + 4
        movl    2(%esi), %eax
        andl    $0xffffff, %eax
        movl    7 - 3(%esi), %edx
        andl    $0xff000000, %edx
        orl     %edx, %eax              /* its base */
        movl    %esi, %ebx
        movl    %eax, %esi
        movl    $-6, %edi
        movl    $26, %ecx
        rep     movsl
        movw    $(-6 & 0xffff), 2(%ebx)
        movb    $0xff, 4(%ebx)
        movb    $0x89, 5(%ebx)
        movb    $0xff, 7(%ebx)
        str     %ax
        ltr     %ax
        user_begin
        movl    $0x33, %ecx
        user_end
        check_eq(%ecx, $0x33)
        movl    tss_kept, %eax
        movl    %eax, (%ebx)
        movl    tss_kept + 4, %eax
        movl    %eax, 4(%ebx)
        movb    $0x89, 5(%ebx)
        str     %ax
        ltr     %ax
        ret

gate_across:
        movl    $0x91, %eax
        iret

/* Code on both sides: instructions across the edge, loops, calls, and stores into them. EIP itself may pass 4 GiB
 * between instructions, but not in one (wrap_code.S); so T3 is a segment with a base one page before the edge. */
        .macro  put_code offset, from, to
        movl    $\from, %esi
        movl    $\offset, %edi
        movl    $(\to - \from), %ecx
        rep     movsb
        .endm
        .macro  call_based offset
        movl    $(0x1000 + \offset), code_pointer
        lcall   *code_pointer
        .endm
code_forms:
        set_desc T3, $0xfffff000, $0xfffff, A_CODE + A_PAGES
        .irp    offset, -1, -2, -3, -4, -5, -6
        put_code \offset, piece_mov, piece_mov_end
        xorl    %eax, %eax
        call_based \offset
        check_eq(%eax, $0x12345678)
        movl    $0x0badcafe, \offset + 1 /* into the instruction that just ran */
        call_based \offset
        check_eq(%eax, $0x0badcafe)
        .endr
        .irp    offset, -9, -8, -7, -6, -5, -4, -3, -2, -1
        put_code \offset, piece_loop, piece_loop_end
        xorl    %eax, %eax
        movl    $100, %ecx
        call_based \offset
        check_eq(%eax, $300)
        .endr
        put_code 0x20, piece_low, piece_low_end
        put_code -0x40, piece_high, piece_high_end
        xorl    %eax, %eax
        movl    $50, %ecx
        call_based 0x20
        check_eq(%eax, $150)

        /* The same without a base: from the last byte to the first, and calls both ways. */
        movb    $0xc3, piece_loop_end - 1 /* RET instead of RETF */
        movb    $0xc3, piece_low_end - 1
        put_code -4, piece_loop, piece_loop_end
        put_code 0x20, piece_low, piece_low_end
        xorl    %eax, %eax
        movl    $100, %ecx
        movl    $-4, %edx
        call    *%edx
        check_eq(%eax, $300)
        movl    $50, %ecx
        movl    $0x20, %edx
        call    *%edx
        check_eq(%eax, $450)
        ret

piece_mov:
        movl    $0x12345678, %eax
        lret
piece_mov_end:
piece_loop:
1:      addl    $3, %eax
        nop
        decl    %ecx
        nop
        jnz     1b
        lret
piece_loop_end:
        /* At 20: calls what is at -40. */
piece_low:
        .byte   0xe8
        .long   -0x60 - 5
        decl    %ecx
        jnz     piece_low
        lret
piece_low_end:
piece_high:
        addl    $2, %eax
        incl    %eax
        ret
piece_high_end:

/* The page at 0 is absent, then the one at the top: CR2 is the first byte that is missing, nothing is stored. */
faults: movl    $0x5a5a5a5a, EDGE - 4
        set_pte 0, 0
        expect_fault(PFV, E_W, movl %eax, -2)
        check_eq(fault_cr2, $0)
        expect_fault(PFV, 0, movl -1, %eax)
        expect_fault(PFV, E_W, addl %eax, -3)
        expect_fault(PFV, E_W, fstpt -4)
        expect_fault(PFV, E_W, movups %xmm0, -4)
        check_eq(EDGE - 4, $0x5a5a5a5a)
        expect_fault(PFV, E_W, fxsave -16)
        check_eq(fault_cr2, $0)
        set_pte 0, EDGE | P_P | P_W
        movl    $0, top_table + 1023 * 4
        movl    %cr3, %eax
        movl    %eax, %cr3
        movl    $0x77777777, EDGE
        expect_fault(PFV, E_W, movl %eax, -2)
        check_eq(fault_cr2, $-2)
        expect_fault(PFV, E_W, fxsave -16)
        check_eq(fault_cr2, $-16)
        check_eq(EDGE, $0x77777777)
        ret

/* Fills both places, runs the routine at each, and compares: different is what differed first, or 0. */
run_both:
        pushal
        movl    $EDGE, place
        call    fill
        movl    $WITHIN, place
        call    fill
        set_gate 0x90, $int_across
        xorl    %ebx, %ebx
        movl    $state_0, state
        call    run_one
        movl    $WITHIN, %ebx
        movl    $state_1, state
        call    run_one
        movl    $1, different
        movl    $state_0, %esi
        movl    $state_1, %edi
        movl    $(STATE_BYTES / 4), %ecx
        repe    cmpsl
        jne     1f
        movl    $2, different
        movl    $(EDGE - SPAN), %esi
        movl    $(WITHIN - SPAN), %edi
        movl    $(SPAN / 2), %ecx
        repe    cmpsl
        jne     1f
        movl    $0, different
1:      popal
        ret

int_across:
        movl    $0x90, %eax
        iret

/* Bytes that differ from their neighbours. */
fill:   movl    place, %edi
        subl    $SPAN, %edi
        movl    $(SPAN * 2), %ecx
        movl    $0x35, %eax
1:      stosb
        imull   $29, %eax, %eax
        addl    $0x11, %eax
        loop    1b
        ret

run_one:
        movl    %ebx, kernel_ebx
        fninit
        movups  pattern, %xmm0
        movl    $0x89abcdef, %eax
        movl    $0x00000d06, %ecx
        movl    $0x13572468, %edx
        xorl    %esi, %esi
        xorl    %edi, %edi
        xorl    %ebp, %ebp
        pushl   $3
        popfl
        call    *routine
        pushfl
        subl    kernel_ebx, %ebx
        pushal
        movl    state, %ebp
        fnsave  8 * 4 + 4(%ebp)
        movl    $0, 8 * 4 + 4 + 12(%ebp) /* the pointers differ */
        movl    $0, 8 * 4 + 4 + 16(%ebp)
        movl    $0, 8 * 4 + 4 + 20(%ebp)
        movl    $0, 8 * 4 + 4 + 24(%ebp)
        movups  %xmm0, 9 * 4 + 108(%ebp)
        movl    %ebp, %edi
        movl    %esp, %esi
        movl    $9, %ecx
        rep     movsl
        addl    $36, %esp
        ret

/* The images that FNSAVE and FNSTENV left have pointers, which differ. */
clear_pointers:
        movl    $0, -50 + 12(%ebx)
        movl    $0, -50 + 20(%ebx)
        movl    $0, -14 + 12(%ebx)
        movl    $0, -14 + 20(%ebx)
        ret

        .data
        .balign 16
pattern:
        .byte   0x81, 0x02, 0x83, 0x04, 0x05, 0x86, 0x87, 0x08, 0x89, 0x8a, 0x0b, 0x8c, 0x0d, 0x8e, 0x8f, 0x90
        .set    STATE_BYTES, 9 * 4 + 108 + 16
        .set    WITHIN, 0x681000
routine:
        .long   0
place:  .long   0
state:  .long   0
state_0:
        .space  STATE_BYTES
state_1:
        .space  STATE_BYTES
different:
        .long   0
kernel_esp:
        .long   0
kernel_ebx:
        .long   0
code_pointer:
        .long   0
        .word   T3
gdt_kept:
        .space  8
gdt_moved:
        .space  8
idt_kept:
        .space  8
idt_moved:
        .space  8
tss_kept:
        .space  8
        .bss
        .balign 4096
top_table:
        .space  4096
