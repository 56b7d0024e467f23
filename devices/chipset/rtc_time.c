/* The RTC's ten time and alarm registers: between register contents and seconds since 1970.
 *
 * Source: Motorola MC146818A datasheet, tables 2 and 3 (formats), "Alarm bytes" (values of 0xc0 and
 * above match everything). */
#include "devices/chipset/rtc_time.h"

#define DAY       86400
#define HOUR_PM   0x80
#define ALARM_ANY 0xc0
#define DAYS_1970 719468 /* from 1 March of year 0 to 1 January 1970 */
#define DAYS_400  146097 /* days in 400 Gregorian years */

static unsigned decode(const u8 *cmos, u8 v)
{
    return cmos[RTC_B] & RTC_B_BINARY ? v : (v >> 4) * 10u + (v & 15u);
}

static u8 encode(const u8 *cmos, unsigned v)
{
    return (u8)(cmos[RTC_B] & RTC_B_BINARY ? v : v / 10 << 4 | v % 10);
}

/* Hours: in 12-hour format 12, 1, ... 11 with bit 7 for PM. */
static unsigned decode_hour(const u8 *cmos, u8 v)
{
    if (cmos[RTC_B] & RTC_B_24H)
        return decode(cmos, v);
    return decode(cmos, v & (u8)~HOUR_PM) % 12 + (v & HOUR_PM ? 12 : 0);
}

static u8 encode_hour(const u8 *cmos, unsigned v)
{
    unsigned hour = v % 12 ? v % 12 : 12;

    if (cmos[RTC_B] & RTC_B_24H)
        return encode(cmos, v);
    return encode(cmos, hour) | (v >= 12 ? HOUR_PM : 0);
}

static i64 floor_div(i64 a, i64 b)
{
    return a / b - (a % b < 0);
}

/* Days since 1 January 1970 of a Gregorian date; month 1 to 12. Years are counted from March, so
 * that the leap day is the last one. */
static i64 days_from_date(i64 year, unsigned month, unsigned day)
{
    i64 y = year - (month <= 2), era = floor_div(y, 400), yoe = y - era * 400;
    i64 doy = (153 * ((month + 9) % 12) + 2) / 5;

    return era * DAYS_400 + yoe * 365 + yoe / 4 - yoe / 100 + doy + day - 1 - DAYS_1970;
}

static void date_from_days(i64 days, i64 *year, unsigned *month, unsigned *day)
{
    i64 z = days + DAYS_1970, era = floor_div(z, DAYS_400), doe = z - era * DAYS_400;
    i64 yoe = (doe - doe / 1460 + doe / 36524 - doe / (DAYS_400 - 1)) / 365;
    i64 doy = doe - (365 * yoe + yoe / 4 - yoe / 100), m = (5 * doy + 2) / 153;

    *day = (unsigned)(doy - (153 * m + 2) / 5 + 1);
    *month = (unsigned)(m < 10 ? m + 3 : m - 9);
    *year = era * 400 + yoe + (*month <= 2);
}

i64 rtc_time_get(const u8 *cmos)
{
    unsigned month =
        decode(cmos, cmos[RTC_MONTH]) + 11; /* month 0 is December of the year before */
    i64 year = decode(cmos, cmos[RTC_CENTURY]) * 100 + decode(cmos, cmos[RTC_YEAR]);
    i64 days = days_from_date(year + month / 12 - 1, month % 12 + 1, decode(cmos, cmos[RTC_DAY]));

    return days * DAY + decode_hour(cmos, cmos[RTC_HOURS]) * 3600 +
           decode(cmos, cmos[RTC_MINUTES]) * 60 + decode(cmos, cmos[RTC_SECONDS]);
}

static void set_date_and_time(u8 *cmos, i64 seconds)
{
    i64 days = floor_div(seconds, DAY), year;
    unsigned tod = (unsigned)(seconds - days * DAY), month, day;

    date_from_days(days, &year, &month, &day);
    cmos[RTC_SECONDS] = encode(cmos, tod % 60);
    cmos[RTC_MINUTES] = encode(cmos, tod / 60 % 60);
    cmos[RTC_HOURS] = encode_hour(cmos, tod / 3600);
    cmos[RTC_DAY] = encode(cmos, day);
    cmos[RTC_MONTH] = encode(cmos, month);
    cmos[RTC_YEAR] = encode(cmos, (unsigned)(year % 100));
    cmos[RTC_CENTURY] = encode(cmos, (unsigned)(year / 100 % 100));
}

void rtc_time_set(u8 *cmos, i64 seconds)
{
    i64 week = (floor_div(seconds, DAY) + 4) % 7; /* 1 January 1970 was a Thursday */

    set_date_and_time(cmos, seconds);
    cmos[RTC_WEEKDAY] = encode(cmos, (unsigned)((week + 7) % 7 + 1));
}

void rtc_time_advance(u8 *cmos, i64 seconds)
{
    i64 from = rtc_time_get(cmos), to = from + seconds;
    i64 week = decode(cmos, cmos[RTC_WEEKDAY]) + 6 + floor_div(to, DAY) - floor_div(from, DAY);

    set_date_and_time(cmos, to);
    cmos[RTC_WEEKDAY] = encode(cmos, (unsigned)(week % 7 + 1));
}

u32 rtc_time_to_alarm(const u8 *cmos, u32 now)
{
    u8 hour = cmos[RTC_HOURS_ALARM], minute = cmos[RTC_MINUTES_ALARM];
    u8 second = cmos[RTC_SECONDS_ALARM];
    u32 t = now + 1;

    if ((second < ALARM_ANY && decode(cmos, second) > 59) ||
        (minute < ALARM_ANY && decode(cmos, minute) > 59) ||
        (hour < ALARM_ANY && decode_hour(cmos, hour) > 23))
        return 0;
    while (t <= now + DAY) { /* at most some 200 rounds */
        if (hour < ALARM_ANY && t / 3600 % 24 != decode_hour(cmos, hour))
            t += 3600 - t % 3600;
        else if (minute < ALARM_ANY && t / 60 % 60 != decode(cmos, minute))
            t += 60 - t % 60;
        else if (second < ALARM_ANY && t % 60 != decode(cmos, second))
            t++;
        else
            return t - now;
    }
    return 0;
}
