"""Server processes: started on a free port of 127.0.0.1, ended by pid, never outliving this process."""

import atexit
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from support import places

# setpriv's --pdeathsig fires when the *thread* that started the process ends: one thread that never does starts all.
_launcher = ThreadPoolExecutor(1)
_lock = threading.Lock()
_taken_ports = set()
_live = []
_owner = os.getpid()


def free_port():
    """A port nobody listens on, below the range the kernel takes for outgoing connections, so that it stays free
    while its server restarts."""
    while True:
        port = random.randint(20000, 31999)
        with _lock:
            if port in _taken_ports:
                continue
            with socket.socket() as probe:
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    continue
            _taken_ports.add(port)
            return port


def wait_for(condition, seconds, what, poll=0.05):
    """Polls until condition() is true; its last exception or False explains the failure."""
    deadline = time.monotonic() + seconds
    last = None
    while time.monotonic() < deadline:
        try:
            result = condition()
            if result:
                return result
            last = result
        except Exception as error:  # noqa: BLE001: a server that is starting fails in many ways
            last = error
        time.sleep(poll)
    raise TimeoutError(f"waited {seconds} s for {what}; last: {last!r}")


class Process:
    """One server process with its log file."""

    def __init__(self, name, command, log):
        self.name = name
        self.command = command
        self.log = log
        self._popen = None

    @property
    def pid(self):
        return self._popen.pid

    def alive(self):
        return self._popen is not None and self._popen.poll() is None

    def start(self, ready, seconds=60):
        """Starts and waits for ready(); the log's end is part of the error."""
        self._popen = _launcher.submit(self._spawn).result()
        with _lock:
            if self not in _live:
                _live.append(self)

        def check():
            if not self.alive():
                raise ChildProcessError(f"{self.name} exited with {self._popen.returncode}")
            return ready()

        try:
            wait_for(check, seconds, f"{self.name} to be ready")
        except TimeoutError as error:
            self.kill()
            raise RuntimeError(f"{error}\n--- end of {self.log}\n{self.log_tail()}") from error

    def _spawn(self):
        with open(self.log, "ab") as log:
            # A session of its own: Ctrl-C on the terminal reaches the owner only, which then stops it in order.
            return subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                    start_new_session=True, cwd="/")

    def log_tail(self, lines=25):
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except FileNotFoundError:
            return "(no log)"

    def send_signal(self, number):
        self._popen.send_signal(number)

    def stop(self, *signals, seconds=30):
        """Ends it with a signal, with the next one when that takes too long, and with SIGKILL at last."""
        for number in (signal.SIGCONT, *(signals or (signal.SIGTERM,))):
            if not self.alive():
                break
            self.send_signal(number)
            if number != signal.SIGCONT:
                self._wait_gone(seconds)
        self.kill()
        with _lock:
            if self in _live:
                _live.remove(self)

    def _wait_gone(self, seconds):
        try:
            self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            pass

    def kill(self):
        if self.alive():
            self._popen.kill()
            self._popen.wait()


_clean_ups = []


def at_end(function):
    """Runs function when this process ends, also by SIGTERM; last registered first."""
    if not _clean_ups:
        atexit.register(_run_clean_ups)
        if threading.current_thread() is threading.main_thread() and \
                signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    _clean_ups.append(function)


def _run_clean_ups():
    if os.getpid() != _owner:
        return  # a forked child must not stop its parent's servers
    while _clean_ups:
        try:
            _clean_ups.pop()()
        except Exception as error:  # noqa: BLE001: the others are still to be stopped
            print(f"while stopping servers: {error}", file=sys.stderr)
