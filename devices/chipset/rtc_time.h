/* The RTC's ten time and alarm registers: between register contents and seconds since 1970. */
#ifndef PAGEWALK_RTC_TIME_H
#define PAGEWALK_RTC_TIME_H

#include "mmu/host/base.h"

/* Register numbers. */
enum {
    RTC_SECONDS = 0x00,
    RTC_SECONDS_ALARM = 0x01,
    RTC_MINUTES = 0x02,
    RTC_MINUTES_ALARM = 0x03,
    RTC_HOURS = 0x04,
    RTC_HOURS_ALARM = 0x05,
    RTC_WEEKDAY = 0x06, /* 1: Sunday */
    RTC_DAY = 0x07,
    RTC_MONTH = 0x08,
    RTC_YEAR = 0x09,
    RTC_A = 0x0a,
    RTC_B = 0x0b,
    RTC_C = 0x0c,
    RTC_D = 0x0d,
    RTC_CENTURY = 0x32, /* CMOS RAM on the chip itself; here it counts along */
};

/* Register B bits that decide the format. */
#define RTC_B_24H    0x02
#define RTC_B_BINARY 0x04

/* cmos: the registers, in the format that cmos[RTC_B] says. Whatever the registers hold yields some
 * time: fields out of range carry over, as month 13 into January. */
i64 rtc_time_get(const u8 *cmos);
void rtc_time_set(u8 *cmos, i64 seconds);

/* Moves the time on; the weekday register counts days from what the guest put there. */
void rtc_time_advance(u8 *cmos, i64 seconds);

/* Seconds from time of day `now` (0 to 86399) to the next later one that the alarm registers match,
 * 1 to 86400; 0 when none does. */
u32 rtc_time_to_alarm(const u8 *cmos, u32 now);

#endif
