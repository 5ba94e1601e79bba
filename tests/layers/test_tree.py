"""What must not be in the repository: paths of somebody's machine, hosts of package registries, secrets, binaries."""

import re

from layers.tree import ROOT, files, named

# Spelled in parts, so that this file does not hold what it looks for.
MACHINE_PATHS = re.compile("|".join([r"(?<![\w.}])/" + r"work/\w", r"(?<![\w.}])/" + r"root/\w", r"/tmp/" + r"dev/",
                                     r"/home/" + r"\w+/"]))
REGISTRY_HOSTS = re.compile("|".join(h.replace("~", r"\.") for h in [
    "pypi~" + "org", "pythonhosted~" + "org", "registry~" + "npmjs", "deb~" + "debian~", "crates~" + "io",
    "maven~" + "org", "maven~" + "apache", "proxy~" + "golang", "docker~" + "io", "ghcr~" + "io"]))
BINARY_ALLOWED = ("tests/fuzz/corpus/",)


def texts():
    for path in files():
        if named(path).startswith(BINARY_ALLOWED):
            continue
        yield path, path.read_bytes().decode("utf-8", errors="replace")


def matches(pattern):
    return [f"{named(path)}:{number}: {line.strip()[:100]}" for path, text in texts()
            for number, line in enumerate(text.splitlines(), 1) if pattern.search(line)]


def test_no_paths_of_one_machine():
    found = matches(MACHINE_PATHS)
    assert not found, "\n".join(found)


def test_no_registry_hosts():
    found = matches(REGISTRY_HOSTS)
    assert not found, "\n".join(found)


def test_no_binaries():
    found = [named(path) for path, text in texts() if "\0" in text]
    assert not found, found


def test_text_ends_with_a_newline_and_lines_with_none():
    found = []
    for path, text in texts():
        if path.name == "LICENSE" or path.suffix in {".patch", ".expected"}:
            continue
        if text and not text.endswith("\n"):
            found.append(f"{named(path)}: no newline at the end")
        found += [f"{named(path)}:{number}: blank at the end of the line"
                  for number, line in enumerate(text.splitlines(), 1)
                  if line != line.rstrip() and path.suffix != ".md"]
    assert not found, "\n".join(found)


def test_scripts_can_be_run():
    found = [named(path) for path in files() if path.suffix == ".sh" and not path.stat().st_mode & 0o100]
    assert not found, f"chmod +x: {found}"
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o100
