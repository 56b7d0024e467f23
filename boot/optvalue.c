/* Strict parsers for option values: no leading blanks, no trailing text, no silent overflow. */
#include "boot/optvalue.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DISTANCE_MAX 32

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool value_number(const char *text, u64 min, u64 max, u64 *value)
{
    bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    u64 v;
    char *end;

    /* strtoull would take blanks and signs. */
    if (hex ? !isxdigit((unsigned char)text[2]) : !is_digit(text[0]))
        return false;
    errno = 0;
    v = strtoull(text, &end, hex ? 16 : 10);
    if (errno || *end || v < min || v > max)
        return false;
    *value = v;
    return true;
}

bool value_mebibytes(const char *text, u64 *mib)
{
    u64 v, unit = 1;
    char *end;

    if (strncmp(text, "size=", 5) == 0)
        text += 5;
    if (!is_digit(text[0]))
        return false;
    errno = 0;
    v = strtoull(text, &end, 10);
    if (*end == 'G' || *end == 'g')
        unit = 1024;
    if (unit == 1024 || *end == 'M' || *end == 'm')
        end++;
    if (errno || *end || v == 0 || v > UINT64_MAX / MIB / unit)
        return false;
    *mib = v * unit;
    return true;
}

bool value_datetime(const char *text, i64 *seconds)
{
    struct tm tm = {0}, back;
    time_t t;
    int used = 0;

    if (strlen(text) != 10 && strlen(text) != 19)
        return false;
    for (const char *p = text; *p; p++)
        if (!is_digit(*p) && !strchr("-T:", *p))
            return false;
    if (sscanf(text, "%4d-%2d-%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &used) != 3 ||
        used != 10)
        return false;
    if (text[10] &&
        (sscanf(text + 10, "T%2d:%2d:%2d%n", &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &used) != 3 ||
         used != 9))
        return false;
    if (tm.tm_year < 1970 || tm.tm_year > 2099)
        return false;
    tm.tm_year -= 1900;
    tm.tm_mon--;
    /* timegm() would carry the 31st of April into May: then it does not come back the same. */
    back = tm;
    t = timegm(&back);
    if (back.tm_mon != tm.tm_mon || back.tm_mday != tm.tm_mday || back.tm_hour != tm.tm_hour ||
        back.tm_min != tm.tm_min || back.tm_sec != tm.tm_sec)
        return false;
    *seconds = t;
    return true;
}

bool value_listed(const char *value, const char *list)
{
    return value_listed_len(value, strlen(value), list);
}

bool value_listed_len(const char *value, size_t len, const char *list)
{
    if (strcmp(list, "*") == 0)
        return true;
    if (memchr(value, '|', len))
        return false;
    for (const char *p = list; p; p = strchr(p, '|')) {
        p += *p == '|';
        if (strncmp(p, value, len) == 0 && (p[len] == '|' || p[len] == '\0'))
            return true;
    }
    return false;
}

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
    unsigned m = a < b ? a : b;

    return m < c ? m : c;
}

unsigned value_distance(const char *a, const char *b)
{
    unsigned d[DISTANCE_MAX][DISTANCE_MAX];
    size_t la = strlen(a), lb = strlen(b);

    if (la >= DISTANCE_MAX || lb >= DISTANCE_MAX)
        return UINT_MAX;
    for (unsigned i = 0; i <= la; i++)
        d[i][0] = i;
    for (unsigned j = 0; j <= lb; j++)
        d[0][j] = j;
    for (unsigned i = 1; i <= la; i++) {
        for (unsigned j = 1; j <= lb; j++) {
            bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];

            d[i][j] =
                min3(d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
            if (swapped && d[i - 2][j - 2] + 1 < d[i][j])
                d[i][j] = d[i - 2][j - 2] + 1;
        }
    }
    return d[la][lb];
}
