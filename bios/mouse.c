/* INT 15h AH=C2h and INT 74h: the PS/2 mouse.
 *
 * C200 enable/disable, C201 reset, C202 rate, C203 resolution, C204 type, C205 initialise, C206 status and
 * scaling, C207 driver, C208 write and C209 read (raw). The driver is called far with status, X, Y and
 * Z words on the stack, one packet at a time. Source: IBM PS/2 and Personal Computer BIOS Interface
 * Technical Reference, INT 15h AH=C2h. */
#include "services.h"

#include "bda.h"
#include "kbc.h"

#define MOUSE_RESET   0xff
#define MOUSE_ENABLE  0xf4
#define MOUSE_DISABLE 0xf5
#define MOUSE_RATE    0xf3
#define MOUSE_ID      0xf2
#define MOUSE_STATUS  0xe9
#define MOUSE_RES     0xe8
#define MOUSE_SCALE2  0xe7
#define MOUSE_SCALE1  0xe6
#define MOUSE_ACK     0xfa

enum {
    MOUSE_OK,
    MOUSE_BAD_FUNCTION,
    MOUSE_BAD_VALUE,
    MOUSE_INTERFACE,
    MOUSE_RESEND,
    MOUSE_NO_DRIVER
};

#define MOUSE_INSTALLED 0x80
#define MOUSE_SIZE_MASK 0x07

/* Sends a byte to the mouse, with both devices' interrupts off, and takes `count` bytes after its
 * acknowledge. */
static u8 mouse_command(u8 command, u8 *answer, unsigned count)
{
    u8 mode = kbc_get_mode();
    u16 flags = irq_save();
    u8 status = MOUSE_OK;
    int c;

    kbc_set_mode((mode | KBC_NO_KBD) & (u8) ~(KBC_NO_AUX | KBC_IRQ1 | KBC_IRQ12));
    kbc_command(0xd4);
    kbc_wait_write();
    outb(KBC_DATA, command);
    c = kbc_read();
    if (c != MOUSE_ACK)
        status = c == 0xfe ? MOUSE_RESEND : MOUSE_INTERFACE;
    while (!status && count--) {
        c = kbc_read();
        if (c < 0)
            status = MOUSE_INTERFACE;
        *answer++ = (u8)c;
    }
    kbc_set_mode(mode);
    irq_restore(flags);
    return status;
}

static u8 mouse_command2(u8 command, u8 value)
{
    u8 status = mouse_command(command, NULL, 0);

    return status ? status : mouse_command(value, NULL, 0);
}

/* The port open and its interrupt on, or both off. */
static void mouse_port(bool on)
{
    u8 mode = kbc_get_mode();

    kbc_set_mode(on ? (mode & (u8)~KBC_NO_AUX) | KBC_IRQ12 : (mode | KBC_NO_AUX) & (u8)~KBC_IRQ12);
    if (on)
        irq_unmask(12);
}

static u8 mouse_reset(struct regs *r)
{
    u8 answer[2], status = mouse_command(MOUSE_RESET, answer, 2);

    if (!status) {
        r->bl = answer[0];
        r->bh = answer[1];
        ebda->mouse_flags = 0;
    }
    return status;
}

static u8 mouse_enable(const struct regs *r)
{
    u8 status;

    ebda->mouse_flags = 0;
    if (r->bh > 1)
        return MOUSE_BAD_VALUE;
    if (r->bh && !(ebda->mouse_size & MOUSE_INSTALLED))
        return MOUSE_NO_DRIVER;
    status = mouse_command(r->bh ? MOUSE_ENABLE : MOUSE_DISABLE, NULL, 0);
    if (!status)
        mouse_port(r->bh);
    return status;
}

static u8 mouse_status(struct regs *r)
{
    u8 answer[3], status;

    switch (r->bh) {
    case 0:
        status = mouse_command(MOUSE_STATUS, answer, 3);
        if (!status) {
            r->bl = answer[0];
            r->cl = answer[1];
            r->dl = answer[2];
        }
        return status;
    case 1: return mouse_command(MOUSE_SCALE1, NULL, 0);
    case 2: return mouse_command(MOUSE_SCALE2, NULL, 0);
    }
    return MOUSE_BAD_VALUE;
}

static const u8 rates[] ROMDATA = {10, 20, 40, 60, 80, 100, 200};

static u8 mouse_function(struct regs *r)
{
    u8 answer, status;

    switch (r->al) {
    case 0x00: return mouse_enable(r);
    case 0x01: return mouse_reset(r);
    case 0x02:
        return r->bh < ARRAY_SIZE(rates) ? mouse_command2(MOUSE_RATE, rom8(&rates[r->bh]))
                                         : MOUSE_BAD_VALUE;
    case 0x03: return r->bh < 4 ? mouse_command2(MOUSE_RES, r->bh) : MOUSE_BAD_VALUE;
    case 0x04:
        status = mouse_command(MOUSE_ID, &answer, 1);
        if (!status)
            r->bh = answer;
        return status;
    case 0x05:
        if (r->bh < 1 || r->bh > 8)
            return MOUSE_BAD_VALUE;
        ebda->mouse_size = (ebda->mouse_size & MOUSE_INSTALLED) | (r->bh - 1);
        return mouse_reset(r);
    case 0x06: return mouse_status(r);
    case 0x07:
        ebda->mouse_off = r->bx;
        ebda->mouse_seg = r->es;
        ebda->mouse_size =
            (ebda->mouse_size & MOUSE_SIZE_MASK) | (r->es || r->bx ? MOUSE_INSTALLED : 0);
        ebda->mouse_flags = 0;
        return MOUSE_OK;
    case 0x08: return mouse_command(r->bl, NULL, 0);
    case 0x09: {
        int c = kbc_read();

        r->bl = (u8)c;
        return c < 0 ? MOUSE_INTERFACE : MOUSE_OK;
    }
    }
    return MOUSE_BAD_FUNCTION;
}

void mouse_service(struct regs *r)
{
    r->ah = mouse_function(r);
    set_cf(r, r->ah != MOUSE_OK);
}

/* entry.S: calls the driver with four words on the stack. */
void call_mouse_driver(u32 driver, u16 status, u16 x, u32 y);

void int74(struct regs *unused)
{
    u8 count;

    (void)unused;
    count = ebda->mouse_flags & MOUSE_SIZE_MASK;
    ebda->mouse_data[count] = inb(KBC_DATA);
    if (!(ebda->mouse_size & MOUSE_INSTALLED)) {
        irq_eoi(12);
        return;
    }
    if (count < (ebda->mouse_size & MOUSE_SIZE_MASK)) {
        ebda->mouse_flags = count + 1;
        irq_eoi(12);
        return;
    }
    ebda->mouse_flags = 0;
    irq_eoi(12);
    call_mouse_driver((u32)ebda->mouse_seg << 16 | ebda->mouse_off, ebda->mouse_data[0],
                      ebda->mouse_data[1], ebda->mouse_data[2] | (u32)ebda->mouse_data[3] << 16);
}
