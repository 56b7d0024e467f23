/* -junit: a run as a test case, in the XML that CI systems read (JUnit's, as Jenkins and GitLab document it). */
#include "boot/junit.h"

#include <inttypes.h>
#include <string.h>

#include "boot/session.h"

/* What XML 1.0 cannot hold is a question mark; bytes beyond ASCII are taken for Latin-1. */
static void escaped(FILE *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        u8 c = (u8)text[i];

        switch (c) {
        case '&': fputs("&amp;", out); break;
        case '<': fputs("&lt;", out); break;
        case '>': fputs("&gt;", out); break;
        case '"': fputs("&quot;", out); break;
        case '\r': break;
        default:
            if (c >= 0x7f)
                fprintf(out, "&#%u;", c);
            else
                fputc(c >= ' ' || c == '\n' || c == '\t' ? c : '?', out);
        }
    }
}

static void escaped_string(FILE *out, const char *text)
{
    escaped(out, text, strlen(text));
}

static const char *case_name(const struct options *o)
{
    if (o->name)
        return o->name;
    if (o->kernel)
        return o->kernel;
    for (unsigned i = 0; i < PC_DRIVES; i++)
        if (o->drive[i].path)
            return o->drive[i].path;
    return "pagewalk";
}

void junit_write(const struct session *s, FILE *out, int status)
{
    u64 ms = (s->report.phases.last.host_ns - s->report.phases.began_ns) / 1000000;
    const char *end = report_end(s);

    fprintf(out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<testsuite name=\"pagewalk\" tests=\"1\" failures=\"%d\" time=\"%" PRIu64
            ".%03u\">\n  <testcase name=\"",
            status != 0, ms / 1000, (unsigned)(ms % 1000));
    escaped_string(out, case_name(&s->options));
    fprintf(out, "\" time=\"%" PRIu64 ".%03u\">\n", ms / 1000, (unsigned)(ms % 1000));
    if (status) {
        fprintf(out, "    <failure type=\"%s\" message=\"status %d: %s", end, status, end);
        if (s->watch.matched[0]) {
            fputs(": ", out);
            escaped_string(out, s->watch.matched);
        }
        fputs("\"/>\n", out);
    }
    fputs("    <system-out>", out);
    for (unsigned i = 0; i < PC_SERIALS; i++) {
        char text[WATCH_TAIL];

        escaped(out, text, watch_tail(&s->watch.port[i], text));
    }
    fputs("</system-out>\n  </testcase>\n</testsuite>\n", out);
}
