"""The shared library: its functions, and the numbers that it gives to registers, hooks and errors."""

import ctypes
import ctypes.util
import enum
import operator
import os
import re
from ctypes import POINTER, c_bool, c_char_p, c_int, c_size_t, c_uint, c_uint8, c_uint32, c_uint64, c_void_p, sizeof


def _load():
    name = os.environ.get("PAGEWALK_LIBRARY") or ctypes.util.find_library("pagewalk") or "libpagewalk.so.1"
    return ctypes.CDLL(name)


class EventStruct(ctypes.Structure):
    _fields_ = [
        ("kind", c_int),
        ("address", c_uint32),
        ("size", c_uint32),
        ("value", c_uint64),
        ("access", c_uint),
        ("physical", c_uint32),
        ("vector", c_uint32),
        ("error_code", c_uint32),
        ("software", c_bool),
        ("instructions", c_uint32),
    ]


class FaultStruct(ctypes.Structure):
    _fields_ = [("address", c_uint32), ("physical", c_uint32), ("vector", c_uint32), ("error_code", c_uint32)]


class MapStruct(ctypes.Structure):
    _fields_ = [("address", c_uint32), ("size", c_uint64), ("rights", c_uint), ("io", c_bool)]


class OptionsStruct(ctypes.Structure):
    _fields_ = [("size", c_size_t), ("model", c_char_p), ("engine", c_char_p), ("code_buffer", c_uint32)]


HOOK = ctypes.CFUNCTYPE(c_bool, c_void_p, POINTER(EventStruct), c_void_p)
IO_READ = ctypes.CFUNCTYPE(c_uint32, c_void_p, c_uint32, c_uint, c_void_p)
IO_WRITE = ctypes.CFUNCTYPE(None, c_void_p, c_uint32, c_uint32, c_uint, c_void_p)


class _Handle:
    """A handle as an argument: C does not look whether it is one."""

    @classmethod
    def from_param(cls, value):
        if value is None:
            raise ValueError("the processor is closed")
        return value


def _exact(kind):
    """An unsigned number as an argument. ctypes would take the lower bits of what does not fit."""

    class Exact:
        @classmethod
        def from_param(cls, value):
            number = operator.index(value)
            if number >> 8 * sizeof(kind):
                raise OverflowError("%d does not fit into %d bits" % (number, 8 * sizeof(kind)))
            return kind(number)

    return Exact


_U, _U8, _U32, _U64, _SIZE = (_exact(kind) for kind in (c_uint, c_uint8, c_uint32, c_uint64, c_size_t))
_FUNCTIONS = {
    "strerror": (c_char_p, [c_int]),
    "version": (c_char_p, []),
    "open": (c_int, [c_int, POINTER(OptionsStruct), POINTER(c_void_p)]),
    "close": (None, [_Handle]),
    "map": (c_int, [_Handle, _U32, _U64, _U]),
    "map_host": (c_int, [_Handle, _U32, _U64, _U, c_void_p]),
    "map_io": (c_int, [_Handle, _U32, _U64, IO_READ, IO_WRITE, c_void_p]),
    "unmap": (c_int, [_Handle, _U32, _U64]),
    "protect": (c_int, [_Handle, _U32, _U64, _U]),
    "changed": (c_int, [_Handle, _U32, _U64]),
    "map_at": (c_int, [_Handle, _U, POINTER(MapStruct)]),
    "read": (c_int, [_Handle, _U32, c_void_p, _SIZE]),
    "write": (c_int, [_Handle, _U32, c_char_p, _SIZE]),
    "read_physical": (c_int, [_Handle, _U32, c_void_p, _SIZE]),
    "write_physical": (c_int, [_Handle, _U32, c_char_p, _SIZE]),
    "reg_read_bytes": (c_int, [_Handle, c_int, c_void_p, _SIZE]),
    "reg_write_bytes": (c_int, [_Handle, c_int, c_char_p, _SIZE]),
    "reg_size": (c_uint, [c_int]),
    "reg_name": (c_char_p, [c_int]),
    "run": (c_int, [_Handle, _U64, _U64, _U64, _U64]),
    "stop": (None, [_Handle]),
    "end": (c_int, [_Handle]),
    "instructions": (c_uint64, [_Handle]),
    "fault": (None, [_Handle, POINTER(FaultStruct)]),
    "interrupt": (c_int, [_Handle, _U8]),
    "nmi": (c_int, [_Handle]),
    "hook_add": (c_int, [_Handle, _U, _U32, _U32, HOOK, c_void_p, POINTER(c_uint)]),
    "hook_remove": (c_int, [_Handle, _U]),
    "save": (c_int, [_Handle, c_bool, c_void_p, POINTER(c_size_t)]),
    "load": (c_int, [_Handle, c_char_p, _SIZE]),
    "disassemble": (c_int, [_Handle, _U32, c_void_p, _SIZE, POINTER(c_uint)]),
}


class _Functions:
    """The library's functions, without their prefix."""

    def __init__(self, library):
        for name, (result, arguments) in _FUNCTIONS.items():
            function = getattr(library, "pagewalk_" + name)
            function.restype = result
            function.argtypes = arguments
            setattr(self, name, function)


lib = _Functions(_load())


def version():
    return lib.version().decode()


# ORDER: enum pagewalk_error, _hook, _end and _mode of pagewalk.h.
error = enum.IntEnum(
    "error",
    "OK MEMORY ARGUMENT MODEL ENGINE MAP REGISTER BUSY STACK STATE SIZE READ_UNMAPPED WRITE_UNMAPPED FETCH_UNMAPPED "
    "READ_PROTECTED WRITE_PROTECTED FETCH_PROTECTED EXCEPTION SHUTDOWN",
    start=0,
)
hook = enum.IntFlag(
    "hook", "INSN BLOCK READ READ_DONE WRITE FETCH UNMAPPED PROTECTED IN OUT INTERRUPT SYSCALL TRANSLATE"
)
end = enum.IntEnum("end", "ERROR UNTIL COUNT TIME STOP HALT", start=0)
mode = enum.IntEnum("mode", "MODE_32 MODE_16 MODE_RESET", start=0)


def _registers():
    names = {}
    while lib.reg_size(len(names)):
        names[re.sub("[^A-Z0-9]", "_", lib.reg_name(len(names)).decode().upper())] = len(names)
    return names


reg = enum.IntEnum("reg", _registers())


class PagewalkError(Exception):
    """What a call failed with: .error, and for runs .address, .vector and .error_code."""

    def __init__(self, number, fault=None):
        super().__init__(lib.strerror(number).decode())
        self.error = error(number)
        if fault is not None:
            self.address, self.vector, self.error_code = fault.address, fault.vector, fault.error_code


def check(number):
    if number:
        raise PagewalkError(number)
