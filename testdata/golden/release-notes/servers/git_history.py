#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An MCP server over standard input and output: the releases of a git repository and what was
merged since, read-only. Nothing but Python's standard library and git."""

import json
import os
import subprocess
import sys

REPOSITORY = os.environ.get("CLAUDE_PROJECT_DIR", ".")
PROTOCOL = "2025-06-18"

TOOLS = [
    {
        "name": "releases",
        "description": "The newest release tags with their dates, newest first.",
        "inputSchema": {
            "type": "object",
            "properties": {"limit": {"type": "integer", "minimum": 1, "maximum": 100}},
        },
    },
    {
        "name": "changes",
        "description": "Subjects, authors and bodies of the commits after a tag, oldest first.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "since": {"type": "string", "description": "a tag, as `releases` names it"},
                "path": {"type": "string", "description": "only commits that touch this path"},
            },
            "required": ["since"],
        },
    },
]


def git(*arguments):
    done = subprocess.run(
        ["git", "-C", REPOSITORY, *arguments], capture_output=True, text=True, timeout=20
    )
    if done.returncode:
        raise ValueError(done.stderr.strip() or "git failed")
    return done.stdout


def releases(limit=10):
    listed = git(
        "for-each-ref", "--sort=-creatordate", f"--count={int(limit)}",
        "--format=%(refname:short) %(creatordate:short)", "refs/tags",
    )
    return listed or "no tags yet"


def changes(since, path=None):
    # Only a tag that exists: what the model writes never reaches git as an option or a range.
    if since not in git("tag", "--list").splitlines():
        raise ValueError(f"no tag {since!r}; `releases` lists them")
    pathspec = ["--", path] if path else []
    listed = git(
        "log", "--reverse", "--no-merges", "--format=%h %an: %s%n%w(0,4,4)%b",
        f"refs/tags/{since}..HEAD", *pathspec,
    )
    return listed or f"nothing since {since}"


def answer(method, params):
    """The result of one request."""
    if method == "initialize":
        return {
            "protocolVersion": PROTOCOL,
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "git-history", "version": "1.2.0"},
        }
    if method == "ping":
        return {}
    if method == "tools/list":
        return {"tools": TOOLS}
    if method == "tools/call":
        tool = {"releases": releases, "changes": changes}.get(params.get("name"))
        if tool is None:
            raise LookupError(f"no tool {params.get('name')!r}")
        try:
            text, failed = tool(**params.get("arguments", {})), False
        except (TypeError, ValueError, OSError, subprocess.TimeoutExpired) as error:
            text, failed = str(error), True
        return {"content": [{"type": "text", "text": text}], "isError": failed}
    raise LookupError(f"no method {method!r}")


def main():
    for line in sys.stdin:
        request = json.loads(line)
        if "id" not in request:
            continue  # A notification wants no answer.
        reply = {"jsonrpc": "2.0", "id": request["id"]}
        try:
            reply["result"] = answer(request["method"], request.get("params", {}))
        except LookupError as error:
            reply["error"] = {"code": -32601, "message": str(error)}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
