/* INT 15h AH=53h: Advanced Power Management 1.2.
 *
 * Installation check, the interfaces' connection (real mode, 16-bit and 32-bit protected), version, power
 * state (off really switches off; idle waits), power status (on line, no battery), enabling and engaging,
 * events (none). Source: APM BIOS Interface Specification 1.2 (Intel, Microsoft), section 4. */
#include "apm.h"

#include "bda.h"

enum {
    APM_OK = 0,
    APM_DISABLED = 0x01,
    APM_CONNECTED = 0x02,
    APM_NOT_CONNECTED = 0x03,
    APM_16_CONNECTED = 0x05,
    APM_32_CONNECTED = 0x07,
    APM_BAD_DEVICE = 0x09,
    APM_BAD_VALUE = 0x0a,
    APM_NO_EVENT = 0x80,
    APM_UNSUPPORTED = 0x86,
};

static void apm_error(struct regs *r, u8 error)
{
    r->ah = error;
    set_cf(r, true);
}

static void apm_connect(struct regs *r, u8 mode)
{
    if (ebda->apm_connected) {
        apm_error(r, ebda->apm_connected == 1   ? APM_CONNECTED
                     : ebda->apm_connected == 2 ? APM_16_CONNECTED
                                                : APM_32_CONNECTED);
        return;
    }
    ebda->apm_connected = mode;
    ebda->apm_version_minor = 0;
    set_cf(r, false);
    if (mode == 1)
        return;
    r->ax = BIOS_SEG;
    if (mode == 2) {
        r->bx = (u16)(u32)apm_entry_16;
        r->cx = BIOS_SEG; /* data: never used */
        r->si = 0xfff0;
        r->di = 0xfff0;
        return;
    }
    r->ebx = (u32)apm_entry_32;
    r->cx = BIOS_SEG;
    r->dx = BIOS_SEG;
    r->esi = 0xfff0fff0;
    r->di = 0xfff0;
}

static void apm_common(struct regs *r)
{
    u16 flags = r->flags;

    call_far(BIOS_SEG, (u16)(u32)apm_entry_16, r);
    flags = (flags & (u16)~FLAG_CF) | (r->flags & FLAG_CF);
    r->flags = flags;
}

void apm_service(struct regs *r)
{
    if (r->al > 0x04 && !ebda->apm_connected) {
        apm_error(r, APM_NOT_CONNECTED);
        return;
    }
    switch (r->al) {
    case 0x00:
        if (r->bx) {
            apm_error(r, APM_BAD_DEVICE);
            return;
        }
        r->ax = 0x0102;
        r->bx = 'P' << 8 | 'M';
        r->cx = 0x0003; /* 16-bit and 32-bit interfaces */
        set_cf(r, false);
        return;
    case 0x01:
    case 0x02:
    case 0x03: apm_connect(r, r->al); return;
    case 0x04:
        if (!ebda->apm_connected) {
            apm_error(r, APM_NOT_CONNECTED);
            return;
        }
        ebda->apm_connected = 0;
        set_cf(r, false);
        return;
    }
    apm_common(r);
}
