# SPDX-License-Identifier: Apache-2.0
"""Config, manifests and index (format.md, 6), epoch and platforms (format.md, 7)."""

import hashlib
import re

from text import BLANK_TEXT, INVALID_OPTION, OTHER, Refused, sequence_length

UNSET = -62_135_596_800  # EP-4: the reference's zero time
FIRST, LAST = -62_167_219_200, 253_402_300_799  # EP-7
ESCAPES = {0x22: b'\\"', 0x5C: b'\\\\', 0x08: b'\\b', 0x0C: b'\\f', 0x0A: b'\\n', 0x0D: b'\\r', 0x09: b'\\t',
           0x3C: b'\\u003c', 0x3E: b'\\u003e', 0x26: b'\\u0026'}
SEPARATORS = {b'\xe2\x80\xa8': b'\\u2028', b'\xe2\x80\xa9': b'\\u2029'}
IMAGE = 'application/vnd.oci.image.'
OCI = 'org.opencontainers.image.'
DEFAULT_PLATFORMS = ('linux/amd64', 'linux/arm64')  # PF-1


def digest(data):
    return 'sha256:' + hashlib.sha256(data).hexdigest()


def encode(value):
    """JSON as it gets a digest (JSON-1 to JSON-7)."""
    if value is None:
        return b'null'
    if isinstance(value, int):
        return b'%d' % value
    if isinstance(value, (str, bytes)):
        return string(value.encode() if isinstance(value, str) else value)
    if isinstance(value, dict):
        return b'{' + b','.join(encode(key) + b':' + encode(member) for key, member in value.items()) + b'}'
    return b'[' + b','.join(map(encode, value)) + b']'


def string(data):
    out, at = bytearray(b'"'), 0
    while at < len(data):
        byte, size = data[at], 1
        if byte in ESCAPES:
            out += ESCAPES[byte]
        elif byte < 0x20:
            out += b'\\u%04x' % byte
        elif size := sequence_length(data, at):
            character = data[at:at + size]
            out += SEPARATORS.get(character, character)
        else:
            out += b'\\ufffd'  # JSON-7
        at += size or 1
    return bytes(out + b'"')


def by_key(members):
    return {key: members[key] for key in sorted(members)}  # JSON-2


def time(seconds):
    """JSON-8 and JSON-9, for whole seconds; the proleptic Gregorian calendar."""
    if not FIRST <= seconds <= LAST:
        raise Refused(OTHER, 'the epoch')
    days, rest = divmod(seconds, 86_400)
    era, day_of_era = divmod(days + 719_468, 146_097)
    year_of_era = (day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * shifted + 2) // 5 + 1
    month = shifted + 3 if shifted < 10 else shifted - 9
    year = year_of_era + era * 400 + (month <= 2)
    return f'{year:04}-{month:02}-{day:02}T{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}Z'


def parse_epoch(text):
    """EP-1."""
    if not text or not re.fullmatch(r'[+-]?[0-9]+', text, re.A):
        return 0
    seconds = int(text)
    return seconds if -2**63 <= seconds < 2**63 else 0


def parse_platform(text, is_reference):
    """PF-2."""
    parts = [part.strip(BLANK_TEXT) for part in text.split('/')]
    if len(parts) not in (2, 3) or not all(parts):
        raise Refused(OTHER if is_reference else INVALID_OPTION, 'the platform')
    return dict(zip(('os', 'architecture', 'variant'), parts))


def parse_platforms(texts, is_reference):
    platforms = [parse_platform(text, is_reference) for text in texts or DEFAULT_PLATFORMS]
    if not is_reference and any(platforms.count(one) > 1 for one in platforms):
        raise Refused(INVALID_OPTION, 'a platform twice')  # BUG-36
    ordered = ('architecture', 'os', 'variant')  # CFG-1, IDX-2
    return [{key: platform[key] for key in ordered if key in platform} for platform in platforms]


def labels(kind, described, paths):
    """CFG-3 and CFG-4."""
    own = f'dev.toolhive.{kind}s.'
    found = {own + key: described[key] for key in ('name', 'description', 'version', 'license')}
    found[own + 'files'] = encode(paths)  # JSON-4
    if kind == 'plugin':
        components = described['components']
        found[own + 'components'] = encode(components and by_key(components))
        found[own + 'requires'] = encode(described['requires'])
    else:
        found[own + 'allowedTools'] = encode(described['tools'])
    return by_key(found)


def annotations(kind, described, labelled, created):
    """MAN-3 for plugins, MAN-4 for skills."""
    own = f'dev.toolhive.{kind}s.'
    if kind == 'plugin':
        found = {**labelled, OCI + 'description': described['description'], OCI + 'licenses': described['license'],
                 OCI + 'title': described['name'], OCI + 'version': described['version']}
    else:
        found = {own + key: described[key] for key in ('name', 'description', 'version')}
        if described['requires']:
            found[own + 'requires'] = encode(described['requires'])
    return by_key({**found, OCI + 'created': created})


def descriptor(kind, data, **more):
    return {'mediaType': IMAGE + kind, 'digest': digest(data), 'size': len(data), **more}  # MAN-2


def config(platform, created, labelled, diff_id):
    return encode({
        'created': created, **platform, 'config': {'Labels': labelled},  # CFG-1, CFG-2
        'rootfs': {'type': 'layers', 'diff_ids': [diff_id]},  # CFG-5
        'history': [{'created': created, 'created_by': 'toolhive package'}],  # CFG-6
    })


def manifest(kind, config_data, layer, annotated):
    title = {OCI + 'title': f'{kind}.tar.gz'}
    return encode({
        'schemaVersion': 2, 'mediaType': IMAGE + 'manifest.v1+json',  # MAN-1
        'artifactType': f'dev.toolhive.{kind}s.v1',
        'config': descriptor('config.v1+json', config_data),
        'layers': [descriptor('layer.v1.tar+gzip', layer, annotations=title)],
        'annotations': annotated,
    })


def index(kind, manifests, annotated):
    return encode({
        'schemaVersion': 2, 'mediaType': IMAGE + 'index.v1+json',  # IDX-1
        'artifactType': f'dev.toolhive.{kind}s.v1',
        'manifests': [descriptor('manifest.v1+json', data, platform=platform) for platform, data in manifests],
        'annotations': annotated,  # IDX-3
    })
