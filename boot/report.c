/* -report: what became of a run, as JSON. doc/report.md has the schema. */
#include "boot/report.h"

#include <stdlib.h>
#include <string.h>

#include "boot/ends.h"
#include "boot/junit.h"
#include "boot/measure.h"
#include "boot/media.h"
#include "boot/output.h"
#include "boot/session.h"
#include "cpu/cpu.h"

static const char *const why_names[] = {
    [PC_WHY_ASKED] = "quit",        [PC_WHY_POWER_OFF] = "power-off",
    [PC_WHY_RESET] = "reset",       [PC_WHY_TRIPLE_FAULT] = "triple-fault",
    [PC_WHY_HALTED] = "halted",     [PC_WHY_PANIC] = "panic",
    [PC_WHY_RESETS] = "reset-loop", [PC_WHY_DEBUG_EXIT] = "debug-exit",
    [PC_WHY_TIMEOUT] = "timeout",
};

const char *report_end(const struct session *s)
{
    struct pc_account account;

    if (s->watch.ended_by)
        return s->watch.ended_by;
    if (ends_signal())
        return "signal";
    pc_account(s->pc, &account);
    return why_names[account.why];
}

int report_exit_status(const struct session *s, int status)
{
    const char *end = s->pc ? report_end(s) : "";

    if (!s->options.exit_qemu)
        return status;
    if (strcmp(end, "panic") == 0 && !s->watch.ended_by)
        return s->options.panic == PC_PANIC_EXIT_FAILURE ? 1 : 0;
    return strcmp(end, "triple-fault") == 0 || strcmp(end, "halted") == 0 ? 0 : status;
}

static void write_image(struct json *json, const struct drive_option *drive,
                        const struct block *block)
{
    if (!drive->path || !block)
        return;
    json_open(json, NULL, '{');
    json_str(json, "option", drive->name);
    json_str(json, "file", drive->path);
    json_bool(json, "read_only", block->read_only);
    json_number(json, "bytes_read", block->reads * BLOCK_SECTOR);
    json_number(json, "bytes_written", block->writes * BLOCK_SECTOR);
    json_close(json, '}');
}

static void write_images(struct json *json, const struct session *s)
{
    json_open(json, "images", '[');
    for (unsigned i = 0; i < PC_DRIVES; i++)
        write_image(json, &s->options.drive[i], s->drive[i]);
    for (unsigned i = 0; i < PC_FLOPPIES; i++)
        write_image(json, &s->options.floppy[i], s->floppy[i]);
    json_close(json, ']');
}

/* Lines of text, without their ends. */
static void write_lines(struct json *json, const char *text, size_t len)
{
    for (const char *end = text + len; text < end;) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        size_t n = (size_t)((newline ? newline : end) - text);

        json_text(json, NULL, text, n && text[n - 1] == '\r' ? n - 1 : n);
        text += n + 1;
    }
}

static void write_registers(struct json *json, const struct cpu *cpu)
{
    char *text = NULL;
    size_t len = 0;
    FILE *memory = open_memstream(&text, &len);

    json_open(json, "registers", '[');
    if (memory) {
        cpu_dump(cpu, memory);
        fclose(memory);
        write_lines(json, text, len);
    }
    free(text);
    json_close(json, ']');
}

static void write_backtrace(struct json *json, const struct cpu *cpu)
{
    u32 eip[CPU_BACKTRACE];
    unsigned count = cpu_backtrace(cpu, eip, ARRAY_SIZE(eip));

    json_open(json, "backtrace", '[');
    for (unsigned i = 0; i < count; i++) {
        char text[9];

        snprintf(text, sizeof(text), "%08x", eip[i]);
        json_str(json, NULL, text);
    }
    json_close(json, ']');
}

static void write_serial(struct json *json, const struct watch *watch)
{
    json_open(json, "serial", '[');
    for (unsigned i = 0; i < PC_SERIALS; i++) {
        const struct watch_port *port = &watch->port[i];
        char text[WATCH_TAIL], name[8];
        size_t len = watch_tail(port, text);

        if (!len)
            continue;
        snprintf(name, sizeof(name), "COM%u", i + 1);
        json_open(json, NULL, '{');
        json_str(json, "port", name);
        json_open(json, "lines", '[');
        write_lines(json, text, len);
        json_close(json, ']');
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void write_versions(struct json *json, const struct options *o)
{
    json_open(json, "versions", '{');
    json_str(json, "pagewalk", PAGEWALK_VERSION);
    json_str(json, "engine", o->engine ? o->engine : translator_engines()[0]);
    json_str(json, "cpu", o->model->name);
    json_close(json, '}');
}

static void write_json(struct session *s, FILE *out, int status)
{
    const struct options *o = &s->options;
    struct json json = {.out = out};
    struct pc_account account;

    pc_account(s->pc, &account);
    json_open(&json, NULL, '{');
    json_number(&json, "schema", REPORT_SCHEMA);
    write_versions(&json, o);
    json_open(&json, "command", '[');
    for (int i = 0; i < o->argc; i++)
        json_str(&json, NULL, o->argv[i]);
    json_close(&json, ']');
    json_str(&json, "end", report_end(s));
    json_number(&json, "status", (u64)status);
    json_str(&json, "text", s->watch.ended_by && s->watch.matched[0] ? s->watch.matched : NULL);
    json_number(&json, "signal", (u64)ends_signal());
    measure_totals(&json, &s->report.phases);
    json_number(&json, "resets", account.resets);
    json_number(&json, "triple_faults", account.triple_faults);
    measure_phases(&json, &s->report.phases);
    write_images(&json, s);
    json_str(&json, "screenshot", pc_display(s->pc) ? o->screenshot : NULL);
    write_serial(&json, &s->watch);
    write_registers(&json, pc_cpu(s->pc));
    write_backtrace(&json, pc_cpu(s->pc));
    measure_statistics(&json, pc_cpu(s->pc)->stats);
    json_close(&json, '}');
}

int report_open(struct session *s)
{
    const struct options *o = &s->options;

    if (o->report) {
        s->report.json = output_open(o->report, s->err, sizeof(s->err));
        if (!s->report.json)
            return -1;
    }
    if (o->junit) {
        s->report.junit = output_open(o->junit, s->err, sizeof(s->err));
        if (!s->report.junit)
            return -1;
    }
    if (o->stats_file) {
        s->report.stats = output_open(o->stats_file, s->err, sizeof(s->err));
        if (!s->report.stats)
            return -1;
        if (samples_start(&s->report.samples) < 0) {
            snprintf(s->err, sizeof(s->err), "the host has no memory for -stats");
            return -1;
        }
    }
    if (o->report || o->junit || o->stats_file)
        phases_start(&s->report.phases);
    return 0;
}

void report_look(struct session *s)
{
    struct report *report = &s->report;

    phases_look(&report->phases, s->pc);
    samples_look(&report->samples, &report->phases.last, pc_cpu(s->pc)->stats);
}

void report_write(struct session *s, int status)
{
    report_look(s);
    if (s->report.stats)
        measure_write(s, s->report.stats);
    if (s->report.json)
        write_json(s, s->report.json, status);
    if (s->report.junit)
        junit_write(s, s->report.junit, status);
}

static void close_file(FILE **file, const char *path)
{
    bool bad;

    if (!*file)
        return;
    bad = ferror(*file);
    if (fclose(*file) != 0 || bad)
        fprintf(stderr, "pagewalk: '%s' could not be written whole\n", path);
    *file = NULL;
}

void report_close(struct session *s)
{
    close_file(&s->report.json, s->options.report);
    close_file(&s->report.junit, s->options.junit);
    close_file(&s->report.stats, s->options.stats_file);
    samples_free(&s->report.samples);
}
