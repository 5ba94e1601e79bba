#!/usr/bin/env python3
"""The Python package penstock_spark with libpenstock.so and the libraries it needs: as a zip for spark-submit's --py-files, and as a
wheel for pip, both beside the library.

Left out are the C and C++ runtimes, which are the machine's: build on a system that is no newer than the executors'."""

import argparse
import base64
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RUNTIME = re.compile(r"(ld-linux.*|lib(c|m|dl|rt|pthread|resolv|util|gcc_s|stdc\+\+))\.so.*")
METADATA = "Metadata-Version: 2.1\nName: penstock-spark\nVersion: {version}\nSummary: Penstock's core inside Spark\n"
WHEEL = "Wheel-Version: 1.0\nGenerator: penstock\nRoot-Is-Purelib: false\nTag: py3-none-linux_x86_64\n"


def needed(library):
    """The shared libraries that it loads, also through others, but for the runtimes."""
    listed = subprocess.run(["ldd", str(library)], capture_output=True, text=True, check=True).stdout
    missing = re.findall(r"^\s*(\S+) => not found", listed, re.MULTILINE)
    if missing:
        sys.exit(f"{library} needs {', '.join(missing)}, which this machine does not have")
    found = re.findall(r"^\s*(\S+) => (\S+) \(", listed, re.MULTILINE)
    return {name: Path(path) for name, path in found if not RUNTIME.fullmatch(name)}


def files_of(library, folder):
    """{name inside the package: content}"""
    stripped = folder / library.name
    shutil.copy(library, stripped)
    subprocess.run(["strip", "--strip-unneeded", str(stripped)], check=True)
    files = {f"penstock_spark/lib/{library.name}": stripped.read_bytes()}
    for name, path in needed(library).items():
        files[f"penstock_spark/lib/{name}"] = path.read_bytes()
    for path in sorted((ROOT / "spark" / "penstock_spark").glob("*.py")):
        files[f"penstock_spark/{path.name}"] = path.read_bytes()
    return files


def with_metadata(files, version):
    """As wheels are made up (PyPA: "Binary distribution format")."""
    info = f"penstock_spark-{version}.dist-info"
    wheel = {**files, f"{info}/METADATA": METADATA.format(version=version).encode(), f"{info}/WHEEL": WHEEL.encode()}
    lines = []
    for name, content in wheel.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={digest},{len(content)}\n")
    record = "".join(lines) + f"{info}/RECORD,,\n"
    return {**wheel, f"{info}/RECORD": record.encode()}


def write(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "release", metavar="DIR")
    build = parser.parse_args().build
    version = re.search(r"project\(penstock VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())[1]
    with tempfile.TemporaryDirectory() as folder:
        files = files_of(build / "libpenstock.so", Path(folder))
    write(build / "penstock_spark.zip", files)
    write(build / f"penstock_spark-{version}-py3-none-linux_x86_64.whl", with_metadata(files, version))


if __name__ == "__main__":
    main()
