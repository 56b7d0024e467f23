"""What a fault and a mapping cost on this host, and at which cost of a fault one strategy is as fast as another."""
import json
import os
import subprocess

HERE = os.path.dirname(os.path.realpath(__file__))


def measure():
    """Seconds: fault, map, unmap, walk; None where the program that measures is not there."""
    tree = os.path.dirname(os.path.dirname(HERE))
    for place in (os.path.join(HERE, 'hostcost'), os.path.join(tree, 'build/soft/pagewalk-hostcost'),
                  os.path.join(tree, 'build/mmap/pagewalk-hostcost')):
        if os.access(place, os.X_OK):
            text = subprocess.run([place], capture_output=True, text=True, check=False).stdout
            return {name: ns * 1e-9 for name, ns in json.loads(text).items()} if text else None
    return None


def at_cost(cpu, faults, measured, cost):
    """A run's CPU time if a host fault cost so much."""
    return cpu + faults * (cost - measured)


def break_even(cpu, faults, other, measured):
    """The cost of a host fault at which a run takes as long as the other; None: at none."""
    if not faults:
        return None
    cost = measured + (other - cpu) / faults
    return cost if cost > 0 else None
