/* What a run cost, as JSON. doc/report.md has the schema. */
#include "boot/measure.h"

#include "boot/session.h"
#include "cpu/cpu.h"

#define MEASURE_SCHEMA 1

static void share(struct json *json, const struct phase_share *share)
{
    json_seconds(json, "host_seconds", share->host_ns);
    json_seconds(json, "host_cpu_seconds", share->cpu_ns);
    json_seconds(json, "guest_seconds", share->guest_ns);
    json_number(json, "instructions", share->insns);
}

void measure_totals(struct json *json, const struct phases *phases)
{
    share(json, &phases->last);
}

void measure_phases(struct json *json, const struct phases *phases)
{
    json_open(json, "phases", '[');
    for (unsigned i = 0; i < PHASES; i++) {
        json_open(json, NULL, '{');
        json_str(json, "phase", phase_names[i]);
        share(json, &phases->share[i]);
        json_close(json, '}');
    }
    json_close(json, ']');
}

void measure_statistics(struct json *json, const struct stats *stats)
{
    json_open(json, "statistics", '{');
#define STAT(name, help) json_number(json, #name, stats->name);
#include "mmu/host/stats.def"
#undef STAT
    json_close(json, '}');
}

static void write_samples(struct json *json, const struct samples *samples)
{
    json_open(json, "samples", '[');
    for (unsigned i = 0; i < samples->count; i++) {
        json_open(json, NULL, '{');
        share(json, &samples->sample[i].at);
        measure_statistics(json, &samples->sample[i].stats);
        json_close(json, '}');
    }
    json_close(json, ']');
}

/* Pairs: linear page, misses. */
static void write_pages(struct json *json, const u32 *misses)
{
    json_open(json, "page_misses", '[');
    for (u32 page = 0; misses && page < TLB_PAGES; page++) {
        if (!misses[page])
            continue;
        json_open(json, NULL, '[');
        json_number(json, NULL, page);
        json_number(json, NULL, misses[page]);
        json_close(json, ']');
    }
    json_close(json, ']');
}

void measure_write(const struct session *s, FILE *out)
{
    const struct cpu *cpu = pc_cpu(s->pc);
    struct json json = {.out = out};

    json_open(&json, NULL, '{');
    json_number(&json, "schema", MEASURE_SCHEMA);
    measure_totals(&json, &s->report.phases);
    measure_phases(&json, &s->report.phases);
    measure_statistics(&json, cpu->stats);
    write_samples(&json, &s->report.samples);
    write_pages(&json, cpu->mmu.page_misses);
    json_close(&json, '}');
}
