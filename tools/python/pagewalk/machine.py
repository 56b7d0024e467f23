"""A processor with memory of its own, as an object."""

import ctypes
from ctypes import byref, c_size_t, c_uint, c_void_p

from .library import (HOOK, IO_READ, IO_WRITE, EventStruct, FaultStruct, MapStruct, OptionsStruct, PagewalkError, check, end,
                      error, hook, lib, mode, reg)

READ, WRITE, EXEC, ALL = 1, 2, 4, 7
_HERE = _NOWHERE = (1 << 64) - 1


class Event:
    """What a hook is told; `value` of hook.IN is what the guest gets. It is gone when the hook returns."""

    __slots__ = ("_struct",)

    def __init__(self, struct):
        object.__setattr__(self, "_struct", struct)

    def __getattr__(self, name):
        return getattr(self._struct, name)

    def __setattr__(self, name, value):
        setattr(self._struct, name, value)

    @property
    def kind(self):
        return hook(self._struct.kind)


class Pagewalk:
    """Registers are cpu[reg.EAX]: numbers, or bytes for those above 64 bits. Exceptions in hooks end the run, and come
    out of run()."""

    MODE_32, MODE_16, MODE_RESET = mode.MODE_32, mode.MODE_16, mode.MODE_RESET
    _handle = None
    _running = False

    def __init__(self, mode=MODE_32, model=None, engine=None, code_buffer=0):
        options = OptionsStruct(ctypes.sizeof(OptionsStruct), model.encode() if model else None,
                                engine.encode() if engine else None, code_buffer)
        handle = c_void_p()
        check(lib.open(mode, byref(options), byref(handle)))
        self._handle = handle
        self._calls = {}  # what C calls must not be collected
        self._io_calls = []
        self._raised = None

    def close(self):
        """What is done with it afterwards raises ctypes.ArgumentError, as all impossible arguments do. Not within a hook."""
        self._idle()
        if self._handle is not None:
            lib.close(self._handle)
            self._handle = None

    def __del__(self):
        self.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # Memory.

    def map(self, address, size, rights=ALL):
        check(lib.map(self._handle, address, size, rights))

    def map_io(self, address, size, read=None, write=None):
        """read(offset, size) returns a number, write(offset, value, size)."""

        def on_read(_, offset, size, __):
            return self._guard(lambda: read(offset, size) & 0xFFFFFFFF if read else 0xFFFFFFFF, 0)

        def on_write(_, offset, value, size, __):
            self._guard(lambda: write(offset, value, size) if write else None, None)

        calls = IO_READ(on_read), IO_WRITE(on_write)
        check(lib.map_io(self._handle, address, size, *calls, None))
        self._io_calls.append(calls)

    def unmap(self, address, size):
        check(lib.unmap(self._handle, address, size))

    def protect(self, address, size, rights):
        check(lib.protect(self._handle, address, size, rights))

    def maps(self):
        """(address, size, rights, is a device) of each range, lowest first."""
        info, found = MapStruct(), []
        while lib.map_at(self._handle, len(found), byref(info)) == error.OK:
            found.append((info.address, info.size, info.rights, info.io))
        return found

    def read(self, address, size, physical=False):
        data = ctypes.create_string_buffer(size)
        check((lib.read_physical if physical else lib.read)(self._handle, address, data, size))
        return data.raw

    def write(self, address, data, physical=False):
        data = bytes(data)
        check((lib.write_physical if physical else lib.write)(self._handle, address, data, len(data)))

    # Registers.

    def __getitem__(self, number):
        size = lib.reg_size(number)
        data = ctypes.create_string_buffer(max(size, 1))
        check(lib.reg_read_bytes(self._handle, number, data, size))
        return int.from_bytes(data.raw, "little") if size <= 8 else data.raw

    def __setitem__(self, number, value):
        size = lib.reg_size(number)
        if isinstance(value, int):
            if size and not -1 << 8 * size - 1 <= value < 1 << 8 * size:
                raise PagewalkError(error.REGISTER)
            value = (value & ((1 << 8 * size) - 1)).to_bytes(size, "little")
        check(lib.reg_write_bytes(self._handle, number, bytes(value), len(value)))

    # Running.

    def run(self, start=None, until=None, timeout=0, count=0):
        """From an EIP (None: where it is) until a linear address, some seconds or instructions are done, HLT or stop().
        Returns why it ended: an `end`."""
        self._idle()
        self._running = True
        try:
            number = lib.run(self._handle, _HERE if start is None else start, _NOWHERE if until is None else until,
                             int(timeout * 1000000), count)
        finally:
            self._running = False
        raised, self._raised = self._raised, None
        if raised is not None:
            raise raised
        if number:
            fault = FaultStruct()
            lib.fault(self._handle, byref(fault))
            raise PagewalkError(number, fault)
        return end(lib.end(self._handle))

    def _idle(self):
        if self._running:
            raise PagewalkError(error.BUSY)

    def stop(self):
        lib.stop(self._handle)

    @property
    def instructions(self):
        return lib.instructions(self._handle)

    def interrupt(self, vector):
        check(lib.interrupt(self._handle, vector))

    def nmi(self):
        check(lib.nmi(self._handle))

    # Hooks.

    def _guard(self, call, default):
        """A Python exception must not go through C."""
        try:
            return call()
        except BaseException as raised:
            if self._raised is None:
                self._raised = raised
            self.stop()
            return default

    def hook(self, kinds, function, begin=1, end=0):
        """function(cpu, event) is called for what is from begin to end (begin above end: everywhere). Returns a number for
        unhook()."""

        def on_event(_, event, __):
            return bool(self._guard(lambda: function(self, Event(event.contents)), False))

        call, number = HOOK(on_event), c_uint()
        check(lib.hook_add(self._handle, kinds, begin, end, call, None, byref(number)))
        self._calls[number.value] = call
        return number.value

    def unhook(self, number):
        check(lib.hook_remove(self._handle, number))

    # State.

    def save(self, memory=False):
        size = c_size_t()
        check(lib.save(self._handle, memory, None, byref(size)))
        data = ctypes.create_string_buffer(size.value)
        check(lib.save(self._handle, memory, data, byref(size)))
        return data.raw[:size.value]

    def load(self, data):
        check(lib.load(self._handle, data, len(data)))

    def disassemble(self, address):
        """(text, bytes) of an instruction."""
        text, size = ctypes.create_string_buffer(128), c_uint()
        check(lib.disassemble(self._handle, address, text, len(text), byref(size)))
        return text.value.decode(), size.value
