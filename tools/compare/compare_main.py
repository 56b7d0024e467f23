"""The command line of pagewalk-compare."""
import os
import re
import sys

import compare_cost
import compare_lockstep
import compare_measure
import compare_plot
import compare_strategy
import compare_table

HELP = '''usage: pagewalk-compare [OPTION]... -- GUEST-OPTION...

Boots a guest, given as to pagewalk, under several strategies in turn, and prints a table of what each took.
The guest must come to an end by itself: it powers off, or -until TEXT is among its options.

  -with NAME,...         strategies, of these (default soft,windows,interp):
%s
  -strategy NAME=PROGRAM [OPTION...]
                         one more
  -soft PROGRAM          pagewalk of the soft build
  -mmap PROGRAM          pagewalk of the mmap build
  -rounds N              each runs so often, in turn; figures are medians (default 3)
  -mark NAME=TEXT        a phase ends where the serial port shows TEXT (default: Linux' load and kernel)
  -fault-cost TIME       what it would be if a host fault cost so much: 500ns, 1us
  -json FILE             all figures (default pagewalk-compare.json)
  -plot FILE.svg         time by phase, misses over time, a map of pages by misses
  -write FILE            put the table between the marks compare:begin and compare:end there
  -lockstep              compare digests under -clock insn; find the first instruction that differs
  -digest N              -lockstep: every so many instructions (default 10000000)
  -insns N               -lockstep: end after so many
  -serial FILE           -lockstep: what the first machine printed goes there
  -timeout TIME          end a run after so long: 90s, 5m (default 10m)
  -help                  print this

Exit status: 0, 1 when a run failed or machines differ, 2 for what is wrong with the options, 3 when machines were alike
but not at their end in time.
'''


class Wrong(Exception):
    """A user's mistake: one line."""


def parse_time(name, text, units):
    match = re.fullmatch(r'([0-9]+(?:\.[0-9]+)?)([a-z]*)', text)
    if not match or match.group(2) not in units:
        raise Wrong('%s %s: give a time, as %s' % (name, text, ' or '.join('1' + unit for unit in units if unit)))
    return float(match.group(1)) * units[match.group(2)]


def parse_number(name, text):
    if not re.fullmatch('[0-9]+', text) or int(text) == 0:
        raise Wrong('%s %s: not a number from 1 on' % (name, text))
    return int(text)


class Options:
    """What the command line says."""

    def __init__(self, argv):
        self.names = None
        self.more = []
        self.programs = {}
        self.rounds = 3
        self.marks = []
        self.lockstep = self.help = False
        self.fault_cost = None
        self.json = 'pagewalk-compare.json'
        self.plot = self.write = self.serial = self.insns = None
        self.digest = 10000000
        self.timeout = 600.0
        self.guest = []
        argv = list(argv)
        while argv:
            name = argv.pop(0)
            if name == '--':
                self.guest = argv
                break
            if name.startswith('--'):
                name = name[1:]
            if name in ('-lockstep', '-help'):
                setattr(self, name[1:], True)
                continue
            if name not in ('-with', '-strategy', '-soft', '-mmap', '-rounds', '-mark', '-fault-cost', '-json', '-plot',
                            '-write', '-digest', '-insns', '-serial', '-timeout'):
                raise Wrong("unknown option '%s'; the guest's options come behind '--'" % name)
            if not argv:
                raise Wrong("option '%s' needs a value" % name)
            self.take(name, argv.pop(0))

    def take(self, name, value):
        if name == '-with':
            self.names = value.split(',')
        elif name in ('-soft', '-mmap'):
            self.programs[name[1:]] = value
        elif name in ('-strategy', '-mark'):
            key, equals, rest = value.partition('=')
            if not (key and equals and rest):
                raise Wrong('%s %s: give NAME=%s' % (name, value, 'TEXT' if name == '-mark' else 'PROGRAM'))
            (self.more if name == '-strategy' else self.marks).append((key, rest))
        elif name in ('-rounds', '-digest', '-insns'):
            setattr(self, name[1:], parse_number(name, value))
        elif name == '-fault-cost':
            self.fault_cost = parse_time(name, value, {'ns': 1e-9, 'us': 1e-6, 'ms': 1e-3})
        elif name == '-timeout':
            self.timeout = parse_time(name, value, {'s': 1, 'm': 60, '': 1})
        else:
            setattr(self, name[1:], value)


def check_outputs(options):
    for path in (options.json if not options.lockstep else None, options.plot, options.serial):
        folder = os.path.dirname(path or '') or '.'
        if path and (os.path.isdir(path) or not os.access(folder, os.W_OK)):
            raise Wrong("cannot write '%s'" % path)
    if options.write:
        compare_table.check_marks(options.write, Wrong)


def run(options):
    if not options.guest:
        raise Wrong("nothing to boot: give the guest's options behind '--'")
    check_outputs(options)
    strategies = compare_strategy.choose(options, Wrong)
    if options.lockstep:
        return compare_lockstep.run(options, strategies)
    cost = compare_cost.measure()
    runs, ok = compare_measure.measure(options, strategies)
    results = compare_table.collect(options, strategies, runs, cost)
    text = compare_table.table(results)
    print(text)
    compare_table.write_json(results, options.json)
    if options.write:
        compare_table.write_between_marks(options.write, text)
    if options.plot:
        compare_plot.write(results, options.plot)
    return 0 if ok else 1


def main(argv):
    try:
        options = Options(argv)
        if options.help:
            print(HELP % compare_strategy.help_text(), end='')
            return 0
        return run(options)
    except Wrong as wrong:
        print('pagewalk-compare: %s' % wrong, file=sys.stderr)
        return 2
    except OSError as error:
        print('pagewalk-compare: %s: %s' % (error.filename or 'host', error.strerror), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
