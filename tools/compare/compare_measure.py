"""Runs a guest under each strategy in turn, and takes the time where its serial port shows a mark."""
import glob
import json
import os
import select
import subprocess
import sys
import tempfile
import time

LINUX = [('load', 'Linux version'), ('kernel', 'as init process')]


class Run:
    """What one run took. wall, cpu: seconds by the name of a phase, and 'all'."""

    def __init__(self):
        self.wall, self.cpu = {}, {}
        self.stats = None
        self.failure = None


def cpu_seconds(pid):
    """Of all threads of a process and its children so far."""
    total, todo = 0, [pid]
    while todo:
        process = todo.pop()
        for folder in glob.glob('/proc/%d/task/*' % process):
            try:
                with open(folder + '/schedstat') as file:
                    total += int(file.read().split()[0])
                with open(folder + '/children') as file:
                    todo += map(int, file.read().split())
            except (OSError, IndexError, ValueError):
                pass
    return total / 1e9


def until_texts(guest):
    return [guest[i + 1] for i, word in enumerate(guest[:-1]) if word == '-until']


class Watcher:
    """Reads a machine's serial output and notes the moments of the marks."""

    def __init__(self, run, marks, ends, process, start):
        self.run, self.marks, self.ends = run, list(marks), ends
        self.process, self.start = process, start
        self.text = ''
        self.before = (0.0, 0.0)

    def note(self, name):
        now = (time.monotonic() - self.start, cpu_seconds(self.process.pid))
        self.run.wall[name] = now[0] - self.before[0]
        self.run.cpu[name] = now[1] - self.before[1]
        self.before = now

    def take(self, data):
        """True: what ends a run of QEMU has come."""
        self.text = (self.text + data.decode('latin-1'))[-65536:]
        while self.marks and self.marks[0][1] in self.text:
            name, text = self.marks.pop(0)
            self.text = self.text.split(text, 1)[1]
            self.note(name)
        return any(end in self.text for end in self.ends)


def run_once(options, strategy, marks, folder):
    run = Run()
    stats = os.path.join(folder, 'stats.json')
    if os.path.exists(stats):
        os.unlink(stats)
    console = [] if {'-serial', '-nographic'} & set(options.guest) else ['-serial', 'stdio', '-display', 'none']
    command = strategy.command(options.guest + console, ['-quiet', '-stats', 'json:' + stats])
    with open(os.path.join(folder, 'err'), 'w+') as err:
        start = time.monotonic()
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=err)
        ends = until_texts(options.guest) if strategy.is_qemu else []
        watcher = Watcher(run, marks, ends, process, start)
        killed = False
        while True:
            left = options.timeout - (time.monotonic() - start)
            if left <= 0 or not select.select([process.stdout], [], [], left)[0]:
                run.failure = 'not at its end after %g s' % options.timeout
                break
            data = os.read(process.stdout.fileno(), 65536)
            if not data:
                break
            if watcher.take(data):
                killed = True
                break
        if run.failure or killed:
            process.kill()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        process.stdin.close()
        process.stdout.close()
        run.wall['all'] = time.monotonic() - start
        run.cpu['all'] = usage.ru_utime + usage.ru_stime
        for name in run.wall.keys() - {'all'}:
            run.wall['rest'] = run.wall.get('rest', run.wall['all']) - run.wall[name]
            run.cpu['rest'] = run.cpu.get('rest', run.cpu['all']) - run.cpu[name]
        err.seek(0)
        said = err.read().strip().split('\n')[-1]
    if not run.failure and not killed and process.returncode != 0:
        run.failure = 'status %d%s' % (process.returncode, ': ' + said if said else '')
    if not strategy.is_qemu and not run.failure:
        with open(stats) as file:
            run.stats = json.load(file)
    return run


class Progress:
    """A line on a terminal, one for each run elsewhere."""

    def __init__(self, total):
        self.total, self.done = total, 0
        self.terminal = sys.stderr.isatty()

    def say(self, text):
        if self.terminal:
            print('\r\033[K  %d of %d: %s' % (self.done, self.total, text), end='', file=sys.stderr, flush=True)
        else:
            print('  %d of %d: %s' % (self.done, self.total, text), file=sys.stderr, flush=True)

    def end(self):
        if self.terminal:
            print('\r\033[K', end='', file=sys.stderr, flush=True)


def measure(options, strategies):
    """Runs by strategy's name, and whether none failed."""
    runs = {strategy.name: [] for strategy in strategies}
    marks = options.marks or LINUX
    progress = Progress(options.rounds * len(strategies))
    failed = False
    with tempfile.TemporaryDirectory(prefix='pagewalk-compare.') as folder:
        for strategy in strategies * options.rounds:
            if progress.terminal:
                progress.say(strategy.name)
            run = run_once(options, strategy, marks, folder)
            progress.done += 1
            if run.failure:
                failed = True
                progress.end()
                print('pagewalk-compare: %s: %s' % (strategy.name, run.failure), file=sys.stderr)
                continue
            progress.say('%s: %.2f s' % (strategy.name, run.wall['all']))
            runs[strategy.name].append(run)
    progress.end()
    return runs, not failed
