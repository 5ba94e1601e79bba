#!/usr/bin/env python3
"""Runs clang-tidy over the C++ files of src/, or those named; a file already found clean as it is, with the headers it
includes, is not read again. usage: scripts/tidy.py [FILE...]"""

import hashlib
import json
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "release"
# ccache's neighbour, which all clones of an account share: what one has found clean, another need not look at.
CLEAN = Path(os.environ.get("XDG_CACHE_HOME") or Path(os.environ.get("HOME") or ROOT / ".local") / ".cache") / "penstock-tidy"
KEPT_SECONDS = 30 * 24 * 3600
TIDY = "clang-tidy-14"
INCLUDE = re.compile(rb'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)
ROOTS = (ROOT / "src", ROOT / "tests")


@lru_cache(maxsize=None)
def content(path):
    data = path.read_bytes()
    headers = [root / name.decode() for name in INCLUDE.findall(data) for root in (path.parent, *ROOTS)
               if (root / name.decode()).is_file()]
    return data, headers


def digest(path, command):
    """Of everything of ours that clang-tidy reads for this file."""
    seen, todo = set(), [path]
    while todo:
        current = todo.pop()
        if current not in seen:
            seen.add(current)
            todo += content(current)[1]
    total = hashlib.sha256((ROOT / ".clang-tidy").read_bytes() + version() + command.replace(str(ROOT), "").encode())
    for file in sorted(seen):
        total.update(str(file.relative_to(ROOT)).encode() + b"\0" + content(file)[0])
    return total.hexdigest()


@lru_cache(maxsize=None)
def version():
    return subprocess.run([TIDY, "--version"], capture_output=True, check=True).stdout


def forget_old():
    for mark in CLEAN.iterdir():
        if mark.stat().st_mtime < time.time() - KEPT_SECONDS:
            mark.unlink(missing_ok=True)


def tidy(path, command):
    """None when clean, else what clang-tidy said."""
    mark = CLEAN / digest(path, command)
    if mark.exists():
        mark.touch()
        return None
    # libbson declares its types more aligned than they are; gcc does not mind, clang does.
    done = subprocess.run([TIDY, "-p", str(BUILD), "--quiet", "--extra-arg=-Wno-align-mismatch", str(path)], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        mark.touch()
        return None
    return done.stdout or done.stderr


def main():
    CLEAN.mkdir(parents=True, exist_ok=True)
    forget_old()
    commands = {Path(c["file"]): c["command"] for c in json.loads((BUILD / "compile_commands.json").read_text())}
    wanted = {Path(a).resolve() for a in sys.argv[1:]}
    todo = sorted((p, c) for p, c in commands.items() if p.exists() and (p in wanted if wanted else ROOT / "src" in p.parents))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        said = list(pool.map(lambda item: tidy(*item), todo))
    shown = set()
    for text in filter(None, said):
        for line in text.splitlines():  # a header's finding is told once, not by every file that includes it
            if line not in shown or not re.search(r"(warning|error): ", line):
                print(line)
            shown.add(line)
    bad = sum(text is not None for text in said)
    print(f"clang-tidy: {len(said)} files, {bad} with findings")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
