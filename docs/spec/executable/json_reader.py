# SPDX-License-Identifier: Apache-2.0
"""JSON as plugin.json is read (PJ-1 to PJ-5). Texts are bytes; an object keeps all its members."""

import re

from text import INVALID_MANIFEST, Refused, sequence_length, trim

MAX_DEPTH = 10_000  # PJ-3
REPLACEMENT = '\ufffd'.encode()
ESCAPES = {0x22: b'"', 0x5C: b'\\', 0x2F: b'/', 0x62: b'\b', 0x66: b'\f', 0x6E: b'\n', 0x72: b'\r', 0x74: b'\t'}
NUMBER = re.compile(rb'-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?')
WORDS = {b'true': True, b'false': False, b'null': None}


class Number(bytes):
    """A number, as it is written."""


class Object(list):
    """An object: its members in order, as (key, value)."""


def is_text(value):
    return isinstance(value, bytes) and not isinstance(value, Number)


def read(data):
    """The one value of a file, white space at both ends trimmed (PJ-1)."""
    reader = _Reader(trim(data))
    value = reader.value()
    reader.skip_blanks()
    if reader.at != len(reader.data):
        reader.refuse('something follows the value')
    return value


class _Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def refuse(self, why):
        raise Refused(INVALID_MANIFEST, f'{why} at {self.at}')

    def skip_blanks(self):
        while self.at < len(self.data) and self.data[self.at] in b' \t\r\n':  # PJ-2
            self.at += 1

    def peek(self):
        return self.data[self.at] if self.at < len(self.data) else -1

    def value(self):
        """A value; with a stack of its own, so that depth costs nothing."""
        open_ones = []
        while True:
            self.skip_blanks()
            first = self.peek()
            if first in (0x7B, 0x5B):
                if len(open_ones) >= MAX_DEPTH:
                    self.refuse('nested too deep')
                self.at += 1
                opened = Object() if first == 0x7B else []
                open_ones.append(opened)
                self.skip_blanks()
                if self.peek() == (0x7D if first == 0x7B else 0x5D):
                    self.at += 1
                    value = open_ones.pop()
                elif first == 0x7B:
                    self.key(opened)
                    continue
                else:
                    continue
            elif first == 0x22:
                value = self.string()
            else:
                value = self.scalar()
            while open_ones:
                holder = open_ones[-1]
                if isinstance(holder, Object):
                    holder[-1] = (holder[-1][0], value)
                else:
                    holder.append(value)
                self.skip_blanks()
                following = self.peek()
                if following == 0x2C:
                    self.at += 1
                    if isinstance(holder, Object):
                        self.skip_blanks()
                        self.key(holder)
                    break
                if following != (0x7D if isinstance(holder, Object) else 0x5D):
                    self.refuse('neither a comma nor the end')
                self.at += 1
                value = open_ones.pop()
            else:
                return value

    def scalar(self):
        for word, value in WORDS.items():
            if self.data.startswith(word, self.at):
                self.at += len(word)
                return value
        number = NUMBER.match(self.data, self.at)
        if not number:
            self.refuse('no value')
        self.at = number.end()
        return Number(number.group())

    def key(self, holder):
        if self.peek() != 0x22:
            self.refuse('no key')
        key = self.string()
        self.skip_blanks()
        if self.peek() != 0x3A:
            self.refuse('no colon')
        self.at += 1
        holder.append((key, None))

    def string(self):
        """A string, decoded (PJ-4): U+FFFD for each byte and each lone surrogate that is none."""
        self.at += 1
        out = bytearray()
        while True:
            byte = self.peek()
            if byte < 0x20:
                self.refuse('no end of the string')
            if byte == 0x22:
                self.at += 1
                return bytes(out)
            if byte == 0x5C:
                out += self.escape()
                continue
            size = sequence_length(self.data, self.at)
            out += self.data[self.at:self.at + size] if size else REPLACEMENT
            self.at += size or 1

    def escape(self):
        following = self.data[self.at + 1:self.at + 2]
        if following != b'u':
            plain = ESCAPES.get(following[0]) if following else None
            if plain is None:
                self.refuse('no such escape')
            self.at += 2
            return plain
        unit = self.unit(self.at)
        if unit is None:
            self.refuse('no such escape')
        self.at += 6
        if 0xD800 <= unit <= 0xDBFF:
            second = self.unit(self.at)
            if second is not None and 0xDC00 <= second <= 0xDFFF:
                self.at += 6
                return chr(0x10000 + ((unit - 0xD800) << 10) + second - 0xDC00).encode()
        return REPLACEMENT if 0xD800 <= unit <= 0xDFFF else chr(unit).encode()

    def unit(self, at):
        """The number of the escape at a place, if there is one."""
        digits = self.data[at + 2:at + 6]
        is_one = self.data[at:at + 2] == b'\\u' and re.fullmatch(rb'[0-9a-fA-F]{4}', digits)
        return int(digits, 16) if is_one else None
