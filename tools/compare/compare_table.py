"""Medians of the runs, as a table and as JSON."""
import json
import re
import statistics
import subprocess

import compare_cost

MARK = '<!-- compare:%s -->'

# Rows of the table: text, and the counters whose sum it is.
COUNTERS = [
    ('TLB misses', ['tlb_miss']),
    ('- of new pages', ['miss_fill']),
    ('- by first stores', ['miss_write']),
    ('- by stores to pages with code', ['miss_code']),
    ('- of devices and ROM', ['miss_device']),
    ('- that became page faults', ['miss_fault']),
    ('page walks', ['tlb_miss', 'tlb_fetch']),
    ('TLB flushes', ['tlb_flush']),
    ('flushes of one page', ['tlb_flush_page']),
    ('loads on slow paths', ['tlb_slow', '-tlb_slow_store']),
    ('stores on slow paths', ['tlb_slow_store']),
    ('host faults', ['window_fault']),
    ('mmap calls', ['window_map', 'window_unmap']),
    ('mappings alive at most', ['window_alive']),
    ('times that windows were turned on', ['window_on']),
    ('sites patched', ['window_site']),
    ('blocks translated', ['block_made']),
    ('guest page faults', ['page_fault']),
]


def median(values):
    return statistics.median(values) if values else None


def counter(stats, names):
    return sum((-1 if name[0] == '-' else 1) * stats['statistics'][name.lstrip('-')] for name in names)


def middle_run(runs):
    """The run whose CPU time is the median one: its samples are what is drawn."""
    return sorted(runs, key=lambda run: run.cpu['all'])[(len(runs) - 1) // 2] if runs else None


def summary(strategy, runs):
    """One strategy's medians, for JSON and the table."""
    with_stats = [run.stats for run in runs if run.stats]
    middle = middle_run([run for run in runs if run.stats])
    result = {
        'name': strategy.name, 'what': strategy.what, 'command': [strategy.program] + strategy.options,
        'runs': [{'wall_seconds': run.wall, 'cpu_seconds': run.cpu, 'failure': run.failure} for run in runs],
        'wall_seconds': {}, 'cpu_seconds': {}, 'phases': {}, 'statistics': {}, 'instructions': None, 'mips': None,
        'samples': middle.stats['samples'] if middle else [],
        'page_misses': middle.stats['page_misses'] if middle else [],
    }
    for key in dict.fromkeys(name for run in runs for name in run.wall):
        result['wall_seconds'][key] = median([run.wall[key] for run in runs if key in run.wall])
        result['cpu_seconds'][key] = median([run.cpu[key] for run in runs if key in run.cpu])
    if with_stats:
        result['instructions'] = median([stats['instructions'] for stats in with_stats])
        result['mips'] = median([stats['instructions'] / stats['host_cpu_seconds'] / 1e6 for stats in with_stats])
        for i, phase in enumerate(with_stats[0]['phases']):
            result['phases'][phase['phase']] = {
                key: median([stats['phases'][i][key] for stats in with_stats]) for key in phase if key != 'phase'}
        for key in with_stats[0]['statistics']:
            result['statistics'][key] = median([stats['statistics'][key] for stats in with_stats])
    return result


def host():
    with open('/proc/cpuinfo') as file:
        model = re.search(r'model name\s*:\s*(.*)', file.read())
    count = subprocess.run(['nproc'], capture_output=True, text=True, check=False).stdout.strip()
    return '%s, %s CPUs' % (model.group(1) if model else 'unknown', count)


def collect(options, strategies, runs, cost):
    results = {'schema': 1, 'host': host(), 'guest': options.guest, 'rounds': options.rounds,
               'host_costs_seconds': cost, 'fault_cost_seconds': options.fault_cost,
               'marks': [name for name, _ in options.marks] or None,
               'strategies': [summary(strategy, runs[strategy.name]) for strategy in strategies]}
    base = next((each for each in results['strategies'] if each['name'] == 'soft' and each['cpu_seconds']), None)
    for each in results['strategies']:
        faults = each['statistics'].get('window_fault')
        each['break_even'] = None
        if cost and faults and base:
            cpu = each['cpu_seconds']['all']
            each['break_even'] = {
                'fault_seconds': compare_cost.break_even(cpu, faults, base['cpu_seconds']['all'], cost['fault'])}
            if options.fault_cost is not None:
                each['break_even']['cpu_seconds_at_cost'] = compare_cost.at_cost(cpu, faults, cost['fault'],
                                                                                options.fault_cost)
    return results


def seconds(value):
    return '-' if value is None else '%.2f' % value if value >= 0.1 else '%.3f' % value


def whole(value):
    return '-' if value is None else '{:,.0f}'.format(value)


def microseconds(value):
    return '%.1f us' % (value * 1e6)


def cost_rows(results):
    """At which cost of a host fault windows are as fast as the software TLB."""
    rows, cost = [], results['host_costs_seconds']
    if not cost or not any(each['break_even'] for each in results['strategies']):
        return rows
    cells, at = [], []
    for each in results['strategies']:
        even = each['break_even']
        cells.append('-' if not even else microseconds(even['fault_seconds']) if even['fault_seconds'] else 'never')
        at.append(seconds(even['cpu_seconds_at_cost'] if even and 'cpu_seconds_at_cost' in even
                          else each['cpu_seconds'].get('all') if each['statistics'] else None))
    rows.append(['as fast as soft where a host fault costs'] + cells)
    if results['fault_cost_seconds'] is not None:
        rows.append(['CPU time if it cost %s, s' % microseconds(results['fault_cost_seconds'])] + at)
    return rows


def rows_of(results):
    every = results['strategies']
    rows = []

    def add(text, show, get):
        values = [get(each) for each in every]
        if any(value is not None for value in values):
            rows.append([text] + [show(value) for value in values])

    for kind, text in (('wall_seconds', 'wall time'), ('cpu_seconds', 'CPU time')):
        names = dict.fromkeys(name for each in every for name in each[kind] if name != 'all')
        add('%s, s' % text, seconds, lambda each: each[kind].get('all'))
        for name in names:
            add('- %s' % name, seconds, lambda each, name=name: each[kind].get(name))
    for phase in dict.fromkeys(name for each in every for name in each['phases']):
        add('CPU time in code of %s, s' % phase, seconds,
            lambda each, phase=phase: each['phases'].get(phase, {}).get('host_cpu_seconds'))
    add('guest instructions, millions', whole, lambda each: each['instructions'] and each['instructions'] / 1e6)
    add('millions of them a second of CPU time', whole, lambda each: each['mips'])
    for text, names in COUNTERS:
        add(text, whole, lambda each, names=names: counter(each, names) if each['statistics'] else None)
    add('entries a flush', lambda value: '-' if value is None else '%.1f' % value,
        lambda each: each['statistics']['tlb_flush_entry'] / max(1, each['statistics']['tlb_flush'])
        if each['statistics'] else None)
    return rows + cost_rows(results)


def table(results):
    """Markdown, with a line about the host in front."""
    lines = ['Host: %s. Medians of %d run%s of `pagewalk-compare`.' % (
        results['host'], results['rounds'], 's' if results['rounds'] > 1 else '')]
    cost = results['host_costs_seconds']
    if cost:
        lines[0] += ' Here a host fault costs %s, mapping a page %s, unmapping it %s.' % tuple(
            microseconds(cost[name]) for name in ('fault', 'map', 'unmap'))
    lines += ['', '| | ' + ' | '.join(each['name'] for each in results['strategies']) + ' |',
              '|---|' + '---:|' * len(results['strategies'])]
    lines += ['| ' + ' | '.join(row) + ' |' for row in rows_of(results)]
    return '\n'.join(lines)


def write_json(results, path):
    with open(path, 'w') as file:
        json.dump(results, file)
        file.write('\n')


def between_marks(text):
    begin, end = MARK % 'begin', MARK % 'end'
    return re.search('(%s\n)(.*?)(%s)' % (re.escape(begin), re.escape(end)), text, re.S)


def check_marks(path, wrong):
    try:
        with open(path) as file:
            found = between_marks(file.read())
    except OSError as error:
        raise wrong("cannot read '%s': %s" % (path, error.strerror))
    if not found:
        raise wrong("'%s' has no marks compare:begin and compare:end" % path)


def write_between_marks(path, table_text):
    with open(path) as file:
        text = file.read()
    found = between_marks(text)
    with open(path, 'w') as file:
        file.write(text[:found.end(1)] + table_text + '\n' + text[found.start(3):])
