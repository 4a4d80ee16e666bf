#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A directory with a plugin or a skill becomes an artifact, by format.md and deflate.md alone."""

import argparse
import os
import sys

import archive
import documents
import tree
from text import INVALID_OPTION, TOO_LARGE, Refused

MAX_ARCHIVE = 104_857_600  # BUG-04
MAX_CONFIG = 4_194_304  # DEV-7


def package(kind, root, epoch=0, platforms=(), modes='git', profile='strict'):
    """The artifact as {index, manifest, config, layer, diff_id: digest; blobs: {digest: bytes}}."""
    is_reference = profile == 'reference'
    seconds, shown = epoch, epoch
    if epoch == documents.UNSET:
        seconds = 0
        shown = epoch if is_reference and kind == 'skill' else 0  # EP-3, BUG-29
    if not is_reference and not documents.FIRST <= seconds <= documents.LAST:
        raise Refused(INVALID_OPTION, 'the epoch')  # EP-7
    requested = documents.parse_platforms(platforms, is_reference)

    described, files = tree.load(kind, root, profile, modes)
    tar = archive.tar(files, seconds)
    if not is_reference and len(tar) > MAX_ARCHIVE:
        raise Refused(TOO_LARGE, 'the archive')
    layer = archive.gzip(tar, seconds)  # GZ-6
    created = documents.time(shown)

    labelled = documents.labels(kind, described, [path for path, _, _ in files])
    annotated = documents.annotations(kind, described, labelled, created)
    configs = [documents.config(platform, created, labelled, documents.digest(tar)) for platform in requested]
    if not is_reference and max(map(len, configs)) > MAX_CONFIG:
        raise Refused(TOO_LARGE, 'the config')
    manifests = [documents.manifest(kind, config, layer, annotated) for config in configs]
    index = documents.index(kind, zip(requested, manifests), annotated)
    return {
        'index': documents.digest(index),
        'manifest': documents.digest(manifests[0]),  # IDX-4
        'config': documents.digest(configs[0]),
        'layer': documents.digest(layer),
        'diff_id': documents.digest(tar),
        'blobs': {documents.digest(blob): blob for blob in (layer, *configs, *manifests, index)},
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('kind', choices=('plugin', 'skill'))
    parser.add_argument('directory')
    parser.add_argument('--epoch', default=os.environ.get('SOURCE_DATE_EPOCH', ''))  # EP-1
    parser.add_argument('--platform', action='append', default=[])
    parser.add_argument('--modes', choices=('git', 'verbatim'), default='git')
    parser.add_argument('--profile', choices=('strict', 'reference'), default='strict')
    parser.add_argument('--out', help='a directory for the blobs')
    options = parser.parse_args()
    try:
        made = package(options.kind, os.fsencode(os.path.abspath(options.directory)),
                       documents.parse_epoch(options.epoch), options.platform, options.modes, options.profile)
    except Refused as refusal:
        sys.exit(str(refusal))
    for name in ('index', 'manifest', 'config', 'layer', 'diff_id'):
        print(name, made[name])
    if options.out:
        os.makedirs(options.out, exist_ok=True)
        for digest, blob in made['blobs'].items():
            with open(os.path.join(options.out, digest.partition(':')[2]), 'wb') as file:
                file.write(blob)


if __name__ == '__main__':
    main()
