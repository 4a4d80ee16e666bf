# SPDX-License-Identifier: Apache-2.0
"""A directory's files, as they are packaged (format.md, 1)."""

import os
import stat

import plugin
import skill
from text import (INVALID_DIR, INVALID_FILE, INVALID_MANIFEST, MANIFEST_MISSING, OTHER, TOO_LARGE,
                  TOO_MANY_FILES, Refused, clean, is_utf8)

MANIFESTS = {'plugin': b'.claude-plugin/plugin.json', 'skill': b'SKILL.md'}
MAX_MANIFEST = 65_536
MAX_FILES = 1_000
MAX_BYTES = 99_614_720
MAX_DIRECTORIES = 10_000  # DEV-6
MAX_NAMES = 256  # DEV-6


def load(kind, root, profile, modes):
    """The manifest's metadata, and the files as (path, bytes, mode), in the order of the archive."""
    is_plugin, is_reference = kind == 'plugin', profile == 'reference'
    check_root(root, is_plugin, is_reference)
    manifest = MANIFESTS[kind]
    data = read_manifest(root.rstrip(b'/') + b'/' + manifest, is_plugin, is_reference)
    described = plugin.read(data) if is_plugin else skill.read(data, is_reference)
    files, total = [(manifest, data, 0o644)], 0  # PD-4, SD-3, MODE-2
    for path, full, mode in walk(root, is_plugin, is_reference):
        if path == manifest:  # PW-5, SW-5
            continue
        if not is_reference and (b'\\' in path or not is_utf8(path)):
            raise Refused(INVALID_FILE, 'its name')  # BUG-18, BUG-19
        if len(files) > MAX_FILES:
            raise Refused(TOO_MANY_FILES)  # PW-6, SW-6
        content = read_file(full, is_reference)
        total += len(content)
        if total > MAX_BYTES:
            raise Refused(TOO_LARGE)  # PW-7, SW-7
        files.append((path, content, packed_mode(mode, is_plugin, modes)))
    return described, sorted(files)  # TAR-1: by the bytes of the paths


def check_root(root, is_plugin, is_reference):
    """PD-1, SD-1."""
    try:
        if not root or b'\0' in root:
            raise OSError('it is empty')
        status = os.stat(root)
    except OSError as error:
        raise Refused(INVALID_DIR, str(error)) from error
    if not stat.S_ISDIR(status.st_mode):
        raise Refused(INVALID_DIR, 'no directory')
    cleaned = clean(root)
    if is_plugin and not cleaned.startswith(b'/'):
        raise Refused(INVALID_DIR, 'relative')
    leads_out = b'..' in cleaned if is_reference else b'..' in cleaned.split(b'/')  # BUG-06
    if not is_plugin and leads_out:
        raise Refused(INVALID_DIR, '..')
    if os.path.islink(root) and not is_reference:
        raise Refused(INVALID_DIR, 'a link')  # BUG-01


def read_manifest(path, is_plugin, is_reference):
    other = OTHER if is_reference else INVALID_FILE  # BUG-09
    try:
        status = os.lstat(path)
    except FileNotFoundError as error:
        raise Refused(MANIFEST_MISSING, str(error)) from error
    except OSError as error:
        raise Refused(other, str(error)) from error
    if is_plugin or not is_reference:
        if not stat.S_ISREG(status.st_mode):
            raise Refused(INVALID_FILE, 'the manifest is no file')  # PD-1, BUG-02
        if is_plugin and status.st_size > MAX_MANIFEST:
            raise Refused(INVALID_MANIFEST, 'too large')  # PD-3
    elif not os.path.exists(path):
        raise Refused(MANIFEST_MISSING, 'it leads nowhere')
    return read_file(path, is_reference)


def read_file(path, is_reference):
    try:
        with open(path, 'rb') as file:
            return file.read()
    except OSError as error:
        raise Refused(OTHER if is_reference else INVALID_FILE, str(error)) from error


def walk(root, is_plugin, is_reference):
    """The files that are kept, in the order of the walk (WALK-1), as (path, where, mode)."""
    if os.path.islink(root):  # WALK-3
        return
    other = OTHER if is_reference else INVALID_FILE
    pending, directories = [b''], 0
    while pending:
        path = pending.pop()
        full = root.rstrip(b'/') + b'/' + path
        try:
            mode = os.lstat(full).st_mode
            if path and not is_kept(path, mode, is_plugin):
                continue
            if stat.S_ISDIR(mode):
                prefix = path + b'/' if path else b''
                directories += bool(path)
                if not is_reference and directories > MAX_DIRECTORIES:
                    raise Refused(TOO_MANY_FILES, 'directories')
                names = sorted(os.listdir(full), reverse=True)
                if not is_reference and names and prefix.count(b'/') >= MAX_NAMES:
                    raise Refused(INVALID_FILE, 'too deep')
                pending += [prefix + name for name in names]
                continue
        except OSError as error:
            raise Refused(other, str(error)) from error
        yield path, full, mode


def is_kept(path, mode, is_plugin):
    """Whether an entry is descended into or packed; what may not be there is refused."""
    name = path.rsplit(b'/', 1)[-1]
    is_directory, is_hidden = stat.S_ISDIR(mode), name.startswith(b'.')
    if not is_plugin and is_hidden:  # SW-1
        return False
    if stat.S_ISLNK(mode):
        raise Refused(INVALID_FILE, 'a link')  # PW-1, SW-2
    if is_directory:
        return not is_hidden or path == b'.claude-plugin'  # PW-2, SW-3
    if not stat.S_ISREG(mode):
        raise Refused(INVALID_FILE, 'no file')  # PW-3, SW-4
    hides = any(part.startswith(b'.') for part in path.split(b'/'))
    return not hides or path in (b'.mcp.json', MANIFESTS['plugin'])  # PW-4


def packed_mode(mode, is_plugin, modes):
    """MODE-1, MODE-2, DEV-1."""
    if not is_plugin:
        return 0o644
    if modes == 'verbatim':
        return mode & 0o777
    return 0o755 if mode & 0o111 else 0o644
