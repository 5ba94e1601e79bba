"""A private PostgreSQL server."""

import shutil
import signal
import subprocess

import psycopg

from support import places
from support.process import Process, at_end, free_port

LOGICAL = {
    "wal_level": "logical",
    "max_replication_slots": "40",
    "max_wal_senders": "40",
    "max_connections": "200",
}
# The tests hold logic, not disks: a crash of the process loses nothing without fsync.
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off"}


class Postgres:
    """`settings` override postgresql.conf; `durable` leaves fsync on (benches). Superuser `postgres`, trust."""

    def __init__(self, run_folder, version=15, settings=None, durable=False, name=None):
        self.version = version
        self.name = name or f"postgresql-{version}"
        self.port = free_port()
        self._binaries = places.postgres_binaries(version)
        self._data = places.data_folder(run_folder, self.name)
        self._settings = dict(LOGICAL, **({} if durable else NOT_DURABLE), **(settings or {}))
        self._process = Process(self.name, self._command(), run_folder / f"{self.name}.log")
        at_end(self.remove)
        self._initialise()

    def url(self, database="postgres", user="postgres"):
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def connect(self, database="postgres", **options):
        return psycopg.connect(self.url(database), autocommit=True, **options)

    def execute(self, statement, database="postgres"):
        with self.connect(database) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    @property
    def pid(self):
        return self._process.pid

    def start(self):
        self._process.start(self._ready)
        return self

    def stop(self):
        """Fast shutdown: sessions are ended, walsenders may send what is left for a while; then as crash()."""
        self._process.stop(signal.SIGINT, signal.SIGQUIT, seconds=20)

    def crash(self):
        """Immediate shutdown, as after a power cut: the next start recovers from the WAL."""
        self._process.stop(signal.SIGQUIT)

    def restart(self):
        self.stop()
        return self.start()

    def remove(self):
        self._process.stop(signal.SIGQUIT)
        shutil.rmtree(self._data, ignore_errors=True)

    def set(self, **settings):
        """ALTER SYSTEM and reload."""
        with self.connect() as connection:
            for key, value in settings.items():
                connection.execute(f"ALTER SYSTEM SET {key} = '{value}'")
            connection.execute("SELECT pg_reload_conf()")

    def _ready(self):
        with psycopg.connect(self.url(), connect_timeout=2) as connection:
            return connection.execute("SELECT NOT pg_is_in_recovery()").fetchone()[0]

    def _initialise(self):
        command = [str(self._binaries / "initdb"), "-D", str(self._data), "-U", "postgres", "--auth=trust",
                   "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        done = subprocess.run(places.as_server_account(command), capture_output=True, text=True, check=False, cwd="/")
        if done.returncode != 0:
            raise RuntimeError(f"initdb failed:\n{done.stdout}{done.stderr}")
        with open(self._data / "postgresql.conf", "a") as file:
            file.writelines(f"{key} = '{value}'\n" for key, value in self._settings.items())

    def _command(self):
        return places.as_server_account([str(self._binaries / "postgres"), "-D", str(self._data), "-p", str(self.port),
                                         "-h", "127.0.0.1", "-k", ""])
