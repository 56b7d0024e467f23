"""Strategies: which program runs the guest, and with which options."""
import os
import shlex
import shutil
import subprocess

HERE = os.path.dirname(os.path.realpath(__file__))
TREE = os.path.dirname(os.path.dirname(HERE))

# name: (kind of program, options, what it is)
KNOWN = {
    'soft': ('soft', [], 'the software TLB'),
    'windows': ('mmap', [], "the host's MMU where it pays, by windows"),
    'soon': ('mmap', ['-window-wait', '50000'], 'windows much sooner than pays'),
    'one-window': ('mmap', ['-mmu-windows', '1'], 'one window, which every change of CR3 empties'),
    'interp': ('soft', ['-engine', 'interp'], 'the interpreter, by the software TLB'),
    'interp-mmap': ('mmap', ['-engine', 'interp'], 'the interpreter of the mmap build'),
    'qemu': ('qemu', ['-accel', 'tcg', '-nic', 'none'], 'qemu-system-i386 beside them: no counters'),
}
DEFAULT = ['soft', 'windows', 'interp']

# Options of pagewalk that QEMU has not, and whether a value follows.
NOT_QEMU = {'-until': 1, '-fail-on': 1, '-timeout': 1, '-type': 1, '-script': 1, '-engine': 1, '-clock': 1, '-report': 1,
            '-junit': 1, '-max-resets': 1, '-exit-status': 1, '-quiet': 0, '-fpu': 1, '-sandbox': 1, '-no-chain': 0,
            '-serial-stamp': 1, '-tlb-limit': 1, '-block-len': 1, '-slow-mem': 0, '-window-wait': 1}


class Strategy:
    """One way to run the guest."""

    def __init__(self, name, program, options, what, kind):
        self.name, self.program, self.options, self.what, self.kind = name, program, options, what, kind

    @property
    def is_qemu(self):
        return self.kind == 'qemu'

    def command(self, guest, more):
        if not self.is_qemu:
            return [self.program] + guest + self.options + more  # a later option overrides an earlier one
        kept, skip = [], 0
        for word in guest:
            if skip:
                skip -= 1
            elif word in NOT_QEMU:
                skip = NOT_QEMU[word]
            else:
                kept.append(word)
        return [self.program] + self.options + kept


def help_text():
    return '\n'.join('                           %-12s %s' % (name, known[2]) for name, known in KNOWN.items())


def find_program(kind, given):
    """A build's program: what was given, beside this one where it is installed, or of the tree."""
    name = 'pagewalk' if kind == 'soft' else 'pagewalk-mmap'
    places = [given, os.path.join(TREE, 'build', kind, 'pagewalk'),
              os.path.join(TREE, 'bin', name), shutil.which(name)]
    if kind == 'qemu':
        return shutil.which('qemu-system-i386')
    return next((place for place in places if place and (place == given or os.access(place, os.X_OK))), None)


def is_of(program, kind):
    text = subprocess.run([program, '-version'], capture_output=True, text=True, check=False).stdout
    return 'MMU back end: %s' % kind in text


def has_option(program, name):
    text = subprocess.run([program, '-help'], capture_output=True, text=True, check=False).stdout
    return '  %s ' % name in text


def choose(options, wrong):
    """The strategies that were asked for; a user's mistake raises wrong."""
    chosen = []
    for name in options.names if options.names is not None else DEFAULT if not options.more else []:
        if name not in KNOWN:
            raise wrong("-with %s: no such strategy; -help lists them" % name)
        kind, more, what = KNOWN[name]
        program = find_program(kind, options.programs.get(kind))
        if not program or not os.access(program, os.X_OK):
            raise wrong("strategy %s: no program of the %s build; %s" % (
                name, kind, 'install qemu-system-x86' if kind == 'qemu' else 'give it by -%s' % kind))
        if kind != 'qemu' and not is_of(program, kind):
            raise wrong("strategy %s: '%s' is not pagewalk of the %s build" % (name, program, kind))
        if more and kind != 'qemu' and not has_option(program, more[0]):
            raise wrong("strategy %s: '%s' has no option %s" % (name, program, more[0]))
        chosen.append(Strategy(name, program, more, what, kind))
    for name, text in options.more:
        words = shlex.split(text)
        if not words or not shutil.which(words[0]):
            raise wrong("-strategy %s: there is no program '%s'" % (name, words[0] if words else ''))
        chosen.append(Strategy(name, words[0], words[1:], text, 'own'))
    if len({strategy.name for strategy in chosen}) < len(chosen):
        raise wrong('two strategies have one name')
    if options.lockstep and (len(chosen) < 2 or any(strategy.is_qemu for strategy in chosen)):
        raise wrong('-lockstep: give two strategies or more, without qemu')
    return chosen
