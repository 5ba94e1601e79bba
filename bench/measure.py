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
    """A command run to its end: seconds, CPU seconds, the most memory it held, its output."""

    def __init__(self, command, environment=None, accept=(0,)):
        self.peak_kib = 0
        self.samples = []  # (seconds since start, resident KiB)
        began, used = time.monotonic(), os.times()
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                         env=dict(os.environ, **(environment or {})))
        watch = threading.Thread(target=self._watch, args=(began,), daemon=True)
        watch.start()
        self.output = self._process.communicate()[0]
        self.seconds = time.monotonic() - began
        now = os.times()
        self.cpu = now.children_user + now.children_system - used.children_user - used.children_system
        watch.join()
        if self._process.returncode not in accept:
            raise RuntimeError(f"{command} exited with {self._process.returncode}:\n{self.output[-3000:]}")

    def _watch(self, began):
        while self._process.poll() is None:
            try:
                status = Path(f"/proc/{self._process.pid}/status").read_text()
                self.peak_kib = max(self.peak_kib, int(re.search(r"VmHWM:\s+(\d+)", status)[1]))
                self.samples.append((time.monotonic() - began, int(re.search(r"VmRSS:\s+(\d+)", status)[1])))
            except (OSError, TypeError):
                pass  # it is just ending
            time.sleep(0.02)


class Bystanders:
    """How much of the machine processes that are not ours took since this was made: what makes times doubtful."""

    def __init__(self):
        self._began, self._busy, self._ours = time.monotonic(), self._busy_seconds(), self._our_seconds()

    def share(self):
        others = self._busy_seconds() - self._busy - (self._our_seconds() - self._ours)
        return max(0.0, others / ((time.monotonic() - self._began) * os.cpu_count()))

    @staticmethod
    def _busy_seconds():
        user, nice, system, _, _, irq, soft, *_ = map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:])
        return (user + nice + system + irq + soft) / os.sysconf("SC_CLK_TCK")

    @staticmethod
    def _our_seconds():
        return Family(os.getpid()).cpu


class Family:
    """A process and all below it, as they are now: CPU seconds (of children that have ended, too), resident MiB, their pids."""

    def __init__(self, pid):
        found, parents = {}, {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # ended meanwhile
            parents[int(folder.name)] = int(fields[1])
            found[int(folder.name)] = (sum(map(int, fields[11:15])), int(fields[21]))
        self.pids = [process for process in found if self._is_below(process, pid, parents)]
        self.cpu = sum(found[process][0] for process in self.pids) / os.sysconf("SC_CLK_TCK")
        self.mib = sum(found[process][1] for process in self.pids) * os.sysconf("SC_PAGE_SIZE") / 2**20

    @staticmethod
    def _is_below(process, pid, parents):
        while process not in (0, pid):
            process = parents.get(process, 0)
        return process == pid


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median(values):
    return statistics.median(values)


def machine():
    cpu = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    memory = int(re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())[1]) // 2**20
    return f"{cpu[1] if cpu else platform.machine()}, {os.cpu_count()} cores, {memory} GiB, Linux {platform.release()}"


def commit():
    done = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "uncommitted"


class Report:
    """Lines that are printed as they come and appended to RESULTS.md at the end, target beside result."""

    def __init__(self, command, versions):
        self._command, self._versions = command, versions
        self._lines = []
        self._bystanders = Bystanders()

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
                       f" {machine()}; {self._versions}, fsync on; other processes took {self._bystanders.share():.0%} of the"
                       " CPUs meanwhile\n\n"
                       "| what | result | target | holds |\n|---|---|---|---|\n" + "\n".join(self._lines) + "\n")
