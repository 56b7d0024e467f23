/* INT 15h: system services.
 *
 * 24xx (a20.c), 4F, 52, 53xx (apm.c), 83, 85, 86, 87 (block move), 88, 89 is missing, 90, 91, C0, C1, C2
 * (mouse.c), E8xx (memory.c). Sources: IBM PS/2 and Personal Computer BIOS Interface Technical
 * Reference, INT 15h; Ralf Brown's interrupt list for 24h. */
#include "services.h"

#include "a20.h"
#include "bda.h"

extern const u8 config_table[];

static u32 descriptor_base(u16 seg, u16 off)
{
    return (far_read32(seg, off + 2) & 0x00ffffff) | (u32)far_read8(seg, off + 7) << 24;
}

/* Moves CX words between the bases of the caller's descriptors 2 and 3. */
static void block_move(struct regs *r)
{
    bool a20;

    if (r->cx > 0x8000) {
        r->ah = 0x02;
        set_cf(r, true);
        return;
    }
    a20 = a20_open();
    copy_physical(descriptor_base(r->es, r->si + 0x18), descriptor_base(r->es, r->si + 0x10),
                  r->cx);
    if (!a20)
        a20_close();
    r->ah = 0;
    set_cf(r, false);
    set_flag(r, FLAG_ZF, true);
}

void int15(struct regs *r)
{
    switch (r->ah) {
    case 0x24: a20_service(r); break;
    case 0x4f: set_cf(r, true); break; /* the key as it is */
    case 0x52:                         /* may this disk be ejected? */
        r->ah = 0;
        set_cf(r, false);
        break;
    case 0x53: apm_service(r); break;
    case 0x83: event_wait_service(r); break;
    case 0x85: /* SysRq */
        r->ah = 0;
        set_cf(r, false);
        break;
    case 0x86: wait_service(r); break;
    case 0x87: block_move(r); break;
    case 0x88:
    case 0xe8: memory_map(r); break;
    case 0x90: /* a wait begins: no other task */
    case 0x91:
        r->ah = 0;
        set_cf(r, false);
        break;
    case 0xc0:
        r->es = BIOS_SEG;
        r->bx = (u16)(u32)config_table;
        r->ah = 0;
        set_cf(r, false);
        break;
    case 0xc1:
        r->es = bda->ebda_seg;
        set_cf(r, false);
        break;
    case 0xc2: mouse_service(r); break;
    default: r->ah = 0x86; set_cf(r, true);
    }
}
