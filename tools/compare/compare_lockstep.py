"""Lockstep of programs: the same guest on the instruction clock, digests compared, a difference narrowed down.

A machine cannot go back: to look closer, two are run again from power-on, with the digests that they had and finer ones
from the last that was the same on. Where a run is cut matters to what is looked for: a block that does not fit
before a cut is run by single instructions. So a difference that no finer digests show is reported as the shortest run that shows
it."""
import os
import re
import selectors
import subprocess
import sys
import tempfile
import time

PIECES = 128
NEVER = 2 ** 62
WORDS_LISTED = 16


class Side:
    """One machine as it runs: its digests, and at the end its state."""

    def __init__(self, strategy, options, folder, spec):
        self.strategy = strategy
        self.digests, self.lines, self.rest = [], [], b''
        self.late = False
        self.serial = os.path.join(folder, strategy.name + '.serial')
        own = [] if '-serial' in options.guest else ['-serial', 'file:' + self.serial]
        display = [] if {'-display', '-nographic'} & set(options.guest) else ['-display', 'none']
        self.process = subprocess.Popen(
            strategy.command(options.guest + own + display, ['-quiet', '-clock', 'insn', '-stats', '-digest', spec]),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def read(self):
        """False at the end."""
        data = os.read(self.process.stderr.fileno(), 65536)
        lines = (self.rest + data).split(b'\n')
        self.rest = lines.pop()
        for line in lines:
            words = line.decode('latin-1').split(' ')
            if words[0] == 'digest':
                self.digests.append((int(words[1]), words[2], words[3]))
            else:
                self.lines.append(line.decode('latin-1'))
        return bool(data)

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stderr.close()

    def found(self, kind):
        """Lines "kind KEY VALUE" or "kind KEY = VALUE" of its state."""
        table = {}
        for line in self.lines:
            if line.startswith(kind + ' '):
                key, value = line[len(kind) + 1:].rsplit(' ', 1)
                table[key.removesuffix(' =')] = value
        return table

    def counted(self, name):
        for line in self.lines:
            match = re.match(r' *([0-9]+)  %s ' % name, line)
            if match:
                return int(match.group(1))
        return 0

    def insns(self):
        for line in self.lines:
            match = re.match('pagewalk: ([0-9]+) guest instructions', line)
            if match:
                return int(match.group(1))
        return 0

    def dump(self):
        first = next((i for i, line in enumerate(self.lines) if line.startswith('insn ')), None)
        last = next((i for i, line in enumerate(self.lines) if line.startswith('state ')), None)
        return self.lines[first + 1:last] if first is not None else self.lines[-3:]

    def insn(self):
        return next((line[5:] for line in self.lines if line.startswith('insn ')), '(not reached)')


def spec_of(every, steps, end, page=None):
    text = str(every) + ''.join(',%d@%d' % step for step in steps)
    return text + (',end=%d' % end if end else '') + ('' if page is None else ',page=0x%x' % page)


def first_difference(sides):
    """(place in the list, the side that differs from the first), of what all have; None."""
    first = sides[0].digests
    for other in sides[1:]:
        for i, (a, b) in enumerate(zip(first, other.digests)):
            if a != b:
                return i, other
    return None


def run_sides(options, strategies, folder, spec, say=None, whole=False):
    """Runs them side by side until they end or, unless whole, differ."""
    sides = [Side(strategy, options, folder, spec) for strategy in strategies]
    selector = selectors.DefaultSelector()
    for side in sides:
        selector.register(side.process.stderr, selectors.EVENT_READ, side)
    checked, start = 0, time.monotonic()
    try:
        while selector.get_map():
            left = options.timeout - (time.monotonic() - start)
            for key, _ in selector.select(max(left, 0.01)):
                if not key.data.read():
                    selector.unregister(key.fileobj)
            if left <= 0:
                for side in sides:
                    side.late = True
                break
            count = min(len(side.digests) for side in sides)
            if count > checked:
                if say:
                    say(sides[0].digests[count - 1][0])
                if not whole and any(side.digests[checked:count] != sides[0].digests[checked:count] for side in sides):
                    break
                checked = count
        else:
            for side in sides:
                side.process.wait()
    finally:
        for side in sides:
            side.end()
    return sides


class Hunt:
    """Two machines that differ, and how far that is narrowed down: alike at `good`, not at `bad`."""

    def __init__(self, options, pair, folder, good, bad):
        self.options, self.pair, self.folder = options, pair, folder
        self.good, self.bad, self.steps = good, bad, []
        self.runs = 0

    def run(self, end, steps=None, page=None):
        self.runs += 1
        spec = spec_of(self.options.digest, self.steps if steps is None else steps, end, page)
        return run_sides(self.options, self.pair, self.folder, spec, whole=True)

    def pieces(self):
        """Finer digests between good and bad. False: they show no difference."""
        step = -(-(self.bad - self.good) // PIECES)
        steps = self.steps + [(step, self.good)]
        a, b = (dict((at, (x, y)) for at, x, y in side.digests) for side in self.run(self.bad, steps))
        last = self.good
        for at in sorted(at for at in a.keys() | b.keys() if at >= self.good):
            if a.get(at) != b.get(at):
                if at == self.good:
                    self.bad = at
                else:
                    self.steps, self.good, self.bad = steps, last, at
                return True
            last = at
        return False

    def length(self):
        """The shortest run from good on that shows a difference, without digests in it."""
        low, high = self.good, self.bad
        while high - low > 1:
            middle = (low + high) // 2
            if self.differ_at(middle):
                high = middle
            else:
                low = middle
        self.bad = high
        return self.differ_at(high)

    def differ_at(self, end):
        a, b = self.run(end, self.steps + [(NEVER, self.good)])
        return a.digests[-1:] != b.digests[-1:]

    def explain(self, out):
        names = [strategy.name for strategy in self.pair]
        by_insn = True
        while self.bad - self.good > 1 and by_insn:
            by_insn = self.pieces()
        if self.bad == self.good:
            print('The machines differ before instruction %d.' % self.good, file=out)
        elif by_insn:
            before = self.run(self.good)[0] if self.good else None
            print('The machines are alike up to instruction %d and differ after the next one:' % self.good, file=out)
            if before:
                print('  %s\nState before:\n%s' % (before.insn(), '\n'.join(before.dump())), file=out)
        elif self.length():
            print('The machines are alike after %d instructions. Run on without a digest between, they differ after %d more; '
                  'with digests at finer steps they do not.' % (self.good, self.bad - self.good), file=out)
            self.steps = self.steps + [(NEVER, self.good)]
        else:
            print('This time they do not differ: a machine depends on something outside itself.', file=out)
            return
        self.report(out, names)

    def report(self, out, names):
        steps = self.steps if self.bad else [(1, 0)]
        sides = self.run(max(self.bad, 1), steps)
        for side in sides:
            print('State after, %s:\n%s' % (side.strategy.name, '\n'.join(side.dump())), file=out)
        print('What differs:', file=out)

        def show(key, values):
            print('  %-24s %s' % (key, '  '.join('%s %s' % pair for pair in zip(names, values))), file=out)

        states = [side.found('state') for side in sides]
        for key in dict.fromkeys(key for state in states for key in state):
            values = [state.get(key, '-') for state in states]
            if values[0] != values[1]:
                show(key, values)
        pages = [side.found('page') for side in sides]
        differing = sorted(key for key in pages[0].keys() | pages[1].keys() if pages[0].get(key) != pages[1].get(key))
        for key in differing[:1]:
            words = [side.found('word') for side in self.run(max(self.bad, 1), steps, int(key, 16))]
            listed = [word for word in words[0] if words[0][word] != words[1].get(word)]
            for word in listed[:WORDS_LISTED]:
                show('memory at ' + word, [each.get(word, '-') for each in words])
            if len(listed) > WORDS_LISTED:
                print('  ... and %d more words of this page' % (len(listed) - WORDS_LISTED), file=out)
        if len(differing) > 1:
            print('  ... and %d more pages: %s' % (len(differing) - 1, ' '.join(differing[1:9])), file=out)


def ends_alike(sides):
    """What differs of machines whose digests did not; None."""
    def all_same(values):
        return len(set(values)) == 1

    if not all_same([side.process.returncode for side in sides]):
        return 'they ended with ' + ', '.join('status %d in %s' % (side.process.returncode, side.strategy.name)
                                              for side in sides)
    if not all_same([side.insns() for side in sides]):
        return 'they ended after ' + ', '.join('%d instructions in %s' % (side.insns(), side.strategy.name)
                                               for side in sides)
    if os.path.exists(sides[0].serial):
        texts = []
        for side in sides:
            with open(side.serial, 'rb') as file:
                texts.append(file.read())
        if not all_same(texts):
            return 'they printed different things on the serial port'
    return None


def run(options, strategies):
    names = [strategy.name for strategy in strategies]
    terminal = sys.stderr.isatty()

    def say(insns):
        if terminal:
            print('\r\033[K  alike after %d million instructions' % (insns // 1000000), end='', file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory(prefix='pagewalk-compare.') as folder:
        try:
            return compare(options, strategies, names, folder, say)
        finally:
            if terminal:
                print('\r\033[K', end='', file=sys.stderr, flush=True)


def compare(options, strategies, names, folder, say):
    sides = run_sides(options, strategies, folder, spec_of(options.digest, [], options.insns), say)
    if options.serial and os.path.exists(sides[0].serial):
        with open(sides[0].serial, 'rb') as source, open(options.serial, 'wb') as target:
            target.write(source.read())
    for side in sides:
        if not side.digests and not side.late:
            print('pagewalk-compare: %s: %s' % (side.strategy.name, '; '.join(side.lines[:3]) or 'no digest'),
                  file=sys.stderr)
            return 1
    found = first_difference(sides)
    if not found and sides[0].late:
        print('%s are alike after %d digests; none of what is behind them, as they were not at an end after %g s' % (
            ' and '.join(names), min(len(side.digests) for side in sides), options.timeout))
        return 3
    if not found:
        counts = [len(side.digests) for side in sides]
        shorter = min(counts)
        if len(set(counts)) > 1:
            other = next(side for side in sides if len(side.digests) != counts[0])
            found = (shorter, other)
    if found:
        place, other = found
        digests = max(sides[0].digests, other.digests, key=len)
        good, bad = digests[place - 1][0] if place else 0, digests[place][0]
        print('%s and %s differ, in the %d instructions after %d' % (names[0], other.strategy.name, bad - good, good),
              flush=True)
        Hunt(options, [strategies[0], other.strategy], folder, good, bad).explain(sys.stdout)
        return 1
    why = ends_alike(sides)
    if why:
        print('%s: %s, after %d digests that are alike' % (' and '.join(names), why, len(sides[0].digests)))
        return 1
    print('%s are alike after %d instructions (%d digests); the machines ended with status %d; mappings in windows: %s' % (
        ' and '.join(names), sides[0].insns(), len(sides[0].digests), sides[0].process.returncode,
        ', '.join(str(side.counted('window_map')) for side in sides)))
    return 0
