"""Runs guests in Pagewalk from Python: `run(...)` returns what doc/report.md describes.

As a pytest fixture, see conftest.py and test_kernel.py beside this file.
"""

import json
import os
import subprocess
import tempfile


class Report:
    """What became of a run."""

    def __init__(self, members, errors):
        self.members = members
        self.end = members['end']
        self.status = members['status']
        self.errors = errors

    def serial(self, port='COM1'):
        """The last lines that a serial port printed."""
        for entry in self.members['serial']:
            if entry['port'] == port:
                return entry['lines']
        return []


def run(*options, program=None, timeout='60s'):
    """Runs Pagewalk with these options until its end. Raises ValueError when they are wrong."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'report.json')
        command = [program or os.environ.get('PAGEWALK', 'pagewalk'), '-display', 'none', '-quiet', '-no-reboot',
                   '-timeout', timeout, '-report', path, *options]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              check=False)
        errors = done.stderr.decode(errors='replace')
        if done.returncode == 2:
            raise ValueError(errors.strip())
        with open(path, encoding='utf-8') as file:
            return Report(json.load(file), errors)
