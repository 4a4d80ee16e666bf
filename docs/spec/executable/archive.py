# SPDX-License-Identifier: Apache-2.0
"""The archive (format.md, 4) and what compresses it (format.md, 5, and deflate.c)."""

import ctypes
import os
import zlib

from text import clean

MAX_TIME = 8**11 - 1
BLOCK = 512
_encoder = None


def tar(files, seconds):
    return b''.join(member(*file, seconds) for file in files) + bytes(2 * BLOCK)  # TAR-14


def member(path, data, mode, seconds):
    mode = mode or 0o644  # TAR-3
    is_ascii = all(0 < byte < 0x80 for byte in path)
    needs_time = not 0 <= seconds <= MAX_TIME  # TAR-5
    needs_path = len(path) > 100 or not is_ascii
    slash = path[:156].rfind(b'/')
    splits = len(path) > 100 and is_ascii and slash >= 1 and len(path) - slash - 1 <= 100  # TAR-6
    if not needs_time and (not needs_path or splits):  # TAR-7
        name, prefix = (path[slash + 1:], path[:slash]) if needs_path else (path, b'')
        return header(name, mode, len(data), seconds, prefix) + padded(data)
    records = record(b'mtime', b'%d' % seconds) if needs_time else b''  # TAR-9
    records += record(b'path', path) if needs_path else b''
    time = 0 if needs_time else seconds
    return (header(records_name(path), 0, len(records), 0, kind=b'x') + padded(records)  # TAR-8
            + header(stripped_name(path), mode, len(data), time) + padded(data))


def header(name, mode, size, time, prefix=b'', kind=b'0'):
    device = bytes(8) if kind == b'x' else octal(8, 0)  # BUG-37
    fields = bytearray(
        name.ljust(100, b'\0') + octal(8, mode) + octal(8, 0) + octal(8, 0) + octal(12, size)
        + octal(12, time) + b' ' * 8 + kind + bytes(100) + b'ustar\x0000' + bytes(64)
        + device + device + prefix.ljust(155, b'\0') + bytes(12))
    fields[148:156] = b'%06o\0 ' % sum(fields)
    return bytes(fields)


def octal(width, value):
    return b'%0*o\0' % (width - 1, value)  # TAR-4


def record(key, value):
    """A record counts its own digits (TAR-10)."""
    rest = len(key) + len(value) + 3
    size = rest + len(str(rest))
    size = rest + len(str(size))
    return b'%d %s=%s\n' % (size, key, value)


def padded(data):
    return data + bytes(-len(data) % BLOCK)  # TAR-13


def only_ascii(path):
    return bytes(byte for byte in path if 0 < byte < 0x80)


def records_name(path):
    """TAR-11: cleaned first, stripped after."""
    slash = path.rfind(b'/') + 1
    parts = [part for part in (path[:slash], b'PaxHeaders.0', path[slash:]) if part]
    return only_ascii(clean(b'/'.join(parts)))[:100].rstrip(b'/')


def stripped_name(path):
    """TAR-12."""
    stripped = only_ascii(path)
    name = stripped[:100]
    if len(stripped) > 100 and stripped[99:100] == b'/':
        kept = len(stripped[:99].rstrip(b'/'))
        name = stripped[:kept] + b'\0' + stripped[kept + 1:100]
    return name


def gzip(data, seconds):
    time = seconds % 2**32 if seconds > 0 else 0  # GZ-2
    return (b'\x1f\x8b\x08\0' + time.to_bytes(4, 'little') + b'\x02\xff' + deflate(data)  # GZ-1, GZ-3
            + zlib.crc32(data).to_bytes(4, 'little') + (len(data) % 2**32).to_bytes(4, 'little'))  # GZ-5


def deflate(data):
    """The frozen stream, made by the library that deflate.c becomes."""
    global _encoder
    if _encoder is None:
        beside = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'deflate.so')
        _encoder = ctypes.CDLL(os.environ.get('DEFLATE_LIBRARY', beside))
        _encoder.deflate9.restype = ctypes.c_void_p
    size = ctypes.c_size_t()
    place = _encoder.deflate9(data, ctypes.c_int64(len(data)), ctypes.byref(size))
    stream = ctypes.string_at(place, size.value)
    release = ctypes.CDLL(None).free
    release.argtypes = [ctypes.c_void_p]
    release(place)
    return stream
