/* The bell: about an eighth of a second of 900 Hz from the timer's channel 2. */
#include "bios/vga/text.h"

#define PORT_PIT_CHANNEL2 0x42
#define PORT_PIT_CONTROL  0x43
#define PORT_SPEAKER      0x61
#define SPEAKER_ON        0x03
#define REFRESH           0x10 /* toggles every 15.1 us */
#define TOGGLES           8300
#define POLLS_MAX         2000000 /* a machine whose bit does not toggle must not stop here */

void beep(void)
{
    u16 divisor = 1193182 / 900;
    u8 speaker = in8(PORT_SPEAKER), before = speaker & REFRESH;
    u32 polls = 0;

    out8(PORT_PIT_CONTROL, 0xb6);
    out8(PORT_PIT_CHANNEL2, LOW(divisor));
    out8(PORT_PIT_CHANNEL2, HIGH(divisor));
    out8(PORT_SPEAKER, speaker | SPEAKER_ON);
    for (u16 toggles = 0; toggles < TOGGLES && polls < POLLS_MAX; polls++) {
        u8 now = in8(PORT_SPEAKER) & REFRESH;
        if (now != before) {
            before = now;
            toggles++;
        }
    }
    out8(PORT_SPEAKER, speaker & (u8)~SPEAKER_ON);
}
