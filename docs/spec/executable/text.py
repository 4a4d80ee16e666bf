# SPDX-License-Identifier: Apache-2.0
"""What all parts use: classes of errors, white space, UTF-8, paths (format.md, 0)."""

INVALID_DIR = 'invalid-dir'
MANIFEST_MISSING = 'manifest-missing'
INVALID_MANIFEST = 'invalid-manifest'
TOO_MANY_FILES = 'too-many-files'
TOO_LARGE = 'too-large'
INVALID_FILE = 'invalid-file'
INVALID_OPTION = 'invalid-option'
OTHER = 'other'


class Refused(Exception):
    """The directory is refused, with the class of the error."""

    def __init__(self, kind, why=''):
        super().__init__(f'{kind}: {why}')
        self.kind = kind


# WS, as Unicode has it.
BLANKS = {chr(c) for c in (
    *range(0x09, 0x0E), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B),
    0x2028, 0x2029, 0x202F, 0x205F, 0x3000)}
BLANK_TEXT = ''.join(sorted(BLANKS))
BLANK_BYTES = {blank.encode() for blank in BLANKS}


def trim(data):
    """The bytes without white space at both ends; the first thing that is not valid ends it."""
    start, end = 0, len(data)
    while size := next((n for n in (1, 2, 3) if start + n <= end and data[start:start + n] in BLANK_BYTES), 0):
        start += size
    while size := next((n for n in (1, 2, 3) if end - n >= start and data[end - n:end] in BLANK_BYTES), 0):
        end -= size
    return data[start:end]


def sequence_length(data, at):
    """The length of the well-formed UTF-8 sequence at a place; 0 where there is none (PJ-4)."""
    first = data[at]
    if first < 0x80:
        return 1
    size = 2 if 0xC2 <= first <= 0xDF else 3 if 0xE0 <= first <= 0xEF else 4 if 0xF0 <= first <= 0xF4 else 0
    if not size or at + size > len(data):
        return 0
    low, high = {0xE0: (0xA0, 0xBF), 0xED: (0x80, 0x9F), 0xF0: (0x90, 0xBF), 0xF4: (0x80, 0x8F)}.get(
        first, (0x80, 0xBF))
    if not low <= data[at + 1] <= high:
        return 0
    return size if all(0x80 <= byte <= 0xBF for byte in data[at + 2:at + size]) else 0


def is_utf8(data):
    try:
        data.decode('utf-8')
    except UnicodeDecodeError:
        return False
    return True


def clean(path):
    """The path, lexically cleaned (format.md, 0)."""
    is_absolute, parts = path.startswith(b'/'), []
    for part in path.split(b'/'):
        if part in (b'', b'.'):
            continue
        if part == b'..':
            if parts and parts[-1] != b'..':
                parts.pop()
                continue
            if is_absolute:
                continue
        parts.append(part)
    return (b'/' if is_absolute else b'') + b'/'.join(parts) or b'.'
