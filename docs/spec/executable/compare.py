#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares this packager with recorded vectors, and with a binary `toolhive-oci`, on vectors and on
random directories. A random directory that differs is made as small as it can be before it is shown."""

import argparse
import base64
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

import documents
import packager
from text import OTHER, Refused

DIGESTS = ('index', 'manifest', 'config', 'layer')
# The reference looks a little past the root (FM-6), which no rule reproduces.
NOT_SAID = ('probe-fm6-dots',)
WORDS = {'usage': 'invalid-option', 'platform': OTHER}  # the command's and the reference's own words


class Case:
    """A directory in the vectors' form, and how it is packaged."""

    def __init__(self, vector):
        self.kind, self.epoch, self.platforms = vector['kind'], vector['epoch'], vector['platforms']
        self.modes, self.entries = vector.get('modes', 'git'), vector['entries']

    def put(self, root):
        os.mkdir(root)
        for entry in self.entries:
            name = base64.b64decode(entry['path_base64']) if 'path_base64' in entry else os.fsencode(entry['path'])
            path = os.path.join(os.fsencode(root), name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            if 'symlink' in entry:
                os.symlink(entry['symlink'], path)
            elif entry.get('fifo'):
                os.mkfifo(path)
            elif entry.get('dir'):
                os.makedirs(path, exist_ok=True)
            else:
                with open(path, 'wb') as file:
                    file.write(content(entry))
                os.chmod(path, int(entry['mode'], 8))

    def by_text(self, root, profile):
        """What the rules make of it: digests, or the class of the error."""
        try:
            made = packager.package(self.kind, os.fsencode(root), self.epoch, self.platforms, self.modes, profile)
        except Refused as refusal:
            return refusal.kind
        return {name: made[name] for name in DIGESTS}

    def by_binary(self, root, binary):
        """What the binary makes of it; always in the strict profile."""
        command = [binary, '--store', root + '.store', '--format', 'json', self.kind, 'build', root,
                   f'--epoch={self.epoch}']
        for platform in self.platforms:
            command += ['--platform', platform]
        command += ['--modes', self.modes] if self.kind == 'plugin' else []
        done = subprocess.run(command, capture_output=True, timeout=120, check=False)
        shutil.rmtree(root + '.store', ignore_errors=True)
        answer = json.loads(done.stdout)
        if 'error' in answer:
            return WORDS.get(answer['error']['kind'], answer['error']['kind'])
        return {name: answer[f'{name}_digest'] for name in DIGESTS}


def content(entry):
    return entry['text'].encode() if 'text' in entry else base64.b64decode(entry['base64'])


def recorded(outcome):
    """What a vector's file says of it, as far as it says it."""
    if 'error' in outcome:
        return WORDS.get(outcome['error'], outcome['error'])
    return {name: outcome[f'{name}_digest'] for name in DIGESTS}


def in_new_place(case, ask):
    parent = tempfile.mkdtemp()
    try:
        root = os.path.join(parent, 'c')
        case.put(root)
        return ask(root)
    finally:
        shutil.rmtree(parent)


def is_said(vector):
    """Whether a vector is a whole directory; some are made by a program (`segments`, `many`)."""
    whole = not any(key in vector for key in ('many', 'zeros', 'directory'))
    return whole and not any('segments' in entry for entry in vector['entries'])


def compare_vectors(path, binary):
    """The number of vectors, and the differences."""
    with open(path, 'rb') as file:
        vectors = [vector for vector in json.load(file)['vectors'] if is_said(vector)]
    differences = []
    for vector in vectors:
        case = Case(vector)

        def ask(root):
            found = []
            if vector['name'] not in NOT_SAID:
                found.append(('reference', case.by_text(root, 'reference'), recorded(vector['expect'])))
            strict = case.by_text(root, 'strict')
            if 'strict' in vector:
                found.append(('strict', strict, recorded(vector['strict'])))
            if binary:
                found.append(('binary', case.by_binary(root, binary), strict))
            return found

        differences += [f'{vector["kind"]} {vector["name"]}: {what}: {ours}, not {theirs}'
                        for what, ours, theirs in in_new_place(case, ask) if ours != theirs]
    return len(vectors), differences


NAMES = ('a', 'b.md', 'skills', 'SKILL.md', 'hooks', 'hooks.json', '.mcp.json', '.lsp.json', '.git', '..x', 'é', '日本', 'x y',
         'A', '-', '#', 'n' * 99, 'n' * 120, 'a&b', '"', '.claude-plugin', 'PaxHeaders.0', 'z' * 60)
SCALARS = ('x', '1.0', "'null'", 'null', '~', '"a\\u00e9"', '!!str null', '0x1F', 'yes', '2020-01-01', '[a, b]', '{a: b}',
           '|\n  two\n  lines', '>-\n  folded\n  text', 'Bash(git add:*) Read', 'Read, Write', '- x', '&a v', '*a', "''", 'a # b',
           'Use <x> & "y"', '!!int 1', '!!float x')
KEYS = ('name', 'description', 'version', 'license', 'allowed-tools', 'metadata', 'compatibility', 'other', '"name"', '<<')
VALUES = ('x', '', None, 1, True, ['a', 'b', None, 'a'], {'a': 'b', 'c': None}, [1], {'k': [1]}, 'é\u2028<&>', {}, [])


def random_case(chance):
    kind = chance.choice(('plugin', 'skill'))
    entries = {}
    for _ in range(chance.randrange(6)):
        path = '/'.join(chance.choice(NAMES) for _ in range(chance.randrange(1, 5)))
        body = ''.join(chance.choice('ab \n<é') for _ in range(chance.randrange(40)) ) * chance.choice((1, 1, 400))
        entries[path] = {'path': path, 'mode': chance.choice(('0644', '0755', '0600', '0640', '0711')), 'text': body}
    manifest = '.claude-plugin/plugin.json' if kind == 'plugin' else 'SKILL.md'
    text = random_json(chance) if kind == 'plugin' else random_frontmatter(chance)
    entries[manifest] = {'path': manifest, 'mode': '0644', 'text': text}
    taken = [path for path in entries if not any(other.startswith(path + '/') for other in entries)]
    return Case({
        'kind': kind, 'entries': [entries[path] for path in taken],
        'epoch': chance.choice((0, 0, 1_700_000_000, -1, 2**33, 2**32, 253_402_300_799)),
        'platforms': chance.choice(([], [], ['linux/amd64'], ['linux/arm/v7', 'windows/amd64'])),
        'modes': chance.choice(('git', 'verbatim')),
    })


def random_json(chance):
    keys = ('name', 'Name', 'description', 'version', 'license', 'requires', 'dependencies', 'commands', 'agents', 'mcpServers',
            'hoo\u212as', '\u017fkills', 'other')
    members = [(key, chance.choice(VALUES)) for key in chance.sample(keys, chance.randrange(5))]
    members += [('name', 'n')] * chance.choice((0, 1, 1, 1))
    text = ','.join(f'{json.dumps(key, ensure_ascii=chance.random() < 0.5)}:{json.dumps(value)}' for key, value in members)
    return chance.choice(('', ' ', '\u00a0', '\ufeff')[:3] + ('',) * 6) + '{' + text + chance.choice(('}', '}', '}', '} ', ',}'))


def random_frontmatter(chance):
    lines = [f'{key}: {chance.choice(SCALARS)}' for key in chance.sample(KEYS, chance.randrange(5))]
    if chance.random() < 0.8:
        lines.insert(chance.randrange(len(lines) + 1), 'name: n')
    return '---\n' + '\n'.join(lines) + '\n---' + chance.choice(('\n', '', '\nbody --- more\n'))


def smaller(case):
    """Cases that are a little smaller."""
    for at in range(len(case.entries)):
        yield changed(case, case.entries[:at] + case.entries[at + 1:])
    for at, entry in enumerate(case.entries):
        for part in halves(entry['text']):
            yield changed(case, case.entries[:at] + [{**entry, 'text': part}] + case.entries[at + 1:])


def halves(text):
    size = len(text) // 2
    while size:
        for start in range(0, len(text), size):
            yield text[:start] + text[start + size:]
        size //= 2


def changed(case, entries):
    return Case({'kind': case.kind, 'entries': entries, 'epoch': case.epoch, 'platforms': case.platforms, 'modes': case.modes})


def difference(case, binary):
    text, made = in_new_place(case, lambda root: (case.by_text(root, 'strict'), case.by_binary(root, binary)))
    return None if text == made else (text, made)


def compare_random(count, seed, binary):
    """The number of artifacts among the cases, and the differences."""
    chance, artifacts = random.Random(seed), 0
    for number in range(count):
        case = random_case(chance)
        found = difference(case, binary)
        if not found:
            artifacts += isinstance(in_new_place(case, lambda root: case.by_text(root, 'strict')), dict)
            continue
        shrinks = True
        while shrinks:
            shrinks = False
            for candidate in smaller(case):
                if again := difference(candidate, binary):
                    case, found, shrinks = candidate, again, True
                    break
        return artifacts, [f'random {number} of seed {seed}: {json.dumps(vars(case))}: the rules: {found[0]}, the binary: {found[1]}']
    return artifacts, []


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('vectors', nargs='*', help='files of vectors')
    parser.add_argument('--binary', help='a toolhive-oci to compare with')
    parser.add_argument('--random', type=int, default=0, help='so many random directories')
    parser.add_argument('--seed', type=int, default=1)
    options = parser.parse_args()
    os.umask(0o022)
    differences = []
    for path in options.vectors:
        count, found = compare_vectors(path, options.binary)
        print(f'{os.path.basename(path)}: {count} directories, {len(found)} differences')
        differences += found
    if options.random and options.binary:
        artifacts, found = compare_random(options.random, options.seed, options.binary)
        print(f'random directories: {options.random}, of which {artifacts} became artifacts, {len(found)} differences')
        differences += found
    sys.exit('\n'.join(differences) if differences else 0)


if __name__ == '__main__':
    main()
