/* A machine's speed in words, and the steps that keys go by. */
#include "devices/base/speed.h"

#include <stdio.h>
#include <string.h>

static const u32 steps[] = {10, 25, 50, 75, 100, 150, 200, 300, 500, 1000, SPEED_MAX};

bool speed_parse(const char *text, u32 *speed)
{
    u32 percent = 0;

    if (strcmp(text, "normal") == 0) {
        *speed = SPEED_NORMAL;
        return true;
    }
    if (strcmp(text, "max") == 0) {
        *speed = SPEED_MAX;
        return true;
    }
    for (; *text >= '0' && *text <= '9'; text++) {
        percent = percent * 10 + (u32)(*text - '0');
        if (percent > SPEED_MOST)
            return false;
    }
    if (!percent || (*text && strcmp(text, "%") != 0))
        return false;
    *speed = percent;
    return true;
}

char *speed_text(u32 speed, char *text)
{
    if (speed == SPEED_NORMAL)
        strcpy(text, "normal");
    else if (speed == SPEED_MAX)
        strcpy(text, "max");
    else
        snprintf(text, SPEED_TEXT, "%u %%", speed);
    return text;
}

u32 speed_step(u32 speed, bool up)
{
    unsigned i = 0;

    if (speed == SPEED_NORMAL)
        speed = 100;
    if (up) {
        while (i < ARRAY_SIZE(steps) - 1 && steps[i] <= speed)
            i++;
        return steps[i];
    }
    for (i = ARRAY_SIZE(steps) - 1; i && steps[i] >= speed;)
        i--;
    return steps[i];
}
