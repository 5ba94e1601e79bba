"""What a bench needs: timed processes with their memory, and a place where all results are kept."""

import os
import platform
import re
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

RESULTS = ROOT / "bench" / "RESULTS.md"
BUILD = ROOT / "build" / "bench"


class Timed:
    """A command run to its end: seconds, the most memory it held, its CPU seconds, its output."""

    def __init__(self, command, environment=None):
        self.peak_kib = 0
        self.samples = []  # (seconds since start, resident KiB)
        began = time.monotonic()
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                         env=dict(os.environ, **(environment or {})))
        watch = threading.Thread(target=self._watch, args=(began,), daemon=True)
        watch.start()
        self.output = self._process.communicate()[0]
        self.seconds = time.monotonic() - began
        self.code = self._process.returncode
        watch.join()
        if self.code != 0:
            raise RuntimeError(f"{command} exited with {self.code}:\n{self.output[-3000:]}")

    def _watch(self, began):
        while self._process.poll() is None:
            try:
                status = Path(f"/proc/{self._process.pid}/status").read_text()
                self.peak_kib = max(self.peak_kib, int(re.search(r"VmHWM:\s+(\d+)", status)[1]))
                self.samples.append((time.monotonic() - began, int(re.search(r"VmRSS:\s+(\d+)", status)[1])))
            except (OSError, TypeError):
                pass  # it is just ending
            time.sleep(0.02)


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median(values):
    return statistics.median(values)


def machine():
    cpu = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    memory = int(re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())[1]) // 2**20
    return f"{cpu[1] if cpu else platform.machine()}, {os.cpu_count()} cores, {memory} GiB"


def commit():
    done = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "uncommitted"


class Report:
    """Lines that are printed as they come and appended to RESULTS.md at the end, target beside result."""

    def __init__(self, command):
        self._command = command
        self._lines = []

    def line(self, what, result, target=None, holds=None):
        verdict = "" if holds is None else ("yes" if holds else "**no**")
        print(f"{what}: {result}" + (f"   target {target}: {verdict.strip('*')}" if target else ""), flush=True)
        self._lines.append(f"| {what} | {result} | {target or ''} | {verdict} |")

    def keep(self):
        if not self._lines:
            return
        new = RESULTS.exists()
        with open(RESULTS, "a") as file:
            if not new:
                file.write("# All bench runs, in the order they were made\n\nThe command of each run is its title;"
                           " ratios compare what ran side by side in that run.\n")
            file.write(f"\n## `{self._command}`\n\n{time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime())}, {commit()},"
                       f" {machine()}, PostgreSQL 15, MongoDB 6.0.5, fsync on\n\n"
                       "| what | result | target | holds |\n|---|---|---|---|\n" + "\n".join(self._lines) + "\n")
