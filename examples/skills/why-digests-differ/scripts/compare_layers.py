#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares two gzip-compressed tar layers: gzip header, order, and each member's metadata and
content. Exit status: 0 equal, 1 different, 2 cannot be read."""

import gzip
import hashlib
import io
import struct
import sys
import tarfile

FIELDS = ("mode", "uid", "gid", "uname", "gname", "mtime", "size", "type", "linkname")


def gzip_header(blob):
    """The parts of a gzip header that differ between writers."""
    if blob[:2] != b"\x1f\x8b" or len(blob) < 10:
        raise ValueError("not a gzip file")
    flags, time, extra_flags, system = struct.unpack("<xxxBIBB", blob[:10])
    return {"flags": flags, "time": time, "extra flags": extra_flags, "system": system}


def members(archive):
    """(name, fields) of each member, in the order of the archive."""
    listed = []
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            fields = {field: getattr(member, field) for field in FIELDS}
            fields["mode"] = f"{member.mode:04o}"
            fields["PAX records"] = ", ".join(sorted(member.pax_headers)) or "none"
            content = tar.extractfile(member) if member.isfile() else None
            fields["sha256"] = hashlib.sha256(content.read()).hexdigest() if content else "none"
            listed.append((member.name, fields))
    return listed


def member_differences(old, new):
    """Yields one line for each difference between two lists of members."""
    old_by_name, new_by_name = dict(old), dict(new)
    for name in sorted(old_by_name.keys() - new_by_name.keys()):
        yield f"only in the first: {name}"
    for name in sorted(new_by_name.keys() - old_by_name.keys()):
        yield f"only in the second: {name}"
    common = old_by_name.keys() & new_by_name.keys()
    old_order = [name for name, _ in old if name in common]
    new_order = [name for name, _ in new if name in common]
    for first, second in zip(old_order, new_order):
        if first != second:
            yield f"another order: the first layer has {first} where the second has {second}"
            break
    for name in sorted(common):
        for field, value in old_by_name[name].items():
            if value != new_by_name[name][field]:
                yield f"{name}: {field} {value} != {new_by_name[name][field]}"


def differences(old, new):
    """Yields one line for each difference between two layers, the outermost first."""
    old_header, new_header = gzip_header(old), gzip_header(new)
    for part, value in old_header.items():
        if value != new_header[part]:
            yield f"gzip {part}: {value} != {new_header[part]}"
    old_tar, new_tar = gzip.decompress(old), gzip.decompress(new)
    if old_tar == new_tar:
        yield "the archives are equal (same diff ID): only the compression differs"
        return
    found = list(member_differences(members(old_tar), members(new_tar)))
    yield from found or ["all members are equal: only the form of their headers differs"]


def main():
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        blobs = []
        for path in sys.argv[1:]:
            with open(path, "rb") as file:
                blobs.append(file.read())
            print(f"sha256:{hashlib.sha256(blobs[-1]).hexdigest()}  {path}")
        if blobs[0] == blobs[1]:
            print("equal")
            return 0
        for line in differences(*blobs):
            print(line)
        return 1
    except (ValueError, OSError, EOFError, tarfile.TarError) as error:
        print(f"cannot be read: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
