"""An emulated 32-bit x86 processor: libpagewalk's interface (pagewalk(3)) by ctypes.

    from pagewalk import Pagewalk, reg
    cpu = Pagewalk()
    cpu.map(0x1000, 0x1000)
    cpu.write(0x1000, b"\\x40")  # inc eax
    cpu.run(0x1000, until=0x1001)
    print(cpu[reg.EAX])

The library is found as PAGEWALK_LIBRARY says, or where the system has it."""

from .library import PagewalkError, error, hook, reg, version
from .machine import ALL, EXEC, READ, WRITE, Event, Pagewalk

__all__ = ["ALL", "EXEC", "READ", "WRITE", "Event", "Pagewalk", "PagewalkError", "error", "hook", "reg", "version"]
