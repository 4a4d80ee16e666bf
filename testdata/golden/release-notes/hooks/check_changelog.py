#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that a changelog follows Keep a Changelog.

As a hook it reads the event from standard input and speaks up only when the file that was
just written is a CHANGELOG.md; exit status 2 hands what it says to the model. With a path it
reports on that file, for people and commands: `check_changelog.py CHANGELOG.md`.
"""

import json
import pathlib
import re
import sys

KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
RELEASE = re.compile(r"^## \[(?P<version>[^\]]+)\](?: - (?P<date>\d{4}-\d{2}-\d{2}))?(?: \[YANKED\])?$")


def findings(text):
    """Yields (line number, message) for everything that is out of shape."""
    lines = text.splitlines()
    if not lines or lines[0] != "# Changelog":
        yield 1, "the first line should be `# Changelog`"
    dates = []
    release = kind = None
    for number, line in enumerate(lines, start=1):
        if line.startswith("## "):
            match = RELEASE.match(line)
            if not match:
                yield number, "a release reads `## [1.2.3] - 2026-01-31`"
                release = line
            else:
                release = match["version"]
                if release != "Unreleased" and not match["date"]:
                    yield number, f"release {release} has no date"
                if match["date"]:
                    dates.append((number, match["date"]))
            kind = None
        elif line.startswith("### "):
            kind = line[4:].strip()
            if kind not in KINDS:
                yield number, f"`{kind}` is none of {', '.join(sorted(KINDS))}"
        elif line.startswith(("- ", "* ")) and release and not kind:
            yield number, "an entry belongs under a heading such as `### Fixed`"
    for (_, newer), (number, older) in zip(dates, dates[1:]):
        if older > newer:
            yield number, f"{older} comes after {newer}: the newest release goes first"


def report(path, out):
    """Prints what is out of shape, and says whether anything is."""
    found = list(findings(path.read_text(encoding="utf-8")))
    for number, message in found:
        print(f"{path}:{number}: {message}", file=out)
    return bool(found)


def main():
    if len(sys.argv) > 1:
        if not report(pathlib.Path(sys.argv[1]), sys.stdout):
            print("nothing is out of shape")
        return 0
    event = json.load(sys.stdin)
    path = pathlib.Path(event.get("tool_input", {}).get("file_path", ""))
    if path.name != "CHANGELOG.md" or not path.is_file():
        return 0
    return 2 if report(path, sys.stderr) else 0


if __name__ == "__main__":
    sys.exit(main())
