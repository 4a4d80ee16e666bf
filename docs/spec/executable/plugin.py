# SPDX-License-Identifier: Apache-2.0
"""What plugin.json says (PJ-6 to PJ-10, PC-1 to PC-3, PR-1 to PR-3)."""

import json_reader
from json_reader import Object, is_text
from text import INVALID_MANIFEST, Refused

TEXTS = (b'name', b'description', b'version', b'license')
COMPONENTS = (b'agents', b'commands', b'hooks', b'lspServers', b'mcpServers', b'skills')
REQUIREMENTS = (b'requires', b'dependencies')


def fold(key):
    """A key after simple case folding, as far as known keys need it (PJ-7)."""
    return key.replace('\u017f'.encode(), b's').replace('\u212a'.encode(), b'k').lower()


KNOWN = {fold(key): key for key in (*TEXTS, *COMPONENTS, *REQUIREMENTS)}


def read(data):
    manifest = json_reader.read(data)
    if manifest is None:  # PJ-5: accepted, but it has no name.
        manifest = Object()
    if not isinstance(manifest, Object):
        raise Refused(INVALID_MANIFEST, 'no object')
    found = {}
    for spelling, value in manifest:  # PJ-8: the last one counts.
        key = KNOWN.get(fold(spelling))
        if key in TEXTS:
            if value is None:
                continue  # A null leaves what was there.
            if not is_text(value):
                raise Refused(INVALID_MANIFEST, f'{key.decode()} is no text')  # PJ-9
            found[key] = value
        elif key:
            found[key] = value
    if not found.get(b'name'):
        raise Refused(INVALID_MANIFEST, 'no name')  # PJ-10
    counts = {key: count(found.get(key)) for key in COMPONENTS}
    components = {key: number for key, number in counts.items() if number}
    return {
        **{key.decode(): found.get(key, b'') for key in TEXTS},
        'components': components or None,  # PC-2
        'requires': requirements(*(texts(found.get(key)) for key in REQUIREMENTS)),
    }


def count(value):
    """How many components a value declares (PC-1)."""
    if value is None:
        return 0
    if isinstance(value, Object):
        return len({key for key, _ in value})
    return len(value) if isinstance(value, list) else 1


def texts(value):
    """The list that a value stands for; None where it stands for none (PR-1)."""
    if isinstance(value, Object):
        if any(member is not None and not is_text(member) for _, member in value):
            return None
        last = {key: member or b'' for key, member in value}
        return [member for member in last.values() if member]
    if isinstance(value, list):
        if any(member is not None and not is_text(member) for member in value):
            return None
        return [member or b'' for member in value]
    return None


def requirements(requires, dependencies):
    """Both lists as one (PR-2), or None (PR-3)."""
    if requires is None and not dependencies:
        return None
    return sorted(set((requires or []) + (dependencies or [])))
