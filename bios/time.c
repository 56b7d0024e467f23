/* The system clock: INT 08h (timer tick), INT 1Ah (time of day, RTC), INT 70h (RTC alarm and periodic
 * interrupt), INT 15h AH=83h and 86h (waits by the periodic interrupt).
 *
 * Source: IBM PS/2 and Personal Computer BIOS Interface Technical Reference; MC146818A data sheet. */
#include "services.h"

#include "bda.h"

#define TICKS_PER_DAY 0x1800b0
#define PERIOD_US     977 /* of the RTC's 1024 Hz */

#define RTC_A       0x0a
#define RTC_A_UIP   0x80
#define RTC_A_START 0x26 /* 32768 Hz, 1024 Hz periodic */
#define RTC_B       0x0b
#define RTC_B_SET   0x80
#define RTC_B_PIE   0x40
#define RTC_B_AIE   0x20
#define RTC_B_24H   0x02
#define RTC_C       0x0c
#define RTC_C_PF    0x40
#define RTC_C_AF    0x20
#define RTC_CENTURY 0x32

extern const u8 tick_hook[];

/* INT 1Ch and the end of the interrupt follow in entry.S. */
void int08(struct regs *r)
{
    if (++bda->ticks >= TICKS_PER_DAY) {
        bda->ticks = 0;
        bda->midnight = 1;
    }
    /* Whoever hooks the tick may count as well, and leave 0. */
    if ((bda->fd_motor & 0x0f) && (!bda->fd_motor_count || !--bda->fd_motor_count)) {
        bda->fd_motor &= 0xf0;
        outb(0x3f2, 0x0c); /* motors off, interrupt and DMA on */
    }
    r->next = (u32)BIOS_SEG << 16 | (u16)(u32)tick_hook;
}

/* RTC registers are not to be read while they change, 244 us at most. */
static bool rtc_ready(void)
{
    for (u32 i = 0; i < 10000; i++)
        if (!(cmos_read(RTC_A) & RTC_A_UIP))
            return true;
    return false;
}

/* The tick count that belongs to the RTC's time: 1193182 Hz / 65536 = 18.2065 a second. */
void time_init(void)
{
    u32 seconds, hundredths;

    cmos_write(RTC_A, RTC_A_START);
    cmos_write(RTC_B, RTC_B_24H);
    cmos_read(RTC_C);
    rtc_ready();
    seconds = from_bcd(cmos_read(4)) * 3600 + from_bcd(cmos_read(2)) * 60 + from_bcd(cmos_read(0));
    if (seconds >= 86400)
        seconds = 0;
    /* 18.2065 = 18 + 2065/10000, in steps that fit into 32 bits */
    hundredths = seconds * 2065 / 10000;
    bda->ticks = seconds * 18 + hundredths;
    bda->midnight = 0;
}

/* Switches the periodic interrupt; it stays on while a wait runs. */
static void rtc_periodic(bool on)
{
    u8 b = cmos_read(RTC_B);

    cmos_write(RTC_B, on ? b | RTC_B_PIE : b & (u8)~RTC_B_PIE);
    if (on) {
        cmos_read(RTC_C);
        irq_unmask(8);
    }
}

static void wait_tick(void)
{
    if (!(bda->wait_active & 1))
        return;
    if (bda->wait_us > PERIOD_US) {
        bda->wait_us -= PERIOD_US;
        return;
    }
    bda->wait_us = 0;
    rtc_periodic(false);
    bda->wait_active = 0;
    far_write8(bda->wait_flag_seg, bda->wait_flag_off,
               far_read8(bda->wait_flag_seg, bda->wait_flag_off) | 0x80);
}

/* Register C is cleared by who reads it, and that may have been a program's handler before us: then it
 * was for what is switched on. */
void int70(struct regs *unused)
{
    u8 b = cmos_read(RTC_B), c = cmos_read(RTC_C) & b & (RTC_C_PF | RTC_C_AF);
    struct regs r;

    (void)unused;
    if (!c)
        c = b & RTC_B_PIE ? RTC_C_PF : b & RTC_B_AIE;
    if (c & RTC_C_PF)
        wait_tick();
    if (c & RTC_C_AF) {
        memset(&r, 0, sizeof(r));
        call_int(0x4a, &r);
    }
    irq_eoi(8);
}

static bool wait_start(u16 seg, u16 off, u32 us)
{
    u16 flags = irq_save();
    bool free = !(bda->wait_active & 1);

    if (free) {
        bda->wait_flag_seg = seg;
        bda->wait_flag_off = off;
        bda->wait_us = us;
        bda->wait_active = 1;
        rtc_periodic(true);
    }
    irq_restore(flags);
    return free;
}

/* INT 15h AH=83h: sets bit 7 of ES:BX when CX:DX microseconds are over. */
void event_wait_service(struct regs *r)
{
    if (r->al == 1) {
        rtc_periodic(false);
        bda->wait_active = 0;
        set_cf(r, false);
        return;
    }
    set_cf(r, !wait_start(r->es, r->bx, (u32)r->cx << 16 | r->dx));
    r->al = cmos_read(RTC_B);
}

/* INT 15h AH=86h: the same, and waits for it: the flag is 40:A0 itself. */
void wait_service(struct regs *r)
{
    u32 us = (u32)r->cx << 16 | r->dx;

    if (!wait_start(BDA_SEG, offsetof(struct bios_data, wait_active), us)) {
        set_cf(r, true);
        r->ah = 0x83;
        return;
    }
    while (!(bda->wait_active & 0x80))
        irq_wait();
    bda->wait_active = 0;
    set_cf(r, false);
}

static void rtc_set(u8 seconds_or_day, const struct regs *r)
{
    u8 b = cmos_read(RTC_B);

    cmos_write(RTC_A, RTC_A_START);
    cmos_write(RTC_B, b | RTC_B_SET);
    if (seconds_or_day == 0) {
        cmos_write(0, r->dh);
        cmos_write(2, r->cl);
        cmos_write(4, r->ch);
        b = (b & (RTC_B_PIE | RTC_B_AIE)) | RTC_B_24H | (r->dl & 1);
    } else {
        cmos_write(6, 0);
        cmos_write(7, r->dl);
        cmos_write(8, r->dh);
        cmos_write(9, r->cl);
        cmos_write(RTC_CENTURY, r->ch);
    }
    cmos_write(RTC_B, b & (u8)~RTC_B_SET);
}

static bool rtc_alarm(const struct regs *r)
{
    u8 b = cmos_read(RTC_B);

    if (b & RTC_B_AIE)
        return false;
    if (!rtc_ready())
        return false;
    cmos_write(1, r->dh);
    cmos_write(3, r->cl);
    cmos_write(5, r->ch);
    cmos_read(RTC_C);
    irq_unmask(8);
    cmos_write(RTC_B, (b & (u8)~RTC_B_SET) | RTC_B_AIE);
    return true;
}

void int1a(struct regs *r)
{
    bool ok = true;
    u16 flags;

    switch (r->ah) {
    case 0x00:
        flags = irq_save();
        r->cx = bda->ticks >> 16;
        r->dx = (u16)bda->ticks;
        r->al = bda->midnight;
        bda->midnight = 0;
        irq_restore(flags);
        break;
    case 0x01:
        flags = irq_save();
        bda->ticks = (u32)r->cx << 16 | r->dx;
        bda->midnight = 0;
        irq_restore(flags);
        r->ah = 0;
        break;
    case 0x02:
        ok = rtc_ready();
        if (ok) {
            r->dh = cmos_read(0);
            r->cl = cmos_read(2);
            r->ch = cmos_read(4);
            r->dl = cmos_read(RTC_B) & 1;
            r->ax = r->ch;
        }
        break;
    case 0x03:
        ok = rtc_ready();
        if (ok)
            rtc_set(0, r);
        r->ah = 0;
        break;
    case 0x04:
        ok = rtc_ready();
        if (ok) {
            r->dl = cmos_read(7);
            r->dh = cmos_read(8);
            r->cl = cmos_read(9);
            r->ch = cmos_read(RTC_CENTURY);
            r->al = r->ch;
        }
        break;
    case 0x05:
        ok = rtc_ready();
        if (ok)
            rtc_set(1, r);
        r->ah = 0;
        break;
    case 0x06:
        ok = rtc_alarm(r);
        r->ax = 0;
        break;
    case 0x07: cmos_write(RTC_B, cmos_read(RTC_B) & (u8) ~(RTC_B_AIE | RTC_B_SET)); break;
    case 0xb1: pci_service(r); return;
    default: ok = false; break;
    }
    set_cf(r, !ok);
}
