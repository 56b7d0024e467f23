"""pytest: tests of the kernel in course/. KERNEL names another place of it."""

import os

KERNEL = os.environ.get('KERNEL', os.path.join(os.path.dirname(__file__), 'course', 'kernel.elf'))


def test_passes(pagewalk):
    report = pagewalk('-kernel', KERNEL, '-append', 'test', '-until', 'ALL TESTS PASSED')
    assert report.end == 'until'
    assert report.status == 0
    assert 'addition: ok' in report.serial()


def test_finds_failures(pagewalk):
    report = pagewalk('-kernel', KERNEL, '-append', 'fail', '-fail-on', 'TEST FAILED')
    assert report.end == 'fail-on'
    assert report.members['text'] == 'multiplication: TEST FAILED'


def test_hangs(pagewalk):
    assert pagewalk('-kernel', KERNEL, '-until', 'never', timeout='300ms').end in ('timeout', 'halted')
