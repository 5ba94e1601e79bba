"""The files of the repository, as git would commit them."""

import re
import subprocess
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"(?P<own>[^"]+)"|<(?P<system>[^>]+)>)')


@lru_cache
def files():
    listing = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                             check=True, capture_output=True).stdout.decode()
    return sorted(path for path in (ROOT / name for name in listing.split("\0") if name)
                  if path.is_file() and "__pycache__" not in path.parts)


def named(path):
    return str(path.relative_to(ROOT))


def sources(folder="src", suffixes=(".h", ".cpp")):
    base = ROOT / folder
    return [path for path in files() if base in path.parents and path.suffix in suffixes]


def includes(path):
    """(line number, own header or None, system header or None) of each #include."""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match["own"], match["system"]
