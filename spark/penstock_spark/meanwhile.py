"""What is said while something takes long."""

import threading


class Meanwhile:
    """Calls `say` from another thread while the block lasts: after `first` seconds, and then each `then`."""

    def __init__(self, say, first, then):
        self._say, self._first, self._then, self._over = say, first, then, threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _run(self):
        pause = self._first
        while not self._over.wait(pause):
            self._say()
            pause = self._then
