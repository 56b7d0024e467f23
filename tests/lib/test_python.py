#!/usr/bin/python3
"""The Python package on the shared library, and what it has copied from pagewalk.h."""

import ctypes
import os
import re
import sys
import threading
import unittest

import pagewalk
from pagewalk import ALL, EXEC, READ, WRITE, Pagewalk, PagewalkError, error, hook, reg
from pagewalk.library import end, mode

HEADER = os.environ["PAGEWALK_HEADER"]
CODE, DATA = 0x10000, 0x20000
LOOP = bytes.fromhex("b96400000040 49 75fc")  # mov ecx, 100; inc eax; dec ecx; jnz


class Header(unittest.TestCase):
    """Names and numbers are the header's."""

    def names(self, enum, prefix):
        with open(HEADER, encoding="utf-8") as header:
            body = re.search(r"enum %s \{(.*?)\n\};" % enum, header.read(), re.S).group(1)
        return [name[len(prefix):] for name in re.findall(r"^ +(PAGEWALK_\w+)(?: = [^,]*)?,", body, re.M)
                if name.startswith(prefix)]

    def test_enums(self):
        self.assertEqual(self.names("pagewalk_error", "PAGEWALK_ERR_"), [e.name for e in error][1:])
        self.assertEqual(self.names("pagewalk_hook", "PAGEWALK_HOOK_"), list(hook.__members__))
        self.assertEqual(self.names("pagewalk_end", "PAGEWALK_END_"), [e.name for e in end])
        self.assertEqual(self.names("pagewalk_mode", "PAGEWALK_"), [m.name for m in mode])
        self.assertEqual(self.names("pagewalk_reg", "PAGEWALK_REG_"), list(reg.__members__))


class Machine(unittest.TestCase):
    def setUp(self):
        self.cpu = Pagewalk()
        self.addCleanup(self.cpu.close)

    def load(self, code):
        self.cpu.map(CODE, 0x1000, READ | EXEC)
        self.cpu.map(DATA, 0x1000, READ | WRITE)
        self.cpu.write(CODE, code)
        return CODE + len(code)

    def test_run(self):
        self.assertEqual(self.cpu.run(CODE, until=self.load(LOOP)), end.UNTIL)
        self.assertEqual((self.cpu[reg.EAX], self.cpu[reg.EIP]), (100, CODE + 9))
        self.assertEqual(self.cpu.instructions, 301)
        self.assertEqual(self.cpu.run(CODE, count=5), end.COUNT)
        self.assertEqual(self.cpu.disassemble(CODE + 5), ("inc eax", 1))

    def test_registers(self):
        self.cpu[reg.EBX] = -2
        self.cpu[reg.BH] = 1
        self.assertEqual(self.cpu[reg.EBX], 0xFFFF01FE)
        self.cpu[reg.XMM3] = bytes(range(16))
        self.assertEqual(self.cpu[reg.XMM3], bytes(range(16)))
        with self.assertRaises(PagewalkError):
            self.cpu[reg.XMM3] = b"short"
        with self.assertRaises(PagewalkError):
            self.cpu[9999]

    def test_memory(self):
        self.load(b"\xf4")
        self.cpu.write(DATA, b"text")
        self.assertEqual(self.cpu.read(DATA, 6), b"text\0\0")
        self.assertEqual(self.cpu.maps(), [(CODE, 0x1000, READ | EXEC, False), (DATA, 0x1000, READ | WRITE, False)])
        with self.assertRaises(PagewalkError) as caught:
            self.cpu.map(DATA, 0x1000)
        self.assertEqual(caught.exception.error, error.MAP)
        self.cpu.unmap(DATA, 0x1000)
        with self.assertRaises(PagewalkError):
            self.cpu.read(DATA, 1)

    def test_faults(self):
        self.load(bytes.fromhex("a100000500"))  # mov eax, [50000h]
        with self.assertRaises(PagewalkError) as caught:
            self.cpu.run(CODE)
        self.assertEqual((caught.exception.error, caught.exception.address), (error.READ_UNMAPPED, 0x50000))

    def test_hooks(self):
        seen = []
        self.load(LOOP)
        number = self.cpu.hook(hook.INSN, lambda cpu, event: seen.append((event.address, event.size)))
        self.cpu.run(CODE, until=CODE + 9)
        self.assertEqual((len(seen), seen[:2]), (301, [(CODE, 5), (CODE + 5, 1)]))
        self.cpu.unhook(number)
        self.cpu.run(CODE, until=CODE + 9)
        self.assertEqual(len(seen), 301)

    def test_unmapped(self):
        def provide(cpu, event):
            cpu.map(event.address & ~0xFFF, 0x1000)
            cpu.write(event.address, b"\x07")
            return True

        stop = self.load(bytes.fromhex("a100000500"))
        self.cpu.hook(hook.UNMAPPED, provide)
        self.cpu.run(CODE, until=stop)
        self.assertEqual(self.cpu[reg.EAX], 7)

    def test_syscalls_and_ports(self):
        def ports(cpu, event):
            event.value = event.address + 1

        def calls(cpu, event):
            cpu[reg.EAX] = cpu[reg.EAX] * 2
            return True

        stop = self.load(bytes.fromhex("e440 cd80"))  # in al, 40h; int 80h
        self.cpu.hook(hook.IN, ports)
        self.cpu.hook(hook.SYSCALL, calls)
        self.cpu.run(CODE, until=stop)
        self.assertEqual(self.cpu[reg.EAX], 0x82)

    def test_exception_in_hook(self):
        def bad(cpu, event):
            raise ValueError("from a hook")

        self.load(LOOP)
        self.cpu.hook(hook.INSN, bad, CODE + 5, CODE + 5)
        with self.assertRaisesRegex(ValueError, "from a hook"):
            self.cpu.run(CODE)
        self.assertEqual(self.cpu[reg.EIP], CODE + 5)

    def test_device(self):
        written = []
        stop = self.load(bytes.fromhex("a1040000e0 a3080000e0"))
        self.cpu.map_io(0xE0000000, 0x1000, lambda offset, size: offset * 10,
                        lambda offset, value, size: written.append((offset, value, size)))
        self.cpu.run(CODE, until=stop)
        self.assertEqual((self.cpu[reg.EAX], written), (40, [(8, 40, 4)]))

    def test_save(self):
        self.load(LOOP)
        self.cpu.run(CODE, count=10)
        saved = self.cpu.save(memory=True)
        self.cpu.run(until=CODE + 9)
        self.cpu.load(saved)
        self.assertEqual(self.cpu[reg.EAX], 3)
        with self.assertRaises(PagewalkError):
            self.cpu.load(saved[:-1])

    def test_real_mode(self):
        with Pagewalk(Pagewalk.MODE_16, model="486", engine="interp") as cpu:
            cpu.map(0, 0x10000)
            cpu.write(0x100, bytes.fromhex("b80700 f4"))  # mov ax, 7; hlt
            self.assertEqual((cpu.run(0x100), cpu[reg.AX]), (end.HALT, 7))

    def test_stop(self):
        self.load(b"\xeb\xfe")
        timer = threading.Timer(0.05, self.cpu.stop)
        timer.start()
        self.assertEqual(self.cpu.run(CODE), end.STOP)
        self.assertEqual(self.cpu.run(CODE, timeout=0.01), end.TIME)

    def test_closed(self):
        cpu = Pagewalk()
        cpu.close()
        cpu.close()
        for use in (lambda: cpu.map(0, 4096), lambda: cpu[reg.EAX], cpu.stop, cpu.run, lambda: cpu.instructions):
            with self.assertRaises(ctypes.ArgumentError):
                use()

    def test_busy(self):
        self.load(LOOP)
        for use in (self.cpu.close, self.cpu.run):
            number = self.cpu.hook(hook.INSN, lambda cpu, event: use())
            with self.assertRaises(PagewalkError) as caught:
                self.cpu.run(CODE)
            self.assertEqual(caught.exception.error, error.BUSY)
            self.cpu.unhook(number)
        self.cpu.run(CODE, until=CODE + 5)

    def test_numbers(self):
        for use in (lambda: self.cpu.map(1 << 32, 4096), lambda: self.cpu.map(-4096, 4096),
                    lambda: self.cpu.run(CODE, timeout=-1), lambda: self.cpu.interrupt(256)):
            with self.assertRaises(ctypes.ArgumentError):
                use()
        with self.assertRaises(PagewalkError):
            self.cpu[reg.AX] = 0x10000
        self.cpu[reg.AX] = -1
        self.assertEqual(self.cpu[reg.AX], 0xFFFF)

    def test_models(self):
        with self.assertRaises(PagewalkError) as caught:
            Pagewalk(model="nothing")
        self.assertEqual(caught.exception.error, error.MODEL)
        self.assertEqual(pagewalk.version(), "1.0")


if __name__ == "__main__":
    program = unittest.main(exit=False, verbosity=0)
    wrong = len(program.result.failures) + len(program.result.errors)
    print("%d passed, %d failed" % (program.result.testsRun - wrong, wrong))
    sys.exit(wrong != 0)
