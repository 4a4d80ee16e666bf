# SPDX-License-Identifier: Apache-2.0
"""What SKILL.md says (FM-1 to FM-5, FM-15 to FM-27)."""

import base64
import datetime
import re

import yaml_reader
from text import BLANK_TEXT, trim
from yaml_reader import refuse

MAX_FRONTMATTER = 65_536  # FM-4
CORE = 'tag:yaml.org,2002:'
NULLS = ('', '~', 'null', 'Null', 'NULL')
TEXTS = (b'name', b'description', b'version', b'license', b'compatibility')
KNOWN = {*TEXTS, b'allowed-tools', b'metadata'}  # FM-16


def read(data, is_reference):
    root = yaml_reader.read(frontmatter(data))
    if root is None or is_null(root):
        refuse('no name')  # FM-15
    if root.kind != 'mapping':
        refuse('the root is no mapping')
    found = {}

    def take(key, value):
        if key == b'allowed-tools':
            found[key] = tools(value)
        elif key == b'metadata':
            found[key] = metadata(value, is_reference)
        elif key in KNOWN:
            found[key] = text_of(value)

    visit(root, take, KNOWN)
    if not found.get(b'name'):
        refuse('no name')  # FM-21
    wanted = (found.get(b'metadata') or {}).get(b'toolhive.requires') or b''
    requires = [line for line in map(trim, wanted.split(b'\n')) if line]  # FM-27
    return {
        **{key.decode(): found.get(key) or b'' for key in TEXTS},
        'metadata': found.get(b'metadata'),
        'tools': found.get(b'allowed-tools'),
        'requires': requires or None,
    }


def frontmatter(data):
    data = trim(data)
    if not data.startswith(b'---'):
        refuse('no frontmatter')  # FM-1
    data = data[3:]
    data = data[1:] if data[:1] == b'\n' else data  # FM-2
    end = data.find(b'---')  # FM-3
    if end < 0:
        refuse('the frontmatter does not end')
    if end > MAX_FRONTMATTER:
        refuse('the frontmatter is too large')  # FM-4
    return data[:end]


def visit(mapping, take, unique, hidden=None, own=True, above=()):
    """Calls take(key, value) for each member of a mapping and of what it merges; own ones first.
    A key in `unique` that is decoded twice is an error (FM-17)."""
    if id(mapping) in above:
        refuse('it contains itself')  # FM-14
    above = (*above, id(mapping))
    hidden = set() if hidden is None else hidden
    written, here, merged = set(), set(), []
    for key, value in zip(mapping.items[::2], mapping.items[1::2]):
        as_written = (key.kind, key.anchor if key.kind == 'alias' else key.text)
        if as_written in written:
            refuse('a key twice')  # FM-17
        written.add(as_written)
        if is_merge(key):
            merged.append(value)
            continue
        name = text_of(key)  # FM-18
        if name is None:
            continue
        if own:
            if name in here and name in unique:
                refuse('a key twice')  # FM-17
            here.add(name)
            take(name, value)
        elif name not in hidden and name not in here:
            here.add(name)
            take(name, value)
    hidden |= here
    for value in merged:
        for source in value.items if value.kind == 'sequence' else [value]:
            source = source.followed()
            if source.kind != 'mapping':
                refuse('a merge of something that is no mapping')  # FM-19
            visit(source, take, unique, hidden, False, above)


def is_merge(key):
    if key.kind != 'scalar' or key.text != '<<':
        return False
    return key.is_plain and key.tag in (None, '!') or key.tag == CORE + 'merge'  # FM-19


def is_null(node):
    if node.kind != 'scalar':
        return False
    if node.tag == CORE + 'null':
        if node.text not in NULLS:
            refuse('!!null with a text')
        return True
    return node.is_plain and node.tag in (None, '!') and node.text in NULLS


def text_of(node):
    """A scalar as text; None for null (FM-20)."""
    node = node.followed()
    if node.kind != 'scalar':
        refuse('a collection in the place of a text')
    if is_null(node):
        return None
    if node.tag and node.tag.startswith(CORE):
        tag = node.tag[len(CORE):]
        if tag == 'binary':
            try:
                return base64.b64decode(re.sub('[\r\n]', '', node.text).encode('ascii'), validate=True)
            except ValueError:
                refuse('!!binary that is no base64')
        if not fits(tag, node.text):
            refuse(f'a text that is no !!{tag}')
    return node.text.encode()


def fits(tag, text):
    """Whether a text resolves to a core type (FM-20)."""
    if tag == 'bool':
        return text in ('true', 'True', 'TRUE', 'false', 'False', 'FALSE')
    if tag == 'int':
        return integer(text) is not None
    if tag == 'float':
        return is_float(text)
    return tag != 'timestamp' or is_timestamp(text)


def integer(text):
    """The number, from -2^63 to 2^64-1; None where it is none."""
    if not re.match('[+-]?[0-9]', text):
        return None
    found = re.fullmatch(r'([+-]?)(0x[0-9a-f]+|0o[0-7]+|0b[01]+|0[0-7]+|0|[1-9][0-9]*)',
                         text.replace('_', '').lower())
    if not found:
        return None
    sign, digits = found.groups()
    base = {'0x': 16, '0o': 8, '0b': 2}.get(digits[:2])
    if base:
        digits = digits[2:]
    number = int(digits, base or (8 if digits[0] == '0' else 10))
    number = -number if sign == '-' else number
    return number if -2**63 <= number < 2**64 else None


def is_float(text):
    number = integer(text)
    if number is not None:
        return number < 2**63
    if re.match('[+-]?[.0-9]', text):
        text = text.replace('_', '')
    if re.fullmatch(r'[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?', text):
        return abs(float(text)) != float('inf')
    return bool(re.fullmatch(r'[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)', text))


def is_timestamp(text):
    time = r'(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.\d+)?'
    found = re.fullmatch(
        rf'(\d{{4}})-(\d{{1,2}})-(\d{{1,2}})(?:[Tt]{time}(?:Z|[+-]\d\d:\d\d)| {time})?', text, re.A)
    if not found:
        return False
    year, month, day, *rest = found.groups()
    try:
        datetime.date(int(year) or 4, int(month), int(day))  # The year 0 is a leap year.
    except ValueError:
        return False
    hour, minute, second = (int(a or b or 0) for a, b in zip(rest[:3], rest[3:]))
    return hour < 24 and minute < 60 and second < 60


def tools(node):
    """The value of allowed-tools (FM-22 to FM-25)."""
    node = node.followed()
    if node.kind == 'mapping':
        refuse('allowed-tools is a mapping')
    if node.kind == 'sequence':
        return [text for text in map(text_of, node.items) if text is not None]
    if is_null(node) or node.text == '':
        return None
    separator = ',' if ',' in node.text else f'[{BLANK_TEXT}]+'
    parts = (part.strip(BLANK_TEXT) for part in re.split(separator, node.text))
    return [part.encode() for part in parts if part]


def metadata(node, is_reference):
    """The value of metadata (FM-26); in strict, a collection is as if absent (DEV-2)."""
    node = node.followed()
    if is_reference and is_null(node):
        return None
    if node.kind != 'mapping':
        if is_reference:
            refuse('metadata is no mapping')
        return None
    found = {}

    def take(key, value):
        if value.followed().kind == 'scalar' or is_reference:
            found[key] = text_of(value) or b''
        else:
            found.pop(key, None)

    visit(node, take, set())
    return found
